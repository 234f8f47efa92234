/* SPDX-License-Identifier: MIT */
/* All inputs of a run, by any number of threads, with one result whatever their number. */
#ifndef DEID_ENGINE_BATCH_H
#define DEID_ENGINE_BATCH_H

#include "core/engine/commit.h"
#include <signal.h>

struct batch_result {
	bool interrupted;   /* SIGINT, SIGTERM or SIGHUP came: no further input was begun */
	size_t not_reached; /* inputs that were not begun, and not reported */
};

/* Works on every input of run->walk; the hook is called once for each, in their order, in this thread. The
 * signals named above are blocked from here on. DEID_FATAL when the run could not be begun. */
int batch_run(struct run *, struct commit_hook, struct batch_result *, struct deid_error *);

/* The signals that end a run between two files. */
void batch_signals(sigset_t *);

#endif
