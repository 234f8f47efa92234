/* SPDX-License-Identifier: MIT */
/* RLE Lossless, PS3.5 annex G. */
#ifndef DICOM_RLE_H
#define DICOM_RLE_H

#include "plugins/dicom/pixel.h"

#define RLE_SYNTAX "1.2.840.10008.1.2.5"

/*
 * Appends the frame [off, off + len) of the source to `out`, masked. A row that nothing is taken from keeps
 * the very bytes it had, where its encoding begins and ends with it, as the standard demands. `work` has room
 * for rle_work() bytes.
 */
int rle_mask(const struct pixel_image *, struct deid_source *, uint64_t off, uint64_t len, uint8_t *work,
    struct deid_sink *out, struct deid_error *);
size_t rle_work(const struct pixel_image *);

#endif
