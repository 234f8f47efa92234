/* SPDX-License-Identifier: MIT */
/* What folders between a named folder and its files are called below the output folder. */
#ifndef DEID_ENGINE_FOLDERNAME_H
#define DEID_ENGINE_FOLDERNAME_H

#include "core/engine/run.h"

/* Adds to out the path for `from`: each component made safe (keep), its hash (16 digits of SHA-256 of salt
 * and name), or nothing (flat). False when memory is spent. */
bool folder_name(enum folder_names, struct deid_str from, struct deid_str salt, struct buf *out);

#endif
