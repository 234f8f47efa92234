/* SPDX-License-Identifier: MIT */
#include "core/profile/regex.h"
#include "core/profile/sieve.h"
#include "core/util/error.h"
#include "core/util/str.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const char *const patterns[] = {"(.*\\.)?[56]0[0-9a-f]{6}$", "a+b?c*", "(?i)Ab[^c-d]x|.{2,3}$",
    "^(ab|a)\\d+$", "(a|b(?=c))(?!d).$", "x(?:ab){1,2}y?", "(.)\\1b", "[]a.-]+\\.\\d", "a(?i:b|c)d\\b.*\\w$",
    "(?P<n>a*?)*b", "\\.|$", "[^\\d.]{0,3}\\Z", "a{0}b", "((a|ab)(c|bcd)(d*))$", ".*\\.0\\.(a|b)", "a|",
    "(ab){2,}$"};

static struct regex *compile(const char *pattern)
{
	size_t offset;
	char msg[128];
	struct regex *re = regex_new(str_of(pattern), &offset, msg, sizeof msg);

	cr_assert(re, "%s: %s", pattern, msg);
	return re;
}

/* What an expression matches always passes; what it does not match mostly does not. */
Test(sieve, lets_pass_what_matches)
{
	static const char letters[] = "aabbccddxy.005fAB\n\xc3\xa9";
	size_t stopped = 0;
	struct deid_error err;

	error_init(&err);
	srand(3);
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		struct regex *re = compile(patterns[i]);
		struct deid_sieve *s = sieve_new(str_of(patterns[i]));

		for (int k = 0; s && k < 30000; k++) {
			char text[12];
			struct deid_str name = {text, (size_t)rand() % sizeof text};
			int hit;

			for (size_t j = 0; j < name.n; j++)
				text[j] = letters[(size_t)rand() % (sizeof letters - 1)];
			hit = regex_match(re, name, NULL, &err);
			error_clear(&err);
			cr_assert(hit != 1 || sieve_passes(s, name), "%s stops what it matches", patterns[i]);
			stopped += !sieve_passes(s, name);
		}
		sieve_free(s);
		regex_free(re);
	}
	cr_expect_gt(stopped, 100000);
	error_free(&err);
}

Test(sieve, is_exact_where_there_are_no_assertions)
{
	struct deid_sieve *s = sieve_new(str_of("(.*\\.)?[56]0[0-9a-f]{6}$"));

	cr_assert(s);
	cr_expect(sieve_passes(s, str_of("60003000")));
	cr_expect(sieve_passes(s, str_of("52009230.12.50000010")));
	cr_expect_not(sieve_passes(s, str_of("60003000.0.00100010")));
	cr_expect_not(sieve_passes(s, str_of("6000300")));
	cr_expect_not(sieve_passes(s, str_of("PatientName")));
	sieve_free(s);
}

Test(sieve, what_is_not_known_is_done_without)
{
	static const char *const unknown[] = {"(?x)a b", "\\p{L}", "[[:alpha:]]", "\\Qa\\E", "(?R)?a",
	    "\xc3\xa9", "a{2", "(?#x)a", "((((a{200}){200}){200}){200})", "(a|b)*a.{60}", ".*"};

	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		cr_expect_null(sieve_new(str_of(unknown[i])), "%s", unknown[i]);
}
