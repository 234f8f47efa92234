/* SPDX-License-Identifier: MIT */
/*
 * What the rules of a section do to one field: where both ways of working, record and stream, meet.
 * Profile language, sections 3, 4 and 14.
 */
#ifndef DEID_ENGINE_APPLY_H
#define DEID_ENGINE_APPLY_H

#include "core/engine/job.h"

/* One rule on one value (NULL: the field is missing). *out comes back with the verdict; its value lives in
 * the job's scratch memory. An action that fails is settled by the rule's on-error. */
int apply_rule(struct deid_job *, const struct rule *, const struct deid_field *, const struct deid_value *in,
    struct deid_result *out, struct deid_error *);

/* An action failed with `why` (cleared here when the rule lets the file go on): *out becomes KEEP or REMOVE
 * and the report hears of it, or the error is passed on. `why` may be err itself. */
int apply_on_error(struct deid_job *, const struct rule *, const struct deid_field *, struct deid_error *why,
    struct deid_result *out, struct deid_error *err);

/* Whether a rule has anything to do with a field that is not there. */
bool apply_creates(const struct rule *);
/* Whether it needs no value to say REMOVE: then a field is not even read. */
bool apply_needs_no_value(const struct rule *);
/* Whether it does the same whatever stands there: then the value is not read either, unless somebody listens.
 */
bool apply_any_value(const struct rule *);

/* The services of stream formats. */
uint32_t apply_wants(struct deid_job *);
int apply_match(struct deid_job *, const struct deid_field *, const uint32_t *ids, size_t n,
    const uint32_t **all, size_t *nall, struct deid_error *);
int apply_chain(struct deid_job *, const struct deid_field *, const uint32_t *all, size_t nall,
    const struct deid_value *in, struct deid_result *, struct deid_error *);
/* Also for record formats, while a file is opened: does the regex of this entry match the field? */
int apply_names(struct deid_job *, uint32_t id, const struct deid_field *, bool *hit, struct deid_error *);
int apply_refuse(
    struct deid_job *, const struct deid_field *, struct deid_result *, const char *why, struct deid_error *);

#endif
