/* SPDX-License-Identifier: MIT */
/* What `jitter` and `jitter-date` share. */
#ifndef DEID_TRANSFORM_JITTER_H
#define DEID_TRANSFORM_JITTER_H

#include <deid/plugin.h>

/* An element of a list of settings. */
#define JITTER_RANGE_SETTING                                                                                 \
	{                                                                                                    \
		.size = sizeof(struct deid_setting), .type = DEID_T_REAL, .key = "jitter-range",             \
		.dflt = "2", .help = "how far jitter moves a number, or jitter-date a date, either way"      \
	}

#endif
