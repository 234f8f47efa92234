/* SPDX-License-Identifier: MIT */
#include "plugins/image/png.h"

#include "core/util/utf8.h"
#include "plugins/image/icc.h"
#include <string.h>
#include <zlib.h>

bool png_is_text(uint32_t type)
{
	return type == PNG_TEXT || type == PNG_ZTXT || type == PNG_ITXT;
}

static int nomem(struct png *p, struct deid_error *err)
{
	return p->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a chunk");
}

static int broken(struct png *p, const struct png_chunk *c, struct deid_error *err)
{
	p->host->fail(err, DEID_FAILED, DEID_E_FORMAT, "a chunk whose content is damaged");
	p->host->at(err, (struct deid_str){NULL, 0}, c->off);
	return DEID_FAILED;
}

/* ---- character sets ------------------------------------------------------------------------------ */

static struct deid_str from_latin1(struct png *p, struct deid_str s)
{
	char *out = p->host->alloc(p->job, 2 * s.n + 1);
	size_t n = 0;

	if (!out)
		return (struct deid_str){NULL, 0};
	for (size_t i = 0; i < s.n; i++)
		n += utf8_put(out + n, (uint8_t)s.p[i]);
	return (struct deid_str){out, n};
}

struct deid_str png_keyword(struct png *p, struct deid_str latin1)
{
	return from_latin1(p, latin1);
}

bool png_latin1(struct png *p, struct deid_str s, struct deid_str *out)
{
	char *b = p->host->alloc(p->job, s.n);
	uint32_t cp;
	size_t n, k = 0;

	for (size_t i = 0; b && i < s.n; i += n) {
		n = utf8_next(s, i, &cp);
		if (!n || !cp || cp > 0xFF)
			return false;
		b[k++] = (char)cp;
	}
	*out = (struct deid_str){b, k};
	return b != NULL;
}

/* ---- compression --------------------------------------------------------------------------------- */

static int inflate_all(struct png *p, const struct png_chunk *c, struct deid_str in, struct deid_str *out,
    struct deid_error *err)
{
	struct buf b = {0};
	z_stream z = {0};
	int zrc = Z_OK;

	if (inflateInit(&z) != Z_OK)
		return nomem(p, err);
	z.next_in = (unsigned char *)(uintptr_t)in.p; /* zlib does not write to its input */
	z.avail_in = (uInt)in.n;
	while (zrc == Z_OK && b.n <= PNG_INFLATED_MAX && buf_reserve(&b, (size_t)16 << 10)) {
		z.next_out = (unsigned char *)b.p + b.n;
		z.avail_out = (uInt)16 << 10;
		zrc = inflate(&z, Z_NO_FLUSH);
		b.n += ((size_t)16 << 10) - z.avail_out;
	}
	inflateEnd(&z);
	*out = zrc == Z_STREAM_END && b.n <= PNG_INFLATED_MAX ? p->host->dup(p->job, buf_view(&b))
							      : (struct deid_str){NULL, 0};
	if (b.n > PNG_INFLATED_MAX)
		p->host->fail(err, DEID_FAILED, DEID_E_LIMIT, "a chunk that unpacks to more than 8 MiB");
	else if (zrc == Z_STREAM_END && !out->p)
		nomem(p, err);
	else if (!out->p)
		broken(p, c, err);
	buf_free(&b);
	return out->p ? DEID_OK : DEID_FAILED;
}

static bool put_deflated(struct buf *b, struct deid_str s)
{
	uLongf n = compressBound((uLong)s.n);

	if (!buf_reserve(b, n) || compress2((unsigned char *)b->p + b->n, &n, (const unsigned char *)s.p,
				      (uLong)s.n, Z_DEFAULT_COMPRESSION) != Z_OK)
		return false;
	b->n += n;
	return true;
}

/* ---- the chunks ---------------------------------------------------------------------------------- */

/* Where the text begins, behind keyword and flags; sections 11.3.3.2 to 11.3.3.4. */
struct layout {
	size_t text;
	bool packed, utf8;
};

static bool read_layout(const struct png_chunk *c, struct layout *l)
{
	struct deid_str d = c->data;
	size_t k = c->keyword.n + 1, language, translated;

	*l = (struct layout){k, false, false};
	if (c->type == PNG_TEXT) {
		l->text = k < d.n ? k : d.n;
		return true;
	}
	if (c->type == PNG_ZTXT) {
		*l = (struct layout){k + 1, true, false};
		return k < d.n && d.p[k] == 0;
	}
	if (d.n < k + 2 || (uint8_t)d.p[k] > 1 || (d.p[k] && d.p[k + 1]))
		return false;
	language = str_find(d, 0, k + 2);
	translated = language < d.n ? str_find(d, 0, language + 1) : d.n;
	*l = (struct layout){translated + 1, d.p[k] == 1, true};
	return translated < d.n;
}

int png_text_get(struct png *p, struct png_chunk *c, struct deid_str *out, struct deid_error *err)
{
	struct layout l;
	struct deid_str s;

	if (png_load(p, c, err) != DEID_OK)
		return DEID_FAILED;
	if (!read_layout(c, &l))
		return broken(p, c, err);
	s = str_sub(c->data, l.text, c->data.n);
	if (l.packed && inflate_all(p, c, s, &s, err) != DEID_OK)
		return DEID_FAILED;
	if (l.utf8 && !utf8_valid(s))
		return p->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "the text is not the UTF-8 that it should be");
	*out = l.utf8 ? s : from_latin1(p, s);
	return out->p || !out->n ? DEID_OK : nomem(p, err);
}

static int encode(struct png *p, bool utf8, struct deid_str s, struct deid_str *out, struct deid_error *err)
{
	*out = s;
	if (utf8 ? memchr(s.p ? s.p : "", 0, s.n) == NULL : png_latin1(p, s, out))
		return DEID_OK;
	return p->host->fail(err, DEID_FAILED, DEID_E_VALUE,
	    utf8 ? "a text with a NUL character" : "a text that only an iTXt chunk can hold");
}

static int put_data(struct png *p, struct deid_str head, bool packed, struct deid_str text,
    struct deid_str *data, struct deid_error *err)
{
	struct buf b = {0};
	bool ok = buf_str(&b, head) && (packed ? put_deflated(&b, text) : buf_str(&b, text));

	*data = ok ? p->host->dup(p->job, buf_view(&b)) : (struct deid_str){NULL, 0};
	buf_free(&b);
	if (!data->p)
		return nomem(p, err);
	if (data->n > INT32_MAX)
		return p->host->fail(err, DEID_FAILED, DEID_E_VALUE, "a value that no chunk can hold");
	return DEID_OK;
}

int png_text_set(struct png *p, struct png_chunk *c, struct deid_str utf8, struct deid_error *err)
{
	struct deid_str text, head;
	struct layout l;
	bool bare;

	if (png_load(p, c, err) != DEID_OK || !read_layout(c, &l))
		return broken(p, c, err);
	if (encode(p, l.utf8, utf8, &text, err) != DEID_OK)
		return DEID_FAILED;
	head = str_sub(c->data, 0, l.text);
	bare = c->type == PNG_TEXT && c->keyword.n == c->data.n;
	if (bare) {
		char *h = p->host->alloc(p->job, head.n + 1);

		if (!h)
			return nomem(p, err);
		memcpy(h, head.p, head.n);
		h[head.n] = 0;
		head = (struct deid_str){h, head.n + 1};
	}
	if (put_data(p, head, l.packed, text, &c->data, err) != DEID_OK)
		return DEID_FAILED;
	c->changed = true;
	return DEID_OK;
}

int png_text_new(struct png *p, uint32_t type, struct deid_str keyword, struct deid_str utf8,
    struct deid_str *data, struct deid_error *err)
{
	struct deid_str key, text;
	char *head = p->host->alloc(p->job, keyword.n + 5);
	size_t n;

	if (!head)
		return nomem(p, err);
	if (!png_latin1(p, keyword, &key) || !key.n || key.n > PNG_KEYWORD_MAX)
		return p->host->fail(err, DEID_FAILED, DEID_E_FIELD, "no keyword that a chunk can have");
	if (encode(p, type == PNG_ITXT, utf8, &text, err) != DEID_OK)
		return DEID_FAILED;
	memcpy(head, key.p, key.n);
	n = key.n + (type == PNG_TEXT ? 1 : type == PNG_ZTXT ? 2 : 5);
	memset(head + key.n, 0, n - key.n);
	return put_data(p, (struct deid_str){head, n}, type == PNG_ZTXT, text, data, err);
}

/* ---- colour profiles ----------------------------------------------------------------------------- */

int png_blank_profile(struct png *p, struct png_chunk *c, struct deid_str *out, struct deid_error *err)
{
	static const char head[] = "icc\0"; /* a name, its end, the method of compression */
	size_t k = c->keyword.n + 1;
	struct deid_str profile;
	struct buf b = {0};
	int rc = DEID_OK;

	*out = (struct deid_str){NULL, 0};
	if (png_load(p, c, err) != DEID_OK)
		return DEID_FAILED;
	if (k >= c->data.n || c->data.p[k] ||
	    inflate_all(p, c, str_sub(c->data, k + 1, c->data.n), &profile, NULL) != DEID_OK)
		return DEID_OK;
	if (icc_blank(profile, &b))
		rc = put_data(p, (struct deid_str){head, 5}, true, buf_view(&b), out, err);
	buf_free(&b);
	return rc;
}
