/* SPDX-License-Identifier: MIT */
/*
 * `groups`: actions on texts that are no fields: captures of an expression, and values of other fields on
 * their way into a text. A group is an ordinary field entry with the options of its section; what it gives is
 * text, whatever the field the value came from could hold.
 */
#ifndef DEID_PROFILE_GROUP_H
#define DEID_PROFILE_GROUP_H

#include "core/profile/profile.h"

struct group {
	struct deid_str name;
	const struct deid_node *node; /* the name's, for complain() */
	const struct deid_host *host;
	const struct deid_transform *transform;
	void *state;
	bool off;
	enum on_error on_error; /* FAIL: as the field's says */
};

/* outer: the entry that the groups belong to. What is wrong is said (complain). On failure there is nothing
 * to free. */
int group_new(
    const struct deid_rule *outer, const struct deid_node *entry, struct group *, struct deid_error *);
void group_free(struct group *);

/* What the action makes of a value (NULL: there is none), as one text: components are joined with commas, and
 * an action that yields nothing gives the empty text. Scratch memory. A failure follows the group's own
 * on-error, else it is the caller's. */
int group_run(const struct group *, struct deid_job *, const struct deid_field *, const struct deid_value *,
    struct deid_str *text, struct deid_error *);
/* The components of a value as one text, in scratch memory. */
int group_join(const struct deid_host *, struct deid_job *, const struct deid_value *, struct deid_str *text,
    struct deid_error *);

#endif
