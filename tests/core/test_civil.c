/* SPDX-License-Identifier: MIT */
#include "core/util/civil.h"

#include <criterion/criterion.h>
#include <string.h>

/* Every day of the calendar, counted by hand: month lengths from the rhyme, leap years from the decree. */
Test(civil, every_day)
{
	static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t days = 0;

	for (int y = 1; y <= 9999; y++) {
		bool leap = y % 400 == 0 || (y % 4 == 0 && y % 100 != 0);
		int yearday = 0;

		cr_assert_eq(civil_leap(y), leap);
		for (int m = 1; m <= 12; m++) {
			int last = length[m - 1] + (leap && m == 2);

			cr_assert_eq(civil_month_days(y, m), last);
			for (int d = 1; d <= last; d++, days++) {
				struct civil c;
				int64_t micro = days * CIVIL_DAY;

				yearday++;
				cr_assert_eq(civil_days(y, m, d), days);
				cr_assert_eq(civil_yearday(y, m, d), yearday);
				cr_assert_eq(civil_weekday(y, m, d), days % 7);
				cr_assert(civil_from_micro(micro + CIVIL_DAY - 1, &c));
				cr_assert(c.year == y && c.month == m && c.day == d && c.hour == 23 &&
					  c.minute == 59 && c.second == 59 && c.micro == 999999);
				cr_assert(civil_valid(&c));
				cr_assert_eq(civil_to_micro(&c), micro + CIVIL_DAY - 1);
				cr_assert(civil_from_micro(micro, &c));
				cr_assert(c.year == y && c.month == m && c.day == d && c.hour == 0 &&
					  c.minute == 0 && c.second == 0 && c.micro == 0);
			}
		}
	}
	cr_assert_eq(days, 3652059);
}

Test(civil, known_days)
{
	cr_assert_eq(civil_days(1970, 1, 1), 719162);
	cr_assert_eq(civil_weekday(2000, 1, 1), 5); /* a Saturday */
	cr_assert_eq(civil_weekday(2024, 2, 29), 3);
	cr_assert_eq(civil_yearday(2024, 12, 31), 366);
}

Test(civil, outside)
{
	struct civil c;

	cr_assert_not(civil_from_micro(-1, &c));
	cr_assert_not(civil_from_micro(INT64_MIN, &c));
	cr_assert_not(civil_from_micro(INT64_MAX, &c));
	cr_assert_not(civil_from_micro(3652059 * CIVIL_DAY, &c));
	cr_assert(civil_from_micro(3652059 * CIVIL_DAY - 1, &c));
	cr_assert_eq(c.year, 9999);
	cr_assert_eq(civil_month_days(2000, 0), 0);
	cr_assert_eq(civil_month_days(2000, 13), 0);
}

Test(civil, every_second_of_a_day)
{
	for (int s = 0; s < 86400; s++) {
		struct civil c = {1999, 12, 31, s / 3600, s / 60 % 60, s % 60, s}, back;

		cr_assert(civil_from_micro(civil_to_micro(&c), &back));
		cr_assert_eq(memcmp(&c, &back, sizeof(c)), 0);
	}
}

Test(civil, what_is_valid)
{
	static const struct {
		struct civil c;
		bool valid;
	} table[] = {
	    {{2023, 2, 28, 0, 0, 0, 0}, true},
	    {{2023, 2, 29, 0, 0, 0, 0}, false},
	    {{2024, 2, 29, 23, 59, 59, 999999}, true},
	    {{1900, 2, 29, 0, 0, 0, 0}, false},
	    {{2000, 2, 29, 0, 0, 0, 0}, true},
	    {{0, 1, 1, 0, 0, 0, 0}, false},
	    {{10000, 1, 1, 0, 0, 0, 0}, false},
	    {{1, 1, 1, 0, 0, 0, 0}, true},
	    {{2000, 0, 1, 0, 0, 0, 0}, false},
	    {{2000, 13, 1, 0, 0, 0, 0}, false},
	    {{2000, 4, 31, 0, 0, 0, 0}, false},
	    {{2000, 4, 0, 0, 0, 0, 0}, false},
	    {{2000, 1, 1, 24, 0, 0, 0}, false},
	    {{2000, 1, 1, -1, 0, 0, 0}, false},
	    {{2000, 1, 1, 0, 60, 0, 0}, false},
	    {{2000, 1, 1, 0, 0, 60, 0}, false},
	    {{2000, 1, 1, 0, 0, 0, 1000000}, false},
	    {{2000, 1, 1, 0, 0, 0, -1}, false},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		cr_expect_eq(civil_valid(&table[i].c), table[i].valid, "%zu", i);
}
