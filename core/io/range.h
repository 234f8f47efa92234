/* SPDX-License-Identifier: MIT */
/* Writing at a place of a file, and copying from file to file inside the kernel. */
#ifndef DEID_IO_RANGE_H
#define DEID_IO_RANGE_H

#include <deid/plugin.h>

/* What the page cache works in: between places that differ modulo this the kernel copies byte by byte. */
#define RANGE_PAGE ((size_t)4096)

/* All of p at off, whatever the system says in between (EINTR, short writes). */
int range_write(int fd, uint64_t off, const void *p, size_t n, struct deid_error *);
/* Moves [*from, *from + *len) of `in` to *to of `out` by copy_file_range(), advancing all three. What is left
 * in *len then has to be read and written: *works becomes false where the file systems cannot do it at all.
 */
int range_copy(
    int in, uint64_t *from, int out, uint64_t *to, uint64_t *len, bool *works, struct deid_error *);
/* Whether the file is on another machine, which can copy without sending the bytes here and back. */
bool range_remote(int fd);

#endif
