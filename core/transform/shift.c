/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/decimal.h"
#include "core/transform/pattern.h"
#include "core/transform/shift.h"
#include "core/util/civil.h"
#include "core/util/str.h"
#include <time.h>

#define SECOND ((int64_t)1000000)
#define UNIX_EPOCH (719162 * CIVIL_DAY) /* 1970-01-01, counted from 0001-01-01 */
#define DAYS_MAX 3652059                /* years 1 to 9999 */
#define KEPT_DIGITS 24                  /* of a day; the product below then fits 128 bits */

/* The decimal digits of a number, without point and leading zeros: value = digits * 10^-scale. */
struct decimal {
	unsigned __int128 digits;
	int64_t scale;
	bool minus;
};

static void read_decimal(struct deid_str s, struct decimal *d)
{
	bool point = false;
	size_t i, kept = 0;

	*d = (struct decimal){.minus = s.p[0] == '-'};
	for (i = s.p[0] == '-' || s.p[0] == '+'; i < s.n && s.p[i] != 'e' && s.p[i] != 'E'; i++) {
		if (s.p[i] == '.') {
			point = true;
		} else if (kept < KEPT_DIGITS) {
			d->digits = d->digits * 10 + (unsigned)(s.p[i] - '0');
			kept += d->digits != 0;
			d->scale += point;
		} else { /* far below a microsecond, or far above any date */
			d->scale -= !point;
		}
	}
	if (i < s.n) {
		struct deid_str e = str_sub(s, i + 1, s.n);
		int64_t v = 0;

		if (e.p[0] == '+')
			e = str_sub(e, 1, e.n);
		if (!str_i64(e, &v) || v > 1000000 || v < -1000000)
			v = e.p[0] == '-' ? -1000000 : 1000000;
		d->scale -= v;
	}
}

#define LIMIT ((unsigned __int128)DAYS_MAX * (unsigned __int128)CIVIL_DAY)

bool shift_days(struct deid_str text, int64_t *micro)
{
	struct decimal d;
	unsigned __int128 v;
	unsigned last = 0; /* the digit after the last one that stays */

	read_decimal(text, &d);
	v = d.digits * (unsigned __int128)CIVIL_DAY;
	for (; d.scale < 0 && v && v <= LIMIT; d.scale++)
		v *= 10;
	for (; d.scale > 0 && v; d.scale--) {
		last = (unsigned)(v % 10);
		v /= 10;
	}
	v += d.scale <= 0 && last >= 5;
	if (v > LIMIT)
		return false;
	*micro = d.minus ? -(int64_t)v : (int64_t)v;
	return true;
}

int64_t shift_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return UNIX_EPOCH + (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000;
}

static int64_t clip(int64_t micro)
{
	const int64_t last = DAYS_MAX * CIVIL_DAY - 1;

	return micro < 0 ? 0 : micro > last ? last : micro;
}

/* The same day so many years on; 29 February becomes the 28th. */
static int64_t add_years(int64_t micro, int64_t n)
{
	struct civil c;

	if (!civil_from_micro(micro, &c))
		return clip(micro);
	if (c.year + n < 1 || c.year + n > 9999)
		return clip(n < 0 ? INT64_MIN : INT64_MAX);
	c.year += (int)n;
	if (c.day > civil_month_days(c.year, c.month))
		c.day = civil_month_days(c.year, c.month);
	return civil_to_micro(&c);
}

static bool limit_date(struct deid_str s, int64_t *micro)
{
	struct civil c = {.year = pattern_number(s, 0, 4),
	    .month = pattern_number(s, 4, 2),
	    .day = pattern_number(s, 6, 2)};

	if (!civil_valid(&c))
		return false;
	*micro = civil_to_micro(&c);
	return true;
}

/* 0: there is no such unit of one length. */
static int64_t unit_seconds(struct deid_str name)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {{"weeks", 604800}, {"days", 86400}, {"hours", 3600}, {"minutes", 60}, {"seconds", 1}};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (str_eqz(name, units[i].name))
			return units[i].seconds;
	return 0;
}

bool shift_limit(struct deid_str s, int64_t now, int64_t *micro)
{
	bool sign = s.n && (s.p[0] == '-' || s.p[0] == '+');
	size_t end = sign;
	int64_t n;

	while (end < s.n && s.p[end] >= '0' && s.p[end] <= '9')
		end++;
	if (end == s.n && end == 8 && !sign)
		return limit_date(s, micro);
	if (end == sign || end - sign > 9)
		return false;
	n = pattern_number(s, sign, end - sign);
	n = s.p[0] == '-' ? -n : n;
	s = str_trim(str_sub(s, end, s.n));
	if (str_eqz(s, "years")) {
		*micro = add_years(now, n);
		return true;
	}
	*micro = clip(now + n * unit_seconds(s) * SECOND);
	return unit_seconds(s) != 0;
}

bool shift_random(struct shift *s, struct deid_str range, struct deid_str unit)
{
	int64_t seconds = str_eqz(unit, "years") ? 365 * (int64_t)86400 : unit_seconds(unit);
	decimal_micro v, most;

	if (!decimal_read(range, &v) || v < 0 || v > (decimal_micro)DAYS_MAX * 86400 * DECIMAL_ONE)
		return false;
	most = v * seconds; /* v counts millionths of the unit, and so microseconds here */
	if (most > (decimal_micro)LIMIT)
		return false;
	s->step = 1;
	if (seconds >= 86400 && most >= CIVIL_DAY)
		s->step = CIVIL_DAY;
	else if (most >= SECOND)
		s->step = SECOND;
	s->steps = (uint64_t)(most / s->step);
	return s->steps > 0;
}

int shift_draw(struct shift *s, const struct deid_host *host, struct deid_job *job, struct deid_error *err)
{
	const uint64_t n = 2 * s->steps, skip = (0 - n) % n;
	uint64_t drawn[4];
	size_t i = 0;
	int64_t r;
	int rc = host->random(job, NULL, drawn, sizeof drawn, err);

	if (rc != DEID_OK)
		return rc;
	/* As uniform_below() does, but from what there is: n is below 2^40, so that the last of the four is
	 * as good as never needed. */
	while (i < 3 && drawn[i] < skip)
		i++;
	r = (int64_t)(drawn[i] % n) - (int64_t)s->steps;
	s->micro += (r >= 0 ? r + 1 : r) * s->step;
	return DEID_OK;
}

int64_t shift_apply(const struct shift *s, int64_t micro)
{
	micro += s->micro;
	if (micro < s->min)
		return s->min;
	return micro > s->max ? s->max : micro;
}
