/* SPDX-License-Identifier: MIT */
/* The image that a file's header describes, as the file came: PS3.3 sections C.7.6.3 and C.7.6.6. */
#ifndef DICOM_IMAGE_H
#define DICOM_IMAGE_H

#include "plugins/dicom/pixel.h"
#include "plugins/dicom/record.h"

/* The first element of the data set with this tag, as the file came; NODE_NONE: there is none. */
uint32_t image_node(const struct record *, uint32_t tag);
/* An unsigned or signed number of two bytes; false when there is none, *rc says whether that is an error. */
bool image_number(struct record *, uint32_t tag, uint16_t *out, int *rc, struct deid_error *);
/* The number of an IS element, at least 1; 1 when there is none. */
int image_count(struct record *, uint32_t tag, uint32_t *out, struct deid_error *);
/* Names the element in the error, with its offset. */
int image_fail(struct record *, uint32_t node, enum deid_code, const char *why, struct deid_error *);

/* Describes the image whose pixels are in `node`, with black and without region. */
int image_read(struct record *, uint32_t node, struct pixel_image *, struct deid_error *);

/* ---- palette.c ---- */
/* The index of the darkest entry of the colour table: PS3.3 section C.7.6.3.1.5. */
int palette_black(struct record *, struct pixel_image *, struct deid_error *);

#endif
