/* SPDX-License-Identifier: MIT */
/*
 * The names of a profile as a tree of steps, so that a key costs one look-up however many names there are.
 * Made at profile time, constant afterwards.
 *
 * A step is a key (or, in a list, an index in decimal without leading zeros) or `*`. Several nodes can be
 * active at one place (`a.*` and `*.b` both lead to a.b): places keep a set of nodes.
 */
#ifndef DEID_PLUGINS_JSON_PATH_H
#define DEID_PLUGINS_JSON_PATH_H

#include "core/util/str.h"

#define JSON_NO_INDEX UINT64_MAX

/* A compiled name. */
struct json_path {
	struct deid_str *step; /* owned, in one piece with the struct */
	size_t n;
	bool wild;
	struct deid_str place; /* the steps, with DEID_PLACE_STEP between them */
};

struct json_node {
	const struct json_node *parent;
	struct deid_str step;    /* of the way here; belongs to the path that made it */
	uint64_t index;          /* the step as an index, else JSON_NO_INDEX */
	uint32_t rank;           /* among the children of its parent */
	bool is_wild, below_any; /* the step is `*`; so is a step on the way here */
	bool creates;            /* an entry that may create ends here or below */
	uint32_t *id;            /* of the entries that end here, ascending */
	size_t nid;
	uint32_t min, max;        /* of the ids that end below (not here); min > max: none */
	struct json_node *wild;   /* child `*` */
	struct json_node **child; /* the others, in the profile's order */
	size_t nchild;
	uint64_t top;   /* the largest index among them */
	bool indexed;   /* there is one */
	uint32_t *slot; /* open addressing over child: rank + 1, 0 is free */
	size_t nslot;   /* a power of two */
};

/* NULL when spent. `*` alone is a wildcard. */
struct json_path *json_path_new(struct deid_str text, struct deid_str separator);
/* The root of the tree of all entries with a path that apply() is asked about, or of all that are read for
 * others (queries); NULL when spent. Paths must outlive it. */
struct json_node *json_tree_new(const struct deid_entry *, size_t n, bool queries);
void json_tree_free(struct json_node *);

/* The children that key, or index, leads to, not counting `*`; NULL: none. */
const struct json_node *json_node_key(const struct json_node *, struct deid_str key);
const struct json_node *json_node_index(const struct json_node *, uint64_t index);

#endif
