/* SPDX-License-Identifier: MIT */
/*
 * What `deid plan` tells of each input on standard output: a line for each field and the entries that look at
 * it, then what the run would make of the file. One thread. The same field of many records in one file is one
 * line: the first record in which it changes stands for all, and the others are counted.
 */
#ifndef DEID_CLI_PLAN_H
#define DEID_CLI_PLAN_H

#include "core/cli/report.h"
#include "core/engine/trace.h"

/* More lines than this about one file are only counted. */
#define PLAN_LINES_MAX 100000

struct plan {
	bool values, json;
	struct report *report; /* counts, and in JSON writes the lines of inputs and the summary */
	struct arena arena;
	struct map line; /* of the file in work */
	size_t more;
	bool spent; /* no memory: the plan is not whole */
};

void plan_init(struct plan *, struct report *);
void plan_free(struct plan *);
/* struct trace: a field of the file in work. */
void plan_field(void *plan, const struct section *, const struct trace_field *);
/* struct commit_hook: the file is settled. */
void plan_outcome(void *plan, const struct outcome *);

#endif
