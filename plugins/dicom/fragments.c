/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/fragments.h"
#include "core/util/bytes.h"
#include "core/util/str.h"
#include "plugins/dicom/image.h"
#include <stdio.h>
#include <string.h>

static int contradiction(
    struct record *r, uint32_t node, uint64_t off, const char *why, struct deid_error *err)
{
	char name[16];
	const struct node *n = tree_node(&r->tree, node);
	int len = snprintf(name, sizeof name, "(%04X,%04X)", n->tag >> 16, n->tag & 0xFFFF);

	r->host->fail(err, DEID_FAILED, DEID_E_FORMAT, "%s", why);
	r->host->at(err, (struct deid_str){name, (size_t)len}, off);
	return DEID_FAILED;
}

/* ---- reading ----------------------------------------------------------------------------------- */

/* The item at *at; false at the delimiter. The walker has seen that all of them are whole. */
static bool next_item(
    struct record *r, uint64_t *at, uint64_t end, struct fragment *f, int *rc, struct deid_error *err)
{
	uint8_t b[8];

	*rc = DEID_OK;
	if (end - *at < 8)
		return false;
	*rc = r->host->src_read(r->tree.data, *at, b, 8, err);
	if (*rc != DEID_OK || ((uint32_t)get_le16(b) << 16 | get_le16(b + 2)) != TAG_ITEM)
		return false;
	*f = (struct fragment){*at + 8, get_le32(b + 4)};
	if (f->len > end - f->off) {
		*rc = r->host->fail(err, DEID_FAILED, DEID_E_TRUNCATED, "a fragment goes beyond its element");
		return false;
	}
	*at = f->off + f->len;
	return true;
}

static int list_fragments(struct record *r, uint32_t node, struct fragments *fr, struct deid_error *err)
{
	const struct node *n = tree_node(&r->tree, node);
	uint64_t at = node_value(n), end = node_end(n);
	struct fragment f;
	size_t count = 0;
	int rc;

	if (n->flags & NODE_BIG)
		return contradiction(r, node, n->off, "encapsulated pixel data in big endian", err);
	while (next_item(r, &at, end, &f, &rc, err))
		count++;
	if (rc != DEID_OK)
		return rc;
	if (count < 2)
		return contradiction(r, node, n->off, "encapsulated pixel data without fragments", err);
	fr->list = r->host->alloc(r->job, count * sizeof *fr->list);
	if (!fr->list)
		return record_nomem(r, err);
	at = node_value(n);
	next_item(r, &at, end, &f, &rc, err);
	fr->basic_off = f.off;
	fr->basic_len = f.len;
	fr->basic = f.len != 0;
	while (rc == DEID_OK && fr->n + 1 < count && next_item(r, &at, end, &f, &rc, err))
		fr->list[fr->n++] = f;
	return rc;
}

/* Where the item of fragment i begins, counted from the first one's: PS3.5 section A.4. */
static uint64_t item_offset(const struct fragments *fr, size_t i)
{
	return fr->list[i].off - fr->list[0].off;
}

/* The frames by a table of offsets, `unit` bytes each. *ok = false: it does not fit the fragments. */
static int deal_by_table(struct record *r, struct fragments *fr, uint64_t off, uint64_t len, unsigned unit,
    bool *ok, struct deid_error *err)
{
	size_t i = 0;

	*ok = len == (uint64_t)fr->frames * unit;
	for (uint32_t f = 0; *ok && f < fr->frames; f++) {
		uint8_t b[8];
		uint64_t at;

		if (r->host->src_read(r->tree.data, off + (uint64_t)f * unit, b, unit, err) != DEID_OK)
			return DEID_FAILED;
		at = unit == 4 ? get_le32(b) : get_le32(b) | (uint64_t)get_le32(b + 4) << 32;
		while (i < fr->n && item_offset(fr, i) < at)
			i++;
		*ok = i < fr->n && item_offset(fr, i) == at && (f ? fr->first[f - 1] < i : i == 0);
		fr->first[f] = i;
	}
	return DEID_OK;
}

/* A frame of the JPEG family begins with a marker that cannot stand at the start of a fragment within one:
 * SOI of JPEG and JPEG-LS, SOC of JPEG 2000. */
static int deal_by_marker(struct record *r, struct fragments *fr, bool *ok, struct deid_error *err)
{
	uint32_t f = 0;

	*ok = true;
	for (size_t i = 0; *ok && i < fr->n; i++) {
		uint8_t b[3] = {0};

		if (fr->list[i].len >= 3 &&
		    r->host->src_read(r->tree.data, fr->list[i].off, b, 3, err) != DEID_OK)
			return DEID_FAILED;
		if (b[0] != 0xFF || b[2] != 0xFF || (b[1] != 0xD8 && b[1] != 0x4F)) {
			*ok = i > 0;
			continue;
		}
		*ok = f < fr->frames;
		if (*ok)
			fr->first[f++] = i;
	}
	*ok = *ok && f == fr->frames;
	return DEID_OK;
}

static int deal(struct record *r, uint32_t node, struct fragments *fr, struct deid_error *err)
{
	uint32_t extended = image_node(r, TAG_EXTENDED_OFFSETS);
	const struct node *n;
	bool ok = false;

	if (fr->frames == 1) {
		fr->first[0] = 0;
		return DEID_OK;
	}
	if (fr->n == fr->frames) {
		for (size_t i = 0; i < fr->n; i++)
			fr->first[i] = i;
		return DEID_OK;
	}
	if (extended != NODE_NONE) {
		n = tree_node(&r->tree, extended);
		if (deal_by_table(r, fr, node_value(n), n->len, 8, &ok, err) != DEID_OK)
			return DEID_FAILED;
	} else if (fr->basic) {
		if (deal_by_table(r, fr, fr->basic_off, fr->basic_len, 4, &ok, err) != DEID_OK)
			return DEID_FAILED;
	} else if (fr->n > fr->frames && deal_by_marker(r, fr, &ok, err) != DEID_OK) {
		return DEID_FAILED;
	}
	if (ok)
		return DEID_OK;
	return contradiction(r, node, fr->list[0].off - 8,
	    "the fragments do not make up as many frames as NumberOfFrames (0028,0008) says", err);
}

int fragments_read(
    struct record *r, uint32_t node, uint32_t frames, struct fragments *fr, struct deid_error *err)
{
	*fr = (struct fragments){.frames = frames};
	if (list_fragments(r, node, fr, err) != DEID_OK)
		return DEID_FAILED;
	if (frames > fr->n)
		return contradiction(r, node, tree_node(&r->tree, node)->off,
		    "fewer fragments than NumberOfFrames (0028,0008) says", err);
	fr->first = r->host->alloc(r->job, ((size_t)frames + 1) * sizeof *fr->first);
	if (!fr->first)
		return record_nomem(r, err);
	fr->first[frames] = fr->n;
	return deal(r, node, fr, err);
}

int fragments_frame(
    struct record *r, const struct fragments *fr, uint32_t frame, struct buf *b, struct deid_error *err)
{
	b->n = 0;
	for (size_t i = fr->first[frame]; i < fr->first[frame + 1]; i++) {
		const struct fragment *f = &fr->list[i];

		if (!buf_reserve(b, (size_t)f->len))
			return record_nomem(r, err);
		if (r->host->src_read(r->tree.data, f->off, b->p + b->n, (size_t)f->len, err) != DEID_OK)
			return DEID_FAILED;
		b->n += (size_t)f->len;
	}
	return DEID_OK;
}

/* ---- writing ----------------------------------------------------------------------------------- */

static int write_item(struct fragments_out *o, uint32_t tag, uint32_t len, struct deid_error *err)
{
	uint8_t b[8];

	put_le16(b, (uint16_t)(tag >> 16));
	put_le16(b + 2, (uint16_t)tag);
	put_le32(b + 4, len);
	return o->r->host->sink_write(o->spool, b, 8, err);
}

int fragments_out_begin(
    struct fragments_out *o, struct record *r, const struct fragments *in, struct deid_error *err)
{
	static const uint8_t zero[4096];
	uint64_t table = in->basic ? 4 * (uint64_t)in->frames : 0;

	*o = (struct fragments_out){.r = r, .in = in};
	o->offset = r->host->alloc(r->job, in->frames * sizeof *o->offset);
	o->length = r->host->alloc(r->job, in->frames * sizeof *o->length);
	if (!o->offset || !o->length)
		return record_nomem(r, err);
	o->spool = r->host->spool(r->job, err);
	if (!o->spool || write_item(o, TAG_ITEM, (uint32_t)table, err) != DEID_OK)
		return DEID_FAILED;
	for (uint64_t n; table; table -= n) {
		n = table < sizeof zero ? table : sizeof zero;
		if (r->host->sink_write(o->spool, zero, (size_t)n, err) != DEID_OK)
			return DEID_FAILED;
	}
	o->base = r->host->sink_tell(o->spool);
	return DEID_OK;
}

int fragments_out_open(struct fragments_out *o, struct deid_error *err)
{
	o->offset[o->n] = o->r->host->sink_tell(o->spool) - o->base;
	return write_item(o, TAG_ITEM, 0, err);
}

int fragments_out_close(struct fragments_out *o, struct deid_error *err)
{
	const struct deid_host *h = o->r->host;
	uint64_t at = o->base + o->offset[o->n] + 8, len = h->sink_tell(o->spool) - at;
	uint8_t b[4] = {0};

	if (len % 2) {
		if (h->sink_write(o->spool, b, 1, err) != DEID_OK)
			return DEID_FAILED;
		len++;
		o->padding = 1;
	} else {
		o->padding = 0;
	}
	if (len > 0xFFFFFFFE)
		return h->fail(err, DEID_FAILED, DEID_E_LIMIT, "a frame is longer than a fragment can be");
	put_le32(b, (uint32_t)len);
	o->length[o->n++] = len;
	return h->sink_patch(o->spool, at - 4, b, 4, err);
}

static int write_basic_table(struct fragments_out *o, struct deid_error *err)
{
	for (uint32_t i = 0; i < o->n; i++) {
		uint8_t b[4];

		if (o->offset[i] > UINT32_MAX)
			return o->r->host->fail(err, DEID_FAILED, DEID_E_LIMIT,
			    "the frames are too long for the file's Basic Offset Table");
		put_le32(b, (uint32_t)o->offset[i]);
		if (o->r->host->sink_patch(o->spool, 8 + 4 * (uint64_t)i, b, 4, err) != DEID_OK)
			return DEID_FAILED;
	}
	return DEID_OK;
}

/* An element beside the pixel data that counts in 64 bits, where the file has it. */
static int put_numbers(struct record *r, uint32_t tag, const uint64_t *v, size_t n, struct deid_error *err)
{
	struct content c = {.n = 8 * n};
	struct element e;
	uint8_t *b;

	if (!place_find(r, (struct place){NODE_NONE, NULL}, tag, &e))
		return DEID_OK;
	b = r->host->alloc(r->job, c.n);
	if (!b)
		return record_nomem(r, err);
	for (size_t i = 0; i < n; i++) {
		put_le32(b + 8 * i, (uint32_t)v[i]);
		put_le32(b + 8 * i + 4, (uint32_t)(v[i] >> 32));
	}
	c.p = b;
	return element_put(r, e, &c, err);
}

static int write_spool(void *arg, struct deid_sink *sink, struct deid_error *err)
{
	struct fragments_out *o = arg;
	const struct deid_host *h = o->r->host;
	struct deid_source *s = h->spool_source(o->spool, err);

	return s ? h->sink_copy(sink, s, 0, h->src_size(s), err) : DEID_FAILED;
}

int fragments_out_end(struct fragments_out *o, uint32_t node, struct deid_error *err)
{
	struct record *r = o->r;
	struct stream *s = r->host->alloc(r->job, sizeof *s);
	struct change *c = change_make(r, node);
	uint64_t total = 0;

	if (!s || !c)
		return record_nomem(r, err);
	if (write_item(o, TAG_SEQ_END, 0, err) != DEID_OK ||
	    (o->in->basic && write_basic_table(o, err) != DEID_OK))
		return DEID_FAILED;
	for (uint32_t i = 0; i < o->n; i++)
		total += o->length[i];
	total -= o->padding;
	if (put_numbers(r, TAG_EXTENDED_OFFSETS, o->offset, o->n, err) != DEID_OK ||
	    put_numbers(r, TAG_EXTENDED_LENGTHS, o->length, o->n, err) != DEID_OK ||
	    put_numbers(r, TAG_TOTAL_LENGTH, &total, 1, err) != DEID_OK)
		return DEID_FAILED;
	*s = (struct stream){
	    .write = write_spool, .arg = o, .size = r->host->sink_tell(o->spool), .undefined = true};
	c->stream = s;
	r->changed = true;
	return DEID_OK;
}
