/* SPDX-License-Identifier: MIT */
#include "plugins/zip/codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PIECE ((size_t)64 << 10)

/* ---- what libzip reads and writes -------------------------------------------------------------- */

static zip_int64_t refuse(struct codec_stream *s, int code)
{
	zip_error_set(&s->error, code, EIO);
	return -1;
}

static zip_int64_t stream_read(struct codec_stream *s, void *data, uint64_t n)
{
	uint64_t size = s->host->src_size(s->src);

	if (s->at >= size)
		return 0;
	if (n > size - s->at)
		n = size - s->at;
	if (s->host->src_read(s->src, s->at, data, (size_t)n, s->err) != DEID_OK)
		return refuse(s, ZIP_ER_READ);
	s->at += n;
	return (zip_int64_t)n;
}

/* It goes back to fill in a header: those bytes are there already. */
static zip_int64_t stream_write(struct codec_stream *s, const void *data, uint64_t n)
{
	uint64_t behind = s->host->sink_tell(s->sink) - s->at;
	size_t old = n < behind ? (size_t)n : (size_t)behind;

	if (s->host->sink_patch(s->sink, s->at, data, old, s->err) != DEID_OK ||
	    s->host->sink_write(s->sink, (const char *)data + old, (size_t)n - old, s->err) != DEID_OK)
		return refuse(s, ZIP_ER_WRITE);
	s->at += n;
	return (zip_int64_t)n;
}

static zip_int64_t stream_seek(struct codec_stream *s, void *data, uint64_t n)
{
	uint64_t size = s->src ? s->host->src_size(s->src) : s->host->sink_tell(s->sink);
	zip_int64_t at = zip_source_seek_compute_offset(s->at, size, data, n, &s->error);

	if (at < 0)
		return -1;
	s->at = (uint64_t)at;
	return 0;
}

static zip_int64_t stream_stat(struct codec_stream *s, void *data, uint64_t n)
{
	zip_stat_t *st = ZIP_SOURCE_GET_ARGS(zip_stat_t, data, n, &s->error);

	if (!st)
		return -1;
	zip_stat_init(st);
	if (s->src) {
		st->size = s->host->src_size(s->src);
		st->mtime = 0;
		st->valid = ZIP_STAT_SIZE | ZIP_STAT_MTIME;
		return sizeof *st;
	}
	/* There is no such archive yet. */
	zip_error_set(&s->error, ZIP_ER_READ, ENOENT);
	return -1;
}

static zip_int64_t stream(void *arg, void *data, zip_uint64_t n, zip_source_cmd_t command)
{
	struct codec_stream *s = arg;

	switch (command) {
	case ZIP_SOURCE_OPEN:
	case ZIP_SOURCE_BEGIN_WRITE:
		s->at = 0;
		return 0;
	case ZIP_SOURCE_READ:
		return stream_read(s, data, n);
	case ZIP_SOURCE_WRITE:
		return stream_write(s, data, n);
	case ZIP_SOURCE_SEEK:
	case ZIP_SOURCE_SEEK_WRITE:
		return stream_seek(s, data, n);
	case ZIP_SOURCE_TELL:
	case ZIP_SOURCE_TELL_WRITE:
		return (zip_int64_t)s->at;
	case ZIP_SOURCE_STAT:
		return stream_stat(s, data, n);
	case ZIP_SOURCE_ERROR:
		return zip_error_to_data(&s->error, data, n);
	case ZIP_SOURCE_SUPPORTS:
		return s->src ? ZIP_SOURCE_SUPPORTS_SEEKABLE : ZIP_SOURCE_SUPPORTS_WRITABLE;
	case ZIP_SOURCE_CLOSE:
	case ZIP_SOURCE_COMMIT_WRITE:
	case ZIP_SOURCE_ROLLBACK_WRITE:
	case ZIP_SOURCE_REMOVE:
	case ZIP_SOURCE_FREE:
		return 0;
	default:
		return refuse(s, ZIP_ER_OPNOTSUPP);
	}
}

static void stream_init(struct codec_stream *s, const struct deid_host *host, struct deid_source *src,
    struct deid_sink *sink, struct deid_error *err)
{
	*s = (struct codec_stream){.host = host, .src = src, .sink = sink, .err = err};
	zip_error_init(&s->error);
}

/* What libzip says, in words of ours: its texts may name files. What our own side said stays. */
static int failed(const struct deid_host *host, zip_error_t *e, uint64_t off, struct deid_error *err)
{
	static const struct deid_str none = {NULL, 0};
	enum deid_code code = DEID_E_FORMAT;
	const char *what = "its packed content is damaged";

	switch (zip_error_code_zip(e)) {
	case ZIP_ER_MEMORY:
		return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	case ZIP_ER_COMPNOTSUPP:
		code = DEID_E_UNSUPPORTED;
		what = "it is packed by a method that is not known here";
		break;
	case ZIP_ER_CRC:
		what = "its content has not the checksum that its headers promise";
		break;
	case ZIP_ER_READ:
	case ZIP_ER_WRITE:
	case ZIP_ER_SEEK:
		code = DEID_E_IO;
		what = "it cannot be read or written";
		break;
	case ZIP_ER_INTERNAL:
	case ZIP_ER_INVAL:
	case ZIP_ER_OPNOTSUPP:
		code = DEID_E_INTERNAL;
		what = "the zip library failed";
		break;
	default:
		break;
	}
	host->fail(err, DEID_FAILED, code, "%s", what);
	if (off)
		host->at(err, none, off);
	return DEID_FAILED;
}

/* ---- unpacking --------------------------------------------------------------------------------- */

int codec_open(struct codec *c, const struct deid_host *host, struct deid_source *src,
    const struct zip_directory *d, struct deid_error *err)
{
	*c = (struct codec){.host = host, .src = src, .directory = d};
	stream_init(&c->reading, host, src, NULL, err);
	c->buffer = malloc(PIECE);
	return c->buffer ? DEID_OK : host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
}

void codec_close(struct codec *c)
{
	if (c->archive)
		zip_discard(c->archive);
	zip_error_fini(&c->reading.error);
	free(c->buffer);
	c->archive = NULL;
	c->buffer = NULL;
}

static int open_archive(struct codec *c, struct deid_error *err)
{
	zip_error_t e;
	zip_source_t *source;
	int rc = DEID_OK;

	if (c->archive)
		return DEID_OK;
	zip_error_init(&e);
	source = zip_source_function_create(stream, &c->reading, &e);
	if (source)
		c->archive = zip_open_from_source(source, ZIP_RDONLY, &e);
	if (source && !c->archive)
		zip_source_free(source);
	if (!c->archive)
		rc = failed(c->host, &e, 0, err);
	else if (zip_get_num_entries(c->archive, 0) != (zip_int64_t)c->directory->n)
		rc = c->host->fail(err, DEID_FAILED, DEID_E_FORMAT, "the archive can be read in two ways");
	zip_error_fini(&e);
	return rc;
}

/* What libzip has read must be what we have. */
static int check_stat(struct codec *c, size_t i, struct deid_error *err)
{
	const zip_uint64_t want = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD;
	const struct zip_entry *e = &c->directory->entry[i];
	zip_stat_t st;

	if (zip_stat_index(c->archive, i, 0, &st) != 0)
		return failed(c->host, zip_get_error(c->archive), e->header, err);
	if ((st.valid & want) != want || st.size != e->size || st.comp_size != e->packed ||
	    st.crc != e->crc || st.comp_method != e->method) {
		c->host->fail(err, DEID_FAILED, DEID_E_FORMAT, "its headers can be read in two ways");
		c->host->at(err, (struct deid_str){NULL, 0}, e->header);
		return DEID_FAILED;
	}
	return DEID_OK;
}

static int copy_out(
    struct codec *c, zip_file_t *f, const struct zip_entry *e, struct deid_sink *sink, struct deid_error *err)
{
	uint64_t total = 0;
	int rc = DEID_OK;

	for (;;) {
		zip_int64_t n = zip_fread(f, c->buffer, PIECE);

		if (n < 0)
			return failed(c->host, zip_file_get_error(f), e->data, err);
		total += (uint64_t)n;
		if (n == 0 || total > e->size)
			break;
		rc = c->host->sink_write(sink, c->buffer, (size_t)n, err);
		if (rc != DEID_OK)
			return rc;
	}
	if (total == e->size)
		return DEID_OK;
	c->host->fail(
	    err, DEID_FAILED, DEID_E_FORMAT, "it does not unpack to the size that its headers promise");
	c->host->at(err, (struct deid_str){NULL, 0}, e->data);
	return DEID_FAILED;
}

int codec_unpack(struct codec *c, size_t i, struct deid_sink *sink, struct deid_error *err)
{
	const struct zip_entry *e = &c->directory->entry[i];
	zip_file_t *f;
	int rc;

	c->reading.err = err;
	rc = open_archive(c, err);
	if (rc == DEID_OK)
		rc = check_stat(c, i, err);
	if (rc != DEID_OK)
		return rc;
	f = zip_fopen_index(c->archive, i, 0);
	if (!f)
		return failed(c->host, zip_get_error(c->archive), e->data, err);
	rc = copy_out(c, f, e, sink, err);
	zip_fclose(f);
	return rc;
}

/* libzip stops reading where the compressed data end; whether that is where the member ends it does not say.
 */
static int deflate_exact(struct codec *c, const struct zip_entry *e, bool *exact, struct deid_error *err)
{
	z_stream z = {0};
	uint64_t at = 0;
	int rc = DEID_OK, zrc = Z_OK;

	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return c->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	while (rc == DEID_OK && zrc == Z_OK && at < e->packed) {
		size_t n = e->packed - at < PIECE ? (size_t)(e->packed - at) : PIECE;
		const void *p;
		size_t got;

		rc = c->host->src_peek(c->src, e->data + at, n, &p, &got, err);
		if (rc != DEID_OK || got == 0)
			break;
		z.next_in = (Bytef *)(uintptr_t)p; /* only read */
		z.avail_in = (uInt)got;
		do {
			z.next_out = c->buffer;
			z.avail_out = (uInt)PIECE;
			zrc = inflate(&z, Z_NO_FLUSH);
		} while (zrc == Z_OK && (z.avail_in || !z.avail_out));
		/* No more output without more input. */
		zrc = zrc == Z_BUF_ERROR ? Z_OK : zrc;
		at += got - z.avail_in;
	}
	inflateEnd(&z);
	*exact = zrc == Z_STREAM_END && at == e->packed;
	return rc;
}

int codec_exact(struct codec *c, const struct zip_entry *e, bool *exact, struct deid_error *err)
{
	*exact = e->method == ZIP_METHOD_STORE;
	return e->method == ZIP_METHOD_DEFLATE ? deflate_exact(c, e, exact, err) : DEID_OK;
}

/* ---- packing ----------------------------------------------------------------------------------- */

/* Of deflate the headers tell how hard it was compressed (APP 4.4.4); of other methods the library's choice.
 */
static zip_uint32_t level_of(const struct zip_entry *e)
{
	static const zip_uint32_t deflate[] = {6, 9, 2, 1};

	return e->method == ZIP_METHOD_DEFLATE ? deflate[(e->flags & ZIP_FLAGS_LEVEL) >> 1] : 0;
}

static bool add_member(zip_t *archive, struct codec_stream *content, const struct zip_entry *as)
{
	zip_source_t *source = zip_source_function(archive, stream, content);
	zip_int64_t i = source ? zip_file_add(archive, "m", source, 0) : -1;

	if (source && i < 0)
		zip_source_free(source);
	return i >= 0 && zip_set_file_compression(archive, (zip_uint64_t)i, as->method, level_of(as)) == 0;
}

int codec_pack(struct codec *c, struct deid_source *content, const struct zip_entry *as,
    struct deid_sink *spool, struct deid_error *err)
{
	struct codec_stream from, to;
	zip_source_t *target;
	zip_t *archive = NULL;
	zip_error_t e;
	int rc = DEID_OK;

	stream_init(&from, c->host, content, NULL, err);
	stream_init(&to, c->host, NULL, spool, err);
	zip_error_init(&e);
	target = zip_source_function_create(stream, &to, &e);
	if (target)
		archive = zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, &e);
	if (target && !archive)
		zip_source_free(target);
	if (!archive) {
		rc = failed(c->host, &e, 0, err);
	} else if (!add_member(archive, &from, as) || zip_close(archive) != 0) {
		rc = failed(c->host, zip_get_error(archive), 0, err);
		zip_discard(archive);
	}
	zip_error_fini(&e);
	zip_error_fini(&from.error);
	zip_error_fini(&to.error);
	return rc;
}
