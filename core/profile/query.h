/* SPDX-License-Identifier: MIT */
/*
 * Fields that something else reads: the text of another entry (its original value), or the name of the output
 * (its final value). A section has one query for each name. Formats see them in seal() after all entries.
 */
#ifndef DEID_PROFILE_QUERY_H
#define DEID_PROFILE_QUERY_H

#include "core/profile/profile.h"

/* QUERY_LOG: both, and a format must not take the field for one that the profile names: record formats are
 * not told of it. QUERY_MEMBER: the final value, for the name of the container that the file is in;
 * the same holds, since nothing has to stay in the file for that. */
enum query_use { QUERY_ORIGINAL, QUERY_FINAL, QUERY_LOG, QUERY_MEMBER };

/* One field that is read. */
struct query {
	uint32_t id;          /* after those of all rules */
	struct deid_str name; /* as the profile spells it */
	const struct deid_node *node;
	void *path;
	struct deid_path_info info;
	bool original, final;
	bool named; /* by the name of the output */
	bool logged;
};

/* Only once the section knows how many rules it has. The format's path_new() complains at node of a name that
 * it does not know. name need not outlive the call. */
int query_add(struct section *, struct arena *, enum query_use, struct deid_str name,
    const struct deid_node *, uint32_t *id, struct deid_error *);
void query_free(struct section *);

#endif
