/* SPDX-License-Identifier: MIT */
/* Values as text, and text as values. */
#include "core/util/bytes.h"
#include "core/util/utf8.h"
#include "plugins/image/tree.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NUMBERS_MAX 65536u /* bytes: a longer list of numbers is a table, not a value */
#define TEXT_MAX                                                                                             \
	((uint64_t)16 << 20) /* bytes: longer than any description; what is longer can be removed            \
			      */
#define CODE_SIZE 8          /* of the character code before a comment, EXIF 2.32 section 4.6.5 */

enum spelling { SPELL_TEXT, SPELL_NUMBERS, SPELL_COMMENT, SPELL_UTF16, SPELL_OPAQUE };

static enum spelling spelling_of(const struct tag_info *info, unsigned type)
{
	unsigned flags = info ? info->flags : 0;

	if (type == TYPE_ASCII || type == TYPE_UTF8)
		return SPELL_TEXT;
	if (type == TYPE_UNDEFINED || type == TYPE_BYTE) {
		if (flags & TAG_F_TEXT)
			return SPELL_TEXT;
		if (flags & TAG_F_COMMENT)
			return SPELL_COMMENT;
		if (flags & TAG_F_UTF16)
			return SPELL_UTF16;
		/* Bytes are numbers where a standard says how many, or is silent. */
		return type == TYPE_BYTE && !(info && !info->count) ? SPELL_NUMBERS : SPELL_OPAQUE;
	}
	return type_size(type) ? SPELL_NUMBERS : SPELL_OPAQUE;
}

/* ---- reading ----------------------------------------------------------------------------------- */

static struct deid_str scratch_str(const struct ifd_tree *t, const char *p, size_t n)
{
	char *copy = t->host->scratch(t->job, n + 1);

	if (!copy)
		return (struct deid_str){NULL, 0};
	memcpy(copy, p, n);
	copy[n] = '\0';
	return (struct deid_str){copy, n};
}

/* The text of one component; an empty one makes an empty value. */
static int give(const struct ifd_tree *t, struct deid_value *v, struct deid_str text, struct deid_error *err)
{
	struct deid_str *one = t->host->scratch(t->job, sizeof *one);

	if (!one || !text.p)
		return tree_nomem(t, err);
	*one = text;
	v->v = one;
	v->n = text.n ? 1 : 0;
	return DEID_OK;
}

/* What stands for bytes that are no text: `fields --values` shows it, no action uses it. */
static int get_opaque(
    const struct ifd_tree *t, const struct entry_view *e, struct deid_value *v, struct deid_error *err)
{
	char b[40];
	int n = snprintf(b, sizeof b, "%" PRIu64 " bytes", e->len);

	v->kind = DEID_BYTES;
	v->flags = 0;
	return give(t, v, scratch_str(t, b, e->len && n > 0 ? (size_t)n : 0), err);
}

/* Not UTF-8: what older programs write is ISO 8859-1, as often as not. */
static int get_latin(
    const struct ifd_tree *t, struct deid_value *v, const uint8_t *p, size_t n, struct deid_error *err)
{
	char *out = t->host->scratch(t->job, 2 * n + 1);
	size_t k = 0;

	if (!out)
		return tree_nomem(t, err);
	for (size_t i = 0; i < n; i++)
		k += utf8_put(out + k, p[i]);
	return give(t, v, (struct deid_str){out, k}, err);
}

static int get_bytes_text(
    const struct ifd_tree *t, struct deid_value *v, const uint8_t *p, size_t n, struct deid_error *err)
{
	struct deid_str text;

	while (n && p[n - 1] == '\0')
		n--;
	text = (struct deid_str){(const char *)p, n};
	if (!utf8_valid(text))
		return get_latin(t, v, p, n, err);
	return give(t, v, scratch_str(t, text.p, n), err);
}

/* EXIF 2.32, DateTime: unknown is blanks between the colons; zeros are as common. */
static bool is_blank_date(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != ' ' && p[i] != ':' && p[i] != '0' && p[i] != '\0')
			return false;
	return true;
}

static bool is_blank_text(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != ' ' && p[i] != '\0')
			return false;
	return true;
}

static int get_text(const struct ifd_tree *t, const struct entry_view *e, const struct tag_info *info,
    const uint8_t *p, struct deid_value *v, struct deid_error *err)
{
	unsigned flags = info ? info->flags : 0;

	v->kind = flags & TAG_F_DATETIME ? DEID_DATETIME : flags & TAG_F_DATE ? DEID_DATE : DEID_TEXT;
	v->flags = DEID_V_FREE;
	if (v->kind != DEID_TEXT ? is_blank_date(p, (size_t)e->len) : is_blank_text(p, (size_t)e->len))
		return DEID_OK;
	return get_bytes_text(t, v, p, (size_t)e->len, err);
}

/* UTF-16 into UTF-8; false: it is none. */
static bool from_utf16(const uint8_t *p, size_t n, bool big, char *out, size_t *len)
{
	*len = 0;
	if (n % 2)
		n--;
	for (size_t i = 0; i < n; i += 2) {
		uint32_t c = big ? get_be16(p + i) : get_le16(p + i), low;

		if (c >= 0xDC00 && c <= 0xDFFF)
			return false;
		if (c >= 0xD800 && c <= 0xDBFF) {
			if (n - i < 4)
				return false;
			low = big ? get_be16(p + i + 2) : get_le16(p + i + 2);
			if (low < 0xDC00 || low > 0xDFFF)
				return false;
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
			i += 2;
		}
		*len += utf8_put(out + *len, c);
	}
	while (*len && out[*len - 1] == '\0')
		--*len;
	return true;
}

static int get_utf16(const struct ifd_tree *t, const struct entry_view *e, const uint8_t *p, size_t n,
    bool big, struct deid_value *v, struct deid_error *err)
{
	char *out = t->host->scratch(t->job, n * 2 + 4);
	size_t len;

	if (!out)
		return tree_nomem(t, err);
	if (n >= 2 && (get_be16(p) == 0xFEFF || get_le16(p) == 0xFEFF)) {
		big = get_be16(p) == 0xFEFF;
		p += 2;
		n -= 2;
	}
	if (!from_utf16(p, n, big, out, &len))
		return get_opaque(t, e, v, err);
	v->kind = DEID_TEXT;
	v->flags = DEID_V_FREE;
	return give(t, v, (struct deid_str){out, len}, err);
}

static int get_comment(const struct ifd_tree *t, const struct entry_view *e, const uint8_t *p,
    struct deid_value *v, struct deid_error *err)
{
	size_t n = (size_t)e->len;
	const uint8_t *text = p + CODE_SIZE;

	if (n < CODE_SIZE || memcmp(p, "JIS\0\0\0\0\0", CODE_SIZE) == 0)
		return get_opaque(t, e, v, err);
	n -= CODE_SIZE;
	if (memcmp(p, "UNICODE\0", CODE_SIZE) == 0)
		return get_utf16(t, e, text, n, t->big, v, err);
	v->kind = DEID_TEXT;
	v->flags = DEID_V_FREE;
	while (n && (text[n - 1] == ' ' || text[n - 1] == '\0'))
		n--;
	return get_bytes_text(t, v, text, n, err);
}

/* num / den as a decimal where that is exact and short, else as a fraction. */
static int ratio_text(char *b, size_t size, bool negative, uint64_t num, uint64_t den)
{
	const char *sign = negative ? "-" : "";
	uint64_t scale = 1;
	int digits = 0;

	while (den && digits < 9 && num * scale % den != 0) {
		scale *= 10;
		digits++;
	}
	if (!den || num * scale % den != 0)
		return snprintf(b, size, "%s%" PRIu64 "/%" PRIu64, sign, num, den);
	num = num * scale / den;
	if (!digits)
		return snprintf(b, size, "%s%" PRIu64, sign, num);
	return snprintf(b, size, "%s%" PRIu64 ".%0*" PRIu64, sign, num / scale, digits, num % scale);
}

/* The shortest decimal text that reads back as the same number. The C locale is the program's. */
static int real_text(char *b, size_t size, double d, bool single)
{
	for (int digits = single ? 6 : 15; digits <= 17; digits++) {
		int n = snprintf(b, size, "%.*g", digits, d);

		if (single ? (float)strtod(b, NULL) == (float)d : strtod(b, NULL) == d)
			return n;
	}
	return snprintf(b, size, "%.17g", d);
}

static uint64_t magnitude(int64_t v)
{
	return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

static int number_text(const struct ifd_tree *t, unsigned type, const uint8_t *p, char *b, size_t size)
{
	size_t unit = type_size(type);
	uint64_t u = type == TYPE_RATIONAL || type == TYPE_SRATIONAL ? 0 : tree_get(t, p, unit);
	uint32_t bits = (uint32_t)u;
	int64_t num, den;
	float f;
	double d;

	switch (type) {
	case TYPE_SBYTE:
		return snprintf(b, size, "%d", (int8_t)u);
	case TYPE_SSHORT:
		return snprintf(b, size, "%d", (int16_t)u);
	case TYPE_SLONG:
		return snprintf(b, size, "%" PRId32, (int32_t)u);
	case TYPE_SLONG8:
		return snprintf(b, size, "%" PRId64, (int64_t)u);
	case TYPE_RATIONAL:
		return ratio_text(b, size, false, tree_get(t, p, 4), tree_get(t, p + 4, 4));
	case TYPE_SRATIONAL:
		num = (int32_t)tree_get(t, p, 4);
		den = (int32_t)tree_get(t, p + 4, 4);
		return ratio_text(b, size, (num < 0) != (den < 0) && num, magnitude(num), magnitude(den));
	case TYPE_FLOAT:
		memcpy(&f, &bits, sizeof f);
		return real_text(b, size, (double)f, true);
	case TYPE_DOUBLE:
		memcpy(&d, &u, sizeof d);
		return real_text(b, size, d, false);
	default:
		return snprintf(b, size, "%" PRIu64, u);
	}
}

static bool is_real(unsigned type)
{
	return type == TYPE_RATIONAL || type == TYPE_SRATIONAL || type == TYPE_FLOAT || type == TYPE_DOUBLE;
}

static bool is_signed(unsigned type)
{
	return type == TYPE_SBYTE || type == TYPE_SSHORT || type == TYPE_SLONG || type == TYPE_SLONG8;
}

/* The whole numbers that the type holds. */
static void range_of(unsigned type, int64_t *lo, int64_t *hi)
{
	unsigned bits = 8 * (unsigned)type_size(type);

	*hi = bits == 64 ? INT64_MAX : ((int64_t)1 << (is_signed(type) ? bits - 1 : bits)) - 1;
	*lo = is_signed(type) ? -*hi - 1 : 0;
}

static int get_numbers(const struct ifd_tree *t, const struct entry_view *e, const uint8_t *p,
    struct deid_value *v, struct deid_error *err)
{
	size_t unit = type_size(e->type), n = (size_t)e->count;
	struct deid_str *list = t->host->scratch(t->job, n * sizeof *list);
	char b[64];

	if (!list)
		return tree_nomem(t, err);
	v->kind = is_real(e->type) ? DEID_REAL : DEID_INT;
	v->flags = 0;
	if (v->kind == DEID_INT)
		range_of(e->type, &v->lo, &v->hi);
	for (size_t i = 0; i < n; i++) {
		int len = number_text(t, e->type, p + i * unit, b, sizeof b);

		list[i] = scratch_str(t, b, len > 0 ? (size_t)len : 0);
		if (!list[i].p)
			return tree_nomem(t, err);
	}
	v->v = list;
	v->n = n;
	return DEID_OK;
}

int value_get(const struct ifd_tree *t, const struct entry_view *e, const struct tag_info *info,
    struct deid_value *v, struct deid_error *err)
{
	enum spelling spelling = spelling_of(info, e->type);
	const uint8_t *p;

	*v = (struct deid_value){.size = sizeof *v, .kind = DEID_BYTES, .lo = 1};
	if (spelling == SPELL_OPAQUE || e->len > (spelling == SPELL_NUMBERS ? NUMBERS_MAX : TEXT_MAX))
		return get_opaque(t, e, v, err);
	if (view_bytes(t, e, &p, err) != DEID_OK)
		return DEID_FAILED;
	switch (spelling) {
	case SPELL_TEXT:
		return get_text(t, e, info, p, v, err);
	case SPELL_NUMBERS:
		return get_numbers(t, e, p, v, err);
	case SPELL_COMMENT:
		return get_comment(t, e, p, v, err);
	case SPELL_UTF16:
		return get_utf16(t, e, p, (size_t)e->len, false, v, err);
	default:
		return get_opaque(t, e, v, err);
	}
}

/* ---- writing ----------------------------------------------------------------------------------- */

static int refuse(const struct ifd_tree *t, struct deid_error *err, const char *why)
{
	return t->host->fail(err, DEID_FAILED, DEID_E_VALUE, "%s", why);
}

/* The components in a row, each but the last with what parts them in TIFF: a NUL. */
static int join(const struct ifd_tree *t, const struct deid_value *v, size_t before, size_t after,
    struct deid_str *text, uint8_t **out, struct deid_error *err)
{
	size_t n = before + after;
	uint8_t *p;

	for (size_t i = 0; i < v->n; i++)
		n += v->v[i].n + (i > 0);
	*out = p = t->host->alloc(t->job, n + 1);
	if (!p)
		return tree_nomem(t, err);
	memset(p, 0, n + 1);
	p += before;
	*text = (struct deid_str){(const char *)p, n - before - after};
	for (size_t i = 0; i < v->n; i++) {
		if (i)
			p++;
		if (v->v[i].n)
			memcpy(p, v->v[i].p, v->v[i].n);
		p += v->v[i].n;
	}
	return DEID_OK;
}

static size_t to_utf16(struct deid_str text, bool big, uint8_t *out)
{
	size_t n = 0;
	uint32_t c;

	for (size_t i = 0, len; i < text.n && (len = utf8_next(text, i, &c)) > 0; i += len) {
		uint16_t unit[2] = {(uint16_t)c, 0};
		size_t k = 1;

		if (c > 0xFFFF) {
			unit[0] = (uint16_t)(0xD800 + ((c - 0x10000) >> 10));
			unit[1] = (uint16_t)(0xDC00 + (c & 0x3FF));
			k = 2;
		}
		for (size_t j = 0; j < k; j++, n += 2) {
			out[n] = (uint8_t)(big ? unit[j] >> 8 : unit[j]);
			out[n + 1] = (uint8_t)(big ? unit[j] : unit[j] >> 8);
		}
	}
	return n;
}

static bool is_ascii(struct deid_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static int make_utf16(const struct ifd_tree *t, struct deid_str text, size_t before, size_t after, bool big,
    struct deid_str *out, struct deid_error *err)
{
	uint8_t *p = t->host->alloc(t->job, before + 2 * text.n + after + 1);

	if (!p)
		return tree_nomem(t, err);
	memset(p, 0, before + 2 * text.n + after + 1);
	*out = (struct deid_str){(const char *)p, before + to_utf16(text, big, p + before) + after};
	return DEID_OK;
}

static int make_comment(
    const struct ifd_tree *t, const struct deid_value *v, struct deid_str *out, struct deid_error *err)
{
	struct deid_str text;
	uint8_t *p;

	if (join(t, v, CODE_SIZE, 0, &text, &p, err) != DEID_OK)
		return DEID_FAILED;
	if (is_ascii(text)) {
		memcpy(p, "ASCII\0\0\0", CODE_SIZE);
		*out = (struct deid_str){(const char *)p, CODE_SIZE + text.n};
		return DEID_OK;
	}
	if (make_utf16(t, text, CODE_SIZE, 0, t->big, out, err) != DEID_OK)
		return DEID_FAILED;
	memcpy((char *)(uintptr_t)out->p, "UNICODE\0", CODE_SIZE);
	return DEID_OK;
}

static int make_text(const struct ifd_tree *t, const struct tag_info *info, unsigned type,
    const struct deid_value *v, uint64_t *count, struct deid_str *out, struct deid_error *err)
{
	struct deid_str text;
	uint8_t *p;
	bool fixed = info && info->flags & TAG_F_TEXT;

	if (join(t, v, 0, type == TYPE_UNDEFINED ? 0 : 1, &text, &p, err) != DEID_OK)
		return DEID_FAILED;
	if (fixed && info->count && text.n != info->count)
		return refuse(t, err, "the tag takes a text of another length");
	*out = (struct deid_str){(const char *)p, text.n + (type != TYPE_UNDEFINED)};
	*count = out->n;
	return DEID_OK;
}

/* [+-]digits[.digits] or n/d into a fraction; false: neither, or too large. */
static bool read_ratio(struct deid_str s, bool *negative, uint64_t *num, uint64_t *den)
{
	size_t slash = str_find(s, '/', 0), dot;
	bool digits = false;

	*negative = s.n && s.p[0] == '-';
	if (s.n && (s.p[0] == '-' || s.p[0] == '+')) {
		s = str_sub(s, 1, s.n);
		slash--;
	}
	if (slash < s.n)
		return str_u64(str_sub(s, 0, slash), num) && str_u64(str_sub(s, slash + 1, s.n), den);
	*num = 0;
	*den = 1;
	dot = s.n;
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned char)s.p[i] - '0';

		if (s.p[i] == '.' && dot == s.n) {
			dot = i;
			continue;
		}
		if (d > 9 || *num > UINT64_MAX / 10 - 9)
			return false;
		if (dot < s.n && *den >= 1000000000)
			continue; /* more digits than a fraction of 32 bits can tell */
		*num = *num * 10 + d;
		*den *= dot < s.n ? 10 : 1;
		digits = true;
	}
	return digits;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

static bool put_ratio(const struct ifd_tree *t, unsigned type, struct deid_str s, uint8_t *out)
{
	uint64_t max = type == TYPE_RATIONAL ? UINT32_MAX : INT32_MAX, num, den, by;
	bool negative;

	if (!read_ratio(s, &negative, &num, &den) || (negative && num && type == TYPE_RATIONAL))
		return false;
	by = str_find(s, '/', 0) == s.n ? gcd(num, den) : 1;
	num /= by ? by : 1;
	den /= by ? by : 1;
	while ((num > max || den > max) && den >= 10 && str_find(s, '/', 0) == s.n) {
		num = num / 10 + (num % 10 >= 5);
		den /= 10;
	}
	if (num > max || den > max)
		return false;
	tree_put(t, out, 4, negative ? 0 - num : num);
	tree_put(t, out + 4, 4, den);
	return true;
}

static bool put_real(const struct ifd_tree *t, unsigned type, struct deid_str s, uint8_t *out)
{
	char b[64], *end;
	double d;
	float f;
	uint32_t bits;
	uint64_t wide;

	if (!s.n || s.n >= sizeof b || str_trim(s).n != s.n)
		return false;
	memcpy(b, s.p, s.n);
	b[s.n] = '\0';
	d = strtod(b, &end);
	if (end != b + s.n || !isfinite(d))
		return false;
	if (type == TYPE_FLOAT) {
		f = (float)d;
		memcpy(&bits, &f, sizeof bits);
		tree_put(t, out, 4, bits);
		return isfinite(f);
	}
	memcpy(&wide, &d, sizeof wide);
	tree_put(t, out, 8, wide);
	return true;
}

static bool put_whole(const struct ifd_tree *t, unsigned type, struct deid_str s, uint8_t *out)
{
	int64_t v, lo, hi;
	uint64_t u;

	range_of(type, &lo, &hi);
	if (str_i64(s, &v)) {
		if (v < lo || v > hi)
			return false;
		tree_put(t, out, type_size(type), (uint64_t)v);
		return true;
	}
	if (type != TYPE_LONG8 || !str_u64(s, &u))
		return false;
	tree_put(t, out, 8, u);
	return true;
}

static int make_numbers(const struct ifd_tree *t, const struct tag_info *info, unsigned type,
    const struct deid_value *v, uint64_t *count, struct deid_str *out, struct deid_error *err)
{
	size_t unit = type_size(type);
	uint8_t *p;

	if (!v->n || (v->n == 1 && !v->v[0].n))
		return refuse(t, err, "the tag takes numbers, and cannot be empty");
	if (info && info->count && info->type == type && v->n != info->count)
		return refuse(t, err, "the tag takes another number of numbers");
	p = t->host->alloc(t->job, v->n * unit);
	if (!p)
		return tree_nomem(t, err);
	for (size_t i = 0; i < v->n; i++) {
		bool ok = type == TYPE_RATIONAL || type == TYPE_SRATIONAL
			      ? put_ratio(t, type, v->v[i], p + i * unit)
			  : is_real(type) ? put_real(t, type, v->v[i], p + i * unit)
					  : put_whole(t, type, v->v[i], p + i * unit);

		if (!ok)
			return refuse(t, err, "the tag takes a number that its type can hold");
	}
	*out = (struct deid_str){(const char *)p, v->n * unit};
	*count = v->n;
	return DEID_OK;
}

int value_make(const struct ifd_tree *t, const struct tag_info *info, unsigned type,
    const struct deid_value *v, uint64_t *count, struct deid_str *out, struct deid_error *err)
{
	struct deid_str text;
	uint8_t *p;
	int rc;

	if (v->kind == DEID_TREE || v->kind == DEID_NULL)
		return refuse(t, err, "the tag takes a text or a number");
	for (size_t i = 0; i < v->n; i++)
		if (!utf8_valid(v->v[i]))
			return refuse(t, err, "the value is no text");
	switch (spelling_of(info, type)) {
	case SPELL_TEXT:
		return make_text(t, info, type, v, count, out, err);
	case SPELL_NUMBERS:
		return make_numbers(t, info, type, v, count, out, err);
	case SPELL_COMMENT:
		rc = make_comment(t, v, out, err);
		break;
	case SPELL_UTF16:
		rc = join(t, v, 0, 0, &text, &p, err);
		if (rc == DEID_OK)
			rc = make_utf16(t, text, 0, 2, false, out, err);
		break;
	default:
		rc = type_size(type) ? join(t, v, 0, 0, &text, &p, err)
				     : refuse(t, err, "the tag is of a type that is not known");
		if (rc == DEID_OK && !text.n)
			rc = refuse(t, err, "the tag cannot be empty");
		*out = text;
	}
	*count = rc == DEID_OK ? out->n : 0;
	return rc;
}
