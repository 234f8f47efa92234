/* SPDX-License-Identifier: MIT */
/*
 * Text encodings of files whose structure is ASCII: UTF-8, and any of one byte a character that has ASCII
 * in its lower half (ISO 8859, Windows code pages, KOI8 …). Made at profile time, constant afterwards.
 */
#ifndef DEID_PLUGINS_COMMON_CHARSET_H
#define DEID_PLUGINS_COMMON_CHARSET_H

#include "core/util/str.h"

#define CHARSET_NONE UINT32_MAX

struct charset {
	bool utf8;
	uint32_t cp[256]; /* of each byte; CHARSET_NONE: no character */
};

/* By any name that iconv knows, and Python's (latin-1, utf_8). False: unknown, or not of this kind. */
bool charset_init(struct charset *, struct deid_str name);
/* Whether the bytes are text of this encoding. */
bool charset_valid(const struct charset *, struct deid_str bytes);
/* Turns valid bytes into UTF-8: in place where nothing changes, else in scratch. False when memory is spent.
 */
bool charset_decode(const struct charset *, struct deid_str *text, struct buf *scratch);
/* UTF-8 into bytes of this encoding, likewise. *fits = false: it has no such character. */
bool charset_encode(const struct charset *, struct deid_str *text, struct buf *scratch, bool *fits);
/* Why the head of a file shows that it is no text of this encoding (UTF-16); NULL: it does not show that. */
const char *charset_foreign(struct deid_str head);
/* Bytes of the byte order mark at the head: 3 or 0. */
size_t charset_mark(const struct charset *, struct deid_str head);

#endif
