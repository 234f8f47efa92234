/* SPDX-License-Identifier: MIT */
#include "plugins/common/charset.h"

#include "core/util/utf8.h"

#include <iconv.h>
#include <string.h>

static bool named(struct deid_str name, const char *const *list)
{
	for (; *list; list++)
		if (str_caseeq(name, str_of(*list)))
			return true;
	return false;
}

/* One byte through iconv; CHARSET_NONE unless it gives exactly one character. */
static uint32_t convert(iconv_t cd, unsigned char byte)
{
	char in = (char)byte, out[8], *i = &in, *o = out;
	size_t ni = 1, no = sizeof(out);
	uint32_t cp;

	iconv(cd, NULL, NULL, NULL, NULL);
	if (iconv(cd, &i, &ni, &o, &no) != 0 || ni || iconv(cd, NULL, NULL, &o, &no) != 0)
		return CHARSET_NONE;
	struct deid_str s = {out, sizeof(out) - no};
	return s.n && utf8_next(s, 0, &cp) == s.n ? cp : CHARSET_NONE;
}

static bool from_iconv(struct charset *c, struct deid_str name)
{
	struct buf z = {0};
	const char *text = buf_str(&z, name) ? buf_cstr(&z) : NULL;
	iconv_t cd = text && memchr(text, '/', name.n) == NULL ? iconv_open("UTF-8", text) : (iconv_t)-1;
	bool upper = false;

	buf_free(&z);
	if (cd == (iconv_t)-1)
		return false;
	for (unsigned i = 0; i < 256; i++) {
		c->cp[i] = convert(cd, (unsigned char)i);
		upper |= i >= 128 && c->cp[i] != CHARSET_NONE;
	}
	iconv_close(cd);
	for (unsigned i = 0; i < 128; i++)
		if (c->cp[i] != i)
			return false;
	return upper; /* else each character there takes several bytes */
}

bool charset_init(struct charset *c, struct deid_str name)
{
	static const char *const utf8[] = {"utf-8", "utf8", "utf_8", "utf-8-sig", "utf_8_sig", NULL};
	static const char *const latin1[] = {
	    "latin-1", "latin1", "latin_1", "iso-8859-1", "iso8859-1", "iso_8859_1", "l1", NULL};
	static const char *const ascii[] = {"ascii", "us-ascii", NULL};
	bool is_latin1 = named(name, latin1), is_ascii = named(name, ascii);

	*c = (struct charset){.utf8 = named(name, utf8)};
	if (c->utf8)
		return true;
	if (!is_latin1 && !is_ascii)
		return from_iconv(c, name);
	for (uint32_t i = 0; i < 256; i++)
		c->cp[i] = is_latin1 || i < 128 ? i : CHARSET_NONE;
	return true;
}

bool charset_valid(const struct charset *c, struct deid_str s)
{
	if (c->utf8)
		return utf8_valid(s);
	for (size_t i = 0; i < s.n; i++)
		if (c->cp[(unsigned char)s.p[i]] == CHARSET_NONE)
			return false;
	return true;
}

static bool is_ascii(struct deid_str s)
{
	unsigned char all = 0;

	for (size_t i = 0; i < s.n; i++)
		all |= (unsigned char)s.p[i];
	return all < 0x80;
}

bool charset_decode(const struct charset *c, struct deid_str *s, struct buf *scratch)
{
	if (c->utf8 || is_ascii(*s))
		return true;
	scratch->n = 0;
	for (size_t i = 0; i < s->n; i++) {
		char text[4];
		size_t n = utf8_put(text, c->cp[(unsigned char)s->p[i]]);

		if (!buf_add(scratch, text, n))
			return false;
	}
	*s = buf_view(scratch);
	return true;
}

static int byte_of(const struct charset *c, uint32_t cp)
{
	for (int i = 128; i < 256; i++)
		if (c->cp[i] == cp)
			return i;
	return -1;
}

bool charset_encode(const struct charset *c, struct deid_str *s, struct buf *scratch, bool *fits)
{
	uint32_t cp;

	*fits = true;
	if (c->utf8 || is_ascii(*s))
		return true;
	scratch->n = 0;
	for (size_t i = 0, n; i < s->n; i += n) {
		int byte;

		n = utf8_next(*s, i, &cp);
		byte = n == 0 ? -1 : cp < 128 ? (int)cp : byte_of(c, cp);
		*fits = byte >= 0;
		if (!*fits)
			return true;
		if (!buf_c(scratch, (char)byte))
			return false;
	}
	*s = buf_view(scratch);
	return true;
}

const char *charset_foreign(struct deid_str s)
{
	const unsigned char *b = (const unsigned char *)s.p;

	if (s.n < 2)
		return NULL;
	if ((b[0] == 0xFE && b[1] == 0xFF) || (b[0] == 0xFF && b[1] == 0xFE) || !b[0] || !b[1])
		return "UTF-16 or UTF-32, which is not supported";
	return NULL;
}

size_t charset_mark(const struct charset *c, struct deid_str s)
{
	return c->utf8 && s.n >= 3 && memcmp(s.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}
