/* SPDX-License-Identifier: MIT */
/*
 * One file from standard input to standard output. Nothing is written until the whole output is ready. What
 * does not fit in memory is in nameless files of $TMPDIR, or of the current folder.
 */
#ifndef DEID_ENGINE_PIPE_H
#define DEID_ENGINE_PIPE_H

#include "core/engine/batch.h"

/* Like batch_run(), for this one input, whose name is "-". It has no name that a filter could know: where no
 * content mark is seen either, it belongs to the profile's section if there is only one. */
int pipe_run(struct run *, struct commit_hook, struct batch_result *, struct deid_error *);

#endif
