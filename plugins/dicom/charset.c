/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/charset.h"
#include "core/util/utf8.h"
#include <errno.h>
#include <iconv.h>
#include <string.h>

#define ESC '\033'
#define NO_CONV ((iconv_t)-1)

enum term_kind {
	TERM_ASCII,   /* ISO_IR 6 */
	TERM_LATIN1,  /* done here: by far the most usual */
	TERM_UTF8,    /* ISO_IR 192 */
	TERM_SINGLE,  /* one byte a character, by iconv */
	TERM_WHOLE,   /* GB18030, GBK: multi-byte without escapes */
	TERM_KANA,    /* JIS X 0201: Romaji in G0, katakana in G1 */
	TERM_DOUBLE,  /* two bytes a character in G0 (JIS X 0208, 0212) */
	TERM_DOUBLE1, /* two bytes a character in G1 (KS X 1001, GB 2312) */
};

struct charset_term {
	const char *name;  /* defined term without "ISO_IR " or "ISO 2022 IR " */
	const char *iconv; /* its name for iconv */
	const char *esc;   /* what designates it */
	uint8_t kind;
};

/* PS3.3 tables C.12-2 to C.12-5. The multi-byte sets are given to iconv in their EUC form. */
static const struct charset_term terms[] = {
    {"6", NULL, "\033(B", TERM_ASCII},
    {"100", NULL, "\033-A", TERM_LATIN1},
    {"101", "ISO-8859-2", "\033-B", TERM_SINGLE},
    {"109", "ISO-8859-3", "\033-C", TERM_SINGLE},
    {"110", "ISO-8859-4", "\033-D", TERM_SINGLE},
    {"144", "ISO-8859-5", "\033-L", TERM_SINGLE},
    {"127", "ISO-8859-6", "\033-G", TERM_SINGLE},
    {"126", "ISO-8859-7", "\033-F", TERM_SINGLE},
    {"138", "ISO-8859-8", "\033-H", TERM_SINGLE},
    {"148", "ISO-8859-9", "\033-M", TERM_SINGLE},
    {"203", "ISO-8859-15", "\033-b", TERM_SINGLE},
    {"166", "TIS-620", "\033-T", TERM_SINGLE},
    {"13", "SHIFT_JIS", "\033)I", TERM_KANA},
    {"87", "EUC-JP", "\033$B", TERM_DOUBLE},
    {"159", "EUC-JP", "\033$(D", TERM_DOUBLE},
    {"149", "EUC-KR", "\033$)C", TERM_DOUBLE1},
    {"58", "GB2312", "\033$)A", TERM_DOUBLE1},
    {"192", NULL, "", TERM_UTF8},
    {"GB18030", "GB18030", "", TERM_WHOLE},
    {"GBK", "GBK", "", TERM_WHOLE},
};

#define NTERMS (sizeof terms / sizeof *terms)

/* The term's number or name: prefixes in the standard's spelling and in the usual wrong ones. */
static const struct charset_term *term_of(struct deid_str v)
{
	static const char *const prefixes[] = {"ISO_IR ", "ISO 2022 IR ", "ISO-IR ", "ISO IR ", "ISO_IR_",
	    "ISO_2022_IR_", "ISO 2022-IR ", "ISO_2022-IR ", "ISO_IR"};

	v = str_trim(v);
	while (v.n && v.p[v.n - 1] == '\0')
		v = str_trim((struct deid_str){v.p, v.n - 1});
	if (!v.n)
		return &terms[0];
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		if (str_prefix(v, prefixes[i])) {
			v = str_sub(v, strlen(prefixes[i]), v.n);
			break;
		}
	}
	for (size_t i = 0; i < NTERMS; i++)
		if (str_eqz(v, terms[i].name))
			return &terms[i];
	return NULL;
}

void charset_init(struct charset *c, struct deid_str value)
{
	struct deid_str rest = value, part;

	memset(c, 0, sizeof *c);
	if (!value.n) {
		c->term[c->n++] = &terms[0];
		return;
	}
	while (str_split(&rest, '\\', &part)) {
		const struct charset_term *t = term_of(part);

		if (!t || c->n == CHARSET_TERMS) {
			c->unknown = true;
			continue;
		}
		c->term[c->n++] = t;
	}
	if (!c->n)
		c->term[c->n++] = &terms[0];
}

void charset_free(struct charset *c)
{
	for (size_t dir = 0; dir < 2; dir++)
		for (size_t i = 0; i < c->n; i++)
			if (c->conv[dir][i])
				iconv_close((iconv_t)c->conv[dir][i]);
	memset(c->conv, 0, sizeof c->conv);
}

bool charset_known(struct deid_str value)
{
	struct charset c;

	charset_init(&c, value);
	return !c.unknown;
}

bool charset_is_ascii(struct deid_str s)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x80 * ones;
	size_t i = 0;

	for (; s.n - i >= 8; i += 8) {
		uint64_t w, esc;

		memcpy(&w, s.p + i, 8);
		esc = w ^ ESC * ones; /* a byte of it is 0 where an ESC stands */
		if ((w | ((esc - ones) & ~esc)) & tops)
			return false;
	}
	for (; i < s.n; i++)
		if ((unsigned char)s.p[i] > 127 || s.p[i] == ESC)
			return false;
	return true;
}

/* dir 0: from the coded set to UTF-8; 1: the other way. */
static iconv_t conv_of(struct charset *c, size_t i, size_t dir)
{
	if (!c->conv[dir][i]) {
		iconv_t cd =
		    dir ? iconv_open(c->term[i]->iconv, "UTF-8") : iconv_open("UTF-8", c->term[i]->iconv);

		if (cd == NO_CONV)
			return NO_CONV;
		c->conv[dir][i] = cd;
	}
	return (iconv_t)c->conv[dir][i];
}

static enum charset_rc convert(
    struct charset *c, size_t i, size_t dir, const char *p, size_t n, struct buf *out)
{
	iconv_t cd = conv_of(c, i, dir);
	char *in = (char *)(uintptr_t)p; /* iconv() does not write to it */

	if (cd == NO_CONV)
		return CHARSET_CANNOT;
	iconv(cd, NULL, NULL, NULL, NULL);
	while (n) {
		char piece[256], *o = piece;
		size_t room = sizeof piece;
		size_t rc = iconv(cd, &in, &n, &o, &room);

		if (!buf_add(out, piece, sizeof piece - room))
			return CHARSET_NOMEM;
		/* A positive count says that characters were replaced by look-alikes. */
		if (rc != 0 && !(rc == (size_t)-1 && errno == E2BIG))
			return CHARSET_CANNOT;
	}
	return CHARSET_OK;
}

static enum charset_rc add_cp(struct buf *out, uint32_t cp)
{
	char b[4];

	return buf_add(out, b, utf8_put(b, cp)) ? CHARSET_OK : CHARSET_NOMEM;
}

/* ---- reading ----------------------------------------------------------------------------------- */

/* What is invoked in the two halves of the code table: indices of terms, -1 for ASCII or nothing. */
struct state {
	int g0, g1;
};

static struct state initial_state(const struct charset *c)
{
	struct state s = {-1, -1};
	unsigned k = c->term[0]->kind;

	if (k == TERM_LATIN1 || k == TERM_SINGLE || k == TERM_KANA || k == TERM_DOUBLE1)
		s.g1 = 0;
	return s;
}

/* Delimiters end what an escape sequence began: PS3.5 section 6.1.2.5.3. */
static bool is_delimiter(char b, bool names)
{
	return b == '\\' || b == '\n' || b == '\r' || b == '\f' || b == '\t' ||
	       (names && (b == '^' || b == '='));
}

/* Reads the escape sequence at p; gives its length, 0 when it is none of the set. */
static size_t read_escape(const struct charset *c, const char *p, size_t n, struct state *s)
{
	if (n >= 3 && (memcmp(p, "\033(B", 3) == 0 || memcmp(p, "\033(J", 3) == 0)) {
		s->g0 = -1; /* ISO 646 and JIS X 0201 Romaji: read as ASCII */
		return 3;
	}
	for (size_t i = 0; i < c->n; i++) {
		const struct charset_term *t = c->term[i];
		size_t len = strlen(t->esc);

		if (!len || n < len || memcmp(p, t->esc, len) != 0)
			continue;
		if (t->kind == TERM_DOUBLE)
			s->g0 = (int)i;
		else
			s->g1 = (int)i;
		return len;
	}
	return 0;
}

/* The bytes [p, p + n) are all of one half and one coded set. */
static enum charset_rc decode_run(struct charset *c, int term, const char *p, size_t n, struct buf *out)
{
	const struct charset_term *t = c->term[term];
	enum charset_rc rc = CHARSET_OK;

	if (t->kind == TERM_LATIN1) {
		for (size_t i = 0; i < n && rc == CHARSET_OK; i++)
			rc = add_cp(out, (unsigned char)p[i]);
		return rc;
	}
	if (t->kind != TERM_DOUBLE)
		return convert(c, (size_t)term, 0, p, n, out);
	if (n % 2)
		return CHARSET_CANNOT;
	for (size_t i = 0; i < n && rc == CHARSET_OK; i += 2) {
		/* EUC-JP: JIS X 0208 with the high bits set, JIS X 0212 after SS3 (0x8F). */
		char euc[3] = {(char)0x8F, (char)(p[i] | 0x80), (char)(p[i + 1] | 0x80)};
		size_t skip = strcmp(t->name, "159") == 0 ? 0 : 1;

		rc = convert(c, (size_t)term, 0, euc + skip, 3 - skip, out);
	}
	return rc;
}

static enum charset_rc decode_extended(struct charset *c, struct deid_str raw, bool names, struct buf *out)
{
	struct state s = initial_state(c);
	enum charset_rc rc = CHARSET_OK;
	size_t i = 0;

	while (i < raw.n && rc == CHARSET_OK) {
		const char *p = raw.p + i;
		size_t run = 1;
		int term;

		if (*p == ESC) {
			run = read_escape(c, p, raw.n - i, &s);
			if (!run)
				return CHARSET_CANNOT;
			i += run;
			continue;
		}
		term = *p & 0x80 ? s.g1 : s.g0;
		if (!(*p & 0x80) && (term < 0 || (unsigned char)*p < 0x21)) {
			/* Controls and the blank are ASCII in any state. */
			if (is_delimiter(*p, names))
				s = initial_state(c);
			rc = buf_c(out, *p) ? CHARSET_OK : CHARSET_NOMEM;
			i++;
			continue;
		}
		if (term < 0)
			return CHARSET_CANNOT;
		while (i + run < raw.n && p[run] != ESC && (p[run] & 0x80) == (*p & 0x80) &&
		       (p[run] & 0x80 || (unsigned char)p[run] >= 0x21))
			run++;
		rc = decode_run(c, term, p, run, out);
		i += run;
	}
	return rc;
}

static enum charset_rc decode_latin1(struct deid_str raw, struct buf *out)
{
	enum charset_rc rc = CHARSET_OK;

	for (size_t i = 0; i < raw.n && rc == CHARSET_OK; i++)
		rc = add_cp(out, (unsigned char)raw.p[i]);
	return rc;
}

enum charset_rc charset_decode(struct charset *c, struct deid_str raw, bool names, struct buf *out)
{
	if (charset_is_ascii(raw))
		return buf_str(out, raw) ? CHARSET_OK : CHARSET_NOMEM;
	if (c->unknown)
		return CHARSET_CANNOT;
	switch (c->term[0]->kind) {
	case TERM_UTF8:
		if (!utf8_valid(raw))
			return CHARSET_CANNOT;
		return buf_str(out, raw) ? CHARSET_OK : CHARSET_NOMEM;
	case TERM_WHOLE:
		return convert(c, 0, 0, raw.p, raw.n, out);
	case TERM_ASCII:
		if (c->n == 1 && !memchr(raw.p, ESC, raw.n))
			return decode_latin1(raw, out);
		break;
	default:
		break;
	}
	return decode_extended(c, raw, names, out);
}

/* ---- writing ----------------------------------------------------------------------------------- */

static enum charset_rc encode_as(struct charset *c, size_t i, const char *p, size_t n, struct buf *out)
{
	const struct charset_term *t = c->term[i];
	size_t from = out->n;
	enum charset_rc rc;
	uint32_t cp;

	if (t->kind == TERM_ASCII || t->kind == TERM_UTF8)
		return CHARSET_CANNOT;
	if (t->kind == TERM_LATIN1) {
		utf8_next((struct deid_str){p, n}, 0, &cp);
		if (cp < 0xA0 || cp > 0xFF)
			return CHARSET_CANNOT;
		return buf_c(out, (char)cp) ? CHARSET_OK : CHARSET_NOMEM;
	}
	rc = convert(c, i, 1, p, n, out);
	if (rc != CHARSET_OK)
		return rc;
	n = out->n - from;
	switch (t->kind) {
	case TERM_SINGLE:
		return n == 1 && (unsigned char)out->p[from] >= 0xA0 ? CHARSET_OK : CHARSET_CANNOT;
	case TERM_KANA: /* Shift JIS has the katakana of JIS X 0201 in the same places */
		return n == 1 && (unsigned char)out->p[from] >= 0xA1 && (unsigned char)out->p[from] <= 0xDF
			   ? CHARSET_OK
			   : CHARSET_CANNOT;
	case TERM_DOUBLE1:
		return n == 2 && out->p[from] & 0x80 && out->p[from + 1] & 0x80 ? CHARSET_OK : CHARSET_CANNOT;
	default:
		break;
	}
	if (strcmp(t->name, "159") == 0) {
		if (n != 3 || (unsigned char)out->p[from] != 0x8F)
			return CHARSET_CANNOT;
		memmove(out->p + from, out->p + from + 1, 2);
		out->n--;
	} else if (n != 2 || (unsigned char)out->p[from] == 0x8E) {
		return CHARSET_CANNOT;
	}
	out->p[from] &= 0x7F;
	out->p[from + 1] &= 0x7F;
	return CHARSET_OK;
}

/* Back to what a value begins with: ASCII in G0, and the first value's set in G1. */
static bool leave(const struct charset *c, struct state *s, struct buf *out)
{
	struct state first = initial_state(c);
	bool ok = true;

	if (s->g0 != first.g0)
		ok = buf_z(out, "\033(B");
	s->g0 = first.g0;
	return ok;
}

/* One character that is not ASCII: in the set at hand if that has it, else in the first that does. */
static enum charset_rc encode_char(
    struct charset *c, const char *p, size_t n, struct state *s, struct buf *out)
{
	struct buf one = {0};
	enum charset_rc rc = CHARSET_CANNOT;

	for (int pass = 0; pass < 2 && rc == CHARSET_CANNOT; pass++) {
		for (size_t i = 0; i < c->n && rc == CHARSET_CANNOT; i++) {
			bool in_g0 = c->term[i]->kind == TERM_DOUBLE;
			bool at_hand = (in_g0 ? s->g0 : s->g1) == (int)i;

			if (at_hand != (pass == 0))
				continue;
			one.n = 0;
			rc = encode_as(c, i, p, n, &one);
			if (rc != CHARSET_OK)
				continue;
			if (!at_hand && !buf_z(out, c->term[i]->esc))
				rc = CHARSET_NOMEM;
			*(in_g0 ? &s->g0 : &s->g1) = (int)i;
		}
	}
	if (rc == CHARSET_OK && !buf_str(out, buf_view(&one)))
		rc = CHARSET_NOMEM;
	buf_free(&one);
	return rc;
}

static enum charset_rc encode_extended(struct charset *c, struct deid_str text, bool names, struct buf *out)
{
	struct state s = initial_state(c);
	enum charset_rc rc = CHARSET_OK;

	for (size_t i = 0; i < text.n && rc == CHARSET_OK;) {
		uint32_t cp;
		size_t n = utf8_next(text, i, &cp);

		if (!n)
			return CHARSET_CANNOT;
		if (cp < 0x80) {
			if (!leave(c, &s, out) || !buf_c(out, (char)cp))
				return CHARSET_NOMEM;
			if (is_delimiter((char)cp, names))
				s = initial_state(c);
		} else {
			rc = encode_char(c, text.p + i, n, &s, out);
		}
		i += n;
	}
	if (rc == CHARSET_OK && !leave(c, &s, out))
		rc = CHARSET_NOMEM;
	return rc;
}

enum charset_rc charset_encode(struct charset *c, struct deid_str text, bool names, struct buf *out)
{
	if (charset_is_ascii(text))
		return buf_str(out, text) ? CHARSET_OK : CHARSET_NOMEM;
	if (c->unknown || memchr(text.p, ESC, text.n) || !utf8_valid(text))
		return CHARSET_CANNOT;
	switch (c->term[0]->kind) {
	case TERM_UTF8:
		return buf_str(out, text) ? CHARSET_OK : CHARSET_NOMEM;
	case TERM_WHOLE:
		return convert(c, 0, 1, text.p, text.n, out);
	default:
		return encode_extended(c, text, names, out);
	}
}

bool charset_same(const struct charset *a, const struct charset *b)
{
	if (a->n != b->n || a->unknown != b->unknown)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->term[i] != b->term[i])
			return false;
	return true;
}
