/* SPDX-License-Identifier: MIT */
/*
 * Encapsulated pixel data, PS3.5 section A.4: which fragments make up which frame, and the same for what is
 * written: one fragment a frame, with the offset tables that the file had.
 */
#ifndef DICOM_FRAGMENTS_H
#define DICOM_FRAGMENTS_H

#include "plugins/dicom/record.h"

#define TAG_EXTENDED_OFFSETS 0x7FE00001u
#define TAG_EXTENDED_LENGTHS 0x7FE00002u
#define TAG_TOTAL_LENGTH 0x7FE00003u

struct fragment {
	uint64_t off, len; /* of its bytes, in the data set */
};

struct fragments {
	struct fragment *list;
	size_t n;
	uint32_t frames;
	size_t *first;      /* of each frame, and n at the end */
	bool basic;         /* there is a Basic Offset Table that is not empty */
	uint64_t basic_off; /* its bytes */
	uint64_t basic_len;
};

/* Reads the item headers of the element and deals the fragments out to `frames` frames; fails where that is
 * not certain. Memory of the job. */
int fragments_read(struct record *, uint32_t node, uint32_t frames, struct fragments *, struct deid_error *);
/* The fragments of a frame in one piece; *p is good until the next call with the same buffer. */
int fragments_frame(
    struct record *, const struct fragments *, uint32_t frame, struct buf *, struct deid_error *);

/* New pixel data, in a spool. */
struct fragments_out {
	struct record *r;
	const struct fragments *in;
	struct deid_sink *spool;
	uint64_t base;    /* where the first frame's item begins */
	uint64_t *offset; /* of each frame's item, from base */
	uint64_t *length; /* of its bytes, padding included */
	uint32_t n;
	unsigned padding; /* of the latest frame: 0 or 1 */
};

int fragments_out_begin(
    struct fragments_out *, struct record *, const struct fragments *, struct deid_error *);
/* The bytes of a frame go to out->spool between these two. */
int fragments_out_open(struct fragments_out *, struct deid_error *);
int fragments_out_close(struct fragments_out *, struct deid_error *);
/* Ends the element, writes the tables, and gives what is to stand in its place. */
int fragments_out_end(struct fragments_out *, uint32_t node, struct deid_error *);

#endif
