/* SPDX-License-Identifier: MIT */
/* A container's section of a profile, and what of the container it lets through. */
#ifndef DEID_PLUGINS_FLYWHEEL_FLYWHEEL_H
#define DEID_PLUGINS_FLYWHEEL_FLYWHEEL_H

#include "plugins/flywheel/container.h"
#include "plugins/json/json.h"

struct flywheel_conf {
	struct json_conf json; /* first: names and entries are compiled by it */
	const struct container *container;
	bool all;
	bool header;                    /* include-info-header */
	const struct deid_entry *entry; /* without queries */
	size_t n;
	bool regex; /* one of them is a regex entry */
};

/* What the section lets through of a container, a checked object of JSON, as such an object. Times get a
 * blank between date and time; bit i of *with_t: that of key i had a T there. */
int flywheel_pick(const struct flywheel_conf *, struct deid_job *, struct deid_str container, struct buf *out,
    uint32_t *with_t, struct deid_error *);

#endif
