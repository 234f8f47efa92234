/* SPDX-License-Identifier: MIT */
#include <config.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/profile/regex.h"
#include "core/util/str.h"
#include <pcre2.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* A name that takes more is no name: the file fails. */
#define STEPS_MAX 1000000u
#define DEPTH_MAX 10000u
#define HEAP_MAX 16384u /* KiB */

/* Working memory of a match, kept from one call to the next; a thread takes it and puts it back. */
struct spare {
	_Atomic(pcre2_match_data *) data;
};

struct regex {
	pcre2_code *code;
	pcre2_match_context *limits;
	struct spare *spare;
};

static bool prepare(struct regex *re)
{
	re->spare = calloc(1, sizeof *re->spare);
	re->limits = pcre2_match_context_create(NULL);
	if (!re->spare || !re->limits)
		return false;
	pcre2_set_match_limit(re->limits, STEPS_MAX);
	pcre2_set_depth_limit(re->limits, DEPTH_MAX);
	pcre2_set_heap_limit(re->limits, HEAP_MAX);
	return true;
}

struct regex *regex_new(struct deid_str pattern, size_t *offset, char *msg, size_t msgsize)
{
	/* \C splits characters; UCP gives \w and \d the meaning that Python gives them. */
	const uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED | PCRE2_NEVER_BACKSLASH_C;
	struct regex *re = calloc(1, sizeof *re);
	int code = 0;
	PCRE2_SIZE at = 0;

	*offset = 0;
	if (re)
		re->code = pcre2_compile(
		    (PCRE2_SPTR)(pattern.p ? pattern.p : ""), pattern.n, options, &code, &at, NULL);
	if (!re || (!re->code && code == PCRE2_ERROR_NOMEMORY) || (re->code && !prepare(re))) {
		snprintf(msg, msgsize, "no memory");
		regex_free(re);
		return NULL;
	}
	if (!re->code) {
		*offset = at;
		pcre2_get_error_message(code, (PCRE2_UCHAR *)msg, msgsize);
		regex_free(re);
		return NULL;
	}
	pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE); /* without it matching is slower, no more */
	return re;
}

void regex_free(struct regex *re)
{
	if (!re)
		return;
	if (re->spare)
		pcre2_match_data_free(atomic_load(&re->spare->data));
	free(re->spare);
	pcre2_match_context_free(re->limits);
	pcre2_code_free(re->code);
	free(re);
}

static int match_error(int rc, struct deid_error *err)
{
	switch (rc) {
	case PCRE2_ERROR_MATCHLIMIT:
	case PCRE2_ERROR_DEPTHLIMIT:
	case PCRE2_ERROR_HEAPLIMIT:
		return error_fail(
		    err, DEID_FAILED, DEID_E_LIMIT, "a regular expression takes too many steps");
	case PCRE2_ERROR_NOMEMORY:
		return error_nomem(err);
	default:
		if (rc <= PCRE2_ERROR_UTF8_ERR1 && rc >= PCRE2_ERROR_UTF8_ERR21)
			return error_fail(err, DEID_FAILED, DEID_E_FORMAT, "not UTF-8");
		return error_fail(
		    err, DEID_FAILED, DEID_E_INTERNAL, "a regular expression failed (code %d)", rc);
	}
}

/* Takes the spare match data; the caller puts it back. */
static int match(const struct regex *re, struct deid_str text, pcre2_match_data **out, struct deid_error *err)
{
	pcre2_match_data *md = atomic_exchange(&re->spare->data, NULL);
	PCRE2_SPTR p = (PCRE2_SPTR)(text.p ? text.p : "");
	int rc;

	if (!md)
		md = pcre2_match_data_create_from_pattern(re->code, NULL);
	*out = md;
	if (!md)
		return error_nomem(err);
	rc = pcre2_match(re->code, p, text.n, 0, 0, md, re->limits);
	/* The machine's stack was too small for JIT code; the interpreter uses the heap, within its limit. */
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(re->code, p, text.n, 0, PCRE2_NO_JIT, md, re->limits);
	if (rc >= 0)
		return 1;
	return rc == PCRE2_ERROR_NOMATCH ? 0 : match_error(rc, err);
}

static void put_back(const struct regex *re, pcre2_match_data *md)
{
	pcre2_match_data_free(atomic_exchange(&re->spare->data, md));
}

int regex_match(const struct regex *re, struct deid_str text, size_t *end, struct deid_error *err)
{
	pcre2_match_data *md;
	int rc = match(re, text, &md, err);

	if (rc == 1 && end)
		*end = pcre2_get_ovector_pointer(md)[1];
	put_back(re, md);
	return rc;
}

size_t regex_groups(const struct regex *re)
{
	uint32_t n = 0;

	pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &n);
	return n;
}

/* An entry of the table is the group's number in two bytes, and the name with a NUL (pcre2api(3)). */
struct names {
	PCRE2_SPTR entry;
	uint32_t n, size;
};

static struct names names_of(const struct regex *re)
{
	struct names t = {0};

	pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &t.n);
	pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &t.size);
	pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &t.entry);
	return t;
}

static size_t number_of(PCRE2_SPTR entry)
{
	return (size_t)entry[0] << 8 | entry[1];
}

size_t regex_group(const struct regex *re, struct deid_str name)
{
	struct names t = names_of(re);

	for (; t.n; t.n--, t.entry += t.size)
		if (str_eqz(name, (const char *)t.entry + 2))
			return number_of(t.entry);
	return 0;
}

struct deid_str regex_group_name(const struct regex *re, size_t i)
{
	struct names t = names_of(re);

	for (; t.n; t.n--, t.entry += t.size)
		if (number_of(t.entry) == i)
			return str_of((const char *)t.entry + 2);
	return (struct deid_str){"", 0};
}

int regex_capture(
    const struct regex *re, struct deid_str text, struct deid_str *capture, struct deid_error *err)
{
	pcre2_match_data *md;
	int rc = match(re, text, &md, err);
	size_t n = regex_groups(re) + 1;

	for (size_t i = 0; rc == 1 && i < n; i++) {
		const size_t *at = pcre2_get_ovector_pointer(md) + 2 * i;

		capture[i] = (struct deid_str){NULL, 0};
		/* \K in a look-around can make an end that lies before the beginning. */
		if (i < pcre2_get_ovector_count(md) && at[0] != PCRE2_UNSET && at[0] <= at[1])
			capture[i] = (struct deid_str){(text.p ? text.p : "") + at[0], at[1] - at[0]};
	}
	put_back(re, md);
	return rc;
}
