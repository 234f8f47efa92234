/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/paint.h"
#include <string.h>

#define PIECE ((size_t)64 << 10)

/* ---- layout ------------------------------------------------------------------------------------ */

static void put_cell(uint8_t *b, unsigned bytes, uint64_t cell)
{
	for (unsigned i = 0; i < bytes; i++)
		b[i] = (uint8_t)(cell >> 8 * i);
}

static void reverse(uint8_t *b, size_t n, unsigned unit)
{
	for (size_t at = 0; at + unit <= n; at += unit) {
		for (unsigned i = 0; i < unit / 2; i++) {
			uint8_t c = b[at + i];

			b[at + i] = b[at + unit - 1 - i];
			b[at + unit - 1 - i] = c;
		}
	}
}

/* PS3.3 section C.7.6.3.1.2: two pixels share their chroma, Y Y Cb Cr. A pair that a box cuts goes black
 * whole: its colour would show what is under the box. */
static bool halve(const struct pixel_image *image, struct region *out)
{
	const struct region *in = &image->region;
	struct region_mask pairs = {.box = NULL};
	bool ok;

	pairs.box = image->host->alloc(image->job, in->n * sizeof *pairs.box);
	if (!pairs.box)
		return false;
	for (pairs.n = 0; pairs.n < in->n; pairs.n++) {
		pairs.box[pairs.n] = in->box[pairs.n];
		pairs.box[pairs.n].x0 /= 2;
		pairs.box[pairs.n].x1 = (pairs.box[pairs.n].x1 + 1) / 2;
	}
	ok = region_make(out, &pairs, 1, 0, 0, (image->columns + 1) / 2, image->rows);
	return ok;
}

static void set_black(struct paint *p, const struct pixel_image *image, unsigned cell)
{
	if (image->color == PIXEL_YBR_FULL_422 || image->color == PIXEL_YBR_PARTIAL_422) {
		for (unsigned i = 0; i < 4; i++)
			put_cell(p->black[0] + (size_t)i * cell, cell, image->black[i < 2 ? 0 : i - 1]);
		return;
	}
	for (unsigned i = 0; i < image->samples; i++) {
		if (image->planar)
			put_cell(p->black[i], cell, image->black[i]);
		else
			put_cell(p->black[0] + (size_t)i * cell, cell, image->black[i]);
	}
}

bool paint_image(struct paint *p, const struct pixel_image *image, unsigned unit, bool big, uint64_t *need)
{
	unsigned cell = image->allocated / 8;
	bool pairs = image->color == PIXEL_YBR_FULL_422 || image->color == PIXEL_YBR_PARTIAL_422;
	/* At most 2^16 * 2^16 * 2^31 * 2^2 bits times 64: more than a 64-bit number holds. */
	__uint128_t bits;

	*p = (struct paint){.host = image->host, .job = image->job, .region = &image->region};
	p->width = pairs ? image->columns / 2 : image->columns;
	p->height = image->rows;
	p->nblack = image->planar ? image->samples : 1;
	p->planes = (uint64_t)image->frames * p->nblack;
	p->dot = cell * (pairs ? 4u : image->planar ? 1u : image->samples);
	bits = (__uint128_t)p->planes * p->width * p->height * (p->dot ? p->dot * 8u : 1u);
	*need = bits > (__uint128_t)INT64_MAX ? UINT64_MAX : (uint64_t)((bits + 7) / 8);
	if (p->dot)
		set_black(p, image, cell);
	else
		p->black[0][0] = image->black[0] & 1 ? 0xFF : 0;
	if (big && unit > 1) {
		/* Cells of whole words are as easily written in their order. */
		if (cell && cell % unit == 0)
			for (unsigned i = 0; i < p->nblack; i++)
				reverse(p->black[i], p->dot, unit);
		else
			p->swap = unit;
	}
	if (!pairs)
		return true;
	p->region = &p->own;
	return halve(image, &p->own);
}

bool paint_bits(struct paint *p, const struct region_mask *m, size_t n, int64_t left, int64_t top,
    uint32_t width, uint32_t height, uint32_t frames, uint64_t *need)
{
	p->width = width;
	p->height = height;
	p->planes = frames;
	p->dot = 0;
	p->nblack = 1;
	p->region = &p->own;
	*need = ((uint64_t)width * height * frames + 7) / 8;
	return region_make(&p->own, m, n, left, top, width, height);
}

/* ---- stretches that go black ------------------------------------------------------------------- */

struct run {
	uint64_t from, to; /* dots, from the first plane on */
	unsigned color;
};

struct runs {
	const struct paint *p;
	uint64_t plane;
	size_t band, end, box; /* boxes of the band in work */
	int64_t y;
};

static void start_band(struct runs *s, size_t band)
{
	const struct region *g = s->p->region;

	s->band = s->box = s->end = band;
	while (s->end < g->n && g->box[s->end].y0 == g->box[band].y0)
		s->end++;
	s->y = band < g->n ? g->box[band].y0 : 0;
}

static bool next_run(struct runs *s, struct run *run)
{
	const struct paint *p = s->p;
	const struct region_box *b;
	uint64_t start;

	if (s->band == p->region->n) {
		s->plane++;
		start_band(s, 0);
	}
	if (!p->region->n || s->plane >= p->planes)
		return false;
	b = &p->region->box[s->box];
	start = s->plane * p->width * p->height;
	run->color = (unsigned)(s->plane % p->nblack);
	if (b->x0 == 0 && b->x1 == p->width) { /* whole rows are one stretch */
		run->from = start + (uint64_t)b->y0 * p->width;
		run->to = start + (uint64_t)b->y1 * p->width;
		start_band(s, s->end);
		return true;
	}
	run->from = start + (uint64_t)s->y * p->width + (uint64_t)b->x0;
	run->to = run->from + (uint64_t)(b->x1 - b->x0);
	if (++s->box == s->end) {
		s->box = s->band;
		if (++s->y == b->y1)
			start_band(s, s->end);
	}
	return true;
}

/* ---- bytes that need not be read --------------------------------------------------------------- */

static int copy(
    const struct paint *p, uint64_t from, uint64_t to, struct deid_sink *sink, struct deid_error *err)
{
	return from < to ? p->host->sink_copy(sink, p->source, p->off + from, to - from, err) : DEID_OK;
}

static int write_black(const struct paint *p, const uint8_t *piece, size_t npiece, uint64_t n,
    struct deid_sink *sink, struct deid_error *err)
{
	int rc = DEID_OK;

	for (; n && rc == DEID_OK; n -= npiece) {
		npiece = n < npiece ? (size_t)n : npiece;
		rc = p->host->sink_write(sink, piece, npiece, err);
	}
	return rc;
}

static int write_dots(const struct paint *p, struct deid_sink *sink, struct deid_error *err)
{
	size_t npiece = PIECE / p->dot * p->dot;
	uint8_t *piece[PIXEL_SAMPLES_MAX];
	struct runs s = {.p = p};
	struct run run;
	uint64_t at = 0;

	for (unsigned i = 0; i < p->nblack; i++) {
		piece[i] = p->host->alloc(p->job, npiece);
		if (!piece[i])
			return p->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory to mask the image");
		for (size_t k = 0; k < npiece; k++)
			piece[i][k] = p->black[i][k % p->dot];
	}
	start_band(&s, 0);
	while (next_run(&s, &run)) {
		uint64_t from = run.from * p->dot, to = run.to * p->dot;

		if (copy(p, at, from, sink, err) != DEID_OK ||
		    write_black(p, piece[run.color], npiece, to - from, sink, err) != DEID_OK)
			return DEID_FAILED;
		at = to;
	}
	return copy(p, at, p->size, sink, err);
}

/* ---- bits, and cells whose words are swapped --------------------------------------------------- */

static void set_bits(uint8_t *b, uint64_t from, uint64_t to, uint8_t value)
{
	for (; from < to && from % 8; from++)
		b[from / 8] = (uint8_t)((b[from / 8] & ~(1u << from % 8)) | (value & 1u << from % 8));
	if (from < to) {
		memset(b + from / 8, value, (size_t)((to - from) / 8));
		from += (to - from) / 8 * 8;
	}
	for (; from < to; from++)
		b[from / 8] = (uint8_t)((b[from / 8] & ~(1u << from % 8)) | (value & 1u << from % 8));
}

/* Paints the part of a run (in dots) that lies in the n bytes at `at`. False: it goes on behind them. */
static bool paint_part(const struct paint *p, const struct run *run, uint64_t at, uint8_t *b, size_t n)
{
	uint64_t scale = p->dot ? p->dot : 1, per_byte = p->dot ? 1 : 8;
	uint64_t begin = at * per_byte, end = begin + n * per_byte;
	uint64_t from = run->from * scale, to = run->to * scale;
	bool whole = to <= end;

	from = from < begin ? begin : from;
	to = whole ? to : end;
	if (!p->dot)
		set_bits(b, from - begin, to - begin, p->black[0][0]);
	for (; p->dot && from < to; from++)
		b[from - begin] = p->black[run->color][from % p->dot];
	return whole;
}

/* Where the words begin that the run touches. */
static uint64_t first_word(const struct paint *p, const struct run *run)
{
	uint64_t byte = p->dot ? run->from * p->dot : run->from / 8;

	return byte / 8 * 8;
}

static int write_words(const struct paint *p, struct deid_sink *sink, struct deid_error *err)
{
	struct runs s = {.p = p};
	struct run run;
	uint8_t *b = p->host->alloc(p->job, PIECE);
	uint64_t at = 0;
	bool more;

	if (!b)
		return p->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory to mask the image");
	start_band(&s, 0);
	more = next_run(&s, &run);
	while (more) {
		uint64_t word = first_word(p, &run);
		size_t n;

		if (word > at) {
			if (copy(p, at, word, sink, err) != DEID_OK)
				return DEID_FAILED;
			at = word;
		}
		n = p->size - at < PIECE ? (size_t)(p->size - at) : PIECE;
		if (p->host->src_read(p->source, p->off + at, b, n, err) != DEID_OK)
			return DEID_FAILED;
		if (p->swap)
			reverse(b, n, p->swap);
		while (more && first_word(p, &run) < at + n && paint_part(p, &run, at, b, n))
			more = next_run(&s, &run);
		if (p->swap)
			reverse(b, n, p->swap);
		if (p->host->sink_write(sink, b, n, err) != DEID_OK)
			return DEID_FAILED;
		at += n;
	}
	return copy(p, at, p->size, sink, err);
}

int paint_write(void *arg, struct deid_sink *sink, struct deid_error *err)
{
	const struct paint *p = arg;

	return p->dot && !p->swap ? write_dots(p, sink, err) : write_words(p, sink, err);
}

void paint_cells(const struct pixel_image *image, uint8_t *cells)
{
	unsigned cell = image->allocated / 8, dot = cell * image->samples;
	uint8_t black[PAINT_DOT_MAX] = {0};

	for (unsigned i = 0; i < image->samples; i++)
		put_cell(black + (size_t)i * cell, cell, image->black[i]);
	for (size_t i = 0; i < image->region.n; i++) {
		const struct region_box *b = &image->region.box[i];

		for (int64_t y = b->y0; y < b->y1; y++) {
			uint8_t *row = cells + ((size_t)y * image->columns + (size_t)b->x0) * dot;

			for (int64_t x = b->x0; x < b->x1; x++, row += dot)
				memcpy(row, black, dot);
		}
	}
}
