/* SPDX-License-Identifier: MIT */
/* ISO 8601 basic form as fields with DEID_V_BASIC have it: dates of eight digits; datetimes cut at any part,
 * with fraction and zone (profile language, 4.5, 4.6 and 14); ranges of both. */
#ifndef DEID_TRANSFORM_BASIC_H
#define DEID_TRANSFORM_BASIC_H

#include "core/transform/pattern.h"

#define BASIC_ROOM 26 /* longest datetime: YYYYMMDDHHMMSS.FFFFFF&ZZXX */

/* How many bytes at the start of text are one date or datetime; 0: none. Second 60 is carried. */
size_t basic_read(struct deid_str text, bool datetime, struct moment *out);
/* With as many parts as `precision` says; a date always has eight digits. Gives the length; 0 when the moment
 * lies outside the years 1 to 9999. */
size_t basic_write(const struct moment *, bool datetime, char out[BASIC_ROOM]);

#endif
