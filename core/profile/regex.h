/* SPDX-License-Identifier: MIT */
/*
 * Regular expressions: PCRE2 in UTF mode with Python's (?P<name>…), matched as re.match does, at the start
 * of the text, with limits on steps, depth and heap; JIT where there is one. A compiled expression is
 * constant and shared by threads.
 */
#ifndef DEID_PROFILE_REGEX_H
#define DEID_PROFILE_REGEX_H

#include "core/util/error.h"
#include <deid/plugin.h>

struct regex;

/* On failure *offset is where in the pattern and the message says why (msg must hold >= 256 bytes). */
struct regex *regex_new(struct deid_str pattern, size_t *offset, char *msg, size_t msgsize);
void regex_free(struct regex *);
/* 1 match, 0 none, else DEID_FAILED with DEID_E_LIMIT (a bound was hit) or DEID_E_NOMEM. `end` may be NULL;
 * else it is where the match ends. */
int regex_match(const struct regex *, struct deid_str text, size_t *end, struct deid_error *);

/* How many capturing groups there are, and the number of the one with this name (from 1); 0: there is none.
 */
size_t regex_groups(const struct regex *);
size_t regex_group(const struct regex *, struct deid_str name);
struct deid_str regex_group_name(const struct regex *, size_t i); /* n = 0: it has none */
/* As regex_match(), and on a match capture[0] is the whole of it and capture[i] group i, as parts of text; a
 * group that took no part has p = NULL. capture has regex_groups() + 1 elements. */
int regex_capture(const struct regex *, struct deid_str text, struct deid_str *capture, struct deid_error *);

#endif
