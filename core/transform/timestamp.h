/* SPDX-License-Identifier: MIT */
/* Unix seconds, integer or decimal, as the pattern `timestamp` reads and writes them. */
#ifndef DEID_TRANSFORM_TIMESTAMP_H
#define DEID_TRANSFORM_TIMESTAMP_H

#include "core/transform/shift.h"

enum timestamp {
	TIMESTAMP_OK,
	TIMESTAMP_NONE,  /* the text is none */
	TIMESTAMP_RANGE, /* the result is outside the years 1 to 9999 */
};

/* Writes the shifted text, with as many decimals as it had, to out (NULL: only says how long it is). */
enum timestamp timestamp_shift(struct deid_str text, const struct shift *, char *out, size_t *n);

#endif
