/* SPDX-License-Identifier: MIT */
#include "core/util/civil.h"

#define SECOND ((int64_t)1000000)
#define DAYS_400Y 146097 /* days of 400 Gregorian years */
#define LAST_DAY 3652058 /* civil_days(9999, 12, 31) */

bool civil_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int civil_month_days(int year, int month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (month < 1 || month > 12)
		return 0;
	return days[month - 1] + (month == 2 && civil_leap(year));
}

bool civil_valid(const struct civil *c)
{
	return c->year >= 1 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= civil_month_days(c->year, c->month) && c->hour >= 0 && c->hour <= 23 &&
	       c->minute >= 0 && c->minute <= 59 && c->second >= 0 && c->second <= 59 && c->micro >= 0 &&
	       c->micro < SECOND;
}

int civil_yearday(int year, int month, int day)
{
	static const short before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

	return before[month - 1] + (month > 2 && civil_leap(year)) + day;
}

int64_t civil_days(int year, int month, int day)
{
	int y = year - 1;

	return (int64_t)y * 365 + y / 4 - y / 100 + y / 400 + civil_yearday(year, month, day) - 1;
}

int civil_weekday(int year, int month, int day)
{
	return (int)(civil_days(year, month, day) % 7); /* 0001-01-01 was a Monday */
}

int64_t civil_to_micro(const struct civil *c)
{
	int64_t seconds = (int64_t)c->hour * 3600 + c->minute * 60 + c->second;

	return civil_days(c->year, c->month, c->day) * CIVIL_DAY + seconds * SECOND + c->micro;
}

/* Year, month and day of a count of days. The year is counted from 1 March, so that a leap day comes last. */
static void from_days(int days, struct civil *c)
{
	int shifted = days + 306; /* from 0000-03-01 */
	int era = shifted / DAYS_400Y;
	int in_era = shifted % DAYS_400Y;
	int year = (in_era - in_era / 1460 + in_era / 36524 - in_era / (DAYS_400Y - 1)) / 365;
	int in_year = in_era - (365 * year + year / 4 - year / 100);
	int month = (5 * in_year + 2) / 153; /* 0 = March; five months have 153 days */

	c->day = in_year - (153 * month + 2) / 5 + 1;
	c->month = month < 10 ? month + 3 : month - 9;
	c->year = year + era * 400 + (c->month <= 2);
}

bool civil_from_micro(int64_t micro, struct civil *c)
{
	int64_t days, rest;

	if (micro < 0 || micro / CIVIL_DAY > LAST_DAY)
		return false;
	days = micro / CIVIL_DAY;
	rest = micro % CIVIL_DAY;
	from_days((int)days, c);
	c->micro = (int)(rest % SECOND);
	rest /= SECOND;
	c->second = (int)(rest % 60);
	c->minute = (int)(rest / 60 % 60);
	c->hour = (int)(rest / 3600);
	return true;
}
