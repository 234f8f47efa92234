/* SPDX-License-Identifier: MIT */
#include "core/util/splice.h"

#include "core/util/grow.h"

void splice_free(struct splice *s)
{
	free(s->edit);
	free(s->call);
	*s = (struct splice){0};
}

/* An insertion comes before a replacement that begins at the same place. */
static int in_order(const struct deid_edit *a, const struct deid_edit *b)
{
	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	if ((a->len != 0) != (b->len != 0))
		return a->len == 0 ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static int cmp_edit(const void *a, const void *b)
{
	return in_order(a, b);
}

bool splice_add(struct splice *s, uint64_t off, uint64_t len, const void *data, size_t n)
{
	struct deid_edit *edit = grow(s->edit, &s->cap, s->n + 1, sizeof(*edit));

	if (!edit)
		return false;
	s->edit = edit;
	edit += s->n;
	*edit = (struct deid_edit){.off = off, .len = len, .data = n ? data : NULL, .n = n, .order = s->n};
	/* Most formats add front to back, and then there is nothing to sort. */
	s->sorted = s->n == 0 || (s->sorted && in_order(edit - 1, edit) < 0);
	s->n++;
	return true;
}

bool splice_add_writer(struct splice *s, uint64_t off, uint64_t len, splice_writer *write, void *arg)
{
	struct splice_call *call = grow(s->call, &s->call_cap, s->ncall + 1, sizeof(*call));

	if (!call)
		return false;
	s->call = call;
	if (!splice_add(s, off, len, NULL, 0))
		return false;
	call[s->ncall++] = (struct splice_call){write, arg};
	s->edit[s->n - 1].data = (const void *)(uintptr_t)s->ncall;
	return true;
}

static bool is_call(const struct deid_edit *e)
{
	return e->n == 0 && e->data;
}

int splice_write(struct splice *s, const struct deid_host *host, struct deid_source *source,
    struct deid_sink *sink, uint64_t from, uint64_t to, struct deid_error *err)
{
	size_t first = 0;
	int rc = DEID_OK;

	if (!s->sorted && s->n)
		qsort(s->edit, s->n, sizeof(*s->edit), cmp_edit);
	s->sorted = true;
	for (size_t i = 0; s->ncall && i < s->n && rc == DEID_OK; i++) {
		const struct deid_edit *e = &s->edit[i];
		const struct splice_call *call;

		if (!is_call(e))
			continue;
		if (e->off < from || e->off > to || e->len > to - e->off)
			return host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "edits overlap or lie outside");
		call = &s->call[(uintptr_t)e->data - 1];
		rc = host->sink_splice(sink, source, from, e->off, s->edit + first, i - first, err);
		if (rc == DEID_OK)
			rc = call->write(call->arg, sink, err);
		from = e->off + e->len;
		first = i + 1;
	}
	if (rc == DEID_OK)
		rc = host->sink_splice(sink, source, from, to, s->edit + first, s->n - first, err);
	return rc;
}
