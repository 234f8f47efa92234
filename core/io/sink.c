/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/io/sink.h"

#include "core/io/preserve.h"
#include "core/io/range.h"
#include "core/io/scatter.h"
#include "core/io/source.h"
#include "core/io/temp.h"
#include "core/util/error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_FIRST ((size_t)16 << 10)
#define BUFFER_MAX ((size_t)256 << 10)
#define DIRECT_MIN ((uint64_t)32 << 10)     /* shorter copies go through the source's window */
#define KERNEL_COPY_MIN ((uint64_t)1 << 20) /* and those below this through the buffer */

enum sink_state {
	SINK_WRITING,
	SINK_FLUSHED,
	SINK_NAMED,
	SINK_BROKEN, /* a write failed: what is there is not the output */
};

struct deid_sink {
	int fd; /* -1: a spool still in memory, or one that is read now */
	int dirfd;
	char temp[TEMP_NAME_SIZE]; /* "": no name to remove */
	enum sink_state state;
	bool by_user;     /* the kernel has said that it cannot copy here */
	uint64_t written; /* bytes in the file; what is in the buffer comes behind them */
	unsigned char *buffer;
	size_t n, cap;
	size_t limit; /* how far the buffer may grow before it goes to the file */
	/* Places in the buffer that are still to be read, while sink_splice() runs. */
	struct scatter *gaps;
	int gaps_fd;
	bool spool;
	bool discard;             /* nothing is kept */
	struct deid_source *back; /* a spool being read */
};

static struct deid_sink *new_sink(int dirfd, size_t limit)
{
	struct deid_sink *s = calloc(1, sizeof(*s));

	if (s) {
		s->fd = -1;
		s->dirfd = dirfd;
		s->limit = limit;
	}
	return s;
}

int sink_open_file(struct deid_sink **out, int dirfd, struct deid_error *err)
{
	struct deid_sink *s = new_sink(dirfd, BUFFER_MAX);
	int rc;

	*out = NULL;
	if (!s)
		return error_nomem(err);
	rc = temp_open(dirfd, s->temp, &s->fd, err);
	if (rc != DEID_OK) {
		free(s);
		return rc;
	}
	*out = s;
	return DEID_OK;
}

int sink_open_spool(struct deid_sink **out, int dirfd, size_t keep, struct deid_error *err)
{
	*out = new_sink(dirfd, keep);
	if (!*out)
		return error_nomem(err);
	(*out)->spool = true;
	return DEID_OK;
}

int sink_open_discard(struct deid_sink **out, int dirfd, struct deid_error *err)
{
	*out = NULL;
	if (dirfd >= 0 && faccessat(dirfd, ".", W_OK | X_OK, AT_EACCESS) != 0)
		return error_errno(err, DEID_FAILED, "cannot create a temporary file");
	*out = new_sink(dirfd, 0);
	if (!*out)
		return error_nomem(err);
	(*out)->discard = true;
	return DEID_OK;
}

void sink_close(struct deid_sink *s)
{
	if (!s)
		return;
	source_close(s->back);
	if (s->temp[0])
		unlinkat(s->dirfd, s->temp, 0);
	if (s->fd >= 0)
		close(s->fd);
	free(s->buffer);
	free(s->gaps);
	free(s);
}

uint64_t sink_tell(struct deid_sink *s)
{
	return s->written + s->n;
}

/* Remembers a failure, so that nothing incomplete can get a name. */
static int done(struct deid_sink *s, int rc)
{
	if (rc != DEID_OK)
		s->state = SINK_BROKEN;
	return rc;
}

static int wrong_state(struct deid_error *err)
{
	return error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "output is used after it ended or failed");
}

/* A spool that outgrew memory gets a file. */
static int open_spool_file(struct deid_sink *s, struct deid_error *err)
{
	int rc;

	if (s->dirfd < 0)
		return error_fail(
		    err, DEID_FAILED, DEID_E_LIMIT, "data exceed the %zu bytes kept in memory", s->limit);
	rc = temp_open_nameless(s->dirfd, &s->fd, err);
	if (rc == DEID_OK)
		s->limit = s->cap > BUFFER_MAX ? s->cap : BUFFER_MAX;
	return rc;
}

static int read_gaps(struct deid_sink *s, struct deid_error *err)
{
	return s->gaps && s->gaps->n ? scatter_read(s->gaps, s->gaps_fd, s->buffer, err) : DEID_OK;
}

/* The buffer's content to the file. */
static int drain(struct deid_sink *s, struct deid_error *err)
{
	int rc = read_gaps(s, err);

	if (rc == DEID_OK && s->fd < 0)
		rc = open_spool_file(s, err);
	if (rc == DEID_OK)
		rc = range_write(s->fd, s->written, s->buffer, s->n, err);
	if (rc == DEID_OK) {
		s->written += s->n;
		s->n = 0;
	}
	return rc;
}

/* How much the buffer takes before it is written out. Files are written at multiples of its size: the page
 * cache takes large aligned pieces a third faster. */
static size_t full_at(const struct deid_sink *s)
{
	return s->fd < 0 ? s->limit : s->limit - (size_t)(s->written % BUFFER_MAX);
}

/* Room at the buffer's end for some of the next `want` bytes: *room is at least 1. */
static int make_room(struct deid_sink *s, size_t want, size_t *room, struct deid_error *err)
{
	size_t full = full_at(s), cap, need;
	unsigned char *p;

	if (s->n >= full) {
		int rc = drain(s, err);

		if (rc != DEID_OK)
			return rc;
		full = full_at(s);
	}
	cap = s->cap;
	need = want < full - s->n ? s->n + want : full;
	if (need > cap) {
		cap = cap ? cap : BUFFER_FIRST;
		while (cap < need)
			cap *= 2;
		if (cap > s->limit)
			cap = s->limit;
		p = realloc(s->buffer, cap);
		if (!p)
			return error_nomem(err);
		s->buffer = p;
		s->cap = cap;
	}
	*room = need - s->n;
	return DEID_OK;
}

static int append(struct deid_sink *s, const unsigned char *p, size_t n, struct deid_error *err)
{
	int rc = DEID_OK;

	while (n && rc == DEID_OK) {
		size_t room;

		/* Whole buffers need no buffer. */
		if (s->fd >= 0 && s->n == 0 && n >= s->limit) {
			rc = range_write(s->fd, s->written, p, n, err);
			s->written += rc == DEID_OK ? n : 0;
			return rc;
		}
		rc = make_room(s, n, &room, err);
		if (rc == DEID_OK) {
			memcpy(s->buffer + s->n, p, room);
			s->n += room;
			p += room;
			n -= room;
		}
	}
	return rc;
}

int sink_write(struct deid_sink *s, const void *p, size_t n, struct deid_error *err)
{
	if (s->state != SINK_WRITING)
		return wrong_state(err);
	if (s->discard) {
		s->written += n;
		return DEID_OK;
	}
	return done(s, append(s, p, n, err));
}

/* Through the source's window: short gaps between edits cost no system call each. */
static int copy_by_window(
    struct deid_sink *s, struct deid_source *source, uint64_t off, uint64_t len, struct deid_error *err)
{
	int rc = DEID_OK;

	while (len && rc == DEID_OK) {
		const void *p;
		size_t have = source_window(source, off, &p);

		if (have == 0) {
			rc = source_peek(
			    source, off, (size_t)(len < BUFFER_FIRST ? len : BUFFER_FIRST), &p, &have, err);
			if (rc != DEID_OK)
				return rc;
		}
		if (have > len)
			have = (size_t)len;
		rc = append(s, p, have, err);
		off += have;
		len -= have;
	}
	return rc;
}

/* Straight into the buffer: one read for each buffer. */
static int copy_by_buffer(
    struct deid_sink *s, struct deid_source *source, uint64_t off, uint64_t len, struct deid_error *err)
{
	int rc = DEID_OK;

	while (len && rc == DEID_OK) {
		size_t room;

		rc = make_room(s, (size_t)(len < BUFFER_MAX ? len : BUFFER_MAX), &room, err);
		if (rc == DEID_OK)
			rc = source_read(source, off, s->buffer + s->n, room, err);
		if (rc == DEID_OK) {
			s->n += room;
			off += room;
			len -= room;
		}
	}
	return rc;
}

/*
 * Long stretches go by copy_file_range() between places of one page offset, where a file system may share
 * blocks, and on another machine, which need not send them here and back. Elsewhere it takes half as much
 * time again as reading and writing aligned pieces, and sendfile() the same.
 */
static bool kernel_is_better(struct deid_sink *s, struct deid_source *source, uint64_t off, uint64_t len)
{
	if (s->by_user || len < KERNEL_COPY_MIN || source_fd(source) < 0)
		return false;
	/* A spool stays in memory as long as it fits. */
	if (s->fd < 0 && len <= s->limit - s->n)
		return false;
	return (off - sink_tell(s)) % RANGE_PAGE == 0 || (s->fd >= 0 && range_remote(s->fd));
}

static int copy_by_kernel(
    struct deid_sink *s, struct deid_source *source, uint64_t off, uint64_t len, struct deid_error *err)
{
	/* Begins at an aligned place of the output, as the buffer does. */
	uint64_t head = (BUFFER_MAX - sink_tell(s) % BUFFER_MAX) % BUFFER_MAX;
	bool works = true;
	int rc = copy_by_buffer(s, source, off, head, err);

	off += head;
	len -= head;
	if (rc == DEID_OK)
		rc = drain(s, err);
	if (rc == DEID_OK)
		rc = range_copy(source_fd(source), &off, s->fd, &s->written, &len, &works, err);
	s->by_user = !works;
	if (rc == DEID_OK)
		rc = copy_by_buffer(s, source, off, len, err);
	return rc;
}

int sink_copy(
    struct deid_sink *s, struct deid_source *source, uint64_t off, uint64_t len, struct deid_error *err)
{
	uint64_t size = source_size(source);

	if (s->state != SINK_WRITING)
		return wrong_state(err);
	if (off > size || len > size - off) {
		error_fail(err, DEID_FAILED, DEID_E_TRUNCATED, "the input ends too early");
		error_at(err, (struct deid_str){NULL, 0}, size);
		return done(s, DEID_FAILED);
	}
	if (s->discard) {
		s->written += len;
		return DEID_OK;
	}
	if (kernel_is_better(s, source, off, len))
		return done(s, copy_by_kernel(s, source, off, len, err));
	if (len < DIRECT_MIN || source_fd(source) < 0)
		return done(s, copy_by_window(s, source, off, len, err));
	return done(s, copy_by_buffer(s, source, off, len, err));
}

/* A gap between edits: a place in the buffer now, its bytes when the buffer goes to the file. */
static int leave_gap(
    struct deid_sink *s, struct deid_source *source, uint64_t off, uint64_t len, struct deid_error *err)
{
	int rc = DEID_OK;

	if (!s->gaps) {
		s->gaps = malloc(sizeof *s->gaps);
		if (!s->gaps)
			return error_nomem(err);
		s->gaps->n = 0;
	}
	s->gaps_fd = source_fd(source);
	while (len && rc == DEID_OK) {
		size_t room;

		if (s->gaps->n == SCATTER_MAX)
			rc = read_gaps(s, err);
		if (rc == DEID_OK)
			rc = make_room(s, (size_t)len, &room, err);
		if (rc != DEID_OK)
			break;
		s->gaps->piece[s->gaps->n++] = (struct scatter_piece){off, s->n, room};
		s->n += room;
		off += room;
		len -= room;
	}
	return rc;
}

static int splice_gap(
    struct deid_sink *s, struct deid_source *source, uint64_t off, uint64_t len, struct deid_error *err)
{
	const void *p;

	if (len >= DIRECT_MIN || source_fd(source) < 0 || s->discard || source_window(source, off, &p) >= len)
		return sink_copy(s, source, off, len, err);
	return leave_gap(s, source, off, len, err);
}

int sink_splice(struct deid_sink *s, struct deid_source *source, uint64_t from, uint64_t to,
    const struct deid_edit *e, size_t n, struct deid_error *err)
{
	uint64_t size = source_size(source);
	int rc = DEID_OK;

	if (s->state != SINK_WRITING)
		return wrong_state(err);
	if (to > size)
		return done(s, error_fail(err, DEID_FAILED, DEID_E_TRUNCATED, "the input ends too early"));
	for (const struct deid_edit *end = e + n; e < end && rc == DEID_OK; e++) {
		/* from is how far the input is done: below it lies another edit, or what is not ours. */
		if (e->off < from || e->off > to || e->len > to - e->off) {
			rc = error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "edits overlap or lie outside");
			break;
		}
		if (e->off > from)
			rc = splice_gap(s, source, from, e->off - from, err);
		if (rc == DEID_OK && e->n)
			rc = sink_write(s, e->data, e->n, err);
		from = e->off + e->len;
	}
	if (rc == DEID_OK && from > to)
		rc = error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "edits overlap or lie outside");
	if (rc == DEID_OK && to > from)
		rc = splice_gap(s, source, from, to - from, err);
	if (rc == DEID_OK)
		rc = read_gaps(s, err);
	else if (s->gaps)
		s->gaps->n = 0;
	return done(s, rc);
}

int sink_patch(struct deid_sink *s, uint64_t off, const void *p, size_t n, struct deid_error *err)
{
	const unsigned char *from = p;
	uint64_t size = sink_tell(s);
	size_t in_file = 0;
	int rc;

	if (s->state != SINK_WRITING)
		return wrong_state(err);
	if (off > size || n > size - off)
		return done(
		    s, error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "a patch behind the output's end"));
	if (s->discard)
		return DEID_OK;
	if (off < s->written) {
		in_file = n < s->written - off ? n : (size_t)(s->written - off);
		rc = range_write(s->fd, off, from, in_file, err);
		if (rc != DEID_OK)
			return done(s, rc);
	}
	if (n > in_file)
		memcpy(s->buffer + (size_t)(off + in_file - s->written), from + in_file, n - in_file);
	return DEID_OK;
}

int sink_spool_source(struct deid_sink *s, struct deid_source **out, struct deid_error *err)
{
	int rc;

	*out = s->back;
	if (s->back)
		return DEID_OK;
	if (s->state != SINK_WRITING || !s->spool)
		return wrong_state(err);
	if (s->fd < 0) {
		rc = source_open_mem(&s->back, s->n ? s->buffer : (const void *)"", s->n, err);
	} else {
		rc = drain(s, err);
		if (rc == DEID_OK) {
			rc = source_open_fd(&s->back, s->fd, err);
			s->fd = -1; /* the source's now */
		}
	}
	*out = s->back;
	s->state = SINK_FLUSHED;
	return done(s, rc);
}

int sink_flush(struct deid_sink *s, struct deid_error *err)
{
	if (s->state != SINK_WRITING || s->spool)
		return wrong_state(err);
	s->state = SINK_FLUSHED;
	if (s->n && done(s, drain(s, err)) != DEID_OK)
		return DEID_FAILED;
	/* Not needed again, and a batch keeps many files open until they are on disk. */
	free(s->buffer);
	free(s->gaps);
	s->buffer = NULL;
	s->gaps = NULL;
	s->cap = 0;
	return DEID_OK;
}

int sink_read_back(struct deid_sink *s, struct deid_source **out, struct deid_error *err)
{
	int fd;

	if (s->state != SINK_FLUSHED || s->spool || s->discard)
		return wrong_state(err);
	fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? error_errno(err, DEID_FAILED, "cannot read the output back")
		      : source_open_fd(out, fd, err);
}

void sink_start_sync(struct deid_sink *s)
{
	if (s->state == SINK_FLUSHED && !s->discard)
		sync_file_range(s->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int sink_sync(struct deid_sink *s, struct deid_error *err)
{
	if (s->state != SINK_FLUSHED || s->spool)
		return wrong_state(err);
	if (!s->discard && fsync(s->fd) < 0)
		return done(s, error_errno(err, DEID_FAILED, "cannot force the output to disk"));
	return DEID_OK;
}

int sink_set_mode(struct deid_sink *s, mode_t mode, struct deid_error *err)
{
	if (s->state != SINK_FLUSHED || s->spool)
		return wrong_state(err);
	if (!s->discard && fchmod(s->fd, mode) < 0)
		return done(s, error_errno(err, DEID_FAILED, "cannot set the output's mode"));
	return DEID_OK;
}

int sink_preserve(struct deid_sink *s, int from_fd, struct deid_error *err)
{
	if (s->state != SINK_FLUSHED || s->spool)
		return wrong_state(err);
	return s->discard ? DEID_OK : done(s, preserve_all(from_fd, s->fd, err));
}

/* One component, no way out of the folder. */
static bool plain_name(const char *name)
{
	return name[0] && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* What a rename would say. */
static int look_at_name(struct deid_sink *s, const char *name, enum sink_commit how, struct deid_error *err)
{
	struct stat st;

	if (s->dirfd < 0 || fstatat(s->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return DEID_OK;
	if (how == SINK_NEW)
		return error_fail(err, DEID_FAILED, DEID_E_CONFLICT, "the output exists already");
	errno = EISDIR;
	return S_ISDIR(st.st_mode) ? error_errno(err, DEID_FAILED, "cannot give the output its name")
				   : DEID_OK;
}

int sink_commit(struct deid_sink *s, const char *name, enum sink_commit how, struct deid_error *err)
{
	int rc;

	if (s->state != SINK_FLUSHED || s->spool)
		return wrong_state(err);
	if (!plain_name(name))
		return error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "an output name that is no plain name");
	rc = s->discard ? look_at_name(s, name, how, err)
			: temp_rename(s->dirfd, s->temp, s->fd, name, how == SINK_REPLACE, err);
	if (rc != DEID_OK)
		return rc;
	s->temp[0] = '\0';
	s->state = SINK_NAMED;
	return DEID_OK;
}

int sink_sync_dir(int dirfd, struct deid_error *err)
{
	/* EINVAL: this file system has nothing to force there. */
	if (fsync(dirfd) < 0 && errno != EINVAL)
		return error_errno(err, DEID_FAILED, "cannot force a folder to disk");
	return DEID_OK;
}
