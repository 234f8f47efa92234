/* SPDX-License-Identifier: MIT */
/* What goes by itself, whatever the entries say: `strip` and `remove-private-tags`. */
#include "core/util/bytes.h"
#include "plugins/image/icc.h"
#include "plugins/image/tiff.h"
#include "plugins/image/tree.h"

#define TAG_JPEG_TABLES 347
#define TAG_ICC 34675
#define PRIVATE_FROM 32768

/* ---- strip ------------------------------------------------------------------------------------- */

/* A copy of the value in memory of the job. */
static int take_copy(struct ifd_tree *t, const struct entry_view *v, uint8_t **copy, struct deid_error *err)
{
	const uint8_t *p;

	if (v->len > DEID_PEEK_MAX * 16)
		return t->host->fail(
		    err, DEID_FAILED, DEID_E_LIMIT, "a colour profile or a JPEG table is too large");
	if (view_bytes(t, v, &p, err) != DEID_OK)
		return DEID_FAILED;
	*copy = t->host->alloc(t->job, (size_t)v->len + 1);
	if (!*copy)
		return tree_nomem(t, err);
	memcpy(*copy, p, (size_t)v->len);
	return DEID_OK;
}

/* What is no profile that can be read goes. */
static int strip_profile(struct ifd_tree *t, const struct entry_view *v, struct deid_error *err)
{
	const uint8_t *p;
	struct buf blank = {0};
	struct deid_str bytes = {NULL, 0};
	int rc = DEID_OK;

	if (v->len <= ICC_MAX && type_size(v->type) == 1) {
		if (view_bytes(t, v, &p, err) != DEID_OK)
			return DEID_FAILED;
		if (icc_blank((struct deid_str){(const char *)p, (size_t)v->len}, &blank))
			bytes = t->host->dup(t->job, buf_view(&blank));
	}
	if (bytes.p)
		rc = entry_put(t, v->id, v->type, bytes.n, bytes.p, bytes.n, err);
	else
		entry_remove(t, v->id);
	buf_free(&blank);
	return rc;
}

/* An abbreviated JPEG stream (TIFF technical note 2): comments and application data go. */
static int strip_tables(struct ifd_tree *t, const struct entry_view *v, struct deid_error *err)
{
	uint8_t *p = NULL;
	size_t n = (size_t)v->len, out = 2, i = 2;

	if (take_copy(t, v, &p, err) != DEID_OK)
		return DEID_FAILED;
	if (n < 4 || p[0] != 0xFF || p[1] != 0xD8)
		return tree_fail(t, err, DEID_E_FORMAT, v->off, "JPEG tables that are none");
	while (n - i >= 4 && p[i] == 0xFF && p[i + 1] != 0xD9) {
		unsigned marker = p[i + 1];
		size_t len = 2 + (size_t)get_be16(p + i + 2);

		if (len < 4 || len > n - i)
			return tree_fail(t, err, DEID_E_FORMAT, v->off, "a JPEG table is cut");
		if (marker != 0xFE && (marker < 0xE1 || marker > 0xEF || marker == 0xEE)) {
			memmove(p + out, p + i, len);
			out += len;
		}
		i += len;
	}
	if (n - i < 2 || p[i] != 0xFF || p[i + 1] != 0xD9)
		return tree_fail(t, err, DEID_E_FORMAT, v->off, "JPEG tables without an end");
	p[out++] = 0xFF;
	p[out++] = 0xD9;
	return out == n ? DEID_OK : entry_put(t, v->id, v->type, out, p, out, err);
}

static int strip_entry(struct ifd_tree *t, const struct entry_view *v, struct deid_error *err)
{
	const struct tag_info *info = tag_find(TAGS_IMAGE, v->tag);

	/* What is needed is numbers: a text under such a tag is something else. */
	if (!info || !(info->flags & TAG_F_SHOW) || v->type == TYPE_ASCII || v->type == TYPE_UTF8 ||
	    !type_size(v->type)) {
		entry_remove(t, v->id);
		return DEID_OK;
	}
	if (v->tag == TAG_ICC)
		return strip_profile(t, v, err);
	if (v->tag == TAG_JPEG_TABLES)
		return strip_tables(t, v, err);
	return DEID_OK;
}

int tiff_strip(struct ifd_tree *t, struct deid_error *err)
{
	struct entry_view v;

	t->tidy = true;
	for (uint32_t i = 0; i < t->ndir; i++) {
		const struct ifd_dir d = t->dir[i];

		if (d.removed || t->dir[i].where != IFD_IMAGES)
			continue;
		for (uint32_t k = 0; k < d.n; k++)
			if (entry_view(t, d.first + k, &v) && strip_entry(t, &v, err) != DEID_OK)
				return DEID_FAILED;
		/* Bytes that nothing refers to go even where no tag does. */
		dir_touch(t, i);
	}
	return DEID_OK;
}

/* ---- private tags ------------------------------------------------------------------------------ */

static bool is_named(const struct tiff_conf *c, const struct ifd_dir *d, uint16_t tag)
{
	for (size_t i = 0; i < c->nentry; i++) {
		const struct tiff_path *p = c->entry[i].path;

		if (p && !(c->entry[i].flags & DEID_ENTRY_QUERY) && p->name.tag == tag &&
		    p->name.set == dir_set(d) && (p->name.where == IFD_ANYWHERE || p->name.where == d->where))
			return true;
	}
	return false;
}

/* The IFD, or one around it, is named itself: then it stays whole. */
static bool is_held(const struct tiff_conf *c, const struct ifd_tree *t, uint32_t dir)
{
	for (; t->dir[dir].parent != DIR_NONE; dir = t->dir[dir].parent)
		if (t->dir[dir].entry < t->nentry &&
		    is_named(c, &t->dir[t->dir[dir].parent], t->entry[t->dir[dir].entry].tag))
			return true;
	return false;
}

/* EXIF, GPS and Interoperability IFDs hang on private tags: what is in them goes too, and they with the last
 * of it. */
void tiff_remove_private(const struct tiff_conf *c, struct ifd_tree *t)
{
	struct entry_view v;

	for (uint32_t i = 0; i < t->ndir; i++) {
		const struct ifd_dir *d = &t->dir[i];
		bool held = is_held(c, t, i);

		for (uint32_t k = 0; k < d->n && !held; k++) {
			const struct tag_info *info;

			if (!entry_view(t, d->first + k, &v))
				continue;
			info = tag_find(dir_set(d), v.tag);
			if (pointer_where(d, v.tag, v.type) != IFD_ANYWHERE && info)
				continue;
			if ((d->where == IFD_IMAGES &&
				(v.tag < PRIVATE_FROM || (info && info->flags & TAG_F_SHOW))) ||
			    is_named(c, d, v.tag))
				continue;
			entry_remove(t, v.id);
		}
	}
}
