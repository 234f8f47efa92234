/* SPDX-License-Identifier: MIT */
#include "plugins/json/scan.h"

#include "core/util/utf8.h"

#include <string.h>

#define CHUNK ((size_t)256 << 10)
/* The longest thing looked at as one: two escapes that make a surrogate pair. */
#define AHEAD 12

int json_bad(const struct json_in *in, enum deid_code code, const char *what, struct deid_error *err)
{
	const struct deid_host *host = in->win.host;
	int rc = host->fail(err, DEID_FAILED, code, "%s", what);

	host->at(err, (struct deid_str){NULL, 0}, json_off(in));
	return rc;
}

static int cut(const struct json_in *in, struct deid_error *err)
{
	return json_bad(in, DEID_E_TRUNCATED, "the document ends before it is complete", err);
}

int json_unexpected(const struct json_in *in, const char *wanted, struct deid_error *err)
{
	if (in->cur == in->end)
		return cut(in, err);
	return json_bad(in, DEID_E_FORMAT, wanted, err);
}

int json_open(struct json_in *in, const struct deid_host *host, struct deid_source *src, struct spans *out,
    struct deid_error *err)
{
	int rc;

	memset(in, 0, sizeof(*in));
	in->win.host = host;
	in->win.src = src;
	in->out = out;
	in->hold = in->echo = JSON_FREE;
	out->win = &in->win;
	rc = window_load(&in->win, 0, CHUNK, err);
	in->cur = in->win.p;
	in->end = in->win.p + in->win.n;
	return rc;
}

void json_open_text(struct json_in *in, const struct deid_host *host, struct deid_str text, struct spans *out)
{
	memset(in, 0, sizeof(*in));
	in->win.host = host;
	in->win.p = in->cur = text.p;
	in->win.n = text.n;
	in->win.last = true;
	in->end = text.p + text.n;
	in->out = out;
	in->hold = in->echo = JSON_FREE;
	out->win = &in->win;
}

int json_seek(struct json_in *in, uint64_t off, struct deid_error *err)
{
	int rc = spans_flush(in->out, err);

	in->hold = in->echo = JSON_FREE;
	if (!rc)
		rc = window_load(&in->win, off, CHUNK, err);
	in->cur = in->win.p;
	in->end = in->win.p + in->win.n;
	return rc;
}

int json_more(struct json_in *in, struct deid_error *err)
{
	uint64_t pos = json_off(in);
	uint64_t from = in->hold < pos ? in->hold : pos;
	size_t want = (size_t)(pos - from) + CHUNK;
	int rc = DEID_OK;

	if (in->win.last)
		return DEID_OK;
	if (want > DEID_PEEK_MAX)
		want = DEID_PEEK_MAX;
	if (from == in->win.off && want <= in->win.n)
		return JSON_LONG;
	if (in->echo != JSON_FREE) {
		rc = spans_copy(in->out, in->echo, pos, err);
		in->echo = pos;
	}
	if (!rc)
		rc = spans_flush(in->out, err);
	if (!rc)
		rc = window_load(&in->win, from, want, err);
	if (rc)
		return rc;
	if (in->win.n < pos - from)
		return in->win.host->fail(
		    err, DEID_FAILED, DEID_E_IO, "the input got shorter while it was read");
	in->cur = in->win.p + (pos - from);
	in->end = in->win.p + in->win.n;
	return DEID_OK;
}

/* For places where nothing but a stretch of blanks can be what does not fit. */
static int more_blank(struct json_in *in, struct deid_error *err)
{
	int rc = json_more(in, err);

	if (rc == JSON_LONG)
		return json_bad(in, DEID_E_LIMIT, "a gap, key or number is longer than 1 MiB", err);
	return rc;
}

int json_blank(struct json_in *in, int *c, struct deid_error *err)
{
	for (;;) {
		const char *s = in->cur;

		while (s < in->end && (*s == ' ' || *s == '\t' || *s == '\r' || (*s == '\n' && !in->lines)))
			s++;
		in->cur = s;
		if (s < in->end) {
			*c = (unsigned char)*s;
			return DEID_OK;
		}
		if (in->win.last) {
			*c = -1;
			return DEID_OK;
		}
		int rc = more_blank(in, err);
		if (rc)
			return rc;
	}
}

static int hex4(const char *s, size_t n, uint32_t *out)
{
	uint32_t v = 0;

	if (n < 4)
		return 0;
	for (int i = 0; i < 4; i++) {
		unsigned c = (unsigned char)s[i];

		if (c >= '0' && c <= '9')
			c -= '0';
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			c = (c | 32) - 'a' + 10;
		else
			return 0;
		v = v << 4 | c;
	}
	*out = v;
	return 1;
}

/* Length of the escape at s (a backslash), a surrogate pair as one; 0: it is none. */
static size_t escape(const char *s, size_t n, unsigned *flags)
{
	uint32_t u, v;

	*flags |= JSON_ESCAPED;
	if (n < 2)
		return 0;
	if (s[1] != 'u')
		return strchr("\"\\/bfnrt", s[1]) && s[1] ? 2 : 0;
	if (!hex4(s + 2, n - 2, &u))
		return 0;
	if ((u & 0xF800) != 0xD800)
		return 6;
	if (u < 0xDC00 && n >= 12 && s[6] == '\\' && s[7] == 'u' && hex4(s + 8, n - 8, &v) &&
	    (v & 0xFC00) == 0xDC00)
		return 12;
	*flags |= JSON_LONE;
	return 6;
}

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* Bytes that stand for themselves: not a quote, a backslash, a control or the start of a longer character.
 * Eight at a time: `(x - ONES * k) & ~x & HIGHS` is not zero when a byte below k is among them. */
static const char *plain(const char *s, const char *e)
{
	while (e - s >= 8) {
		uint64_t x, q, b;

		memcpy(&x, s, 8);
		q = x ^ ONES * '"';
		b = x ^ ONES * '\\';
		if ((((x - ONES * 0x20) & ~x) | ((q - ONES) & ~q) | ((b - ONES) & ~b) | x) & HIGHS)
			break;
		s += 8;
	}
	while (s < e && (unsigned char)*s >= 0x20 && (unsigned char)*s < 0x80 && *s != '"' && *s != '\\')
		s++;
	return s;
}

/* One thing in a string that is not plain; 0: it is not allowed there. */
static size_t special(const char *s, size_t n, unsigned *flags)
{
	uint32_t cp;

	if (*s == '\\')
		return escape(s, n, flags);
	if ((unsigned char)*s < 0x20)
		return 0;
	return utf8_next((struct deid_str){s, n}, 0, &cp);
}

static int bad_string(const struct json_in *in, struct deid_error *err)
{
	if (in->end - in->cur < AHEAD && memchr(in->cur, '"', (size_t)(in->end - in->cur)) == NULL)
		return cut(in, err);
	if (*in->cur == '\\')
		return json_bad(in, DEID_E_FORMAT, "not JSON: no such escape", err);
	if ((unsigned char)*in->cur < 0x20)
		return json_bad(in, DEID_E_FORMAT, "not JSON: a control character in a string", err);
	return json_bad(in, DEID_E_FORMAT, "not UTF-8", err);
}

int json_string_rest(struct json_in *in, unsigned *flags, struct deid_error *err)
{
	for (;;) {
		in->cur = plain(in->cur, in->end);
		if (in->end - in->cur < AHEAD && !in->win.last) {
			/* The quote itself needs no look ahead: most strings end here. */
			if (in->cur < in->end && *in->cur == '"') {
				in->cur++;
				return DEID_OK;
			}
			int rc = json_more(in, err);
			if (rc)
				return rc;
			continue;
		}
		if (in->cur == in->end)
			return cut(in, err);
		if (*in->cur == '"') {
			in->cur++;
			return DEID_OK;
		}
		size_t n = special(in->cur, (size_t)(in->end - in->cur), flags);
		if (n == 0)
			return bad_string(in, err);
		in->cur += n;
	}
}

int json_string(struct json_in *in, unsigned *flags, struct deid_error *err)
{
	*flags = 0;
	in->cur++;
	return json_string_rest(in, flags, err);
}

/* The states of a number, RFC 8259 section 6. */
enum num { NUM_BEGIN, NUM_MINUS, NUM_ZERO, NUM_INT, NUM_DOT, NUM_FRAC, NUM_E, NUM_SIGN, NUM_EXP, NUM_END };

static enum num next(enum num st, char c)
{
	bool digit = c >= '0' && c <= '9';

	switch (st) {
	case NUM_BEGIN:
		if (c == '-')
			return NUM_MINUS;
		/* fall through */
	case NUM_MINUS:
		return c == '0' ? NUM_ZERO : digit ? NUM_INT : NUM_END;
	case NUM_ZERO:
	case NUM_INT:
		if (digit && st == NUM_INT)
			return NUM_INT;
		return c == '.' ? NUM_DOT : (c | 32) == 'e' ? NUM_E : NUM_END;
	case NUM_DOT:
		return digit ? NUM_FRAC : NUM_END;
	case NUM_FRAC:
		return digit ? NUM_FRAC : (c | 32) == 'e' ? NUM_E : NUM_END;
	case NUM_E:
		if (c == '+' || c == '-')
			return NUM_SIGN;
		/* fall through */
	case NUM_SIGN:
	case NUM_EXP:
		return digit ? NUM_EXP : NUM_END;
	default:
		return NUM_END;
	}
}

int json_number(struct json_in *in, bool *real, struct deid_error *err)
{
	enum num st = NUM_BEGIN;

	for (;;) {
		while (in->cur < in->end) {
			enum num n = next(st, *in->cur);

			if (n == NUM_END)
				goto ended;
			st = n;
			in->cur++;
		}
		if (in->win.last)
			break;
		int rc = more_blank(in, err);
		if (rc)
			return rc;
	}
ended:
	*real = st == NUM_FRAC || st == NUM_EXP;
	if (*real || st == NUM_ZERO || st == NUM_INT)
		return DEID_OK;
	return json_unexpected(in, "not JSON: not a number", err);
}

int json_word(struct json_in *in, const char *word, struct deid_error *err)
{
	size_t n = strlen(word);

	if ((size_t)(in->end - in->cur) < n) {
		int rc = more_blank(in, err);

		if (rc)
			return rc;
	}
	if ((size_t)(in->end - in->cur) < n) {
		if (memcmp(in->cur, word, (size_t)(in->end - in->cur)) == 0)
			return cut(in, err);
		return json_bad(in, DEID_E_FORMAT, "not JSON: a value is missing", err);
	}
	if (memcmp(in->cur, word, n) != 0)
		return json_bad(in, DEID_E_FORMAT, "not JSON: a value is missing", err);
	in->cur += n;
	return DEID_OK;
}

static int scalar(struct json_in *in, int c, struct deid_error *err)
{
	unsigned flags;
	bool real;

	switch (c) {
	case '"':
		return json_string(in, &flags, err);
	case 't':
		return json_word(in, "true", err);
	case 'f':
		return json_word(in, "false", err);
	case 'n':
		return json_word(in, "null", err);
	default:
		if (c == '-' || (c >= '0' && c <= '9'))
			return json_number(in, &real, err);
		return json_unexpected(in, "not JSON: a value is missing", err);
	}
}

/* A key and its colon; *c is the byte the value begins with. */
static int key(struct json_in *in, int *c, struct deid_error *err)
{
	unsigned flags;
	int rc;

	if (*c != '"')
		return json_unexpected(in, "not JSON: a key is missing", err);
	rc = json_string(in, &flags, err);
	if (!rc)
		rc = json_blank(in, c, err);
	if (rc)
		return rc;
	if (*c != ':')
		return json_unexpected(in, "not JSON: a colon is missing", err);
	in->cur++;
	return json_blank(in, c, err);
}

/* After a value: closes what ends here, up to depth `to`. *c becomes the byte that the next value of the
 * innermost open container begins with; *depth == to: all is closed. */
static int after(
    struct json_in *in, uint64_t *object, unsigned *depth, unsigned to, int *c, struct deid_error *err)
{
	while (*depth > to) {
		bool obj = object[*depth / 64] >> (*depth % 64) & 1;
		int rc = json_blank(in, c, err);

		if (rc)
			return rc;
		if (*c == ',') {
			in->cur++;
			rc = json_blank(in, c, err);
			if (rc || !obj)
				return rc;
			return key(in, c, err);
		}
		if (*c != (obj ? '}' : ']'))
			return json_unexpected(
			    in, "not JSON: a comma or the end of a list or object is missing", err);
		in->cur++;
		(*depth)--;
	}
	return DEID_OK;
}

/* Opens the container at cur. *empty: it is closed again at once. Else *c begins its first value. */
static int enter(
    struct json_in *in, uint64_t *object, unsigned *depth, bool *empty, int *c, struct deid_error *err)
{
	bool obj = *c == '{';
	int rc;

	if (*depth >= JSON_DEPTH)
		return json_bad(in, DEID_E_LIMIT, "nested more than 512 deep", err);
	in->cur++;
	rc = json_blank(in, c, err);
	if (rc)
		return rc;
	*empty = *c == (obj ? '}' : ']');
	if (*empty) {
		in->cur++;
		return DEID_OK;
	}
	(*depth)++;
	if (obj)
		object[*depth / 64] |= UINT64_C(1) << (*depth % 64);
	else
		object[*depth / 64] &= ~(UINT64_C(1) << (*depth % 64));
	return obj ? key(in, c, err) : DEID_OK;
}

int json_skip(struct json_in *in, unsigned depth, struct deid_error *err)
{
	uint64_t object[JSON_DEPTH / 64 + 1];
	unsigned d = depth;
	bool empty = false;
	int c = 0, rc = json_blank(in, &c, err);

	if (!rc && c != '{' && c != '[')
		return scalar(in, c, err);
	memset(object, 0, sizeof(object));
	while (!rc) {
		if (c == '{' || c == '[') {
			rc = enter(in, object, &d, &empty, &c, err);
			if (!rc && !empty)
				continue;
		} else {
			rc = scalar(in, c, err);
		}
		if (rc || d == depth)
			break;
		rc = after(in, object, &d, depth, &c, err);
		if (d == depth)
			break;
	}
	return rc;
}
