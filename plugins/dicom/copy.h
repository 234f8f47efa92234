/* SPDX-License-Identifier: MIT */
/* Elements that go from one data set into another. */
#ifndef DICOM_COPY_H
#define DICOM_COPY_H

#include "plugins/dicom/record.h"

#define COPY_WAS (1u << 0)     /* as the file came, whatever rules did since */
#define COPY_LENIENT (1u << 1) /* a text that the character set lacks is left to scope_convert() */

/* The element as it would be written in the data set `at` of the other record, with all it holds; not yet
 * among its elements (added_link()). NULL: err says why. */
struct added *element_copy(struct record *from, struct element, struct record *to, struct place at,
    unsigned flags, struct deid_error *);

/* One step of the way from the top to a field: an item of a sequence. */
struct step {
	uint32_t tag;
	size_t item;
};
/* From a field's name in digits (deid_field.alt): the steps, in memory of the job, and their number. False:
 * no memory. */
bool way_parse(const struct record *, struct deid_str alt, struct step **, size_t *n);
/* Item number `item` of the sequence; missing ones are made. */
int way_item(struct record *, struct element sequence, size_t item, struct place *, struct deid_error *);

#endif
