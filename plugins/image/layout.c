/* SPDX-License-Identifier: MIT */
/*
 * Writing: what is in use, where what is new goes, and then front to back.
 *
 * In use is what the IFDs that are left refer to. All of that keeps its place but IFDs and values that grew:
 * those go to the first gap behind the one used last, else to the end. What is between is written as zeros.
 */
#include "core/util/bytes.h"
#include "core/util/grow.h"
#include "plugins/image/tree.h"

enum piece_kind { PIECE_BYTES, PIECE_DIR, PIECE_VALUE };

/* Bytes that differ from the input's. They lie inside of what is in use. */
struct piece {
	uint64_t at;
	uint8_t kind;   /* enum piece_kind */
	uint8_t n;      /* PIECE_BYTES */
	uint32_t index; /* of the IFD, of the change */
	uint8_t bytes[8];
};

/* A value that is to take the place of its old one. */
struct reuse {
	uint64_t off;
	uint32_t change;
};

struct layout {
	struct ifd_tree *t;
	struct extents live;
	struct piece *piece;
	size_t npiece, piece_cap;
	uint32_t *wait; /* changes that need a place */
	size_t nwait, wait_cap;
	struct reuse *reuse;
	size_t nreuse, reuse_cap;
	size_t gap;    /* the stretch in use before the gap that comes next */
	uint64_t from; /* in that gap */
	uint64_t end;
	bool moved; /* something has no longer the place it had */
};

static void layout_free(struct layout *l)
{
	extents_free(&l->live);
	free(l->piece);
	free(l->wait);
	free(l->reuse);
}

/* ---- what is left ------------------------------------------------------------------------------ */

static size_t count_entries(const struct ifd_tree *t, uint32_t dir)
{
	const struct ifd_dir *d = &t->dir[dir];
	struct entry_view v;
	size_t n = 0;

	for (uint32_t i = 0; i < d->n; i++)
		n += entry_view(t, d->first + i, &v);
	for (uint32_t i = 0; i < t->nadded; i++)
		n += t->added[i].dir == dir && entry_view(t, (uint32_t)t->nentry + i, &v);
	return n;
}

/* An EXIF or GPS IFD that lost all its tags goes too. */
static void prune(struct ifd_tree *t)
{
	for (size_t i = t->ndir; i-- > 0;) {
		const struct ifd_dir *d = &t->dir[i];

		if (d->dirty && !d->removed && d->parent != DIR_NONE && d->where != IFD_IMAGES &&
		    !count_entries(t, (uint32_t)i))
			entry_remove(t, d->entry);
	}
}

/* ---- what is in use ---------------------------------------------------------------------------- */

static bool note_wait(struct layout *l, uint32_t change)
{
	uint32_t *p = grow(l->wait, &l->wait_cap, l->nwait + 1, sizeof *p);

	if (!p)
		return false;
	l->wait = p;
	p[l->nwait++] = change;
	return true;
}

static bool note_reuse(struct layout *l, uint64_t off, uint32_t change)
{
	struct reuse *p = grow(l->reuse, &l->reuse_cap, l->nreuse + 1, sizeof *p);

	if (!p)
		return false;
	l->reuse = p;
	p[l->nreuse++] = (struct reuse){off, change};
	return true;
}

static int place_entry(struct layout *l, const struct ifd_entry *e, struct deid_error *err)
{
	struct ifd_tree *t = l->t;
	uint64_t off = 0, len;
	bool out = entry_place(t, e, &off, &len), ok = true;

	if (e->change == CHANGE_REMOVED)
		return DEID_OK;
	if (e->change == CHANGE_NONE)
		ok = !out || extents_add(&l->live, off, len);
	else if (t->change[e->change - 1].n > tree_inline(t))
		ok = out && len >= t->change[e->change - 1].n ? note_reuse(l, off, e->change - 1)
							      : note_wait(l, e->change - 1);
	return ok ? DEID_OK : tree_nomem(t, err);
}

static int place_dir(struct layout *l, uint32_t dir, struct deid_error *err)
{
	struct ifd_tree *t = l->t;
	struct ifd_dir *d = &t->dir[dir];
	uint64_t size = dir_size(t, d->n), now = d->dirty ? dir_size(t, count_entries(t, dir)) : size;
	int rc = DEID_OK;

	d->at = d->off && now <= size ? d->off : 0;
	if (d->at && !extents_add(&l->live, d->at, now))
		rc = tree_nomem(t, err);
	for (uint32_t i = 0; i < d->n && rc == DEID_OK; i++)
		rc = place_entry(l, &t->entry[d->first + i], err);
	return rc;
}

/* The bytes around each tile that a cloud-optimised file gives it. */
static void widen(struct layout *l)
{
	const struct ifd_tree *t = l->t;
	uint64_t head = tree_head(t) + t->ghost;

	for (size_t i = 0; i < l->live.n && (t->leader || t->trailer); i++) {
		struct extent *e = &l->live.e[i];

		e->off = e->off > head + t->leader ? e->off - t->leader : e->off;
		e->end = t->len - e->end > t->trailer ? e->end + t->trailer : t->len;
	}
	l->live.sorted = false;
}

static int place_known(struct layout *l, struct deid_error *err)
{
	struct ifd_tree *t = l->t;
	struct ifd_added *a;
	int rc = DEID_OK;

	for (uint32_t i = 0; i < t->ndir && rc == DEID_OK; i++)
		if (!t->dir[i].removed)
			rc = data_extents(t, i, &l->live, err);
	widen(l);
	for (uint32_t i = 0; i < t->ndir && rc == DEID_OK; i++)
		if (!t->dir[i].removed)
			rc = place_dir(l, i, err);
	if (rc == DEID_OK && !extents_add(&l->live, 0, tree_head(t) + t->ghost))
		rc = tree_nomem(t, err);
	for (uint32_t i = 0; i < t->nadded && rc == DEID_OK; i++) {
		a = &t->added[i];
		if (!a->removed && !t->dir[a->dir].removed && a->change &&
		    t->change[a->change - 1].n > tree_inline(t) && !note_wait(l, a->change - 1))
			rc = tree_nomem(t, err);
	}
	extents_settle(&l->live);
	return rc;
}

static int compare_reuse(const void *a, const void *b)
{
	const struct reuse *x = a, *y = b;

	return x->off != y->off ? (x->off < y->off ? -1 : 1)
				: (x->change > y->change) - (x->change < y->change);
}

/* The old place is free unless another tag has its value there too. */
static int place_again(struct layout *l, struct deid_error *err)
{
	struct ifd_tree *t = l->t;
	uint64_t where, end = 0;
	bool ok = true;
	size_t n = 0;

	if (l->nreuse)
		qsort(l->reuse, l->nreuse, sizeof *l->reuse, compare_reuse);
	for (size_t i = 0; i < l->nreuse && ok; i++) {
		const struct reuse r = l->reuse[i];
		struct ifd_change *c = &t->change[r.change];

		if (r.off < end || extents_touch(&l->live, r.off, c->n, &where)) {
			ok = note_wait(l, r.change);
			continue;
		}
		c->at = r.off;
		end = r.off + c->n;
		l->reuse[n++] = r;
	}
	for (size_t i = 0; i < n && ok; i++)
		ok = extents_add(&l->live, l->reuse[i].off, t->change[l->reuse[i].change].n);
	extents_settle(&l->live);
	return ok ? DEID_OK : tree_nomem(t, err);
}

/* ---- places for what is new -------------------------------------------------------------------- */

/* n bytes at a word's boundary (TIFF 6.0 section 2). Gaps that are too small now are passed over for good: a
 * file may have a million of them. */
static uint64_t allocate(struct layout *l, uint64_t n)
{
	uint64_t align = l->t->wide ? 8 : 2, at;

	l->moved = true;
	for (; l->gap + 1 < l->live.n; l->gap++, l->from = 0) {
		if (l->from < l->live.e[l->gap].end)
			l->from = l->live.e[l->gap].end;
		at = (l->from + align - 1) / align * align;
		if (at < l->live.e[l->gap + 1].off && l->live.e[l->gap + 1].off - at >= n) {
			l->from = at + n;
			return at;
		}
	}
	at = (l->end + align - 1) / align * align;
	l->end = at + n;
	return at;
}

static int place_new(struct layout *l, struct deid_error *err)
{
	struct ifd_tree *t = l->t;
	struct extents taken = {0};
	bool ok = true;

	l->end = l->live.n ? l->live.e[l->live.n - 1].end : tree_head(t);
	for (uint32_t i = 0; i < t->ndir && ok; i++) {
		struct ifd_dir *d = &t->dir[i];
		uint64_t size;

		if (d->removed || d->at)
			continue;
		size = dir_size(t, count_entries(t, i));
		d->at = allocate(l, size);
		ok = extents_add(&taken, d->at, size);
	}
	for (size_t i = 0; i < l->nwait && ok; i++) {
		struct ifd_change *c = &t->change[l->wait[i]];

		c->at = allocate(l, c->n);
		ok = extents_add(&taken, c->at, c->n);
	}
	for (size_t i = 0; i < taken.n && ok; i++)
		ok = extents_add(&l->live, taken.e[i].off, taken.e[i].end - taken.e[i].off);
	extents_free(&taken);
	extents_settle(&l->live);
	if (!ok)
		return tree_nomem(t, err);
	if (!t->wide && l->end > UINT32_MAX)
		return t->host->fail(
		    err, DEID_FAILED, DEID_E_LIMIT, "the file would be longer than its offsets can say");
	return DEID_OK;
}

/* ---- what differs ------------------------------------------------------------------------------ */

static struct piece *piece_add(struct layout *l, uint64_t at, enum piece_kind kind, uint32_t index)
{
	struct piece *p = grow(l->piece, &l->piece_cap, l->npiece + 1, sizeof *p);

	if (!p)
		return NULL;
	l->piece = p;
	p += l->npiece++;
	*p = (struct piece){.at = at, .kind = (uint8_t)kind, .index = index};
	return p;
}

static bool piece_number(struct layout *l, uint64_t at, size_t n, uint64_t v)
{
	struct piece *p = piece_add(l, at, PIECE_BYTES, 0);

	if (!p)
		return false;
	p->n = (uint8_t)n;
	tree_put(l->t, p->bytes, n, v);
	return true;
}

/* What points to an IFD that has another place now, or another neighbour. */
static bool point_to(struct layout *l, uint32_t dir)
{
	struct ifd_tree *t = l->t;
	const struct ifd_dir *d = &t->dir[dir];
	const struct ifd_entry *e;
	uint64_t off, len;

	if (d->prev != DIR_NONE) {
		t->dir[d->prev].dirty |= d->at != d->off;
		return true;
	}
	if (d->parent == DIR_NONE)
		return (d->at == d->off && dir == 0) ||
		       piece_number(l, t->wide ? 8 : 4, tree_inline(t), d->at);
	if (d->at == d->off)
		return true;
	if (d->entry < t->nentry) {
		e = &t->entry[d->entry];
		if (entry_place(t, e, &off, &len))
			return piece_number(
			    l, off + d->index * type_size(e->type), type_size(e->type), d->at);
	}
	t->dir[d->parent].dirty = true;
	return true;
}

static bool list_changes(struct layout *l, uint32_t dir)
{
	const struct ifd_tree *t = l->t;
	const struct ifd_dir *d = &t->dir[dir];
	const struct ifd_change *c;

	for (uint32_t i = 0; i < d->n; i++) {
		uint32_t change = t->entry[d->first + i].change;

		if (change == CHANGE_NONE || change == CHANGE_REMOVED)
			continue;
		c = &t->change[change - 1];
		if (c->n > tree_inline(t) && !piece_add(l, c->at, PIECE_VALUE, change - 1))
			return false;
	}
	return true;
}

static bool list_added(struct layout *l)
{
	const struct ifd_tree *t = l->t;

	for (uint32_t i = 0; i < t->nadded; i++) {
		const struct ifd_added *a = &t->added[i];

		if (a->removed || t->dir[a->dir].removed || !a->change)
			continue;
		if (t->change[a->change - 1].n > tree_inline(t) &&
		    !piece_add(l, t->change[a->change - 1].at, PIECE_VALUE, a->change - 1))
			return false;
	}
	return true;
}

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return x->at != y->at ? (x->at < y->at ? -1 : 1) : 0;
}

static int list_pieces(struct layout *l, struct deid_error *err)
{
	struct ifd_tree *t = l->t;
	bool ok = true;

	for (uint32_t i = 0; i < t->ndir && ok; i++)
		ok = t->dir[i].removed || point_to(l, i);
	for (uint32_t i = 0; i < t->ndir && ok; i++) {
		if (t->dir[i].removed)
			continue;
		ok = (!t->dir[i].dirty || piece_add(l, t->dir[i].at, PIECE_DIR, i)) && list_changes(l, i);
	}
	ok = ok && list_added(l);
	if (ok && t->edition && l->moved) {
		struct piece *p = piece_add(l, t->edition, PIECE_BYTES, 0);

		ok = p != NULL;
		if (ok) {
			p->n = 4;
			memcpy(p->bytes, "YES\n", 4);
		}
	}
	if (ok && l->npiece)
		qsort(l->piece, l->npiece, sizeof *l->piece, compare_pieces);
	return ok ? DEID_OK : tree_nomem(t, err);
}

static int layout_make(struct layout *l, struct ifd_tree *t, struct deid_error *err)
{
	int rc;

	*l = (struct layout){.t = t};
	prune(t);
	rc = place_known(l, err);
	if (rc == DEID_OK)
		rc = place_again(l, err);
	if (rc == DEID_OK)
		rc = place_new(l, err);
	return rc == DEID_OK ? list_pieces(l, err) : rc;
}

/* ---- bytes of an IFD --------------------------------------------------------------------------- */

static void put_pointer(
    const struct ifd_tree *t, uint32_t dir, uint32_t id, uint32_t below, size_t unit, uint8_t *p)
{
	const struct ifd_dir *d = &t->dir[below];

	if (d->parent == dir && d->entry == id && d->prev == DIR_NONE && !d->removed)
		tree_put(t, p + d->index * unit, unit, d->at);
}

/* The IFDs that an entry points to, where the entry itself has room for that: those of the file stand right
 * behind their parent, new ones at the end. */
static void put_pointers(const struct ifd_tree *t, uint32_t dir, uint32_t id, size_t unit, uint8_t *p)
{
	for (uint32_t i = dir + 1; i < t->ndir && dir_is_below(t, i, dir); i++)
		put_pointer(t, dir, id, i, unit, p);
	for (size_t i = t->ndir; i-- > 0 && !t->dir[i].off;)
		put_pointer(t, dir, id, (uint32_t)i, unit, p);
}

static void put_entry(const struct ifd_tree *t, const struct entry_view *v, uint8_t *p)
{
	size_t room = tree_inline(t);
	uint8_t *field = p + 4 + room;
	uint32_t change = v->id < t->nentry ? t->entry[v->id].change : t->added[v->id - t->nentry].change;

	tree_put(t, p, 2, v->tag);
	tree_put(t, p + 2, 2, v->type);
	tree_put(t, p + 4, room, v->count);
	memset(field, 0, room);
	if (v->len > room)
		tree_put(t, field, room, v->p ? t->change[change - 1].at : v->off);
	else if (v->p)
		memcpy(field, v->p, change == CHANGE_NONE && !t->tidy ? room : (size_t)v->len);
	if (pointer_where(&t->dir[v->dir], v->tag, v->type) != IFD_ANYWHERE && v->len <= room)
		put_pointers(t, v->dir, v->id, type_size(v->type), field);
}

/* Entries in their order, new ones before the first with a larger number. */
static size_t put_entries(const struct ifd_tree *t, uint32_t dir, uint8_t *p)
{
	const struct ifd_dir *d = &t->dir[dir];
	size_t size = t->wide ? 20 : 12, n = 0;
	uint32_t last = 0; /* tags below this one are written */
	struct entry_view v, best;

	for (uint32_t i = 0; i <= d->n; i++) {
		bool more = i < d->n;
		uint32_t limit = UINT32_MAX;

		if (more && !entry_view(t, d->first + i, &v))
			continue;
		if (more)
			limit = v.tag;
		for (bool found = true; found && t->nadded;) {
			struct entry_view a;

			found = false;
			for (uint32_t k = 0; k < t->nadded; k++)
				if (t->added[k].dir == dir && entry_view(t, (uint32_t)t->nentry + k, &a) &&
				    a.tag >= last && a.tag < limit && (!found || a.tag < best.tag)) {
					best = a;
					found = true;
				}
			if (found) {
				put_entry(t, &best, p + n++ * size);
				last = best.tag + 1u;
			}
		}
		if (more)
			put_entry(t, &v, p + n++ * size);
	}
	return n;
}

static int make_dir(const struct ifd_tree *t, uint32_t dir, struct buf *out, struct deid_error *err)
{
	const struct ifd_dir *d = &t->dir[dir];
	size_t head = t->wide ? 8 : 2, room = tree_inline(t), size;
	uint8_t *p;

	size = (size_t)dir_size(t, count_entries(t, dir));
	out->n = 0;
	if (!buf_reserve(out, size))
		return tree_nomem(t, err);
	p = (uint8_t *)out->p;
	memset(p, 0, size);
	tree_put(t, p, head, put_entries(t, dir, p + head));
	tree_put(t, p + size - room, room, d->next != DIR_NONE ? t->dir[d->next].at : 0);
	out->n = size;
	return DEID_OK;
}

/* ---- front to back ----------------------------------------------------------------------------- */

struct output {
	const struct ifd_tree *t;
	struct deid_sink *sink; /* NULL: to memory */
	uint8_t *p;
	size_t n;
	struct buf dir;
};

static int out_bytes(struct output *o, const void *p, size_t n, struct deid_error *err)
{
	if (o->sink)
		return o->t->host->sink_write(o->sink, p, n, err);
	memcpy(o->p + o->n, p, n);
	o->n += n;
	return DEID_OK;
}

static int out_zeros(struct output *o, uint64_t n, struct deid_error *err)
{
	static const uint8_t zeros[4096];
	int rc = DEID_OK;

	for (; n && rc == DEID_OK; n -= n < sizeof zeros ? n : sizeof zeros)
		rc = out_bytes(o, zeros, n < sizeof zeros ? (size_t)n : sizeof zeros, err);
	return rc;
}

static int out_copy(struct output *o, uint64_t off, uint64_t n, struct deid_error *err)
{
	int rc = DEID_OK;

	if (!n)
		return DEID_OK;
	if (o->sink)
		return o->t->host->sink_copy(o->sink, o->t->src, o->t->base + off, n, err);
	rc = tree_read(o->t, off, o->p + o->n, (size_t)n, err);
	o->n += (size_t)n;
	return rc;
}

static int out_piece(struct output *o, const struct piece *p, uint64_t *n, struct deid_error *err)
{
	const struct ifd_change *c;

	switch (p->kind) {
	case PIECE_DIR:
		if (make_dir(o->t, p->index, &o->dir, err) != DEID_OK)
			return DEID_FAILED;
		*n = o->dir.n;
		return out_bytes(o, o->dir.p, o->dir.n, err);
	case PIECE_VALUE:
		c = &o->t->change[p->index];
		*n = c->n;
		return out_bytes(o, c->p, c->n, err);
	default:
		*n = p->n;
		return out_bytes(o, p->bytes, p->n, err);
	}
}

static int out_all(struct output *o, const struct layout *l, struct deid_error *err)
{
	uint64_t pos = 0, n;
	size_t k = 0;
	int rc = DEID_OK;

	for (size_t i = 0; i < l->live.n && rc == DEID_OK; i++) {
		const struct extent *e = &l->live.e[i];

		rc = out_zeros(o, e->off - pos, err);
		pos = e->off;
		for (; k < l->npiece && l->piece[k].at < e->end && rc == DEID_OK; k++) {
			if (l->piece[k].at < pos)
				return tree_fail(o->t, err, DEID_E_INTERNAL, pos, "two changes meet");
			rc = out_copy(o, pos, l->piece[k].at - pos, err);
			pos = l->piece[k].at;
			if (rc == DEID_OK)
				rc = out_piece(o, &l->piece[k], &n, err);
			pos += n;
		}
		if (rc == DEID_OK)
			rc = out_copy(o, pos, e->end - pos, err);
		pos = e->end;
	}
	if (rc == DEID_OK && k < l->npiece)
		return tree_fail(o->t, err, DEID_E_INTERNAL, l->piece[k].at, "a change has no place");
	return rc;
}

static int write_changed(
    struct ifd_tree *t, struct deid_sink *sink, struct deid_str *text, struct deid_error *err)
{
	struct layout l;
	struct output o = {.t = t, .sink = sink};
	int rc = layout_make(&l, t, err);

	if (rc == DEID_OK && !sink) {
		o.p = t->host->alloc(t->job, (size_t)l.end);
		if (!o.p)
			rc = tree_nomem(t, err);
	}
	if (rc == DEID_OK)
		rc = out_all(&o, &l, err);
	if (rc == DEID_OK && !sink)
		*text = (struct deid_str){(const char *)o.p, o.n};
	buf_free(&o.dir);
	layout_free(&l);
	return rc;
}

int ifd_write(struct ifd_tree *t, struct deid_sink *sink, struct deid_error *err)
{
	if (!t->changed)
		return t->host->sink_copy(sink, t->src, t->base, t->len, err);
	return write_changed(t, sink, NULL, err);
}

int ifd_bytes(struct ifd_tree *t, struct deid_str *out, struct deid_error *err)
{
	uint8_t *p;

	if (t->changed)
		return write_changed(t, NULL, out, err);
	p = t->host->alloc(t->job, (size_t)t->len);
	if (!p)
		return tree_nomem(t, err);
	*out = (struct deid_str){(const char *)p, (size_t)t->len};
	return tree_read(t, 0, p, (size_t)t->len, err);
}
