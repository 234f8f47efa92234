/* SPDX-License-Identifier: MIT */
#include "core/util/str.h"
#include "core/util/utf8.h"

#include <criterion/criterion.h>
#include <string.h>

Test(utf8, every_scalar_value_round_trips)
{
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		char b[4];
		uint32_t back = 0xffffffff;
		size_t n;

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		n = utf8_put(b, cp);
		cr_assert_eq(n, cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4);
		cr_assert_eq(utf8_next((struct deid_str){b, n}, 0, &back), n);
		cr_assert_eq(back, cp);
		cr_assert_eq(utf8_next((struct deid_str){b, n - 1}, 0, &back), 0, "cut %x", cp);
		cr_assert_eq(utf8_count((struct deid_str){b, n}), 1);
	}
}

/* Of all strings of three bytes (and four with a lead byte of four) exactly as many are valid as there are
 * ways to write scalar values in them. */
Test(utf8, nothing_else_is_valid)
{
	size_t three = 0, four = 0;
	const size_t one = 0x80, two = 0x800 - 0x80, triple = 0x10000 - 0x800 - 0x800;

	for (uint32_t v = 0; v < 1u << 24; v++) {
		char b[3] = {(char)(v >> 16), (char)(v >> 8), (char)v};

		three += utf8_valid((struct deid_str){b, 3});
	}
	cr_assert_eq(three, one * one * one + 2 * one * two + triple);
	for (uint32_t v = 0; v < 16u << 18; v++) {
		char b[4] = {(char)(0xf0 | v >> 18), (char)(0x80 | (v >> 12 & 0x3f)),
		    (char)(0x80 | (v >> 6 & 0x3f)), (char)(0x80 | (v & 0x3f))};

		four += utf8_valid((struct deid_str){b, 4});
	}
	cr_assert_eq(four, 0x100000);
}

Test(utf8, valid_finds_a_bad_byte_anywhere)
{
	char b[64];

	for (size_t n = 0; n <= sizeof(b); n++) {
		memset(b, 'x', sizeof(b));
		cr_assert(utf8_valid((struct deid_str){b, n}));
		for (size_t i = 0; i < n; i++) {
			b[i] = (char)0xe9;
			cr_assert_not(utf8_valid((struct deid_str){b, n}), "%zu of %zu", i, n);
			b[i] = 'x';
		}
	}
}

Test(utf8, prefixes)
{
	struct deid_str s = STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"); /* 1 + 2 + 3 + 4 + 1 bytes */
	static const size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
	static const size_t first[] = {0, 1, 3, 6, 10, 11, 11};

	cr_assert_eq(utf8_count(s), 5);
	for (size_t n = 0; n < 12; n++)
		cr_expect_eq(utf8_cut(s, n).n, whole[n], "%zu", n);
	cr_assert_eq(utf8_cut(s, 100).n, 11);
	for (size_t n = 0; n < 7; n++)
		cr_expect_eq(utf8_first(s, n).n, first[n], "%zu", n);
	cr_assert_eq(utf8_count((struct deid_str){NULL, 0}), 0);
	cr_assert(utf8_valid((struct deid_str){NULL, 0}));
}
