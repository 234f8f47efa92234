/* SPDX-License-Identifier: MIT */
/*
 * Gives finished outputs their names, in the order of the inputs: whole, on disk when the run asks for it,
 * and never over something that is not to be replaced. One thread.
 */
#ifndef DEID_ENGINE_COMMIT_H
#define DEID_ENGINE_COMMIT_H

#include "core/engine/unit.h"

/* So many files, or bytes, are forced to disk together before they take their names. */
#define COMMIT_BATCH_FILES 128
#define COMMIT_BATCH_BYTES ((uint64_t)256 << 20)

struct commit_hook {
	void (*outcome)(void *arg, const struct outcome *);
	void *arg;
};

struct committer {
	struct run *run;
	struct commit_hook hook;
	struct map taken; /* output path → the input that has it */
	struct unit *pending[COMMIT_BATCH_FILES];
	size_t npending;
	uint64_t bytes;
	struct deid_error err;
};

void committer_init(struct committer *, struct run *, struct commit_hook);
void committer_free(struct committer *);
/* Takes the next unit. True: it and all before it are settled and their units may be used again. */
bool commit_take(struct committer *, struct unit *);
/* Settles what is pending. */
void commit_flush(struct committer *);

#endif
