/* SPDX-License-Identifier: MIT */
/* Sets of stretches of a file: which bytes are in use. */
#ifndef IMAGE_EXTENT_H
#define IMAGE_EXTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct extent {
	uint64_t off, end;
};

/* A zeroed struct is empty. */
struct extents {
	struct extent *e;
	size_t n, cap;
	bool sorted; /* and none touches the one before it */
};

void extents_free(struct extents *);
/* Adds [off, off + len), which may lie anywhere; neighbours become one. False: no memory. */
bool extents_add(struct extents *, uint64_t off, uint64_t len);
/* Sorts, and joins what touches or overlaps. */
void extents_settle(struct extents *);
/* Of a settled set: the first stretch that ends after off; n when there is none. */
size_t extents_after(const struct extents *, uint64_t off);
/* Of a settled set: whether it has any byte of [off, off + len); *where is the first. */
bool extents_touch(const struct extents *, uint64_t off, uint64_t len, uint64_t *where);

#endif
