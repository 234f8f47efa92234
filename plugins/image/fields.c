/* SPDX-License-Identifier: MIT */
/* Entries as fields of a record. */
#include "plugins/image/tree.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TAG_ORIENTATION 274
#define TAG_EXIF 34665
#define TAG_GPS 34853
#define TAG_INTEROP 40965
#define TAG_EXIF_VERSION 36864
#define TAG_GPS_VERSION 0

static const struct tag_info *info_of(const struct ifd_tree *t, const struct entry_view *v)
{
	return tag_find(dir_set(&t->dir[v->dir]), v->tag);
}

static bool is_pointer(const struct ifd_tree *t, const struct entry_view *v)
{
	return pointer_where(&t->dir[v->dir], v->tag, v->type) != IFD_ANYWHERE;
}

/* What the image cannot be read without. In an EXIF block that is the thumbnail: the first IFD describes an
 * image that says these things itself. */
static bool is_structure(const struct ifd_tree *t, const struct entry_view *v, const struct tag_info *info)
{
	const struct ifd_dir *d = &t->dir[v->dir];

	if (!info || !(info->flags & TAG_F_STRUCTURE) || d->where != IFD_IMAGES)
		return false;
	return !(t->flags & IFD_BLOCK) || d->parent != DIR_NONE || d->prev != DIR_NONE;
}

/* ---- visits ------------------------------------------------------------------------------------ */

struct search {
	struct ifd_tree *t;
	const struct ifd_name *name; /* NULL: all */
	bool structure;
	uintptr_t mark;
	deid_visit *visit;
	void *arg;
	struct deid_error *err;
};

static bool matches(const struct search *s, const struct entry_view *v, const struct tag_info *info)
{
	const struct ifd_dir *d = &s->t->dir[v->dir];

	if (!s->name)
		return s->structure || !is_structure(s->t, v, info);
	return v->tag == s->name->tag && dir_set(d) == s->name->set &&
	       (s->name->where == IFD_ANYWHERE || s->name->where == d->where);
}

static int visit_entry(struct search *s, uint32_t id)
{
	struct ifd_tree *t = s->t;
	struct deid_field f = {.size = sizeof f};
	const struct tag_info *info;
	struct entry_view v;
	char number[16], name[24];
	int n;

	if (!entry_view(t, id, &v))
		return DEID_OK;
	info = info_of(t, &v);
	if (!matches(s, &v, info))
		return DEID_OK;
	n = snprintf(number, sizeof number, "%u", v.tag);
	f.alt = (struct deid_str){number, n > 0 ? (size_t)n : 0};
	f.name = f.alt;
	if (dir_set(&t->dir[v.dir]) != TAGS_IMAGE) {
		n = snprintf(
		    name, sizeof name, "%s:%u", t->dir[v.dir].where == IFD_GPS ? "GPS" : "Interop", v.tag);
		f.alt = f.name = (struct deid_str){name, n > 0 ? (size_t)n : 0};
	}
	if (info)
		f.name = str_of(info->name);
	else
		f.alt.n = 0;
	f.kind = is_pointer(t, &v) ? DEID_TREE : DEID_TEXT;
	f.h[0] = s->mark;
	f.h[1] = id;
	return s->visit(s->arg, &f, s->err);
}

/* A visit may add nothing, but may take IFDs out. */
static int search(struct search *s)
{
	struct ifd_tree *t = s->t;
	int rc = DEID_OK;

	for (uint32_t i = 0; i < t->ndir && rc == DEID_OK; i++) {
		const struct ifd_dir d = t->dir[i];

		for (uint32_t k = 0; k < d.n && rc == DEID_OK && !t->dir[i].removed; k++)
			rc = visit_entry(s, d.first + k);
		for (uint32_t k = 0; k < t->nadded && rc == DEID_OK; k++)
			if (t->added[k].dir == i)
				rc = visit_entry(s, (uint32_t)t->nentry + k);
	}
	return rc;
}

int ifd_find(struct ifd_tree *t, const struct ifd_name *name, uintptr_t mark, deid_visit *visit, void *arg,
    struct deid_error *err)
{
	struct search s = {t, name, true, mark, visit, arg, err};

	return search(&s);
}

int ifd_each(
    struct ifd_tree *t, bool all, uintptr_t mark, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct search s = {t, NULL, all, mark, visit, arg, err};

	return search(&s);
}

/* ---- values ------------------------------------------------------------------------------------ */

static int view_field(
    const struct ifd_tree *t, const struct deid_field *f, struct entry_view *v, struct deid_error *err)
{
	if (entry_view(t, (uint32_t)f->h[1], v))
		return DEID_OK;
	return t->host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "the field is gone");
}

struct ifd_name ifd_field_name(const struct ifd_tree *t, const struct deid_field *f)
{
	struct entry_view v;
	struct ifd_name name = {0};

	if (!entry_view(t, (uint32_t)f->h[1], &v))
		return name;
	name.tag = v.tag;
	name.set = (uint8_t)dir_set(&t->dir[v.dir]);
	name.where = t->dir[v.dir].where;
	name.info = info_of(t, &v);
	return name;
}

int ifd_get(struct ifd_tree *t, const struct deid_field *f, struct deid_value *v, struct deid_error *err)
{
	struct entry_view e;

	if (view_field(t, f, &e, err) != DEID_OK)
		return DEID_FAILED;
	if (is_pointer(t, &e)) {
		*v = (struct deid_value){.size = sizeof *v, .kind = DEID_TREE, .lo = 1};
		return DEID_OK;
	}
	return value_get(t, &e, info_of(t, &e), v, err);
}

/* A type that the standard lets the tag have and that holds the value, where the file's own does not. */
static int make(const struct ifd_tree *t, const struct entry_view *e, const struct deid_value *v,
    unsigned *type, uint64_t *count, struct deid_str *bytes, struct deid_error *err)
{
	const struct tag_info *info = info_of(t, e);

	*type = e->type;
	if (*type == TYPE_SHORT && info && info->type == TYPE_LONG)
		*type = TYPE_LONG;
	return value_make(t, info, *type, v, count, bytes, err);
}

static int same(const struct ifd_tree *t, const struct entry_view *e, struct deid_str bytes, bool *out,
    struct deid_error *err)
{
	const uint8_t *p;

	*out = false;
	if (e->len != bytes.n)
		return DEID_OK;
	if (view_bytes(t, e, &p, err) != DEID_OK)
		return DEID_FAILED;
	*out = memcmp(p, bytes.p, bytes.n) == 0;
	return DEID_OK;
}

static int refuse_structure(const struct ifd_tree *t, const struct entry_view *e, struct deid_error *err)
{
	if (!is_structure(t, e, info_of(t, e)))
		return DEID_OK;
	return t->host->fail(err, DEID_FAILED, DEID_E_FIELD, "the image cannot be read without this tag");
}

int ifd_set(
    struct ifd_tree *t, const struct deid_field *f, const struct deid_value *v, struct deid_error *err)
{
	struct entry_view e;
	struct deid_str bytes;
	uint64_t count;
	unsigned type;
	bool equal;

	if (view_field(t, f, &e, err) != DEID_OK || refuse_structure(t, &e, err) != DEID_OK)
		return DEID_FAILED;
	if (is_pointer(t, &e))
		return t->host->fail(err, DEID_FAILED, DEID_E_FIELD, "the field holds others, and no value");
	if (make(t, &e, v, &type, &count, &bytes, err) != DEID_OK ||
	    same(t, &e, bytes, &equal, err) != DEID_OK)
		return DEID_FAILED;
	return equal && type == e.type ? DEID_OK : entry_put(t, e.id, type, count, bytes.p, bytes.n, err);
}

int ifd_remove(struct ifd_tree *t, const struct deid_field *f, struct deid_error *err)
{
	struct entry_view e;

	if (view_field(t, f, &e, err) != DEID_OK || refuse_structure(t, &e, err) != DEID_OK)
		return DEID_FAILED;
	entry_remove(t, e.id);
	return DEID_OK;
}

/* ---- new tags ---------------------------------------------------------------------------------- */

static int add_fixed(struct ifd_tree *t, uint32_t dir, uint16_t tag, unsigned type, const void *p, size_t n,
    struct deid_error *err)
{
	uint32_t id;

	return entry_new(t, dir, tag, type, n / type_size(type), p, n, &id, err);
}

/* What the standard demands of an IFD (EXIF 2.32, sections 4.6.5 A and 4.6.6). */
static int add_version(struct ifd_tree *t, uint32_t dir, enum ifd_where where, struct deid_error *err)
{
	static const uint8_t gps[] = {2, 3, 0, 0};

	if (where == IFD_EXIF)
		return add_fixed(t, dir, TAG_EXIF_VERSION, TYPE_UNDEFINED, "0232", 4, err);
	if (where == IFD_GPS)
		return add_fixed(t, dir, TAG_GPS_VERSION, TYPE_BYTE, gps, sizeof gps, err);
	return DEID_OK;
}

static bool first_of(const struct ifd_tree *t, enum ifd_where where, uint32_t *dir)
{
	for (uint32_t i = 0; i < t->ndir; i++)
		if (t->dir[i].where == where && !t->dir[i].removed) {
			*dir = i;
			return true;
		}
	return false;
}

/* The IFD that new tags of this kind go into. */
static int home_of(struct ifd_tree *t, enum ifd_where where, uint32_t *dir, struct deid_error *err)
{
	uint32_t parent;
	uint16_t tag = where == IFD_EXIF ? TAG_EXIF : where == IFD_GPS ? TAG_GPS : TAG_INTEROP;

	if (first_of(t, where, dir))
		return DEID_OK;
	if (where == IFD_IMAGES)
		return t->host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "no IFD is left");
	if (home_of(t, where == IFD_INTEROP ? IFD_EXIF : IFD_IMAGES, &parent, err) != DEID_OK ||
	    dir_new(t, parent, tag, where, dir, err) != DEID_OK)
		return DEID_FAILED;
	return add_version(t, *dir, where, err);
}

static enum ifd_where where_of(const struct ifd_name *name)
{
	switch (name->set) {
	case TAGS_GPS:
		return IFD_GPS;
	case TAGS_INTEROP:
		return IFD_INTEROP;
	default:
		return name->where == IFD_EXIF ||
			       (name->info->flags & TAG_F_EXIF && name->where != IFD_IMAGES)
			   ? IFD_EXIF
			   : IFD_IMAGES;
	}
}

int ifd_add(
    struct ifd_tree *t, const struct ifd_name *name, const struct deid_value *v, struct deid_error *err)
{
	struct deid_str bytes;
	uint64_t count;
	uint32_t dir, id;
	struct entry_view e;

	if (!ifd_name_creates(name))
		return t->host->fail(
		    err, DEID_FAILED, DEID_E_FIELD, "a tag of unknown type cannot be created");
	if (value_make(t, name->info, name->info->type, v, &count, &bytes, err) != DEID_OK ||
	    home_of(t, where_of(name), &dir, err) != DEID_OK)
		return DEID_FAILED;
	/* The version that a new IFD begins with may be the tag that was wanted. */
	if (dir_find(t, dir, name->tag, &e))
		return entry_put(t, e.id, name->info->type, count, bytes.p, bytes.n, err);
	return entry_new(t, dir, name->tag, name->info->type, count, bytes.p, bytes.n, &id, err);
}

/* ---- parts ------------------------------------------------------------------------------------- */

void ifd_drop(struct ifd_tree *t, enum ifd_where where)
{
	for (uint32_t i = 0; i < t->ndir; i++)
		if (t->dir[i].where == where && !t->dir[i].removed && t->dir[i].parent != DIR_NONE)
			entry_remove(t, t->dir[i].entry);
}

void ifd_drop_thumbnail(struct ifd_tree *t)
{
	for (uint32_t i = 1; i < t->ndir; i++)
		if (t->dir[i].parent == DIR_NONE && !t->dir[i].removed)
			dir_remove(t, i);
}

unsigned ifd_orientation(struct ifd_tree *t)
{
	struct entry_view e;
	uint64_t v;

	if (!t->ndir || !dir_find(t, 0, TAG_ORIENTATION, &e) ||
	    (e.type != TYPE_SHORT && e.type != TYPE_LONG) || view_number(t, &e, 0, &v, NULL) != DEID_OK)
		return 0;
	return v >= 1 && v <= 8 ? (unsigned)v : 0;
}

void ifd_orientation_block(unsigned orientation, uint8_t out[IFD_ORIENTATION_SIZE])
{
	static const uint8_t block[IFD_ORIENTATION_SIZE] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1,
	    TAG_ORIENTATION >> 8, TAG_ORIENTATION & 0xFF, 0, TYPE_SHORT, 0, 0, 0, 1};

	memcpy(out, block, sizeof block);
	out[19] = (uint8_t)orientation;
}

bool ifd_changed(const struct ifd_tree *t)
{
	return t->changed;
}

bool ifd_empty(const struct ifd_tree *t)
{
	struct entry_view v;

	for (uint32_t i = 0; i < t->nentry + t->nadded; i++)
		if (entry_view(t, i, &v))
			return false;
	return true;
}
