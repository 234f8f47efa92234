/* SPDX-License-Identifier: MIT */
/*
 * Metadata of a platform's containers: a document keyed by container goes in, one of the same shape comes
 * out, each container as its section of the profile leaves it, empty without a section.
 */
#ifndef DEID_CLI_CONTAINERS_H
#define DEID_CLI_CONTAINERS_H

#include "core/cli/jsonfile.h"
#include "core/engine/loader.h"
#include "core/engine/run.h"

/* The profile's group of sections for containers, and the name of what is written. */
#define CONTAINER_GROUP "flywheel"
#define CONTAINER_FILE_KEY "file"
#define CONTAINER_OUTPUT ".metadata.json"

struct status_tag {
	const char *prefix;
	bool pass;
};

/* Every key must be a container that a plugin knows, with an object for its value. */
int containers_check(const struct jsonfile *, struct loader *, struct deid_error *);
/* Adds one container, as JSON. *o as in metadata_section(). */
int containers_one(const struct jsonfile *, const struct run *, const char *container, struct buf *out,
    struct outcome *o, struct deid_error *);
/* Adds the document of all of them. tag: for the file, beside what its section leaves; NULL: none. */
int containers_all(const struct jsonfile *, const struct run *, const struct status_tag *, struct buf *out,
    struct outcome *o, struct deid_error *);
/* Adds a list of tags: those that `list` has (no list: none) but for earlier ones of this prefix, and this
 * one. False: no memory. */
bool containers_tags(yajl_val list, const struct status_tag *, struct buf *out);

/* A file CONTAINER_OUTPUT in the run's output folder, complete or not at all, on disk unless the run is told
 * otherwise. An error with DEID_E_CONFLICT: it is there already. */
int containers_write(struct run *, struct deid_str text, bool replace, struct deid_error *);
/* The document as one more input of a run whose inputs are done: the outcome is filled in. */
void containers_outcome(const struct jsonfile *, struct run *, const struct status_tag *, struct outcome *);

#endif
