/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648, section 4): the standard alphabet, padded, without line breaks. */
#ifndef DEID_UTIL_BASE64_H
#define DEID_UTIL_BASE64_H

#include <deid/plugin.h>

#define BASE64_SIZE(n) (((n) + 2) / 3 * 4) /* of the text for n bytes */
#define BASE64_ROOM(n) ((n) / 4 * 3)       /* for the bytes of a text of n characters */

/* Writes BASE64_SIZE(n) characters. */
void base64_encode(const void *p, size_t n, char *out);
/* The whole of the text, or false: other characters, missing padding, and bits set that no byte uses (so that
 * each value has one spelling). out has BASE64_ROOM(text.n) bytes. */
bool base64_decode(struct deid_str text, void *out, size_t *n);

#endif
