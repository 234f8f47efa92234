/* SPDX-License-Identifier: MIT */
/* What the core's own actions share: the result of a change, and which fields can hold a text. */
#ifndef DEID_TRANSFORM_CHANGE_H
#define DEID_TRANSFORM_CHANGE_H

#include <deid/plugin.h>

/* Turns *out (as run() gets it) into a change to these components. Where the field takes any text the
 * result is a text; elsewhere it keeps the field's kind. */
void change_text(struct deid_result *out, const struct deid_str *v, size_t n);
/* The same for what may still be a number in a field that was one: it stays one if it is spelled as one. */
void change_spelling(struct deid_result *out, const struct deid_str *v, size_t n);
/* Can a field of this kind, which takes nothing else, hold words? */
bool change_takes_text(int kind);

#endif
