/* SPDX-License-Identifier: MIT */
/* The record way: a header in memory, the rules one after another over it, then it is written. */
#ifndef DEID_ENGINE_RECORD_H
#define DEID_ENGINE_RECORD_H

#include "core/engine/job.h"

/* As job_process(), for a format without stream(). */
int record_process(struct deid_job *, const struct section *, struct deid_source *, const struct job_target *,
    struct deid_str *name, struct deid_error *);
int record_list(struct deid_job *, const struct deid_format *, void *conf, struct deid_source *,
    const struct job_listing *, struct deid_error *);

/* The service of formats that own actions. */
void record_acted(struct deid_job *, uint32_t id, const struct deid_field *, const struct deid_value *was,
    const struct deid_result *);

/* For job_probe(): the section's queries only. */
int record_probe(struct deid_job *, const struct section *, struct deid_source *, struct deid_error *);

#endif
