/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/dict.h"
#include "plugins/dicom/dict-table.h"
#include <string.h>

static uint32_t mask_of(size_t row)
{
	return row < dict_exact ? 0xFFFFFFFF : dict_masks[row - dict_exact];
}

static void fill(struct dict_entry *e, const struct dict_row *r)
{
	e->tag = r->tag;
	e->mask = mask_of((size_t)(r - dict_rows));
	e->vr = (enum vr)r->vr;
	e->keyword = dict_names + r->name;
}

static const struct dict_row *row_of(uint32_t tag)
{
	size_t lo = 0, hi = dict_exact;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (dict_rows[mid].tag < tag)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < dict_exact && dict_rows[lo].tag == tag)
		return &dict_rows[lo];
	/* Only even groups repeat; an odd one is private. */
	if (tag_is_private(tag))
		return NULL;
	for (size_t i = dict_exact; i < dict_count; i++)
		if ((tag & mask_of(i)) == (dict_rows[i].tag & mask_of(i)))
			return &dict_rows[i];
	return NULL;
}

bool dict_find(uint32_t tag, struct dict_entry *e)
{
	const struct dict_row *r = row_of(tag);

	if (r)
		fill(e, r);
	return r != NULL;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Order of s against the keyword z, letters in lower case. */
static int compare(struct deid_str s, const char *z)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char a = (unsigned char)lower(s.p[i]), b = (unsigned char)lower(z[i]);

		if (a != b)
			return a < b ? -1 : 1;
	}
	return z[s.n] ? -1 : 0;
}

bool dict_by_keyword(struct deid_str keyword, struct dict_entry *e)
{
	size_t lo = 0, hi = dict_count;

	if (!keyword.n || memchr(keyword.p, 0, keyword.n))
		return false;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct dict_row *r = &dict_rows[dict_order[mid]];
		int c = compare(keyword, dict_names + r->name);

		if (c == 0) {
			fill(e, r);
			return true;
		}
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}

enum vr dict_vr(uint32_t tag)
{
	const struct dict_row *r;

	if ((tag & 0xFFFF) == 0)
		return VR_UL; /* group length */
	if (tag_is_creator(tag))
		return VR_LO;
	r = row_of(tag);
	return r ? (enum vr)r->vr : VR_NONE;
}

#define SUGGEST_MAX 64 /* no keyword is longer */

/* Levenshtein distance without regard to case, at most `limit` + 1. */
static size_t distance(struct deid_str a, const char *b, size_t limit)
{
	uint8_t row[SUGGEST_MAX + 1];
	size_t nb = strlen(b);

	if (nb > SUGGEST_MAX || nb > a.n + limit || a.n > nb + limit)
		return limit + 1;
	for (size_t j = 0; j <= nb; j++)
		row[j] = (uint8_t)j;
	for (size_t i = 0; i < a.n; i++) {
		uint8_t corner = row[0], best;

		row[0] = best = (uint8_t)(i + 1);
		for (size_t j = 0; j < nb; j++) {
			uint8_t d = (uint8_t)(corner + (lower(a.p[i]) != lower(b[j])));

			corner = row[j + 1];
			if (row[j] + 1 < d)
				d = (uint8_t)(row[j] + 1);
			if (corner + 1 < d)
				d = (uint8_t)(corner + 1);
			row[j + 1] = d;
			if (d < best)
				best = d;
		}
		if (best > limit)
			return limit + 1;
	}
	return row[nb];
}

const char *dict_suggest(struct deid_str keyword)
{
	size_t best = keyword.n < 6 ? 2 : 4;
	const char *found = NULL;

	if (keyword.n < 3 || keyword.n > SUGGEST_MAX)
		return NULL;
	for (size_t i = 0; i < dict_count; i++) {
		const char *z = dict_names + dict_rows[i].name;
		size_t d = distance(keyword, z, best - 1);

		if (d < best) {
			best = d;
			found = z;
		}
	}
	return found;
}

int dict_creator(struct deid_str name)
{
	size_t lo = 0, hi = private_creator_count;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const char *z = private_names + private_creators[mid];
		size_t n = strlen(z);
		int c = memcmp(name.p, z, name.n < n ? name.n : n);

		if (c == 0 && name.n == n)
			return (int)mid;
		if (c < 0 || (c == 0 && name.n < n))
			hi = mid;
		else
			lo = mid + 1;
	}
	return -1;
}

static size_t first_of_creator(int creator)
{
	size_t lo = 0, hi = private_count;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (private_rows[mid].creator < creator)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

enum vr dict_private_vr(int creator, uint32_t tag)
{
	uint32_t group = tag >> 16, element = tag & 0xFFFF;

	if (creator < 0)
		return VR_NONE;
	for (size_t i = first_of_creator(creator); i < private_count; i++) {
		const struct private_row *r = &private_rows[i];

		if (r->creator != creator)
			break;
		if (group < r->group || group > r->last)
			continue;
		if (r->element == (r->element > 0xFF ? element : (element & 0xFF)))
			return (enum vr)r->vr;
	}
	return VR_NONE;
}
