/* SPDX-License-Identifier: MIT */
/* The name that `filenames` gives an output: from the input's name and what the entries left of the fields.
 */
#ifndef DEID_ENGINE_NAMING_H
#define DEID_ENGINE_NAMING_H

#include "core/engine/job.h"

/* After job_process(). *name lives until job_end(); it is not made safe yet (core/profile/filename.h). Fails
 * when no rule matches and when a variable has no value: the name of the input may be a person's. */
int naming_run(struct deid_job *, struct deid_str *name, struct deid_error *);

#endif
