/* SPDX-License-Identifier: MIT */
#include "plugins/image/png.h"
#include "plugins/image/png_mask.h"

#include "core/util/bytes.h"
#include "core/util/splice.h"
#include <string.h>
#include <zlib.h>

static int nomem(struct png *p, struct deid_error *err)
{
	return p->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a chunk");
}

/* ---- what became of EXIF and XMP ----------------------------------------------------------------- */

static int settle_block(struct png *p, struct png_chunk *c, struct deid_error *err)
{
	struct deid_str bytes;
	enum meta_fate fate;

	if (!c->block || c->removed)
		return DEID_OK;
	if (meta_fate(&p->meta, c->block, &fate, &bytes, err) != DEID_OK)
		return DEID_FAILED;
	if (fate == META_GOES)
		c->removed = true;
	if (fate != META_CHANGED)
		return DEID_OK;
	if (c->type == PNG_ITXT)
		return png_text_set(p, c, bytes, err);
	c->data = bytes;
	c->changed = true;
	return DEID_OK;
}

static int add_block(struct png *p, struct meta_block *b, struct deid_error *err)
{
	struct deid_str bytes;
	enum meta_fate fate;
	struct png_chunk *c;

	if (meta_fate(&p->meta, b, &fate, &bytes, err) != DEID_OK)
		return DEID_FAILED;
	if (fate != META_CHANGED)
		return DEID_OK;
	c = png_push(
	    p, &p->fresh, &p->nfresh, &p->fresh_cap, b->space == META_EXIF ? PNG_EXIF : PNG_ITXT, err);
	if (!c)
		return DEID_FAILED;
	if (b->space == META_XMP)
		return png_text_new(p, PNG_ITXT, STR(PNG_XMP_KEYWORD), bytes, &c->data, err);
	c->data = bytes;
	return DEID_OK;
}

/*
 * ImageMagick and others write EXIF, IPTC and XMP as hexadecimal text under such keywords. No entry sees what
 * is in there, so it goes when something of its like is changed.
 */
static bool hidden_copy(const struct png_chunk *c)
{
	return png_is_text(c->type) && str_prefix(c->keyword, "Raw profile type ") &&
	       !str_suffix(c->keyword, " icc") && !str_suffix(c->keyword, " icm");
}

static bool asks_for_meta(const struct png *p)
{
	const struct meta_conf *c = &p->conf->meta;

	for (size_t i = 0; i < c->nentry; i++) {
		const struct meta_path *path = c->entry[i].path;

		if (meta_entry_acts(&c->entry[i]) && (!path || path->space != META_NONE))
			return true;
	}
	return c->exif || c->gps || c->xmp || c->iptc || c->thumbnail;
}

static int names_chunk(struct png *p, const struct png_chunk *c, bool *hit)
{
	const struct meta_conf *m = &p->conf->meta;

	*hit = false;
	for (size_t i = 0; i < m->nentry; i++) {
		const struct png_path *path = m->entry[i].path;

		if (path && !(m->entry[i].flags & DEID_ENTRY_QUERY) && path->by_keyword &&
		    path->type == c->type && str_caseeq(path->keyword, c->keyword))
			*hit = true;
	}
	return DEID_OK;
}

static void drop_copies(struct png *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct png_chunk *c = &p->chunk[i];
		bool hit;

		if (c->removed || c->changed || !hidden_copy(c))
			continue;
		names_chunk(p, c, &hit);
		c->removed = !hit;
		if (!hit)
			p->host->warn(p->job, STR("tEXt:Raw profile type"),
			    "metadata as hexadecimal text, which no entry reaches: it is removed");
	}
}

static int check_trailer(struct png *p, struct deid_error *err)
{
	const struct png_conf *c = p->conf;

	if (p->end == p->size || c->keep_trailer || p->drop_trailer)
		return DEID_OK;
	if (!c->meta.acts) {
		p->host->warn(p->job, (struct deid_str){NULL, 0},
		    "there are bytes after the image, which nobody looked at");
		return DEID_OK;
	}
	p->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED,
	    "bytes after the end of the image, which no entry reaches (remove-trailer: true takes them out)");
	p->host->at(err, (struct deid_str){NULL, 0}, p->end);
	return DEID_FAILED;
}

int png_finish(void *rec, struct deid_error *err)
{
	struct png *p = rec;
	int rc = check_trailer(p, err);

	if (rc == DEID_OK && p->conf->nmask)
		rc = png_mask_check(p, err);
	if (rc == DEID_OK)
		rc = meta_finish(&p->meta, err);
	for (size_t i = 0; i < p->n && rc == DEID_OK; i++)
		rc = settle_block(p, &p->chunk[i], err);
	for (struct meta_block *b = p->meta.first; b && rc == DEID_OK; b = b->next)
		if (b->fresh)
			rc = add_block(p, b, err);
	if (rc == DEID_OK && asks_for_meta(p))
		drop_copies(p);
	return rc;
}

/* ---- writing ------------------------------------------------------------------------------------- */

static struct deid_str frame(struct png *p, uint32_t type, struct deid_str data)
{
	char *b = p->host->alloc(p->job, data.n + 12);

	if (!b)
		return (struct deid_str){NULL, 0};
	put_be32(b, (uint32_t)data.n);
	put_be32(b + 4, type);
	if (data.n)
		memcpy(b + 8, data.p, data.n);
	put_be32(b + 8 + data.n,
	    (uint32_t)crc32(crc32(0, NULL, 0), (const unsigned char *)b + 4, (uInt)(data.n + 4)));
	return (struct deid_str){b, data.n + 12};
}

/* Section 5.6: texts, times and EXIF may stand anywhere; before the image they are found by all. */
static int edit(struct png *p, struct splice *s, struct deid_error *err)
{
	bool image = false;
	struct deid_str f;

	for (size_t i = 0; i < p->n; i++) {
		const struct png_chunk *c = &p->chunk[i];

		for (size_t k = 0; c->type == PNG_IDAT && !image && k < p->nfresh; k++) {
			f = p->fresh[k].removed ? (struct deid_str){"", 0}
						: frame(p, p->fresh[k].type, p->fresh[k].data);
			if (!f.p || (f.n && !splice_add(s, c->off, 0, f.p, f.n)))
				return nomem(p, err);
		}
		image |= c->type == PNG_IDAT;
		if (c->type == PNG_IDAT && p->conf->nmask) {
			if (!splice_add_writer(s, c->off, c->len + 12, png_mask_write, p))
				return nomem(p, err);
			continue;
		}
		if (!c->removed && !c->changed)
			continue;
		f = c->removed ? (struct deid_str){"", 0} : frame(p, c->type, c->data);
		if (!f.p || !splice_add(s, c->off, c->len + 12, f.p, f.n))
			return nomem(p, err);
	}
	return DEID_OK;
}

int png_write(void *rec, struct deid_sink *sink, struct deid_error *err)
{
	struct png *p = rec;
	struct splice s = {0};
	int rc = edit(p, &s, err);

	if (rc == DEID_OK)
		rc = splice_write(&s, p->host, p->src, sink, 0, p->drop_trailer ? p->end : p->size, err);
	splice_free(&s);
	return rc;
}
