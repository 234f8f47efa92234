/* SPDX-License-Identifier: MIT */
/*
 * The data dictionary: PS3.6, and private elements by creator.
 *
 * A tag is group << 16 | element. Repeating groups (60xx,3000) are one entry with a mask.
 */
#ifndef DICOM_DICT_H
#define DICOM_DICT_H

#include "plugins/dicom/vr.h"

struct dict_entry {
	uint32_t tag, mask; /* mask 0xFFFFFFFF unless it repeats */
	enum vr vr;         /* may be a pseudo VR */
	const char *keyword;
};

static inline bool tag_is_private(uint32_t tag)
{
	return tag >> 16 & 1;
}

/* (gggg,0010-00FF) of an odd group reserve a block. */
static inline bool tag_is_creator(uint32_t tag)
{
	return tag_is_private(tag) && (tag & 0xFFFF) >= 0x10 && (tag & 0xFFFF) <= 0xFF;
}

bool dict_find(uint32_t tag, struct dict_entry *);
bool dict_by_keyword(struct deid_str keyword, struct dict_entry *); /* letters in any case */
/* Standard elements, group lengths and private creators; VR_NONE when not known. */
enum vr dict_vr(uint32_t tag);
/* The keyword that is nearest in spelling, NULL when none is near. */
const char *dict_suggest(struct deid_str keyword);

/* A private creator's number, or -1. */
int dict_creator(struct deid_str name);
/* The VR of an element of that creator; VR_NONE when the dictionary lacks it. */
enum vr dict_private_vr(int creator, uint32_t tag);

#endif
