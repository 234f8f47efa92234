/* SPDX-License-Identifier: MIT */
/*
 * Random-access input through a window of pread() (never mmap: a file that is cut under us must be an
 * error, not a signal). One source, one thread. The services of <deid/plugin.h> are these functions.
 */
#ifndef DEID_IO_SOURCE_H
#define DEID_IO_SOURCE_H

#include <deid/plugin.h>

/* Takes fd over (closed by source_close(), also on failure). Must be a regular file. The window starts
 * small (16 KiB: most headers) and grows with sequential reading to 256 KiB, or to what a peek asks. */
int source_open_fd(struct deid_source **, int fd, struct deid_error *);
/* Memory must outlive the source. */
int source_open_mem(struct deid_source **, const void *p, size_t n, struct deid_error *);
void source_close(struct deid_source *); /* NULL is fine */

uint64_t source_size(struct deid_source *);
int source_peek(
    struct deid_source *, uint64_t off, size_t n, const void **p, size_t *got, struct deid_error *);
int source_read(struct deid_source *, uint64_t off, void *buf, size_t n, struct deid_error *);
int source_fd(struct deid_source *); /* -1: memory */
/* What is in the window at off, without reading: gives the bytes at hand (0: none). For copying. */
size_t source_window(struct deid_source *, uint64_t off, const void **p);
/* Fails (DEID_E_IO) when size or modification time of the file differ from what they were at open. */
int source_unchanged(struct deid_source *, struct deid_error *);

#endif
