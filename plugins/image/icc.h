/* SPDX-License-Identifier: MIT */
/* ICC profiles (ICC.1): the colour data without texts. */
#ifndef IMAGE_ICC_H
#define IMAGE_ICC_H

#include "core/util/str.h"

#define ICC_MAX ((size_t)16 << 20)

/*
 * The profile with nothing in it but what colours are computed from: header without date, maker, model and
 * identifier, the tags of colour, an empty description and copyright (which the standard demands). False: the
 * bytes are no profile that could be read, or no memory; no colour can be had from them.
 */
bool icc_blank(struct deid_str bytes, struct buf *out);

#endif
