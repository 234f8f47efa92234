/* SPDX-License-Identifier: MIT */
/* Names of tags, as profiles spell them. */
#include "plugins/image/tree.h"
#include <inttypes.h>

static const struct {
	const char *prefix;
	uint8_t where;
} groups[] = {
    {"EXIF:", IFD_ANYWHERE},
    {"ExifIFD:", IFD_EXIF},
    {"GPS:", IFD_GPS},
    {"Interop:", IFD_INTEROP},
    {"InteropIFD:", IFD_INTEROP},
    {"TIFF:", IFD_IMAGES},
};

static bool read_number(struct deid_str s, uint64_t *v)
{
	*v = 0;
	if (s.n < 3 || s.p[0] != '0' || (s.p[1] != 'x' && s.p[1] != 'X'))
		return str_u64(s, v) && *v <= UINT16_MAX;
	for (size_t i = 2; i < s.n; i++) {
		char c = s.p[i];
		unsigned d = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
			     : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
			     : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
						    : 16;

		if (d == 16 || *v > UINT16_MAX)
			return false;
		*v = *v * 16 + d;
	}
	return *v <= UINT16_MAX;
}

bool ifd_name_parse(struct deid_str text, struct ifd_name *out)
{
	uint64_t number;

	*out = (struct ifd_name){.where = IFD_ANYWHERE};
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		struct deid_str prefix = str_of(groups[i].prefix);

		if (text.n <= prefix.n || !str_caseeq(str_sub(text, 0, prefix.n), prefix))
			continue;
		text = str_sub(text, prefix.n, text.n);
		out->where = groups[i].where;
		break;
	}
	if (read_number(text, &number)) {
		out->tag = (uint16_t)number;
		out->set = out->where == IFD_GPS       ? TAGS_GPS
			   : out->where == IFD_INTEROP ? TAGS_INTEROP
						       : TAGS_IMAGE;
		out->info = tag_find((enum tag_set)out->set, out->tag);
		return true;
	}
	out->info = tag_by_name(text);
	if (!out->info)
		return false;
	out->tag = out->info->tag;
	out->set = out->info->set;
	return out->where == IFD_ANYWHERE || (out->where == IFD_GPS) == (out->set == TAGS_GPS);
}

int ifd_name_kind(const struct ifd_name *name)
{
	const struct tag_info *i = name->info;

	if (!i)
		return -1;
	if (i->flags & TAG_F_POINTER)
		return DEID_TREE;
	switch (i->type) {
	case TYPE_SHORT:
	case TYPE_LONG:
	case TYPE_SLONG:
	case TYPE_SSHORT:
		return DEID_INT;
	case TYPE_RATIONAL:
	case TYPE_SRATIONAL:
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
		return DEID_REAL;
	default:
		return -1;
	}
}

bool ifd_name_creates(const struct ifd_name *name)
{
	return name->info && !(name->info->flags & (TAG_F_POINTER | TAG_F_STRUCTURE));
}
