/* SPDX-License-Identifier: MIT */
#include "core/transform/decimal.h"
#include "core/util/str.h"
#include <criterion/criterion.h>
#include <string.h>

static void check(const char *text, unsigned decimals, const char *want)
{
	char out[DECIMAL_ROOM];
	decimal_micro v;
	size_t n;

	cr_assert(decimal_read(str_of(text), &v), "%s", text);
	n = decimal_write(v, decimals, out);
	cr_assert(n < DECIMAL_ROOM);
	cr_assert(str_eqz((struct deid_str){out, n}, want), "%s: %.*s", text, (int)n, out);
}

Test(decimal, read_and_write)
{
	static const char *const cases[][2] = {{"0", "0"}, {"-0", "0"}, {"0.000000", "0"}, {"1", "1"},
	    {"+1", "1"}, {"-1", "-1"}, {"007", "7"}, {"1.5", "1.5"}, {"1.50", "1.5"}, {"-1.25", "-1.25"},
	    {".5", "0.5"}, {"5.", "5"}, {" 5 ", "5"}, {"1e3", "1000"}, {"1E+3", "1000"}, {"1.5e-3", "0.0015"},
	    {"123456e-6", "0.123456"}, {"0.0000004", "0"}, {"0.0000005", "0.000001"},
	    {"-0.0000005", "-0.000001"}, {"1.2345674", "1.234567"}, {"1.2345675", "1.234568"},
	    {"0.9999995", "1"}, {"9999999999999999999999999.999999", "9999999999999999999999999.999999"},
	    {"-9999999999999999999999999", "-9999999999999999999999999"}, {"1e-400", "0"},
	    {"0e999999999999", "0"}, {"0.00000000000000000000000000001e29", "1"},
	    {"100000000000000000000000000000e-29", "1"}, {"1e-99999999999999999999", "0"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(cases[i][0], 6, cases[i][1]);
}

Test(decimal, fewer_decimals)
{
	check("1.234567", 3, "1.235");
	check("1.2345", 0, "1");
	check("-1.5", 0, "-2");
	check("0.04", 1, "0");
	check("-0.04", 1, "0");
	check("9.96", 1, "10");
	check("1.5", 9, "1.5");
}

Test(decimal, no_numbers)
{
	static const char *const cases[] = {"", " ", "-", "+", ".", "-.", "e5", "1e", "1e+", "1e5.5", "1 2",
	    "1,5", "0x10", "abc", "1a", "inf", "nan", "--1", "1e5e5", "10000000000000000000000000", "1e25",
	    "1e400", "1e99999999999999999999", "\xd9\xa3"};
	decimal_micro v;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_assert_not(decimal_read(str_of(cases[i]), &v), "%s", cases[i]);
}
