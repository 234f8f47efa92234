/* SPDX-License-Identifier: MIT */
#include "core/util/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool str_eqz(struct deid_str a, const char *z)
{
	return str_eq(a, str_of(z));
}

static char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_caseeq(struct deid_str a, struct deid_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

int str_cmp(struct deid_str a, struct deid_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool str_prefix(struct deid_str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

bool str_suffix(struct deid_str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0);
}

struct deid_str str_sub(struct deid_str s, size_t from, size_t n)
{
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	/* NULL + 0 is undefined in C. */
	return (struct deid_str){from ? s.p + from : s.p, n};
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct deid_str str_trim(struct deid_str s)
{
	while (s.n && blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

size_t str_find(struct deid_str s, char c, size_t from)
{
	const char *hit;

	if (from >= s.n)
		return s.n;
	hit = memchr(s.p + from, c, s.n - from);
	return hit ? (size_t)(hit - s.p) : s.n;
}

bool str_split(struct deid_str *rest, char sep, struct deid_str *part)
{
	size_t i;

	if (!rest->p)
		return false;
	i = str_find(*rest, sep, 0);
	*part = (struct deid_str){rest->p, i};
	if (i == rest->n)
		*rest = (struct deid_str){NULL, 0};
	else
		*rest = str_sub(*rest, i + 1, rest->n);
	return true;
}

bool str_u64(struct deid_str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9 || __builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)digit, &v))
			return false;
	}
	*out = v;
	return true;
}

bool str_i64(struct deid_str s, int64_t *out)
{
	bool minus = s.n && s.p[0] == '-';
	uint64_t v;

	if (minus || (s.n && s.p[0] == '+'))
		s = str_sub(s, 1, s.n);
	if (!str_u64(s, &v) || v > (uint64_t)INT64_MAX + minus)
		return false;
	*out = minus ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

void buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}

bool buf_reserve(struct buf *b, size_t more)
{
	size_t need, cap = b->cap;
	char *p;

	if (__builtin_add_overflow(b->n, more, &need) || need > PTRDIFF_MAX)
		return false;
	if (b->p && need <= cap)
		return true;
	cap = cap > PTRDIFF_MAX / 2 ? PTRDIFF_MAX : cap * 2;
	if (cap < need)
		cap = need;
	if (cap < 64)
		cap = 64;
	p = realloc(b->p, cap);
	if (!p)
		return false;
	b->p = p;
	b->cap = cap;
	return true;
}

bool buf_grow_add(struct buf *b, const void *p, size_t n)
{
	if (!buf_reserve(b, n))
		return false;
	memcpy(b->p + b->n, p, n);
	b->n += n;
	return true;
}

bool buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	/* One more for the NUL that vsnprintf() insists on. */
	if (n < 0 || !buf_reserve(b, (size_t)n + 1))
		return false;
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
	return true;
}

bool buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	bool ok;

	va_start(ap, fmt);
	ok = buf_vprintf(b, fmt, ap);
	va_end(ap);
	return ok;
}

const char *buf_cstr(struct buf *b)
{
	if (!buf_reserve(b, 1))
		return NULL;
	b->p[b->n] = '\0';
	return b->p;
}
