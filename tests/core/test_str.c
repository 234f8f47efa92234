/* SPDX-License-Identifier: MIT */
#include "core/util/map.h"
#include "core/util/str.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(str, compare)
{
	cr_assert(str_eq(STR("abc"), STR("abc")));
	cr_assert_not(str_eq(STR("abc"), STR("abd")));
	cr_assert_not(str_eq(STR("abc"), STR("ab")));
	cr_assert(str_eq((struct deid_str){NULL, 0}, STR("")));
	cr_assert(str_eqz(STR("x\0y"), "x") == false);
	cr_assert(str_caseeq(STR("PatientName"), STR("patientNAME")));
	cr_assert_not(str_caseeq(STR("\xc4"), STR("\xe4")));
	cr_assert_lt(str_cmp(STR("ab"), STR("abc")), 0);
	cr_assert_gt(str_cmp(STR("b"), STR("abc")), 0);
	cr_assert_gt(str_cmp(STR("\xff"), STR("a")), 0);
	cr_assert_eq(str_cmp(STR(""), (struct deid_str){NULL, 0}), 0);
	cr_assert(str_prefix(STR("file.csv"), "file"));
	cr_assert_not(str_prefix(STR("fi"), "file"));
	cr_assert(str_suffix(STR("file.csv"), ".csv"));
	cr_assert_not(str_suffix(STR("csv"), ".csv"));
	cr_assert_eq(str_of(NULL).n, 0);
}

Test(str, parts)
{
	struct deid_str s = STR("hello");

	cr_assert(str_eqz(str_sub(s, 1, 3), "ell"));
	cr_assert(str_eqz(str_sub(s, 3, SIZE_MAX), "lo"));
	cr_assert(str_eqz(str_sub(s, 9, 1), ""));
	cr_assert(str_eqz(str_trim(STR(" \t a b\r\n")), "a b"));
	cr_assert(str_eqz(str_trim(STR(" \n ")), ""));
	cr_assert_eq(str_find(s, 'l', 0), 2);
	cr_assert_eq(str_find(s, 'l', 3), 3);
	cr_assert_eq(str_find(s, 'l', 4), 5);
	cr_assert_eq(str_find((struct deid_str){NULL, 0}, 'l', 0), 0);
}

static void check_split(const char *text, const char *want)
{
	struct deid_str rest = str_of(text), part;
	struct buf got = {0};

	while (str_split(&rest, '.', &part)) {
		buf_c(&got, '<');
		buf_str(&got, part);
		buf_c(&got, '>');
	}
	cr_expect_str_eq(buf_cstr(&got), want, "%s", text);
	cr_expect_null(rest.p);
	buf_free(&got);
}

Test(str, split)
{
	check_split("a..b", "<a><><b>");
	check_split("a.", "<a><>");
	check_split(".", "<><>");
	check_split("abc", "<abc>");
	check_split("", "<>");
}

Test(str, numbers)
{
	static const struct {
		const char *text;
		bool u, i;
		uint64_t uv;
		int64_t iv;
	} table[] = {
	    {"0", true, true, 0, 0},
	    {"007", true, true, 7, 7},
	    {"18446744073709551615", true, false, UINT64_MAX, 0},
	    {"18446744073709551616", false, false, 0, 0},
	    {"99999999999999999999", false, false, 0, 0},
	    {"9223372036854775807", true, true, INT64_MAX, INT64_MAX},
	    {"9223372036854775808", true, false, (uint64_t)INT64_MAX + 1, 0},
	    {"-9223372036854775808", false, true, 0, INT64_MIN},
	    {"-9223372036854775809", false, false, 0, 0},
	    {"-1", false, true, 0, -1},
	    {"+1", false, true, 0, 1},
	    {"", false, false, 0, 0},
	    {"-", false, false, 0, 0},
	    {"+-1", false, false, 0, 0},
	    {" 1", false, false, 0, 0},
	    {"1 ", false, false, 0, 0},
	    {"1e3", false, false, 0, 0},
	    {"0x1", false, false, 0, 0},
	    {"\xb2", false, false, 0, 0},
	};

	for (size_t k = 0; k < sizeof(table) / sizeof(*table); k++) {
		uint64_t u = 0;
		int64_t i = 0;

		cr_expect_eq(str_u64(str_of(table[k].text), &u), table[k].u, "%s", table[k].text);
		cr_expect_eq(u, table[k].uv, "%s", table[k].text);
		cr_expect_eq(str_i64(str_of(table[k].text), &i), table[k].i, "%s", table[k].text);
		cr_expect_eq(i, table[k].iv, "%s", table[k].text);
	}
}

Test(buf, grows)
{
	struct buf b = {0};

	cr_assert(buf_add(&b, NULL, 0));
	cr_assert_null(b.p);
	for (int i = 0; i < 1000; i++) {
		cr_assert(buf_printf(&b, "%03d", i));
		cr_assert(buf_c(&b, ','));
	}
	cr_assert_eq(b.n, 4000);
	cr_assert(str_prefix(buf_view(&b), "000,001,002,"));
	cr_assert(str_suffix(buf_view(&b), "998,999,"));
	cr_assert_eq(strlen(buf_cstr(&b)), 4000);
	cr_assert_eq(b.n, 4000);
	buf_free(&b);
	cr_assert(b.p == NULL && b.n == 0 && b.cap == 0);
}

Test(buf, refuses_the_impossible)
{
	struct buf b = {0};

	cr_assert(buf_z(&b, "kept"));
	cr_assert_not(buf_reserve(&b, SIZE_MAX));
	cr_assert_not(buf_reserve(&b, SIZE_MAX / 2 + 1));
	cr_assert_str_eq(buf_cstr(&b), "kept");
	buf_free(&b);
}

/* A map against an array that is searched. */
Test(map, behaves_like_a_list)
{
	enum { KEYS = 3000 };
	static bool there[KEYS];
	struct map m = {0};
	char key[32];
	size_t n = 0;

	srand(1);
	cr_assert_null(map_find(&m, STR("")));
	for (int i = 0; i < 4 * KEYS; i++) {
		int k = rand() % KEYS;
		bool added;
		struct map_entry *e;

		snprintf(key, sizeof(key), "%*d", k % 20, k);
		cr_assert_eq(map_find(&m, str_of(key)) != NULL, there[k]);
		e = map_put_copy(&m, str_of(key), &added);
		cr_assert_eq(added, !there[k]);
		if (added)
			e->value = &there[k];
		cr_assert_eq(map_get(&m, str_of(key)), &there[k]);
		n += added;
		there[k] = true;
		cr_assert_eq(m.n, n);
	}
	map_clear(&m);
	cr_assert_null(map_find(&m, str_of(key)));
	map_free(&m);
}

Test(map, keeps_the_order_and_tells_keys_apart)
{
	struct map m = {0};
	bool added;

	cr_assert_not_null(map_put(&m, STR("b"), &added));
	cr_assert_not_null(map_put(&m, STR("a"), &added));
	cr_assert_not_null(map_put(&m, STR("a\0"), &added));
	cr_assert(added);
	cr_assert_not_null(map_put(&m, STR(""), &added));
	cr_assert(added);
	cr_assert_not_null(map_put(&m, STR("b"), &added));
	cr_assert_not(added);
	cr_assert_eq(m.n, 4);
	cr_assert(str_eqz(m.entry[0].key, "b"));
	cr_assert(str_eqz(m.entry[1].key, "a"));
	cr_assert_eq(m.entry[2].key.n, 2);
	cr_assert_null(map_get(&m, STR("b")));
	map_free(&m);
}
