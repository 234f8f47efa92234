/* SPDX-License-Identifier: MIT */
/* Messages about scalars that variables filled in (template.h). */
#ifndef DEID_PROFILE_ORIGIN_H
#define DEID_PROFILE_ORIGIN_H

#include "core/profile/document.h"

/* Makes a message about such a node fit to be shown: what came from a variable becomes {{ NAME }} wherever it
 * stands as a word, for it may be a person's; and the message ends with where it came from. False: memory is
 * spent. */
bool origin_tell(const struct deid_node *, struct buf *message);

#endif
