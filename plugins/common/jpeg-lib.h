/* SPDX-License-Identifier: MIT */
/*
 * What libjpeg needs around it: errors that come back instead of exit(), output into memory.
 *
 * libjpeg calls error_exit() when it gives up; ours jumps to `again` of the guard. Whoever calls libjpeg
 * sets that with setjmp() first, and keeps no local variables that change after it.
 */
#ifndef DEID_COMMON_JPEG_LIB_H
#define DEID_COMMON_JPEG_LIB_H

#include <deid/plugin.h>

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

struct jpeg_guard {
	struct jpeg_error_mgr mgr; /* first: libjpeg's pointer to it is a pointer to the guard */
	jmp_buf again;
	const char *why; /* given up by jpeg_give_up(); NULL: libjpeg's own msg_code says why */
	enum deid_code code;
};

/* Ready to be a cinfo->err, for one or several of them. Warnings that mean damaged data are errors. */
struct jpeg_error_mgr *jpeg_guard_init(struct jpeg_guard *);
/* For callbacks: ends the call of libjpeg with this reason. */
void jpeg_give_up(j_common_ptr, enum deid_code, const char *why) __attribute__((noreturn));
/* After a jump: the error for it. libjpeg's texts hold numbers of the stream's structure, never content. */
int jpeg_guard_fail(const struct jpeg_guard *, const struct deid_host *, struct deid_error *);

/* A destination that grows. p is malloc()ed and the caller's, also after a jump. */
struct jpeg_output {
	struct jpeg_destination_mgr mgr;
	unsigned char *p;
	size_t n, cap;
};
void jpeg_output_init(struct jpeg_output *);

#endif
