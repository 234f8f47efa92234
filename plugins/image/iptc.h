/* SPDX-License-Identifier: MIT */
/*
 * IPTC-NAA records (IIM 4.2): datasets of text, and the image resources of Photoshop that hold them.
 *
 * Names: `IPTC:By-line`, `IPTC:Byline` (hyphens and letter case do not count) or `IPTC:2:80`. A dataset that
 * is repeated has one name: an entry acts on each. The text is UTF-8 where dataset 1:90 says so, else
 * Latin-1. All memory is the job's.
 */
#ifndef IMAGE_IPTC_H
#define IMAGE_IPTC_H

#include "core/util/str.h"

struct iptc;

struct iptc_name {
	uint8_t record, dataset;
};

/* Without the `IPTC:`. False: no such dataset. */
bool iptc_name_parse(struct deid_str text, struct iptc_name *);
int iptc_name_kind(struct iptc_name);

/* The bytes must stay valid until the job ends. n = 0: none yet. */
int iptc_open(
    const struct deid_host *, struct deid_job *, struct deid_str bytes, struct iptc **, struct deid_error *);
int iptc_find(struct iptc *, struct iptc_name, uintptr_t mark, deid_visit *, void *arg, struct deid_error *);
int iptc_each(struct iptc *, uintptr_t mark, deid_visit *, void *arg, struct deid_error *);
int iptc_get(struct iptc *, const struct deid_field *, struct deid_value *, struct deid_error *);
int iptc_set(struct iptc *, const struct deid_field *, const struct deid_value *, struct deid_error *);
int iptc_remove(struct iptc *, const struct deid_field *, struct deid_error *);
int iptc_add(struct iptc *, struct iptc_name, const struct deid_value *, struct deid_error *);
struct iptc_name iptc_field_name(const struct deid_field *);
bool iptc_changed(const struct iptc *);
bool iptc_empty(const struct iptc *);
int iptc_bytes(struct iptc *, struct deid_str *out, struct deid_error *);

/* ---- Photoshop's image resources ----------------------------------------------------------------- */

#define RESOURCE_IPTC 0x0404u
#define RESOURCE_IPTC_DIGEST 0x0425u
#define RESOURCE_EXIF 0x0422u
#define RESOURCE_EXIF3 0x0423u
#define RESOURCE_XMP 0x0424u
#define RESOURCE_THUMBNAIL_BGR 0x0409u
#define RESOURCE_THUMBNAIL 0x040Cu

/* One `8BIM` block within the bytes. */
struct resource {
	uint16_t id;
	size_t start, end;    /* of the block, padding included */
	struct deid_str data; /* what it holds */
};
/* The block at *pos, which moves on; false: none is left, or (then *pos is not the end) the bytes are
 * damaged. */
bool resource_next(struct deid_str bytes, size_t *pos, struct resource *);
/* Appends a block without a name. False: no memory. */
bool resource_put(struct buf *, uint16_t id, struct deid_str data);

#endif
