/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/deflate.h"
#include <string.h>
#include <zlib.h>

#define PIECE ((size_t)64 << 10)
/* Against bombs: raw deflate reaches 1032:1, data sets hardly 100:1. The ratio counts from FREE on. */
#define RATIO 250u
#define RATIO_FREE ((uint64_t)64 << 20)
#define UNPACKED_MAX ((uint64_t)16 << 30)

static int nomem(const struct deid_host *h, struct deid_error *err)
{
	return h->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the deflated data set");
}

/* Unpacks one piece of input that z holds into out. *end when the stream is complete. */
static int inflate_piece(const struct deid_host *h, z_stream *z, unsigned char *buf, struct deid_sink *out,
    bool *end, struct deid_error *err)
{
	do {
		int zrc;
		size_t n;
		uint64_t total;

		z->next_out = buf;
		z->avail_out = PIECE;
		zrc = inflate(z, Z_NO_FLUSH);
		if (zrc == Z_MEM_ERROR)
			return nomem(h, err);
		if (zrc != Z_OK && zrc != Z_STREAM_END && zrc != Z_BUF_ERROR)
			return h->fail(err, DEID_FAILED, DEID_E_FORMAT, "the deflated data set is damaged");
		n = PIECE - z->avail_out;
		if (n && h->sink_write(out, buf, n, err) != DEID_OK)
			return DEID_FAILED;
		total = h->sink_tell(out);
		if (total > UNPACKED_MAX || (total > RATIO_FREE && total / RATIO > z->total_in))
			return h->fail(err, DEID_FAILED, DEID_E_LIMIT,
			    "the deflated data set unpacks to far more than its size");
		*end = zrc == Z_STREAM_END;
	} while (!*end && z->avail_out == 0);
	return DEID_OK;
}

int deflate_open(const struct deid_host *h, struct deid_job *job, struct deid_source *src, uint64_t at,
    struct deid_source **out, struct deid_error *err)
{
	struct deid_sink *spool = h->spool(job, err);
	unsigned char *in = h->alloc(job, PIECE), *buf = h->alloc(job, PIECE);
	bool end = false;
	z_stream z = {0};
	int rc = DEID_OK;

	if (!spool)
		return DEID_FAILED;
	if (!in || !buf || inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return nomem(h, err);
	while (rc == DEID_OK && !end) {
		const void *p;
		size_t n;

		rc = h->src_peek(src, at, PIECE, &p, &n, err);
		if (rc != DEID_OK)
			break;
		if (n == 0) {
			rc =
			    h->fail(err, DEID_FAILED, DEID_E_TRUNCATED, "the deflated data set is cut short");
			h->at(err, (struct deid_str){NULL, 0}, at);
			break;
		}
		/* A spool may share the source's buffer: work on a copy. */
		memcpy(in, p, n);
		z.next_in = in;
		z.avail_in = (uInt)n;
		rc = inflate_piece(h, &z, buf, spool, &end, err);
		at += n - z.avail_in;
	}
	inflateEnd(&z);
	if (rc != DEID_OK)
		return rc;
	*out = h->spool_source(spool, err);
	return *out ? DEID_OK : DEID_FAILED;
}

static int deflate_piece(const struct deid_host *h, z_stream *z, int flush, struct deid_sink *out,
    unsigned char *buf, struct deid_error *err)
{
	do {
		z->next_out = buf;
		z->avail_out = PIECE;
		if (deflate(z, flush) == Z_STREAM_ERROR)
			return h->fail(err, DEID_FAILED, DEID_E_INTERNAL, "deflate failed");
		if (PIECE - z->avail_out && h->sink_write(out, buf, PIECE - z->avail_out, err) != DEID_OK)
			return DEID_FAILED;
	} while (z->avail_out == 0);
	return DEID_OK;
}

int deflate_write(
    const struct deid_host *h, struct deid_source *src, struct deid_sink *out, struct deid_error *err)
{
	unsigned char buf[PIECE];
	uint64_t size = h->src_size(src), at = 0, from = h->sink_tell(out);
	z_stream z = {0};
	int rc = DEID_OK;

	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return nomem(h, err);
	while (rc == DEID_OK && at < size) {
		const void *p;
		size_t n;

		rc = h->src_peek(src, at, PIECE, &p, &n, err);
		if (rc == DEID_OK && n == 0)
			rc = h->fail(err, DEID_FAILED, DEID_E_INTERNAL, "the data set to deflate ends early");
		if (rc != DEID_OK)
			break;
		z.next_in = (unsigned char *)(uintptr_t)p; /* zlib does not write to its input */
		z.avail_in = (uInt)n;
		at += n;
		rc = deflate_piece(h, &z, Z_NO_FLUSH, out, buf, err);
	}
	if (rc == DEID_OK)
		rc = deflate_piece(h, &z, Z_FINISH, out, buf, err);
	deflateEnd(&z);
	if (rc == DEID_OK && (h->sink_tell(out) - from) % 2)
		rc = h->sink_write(out, "\0", 1, err);
	return rc;
}
