/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_PNG_MASK_H
#define IMAGE_PNG_MASK_H

#include "plugins/image/png.h"

/* Refuses what `mask` cannot be carried out on: animations. */
int png_mask_check(struct png *, struct deid_error *);
/* A splice_writer for the IDAT chunks; arg is the struct png. Needs memory for a few rows only. */
int png_mask_write(void *arg, struct deid_sink *, struct deid_error *);

#endif
