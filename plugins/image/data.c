/* SPDX-License-Identifier: MIT */
/*
 * Where the image data of an IFD are: strips, tiles, JPEG streams and the tables of old-style JPEG. Never
 * less than a reader would take, for the rest of the file is blanked once something changes.
 */
#include "core/util/bytes.h"
#include "plugins/image/tree.h"

#define COMPRESSION_NONE 1

/* A list of numbers in a file, read in windows: it may be as large as a file. */
struct numbers {
	const struct ifd_tree *t;
	struct entry_view v;
	uint64_t at; /* of buf[0] in the list, in values */
	size_t n;    /* values in buf */
	uint8_t buf[2048];
};

static bool numbers_open(struct numbers *l, const struct ifd_tree *t, uint32_t dir, uint16_t tag)
{
	l->t = t;
	l->at = 0;
	l->n = 0;
	return dir_find(t, dir, tag, &l->v) && l->v.count > 0;
}

static bool is_count(unsigned type)
{
	return type == TYPE_SHORT || type == TYPE_LONG || type == TYPE_LONG8 || type == TYPE_IFD ||
	       type == TYPE_IFD8 || type == TYPE_BYTE;
}

static int numbers_get(struct numbers *l, uint64_t i, uint64_t *out, struct deid_error *err)
{
	size_t unit = type_size(l->v.type);

	if (!is_count(l->v.type))
		return tree_fail(
		    l->t, err, DEID_E_FORMAT, l->v.off, "offsets or lengths are no whole numbers");
	if (l->v.p || l->v.count * unit <= sizeof l->buf / 2)
		return view_number(l->t, &l->v, i, out, err);
	if (i < l->at || i >= l->at + l->n) {
		uint64_t rest = l->v.count - i;

		l->at = i;
		l->n = rest < sizeof l->buf / unit ? (size_t)rest : sizeof l->buf / unit;
		if (tree_read(l->t, l->v.off + i * unit, l->buf, l->n * unit, err) != DEID_OK)
			return DEID_FAILED;
	}
	*out = tree_get(l->t, l->buf + (i - l->at) * unit, unit);
	return DEID_OK;
}

static int number_of(const struct ifd_tree *t, uint32_t dir, uint16_t tag, uint64_t dflt, uint64_t *out,
    struct deid_error *err)
{
	struct entry_view v;

	*out = dflt;
	return dir_find(t, dir, tag, &v) && v.count ? view_number(t, &v, 0, out, err) : DEID_OK;
}

/* ---- strips whose length is not said, or wrong ------------------------------------------------- */

struct shape {
	uint64_t rows, rows_per_strip, row_bytes; /* row_bytes = 0: it depends on the data */
	uint64_t strips;                          /* of one plane */
};

static int read_shape(const struct ifd_tree *t, uint32_t dir, struct shape *s, struct deid_error *err)
{
	uint64_t width, bits, samples, planar, compression;

	*s = (struct shape){0};
	if (number_of(t, dir, 256, 0, &width, err) || number_of(t, dir, 257, 0, &s->rows, err) ||
	    number_of(t, dir, 258, 1, &bits, err) || number_of(t, dir, 277, 1, &samples, err) ||
	    number_of(t, dir, 284, 1, &planar, err) ||
	    number_of(t, dir, 278, UINT64_MAX, &s->rows_per_strip, err) ||
	    number_of(t, dir, 259, COMPRESSION_NONE, &compression, err))
		return DEID_FAILED;
	if (!s->rows_per_strip || s->rows_per_strip > s->rows)
		s->rows_per_strip = s->rows;
	s->strips = s->rows ? (s->rows - 1) / s->rows_per_strip + 1 : 0;
	if (compression != COMPRESSION_NONE || !s->rows)
		return DEID_OK;
	if (planar == 2)
		samples = 1;
	if (width > UINT32_MAX || bits > 4096 || samples > 65535)
		return tree_fail(t, err, DEID_E_FORMAT, t->dir[dir].off, "an image of impossible size");
	s->row_bytes = (width * bits * samples + 7) / 8;
	return DEID_OK;
}

/* Bytes of an uncompressed strip; false where that cannot be known. */
static bool strip_bytes(const struct shape *s, uint64_t i, uint64_t *out)
{
	uint64_t first, rows;

	if (!s->row_bytes || !s->strips)
		return false;
	first = i % s->strips * s->rows_per_strip;
	rows = s->rows - first < s->rows_per_strip ? s->rows - first : s->rows_per_strip;
	return !__builtin_mul_overflow(rows, s->row_bytes, out);
}

/* ---- extents ----------------------------------------------------------------------------------- */

static int add(
    const struct ifd_tree *t, struct extents *e, uint64_t off, uint64_t len, struct deid_error *err)
{
	if (off > t->len || len > t->len - off)
		return tree_fail(t, err, DEID_E_TRUNCATED, off, "the file ends before its image data do");
	return extents_add(e, off, len) ? DEID_OK : tree_nomem(t, err);
}

/* shape = NULL: tiles. `single`: it is the only strip, and then readers mend a length that is too small. */
static int add_strip(const struct ifd_tree *t, const struct shape *shape, uint64_t i, uint64_t off,
    uint64_t len, bool single, struct extents *e, struct deid_error *err)
{
	uint64_t need = 0;
	bool known = shape && strip_bytes(shape, i, &need);

	if (!off && !len)
		return DEID_OK; /* a tile that a sparse file leaves out */
	if (!len && !known)
		return tree_fail(
		    t, err, DEID_E_UNSUPPORTED, off, "the file does not say how long its image data are");
	if (!len)
		len = need;
	else if (known && single && need > len && off <= t->len)
		len = need < t->len - off ? need : t->len - off;
	return add(t, e, off, len, err);
}

static int add_list(const struct ifd_tree *t, uint32_t dir, uint16_t offsets, uint16_t lengths,
    const struct shape *s, struct extents *e, struct deid_error *err)
{
	struct numbers off, len;
	bool known;

	if (!numbers_open(&off, t, dir, offsets))
		return DEID_OK;
	known = numbers_open(&len, t, dir, lengths);
	if (known && off.v.count != len.v.count)
		return tree_fail(t, err, DEID_E_FORMAT, t->dir[dir].off,
		    "offsets and lengths of image data differ in number");
	for (uint64_t i = 0; i < off.v.count; i++) {
		uint64_t o, n = 0;
		int rc = numbers_get(&off, i, &o, err);

		if (rc == DEID_OK && known)
			rc = numbers_get(&len, i, &n, err);
		if (rc == DEID_OK)
			rc = add_strip(t, s, i, o, n, off.v.count == 1, e, err);
		if (rc != DEID_OK)
			return rc;
	}
	return DEID_OK;
}

/* TIFF 6.0 section 22: tables of 64 bytes, or of 16 counts and as many values as these say. */
static int add_tables(
    const struct ifd_tree *t, uint32_t dir, uint16_t tag, struct extents *e, struct deid_error *err)
{
	struct numbers off;
	const uint8_t *p;

	if (!numbers_open(&off, t, dir, tag))
		return DEID_OK;
	for (uint64_t i = 0; i < off.v.count; i++) {
		uint64_t o, n = 64;
		int rc = numbers_get(&off, i, &o, err);

		if (rc == DEID_OK && tag != 519) {
			rc = tree_peek(t, o, 16, &p, err);
			n = 16;
			for (size_t k = 0; rc == DEID_OK && k < 16; k++)
				n += p[k];
		}
		if (rc == DEID_OK)
			rc = add(t, e, o, n, err);
		if (rc != DEID_OK)
			return rc;
	}
	return DEID_OK;
}

/* A JPEG stream without a length goes on to the end of the file. */
static int add_jpeg(const struct ifd_tree *t, uint32_t dir, struct extents *e, struct deid_error *err)
{
	uint64_t off, len;

	if (number_of(t, dir, 513, 0, &off, err) || number_of(t, dir, 514, 0, &len, err))
		return DEID_FAILED;
	if (!off)
		return DEID_OK;
	if (!len && off <= t->len)
		len = t->len - off;
	return add(t, e, off, len, err);
}

int data_extents(const struct ifd_tree *t, uint32_t dir, struct extents *e, struct deid_error *err)
{
	struct shape shape;
	int rc;

	if (t->dir[dir].where != IFD_IMAGES)
		return DEID_OK;
	rc = read_shape(t, dir, &shape, err);
	if (rc == DEID_OK)
		rc = add_list(t, dir, 273, 279, &shape, e, err);
	if (rc == DEID_OK)
		rc = add_list(t, dir, 324, 325, NULL, e, err);
	if (rc == DEID_OK)
		rc = add_jpeg(t, dir, e, err);
	for (uint16_t tag = 519; tag <= 521 && rc == DEID_OK; tag++)
		rc = add_tables(t, dir, tag, e, err);
	return rc;
}
