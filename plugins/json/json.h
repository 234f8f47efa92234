/* SPDX-License-Identifier: MIT */
/*
 * The reading and writing of JSON that formats of JSON content share: each of the functions that a stream
 * format has, but for the settings and filters of its own.
 */
#ifndef DEID_PLUGINS_JSON_JSON_H
#define DEID_PLUGINS_JSON_JSON_H

#include "plugins/json/walk.h"

/* section = NULL: defaults. Nothing to clear when it fails. */
int json_conf_init(
    struct json_conf *, const struct deid_host *, const struct deid_node *section, struct deid_error *);
void json_conf_clear(struct json_conf *);
/* *path is a struct json_path, to be freed with free(). */
int json_name_new(const struct json_conf *, struct deid_str text, const struct deid_node *, void **path,
    struct deid_path_info *, struct deid_error *);
int json_seal(struct json_conf *, const struct deid_entry *, size_t n, struct deid_error *);
/* The constant of one entry, as json_seal() looks at it. */
int json_judge(const struct json_conf *, const struct deid_entry *, struct deid_error *);

#define JSON_LINES (1u << 0)    /* one document a line */
#define JSON_OBSERVED (1u << 1) /* json_observe() was called: the source is not read ahead */
/* Runs the entries over the source. */
int json_process(const struct json_conf *, struct deid_job *, struct deid_source *, struct spans *out,
    unsigned flags, struct deid_error *);
/* Hands the fields that queries name to the core: after host->record(), for one document after another. */
int json_observe(const struct json_conf *, struct deid_job *, struct deid_source *, struct deid_error *);

#endif
