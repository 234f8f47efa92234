/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/scalar.h"
#include "core/util/str.h"
#include <stdlib.h>

static bool one_of(struct deid_str s, const char *const *list)
{
	for (; *list; list++)
		if (str_eqz(s, *list))
			return true;
	return false;
}

bool scalar_null(struct deid_str s)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};

	return one_of(s, words);
}

bool scalar_bool(struct deid_str s, bool *out)
{
	static const char *const yes[] = {"true", "True", "TRUE", NULL};
	static const char *const no[] = {"false", "False", "FALSE", NULL};

	*out = one_of(s, yes);
	return *out || one_of(s, no);
}

static size_t sign(struct deid_str s)
{
	return s.n && (s.p[0] == '-' || s.p[0] == '+');
}

/* How many digits stand at i. */
static size_t digits(struct deid_str s, size_t i)
{
	size_t n = 0;

	while (i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9')
		n++;
	return n;
}

bool scalar_int_syntax(struct deid_str s)
{
	size_t i = sign(s), n = digits(s, i);

	return n && i + n == s.n;
}

bool scalar_int(struct deid_str s, int64_t *out)
{
	int64_t v = 0;
	bool minus = s.n && s.p[0] == '-';

	if (!scalar_int_syntax(s))
		return false;
	for (size_t i = sign(s); i < s.n; i++) {
		int d = s.p[i] - '0';

		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, minus ? -d : d, &v))
			return false;
	}
	*out = v;
	return true;
}

bool scalar_real_syntax(struct deid_str s)
{
	size_t i = sign(s), whole = digits(s, i), part = 0;

	i += whole;
	if (i < s.n && s.p[i] == '.') {
		part = digits(s, i + 1);
		i += 1 + part;
	}
	if (!whole && !part)
		return false;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		size_t n;

		i++;
		i += sign(str_sub(s, i, 1));
		n = digits(s, i);
		if (!n)
			return false;
		i += n;
	}
	return i == s.n;
}

/* strtod() would read by the locale of whoever runs us. */
double scalar_real(struct deid_str s)
{
	long double v = 0;
	int64_t e = 0;
	size_t i = sign(s);

	for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		v = v * 10 + (s.p[i] - '0');
	if (i < s.n && s.p[i] == '.')
		for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++, e--)
			v = v * 10 + (s.p[i] - '0');
	if (i < s.n) {
		int64_t given = 0;

		if (!scalar_int(str_sub(s, i + 1, s.n), &given) || given > 10000 || given < -10000)
			given = i + 1 < s.n && s.p[i + 1] == '-' ? -10000 : 10000;
		e += given;
	}
	for (; e > 0 && e < 20000; e--)
		v *= 10;
	for (; e < 0; e++)
		v /= 10;
	return (double)(s.n && s.p[0] == '-' ? -v : v);
}

const char *scalar_hint(struct deid_str s)
{
	static const char *const words[] = {"yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off",
	    "Off", "OFF", "y", "Y", "n", "N", NULL};
	size_t i = sign(s);

	if (one_of(s, words))
		return "only true and false are truth values";
	if (i + 1 < s.n && s.p[i] == '0' && (s.p[i + 1] == 'x' || s.p[i + 1] == 'o' || s.p[i + 1] == 'b'))
		return "numbers are written in decimal";
	if (digits(s, i) && str_find(s, ':', 0) < s.n)
		return "numbers are written in decimal, without colons";
	if (digits(s, i) && str_find(s, '_', 0) < s.n)
		return "numbers are written without underscores";
	return NULL;
}
