/* SPDX-License-Identifier: MIT */
#include "core/engine/host.h"
#include "core/engine/match.h"
#include "core/io/source.h"

#include <criterion/criterion.h>
#include <string.h>

/* Claims by the first byte: a digit is the score in tens. */
static int claim_first(
    const struct deid_host *host, struct deid_source *src, int *score, struct deid_error *err)
{
	const void *p;
	size_t got;
	int rc = host->src_peek(src, 0, 1, &p, &got, err);
	*score = rc == DEID_OK && got ? (*(const char *)p - '0') * 10 : DEID_CLAIM_NO;
	return rc;
}

static int claim_never(
    const struct deid_host *host, struct deid_source *src, int *score, struct deid_error *err)
{
	(void)host, (void)src, (void)err;
	*score = DEID_CLAIM_NO;
	return DEID_OK;
}

static int claim_guess(
    const struct deid_host *host, struct deid_source *src, int *score, struct deid_error *err)
{
	(void)host, (void)src, (void)err;
	*score = DEID_CLAIM_GUESS;
	return DEID_OK;
}

static int claim_fails(
    const struct deid_host *host, struct deid_source *src, int *score, struct deid_error *err)
{
	(void)src, (void)score;
	return host->fail(err, DEID_FAILED, DEID_E_IO, "broken disk");
}

static const struct deid_format first = {.claim = claim_first, .mark = "a digit"},
				never = {.claim = claim_never}, guess = {.claim = claim_guess},
				none = {.mark = NULL}, fails = {.claim = claim_fails};
static struct deid_str star_a = {"*.a", 3}, star = {"*", 1};

static const char *chosen(struct section *s, size_t n, const char *name, const char *content)
{
	struct profile p = {.section = s, .nsection = n};
	struct deid_source *src;
	struct deid_error err;
	const struct section *got = NULL;
	const char *why;
	error_init(&err);
	cr_assert_eq(source_open_mem(&src, content, strlen(content), &err), DEID_OK);
	int rc = match_section(&p, &host_services, str_of(name), src, &got, &why, &err);
	source_close(src);
	error_free(&err);
	return rc != DEID_OK ? "error" : got ? got->name : "unmatched";
}

Test(match, the_name_goes_first)
{
	struct section s[] = {{.name = "content", .format = &first},
	    {.name = "name", .format = &never, .filter = &star_a, .nfilter = 1}};
	cr_expect_str_eq(chosen(s, 2, "x.a", "9"), "name");
	cr_expect_str_eq(chosen(s, 2, "x.b", "9"), "content");
	cr_expect_str_eq(chosen(s, 2, "x.b", "0"), "unmatched");
	cr_expect_str_eq(chosen(s, 2, "x.b", ""), "unmatched");
}

Test(match, several_names_ask_the_content_then_the_order)
{
	struct section s[] = {{.name = "no", .format = &none, .filter = &star, .nfilter = 1},
	    {.name = "guess", .format = &guess, .filter = &star, .nfilter = 1},
	    {.name = "first", .format = &first, .filter = &star, .nfilter = 1}};
	cr_expect_str_eq(chosen(s, 3, "x", "9"), "first");
	cr_expect_str_eq(chosen(s, 3, "x", "5"), "guess");
	cr_expect_str_eq(chosen(s, 3, "x", "1"), "guess");
	s[1].format = &never;
	cr_expect_str_eq(chosen(s, 3, "x", "0"), "no");
}

Test(match, an_empty_filter_matches_nothing)
{
	struct section s[] = {{.name = "one", .format = &none}};
	cr_expect_str_eq(chosen(s, 1, "", "9"), "unmatched");
	cr_expect_str_eq(chosen(s, 0, "x", "9"), "unmatched");
}

Test(match, a_read_error_is_no_answer)
{
	struct section s[] = {{.name = "one", .format = &fails}};
	cr_expect_str_eq(chosen(s, 1, "x", "9"), "error");
}

Test(match, compressed_names_with_and_without_their_end)
{
	static struct deid_str gz = {"*.a.gz", 6};
	struct section s[] = {{.name = "one", .format = &never, .filter = &star_a, .nfilter = 1},
	    {.name = "two", .format = &first}},
		       with = {.name = "with", .format = &never, .filter = &gz, .nfilter = 1};
	struct deid_str inner;

	cr_expect_str_eq(chosen(s, 2, "x.a.gz", "9"), "one");
	cr_expect_str_eq(chosen(s, 2, "x.gz", "9"), "two");
	cr_expect_str_eq(chosen(s, 1, "x.agz", "9"), "unmatched");
	cr_expect_str_eq(chosen(&with, 1, "x.a.gz", "9"), "with");
	cr_expect_str_eq(chosen(&with, 1, "x.a", "9"), "unmatched");
	cr_expect(match_gzip(STR("x.a.gz"), &inner) && str_eqz(inner, "x.a"));
	cr_expect(!match_gzip(STR(".gz"), &inner) && str_eqz(inner, ".gz"));
	cr_expect(!match_gzip(STR("x.GZ"), &inner) && str_eqz(inner, "x.GZ"));
}

Test(match, the_mark_that_was_seen)
{
	struct section s[] = {{.name = "own", .format = &none}, {.name = "other", .format = &first}};
	struct profile p = {.section = s, .nsection = 2};
	struct deid_source *src;
	struct deid_error err;
	error_init(&err);
	cr_assert_eq(source_open_mem(&src, "9", 1, &err), DEID_OK);
	cr_expect_eq(match_mark(&p, &host_services, &s[0], src), &s[1]);
	cr_expect_null(match_mark(&p, &host_services, &s[1], src));
	source_close(src);
	error_free(&err);
}
