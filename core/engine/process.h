/* SPDX-License-Identifier: MIT */
/* One section over one content, with the reasons that only a run can give: what `unit` does with an input and
 * `member` with a file inside of one. */
#ifndef DEID_ENGINE_PROCESS_H
#define DEID_ENGINE_PROCESS_H

#include "core/engine/run.h"

/* job_process(), and after a failure: the section whose content mark is there instead, the limit of memory
 * that was hit. The profile is that of the file's subject. log: where rows of the deid-log for files inside
 * of it go. */
int process_section(struct deid_job *, const struct run *, const struct profile *, const struct section *,
    struct deid_source *, const struct job_target *, struct buf *log, struct deid_str *name,
    struct deid_error *);
/* --strict: a warning is an error, and so is a field that is not there. Texts end with NUL. */
int process_strict(
    const struct run *, const struct buf *warnings, const struct buf *not_found, struct deid_error *);

#endif
