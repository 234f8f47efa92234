/* SPDX-License-Identifier: MIT */
#include "plugins/image/jpg.h"

#include "core/util/bytes.h"
#include "plugins/common/jpeg-mask.h"
#include <stdlib.h>
#include <string.h>

static int nomem(struct jpg *j, struct deid_error *err)
{
	return j->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a segment");
}

static bool put_segment(struct buf *b, uint8_t marker, const void *head, size_t nhead, struct deid_str body)
{
	uint8_t h[4] = {0xFF, marker};

	if (body.n > JPG_BODY_MAX - nhead)
		return false;
	put_be16(h + 2, (uint16_t)(2 + nhead + body.n));
	return buf_add(b, h, sizeof h) && buf_add(b, head, nhead) && buf_str(b, body);
}

/* A packet in as many segments as it takes; what each begins with is `head` and what says which of them it
 * is. */
static bool put_pieces(struct buf *b, const struct jpg_group *g)
{
	char head[75];
	size_t n = g->what == JPG_XMP_MORE ? 75 : 14, room = JPG_BODY_MAX - n;
	size_t count = (g->now.n + room - 1) / room;
	bool ok = g->what != JPG_ICC || count <= 255;

	if (g->what == JPG_XMP_MORE) {
		memcpy(head, JPG_MORE_HEAD, 35);
		memcpy(head + 35, g->id.p, 32);
		put_be32(head + 67, (uint32_t)g->now.n);
	} else {
		memcpy(head, g->what == JPG_ICC ? JPG_ICC_HEAD "\0" : JPG_PHOTOSHOP_HEAD, 14);
	}
	for (size_t i = 0; i < count && ok; i++) {
		if (g->what == JPG_XMP_MORE)
			put_be32(head + 71, (uint32_t)(i * room));
		if (g->what == JPG_ICC) {
			head[12] = (char)(i + 1);
			head[13] = (char)count;
		}
		ok = put_segment(b, g->first->marker, head, n, str_sub(g->now, i * room, room));
	}
	return ok;
}

static struct deid_str finished(struct jpg *j, struct buf *b, bool ok)
{
	struct deid_str s = ok ? j->host->dup(j->job, buf_view(b)) : (struct deid_str){NULL, 0};

	buf_free(b);
	return s;
}

static int edit_part(struct jpg *j, const struct jpg_part *p, struct splice *s, struct deid_error *err)
{
	struct deid_str now = {"", 0};
	struct buf b = {0};

	if (p->group && p->group->changed && !p->group->removed) {
		if (p->group->first == p)
			now = finished(j, &b, put_pieces(&b, p->group));
	} else if (p->changed && !p->removed) {
		now = finished(j, &b, put_segment(&b, p->marker, "", 0, p->data));
	} else if (!p->removed) {
		return DEID_OK;
	}
	return now.p && splice_add(s, p->off, p->end - p->off, now.p, now.n) ? DEID_OK : nomem(j, err);
}

static int insert(struct jpg *j, uint64_t at, uint8_t marker, const char *head, size_t n,
    struct deid_str bytes, struct splice *s, struct deid_error *err)
{
	struct buf b = {0};
	struct deid_str now;

	if (bytes.n > JPG_BODY_MAX - n)
		return j->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "more metadata than a segment of 64 KiB can hold");
	now = finished(j, &b, put_segment(&b, marker, head, n, bytes));
	return now.p && splice_add(s, at, 0, now.p, now.n) ? DEID_OK : nomem(j, err);
}

static int insert_block(struct jpg *j, struct meta_block *block, struct splice *s, struct deid_error *err)
{
	struct deid_str bytes;
	enum meta_fate fate;
	struct buf b = {0};
	int rc = meta_fate(&j->meta, block, &fate, &bytes, err);

	if (rc != DEID_OK || fate != META_CHANGED)
		return rc;
	if (block->space == META_EXIF)
		return insert(j, j->head, JPG_APP0 + 1, JPG_EXIF_HEAD, 6, bytes, s, err);
	if (block->space == META_XMP)
		return insert(j, j->head, JPG_APP0 + 1, JPG_XMP_HEAD, 29, bytes, s, err);
	if (jpg_group(j, JPG_PHOTOSHOP))
		return DEID_OK; /* it is among the resources */
	rc = resource_put(&b, RESOURCE_IPTC, bytes)
		 ? insert(j, j->head, JPG_APP0 + 13, JPG_PHOTOSHOP_HEAD, 14, buf_view(&b), s, err)
		 : nomem(j, err);
	buf_free(&b);
	return rc;
}

/* EXIF first, as its specification wants it. */
static int edit(struct jpg *j, struct splice *s, struct deid_error *err)
{
	int rc = DEID_OK;

	for (enum meta_space space = META_EXIF; space <= META_IPTC; space++)
		for (struct meta_block *b = j->meta.first; b && rc == DEID_OK; b = b->next)
			if (b->fresh && !b->removed && b->space == space)
				rc = insert_block(j, b, s, err);
	for (size_t i = 0; i < j->n && rc == DEID_OK; i++)
		rc = edit_part(j, &j->part[i], s, err);
	if (rc == DEID_OK && j->comment.p)
		rc = insert(j, j->tables, JPG_COM, "", 0, j->comment, s, err);
	return rc;
}

/* ---- masks --------------------------------------------------------------------------------------- */

static int read_all(struct jpg *j, struct deid_source *src, void **p, size_t *n, struct deid_error *err)
{
	uint64_t size = j->host->src_size(src);

	*n = (size_t)size;
	*p = size <= SIZE_MAX ? malloc(size ? *n : 1) : NULL;
	if (!*p)
		return nomem(j, err);
	return j->host->src_read(src, 0, *p, *n, err);
}

static int mask_bytes(struct jpg *j, const void *in, size_t n, struct deid_sink *sink, struct deid_error *err)
{
	static const char self;
	const struct deid_module *m;
	const struct jpeg_mask_module *module;
	struct region region = {0};
	struct jpeg_mask what = {.in = in,
	    .n = n,
	    .region = &region,
	    .width = j->width,
	    .height = j->height,
	    .markers = JPEG_MARKERS_ALL};
	void *out = NULL;
	size_t nout;
	int rc = j->host->module(&self, JPEG_MASK_MODULE, sizeof *module, JPEG_MASK_VERSION, &m, err);

	if (rc != DEID_OK)
		return rc;
	module = (const struct jpeg_mask_module *)m;
	if (!region_make(&region, j->conf->mask, j->conf->nmask, 0, 0, j->width, j->height))
		return nomem(j, err);
	if (!region.n)
		rc = j->host->sink_write(sink, in, n, err);
	else
		rc = module->mask(j->host, &what, &out, &nout, NULL, err);
	if (rc == DEID_OK && region.n)
		rc = j->host->sink_write(sink, out, nout, err);
	free(out);
	region_free(&region);
	return rc;
}

/* The head is de-identified first: no text is in the hands of the codec. */
static int write_masked(struct jpg *j, struct splice *s, struct deid_sink *sink, struct deid_error *err)
{
	struct deid_sink *spool = j->host->spool(j->job, err);
	struct deid_source *src;
	void *p = NULL;
	size_t n;
	int rc;

	if (!spool || splice_write(s, j->host, j->src, spool, 0, j->end, err) != DEID_OK)
		return DEID_FAILED;
	src = j->host->spool_source(spool, err);
	rc = src ? read_all(j, src, &p, &n, err) : DEID_FAILED;
	if (rc == DEID_OK)
		rc = mask_bytes(j, p, n, sink, err);
	free(p);
	return rc;
}

int jpg_write(void *rec, struct deid_sink *sink, struct deid_error *err)
{
	struct jpg *j = rec;
	struct splice s = {0};
	int rc = edit(j, &s, err);

	if (rc == DEID_OK && j->conf->nmask)
		rc = write_masked(j, &s, sink, err);
	else if (rc == DEID_OK)
		rc = splice_write(&s, j->host, j->src, sink, 0, j->drop_trailer ? j->end : j->size, err);
	splice_free(&s);
	return rc;
}
