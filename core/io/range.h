/* SPDX-License-Identifier: MIT */
/* Writing at a place of a file, and copying from file to file inside the kernel. */
#ifndef DEID_IO_RANGE_H
#define DEID_IO_RANGE_H

#include <deid/plugin.h>

/* The ways to copy, best first. A file system that cannot do one is asked for the next, and remembered. */
enum range_way { RANGE_CLONE, RANGE_SENDFILE, RANGE_NONE };

/* All of p at off, whatever the system says in between (EINTR, short writes). */
int range_write(int fd, uint64_t off, const void *p, size_t n, struct deid_error *);
/* Moves [*from, *from + *len) of `in` to *to of `out` as far as the kernel does it, advancing all three;
 * *way becomes a lesser one where it must. What is left in *len then has to be read and written. */
int range_copy(
    int in, uint64_t *from, int out, uint64_t *to, uint64_t *len, enum range_way *way, struct deid_error *);

#endif
