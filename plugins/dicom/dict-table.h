/* SPDX-License-Identifier: MIT */
/* The generated tables; only dict.c looks at them. */
#ifndef DICOM_DICT_TABLE_H
#define DICOM_DICT_TABLE_H

#include "plugins/dicom/vr.h"

/* Rows of one tag come first, by tag: dict_exact of them. Then the repeating ones, which have a mask each. */
struct dict_row {
	uint32_t tag;
	uint32_t name; /* offset in dict_names */
	uint8_t vr;
};

/* By creator, first group, element. */
struct private_row {
	uint16_t creator;
	uint16_t group, last; /* odd groups from … to */
	uint16_t element;     /* below 0x100: within the creator's block; else the whole element number */
	uint8_t vr;
};

extern const char dict_names[], private_names[];
extern const struct dict_row dict_rows[];
extern const uint32_t dict_masks[]; /* of row dict_exact and what follows */
extern const uint16_t dict_order[]; /* rows by keyword in lower case */
extern const size_t dict_exact, dict_count;
extern const uint32_t private_creators[]; /* offsets in private_names, by name */
extern const struct private_row private_rows[];
extern const size_t private_creator_count, private_count;

#endif
