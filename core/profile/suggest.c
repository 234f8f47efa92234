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

/* Letters added, dropped, replaced, and neighbours swapped, each counts one (optimal string alignment). */
static size_t distance(struct deid_str a, const char *b, size_t nb)
{
	size_t row[3][WORD_MAX + 1]; /* of a's letters so far: the last two, and the one in work */

	for (size_t j = 0; j <= nb; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			char x = fold(a.p[i - 1]);

			now[j] = min3(last[j - 1] + (x != b[j - 1]), last[j] + 1, now[j - 1] + 1);
			if (i > 1 && j > 1 && x == b[j - 2] && fold(a.p[i - 2]) == b[j - 1] &&
			    before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
	}
	return row[a.n % 3][nb];
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
