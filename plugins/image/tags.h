/* SPDX-License-Identifier: MIT */
/*
 * The tags of TIFF 6.0, its supplements, EXIF 2.32 and DNG: names, types, and what they are for. Numbers mean
 * something within a vocabulary: that of images (with EXIF's own, which real files mix with it), of GPS, and
 * of interoperability.
 */
#ifndef IMAGE_TAGS_H
#define IMAGE_TAGS_H

#include <deid/plugin.h>

enum tag_set { TAGS_IMAGE, TAGS_GPS, TAGS_INTEROP };

/* Field types, TIFF 6.0 section 2, BigTIFF, EXIF 3.0. */
enum tag_type {
	TYPE_BYTE = 1,
	TYPE_ASCII = 2,
	TYPE_SHORT = 3,
	TYPE_LONG = 4,
	TYPE_RATIONAL = 5,
	TYPE_SBYTE = 6,
	TYPE_UNDEFINED = 7,
	TYPE_SSHORT = 8,
	TYPE_SLONG = 9,
	TYPE_SRATIONAL = 10,
	TYPE_FLOAT = 11,
	TYPE_DOUBLE = 12,
	TYPE_IFD = 13,
	TYPE_LONG8 = 16,
	TYPE_SLONG8 = 17,
	TYPE_IFD8 = 18,
	TYPE_UTF8 = 129,
};
/* Bytes of one value; 0: no type that we know. */
size_t type_size(unsigned type);

/* What a tag is. */
#define TAG_F_STRUCTURE (1u << 0) /* the image cannot be read without it: no entry may change it */
#define TAG_F_SHOW (1u << 1)      /* showing the image needs it: `strip` keeps it */
#define TAG_F_EXIF (1u << 2)      /* belongs into the EXIF IFD */
#define TAG_F_DATETIME (1u << 3)
#define TAG_F_DATE (1u << 4)
#define TAG_F_TEXT (1u << 5)    /* UNDEFINED bytes that are ASCII (ExifVersion) */
#define TAG_F_COMMENT (1u << 6) /* UNDEFINED, with a character code before the text (UserComment) */
#define TAG_F_UTF16 (1u << 7)   /* BYTEs that are UTF-16LE (XPTitle) */
#define TAG_F_POINTER (1u << 8) /* to an IFD */

struct tag_info {
	uint16_t tag;
	uint8_t set;    /* enum tag_set */
	uint8_t type;   /* that a new one gets */
	uint16_t count; /* of a new one's values; 0: any */
	uint16_t flags;
	const char *name;  /* of the standard */
	const char *alias; /* another that is in use; may be NULL */
};

/* NULL: unknown. */
const struct tag_info *tag_find(enum tag_set, uint16_t tag);
/* By name or alias, any case. */
const struct tag_info *tag_by_name(struct deid_str name);

#endif
