/* SPDX-License-Identifier: MIT */
/*
 * Value representations, PS3.5 section 6.2, and what follows from each for reading and writing.
 *
 * Besides the standard's own there are the pseudo VRs of the data dictionary (VR_P_…), which stand where the
 * standard says "US or SS", "OB or OW" and the like; vr_resolve() decides them.
 */
#ifndef DICOM_VR_H
#define DICOM_VR_H

#include <deid/plugin.h>

enum vr {
	VR_NONE, /* not known: an element of an implicit data set that no dictionary has */
	VR_AE,
	VR_AS,
	VR_AT,
	VR_CS,
	VR_DA,
	VR_DS,
	VR_DT,
	VR_FD,
	VR_FL,
	VR_IS,
	VR_LO,
	VR_LT,
	VR_OB,
	VR_OD,
	VR_OF,
	VR_OL,
	VR_OV,
	VR_OW,
	VR_PN,
	VR_SH,
	VR_SL,
	VR_SQ,
	VR_SS,
	VR_ST,
	VR_SV,
	VR_TM,
	VR_UC,
	VR_UI,
	VR_UL,
	VR_UN,
	VR_UR,
	VR_US,
	VR_UT,
	VR_UV,
	VR_ITEM, /* (FFFE,E000) in the tree */
	VR_P_XS, /* US or SS, by Pixel Representation */
	VR_P_OX, /* OB or OW */
	VR_P_PX, /* OB or OW, Pixel Data */
	VR_P_LT, /* US or OW (or SS), a look-up table */
	VR_P_UP, /* UL that is an offset in a DICOMDIR */
	VR_P_NA, /* items and delimiters: none */
	VR_COUNT
};

#define VR_F_TEXT (1u << 0)     /* characters */
#define VR_F_CHARSET (1u << 1)  /* … of Specific Character Set */
#define VR_F_MULTI (1u << 2)    /* `\` separates values */
#define VR_F_LONG (1u << 3)     /* 32-bit length in explicit VR */
#define VR_F_NUMBER (1u << 4)   /* binary numbers of `unit` bytes */
#define VR_F_OPAQUE (1u << 5)   /* binary without further meaning to us */
#define VR_F_LEADING (1u << 6)  /* leading blanks are part of the value */
#define VR_F_STRICT (1u << 7)   /* written text must be a value of the VR */
#define VR_F_PAD_NUL (1u << 8)  /* padded with NUL, else with a blank */
#define VR_F_SEQUENCE (1u << 9) /* holds items */

struct vr_info {
	char name[3];
	uint8_t unit; /* bytes of a binary value, 0: none */
	uint16_t flags;
	uint16_t max; /* characters a value may have; 0: no limit that matters */
	enum deid_kind kind;
	int64_t lo, hi; /* integers */
};

const struct vr_info *vr_info(enum vr);
/* From the two letters of an explicit header; VR_NONE when they name no VR we know. */
enum vr vr_of_letters(uint8_t a, uint8_t b);
/* A pseudo VR made a real one. `is_signed`: Pixel Representation is 1. */
enum vr vr_resolve(enum vr, bool is_signed);

#endif
