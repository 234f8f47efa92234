/* SPDX-License-Identifier: MIT */
#include "core/util/glob.h"
#include "core/util/str.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* What Python 3.11's fnmatch.fnmatchcase() says. */
static const struct {
	const char *pattern, *name;
	bool match;
} table[] = {
    {"*.csv", "a.csv", true},
    {"*.csv", ".csv", true},
    {"*.csv", "a.CSV", false},
    {"*.csv", "a.csv.gz", false},
    {"*", "", true},
    {"", "", true},
    {"", "a", false},
    {"?", "", false},
    {"?", "\xc3\xa9", true},
    {"??", "\xc3\xa9", false},
    {"a*b*c", "abcbc", true},
    {"a*b*c", "acb", false},
    {"*.nii*", "x.nii.gz", true},
    {"**", "x", true},
    {"a*", "a\nb", true},
    {"?", "\n", true},
    {"[abc]", "b", true},
    {"[abc]", "d", false},
    {"[!abc]", "d", true},
    {"[!abc]", "a", false},
    {"[!abc]", "", false},
    {"[a-c]x", "bx", true},
    {"[a-c]", "-", false},
    {"[a-]", "-", true},
    {"[-a]", "-", true},
    {"[--a]", "0", true},
    {"[a-c-e]", "-", true},
    {"[a-c-e]", "d", false},
    {"[a-c-e]", "e", true},
    {"[c-a]", "b", false},
    {"[c-a]", "c", false},
    {"[!c-a]", "b", true},
    {"[]]", "]", true},
    {"[]a]", "a", true},
    {"[!]]", "]", false},
    {"[!]]", "x", true},
    {"[]", "[]", true},
    {"[!]", "[!]", true},
    {"[", "[", true},
    {"[a", "[a", true},
    {"a[", "a[", true},
    {"x[*", "x[yz", true},
    {"[[]", "[", true},
    {"[^a]", "^", true},
    {"[^a]", "b", false},
    {"\\*", "\\x", true},
    {"\\*", "*", false},
    {"[\\]", "\\", true},
    {"[*]", "*", true},
    {"[*]", "x", false},
    {"[?]", "?", true},
    {"[\xc3\xa0-\xc3\xaf]", "\xc3\xa9", true},
    {"[\xc3\xa0-\xc3\xaf]", "\xc3\xb1", false},
    {"?.txt", "\xff.txt", true}, /* a byte that is no UTF-8 */
    {"\xff", "\xff", true},
    {"\xff", "\xfe", false},
    {"[!a].dcm", "1.dcm", true},
    {"*[0-9].dcm", "IM-0001.dcm", true},
    {"*[0-9].dcm", "IM-000x.dcm", false},
};

Test(glob, as_python)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		cr_expect_eq(glob_match(str_of(table[i].pattern), str_of(table[i].name)), table[i].match,
		    "'%s' '%s'", table[i].pattern, table[i].name);
}

/* The definition, tried every way. */
static bool naive(const char *p, const char *s)
{
	if (*p == '*')
		return naive(p + 1, s) || (*s && naive(p, s + 1));
	if (!*p || !*s)
		return !*p && !*s;
	return (*p == '?' || *p == *s) && naive(p + 1, s + 1);
}

Test(glob, stars_at_random)
{
	size_t hits = 0;

	srand(3);
	for (int i = 0; i < 200000; i++) {
		char p[8] = {0}, s[10] = {0};

		for (int k = rand() % 8; k-- > 0;)
			p[k] = "ab*?**"[rand() % 6];
		for (int k = rand() % 10; k-- > 0;)
			s[k] = "ab"[rand() % 2];
		cr_assert_eq(glob_match(str_of(p), str_of(s)), naive(p, s), "'%s' '%s'", p, s);
		hits += naive(p, s);
	}
	cr_assert_gt(hits, 10000);
}

/* Takes for ever when every star is tried again. */
Test(glob, many_stars, .timeout = 10)
{
	char name[5001] = {0};

	memset(name, 'a', 5000);
	cr_assert_not(glob_match(STR("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab"), str_of(name)));
}
