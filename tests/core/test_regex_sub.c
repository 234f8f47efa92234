/* SPDX-License-Identifier: MIT */
#include "core/util/str.h"
#include "tests/support/fakehost.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void open_with(struct fake *f, const char *items)
{
	char yaml[1024];

	snprintf(yaml, sizeof yaml,
	    "fake:\n  salt: s\n  date-increment: 1\n  fields:\n  - {name: v, regex-sub: [%s]}\n", items);
	fake_open(f, yaml);
}

static void check(const char *items, const char *text, const char *want)
{
	struct fake f;
	const char *got;

	open_with(&f, items);
	cr_assert_eq(f.err.ndiag, 0, "%s: %s", items, fake_diags(&f));
	got = fake_text(&f, text);
	if (want) {
		cr_assert_not_null(got, "%s on \"%s\": %s", items, text, buf_cstr(&f.run_err.msg));
		cr_assert_str_eq(got, want, "%s on \"%s\": %s", items, text, got);
	} else {
		cr_assert_null(got, "%s on \"%s\": %s", items, text, got ? got : "");
		cr_assert_eq(f.run_err.code, DEID_E_VALUE);
	}
	fake_close(&f);
}

Test(regex_sub, captures)
{
	check("{input-regex: '(?P<a>\\w+)-(?P<b>\\d+)', output: '{b}_{a}'}", "UPENN-0042", "0042_UPENN");
	check("{input-regex: '(?P<a>.)(.)', output: '{a}{a}x'}", "yz", "yyx");
	check("{input-regex: a, output: fixed}", "abc", "fixed");
	check("{input-regex: a, output: ''}", "abc", "");
	check("{input-regex: '', output: x}", "", "x");
	check("{input-regex: '(?P<x>a)?(?P<y>b)', output: '[{x}|{y}]'}", "b", "[|b]");
	check("{input-regex: '(?P<x>.*)', output: '{x}!'}",
	    "gr\xc3\xb6\xc3\x9f"
	    "e",
	    "gr\xc3\xb6\xc3\x9f"
	    "e!");
	check("{input-regex: b, output: x}", "ab", NULL);
}

Test(regex_sub, the_first_item_that_matches)
{
	check(
	    "{input-regex: b, output: one}, {input-regex: '(?P<x>a)', output: 'two {x}'}, {input-regex: .*, "
	    "output: three}",
	    "ab", "two a");
}

Test(regex_sub, groups)
{
	/* SHA-256 of "sTest^Patient" */
	check("{input-regex: '(?P<x>.*)', output: '<{x}>', groups: [{name: x, hash: true, hash-digits: 4}]}",
	    "Test^Patient", "<bc18>");
	check("{input-regex: '(?P<d>\\d+)(?P<r>.*)', output: '{r}{d}', groups: [{name: d, increment-date: "
	      "true}]}",
	    "20200228_x", "_x20200229");
	check("{input-regex: '(?P<d>.*)', output: '{d}', groups: [{name: d, increment-datetime: true, "
	      "date-increment: 0.5, datetime-format: '%Y %H'}]}",
	    "2020 06", "2020 18");
	check("{input-regex: '(?P<x>.*)', output: '[{x}]', groups: [{name: x, remove: true}]}", "a", "[]");
	check(
	    "{input-regex: '(?P<x>.*)', output: '[{x}]', groups: [{name: x, replace-with: b}]}", "a", "[b]");
	check("{input-regex: '(?P<x>.*)', output: '[{x}]', groups: [{name: x, replace-with: [b, 1]}]}", "a",
	    "[b,1]");
	check("{input-regex: '(?P<x>.*)', output: '[{x}]', groups: [{name: x, hash: false}]}", "a", "[a]");
	check("{input-regex: '(?P<x>.*)', output: '[{x}]', groups: [{name: x}]}", "a", "[a]");
	check("{input-regex: '(?P<x>.*)', output: '{x}', groups: [{name: x, jitter: true, jitter-min: 9, "
	      "jitter-max: 9}]}",
	    "9", "9");
	check("{input-regex: '(?P<x>.*)', output: '{x}', groups: [{name: x, hashuid: true, salt: ''}]}",
	    "1.2.840.113619.6.283.4.983142589.7316.1300473420.841",
	    "1.2.840.113619.551726.420312.177022.222461.230571.501817.841");
	/* one after the other, on one name */
	check(
	    "{input-regex: '(?P<x>.*)', output: '{x}', groups: [{name: x, replace-with: 20200101}, {name: x, "
	    "increment-date: true}]}",
	    "a", "20200102");
	/* an action leaves an empty text alone, as it does a field's */
	check("{input-regex: '(?P<x>.*)', output: '[{x}]', groups: [{name: x, hash: true}]}", "", "[]");
	/* a rewriting within the rewriting */
	check("{input-regex: '(?P<x>.*)', output: '[{x}]', groups: [{name: x, regex-sub: [{input-regex: "
	      "'(?P<x>.)', output: '{x}{x}'}]}]}",
	    "abc", "[aa]");
}

/* A variable has one value, however often it stands there. */
Test(regex_sub, one_value_for_a_variable)
{
	struct fake f;
	const char *got;

	open_with(&f, "{input-regex: '(?P<x>.*)', output: '{x} {x}', groups: [{name: x, jitter: true}]}");
	got = fake_text(&f, "100");
	cr_assert_not_null(got);
	cr_assert_eq(strncmp(got, strchr(got, ' ') + 1, (size_t)(strchr(got, ' ') - got)), 0, "%s", got);
	fake_close(&f);
}

/* fakehost.h: a field is "value of NAME". */
Test(regex_sub, other_fields)
{
	check("{input-regex: .*, output: '<{f}>', groups: [{name: f}]}", "a", "<value of f>");
	check("{input-regex: .*, output: '<{a.b.0}>', groups: [{name: a.b.0, keep: true}]}", "a",
	    "<value of a.b.0>");
	/* SHA-256 of "svalue of f", of "svalue of many,other" */
	check("{input-regex: .*, output: '{f}', groups: [{name: f, hash: true, hash-digits: 6}]}", "a",
	    "c34ac4");
	check("{input-regex: .*, output: '{many}', groups: [{name: many, hash: true, hash-digits: 6}]}", "a",
	    "9fbfeb");
	check("{input-regex: .*, output: '{many}', groups: [{name: many}]}", "a", "value of many,other");
	/* one that is not there */
	check("{input-regex: .*, output: '<{none}>', groups: [{name: none, hash: true}]}", "a", "<>");
	check("{input-regex: .*, output: '<{none}>', groups: [{name: none, replace-with: x}]}", "a", "<x>");
	check("{input-regex: .*, output: '<{none}>', groups: [{name: none, replace-with: x, "
	      "replace-with-insert: "
	      "false}]}",
	    "a", "<>");
	/* a capture goes before a field of its name */
	check("{input-regex: '(?P<f>.)', output: '<{f}>', groups: [{name: f}]}", "abc", "<a>");
}

Test(regex_sub, groups_that_fail)
{
	check("{input-regex: '(?P<d>.*)', output: '[{d}]', groups: [{name: d, increment-date: true}]}", "x",
	    NULL);
	check(
	    "{input-regex: '(?P<d>.*)', output: '[{d}]', groups: [{name: d, increment-date: true, on-error: "
	    "remove}]}",
	    "x", "[]");
	check(
	    "{input-regex: '(?P<d>.*)', output: '[{d}]', groups: [{name: d, increment-date: true, on-error: "
	    "keep}]}",
	    "x", "[x]");
	check(
	    "{input-regex: '(?P<d>.*)', output: '[{d}]', groups: [{name: d, increment-date: true, on-error: "
	    "fail}]}",
	    "x", NULL);
}

Test(regex_sub, components)
{
	const struct deid_str v[] = {STR("a"), STR("b")};
	struct deid_value in = fake_components(DEID_TEXT, v, 2);
	struct fake f;

	open_with(&f, "{input-regex: '(?P<x>\\w),(?P<y>\\w)', output: '{y}\\{x}\\c'}");
	cr_assert_str_eq(fake_value(&f, &in), "b\\a\\c");
	in.flags = DEID_V_MULTI;
	cr_assert_str_eq(fake_value(&f, &in), "b\\a\\c"); /* joined with the same sign */
	struct deid_result out;
	cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_OK);
	cr_assert_eq(out.value.n, 3);
	in.flags = 0;
	cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_OK);
	cr_assert_eq(out.value.n, 1);
	fake_close(&f);
}

Test(regex_sub, kinds)
{
	struct deid_str text = STR("12");
	struct deid_value in = fake_components(DEID_INT, &text, 1);
	struct deid_result out;
	struct fake f;

	open_with(&f, "{input-regex: '(?P<x>.*)', output: '{x}3'}");
	in.flags = DEID_V_FREE;
	cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_OK);
	cr_assert_eq(out.value.kind, DEID_TEXT);
	in.flags = 0;
	cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_OK);
	cr_assert_eq(out.value.kind, DEID_INT);
	in = fake_components(DEID_NULL, NULL, 0);
	cr_assert_str_eq(fake_value(&f, &in), "3");
	in = fake_components(DEID_BYTES, &text, 1);
	cr_assert_null(fake_value(&f, &in));
	fake_close(&f);
}

static void refused(const char *items, const char *says)
{
	struct fake f;

	open_with(&f, items);
	cr_assert_eq(f.err.nerrors, 1, "%s: %s", items, fake_diags(&f));
	cr_assert_not_null(strstr(fake_diags(&f), says), "%s: %s", items, fake_diags(&f));
	fake_close(&f);
}

Test(regex_sub, refused_in_the_profile)
{
	refused("", "empty list");
	refused("a", "takes a mapping");
	refused("{input-regex: a}", "needs \"output\"");
	refused("{output: a}", "needs \"input-regex\"");
	refused("{input-regex: a, output: b, grups: []}", "did you mean \"groups\"");
	refused("{input-regex: [a], output: b}", "takes one value");
	refused("{input-regex: '(', output: b}", "no regular expression");
	refused("{input-regex: a, output: '{x}'}", "{x} is neither a group");
	refused("{input-regex: '(?P<x>a)', output: '{y}'}", "{y} is neither a group");
	refused("{input-regex: '(?P<x>a)', output: '{X}'}", "{X} is neither a group");
	refused("{input-regex: '(?P<x>a)', output: '{x:>3}'}", "{x:>3} is neither");
	refused("{input-regex: '(a)', output: '{0}'}", "a variable has a name");
	refused("{input-regex: '(a)', output: '{}'}", "a variable has a name");
	refused("{input-regex: '(?P<x>a)', output: 'a{x'}", "brace at byte 1");
	refused("{input-regex: '(?P<x>a)', output: 'ab}'}", "brace at byte 2");
	refused("{input-regex: '(?P<x>a)', output: '{a{x}}'}", "brace at byte 0");
	refused("{input-regex: a, output: b, groups: 5}", "a list of field entries");
	refused("{input-regex: a, output: b, groups: [5]}", "a field entry is a mapping");
	refused("{input-regex: '(?P<x>a)', output: '{x}', groups: [{name: x, hsah: true}]}", "did you mean");
	refused(
	    "{input-regex: '(?P<x>a)', output: '{x}', groups: [{regex: x, hash: true}]}", "has a \"name\"");
	refused("{input-regex: '(?P<x>a)', output: '{x}', groups: [{name: x, hash: true, remove: true}]}",
	    "a second action");
	refused(
	    "{input-regex: '(?P<x>a)', output: '{x}', groups: [{name: x, jitter: true, jitter-range: 0}]}",
	    "\"jitter-range\" is 0");
	refused("{input-regex: '(?P<x>a)', output: '{x}', groups: [{name: x, replace-with: {a: 1}}]}",
	    "takes a text");
	refused("{input-regex: '(?P<x>a)', output: '{x}', groups: [{name: x, encrypt: true}]}", "has no key");
	refused(
	    "{input-regex: a, output: '{unknown}', groups: [{name: unknown, hash: true}]}", "no such field");
}

Test(regex_sub, all_that_is_wrong_at_once)
{
	struct fake f;

	open_with(&f,
	    "{input-regex: '(', output: '{0}', groups: [{name: x, jitter: true, jitter-range: 0}]}, "
	    "{input-regex: a, output: '{y}'}");
	cr_assert_eq(f.err.nerrors, 4, "%s", fake_diags(&f));
	fake_close(&f);
}

Test(regex_sub, a_group_for_nothing)
{
	struct fake f;

	open_with(&f, "{input-regex: '(?P<x>a)', output: b, groups: [{name: x, hash: true}]}");
	cr_assert_eq(f.err.nerrors, 0);
	cr_assert_not_null(strstr(fake_diags(&f), "warning: this group has no effect"), "%s", fake_diags(&f));
	fake_close(&f);
}

Test(regex_sub, on_error_of_group_and_field)
{
	struct fake f;

	fake_open(&f,
	    "fake:\n  on-error: keep\n  date-increment: 1\n  fields:\n  - {name: v, regex-sub: "
	    "[{input-regex: (?P<x>.), output: '{x}', groups: [{name: x, increment-date: true, on-error: "
	    "fail}]}]}\n");
	cr_assert_eq(f.err.nerrors, 1, "%s", fake_diags(&f));
	fake_close(&f);
}

/* Whatever takes too long is an error of the file, and no value for on-error. */
Test(regex_sub, too_many_steps, .timeout = 60)
{
	char text[2001];
	struct fake f;

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	open_with(&f, "{input-regex: '(a+)+$b|((a|aa)+)+!', output: x}");
	cr_assert_null(fake_text(&f, text));
	cr_assert_eq(f.run_err.code, DEID_E_LIMIT, "%d %s", f.run_err.code, buf_cstr(&f.run_err.msg));
	cr_assert_not(error_excusable(&f.run_err));
	fake_close(&f);
}

/* Entries of regex-sub go first, in the order written, and then the others. */
Test(regex_sub, order_of_execution)
{
	static const char *const want[] = {"b", "d", "a", "c"};
	struct fake f;

	fake_open(&f, "fake:\n  fields:\n  - {name: a, remove: true}\n"
		      "  - {name: b, regex-sub: [{input-regex: a, output: b}]}\n"
		      "  - {name: c, keep: true}\n"
		      "  - {name: d, regex-sub: [{input-regex: a, output: b}]}\n");
	cr_assert_eq(f.err.nerrors, 0, "%s", fake_diags(&f));
	cr_assert_eq(f.profile->section[0].nrule, 4);
	for (uint32_t i = 0; i < 4; i++) {
		cr_assert(str_eqz(f.profile->section[0].rule[i].text, want[i]));
		cr_assert_eq(f.profile->section[0].rule[i].id, i);
	}
	fake_close(&f);
}
