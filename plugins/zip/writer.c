/* SPDX-License-Identifier: MIT */
#include "plugins/zip/writer.h"

#include "core/util/bytes.h"
#include "core/util/str.h"

#define MAX16 0xffffu
#define MAX32 0xffffffffu
#define VERSION_ZIP64 45

/* What a reader must be able to do (APP 4.4.3.2). */
static uint16_t version_needed(const struct zip_entry *e, bool wide)
{
	uint16_t v = e->method == ZIP_METHOD_STORE || e->method == ZIP_METHOD_DEFLATE ? 20
		     : e->method == 12 /* bzip2 */                                    ? 46
										      : 63;

	return wide && v < VERSION_ZIP64 ? VERSION_ZIP64 : v;
}

static uint16_t flags_of(const struct zip_entry *e)
{
	uint16_t flags = e->method == ZIP_METHOD_STORE ? 0 : e->flags & ZIP_FLAGS_LEVEL;

	for (size_t i = 0; i < e->path.n; i++)
		if ((unsigned char)e->path.p[i] >= 128)
			return flags | ZIP_FLAG_UTF8;
	return flags;
}

static uint32_t low32(uint64_t v)
{
	return v < MAX32 ? (uint32_t)v : MAX32;
}

/* What both headers have in a row: from "version needed" to the length of the name. */
static void put_common(unsigned char *p, const struct zip_entry *e, bool wide)
{
	put_le16(p, version_needed(e, wide));
	put_le16(p + 2, flags_of(e));
	put_le16(p + 4, e->method);
	put_le16(p + 6, e->time);
	put_le16(p + 8, e->date);
	put_le32(p + 10, e->crc);
	put_le32(p + 14, low32(e->packed));
	put_le32(p + 18, low32(e->size));
	put_le16(p + 22, (uint16_t)(e->path.n + e->folder));
}

static int put_name(
    struct writer *w, struct deid_sink *sink, const struct zip_entry *e, struct deid_error *err)
{
	int rc = w->host->sink_write(sink, e->path.p, e->path.n, err);

	return rc == DEID_OK && e->folder ? w->host->sink_write(sink, "/", 1, err) : rc;
}

/* ZIP64 numbers (APP 4.5.3): in a local header both sizes, in the directory what does not fit. */
static size_t put_wide(unsigned char *p, const uint64_t *v, size_t n, bool all)
{
	size_t at = 4;

	for (size_t i = 0; i < n; i++) {
		if (!all && v[i] < MAX32)
			continue;
		put_le64(p + at, v[i]);
		at += 8;
	}
	put_le16(p, 1);
	put_le16(p + 2, (uint16_t)(at - 4));
	return at == 4 ? 0 : at;
}

static int put_local(struct writer *w, const struct zip_entry *e, struct deid_error *err)
{
	bool wide = e->packed >= MAX32 || e->size >= MAX32;
	const uint64_t sizes[] = {e->size, e->packed};
	unsigned char p[30], extra[20];
	size_t n = wide ? put_wide(extra, sizes, 2, true) : 0;
	int rc;

	put_le32(p, 0x04034b50);
	put_common(p + 4, e, wide);
	if (wide) {
		put_le32(p + 18, MAX32);
		put_le32(p + 22, MAX32);
	}
	put_le16(p + 28, (uint16_t)n);
	rc = w->host->sink_write(w->sink, p, sizeof p, err);
	if (rc == DEID_OK)
		rc = put_name(w, w->sink, e, err);
	return rc == DEID_OK ? w->host->sink_write(w->sink, extra, n, err) : rc;
}

static int put_entry(struct writer *w, const struct zip_entry *e, uint64_t header, struct deid_error *err)
{
	const uint64_t numbers[] = {e->size, e->packed, header};
	unsigned char p[46] = {0}, extra[28];
	size_t n = put_wide(extra, numbers, 3, false);
	int rc;

	put_le32(p, 0x02014b50);
	put_le16(p + 4, e->made_by);
	put_common(p + 6, e, n != 0);
	put_le16(p + 30, (uint16_t)n);
	put_le16(p + 36, e->internal & 1); /* text or not */
	put_le32(p + 38, e->external);
	put_le32(p + 42, low32(header));
	rc = w->host->sink_write(w->central, p, sizeof p, err);
	if (rc == DEID_OK)
		rc = put_name(w, w->central, e, err);
	return rc == DEID_OK ? w->host->sink_write(w->central, extra, n, err) : rc;
}

int writer_begin(struct writer *w, const struct deid_host *host, struct deid_job *job, struct deid_sink *sink,
    struct deid_error *err)
{
	*w = (struct writer){.host = host, .sink = sink, .base = host->sink_tell(sink)};
	w->central = host->spool(job, err);
	return w->central ? DEID_OK : DEID_FAILED;
}

int writer_member(
    struct writer *w, const struct zip_entry *e, struct deid_source *src, struct deid_error *err)
{
	uint64_t header = w->host->sink_tell(w->sink) - w->base;
	int rc;

	if (e->path.n + e->folder > MAX16)
		return w->host->fail(err, DEID_FAILED, DEID_E_VALUE, "a path in the archive gets too long");
	rc = put_local(w, e, err);
	if (rc == DEID_OK && e->packed)
		rc = w->host->sink_copy(w->sink, src, e->data, e->packed, err);
	w->n++;
	return rc == DEID_OK ? put_entry(w, e, header, err) : rc;
}

/* The ZIP64 end record and its locator (APP 4.3.14, 4.3.15). */
static int put_end64(struct writer *w, uint64_t at, uint64_t size, struct deid_error *err)
{
	unsigned char p[56 + 20] = {0}, *l = p + 56;

	put_le32(p, 0x06064b50);
	put_le64(p + 4, 56 - 12);
	put_le16(p + 12, VERSION_ZIP64);
	put_le16(p + 14, VERSION_ZIP64);
	put_le64(p + 24, w->n);
	put_le64(p + 32, w->n);
	put_le64(p + 40, size);
	put_le64(p + 48, at);
	put_le32(l, 0x07064b50);
	put_le64(l + 8, at + size);
	put_le32(l + 16, 1);
	return w->host->sink_write(w->sink, p, sizeof p, err);
}

int writer_end(struct writer *w, struct deid_str comment, struct deid_error *err)
{
	uint64_t at = w->host->sink_tell(w->sink) - w->base, size;
	struct deid_source *central = w->host->spool_source(w->central, err);
	unsigned char p[22] = {0};
	int rc;

	if (!central)
		return DEID_FAILED;
	size = w->host->src_size(central);
	rc = w->host->sink_copy(w->sink, central, 0, size, err);
	if (rc == DEID_OK && (w->n >= MAX16 || at >= MAX32 || size >= MAX32))
		rc = put_end64(w, at, size, err);
	put_le32(p, 0x06054b50);
	put_le16(p + 8, w->n < MAX16 ? (uint16_t)w->n : MAX16);
	put_le16(p + 10, w->n < MAX16 ? (uint16_t)w->n : MAX16);
	put_le32(p + 12, low32(size));
	put_le32(p + 16, low32(at));
	put_le16(p + 20, (uint16_t)comment.n);
	if (rc == DEID_OK)
		rc = w->host->sink_write(w->sink, p, sizeof p, err);
	return rc == DEID_OK ? w->host->sink_write(w->sink, comment.p, comment.n, err) : rc;
}
