/* SPDX-License-Identifier: MIT */
/* "Did you mean": the known word nearest to one that is not known. */
#ifndef DEID_PROFILE_SUGGEST_H
#define DEID_PROFILE_SUGGEST_H

#include <deid/plugin.h>

struct suggest {
	struct deid_str word;
	const char *best; /* NULL: nothing is near */
	size_t distance;
};

/* At most two letters may differ (one in words of up to four); `_` counts as `-`. */
void suggest_init(struct suggest *, struct deid_str word);
void suggest_try(struct suggest *, const char *known);

#endif
