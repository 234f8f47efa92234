/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/rle.h"
#include "core/util/bytes.h"
#include <string.h>

#define HEADER 64u
#define SEGMENTS_MAX 15u
#define WINDOW ((size_t)64 << 10)

struct reader {
	const struct deid_host *host;
	struct deid_source *source;
	uint64_t at, end; /* of the segment */
	const uint8_t *p; /* what follows `at`, as far as it is at hand */
	size_t have;
	/* The run in work: literal bytes follow, or one byte stands for all. */
	unsigned left;
	bool literal;
	uint8_t value;
	struct deid_error *err;
};

static int fault(struct reader *r, const char *why)
{
	r->host->fail(r->err, DEID_FAILED, DEID_E_FORMAT, "RLE: %s", why);
	r->host->at(r->err, (struct deid_str){NULL, 0}, r->at);
	return DEID_FAILED;
}

/* Makes bytes of the segment at hand: 1 at least, else it ends. */
static int look(struct reader *r)
{
	const void *p;
	uint64_t left = r->end - r->at;

	if (r->have)
		return DEID_OK;
	if (!left)
		return fault(r, "a segment ends before its last row");
	if (r->host->src_peek(
		r->source, r->at, left < WINDOW ? (size_t)left : WINDOW, &p, &r->have, r->err) != DEID_OK)
		return DEID_FAILED;
	r->p = p;
	return r->have ? DEID_OK : fault(r, "the file ends within a segment");
}

static int next_byte(struct reader *r, uint8_t *b)
{
	if (look(r) != DEID_OK)
		return DEID_FAILED;
	*b = *r->p++;
	r->have--;
	r->at++;
	return DEID_OK;
}

/* Section G.3.2; the code -128 means nothing. */
static int next_run(struct reader *r)
{
	uint8_t code = 0x80;

	while (code == 0x80)
		if (next_byte(r, &code) != DEID_OK)
			return DEID_FAILED;
	r->literal = code < 0x80;
	r->left = r->literal ? code + 1u : 257u - code;
	return r->literal ? DEID_OK : next_byte(r, &r->value);
}

static int read_row(struct reader *r, uint8_t *row, size_t n)
{
	while (n) {
		size_t k;

		if (!r->left && next_run(r) != DEID_OK)
			return DEID_FAILED;
		k = r->left < n ? r->left : n;
		if (r->literal) {
			if (look(r) != DEID_OK)
				return DEID_FAILED;
			k = r->have < k ? r->have : k;
			memcpy(row, r->p, k);
			r->p += k;
			r->have -= k;
			r->at += k;
		} else {
			memset(row, r->value, k);
		}
		r->left -= (unsigned)k;
		row += k;
		n -= k;
	}
	return DEID_OK;
}

/* ---- encoding ---------------------------------------------------------------------------------- */

/* Section G.3.1. At most n + (n + 127) / 128 bytes. */
static size_t encode_row(const uint8_t *row, size_t n, uint8_t *out)
{
	size_t i = 0, o = 0;

	while (i < n) {
		size_t run = 1, from = i;

		while (i + run < n && run < 128 && row[i + run] == row[i])
			run++;
		if (run > 1) {
			out[o++] = (uint8_t)(257 - run);
			out[o++] = row[i];
			i += run;
			continue;
		}
		/* Two equal bytes within literal ones save nothing. */
		while (
		    i < n && i - from < 128 && !(i + 2 < n && row[i] == row[i + 1] && row[i] == row[i + 2]))
			i++;
		out[o++] = (uint8_t)(i - from - 1);
		memcpy(out + o, row + from, i - from);
		o += i - from;
	}
	return o;
}

struct segment {
	const struct pixel_image *image;
	struct reader *r;
	struct deid_sink *out;
	uint8_t *row, *packed;
	uint8_t black;
	uint64_t kept; /* where rows begin that are to be copied as they are */
};

static int flush(struct segment *s, uint64_t to)
{
	uint64_t from = s->kept;

	s->kept = to;
	return from < to ? s->r->host->sink_copy(s->out, s->r->source, from, to - from, s->r->err) : DEID_OK;
}

/* Copying moves the source's window: what is at hand is looked at again. */
static int write_row(struct segment *s, uint64_t begin, bool aligned)
{
	struct reader *r = s->r;
	uint64_t at = r->at;

	if (aligned)
		return DEID_OK;
	r->have = 0;
	if (flush(s, begin) != DEID_OK)
		return DEID_FAILED;
	s->kept = at;
	return r->host->sink_write(
	    s->out, s->packed, encode_row(s->row, s->image->columns, s->packed), r->err);
}

/* Section G.2 wants an even length; writers fill up with zero, or with the code that means nothing. */
static int skip_padding(struct reader *r)
{
	uint8_t b;

	while (r->at < r->end) {
		if (next_byte(r, &b) != DEID_OK)
			return DEID_FAILED;
		if (b != 0 && b != 0x80)
			return fault(r, "a segment goes on after its last row");
	}
	return DEID_OK;
}

static int mask_segment(struct segment *s)
{
	const struct region *g = &s->image->region;
	struct reader *r = s->r;
	size_t band = 0, end;
	uint64_t last;

	s->kept = r->at;
	for (uint32_t y = 0; y < s->image->rows; y++) {
		uint64_t begin = r->at;
		bool whole = r->left == 0;

		if (read_row(r, s->row, s->image->columns) != DEID_OK)
			return DEID_FAILED;
		whole = whole && r->left == 0;
		while (band < g->n && g->box[band].y1 <= y)
			band++;
		for (end = band; end < g->n && g->box[end].y0 <= y; end++) {
			memset(s->row + g->box[end].x0, s->black, (size_t)(g->box[end].x1 - g->box[end].x0));
			whole = false;
		}
		if (write_row(s, begin, whole) != DEID_OK)
			return DEID_FAILED;
	}
	last = r->at;
	if (r->left)
		return fault(r, "a run goes beyond the last row");
	if (skip_padding(r) != DEID_OK)
		return DEID_FAILED;
	r->have = 0;
	return flush(s, last);
}

/* ---- frames ------------------------------------------------------------------------------------ */

static int read_header(struct reader *r, uint64_t len, unsigned want, uint32_t at[SEGMENTS_MAX + 1])
{
	uint8_t b[HEADER];

	if (len < HEADER)
		return fault(r, "a frame is shorter than its header");
	if (r->host->src_read(r->source, r->at, b, HEADER, r->err) != DEID_OK)
		return DEID_FAILED;
	if (get_le32(b) != want)
		return fault(r, "the number of segments is not that of samples and bytes");
	for (unsigned i = 0; i < want; i++) {
		at[i] = get_le32(b + 4 + 4 * (size_t)i);
		if (at[i] < (i ? at[i - 1] : HEADER) || at[i] > len)
			return fault(r, "the segments' offsets do not ascend within the frame");
	}
	at[want] = (uint32_t)(len < UINT32_MAX ? len : UINT32_MAX);
	return DEID_OK;
}

static int mask_segments(
    struct segment *s, unsigned n, const uint32_t *at, uint64_t off, uint8_t header[HEADER])
{
	const struct deid_host *h = s->r->host;
	unsigned bytes = s->image->allocated / 8;
	uint64_t base = h->sink_tell(s->out);

	if (h->sink_write(s->out, header, HEADER, s->r->err) != DEID_OK)
		return DEID_FAILED;
	put_le32(header, n);
	for (unsigned i = 0; i < n; i++) {
		uint64_t here = h->sink_tell(s->out) - base;

		if (here > UINT32_MAX)
			return h->fail(s->r->err, DEID_FAILED, DEID_E_LIMIT, "RLE: the frame is too long");
		put_le32(header + 4 + 4 * (size_t)i, (uint32_t)here);
		/* Section G.2: sample by sample, the most significant byte first. */
		s->black = (uint8_t)(s->image->black[i / bytes] >> 8 * (bytes - 1 - i % bytes));
		s->r->at = off + at[i];
		s->r->end = off + at[i + 1];
		s->r->have = s->r->left = 0;
		if (mask_segment(s) != DEID_OK)
			return DEID_FAILED;
		if ((h->sink_tell(s->out) - base) % 2 && h->sink_write(s->out, "", 1, s->r->err) != DEID_OK)
			return DEID_FAILED;
	}
	return h->sink_patch(s->out, base, header, HEADER, s->r->err);
}

size_t rle_work(const struct pixel_image *image)
{
	return 2 * (size_t)image->columns + image->columns / 128u + 1u;
}

int rle_mask(const struct pixel_image *image, struct deid_source *source, uint64_t off, uint64_t len,
    uint8_t *work, struct deid_sink *out, struct deid_error *err)
{
	const struct deid_host *h = image->host;
	struct reader r = {.host = h, .source = source, .at = off, .end = off + len, .err = err};
	struct segment s = {
	    .image = image, .r = &r, .out = out, .row = work, .packed = work + image->columns};
	unsigned n = image->samples * (image->allocated / 8u);
	uint32_t at[SEGMENTS_MAX + 1];
	uint8_t header[HEADER] = {0};

	if (!n || n > SEGMENTS_MAX || image->color == PIXEL_YBR_FULL_422 ||
	    image->color == PIXEL_YBR_PARTIAL_422)
		return h->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED, "RLE cannot hold pixels of this kind");
	if (read_header(&r, len, n, at) != DEID_OK)
		return DEID_FAILED;
	return mask_segments(&s, n, at, off, header);
}
