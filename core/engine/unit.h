/* SPDX-License-Identifier: MIT */
/*
 * One input from opening it to a finished temporary file beside where its output will be. Workers make
 * units in any order; commit.h gives them their names in the order of the inputs.
 */
#ifndef DEID_ENGINE_UNIT_H
#define DEID_ENGINE_UNIT_H

#include "core/engine/run.h"
#include "core/engine/valuelog.h"
#include "core/io/sink.h"

struct unit {
	struct outcome outcome;
	/* Only while there is something to commit. */
	struct deid_sink *sink;
	struct folder *folder; /* held */
	struct buf name;       /* of the output, in that folder */
	struct stat input;     /* in place: what the sink will replace */
	bool named;            /* `filenames` gave the name */
	bool was_there;        /* the output existed before the work began (--on-conflict skip) */
	bool digested;         /* `digest` is that of the output, for run->done */
	struct done_digest digest;
	bool linked; /* the original is kept under its other name */
};

void unit_free(struct unit *);
/* The name of the input's file in its folder. */
const char *unit_input_name(const struct unit *);

/* What one thread needs to work: reused for each input. */
struct worker {
	struct run *run;
	struct deid_job *job;
	struct deid_error err;
	struct folder *folder;  /* held: where the last output went */
	struct buf folder_from; /* which folder of inputs that was */
	int folder_root;
	/* The unit in work. */
	const struct profile *profile; /* of its subject */
	struct unit *unit;
	struct deid_source *source;
	/* What the format reads: the source, or what was unpacked from it. */
	struct deid_source *content;
	bool gzip;
	struct valuelog_file logged;
	struct trace log_trace;
	struct deid_sink *unpacked, *packing; /* spools: before it, and of what the format writes */
};

/* False: no memory. */
bool worker_init(struct worker *, struct run *);
void worker_free(struct worker *);
/* Fills *unit; DEID_FATAL when no other input can be done either (the unit then says why). */
int unit_work(struct worker *, const struct input *, struct unit *);

/* Runs the section over worker->content, and what there is to report goes to the outcome of worker->unit. The
 * job was begun. */
int unit_transform(struct worker *, const struct section *, const struct job_target *, struct deid_str *name,
    struct deid_error *);

/* Makes the outcome a failure by err, which is cleared; takes its sink and folder away. */
void unit_fail(struct run *, struct unit *, struct deid_error *err);

#endif
