/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/io/scatter.h"

#include "core/util/error.h"
#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#define SKIP_MAX ((size_t)1 << 10) /* as much is read and dropped rather than another call be made */

/* The places of one call. */
struct call {
	struct iovec to[2 * SCATTER_MAX];
	int n;
	size_t total;
};

static void add(struct call *c, void *p, size_t n)
{
	c->to[c->n++] = (struct iovec){p, n};
	c->total += n;
}

/* As many pieces from `from` on as lie close together; gives the first that does not. */
static size_t gather(struct call *c, const struct scatter *s, size_t from, unsigned char *buffer,
    unsigned char dropped[SKIP_MAX])
{
	size_t i = from;

	c->n = 0;
	c->total = 0;
	for (;; i++) {
		const struct scatter_piece *p = &s->piece[i];
		uint64_t skip;

		add(c, buffer + p->at, p->len);
		if (i + 1 == s->n)
			break;
		skip = p[1].off - (p->off + p->len);
		if (skip > SKIP_MAX)
			break;
		if (skip)
			add(c, dropped, (size_t)skip);
	}
	return i + 1;
}

/* The `done` bytes that were read leave the list. */
static struct iovec *advance(struct call *c, struct iovec *at, size_t done)
{
	c->total -= done;
	while (done && done >= at->iov_len) {
		done -= at->iov_len;
		at++;
		c->n--;
	}
	if (done) {
		at->iov_base = (unsigned char *)at->iov_base + done;
		at->iov_len -= done;
	}
	return at;
}

static int read_call(struct call *c, int fd, uint64_t off, struct deid_error *err)
{
	struct iovec *at = c->to;

	while (c->total) {
		ssize_t got = preadv(fd, at, c->n, (off_t)off);

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
		off += (uint64_t)got;
		at = advance(c, at, (size_t)got);
	}
	return DEID_OK;
}

int scatter_read(struct scatter *s, int fd, unsigned char *buffer, struct deid_error *err)
{
	unsigned char dropped[SKIP_MAX];
	struct call call;
	int rc = DEID_OK;

	for (size_t i = 0; i < s->n && rc == DEID_OK;) {
		uint64_t off = s->piece[i].off;

		i = gather(&call, s, i, buffer, dropped);
		rc = read_call(&call, fd, off, err);
	}
	s->n = 0;
	return rc;
}
