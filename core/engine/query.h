/* SPDX-License-Identifier: MIT */
/*
 * Values of fields that something else reads (core/profile/query.h): their originals, for actions, and what
 * the entries made of them, for the name of the output. Of several fields of one name the first counts.
 */
#ifndef DEID_ENGINE_QUERY_H
#define DEID_ENGINE_QUERY_H

#include "core/engine/job.h"
#include "core/profile/query.h"

struct query_slot {
	bool first;   /* `value_first` holds: what it was in the first record of the file */
	bool found;   /* observed in the record in work */
	bool unread;  /* … but its value cannot be read */
	bool settled; /* `there` and `final` hold */
	bool there;
	struct deid_value value, final, value_first;
	/* The call of apply() that settled it, and what it had before; v = NULL: it was missing. */
	uint64_t chain;
	struct deid_value before;
};

/* Room for the section of the job. */
int query_begin(struct deid_job *, struct deid_error *);

/* The services (plugin.h). */
int query_record(struct deid_job *, struct deid_error *);
int query_observe(
    struct deid_job *, const uint32_t *ids, size_t n, const struct deid_value *, struct deid_error *);
int query_original(struct deid_job *, uint32_t id, bool *found, struct deid_value *, struct deid_error *);

/* Stream formats: an apply() of one field ended with this value (NULL: there is none); `was` is what it had
 * (NULL: it was missing). ids: the queries among the field's entries. */
int query_settle(struct deid_job *, const uint32_t *ids, size_t n, const struct deid_value *was,
    const struct deid_value *now, struct deid_error *);
/* … but the format could not write that. keep: the field has its old value again, else it is gone. */
void query_unsettle(struct deid_job *, bool keep);

/* A copy with its components. False: no memory. */
bool query_keep(struct arena *, const struct deid_value *, struct deid_value *out);

/* Record formats: all originals before the first entry, all finals after the last; QUERY_LOG: the originals
 * for the log. */
int query_read(struct deid_job *, enum query_use, void *rec, struct deid_error *);

/* The original value in the first record of the file, of a query for the log; NULL: it is not there. */
const struct deid_value *query_first(const struct deid_job *, uint32_t id);
/* The final value of a query; NULL: the field is not there. */
const struct deid_value *query_final(const struct deid_job *, uint32_t id);

#endif
