/* SPDX-License-Identifier: MIT */
#include "plugins/common/region.h"
#include "core/util/grow.h"
#include <stdlib.h>

/* Coordinates beyond this are taken for a mistake; images are smaller, and sums cannot overflow. */
#define FAR ((int64_t)1 << 31)

void region_free(struct region *r)
{
	free(r->box);
	*r = (struct region){0};
}

void region_mask_free(struct region_mask *m)
{
	free(m->box);
	*m = (struct region_mask){0};
}

/* ---- for one image ----------------------------------------------------------------------------- */

struct span {
	int64_t from, to;
};

/* What a band is worked out with: room for all edges and spans. */
struct work {
	int64_t *edge;
	size_t nedge;
	struct span *own, *all; /* of one mask; of the band */
	size_t nown, nall;
	int64_t left, top, width, height;
};

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int by_from(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

static int64_t clip(int64_t v, int64_t max)
{
	return v < 0 ? 0 : v > max ? max : v;
}

/* Sorts the spans and joins those that touch. */
static size_t merge(struct span *s, size_t n)
{
	size_t out = 0;

	if (n)
		qsort(s, n, sizeof *s, by_from);
	for (size_t i = 0; i < n; i++) {
		if (out && s[i].from <= s[out - 1].to) {
			if (s[i].to > s[out - 1].to)
				s[out - 1].to = s[i].to;
		} else {
			s[out++] = s[i];
		}
	}
	return out;
}

/* The spans that one mask takes out of the rows that begin at y. */
static void mask_spans(struct work *w, const struct region_mask *m, int64_t y)
{
	int64_t at = 0;

	w->nown = 0;
	for (size_t i = 0; i < m->n; i++) {
		struct span s = {
		    clip(m->box[i].x0 - w->left, w->width), clip(m->box[i].x1 - w->left, w->width)};

		if (s.from < s.to && m->box[i].y0 - w->top <= y && y < m->box[i].y1 - w->top)
			w->own[w->nown++] = s;
	}
	w->nown = merge(w->own, w->nown);
	if (!m->keep) {
		for (size_t i = 0; i < w->nown; i++)
			w->all[w->nall++] = w->own[i];
		return;
	}
	for (size_t i = 0; i < w->nown; i++) {
		if (w->own[i].from > at)
			w->all[w->nall++] = (struct span){at, w->own[i].from};
		at = w->own[i].to;
	}
	if (at < w->width)
		w->all[w->nall++] = (struct span){at, w->width};
}

static void collect_edges(struct work *w, const struct region_mask *m, size_t nmask)
{
	size_t n = 0, out = 0;

	w->edge[n++] = 0;
	w->edge[n++] = w->height;
	for (size_t i = 0; i < nmask; i++) {
		for (size_t k = 0; k < m[i].n; k++) {
			w->edge[n++] = clip(m[i].box[k].y0 - w->top, w->height);
			w->edge[n++] = clip(m[i].box[k].y1 - w->top, w->height);
		}
	}
	qsort(w->edge, n, sizeof *w->edge, by_value);
	for (size_t i = 0; i < n; i++)
		if (!out || w->edge[out - 1] != w->edge[i])
			w->edge[out++] = w->edge[i];
	w->nedge = out;
}

/* Adds the band, or lets the one above reach down to it. `last` is where that one begins. */
static bool add_band(struct region *r, const struct work *w, int64_t y0, int64_t y1, size_t *last)
{
	size_t n = r->n - *last, i = 0;
	struct region_box *box;

	if (n == w->nall && n && r->box[*last].y1 == y0)
		while (
		    i < n && r->box[*last + i].x0 == w->all[i].from && r->box[*last + i].x1 == w->all[i].to)
			i++;
	if (n && i == n) {
		for (i = *last; i < r->n; i++)
			r->box[i].y1 = y1;
		return true;
	}
	box = grow(r->box, &r->cap, r->n + w->nall, sizeof *box);
	if (!box)
		return false;
	r->box = box;
	*last = r->n;
	for (i = 0; i < w->nall; i++)
		r->box[r->n++] = (struct region_box){w->all[i].from, y0, w->all[i].to, y1};
	return true;
}

bool region_make(struct region *r, const struct region_mask *m, size_t nmask, int64_t left, int64_t top,
    uint32_t width, uint32_t height)
{
	struct work w = {.left = left, .top = top, .width = width, .height = height};
	size_t boxes = 0, last = 0;
	bool ok;

	*r = (struct region){0};
	for (size_t i = 0; i < nmask; i++)
		boxes += m[i].n;
	w.edge = calloc(2 * boxes + 2, sizeof *w.edge);
	w.own = calloc(boxes + 1, sizeof *w.own);
	w.all = calloc(boxes + nmask + 1, sizeof *w.all);
	ok = w.edge && w.own && w.all;
	if (ok)
		collect_edges(&w, m, nmask);
	for (size_t i = 0; ok && i + 1 < w.nedge; i++) {
		w.nall = 0;
		for (size_t k = 0; k < nmask; k++)
			mask_spans(&w, &m[k], w.edge[i]);
		w.nall = merge(w.all, w.nall);
		if (w.nall)
			ok = add_band(r, &w, w.edge[i], w.edge[i + 1], &last);
	}
	free(w.edge);
	free(w.own);
	free(w.all);
	if (!ok)
		region_free(r);
	return ok;
}

/* ---- from the profile -------------------------------------------------------------------------- */

static int read_box(
    const struct deid_host *h, const struct deid_node *node, struct region_box *box, struct deid_error *err)
{
	int64_t v[4];

	if (h->node_kind(node) != DEID_N_LIST || h->node_count(node) != 4)
		return h->complain(err, node, "a box is four numbers, [x0, y0, x1, y1]");
	for (size_t i = 0; i < 4; i++) {
		const struct deid_node *n = h->node_at(node, i);

		if (h->node_kind(n) != DEID_N_INT)
			return h->complain(err, n, "a coordinate of a box is a whole number");
		v[i] = h->node_int(n);
		if (v[i] < 0 || v[i] > FAR)
			return h->complain(
			    err, n, "a coordinate of a box counts from 0, up to %lld", (long long)FAR);
	}
	if (v[0] >= v[2] || v[1] >= v[3])
		return h->complain(
		    err, node, "the box is empty: [x0, y0, x1, y1] with x0 below x1 and y0 below y1");
	*box = (struct region_box){v[0], v[1], v[2], v[3]};
	return DEID_OK;
}

int region_read(
    const struct deid_host *h, const struct deid_node *node, struct region_mask *m, struct deid_error *err)
{
	bool list = h->node_kind(node) == DEID_N_LIST;
	size_t n = list ? h->node_count(node) : 1;
	bool single = n && h->node_kind(h->node_at(node, 0)) != DEID_N_LIST;
	int rc = DEID_OK;

	if (!list || n == 0)
		return h->complain(err, node, "a box [x0, y0, x1, y1], or a list of such, is needed");
	if (single)
		n = 1;
	m->box = calloc(n, sizeof *m->box);
	if (!m->box)
		return h->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	m->n = n;
	for (size_t i = 0; i < n; i++)
		if (read_box(h, single ? node : h->node_at(node, i), &m->box[i], err) != DEID_OK)
			rc = DEID_FAILED;
	if (rc != DEID_OK)
		region_mask_free(m);
	return rc;
}

int region_read_mask(const struct deid_host *h, const struct deid_node *node, const char *what,
    struct region_mask *m, struct deid_error *err)
{
	bool keep = h->node_given(node, "keep"), drop = h->node_given(node, "remove");

	*m = (struct region_mask){.keep = keep};
	if (keep == drop)
		return h->complain(err, node, "%s has either \"remove\" or \"keep\"", what);
	return region_read(h, h->node_get(node, keep ? "keep" : "remove"), m, err);
}
