/* SPDX-License-Identifier: MIT */
/* New JSON text from numbers and from nodes of the profile. False when memory is spent. */
#ifndef DEID_PLUGINS_JSON_TEXT_H
#define DEID_PLUGINS_JSON_TEXT_H

#include "core/util/json.h"

/* A real number as Python's json writes it: the shortest digits that give it again. */
bool json_put_real(struct buf *, double);
/* A node of the profile with its types. Fails (false, *bad set) on what JSON cannot say: infinity and NaN,
 * or nodes nested more than 64 deep. */
bool json_put_node(struct buf *, const struct deid_host *, const struct deid_node *, const char **bad);

#endif
