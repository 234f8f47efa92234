/* SPDX-License-Identifier: MIT */
#include "core/util/splice.h"

#include "core/util/grow.h"

void splice_free(struct splice *s)
{
	free(s->edit);
	*s = (struct splice){0};
}

/* An insertion comes before a replacement that begins at the same place. */
static int in_order(const struct splice_edit *a, const struct splice_edit *b)
{
	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	if ((a->len != 0) != (b->len != 0))
		return a->len == 0 ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

static int cmp_edit(const void *a, const void *b)
{
	return in_order(a, b);
}

bool splice_add(struct splice *s, uint64_t off, uint64_t len, const void *data, size_t n)
{
	struct splice_edit *edit = grow(s->edit, &s->cap, s->n + 1, sizeof(*edit));

	if (!edit)
		return false;
	s->edit = edit;
	edit += s->n;
	*edit = (struct splice_edit){.off = off, .len = len, .data = data, .n = n, .seq = s->n};
	/* Most formats add front to back, and then there is nothing to sort. */
	s->sorted = s->n == 0 || (s->sorted && in_order(edit - 1, edit) < 0);
	s->n++;
	return true;
}

bool splice_add_writer(struct splice *s, uint64_t off, uint64_t len, splice_writer *write, void *arg)
{
	if (!splice_add(s, off, len, NULL, 0))
		return false;
	s->edit[s->n - 1].write = write;
	s->edit[s->n - 1].arg = arg;
	return true;
}

int splice_write(struct splice *s, const struct deid_host *host, struct deid_source *source,
    struct deid_sink *sink, uint64_t from, uint64_t to, struct deid_error *err)
{
	int rc = DEID_OK;

	if (!s->sorted && s->n)
		qsort(s->edit, s->n, sizeof(*s->edit), cmp_edit);
	s->sorted = true;
	for (size_t i = 0; i < s->n && rc == DEID_OK; i++) {
		const struct splice_edit *e = &s->edit[i];

		/* from is how far the input is done: below it lies another edit, or what is not ours. */
		if (e->off < from || e->off > to || e->len > to - e->off)
			return host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "edits overlap or lie outside");
		if (e->off > from)
			rc = host->sink_copy(sink, source, from, e->off - from, err);
		if (rc == DEID_OK && e->write)
			rc = e->write(e->arg, sink, err);
		else if (rc == DEID_OK && e->n)
			rc = host->sink_write(sink, e->data, e->n, err);
		from = e->off + e->len;
	}
	if (rc == DEID_OK && from > to)
		return host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "edits overlap or lie outside");
	if (rc == DEID_OK && to > from)
		rc = host->sink_copy(sink, source, from, to - from, err);
	return rc;
}
