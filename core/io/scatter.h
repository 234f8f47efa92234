/* SPDX-License-Identifier: MIT */
/*
 * Stretches of a file that are to be read to places of a buffer, many with one system call: where short
 * edits lie close together, a read for each gap between them would cost more than the reading.
 */
#ifndef DEID_IO_SCATTER_H
#define DEID_IO_SCATTER_H

#include <deid/plugin.h>

/* Pieces that wait. A system call reads to at most 1024 places (IOV_MAX), and takes a piece and what is
 * between it and the next for two. */
#define SCATTER_MAX 512

struct scatter {
	size_t n;
	struct scatter_piece {
		uint64_t off; /* ascending, and within the file as it was at open */
		size_t at, len;
	} piece[SCATTER_MAX];
};

/* Reads what waits to buffer + at of each piece, and forgets it. */
int scatter_read(struct scatter *, int fd, unsigned char *buffer, struct deid_error *);

#endif
