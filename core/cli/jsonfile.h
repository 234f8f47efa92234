/* SPDX-License-Identifier: MIT */
/*
 * Small JSON files that tell the program something: a gear's config.json, the metadata of containers. Read as
 * a whole, by yajl; what its tree cannot hold (a NUL in a text, nesting that its recursion cannot free) is
 * refused. Messages never show the text.
 */
#ifndef DEID_CLI_JSONFILE_H
#define DEID_CLI_JSONFILE_H

#include "core/util/error.h"
#include <yajl/yajl_tree.h>

struct jsonfile {
	const char *path;
	struct buf text; /* ends with NUL, not counted; no byte order mark */
	yajl_val root;
};

/* path lives as long as the file. Nothing to free when it fails (DEID_FAILED). */
int jsonfile_read(struct jsonfile *, const char *path, struct deid_error *);
/* The same for text that is at hand, which is taken over; path: what messages call it. */
int jsonfile_take(struct jsonfile *, const char *path, struct buf *text, struct deid_error *);
void jsonfile_free(struct jsonfile *);

/* The member of an object: the first of that name; NULL: none, or v (may be NULL) is no object. */
yajl_val json_member(yajl_val v, const char *key);
/* … through several objects: "a/b/c". */
yajl_val json_at_path(yajl_val v, const char *path);
/* Adds a JSON string with its quotes; what is no UTF-8 becomes U+FFFD. False: no memory. */
bool json_put(struct buf *, struct deid_str text);
bool json_put_value(struct buf *, yajl_val); /* any value */
/* NULL: no text. */
const char *json_text(yajl_val v);

#endif
