/* SPDX-License-Identifier: MIT */
/*
 * Cloud-optimised GeoTIFF: behind the header GDAL writes a few lines of ASCII that say how the file is laid
 * out (https://gdal.org/drivers/raster/cog.html, "File format details"). No IFD refers to them, yet they are
 * no rest of anything: they are kept where they consist of the known keys and nothing else. Where tiles have
 * a leader (their length) and a trailer (their last four bytes again), these belong to the image data.
 */
#include "plugins/image/tree.h"
#include <string.h>

static const char size_key[] = "GDAL_STRUCTURAL_METADATA_SIZE=";
#define SIZE_LINE (sizeof size_key - 1 + 6 + sizeof " bytes\n" - 1) /* six digits */

static const char *const known[] = {
    "LAYOUT=IFDS_BEFORE_DATA",
    "BLOCK_ORDER=ROW_MAJOR",
    "BLOCK_LEADER=SIZE_AS_UINT4",
    "BLOCK_TRAILER=LAST_4_BYTES_REPEATED",
    "KNOWN_INCOMPATIBLE_EDITION=NO",
    "KNOWN_INCOMPATIBLE_EDITION=YES",
    "MASK_INTERLEAVED_WITH_IMAGERY=YES",
    "INTERLEAVE=PIXEL",
    "INTERLEAVE=BAND",
    "INTERLEAVE=TILE",
};

static bool is_known(struct deid_str line)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (str_eqz(line, known[i]))
			return true;
	return false;
}

static void note(struct ifd_tree *t, struct deid_str text, struct deid_str line, uint64_t at)
{
	size_t end = (size_t)(line.p - text.p) + line.n;

	if (str_prefix(line, "BLOCK_LEADER="))
		t->leader = 4;
	if (str_prefix(line, "BLOCK_TRAILER="))
		t->trailer = 4;
	/* "NO\n " is to become "YES\n". */
	if (str_eqz(line, "KNOWN_INCOMPATIBLE_EDITION=NO") && text.n - end >= 2 && text.p[end] == '\n' &&
	    text.p[end + 1] == ' ')
		t->edition = at + end - 2;
}

int ghost_read(struct ifd_tree *t, struct deid_error *err)
{
	const uint8_t *p;
	struct deid_str text, rest, line;
	uint64_t n = 0, head = tree_head(t);

	if (t->len < head + SIZE_LINE)
		return DEID_OK;
	if (tree_peek(t, head, SIZE_LINE, &p, err) != DEID_OK)
		return DEID_FAILED;
	if (memcmp(p, size_key, sizeof size_key - 1) != 0 ||
	    !str_u64((struct deid_str){(const char *)p + sizeof size_key - 1, 6}, &n) || n > 4096 ||
	    t->len < head + SIZE_LINE + n)
		return DEID_OK;
	if (tree_peek(t, head + SIZE_LINE, (size_t)n, &p, err) != DEID_OK)
		return DEID_FAILED;
	rest = text = (struct deid_str){(const char *)p, (size_t)n};
	while (str_split(&rest, '\n', &line))
		if (str_trim(line).n && !is_known(str_trim(line)))
			return DEID_OK;
	t->ghost = SIZE_LINE + n;
	rest = text;
	while (str_split(&rest, '\n', &line))
		note(t, text, str_trim(line), head + SIZE_LINE);
	return DEID_OK;
}
