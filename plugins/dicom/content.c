/* SPDX-License-Identifier: MIT */
#include "core/util/bytes.h"
#include "plugins/dicom/check.h"
#include "plugins/dicom/record.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define TAG_PIXEL_REPRESENTATION 0x00280103u
#define TEXT_MAX ((uint64_t)256 << 20) /* longer text is refused: it would have to be held several times */

/* ---- the VR ------------------------------------------------------------------------------------ */

/* The first value of a place's element as text, blanks and NULs cut off. */
bool place_text(struct record *r, struct place p, uint32_t tag, struct buf *out, struct deid_str *first,
    int *rc, struct deid_error *err)
{
	struct element e;
	struct deid_str raw;

	*rc = DEID_OK;
	*first = (struct deid_str){NULL, 0};
	if (!place_find(r, p, tag, &e) || element_is_sequence(r, e) || element_length(r, e) > 4096)
		return false;
	*rc = element_bytes(r, e, &raw, err);
	if (*rc != DEID_OK)
		return false;
	out->n = 0;
	if (!buf_str(out, raw)) {
		*rc = record_nomem(r, err);
		return false;
	}
	raw = buf_view(out);
	raw.n = str_find(raw, '\\', 0);
	while (raw.n && (raw.p[raw.n - 1] == ' ' || raw.p[raw.n - 1] == '\0'))
		raw.n--;
	while (raw.n && raw.p[0] == ' ')
		raw = str_sub(raw, 1, raw.n);
	*first = raw;
	return raw.n > 0;
}

/* Who reserved the block of a private element; -1: nobody, or nobody we know. */
static int creator_of(struct record *r, struct place p, uint32_t tag)
{
	uint32_t block = (tag & 0xFFFF0000u) | (tag >> 8 & 0xFF);
	struct deid_str name;
	int rc = DEID_OK;

	if ((tag & 0xFFFF) < 0x1000)
		return -1;
	if (!p.added && r->creator.ready && r->creator.node == p.node && r->creator.block == block)
		return r->creator.creator;
	r->creator.creator = place_text(r, p, block, &r->value, &name, &rc, r->err) ? dict_creator(name) : -1;
	r->broken |= rc != DEID_OK;
	r->creator.ready = !p.added;
	r->creator.node = p.node;
	r->creator.block = block;
	return r->creator.creator;
}

/* PS3.3 section C.7.6.3.1: what is "US or SS" is signed as the pixels are. Of the nearest data set that says.
 */
static bool pixels_signed(struct record *r, struct place p)
{
	struct element e;
	struct deid_str raw;

	do {
		if (!place_find(r, p, TAG_PIXEL_REPRESENTATION, &e) || element_length(r, e) < 2)
			continue;
		if (element_bytes(r, e, &raw, r->err) != DEID_OK) {
			r->broken = true;
			return false;
		}
		return raw.p[0] == 1 || raw.p[1] == 1; /* 0 or 1 in either byte order */
	} while (place_up(r, &p));
	return false;
}

enum vr place_vr(struct record *r, struct place p, uint32_t tag)
{
	enum vr vr = tag_is_private(tag) && !tag_is_creator(tag) && (tag & 0xFFFF)
			 ? dict_private_vr(creator_of(r, p, tag), tag)
			 : dict_vr(tag);

	return vr_resolve(vr, vr == VR_P_XS && pixels_signed(r, p));
}

enum vr element_vr(struct record *r, struct element e)
{
	const struct node *n;

	if (e.added)
		return (enum vr)e.added->vr;
	n = tree_node(&r->tree, e.node);
	if (n->flags & NODE_PARENT)
		return VR_SQ;
	if (n->vr == VR_NONE || n->vr == VR_UN) {
		enum vr vr = tag_is_private(n->tag) ? place_vr(r, place_of(r, e), n->tag) : VR_NONE;

		/* Were it a sequence, the walker would have found its items. */
		return vr == VR_NONE || (vr == VR_SQ && n->len) ? VR_UN : vr;
	}
	if (n->vr >= VR_P_XS)
		return vr_resolve((enum vr)n->vr, n->vr == VR_P_XS && pixels_signed(r, place_of(r, e)));
	return (enum vr)n->vr;
}

/* ---- bytes ------------------------------------------------------------------------------------- */

uint64_t element_length(const struct record *r, struct element e)
{
	const struct change *c;

	if (e.added)
		return e.added->content.n;
	c = change_of(r, e.node);
	return c && c->replaced ? c->content.n : tree_node(&r->tree, e.node)->len;
}

int element_bytes(struct record *r, struct element e, struct deid_str *out, struct deid_error *err)
{
	const struct change *c = e.added ? NULL : change_of(r, e.node);
	const struct node *n;
	struct deid_source *src;
	const void *p;
	size_t got;

	if (e.added || (c && c->replaced)) {
		const struct content *now = e.added ? &e.added->content : &c->content;

		*out = (struct deid_str){(const char *)now->p, now->n};
		return DEID_OK;
	}
	n = tree_node(&r->tree, e.node);
	src = tree_source(&r->tree, e.node);
	if (n->len > TEXT_MAX)
		return r->host->fail(err, DEID_FAILED, DEID_E_LIMIT, "the value is too long to work on");
	if (n->len <= DEID_PEEK_MAX) {
		if (r->host->src_peek(src, node_value(n), (size_t)n->len, &p, &got, err) != DEID_OK)
			return DEID_FAILED;
		if (got == n->len) {
			*out = (struct deid_str){p, got};
			return DEID_OK;
		}
	}
	r->raw.n = 0;
	if (!buf_reserve(&r->raw, (size_t)n->len))
		return record_nomem(r, err);
	if (r->host->src_read(src, node_value(n), r->raw.p, (size_t)n->len, err) != DEID_OK)
		return DEID_FAILED;
	r->raw.n = (size_t)n->len;
	*out = buf_view(&r->raw);
	return DEID_OK;
}

static bool content_is_big(const struct record *r, struct element e)
{
	const struct node *n;

	if (e.added)
		return place_syntax(r, place_of(r, e)) & NODE_IN_BIG;
	n = tree_node(&r->tree, e.node);
	return n->flags & NODE_BIG && !(n->flags & NODE_UN);
}

/* ---- making ------------------------------------------------------------------------------------ */

static int refuse(struct record *r, struct deid_error *err, const char *why)
{
	return r->host->fail(err, DEID_FAILED, DEID_E_VALUE, "%s", why);
}

static void put_number(uint8_t *b, unsigned unit, uint64_t v, bool big)
{
	for (unsigned i = 0; i < unit; i++)
		b[big ? unit - 1 - i : i] = (uint8_t)(v >> 8 * i);
}

static bool parse_tag(struct deid_str s, uint32_t *tag)
{
	char hex[9];
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '(' || s.p[i] == ')' || s.p[i] == ',' || s.p[i] == ' ')
			continue;
		if (n == 8 || !strchr("0123456789abcdefABCDEF", s.p[i]) || !s.p[i])
			return false;
		hex[n++] = s.p[i];
	}
	hex[n] = '\0';
	*tag = (uint32_t)strtoul(hex, NULL, 16);
	return n == 8;
}

static bool parse_real(struct deid_str s, double *v)
{
	char z[64], *end;

	if (!s.n || s.n >= sizeof z || !(strchr("+-.", s.p[0]) || (s.p[0] >= '0' && s.p[0] <= '9')))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("+-.0123456789eE", s.p[i]) || !s.p[i])
			return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	*v = strtod(z, &end);
	return *end == '\0' && isfinite(*v);
}

static bool put_component(enum vr vr, struct deid_str s, bool big, uint8_t *b)
{
	const struct vr_info *info = vr_info(vr);
	uint64_t u;
	int64_t i;
	double d;
	float f;
	uint32_t bits;

	switch (vr) {
	case VR_AT:
		if (!parse_tag(s, &bits))
			return false;
		put_number(b, 2, bits >> 16, big);
		put_number(b + 2, 2, bits & 0xFFFF, big);
		return true;
	case VR_FL:
		if (!parse_real(s, &d))
			return false;
		f = (float)d;
		if (!isfinite(f))
			return false;
		memcpy(&bits, &f, 4);
		put_number(b, 4, bits, big);
		return true;
	case VR_FD:
		if (!parse_real(s, &d))
			return false;
		memcpy(&u, &d, 8);
		put_number(b, 8, u, big);
		return true;
	case VR_UV:
		if (!str_u64(s, &u))
			return false;
		put_number(b, 8, u, big);
		return true;
	default:
		if (!str_i64(s, &i) || i < info->lo || i > info->hi)
			return false;
		put_number(b, info->unit, (uint64_t)i, big);
		return true;
	}
}

static int make_numbers(struct record *r, enum vr vr, bool big, const struct deid_value *v,
    struct content *out, struct deid_error *err)
{
	unsigned unit = vr_info(vr)->unit;
	uint8_t *b = r->host->alloc(r->job, v->n * unit);

	if (!b)
		return record_nomem(r, err);
	for (size_t i = 0; i < v->n; i++)
		if (!put_component(vr, v->v[i], big, b + i * unit))
			return refuse(r, err, "the text is no number that the element can hold");
	*out = (struct content){b, v->n * unit, {NULL, 0}};
	return DEID_OK;
}

static bool is_empty(const struct deid_value *v)
{
	return v->n == 0 || (v->n == 1 && v->v[0].n == 0);
}

const char *content_objection(enum vr vr, const struct deid_value *v)
{
	const struct vr_info *info = vr_info(vr);
	uint8_t unused[8];

	if (v->kind == DEID_TREE && v->tree)
		return "a DICOM element takes a text, a number or a list of such";
	if (is_empty(v))
		return NULL;
	if (info->flags & VR_F_SEQUENCE)
		return "a sequence can only be emptied";
	/* Bytes without an order are as good as text. */
	if (info->flags & VR_F_OPAQUE && vr != VR_UN && vr != VR_OB)
		return "binary data can only be emptied";
	if (v->n > 1 && !(info->flags & (VR_F_MULTI | VR_F_NUMBER)) && vr != VR_UN)
		return "the element takes one value only";
	for (size_t i = 0; i < v->n; i++) {
		const char *why = check_value(vr, v->v[i]);

		if (why)
			return why;
		if (info->flags & VR_F_NUMBER && !put_component(vr, v->v[i], false, unused))
			return "the text is no number that the element can hold";
	}
	return NULL;
}

static int encode(struct record *r, struct place p, enum vr vr, struct deid_str text, struct buf *out,
    struct deid_error *err)
{
	bool free_text = vr_info(vr)->flags & VR_F_CHARSET || vr == VR_UN;
	struct charset *set;

	if (charset_is_ascii(text)) /* any set writes ASCII as it is */
		return buf_str(out, text) ? DEID_OK : record_nomem(r, err);
	if (!free_text)
		return refuse(r, err, "the element takes ASCII characters only");
	set = scope_charset(r, p, false, err);
	if (!set)
		return DEID_FAILED;
	switch (charset_encode(set, text, vr == VR_PN, out)) {
	case CHARSET_OK:
		return DEID_OK;
	case CHARSET_NOMEM:
		return record_nomem(r, err);
	case CHARSET_CANNOT:
		break;
	}
	return refuse(r, err,
	    "the file's SpecificCharacterSet cannot hold the text; an entry before this one can replace it "
	    "with "
	    "ISO_IR 192 (UTF-8)");
}

static int make_text(struct record *r, struct place p, enum vr vr, const struct deid_value *v,
    struct content *out, struct deid_error *err)
{
	bool is_free = vr_info(vr)->flags & VR_F_CHARSET;
	struct deid_str joined, kept;
	bool ok = true;

	r->value.n = 0;
	for (size_t i = 0; i < v->n && ok; i++)
		ok = (i == 0 || buf_c(&r->value, '\\')) && buf_str(&r->value, v->v[i]);
	if (!ok)
		return record_nomem(r, err);
	joined = buf_view(&r->value);
	r->text.n = 0;
	if (encode(r, p, vr, joined, &r->text, err) != DEID_OK)
		return DEID_FAILED;
	/* PS3.5 section 6.2: values have even length. */
	if (r->text.n % 2 && !buf_c(&r->text, vr_info(vr)->flags & VR_F_PAD_NUL && vr != VR_UN ? '\0' : ' '))
		return record_nomem(r, err);
	kept = r->host->dup(r->job, buf_view(&r->text));
	if (!kept.p)
		return record_nomem(r, err);
	*out = (struct content){(const uint8_t *)kept.p, r->text.n, {NULL, 0}};
	if (is_free && !charset_is_ascii(joined)) {
		out->text = r->host->dup(r->job, joined);
		if (!out->text.p)
			return record_nomem(r, err);
	}
	return DEID_OK;
}

/* Whether the value is the latest one that was made, for which ASCII is enough: then neither the place nor
 * the character set matters. */
static bool made_before(const struct record *r, enum vr vr, const struct deid_value *v)
{
	return r->made.n && v->n == 1 && v->v[0].n == r->made.n && vr == (enum vr)r->made.vr &&
	       v->kind != DEID_TREE && memcmp(v->v[0].p, r->made.content.p, r->made.n) == 0;
}

int content_make(struct record *r, struct place p, enum vr vr, unsigned in, struct deid_str field,
    const struct deid_value *v, struct content *out, struct deid_error *err)
{
	const char *why;
	bool doubted = false;

	if (made_before(r, vr, v)) {
		*out = r->made.content;
		return DEID_OK;
	}
	why = content_objection(vr, v);
	*out = (struct content){(const uint8_t *)"", 0, {NULL, 0}};
	if (why)
		return refuse(r, err, why);
	if (is_empty(v))
		return DEID_OK;
	if (vr_info(vr)->flags & VR_F_NUMBER)
		return make_numbers(r, vr, in & NODE_IN_BIG, v, out, err);
	for (size_t i = 0; i < v->n; i++) {
		why = check_doubt(vr, v->v[i]);
		if (why)
			r->host->warn(r->job, field, "%s: it is written as given", why);
		doubted |= why != NULL;
	}
	if (make_text(r, p, vr, v, out, err) != DEID_OK)
		return DEID_FAILED;
	if (v->n == 1 && !doubted && charset_is_ascii(v->v[0])) {
		r->made.vr = (uint8_t)vr;
		r->made.n = v->v[0].n;
		r->made.content = *out;
	}
	return DEID_OK;
}

/* ---- reading ----------------------------------------------------------------------------------- */

#define NUMBERS_MAX 65536u /* bytes: a longer list of numbers is a table, not a value */

static struct deid_str scratch_printf(struct record *r, const char *fmt, ...) DEID_PRINTF(2, 3);
static struct deid_str scratch_printf(struct record *r, const char *fmt, ...)
{
	char b[64];
	va_list ap;
	int n;
	char *p;

	va_start(ap, fmt);
	n = vsnprintf(b, sizeof b, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof b)
		return (struct deid_str){NULL, 0};
	p = r->host->scratch(r->job, (size_t)n + 1);
	if (!p)
		return (struct deid_str){NULL, 0};
	memcpy(p, b, (size_t)n + 1);
	return (struct deid_str){p, (size_t)n};
}

/* What stands for bytes that are no text: `fields --values` shows it, no action uses it. */
static int get_opaque(struct record *r, uint64_t len, struct deid_value *v, struct deid_error *err)
{
	struct deid_str *one = r->host->scratch(r->job, sizeof *one);

	v->kind = DEID_BYTES;
	v->flags = 0;
	v->max = 0;
	v->lo = 1;
	v->hi = 0;
	v->n = 0;
	v->v = one;
	if (!len)
		return DEID_OK;
	if (!one)
		return record_nomem(r, err);
	*one = scratch_printf(r, "%" PRIu64 " bytes", len);
	v->n = 1;
	return one->p ? DEID_OK : record_nomem(r, err);
}

static uint64_t get_number(const uint8_t *b, unsigned unit, bool big)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < unit; i++)
		v = v << 8 | b[big ? i : unit - 1 - i];
	return v;
}

/* The shortest decimal text that reads back as the same number. */
static struct deid_str real_text(struct record *r, double d, bool single)
{
	for (int digits = single ? 6 : 15; digits <= 17; digits++) {
		char b[40];

		snprintf(b, sizeof b, "%.*g", digits, d);
		if (single ? (float)strtod(b, NULL) == (float)d : strtod(b, NULL) == d)
			return scratch_printf(r, "%s", b);
	}
	return scratch_printf(r, "%.17g", d);
}

static struct deid_str number_text(struct record *r, enum vr vr, const uint8_t *b, bool big)
{
	unsigned unit = vr_info(vr)->unit;
	uint64_t v = get_number(b, unit, big);
	uint32_t bits = (uint32_t)v;
	double d;
	float f;

	switch (vr) {
	case VR_AT:
		return scratch_printf(
		    r, "%04x%04x", (unsigned)get_number(b, 2, big), (unsigned)get_number(b + 2, 2, big));
	case VR_FL:
		memcpy(&f, &bits, 4);
		return real_text(r, (double)f, true);
	case VR_FD:
		memcpy(&d, &v, 8);
		return real_text(r, d, false);
	case VR_SS:
		return scratch_printf(r, "%d", (int16_t)v);
	case VR_SL:
		return scratch_printf(r, "%" PRId32, (int32_t)v);
	case VR_SV:
		return scratch_printf(r, "%" PRId64, (int64_t)v);
	default:
		return scratch_printf(r, "%" PRIu64, v);
	}
}

static int get_numbers(
    struct record *r, enum vr vr, struct deid_str raw, bool big, struct deid_value *v, struct deid_error *err)
{
	unsigned unit = vr_info(vr)->unit;
	struct deid_str *list;

	v->n = raw.n / unit;
	list = r->host->scratch(r->job, v->n * sizeof *list);
	if (!list)
		return record_nomem(r, err);
	for (size_t i = 0; i < v->n; i++) {
		list[i] = number_text(r, vr, (const uint8_t *)raw.p + i * unit, big);
		if (!list[i].p)
			return record_nomem(r, err);
	}
	v->v = list;
	return DEID_OK;
}

static struct deid_str strip(enum vr vr, struct deid_str s)
{
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\0'))
		s.n--;
	if (!(vr_info(vr)->flags & VR_F_LEADING))
		while (s.n && s.p[0] == ' ')
			s = str_sub(s, 1, s.n);
	return s;
}

static int split(
    struct record *r, enum vr vr, struct deid_str text, struct deid_value *v, struct deid_error *err)
{
	bool multi = vr_info(vr)->flags & VR_F_MULTI;
	struct deid_str rest = text, part, *list;
	size_t n = 1;

	for (size_t i = 0; multi && i < text.n; i++)
		n += text.p[i] == '\\';
	list = r->host->scratch(r->job, n * sizeof *list);
	if (!list)
		return record_nomem(r, err);
	for (size_t i = 0; i < n; i++) {
		if (!multi)
			part = text;
		else if (!str_split(&rest, '\\', &part))
			part = (struct deid_str){"", 0};
		list[i] = strip(vr, part);
	}
	v->v = list;
	v->n = n == 1 && list[0].n == 0 ? 0 : n;
	return DEID_OK;
}

static int get_text(struct record *r, struct element e, enum vr vr, struct deid_str raw, struct deid_value *v,
    struct deid_error *err)
{
	struct deid_str text = raw;
	char *copy;

	if (!charset_is_ascii(raw)) {
		const struct change *c = e.added ? NULL : change_of(r, e.node);
		bool now = e.added || (c && c->replaced);
		const struct content *content = e.added ? &e.added->content : c ? &c->content : NULL;
		struct charset latin1, *set = &latin1;
		enum charset_rc rc;

		r->text.n = 0;
		if (now && content->text.p) {
			rc = buf_str(&r->text, content->text) ? CHARSET_OK : CHARSET_NOMEM;
		} else {
			/* The bytes may lie in the source's window, which a look at the character set moves.
			 */
			r->value.n = 0;
			if (!buf_str(&r->value, raw))
				return record_nomem(r, err);
			charset_init(&latin1, (struct deid_str){NULL, 0});
			if (vr_info(vr)->flags & VR_F_CHARSET)
				set = scope_charset(r, place_of(r, e), !now, err);
			if (!set)
				return DEID_FAILED;
			rc = charset_decode(set, strip(VR_LO, buf_view(&r->value)), vr == VR_PN, &r->text);
		}
		if (rc == CHARSET_NOMEM)
			return record_nomem(r, err);
		if (rc == CHARSET_CANNOT)
			return get_opaque(r, raw.n, v, err);
		text = buf_view(&r->text);
	}
	copy = r->host->scratch(r->job, text.n);
	if (!copy)
		return record_nomem(r, err);
	if (text.n)
		memcpy(copy, text.p, text.n);
	return split(r, vr, (struct deid_str){copy, text.n}, v, err);
}

/* What a transform may know about values of the VR. */
static void describe(enum vr vr, struct deid_value *v)
{
	const struct vr_info *info = vr_info(vr);

	/* A tag is text to a transform; by its name the field is known to take no other text. */
	v->kind = vr == VR_AT ? DEID_TEXT : info->kind;
	v->max = info->max;
	v->lo = info->lo;
	v->hi = info->hi;
	v->tree = NULL;
	v->v = NULL;
	v->n = 0;
	v->flags = 0;
	if (vr == VR_DA || vr == VR_DT)
		v->flags = DEID_V_BASIC | DEID_V_RANGE;
	else if (vr == VR_TM)
		v->flags = DEID_V_BASIC;
	else if (vr == VR_CS)
		v->flags = DEID_V_UPPER;
	if (info->flags & (VR_F_MULTI | VR_F_NUMBER))
		v->flags |= DEID_V_MULTI;
}

int content_get(struct record *r, struct element e, struct deid_value *v, struct deid_error *err)
{
	enum vr vr = element_vr(r, e);
	const struct vr_info *info = vr_info(vr);
	uint64_t len = element_length(r, e);
	struct deid_str raw;

	describe(vr, v);
	if (element_is_sequence(r, e)) {
		v->kind = DEID_TREE;
		return DEID_OK;
	}
	if (info->flags & VR_F_OPAQUE || (!e.added && tree_node(&r->tree, e.node)->flags & NODE_FRAGMENTS))
		return get_opaque(r, len, v, err);
	if (info->flags & VR_F_NUMBER && (len % info->unit || len > NUMBERS_MAX))
		return get_opaque(r, len, v, err);
	if (!len)
		return DEID_OK;
	if (element_bytes(r, e, &raw, err) != DEID_OK)
		return DEID_FAILED;
	if (info->flags & VR_F_NUMBER)
		return get_numbers(r, vr, raw, content_is_big(r, e), v, err);
	return get_text(r, e, vr, raw, v, err);
}
