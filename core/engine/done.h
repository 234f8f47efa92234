/* SPDX-License-Identifier: MIT */
/*
 * What earlier runs have written (--done): the SHA-256 of every de-identified output, so that none is taken
 * for an input and its dates shifted twice. No name is kept, and nothing is added to the outputs themselves.
 *
 * The file: lines of 64 lower-case hexadecimal digits, in the order in which outputs took their names.
 * Several runs may share it: each line is written in one piece under flock(). What a killed run left of a
 * line belongs to an output that never got its name, and is cut off by the next run that writes.
 *
 * Only what stood in the file when the run began is known: so the result does not depend on the order of
 * work.
 */
#ifndef DEID_ENGINE_DONE_H
#define DEID_ENGINE_DONE_H

#include <deid/plugin.h>

#define DONE_DIGEST 32 /* bytes of a SHA-256 */

struct done {
	const char *path;
	int fd;               /* -1: dry, and there is no such file */
	bool again;           /* inputs that are known are taken all the same */
	unsigned char *known; /* n digests, in order */
	size_t n;
};

struct done_digest {
	unsigned char b[DONE_DIGEST];
};

/* The file is made when it is not there, 0600; dry: it is only read. Something else than such a list is an
 * error. `path` stays the caller's. Close it also after a failure. */
int done_open(struct done *, const char *path, bool dry, struct deid_error *);
void done_close(struct done *);

/* SHA-256 of all of a source. */
int done_digest(struct deid_source *, struct done_digest *, struct deid_error *);
/* Fails when the source is an output of an earlier run, and `again` is not set. Any thread. */
int done_check(const struct done *, struct deid_source *, struct deid_error *);
/* Adds lines; to be called before the outputs take their names. sync: they are on disk when it returns. When
 * it fails nothing was added. One thread. */
int done_add(const struct done *, const struct done_digest *, size_t n, bool sync, struct deid_error *);

#endif
