/* SPDX-License-Identifier: MIT */
#include "core/util/utf8.h"

#include <string.h>

size_t utf8_next(struct deid_str s, size_t i, uint32_t *cp)
{
	const unsigned char *b;
	size_t rest, n;
	uint32_t c, least;

	if (i >= s.n)
		return 0;
	b = (const unsigned char *)s.p + i;
	rest = s.n - i;
	c = b[0];
	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	if (c >= 0xc2 && c <= 0xdf)
		n = 2, c &= 0x1f, least = 0x80;
	else if ((c & 0xf0) == 0xe0)
		n = 3, c &= 0x0f, least = 0x800;
	else if (c >= 0xf0 && c <= 0xf4)
		n = 4, c &= 0x07, least = 0x10000;
	else
		return 0;
	if (rest < n)
		return 0;
	for (size_t k = 1; k < n; k++) {
		if ((b[k] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (b[k] & 0x3fu);
	}
	if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

size_t utf8_put(char out[4], uint32_t cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/* How many bytes from i on are ASCII for sure, in steps of eight. */
static size_t ascii_run(struct deid_str s, size_t i)
{
	size_t from = i;
	uint64_t word;

	for (; s.n - i >= 8; i += 8) {
		memcpy(&word, s.p + i, 8);
		if (word & 0x8080808080808080)
			break;
	}
	return i - from;
}

bool utf8_valid(struct deid_str s)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		size_t n = ascii_run(s, i);

		if (n == 0)
			n = utf8_next(s, i, &cp);
		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t utf8_count(struct deid_str s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.n; i++)
		count += !continues(s.p[i]);
	return count;
}

struct deid_str utf8_cut(struct deid_str s, size_t n)
{
	if (n >= s.n)
		return s;
	while (n && continues(s.p[n]))
		n--;
	return (struct deid_str){s.p, n};
}

struct deid_str utf8_first(struct deid_str s, size_t n)
{
	size_t i = 0;

	for (; i < s.n; i++)
		if (!continues(s.p[i]) && n-- == 0)
			break;
	return (struct deid_str){s.p, i};
}
