/* SPDX-License-Identifier: MIT */
#include "plugins/image/icc.h"

#include "core/util/bytes.h"
#include <string.h>

#define HEADER 128
#define ENTRY 12
#define TAGS_MAX 100

/* ICC.1:2022 section 9, ICC.1:2001 section 6.4, and the video card's table, which is read by displays. */
static const char colour[][5] = {"rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC", "kTRC", "wtpt", "bkpt",
    "chad", "chrm", "A2B0", "A2B1", "A2B2", "A2B3", "B2A0", "B2A1", "B2A2", "B2A3", "D2B0", "D2B1", "D2B2",
    "D2B3", "B2D0", "B2D1", "B2D2", "B2D3", "gamt", "lumi", "meas", "view", "tech", "pre0", "pre1", "pre2",
    "rig0", "rig2", "ciis", "cicp", "vcgt"};

static bool is_colour(const char *tag)
{
	for (size_t i = 0; i < sizeof colour / sizeof *colour; i++)
		if (memcmp(tag, colour[i], 4) == 0)
			return true;
	return false;
}

/* An empty text of the type that the version has for it. */
static bool put_empty(struct buf *b, bool v4, bool copyright)
{
	static const char mluc[28] = {'m', 'l', 'u', 'c', 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 12, 'e', 'n', 'U',
	    'S', 0, 0, 0, 0, 0, 0, 0, 28};
	static const char text[12] = {'t', 'e', 'x', 't'};
	static const char desc[92] = {'d', 'e', 's', 'c', 0, 0, 0, 0, 0, 0, 0, 1};

	if (v4)
		return buf_add(b, mluc, sizeof mluc);
	return copyright ? buf_add(b, text, sizeof text) : buf_add(b, desc, sizeof desc);
}

struct tag {
	const char *name;
	uint32_t off, len; /* in the input; len 0: an empty text */
	uint32_t at;       /* in the output */
};

/* Tags may share their data. */
static bool put_data(struct buf *b, struct deid_str in, struct tag *t, size_t i, bool v4)
{
	size_t from = b->n;

	for (size_t k = 0; k < i && t[i].len; k++)
		if (t[k].off == t[i].off && t[k].len == t[i].len) {
			t[i].at = t[k].at;
			return true;
		}
	t[i].at = (uint32_t)from;
	if (t[i].len) {
		if (!buf_add(b, in.p + t[i].off, t[i].len))
			return false;
	} else {
		if (!put_empty(b, v4, memcmp(t[i].name, "cprt", 4) == 0))
			return false;
		t[i].len = (uint32_t)(b->n - from);
	}
	return buf_add(b, "\0\0\0", (4 - b->n % 4) % 4);
}

/* The date, the maker, the model, the creator and the identifier go. */
static void blank_header(char *h)
{
	static const uint8_t date[12] = {0x07, 0xD0, 0, 1, 0, 1}; /* 2000-01-01, since it must be one */

	memset(h + 4, 0, 4);
	memcpy(h + 24, date, sizeof date);
	memset(h + 40, 0, 4);
	memset(h + 48, 0, 8);
	memset(h + 56, 0, 8);
	memset(h + 80, 0, 48);
}

static size_t choose(struct deid_str in, struct tag *t)
{
	uint32_t count = get_be32(in.p + HEADER);
	size_t n = 0;

	if (count > TAGS_MAX || count > (in.n - HEADER - 4) / ENTRY)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		const char *e = in.p + HEADER + 4 + (size_t)i * ENTRY;
		uint32_t off = get_be32(e + 4), len = get_be32(e + 8);

		if (!is_colour(e) && memcmp(e, "desc", 4) && memcmp(e, "cprt", 4))
			continue;
		if (off < HEADER || off > in.n || len > in.n - off || len < 8)
			return 0;
		if (!is_colour(e))
			off = len = 0;
		t[n++] = (struct tag){e, off, len, 0};
	}
	return n;
}

bool icc_blank(struct deid_str in, struct buf *out)
{
	struct tag t[TAGS_MAX];
	size_t n;
	bool v4, ok;

	if (in.n < HEADER + 4 || memcmp(in.p + 36, "acsp", 4) != 0)
		return false;
	n = choose(in, t);
	v4 = in.p[8] >= 4;
	if (!n || !buf_reserve(out, in.n + 512) || !buf_add(out, in.p, HEADER))
		return false;
	blank_header(out->p);
	memset(out->p + out->n, 0, 4 + n * ENTRY);
	out->n += 4 + n * ENTRY;
	ok = true;
	for (size_t i = 0; i < n && ok; i++)
		ok = put_data(out, in, t, i, v4);
	for (size_t i = 0; i < n && ok; i++) {
		char *e = out->p + HEADER + 4 + i * ENTRY;

		memcpy(e, t[i].name, 4);
		put_be32(e + 4, t[i].at);
		put_be32(e + 8, t[i].len);
	}
	if (ok) {
		put_be32(out->p + HEADER, (uint32_t)n);
		put_be32(out->p, (uint32_t)out->n);
	}
	return ok;
}
