/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/io/sink.h"
#include "core/io/temp.h"

#include "core/util/error.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#define TRIES 100
#define SELF "/proc/self"
#define SELF_FORMAT SELF "/fd/%d"
#define SELF_SIZE (sizeof(SELF_FORMAT) + 3 * sizeof(int))

static int fresh_name(char name[TEMP_NAME_SIZE], struct deid_error *err)
{
	unsigned char r[8];
	size_t at = sizeof(TEMP_PREFIX) - 1;

	/* Up to 256 bytes come whole, also when a signal arrives. */
	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		return error_errno(err, DEID_FAILED, "cannot get random bytes");
	memcpy(name, TEMP_PREFIX, at);
	for (size_t i = 0; i < sizeof(r); i++) {
		name[at++] = "0123456789abcdef"[r[i] >> 4];
		name[at++] = "0123456789abcdef"[r[i] & 15];
	}
	name[at] = '\0';
	return DEID_OK;
}

/* Whether the name in dirfd is this very file, not a link and not another. */
static bool same_file(int dirfd, const char *name, int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(dirfd, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev && S_ISREG(a.st_mode);
}

/* Locks a file made just now. False when a sweep came in between, which has removed it or is about to. */
static bool lock_fresh(int dirfd, const char *name, int fd)
{
	/* Where there are no locks a sweep gets none either, and leaves the file alone. */
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return false;
	return same_file(dirfd, name, fd);
}

static int open_named(int dirfd, char name[TEMP_NAME_SIZE], int *fd, struct deid_error *err)
{
	for (int i = 0; i < TRIES; i++) {
		if (fresh_name(name, err) != DEID_OK)
			return DEID_FAILED;
		*fd = openat(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (*fd < 0 && (errno == EEXIST || errno == EINTR))
			continue;
		if (*fd < 0)
			return error_errno(err, DEID_FAILED, "cannot create a temporary file");
		if (lock_fresh(dirfd, name, *fd))
			return DEID_OK;
		unlinkat(dirfd, name, 0);
		close(*fd);
		*fd = -1;
	}
	return error_fail(
	    err, DEID_FAILED, DEID_E_IO, "cannot create a temporary file: it is always taken away");
}

/* A file without a name: -1 where the file system has none, or where /proc is not there to name it later. */
static int open_nameless(int dirfd)
{
	/* The link itself: what it leads to takes the kernel ten times as long, and this is done for each
	 * file. */
	if (faccessat(AT_FDCWD, SELF, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return -1;
	return openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

int temp_open(int dirfd, char name[TEMP_NAME_SIZE], int *fd, struct deid_error *err)
{
	name[0] = '\0';
	*fd = open_nameless(dirfd);
	return *fd >= 0 ? DEID_OK : open_named(dirfd, name, fd, err);
}

int temp_open_nameless(int dirfd, int *fd, struct deid_error *err)
{
	char name[TEMP_NAME_SIZE];

	if (temp_open(dirfd, name, fd, err) != DEID_OK)
		return DEID_FAILED;
	if (!name[0] || unlinkat(dirfd, name, 0) == 0)
		return DEID_OK;
	error_errno(err, DEID_FAILED, "cannot remove a temporary file's name");
	close(*fd);
	*fd = -1;
	return DEID_FAILED;
}

static int rename_failed(struct deid_error *err)
{
	if (errno == EEXIST)
		return error_fail(err, DEID_FAILED, DEID_E_CONFLICT, "the output exists already");
	return error_errno(err, DEID_FAILED, "cannot give the output its name");
}

static int link_nameless(int dirfd, int fd, const char *name)
{
	char self[SELF_SIZE];

	/* Without a walk through /proc; some may not, before Linux 6.10. */
	if (linkat(fd, "", dirfd, name, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno == EEXIST)
		return -1;
	snprintf(self, sizeof(self), SELF_FORMAT, fd);
	return linkat(AT_FDCWD, self, dirfd, name, AT_SYMLINK_FOLLOW);
}

/* Gives a nameless file a temporary name, since only a name can take another's place. */
static int link_temp(int dirfd, int fd, char name[TEMP_NAME_SIZE], struct deid_error *err)
{
	/* Nobody else has it, so this is refused only where there are no locks: see lock_fresh(). */
	flock(fd, LOCK_EX | LOCK_NB);
	for (int i = 0; i < TRIES && fresh_name(name, err) == DEID_OK; i++) {
		if (link_nameless(dirfd, fd, name) == 0)
			return DEID_OK;
		if (errno != EEXIST) {
			rename_failed(err);
			break;
		}
	}
	name[0] = '\0';
	return DEID_FAILED;
}

static int rename_new(int dirfd, const char *temp, const char *name, struct deid_error *err)
{
#ifdef HAVE_RENAMEAT2
	if (renameat2(dirfd, temp, dirfd, name, RENAME_NOREPLACE) == 0)
		return DEID_OK;
	if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
		return rename_failed(err);
#endif
	if (linkat(dirfd, temp, dirfd, name, 0) < 0)
		return rename_failed(err);
	/* The output is there, whole, under its name: a second name that stays is for a later sweep. */
	unlinkat(dirfd, temp, 0);
	return DEID_OK;
}

int temp_rename(
    int dirfd, char temp[TEMP_NAME_SIZE], int fd, const char *name, bool replace, struct deid_error *err)
{
	if (!replace && !temp[0])
		return link_nameless(dirfd, fd, name) < 0 ? rename_failed(err) : DEID_OK;
	if (!replace)
		return rename_new(dirfd, temp, name, err);
	if (!temp[0] && link_temp(dirfd, fd, temp, err) != DEID_OK)
		return DEID_FAILED;
	return renameat(dirfd, temp, dirfd, name) < 0 ? rename_failed(err) : DEID_OK;
}

static void sweep_one(int dirfd, const char *name)
{
	/* Not blocking, should it be a pipe that somebody named so. */
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return;
	/* Between our open and our lock its run may have ended and given it another name. */
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && same_file(dirfd, name, fd))
		unlinkat(dirfd, name, 0);
	close(fd);
}

static bool temp_name(const char *name)
{
	size_t prefix = sizeof(TEMP_PREFIX) - 1;

	return strncmp(name, TEMP_PREFIX, prefix) == 0 && strlen(name) == TEMP_NAME_SIZE - 1 &&
	       strspn(name + prefix, "0123456789abcdef") == 16;
}

void sink_sweep(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (temp_name(entry->d_name))
			sweep_one(dirfd, entry->d_name);
	closedir(dir);
}
