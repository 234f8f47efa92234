/* SPDX-License-Identifier: MIT */
/*
 * The profile of another subject, made from one that is compiled: what holds no variable is shared, and only
 * the actions that a variable reaches are compiled anew.
 */
#ifndef DEID_PROFILE_DERIVE_H
#define DEID_PROFILE_DERIVE_H

#include "core/profile/profile.h"

/* base: without errors, from a document of the same templates; it must outlive the result. *able = false:
 * this subject's document differs in more than actions can (a name, a switch, a setting of a format), and
 * nothing was done: it is to be compiled as a whole. Else doc is taken over, what is wrong is in err, and
 * NULL means no memory. */
struct profile *profile_derive(const struct profile *base, struct document *doc, const struct provider *,
    bool *able, struct deid_error *err);

#endif
