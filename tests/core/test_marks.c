/* SPDX-License-Identifier: MIT */
/* Built twice: as the processor has it, and with DEID_MARKS_PLAIN as every processor could do it. */
#include "core/util/marks.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static unsigned next_random(unsigned *state)
{
	*state = *state * 1103515245u + 12345u;
	return *state >> 16;
}

static bool is_mark(const unsigned char set[4], char c)
{
	unsigned char u = (unsigned char)c;

	return u == set[0] || u == set[1] || u == set[2] || u == set[3];
}

/* The text ends where its memory does, so that a sanitizer sees a byte too much. */
static void check(const char *text, size_t n, const unsigned char set[4])
{
	char *copy = malloc(n ? n : 1);
	struct marks m = {.text = {copy, n}, .set = {set[0], set[1], set[2], set[3]}};
	size_t i = 0;
	bool ascii = true;

	cr_assert(copy);
	if (n)
		memcpy(copy, text, n);
	marks_begin(&m);
	for (;; i++) {
		size_t at = marks_next(&m);

		for (; i < n && !is_mark(set, copy[i]); i++)
			ascii = ascii && (unsigned char)copy[i] < 0x80;
		cr_assert_eq(at, i);
		cr_assert_eq(marks_ascii(&m, at), ascii, "%zu of %zu", at, n);
		if (i == n)
			break;
		ascii = ascii && (unsigned char)copy[i] < 0x80;
	}
	free(copy);
}

Test(marks, every_byte_as_a_mark)
{
	char text[512];

	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = (char)(i & 0xff);
	for (unsigned c = 0; c < 256; c++) {
		const unsigned char set[4] = {
		    (unsigned char)c, '\n', (unsigned char)c, (unsigned char)(c ^ 0x80)};

		check(text, sizeof(text), set);
		check(text, c, set);
	}
}

Test(marks, every_length_and_place)
{
	static const unsigned char set[4] = {',', '\n', '\r', '"'};
	char text[200];

	for (size_t n = 0; n <= sizeof(text); n++) {
		memset(text, 'x', n);
		check(text, n, set);
		for (size_t at = 0; at < n; at++) {
			memset(text, 'x', n);
			text[at] = '"';
			check(text, n, set);
			text[at] = (char)0xe9;
			check(text, n, set);
		}
	}
}

Test(marks, at_random)
{
	static const char alphabet[] = "ab,\n\r\"\x7f\x80\xff\x2d\xac\x8a";
	static const unsigned char set[4] = {',', '\n', '\r', '"'};
	unsigned state = 1;

	for (int round = 0; round < 2000; round++) {
		char text[300];
		size_t n = next_random(&state) % sizeof(text);
		unsigned few = next_random(&state) % 3 ? 2 : sizeof(alphabet);

		for (size_t i = 0; i < n; i++)
			text[i] = alphabet[next_random(&state) %
					   (next_random(&state) % 20 ? few : sizeof(alphabet))];
		check(text, n, set);
	}
}
