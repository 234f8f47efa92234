/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/image.h"
#include "core/util/bytes.h"
#include "core/util/str.h"
#include <float.h>
#include <stdio.h>
#include <string.h>

#define TAG_SYNTAX 0x00020010u
#define TAG_SAMPLES 0x00280002u
#define TAG_COLOR 0x00280004u
#define TAG_PLANAR 0x00280006u
#define TAG_FRAMES 0x00280008u
#define TAG_ROWS 0x00280010u
#define TAG_COLUMNS 0x00280011u
#define TAG_ALLOCATED 0x00280100u
#define TAG_STORED 0x00280101u
#define TAG_HIGH 0x00280102u
#define TAG_SIGNED 0x00280103u
#define TAG_FLOAT 0x7FE00008u
#define TAG_DOUBLE 0x7FE00009u

static const struct {
	const char *term;
	enum pixel_color color;
	uint16_t samples;
} colors[] = {
    {"MONOCHROME1", PIXEL_MONOCHROME1, 1},
    {"MONOCHROME2", PIXEL_MONOCHROME2, 1},
    {"PALETTE COLOR", PIXEL_PALETTE, 1},
    {"RGB", PIXEL_RGB, 3},
    {"ARGB", PIXEL_ARGB, 4},
    {"CMYK", PIXEL_CMYK, 4},
    {"HSV", PIXEL_HSV, 3},
    {"YBR_FULL", PIXEL_YBR_FULL, 3},
    {"YBR_FULL_422", PIXEL_YBR_FULL_422, 3},
    {"YBR_PARTIAL_422", PIXEL_YBR_PARTIAL_422, 3},
    {"YBR_PARTIAL_420", PIXEL_YBR_PARTIAL_420, 3},
    {"YBR_ICT", PIXEL_YBR_ICT, 3},
    {"YBR_RCT", PIXEL_YBR_RCT, 3},
};

uint32_t image_node(const struct record *r, uint32_t tag)
{
	const struct tree *t = &r->tree;

	for (uint32_t i = t->meta; i < t->n; i = tree_node(t, i)->next)
		if (tree_node(t, i)->tag == tag)
			return i;
	return NODE_NONE;
}

int image_fail(struct record *r, uint32_t node, enum deid_code code, const char *why, struct deid_error *err)
{
	const struct node *n = tree_node(&r->tree, node);
	char name[16];
	int len = snprintf(name, sizeof name, "(%04X,%04X)", n->tag >> 16, n->tag & 0xFFFF);

	r->host->fail(err, DEID_FAILED, code, "%s", why);
	r->host->at(err, (struct deid_str){name, (size_t)len}, n->off);
	return DEID_FAILED;
}

bool image_number(struct record *r, uint32_t tag, uint16_t *out, int *rc, struct deid_error *err)
{
	uint32_t i = image_node(r, tag);
	const struct node *n;
	uint8_t b[2];

	*rc = DEID_OK;
	if (i == NODE_NONE || tree_node(&r->tree, i)->len == 0)
		return false;
	n = tree_node(&r->tree, i);
	if (n->len != 2 || n->flags & (NODE_PARENT | NODE_UNDEFINED))
		*rc = image_fail(r, i, DEID_E_FORMAT, "the element must hold one number of two bytes", err);
	else
		*rc = r->host->src_read(r->tree.data, node_value(n), b, 2, err);
	*out = n->flags & NODE_BIG && !(n->flags & NODE_UN) ? get_be16(b) : get_le16(b);
	return *rc == DEID_OK;
}

/* The first value of a text element, without padding; n = 0: there is none. */
static int read_text(
    struct record *r, uint32_t node, char buf[64], struct deid_str *s, struct deid_error *err)
{
	const struct node *n = tree_node(&r->tree, node);

	*s = (struct deid_str){buf, n->len < 64 ? (size_t)n->len : 64};
	if (n->flags & NODE_PARENT)
		s->n = 0;
	if (r->host->src_read(tree_source(&r->tree, node), node_value(n), buf, s->n, err) != DEID_OK)
		return DEID_FAILED;
	while (s->n && (s->p[s->n - 1] == ' ' || s->p[s->n - 1] == '\0'))
		s->n--;
	while (s->n && *s->p == ' ')
		*s = str_sub(*s, 1, s->n);
	return DEID_OK;
}

int image_count(struct record *r, uint32_t tag, uint32_t *out, struct deid_error *err)
{
	uint32_t i = image_node(r, tag);
	struct deid_str s;
	char buf[64];
	uint64_t v;

	*out = 1;
	if (i == NODE_NONE)
		return DEID_OK;
	if (read_text(r, i, buf, &s, err) != DEID_OK)
		return DEID_FAILED;
	if (!s.n)
		return DEID_OK;
	if (*s.p == '+')
		s = str_sub(s, 1, s.n);
	if (!str_u64(s, &v) || v == 0 || v > INT32_MAX)
		return image_fail(r, i, DEID_E_FORMAT, "no number of frames", err);
	*out = (uint32_t)v;
	return DEID_OK;
}

/* ---- the header -------------------------------------------------------------------------------- */

struct header {
	struct record *r;
	uint32_t pixels; /* node, for what is missing */
	struct deid_error *err;
};

static int number(struct header *h, uint32_t tag, const char *missing, uint16_t *out)
{
	int rc;

	if (image_number(h->r, tag, out, &rc, h->err))
		return DEID_OK;
	if (rc != DEID_OK)
		return rc;
	return missing ? image_fail(h->r, h->pixels, DEID_E_FORMAT, missing, h->err) : DEID_OK;
}

static int read_size(struct header *h, struct pixel_image *image)
{
	uint16_t rows = 0, columns = 0, samples = 1, planar = 0;

	if (number(h, TAG_ROWS, "pixel data without Rows (0028,0010)", &rows) != DEID_OK ||
	    number(h, TAG_COLUMNS, "pixel data without Columns (0028,0011)", &columns) != DEID_OK ||
	    number(h, TAG_SAMPLES, NULL, &samples) != DEID_OK ||
	    number(h, TAG_PLANAR, NULL, &planar) != DEID_OK ||
	    image_count(h->r, TAG_FRAMES, &image->frames, h->err) != DEID_OK)
		return DEID_FAILED;
	if (!rows || !columns)
		return image_fail(h->r, h->pixels, DEID_E_FORMAT, "an image without rows or columns", h->err);
	if (planar > 1)
		return image_fail(h->r, h->pixels, DEID_E_FORMAT,
		    "PlanarConfiguration (0028,0006) is neither 0 nor 1", h->err);
	image->rows = rows;
	image->columns = columns;
	image->samples = samples;
	image->planar = planar && samples > 1;
	return DEID_OK;
}

static int read_bits(struct header *h, struct pixel_image *image)
{
	uint16_t sign = 0, bits;

	if (image->is_float) {
		bits = tree_node(&h->r->tree, h->pixels)->tag == TAG_FLOAT ? 32 : 64;
		image->allocated = image->stored = bits;
		image->high = (uint16_t)(bits - 1);
		return DEID_OK;
	}
	if (number(h, TAG_ALLOCATED, "pixel data without BitsAllocated (0028,0100)", &image->allocated) !=
	    DEID_OK)
		return DEID_FAILED;
	if (image->allocated != 1 && (image->allocated % 8 || !image->allocated || image->allocated > 64))
		return image_fail(h->r, h->pixels, DEID_E_UNSUPPORTED,
		    "BitsAllocated (0028,0100) is neither 1 nor a multiple of 8 up to 64", h->err);
	if (image->allocated == 1 && image->samples > 1)
		return image_fail(h->r, h->pixels, DEID_E_UNSUPPORTED, "colours of one bit each", h->err);
	image->stored = image->allocated;
	if (number(h, TAG_STORED, NULL, &image->stored) != DEID_OK)
		return DEID_FAILED;
	image->high = (uint16_t)(image->stored - 1);
	if (number(h, TAG_HIGH, NULL, &image->high) != DEID_OK ||
	    number(h, TAG_SIGNED, NULL, &sign) != DEID_OK)
		return DEID_FAILED;
	if (!image->stored || image->stored > image->allocated || image->high >= image->allocated ||
	    image->high + 1 < image->stored || sign > 1)
		return image_fail(h->r, h->pixels, DEID_E_FORMAT,
		    "BitsAllocated, BitsStored, HighBit and PixelRepresentation do not go together", h->err);
	image->is_signed = sign;
	return DEID_OK;
}

static int read_color(struct header *h, struct pixel_image *image)
{
	uint32_t i = image_node(h->r, TAG_COLOR);
	struct deid_str s;
	char buf[64];

	if (i == NODE_NONE && image->is_float && image->samples == 1) {
		image->color = PIXEL_MONOCHROME2;
		return DEID_OK;
	}
	if (i == NODE_NONE)
		return image_fail(h->r, h->pixels, DEID_E_FORMAT,
		    "pixel data without PhotometricInterpretation (0028,0004): what black is cannot be told",
		    h->err);
	if (read_text(h->r, i, buf, &s, h->err) != DEID_OK)
		return DEID_FAILED;
	for (size_t k = 0; k < sizeof colors / sizeof *colors; k++) {
		if (!str_eqz(s, colors[k].term))
			continue;
		image->color = colors[k].color;
		if (image->samples == colors[k].samples)
			return DEID_OK;
		return image_fail(h->r, i, DEID_E_FORMAT,
		    "SamplesPerPixel (0028,0002) is not what PhotometricInterpretation demands", h->err);
	}
	return image_fail(
	    h->r, i, DEID_E_UNSUPPORTED, "no photometric interpretation whose black is known", h->err);
}

static int read_syntax(struct record *r, struct pixel_image *image, struct deid_error *err)
{
	char buf[64];
	struct deid_str s = {NULL, 0};

	for (uint32_t i = 0; i < r->tree.meta; i++)
		if (tree_node(&r->tree, i)->tag == TAG_SYNTAX && read_text(r, i, buf, &s, err) != DEID_OK)
			return DEID_FAILED;
	image->syntax = r->host->dup(r->job, s);
	return image->syntax.p ? DEID_OK : record_nomem(r, err);
}

int image_read(struct record *r, uint32_t node, struct pixel_image *image, struct deid_error *err)
{
	struct header h = {r, node, err};
	uint32_t tag = tree_node(&r->tree, node)->tag;

	*image = (struct pixel_image){.host = r->host, .job = r->job, .transcode = r->conf->transcode};
	image->is_float = tag == TAG_FLOAT || tag == TAG_DOUBLE;
	if (read_syntax(r, image, err) != DEID_OK || read_size(&h, image) != DEID_OK ||
	    read_bits(&h, image) != DEID_OK || read_color(&h, image) != DEID_OK)
		return DEID_FAILED;
	if (image->is_float && image->color != PIXEL_MONOCHROME1 && image->color != PIXEL_MONOCHROME2)
		return image_fail(r, node, DEID_E_FORMAT, "numbers with a fraction are no colours", err);
	if (image->color == PIXEL_PALETTE)
		return palette_black(r, image, err);
	if (!pixel_black(image))
		return image_fail(
		    r, node, DEID_E_UNSUPPORTED, "what black is in this image is not known", err);
	return DEID_OK;
}

/* ---- black ------------------------------------------------------------------------------------- */

static uint64_t low_bits(unsigned n)
{
	return n >= 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1;
}

uint64_t pixel_cell(const struct pixel_image *image, uint64_t value)
{
	unsigned shift = image->high + 1u - image->stored;
	uint64_t cell = (value & low_bits(image->stored)) << shift;

	/* Readers take the cell as a signed number without a look at the stored bits. */
	if (image->is_signed && value >> (image->stored - 1) & 1)
		cell |= ~low_bits(image->high + 1u);
	return cell & low_bits(image->allocated);
}

/* Finite: a picture with infinite numbers cannot be windowed any more. */
static uint64_t float_black(const struct pixel_image *image)
{
	double d = image->color == PIXEL_MONOCHROME1 ? DBL_MAX : -DBL_MAX;
	float f = image->color == PIXEL_MONOCHROME1 ? FLT_MAX : -FLT_MAX;
	uint64_t wide;
	uint32_t bits;

	memcpy(&wide, &d, 8);
	memcpy(&bits, &f, 4);
	return image->allocated == 32 ? bits : wide;
}

bool pixel_black(struct pixel_image *image)
{
	uint64_t half = (uint64_t)1 << (image->stored - 1);
	uint64_t smallest = image->is_signed ? half : 0;
	uint64_t largest = image->is_signed ? half - 1 : low_bits(image->stored);
	uint64_t neutral = image->is_signed ? 0 : half;

	for (size_t i = 0; i < PIXEL_SAMPLES_MAX; i++) {
		uint64_t v = smallest;

		switch (image->color) {
		case PIXEL_MONOCHROME1:
		case PIXEL_CMYK:
			v = largest;
			break;
		case PIXEL_YBR_FULL:
		case PIXEL_YBR_FULL_422:
		case PIXEL_YBR_PARTIAL_422:
		case PIXEL_YBR_PARTIAL_420:
			v = i ? neutral : smallest;
			break;
		case PIXEL_MONOCHROME2:
		case PIXEL_RGB:
		case PIXEL_ARGB:
		case PIXEL_HSV:
		case PIXEL_YBR_ICT: /* exist within a compressed stream only: decoders give RGB */
		case PIXEL_YBR_RCT:
			break;
		case PIXEL_PALETTE:
			return true;
		case PIXEL_OTHER:
			return false;
		}
		image->black[i] = image->is_float ? float_black(image) : pixel_cell(image, v);
	}
	return true;
}
