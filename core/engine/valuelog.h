/* SPDX-License-Identifier: MIT */
/*
 * The deid-log (profile language, section 12): values before and after, a pair of CSV rows for each file. It
 * is full of personal data; where it goes is the command line's business.
 *
 * Columns are the fields of all sections, each name once: what identifies a record of the format, then the
 * entries. A field named outright has its value in the first record of the file; a wildcard or a regex has a
 * JSON object of all fields that its entries looked at.
 */
#ifndef DEID_ENGINE_VALUELOG_H
#define DEID_ENGINE_VALUELOG_H

#include "core/engine/job.h"
#include "core/engine/trace.h"
#include "core/util/map.h"

struct valuelog {
	struct map column; /* in order */
};

/* The profile was compiled to be logged (struct provider). False: no memory. */
bool valuelog_init(struct valuelog *, const struct profile *);
void valuelog_free(struct valuelog *);
/* The first row. */
bool valuelog_header(const struct valuelog *, struct buf *);

/* What is gathered of the file in work, by its thread: the arg of a struct trace. */
struct valuelog_file {
	const struct valuelog *log;
	struct map *seen;   /* one for each column: path to struct seen */
	struct arena arena; /* of the file in work */
	bool spent;
};

/* False: no memory. */
bool valuelog_file_init(struct valuelog_file *, const struct valuelog *);
void valuelog_file_free(struct valuelog_file *);
void valuelog_file_reset(struct valuelog_file *);
void valuelog_field(void *file, const struct section *, const struct trace_field *);
/* After job_process(): adds the two rows. */
int valuelog_rows(
    struct valuelog_file *, const struct deid_job *, const char *path, struct buf *out, struct deid_error *);

#endif
