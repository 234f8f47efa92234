/* SPDX-License-Identifier: MIT */
/* How plain scalars are read (profile language, section 1): numbers in decimal, true and false. */
#ifndef DEID_PROFILE_SCALAR_H
#define DEID_PROFILE_SCALAR_H

#include <deid/plugin.h>

bool scalar_null(struct deid_str); /* of a plain scalar */
bool scalar_bool(struct deid_str, bool *out);
bool scalar_int_syntax(struct deid_str);        /* [+-] digits */
bool scalar_int(struct deid_str, int64_t *out); /* false also when it does not fit */
bool scalar_real_syntax(struct deid_str);       /* [+-] digits with a point or an exponent; integers too */
double scalar_real(struct deid_str);
/* What looks like a number or a truth value to other readers of YAML but is text here: a hint, or NULL. */
const char *scalar_hint(struct deid_str);

#endif
