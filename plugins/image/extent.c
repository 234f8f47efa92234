/* SPDX-License-Identifier: MIT */
#include "plugins/image/extent.h"
#include "core/util/grow.h"
#include <string.h>

void extents_free(struct extents *s)
{
	free(s->e);
	*s = (struct extents){0};
}

static int compare(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

void extents_settle(struct extents *s)
{
	size_t n = 0;

	if (s->sorted || !s->n)
		return;
	qsort(s->e, s->n, sizeof *s->e, compare);
	for (size_t i = 0; i < s->n; i++) {
		if (n && s->e[i].off <= s->e[n - 1].end) {
			if (s->e[n - 1].end < s->e[i].end)
				s->e[n - 1].end = s->e[i].end;
		} else {
			s->e[n++] = s->e[i];
		}
	}
	s->n = n;
	s->sorted = true;
}

bool extents_add(struct extents *s, uint64_t off, uint64_t len)
{
	struct extent *last = s->n ? &s->e[s->n - 1] : NULL, *p;

	if (!len)
		return true;
	/* Image data mostly lies in a row: then there is one stretch, however many tiles there are. */
	if (last && off == last->end) {
		last->end += len;
		return true;
	}
	if (s->n == s->cap && s->n > 64 && !s->sorted) {
		extents_settle(s);
		/* A set that shrank by little would be sorted again all the time. */
		if (s->n < s->cap / 2)
			return extents_add(s, off, len);
		last = &s->e[s->n - 1];
	}
	p = grow(s->e, &s->cap, s->n + 1, sizeof *p);
	if (!p)
		return false;
	s->e = p;
	s->sorted = s->n == 0 || (s->sorted && off > p[s->n - 1].end);
	s->e[s->n++] = (struct extent){off, off + len};
	return true;
}

size_t extents_after(const struct extents *s, uint64_t off)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->e[mid].end > off)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

bool extents_touch(const struct extents *s, uint64_t off, uint64_t len, uint64_t *where)
{
	size_t i = extents_after(s, off);

	if (!len || i == s->n)
		return false;
	if (s->e[i].off > off && s->e[i].off - off >= len)
		return false;
	*where = s->e[i].off > off ? s->e[i].off : off;
	return true;
}
