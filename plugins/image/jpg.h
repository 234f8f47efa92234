/* SPDX-License-Identifier: MIT */
/*
 * JPEG files (ITU-T T.81, JFIF, EXIF 2.32): the segments that are not the image's own, and what of them
 * changes. The rest is copied.
 */
#ifndef IMAGE_JPG_H
#define IMAGE_JPG_H

#include "core/util/splice.h"
#include "plugins/common/region.h"
#include "plugins/image/jpg_scan.h"
#include "plugins/image/meta.h"

#define JPG_BODY_MAX ((size_t)65533)
#define JPG_PARTS_MAX ((size_t)1 << 20)

enum jpg_what {
	JPG_JFIF,
	JPG_JFXX,
	JPG_ADOBE,
	JPG_EXIF,
	JPG_XMP,
	JPG_XMP_MORE, /* a piece of an extended packet */
	JPG_ICC,
	JPG_PHOTOSHOP,
	JPG_MPF,
	JPG_FLASHPIX,
	JPG_COMMENT,
	JPG_APP, /* any other */
};

/* A segment of metadata. */
struct jpg_part {
	uint64_t off, end; /* of the whole segment */
	uint64_t body;
	size_t len;
	uint8_t marker;
	enum jpg_what what;
	struct deid_str data;     /* its body, once it was looked at or changed; p NULL: it was not */
	struct meta_block *block; /* that is in it */
	struct jpg_group *group;
	bool removed, changed;
};

/* A packet in pieces: extended XMP, Photoshop's resources, a colour profile. The new one goes where the first
 * piece was. */
struct jpg_group {
	enum jpg_what what;
	struct deid_str id; /* of extended XMP: 32 hexadecimal digits */
	struct deid_str bytes;
	struct meta_block *block;
	struct jpg_part *first;
	bool removed, changed, damaged;
	struct deid_str now;
	struct jpg_group *next;
};

/* A block of Photoshop's, but for IPTC. */
struct jpg_resource {
	uint16_t id;
	struct deid_str data;
	size_t start, end;
	bool removed;
	struct meta_block *block;
};

struct jpg_conf {
	struct meta_conf meta;
	bool comments, trailer; /* `remove-comments`, `remove-trailer` */
	bool keep_trailer;      /* an entry names it */
	struct region_mask *mask;
	size_t nmask;
};

enum jpg_name {
	JPG_NAME_META,
	JPG_NAME_COMMENT,
	JPG_NAME_TRAILER,
	JPG_NAME_WHAT,
	JPG_NAME_APP,
	JPG_NAME_RESOURCE
};

struct jpg_path {
	struct meta_path meta;
	enum jpg_name kind;
	unsigned n; /* enum jpg_what, the number of an APPn, the id of a resource */
};

struct jpg {
	const struct deid_host *host;
	struct deid_job *job;
	const struct jpg_conf *conf;
	struct deid_source *src;
	struct meta meta;
	struct jpg_part *part;
	size_t n, cap;
	struct jpg_group *group;
	struct jpg_resource *resource;
	size_t nresource, resource_cap;
	struct deid_str comment; /* a new one; p NULL: none */
	uint64_t head;           /* where new segments go: behind SOI and JFIF */
	uint64_t tables;         /* where the first segment begins that is no metadata */
	uint64_t end;            /* of EOI */
	uint64_t size;
	uint32_t width, height; /* of the frame */
	bool drop_trailer;
};

/* ---- jpg_walk.c ---------------------------------------------------------------------------------- */

int jpg_walk(struct jpg *, struct deid_error *);
int jpg_load(struct jpg *, struct jpg_part *, struct deid_error *);
struct jpg_group *jpg_group(struct jpg *, enum jpg_what);
/* Whether the profile, or a listing, looks into metadata at all. */
bool jpg_asks(const struct jpg *);

/* ---- jpg_parts.c: packets in pieces ---------------------------------------------------------------- */

#define JPG_EXIF_HEAD "Exif\0\0"
#define JPG_XMP_HEAD "http://ns.adobe.com/xap/1.0/\0"
#define JPG_MORE_HEAD "http://ns.adobe.com/xmp/extension/\0"
#define JPG_PHOTOSHOP_HEAD "Photoshop 3.0\0"
#define JPG_ICC_HEAD "ICC_PROFILE\0"

/* Puts the pieces of all groups together. */
int jpg_assemble(struct jpg *, struct deid_error *);
/* What the settings say of segments, before any entry acts. */
int jpg_prepare(struct jpg *, struct deid_error *);
int jpg_finish(void *rec, struct deid_error *);

/* ---- jpg_write.c --------------------------------------------------------------------------------- */

int jpg_write(void *rec, struct deid_sink *, struct deid_error *);

#endif
