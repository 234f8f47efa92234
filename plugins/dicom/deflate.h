/* SPDX-License-Identifier: MIT */
/* Deflated data sets: PS3.5 section A.5, a raw stream of RFC 1951, padded to even length. */
#ifndef DICOM_DEFLATE_H
#define DICOM_DEFLATE_H

#include <deid/plugin.h>

/* What [at, end) of src unpacks to, as a source of the job. */
int deflate_open(const struct deid_host *, struct deid_job *, struct deid_source *src, uint64_t at,
    struct deid_source **out, struct deid_error *);
/* Writes the whole of src, packed. */
int deflate_write(const struct deid_host *, struct deid_source *src, struct deid_sink *, struct deid_error *);

#endif
