/* SPDX-License-Identifier: MIT */
/* How far dates move, and between which moments they stay. All exact: microseconds, no floating point. */
#ifndef DEID_TRANSFORM_SHIFT_H
#define DEID_TRANSFORM_SHIFT_H

#include <deid/plugin.h>

struct shift {
	int64_t micro;
	int64_t min, max; /* INT64_MIN, INT64_MAX: none */
	/* A random part: from 1 to `steps` of these steps, either way. steps = 0: none. */
	int64_t step;
	uint64_t steps;
};

/* A decimal number of days (an exponent is allowed), rounded to the microsecond. False: more than any date
 * could bear. The text must be a real number of the profile language. */
bool shift_days(struct deid_str text, int64_t *micro);
/* YYYYMMDD, or [+-]N and one of years, weeks, days, hours, minutes, seconds from `now` (microseconds since
 * year 1; results outside the calendar are cut to its ends). */
bool shift_limit(struct deid_str text, int64_t now, int64_t *micro);
int64_t shift_now(void); /* UTC */
/* The random part of up to `range` units (a number, and years, weeks, days, hours, minutes or seconds): whole
 * days for units of a day and more, else whole seconds; finer only where the range is less. A year is 365
 * days. False: more than any date could bear, or no microsecond. */
bool shift_random(struct shift *, struct deid_str range, struct deid_str unit);
/* Draws the random part and makes it a part of micro. One file has one draw, however often it is asked for:
 * intervals stay. */
int shift_draw(struct shift *, const struct deid_host *, struct deid_job *, struct deid_error *);
int64_t shift_apply(const struct shift *, int64_t micro);

#endif
