/* SPDX-License-Identifier: MIT */
#include "plugins/image/jpg_scan.h"

#include "core/util/bytes.h"
#include <string.h>

#define PIECE ((size_t)256 << 10)

static int at(const struct deid_host *h, uint64_t off, struct deid_error *err)
{
	h->at(err, (struct deid_str){NULL, 0}, off);
	return DEID_FAILED;
}

static int cut(const struct deid_host *h, uint64_t off, struct deid_error *err)
{
	h->fail(err, DEID_FAILED, DEID_E_TRUNCATED, "the file ends before its EOI marker");
	return at(h, off, err);
}

static int broken(const struct deid_host *h, uint64_t off, struct deid_error *err)
{
	h->fail(err, DEID_FAILED, DEID_E_FORMAT, "no JPEG marker where one must be");
	return at(h, off, err);
}

/* A byte of 0 is stuffed behind 0xFF in entropy-coded data, restart markers stand between; sections B.1.1.2
 * and B.1.1.5. Gives where in p a marker begins, or n; a 0xFF at the very end is left for the next piece. */
static size_t find_marker(const uint8_t *p, size_t n)
{
	const uint8_t *q = p, *end = p + n;

	while ((q = memchr(q, 0xFF, (size_t)(end - q)))) {
		if (q + 1 == end)
			return n - 1;
		if (q[1] == 0 || (q[1] & 0xF8) == 0xD0)
			q += 2;
		else if (q[1] == 0xFF)
			q++;
		else
			return (size_t)(q - p);
	}
	return n;
}

static int skip_scan(
    const struct deid_host *h, struct deid_source *src, uint64_t *off, struct deid_error *err)
{
	for (;;) {
		const void *p;
		size_t got, k;

		if (h->src_peek(src, *off, PIECE, &p, &got, err) != DEID_OK)
			return DEID_FAILED;
		if (got < 2)
			return cut(h, *off, err);
		k = find_marker(p, got);
		*off += k;
		if (k + 1 < got)
			return DEID_OK;
	}
}

/* Section B.1.1.3: markers that stand alone. */
static bool alone(uint8_t marker)
{
	return marker == 0x01 || (marker >= 0xD0 && marker <= JPG_EOI);
}

/* Any number of 0xFF may stand before a marker. */
static int read_marker(const struct deid_host *h, struct deid_source *src, uint64_t *off, uint8_t *marker,
    struct deid_error *err)
{
	const uint8_t *b;
	const void *p;
	size_t got;

	for (;; ++*off) {
		if (h->src_peek(src, *off, 2, &p, &got, err) != DEID_OK)
			return DEID_FAILED;
		if (got < 2)
			return cut(h, *off, err);
		b = p;
		if (b[0] != 0xFF)
			return broken(h, *off, err);
		if (b[1] != 0xFF)
			break;
	}
	*marker = b[1];
	*off += 2;
	return DEID_OK;
}

int jpg_next(const struct deid_host *h, struct deid_source *src, uint64_t *off, struct jpg_segment *s,
    struct deid_error *err)
{
	const void *p;
	size_t got;

	*s = (struct jpg_segment){.off = *off};
	if (read_marker(h, src, off, &s->marker, err) != DEID_OK)
		return DEID_FAILED;
	s->body = *off;
	if (s->marker == 0xF7) {
		h->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED, "a JPEG-LS image");
		return at(h, s->off, err);
	}
	if (s->marker < 0x01 || (s->marker > 0x01 && s->marker < 0xC0) || s->marker == JPG_SOI)
		return broken(h, s->off, err);
	if (alone(s->marker))
		return DEID_OK;
	if (h->src_peek(src, *off, 2, &p, &got, err) != DEID_OK)
		return DEID_FAILED;
	if (got < 2)
		return cut(h, *off, err);
	s->len = get_be16(p);
	if (s->len < 2)
		return broken(h, s->off, err);
	s->len -= 2;
	s->body = *off += 2;
	if (s->len > h->src_size(src) - *off)
		return cut(h, h->src_size(src), err);
	*off += s->len;
	return s->marker == JPG_SOS ? skip_scan(h, src, off, err) : DEID_OK;
}

/* ---- thumbnails ---------------------------------------------------------------------------------- */

static bool only_zeros(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static bool says_something(uint8_t marker, const uint8_t *body, size_t n)
{
	if (marker == JPG_COM)
		return n > 0;
	if (marker < JPG_APP0 || marker > 0xEF)
		return false;
	if (marker == JPG_APP0 && n >= 14 && memcmp(body, "JFIF", 5) == 0)
		return body[12] && body[13];
	return !(marker == 0xEE && n == 12 && memcmp(body, "Adobe", 5) == 0);
}

bool jpg_speaks(struct deid_str image)
{
	const uint8_t *p = (const uint8_t *)image.p;
	size_t n = image.n, i = 2;

	if (n < 4 || p[0] != 0xFF || p[1] != JPG_SOI)
		return false; /* not JPEG: pixels as they are */
	for (;;) {
		size_t len;
		uint8_t marker;

		while (n - i >= 2 && p[i] == 0xFF && p[i + 1] == 0xFF)
			i++;
		if (n - i < 2 || p[i] != 0xFF)
			return true;
		marker = p[i + 1];
		i += 2;
		if (marker == JPG_EOI)
			return !only_zeros(p + i, n - i);
		if (alone(marker))
			continue;
		if (n - i < 2 || (len = get_be16(p + i)) < 2 || len > n - i ||
		    says_something(marker, p + i + 2, len - 2))
			return true;
		i += len;
		if (marker == JPG_SOS)
			i += find_marker(p + i, n - i);
	}
}
