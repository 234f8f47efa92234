/* SPDX-License-Identifier: MIT */
/*
 * How a stream plugin reads and writes: a window that moves over the input, and output that is spans of
 * that input with new text between them.
 *
 * Spans that touch are joined and written once. A span must lie in the window when it is given to
 * spans_copy(); spans_flush() is due before the window moves, because the bytes go with it.
 */
#ifndef DEID_PLUGINS_COMMON_SPANS_H
#define DEID_PLUGINS_COMMON_SPANS_H

#include "core/util/str.h"

struct window {
	const struct deid_host *host;
	struct deid_source *src; /* NULL: the window is the whole input, in memory */
	const char *p;
	uint64_t off; /* of p in the input */
	size_t n;
	bool last; /* nothing follows the window */
};

/* Moves the window to off, n bytes or as many as there are. */
int window_load(struct window *, uint64_t off, size_t n, struct deid_error *);

struct spans {
	const struct deid_host *host;
	const struct window *win;
	struct deid_sink *sink; /* one of the two; neither: nothing is written */
	struct buf *mem;
	uint64_t from, to; /* of the input, not written yet */
	unsigned mute;     /* > 0: what comes is dropped */
};

int spans_flush(struct spans *, struct deid_error *);
int spans_write(struct spans *, const void *, size_t, struct deid_error *);

static inline int spans_copy(struct spans *s, uint64_t from, uint64_t to, struct deid_error *err)
{
	int rc;

	if (s->mute || from == to)
		return DEID_OK;
	if (from != s->to || s->from == s->to) {
		rc = spans_flush(s, err);
		if (rc)
			return rc;
		s->from = from;
	}
	s->to = to;
	return DEID_OK;
}

#endif
