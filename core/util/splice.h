/* SPDX-License-Identifier: MIT */
/*
 * A file as its input with some spans replaced: the way every record format writes.
 *
 * Edits are kept by offset; the list is sorted when it is written. Two edits may touch but not overlap;
 * several insertions (len = 0) at one offset come in the order they were added, before a replacement
 * that begins there. Data are not copied: they must stay valid until splice_write() returns. What is too
 * long to be held in memory comes from a function, when its turn comes.
 */
#ifndef DEID_UTIL_SPLICE_H
#define DEID_UTIL_SPLICE_H

#include <deid/plugin.h>

typedef int splice_writer(void *arg, struct deid_sink *, struct deid_error *);

struct splice {
	struct deid_edit *edit; /* `order`: that of adding; n = 0 and data: the number of a call, from 1 on */
	size_t n, cap;
	struct splice_call {
		splice_writer *write;
		void *arg;
	} * call;
	size_t ncall, call_cap;
	bool sorted;
};

void splice_free(struct splice *);
/* False when memory is spent. */
bool splice_add(struct splice *, uint64_t off, uint64_t len, const void *data, size_t n);
/* [off, off + len) is replaced by what the function writes. */
bool splice_add_writer(struct splice *, uint64_t off, uint64_t len, splice_writer *, void *arg);
/* Writes input [from, to) with the edits applied. Edits outside [from, to), or that overlap: DEID_E_INTERNAL.
 */
int splice_write(struct splice *, const struct deid_host *, struct deid_source *, struct deid_sink *,
    uint64_t from, uint64_t to, struct deid_error *);

#endif
