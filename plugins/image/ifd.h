/* SPDX-License-Identifier: MIT */
/*
 * TIFF structure (TIFF 6.0, BigTIFF; EXIF 2.32 uses it too), read, changed and written: a stretch of a source
 * that begins with a TIFF header, be it a whole file or the EXIF block of a JPEG or PNG.
 *
 * The tree is that of the input and is never altered; what the rules made of it stands beside. What does not
 * change keeps its place, so that what points into it from outside of our knowledge (a maker note) stays
 * right; a value that got longer goes where there is room, else to the end. Once anything changes, every byte
 * that no IFD refers to is 0, or gone when it lies at the end: that is where old values would be.
 *
 * Refused when read (DEID_E_FORMAT, DEID_E_TRUNCATED, with the offset): IFDs that are reached twice, what
 * lies outside of the stretch, and IFDs, values and image data that lie in one another. Two values in the
 * very same place are fine: writers share them.
 *
 * Memory is the tree's own (malloc) but for values and texts, which are the job's. One thread.
 */
#ifndef IMAGE_IFD_H
#define IMAGE_IFD_H

#include "plugins/image/tags.h"

struct ifd_tree;

/* The stretch is an EXIF block: its second IFD is a thumbnail, and its image is elsewhere. */
#define IFD_BLOCK (1u << 0)

/* The stretch must lie in the source, which is used until ifd_close(). */
int ifd_open(const struct deid_host *, struct deid_job *, struct deid_source *, uint64_t off, uint64_t len,
    unsigned flags, struct ifd_tree **, struct deid_error *);
/* An EXIF block without any tag, to create some. */
int ifd_new(const struct deid_host *, struct deid_job *, struct ifd_tree **, struct deid_error *);
void ifd_close(struct ifd_tree *); /* NULL is fine */

/* ---- names ------------------------------------------------------------------------------------- */

/* Where a name applies. */
enum ifd_where {
	IFD_ANYWHERE,
	IFD_IMAGES, /* pages and SubIFDs, the thumbnail */
	IFD_EXIF,
	IFD_GPS,
	IFD_INTEROP,
};
struct ifd_name {
	uint16_t tag;
	uint8_t set;                 /* enum tag_set; a number (`0x9286`) is one of TAGS_IMAGE */
	uint8_t where;               /* enum ifd_where, from a prefix: EXIF:, GPS:, Interop:, IFD0: */
	const struct tag_info *info; /* NULL: not in the tables */
};
/* A name or alias in any case, or a number, decimal or 0x…, with or without prefix. False: no such tag. */
bool ifd_name_parse(struct deid_str text, struct ifd_name *);
/* The kind of what it denotes where that is certain, else -1 (deid_path_info.kind). */
int ifd_name_kind(const struct ifd_name *);
/* Whether ifd_add() knows how to create it. */
bool ifd_name_creates(const struct ifd_name *);

/* ---- fields ------------------------------------------------------------------------------------ */

/* As the calls of struct deid_format, over all IFDs in the order of the file. Fields bear `mark` in h[0], so
 * that the caller can tell them from its own; h[1] is ours. ifd_each() passes over what the image cannot do
 * without unless `all`. */
int ifd_find(
    struct ifd_tree *, const struct ifd_name *, uintptr_t mark, deid_visit *, void *arg, struct deid_error *);
int ifd_each(struct ifd_tree *, bool all, uintptr_t mark, deid_visit *, void *arg, struct deid_error *);
int ifd_get(struct ifd_tree *, const struct deid_field *, struct deid_value *, struct deid_error *);
int ifd_set(struct ifd_tree *, const struct deid_field *, const struct deid_value *, struct deid_error *);
int ifd_remove(struct ifd_tree *, const struct deid_field *, struct deid_error *);
/* In the first IFD of its kind, which is made when there is none. */
int ifd_add(struct ifd_tree *, const struct ifd_name *, const struct deid_value *, struct deid_error *);
/* Number and set of a field's tag, for those that mirror it elsewhere. */
struct ifd_name ifd_field_name(const struct ifd_tree *, const struct deid_field *);

/* ---- parts ------------------------------------------------------------------------------------- */

/* All IFDs of a kind with what is below them (IFD_GPS: `remove-gps`). */
void ifd_drop(struct ifd_tree *, enum ifd_where);
/* Of an EXIF block: everything after the first IFD. */
void ifd_drop_thumbnail(struct ifd_tree *);
/* Of the first IFD, 1 to 8; 0: there is none. */
unsigned ifd_orientation(struct ifd_tree *);
/* An EXIF block (classic, big-endian) that holds Orientation and nothing else, into out. */
#define IFD_ORIENTATION_SIZE 26
void ifd_orientation_block(unsigned orientation, uint8_t out[IFD_ORIENTATION_SIZE]);

/* ---- output ------------------------------------------------------------------------------------ */

bool ifd_changed(const struct ifd_tree *);
/* Whether anything is left: an EXIF block without a tag is better left out. */
bool ifd_empty(const struct ifd_tree *);
/* Of a block: what it is now, memory of the job. */
int ifd_bytes(struct ifd_tree *, struct deid_str *out, struct deid_error *);
int ifd_write(struct ifd_tree *, struct deid_sink *, struct deid_error *);

#endif
