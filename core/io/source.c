/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/io/source.h"

#include "core/util/error.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILL_MIN ((size_t)16 << 10) /* holds most headers */
#define FILL_MAX ((size_t)256 << 10)

struct deid_source {
	int fd; /* -1: memory */
	uint64_t size;
	struct timespec mtime;
	/* The window: input [at, at + have). For memory it is the whole and not ours. */
	unsigned char *window;
	size_t cap, have;
	uint64_t at;
	size_t fill; /* how much to read at once */
};

int source_open_fd(struct deid_source **out, int fd, struct deid_error *err)
{
	struct deid_source *s = NULL;
	struct stat st;
	int rc;

	*out = NULL;
	if (fstat(fd, &st) < 0) {
		rc = error_errno(err, DEID_FAILED, "cannot look at the input");
		goto fail;
	}
	if (!S_ISREG(st.st_mode)) {
		rc = error_fail(err, DEID_FAILED, DEID_E_UNSUPPORTED, "the input is not a regular file");
		goto fail;
	}
	s = calloc(1, sizeof(*s));
	if (!s) {
		rc = error_nomem(err);
		goto fail;
	}
	s->fd = fd;
	s->size = (uint64_t)st.st_size;
	s->mtime = st.st_mtim;
	s->fill = FILL_MIN;
	*out = s;
	return DEID_OK;
fail:
	if (fd >= 0)
		close(fd);
	return rc;
}

int source_open_mem(struct deid_source **out, const void *p, size_t n, struct deid_error *err)
{
	struct deid_source *s = calloc(1, sizeof(*s));

	*out = s;
	if (!s)
		return error_nomem(err);
	s->fd = -1;
	s->size = s->have = n;
	s->window = (unsigned char *)(uintptr_t)p; /* never written: fd < 0 */
	return DEID_OK;
}

void source_close(struct deid_source *s)
{
	if (!s)
		return;
	if (s->fd >= 0) {
		close(s->fd);
		free(s->window);
	}
	free(s);
}

uint64_t source_size(struct deid_source *s)
{
	return s->size;
}

int source_fd(struct deid_source *s)
{
	return s->fd;
}

size_t source_window(struct deid_source *s, uint64_t off, const void **p)
{
	if (off < s->at || off - s->at >= s->have)
		return 0;
	*p = s->window + (size_t)(off - s->at);
	return s->have - (size_t)(off - s->at);
}

/* All of [off, off + n), which lies inside the file as it was at open. */
static int read_fully(struct deid_source *s, uint64_t off, unsigned char *p, size_t n, struct deid_error *err)
{
	while (n) {
		ssize_t got = pread(s->fd, p, n, (off_t)off);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			error_errno(err, DEID_FAILED, "cannot read the input");
			error_at(err, (struct deid_str){NULL, 0}, off);
			return DEID_FAILED;
		}
		if (got == 0)
			return error_fail(
			    err, DEID_FAILED, DEID_E_IO, "the input got shorter while it was read");
		p += got;
		off += (uint64_t)got;
		n -= (size_t)got;
	}
	return DEID_OK;
}

/* Room for n bytes in the window; what it holds is kept only as far as `tail`, moved to the front. */
static bool make_room(struct deid_source *s, size_t n, uint64_t off, size_t tail)
{
	unsigned char *w = s->window;
	size_t cap = FILL_MIN;

	if (n > s->cap) {
		while (cap < n)
			cap *= 2;
		w = malloc(cap);
		if (!w)
			return false;
	}
	if (tail)
		memmove(w, s->window + (size_t)(off - s->at), tail);
	if (w != s->window) {
		free(s->window);
		s->window = w;
		s->cap = cap;
	}
	s->at = off;
	s->have = tail;
	return true;
}

/* Moves the window so that it begins at off and holds at least n bytes, which lie inside the file. */
static int refill(struct deid_source *s, uint64_t off, size_t n, struct deid_error *err)
{
	uint64_t end = s->at + s->have, rest = s->size - off;
	const void *p;
	size_t tail = source_window(s, off, &p), want;
	int rc;

	/* Going on where the window ends reads ever more at once; a jump begins small again. */
	if (s->have && off >= s->at && off <= end + s->fill / 2)
		s->fill = s->fill < FILL_MAX ? s->fill * 2 : FILL_MAX;
	else
		s->fill = FILL_MIN;
	want = n > s->fill ? n : s->fill;
	if (want > rest)
		want = (size_t)rest;
	if (!make_room(s, want, off, tail))
		return error_nomem(err);
	rc = read_fully(s, off + tail, s->window + tail, want - tail, err);
	if (rc == DEID_OK)
		s->have = want;
	return rc;
}

int source_peek(
    struct deid_source *s, uint64_t off, size_t n, const void **p, size_t *got, struct deid_error *err)
{
	int rc;

	*got = 0;
	*p = "";
	if (n > DEID_PEEK_MAX)
		return error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "a peek of %zu bytes is too large", n);
	if (off >= s->size || n == 0)
		return DEID_OK;
	if (n > s->size - off)
		n = (size_t)(s->size - off);
	if (source_window(s, off, p) < n) {
		rc = refill(s, off, n, err);
		if (rc != DEID_OK) {
			*p = "";
			return rc;
		}
		*p = s->window;
	}
	*got = n;
	return DEID_OK;
}

int source_read(struct deid_source *s, uint64_t off, void *buf, size_t n, struct deid_error *err)
{
	const void *p;
	size_t have;
	int rc;

	if (n == 0)
		return DEID_OK;
	if (off > s->size || n > s->size - off) {
		error_fail(err, DEID_FAILED, DEID_E_TRUNCATED, "the input ends too early");
		error_at(err, (struct deid_str){NULL, 0}, s->size);
		return DEID_FAILED;
	}
	/* Much at once goes past the window, which may still be needed where it is. */
	if (s->fd >= 0 && n >= FILL_MAX / 4) {
		have = source_window(s, off, &p);
		if (have > n)
			have = n;
		if (have)
			memcpy(buf, p, have);
		return read_fully(s, off + have, (unsigned char *)buf + have, n - have, err);
	}
	have = source_window(s, off, &p);
	if (have < n) {
		rc = refill(s, off, n, err);
		if (rc != DEID_OK)
			return rc;
		p = s->window;
	}
	memcpy(buf, p, n);
	return DEID_OK;
}

int source_unchanged(struct deid_source *s, struct deid_error *err)
{
	struct stat st;

	if (s->fd < 0)
		return DEID_OK;
	if (fstat(s->fd, &st) < 0)
		return error_errno(err, DEID_FAILED, "cannot look at the input");
	if ((uint64_t)st.st_size != s->size || st.st_mtim.tv_sec != s->mtime.tv_sec ||
	    st.st_mtim.tv_nsec != s->mtime.tv_nsec)
		return error_fail(err, DEID_FAILED, DEID_E_IO, "the input changed while it was read");
	return DEID_OK;
}
