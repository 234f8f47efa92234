/* SPDX-License-Identifier: MIT */
/* Pixel data of a syntax that cannot be kept, written anew as Explicit VR Little Endian, masked
 * (`transcode`). */
#ifndef DICOM_TRANSCODE_H
#define DICOM_TRANSCODE_H

#include "plugins/dicom/fragments.h"
#include "plugins/dicom/pixel.h"

int transcode(struct record *, uint32_t node, struct codec *, const struct fragments *, struct deid_error *);

#endif
