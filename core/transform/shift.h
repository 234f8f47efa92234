/* SPDX-License-Identifier: MIT */
/* How far dates move, and between which moments they stay. All exact: microseconds, no floating point. */
#ifndef DEID_TRANSFORM_SHIFT_H
#define DEID_TRANSFORM_SHIFT_H

#include <deid/plugin.h>

struct shift {
	int64_t micro;
	int64_t min, max; /* INT64_MIN, INT64_MAX: none */
};

/* A decimal number of days (an exponent is allowed), rounded to the microsecond. False: more than any date
 * could bear. The text must be a real number of the profile language. */
bool shift_days(struct deid_str text, int64_t *micro);
/* YYYYMMDD, or [+-]N and one of years, weeks, days, hours, minutes, seconds from `now` (microseconds since
 * year 1; results outside the calendar are cut to its ends). */
bool shift_limit(struct deid_str text, int64_t now, int64_t *micro);
int64_t shift_now(void); /* UTC */
int64_t shift_apply(const struct shift *, int64_t micro);

#endif
