/* SPDX-License-Identifier: MIT */
/*
 * Pages by number, and those of slide scanners that show the label: how they are told apart differs from one
 * maker to the next, and none of it is in a standard.
 */
#include "core/util/bytes.h"
#include "plugins/image/tiff.h"
#include "plugins/image/tree.h"

#define TAG_SUBFILE 254
#define TAG_DESCRIPTION 270
#define TAG_TILE_WIDTH 322
#define TAG_NDPI_LENS 65421

enum part { PART_NONE, PART_LABEL, PART_MACRO };

static bool has_word(struct deid_str s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && str_caseeq(str_sub(s, 0, n), str_of(word)) &&
	       (s.n == n || !((s.p[n] | 0x20) >= 'a' && (s.p[n] | 0x20) <= 'z'));
}

/* Philips: the description is the word. Aperio: it begins its second line. Ventana: "Label_Image". */
static enum part part_of_text(struct deid_str text)
{
	struct deid_str rest = text, line;

	for (int i = 0; i < 2 && str_split(&rest, '\n', &line); i++) {
		line = str_trim(line);
		if (has_word(line, "label"))
			return PART_LABEL;
		if (has_word(line, "macro"))
			return PART_MACRO;
	}
	return PART_NONE;
}

static int description(const struct ifd_tree *t, uint32_t dir, struct deid_str *out, struct deid_error *err)
{
	struct entry_view v;
	const uint8_t *p;

	*out = (struct deid_str){"", 0};
	if (!dir_find(t, dir, TAG_DESCRIPTION, &v) || v.type != TYPE_ASCII)
		return DEID_OK;
	if (v.len > 4096)
		v.len = 4096;
	if (view_bytes(t, &v, &p, err) != DEID_OK)
		return DEID_FAILED;
	*out = (struct deid_str){(const char *)p, (size_t)v.len};
	while (out->n && out->p[out->n - 1] == '\0')
		out->n--;
	return DEID_OK;
}

static int subfile(const struct ifd_tree *t, uint32_t dir, uint64_t *out, struct deid_error *err)
{
	struct entry_view v;

	*out = 0;
	return dir_find(t, dir, TAG_SUBFILE, &v) ? view_number(t, &v, 0, out, err) : DEID_OK;
}

/* Hamamatsu: magnification -1 is the macro image. It is a FLOAT. */
static bool is_ndpi_macro(const struct ifd_tree *t, uint32_t dir)
{
	struct entry_view v;

	return dir_find(t, dir, TAG_NDPI_LENS, &v) && v.type == TYPE_FLOAT && v.count == 1 && v.p &&
	       tree_get(t, v.p, 4) == 0xBF800000;
}

/* Aperio files whose descriptions do not tell: NewSubfileType 9 is the macro image, 1 without tiles the
 * label. */
static int part_of_aperio(const struct ifd_tree *t, uint32_t dir, enum part *out, struct deid_error *err)
{
	struct entry_view v;
	uint64_t type;

	if (subfile(t, dir, &type, err) != DEID_OK)
		return DEID_FAILED;
	if (type == 9)
		*out = PART_MACRO;
	else if (type == 1 && !dir_find(t, dir, TAG_TILE_WIDTH, &v))
		*out = PART_LABEL;
	return DEID_OK;
}

static int part_of(
    const struct ifd_tree *t, uint32_t dir, bool aperio, enum part *out, struct deid_error *err)
{
	struct deid_str text;

	*out = PART_NONE;
	if (description(t, dir, &text, err) != DEID_OK)
		return DEID_FAILED;
	*out = part_of_text(text);
	if (*out == PART_NONE && is_ndpi_macro(t, dir))
		*out = PART_MACRO;
	return *out == PART_NONE && aperio ? part_of_aperio(t, dir, out, err) : DEID_OK;
}

static bool is_listed(const struct tiff_conf *c, uint32_t number)
{
	for (size_t i = 0; i < c->npage; i++)
		if (c->page[i] == number)
			return true;
	return false;
}

static void warn_about(const struct tiff_conf *c, struct ifd_tree *t, uint32_t pages, bool label, bool macro)
{
	static const struct deid_str field = {"remove-pages", 12};

	for (size_t i = 0; i < c->npage; i++)
		if (c->page[i] > pages)
			c->host->warn(t->job, field, "the file has no page %u", c->page[i]);
	if (c->label && !label)
		c->host->warn(t->job, field, "no page of the file is known to be the label");
	if (c->macro && !macro)
		c->host->warn(t->job, field, "no page of the file is known to be the macro image");
}

int tiff_remove_pages(const struct tiff_conf *c, struct ifd_tree *t, struct deid_error *err)
{
	uint32_t number = 0, left = 0;
	bool label = false, macro = false, aperio;
	struct deid_str text;

	if (!c->npage && !c->label && !c->macro)
		return DEID_OK;
	if (description(t, 0, &text, err) != DEID_OK)
		return DEID_FAILED;
	aperio = str_prefix(text, "Aperio");
	for (uint32_t i = 0; i < t->ndir; i++) {
		enum part part = PART_NONE;

		if (t->dir[i].parent != DIR_NONE)
			continue;
		number++;
		if ((c->label || c->macro) && part_of(t, i, aperio && number > 1, &part, err) != DEID_OK)
			return DEID_FAILED;
		/* Hamamatsu's macro image shows the label too. */
		label = label || part == PART_LABEL || (part == PART_MACRO && is_ndpi_macro(t, i));
		macro = macro || part == PART_MACRO;
		if (is_listed(c, number) || (c->label && part == PART_LABEL) ||
		    (c->macro && part == PART_MACRO) || (c->label && is_ndpi_macro(t, i)))
			dir_remove(t, i);
		else
			left++;
	}
	warn_about(c, t, number, label, macro);
	if (!left)
		return c->host->fail(
		    err, DEID_FAILED, DEID_E_UNSUPPORTED, "\"remove-pages\" would leave no page");
	return DEID_OK;
}
