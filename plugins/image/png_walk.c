/* SPDX-License-Identifier: MIT */
#include "plugins/image/png.h"

#include "core/util/bytes.h"
#include <string.h>
#include <zlib.h>

#define PIECE ((size_t)256 << 10)

void png_type_name(uint32_t type, char out[5])
{
	put_be32(out, type);
	out[4] = 0;
}

/* Third Edition section 11; APNG is part of it. */
static const struct {
	uint32_t type;
	uint16_t min, max; /* of the length; max 0: any */
	bool shows;
} public[] = {
    {PNG_IHDR, 13, 13, true},
    {PNG_PLTE, 3, 768, true},
    {PNG_IDAT, 0, 0, true},
    {PNG_IEND, 0, 0, true},
    {PNG_TYPE('t', 'R', 'N', 'S'), 1, 256, true},
    {PNG_TYPE('c', 'H', 'R', 'M'), 32, 32, true},
    {PNG_TYPE('g', 'A', 'M', 'A'), 4, 4, true},
    {PNG_TYPE('s', 'B', 'I', 'T'), 1, 4, true},
    {PNG_TYPE('s', 'R', 'G', 'B'), 1, 1, true},
    {PNG_TYPE('c', 'I', 'C', 'P'), 4, 4, true},
    {PNG_TYPE('m', 'D', 'C', 'V'), 24, 24, true},
    {PNG_TYPE('c', 'L', 'L', 'I'), 8, 8, true},
    {PNG_TYPE('b', 'K', 'G', 'D'), 1, 6, true},
    {PNG_TYPE('p', 'H', 'Y', 's'), 9, 9, true},
    {PNG_ACTL, 8, 8, true},
    {PNG_FCTL, 26, 26, true},
    {PNG_FDAT, 4, 0, true},
    {PNG_ICCP, 0, 0, false},
};

bool png_shows(uint32_t type)
{
	for (size_t i = 0; i < sizeof public / sizeof *public; i++)
		if (public[i].type == type)
			return public[i].shows;
	return false;
}

bool png_length_fits(uint32_t type, uint64_t len)
{
	if (type == PNG_IEND)
		return len == 0;
	for (size_t i = 0; i < sizeof public / sizeof *public; i++)
		if (public[i].type == type)
			return len >= public[i].min && (!public[i].max || len <= public[i].max);
	return true;
}

struct png_chunk *png_push(
    struct png *p, struct png_chunk **list, size_t *n, size_t *cap, uint32_t type, struct deid_error *err)
{
	if (*n == *cap) {
		size_t more = *cap ? 2 * *cap : 32;
		struct png_chunk *q =
		    more <= PNG_CHUNKS_MAX ? p->host->alloc(p->job, more * sizeof *q) : NULL;

		if (!q) {
			p->host->fail(err, DEID_FAILED, DEID_E_LIMIT, "too many chunks");
			return NULL;
		}
		if (*n)
			memcpy(q, *list, *n * sizeof *q);
		*list = q;
		*cap = more;
	}
	(*list)[*n] = (struct png_chunk){.type = type};
	return &(*list)[(*n)++];
}

int png_load(struct png *p, struct png_chunk *c, struct deid_error *err)
{
	char *data;

	if (c->data.p)
		return DEID_OK;
	if (c->len > PNG_HELD_MAX)
		return p->host->fail(
		    err, DEID_FAILED, DEID_E_LIMIT, "a chunk of more than 64 MiB that entries look into");
	data = p->host->alloc(p->job, (size_t)c->len);
	if (!data)
		return p->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a chunk");
	if (p->host->src_read(p->src, c->off + 8, data, (size_t)c->len, err) != DEID_OK)
		return DEID_FAILED;
	c->data = (struct deid_str){data, (size_t)c->len};
	return DEID_OK;
}

static int broken(struct png *p, uint64_t off, const char *what, struct deid_error *err)
{
	p->host->fail(err, DEID_FAILED, DEID_E_FORMAT, "%s", what);
	p->host->at(err, (struct deid_str){NULL, 0}, off);
	return DEID_FAILED;
}

static int cut(struct png *p, struct deid_error *err)
{
	p->host->fail(err, DEID_FAILED, DEID_E_TRUNCATED, "the file ends before its IEND chunk");
	p->host->at(err, (struct deid_str){NULL, 0}, p->size);
	return DEID_FAILED;
}

/* The checksum covers type and data. */
static int check_sum(struct png *p, uint64_t off, uint64_t len, struct deid_error *err)
{
	uint64_t at = off + 4, left = len + 4;
	uLong sum = crc32(0, NULL, 0);
	const void *b;
	size_t got;

	while (left) {
		if (p->host->src_peek(p->src, at, left < PIECE ? (size_t)left : PIECE, &b, &got, err) !=
		    DEID_OK)
			return DEID_FAILED;
		if (!got)
			return cut(p, err);
		sum = crc32(sum, b, (uInt)got);
		at += got;
		left -= got;
	}
	if (p->host->src_peek(p->src, at, 4, &b, &got, err) != DEID_OK)
		return DEID_FAILED;
	if (got < 4)
		return cut(p, err);
	return get_be32(b) == (uint32_t)sum ? DEID_OK : broken(p, off, "a chunk with a wrong checksum", err);
}

static bool letters(uint32_t type)
{
	for (int i = 0; i < 4; i++, type >>= 8)
		if ((type & 0xDF) < 'A' || (type & 0xDF) > 'Z' || (type & 0x80))
			return false;
	return true;
}

/* ---- order --------------------------------------------------------------------------------------- */

/* Sections 5.6 and 7. */
struct order {
	bool palette, image, image_over;
};

static const char *misplaced(struct order *o, uint32_t type, size_t n)
{
	if ((type == PNG_IHDR) != (n == 0))
		return n == 0 ? "a PNG that does not begin with IHDR" : "a second IHDR chunk";
	if (PNG_CRITICAL(type) && type != PNG_IHDR && type != PNG_PLTE && type != PNG_IDAT &&
	    type != PNG_IEND)
		return "a critical chunk of a type that is not known";
	if (type == PNG_PLTE && (o->palette || o->image))
		return "a PLTE chunk where none may be";
	if (type == PNG_IDAT && o->image_over)
		return "IDAT chunks that do not follow each other";
	if (type == PNG_IEND && !o->image)
		return "a PNG without IDAT";
	o->palette |= type == PNG_PLTE;
	o->image_over |= o->image && type != PNG_IDAT;
	o->image |= type == PNG_IDAT;
	return NULL;
}

/* ---- chunks -------------------------------------------------------------------------------------- */

static int read_keyword(struct png *p, struct png_chunk *c, struct deid_error *err)
{
	const void *b;
	const char *end;
	size_t want = c->len < PNG_KEYWORD_MAX + 1 ? (size_t)c->len : PNG_KEYWORD_MAX + 1, got;

	if (p->host->src_peek(p->src, c->off + 8, want, &b, &got, err) != DEID_OK)
		return DEID_FAILED;
	end = got ? memchr(b, 0, got) : NULL;
	/* Some writers leave the text out with the byte before it: then all is keyword. */
	if (!end && (c->type != PNG_TEXT || got == PNG_KEYWORD_MAX + 1))
		return broken(p, c->off, "a chunk of text without a keyword", err);
	c->keyword = p->host->dup(p->job, (struct deid_str){b, end ? (size_t)(end - (const char *)b) : got});
	return c->keyword.p ? DEID_OK
			    : p->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a keyword");
}

static int inspect(struct png *p, struct png_chunk *c, struct deid_error *err)
{
	if (PNG_CRITICAL(c->type) && !png_length_fits(c->type, c->len))
		return broken(p, c->off, "a critical chunk of a wrong length", err);
	if ((png_is_text(c->type) || c->type == PNG_ICCP) && read_keyword(p, c, err) != DEID_OK)
		return DEID_FAILED;
	if (c->type == PNG_EXIF) {
		c->block = meta_push(&p->meta, META_EXIF);
		if (!c->block)
			return p->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the metadata");
		c->block->src = p->src;
		c->block->off = c->off + 8;
		c->block->len = c->len;
	}
	return DEID_OK;
}

static int add_chunk(struct png *p, uint64_t off, uint32_t len, uint32_t type, struct deid_error *err)
{
	struct png_chunk *c = p->n ? &p->chunk[p->n - 1] : NULL;

	if (c && c->type == type && (type == PNG_IDAT || type == PNG_FDAT)) {
		c->len = off + 8 + len - c->off - 8;
		return DEID_OK;
	}
	c = png_push(p, &p->chunk, &p->n, &p->cap, type, err);
	if (!c)
		return DEID_FAILED;
	c->off = off;
	c->len = len;
	return inspect(p, c, err);
}

static int next(struct png *p, uint64_t *off, struct order *o, uint32_t *type, struct deid_error *err)
{
	const char *why;
	const void *b;
	uint32_t len;
	size_t got;

	if (p->host->src_peek(p->src, *off, 8, &b, &got, err) != DEID_OK)
		return DEID_FAILED;
	if (got < 8)
		return cut(p, err);
	len = get_be32(b);
	*type = get_be32((const char *)b + 4);
	if (!letters(*type) || len > INT32_MAX)
		return broken(p, *off, "no chunk where one must be", err);
	if (p->size - *off < (uint64_t)len + 12)
		return cut(p, err);
	why = misplaced(o, *type, p->n);
	if (why)
		return broken(p, *off, why, err);
	if (check_sum(p, *off, len, err) != DEID_OK || add_chunk(p, *off, len, *type, err) != DEID_OK)
		return DEID_FAILED;
	*off += (uint64_t)len + 12;
	return DEID_OK;
}

int png_walk(struct png *p, struct deid_error *err)
{
	struct order o = {0};
	uint64_t off = 8;
	uint32_t type;
	const void *b;
	size_t got;

	p->size = p->host->src_size(p->src);
	if (p->host->src_peek(p->src, 0, 8, &b, &got, err) != DEID_OK)
		return DEID_FAILED;
	if (got < 8 || memcmp(b, PNG_SIGNATURE, 8) != 0)
		return broken(p, 0, "no PNG signature", err);
	do {
		if (next(p, &off, &o, &type, err) != DEID_OK)
			return DEID_FAILED;
	} while (type != PNG_IEND);
	p->end = off;
	return DEID_OK;
}
