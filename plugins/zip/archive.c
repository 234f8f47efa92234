/* SPDX-License-Identifier: MIT */
#include "plugins/zip/codec.h"
#include "plugins/zip/comment.h"
#include "plugins/zip/folder.h"
#include "plugins/zip/writer.h"

#include "core/util/map.h"
#include <string.h>

#define PIECE ((size_t)64 << 10)

struct archive {
	const struct deid_host *host;
	struct deid_job *job;
	const struct zip_conf *conf;
	struct deid_source *src;
	struct zip_directory directory;
	struct codec codec;
	struct writer writer;
	struct map taken; /* paths of the output: 0 a file, 1 a folder with an entry, 2 one without */
	size_t at;        /* the member in work */
};

static int nomem(const struct archive *a, struct deid_error *err)
{
	return a->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
}

/* ---- names of the output ----------------------------------------------------------------------- */

enum taken { TAKEN_FILE, TAKEN_FOLDER, TAKEN_ABOVE };

static int conflict(const struct archive *a, struct deid_str path, struct deid_error *err)
{
	struct deid_str was = a->directory.entry[a->at].path;

	return a->host->fail(err, DEID_FAILED, DEID_E_CONFLICT,
	    "%.*s: its name in the output, %.*s, is that of another member", (int)was.n, was.p, (int)path.n,
	    path.p);
}

/* Two members must not meet where they are unpacked: one file, or a file in the place of a folder. */
static int take_path(struct archive *a, struct deid_str path, enum taken what, struct deid_error *err)
{
	bool fresh;
	struct map_entry *e = map_put_copy(&a->taken, path, &fresh);
	enum taken was;

	if (!e)
		return nomem(a, err);
	was = fresh ? TAKEN_ABOVE : (enum taken)(uintptr_t)e->value;
	if (!fresh && (was == TAKEN_FILE || what == TAKEN_FILE || (was == TAKEN_FOLDER && what == was)))
		return conflict(a, path, err);
	if (fresh || what == TAKEN_FOLDER)
		e->value = (void *)(uintptr_t)what;
	return DEID_OK;
}

static int take_all(struct archive *a, struct deid_str path, bool folder, struct deid_error *err)
{
	int rc = DEID_OK;

	for (size_t i = 0; i < path.n && rc == DEID_OK; i++)
		if (path.p[i] == '/')
			rc = take_path(a, str_sub(path, 0, i), TAKEN_ABOVE, err);
	return rc == DEID_OK ? take_path(a, path, folder ? TAKEN_FOLDER : TAKEN_FILE, err) : rc;
}

/* The folders of the member in work, then the name of the output; name.n = 0: it is a folder itself. */
static int make_path(struct archive *a, struct deid_str name, struct deid_str *out, struct deid_error *err)
{
	const struct zip_entry *e = &a->directory.entry[a->at];
	struct buf path = {0};
	bool good = folder_path(a->conf, a->job, e->path, !e->folder, &path) &&
		    (!name.n || ((!path.n || buf_c(&path, '/')) && buf_str(&path, name)));
	int rc;

	out->p = NULL;
	if (good)
		*out = a->host->dup(a->job, buf_view(&path));
	buf_free(&path);
	rc = out->p ? DEID_OK : nomem(a, err);
	return rc == DEID_OK ? take_all(a, *out, e->folder, err) : rc;
}

/* ---- one member -------------------------------------------------------------------------------- */

static int unpack(void *arg, struct deid_sink *sink, struct deid_error *err)
{
	struct archive *a = arg;

	return codec_unpack(&a->codec, a->at, sink, err);
}

static int same_content(
    struct archive *a, struct deid_source *x, struct deid_source *y, bool *same, struct deid_error *err)
{
	uint64_t size = a->host->src_size(x);

	*same = size == a->host->src_size(y);
	for (uint64_t at = 0; *same && at < size;) {
		const void *p, *q;
		size_t n, m;
		int rc = a->host->src_peek(x, at, PIECE, &p, &n, err);

		if (rc == DEID_OK)
			rc = a->host->src_peek(y, at, PIECE, &q, &m, err);
		if (rc != DEID_OK)
			return rc;
		*same = n == m && n && memcmp(p, q, n) == 0;
		at += n;
	}
	return DEID_OK;
}

/* Packed anew, through a spool: the sizes stand before the bytes. */
static int write_packed(
    struct archive *a, struct zip_entry *e, struct deid_source *content, struct deid_error *err)
{
	struct deid_sink *spool = a->host->spool(a->job, err);
	struct deid_source *packed;
	struct zip_entry made;
	int rc = spool ? codec_pack(&a->codec, content, e, spool, err) : DEID_FAILED;

	if (rc == DEID_OK) {
		packed = a->host->spool_source(spool, err);
		rc = packed ? directory_read_one(a->host, packed, &made, err) : DEID_FAILED;
	}
	if (rc == DEID_OK && (made.size != a->host->src_size(content) || made.method != e->method))
		rc =
		    a->host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "the zip library packed something else");
	if (rc == DEID_OK) {
		e->crc = made.crc;
		e->size = made.size;
		e->packed = made.packed;
		e->data = made.data;
		/* What LZMA says of its end is not the old member's any more. */
		e->flags = e->method == ZIP_METHOD_DEFLATE ? e->flags : made.flags;
		rc = writer_member(&a->writer, e, packed, err);
	}
	a->host->spool_drop(a->job, spool);
	return rc;
}

static int write_member(struct archive *a, const struct deid_member_result *r, struct deid_error *err)
{
	struct zip_entry e = a->directory.entry[a->at];
	bool same = false;
	int rc = make_path(a, r->name, &e.path, err);

	if (rc == DEID_OK)
		rc = same_content(a, r->before, r->after, &same, err);
	if (rc == DEID_OK && same)
		rc = codec_exact(&a->codec, &e, &same, err);
	if (rc != DEID_OK)
		return rc;
	return same ? writer_member(&a->writer, &e, a->src, err) : write_packed(a, &e, r->after, err);
}

static int write_folder(struct archive *a, struct deid_error *err)
{
	struct zip_entry e = a->directory.entry[a->at];
	int rc = make_path(a, (struct deid_str){NULL, 0}, &e.path, err);

	e.method = ZIP_METHOD_STORE;
	e.crc = 0;
	e.packed = 0;
	return rc == DEID_OK ? writer_member(&a->writer, &e, a->src, err) : rc;
}

static int one(struct archive *a, bool writes, struct deid_error *err)
{
	const struct zip_entry *e = &a->directory.entry[a->at];
	const struct deid_member member = {.size = sizeof member,
	    .flags = a->conf->validate ? 0 : DEID_MEMBER_OPTIONAL,
	    .path = e->path,
	    .count = a->directory.n,
	    .bytes = e->size,
	    .unpack = unpack,
	    .arg = a};
	struct deid_member_result r = {.size = sizeof r};
	int rc;

	if (e->folder)
		return writes ? write_folder(a, err) : DEID_OK;
	rc = a->host->member(a->job, &member, &r, err);
	return rc == DEID_OK && r.done && writes ? write_member(a, &r, err) : rc;
}

/* ---- all of them ------------------------------------------------------------------------------- */

static int all(struct archive *a, struct deid_sink *sink, struct deid_str comment, struct deid_error *err)
{
	int rc = sink ? writer_begin(&a->writer, a->host, a->job, sink, err) : DEID_OK;

	for (a->at = 0; rc == DEID_OK && a->at < a->directory.n; a->at++)
		rc = one(a, sink != NULL, err);
	return rc == DEID_OK && sink ? writer_end(&a->writer, comment, err) : rc;
}

int archive_stream(
    struct deid_job *job, void *conf, struct deid_source *src, struct deid_sink *sink, struct deid_error *err)
{
	const struct zip_conf *c = conf;
	struct archive a = {.host = c->host, .job = job, .conf = c, .src = src};
	struct deid_str comment;
	int rc = directory_read(a.host, job, src, &a.directory, err);

	if (rc != DEID_OK)
		return rc;
	comment = a.directory.comment;
	rc = comment_apply(job, c, &comment, err);
	if (rc == DEID_OK)
		rc = codec_open(&a.codec, a.host, src, &a.directory, err);
	if (rc == DEID_OK)
		rc = all(&a, sink, comment, err);
	codec_close(&a.codec);
	map_free(&a.taken);
	return rc;
}
