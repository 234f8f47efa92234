/* SPDX-License-Identifier: MIT */
#include "core/util/bytes.h"
#include "plugins/dicom/image.h"
#include <stdlib.h>

#define TAG_DESCRIPTOR 0x00281101u /* of red; green and blue follow */
#define TAG_TABLE 0x00281201u
#define TAG_SEGMENTED 0x00281221u
#define ENTRIES_MAX 65536u

/* One of the three colours, entry by entry. */
struct table {
	uint32_t n;
	uint16_t first; /* the pixel value of entry 0; signed when pixels are */
	uint16_t bits;
	uint16_t entry[ENTRIES_MAX];
};

static uint16_t get16(const uint8_t *p, bool big)
{
	return big ? get_be16(p) : get_le16(p);
}

static int read_descriptor(
    struct record *r, uint32_t tag, uint32_t pixels, struct table *t, struct deid_error *err)
{
	uint32_t i = image_node(r, tag);
	const struct node *n;
	uint8_t b[6];
	bool big;

	if (i == NODE_NONE)
		return image_fail(r, pixels, DEID_E_FORMAT, "PALETTE COLOR without its descriptors", err);
	n = tree_node(&r->tree, i);
	if (n->len != 6 || n->flags & NODE_PARENT)
		return image_fail(
		    r, i, DEID_E_FORMAT, "a descriptor of a colour table has three numbers", err);
	if (r->host->src_read(r->tree.data, node_value(n), b, 6, err) != DEID_OK)
		return DEID_FAILED;
	big = n->flags & NODE_BIG;
	t->n = get16(b, big);
	t->n = t->n ? t->n : ENTRIES_MAX;
	t->first = get16(b + 2, big);
	t->bits = get16(b + 4, big);
	if (t->bits != 8 && t->bits != 16)
		return image_fail(r, i, DEID_E_FORMAT, "entries of a colour table have 8 or 16 bits", err);
	return DEID_OK;
}

/* Where the words of a segment end that begins at i; 0: they are too few, or it is of no kind that may be
 * repeated. */
static size_t segment_end(const uint16_t *w, size_t nw, size_t i)
{
	size_t end;

	if (nw - i < 2 || w[i] > 1)
		return 0;
	end = i + (w[i] ? 3u : 2u + w[i + 1]);
	return end <= nw ? end : 0;
}

/* A run of entries (0), or a line from the entry before to a last one (1). */
static bool expand_one(const uint16_t *w, struct table *t, uint32_t *n)
{
	uint16_t count = w[1];

	if (count > t->n - *n || (w[0] == 1 && (!count || !*n)))
		return false;
	if (w[0] == 0) {
		for (size_t k = 0; k < count; k++)
			t->entry[(*n)++] = w[2 + k];
	} else {
		int64_t y0 = t->entry[*n - 1], y1 = w[2];

		for (int64_t k = 1; k <= count; k++)
			t->entry[(*n)++] = (uint16_t)(y0 + (y1 - y0) * k / count);
	}
	return true;
}

/* Segments of a colour table, PS3.3 section C.7.9.2. Their words have the size of an entry. */
static bool expand(const uint16_t *w, size_t nw, struct table *t)
{
	size_t offset_words = t->bits == 8 ? 4 : 2, end;
	uint32_t n = 0;

	for (size_t i = 0; i < nw && n < t->n; i = end) {
		uint64_t at = 0;

		if (w[i] != 2) {
			end = segment_end(w, nw, i);
			if (!end || !expand_one(w + i, t, &n))
				return false;
			continue;
		}
		end = i + 2 + offset_words;
		if (end > nw)
			return false;
		for (size_t k = 0; k < offset_words; k++)
			at |= (uint64_t)w[i + 2 + k] << k * t->bits;
		at /= t->bits / 8; /* the offset counts bytes */
		for (uint16_t k = 0; k < w[i + 1]; k++) {
			size_t next = at < i ? segment_end(w, i, (size_t)at) : 0;

			if (!next || !expand_one(w + at, t, &n))
				return false;
			at = next;
		}
	}
	return n == t->n;
}

/* The table's words: entries of 8 bits may stand two in a word, the first in its low byte. */
static size_t unpack(const uint8_t *b, size_t size, bool packed, bool big, uint16_t *w)
{
	if (!packed) {
		for (size_t k = 0; k < size / 2; k++)
			w[k] = get16(b + 2 * k, big);
		return size / 2;
	}
	for (size_t k = 0; k < size; k++)
		w[k] = b[big && (k ^ 1) < size ? k ^ 1 : k];
	return size;
}

static int read_entries(struct record *r, uint32_t i, bool segmented, struct table *t, struct deid_error *err)
{
	const struct node *n = tree_node(&r->tree, i);
	bool big = n->flags & NODE_BIG && !(n->flags & NODE_UN);
	size_t size = n->len <= 2 * (uint64_t)ENTRIES_MAX ? (size_t)n->len : 0, nw;
	bool packed = t->bits == 8 && (segmented || size < 2 * (size_t)t->n), ok;
	uint8_t *b = r->host->alloc(r->job, size);
	uint16_t *w = r->host->alloc(r->job, size * sizeof *w);

	if (!size || n->flags & NODE_PARENT)
		return image_fail(r, i, DEID_E_FORMAT, "no colour table has this length", err);
	if (!b || !w)
		return record_nomem(r, err);
	if (r->host->src_read(r->tree.data, node_value(n), b, size, err) != DEID_OK)
		return DEID_FAILED;
	nw = unpack(b, size, packed, big, w);
	ok = segmented ? expand(w, nw, t) : nw >= t->n;
	for (size_t k = 0; ok && !segmented && k < t->n; k++)
		t->entry[k] = w[k];
	return ok ? DEID_OK
		  : image_fail(r, i, DEID_E_FORMAT, "the colour table is not as its descriptor says", err);
}

static int read_table(
    struct record *r, uint32_t color, uint32_t pixels, struct table *t, struct deid_error *err)
{
	uint32_t i = image_node(r, TAG_TABLE + color), s = image_node(r, TAG_SEGMENTED + color);

	if (read_descriptor(r, TAG_DESCRIPTOR + color, pixels, t, err) != DEID_OK)
		return DEID_FAILED;
	if (i == NODE_NONE && s == NODE_NONE)
		return image_fail(r, pixels, DEID_E_FORMAT, "PALETTE COLOR without a colour table", err);
	return read_entries(r, i != NODE_NONE ? i : s, i == NODE_NONE, t, err);
}

/* Entries of 8 bits are compared with their own kind only: all three tables have the same number of bits. */
static uint64_t brightness(const struct table *t, uint32_t i)
{
	return 299u * (uint64_t)t[0].entry[i] + 587u * (uint64_t)t[1].entry[i] +
	       114u * (uint64_t)t[2].entry[i];
}

int palette_black(struct record *r, struct pixel_image *image, struct deid_error *err)
{
	uint32_t pixels = image_node(r, TAG_DESCRIPTOR);
	struct table *t = calloc(3, sizeof *t);
	int64_t half = (int64_t)1 << (image->stored < 32 ? image->stored - 1 : 31), best = -1, first;
	int64_t lo = image->is_signed ? -half : 0, hi = image->is_signed ? half - 1 : 2 * half - 1;
	int rc = t ? DEID_OK : record_nomem(r, err);

	pixels = pixels == NODE_NONE ? image_node(r, TAG_PIXELS) : pixels;
	for (uint32_t c = 0; c < 3 && rc == DEID_OK; c++)
		rc = read_table(r, c, pixels, &t[c], err);
	if (rc == DEID_OK &&
	    (t[1].n != t[0].n || t[2].n != t[0].n || t[1].bits != t[0].bits || t[2].bits != t[0].bits))
		rc = image_fail(r, pixels, DEID_E_FORMAT, "the three colour tables differ in size", err);
	if (rc == DEID_OK) {
		first = image->is_signed ? (int16_t)t[0].first : t[0].first;
		for (uint32_t i = 0; i < t[0].n; i++)
			if (first + i >= lo && first + i <= hi &&
			    (best < 0 || brightness(t, i) < brightness(t, (uint32_t)best)))
				best = i;
		if (best < 0)
			rc = image_fail(
			    r, pixels, DEID_E_FORMAT, "no pixel can have a colour of the table", err);
		else
			image->black[0] = pixel_cell(image, (uint64_t)(first + best));
	}
	free(t);
	return rc;
}
