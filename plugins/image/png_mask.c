/* SPDX-License-Identifier: MIT */
/*
 * Black boxes in the image data of a PNG: rows are unpacked, unfiltered, masked, filtered with the filter
 * they had and packed again, one at a time (PNG Third Edition sections 7 to 10). All other chunks stay. Every
 * pixel outside of the boxes keeps its samples.
 */
#include "plugins/image/png_mask.h"

#include "core/util/bytes.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PIECE ((size_t)64 << 10)
#define ROW_MAX ((size_t)64 << 20)

enum { GREY = 0, RGB = 2, INDEXED = 3, GREY_ALPHA = 4, RGB_ALPHA = 6 };

struct rows {
	uint8_t *in, *in_above, *out, *out_above, *coded; /* without the filter byte, but for `coded` */
	size_t max;
};

struct work {
	struct png *p;
	const struct png_chunk *idat;
	struct deid_error *err;
	struct deid_sink *sink;
	uint32_t width, height;
	unsigned depth, color, channels, interlaced;
	size_t step; /* bytes from a sample to the one of the pixel before, as filters count */
	uint8_t black[8];
	struct region region;
	struct rows rows;
	z_stream from, to;
	bool reading, writing, ended;
	uint64_t at, end, left; /* of the chunk that is read: what is left of its data */
	uint8_t *piece;         /* a chunk that is made: its data */
};

static int bad(struct work *w, enum deid_code code, const char *why)
{
	w->p->host->fail(w->err, DEID_FAILED, code, "%s", why);
	w->p->host->at(w->err, STR("IDAT"), w->idat->off);
	return DEID_FAILED;
}

/* ---- what the image is --------------------------------------------------------------------------- */

static bool depth_fits(unsigned color, unsigned depth)
{
	switch (color) {
	case GREY:
		return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
	case INDEXED:
		return depth == 1 || depth == 2 || depth == 4 || depth == 8;
	case RGB:
	case GREY_ALPHA:
	case RGB_ALPHA:
		return depth == 8 || depth == 16;
	default:
		return false;
	}
}

static int read_header(struct work *w)
{
	static const uint8_t channels[] = {1, 0, 3, 1, 2, 0, 4};
	struct png_chunk head = w->p->chunk[0];
	const uint8_t *b;

	if (png_load(w->p, &head, w->err) != DEID_OK)
		return DEID_FAILED;
	b = (const uint8_t *)head.data.p;
	w->width = get_be32(b);
	w->height = get_be32(b + 4);
	w->depth = b[8];
	w->color = b[9];
	w->interlaced = b[12];
	if (w->width - 1 >= INT32_MAX || w->height - 1 >= INT32_MAX || !depth_fits(w->color, w->depth) ||
	    b[10] != 0 || b[11] != 0 || w->interlaced > 1)
		return bad(w, DEID_E_FORMAT, "an image header that is not allowed");
	w->channels = channels[w->color];
	w->step = w->channels * w->depth < 8 ? 1 : w->channels * w->depth / 8;
	return DEID_OK;
}

/* The darkest entry of the palette; of those that are opaque, where there are such. */
static int black_index(struct work *w)
{
	struct png_chunk *palette = NULL, *alpha = NULL;
	unsigned best = UINT32_MAX;

	for (size_t i = 0; i < w->p->n; i++) {
		if (w->p->chunk[i].type == PNG_PLTE)
			palette = &w->p->chunk[i];
		if (w->p->chunk[i].type == PNG_TYPE('t', 'R', 'N', 'S'))
			alpha = &w->p->chunk[i];
	}
	if (!palette || palette->len % 3)
		return bad(w, DEID_E_FORMAT, "no palette for the image");
	if (png_load(w->p, palette, w->err) != DEID_OK || (alpha && png_load(w->p, alpha, w->err) != DEID_OK))
		return DEID_FAILED;
	for (size_t i = 0; i < palette->data.n / 3 && i >> w->depth == 0; i++) {
		const uint8_t *c = (const uint8_t *)palette->data.p + 3 * i;
		bool clear = alpha && i < alpha->data.n && (uint8_t)alpha->data.p[i] != 255;
		/* ITU-R BT.601 luma, in thousandths. */
		unsigned dark = 299u * c[0] + 587u * c[1] + 114u * c[2] + (clear ? 1000000u : 0);

		if (dark < best) {
			best = dark;
			w->black[0] = (uint8_t)i;
		}
	}
	return DEID_OK;
}

static int set_black(struct work *w)
{
	size_t bytes = w->depth / 8;

	if (w->color == INDEXED)
		return black_index(w);
	if (w->color >= GREY_ALPHA)
		memset(w->black + (w->channels - 1) * bytes, 0xFF, bytes);
	return DEID_OK;
}

/* ---- data in --------------------------------------------------------------------------------------- */

/* More of the packed data for inflate(), from the next chunks. */
static int feed(struct work *w)
{
	const struct deid_host *h = w->p->host;
	const void *b;
	size_t got;

	while (w->left == 0) {
		if (w->at >= w->end)
			return bad(w, DEID_E_TRUNCATED, "the image data end before the image is complete");
		if (h->src_peek(w->p->src, w->at, 4, &b, &got, w->err) != DEID_OK)
			return DEID_FAILED;
		if (got < 4)
			return bad(w, DEID_E_TRUNCATED, "the image data end before the image is complete");
		w->left = get_be32(b);
		w->at += w->left ? 8 : 12;
	}
	if (h->src_peek(w->p->src, w->at, w->left < PIECE ? (size_t)w->left : PIECE, &b, &got, w->err) !=
	    DEID_OK)
		return DEID_FAILED;
	if (got == 0)
		return bad(w, DEID_E_TRUNCATED, "the image data end before the image is complete");
	w->from.next_in = (Bytef *)(uintptr_t)b; /* zlib does not write there */
	w->from.avail_in = (uInt)got;
	w->at += got;
	w->left -= got;
	if (w->left == 0)
		w->at += 4;
	return DEID_OK;
}

/* n bytes of filtered rows. */
static int unpack(struct work *w, uint8_t *to, size_t n)
{
	w->from.next_out = to;
	w->from.avail_out = (uInt)n;
	while (w->from.avail_out) {
		int z;

		if (w->ended)
			return bad(w, DEID_E_TRUNCATED, "the image data end before the image is complete");
		if (w->from.avail_in == 0 && feed(w) != DEID_OK)
			return DEID_FAILED;
		z = inflate(&w->from, Z_NO_FLUSH);
		w->ended = z == Z_STREAM_END;
		if (z != Z_OK && z != Z_STREAM_END && z != Z_BUF_ERROR)
			return bad(w, DEID_E_FORMAT, "the image data are damaged");
	}
	return DEID_OK;
}

/* After the last row nothing may come but the checksum. */
static int unpack_end(struct work *w)
{
	uint8_t more;

	while (!w->ended) {
		int z;

		if (w->from.avail_in == 0 && feed(w) != DEID_OK)
			return DEID_FAILED;
		w->from.next_out = &more;
		w->from.avail_out = 1;
		z = inflate(&w->from, Z_NO_FLUSH);
		w->ended = z == Z_STREAM_END;
		if (w->from.avail_out == 0)
			return bad(w, DEID_E_FORMAT, "more image data than the image has");
		if (z != Z_OK && z != Z_STREAM_END && z != Z_BUF_ERROR)
			return bad(w, DEID_E_FORMAT, "the image data are damaged");
	}
	return DEID_OK;
}

/* ---- data out -------------------------------------------------------------------------------------- */

static int put_chunk(struct work *w, size_t n)
{
	uint8_t head[8], sum[4];
	uLong crc;

	put_be32(head, (uint32_t)n);
	put_be32(head + 4, PNG_IDAT);
	crc = crc32(crc32(0, NULL, 0), head + 4, 4);
	put_be32(sum, (uint32_t)crc32(crc, w->piece, (uInt)n));
	if (w->p->host->sink_write(w->sink, head, 8, w->err) != DEID_OK ||
	    w->p->host->sink_write(w->sink, w->piece, n, w->err) != DEID_OK)
		return DEID_FAILED;
	return w->p->host->sink_write(w->sink, sum, 4, w->err);
}

static int pack(struct work *w, const uint8_t *b, size_t n, int flush)
{
	int z = Z_OK;

	w->to.next_in = (Bytef *)(uintptr_t)b;
	w->to.avail_in = (uInt)n;
	do {
		if (w->to.avail_out == 0) {
			if (put_chunk(w, PIECE) != DEID_OK)
				return DEID_FAILED;
			w->to.next_out = w->piece;
			w->to.avail_out = PIECE;
		}
		z = deflate(&w->to, flush);
		if (z == Z_STREAM_ERROR)
			return bad(w, DEID_E_INTERNAL, "deflate");
	} while (w->to.avail_in || w->to.avail_out == 0 || (flush == Z_FINISH && z != Z_STREAM_END));
	if (flush == Z_FINISH && w->to.avail_out < PIECE)
		return put_chunk(w, PIECE - w->to.avail_out);
	return DEID_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------ */

/* Section 9.4. */
static uint8_t paeth(int a, int b, int c)
{
	int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);

	return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/* What filter `type` takes byte i for: a is to the left, b above, c above that. */
static uint8_t predict(unsigned type, const uint8_t *row, const uint8_t *above, size_t i, size_t step)
{
	uint8_t a = i >= step ? row[i - step] : 0, b = above[i], c = i >= step ? above[i - step] : 0;

	switch (type) {
	case 1:
		return a;
	case 2:
		return b;
	case 3:
		return (uint8_t)((a + b) / 2);
	case 4:
		return paeth(a, b, c);
	default:
		return 0;
	}
}

static void set_pixel(const struct work *w, uint8_t *row, size_t x)
{
	size_t bits = (size_t)w->channels * w->depth;

	if (bits >= 8) {
		memcpy(row + x * (bits / 8), w->black, bits / 8);
		return;
	}
	size_t shift = 8 - bits - x * bits % 8;
	uint8_t *b = &row[x * bits / 8], mask = (uint8_t)(((1u << bits) - 1) << shift);

	*b = (uint8_t)((*b & ~mask) | ((unsigned)w->black[0] << shift & mask));
}

/* Part of the image that a pass has: every dx-th pixel from x0 of every dy-th row from y0. */
struct pass {
	uint8_t x0, y0, dx, dy;
};

static void mask_row(const struct work *w, const struct pass *s, uint64_t y, uint8_t *row)
{
	for (size_t i = 0; i < w->region.n; i++) {
		const struct region_box *b = &w->region.box[i];

		if ((int64_t)y < b->y0 || (int64_t)y >= b->y1)
			continue;
		/* The first pixel of the pass at or behind the box's left edge. */
		int64_t x = b->x0 <= s->x0 ? 0 : (b->x0 - s->x0 + s->dx - 1) / s->dx;
		for (; s->x0 + x * s->dx < b->x1; x++)
			set_pixel(w, row, (size_t)x);
	}
}

static void swap_rows(uint8_t **a, uint8_t **b)
{
	uint8_t *t = *a;

	*a = *b;
	*b = t;
}

static int do_row(struct work *w, const struct pass *s, uint64_t y, size_t n)
{
	struct rows *r = &w->rows;
	unsigned type;

	if (unpack(w, r->coded, n + 1) != DEID_OK)
		return DEID_FAILED;
	type = r->coded[0];
	if (type > 4)
		return bad(w, DEID_E_FORMAT, "a filter that is not defined");
	for (size_t i = 0; i < n; i++)
		r->in[i] = (uint8_t)(r->coded[i + 1] + predict(type, r->in, r->in_above, i, w->step));
	memcpy(r->out, r->in, n);
	mask_row(w, s, y, r->out);
	for (size_t i = 0; i < n; i++)
		r->coded[i + 1] = (uint8_t)(r->out[i] - predict(type, r->out, r->out_above, i, w->step));
	swap_rows(&r->in, &r->in_above);
	swap_rows(&r->out, &r->out_above);
	return pack(w, r->coded, n + 1, Z_NO_FLUSH);
}

/* Section 8.2: Adam7. */
static const struct pass adam7[] = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
static const struct pass whole = {0, 0, 1, 1};

static size_t row_bytes(const struct work *w, uint64_t pixels)
{
	return (size_t)((pixels * w->channels * w->depth + 7) / 8);
}

static int do_pass(struct work *w, const struct pass *s)
{
	uint64_t pixels = w->width > s->x0 ? ((uint64_t)w->width - s->x0 + s->dx - 1) / s->dx : 0;
	size_t n = row_bytes(w, pixels);

	if (n == 0)
		return DEID_OK;
	memset(w->rows.in_above, 0, n);
	memset(w->rows.out_above, 0, n);
	for (uint64_t y = s->y0; y < w->height; y += s->dy)
		if (do_row(w, s, y, n) != DEID_OK)
			return DEID_FAILED;
	return DEID_OK;
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static int start(struct work *w)
{
	struct rows *r = &w->rows;
	const struct png_conf *c = w->p->conf;

	if (read_header(w) != DEID_OK || set_black(w) != DEID_OK)
		return DEID_FAILED;
	r->max = row_bytes(w, w->width) + 1;
	/* A byte of deflate gives 1032 at most. */
	if (r->max > ROW_MAX || r->max / 1032 > w->idat->len)
		return bad(w, DEID_E_LIMIT, "rows that are too long");
	r->in = malloc(r->max);
	r->in_above = malloc(r->max);
	r->out = malloc(r->max);
	r->out_above = malloc(r->max);
	r->coded = malloc(r->max);
	w->piece = malloc(PIECE);
	w->reading = inflateInit(&w->from) == Z_OK;
	w->writing = deflateInit(&w->to, Z_DEFAULT_COMPRESSION) == Z_OK;
	if (!r->in || !r->in_above || !r->out || !r->out_above || !r->coded || !w->piece || !w->reading ||
	    !w->writing || !region_make(&w->region, c->mask, c->nmask, 0, 0, w->width, w->height))
		return bad(w, DEID_E_NOMEM, "no memory for the image");
	w->to.next_out = w->piece;
	w->to.avail_out = PIECE;
	w->at = w->idat->off;
	w->end = w->idat->off + w->idat->len + 12;
	return DEID_OK;
}

static void stop(struct work *w)
{
	if (w->reading)
		inflateEnd(&w->from);
	if (w->writing)
		deflateEnd(&w->to);
	region_free(&w->region);
	free(w->rows.in);
	free(w->rows.in_above);
	free(w->rows.out);
	free(w->rows.out_above);
	free(w->rows.coded);
	free(w->piece);
}

int png_mask_write(void *arg, struct deid_sink *sink, struct deid_error *err)
{
	struct png *p = arg;
	struct work w = {.p = p, .sink = sink, .err = err};
	int rc;

	for (size_t i = 0; !w.idat; i++)
		if (p->chunk[i].type == PNG_IDAT) /* there is one: png_walk() */
			w.idat = &p->chunk[i];
	rc = start(&w);
	if (rc == DEID_OK && !w.interlaced)
		rc = do_pass(&w, &whole);
	for (size_t i = 0; rc == DEID_OK && w.interlaced && i < sizeof adam7 / sizeof *adam7; i++)
		rc = do_pass(&w, &adam7[i]);
	if (rc == DEID_OK)
		rc = unpack_end(&w);
	if (rc == DEID_OK)
		rc = pack(&w, NULL, 0, Z_FINISH);
	stop(&w);
	return rc;
}

int png_mask_check(struct png *p, struct deid_error *err)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->chunk[i].type != PNG_ACTL && p->chunk[i].type != PNG_FDAT)
			continue;
		p->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED, "an animation cannot be masked");
		p->host->at(err, (struct deid_str){NULL, 0}, p->chunk[i].off);
		return DEID_FAILED;
	}
	return DEID_OK;
}
