/* SPDX-License-Identifier: MIT */
#include "plugins/kv/split.h"

#include <stdlib.h>
#include <string.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Enough for any sane delimiter on a line of 1 MiB; what needs more fails the file. */
#define STEPS_MAX 10000000
#define DEPTH_MAX 10000
#define HEAP_MAX 8192 /* KiB */

struct splitter {
	pcre2_code *code;
	pcre2_match_context *limits;
	struct deid_str pattern;
};

struct split_state {
	const struct splitter *own;
	pcre2_match_data *data;
};

struct splitter *splitter_new(struct deid_str pattern, char why[256])
{
	struct splitter *s = calloc(1, sizeof(*s) + pattern.n + 1);
	PCRE2_SIZE at;
	int code = 0;

	why[0] = '\0';
	if (!s)
		return NULL;
	if (pattern.n)
		memcpy(s + 1, pattern.p, pattern.n);
	s->pattern = (struct deid_str){(char *)(s + 1), pattern.n};
	s->code = pcre2_compile((PCRE2_SPTR)s->pattern.p, pattern.n,
	    PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
	if (!s->code && code != PCRE2_ERROR_NOMEMORY)
		pcre2_get_error_message(code, (PCRE2_UCHAR *)why, 256);
	s->limits = pcre2_match_context_create(NULL);
	if (!s->code || !s->limits) {
		splitter_free(s);
		return NULL;
	}
	pcre2_set_match_limit(s->limits, STEPS_MAX);
	pcre2_set_depth_limit(s->limits, DEPTH_MAX);
	pcre2_set_heap_limit(s->limits, HEAP_MAX);
	pcre2_jit_compile(s->code, PCRE2_JIT_COMPLETE); /* without it matching is slower, no more */
	return s;
}

void splitter_free(struct splitter *s)
{
	if (!s)
		return;
	pcre2_match_context_free(s->limits);
	pcre2_code_free(s->code);
	free(s);
}

struct split_state *split_open(const struct splitter *own)
{
	struct split_state *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->own = own;
	s->data = pcre2_match_data_create(1, NULL);
	if (!s->data) {
		free(s);
		return NULL;
	}
	return s;
}

void split_close(struct split_state *s)
{
	if (!s)
		return;
	pcre2_match_data_free(s->data);
	free(s);
}

int split_line(struct split_state *s, struct deid_str line, size_t *from, size_t *to)
{
	const uint32_t how = PCRE2_NOTEMPTY | PCRE2_NO_UTF_CHECK;
	PCRE2_SPTR p = (PCRE2_SPTR)(line.p ? line.p : "");
	int rc = pcre2_match(s->own->code, p, line.n, 0, how, s->data, s->own->limits);
	PCRE2_SIZE *range;

	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(s->own->code, p, line.n, 0, how | PCRE2_NO_JIT, s->data, s->own->limits);
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc < 0)
		return -1;
	range = pcre2_get_ovector_pointer(s->data);
	*from = range[0];
	*to = range[1];
	/* \K can put the start behind the end. */
	return *from < *to ? 1 : 0;
}

struct deid_str split_sample(struct split_state *s)
{
	static const char *const usual[] = {" = ", "=", ": ", ":", "\t", ",", ";", "|", " ", NULL};
	size_t from, to;

	if (split_line(s, s->own->pattern, &from, &to) == 1 && from == 0 && to == s->own->pattern.n)
		return s->own->pattern;
	for (const char *const *u = usual; *u; u++)
		if (split_line(s, str_of(*u), &from, &to) == 1 && from == 0 && to == strlen(*u))
			return str_of(*u);
	return (struct deid_str){"", 0};
}
