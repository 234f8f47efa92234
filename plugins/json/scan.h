/* SPDX-License-Identifier: MIT */
/*
 * A strict tokenizer for JSON (RFC 8259) over a moving window, in constant memory.
 *
 * Why not yajl: it joins a string that crosses two chunks in a buffer of its own, without a bound, and tells
 * no more than how many bytes it has consumed, so that the exact span of a token (which is what an edit that
 * leaves everything else alone needs) has to be guessed; escapes and lone surrogates come decoded.
 *
 * The scan functions begin at in->cur and leave it behind what they read. They validate: grammar, UTF-8,
 * escapes. `hold` is the offset from which bytes must stay in the window (JSON_FREE: none before cur).
 */
#ifndef DEID_PLUGINS_JSON_SCAN_H
#define DEID_PLUGINS_JSON_SCAN_H

#include "plugins/common/spans.h"

#define JSON_DEPTH 512 /* containers in containers */
#define JSON_FREE UINT64_MAX
#define JSON_LONG 1 /* not an error: hold and cur are as far apart as a window can be */

#define JSON_ESCAPED (1u << 0) /* the string has a backslash */
#define JSON_LONE (1u << 1)    /* … and half a surrogate pair: it is no text */

struct json_in {
	struct window win;
	struct spans *out;
	const char *cur, *end;
	uint64_t hold;
	uint64_t echo; /* bytes from here to cur are to be copied before the window moves; JSON_FREE: none */
	bool lines;    /* a line feed ends the document */
};

static inline uint64_t json_off(const struct json_in *in)
{
	return in->win.off + (uint64_t)(in->cur - in->win.p);
}

/* The bytes at an offset that is still in the window. */
static inline const char *json_at(const struct json_in *in, uint64_t off)
{
	return in->win.p + (off - in->win.off);
}

int json_open(
    struct json_in *, const struct deid_host *, struct deid_source *, struct spans *, struct deid_error *);
void json_open_text(struct json_in *, const struct deid_host *, struct deid_str, struct spans *);
/* More input behind cur, unless in->win.last says that there is none. JSON_LONG when hold forbids it. */
int json_more(struct json_in *, struct deid_error *);
int json_bad(const struct json_in *, enum deid_code, const char *what, struct deid_error *);
/* cur is not at what had to come: the end of the input, or something else. */
int json_unexpected(const struct json_in *, const char *what, struct deid_error *);

/* Goes on at an offset, of a source. */
int json_seek(struct json_in *, uint64_t off, struct deid_error *);

/* Blanks; leaves the next byte in *c, -1 at the end of the input. */
int json_blank(struct json_in *, int *c, struct deid_error *);
int json_string(struct json_in *, unsigned *flags, struct deid_error *);
/* The rest of a string that gave JSON_LONG. */
int json_string_rest(struct json_in *, unsigned *flags, struct deid_error *);
int json_number(struct json_in *, bool *real, struct deid_error *);
int json_word(struct json_in *, const char *word, struct deid_error *);
/* A whole value; depth is that of the container it is in. */
int json_skip(struct json_in *, unsigned depth, struct deid_error *);

#endif
