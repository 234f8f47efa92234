/* SPDX-License-Identifier: MIT */
/* Inputs from a list (--files-from). */
#ifndef DEID_CLI_INPUTS_H
#define DEID_CLI_INPUTS_H

#include "core/engine/walk.h"

struct inputs_from {
	const char *file; /* "-": standard input; NULL: none */
	bool nul;         /* NUL separated, else by lines */
};

/* Adds each entry as if it was named; empty ones are skipped. A list that cannot be read: DEID_FATAL. */
int inputs_from(struct walk *, const struct inputs_from *, struct deid_error *);

#endif
