/* SPDX-License-Identifier: MIT */
/* gzip (RFC 1952) as a coat around a file: all members are read, one is written, in constant memory. */
#ifndef DEID_IO_GZIP_H
#define DEID_IO_GZIP_H

#include <deid/plugin.h>

/* Unpacks to the end. Fails with DEID_E_FORMAT on what is no gzip, is damaged, or has bytes after its last
 * member; DEID_E_TRUNCATED when it is cut; DEID_E_LIMIT when it unpacks to far more than its size. */
int gzip_unpack(struct deid_source *, struct deid_sink *, struct deid_error *);
/* At most n bytes of the head; *got = 0 when it is no gzip or damaged there. */
int gzip_head(struct deid_source *, void *buf, size_t n, size_t *got, struct deid_error *);
/* One member without a name, a comment or a time, so that equal contents are equal files. */
int gzip_pack(struct deid_source *, struct deid_sink *, struct deid_error *);

#endif
