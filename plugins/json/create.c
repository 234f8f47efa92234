/* SPDX-License-Identifier: MIT */
#include "plugins/json/text.h"
#include "plugins/json/walk.h"

#include <stdlib.h>

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

/* Whose children count: those of every node; of nodes whose way does not lead through a `*` where there is
 * nothing (for `*` names what is there); of nodes with no `*` on their way. */
enum who { EVERY, REACHED, NAMED };

static bool reached(const struct json_walk *w, const struct json_node *n)
{
	for (unsigned i = 0; i < w->missing && n; i++, n = n->parent)
		if (n->is_wild)
			return false;
	return true;
}

static bool counts(const struct json_walk *w, const struct json_node *n, enum who who)
{
	return n->creates && (who == EVERY || (who == REACHED ? reached(w, n) : !n->below_any));
}

/* Whether child c of node[at] is to be dealt with: something can be created there, and no earlier node of the
 * set has had the same step. */
static bool due(const struct json_walk *w, size_t set, size_t at, const struct json_node *c, enum who who)
{
	if (!c->creates || !counts(w, w->node[at], who))
		return false;
	for (size_t i = set; i < at; i++) {
		const struct json_node *same =
		    counts(w, w->node[i], who) ? json_node_key(w->node[i], c->step) : NULL;

		if (same && same->creates)
			return false;
	}
	return true;
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
		for (size_t k = 0; !rc && k < w->node[i]->nchild; k++) {
			const struct json_node *c = w->node[i]->child[k];

			if (due(w, set, i, c, NAMED))
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
	uint64_t n, kept; /* members made, and those that stayed */
};

static bool admits(const struct made *m, const struct json_node *c)
{
	if (!m->any)
		return c->index == JSON_NO_INDEX || c->index == 0;
	return !m->list || c->index == m->n;
}

static bool put_open(struct made *m, const struct json_node *c)
{
	if (m->any)
		return true;
	m->any = true;
	m->list = c->index == 0;
	return buf_c(m->out, m->list ? '[' : '{');
}

static bool put_member(struct json_walk *w, struct made *m, const struct json_node *c, struct deid_str text)
{
	if (m->kept++ && !buf_z(m->out, airy(w) ? ", " : ","))
		return false;
	return (m->list || (json_put_string(m->out, c->step) && buf_str(m->out, colon(w)))) &&
	       buf_str(m->out, text);
}

static int make_member(struct json_walk *w, size_t set, size_t nset, size_t parent, const struct json_node *c,
    uint32_t lo, uint32_t hi, struct made *m, struct deid_error *err)
{
	size_t first = w->nnode;
	struct buf text = {0};
	enum json_made made = JSON_NOT_MADE;
	int rc = json_path_push(w, parent, &c->step, 0, err);

	if (!rc)
		rc = json_set_key(w, set, nset, NULL, c->step, false, err);
	if (!rc)
		rc = json_create(w, first, lo, hi, &text, &made, err);
	if (!rc && made && !put_open(m, c))
		rc = json_nomem(w, err);
	m->n += made != JSON_NOT_MADE;
	if (!rc && made == JSON_MADE && !put_member(w, m, c, buf_view(&text)))
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
		for (size_t k = 0; !rc && k < w->node[i]->nchild; k++) {
			const struct json_node *c = w->node[i]->child[k];

			if (!due(w, set, i, c, REACHED))
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

/* What stands at a missing place so far. */
struct place {
	size_t set;
	struct buf text;
	bool there, ever; /* now; or at some time */
};

static int act_range(struct json_walk *w, struct place *p, uint32_t lo, uint32_t hi, struct deid_error *err)
{
	struct buf next = {0};
	struct made m = {.out = &next};
	int rc;

	if (!p->there) {
		rc = make_container(w, p->set, lo, hi, &m, err);
		p->there = m.any;
		p->ever |= m.any;
	} else if (w->all || json_set_between(w, p->set, lo, hi)) {
		rc = json_walk_text(w, buf_view(&p->text), p->set, lo, hi, &next, err);
	} else {
		return DEID_OK;
	}
	buf_free(&p->text);
	p->text = next;
	return rc;
}

/* The end of the ids below the place; 0: no `*` that leads to it creates. */
static uint32_t wild_end(const struct json_walk *w, size_t set)
{
	uint32_t end = 0;
	bool wild = false;

	for (size_t i = set; i < w->nnode; i++) {
		wild |= w->node[i]->creates && !reached(w, w->node[i]);
		if (w->node[i]->min <= w->node[i]->max && w->node[i]->max >= end)
			end = w->node[i]->max + 1;
	}
	return wild ? end : 0;
}

/* The entries [lo, hi) that name something below the place. Where a `*` names it once it is there, they come
 * one by one: what the first makes, the next may add to. */
static int act_below(struct json_walk *w, struct place *p, uint32_t lo, uint32_t hi, struct deid_error *err)
{
	uint32_t end = p->there ? 0 : wild_end(w, p->set);
	int rc = DEID_OK;

	for (; !rc && !p->there && lo < hi && lo < end; lo++)
		rc = act_range(w, p, lo, lo + 1, err);
	return rc || lo >= hi ? rc : act_range(w, p, lo, hi, err);
}

static bool can_make(const struct json_walk *w, size_t set, uint32_t id)
{
	for (size_t i = set; i < w->nnode; i++)
		for (size_t k = 0; k < w->node[i]->nid; k++)
			if (w->node[i]->id[k] == id && reached(w, w->node[i]))
				return true;
	return false;
}

/* The entry `id` at the place itself. A regex entry that leaves it alone may still act below. */
static int act_here(struct json_walk *w, struct place *p, uint32_t id, bool *acted, struct deid_error *err)
{
	struct deid_str token = {NULL, 0};
	struct deid_value v = {.size = sizeof(v), .v = &token};
	struct deid_result r;
	int rc = DEID_OK;

	*acted = false;
	if (!p->there && !can_make(w, p->set, id))
		return DEID_OK;
	if (p->there)
		rc = json_value_of(w, buf_view(&p->text), &token, &v, err);
	if (!rc)
		rc = json_offer(w, p->set, id, id + 1, v.kind, p->there ? &v : NULL, &r, err);
	*acted = !rc && r.verdict != DEID_KEEP;
	if (!*acted)
		return rc;
	p->text.n = 0;
	p->there = r.verdict == DEID_CHANGE;
	p->ever |= p->there;
	return p->there ? json_result_text(w, &r.value, &p->text, err) : DEID_OK;
}

/* Each entry of the place itself has its turn among those below it. Recursion: as json_create_none(). */
int json_create(struct json_walk *w, size_t set, uint32_t lo, uint32_t hi, struct buf *out,
    enum json_made *made, struct deid_error *err)
{
	struct place p = {.set = set};
	uint32_t *own = NULL, from = lo;
	size_t n = 0;
	int rc = json_entries(w, set, lo, hi, &own, &n, err);

	w->missing++;
	for (size_t i = 0; !rc && i < n; i++) {
		bool acted = false;

		rc = act_below(w, &p, from, own[i], err);
		if (!rc)
			rc = act_here(w, &p, own[i], &acted, err);
		from = own[i] + acted;
	}
	if (!rc)
		rc = act_below(w, &p, from, hi, err);
	w->missing--;
	*made = p.there ? JSON_MADE : p.ever ? JSON_UNMADE : JSON_NOT_MADE;
	if (!rc && p.there && !buf_str(out, buf_view(&p.text)))
		rc = json_nomem(w, err);
	buf_free(&p.text);
	free(own);
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
static int add_member(
    struct json_walk *w, const struct json_node *c, enum json_made *made, struct deid_error *err)
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
	if (!rc && *made == JSON_MADE)
		rc = write_member(w, &w->frame[w->depth - 1], c->step, buf_view(&text), err);
	w->nnode = first;
	w->path.n = path;
	buf_free(&text);
	return rc;
}

static int add_to_list(struct json_walk *w, const struct json_node *c, uint64_t *n, struct deid_error *err)
{
	struct frame *f = &w->frame[w->depth - 1];
	enum json_made made = JSON_NOT_MADE;
	int rc;

	if (c->index != JSON_NO_INDEX && c->index < *n)
		return DEID_OK;
	if (c->index == *n) {
		rc = add_member(w, c, &made, err);
		*n += made != JSON_NOT_MADE;
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

		for (size_t k = 0; !rc && k < n->nchild; k++) {
			const struct json_node *c = n->child[k];
			enum json_made made;

			if (!due(w, set, i, c, EVERY))
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
