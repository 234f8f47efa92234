/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/io/range.h"

#include "core/util/error.h"
#include <errno.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define AT_ONCE ((uint64_t)1 << 30) /* below what one system call may move */

static int write_failed(struct deid_error *err)
{
	return error_errno(err, DEID_FAILED, "cannot write the output");
}

int range_write(int fd, uint64_t off, const void *p, size_t n, struct deid_error *err)
{
	const unsigned char *from = p;

	while (n) {
		ssize_t put = pwrite(fd, from, n, (off_t)off);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0) {
			if (put == 0)
				errno = ENOSPC;
			return write_failed(err);
		}
		from += put;
		off += (uint64_t)put;
		n -= (size_t)put;
	}
	return DEID_OK;
}

/* Errors that say "not this way" and nothing about the data. */
static bool cannot(int number)
{
	return number == EXDEV || number == EINVAL || number == ENOSYS || number == EOPNOTSUPP ||
	       number == EPERM || number == EBADF || number == ETXTBSY;
}

static ssize_t copy_some(int in, uint64_t from, int out, uint64_t to, size_t n, enum range_way way)
{
	off_t in_off = (off_t)from;

#ifdef HAVE_COPY_FILE_RANGE
	off_t out_off = (off_t)to;

	if (way == RANGE_CLONE)
		return copy_file_range(in, &in_off, out, &out_off, n, 0);
#else
	if (way == RANGE_CLONE) {
		errno = ENOSYS;
		return -1;
	}
#endif
	if (lseek(out, (off_t)to, SEEK_SET) < 0)
		return -1;
	return sendfile(out, in, &in_off, n);
}

int range_copy(
    int in, uint64_t *from, int out, uint64_t *to, uint64_t *len, enum range_way *way, struct deid_error *err)
{
	while (*len && *way != RANGE_NONE) {
		size_t n = (size_t)(*len < AT_ONCE ? *len : AT_ONCE);
		ssize_t done = copy_some(in, *from, out, *to, n, *way);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && cannot(errno)) {
			++*way;
			continue;
		}
		if (done < 0)
			return error_errno(err, DEID_FAILED, "cannot copy to the output");
		/* The end too early, or a file system that says so: a plain read will tell. */
		if (done == 0)
			break;
		*from += (uint64_t)done;
		*to += (uint64_t)done;
		*len -= (uint64_t)done;
	}
	return DEID_OK;
}
