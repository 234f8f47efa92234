/* SPDX-License-Identifier: MIT */
/* Entries and IFDs as they are now, and changing them. */
#include "core/util/bytes.h"
#include "core/util/grow.h"
#include "plugins/image/tree.h"

static const struct ifd_change *change_of(const struct ifd_tree *t, uint32_t change)
{
	return change == CHANGE_NONE || change == CHANGE_REMOVED ? NULL : &t->change[change - 1];
}

uint32_t entry_dir(const struct ifd_tree *t, uint32_t id)
{
	size_t lo = 0, hi = t->ndir;

	if (id >= t->nentry)
		return t->added[id - t->nentry].dir;
	/* The last IFD of the file whose first entry is not behind this one; those that are new come after.
	 */
	while (hi && !t->dir[hi - 1].off)
		hi--;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->dir[mid].first <= id)
			lo = mid;
		else
			hi = mid;
	}
	return (uint32_t)lo;
}

static bool view_added(const struct ifd_tree *t, uint32_t id, struct entry_view *v)
{
	const struct ifd_added *a = &t->added[id - t->nentry];
	const struct ifd_change *c = change_of(t, a->change);

	v->dir = a->dir;
	if (a->removed)
		return false;
	v->tag = a->tag;
	v->type = c ? c->type : t->wide ? TYPE_IFD8 : TYPE_LONG;
	v->count = c ? c->count : 1;
	v->p = c ? c->p : NULL;
	v->len = c ? c->n : tree_inline(t);
	return true;
}

bool entry_view(const struct ifd_tree *t, uint32_t id, struct entry_view *v)
{
	const struct ifd_change *c;
	const struct ifd_entry *e;

	*v = (struct entry_view){.id = id};
	if (id >= t->nentry)
		return view_added(t, id, v) && !t->dir[v->dir].removed;
	e = &t->entry[id];
	v->dir = entry_dir(t, id);
	if (e->change == CHANGE_REMOVED || t->dir[v->dir].removed)
		return false;
	c = change_of(t, e->change);
	v->tag = e->tag;
	v->type = c ? c->type : e->type;
	v->count = c ? c->count : e->count;
	if (c) {
		v->p = c->p;
		v->len = c->n;
	} else if (!entry_place(t, e, &v->off, &v->len)) {
		v->p = e->raw;
	}
	return true;
}

bool dir_find(const struct ifd_tree *t, uint32_t dir, uint16_t tag, struct entry_view *v)
{
	const struct ifd_dir *d = &t->dir[dir];

	for (uint32_t i = 0; i < d->n; i++)
		if (t->entry[d->first + i].tag == tag && entry_view(t, d->first + i, v))
			return true;
	for (uint32_t i = 0; i < t->nadded; i++)
		if (t->added[i].dir == dir && t->added[i].tag == tag &&
		    entry_view(t, (uint32_t)t->nentry + i, v))
			return true;
	return false;
}

int view_bytes(
    const struct ifd_tree *t, const struct entry_view *v, const uint8_t **p, struct deid_error *err)
{
	void *copy;

	*p = v->p ? v->p : (const uint8_t *)"";
	if (v->p || !v->len)
		return DEID_OK;
	if (v->len <= DEID_PEEK_MAX)
		return tree_peek(t, v->off, (size_t)v->len, p, err);
	copy = t->host->alloc(t->job, (size_t)v->len);
	if (!copy)
		return tree_nomem(t, err);
	*p = copy;
	return tree_read(t, v->off, copy, (size_t)v->len, err);
}

int view_number(
    const struct ifd_tree *t, const struct entry_view *v, uint64_t i, uint64_t *out, struct deid_error *err)
{
	size_t unit = type_size(v->type);
	const uint8_t *p = v->p;

	*out = 0;
	if (i >= v->count || !unit || v->type == TYPE_RATIONAL || v->type == TYPE_SRATIONAL)
		return DEID_OK;
	if (p)
		p += i * unit;
	else if (tree_peek(t, v->off + i * unit, unit, &p, err) != DEID_OK)
		return DEID_FAILED;
	*out = tree_get(t, p, unit);
	return DEID_OK;
}

/* ---- changing ---------------------------------------------------------------------------------- */

void dir_touch(struct ifd_tree *t, uint32_t dir)
{
	t->dir[dir].dirty = true;
	t->changed = true;
}

static uint32_t *change_slot(struct ifd_tree *t, uint32_t id)
{
	return id >= t->nentry ? &t->added[id - t->nentry].change : &t->entry[id].change;
}

int entry_put(struct ifd_tree *t, uint32_t id, unsigned type, uint64_t count, const void *p, size_t n,
    struct deid_error *err)
{
	uint32_t *slot = change_slot(t, id);
	struct ifd_change *list;

	if (*slot == CHANGE_NONE) {
		if (t->nchange >= UINT32_MAX - 1)
			return tree_nomem(t, err);
		list = grow(t->change, &t->change_cap, t->nchange + 1, sizeof *list);
		if (!list)
			return tree_nomem(t, err);
		t->change = list;
		*slot = (uint32_t)++t->nchange;
	}
	t->change[*slot - 1] = (struct ifd_change){.count = count, .p = p, .n = n, .type = (uint16_t)type};
	dir_touch(t, entry_dir(t, id));
	return DEID_OK;
}

bool dir_is_below(const struct ifd_tree *t, uint32_t i, uint32_t dir)
{
	return t->dir[i].parent != DIR_NONE && t->dir[i].parent >= dir;
}

static void mark_removed(struct ifd_tree *t, uint32_t dir)
{
	t->dir[dir].removed = true;
	for (uint32_t i = dir + 1; i < t->ndir && dir_is_below(t, i, dir); i++)
		t->dir[i].removed = t->dir[i].removed || t->dir[t->dir[i].parent].removed;
	for (size_t i = t->ndir; i-- > 0 && !t->dir[i].off;)
		if (t->dir[i].parent != DIR_NONE && t->dir[t->dir[i].parent].removed)
			t->dir[i].removed = true;
}

void dir_remove(struct ifd_tree *t, uint32_t dir)
{
	struct ifd_dir *d = &t->dir[dir];

	mark_removed(t, dir);
	if (d->next != DIR_NONE)
		t->dir[d->next].prev = d->prev;
	if (d->prev != DIR_NONE) {
		t->dir[d->prev].next = d->next;
		t->dir[d->prev].dirty = true;
	}
	t->changed = true;
}

void entry_remove(struct ifd_tree *t, uint32_t id)
{
	uint32_t dir = entry_dir(t, id);

	for (uint32_t i = dir + 1; i < t->ndir && dir_is_below(t, i, dir); i++)
		if (t->dir[i].parent == dir && t->dir[i].entry == id)
			mark_removed(t, i);
	for (size_t i = t->ndir; i-- > 0 && !t->dir[i].off;)
		if (t->dir[i].parent == dir && t->dir[i].entry == id)
			mark_removed(t, (uint32_t)i);
	if (id >= t->nentry)
		t->added[id - t->nentry].removed = true;
	else
		t->entry[id].change = CHANGE_REMOVED;
	dir_touch(t, dir);
}

int entry_new(struct ifd_tree *t, uint32_t dir, uint16_t tag, unsigned type, uint64_t count, const void *p,
    size_t n, uint32_t *id, struct deid_error *err)
{
	struct ifd_added *list = grow(t->added, &t->added_cap, t->nadded + 1, sizeof *list);

	if (!list)
		return tree_nomem(t, err);
	t->added = list;
	list[t->nadded] = (struct ifd_added){.dir = dir, .tag = tag};
	*id = (uint32_t)(t->nentry + t->nadded++);
	dir_touch(t, dir);
	return p ? entry_put(t, *id, type, count, p, n, err) : DEID_OK;
}

int dir_new(struct ifd_tree *t, uint32_t parent, uint16_t tag, enum ifd_where where, uint32_t *dir,
    struct deid_error *err)
{
	struct ifd_dir *list = grow(t->dir, &t->dir_cap, t->ndir + 1, sizeof *list);
	uint32_t entry = 0;

	if (!list)
		return tree_nomem(t, err);
	t->dir = list;
	if (parent != DIR_NONE && entry_new(t, parent, tag, TYPE_LONG, 1, NULL, 0, &entry, err) != DEID_OK)
		return DEID_FAILED;
	*dir = (uint32_t)t->ndir++;
	t->dir[*dir] = (struct ifd_dir){.first = (uint32_t)t->nentry,
	    .parent = parent,
	    .entry = entry,
	    .next = DIR_NONE,
	    .prev = DIR_NONE,
	    .where = (uint8_t)where,
	    .dirty = true};
	t->changed = true;
	return DEID_OK;
}
