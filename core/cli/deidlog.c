/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/deidlog.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST "path,type"

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Takes fd over. Is the folder this one, or below it? */
static bool below(int fd, const struct stat *top)
{
	struct stat at, up;
	bool inside = false;

	while (fd >= 0 && !inside && fstat(fd, &at) == 0) {
		int parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		inside = same(&at, top);
		close(fd);
		fd = parent;
		if (fd >= 0 && fstat(fd, &up) == 0 && same(&up, &at))
			break;
	}
	if (fd >= 0)
		close(fd);
	return inside;
}

const char *deidlog_objection(const char *path, const char *output)
{
	const char *slash = strrchr(path, '/');
	struct buf folder = {0};
	struct stat top;
	int fd;

	if (!buf_add(&folder, slash ? path : ".", slash ? (size_t)(slash - path) + 1 : 1) ||
	    !buf_cstr(&folder))
		return "no memory";
	fd = open(folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	buf_free(&folder);
	/* It may be the output folder, which is not there yet. */
	if (fd < 0)
		return "its folder cannot be opened";
	if (!output || stat(output, &top) != 0) {
		close(fd);
		return NULL;
	}
	return below(fd, &top) ? "it lies in the output folder" : NULL;
}

/* Empty, or the log of an earlier run. */
static bool ours(int fd, const struct stat *st)
{
	char head[sizeof FIRST - 1];

	return st->st_size == 0 || (pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
				       memcmp(head, FIRST, sizeof head) == 0);
}

static int open_file(struct deidlog *l, struct deid_error *err)
{
	int fd = open(l->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0600);
	struct stat st;
	int rc = DEID_OK;

	if (fd < 0 || fstat(fd, &st) != 0)
		rc = error_errno(err, DEID_FATAL, "cannot write the deid-log %s", l->path);
	else if (!S_ISREG(st.st_mode) || !ours(fd, &st))
		rc = error_fail(err, DEID_FATAL, DEID_E_CONFLICT,
		    "the deid-log %s exists, and is no deid-log of an earlier run", l->path);
	/* Closed to others before anything is in it. */
	else if (fchmod(fd, 0600) != 0 || ftruncate(fd, 0) != 0 || !(l->file = fdopen(fd, "w")))
		rc = error_errno(err, DEID_FATAL, "cannot write the deid-log %s", l->path);
	if (rc != DEID_OK && fd >= 0)
		close(fd);
	return rc;
}

static void write_text(struct deidlog *l, struct deid_str text)
{
	if (text.n && fwrite(text.p, 1, text.n, l->file) != text.n)
		l->failed = true;
}

int deidlog_open(struct deidlog *l, const char *path, const struct profile *p, struct deid_error *err)
{
	struct buf header = {0};
	int rc;

	*l = (struct deidlog){.path = path};
	rc = valuelog_init(&l->log, p) && valuelog_header(&l->log, &header) ? DEID_OK : error_nomem(err);
	if (rc == DEID_OK)
		rc = open_file(l, err);
	if (rc == DEID_OK)
		write_text(l, buf_view(&header));
	buf_free(&header);
	return rc;
}

void deidlog_outcome(void *arg, const struct outcome *o)
{
	struct deidlog *l = arg;

	if (o->status == OUTCOME_DEIDENTIFIED)
		write_text(l, buf_view(&o->log));
	l->next.outcome(l->next.arg, o);
}

bool deidlog_close(struct deidlog *l)
{
	valuelog_free(&l->log);
	if (!l->file)
		return true;
	if (fclose(l->file) != 0)
		l->failed = true;
	l->file = NULL;
	if (l->failed)
		fprintf(stderr, "deid: the deid-log %s could not be written whole\n", l->path);
	return !l->failed;
}
