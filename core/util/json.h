/* SPDX-License-Identifier: MIT */
/*
 * JSON (RFC 8259) as text: is this a value, and of which type; strings with their escapes. The texts are
 * UTF-8. New text is UTF-8 too; only what JSON demands is escaped.
 */
#ifndef DEID_UTIL_JSON_H
#define DEID_UTIL_JSON_H

#include "core/util/str.h"

enum json_type {
	JSON_NONE, /* the text is no value */
	JSON_NULL,
	JSON_BOOL,
	JSON_INT,
	JSON_REAL,
	JSON_STRING,
	JSON_LIST,
	JSON_OBJECT
};

/* Containers in containers that json_type_of() follows; a text with more is none. */
#define JSON_TYPE_DEPTH 512

/* The whole of the text, blanks around it allowed. */
enum json_type json_type_of(struct deid_str text);
/* Whether the whole of s is spelled as a number. */
bool json_is_number(struct deid_str s);
/* The text of a string without its quotes, valid and with escapes; half a surrogate pair becomes U+FFFD.
 * False when memory is spent. */
bool json_unescape(struct deid_str raw, struct buf *out);
/* With quotes and escapes. False when memory is spent. */
bool json_put_string(struct buf *, struct deid_str text);
/* An integer of any length from its decimal digits, with or without a sign: +007 becomes 7. */
bool json_put_int(struct buf *, struct deid_str digits);
/* A finite number as Python's json writes it: the shortest digits that give it again. */
bool json_put_real(struct buf *, double);

#endif
