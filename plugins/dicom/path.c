/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/path.h"
#include "core/util/str.h"
#include <stdlib.h>
#include <string.h>

/* A name while it is read. */
struct reader {
	const struct deid_host *host;
	const struct deid_node *node;
	struct deid_error *err;
	struct deid_str whole;
};

#define COMPLAIN(r, ...) ((r)->host->complain((r)->err, (r)->node, __VA_ARGS__))
#define SHOW(s) (int)((s).n < 100 ? (s).n : 100), (s).p

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hexadecimal digits, of which the last two may be xx: then *mask loses them. */
static bool read_half(struct deid_str s, uint32_t *value, uint32_t *mask)
{
	*value = 0;
	*mask = 0xFFFF;
	if (s.n != 4)
		return false;
	if ((s.p[2] | 0x20) == 'x' && (s.p[3] | 0x20) == 'x') {
		*mask = 0xFF00;
		s.n = 2;
	}
	for (size_t i = 0; i < s.n; i++) {
		int d = hex_digit(s.p[i]);

		if (d < 0)
			return false;
		*value = *value << 4 | (uint32_t)d;
	}
	if (s.n == 2)
		*value <<= 8;
	return true;
}

static bool read_tag(struct deid_str group, struct deid_str element, struct selector *out)
{
	uint32_t g, e, gm, em;

	if (!read_half(str_trim(group), &g, &gm) || !read_half(str_trim(element), &e, &em))
		return false;
	out->tag = g << 16 | e;
	out->mask = gm << 16 | em;
	return true;
}

static bool looks_like_tag(struct deid_str s)
{
	if (s.n != 8 || hex_digit(s.p[0]) < 0 || hex_digit(s.p[1]) < 0)
		return false;
	for (size_t i = 0; i < 8; i++)
		if (hex_digit(s.p[i]) < 0 && (s.p[i] | 0x20) != 'x')
			return false;
	return true;
}

/* (gggg,"Creator",ee): what is between the first and the last comma. */
static int read_private(struct reader *r, struct deid_str s, size_t first, size_t last, struct selector *out)
{
	struct deid_str group = str_trim(str_sub(s, 0, first));
	struct deid_str creator = str_trim(str_sub(s, first + 1, last - first - 1));
	struct deid_str element = str_trim(str_sub(s, last + 1, s.n));
	uint32_t g, mask;
	int hi, lo;

	if (creator.n >= 2 && (creator.p[0] == '"' || creator.p[0] == '\'') &&
	    creator.p[creator.n - 1] == creator.p[0])
		creator = str_sub(creator, 1, creator.n - 2);
	while (creator.n && creator.p[creator.n - 1] == ' ')
		creator.n--;
	if (!read_half(group, &g, &mask) || mask != 0xFFFF || !creator.n || element.n != 2)
		return COMPLAIN(r, "'%.*s' is no private tag (gggg,\"Creator\",ee)", SHOW(s));
	hi = hex_digit(element.p[0]);
	lo = hex_digit(element.p[1]);
	if (hi < 0 || lo < 0)
		return COMPLAIN(r, "'%.*s' is no private tag (gggg,\"Creator\",ee)", SHOW(s));
	if (!(g & 1) || g < 9)
		return COMPLAIN(r, "group %04x is not for private elements", (unsigned)g);
	out->tag = g << 16 | (uint32_t)(hi << 4 | lo);
	out->mask = 0xFFFFFFFF;
	out->creator = creator;
	out->vr = (uint8_t)dict_private_vr(dict_creator(creator), out->tag);
	return DEID_OK;
}

static int read_bracket(struct reader *r, struct deid_str s, struct selector *out)
{
	struct deid_str in = str_sub(s, 1, s.n - 2);
	size_t first = str_find(in, ',', 0), last = in.n;

	while (last > 0 && in.p[last - 1] != ',')
		last--;
	if (s.p[s.n - 1] != ')' || first == in.n)
		return COMPLAIN(r, "'%.*s' is no tag (gggg,eeee)", SHOW(s));
	last--;
	if (first != last)
		return read_private(r, in, first, last, out);
	if (!read_tag(str_sub(in, 0, first), str_sub(in, first + 1, in.n), out))
		return COMPLAIN(r, "'%.*s' is no tag (gggg,eeee)", SHOW(s));
	return DEID_OK;
}

static int read_keyword(struct reader *r, struct deid_str s, struct selector *out)
{
	struct dict_entry e;
	const char *near;

	if (dict_by_keyword(s, &e)) {
		out->tag = e.tag;
		out->mask = e.mask;
		out->vr = (uint8_t)e.vr;
		return DEID_OK;
	}
	near = dict_suggest(s);
	if (near)
		return COMPLAIN(r, "'%.*s' is no DICOM keyword (did you mean '%s'?)", SHOW(s), near);
	return COMPLAIN(r, "'%.*s' is neither a DICOM keyword nor a tag", SHOW(s));
}

/* One component that names an element. */
static int read_element(struct reader *r, struct deid_str s, struct selector *out)
{
	struct deid_str hex = str_prefix(s, "0x") || str_prefix(s, "0X") ? str_sub(s, 2, s.n) : s;
	int rc = DEID_OK;

	*out = (struct selector){.vr = VR_NONE, .item = SELECT_ALL};
	if (!s.n)
		return COMPLAIN(r, "'%.*s' has an empty part", SHOW(r->whole));
	if (s.p[0] == '(')
		rc = read_bracket(r, s, out);
	else if (looks_like_tag(hex))
		rc = read_tag(str_sub(hex, 0, 4), str_sub(hex, 4, 4), out)
			 ? DEID_OK
			 : COMPLAIN(r, "'%.*s' is no tag ggggeeee", SHOW(s));
	else
		return read_keyword(r, s, out);
	if (rc != DEID_OK || out->creator.n)
		return rc;
	if (out->tag >> 16 == 0 || out->tag >> 16 == 0xFFFE)
		return COMPLAIN(r, "'%.*s' names no element of a data set", SHOW(s));
	out->vr = (uint8_t)dict_vr(out->tag);
	return DEID_OK;
}

/* PS3.10 section 7.1: what says how to read the file is not for a profile to change. */
static int check_element(struct reader *r, struct deid_str s, const struct selector *e)
{
	if (e->creator.n)
		return DEID_OK;
	if ((e->tag & 0xFFFF) == 0 && (e->mask & 0xFFFF) == 0xFFFF)
		return COMPLAIN(r, "'%.*s' is a group length, which follows by itself", SHOW(s));
	if (e->tag == 0x00020001 || e->tag == 0x00020010)
		return COMPLAIN(r, "'%.*s' says how the file is read: no entry may name it", SHOW(s));
	return DEID_OK;
}

/* Cuts the next component off *rest: up to a `.` that is in no brackets. */
static struct deid_str next_part(struct deid_str *rest)
{
	struct deid_str part = *rest;
	bool in_bracket = false;
	char quote = 0;
	size_t i = 0;

	for (; i < rest->n; i++) {
		char c = rest->p[i];

		if (quote)
			quote = c == quote ? 0 : quote;
		else if (in_bracket && (c == '"' || c == '\''))
			quote = c;
		else if (c == '(')
			in_bracket = true;
		else if (c == ')')
			in_bracket = false;
		else if (c == '.' && !in_bracket)
			break;
	}
	part.n = i;
	if (i == rest->n)
		*rest = (struct deid_str){NULL, 0};
	else
		*rest = str_sub(*rest, i + 1, rest->n);
	return str_trim(part);
}

static size_t count_parts(struct deid_str text)
{
	size_t n = 0;

	do {
		next_part(&text);
		n++;
	} while (text.p);
	return n;
}

static int read_item(struct reader *r, struct deid_str s, struct selector *e)
{
	uint64_t n;

	if (str_eqz(s, "*")) {
		e->item = SELECT_ALL;
		return DEID_OK;
	}
	if (!str_u64(s, &n) || n > UINT32_MAX)
		return COMPLAIN(
		    r, "'%.*s' in '%.*s' is no item: a number from 0, or '*'", SHOW(s), SHOW(r->whole));
	e->item = (int64_t)n;
	return DEID_OK;
}

static bool may_hold_items(const struct selector *e)
{
	return e->vr == VR_SQ || e->vr == VR_UN || e->vr == VR_NONE;
}

static int read_parts(struct reader *r, struct path *p, struct deid_str text)
{
	struct deid_str rest = text;

	for (size_t i = 0; i < p->n; i++) {
		struct deid_str part = next_part(&rest);
		struct selector *e = &p->s[i];

		if (read_element(r, part, e) != DEID_OK || check_element(r, part, e) != DEID_OK)
			return DEID_FAILED;
		if (e->mask != 0xFFFFFFFF)
			p->wild = true;
		if (i + 1 == p->n)
			break;
		if (!may_hold_items(e))
			return COMPLAIN(r, "'%.*s' is no sequence", SHOW(part));
		if (read_item(r, next_part(&rest), e) != DEID_OK)
			return DEID_FAILED;
		if (e->item == SELECT_ALL)
			p->wild = true;
	}
	p->meta = p->s[0].tag >> 16 == 2;
	if (p->meta ? p->n > 1 : path_last(p)->tag >> 16 == 2)
		return COMPLAIN(r, "'%.*s': the file meta information holds no sequences", SHOW(text));
	return DEID_OK;
}

int path_parse(const struct deid_host *host, struct deid_str text, const struct deid_node *node,
    struct path **out, struct deid_error *err)
{
	struct reader r = {host, node, err, text};
	size_t parts = count_parts(text);
	struct path *p;
	int rc;

	*out = NULL;
	if (parts % 2 == 0)
		return COMPLAIN(&r, "'%.*s' ends with an item: an element must follow", SHOW(text));
	if (parts > 2 * WALK_DEPTH + 1)
		return COMPLAIN(&r, "'%.*s' nests more than %d deep", SHOW(text), WALK_DEPTH);
	p = calloc(1, sizeof *p + (parts / 2 + 1) * sizeof p->s[0]);
	if (!p || !(p->text = malloc(text.n + 1))) {
		free(p);
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	}
	if (text.n)
		memcpy(p->text, text.p, text.n);
	p->text[text.n] = '\0';
	p->host = host;
	p->n = parts / 2 + 1;
	rc = read_parts(&r, p, (struct deid_str){p->text, text.n});
	if (rc != DEID_OK) {
		path_free(p);
		return rc;
	}
	*out = p;
	return DEID_OK;
}

void path_free(void *path)
{
	struct path *p = path;

	if (p) {
		free(p->text);
		free(p->place);
	}
	free(p);
}

/* Not by printf(): a profile has hundreds of names, and this would be half of the time of reading them. */
static char *put_hex(char *out, uint64_t v)
{
	static const char digit[] = "0123456789abcdef";

	for (int shift = 60; shift >= 0; shift -= 4)
		*out++ = digit[(v >> shift) & 15];
	return out;
}

bool path_place(struct path *p, struct deid_str *place)
{
	size_t size = 0;
	char *out;

	for (size_t i = 0; i < p->n; i++)
		size += 2 * 16 + 2 + p->s[i].creator.n;
	p->place = out = malloc(size ? size : 1);
	if (!out)
		return false;
	for (size_t i = 0; i < p->n; i++) {
		const struct selector *s = &p->s[i];

		out = put_hex(out, (uint64_t)s->tag << 32 | s->mask);
		if (s->creator.n)
			memcpy(out, s->creator.p, s->creator.n);
		out += s->creator.n;
		if (i + 1 == p->n)
			break;
		*out++ = DEID_PLACE_STEP;
		out = put_hex(out, (uint64_t)s->item);
		*out++ = DEID_PLACE_STEP;
	}
	*place = (struct deid_str){p->place, (size_t)(out - p->place)};
	return true;
}

bool path_creates(const struct path *p)
{
	const struct selector *last = path_last(p);

	for (size_t i = 0; i < p->n; i++)
		if (p->s[i].mask != 0xFFFFFFFF)
			return false;
	/* What a private element is called without its creator cannot be known. */
	if (!last->creator.n && tag_is_private(last->tag))
		return false;
	return last->vr != VR_NONE && last->vr != VR_P_NA;
}
