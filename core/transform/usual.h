/* SPDX-License-Identifier: MIT */
/* How people write dates into file names (profile language, section 6): 2020-02-20, 20200220, 20 Feb 2020,
 * Feb 20 2020 (a comma is fine, and "_" or "-" for the blanks), alone or with a time behind it: 10:30,
 * 10:30:00, 1030, 103000, a fraction. */
#ifndef DEID_TRANSFORM_USUAL_H
#define DEID_TRANSFORM_USUAL_H

#include "core/transform/pattern.h"

/* The whole of text, or false. */
bool usual_read(struct deid_str text, struct moment *out);

#endif
