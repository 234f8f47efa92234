/* SPDX-License-Identifier: MIT */
/*
 * Native pixel data and overlays with parts of them black: what stays is copied, what goes black is not even
 * read. Constant memory, whatever the number of frames.
 */
#ifndef DICOM_PAINT_H
#define DICOM_PAINT_H

#include "plugins/dicom/pixel.h"

#define PAINT_DOT_MAX 32u /* four samples of 64 bits */

struct paint {
	const struct deid_host *host;
	struct deid_job *job;
	struct deid_source *source;
	uint64_t off, size; /* of the value in the source; what follows the last plane is copied */
	uint32_t width, height;
	uint64_t planes; /* of all frames, one behind the other without padding */
	unsigned dot;    /* bytes of a pixel in a plane; 0: one bit, the lowest of a byte first */
	unsigned nblack; /* planes of a frame: plane i has the colour i % nblack */
	unsigned swap;   /* the bytes of each unit of this many stand in reverse order; 0: they do not */
	uint8_t black[PIXEL_SAMPLES_MAX][PAINT_DOT_MAX];
	const struct region *region; /* in dots */
	struct region own;           /* region may point here; freed by the owner */
};

/* The layout of an image's native cells: `unit` is the size of the VR's words, `big` their order. Sets all
 * but source, off, size. *need is the number of bytes that the cells take, without padding. False: no memory.
 */
bool paint_image(struct paint *, const struct pixel_image *, unsigned unit, bool big, uint64_t *need);
/* A plane of bits, `frames` times; the masks as for region_make(). */
bool paint_bits(struct paint *, const struct region_mask *, size_t n, int64_t left, int64_t top,
    uint32_t width, uint32_t height, uint32_t frames, uint64_t *need);
/* A splice_writer; arg is a struct paint. */
int paint_write(void *arg, struct deid_sink *, struct deid_error *);
/* One frame in memory: little endian, as codec_decode() gives it. */
void paint_cells(const struct pixel_image *, uint8_t *cells);

#endif
