/* SPDX-License-Identifier: MIT */
/* A profile that only reads one field, of whatever section a file belongs to: to learn whose file it is. */
#ifndef DEID_PROFILE_PROBE_H
#define DEID_PROFILE_PROBE_H

#include "core/profile/profile.h"

/* Section by section as outline, whose document it uses and must not outlive; where a format cannot have such
 * a field the section has no query. NULL: no memory, or no section can have it (err says so). */
struct profile *profile_probe(
    const struct profile *outline, const struct provider *, struct deid_str field, struct deid_error *);

#endif
