/* SPDX-License-Identifier: MIT */
/* The delimiter of a file of keys and values: a regular expression whose first match, not empty, splits a
 * line. Constant once made, and shared by threads. */
#ifndef DEID_PLUGINS_KV_SPLIT_H
#define DEID_PLUGINS_KV_SPLIT_H

#include "core/util/str.h"

struct splitter;
struct split_state; /* of one thread */

/* NULL: *why says what is wrong with the expression (256 bytes), "" when memory is spent. */
struct splitter *splitter_new(struct deid_str pattern, char why[256]);
void splitter_free(struct splitter *);
struct split_state *split_open(const struct splitter *); /* NULL when memory is spent */
void split_close(struct split_state *);
/* Where the delimiter begins and ends in a line of valid UTF-8. 1 found, 0 not, -1 a limit was hit. */
int split_line(struct split_state *, struct deid_str line, size_t *from, size_t *to);
/* A delimiter to write where no line shows one: the pattern itself or a usual one. n = 0: none matches. */
struct deid_str split_sample(struct split_state *);

#endif
