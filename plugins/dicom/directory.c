/* SPDX-License-Identifier: MIT */
#include "core/util/bytes.h"
#include "plugins/dicom/layout.h"
#include <stdlib.h>

/* How far the edits before an offset move it. */
struct shift {
	uint64_t off;  /* from here on */
	uint64_t gone; /* bytes that are no more */
	uint64_t come; /* bytes that are new */
};

static int by_offset(const void *x, const void *y)
{
	const struct shift *a = x, *b = y;

	return a->off < b->off ? -1 : a->off > b->off;
}

/* The running sums of all edits; NULL: no memory. */
static struct shift *shifts(const struct layout *l)
{
	const struct splice *s = &l->data;
	struct shift *list = l->r->host->alloc(l->r->job, (s->n + 1) * sizeof *list);
	uint64_t gone = 0, come = 0;

	if (!list)
		return NULL;
	for (size_t i = 0; i < s->n; i++)
		list[i] = (struct shift){s->edit[i].off, s->edit[i].len, s->edit[i].n};
	qsort(list, s->n, sizeof *list, by_offset);
	for (size_t i = 0; i < s->n; i++) {
		gone += list[i].gone;
		come += list[i].come;
		list[i].gone = gone;
		list[i].come = come;
	}
	return list;
}

static uint64_t moved(const struct shift *list, size_t n, uint64_t off)
{
	size_t lo = 0, hi = n;

	/* The edits strictly before `off`; an insertion at it comes before what is there. */
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (list[mid].off <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? off + list[lo - 1].come - list[lo - 1].gone : off;
}

static bool is_offset(uint32_t tag)
{
	return tag == 0x00041200u || tag == 0x00041202u || tag == 0x00041400u || tag == 0x00041420u ||
	       tag == 0x00041504u;
}

int layout_directory(struct layout *l)
{
	struct record *r = l->r;
	struct shift *list = shifts(l);
	size_t n = l->data.n;

	if (!list)
		return record_nomem(r, l->err);
	for (uint32_t i = r->tree.meta; i < r->tree.n; i++) {
		const struct node *node = tree_node(&r->tree, i);
		uint8_t b[4];
		uint32_t was;
		uint64_t now;

		if (!is_offset(node->tag) || node->len != 4 || node->flags & NODE_EDITED || layout_dead(r, i))
			continue;
		if (r->host->src_read(r->tree.data, node_value(node), b, 4, l->err) != DEID_OK)
			return DEID_FAILED;
		was = node->flags & NODE_BIG ? get_be32(b) : get_le32(b);
		now = was ? moved(list, n, was) : 0;
		if (now > UINT32_MAX)
			return r->host->fail(
			    l->err, DEID_FAILED, DEID_E_LIMIT, "an offset of the DICOMDIR grows too large");
		if (now != was && layout_number(l, i, (uint32_t)now) != DEID_OK)
			return DEID_FAILED;
	}
	return DEID_OK;
}
