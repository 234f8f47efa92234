/* SPDX-License-Identifier: MIT */
/*
 * The proleptic Gregorian calendar, years 1 to 9999, without time zones.
 *
 * A moment is counted in microseconds (int64_t) from 0001-01-01T00:00:00, so that all arithmetic on
 * dates is on one integer. Second 60 is not representable here; a caller that allows it carries.
 */
#ifndef DEID_UTIL_CIVIL_H
#define DEID_UTIL_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define CIVIL_DAY ((int64_t)86400 * 1000000)

struct civil {
	int year, month, day; /* 1-9999, 1-12, 1-31 */
	int hour, minute, second, micro;
};

bool civil_leap(int year);
int civil_month_days(int year, int month); /* 0 when month is none */
bool civil_valid(const struct civil *);
int64_t civil_days(int year, int month, int day);     /* days since 0001-01-01; the date must be valid */
int64_t civil_to_micro(const struct civil *);         /* must be valid */
bool civil_from_micro(int64_t micro, struct civil *); /* false outside the years 1-9999 */
int civil_weekday(int year, int month, int day);      /* 0 = Monday */
int civil_yearday(int year, int month, int day);      /* 1 = 1 January */

#endif
