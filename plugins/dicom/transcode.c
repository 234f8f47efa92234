/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/transcode.h"
#include "core/util/bytes.h"
#include "core/util/str.h"
#include "plugins/dicom/image.h"
#include "plugins/dicom/paint.h"
#include <stdlib.h>

#define TAG_SYNTAX 0x00020010u
#define TAG_COLOR 0x00280004u
#define TAG_PLANAR 0x00280006u
#define FRAME_MAX ((uint64_t)1 << 30)

static int write_frames(struct record *r, struct codec *codec, const struct fragments *fr,
    struct pixel_image *image, size_t size, struct deid_sink *spool, struct deid_error *err)
{
	uint8_t *cells = calloc(1, size);
	struct buf frame = {0};
	int rc = cells ? DEID_OK : record_nomem(r, err);

	for (uint32_t i = 0; i < fr->frames && rc == DEID_OK; i++) {
		rc = fragments_frame(r, fr, i, &frame, err);
		if (rc == DEID_OK)
			rc = codec_decode(codec, (const uint8_t *)frame.p, frame.n, cells, size, err);
		if (rc == DEID_OK) {
			paint_cells(image, cells);
			rc = r->host->sink_write(spool, cells, size, err);
		}
		if (rc != DEID_OK)
			r->host->at(err, STR("(7FE0,0010)"), fr->list[fr->first[i]].off);
	}
	if (rc == DEID_OK && r->host->sink_tell(spool) % 2)
		rc = r->host->sink_write(spool, "", 1, err);
	buf_free(&frame);
	free(cells);
	return rc;
}

static int put(
    struct record *r, struct place p, uint32_t tag, const char *bytes, size_t n, struct deid_error *err)
{
	struct content c = {.p = (const uint8_t *)bytes, .n = n};
	struct element e;

	return place_find(r, p, tag, &e) ? element_put(r, e, &c, err) : DEID_OK;
}

static int drop(struct record *r, uint32_t tag, struct deid_error *err)
{
	struct element e;

	return place_find(r, (struct place){NODE_NONE, NULL}, tag, &e) ? element_remove(r, e, err) : DEID_OK;
}

/* PS3.5 section A.4: what the header says of the samples is what a decoder gives. */
static int correct_header(struct record *r, const struct pixel_image *image, struct deid_error *err)
{
	const struct place top = {NODE_NONE, NULL}, meta = {NODE_META, NULL};
	int rc = put(r, meta, TAG_SYNTAX, "1.2.840.10008.1.2.1\0", 20, err);

	if (rc == DEID_OK && image->color == PIXEL_RGB)
		rc = put(r, top, TAG_COLOR, "RGB ", 4, err);
	else if (rc == DEID_OK && image->color == PIXEL_YBR_FULL)
		rc = put(r, top, TAG_COLOR, "YBR_FULL", 8, err);
	if (rc == DEID_OK && image->samples > 1)
		rc = put(r, top, TAG_PLANAR, "\0\0", 2, err);
	if (rc == DEID_OK)
		rc = drop(r, TAG_EXTENDED_OFFSETS, err);
	if (rc == DEID_OK)
		rc = drop(r, TAG_EXTENDED_LENGTHS, err);
	return rc == DEID_OK ? drop(r, TAG_TOTAL_LENGTH, err) : rc;
}

struct decoded {
	const struct deid_host *host;
	struct deid_sink *spool;
};

static int write_decoded(void *arg, struct deid_sink *sink, struct deid_error *err)
{
	struct decoded *d = arg;
	struct deid_source *s = d->host->spool_source(d->spool, err);

	return s ? d->host->sink_copy(sink, s, 0, d->host->src_size(s), err) : DEID_FAILED;
}

int transcode(
    struct record *r, uint32_t node, struct codec *codec, const struct fragments *fr, struct deid_error *err)
{
	struct pixel_image image = *codec_native(codec);
	uint64_t size = (uint64_t)image.rows * image.columns * image.samples * (image.allocated / 8u);
	struct decoded *d = r->host->alloc(r->job, sizeof *d);
	struct stream *s = r->host->alloc(r->job, sizeof *s);
	struct change *c = change_make(r, node);

	if (!d || !s || !c)
		return record_nomem(r, err);
	if (r->tree.syntax != 0)
		return image_fail(
		    r, node, DEID_E_FORMAT, "encapsulated pixel data in a data set of implicit VR", err);
	if (image.color != PIXEL_PALETTE && !pixel_black(&image))
		return image_fail(
		    r, node, DEID_E_UNSUPPORTED, "what black is in this image is not known", err);
	if (!size || size > FRAME_MAX || size * fr->frames > 0xFFFFFFFEu)
		return image_fail(r, node, DEID_E_LIMIT, "the image is too large to be decoded", err);
	d->host = r->host;
	d->spool = r->host->spool(r->job, err);
	if (!d->spool || write_frames(r, codec, fr, &image, (size_t)size, d->spool, err) != DEID_OK ||
	    correct_header(r, &image, err) != DEID_OK)
		return DEID_FAILED;
	*s = (struct stream){.write = write_decoded, .arg = d, .size = r->host->sink_tell(d->spool)};
	s->vr = image.allocated > 8 ? VR_OW : VR_OB;
	c->stream = s;
	r->changed = true;
	return DEID_OK;
}
