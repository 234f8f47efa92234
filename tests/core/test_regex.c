/* SPDX-License-Identifier: MIT */
#include "core/profile/regex.h"
#include "core/util/str.h"
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

static struct regex *compile(const char *pattern)
{
	char why[256];
	size_t offset;
	struct regex *re = regex_new(str_of(pattern), &offset, why, sizeof why);

	cr_assert_not_null(re, "%s: %s", pattern, why);
	return re;
}

static int match(const char *pattern, const char *text, size_t *end, struct deid_error *err)
{
	struct regex *re = compile(pattern);
	int rc = regex_match(re, str_of(text), end, err);

	regex_free(re);
	return rc;
}

/* As re.match() of Python answers. */
Test(regex, from_the_start)
{
	static const struct {
		const char *pattern, *text;
		int want;
		size_t end;
	} cases[] = {{"b", "b", 1, 1}, {"b", "ba", 1, 1}, {"b", "ab", 0, 0}, {".*", "", 1, 0},
	    {"", "x", 1, 0}, {"a|ab", "ab", 1, 1}, {"(?P<x>a+)(?P=x)", "aaaa", 1, 4},
	    {"^a.*z$", "abcz", 1, 4}, {"a$", "ab", 0, 0}, {"(?i)PATIENT", "patientName", 1, 7},
	    {"\\w+", "größe", 1, 7}, {"..", "éü", 1, 4}, {"x", "", 0, 0},
	    {"[^.]*\\.\\d+\\.Name", "Seq.12.Name", 1, 11}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct deid_error err;
		size_t end = 0;

		error_init(&err);
		cr_assert_eq(match(cases[i].pattern, cases[i].text, &end, &err), cases[i].want, "%s on %s",
		    cases[i].pattern, cases[i].text);
		cr_assert_eq(end, cases[i].end, "%s ends at %zu", cases[i].pattern, end);
		cr_assert_eq(match(cases[i].pattern, cases[i].text, NULL, &err), cases[i].want);
		error_free(&err);
	}
}

Test(regex, syntax_errors)
{
	static const struct {
		const char *pattern;
		size_t offset;
	} cases[] = {{"(", 1}, {"a[b", 3}, {"ab(?P<1x>a)", 6}, {"*", 0}, {"\\C", 2}, {"\xff", 0}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char why[256] = "";
		size_t offset = 99;

		cr_assert_null(regex_new(str_of(cases[i].pattern), &offset, why, sizeof why));
		cr_assert_eq(offset, cases[i].offset, "%s at %zu", cases[i].pattern, offset);
		cr_assert_gt(strlen(why), 5);
	}
}

Test(regex, catastrophe_hits_a_limit)
{
	struct deid_error err;

	error_init(&err);
	cr_assert_eq(
	    match("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", NULL, &err), DEID_FAILED);
	cr_assert_eq(err.code, DEID_E_LIMIT);
	error_free(&err);
}

/* More than the 32 KiB that JIT code has on the stack, not more than the interpreter may have. */
Test(regex, long_text)
{
	struct deid_error err;
	struct buf text = {0};
	struct regex *re = compile("(?:a|b)*?c");
	size_t end = 0;

	error_init(&err);
	for (int i = 0; i < 9000; i++)
		buf_c(&text, "ab"[i % 2]);
	buf_c(&text, 'c');
	cr_assert_eq(regex_match(re, buf_view(&text), &end, &err), 1);
	cr_assert_eq(end, 9001);
	buf_free(&text);
	regex_free(re);
	error_free(&err);
}

Test(regex, text_that_is_no_utf8)
{
	struct deid_error err;

	error_init(&err);
	cr_assert_eq(match(".*", "a\xff", NULL, &err), DEID_FAILED);
	cr_assert_eq(err.code, DEID_E_FORMAT);
	error_free(&err);
}

static void *race(void *arg)
{
	const struct regex *re = arg;
	struct deid_error err;
	intptr_t wrong = 0;

	error_init(&err);
	for (int i = 0; i < 50000; i++) {
		size_t end = 0;

		wrong += regex_match(re, STR("Seq.12.Name"), &end, &err) != 1 || end != 11;
		wrong += regex_match(re, STR("Seq.x.Name"), &end, &err) != 0;
	}
	error_free(&err);
	return (void *)wrong;
}

Test(regex, threads)
{
	struct regex *re = compile("[^.]*\\.\\d+\\.(?P<name>Name)");
	pthread_t t[4];

	for (int i = 0; i < 4; i++)
		cr_assert_eq(pthread_create(&t[i], NULL, race, re), 0);
	for (int i = 0; i < 4; i++) {
		void *wrong;

		pthread_join(t[i], &wrong);
		cr_assert_eq((intptr_t)wrong, 0);
	}
	regex_free(re);
}
