/* SPDX-License-Identifier: MIT */
/* Values of fields, spelled out for whoever asked to see them. */
#ifndef DEID_CLI_PLANVALUE_H
#define DEID_CLI_PLANVALUE_H

#include "core/util/str.h"

/* So many characters of a value are shown; a mark says that there were more. */
#define PLANVALUE_TEXT_MAX 200
#define PLANVALUE_JSON_MAX 65536

/* For people: in quotes, on one line, without any character that could steer a terminal. v = NULL with
 * unread: there is a value, and it cannot be read. False: no memory. */
bool planvalue_text(struct buf *, const struct deid_value *v, bool unread);
/* For programs: a text, null, a list of texts where there are several, else a mapping: {"value": …} of what a
 * profile wrote with its types, {"bytes": n}, {"container": true}, {"unread": true}, and {"begins": …,
 * "bytes": n} of what is too long. */
bool planvalue_json(struct buf *, const struct deid_value *v, bool unread);

#endif
