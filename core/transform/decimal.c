/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/decimal.h"
#include "core/util/str.h"

#define WHOLE_MAX 25 /* digits before the point */
#define PLACES 6

/* Digits with the point taken out: value = digits * 10^exponent. */
struct parts {
	bool minus;
	struct deid_str whole, part;
	int64_t exponent;
};

static size_t digits(struct deid_str s, size_t i)
{
	size_t n = 0;

	while (i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9')
		n++;
	return n;
}

static bool split(struct deid_str s, struct parts *out)
{
	size_t i = 0, n;

	s = str_trim(s);
	*out = (struct parts){.minus = s.n && s.p[0] == '-'};
	i += s.n && (s.p[0] == '-' || s.p[0] == '+');
	n = digits(s, i);
	out->whole = str_sub(s, i, n);
	i += n;
	if (i < s.n && s.p[i] == '.') {
		n = digits(s, i + 1);
		out->part = str_sub(s, i + 1, n);
		i += 1 + n;
	}
	if (!out->whole.n && !out->part.n)
		return false;
	if (i < s.n && (s.p[i] | 32) == 'e') {
		struct deid_str e = str_sub(s, i + 1, s.n);

		n = e.n && (e.p[0] == '+' || e.p[0] == '-');
		if (digits(e, n) + n != e.n || e.n == n)
			return false;
		if (e.p[0] == '+')
			e = str_sub(e, 1, e.n);
		/* Beyond that it is nought, or more than we take, whatever the digits are. */
		if (!str_i64(e, &out->exponent) || out->exponent > 100000 || out->exponent < -100000)
			out->exponent = e.p[0] == '-' ? -100000 : 100000;
		i = s.n;
	}
	return i == s.n;
}

/* Digit k of whole and part put together. */
static unsigned digit_at(const struct parts *p, size_t k)
{
	char c = k < p->whole.n ? p->whole.p[k] : p->part.p[k - p->whole.n];

	return (unsigned)(c - '0');
}

bool decimal_read(struct deid_str text, decimal_micro *out)
{
	struct parts p;
	size_t n, first = 0;
	int64_t keep;
	decimal_micro v = 0;

	if (!split(text, &p))
		return false;
	n = p.whole.n + p.part.n;
	while (first < n && digit_at(&p, first) == 0)
		first++;
	*out = 0;
	if (first == n)
		return true;
	if (n > INT32_MAX)
		return false;
	/* So many digits lie before the seventh decimal place. */
	keep = (int64_t)p.whole.n - (int64_t)first + p.exponent + PLACES;
	if (keep > WHOLE_MAX + PLACES)
		return false;
	for (int64_t k = 0; k < keep; k++)
		v = v * 10 + (first + (size_t)k < n ? digit_at(&p, first + (size_t)k) : 0);
	if (keep >= 0 && first + (size_t)keep < n)
		v += digit_at(&p, first + (size_t)keep) >= 5;
	*out = p.minus ? -v : v;
	return true;
}

decimal_micro decimal_round(decimal_micro v, unsigned decimals)
{
	decimal_micro unit = 1;

	for (unsigned k = decimals; k < PLACES; k++)
		unit *= 10;
	v += v < 0 ? -(unit / 2) : unit / 2;
	return v - v % unit;
}

size_t decimal_write(decimal_micro v, unsigned decimals, char out[DECIMAL_ROOM])
{
	char reversed[DECIMAL_ROOM];
	size_t n = 0, len = 0, place = 0;
	bool minus;

	v = decimal_round(v, decimals < PLACES ? decimals : PLACES);
	minus = v < 0;
	v = minus ? -v : v;
	for (; place < PLACES && v % 10 == 0; place++)
		v /= 10;
	for (; place < PLACES; place++, v /= 10)
		reversed[n++] = (char)('0' + (int)(v % 10));
	if (n)
		reversed[n++] = '.';
	do {
		reversed[n++] = (char)('0' + (int)(v % 10));
		v /= 10;
	} while (v);
	if (minus)
		reversed[n++] = '-';
	while (n)
		out[len++] = reversed[--n];
	return len;
}
