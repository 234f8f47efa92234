/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/io/preserve.h"

#include "core/util/error.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static bool refused(int number)
{
	return number == EPERM || number == EACCES || number == EOPNOTSUPP;
}

static bool kept_here(const char *name)
{
	return str_prefix(str_of(name), "security.") || str_prefix(str_of(name), "trusted.");
}

static int attributes_failed(struct deid_error *err)
{
	return error_errno(err, DEID_FAILED, "cannot keep an extended attribute");
}

/* One call of flistxattr() or fgetxattr() into b, whatever the size is. ENODATA: gone meanwhile, empty. */
static ssize_t read_xattr(int fd, const char *name, struct buf *b)
{
	for (;;) {
		ssize_t n = name ? fgetxattr(fd, name, NULL, 0) : flistxattr(fd, NULL, 0);

		b->n = 0;
		if (n <= 0)
			return n;
		if (!buf_reserve(b, (size_t)n)) {
			errno = ENOMEM;
			return -1;
		}
		n = name ? fgetxattr(fd, name, b->p, b->cap) : flistxattr(fd, b->p, b->cap);
		if (n >= 0)
			b->n = (size_t)n;
		if (n >= 0 || errno != ERANGE)
			return n;
	}
}

static int copy_xattrs(int from, int to, struct deid_error *err)
{
	struct buf names = {0}, value = {0};
	int rc = DEID_OK;

	if (read_xattr(from, NULL, &names) < 0) {
		if (!refused(errno))
			rc = attributes_failed(err);
		goto out;
	}
	for (size_t i = 0; i < names.n; i += str_of(names.p + i).n + 1) {
		const char *name = names.p + i;

		if (kept_here(name))
			continue;
		if (read_xattr(from, name, &value) < 0) {
			if (errno == ENODATA || refused(errno))
				continue;
			rc = attributes_failed(err);
			goto out;
		}
		if (fsetxattr(to, name, value.n ? value.p : "", value.n, 0) < 0 && !refused(errno)) {
			rc = attributes_failed(err);
			goto out;
		}
	}
out:
	buf_free(&names);
	buf_free(&value);
	return rc;
}

int preserve_all(int from, int to, struct deid_error *err)
{
	struct stat st;
	mode_t mode;
	bool owned;

	if (fstat(from, &st) < 0)
		return error_errno(err, DEID_FAILED, "cannot look at the input");
	owned = fchown(to, st.st_uid, st.st_gid) == 0;
	if (!owned && errno != EPERM && errno != EINVAL)
		return error_errno(err, DEID_FAILED, "cannot keep the owner");
	if (!owned && fchown(to, (uid_t)-1, st.st_gid) < 0 && errno != EPERM && errno != EINVAL)
		return error_errno(err, DEID_FAILED, "cannot keep the group");
	mode = st.st_mode & (owned ? 07777 : 0777);
	if (fchmod(to, mode) < 0)
		return error_errno(err, DEID_FAILED, "cannot keep the mode");
	if (copy_xattrs(from, to, err) != DEID_OK)
		return DEID_FAILED;
	if (futimens(to, (struct timespec[2]){st.st_atim, st.st_mtim}) < 0)
		return error_errno(err, DEID_FAILED, "cannot keep the times");
	return DEID_OK;
}
