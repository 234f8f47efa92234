/* SPDX-License-Identifier: MIT */
/*
 * Growing an array:
 *
 *	struct item *p = grow(list->item, &list->cap, list->n + 1, sizeof(*p));
 *	if (!p)
 *		return false; // list->item is as it was
 *	list->item = p;
 */
#ifndef DEID_UTIL_GROW_H
#define DEID_UTIL_GROW_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* The array p (NULL at first) with room for at least `need` elements of `size` bytes; *cap is its room in
 * elements and grows by half at least, so that adding one by one costs constant time each. NULL, and nothing
 * changed, when memory is spent. */
static inline void *grow(void *p, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap, bytes;
	void *q;

	if (p && need <= n)
		return p;
	n = n < SIZE_MAX / 2 ? n + n / 2 + 8 : need;
	if (n < need)
		n = need;
	if (__builtin_mul_overflow(n, size, &bytes) || bytes > PTRDIFF_MAX)
		return NULL;
	q = realloc(p, bytes);
	if (q)
		*cap = n;
	return q;
}

#endif
