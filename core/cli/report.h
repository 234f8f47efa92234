/* SPDX-License-Identifier: MIT */
/* What a run tells about its inputs: the report file (JSON Lines), lines on standard error, the summary. */
#ifndef DEID_CLI_REPORT_H
#define DEID_CLI_REPORT_H

#include "core/engine/batch.h"
#include <stdio.h>

/* What goes before -PASS and -FAIL. */
#define TAG_DEFAULT "deid-inplace"

struct report {
	FILE *file;       /* NULL: no --report */
	const char *path; /* of it */
	const struct profile *profile;
	const struct run_options *options;
	const char *tag;
	enum deid_log level;
	bool quiet, progress;
	bool silent;         /* someone else tells of each input */
	bool failed;         /* the report could not be written */
	size_t kept_folders; /* outputs in folders that are called as below the input */
	size_t inputs, count[OUTCOME_STATUSES], warnings;
	uint64_t bytes_in, bytes_out;
	struct map missing; /* section and name of fields → in how many inputs they were not found */
	struct map said;    /* text of warnings → how many inputs had it */
	size_t *tried;      /* of each section: its inputs that were read through */
	double start, shown;
	size_t total; /* inputs of the run */
	bool shows;   /* a progress line stands there */
};

int report_open(struct report *, const char *path, struct deid_error *);
/* One input is settled. */
void report_outcome(void *report, const struct outcome *);
/* The last line of the report, and the summary on standard error. */
void report_end(struct report *, const struct batch_result *);
void report_free(struct report *);

#endif
