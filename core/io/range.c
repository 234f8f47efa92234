/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/io/range.h"

#include "core/util/error.h"
#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#define AT_ONCE ((uint64_t)1 << 30) /* below what one system call may move */

int range_write(int fd, uint64_t off, const void *p, size_t n, struct deid_error *err)
{
	const unsigned char *from = p;

	while (n) {
		ssize_t put = pwrite(fd, from, n, (off_t)off);

		if (put < 0 && errno == EINTR)
			continue;
		if (put == 0)
			errno = ENOSPC; /* no progress, and no reason given */
		if (put <= 0)
			return error_errno(err, DEID_FAILED, "cannot write the output");
		from += put;
		off += (uint64_t)put;
		n -= (size_t)put;
	}
	return DEID_OK;
}

#ifdef HAVE_COPY_FILE_RANGE
/* Errors that say "not this way" and nothing about the data. */
static bool cannot(int number)
{
	return number == EXDEV || number == EINVAL || number == ENOSYS || number == EOPNOTSUPP ||
	       number == EPERM || number == EBADF || number == ETXTBSY;
}

int range_copy(
    int in, uint64_t *from, int out, uint64_t *to, uint64_t *len, bool *works, struct deid_error *err)
{
	while (*len && *works) {
		size_t n = (size_t)(*len < AT_ONCE ? *len : AT_ONCE);
		off_t in_off = (off_t)*from, out_off = (off_t)*to;
		ssize_t done = copy_file_range(in, &in_off, out, &out_off, n, 0);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && cannot(errno)) {
			*works = false;
			break;
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
#else
int range_copy(
    int in, uint64_t *from, int out, uint64_t *to, uint64_t *len, bool *works, struct deid_error *err)
{
	(void)in, (void)from, (void)out, (void)to, (void)len, (void)err;
	*works = false;
	return DEID_OK;
}
#endif

bool range_remote(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	switch ((unsigned long)fs.f_type) {
	case NFS_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case CEPH_SUPER_MAGIC:
	case FUSE_SUPER_MAGIC:
		return true;
	default:
		return false;
	}
}
