/* SPDX-License-Identifier: MIT */
#include "plugins/xml/text.h"

#include "core/util/utf8.h"

#include <stdio.h>
#include <string.h>

/* XML 1.0 appendix F.1, as far as expat goes. */
bool xml_encoding_head(struct xml_encoding *e, struct deid_str head, size_t *mark)
{
	const unsigned char *b = (const unsigned char *)head.p;

	*e = (struct xml_encoding){.unit = 1};
	*mark = 0;
	if (head.n >= 2 && ((b[0] == 0xFE && b[1] == 0xFF) || (b[0] == 0xFF && b[1] == 0xFE))) {
		e->unit = 2;
		e->big = b[0] == 0xFE;
		*mark = 2;
	} else if (head.n >= 2 && (!b[0] || !b[1])) {
		e->unit = 2;
		e->big = !b[0];
	} else if (head.n >= 3 && memcmp(b, "\xEF\xBB\xBF", 3) == 0) {
		*mark = 3;
	}
	return charset_init(&e->charset, STR("utf-8"));
}

static bool char_allowed(uint32_t c)
{
	return c == 9 || c == 10 || c == 13 || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

bool xml_allowed(struct deid_str s)
{
	uint32_t c;

	for (size_t i = 0, n; i < s.n; i += n) {
		n = 1;
		if (s.p[i] >= ' ' && s.p[i] <= '~')
			continue;
		n = utf8_next(s, i, &c);
		if (!n || !char_allowed(c))
			return false;
	}
	return true;
}

static bool put_unit(const struct xml_encoding *e, uint32_t u, struct buf *out)
{
	char hi = (char)(u >> 8), lo = (char)(u & 0xFF);

	return buf_c(out, e->big ? hi : lo) && buf_c(out, e->big ? lo : hi);
}

static bool put_utf16(const struct xml_encoding *e, uint32_t c, struct buf *out)
{
	if (c < 0x10000)
		return put_unit(e, c, out);
	return put_unit(e, 0xD800 + ((c - 0x10000) >> 10), out) &&
	       put_unit(e, 0xDC00 + ((c - 0x10000) & 0x3FF), out);
}

static bool put_ascii(const struct xml_encoding *e, const char *z, struct buf *out)
{
	if (e->unit == 1)
		return buf_z(out, z);
	for (; *z; z++)
		if (!put_unit(e, (unsigned char)*z, out))
			return false;
	return true;
}

static bool put_reference(const struct xml_encoding *e, uint32_t c, struct buf *out)
{
	char text[16];

	snprintf(text, sizeof(text), "&#%u;", (unsigned)c);
	return put_ascii(e, text, out);
}

/* s: the bytes of c as UTF-8. */
static bool put_char(const struct xml_encoding *e, uint32_t c, struct deid_str s, struct buf *out)
{
	struct buf scratch = {0};
	bool fits, good;

	if (e->unit == 2)
		return put_utf16(e, c, out);
	if (c < 0x80 || e->charset.utf8)
		return buf_str(out, s);
	good = charset_encode(&e->charset, &s, &scratch, &fits);
	if (good)
		good = fits ? buf_str(out, s) : put_reference(e, c, out);
	buf_free(&scratch);
	return good;
}

/* How many bytes from i on are ASCII that is written as it is, in text and in quotes. */
static size_t plain_run(struct deid_str s, size_t i)
{
	size_t from = i;

	while (i < s.n && s.p[i] >= ' ' && s.p[i] <= '~' && s.p[i] != '&' && s.p[i] != '<' && s.p[i] != '>' &&
	       s.p[i] != '"' && s.p[i] != '\'')
		i++;
	return i - from;
}

static bool put(const struct xml_encoding *e, struct deid_str s, bool escape, char quote, struct buf *out)
{
	uint32_t c;

	for (size_t i = 0, n; i < s.n; i += n) {
		bool good;

		n = e->unit == 1 ? plain_run(s, i) : 0;
		if (n) {
			if (!buf_add(out, s.p + i, n))
				return false;
			continue;
		}
		n = utf8_next(s, i, &c);
		if (!n)
			return false;
		if (!escape)
			good = put_char(e, c, str_sub(s, i, n), out);
		else if (c == '&')
			good = put_ascii(e, "&amp;", out);
		else if (c == '<')
			good = put_ascii(e, "&lt;", out);
		else if (c == '>' && !quote)
			good = put_ascii(e, "&gt;", out);
		else if (quote && c == (unsigned char)quote)
			good = put_ascii(e, quote == '"' ? "&quot;" : "&apos;", out);
		else if (c == '\r' || (quote && (c == '\t' || c == '\n')))
			good = put_reference(e, c, out); /* reading would change it */
		else
			good = put_char(e, c, str_sub(s, i, n), out);
		if (!good)
			return false;
	}
	return true;
}

bool xml_put(const struct xml_encoding *e, struct deid_str s, struct buf *out)
{
	return put(e, s, false, 0, out);
}

bool xml_put_text(const struct xml_encoding *e, struct deid_str s, char quote, struct buf *out)
{
	return put(e, s, true, quote, out);
}

/* ---- start tags ---------------------------------------------------------------------------------- */

/* The character at a place if it is ASCII, else 0x80; 0 at the end. */
static unsigned char at(const struct xml_encoding *e, struct deid_str tag, size_t i)
{
	const unsigned char *b = (const unsigned char *)tag.p + i;

	if (i + e->unit > tag.n)
		return 0;
	if (e->unit == 1)
		return b[0] < 0x80 ? b[0] : 0x80;
	if (b[e->big ? 0 : 1])
		return 0x80;
	return b[e->big ? 1 : 0] < 0x80 ? b[e->big ? 1 : 0] : 0x80;
}

static bool blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool own_entity(const struct xml_encoding *e, struct deid_str tag, size_t i)
{
	static const char *const known[] = {"amp;", "lt;", "gt;", "quot;", "apos;", "#"};

	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++) {
		size_t n = 0;

		while (known[k][n] && at(e, tag, i + (n + 1) * e->unit) == (unsigned char)known[k][n])
			n++;
		if (!known[k][n])
			return true;
	}
	return false;
}

static size_t skip_name(const struct xml_encoding *e, struct deid_str tag, size_t i)
{
	unsigned char c;

	while ((c = at(e, tag, i)) && c != '=' && c != '>' && c != '/' && !blank(c))
		i += e->unit;
	return i;
}

static size_t skip_blank(const struct xml_encoding *e, struct deid_str tag, size_t i)
{
	while (blank(at(e, tag, i)))
		i += e->unit;
	return i;
}

bool xml_next_attr(const struct xml_encoding *e, struct deid_str tag, size_t *pos, struct xml_spot_in_tag *a)
{
	size_t i = *pos ? *pos : skip_name(e, tag, e->unit);
	unsigned char c;

	*a = (struct xml_spot_in_tag){.gap = i};
	i = skip_blank(e, tag, i);
	c = at(e, tag, i);
	if (!c || c == '>' || c == '/')
		return false;
	i = skip_blank(e, tag, skip_name(e, tag, i));
	if (at(e, tag, i) != '=')
		return false;
	i = skip_blank(e, tag, i + e->unit);
	c = at(e, tag, i);
	if (c != '"' && c != '\'')
		return false;
	a->quote = (char)c;
	a->value = i += e->unit;
	while (at(e, tag, i) && at(e, tag, i) != c) {
		a->entity |= at(e, tag, i) == '&' && !own_entity(e, tag, i);
		i += e->unit;
	}
	if (!at(e, tag, i))
		return false;
	a->close = i;
	*pos = a->end = i + e->unit;
	return true;
}
