/* SPDX-License-Identifier: MIT */
#include "core/util/json.h"

#include "core/util/utf8.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- strings ------------------------------------------------------------------------------------- */

static uint32_t hex4(const char *s)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		unsigned c = (unsigned char)s[i];

		v = v << 4 | (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
	}
	return v;
}

/* The code point of the \u escape at s; *len is its length, that of a pair for a pair. */
static uint32_t code_point(const char *s, size_t n, size_t *len)
{
	uint32_t u = hex4(s + 2), v;

	*len = 6;
	if ((u & 0xF800) != 0xD800)
		return u;
	if (u < 0xDC00 && n >= 12 && s[6] == '\\' && s[7] == 'u' && ((v = hex4(s + 8)) & 0xFC00) == 0xDC00) {
		*len = 12;
		return 0x10000 + ((u & 0x3FF) << 10) + (v & 0x3FF);
	}
	return 0xFFFD;
}

bool json_unescape(struct deid_str raw, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	for (size_t i = 0; i < raw.n;) {
		size_t at = str_find(raw, '\\', i), len = 2;
		char c[4];

		if (!buf_add(out, raw.p + i, at - i))
			return false;
		if (at == raw.n)
			break;
		if (raw.p[at + 1] == 'u') {
			uint32_t cp = code_point(raw.p + at, raw.n - at, &len);

			if (!buf_add(out, c, utf8_put(c, cp)))
				return false;
		} else if (!buf_c(out, to[strchr(from, raw.p[at + 1]) - from])) {
			return false;
		}
		i = at + len;
	}
	return true;
}

bool json_put_string(struct buf *b, struct deid_str s)
{
	static const char special[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	size_t from = 0;

	if (!buf_c(b, '"'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		const char *k;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		if (!buf_add(b, s.p + from, i - from))
			return false;
		from = i + 1;
		k = c ? strchr(special, c) : NULL;
		if (k ? !buf_c(b, '\\') || !buf_c(b, letter[k - special]) : !buf_printf(b, "\\u%04x", c))
			return false;
	}
	return buf_add(b, s.p + from, s.n - from) && buf_c(b, '"');
}

/* ---- numbers ------------------------------------------------------------------------------------- */

/* Where the number at i ends; i: there is none. */
static size_t number_end(struct deid_str s, size_t i, bool *real)
{
	size_t at = i + (i < s.n && s.p[i] == '-'), from = at;

	*real = false;
	while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
		at++;
	if (at == from || (s.p[from] == '0' && at > from + 1))
		return i;
	if (at < s.n && s.p[at] == '.') {
		*real = true;
		from = ++at;
		while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
			at++;
		if (at == from)
			return i;
	}
	if (at < s.n && (s.p[at] | 32) == 'e') {
		*real = true;
		at++;
		at += at < s.n && (s.p[at] == '+' || s.p[at] == '-');
		from = at;
		while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
			at++;
		if (at == from)
			return i;
	}
	return at;
}

bool json_is_number(struct deid_str s)
{
	bool real;

	return s.n && number_end(s, 0, &real) == s.n;
}

/* ---- the type of a text -------------------------------------------------------------------------- */

static size_t blank_end(struct deid_str s, size_t i)
{
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n' || s.p[i] == '\r'))
		i++;
	return i;
}

static bool hex_digits(struct deid_str s, size_t i, size_t n)
{
	if (n > s.n || i > s.n - n)
		return false;
	for (; n; n--, i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'f'))
			return false;
	return true;
}

/* Where the string at i ends, its quotes included; i: there is none. */
static size_t string_end(struct deid_str s, size_t i)
{
	size_t at = i + 1;

	if (i >= s.n || s.p[i] != '"')
		return i;
	while (at < s.n && s.p[at] != '"') {
		if ((unsigned char)s.p[at] < 0x20)
			return i;
		if (s.p[at] != '\\') {
			at++;
			continue;
		}
		if (at + 1 >= s.n || !s.p[at + 1] || !strchr("\"\\/bfnrtu", s.p[at + 1]))
			return i;
		if (s.p[at + 1] == 'u' && !hex_digits(s, at + 2, 4))
			return i;
		at += s.p[at + 1] == 'u' ? 6 : 2;
	}
	return at < s.n ? at + 1 : i;
}

static bool word_at(struct deid_str s, size_t i, const char *word)
{
	return str_prefix(str_sub(s, i, s.n), word);
}

/* A value that holds no others, at i. */
static enum json_type scalar_at(struct deid_str s, size_t i, size_t *end)
{
	bool real;

	if (word_at(s, i, "null")) {
		*end = i + 4;
		return JSON_NULL;
	}
	if (word_at(s, i, "true") || word_at(s, i, "false")) {
		*end = i + (s.p[i] == 't' ? 4 : 5);
		return JSON_BOOL;
	}
	*end = string_end(s, i);
	if (*end > i)
		return JSON_STRING;
	*end = number_end(s, i, &real);
	if (*end == i)
		return JSON_NONE;
	return real ? JSON_REAL : JSON_INT;
}

/* The name of a member and its colon. */
static bool member_name(struct deid_str s, size_t *i)
{
	size_t end = string_end(s, *i);

	if (end == *i)
		return false;
	*i = blank_end(s, end);
	if (*i >= s.n || s.p[*i] != ':')
		return false;
	*i = blank_end(s, *i + 1);
	return true;
}

/* What is open, a bit for each container: is it an object? */
struct open {
	uint64_t object[JSON_TYPE_DEPTH / 64];
	size_t depth;
};

static bool in_object(const struct open *o)
{
	return o->object[(o->depth - 1) / 64] >> (o->depth - 1) % 64 & 1;
}

static bool open_one(struct open *o, bool object)
{
	uint64_t bit = UINT64_C(1) << o->depth % 64, *word = &o->object[o->depth / 64];

	if (o->depth == JSON_TYPE_DEPTH)
		return false;
	*word = object ? *word | bit : *word & ~bit;
	o->depth++;
	return true;
}

/* The rest of a container whose bracket has been read. */
static bool container_rest(struct deid_str s, size_t *i, bool object)
{
	struct open o = {.depth = 0};
	bool first = true;

	if (!open_one(&o, object))
		return false;
	while (o.depth) {
		*i = blank_end(s, *i);
		if (*i >= s.n)
			return false;
		if (s.p[*i] == (in_object(&o) ? '}' : ']')) {
			++*i;
			o.depth--;
			first = false;
			continue;
		}
		if (!first) {
			if (s.p[*i] != ',')
				return false;
			*i = blank_end(s, *i + 1);
		}
		if (in_object(&o) && !member_name(s, i))
			return false;
		first = *i < s.n && (s.p[*i] == '{' || s.p[*i] == '[');
		if (first) {
			if (!open_one(&o, s.p[(*i)++] == '{'))
				return false;
		} else if (scalar_at(s, *i, i) == JSON_NONE) {
			return false;
		}
	}
	return true;
}

enum json_type json_type_of(struct deid_str s)
{
	size_t i = blank_end(s, 0);
	enum json_type type;

	if (i < s.n && (s.p[i] == '{' || s.p[i] == '[')) {
		type = s.p[i] == '{' ? JSON_OBJECT : JSON_LIST;
		i++;
		if (!container_rest(s, &i, type == JSON_OBJECT))
			return JSON_NONE;
	} else {
		type = scalar_at(s, i, &i);
	}
	return blank_end(s, i) == s.n ? type : JSON_NONE;
}

/* ---- numbers -------------------------------------------------------------------------------------- */

bool json_put_int(struct buf *b, struct deid_str s)
{
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	bool minus = i && s.p[0] == '-';

	while (i + 1 < s.n && s.p[i] == '0')
		i++;
	if (minus && s.p[i] != '0' && !buf_c(b, '-'))
		return false;
	return buf_add(b, s.p + i, s.n - i);
}

/* Shortest digits d1…dn and the exponent of `0.d1…dn`, for a finite x > 0. */
static int shortest(double x, char digit[24], int *exponent)
{
	char text[40];
	int n = 0;

	for (int precision = 0; precision < 17; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, x);
		if (strtod(text, NULL) == x)
			break;
	}
	for (const char *p = text; *p != 'e'; p++)
		if (*p >= '0' && *p <= '9')
			digit[n++] = *p;
	*exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1;
	while (n > 1 && digit[n - 1] == '0')
		n--;
	return n;
}

static bool put_zeros(struct buf *b, int n)
{
	while (n-- > 0)
		if (!buf_c(b, '0'))
			return false;
	return true;
}

bool json_put_real(struct buf *b, double x)
{
	char digit[24];
	int e, n;

	if (signbit(x) && !buf_c(b, '-'))
		return false;
	if (x == 0)
		return buf_z(b, "0.0");
	n = shortest(fabs(x), digit, &e);
	if (e > 16 || e < -3) { /* the bounds of Python's repr() */
		if (!buf_c(b, digit[0]) ||
		    (n > 1 && (!buf_c(b, '.') || !buf_add(b, digit + 1, (size_t)n - 1))))
			return false;
		return buf_printf(b, "e%c%02d", e > 0 ? '+' : '-', abs(e - 1));
	}
	if (e <= 0)
		return buf_z(b, "0.") && put_zeros(b, -e) && buf_add(b, digit, (size_t)n);
	if (n <= e)
		return buf_add(b, digit, (size_t)n) && put_zeros(b, e - n) && buf_z(b, ".0");
	return buf_add(b, digit, (size_t)e) && buf_c(b, '.') && buf_add(b, digit + e, (size_t)(n - e));
}
