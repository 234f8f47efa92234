/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/suggest.h"
#include <string.h>

#define WORD_MAX 64 /* nothing that we know is longer */

void suggest_init(struct suggest *s, struct deid_str word)
{
	*s = (struct suggest){.word = word, .distance = SIZE_MAX};
}

static char fold(char c)
{
	return c == '_' ? '-' : c;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's, one row at a time. */
static size_t distance(struct deid_str a, const char *b, size_t nb)
{
	size_t row[WORD_MAX + 1];

	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 0; i < a.n; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < nb; j++) {
			size_t same = diagonal + (fold(a.p[i]) != b[j]);

			diagonal = row[j + 1];
			row[j + 1] = min3(same, row[j] + 1, diagonal + 1);
		}
	}
	return row[nb];
}

void suggest_try(struct suggest *s, const char *known)
{
	size_t n = strlen(known), longer = n > s->word.n ? n : s->word.n, d;

	if (longer > WORD_MAX)
		return;
	d = distance(s->word, known, n);
	if (d <= (longer > 4 ? 2u : 1u) && d < s->distance) {
		s->distance = d;
		s->best = known;
	}
}
