/* SPDX-License-Identifier: MIT */
/*
 * Which pixels of an image are masked: rectangles of a profile, put together for one image.
 *
 * A mask takes away what is inside its boxes, or, with `keep`, what is outside all of them. Several masks
 * add up: a pixel is masked when one of them takes it away.
 */
#ifndef DEID_COMMON_REGION_H
#define DEID_COMMON_REGION_H

#include <deid/plugin.h>

/* Half-open: x0 <= x < x1. From the upper left corner, x to the right. */
struct region_box {
	int64_t x0, y0, x1, y1;
};

struct region_mask {
	struct region_box *box;
	size_t n;
	bool keep;
};

/*
 * Boxes that do not overlap and lie inside of the image, sorted by y0, then x0. Boxes with one y0 have one y1
 * too (a band), and do not touch each other. n = 0: nothing is masked.
 */
struct region {
	struct region_box *box;
	size_t n, cap;
};

/* The pixels of a plane of width x height that the masks take away. The plane's upper left corner is at
 * (left, top) of what the masks were written for. False when memory is spent. */
bool region_make(struct region *, const struct region_mask *, size_t nmask, int64_t left, int64_t top,
    uint32_t width, uint32_t height);
void region_free(struct region *);

/* The boxes of `remove` or `keep` in a profile: [x0, y0, x1, y1], or a list of such. What is wrong with them
 * goes to complain(), and then nothing is left to free. Else freed with region_mask_free(). */
int region_read(
    const struct deid_host *, const struct deid_node *, struct region_mask *, struct deid_error *);
/* A mapping with either `remove` or `keep`, as above. `what` names it in messages. */
int region_read_mask(const struct deid_host *, const struct deid_node *, const char *what,
    struct region_mask *, struct deid_error *);
void region_mask_free(struct region_mask *);

#endif
