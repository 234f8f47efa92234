/* SPDX-License-Identifier: MIT */
/* Names of outputs: made safe for any file system; profile language, sections 6 and 14. */
#ifndef DEID_PROFILE_FILENAME_H
#define DEID_PROFILE_FILENAME_H

#include "core/util/str.h"

/* One path component, never empty, never "." or "..": / \ : * ? " < > | and controls become "_" (the star of
 * "t2*", "t2 *", "t2_*", any case, becomes "star"), trailing dots and blanks are cut, reserved device names
 * get "_" after the stem, at most 255 bytes at a character boundary with the extension (up to 16 bytes)
 * kept. Bytes that are not UTF-8 become "_". False when memory is spent. */
bool filename_safe(struct deid_str name, struct buf *out);
/* The same with a suffix (".gz") behind the name, which counts for the length and is never cut. */
bool filename_safe_with(struct deid_str name, struct deid_str suffix, struct buf *out);

#endif
