/* SPDX-License-Identifier: MIT */
/* Upper and lower case of UTF-8 text, by tables of our own: the C library's depend on the locale and its
 * version, and one input gives the same bytes on every machine. */
#ifndef DEID_PROFILE_CASING_H
#define DEID_PROFILE_CASING_H

#include "core/util/str.h"

/* Adds text to out, changed as Unicode says (ß becomes SS; a Σ that ends a word becomes ς). Bytes that are
 * not UTF-8 stay. False when memory is spent. */
bool case_upper(struct deid_str text, struct buf *out);
bool case_lower(struct deid_str text, struct buf *out);

#endif
