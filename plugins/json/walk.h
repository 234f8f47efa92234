/* SPDX-License-Identifier: MIT */
/*
 * The walk over a document: what is open (frames), which names can still match there (sets of nodes of the
 * tree of names), and what has been written of it.
 *
 * Entries act in the profile's order, while the document is read once. Fields inside fields need care: when
 * entry k removes or replaces a container, the entries before k have acted on what was in it, and those after
 * k act on what k left. So the old content is walked with its output off and the ids below k, and the new
 * content is walked in its turn with the ids above k. A frame's lo and hi are that range.
 */
#ifndef DEID_PLUGINS_JSON_WALK_H
#define DEID_PLUGINS_JSON_WALK_H

#include "plugins/json/path.h"
#include "plugins/json/scan.h"

struct json_conf {
	const struct deid_host *host;
	struct deid_str separator;
	struct json_node *tree; /* NULL: no entries */
	struct json_node *queries;
	const struct deid_entry *entry;
	size_t nentry;
	bool raw; /* some entry wants the whole of a value */
};

#define JSON_NO_PATH SIZE_MAX
#define JSON_NEST_MAX 64

/* Text kept in json_walk.style. */
struct piece {
	size_t at, n;
};

struct frame {
	bool object;
	bool mute;        /* what is below is read, not written */
	uint32_t lo, hi;  /* entries lo <= id < hi act below */
	size_t set, nset; /* in json_walk.node */
	size_t seen;      /* in json_walk.seen: bits for the children of those nodes that create */
	size_t path;      /* bytes of json_walk.path that name this container; JSON_NO_PATH: the document */
	uint64_t count;   /* members read */
	uint64_t kept;    /* members written */
	uint64_t prev;    /* where the last member, or the opening bracket, ends */
	size_t style;     /* what this frame has in json_walk.style begins here */
	struct piece lead, sep, colon; /* before the first member, before the second, after the first key */
	struct piece saved;            /* the gap before a removed member, where it breaks the line */
};

/* Memory of the job, used again and again. */
struct room {
	char *p;
	size_t n;
};

struct json_walk {
	const struct deid_host *host;
	struct deid_job *job;
	const struct json_conf *conf;
	struct json_in *in;
	struct spans *out;
	bool all; /* every field is offered: there are regex entries, or this is a listing */
	bool listing;
	bool ahead; /* entries read other fields of their document */
	bool look;  /* now: nothing is acted on or written */
	bool lines; /* a document ends with its line */
	struct frame *frame;
	size_t depth, frame_cap;
	const struct json_node **node;
	size_t nnode, node_cap;
	uint64_t *seen;
	size_t nseen, seen_cap;
	uint32_t *id;
	size_t id_cap;
	struct buf path, key, text, style;
	struct buf spare;                    /* memory for a new value, taken and given back */
	unsigned nest;                       /* walks inside this walk */
	unsigned missing;                    /* so many steps at the end of path lead to nothing yet */
	struct room room[JSON_NEST_MAX + 1]; /* containers that are held as text, by nest */
};

/* A member of a container, or the document itself. */
struct member {
	size_t parent;      /* its container is frame[parent - 1]; 0: it is the document */
	uint64_t gap;       /* where the text before it begins: blanks and a comma */
	uint64_t at, value; /* where it begins (its key), and its value */
	size_t set;         /* its nodes are json_walk.node[set…] */
	uint32_t lo, hi;
	int c; /* the first byte of its value */
};

/* ---- place.c: names and offers ------------------------------------------------------------------ */

int json_nomem(struct json_walk *, struct deid_error *);
/* Makes path that of a member of the container named by its first `parent` bytes; key NULL: of the element at
 * index. */
int json_path_push(
    struct json_walk *, size_t parent, const struct deid_str *key, uint64_t index, struct deid_error *);
/* Pushes the nodes that a step leads to from node[set … set + nset). f (may be NULL) learns that it was seen.
 * `named`: only nodes without a wildcard on their way. */
int json_set_key(struct json_walk *, size_t set, size_t nset, struct frame *f, struct deid_str key,
    bool named, struct deid_error *);
int json_set_index(struct json_walk *, size_t set, size_t nset, uint64_t index, struct deid_error *);
/* Whether an entry with id > by (after) or id < by names something below node[set …]. */
bool json_set_between(const struct json_walk *, size_t set, uint32_t lo, uint32_t hi); /* lo <= id < hi */
bool json_set_after(const struct json_walk *, size_t set, uint32_t by);
bool json_set_before(const struct json_walk *, size_t set, uint32_t by);
bool json_set_deeper(const struct json_walk *, size_t set); /* … any entry at all */

/* The first entry that acts on a member, whose path is path, and wants the whole of its value; with `tree`,
 * of a container. */
int json_raw_entry(
    struct json_walk *, const struct member *, bool tree, bool *found, uint32_t *id, struct deid_error *);
/* Asks what becomes of the place that path names, with the entries of node[set …] in [lo, hi).
 * value = NULL: it is missing. */
int json_offer(struct json_walk *, size_t set, uint32_t lo, uint32_t hi, enum deid_kind,
    const struct deid_value *, struct deid_result *, struct deid_error *);
/* The entries of node[set …] in [lo, hi) that act on the place: own is malloc'ed. */
int json_entries(
    struct json_walk *, size_t set, uint32_t lo, uint32_t hi, uint32_t **own, size_t *n, struct deid_error *);
/* A token of JSON as a value; its text is *token. Good until the next call. */
int json_value_of(struct json_walk *, struct deid_str text, struct deid_str *token, struct deid_value *,
    struct deid_error *);
int json_refuse(struct json_walk *, struct deid_result *, const char *why, struct deid_error *);
/* Adds a result as JSON to out. */
int json_result_text(struct json_walk *, const struct deid_value *, struct buf *out, struct deid_error *);

/* ---- walk.c -------------------------------------------------------------------------------------- */

int json_push(struct json_walk *, size_t set, uint32_t lo, uint32_t hi, bool mute, struct deid_error *);
/* Runs entries [lo, hi) over text that has just become the value of path, and writes the outcome to the
 * output, or to mem when that is not NULL. */
int json_walk_text(struct json_walk *, struct deid_str text, size_t set, uint32_t lo, uint32_t hi,
    struct buf *mem, struct deid_error *);
int json_document(struct json_walk *, struct deid_error *);
/* Reads the document that begins at cur for observe(), and goes back to where it begins. */
int json_look(struct json_walk *, struct deid_error *);

/* ---- create.c: what is missing -------------------------------------------------------------------- */

enum json_made {
	JSON_NOT_MADE,
	JSON_MADE,
	JSON_UNMADE, /* made by one entry and removed by a later one */
};

/* Makes what the entries [lo, hi) of node[set …] create at path, which is missing, and adds it to out. */
int json_create(struct json_walk *, size_t set, uint32_t lo, uint32_t hi, struct buf *out, enum json_made *,
    struct deid_error *);
/* The same for members of the container that is about to close. */
int json_create_members(struct json_walk *, struct deid_error *);
/* Nothing can be created below a place (it is a scalar, say): entries that would are refused. parent: the
 * length of its path, or JSON_NO_PATH. */
int json_create_none(struct json_walk *, size_t set, size_t parent, uint32_t lo, uint32_t hi, const char *why,
    struct deid_error *);

#endif
