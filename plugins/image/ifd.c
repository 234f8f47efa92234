/* SPDX-License-Identifier: MIT */
/* Reading the structure. */
#include "core/util/bytes.h"
#include "core/util/grow.h"
#include "plugins/image/tree.h"
#include <inttypes.h>

#define DEPTH_MAX 8        /* IFDs within IFDs: EXIF needs three */
#define ENTRIES_MAX 65535u /* tags have 16 bits */
#define TAG_SUBIFDS 330
#define TAG_GLOBALS 400 /* GlobalParametersIFD */
#define TAG_EXIF 34665
#define TAG_GPS 34853
#define TAG_INTEROP 40965

/* ---- bytes ------------------------------------------------------------------------------------- */

uint64_t tree_get(const struct ifd_tree *t, const void *p, size_t n)
{
	const uint8_t *b = p;
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | b[t->big ? i : n - 1 - i];
	return v;
}

void tree_put(const struct ifd_tree *t, void *p, size_t n, uint64_t v)
{
	uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		b[t->big ? n - 1 - i : i] = (uint8_t)(v >> 8 * i);
}

int tree_nomem(const struct ifd_tree *t, struct deid_error *err)
{
	return t->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the file");
}

int tree_fail(
    const struct ifd_tree *t, struct deid_error *err, enum deid_code code, uint64_t off, const char *what)
{
	int rc = t->host->fail(err, DEID_FAILED, code, "%s", what);

	t->host->at(err, (struct deid_str){NULL, 0}, t->base + off);
	return rc;
}

/* Whether [off, off + n) is in the stretch. */
static bool inside(const struct ifd_tree *t, uint64_t off, uint64_t n)
{
	return off <= t->len && n <= t->len - off;
}

int tree_peek(const struct ifd_tree *t, uint64_t off, size_t n, const uint8_t **out, struct deid_error *err)
{
	const void *p;
	size_t got;

	if (!inside(t, off, n))
		return tree_fail(t, err, DEID_E_TRUNCATED, off, "the file ends before what it refers to");
	if (t->host->src_peek(t->src, t->base + off, n, &p, &got, err) != DEID_OK)
		return DEID_FAILED;
	if (got < n)
		return tree_fail(t, err, DEID_E_TRUNCATED, off, "the file ends before what it refers to");
	*out = p;
	return DEID_OK;
}

int tree_read(const struct ifd_tree *t, uint64_t off, void *p, size_t n, struct deid_error *err)
{
	if (!inside(t, off, n))
		return tree_fail(t, err, DEID_E_TRUNCATED, off, "the file ends before what it refers to");
	return t->host->src_read(t->src, t->base + off, p, n, err);
}

bool entry_place(const struct ifd_tree *t, const struct ifd_entry *e, uint64_t *off, uint64_t *len)
{
	size_t unit = type_size(e->type);

	*len = unit ? e->count * unit : tree_inline(t);
	if (*len <= tree_inline(t))
		return false;
	*off = tree_get(t, e->raw, tree_inline(t));
	return true;
}

/* ---- the walk ---------------------------------------------------------------------------------- */

/* Offsets of IFDs that were reached: open addressing, 0 is free (no IFD stands there). */
struct seen {
	uint64_t *slot;
	size_t n, cap; /* a power of two */
};

static void seen_put(struct seen *s, uint64_t off, bool *before)
{
	size_t i = (size_t)(off * 0x9E3779B97F4A7C15u >> 20) & (s->cap - 1);

	while (s->slot[i] && s->slot[i] != off)
		i = (i + 1) & (s->cap - 1);
	*before = s->slot[i] == off;
	s->n += !*before;
	s->slot[i] = off;
}

static bool seen_add(struct seen *s, uint64_t off, bool *before)
{
	struct seen larger = {NULL, 0, s->cap ? 2 * s->cap : 16};
	bool b;

	if (2 * s->n >= s->cap) {
		larger.slot = calloc(larger.cap, sizeof *larger.slot);
		if (!larger.slot)
			return false;
		for (size_t i = 0; i < s->cap; i++)
			if (s->slot[i])
				seen_put(&larger, s->slot[i], &b);
		free(s->slot);
		*s = larger;
	}
	seen_put(s, off, before);
	return true;
}

struct walk {
	struct ifd_tree *t;
	struct seen seen;
	struct deid_error *err;
};

static bool is_pointer_type(unsigned type)
{
	return type == TYPE_LONG || type == TYPE_IFD || type == TYPE_LONG8 || type == TYPE_IFD8;
}

enum ifd_where pointer_where(const struct ifd_dir *d, uint16_t tag, unsigned type)
{
	if ((d->where != IFD_IMAGES && d->where != IFD_EXIF) || !is_pointer_type(type))
		return IFD_ANYWHERE;
	switch (tag) {
	case TAG_EXIF:
		return IFD_EXIF;
	case TAG_GPS:
		return IFD_GPS;
	case TAG_INTEROP:
		return IFD_INTEROP;
	case TAG_SUBIFDS:
	case TAG_GLOBALS:
		return IFD_IMAGES;
	default:
		return type == TYPE_IFD || type == TYPE_IFD8 ? (enum ifd_where)d->where : IFD_ANYWHERE;
	}
}

static bool is_known_pointer(const struct ifd_dir *d, uint16_t tag)
{
	return (d->where == IFD_IMAGES || d->where == IFD_EXIF) &&
	       (tag == TAG_EXIF || tag == TAG_GPS || tag == TAG_INTEROP || tag == TAG_SUBIFDS);
}

static int check_entry(struct ifd_tree *t, const struct ifd_entry *e, uint64_t at, struct deid_error *err)
{
	size_t unit = type_size(e->type);
	uint64_t off, len;

	if (unit && e->count > t->len / unit)
		return tree_fail(
		    t, err, DEID_E_TRUNCATED, at, "a tag has more values than the file can hold");
	if (entry_place(t, e, &off, &len) && !inside(t, off, len))
		return tree_fail(t, err, DEID_E_TRUNCATED, at, "a tag's value lies outside of the file");
	if (entry_place(t, e, &off, &len) && off < tree_head(t))
		return tree_fail(t, err, DEID_E_FORMAT, at, "a tag's value lies in the file's header");
	return DEID_OK;
}

static int read_entries(struct walk *w, uint64_t off, uint32_t n)
{
	struct ifd_tree *t = w->t;
	size_t size = t->wide ? 20 : 12;
	uint8_t buf[20 * 64];
	struct ifd_entry *list = grow(t->entry, &t->entry_cap, t->nentry + n, sizeof *list);

	if (!list)
		return tree_nomem(t, w->err);
	t->entry = list;
	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *p = buf + i % 64 * size;
		struct ifd_entry *e = &t->entry[t->nentry];

		if (i % 64 == 0 &&
		    tree_read(t, off + i * size, buf, size * (n - i < 64 ? n - i : 64), w->err))
			return DEID_FAILED;
		*e = (struct ifd_entry){
		    .tag = (uint16_t)tree_get(t, p, 2), .type = (uint16_t)tree_get(t, p + 2, 2)};
		e->count = tree_get(t, p + 4, tree_inline(t));
		memcpy(e->raw, p + 4 + tree_inline(t), tree_inline(t));
		if (check_entry(t, e, off + i * size, w->err) != DEID_OK)
			return DEID_FAILED;
		t->nentry++;
	}
	return DEID_OK;
}

/* One IFD without what it points to; *next is where the one behind it stands. */
static int read_dir(struct walk *w, uint64_t off, uint32_t *id, uint64_t *next)
{
	struct ifd_tree *t = w->t;
	size_t head = t->wide ? 8 : 2, tail = tree_inline(t);
	uint8_t buf[8];
	uint64_t n;
	bool before;
	struct ifd_dir *list;

	if (off < tree_head(t))
		return tree_fail(t, w->err, DEID_E_FORMAT, off, "an IFD lies in the file's header");
	if (!seen_add(&w->seen, off, &before))
		return tree_nomem(t, w->err);
	if (before)
		return tree_fail(t, w->err, DEID_E_FORMAT, off, "an IFD is reached twice");
	if (tree_read(t, off, buf, head, w->err) != DEID_OK)
		return DEID_FAILED;
	n = tree_get(t, buf, head);
	if (n > ENTRIES_MAX)
		return tree_fail(t, w->err, DEID_E_LIMIT, off, "an IFD has more entries than there are tags");
	if (!inside(t, off, dir_size(t, n)))
		return tree_fail(t, w->err, DEID_E_TRUNCATED, off, "the file ends inside of an IFD");
	if (tree_read(t, off + head + n * (t->wide ? 20 : 12), buf, tail, w->err) != DEID_OK)
		return DEID_FAILED;
	*next = tree_get(t, buf, tail);
	list = grow(t->dir, &t->dir_cap, t->ndir + 1, sizeof *list);
	if (!list)
		return tree_nomem(t, w->err);
	t->dir = list;
	*id = (uint32_t)t->ndir++;
	t->dir[*id] = (struct ifd_dir){.off = off,
	    .first = (uint32_t)t->nentry,
	    .n = (uint32_t)n,
	    .parent = DIR_NONE,
	    .next = DIR_NONE,
	    .prev = DIR_NONE};
	return read_entries(w, off + head, (uint32_t)n);
}

static int read_chain(struct walk *w, uint64_t off, const struct ifd_dir *as, unsigned depth);

/* What an entry of the IFD points to. */
static int read_below(struct walk *w, uint32_t id, uint32_t entry, unsigned depth)
{
	struct ifd_tree *t = w->t;
	const struct ifd_entry e = t->entry[entry];
	enum ifd_where where = pointer_where(&t->dir[id], e.tag, e.type);
	struct entry_view v;
	uint64_t to;

	if (where == IFD_ANYWHERE)
		return is_known_pointer(&t->dir[id], e.tag)
			   ? tree_fail(
				 t, w->err, DEID_E_FORMAT, t->dir[id].off, "a pointer to an IFD is no offset")
			   : DEID_OK;
	if (depth == DEPTH_MAX)
		return tree_fail(t, w->err, DEID_E_LIMIT, t->dir[id].off, "IFDs nest too deeply");
	if (e.count > ENTRIES_MAX)
		return tree_fail(t, w->err, DEID_E_LIMIT, t->dir[id].off, "a tag points to too many IFDs");
	for (uint64_t i = 0; i < e.count; i++) {
		const struct ifd_dir as = {
		    .parent = id, .entry = entry, .index = (uint32_t)i, .where = (uint8_t)where};

		if (!entry_view(t, entry, &v) || view_number(t, &v, i, &to, w->err) != DEID_OK)
			return DEID_FAILED;
		if (to && read_chain(w, to, &as, depth + 1) != DEID_OK)
			return DEID_FAILED;
	}
	return DEID_OK;
}

/*
 * A chain of IFDs. Only images have chains: behind an EXIF or GPS IFD writers leave anything.
 * Recursion: at most DEPTH_MAX levels.
 */
static int read_chain(struct walk *w, uint64_t off, const struct ifd_dir *as, unsigned depth)
{
	struct ifd_tree *t = w->t;
	uint32_t prev = DIR_NONE, id = 0;
	uint64_t next = 0;

	for (; off; off = next) {
		int rc = read_dir(w, off, &id, &next);

		if (rc != DEID_OK)
			return rc;
		t->dir[id].parent = as->parent;
		t->dir[id].entry = as->entry;
		t->dir[id].index = as->index;
		t->dir[id].where = as->where;
		t->dir[id].prev = prev;
		if (prev != DIR_NONE)
			t->dir[prev].next = id;
		for (uint32_t i = 0; i < t->dir[id].n && rc == DEID_OK; i++)
			rc = read_below(w, id, t->dir[id].first + i, depth);
		if (rc != DEID_OK)
			return rc;
		prev = id;
		if (as->where != IFD_IMAGES)
			break;
	}
	return DEID_OK;
}

/* TIFF 6.0 section 2; BigTIFF: version 43, offsets of 8 bytes. */
static int read_head(struct ifd_tree *t, uint64_t *first, struct deid_error *err)
{
	uint8_t b[16];
	unsigned version;

	if (t->len < 8)
		return tree_fail(t, err, DEID_E_TRUNCATED, 0, "too short for a TIFF header");
	if (tree_read(t, 0, b, 8, err) != DEID_OK)
		return DEID_FAILED;
	t->big = b[0] == 'M';
	version = (unsigned)tree_get(t, b + 2, 2);
	t->wide = version == 43;
	if ((b[0] != 'I' && b[0] != 'M') || b[1] != b[0] || (version != 42 && version != 43))
		return tree_fail(t, err, DEID_E_FORMAT, 0, "no TIFF header");
	if (!t->wide) {
		*first = tree_get(t, b + 4, 4);
		return DEID_OK;
	}
	if (tree_get(t, b + 4, 2) != 8 || tree_get(t, b + 6, 2) != 0)
		return tree_fail(t, err, DEID_E_FORMAT, 4, "a BigTIFF header of another kind");
	if (tree_read(t, 8, b, 8, err) != DEID_OK)
		return DEID_FAILED;
	*first = tree_get(t, b, 8);
	return DEID_OK;
}

/* ---- nothing lies in anything else ------------------------------------------------------------- */

struct place {
	uint64_t off, end;
	bool is_dir;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

static size_t list_places(const struct ifd_tree *t, struct place *list)
{
	size_t n = 0;
	uint64_t off, len;

	for (size_t i = 0; i < t->ndir; i++)
		list[n++] = (struct place){t->dir[i].off, t->dir[i].off + dir_size(t, t->dir[i].n), true};
	for (size_t i = 0; i < t->nentry; i++)
		if (entry_place(t, &t->entry[i], &off, &len))
			list[n++] = (struct place){off, off + len, false};
	qsort(list, n, sizeof *list, compare_places);
	return n;
}

static int check_places(const struct ifd_tree *t, const struct place *list, size_t n,
    const struct extents *data, struct deid_error *err)
{
	uint64_t where;

	for (size_t i = 0; i < n; i++) {
		const struct place *p = &list[i], *last = i ? p - 1 : NULL;

		if (last && p->off < last->end &&
		    (p->is_dir || last->is_dir || p->off != last->off || p->end != last->end))
			return tree_fail(t, err, DEID_E_FORMAT, p->off, "IFDs or values of tags overlap");
		if (extents_touch(data, p->off, p->end - p->off, &where))
			return tree_fail(
			    t, err, DEID_E_FORMAT, where, "image data overlap an IFD or a tag's value");
	}
	return DEID_OK;
}

static int check_overlaps(const struct ifd_tree *t, struct deid_error *err)
{
	struct extents data = {0};
	struct place *list = NULL;
	size_t n = t->ndir;
	uint64_t off, len;
	int rc = DEID_OK;

	for (size_t i = 0; i < t->nentry; i++)
		n += entry_place(t, &t->entry[i], &off, &len);
	for (uint32_t i = 0; i < t->ndir && rc == DEID_OK; i++)
		rc = data_extents(t, i, &data, err);
	if (rc == DEID_OK) {
		extents_settle(&data);
		list = calloc(n ? n : 1, sizeof *list);
		rc = list ? check_places(t, list, list_places(t, list), &data, err) : tree_nomem(t, err);
	}
	free(list);
	extents_free(&data);
	return rc;
}

/* ---- open and close ---------------------------------------------------------------------------- */

static int read_tree(struct ifd_tree *t, struct deid_error *err)
{
	struct walk w = {.t = t, .err = err};
	const struct ifd_dir page = {.parent = DIR_NONE, .where = IFD_IMAGES};
	uint64_t first = 0;
	int rc = read_head(t, &first, err);

	if (rc == DEID_OK && !first && !(t->flags & IFD_BLOCK))
		rc = tree_fail(t, err, DEID_E_FORMAT, 4, "there is no IFD");
	if (rc == DEID_OK)
		rc = read_chain(&w, first, &page, 0);
	free(w.seen.slot);
	return rc == DEID_OK ? check_overlaps(t, err) : rc;
}

int ifd_open(const struct deid_host *host, struct deid_job *job, struct deid_source *src, uint64_t off,
    uint64_t len, unsigned flags, struct ifd_tree **out, struct deid_error *err)
{
	struct ifd_tree *t = calloc(1, sizeof *t);
	int rc;

	*out = NULL;
	if (!t)
		return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the file");
	t->host = host;
	t->job = job;
	t->src = src;
	t->base = off;
	t->len = len;
	t->flags = flags;
	rc = read_tree(t, err);
	if (rc == DEID_OK && !(flags & IFD_BLOCK))
		rc = ghost_read(t, err);
	if (rc != DEID_OK) {
		ifd_close(t);
		return rc;
	}
	*out = t;
	return DEID_OK;
}

int ifd_new(const struct deid_host *host, struct deid_job *job, struct ifd_tree **out, struct deid_error *err)
{
	static const uint8_t empty[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0};
	struct deid_source *src = host->src_mem(job, empty, sizeof empty);

	*out = NULL;
	if (!src)
		return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the file");
	return ifd_open(host, job, src, 0, sizeof empty, IFD_BLOCK, out, err);
}

void ifd_close(struct ifd_tree *t)
{
	if (!t)
		return;
	free(t->dir);
	free(t->entry);
	free(t->added);
	free(t->change);
	free(t);
}
