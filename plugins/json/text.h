/* SPDX-License-Identifier: MIT */
/* New JSON text from nodes of the profile. */
#ifndef DEID_PLUGINS_JSON_TEXT_H
#define DEID_PLUGINS_JSON_TEXT_H

#include "core/util/json.h"

/* A node of the profile with its types. False when memory is spent; and, with *bad set, on what JSON cannot
 * say: infinity and NaN, or nodes nested more than 64 deep. */
bool json_put_node(struct buf *, const struct deid_host *, const struct deid_node *, const char **bad);

#endif
