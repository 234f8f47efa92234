/* SPDX-License-Identifier: MIT */
/* A field entry while its transform is compiled: what the rule_* services look at. */
#ifndef DEID_PROFILE_RULE_H
#define DEID_PROFILE_RULE_H

#include "core/profile/profile.h"

struct deid_rule {
	const struct deid_node *entry;
	const struct deid_node *section; /* bound: node_get() knows the format's defaults */
	const struct deid_node *arg;
	const struct deid_transform *transform;
	int kind; /* enum deid_kind, or -1 */
	bool by_regex;
	struct arena *arena; /* for defaults, lives as long as the profile */
	struct section *home;
	struct profile *profile;
	const struct provider *provider;
};

/* Whether the format carries the action out itself. */
bool rule_owned(const struct deid_format *, const struct deid_transform *);
enum on_error rule_on_error(const struct deid_node *section, const struct deid_node *entry);

#endif
