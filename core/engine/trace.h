/* SPDX-License-Identifier: MIT */
/*
 * What the entries of a section did, told field by field while a file is worked on: for `deid plan` and for
 * logs of values. A field is told when nothing can change its verdict any more: after the format has taken
 * the value, or has refused it and on-error has spoken. Values are told, so whoever listens keeps them safe.
 *
 * In a stream format all entries of a field come together; in a record format each comes by itself, in the
 * order of the entries. A field that was missing and stays so is not told.
 */
#ifndef DEID_ENGINE_TRACE_H
#define DEID_ENGINE_TRACE_H

#include "core/profile/profile.h"

struct trace_step {
	const struct rule *rule;
	enum deid_verdict verdict; /* of this entry alone */
};

/* Good during the call. */
struct trace_field {
	struct deid_str name; /* as a profile spells it */
	enum deid_kind kind;
	const struct trace_step *step; /* the entries that looked at it, in the order of execution */
	size_t nstep;
	enum deid_verdict verdict;          /* on the field */
	bool by_error;                      /* removed because an action failed: on-error */
	bool unread;                        /* it is there, but its value cannot be read */
	const struct deid_value *was, *now; /* NULL: there is none; unread: `was` is NULL too */
};

struct trace {
	void (*field)(void *arg, const struct section *, const struct trace_field *);
	void *arg;
};

/* ---- between the files of the engine ------------------------------------------------------------ */

struct tracer;

struct tracer *tracer_new(const struct trace *, size_t memory); /* NULL: no memory */
void tracer_free(struct tracer *);

/* All of these do nothing when tracer is NULL; a lack of memory is told by trace_flush(). */
void trace_start(
    struct tracer *, const struct section *, const struct deid_field *, const struct deid_value *was);
void trace_unread(struct tracer *);
void trace_step(struct tracer *, const struct rule *, const struct deid_result *);
/* The verdict on the field that was started; it is told by the next trace_start() or trace_flush(). */
void trace_end(struct tracer *, const struct deid_result *);
/* The format cannot write that: what on-error made of it. */
void trace_refused(struct tracer *, const struct deid_result *);
int trace_flush(struct tracer *, struct deid_error *);
void trace_drop(struct tracer *); /* what is not told yet is not told */

#endif
