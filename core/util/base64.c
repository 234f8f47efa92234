/* SPDX-License-Identifier: MIT */
#include "core/util/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const void *p, size_t n, char *out)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)b[i] << 16;

		if (i + 1 < n)
			v |= (uint32_t)b[i + 1] << 8;
		if (i + 2 < n)
			v |= b[i + 2];
		*out++ = alphabet[v >> 18];
		*out++ = alphabet[v >> 12 & 63];
		*out++ = i + 1 < n ? alphabet[v >> 6 & 63] : '=';
		*out++ = i + 2 < n ? alphabet[v & 63] : '=';
	}
}

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(struct deid_str text, void *out, size_t *n)
{
	uint8_t *b = out;
	size_t pad = 0;

	*n = 0;
	if (text.n % 4)
		return false;
	while (pad < 2 && pad < text.n && text.p[text.n - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < text.n; i += 4) {
		size_t cut = i + 4 == text.n ? pad : 0;
		uint32_t v = 0;

		for (size_t k = 0; k < 4; k++) {
			int one = k + cut < 4 ? value_of(text.p[i + k]) : 0;

			if (one < 0)
				return false;
			v = v << 6 | (uint32_t)one;
		}
		if (v & ((1u << 8 * cut) - 1))
			return false;
		for (size_t k = 0; k < 3 - cut; k++)
			b[(*n)++] = (uint8_t)(v >> (16 - 8 * k));
	}
	return true;
}
