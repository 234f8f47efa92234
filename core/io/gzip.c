/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/io/gzip.h"

#include "core/io/sink.h"
#include "core/io/source.h"
#include "core/util/error.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PIECE ((size_t)128 << 10)
/* Against bombs: deflate reaches 1032:1, data that somebody wants hardly 100:1. The ratio counts from FREE
 * on.
 */
#define RATIO 250u
#define RATIO_FREE ((uint64_t)64 << 20)
#define UNPACKED_MAX ((uint64_t)64 << 30)
#define HEADER (MAX_WBITS + 16) /* for zlib: a gzip header, not its own */

struct unpacking {
	struct deid_source *in;
	uint64_t at; /* the next byte of input */
	z_stream z;
	bool end; /* between members, or after the last */
};

static int begin(struct unpacking *u, struct deid_source *in, struct deid_error *err)
{
	*u = (struct unpacking){.in = in};
	return inflateInit2(&u->z, HEADER) == Z_OK ? DEID_OK : error_nomem(err);
}

static int damaged(const struct unpacking *u, enum deid_code code, const char *what, struct deid_error *err)
{
	int rc = error_fail(err, DEID_FAILED, code, "%s", what);

	error_at(err, (struct deid_str){NULL, 0}, u->at);
	return rc;
}

/* One call of inflate() with whatever input is at hand, into room for n bytes; *got of them are filled. */
static int inflate_some(struct unpacking *u, void *buf, size_t n, size_t *got, struct deid_error *err)
{
	const void *p;
	size_t have;
	int rc = source_peek(u->in, u->at, PIECE, &p, &have, err), zrc;

	*got = 0;
	if (rc != DEID_OK)
		return rc;
	if (have == 0 && !u->end)
		return damaged(u, DEID_E_TRUNCATED, "the gzip data end before they are complete", err);
	if (have == 0)
		return DEID_OK;
	if (u->end && inflateReset(&u->z) != Z_OK)
		return error_nomem(err);
	if (u->end && *(const unsigned char *)p != 0x1F)
		return damaged(u, DEID_E_FORMAT, "bytes after the end of the gzip data", err);
	u->end = false;
	u->z.next_in = (Bytef *)(uintptr_t)p; /* only read */
	u->z.avail_in = (uInt)have;
	u->z.next_out = buf;
	u->z.avail_out = (uInt)n;
	zrc = inflate(&u->z, Z_NO_FLUSH);
	u->at += have - u->z.avail_in;
	*got = n - u->z.avail_out;
	if (zrc == Z_MEM_ERROR)
		return error_nomem(err);
	if (zrc != Z_OK && zrc != Z_STREAM_END && zrc != Z_BUF_ERROR)
		return damaged(u, DEID_E_FORMAT, "not gzip data, or damaged", err);
	u->end = zrc == Z_STREAM_END;
	return DEID_OK;
}

int gzip_unpack(struct deid_source *in, struct deid_sink *out, struct deid_error *err)
{
	unsigned char *buf = malloc(PIECE);
	uint64_t total = 0;
	struct unpacking u;
	int rc = buf ? begin(&u, in, err) : error_nomem(err);

	if (rc != DEID_OK) {
		free(buf);
		return rc;
	}
	while (rc == DEID_OK && !(u.end && u.at == source_size(in))) {
		size_t got;

		rc = inflate_some(&u, buf, PIECE, &got, err);
		if (rc == DEID_OK)
			rc = sink_write(out, buf, got, err);
		total += got;
		if (rc == DEID_OK && (total > UNPACKED_MAX || (total > RATIO_FREE && total / RATIO > u.at)))
			rc = damaged(
			    &u, DEID_E_LIMIT, "the gzip data unpack to far more than their size", err);
	}
	inflateEnd(&u.z);
	free(buf);
	return rc;
}

int gzip_head(struct deid_source *in, void *buf, size_t n, size_t *got, struct deid_error *err)
{
	struct deid_error why;
	struct unpacking u;
	int rc = begin(&u, in, err);

	*got = 0;
	if (rc != DEID_OK)
		return rc;
	error_init(&why);
	while (rc == DEID_OK && *got < n && !(u.end && u.at == source_size(in))) {
		size_t more;

		rc = inflate_some(&u, (unsigned char *)buf + *got, n - *got, &more, &why);
		*got += more;
	}
	/* What is damaged further on is found when it is read. */
	if (rc != DEID_OK && why.code != DEID_E_FORMAT && why.code != DEID_E_TRUNCATED) {
		struct deid_error none = *err;
		*err = why;
		why = none;
	} else {
		rc = DEID_OK;
	}
	error_free(&why);
	inflateEnd(&u.z);
	return rc;
}

/* Gives the compressor one piece of input and writes what comes. */
static int deflate_piece(z_stream *z, const void *p, size_t n, bool last, unsigned char *buf,
    struct deid_sink *out, struct deid_error *err)
{
	int rc = DEID_OK;

	z->next_in = (Bytef *)(uintptr_t)p; /* only read */
	z->avail_in = (uInt)n;
	do {
		z->next_out = buf;
		z->avail_out = (uInt)PIECE;
		if (deflate(z, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR)
			return error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "the compressor failed");
		rc = sink_write(out, buf, PIECE - z->avail_out, err);
	} while (rc == DEID_OK && z->avail_out == 0);
	return rc;
}

int gzip_pack(struct deid_source *in, struct deid_sink *out, struct deid_error *err)
{
	unsigned char *buf = malloc(PIECE);
	uint64_t at = 0, size = source_size(in);
	z_stream z = {0};
	int rc = DEID_OK;

	/* zlib's own header is bare: no name, no time. */
	if (!buf ||
	    deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, HEADER, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(buf);
		return error_nomem(err);
	}
	do {
		const void *p;
		size_t have;

		rc = source_peek(in, at, PIECE, &p, &have, err);
		if (rc == DEID_OK)
			rc = deflate_piece(&z, p, have, at + have == size, buf, out, err);
		at += have;
	} while (rc == DEID_OK && at < size);
	deflateEnd(&z);
	free(buf);
	return rc;
}
