/* SPDX-License-Identifier: MIT */
/*
 * Bytes of members, unpacked and packed by libzip: every method that it knows. It reads the archive through a
 * source of ours and writes an archive of one member into a spool: never through files of its own.
 */
#ifndef DEID_PLUGINS_ZIP_CODEC_H
#define DEID_PLUGINS_ZIP_CODEC_H

#include "plugins/zip/zip.h"
#include <zip.h>

/* What libzip reads or writes: it asks for everything through a callback. */
struct codec_stream {
	const struct deid_host *host;
	struct deid_source *src; /* read, or … */
	struct deid_sink *sink;  /* … written */
	uint64_t at;
	zip_error_t error;
	struct deid_error *err; /* of the call in work */
};

struct codec {
	const struct deid_host *host;
	struct deid_source *src;
	const struct zip_directory *directory;
	struct codec_stream reading;
	zip_t *archive; /* open from the first member on */
	unsigned char *buffer;
};

int codec_open(struct codec *, const struct deid_host *, struct deid_source *, const struct zip_directory *,
    struct deid_error *);
void codec_close(struct codec *);
/* Member i into the sink: all of it, with the checksum and the size that its headers promise. */
int codec_unpack(struct codec *, size_t i, struct deid_sink *, struct deid_error *);
/* All that its packed bytes hold is the member: there is nothing behind it that would go unseen. */
int codec_exact(struct codec *, const struct zip_entry *, bool *exact, struct deid_error *);
/* The content packed by the method of `as` and as hard: an archive of one member in the spool. */
int codec_pack(struct codec *, struct deid_source *content, const struct zip_entry *as,
    struct deid_sink *spool, struct deid_error *);

#endif
