/* SPDX-License-Identifier: MIT */
/*
 * Two formats for the tests of the core, of one syntax and one plugin: `lines` works as a stream, `pairs` as
 * a record. Lines are `key=value`, each ended by LF; those that begin with `#` are kept. A value that begins
 * with `{` is a container. A name is a key, or the beginning of keys before a `*`.
 */
#ifndef DEID_TESTS_LINES_H
#define DEID_TESTS_LINES_H

#include <deid/plugin.h>

#define LINES_MARK "#lines\n"

struct lines_path {
	struct lines_path *next;
	size_t n;
	bool wild;
	uint32_t id;
	bool create; /* its action may create */
	char key[];
};

struct lines_conf {
	const struct deid_host *host;
	struct lines_path *path;
};

/* One line of input: key and value are spans of it. */
struct line {
	uint64_t off;
	size_t len; /* with its LF */
	struct deid_str key, value;
	bool pair;
};

bool lines_match(const struct lines_path *, struct deid_str key);
/* The line at off; *end at the input's end. Its text is good until the next peek. */
int line_read(const struct deid_host *, struct deid_source *, uint64_t off, struct line *, bool *end,
    struct deid_error *);
/* What a transform sees of text. part holds its one component. */
struct deid_value line_value(struct deid_str text, struct deid_str *part);
struct deid_field line_field(struct deid_str key, struct deid_str value);
/* The text of a result; false where a line cannot hold it. */
bool line_text(const struct deid_value *, struct deid_str *);

int lines_stream(
    struct deid_job *, void *conf, struct deid_source *, struct deid_sink *, struct deid_error *);

int pairs_open(struct deid_job *, void *conf, struct deid_source *, void **rec, struct deid_error *);
int pairs_find(void *rec, const void *path, deid_visit *, void *arg, struct deid_error *);
int pairs_each(void *rec, deid_visit *, void *arg, struct deid_error *);
int pairs_get(void *rec, const struct deid_field *, struct deid_value *, struct deid_error *);
int pairs_set(void *rec, const struct deid_field *, const struct deid_value *, struct deid_error *);
int pairs_remove(void *rec, const struct deid_field *, struct deid_error *);
int pairs_add(void *rec, const void *path, const struct deid_value *, struct deid_error *);
int pairs_finish(void *rec, struct deid_error *);
int pairs_write(void *rec, struct deid_sink *, struct deid_error *);
void pairs_close(void *rec);
int pairs_name(void *rec, struct deid_str *, struct deid_error *);

#endif
