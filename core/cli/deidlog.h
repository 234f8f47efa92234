/* SPDX-License-Identifier: MIT */
/* The file of the deid-log: opened so that nobody else reads it, written in the order of the inputs. */
#ifndef DEID_CLI_DEIDLOG_H
#define DEID_CLI_DEIDLOG_H

#include "core/engine/commit.h"
#include "core/engine/valuelog.h"
#include <stdio.h>

struct deidlog {
	struct valuelog log;
	const char *path;
	FILE *file;
	bool failed;
	struct commit_hook next;
};

/* Why there can be no log of this name: its folder is not there, or is the output folder, or below it. NULL:
 * there can. output NULL: in place. */
const char *deidlog_objection(const char *path, const char *output);
/* Replaces the log of an earlier run, and nothing else. */
int deidlog_open(struct deidlog *, const char *path, const struct profile *, struct deid_error *);
/* struct commit_hook: writes, and hands on to `next`. */
void deidlog_outcome(void *deidlog, const struct outcome *);
/* False: it is not whole, which has been said. */
bool deidlog_close(struct deidlog *);

#endif
