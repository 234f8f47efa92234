/* SPDX-License-Identifier: MIT */
#include "plugins/common/spans.h"

int window_load(struct window *w, uint64_t off, size_t n, struct deid_error *err)
{
	const void *p;
	size_t got;
	int rc;

	if (!w->src)
		return DEID_OK;
	rc = w->host->src_peek(w->src, off, n, &p, &got, err);
	if (rc)
		return rc;
	w->p = p;
	w->off = off;
	w->n = got;
	w->last = got < n;
	return DEID_OK;
}

static int put(struct spans *s, const void *p, size_t n, struct deid_error *err)
{
	if (s->sink)
		return s->host->sink_write(s->sink, p, n, err);
	if (s->mem && !buf_add(s->mem, p, n))
		return s->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	return DEID_OK;
}

int spans_flush(struct spans *s, struct deid_error *err)
{
	const struct window *w = s->win;
	uint64_t from = s->from;
	size_t n = (size_t)(s->to - s->from);

	if (n == 0)
		return DEID_OK;
	if (from < w->off || s->to > w->off + w->n)
		return s->host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "a span has left the window");
	s->from = s->to = 0;
	return put(s, w->p + (from - w->off), n, err);
}

int spans_write(struct spans *s, const void *p, size_t n, struct deid_error *err)
{
	int rc;

	if (s->mute || n == 0)
		return DEID_OK;
	rc = spans_flush(s, err);
	return rc ? rc : put(s, p, n, err);
}
