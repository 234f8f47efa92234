/* SPDX-License-Identifier: MIT */
/* JSON text: what a token says, and new tokens. New text is UTF-8; only what JSON demands is escaped. */
#ifndef DEID_PLUGINS_JSON_TEXT_H
#define DEID_PLUGINS_JSON_TEXT_H

#include "core/util/str.h"

/* The text of a string token without its quotes, valid and with escapes; half a surrogate pair becomes
 * U+FFFD. False when memory is spent. */
bool json_unescape(struct deid_str raw, struct buf *out);
/* Whether the whole of s is spelled as a JSON number. */
bool json_is_number(struct deid_str s);

/* False when memory is spent. */
bool json_put_string(struct buf *, struct deid_str text);
/* A real number as Python's json writes it: the shortest digits that give it again. */
bool json_put_real(struct buf *, double);
/* A node of the profile with its types. Fails (false, *bad set) on what JSON cannot say: infinity and NaN,
 * or nodes nested more than 64 deep. */
bool json_put_node(struct buf *, const struct deid_host *, const struct deid_node *, const char **bad);

#endif
