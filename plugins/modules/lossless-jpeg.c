/* SPDX-License-Identifier: MIT */
/*
 * Lossless JPEG (ITU-T T.81 annex H): what the stream says of itself is read here; the coding is ijg.cc's.
 * Its coder writes segments and component identifiers of its own: they are put back to what they were.
 */
#include "core/util/bytes.h"
#include "core/util/str.h"
#include "plugins/modules/dicom-codec.h"
#include <stdlib.h>
#include <string.h>

#define COMPONENTS_MAX 4

/* Markers, T.81 table B.1. */
enum { SOF1 = 0xC1, SOF3 = 0xC3, DHT = 0xC4, JPG = 0xC8, DAC = 0xCC, SOF15 = 0xCF, SOI = 0xD8, EOI = 0xD9 };
enum { SOS = 0xDA, APP0 = 0xE0, APP2 = 0xE2, APP14 = 0xEE, COM = 0xFE };

struct head {
	unsigned process; /* its SOFn */
	unsigned precision, components, predictor, point;
	uint32_t width, height;
	uint8_t id[COMPONENTS_MAX];
};

struct segment {
	unsigned marker;
	const uint8_t *p; /* behind the length */
	size_t n;
	size_t from, to; /* in the stream, from the marker */
};

/* The segment at *at, which moves behind it. False: there is none, the stream is not sound. */
static bool next_segment(const uint8_t *in, size_t n, size_t *at, struct segment *s)
{
	size_t i = *at, len;

	s->from = i;
	while (i + 1 < n && in[i] == 0xFF && in[i + 1] == 0xFF)
		i++;
	if (n - i < 4 || in[i] != 0xFF)
		return false;
	s->marker = in[i + 1];
	len = get_be16(in + i + 2);
	if (len < 2 || len > n - i - 2)
		return false;
	s->p = in + i + 4;
	s->n = len - 2;
	s->to = *at = i + 2 + len;
	return true;
}

static bool is_frame(unsigned marker)
{
	return marker >= 0xC0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
}

/* Why the frame header cannot be used; NULL: it can. */
static const char *read_frame(const struct segment *s, struct head *h)
{
	h->process = s->marker;
	if (s->n < 6 || s->n != 6 + 3 * (size_t)s->p[5])
		return "a frame header of the wrong length";
	h->precision = s->p[0];
	h->height = get_be16(s->p + 1);
	h->width = get_be16(s->p + 3);
	h->components = s->p[5];
	if (h->components == 0 || h->components > COMPONENTS_MAX)
		return "a number of components that no image has";
	for (unsigned i = 0; i < h->components; i++) {
		h->id[i] = s->p[6 + 3 * i];
		if (h->process == SOF3 && s->p[7 + 3 * i] != s->p[7])
			return "subsampled components";
	}
	return NULL;
}

/* Up to the first scan. */
static const char *read_head(const uint8_t *in, size_t n, struct head *h)
{
	struct segment s;
	size_t at = 2;
	const char *why = NULL;

	*h = (struct head){0};
	if (n < 2 || in[0] != 0xFF || in[1] != SOI)
		return "no JPEG image";
	while (!why) {
		if (!next_segment(in, n, &at, &s))
			return "its segments are not sound";
		if (is_frame(s.marker))
			why = h->process ? "two frame headers" : read_frame(&s, h);
		if (s.marker == SOS)
			break;
	}
	if (!why && !h->process)
		why = "no frame header";
	if (!why && s.n >= 4) {
		h->predictor = s.p[s.n - 3];
		h->point = s.p[s.n - 1] & 15;
	}
	return why;
}

static int bad(const struct deid_host *host, enum deid_code code, const char *why, struct deid_error *err)
{
	return host->fail(err, DEID_FAILED, code, "JPEG: %s", why);
}

static int check_head(const struct deid_host *host, const struct lossless_shape *shape, bool lossy,
    const uint8_t *in, size_t n, struct head *h, struct deid_error *err)
{
	const char *why = read_head(in, n, h);

	if (why)
		return bad(host, DEID_E_FORMAT, why, err);
	if (h->process != (lossy ? SOF1 : SOF3))
		return bad(host, DEID_E_FORMAT, "its process is not that of the transfer syntax", err);
	if (h->width != shape->width || h->height != shape->height)
		return bad(host, DEID_E_FORMAT, "its width and height are not those of the image", err);
	if (h->components != shape->components)
		return bad(host, DEID_E_FORMAT, "its number of components is not that of the image", err);
	if (h->precision < 2 || h->precision > 8 * shape->bytes || (h->precision <= 8 && shape->bytes != 1) ||
	    (shape->is_signed && h->precision < shape->bits))
		return bad(host, DEID_E_FORMAT, "its precision does not fit the image", err);
	if (lossy && h->precision != 12)
		return bad(host, DEID_E_UNSUPPORTED, "its precision is not 12 bits", err);
	if (!lossy && (h->predictor < 1 || h->predictor > 7 || h->point >= h->precision))
		return bad(host, DEID_E_FORMAT, "a predictor or point transform that is not defined", err);
	return DEID_OK;
}

static unsigned coder_of(const struct head *h)
{
	return h->precision <= 8 ? 8 : h->precision <= 12 ? 12 : 16;
}

/* The coder's samples are in the machine's order. */
static void swap_cells(const struct lossless_shape *shape, uint8_t *cells, size_t n)
{
	static const uint16_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	for (size_t i = 0; shape->bytes == 2 && !first && i + 1 < n; i += 2) {
		uint8_t b = cells[i];
		cells[i] = cells[i + 1];
		cells[i + 1] = b;
	}
}

static int decode(const struct deid_host *host, const struct lossless_shape *shape, const struct head *h,
    const uint8_t *in, size_t nin, uint8_t *cells, size_t n, struct deid_error *err)
{
	struct ijg_error e;

	/* A Huffman code has a bit at least; a block of 64 lossy samples has one code. */
	if (n / shape->bytes / (h->process == SOF3 ? 8 : 512) > nin)
		return bad(host, DEID_E_TRUNCATED, "too little data for an image of this size", err);
	if (!ijg_decode(coder_of(h), in, nin, cells, n, &e))
		return bad(host, e.truncated ? DEID_E_TRUNCATED : DEID_E_FORMAT,
		    e.truncated ? "it ends before it is complete" : e.text, err);
	swap_cells(shape, cells, n);
	return DEID_OK;
}

int lossless_jpeg_decode(const struct deid_host *host, const struct lossless_shape *shape, bool lossy,
    const uint8_t *in, size_t nin, uint8_t *cells, size_t n, unsigned *precision, struct deid_error *err)
{
	struct head h;
	int rc = check_head(host, shape, lossy, in, nin, &h, err);

	*precision = h.precision;
	return rc == DEID_OK ? decode(host, shape, &h, in, nin, cells, n, err) : rc;
}

/* ---- coding ------------------------------------------------------------------------------------ */

static bool begins(const struct segment *s, const char *mark, size_t n)
{
	return s->n >= n && memcmp(s->p, mark, n) == 0;
}

/* The model's segments that decoding needs and that can hold no image, and COM. */
static bool add_segments(const uint8_t *model, size_t n, struct buf *out)
{
	static const uint8_t jfif[] = {0xFF, APP0, 0, 16};
	struct segment s = {0};
	size_t at = 2;
	bool good = true;

	while (good && s.marker != SOS && next_segment(model, n, &at, &s)) {
		if (s.marker == APP0 && s.n >= 14 && begins(&s, "JFIF", 5))
			good = buf_add(out, jfif, sizeof jfif) && buf_add(out, s.p, 12) &&
			       buf_add(out, "\0", 2); /* without its thumbnail */
		else if (s.marker == COM || (s.marker == APP14 && s.n == 12 && begins(&s, "Adobe", 5)) ||
			 (s.marker == APP2 && begins(&s, "ICC_PROFILE", 12)))
			good = buf_add(out, model + s.from, s.to - s.from);
	}
	return good;
}

/* The coded stream, with the segments and identifiers of the model. */
static bool dress(const struct head *h, const uint8_t *model, size_t nmodel, const uint8_t *coded, size_t n,
    struct buf *out)
{
	struct segment s = {0};
	size_t at = 2;
	bool good = buf_add(out, coded, 2) && add_segments(model, nmodel, out);

	while (good && s.marker != SOS) {
		size_t base = out->n;

		if (!next_segment(coded, n, &at, &s))
			return false;
		if (s.marker >= APP0)
			continue;
		good = buf_add(out, coded + s.from, s.to - s.from);
		/* SOF: identifier, sampling, table for each; SOS: identifier, tables. */
		for (unsigned i = 0; good && i < h->components; i++) {
			if (s.marker == SOF3)
				out->p[base + 10 + 3 * i] = (char)h->id[i];
			else if (s.marker == SOS)
				out->p[base + 5 + 2 * i] = (char)h->id[i];
		}
	}
	return good && buf_add(out, coded + at, n - at);
}

/* What the point transform would take away must be 0 in all samples, or it cannot be used again. */
static unsigned point_for(
    const struct head *h, const struct lossless_shape *shape, const uint8_t *cells, size_t n)
{
	unsigned low = (1u << h->point) - 1;

	for (size_t i = 0; low && i + shape->bytes <= n; i += shape->bytes)
		if ((shape->bytes == 1 ? cells[i] : get_le16(cells + i)) & low)
			return 0;
	return h->point;
}

static int verify(const struct deid_host *host, const struct lossless_shape *shape, const struct buf *out,
    const uint8_t *cells, size_t n, struct deid_error *err)
{
	uint8_t *again = malloc(n ? n : 1);
	unsigned precision;
	int rc;

	if (!again)
		return bad(host, DEID_E_NOMEM, "no memory", err);
	rc = lossless_jpeg_decode(
	    host, shape, false, (const uint8_t *)out->p, out->n, again, n, &precision, err);
	if (rc == DEID_OK && memcmp(again, cells, n) != 0)
		rc = bad(host, DEID_E_INTERNAL, "what was coded does not decode to the same image", err);
	free(again);
	return rc;
}

int lossless_jpeg_encode(const struct deid_host *host, const struct lossless_shape *shape,
    const uint8_t *model, size_t nmodel, const uint8_t *cells, size_t n, uint8_t **out, size_t *nout,
    struct deid_error *err)
{
	struct head h;
	struct ijg_lossless how;
	struct ijg_error e;
	struct buf b = {0};
	uint8_t *coded = NULL, *native = NULL;
	size_t ncoded;
	int rc = check_head(host, shape, false, model, nmodel, &h, err);

	if (rc != DEID_OK)
		return rc;
	native = malloc(n ? n : 1);
	if (!native)
		return bad(host, DEID_E_NOMEM, "no memory", err);
	memcpy(native, cells, n);
	swap_cells(shape, native, n);
	how = (struct ijg_lossless){.bits = coder_of(&h),
	    .width = h.width,
	    .height = h.height,
	    .components = h.components,
	    .predictor = h.predictor,
	    .point = point_for(&h, shape, cells, n)};
	if (!ijg_encode(&how, native, &coded, &ncoded, &e))
		rc = bad(host, DEID_E_UNSUPPORTED, e.text, err);
	else if (!dress(&h, model, nmodel, coded, ncoded, &b))
		rc = bad(host, DEID_E_NOMEM, "no memory", err);
	else
		rc = verify(host, shape, &b, cells, n, err);
	if (rc == DEID_OK) {
		*out = (uint8_t *)b.p;
		*nout = b.n;
	} else {
		buf_free(&b);
	}
	free(coded);
	free(native);
	return rc;
}
