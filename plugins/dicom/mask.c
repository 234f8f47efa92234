/* SPDX-License-Identifier: MIT */
#include "core/util/bytes.h"
#include "core/util/str.h"
#include "plugins/dicom/alter.h"
#include "plugins/dicom/fragments.h"
#include "plugins/dicom/image.h"
#include "plugins/dicom/paint.h"
#include "plugins/dicom/rle.h"
#include "plugins/dicom/transcode.h"
#include <stdio.h>
#include <string.h>

#define TAG_FLOAT 0x7FE00008u
#define TAG_DOUBLE 0x7FE00009u
#define TAG_PROVIDER 0x00287FE0u
#define TAG_ICON 0x00880200u
#define TAG_OVERLAY_DATA 0x60003000u

static const struct deid_str nowhere = {NULL, 0};

int mask_choose(struct record *r, struct deid_error *err)
{
	return r->conf->alter ? alter_choose(r->conf->alter, r, &r->mask, &r->nmask, err) : DEID_OK;
}

/* Whether the element is written as it came. */
static bool stands(const struct record *r, uint32_t node)
{
	for (; node != NODE_NONE; node = tree_node(&r->tree, node)->parent) {
		const struct change *c = change_of(r, node);

		if (c && (c->removed || c->replaced))
			return false;
	}
	return true;
}

/* Makes the region's boxes memory of the job. */
static bool keep_region(struct record *r, struct region *region)
{
	size_t size = region->n * sizeof *region->box;
	struct region kept = {r->host->alloc(r->job, size), region->n, region->n};

	if (kept.box && size)
		memcpy(kept.box, region->box, size);
	region_free(region);
	*region = kept;
	return kept.box != NULL;
}

static bool is_pixels(uint32_t tag)
{
	return tag == TAG_PIXELS || tag == TAG_FLOAT || tag == TAG_DOUBLE;
}

static bool is_overlay(uint32_t tag)
{
	return (tag & 0xFF01FFFFu) == TAG_OVERLAY_DATA;
}

static int stream_put(struct record *r, uint32_t node, struct stream s, struct deid_error *err)
{
	struct stream *own = r->host->alloc(r->job, sizeof *own);
	struct change *c = change_make(r, node);

	if (!own || !c)
		return record_nomem(r, err);
	*own = s;
	c->stream = own;
	r->changed = true;
	return DEID_OK;
}

/* ---- native ------------------------------------------------------------------------------------ */

/* The words that a VR's bytes are swapped by in big endian: PS3.5 section 7.3. */
static unsigned word_of(const struct node *n)
{
	switch (n->flags & NODE_UN ? VR_UN : vr_resolve((enum vr)n->vr, false)) {
	case VR_OW:
		return 2;
	case VR_OF:
	case VR_OL:
		return 4;
	case VR_OD:
	case VR_OV:
		return 8;
	default:
		return 1;
	}
}

static bool is_big_node(const struct node *n)
{
	return n->flags & NODE_BIG && !(n->flags & NODE_UN);
}

/* GE's own syntax is implicit little endian but for the pixels. */
static bool is_big(const struct pixel_image *image, const struct node *n)
{
	return is_big_node(n) || str_eqz(image->syntax, "1.2.840.113619.5.2");
}

/* Transfer syntaxes whose pixel data are native. What has no UID is read as it looks. */
static bool is_native(struct deid_str syntax)
{
	return !syntax.n || str_eqz(syntax, "1.2.840.10008.1.2") || str_eqz(syntax, "1.2.840.10008.1.2.1") ||
	       str_eqz(syntax, "1.2.840.10008.1.2.1.99") || str_eqz(syntax, "1.2.840.10008.1.2.2") ||
	       str_eqz(syntax, "1.2.840.113619.5.2");
}

static int check_native(
    struct record *r, uint32_t node, const struct pixel_image *image, struct deid_error *err)
{
	if (!is_native(image->syntax))
		return image_fail(r, node, DEID_E_FORMAT,
		    "the pixel data are not encapsulated, as the transfer syntax demands", err);
	if (image->color >= PIXEL_YBR_PARTIAL_420)
		return image_fail(r, node, DEID_E_UNSUPPORTED,
		    "a photometric interpretation that native pixel data cannot have", err);
	if ((image->color == PIXEL_YBR_FULL_422 || image->color == PIXEL_YBR_PARTIAL_422) &&
	    (image->columns % 2 || image->planar || image->allocated != 8))
		return image_fail(r, node, DEID_E_FORMAT,
		    "pixels that share their chroma need an even number of columns, 8 bits, and one plane",
		    err);
	return DEID_OK;
}

static int mask_native(
    struct record *r, uint32_t node, const struct pixel_image *image, struct deid_error *err)
{
	const struct node *n = tree_node(&r->tree, node);
	struct paint *p = r->host->alloc(r->job, sizeof *p);
	uint64_t need;

	if (!p)
		return record_nomem(r, err);
	if (check_native(r, node, image, err) != DEID_OK)
		return DEID_FAILED;
	if (!paint_image(p, image, word_of(n), is_big(image, n), &need) || !keep_region(r, &p->own))
		return record_nomem(r, err);
	p->source = r->tree.data;
	p->off = node_value(n);
	p->size = n->len;
	if (n->len != need && (n->len != need + 1 || need % 2 == 0))
		return image_fail(r, node, DEID_E_FORMAT,
		    "the length of the pixel data is not that of the rows, columns, samples, bits and frames "
		    "of the header",
		    err);
	return stream_put(r, node, (struct stream){.write = paint_write, .arg = p, .size = n->len}, err);
}

/* ---- encapsulated ------------------------------------------------------------------------------ */

static int at_frame(
    struct record *r, uint32_t node, const struct fragments *fr, uint32_t frame, struct deid_error *err)
{
	char name[16];
	const struct node *n = tree_node(&r->tree, node);
	int len = snprintf(name, sizeof name, "(%04X,%04X)", n->tag >> 16, n->tag & 0xFFFF);

	r->host->at(err, (struct deid_str){name, (size_t)len}, fr->list[fr->first[frame]].off);
	return DEID_FAILED;
}

static int mask_rle(struct record *r, uint32_t node, const struct pixel_image *image,
    const struct fragments *fr, struct fragments_out *out, struct deid_error *err)
{
	uint8_t *work = r->host->alloc(r->job, rle_work(image));

	if (!work)
		return record_nomem(r, err);
	if (fr->n != fr->frames)
		return image_fail(r, node, DEID_E_FORMAT, "RLE: a frame is not in one fragment", err);
	for (uint32_t i = 0; i < fr->frames; i++) {
		if (fragments_out_open(out, err) != DEID_OK ||
		    rle_mask(image, r->tree.data, fr->list[i].off, fr->list[i].len, work, out->spool, err) !=
			DEID_OK ||
		    fragments_out_close(out, err) != DEID_OK)
			return at_frame(r, node, fr, i, err);
	}
	return fragments_out_end(out, node, err);
}

static int mask_coded(struct record *r, uint32_t node, struct codec *codec, const struct fragments *fr,
    struct fragments_out *out, struct deid_error *err)
{
	struct buf frame = {0};
	int rc = DEID_OK;

	for (uint32_t i = 0; i < fr->frames && rc == DEID_OK; i++) {
		if (fragments_frame(r, fr, i, &frame, err) != DEID_OK ||
		    fragments_out_open(out, err) != DEID_OK ||
		    codec_mask(codec, (const uint8_t *)frame.p, frame.n, out->spool, err) != DEID_OK ||
		    fragments_out_close(out, err) != DEID_OK)
			rc = at_frame(r, node, fr, i, err);
	}
	buf_free(&frame);
	return rc == DEID_OK ? fragments_out_end(out, node, err) : rc;
}

static int mask_encapsulated(
    struct record *r, uint32_t node, const struct pixel_image *image, struct deid_error *err)
{
	struct fragments *fr = r->host->alloc(r->job, sizeof *fr);
	struct fragments_out *out = r->host->alloc(r->job, sizeof *out);
	struct codec *codec = NULL;
	enum codec_way way;
	int rc;

	if (!fr || !out)
		return record_nomem(r, err);
	if (is_native(image->syntax))
		return image_fail(r, node, DEID_E_FORMAT,
		    "the pixel data are encapsulated, and the transfer syntax says that they are not", err);
	if (fragments_read(r, node, image->frames, fr, err) != DEID_OK)
		return DEID_FAILED;
	if (str_eqz(image->syntax, RLE_SYNTAX))
		return fragments_out_begin(out, r, fr, err) == DEID_OK
			   ? mask_rle(r, node, image, fr, out, err)
			   : DEID_FAILED;
	rc = codec_open(image, &codec, &way, err);
	if (rc != DEID_OK)
		return at_frame(r, node, fr, 0, err);
	if (way == CODEC_DECODE)
		rc = transcode(r, node, codec, fr, err);
	else if (fragments_out_begin(out, r, fr, err) == DEID_OK)
		rc = mask_coded(r, node, codec, fr, out, err);
	else
		rc = DEID_FAILED;
	codec_close(codec);
	return rc;
}

static int mask_pixels(struct record *r, uint32_t node, struct deid_error *err)
{
	struct pixel_image *image = r->host->alloc(r->job, sizeof *image);

	if (!image)
		return record_nomem(r, err);
	if (image_read(r, node, image, err) != DEID_OK)
		return DEID_FAILED;
	if (!region_make(&image->region, r->mask, r->nmask, 0, 0, image->columns, image->rows) ||
	    !keep_region(r, &image->region))
		return record_nomem(r, err);
	if (!image->region.n) /* all boxes are outside of the image */
		return DEID_OK;
	if (tree_node(&r->tree, node)->flags & NODE_FRAGMENTS)
		return mask_encapsulated(r, node, image, err);
	return mask_native(r, node, image, err);
}

/* ---- overlays ---------------------------------------------------------------------------------- */

/* A number of the overlay in group 60xx. */
static int overlay_number(
    struct record *r, uint32_t node, uint32_t element, uint16_t *out, struct deid_error *err)
{
	int rc;

	if (image_number(r, (tree_node(&r->tree, node)->tag & 0xFFFF0000u) | element, out, &rc, err))
		return DEID_OK;
	return rc == DEID_OK ? image_fail(r, node, DEID_E_FORMAT,
				   "an overlay without its rows and columns (60xx,0010-0011)", err)
			     : rc;
}

/* Row and column of the image's pixel under the overlay's first one, counted from 1: PS3.3 section C.9.2. */
static int overlay_origin(
    struct record *r, uint32_t node, int64_t *top, int64_t *left, struct deid_error *err)
{
	uint32_t i = image_node(r, (tree_node(&r->tree, node)->tag & 0xFFFF0000u) | 0x0050u);
	const struct node *n;
	uint8_t b[4];
	bool big;

	*top = *left = 0;
	if (i == NODE_NONE || tree_node(&r->tree, i)->len == 0)
		return DEID_OK;
	n = tree_node(&r->tree, i);
	if (n->len != 4 || n->flags & NODE_PARENT)
		return image_fail(r, i, DEID_E_FORMAT, "an overlay's origin has two numbers", err);
	if (r->host->src_read(r->tree.data, node_value(n), b, 4, err) != DEID_OK)
		return DEID_FAILED;
	big = n->flags & NODE_BIG && !(n->flags & NODE_UN);
	*top = (int16_t)(big ? get_be16(b) : get_le16(b)) - 1;
	*left = (int16_t)(big ? get_be16(b + 2) : get_le16(b + 2)) - 1;
	return DEID_OK;
}

static int mask_overlay(struct record *r, uint32_t node, struct deid_error *err)
{
	const struct node *n = tree_node(&r->tree, node);
	struct paint *p = r->host->alloc(r->job, sizeof *p);
	uint16_t rows, columns;
	uint32_t frames;
	int64_t top, left;
	uint64_t need;

	if (!p)
		return record_nomem(r, err);
	*p = (struct paint){
	    .host = r->host, .job = r->job, .source = r->tree.data, .off = node_value(n), .size = n->len};
	if (overlay_number(r, node, 0x0010, &rows, err) != DEID_OK ||
	    overlay_number(r, node, 0x0011, &columns, err) != DEID_OK ||
	    image_count(r, (n->tag & 0xFFFF0000u) | 0x0015, &frames, err) != DEID_OK ||
	    overlay_origin(r, node, &top, &left, err) != DEID_OK)
		return DEID_FAILED;
	if (n->flags & (NODE_FRAGMENTS | NODE_PARENT))
		return image_fail(r, node, DEID_E_UNSUPPORTED, "overlay data that are encapsulated", err);
	if (!paint_bits(p, r->mask, r->nmask, left, top, columns, rows, frames, &need) ||
	    !keep_region(r, &p->own))
		return record_nomem(r, err);
	/* Real overlays are longer: padded to words or rows. Then where a later frame begins is not known. */
	if (n->len < need || (frames > 1 && n->len - need > 1))
		return image_fail(r, node, DEID_E_FORMAT,
		    "the length of the overlay is not that of its rows, columns and frames", err);
	p->swap = is_big_node(n) ? word_of(n) : 0;
	if (p->swap == 1)
		p->swap = 0;
	if (!p->own.n)
		return DEID_OK;
	return stream_put(r, node, (struct stream){.write = paint_write, .arg = p, .size = n->len}, err);
}

/* ---- the file ---------------------------------------------------------------------------------- */

/* An icon is the image made small, its mask too small to be trusted: it goes. What other images within
 * sequences show, and where, nobody can say. */
static int judge_nested(struct record *r, uint32_t node, struct deid_error *err)
{
	uint32_t sequence = tree_node(&r->tree, tree_node(&r->tree, node)->parent)->parent;

	if (tree_node(&r->tree, sequence)->tag != TAG_ICON)
		return image_fail(r, node, DEID_E_UNSUPPORTED,
		    "an image within a sequence: where its masks would lie is not known (an entry can remove "
		    "it)",
		    err);
	r->host->warn(
	    r->job, STR("IconImageSequence"), "removed: the icon shows the image without its masks");
	return element_remove(r, (struct element){sequence, NULL}, err);
}

static int mask_element(struct record *r, uint32_t node, bool *image, struct deid_error *err)
{
	const struct node *n = tree_node(&r->tree, node);

	if (!is_pixels(n->tag) && !is_overlay(n->tag))
		return DEID_OK;
	if (!n->len || !stands(r, node))
		return DEID_OK;
	if (n->parent != NODE_NONE)
		return judge_nested(r, node, err);
	*image |= is_pixels(n->tag);
	return is_overlay(n->tag) ? mask_overlay(r, node, err) : mask_pixels(r, node, err);
}

int mask_apply(struct record *r, struct deid_error *err)
{
	bool image = false;
	struct element e;

	if (!r->nmask)
		return DEID_OK;
	if (place_find(r, (struct place){NODE_NONE, NULL}, TAG_PROVIDER, &e) && element_length(r, e))
		return r->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED,
		    "alter-pixels: the pixel data are elsewhere, where PixelDataProviderURL (0028,7FE0) "
		    "says");
	for (uint32_t i = r->tree.meta; i < r->tree.n; i++)
		if (mask_element(r, i, &image, err) != DEID_OK)
			return DEID_FAILED;
	if (!image)
		r->host->warn(r->job, nowhere, "alter-pixels: the file has no pixel data, nothing is masked");
	return DEID_OK;
}
