/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/timestamp.h"
#include "core/util/civil.h"
#include "core/util/str.h"

#define UNIX_EPOCH (719162 * CIVIL_DAY) /* 1970-01-01, counted from 0001-01-01 */
#define YEARS_END (3652059 * CIVIL_DAY) /* 10000-01-01 */
#define WHOLE_MAX 12                    /* digits of the seconds until then */
#define DECIMALS_MAX 18

static __int128 power(unsigned n)
{
	__int128 v = 1;

	while (n--)
		v *= 10;
	return v;
}

/* The number times 10^*decimals. */
static bool read(struct deid_str s, __int128 *v, unsigned *decimals)
{
	bool minus = s.n && s.p[0] == '-', point = false;
	unsigned whole = 0;

	*v = 0;
	*decimals = 0;
	for (size_t i = minus; i < s.n; i++) {
		if (s.p[i] == '.' && !point && whole) {
			point = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9' || (point ? *decimals == DECIMALS_MAX : whole == WHOLE_MAX))
			return false;
		*v = *v * 10 + (s.p[i] - '0');
		if (point)
			++*decimals;
		else
			whole++;
	}
	if (minus)
		*v = -*v;
	return whole && (!point || *decimals);
}

/* Rounds towards the past, as cutting the digits of a date does. */
static __int128 floor_div(__int128 a, __int128 b)
{
	return a / b - (a % b < 0);
}

static size_t write(__int128 v, unsigned decimals, char *out)
{
	bool minus = v < 0;
	__int128 rest = minus ? -v : v;
	size_t n = minus, i;

	/* Digits, at least one before the point, and the point. */
	do {
		n++;
		rest /= 10;
	} while (rest);
	if (n - minus < (size_t)decimals + 1)
		n = minus + (size_t)decimals + 1;
	n += decimals > 0;
	if (!out)
		return n;
	rest = minus ? -v : v;
	for (i = n; i > minus; i--) {
		if (decimals && n - i == decimals) {
			out[i - 1] = '.';
			continue;
		}
		out[i - 1] = (char)('0' + (int)(rest % 10));
		rest /= 10;
	}
	if (minus)
		out[0] = '-';
	return n;
}

enum timestamp timestamp_shift(struct deid_str text, const struct shift *shift, char *out, size_t *n)
{
	unsigned decimals, scale;
	int64_t before, after;
	__int128 v, unit;

	if (!read(text, &v, &decimals))
		return TIMESTAMP_NONE;
	scale = decimals > 6 ? decimals : 6;
	v *= power(scale - decimals);
	unit = power(scale - 6); /* of a microsecond */
	before = (int64_t)floor_div(v, unit) + UNIX_EPOCH;
	after = shift_apply(shift, before);
	if (before < 0 || before >= YEARS_END || after < 0 || after >= YEARS_END)
		return TIMESTAMP_RANGE;
	/* What is finer than a microsecond stays, but at the end of the range that a limit gives. */
	if (after == before + shift->micro)
		v += (__int128)shift->micro * unit;
	else
		v = (__int128)(after - UNIX_EPOCH) * unit;
	v = floor_div(v, power(scale - decimals));
	*n = write(v, decimals, out);
	return TIMESTAMP_OK;
}
