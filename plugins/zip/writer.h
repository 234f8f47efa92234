/* SPDX-License-Identifier: MIT */
/* An archive from front to back: local header and bytes of each member, then the directory. ZIP64 where
 * numbers need it; no comments, no extra fields but those of ZIP64, no descriptors. */
#ifndef DEID_PLUGINS_ZIP_WRITER_H
#define DEID_PLUGINS_ZIP_WRITER_H

#include "plugins/zip/zip.h"

struct writer {
	const struct deid_host *host;
	struct deid_sink *sink, *central; /* the directory waits in a spool */
	uint64_t base;                    /* where the archive begins in the sink */
	uint64_t n;
};

int writer_begin(
    struct writer *, const struct deid_host *, struct deid_job *, struct deid_sink *, struct deid_error *);
/* A member: path, times, attributes, method, level, checksum and sizes of e; e->packed bytes at e->data of
 * src.
 */
int writer_member(struct writer *, const struct zip_entry *e, struct deid_source *src, struct deid_error *);
int writer_end(struct writer *, struct deid_str comment, struct deid_error *);

#endif
