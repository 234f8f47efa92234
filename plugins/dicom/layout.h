/* SPDX-License-Identifier: MIT */
/* How the output differs from the input, as edits of spans. */
#ifndef DICOM_LAYOUT_H
#define DICOM_LAYOUT_H

#include "core/util/splice.h"
#include "plugins/dicom/record.h"

struct layout {
	struct record *r;
	struct splice meta, data; /* of the two sources; only `data` is used where they are one */
	struct deid_error *err;
	uint8_t *bytes; /* memory for what is written, taken from piece by piece */
	size_t left;
};

/* Fills both splices from the record's changes, with the lengths of what encloses them. Their memory is freed
 * with splice_free() also after a failure. */
int layout_make(struct layout *, struct record *, struct deid_error *);
/* The new elements at the top of the data set alone, as they are written: memory of the job, with room for
 * `more` bytes behind. */
int layout_added(struct record *, size_t more, struct deid_str *out, struct deid_error *);
/* PS3.3 section F.3.2.2: the records of a DICOMDIR name each other by offset in the file. After all else. */
int layout_directory(struct layout *);
/* Whether something around the node was removed, so that nothing of it is written. */
bool layout_dead(const struct record *, uint32_t node);
/* A new value for a number of four bytes that the node holds. */
int layout_number(struct layout *, uint32_t node, uint32_t value);

#endif
