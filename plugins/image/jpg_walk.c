/* SPDX-License-Identifier: MIT */
#include "plugins/image/jpg.h"

#include "core/util/bytes.h"
#include <string.h>

static int nomem(struct jpg *j, struct deid_error *err)
{
	return j->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the file");
}

bool jpg_asks(const struct jpg *j)
{
	const struct meta_conf *c = &j->conf->meta;

	return !c->section || c->nentry || c->acts;
}

static struct jpg_part *push(struct jpg *j, struct deid_error *err)
{
	if (j->n == j->cap) {
		size_t cap = j->cap ? 2 * j->cap : 32;
		struct jpg_part *q = cap <= JPG_PARTS_MAX ? j->host->alloc(j->job, cap * sizeof *q) : NULL;

		if (!q) {
			j->host->fail(err, DEID_FAILED, DEID_E_LIMIT, "too many segments");
			return NULL;
		}
		if (j->n)
			memcpy(q, j->part, j->n * sizeof *q);
		j->part = q;
		j->cap = cap;
	}
	j->part[j->n] = (struct jpg_part){.len = 0};
	return &j->part[j->n++];
}

int jpg_load(struct jpg *j, struct jpg_part *p, struct deid_error *err)
{
	char *data;

	if (p->data.p)
		return DEID_OK;
	data = j->host->alloc(j->job, p->len);
	if (!data)
		return nomem(j, err);
	if (j->host->src_read(j->src, p->body, data, p->len, err) != DEID_OK)
		return DEID_FAILED;
	p->data = (struct deid_str){data, p->len};
	return DEID_OK;
}

static const struct {
	uint8_t marker;
	uint8_t n;
	const char *head;
	enum jpg_what what;
} heads[] = {
    {0xE0, 5, "JFIF", JPG_JFIF},
    {0xE0, 5, "JFXX", JPG_JFXX},
    {0xE1, 5, "Exif", JPG_EXIF},
    {0xE1, 29, JPG_XMP_HEAD, JPG_XMP},
    {0xE1, 35, JPG_MORE_HEAD, JPG_XMP_MORE},
    {0xE2, 12, JPG_ICC_HEAD, JPG_ICC},
    {0xE2, 4, "MPF", JPG_MPF},
    {0xE2, 5, "FPXR", JPG_FLASHPIX},
    {0xED, 14, JPG_PHOTOSHOP_HEAD, JPG_PHOTOSHOP},
    {0xEE, 5, "Adobe", JPG_ADOBE},
};

static enum jpg_what classify(uint8_t marker, const char *p, size_t n)
{
	if (marker == JPG_COM)
		return JPG_COMMENT;
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (marker == heads[i].marker && n >= heads[i].n && memcmp(p, heads[i].head, heads[i].n) == 0)
			return heads[i].what;
	return JPG_APP;
}

/* An EXIF block is read where it stands. */
static int take_exif(struct jpg *j, struct jpg_part *p, struct deid_error *err)
{
	if (p->len < 6) {
		p->what = JPG_APP;
		return DEID_OK;
	}
	p->block = meta_push(&j->meta, META_EXIF);
	if (!p->block)
		return nomem(j, err);
	p->block->src = j->src;
	p->block->off = p->body + 6;
	p->block->len = p->len - 6;
	return DEID_OK;
}

static int take_xmp(struct jpg *j, struct jpg_part *p, struct deid_error *err)
{
	if (!jpg_asks(j))
		return DEID_OK;
	p->block = meta_push(&j->meta, META_XMP);
	if (!p->block)
		return nomem(j, err);
	if (jpg_load(j, p, err) != DEID_OK)
		return DEID_FAILED;
	p->block->bytes = str_sub(p->data, 29, p->len);
	return DEID_OK;
}

static int take(struct jpg *j, const struct jpg_segment *s, uint64_t end, struct deid_error *err)
{
	struct jpg_part *p = push(j, err);
	const void *b;
	size_t got;

	if (!p || j->host->src_peek(j->src, s->body, s->len < 40 ? s->len : 40, &b, &got, err) != DEID_OK)
		return DEID_FAILED;
	*p =
	    (struct jpg_part){.off = s->off, .end = end, .body = s->body, .len = s->len, .marker = s->marker};
	p->what = classify(s->marker, b, got);
	if (p->what == JPG_JFIF && s->off == 2)
		j->head = end;
	if (p->what == JPG_EXIF)
		return take_exif(j, p, err);
	return p->what == JPG_XMP ? take_xmp(j, p, err) : DEID_OK;
}

/* ---- the image's own segments -------------------------------------------------------------------- */

static bool is_frame(uint8_t marker)
{
	return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/* Bytes that the tables of a DQT (B.2.4.1) or DHT (B.2.4.2) take. */
static size_t tables_length(uint8_t marker, const uint8_t *b, size_t n)
{
	size_t i = 0;

	while (i < n) {
		size_t len = 17;

		if (marker == 0xDB) {
			len = b[i] >> 4 ? 129 : 65;
		} else {
			for (size_t k = 1; k < 17 && n - i >= 17; k++)
				len += b[i + k];
		}
		if (len > n - i)
			break;
		i += len;
	}
	return i;
}

/* Whether a segment has more bytes than it needs: there could be anything. */
static bool has_slack(uint8_t marker, const uint8_t *b, size_t n)
{
	if (marker == 0xDB || marker == 0xC4)
		return tables_length(marker, b, n) != n;
	if (marker == 0xDD)
		return n != 2;
	if (is_frame(marker))
		return n < 6 || n != 6 + (size_t)3 * b[5];
	if (marker == JPG_SOS)
		return n < 1 || n != 4 + (size_t)2 * b[0];
	return false;
}

static int inspect(struct jpg *j, const struct jpg_segment *s, struct deid_error *err)
{
	const void *p;
	const uint8_t *b;
	size_t got;

	if (!is_frame(s->marker) && !j->conf->meta.strip)
		return DEID_OK;
	if (j->host->src_peek(j->src, s->body, s->len, &p, &got, err) != DEID_OK)
		return DEID_FAILED;
	b = p;
	if (is_frame(s->marker) && got >= 6) {
		j->height = get_be16(b + 1);
		j->width = get_be16(b + 3);
	}
	if (j->conf->meta.strip && has_slack(s->marker, b, got)) {
		j->host->fail(err, DEID_FAILED, DEID_E_FORMAT, "a segment with more bytes than belong to it");
		j->host->at(err, (struct deid_str){NULL, 0}, s->off);
		return DEID_FAILED;
	}
	return DEID_OK;
}

int jpg_walk(struct jpg *j, struct deid_error *err)
{
	struct jpg_segment s = {.off = 0};
	uint64_t off = 2;
	bool image = false;
	const void *p;
	size_t got;

	j->size = j->host->src_size(j->src);
	j->head = 2;
	if (j->host->src_peek(j->src, 0, 2, &p, &got, err) != DEID_OK)
		return DEID_FAILED;
	if (got < 2 || memcmp(p, "\xFF\xD8", 2) != 0)
		return j->host->fail(err, DEID_FAILED, DEID_E_FORMAT, "it does not begin as JPEG files do");
	do {
		int rc;

		if (jpg_next(j->host, j->src, &off, &s, err) != DEID_OK)
			return DEID_FAILED;
		if ((s.marker & 0xF0) == JPG_APP0 || s.marker == JPG_COM) {
			rc = take(j, &s, s.body + s.len, err);
		} else {
			if (!j->tables)
				j->tables = s.off;
			rc = s.len ? inspect(j, &s, err) : DEID_OK;
		}
		if (rc != DEID_OK)
			return rc;
		image |= s.marker == JPG_SOS;
	} while (s.marker != JPG_EOI);
	j->end = off;
	return image ? DEID_OK
		     : j->host->fail(err, DEID_FAILED, DEID_E_FORMAT, "a JPEG file without an image");
}
