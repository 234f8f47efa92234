/* SPDX-License-Identifier: MIT */
#include "plugins/json/walk.h"

#include "core/util/grow.h"
#include "plugins/json/text.h"

#include <stdlib.h>
#include <string.h>

/* A longer gap is not remembered as a pattern for others. */
#define STYLE_MAX 4096

static struct frame *top(struct json_walk *w)
{
	return &w->frame[w->depth - 1];
}

static struct frame *parent(struct json_walk *w, const struct member *m)
{
	return m->parent ? &w->frame[m->parent - 1] : NULL;
}

static struct deid_str between(const struct json_walk *w, uint64_t from, uint64_t to)
{
	return (struct deid_str){json_at(w->in, from), (size_t)(to - from)};
}

static bool breaks_line(struct deid_str gap)
{
	return str_find(gap, '\n', 0) < gap.n;
}

/* ---- frames -------------------------------------------------------------------------------------- */

static int seen_push(struct json_walk *w, size_t set, size_t nset, struct deid_error *err)
{
	size_t words = 0;
	uint64_t *grown;

	for (size_t i = set; i < set + nset; i++)
		if (w->node[i]->creates)
			words += (w->node[i]->nchild + 63) / 64;
	if (words == 0)
		return DEID_OK;
	grown = grow(w->seen, &w->seen_cap, w->nseen + words, sizeof(*w->seen));
	if (!grown)
		return json_nomem(w, err);
	w->seen = grown;
	memset(w->seen + w->nseen, 0, words * sizeof(*w->seen));
	w->nseen += words;
	return DEID_OK;
}

/* The container that begins at cur; its nodes are node[set …]. */
int json_push(struct json_walk *w, size_t set, uint32_t lo, uint32_t hi, bool mute, struct deid_error *err)
{
	struct frame *grown, *f;

	if (w->depth >= JSON_DEPTH)
		return json_bad(w->in, DEID_E_LIMIT, "nested more than 512 deep", err);
	grown = grow(w->frame, &w->frame_cap, w->depth + 1, sizeof(*w->frame));
	if (!grown)
		return json_nomem(w, err);
	w->frame = grown;
	f = &w->frame[w->depth++];
	*f = (struct frame){.object = *w->in->cur == '{',
	    .mute = mute,
	    .lo = lo,
	    .hi = hi,
	    .set = set,
	    .nset = w->nnode - set,
	    .seen = w->nseen,
	    .path = w->depth == 1 ? JSON_NO_PATH : w->path.n,
	    .style = w->style.n};
	w->in->cur++;
	f->prev = w->in->hold = json_off(w->in);
	w->out->mute += mute;
	return seen_push(w, f->set, f->nset, err);
}

static void pop(struct json_walk *w)
{
	struct frame *f = top(w);

	w->out->mute -= f->mute;
	w->nnode = f->set;
	w->nseen = f->seen;
	w->style.n = f->style;
	w->depth--;
}

/* A value has ended at cur. */
static void member_done(struct json_walk *w, size_t base)
{
	if (w->depth > base) {
		struct frame *f = top(w);

		f->count++;
		f->prev = json_off(w->in);
		w->in->hold = f->prev;
	}
}

/* ---- the gaps between members -------------------------------------------------------------------- */

static bool keep_piece(struct json_walk *w, struct piece *p, struct deid_str text)
{
	if (text.n > STYLE_MAX)
		return true;
	*p = (struct piece){w->style.n, text.n};
	return buf_str(&w->style, text);
}

static void drop_piece(struct json_walk *w, struct piece *p)
{
	if (p->n && p->at + p->n == w->style.n)
		w->style.n = p->at;
	p->n = 0;
}

static int note_style(struct json_walk *w, const struct member *m, uint64_t key_end, struct deid_error *err)
{
	struct frame *f = parent(w, m);
	struct piece *gap = f->count == 0 ? &f->lead : &f->sep;

	if (f->count > 1 || w->out->mute)
		return DEID_OK;
	if (!keep_piece(w, gap, between(w, m->gap, m->at)))
		return json_nomem(w, err);
	if (f->count == 0 && f->object && !keep_piece(w, &f->colon, between(w, key_end, m->value)))
		return json_nomem(w, err);
	return DEID_OK;
}

/* Writes the gap and the key of a member that stays. Of the gaps around removed members one stays: the one
 * that breaks the line, if any. */
static int write_head(struct json_walk *w, const struct member *m, struct deid_error *err)
{
	struct frame *f = parent(w, m);
	uint64_t from = m->gap;
	int rc = DEID_OK;

	if (!f || w->out->mute)
		return f ? DEID_OK : spans_copy(w->out, m->gap, m->value, err);
	if (f->kept == 0 && f->count > 0) {
		rc = spans_write(w->out, w->style.p + f->lead.at, f->lead.n, err);
		from = m->at;
	} else if (f->saved.n && !breaks_line(between(w, m->gap, m->at))) {
		rc = spans_write(w->out, w->style.p + f->saved.at, f->saved.n, err);
		from = m->at;
	}
	drop_piece(w, &f->saved);
	f->kept++;
	return rc ? rc : spans_copy(w->out, from, m->value, err);
}

static int drop_member(struct json_walk *w, const struct member *m, struct deid_error *err)
{
	struct frame *f = parent(w, m);
	struct deid_str gap;

	if (!f)
		return json_bad(w->in, DEID_E_FIELD, "the document itself cannot be removed", err);
	gap = between(w, m->gap, m->at);
	if (w->out->mute || f->kept == 0 || !breaks_line(gap))
		return DEID_OK;
	drop_piece(w, &f->saved);
	return keep_piece(w, &f->saved, gap) ? DEID_OK : json_nomem(w, err);
}

/* ---- values -------------------------------------------------------------------------------------- */

/* The value at cur is nobody's business: checked, and copied. */
static int pass_value(struct json_walk *w, uint64_t from, struct deid_error *err)
{
	struct json_in *in = w->in;
	int rc;

	in->echo = from;
	in->hold = JSON_FREE;
	rc = json_skip(in, (unsigned)w->depth, err);
	if (!rc)
		rc = spans_copy(w->out, in->echo, json_off(in), err);
	in->echo = JSON_FREE;
	return rc;
}

/* … or nobody's any more. */
static int skip_value(struct json_walk *w, struct deid_error *err)
{
	w->in->hold = JSON_FREE;
	return json_skip(w->in, (unsigned)w->depth, err);
}

static bool is_container(struct deid_str text)
{
	return text.p[0] == '{' || text.p[0] == '[';
}

/* Writes what takes a value's place and runs the entries after `by` over it. */
static int write_new(
    struct json_walk *w, const struct member *m, struct deid_str text, uint32_t by, struct deid_error *err)
{
	int rc = write_head(w, m, err);

	if (rc)
		return rc;
	if (by < UINT32_MAX && (json_set_after(w, m->set, by) || (w->all && is_container(text))))
		return json_walk_text(w, text, m->set, by + 1, m->hi, NULL, err);
	return spans_write(w->out, text.p, text.n, err);
}

/* The verdict is to change or to remove: puts what comes in the value's place, if anything. */
static int replace(
    struct json_walk *w, const struct member *m, const struct deid_result *r, struct deid_error *err)
{
	struct buf text = w->spare;
	enum json_made made = JSON_MADE;
	uint32_t by = r->by;
	int rc;

	w->spare = (struct buf){0};
	text.n = 0;
	if (r->verdict == DEID_CHANGE) {
		rc = json_result_text(w, &r->value, &text, err);
	} else {
		made = JSON_NOT_MADE;
		rc = DEID_OK;
		if (json_set_after(w, m->set, by))
			rc = json_create(w, m->set, by + 1, m->hi, &text, &made, err);
		by = UINT32_MAX;
	}
	if (!rc)
		rc = made == JSON_MADE ? write_new(w, m, buf_view(&text), by, err) : drop_member(w, m, err);
	buf_free(&w->spare); /* a walk inside this one may have left its own */
	w->spare = text;
	return rc;
}

/* ---- values that are wanted as a whole ------------------------------------------------------------ */

/* A member that is held in memory, at the offsets that it has in the input, so that what stands before its
 * value can still be looked at and copied. */
struct held {
	struct deid_str text; /* from the gap before the member to the end of its value */
	struct json_in in, *outer;
	struct spans out, *above;
};

static int read_member(
    struct json_walk *w, const struct member *m, struct deid_str *text, struct deid_error *err)
{
	const struct json_in *in = w->in;
	struct room *room = &w->room[w->nest];

	text->n = (size_t)(json_off(in) - m->gap);
	if (room->n < text->n) {
		/* Counted in the job's memory. Half as much again, so that growing does not spend it. */
		size_t more = text->n + (room->n ? text->n / 2 : 0);

		*room = (struct room){w->host->alloc(w->job, more), more};
		if (!room->p) {
			room->n = 0;
			return json_nomem(w, err);
		}
	}
	text->p = room->p;
	if (in->win.src)
		return w->host->src_read(in->win.src, m->gap, room->p, text->n, err);
	memcpy(room->p, json_at(in, m->gap), text->n);
	return DEID_OK;
}

/* The value has been read past: the walk goes back to it in memory, and stays there until held_end(). */
static int held_begin(struct json_walk *w, const struct member *m, struct held *h, struct deid_error *err)
{
	int rc = spans_flush(w->out, err);

	if (!rc)
		rc = read_member(w, m, &h->text, err);
	if (rc)
		return rc;
	h->outer = w->in;
	h->above = w->out;
	h->out =
	    (struct spans){.host = w->host, .sink = w->out->sink, .mem = w->out->mem, .mute = w->out->mute};
	json_open_text(&h->in, w->host, h->text, &h->out);
	h->in.win.off = m->gap;
	h->in.cur += m->value - m->gap;
	w->in = &h->in;
	w->out = &h->out;
	w->nest++;
	return DEID_OK;
}

static int held_end(struct json_walk *w, struct held *h, int rc, struct deid_error *err)
{
	if (!rc)
		rc = spans_flush(&h->out, err);
	w->nest--;
	w->in = h->outer;
	w->out = h->above;
	return rc;
}

/* The container as the entries below id have left it: text, or what they have made of it in *made. */
static int settle_text(struct json_walk *w, const struct member *m, uint32_t id, struct deid_str *text,
    struct buf *made, struct deid_error *err)
{
	int rc;

	if (!w->all && !json_set_between(w, m->set, m->lo, id))
		return DEID_OK;
	rc = json_walk_text(w, *text, m->set, m->lo, id, made, err);
	*text = buf_view(made);
	return rc;
}

/* Offers it, and carries on with the entries from id on. */
static int offer_text(
    struct json_walk *w, const struct member *m, uint32_t id, struct deid_str text, struct deid_error *err)
{
	struct deid_value v = {.size = sizeof(v),
	    .flags = DEID_V_FREE | DEID_V_TYPED,
	    .kind = DEID_TREE,
	    .lo = 1,
	    .v = &text,
	    .n = 1};
	struct deid_result r;
	struct buf unseen = {0};
	int rc = json_offer(w, m->set, m->lo, m->hi, DEID_TREE, &v, &r, err);

	if (rc)
		return rc;
	if (r.verdict == DEID_KEEP) {
		rc = write_head(w, m, err);
		return rc ? rc : json_walk_text(w, text, m->set, id, m->hi, NULL, err);
	}
	rc = replace(w, m, &r, err);
	/* What entries before the one that spoke do in here counts, though nobody will see it. */
	if (!rc && r.by > id && (w->all || json_set_between(w, m->set, id, r.by)))
		rc = json_walk_text(w, text, m->set, id, r.by, &unseen, err);
	buf_free(&unseen);
	return rc;
}

/* Entry id wants the container's text. */
static int container_text(struct json_walk *w, const struct member *m, uint32_t id, struct deid_error *err)
{
	struct buf made = {0};
	struct deid_str text;
	struct held h;
	int rc = spans_flush(w->out, err);

	if (!rc)
		rc = skip_value(w, err);
	if (!rc)
		rc = held_begin(w, m, &h, err);
	if (rc)
		return rc;
	text = str_sub(h.text, (size_t)(m->value - m->gap), h.text.n);
	rc = settle_text(w, m, id, &text, &made, err);
	if (!rc)
		rc = offer_text(w, m, id, text, err);
	rc = held_end(w, &h, rc, err);
	buf_free(&made);
	return rc;
}

static int container(struct json_walk *w, const struct member *m, struct deid_error *err)
{
	struct deid_value v = {
	    .size = sizeof(v), .flags = DEID_V_FREE | DEID_V_TYPED, .kind = DEID_TREE, .lo = 1};
	struct deid_result r = {.verdict = DEID_KEEP};
	uint32_t id;
	bool mute, text = false;
	int rc = DEID_OK;

	if (m->parent)
		rc = json_raw_entry(w, m, true, &text, &id, err);
	if (rc || text)
		return rc ? rc : container_text(w, m, id, err);
	if (m->parent)
		rc = json_offer(w, m->set, m->lo, m->hi, DEID_TREE, &v, &r, err);
	if (rc)
		return rc;
	mute = r.verdict != DEID_KEEP;
	if (!mute) {
		rc = write_head(w, m, err);
		if (!rc && !w->all && !json_set_deeper(w, m->set))
			return pass_value(w, m->value, err);
		if (!rc)
			rc = spans_copy(w->out, m->value, m->value + 1, err);
	} else {
		rc = replace(w, m, &r, err);
		if (!rc && (r.by == 0 || (!w->all && !json_set_before(w, m->set, r.by))))
			return skip_value(w, err);
	}
	if (rc)
		return rc;
	return json_push(w, m->set, m->lo, mute ? r.by : m->hi, mute, err);
}

/* A scalar's token, in the window as a whole where that is possible; *rest: the end of a long string is
 * still to come. */
struct token {
	enum deid_kind kind;
	struct deid_str text;
	uint64_t end;
	bool rest;
	unsigned flags;
};

static int read_string(struct json_walk *w, const struct member *m, struct token *t, struct deid_error *err)
{
	struct json_in *in = w->in;
	int rc = json_string(in, &t->flags, err);

	t->kind = DEID_TEXT;
	t->rest = rc == JSON_LONG;
	if (rc && !t->rest)
		return rc;
	t->end = json_off(in);
	t->text = between(w, m->value, t->end);
	/* What is no text, or too long to be held, can still be removed or replaced as a whole. */
	if (t->rest || (t->flags & JSON_LONE)) {
		t->kind = DEID_BYTES;
		return DEID_OK;
	}
	t->text.p++;
	t->text.n -= 2;
	if (t->flags & JSON_ESCAPED) {
		w->text.n = 0;
		if (!json_unescape(t->text, &w->text))
			return json_nomem(w, err);
		t->text = buf_view(&w->text);
	}
	return DEID_OK;
}

static int read_token(struct json_walk *w, const struct member *m, struct token *t, struct deid_error *err)
{
	struct json_in *in = w->in;
	bool real = false;
	int rc;

	*t = (struct token){.kind = DEID_BOOL};
	switch (m->c) {
	case '"':
		return read_string(w, m, t, err);
	case 't':
		rc = json_word(in, "true", err);
		break;
	case 'f':
		rc = json_word(in, "false", err);
		break;
	case 'n':
		t->kind = DEID_NULL;
		rc = json_word(in, "null", err);
		break;
	default:
		if (m->c != '-' && (m->c < '0' || m->c > '9'))
			return json_unexpected(in, "not JSON: a value is missing", err);
		rc = json_number(in, &real, err);
		t->kind = real ? DEID_REAL : DEID_INT;
	}
	t->end = json_off(in);
	if (!rc)
		t->text = between(w, m->value, t->end);
	return rc;
}

/* The end of a string that did not fit into the window; what of it was seen is decided. */
static int finish_string(
    struct json_walk *w, bool copy, uint64_t from, struct token *t, struct deid_error *err)
{
	int rc;

	w->in->hold = JSON_FREE;
	w->in->echo = copy ? from : JSON_FREE;
	rc = json_string_rest(w->in, &t->flags, err);
	if (!rc && copy)
		rc = spans_copy(w->out, w->in->echo, json_off(w->in), err);
	w->in->echo = JSON_FREE;
	return rc;
}

static int scalar(struct json_walk *, const struct member *, struct deid_error *);

/* A string that is longer than the window, and that some entry wants all the same. */
static int scalar_text(struct json_walk *w, const struct member *m, struct token *t, struct deid_error *err)
{
	struct held h;
	int rc = spans_flush(w->out, err);

	w->in->hold = JSON_FREE;
	if (!rc)
		rc = json_string_rest(w->in, &t->flags, err);
	if (!rc)
		rc = held_begin(w, m, &h, err);
	return rc ? rc : held_end(w, &h, scalar(w, m, err), err);
}

static int scalar(struct json_walk *w, const struct member *m, struct deid_error *err)
{
	struct deid_value v = {.size = sizeof(v), .flags = DEID_V_FREE | DEID_V_TYPED, .lo = 1};
	struct deid_result r = {.verdict = DEID_KEEP};
	struct token t;
	uint32_t id;
	bool whole = false;
	int rc = read_token(w, m, &t, err);

	if (!rc && t.rest && m->parent)
		rc = json_raw_entry(w, m, false, &whole, &id, err);
	if (!rc && whole)
		return scalar_text(w, m, &t, err);
	v.kind = t.kind;
	v.v = &t.text;
	v.n = t.kind != DEID_NULL && t.text.n;
	if (!rc && (m->parent || (w->all && !w->listing)))
		rc = json_offer(w, m->set, m->lo, m->hi, t.kind, &v, &r, err);
	if (!rc && r.verdict != DEID_KEEP)
		rc = replace(w, m, &r, err);
	else if (!rc)
		rc = write_head(w, m, err);
	if (!rc && r.verdict == DEID_KEEP && !t.rest)
		rc = spans_copy(w->out, m->value, t.end, err);
	if (!rc && t.rest)
		rc = finish_string(w, r.verdict == DEID_KEEP, m->value, &t, err);
	if (!rc && r.verdict == DEID_KEEP && json_set_deeper(w, m->set))
		rc = json_create_none(w, m->set, m->parent ? w->path.n : JSON_NO_PATH, m->lo, m->hi,
		    "the place it would be in holds a plain value", err);
	return rc;
}

/* ---- members ------------------------------------------------------------------------------------- */

static int read_key(
    struct json_walk *w, struct member *m, uint64_t *end, unsigned *flags, struct deid_error *err)
{
	struct json_in *in = w->in;
	int rc;

	if (m->c != '"')
		return json_unexpected(in, "not JSON: a key is missing", err);
	rc = json_string(in, flags, err);
	if (rc == JSON_LONG)
		return json_bad(in, DEID_E_LIMIT, "a key is longer than 1 MiB", err);
	*end = json_off(in);
	if (!rc)
		rc = json_blank(in, &m->c, err);
	if (rc)
		return rc;
	if (m->c != ':')
		return json_unexpected(in, "not JSON: a colon is missing", err);
	in->cur++;
	return json_blank(in, &m->c, err);
}

/* The names that lead on to this member. Its path is only put together when somebody asks. */
static int find_names(
    struct json_walk *w, struct member *m, uint64_t key_end, unsigned flags, struct deid_error *err)
{
	struct frame *f = parent(w, m);
	struct deid_str key = {NULL, 0};
	int rc;

	m->set = w->nnode;
	if (f->object) {
		key = between(w, m->at + 1, key_end - 1);
		if (flags & JSON_ESCAPED) {
			w->key.n = 0;
			if (!json_unescape(key, &w->key))
				return json_nomem(w, err);
			key = buf_view(&w->key);
		}
		rc = json_set_key(w, f->set, f->nset, f, key, false, err);
	} else {
		rc = json_set_index(w, f->set, f->nset, f->count, err);
	}
	if (rc || (!w->all && w->nnode == m->set))
		return rc;
	return json_path_push(w, f->path, f->object ? &key : NULL, f->count, err);
}

static int value(struct json_walk *w, struct member *m, struct deid_error *err)
{
	size_t depth = w->depth;
	int rc;

	if (!w->all && w->nnode == m->set) {
		rc = write_head(w, m, err);
		if (!rc)
			rc = pass_value(w, m->value, err);
	} else if (m->c == '{' || m->c == '[') {
		rc = container(w, m, err);
	} else {
		rc = scalar(w, m, err);
	}
	/* A container that was entered ends later, and with it its nodes. */
	if (w->depth == depth)
		w->nnode = m->set;
	return rc;
}

static int close_container(struct json_walk *w, size_t base, struct deid_error *err)
{
	struct frame *f = top(w);
	uint64_t from = f->prev;
	int rc = DEID_OK;

	if (!w->out->mute && f->nset)
		rc = json_create_members(w, err);
	w->in->cur++;
	if (!rc)
		rc = spans_copy(w->out, from, json_off(w->in), err);
	pop(w);
	member_done(w, base);
	return rc;
}

/* The next member of the innermost container, or its end. */
static int step(struct json_walk *w, size_t base, struct deid_error *err)
{
	struct json_in *in = w->in;
	struct frame *f = top(w);
	struct member m = {.parent = w->depth, .gap = f->prev, .lo = f->lo, .hi = f->hi};
	uint64_t key_end = 0;
	unsigned flags = 0;
	size_t depth = w->depth;
	int rc = json_blank(in, &m.c, err);

	if (rc)
		return rc;
	if (m.c == (f->object ? '}' : ']'))
		return close_container(w, base, err);
	if (f->count) {
		if (m.c != ',')
			return json_unexpected(
			    in, "not JSON: a comma or the end of a list or object is missing", err);
		in->cur++;
		rc = json_blank(in, &m.c, err);
	}
	m.at = json_off(in);
	if (!rc && f->object)
		rc = read_key(w, &m, &key_end, &flags, err);
	m.value = json_off(in);
	if (!rc)
		rc = note_style(w, &m, key_end, err);
	if (!rc)
		rc = find_names(w, &m, key_end, flags, err);
	if (!rc)
		rc = value(w, &m, err);
	if (!rc && w->depth == depth)
		member_done(w, base);
	return rc;
}

static int run(struct json_walk *w, size_t base, struct deid_error *err)
{
	int rc = DEID_OK;

	while (!rc && w->depth > base)
		rc = step(w, base, err);
	return rc;
}

int json_walk_text(struct json_walk *w, struct deid_str text, size_t set, uint32_t lo, uint32_t hi,
    struct buf *mem, struct deid_error *err)
{
	struct json_in *outer = w->in, in;
	struct spans *above = w->out;
	struct spans out = {.host = w->host, .sink = mem ? NULL : above->sink, .mem = mem ? mem : above->mem};
	size_t path = w->path.n, base = w->depth, nodes = w->nnode;
	unsigned missing = w->missing;
	int rc = spans_flush(above, err);

	if (rc)
		return rc;
	if (w->nest >= JSON_NEST_MAX)
		return w->host->fail(
		    err, DEID_FAILED, DEID_E_LIMIT, "entries act on too many values inside each other");
	out.mute = mem ? 0 : above->mute;
	json_open_text(&in, w->host, text, &out);
	w->in = &in;
	w->out = &out;
	w->nest++;
	w->missing = 0;
	if (is_container(text)) {
		rc = spans_copy(&out, 0, 1, err);
		if (!rc)
			rc = json_push(w, set, lo, hi, false, err);
		if (!rc)
			rc = run(w, base, err);
		/* The nodes are the caller's: closing the container has given up its hold on them only. */
		w->nnode = nodes;
	} else {
		rc = spans_write(&out, text.p, text.n, err);
		if (!rc)
			rc = json_create_none(
			    w, set, path, lo, hi, "the place it would be in holds a plain value", err);
	}
	if (!rc)
		rc = spans_flush(&out, err);
	w->nest--;
	w->missing = missing;
	w->path.n = path;
	w->in = outer;
	w->out = above;
	return rc;
}

static int root_set(struct json_walk *w, struct deid_error *err)
{
	const struct json_node *tree = w->look ? w->conf->queries : w->conf->tree;
	const struct json_node **grown = grow(w->node, &w->node_cap, 1, sizeof(*w->node));

	if (!grown)
		return json_nomem(w, err);
	w->node = grown;
	w->node[0] = tree;
	w->nnode = tree && (tree->nchild || tree->wild);
	return DEID_OK;
}

int json_document(struct json_walk *w, struct deid_error *err)
{
	struct member m = {.hi = UINT32_MAX, .gap = json_off(w->in)};
	int rc;

	w->in->hold = m.gap;
	w->path.n = w->style.n = w->nseen = w->depth = 0;
	rc = root_set(w, err);
	if (!rc)
		rc = json_blank(w->in, &m.c, err);
	if (rc)
		return rc;
	if (m.c < 0)
		return json_bad(w->in, DEID_E_TRUNCATED, "there is no document", err);
	m.at = m.value = json_off(w->in);
	rc = value(w, &m, err);
	return rc ? rc : run(w, 0, err);
}

int json_look(struct json_walk *w, struct deid_error *err)
{
	uint64_t start = json_off(w->in);
	bool all = w->all;
	int rc = w->host->record(w->job, err);

	/* What waits to be copied goes out first: the window moves on. */
	if (!rc)
		rc = spans_flush(w->out, err);
	w->look = true;
	w->all = false;
	w->out->mute++;
	if (!rc)
		rc = json_document(w, err);
	w->out->mute--;
	w->all = all;
	w->look = false;
	return rc ? rc : json_seek(w->in, start, err);
}
