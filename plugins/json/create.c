/* SPDX-License-Identifier: MIT */
#include "plugins/json/text.h"
#include "plugins/json/walk.h"

#include <string.h>

static struct deid_str style(const struct json_walk *w, struct piece p)
{
	return p.n ? (struct deid_str){w->style.p + p.at, p.n} : STR("");
}

/* How this document writes what stands between a key and its value: as nearby. */
static struct deid_str colon(const struct json_walk *w)
{
	for (size_t i = w->depth; i-- > 0;)
		if (w->frame[i].colon.n)
			return style(w, w->frame[i].colon);
	return STR(": ");
}

static bool airy(const struct json_walk *w)
{
	return colon(w).n > 1;
}

static bool ids_here(const struct json_walk *w, size_t set)
{
	for (size_t i = set; i < w->nnode; i++)
		if (w->node[i]->nid)
			return true;
	return false;
}

/* ---- a place where nothing can be made ----------------------------------------------------------- */

static int refuse_here(
    struct json_walk *w, size_t set, uint32_t lo, uint32_t hi, const char *why, struct deid_error *err)
{
	struct deid_result r;
	int rc;

	if (!ids_here(w, set))
		return DEID_OK;
	rc = json_offer(w, set, lo, hi, DEID_TEXT, NULL, &r, err);
	if (!rc && r.verdict == DEID_CHANGE)
		rc = json_refuse(w, &r, why, err);
	return rc;
}

/* A step that an earlier node of the set has too was dealt with there. */
static bool doubled(const struct json_walk *w, size_t set, size_t at, struct deid_str step)
{
	for (size_t i = set; i < at; i++) {
		const struct json_node *c = json_node_key(w->node[i], step);

		if (c && c->creates)
			return true;
	}
	return false;
}

static int refuse_below(struct json_walk *w, size_t set, size_t nset, size_t parent, struct deid_str step,
    uint32_t lo, uint32_t hi, const char *why, struct deid_error *err)
{
	size_t first = w->nnode;
	int rc = json_path_push(w, parent, &step, 0, err);

	if (!rc)
		rc = json_set_key(w, set, nset, NULL, step, true, err);
	if (!rc)
		rc = refuse_here(w, first, lo, hi, why, err);
	if (!rc)
		rc = json_create_none(w, first, w->path.n, lo, hi, why, err);
	w->nnode = first;
	return rc;
}

/* Recursion: as deep as the names in the profile, which have at most JSON_DEPTH steps. */
int json_create_none(struct json_walk *w, size_t set, size_t parent, uint32_t lo, uint32_t hi,
    const char *why, struct deid_error *err)
{
	size_t nset = w->nnode - set, path = w->path.n;
	int rc = DEID_OK;

	for (size_t i = set; i < set + nset; i++) {
		for (size_t k = 0; !rc && w->node[i]->creates && k < w->node[i]->nchild; k++) {
			const struct json_node *c = w->node[i]->child[k];

			if (c->creates && !c->below_any && !doubled(w, set, i, c->step))
				rc = refuse_below(w, set, nset, parent, c->step, lo, hi, why, err);
		}
	}
	w->path.n = path;
	return rc;
}

/* ---- a container that is not there --------------------------------------------------------------- */

/* What is being made at a missing place: nothing yet, a list when its first step is the index 0, else an
 * object. */
struct made {
	struct buf *out;
	bool any, list;
	uint64_t n;
};

static bool admits(const struct made *m, const struct json_node *c)
{
	if (!m->any)
		return c->index == JSON_NO_INDEX || c->index == 0;
	return !m->list || c->index == m->n;
}

static bool put_member(struct json_walk *w, struct made *m, const struct json_node *c, struct deid_str text)
{
	if (m->any) {
		if (!buf_z(m->out, airy(w) ? ", " : ","))
			return false;
	} else {
		m->any = true;
		m->list = c->index == 0;
		if (!buf_c(m->out, m->list ? '[' : '{'))
			return false;
	}
	m->n++;
	return (m->list || (json_put_string(m->out, c->step) && buf_str(m->out, colon(w)))) &&
	       buf_str(m->out, text);
}

static int make_member(struct json_walk *w, size_t set, size_t nset, size_t parent, const struct json_node *c,
    uint32_t lo, uint32_t hi, struct made *m, struct deid_error *err)
{
	size_t first = w->nnode;
	struct buf text = {0};
	bool made = false;
	int rc = json_path_push(w, parent, &c->step, 0, err);

	if (!rc)
		rc = json_set_key(w, set, nset, NULL, c->step, false, err);
	if (!rc)
		rc = json_create(w, first, lo, hi, &text, &made, err);
	if (!rc && made && !put_member(w, m, c, buf_view(&text)))
		rc = json_nomem(w, err);
	w->nnode = first;
	buf_free(&text);
	return rc;
}

static int make_container(
    struct json_walk *w, size_t set, uint32_t lo, uint32_t hi, struct made *m, struct deid_error *err)
{
	size_t nset = w->nnode - set, parent = w->path.n;
	int rc = DEID_OK;

	for (size_t i = set; i < set + nset; i++) {
		for (size_t k = 0; !rc && w->node[i]->creates && k < w->node[i]->nchild; k++) {
			const struct json_node *c = w->node[i]->child[k];

			if (!c->creates || doubled(w, set, i, c->step))
				continue;
			if (admits(m, c))
				rc = make_member(w, set, nset, parent, c, lo, hi, m, err);
			else if (!c->below_any)
				rc = refuse_below(w, set, nset, parent, c->step, lo, hi,
				    "the list does not reach that far", err);
		}
	}
	w->path.n = parent;
	if (!rc && m->any && !buf_c(m->out, m->list ? ']' : '}'))
		rc = json_nomem(w, err);
	return rc;
}

/* Recursion: as json_create_none(). */
int json_create(struct json_walk *w, size_t set, uint32_t lo, uint32_t hi, struct buf *out, bool *made,
    struct deid_error *err)
{
	struct made m = {.out = out};
	struct deid_result r = {.verdict = DEID_KEEP};
	struct buf text = {0};
	int rc = DEID_OK;

	*made = false;
	if (ids_here(w, set))
		rc = json_offer(w, set, lo, hi, DEID_TEXT, NULL, &r, err);
	if (rc)
		return rc;
	if (r.verdict != DEID_CHANGE) {
		rc = make_container(w, set, lo, hi, &m, err);
		*made = m.any;
		return rc;
	}
	*made = true;
	rc = json_result_text(w, &r.value, &text, err);
	if (!rc && json_set_after(w, set, r.by))
		rc = json_walk_text(w, buf_view(&text), set, r.by + 1, hi, out, err);
	else if (!rc && !buf_str(out, buf_view(&text)))
		rc = json_nomem(w, err);
	buf_free(&text);
	return rc;
}

/* ---- members of a container that is there -------------------------------------------------------- */

/* The gap before a new last member, in the manner of those before it. */
static int write_gap(struct json_walk *w, const struct frame *f, struct deid_error *err)
{
	struct deid_str lead = style(w, f->lead), sep = style(w, f->sep);
	int rc;

	if (f->kept == 0)
		return spans_write(w->out, lead.p, lead.n, err);
	if (sep.n)
		return spans_write(w->out, sep.p, sep.n, err);
	rc = spans_write(w->out, ",", 1, err);
	if (!rc && str_find(lead, '\n', 0) < lead.n)
		return spans_write(w->out, lead.p, lead.n, err);
	return rc || !airy(w) ? rc : spans_write(w->out, " ", 1, err);
}

static int write_member(
    struct json_walk *w, struct frame *f, struct deid_str key, struct deid_str text, struct deid_error *err)
{
	struct deid_str between = colon(w);
	struct buf name = {0};
	int rc = write_gap(w, f, err);

	f->kept++;
	if (!rc && f->object) {
		if (!json_put_string(&name, key))
			rc = json_nomem(w, err);
		if (!rc)
			rc = spans_write(w->out, name.p, name.n, err);
		if (!rc)
			rc = spans_write(w->out, between.p, between.n, err);
	}
	buf_free(&name);
	return rc ? rc : spans_write(w->out, text.p, text.n, err);
}

/* A member of the innermost container that the document lacks. */
static int add_member(struct json_walk *w, const struct json_node *c, bool *made, struct deid_error *err)
{
	struct frame *f = &w->frame[w->depth - 1];
	size_t first = w->nnode, path = w->path.n;
	struct buf text = {0};
	int rc = json_path_push(w, f->path, &c->step, 0, err);

	if (!rc && f->object)
		rc = json_set_key(w, f->set, f->nset, NULL, c->step, false, err);
	else if (!rc)
		rc = json_set_index(w, f->set, f->nset, c->index, err);
	if (!rc)
		rc = json_create(w, first, f->lo, f->hi, &text, made, err);
	if (!rc && *made)
		rc = write_member(w, &w->frame[w->depth - 1], c->step, buf_view(&text), err);
	w->nnode = first;
	w->path.n = path;
	buf_free(&text);
	return rc;
}

static int add_to_list(struct json_walk *w, const struct json_node *c, uint64_t *n, struct deid_error *err)
{
	struct frame *f = &w->frame[w->depth - 1];
	bool made = false;
	int rc;

	if (c->index != JSON_NO_INDEX && c->index < *n)
		return DEID_OK;
	if (c->index == *n) {
		rc = add_member(w, c, &made, err);
		*n += made;
		return rc;
	}
	if (c->below_any)
		return DEID_OK;
	return refuse_below(w, f->set, f->nset, f->path, c->step, f->lo, f->hi,
	    c->index == JSON_NO_INDEX ? "a list has no member of that name"
				      : "the list does not reach that far",
	    err);
}

int json_create_members(struct json_walk *w, struct deid_error *err)
{
	struct frame *f = &w->frame[w->depth - 1];
	size_t set = f->set, nset = f->nset, bits = f->seen;
	uint64_t count = f->count;
	int rc = DEID_OK;

	for (size_t i = set; i < set + nset; i++) {
		const struct json_node *n = w->node[i];

		for (size_t k = 0; !rc && n->creates && k < n->nchild; k++) {
			const struct json_node *c = n->child[k];
			bool made;

			if (!c->creates || doubled(w, set, i, c->step))
				continue;
			if (!w->frame[w->depth - 1].object)
				rc = add_to_list(w, c, &count, err);
			else if (!(w->seen[bits + k / 64] >> (k % 64) & 1))
				rc = add_member(w, c, &made, err);
		}
		if (n->creates)
			bits += (n->nchild + 63) / 64;
	}
	return rc;
}
