/* SPDX-License-Identifier: MIT */
/*
 * The format zip (PKWARE APPNOTE 6.3.9, here "APP"): an archive whose members go through sections of their
 * own. Who does what:
 *
 *   directory  reads all headers, and refuses what two readers could read in two ways
 *   codec      unpacks and packs one member's bytes, with libzip
 *   writer     writes headers and directory
 *   archive    one archive from front to back
 */
#ifndef DEID_PLUGINS_ZIP_H
#define DEID_PLUGINS_ZIP_H

#include "core/util/str.h"

#define ZIP_METHOD_STORE 0
#define ZIP_METHOD_DEFLATE 8

/* General purpose flags (APP 4.4.4). */
#define ZIP_FLAG_ENCRYPTED (1u << 0)
#define ZIP_FLAGS_LEVEL (3u << 1) /* how hard it was compressed; of method LZMA: what its end looks like */
#define ZIP_FLAG_DESCRIPTOR (1u << 3)
#define ZIP_FLAG_PATCH (1u << 5)
#define ZIP_FLAG_STRONG (1u << 6)
#define ZIP_FLAG_UTF8 (1u << 11)
#define ZIP_FLAG_MASKED (1u << 13)

struct zip_conf {
	const struct deid_host *host;
	bool hash_folders, validate;
	struct deid_str salt;
	size_t digits;
	const struct deid_entry *entry;
	size_t nentry;
};

/* A member, as its headers have it. */
struct zip_entry {
	struct deid_str path; /* UTF-8, parts with one '/' between them and none at the end */
	struct deid_str raw;  /* its bytes in the headers */
	bool folder;
	uint16_t made_by, flags, method, time, date, internal;
	uint32_t crc, external;
	uint64_t header, data; /* where its local header is, and its bytes */
	uint64_t packed, size;
};

struct zip_directory {
	struct zip_entry *entry; /* in the order of the central directory */
	size_t n;
	struct deid_str comment; /* as it stands in the archive */
};

/* All of it in memory of the job. Every byte of the archive belongs to one header, one member, or the
 * directory; headers and directory agree; no member is anything but a file or a folder below the root. */
int directory_read(const struct deid_host *, struct deid_job *, struct deid_source *, struct zip_directory *,
    struct deid_error *);
/* The one member of an archive that was made by codec_pack(); no path. */
int directory_read_one(
    const struct deid_host *, struct deid_source *, struct zip_entry *, struct deid_error *);

/* The member's name: path and folder, or why it cannot be used. extra: the extra fields of its header. False:
 * no memory. */
bool name_read(
    const struct deid_host *, struct deid_job *, struct zip_entry *, struct deid_str extra, const char **why);
/* Text of the archive that has no mark of its encoding: UTF-8 where it is that, else code page 437. False: no
 * memory. */
bool name_decode(struct deid_str raw, struct buf *out);

/* The value of an extra field; false: it is not there. */
bool extra_find(struct deid_str extra, uint16_t id, struct deid_str *value);

int archive_stream(
    struct deid_job *, void *conf, struct deid_source *, struct deid_sink *, struct deid_error *);

#endif
