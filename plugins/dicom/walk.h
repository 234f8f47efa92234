/* SPDX-License-Identifier: MIT */
/*
 * The element walker: reads headers, never values, and checks every length against what encloses it.
 *
 * Works on an explicit stack; sequences may nest WALK_DEPTH deep. What it demands: every element, item and
 * sequence is complete, delimiters stand where they belong. What it tolerates: any order, duplicates, odd
 * lengths, elements without VR in an explicit data set, unknown VRs. Elements of VR UN (or of none that
 * we know) that hold items from their first to their last byte are walked as sequences too; where that
 * fails they are opaque.
 *
 * A file that was cut is found out unless the cut is exactly between two elements at the top of the data
 * set: what is left then is a complete, shorter data set, and nothing in it says that there was more.
 */
#ifndef DICOM_WALK_H
#define DICOM_WALK_H

#include "plugins/dicom/tree.h"

#define WALK_DEPTH 64

/* An element's header, without regard to what is around it. */
struct walk_header {
	uint32_t tag;
	uint32_t len;   /* 0xFFFFFFFF: undefined */
	uint8_t vr;     /* enum vr; VR_NONE when the header has none */
	uint16_t flags; /* NODE_IMPLICIT, NODE_BIG, NODE_LONG, NODE_UN */
};

#define WALK_UNDEFINED 0xFFFFFFFFu

/* From the `n` bytes at p, in the syntax NODE_IN_…; false when they are too few for it. */
bool walk_header(const uint8_t *p, size_t n, unsigned syntax, struct walk_header *);

/* The file meta information (group 0002) of t->file from `at` on: appends its nodes and sets t->meta and
 * *end. Its group length is not relied upon. */
int walk_meta(struct tree *, uint64_t at, uint64_t *end, struct deid_error *);

/* The data set in t->data from `at` to the end in t->syntax: appends its nodes, sets t->end and t->trailing.
 */
int walk_data(struct tree *, uint64_t at, struct deid_error *);

#endif
