/* SPDX-License-Identifier: MIT */
/*
 * Which encapsulated syntax is masked in which way (PS3.5 section 8.2, annex A.4). What does the work needs
 * libraries, and is loaded when the first such file comes.
 */
#include "core/util/bytes.h"
#include "core/util/str.h"
#include "plugins/common/jpeg-mask.h"
#include "plugins/dicom/lossless.h"
#include "plugins/dicom/pixel.h"
#include <stdlib.h>

/* Of one decoded frame: frames come from files, and JPEG-LS makes next to nothing of an empty one. */
#define CELLS_MAX ((size_t)1 << 30)

enum kind { KIND_DCT, KIND_JPEG, KIND_JPEG_LS, KIND_NONE };

#define PREFIX "1.2.840.10008.1.2.4."

static const struct {
	const char *uid; /* after PREFIX */
	enum kind kind;
	const char *name; /* KIND_NONE: for the reason */
} syntaxes[] = {
    {"50", KIND_DCT, NULL},
    {"51", KIND_DCT, NULL},
    /* Retired: arithmetic coding, spectral selection, full progression. */
    {"52", KIND_DCT, NULL},
    {"53", KIND_DCT, NULL},
    {"54", KIND_DCT, NULL},
    {"55", KIND_DCT, NULL},
    {"56", KIND_DCT, NULL},
    {"57", KIND_JPEG, NULL},
    {"70", KIND_JPEG, NULL},
    {"80", KIND_JPEG_LS, NULL},
    {"81", KIND_JPEG_LS, NULL},
    {"90", KIND_NONE, "JPEG 2000"},
    {"91", KIND_NONE, "JPEG 2000"},
    {"92", KIND_NONE, "JPEG 2000"},
    {"93", KIND_NONE, "JPEG 2000"},
    {"100", KIND_NONE, "MPEG-2 video"},
    {"100.1", KIND_NONE, "MPEG-2 video"},
    {"101", KIND_NONE, "MPEG-2 video"},
    {"101.1", KIND_NONE, "MPEG-2 video"},
    {"102", KIND_NONE, "MPEG-4 video"},
    {"102.1", KIND_NONE, "MPEG-4 video"},
    {"103", KIND_NONE, "MPEG-4 video"},
    {"103.1", KIND_NONE, "MPEG-4 video"},
    {"104", KIND_NONE, "MPEG-4 video"},
    {"104.1", KIND_NONE, "MPEG-4 video"},
    {"105", KIND_NONE, "MPEG-4 video"},
    {"105.1", KIND_NONE, "MPEG-4 video"},
    {"106", KIND_NONE, "MPEG-4 video"},
    {"106.1", KIND_NONE, "MPEG-4 video"},
    {"107", KIND_NONE, "HEVC video"},
    {"108", KIND_NONE, "HEVC video"},
    {"110", KIND_NONE, "JPEG XL"},
    {"111", KIND_NONE, "JPEG XL"},
    {"112", KIND_NONE, "JPEG XL"},
    {"201", KIND_NONE, "High-Throughput JPEG 2000"},
    {"202", KIND_NONE, "High-Throughput JPEG 2000"},
    {"203", KIND_NONE, "High-Throughput JPEG 2000"},
};

struct codec {
	const struct pixel_image *image;
	struct pixel_image native;
	enum kind kind;
	const struct jpeg_mask_module *dct;
	const struct lossless_module *lossless;
	struct lossless_shape shape;
	uint8_t *cells; /* of one frame, the job's */
	size_t ncells;
};

/* Inside of this plugin, for host->module(). */
static const char here;

static int unsupported(const struct pixel_image *image, const char *why, struct deid_error *err)
{
	return image->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED, "%s", why);
}

/* ---- opening ----------------------------------------------------------------------------------- */

static int find_syntax(const struct pixel_image *image, enum kind *kind, struct deid_error *err)
{
	struct deid_str uid = image->syntax;

	for (size_t i = 0; str_prefix(uid, PREFIX) && i < sizeof syntaxes / sizeof *syntaxes; i++) {
		if (!str_eqz(str_sub(uid, sizeof PREFIX - 1, uid.n), syntaxes[i].uid))
			continue;
		*kind = syntaxes[i].kind;
		if (*kind != KIND_NONE)
			return DEID_OK;
		return image->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED,
		    "%s (transfer syntax %.*s) cannot be masked and kept in its syntax, and nothing here "
		    "decodes it",
		    syntaxes[i].name, (int)uid.n, uid.p);
	}
	return image->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED,
	    "pixel data of the transfer syntax %.*s cannot be masked", (int)uid.n, uid.p);
}

static int load_dct(struct codec *c, struct deid_error *err)
{
	const struct deid_module *m;
	int rc = c->image->host->module(
	    &here, JPEG_MASK_MODULE, sizeof(struct jpeg_mask_module), JPEG_MASK_VERSION, &m, err);

	c->dct = (const struct jpeg_mask_module *)m;
	return rc;
}

static int load_lossless(struct codec *c, struct deid_error *err)
{
	const struct deid_module *m;
	int rc = c->image->host->module(
	    &here, LOSSLESS_MODULE, sizeof(struct lossless_module), LOSSLESS_VERSION, &m, err);

	c->lossless = (const struct lossless_module *)m;
	return rc;
}

/* Lossy JPEG of 12 bits: libjpeg is one of 8. */
static int open_12(struct codec *c, enum codec_way *way, struct deid_error *err)
{
	const struct pixel_image *image = c->image;

	if (image->allocated != 16 || !str_eqz(image->syntax, PREFIX "51"))
		return unsupported(
		    image, "lossy JPEG with more than 8 bits in this syntax cannot be masked", err);
	if (!image->transcode)
		return unsupported(image,
		    "lossy JPEG of 12 bits cannot be masked and kept in its syntax; `transcode: true` "
		    "would write it uncompressed",
		    err);
	*way = CODEC_DECODE;
	c->native = *image;
	c->native.planar = false;
	if (image->color == PIXEL_YBR_FULL_422)
		c->native.color = PIXEL_YBR_FULL;
	return load_lossless(c, err);
}

static int open_dct(struct codec *c, enum codec_way *way, struct deid_error *err)
{
	const struct pixel_image *image = c->image;

	if (image->is_signed)
		return unsupported(image, "lossy JPEG of signed samples cannot be masked", err);
	if (image->color == PIXEL_PALETTE)
		return unsupported(image, "lossy JPEG of palette colors cannot be masked", err);
	if (image->allocated != 8)
		return open_12(c, way, err);
	return load_dct(c, err);
}

static int open_lossless(struct codec *c, struct deid_error *err)
{
	const struct pixel_image *image = c->image;

	if (image->allocated > 16 || image->high != image->stored - 1)
		return unsupported(
		    image, "compressed samples that no codec gives: Bits Allocated or High Bit", err);
	return load_lossless(c, err);
}

/* What a frame is when it is decoded; false: larger than allowed. */
static bool set_shape(struct codec *c)
{
	const struct pixel_image *image = c->image;
	size_t n;

	c->shape = (struct lossless_shape){.width = image->columns,
	    .height = image->rows,
	    .components = image->samples,
	    .bytes = image->allocated > 8 ? 2 : 1,
	    .bits = image->stored,
	    .is_signed = image->is_signed};
	if (!mul_size(image->rows, image->columns, &n) || !mul_size(n, image->samples, &n) ||
	    !mul_size(n, c->shape.bytes, &n) || n > CELLS_MAX)
		return false;
	c->ncells = n;
	return true;
}

int codec_open(
    const struct pixel_image *image, struct codec **codec, enum codec_way *way, struct deid_error *err)
{
	enum kind kind;
	struct codec *c;
	int rc = find_syntax(image, &kind, err);

	*codec = NULL;
	*way = CODEC_MASK;
	if (rc != DEID_OK)
		return rc;
	if (image->is_float || image->allocated < 8)
		return unsupported(image, "compressed samples that are no numbers of 8 or 16 bits", err);
	c = calloc(1, sizeof *c);
	if (!c)
		return image->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory");
	c->image = image;
	c->kind = kind;
	if (!set_shape(c))
		rc = image->host->fail(err, DEID_FAILED, DEID_E_LIMIT, "a frame of more than 1 GiB");
	else
		rc = kind == KIND_DCT ? open_dct(c, way, err) : open_lossless(c, err);
	if (rc == DEID_OK)
		*codec = c;
	else
		free(c);
	return rc;
}

void codec_close(struct codec *c)
{
	free(c);
}

/* ---- in its own syntax ------------------------------------------------------------------------- */

static enum jpeg_color jpeg_color(const struct pixel_image *image)
{
	switch (image->color) {
	case PIXEL_MONOCHROME1:
		return JPEG_COLOR_HIGH;
	case PIXEL_YBR_FULL:
	case PIXEL_YBR_FULL_422:
	case PIXEL_YBR_PARTIAL_422:
	case PIXEL_YBR_PARTIAL_420:
		return JPEG_COLOR_YBR;
	case PIXEL_MONOCHROME2:
	case PIXEL_RGB:
		return JPEG_COLOR_LOW;
	default:
		return JPEG_COLOR_STREAM;
	}
}

static int mask_dct(
    struct codec *c, const uint8_t *frame, size_t n, struct deid_sink *out, struct deid_error *err)
{
	const struct pixel_image *image = c->image;
	struct jpeg_mask mask = {.in = frame,
	    .n = n,
	    .region = &image->region,
	    .width = image->columns,
	    .height = image->rows,
	    .components = image->samples,
	    .color = jpeg_color(image),
	    .markers = JPEG_MARKERS_PLAIN};
	void *p;
	size_t np;
	int rc = c->dct->mask(image->host, &mask, &p, &np, NULL, err);

	if (rc == DEID_OK)
		rc = image->host->sink_write(out, p, np, err);
	free(p);
	return rc;
}

/* The coded samples have `precision` bits, which may be fewer than a cell has. */
static void blacken(const struct codec *c, unsigned precision)
{
	const struct pixel_image *image = c->image;
	unsigned bytes = c->shape.bytes;
	uint64_t bits = ((uint64_t)1 << precision) - 1;

	for (size_t i = 0; i < image->region.n; i++) {
		const struct region_box *b = &image->region.box[i];

		for (int64_t y = b->y0; y < b->y1; y++) {
			size_t first = ((size_t)y * image->columns + (size_t)b->x0) * image->samples;
			size_t count = (size_t)(b->x1 - b->x0) * image->samples;

			for (size_t k = 0; k < count; k++) {
				uint64_t black = image->black[k % image->samples] & bits;
				uint8_t *cell = c->cells + (first + k) * bytes;

				if (bytes == 1)
					*cell = (uint8_t)black;
				else
					put_le16(cell, (uint16_t)black);
			}
		}
	}
}

static int mask_lossless(
    struct codec *c, const uint8_t *frame, size_t n, struct deid_sink *out, struct deid_error *err)
{
	const struct pixel_image *image = c->image;
	const struct deid_host *host = image->host;
	enum lossless_coding coding = c->kind == KIND_JPEG ? LOSSLESS_JPEG : LOSSLESS_JPEG_LS;
	uint8_t *coded;
	size_t ncoded;
	unsigned precision;
	int rc;

	/* A row of JPEG-LS costs a bit at least, a sample of lossless JPEG does. */
	if ((coding == LOSSLESS_JPEG ? c->ncells / c->shape.bytes : image->rows) / 8 > n)
		return host->fail(
		    err, DEID_FAILED, DEID_E_TRUNCATED, "too little data for an image of this size");
	if (!c->cells)
		c->cells = host->alloc(image->job, c->ncells);
	if (!c->cells)
		return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory");
	rc = c->lossless->decode(host, coding, &c->shape, frame, n, c->cells, c->ncells, &precision, err);
	if (rc != DEID_OK)
		return rc;
	blacken(c, precision);
	rc =
	    c->lossless->encode(host, coding, &c->shape, frame, n, c->cells, c->ncells, &coded, &ncoded, err);
	if (rc == DEID_OK)
		rc = host->sink_write(out, coded, ncoded, err);
	free(coded);
	return rc;
}

int codec_mask(struct codec *c, const uint8_t *frame, size_t n, struct deid_sink *out, struct deid_error *err)
{
	return c->kind == KIND_DCT ? mask_dct(c, frame, n, out, err) : mask_lossless(c, frame, n, out, err);
}

/* ---- decoded ----------------------------------------------------------------------------------- */

const struct pixel_image *codec_native(const struct codec *c)
{
	return &c->native;
}

int codec_decode(
    struct codec *c, const uint8_t *frame, size_t nframe, uint8_t *cells, size_t n, struct deid_error *err)
{
	unsigned precision;

	if (n != c->ncells)
		return c->image->host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "a frame of another size");
	return c->lossless->decode(
	    c->image->host, LOSSLESS_JPEG_12, &c->shape, frame, nframe, cells, n, &precision, err);
}
