/* SPDX-License-Identifier: MIT */
/* UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing past U+10FFFF. */
#ifndef DEID_UTIL_UTF8_H
#define DEID_UTIL_UTF8_H

#include <deid/plugin.h>

/* Decodes one code point of s at i; gives its length in bytes, 0 when the bytes are not UTF-8. */
size_t utf8_next(struct deid_str s, size_t i, uint32_t *cp);
/* Writes cp (a valid scalar value) to out; gives the length, 1 to 4. */
size_t utf8_put(char out[4], uint32_t cp);
bool utf8_valid(struct deid_str s);
/* Number of code points of valid UTF-8. */
size_t utf8_count(struct deid_str s);
/* The longest prefix of at most n bytes that does not cut a character. */
struct deid_str utf8_cut(struct deid_str s, size_t n);
/* The longest prefix of at most n characters. */
struct deid_str utf8_first(struct deid_str s, size_t n);

#endif
