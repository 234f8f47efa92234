/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/vr.h"

#define TEXT VR_F_TEXT
#define MULTI (VR_F_TEXT | VR_F_MULTI)
#define BIN (VR_F_NUMBER | VR_F_STRICT)
#define RAW (VR_F_OPAQUE | VR_F_LONG | VR_F_PAD_NUL)

/* PS3.5 table 6.2-1. */
static const struct vr_info table[VR_COUNT] = {
    [VR_NONE] = {"", 0, VR_F_OPAQUE, 0, DEID_BYTES, 1, 0},
    [VR_AE] = {"AE", 0, MULTI, 16, DEID_TEXT, 1, 0},
    [VR_AS] = {"AS", 0, MULTI, 4, DEID_AGE, 1, 0},
    [VR_AT] = {"AT", 4, BIN, 0, DEID_BYTES, 1, 0},
    [VR_CS] = {"CS", 0, MULTI, 16, DEID_TEXT, 1, 0},
    [VR_DA] = {"DA", 0, MULTI | VR_F_STRICT, 0, DEID_DATE, 1, 0},
    [VR_DS] = {"DS", 0, MULTI | VR_F_STRICT, 16, DEID_REAL, 1, 0},
    [VR_DT] = {"DT", 0, MULTI | VR_F_STRICT, 0, DEID_DATETIME, 1, 0},
    [VR_FD] = {"FD", 8, BIN, 0, DEID_REAL, 1, 0},
    [VR_FL] = {"FL", 4, BIN, 0, DEID_REAL, 1, 0},
    [VR_IS] = {"IS", 0, MULTI | VR_F_STRICT, 12, DEID_INT, INT32_MIN, INT32_MAX},
    [VR_LO] = {"LO", 0, MULTI | VR_F_CHARSET | VR_F_LEADING, 64, DEID_TEXT, 1, 0},
    [VR_LT] = {"LT", 0, TEXT | VR_F_CHARSET | VR_F_LEADING, 10240, DEID_TEXT, 1, 0},
    [VR_OB] = {"OB", 1, RAW, 0, DEID_BYTES, 1, 0},
    [VR_OD] = {"OD", 8, RAW, 0, DEID_BYTES, 1, 0},
    [VR_OF] = {"OF", 4, RAW, 0, DEID_BYTES, 1, 0},
    [VR_OL] = {"OL", 4, RAW, 0, DEID_BYTES, 1, 0},
    [VR_OV] = {"OV", 8, RAW, 0, DEID_BYTES, 1, 0},
    [VR_OW] = {"OW", 2, RAW, 0, DEID_BYTES, 1, 0},
    [VR_PN] = {"PN", 0, MULTI | VR_F_CHARSET | VR_F_LEADING, 64, DEID_NAME, 1, 0},
    [VR_SH] = {"SH", 0, MULTI | VR_F_CHARSET | VR_F_LEADING, 16, DEID_TEXT, 1, 0},
    [VR_SL] = {"SL", 4, BIN, 0, DEID_INT, INT32_MIN, INT32_MAX},
    [VR_SQ] = {"SQ", 0, VR_F_SEQUENCE | VR_F_LONG, 0, DEID_TREE, 1, 0},
    [VR_SS] = {"SS", 2, BIN, 0, DEID_INT, INT16_MIN, INT16_MAX},
    [VR_ST] = {"ST", 0, TEXT | VR_F_CHARSET | VR_F_LEADING, 1024, DEID_TEXT, 1, 0},
    [VR_SV] = {"SV", 8, BIN | VR_F_LONG, 0, DEID_INT, INT64_MIN, INT64_MAX},
    [VR_TM] = {"TM", 0, MULTI | VR_F_STRICT, 0, DEID_TIME, 1, 0},
    [VR_UC] = {"UC", 0, MULTI | VR_F_CHARSET | VR_F_LEADING | VR_F_LONG, 0, DEID_TEXT, 1, 0},
    [VR_UI] = {"UI", 0, MULTI | VR_F_PAD_NUL, 64, DEID_UID, 1, 0},
    [VR_UL] = {"UL", 4, BIN, 0, DEID_INT, 0, UINT32_MAX},
    [VR_UN] = {"UN", 1, RAW, 0, DEID_BYTES, 1, 0},
    [VR_UR] = {"UR", 0, TEXT | VR_F_LONG, 0, DEID_TEXT, 1, 0},
    [VR_US] = {"US", 2, BIN, 0, DEID_INT, 0, UINT16_MAX},
    [VR_UT] = {"UT", 0, TEXT | VR_F_CHARSET | VR_F_LEADING | VR_F_LONG, 0, DEID_TEXT, 1, 0},
    /* What exceeds the signed range of the plugin interface is refused when it is written. */
    [VR_UV] = {"UV", 8, BIN | VR_F_LONG, 0, DEID_INT, 0, INT64_MAX},
    [VR_ITEM] = {"", 0, VR_F_SEQUENCE, 0, DEID_TREE, 1, 0},
    [VR_P_XS] = {"US", 2, BIN, 0, DEID_INT, INT16_MIN, UINT16_MAX},
    [VR_P_OX] = {"OW", 2, RAW, 0, DEID_BYTES, 1, 0},
    [VR_P_PX] = {"OW", 2, RAW, 0, DEID_BYTES, 1, 0},
    [VR_P_LT] = {"OW", 2, RAW, 0, DEID_BYTES, 1, 0},
    [VR_P_UP] = {"UL", 4, BIN, 0, DEID_INT, 0, UINT32_MAX},
    [VR_P_NA] = {"", 0, VR_F_OPAQUE, 0, DEID_BYTES, 1, 0},
};

const struct vr_info *vr_info(enum vr vr)
{
	return &table[vr < VR_COUNT ? vr : VR_NONE];
}

enum vr vr_of_letters(uint8_t a, uint8_t b)
{
	/* The walker asks for every element: the usual ones by a switch, the rest by a short search. */
	switch (a << 8 | b) {
	case 'A' << 8 | 'E':
		return VR_AE;
	case 'A' << 8 | 'S':
		return VR_AS;
	case 'A' << 8 | 'T':
		return VR_AT;
	case 'C' << 8 | 'S':
		return VR_CS;
	case 'D' << 8 | 'A':
		return VR_DA;
	case 'D' << 8 | 'S':
		return VR_DS;
	case 'D' << 8 | 'T':
		return VR_DT;
	case 'F' << 8 | 'D':
		return VR_FD;
	case 'F' << 8 | 'L':
		return VR_FL;
	case 'I' << 8 | 'S':
		return VR_IS;
	case 'L' << 8 | 'O':
		return VR_LO;
	case 'L' << 8 | 'T':
		return VR_LT;
	case 'P' << 8 | 'N':
		return VR_PN;
	case 'T' << 8 | 'M':
		return VR_TM;
	default:
		break;
	}
	for (unsigned v = a == 'O' ? VR_OB : a == 'S' ? VR_SH : VR_UC; v <= VR_UV; v++)
		if ((uint8_t)table[v].name[0] == a && (uint8_t)table[v].name[1] == b)
			return (enum vr)v;
	return VR_NONE;
}

enum vr vr_resolve(enum vr vr, bool is_signed)
{
	switch (vr) {
	case VR_P_XS:
		return is_signed ? VR_SS : VR_US;
	case VR_P_OX:
	case VR_P_PX:
	case VR_P_LT:
		return VR_OW;
	case VR_P_UP:
		return VR_UL;
	case VR_P_NA:
		return VR_NONE;
	default:
		return vr;
	}
}
