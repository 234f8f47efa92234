/* SPDX-License-Identifier: MIT */
#include "plugins/kv/kv.h"

#include "core/util/utf8.h"
#include "plugins/common/spans.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)256 << 10)
/* Spellings of the delimiter that are counted, and their longest. */
#define STYLES 8
#define STYLE_MAX 32

struct style {
	char text[STYLE_MAX];
	size_t n;
	uint64_t used;
};

/* A line: bytes of the file, and what they say as UTF-8. */
struct line {
	size_t n, eol;        /* bytes without the line end, and of it */
	struct deid_str text; /* without the line end */
	size_t key, value;    /* in text: where the key ends and the value begins */
};

struct lines {
	const struct deid_host *host;
	struct deid_job *job;
	const struct kv_conf *conf;
	struct deid_source *src;
	struct split_state *split;
	struct window win;
	struct spans out;
	uint64_t off; /* of the line in work */
	uint64_t number;
	uint64_t bad;
	bool all, done;
	bool ahead;  /* entries read other values */
	bool open;   /* the last line written has no line end */
	char eol[2]; /* as this file ends lines */
	size_t neol;
	bool *seen; /* by entry */
	bool created;
	uint32_t *id;
	struct style style[STYLES];
	struct buf decoded, encoded, text;
};

static int nomem(struct lines *l, struct deid_error *err)
{
	return l->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
}

static int bad_line(struct lines *l, enum deid_code code, const char *what, struct deid_error *err)
{
	int rc = l->host->fail(err, DEID_FAILED, code, "line %" PRIu64 ": %s", l->number, what);

	l->host->at(err, (struct deid_str){NULL, 0}, l->off);
	return rc;
}

static struct deid_str chunk(const struct lines *l)
{
	size_t from = (size_t)(l->off - l->win.off);

	return (struct deid_str){l->win.p + from, l->win.n - from};
}

/* ---- reading ------------------------------------------------------------------------------------- */

static int more(struct lines *l, struct deid_error *err)
{
	size_t have = l->win.off == l->off ? l->win.n : 0;
	size_t want = have + CHUNK;
	int rc;

	if (have >= DEID_PEEK_MAX)
		return bad_line(l, DEID_E_LIMIT, "longer than 1 MiB", err);
	rc = spans_flush(&l->out, err);
	if (!rc)
		rc = window_load(&l->win, l->off, want < DEID_PEEK_MAX ? want : DEID_PEEK_MAX, err);
	return rc;
}

/* The bytes of the line at off. Lines end with LF, CRLF or CR. *end: there is none. */
static int next_line(struct lines *l, struct line *line, bool *end, struct deid_error *err)
{
	size_t i = 0;

	l->number++;
	for (;;) {
		struct deid_str s = chunk(l);
		int rc;

		while (i < s.n && s.p[i] != '\n' && s.p[i] != '\r')
			i++;
		/* Whether a CR stands alone shows only in the next byte. */
		if (i + 1 < s.n || (i < s.n && (s.p[i] == '\n' || l->win.last)) || l->win.last) {
			*end = s.n == 0;
			line->n = i;
			line->eol = i < s.n;
			line->eol += i + 1 < s.n && s.p[i] == '\r' && s.p[i + 1] == '\n';
			line->text = (struct deid_str){s.p, i};
			return DEID_OK;
		}
		rc = more(l, err);
		if (rc)
			return rc;
	}
}

static bool is_blank(struct deid_str s)
{
	return str_trim(s).n == 0;
}

static void count_style(struct lines *l, struct deid_str text)
{
	for (size_t i = 0; i < STYLES && text.n <= STYLE_MAX; i++) {
		struct style *s = &l->style[i];

		if (s->used == 0) {
			memcpy(s->text, text.p, text.n);
			s->n = text.n;
		}
		if (s->n == text.n && memcmp(s->text, text.p, text.n) == 0) {
			s->used++;
			return;
		}
	}
}

/* *split: the line has a delimiter. */
static int read_line(struct lines *l, struct line *line, bool *split, struct deid_error *err)
{
	const struct charset *cs = &l->conf->charset;
	int found;

	*split = false;
	if (!charset_valid(cs, line->text))
		return bad_line(l, DEID_E_FORMAT, "not text of the encoding", err);
	if (!charset_decode(cs, &line->text, &l->decoded))
		return nomem(l, err);
	found = split_line(l->split, line->text, &line->key, &line->value);
	if (found < 0)
		return bad_line(l, DEID_E_LIMIT, "the delimiter takes too many steps", err);
	*split = found == 1;
	if (found == 1)
		count_style(l, str_sub(line->text, line->key, line->value - line->key));
	return DEID_OK;
}

/* In a MetaImage header this key is the last, … */
static bool names_data(const struct line *line)
{
	return str_eqz(str_trim(str_sub(line->text, 0, line->key)), "ElementDataFile");
}

/* … and when it says LOCAL the image follows the line. */
static bool says_local(const struct line *line)
{
	return names_data(line) &&
	       str_caseeq(str_trim(str_sub(line->text, line->value, line->text.n)), STR("LOCAL"));
}

/* Where a place in the decoded text is in the file's bytes. */
static size_t raw(const struct lines *l, const struct line *line, size_t at)
{
	return l->conf->charset.utf8 ? at : utf8_count(str_sub(line->text, 0, at));
}

/* ---- acting -------------------------------------------------------------------------------------- */

/* The first match of the delimiter splits a line, so a blank before it is the key's: "b =1" is no field "b".
 * Whoever wrote a delimiter without blanks most likely meant it to be, and is told. */
static void warn_blanks(struct lines *l, struct deid_str key)
{
	const struct kv_conf *c = l->conf;
	struct deid_str bare = str_trim(key);

	if (bare.n && bare.n < key.n && entry_find(c->entry, c->nentry, bare, l->id))
		l->host->warn(l->job, bare,
		    "a key with blanks around this name is another field; let \"delimiter\" match the "
		    "blanks");
}

/* The entries that act on this key. named: those of that name, in l->id. */
static int find_entries(
    struct lines *l, struct deid_str key, const uint32_t **id, size_t *n, struct deid_error *err)
{
	const struct kv_conf *c = l->conf;
	struct deid_field f = {.size = sizeof(f), .kind = DEID_TEXT, .name = key};
	size_t named = entry_find(c->entry, c->nentry, key, l->id);

	for (size_t i = 0; named && i < c->nentry; i++) {
		const struct entry_name *p = c->entry[i].path;

		if (p && str_eq(p->text, key))
			l->seen[i] = true;
	}
	if (named == 0)
		warn_blanks(l, key);
	*n = 0;
	if (named == 0 && !l->all)
		return DEID_OK;
	return l->host->match(l->job, &f, l->id, named, id, n, err);
}

/* The new value as bytes of the file in *text; *why when it cannot be one. */
static int spell(struct lines *l, const struct deid_value *v, struct deid_str *text, const char **why,
    struct deid_error *err)
{
	bool fits = true;

	*why = NULL;
	*text = v->n ? v->v[0] : (struct deid_str){"", 0};
	if (v->n > 1)
		*why = "a line holds one value";
	else if (str_find(*text, '\n', 0) < text->n || str_find(*text, '\r', 0) < text->n)
		*why = "a value cannot go over the end of its line";
	else if (!charset_encode(&l->conf->charset, text, &l->encoded, &fits))
		return nomem(l, err);
	else if (!fits)
		*why = "the file's encoding has no such character";
	return DEID_OK;
}

static int write_line(struct lines *l, const struct line *line, struct deid_error *err)
{
	l->open = line->eol == 0;
	return spans_copy(&l->out, l->off, l->off + line->n + line->eol, err);
}

/* Puts text in the value's place. */
static int write_value(struct lines *l, const struct line *line, struct deid_str text, struct deid_error *err)
{
	int rc = spans_copy(&l->out, l->off, l->off + raw(l, line, line->value), err);

	l->open = line->eol == 0;
	if (!rc)
		rc = spans_write(&l->out, text.p, text.n, err);
	return rc ? rc : spans_copy(&l->out, l->off + line->n, l->off + line->n + line->eol, err);
}

static int act(struct lines *l, const struct line *line, struct deid_error *err)
{
	struct deid_field f = {
	    .size = sizeof(f), .kind = DEID_TEXT, .name = str_sub(line->text, 0, line->key)};
	struct deid_str value = str_sub(line->text, line->value, line->text.n), text = {NULL, 0};
	struct deid_value v = {.size = sizeof(v), .kind = DEID_TEXT, .lo = 1, .v = &value, .n = value.n > 0};
	struct deid_result r = {.verdict = DEID_KEEP};
	const char *why = NULL;
	const uint32_t *id;
	size_t n;
	int rc = find_entries(l, f.name, &id, &n, err);

	if (!rc && n)
		rc = l->host->apply(l->job, &f, id, n, &v, &r, err);
	if (!rc && r.verdict == DEID_CHANGE)
		rc = spell(l, &r.value, &text, &why, err);
	if (!rc && why)
		rc = l->host->refuse(l->job, &f, &r, why, err);
	if (rc || r.verdict == DEID_REMOVE)
		return rc;
	return r.verdict == DEID_KEEP ? write_line(l, line, err) : write_value(l, line, text, err);
}

/* ---- creating ------------------------------------------------------------------------------------ */

static struct deid_str delimiter(struct lines *l)
{
	const struct style *best = &l->style[0];

	for (size_t i = 1; i < STYLES; i++)
		if (l->style[i].used > best->used)
			best = &l->style[i];
	return best->used ? (struct deid_str){best->text, best->n} : split_sample(l->split);
}

/* key, delimiter and value as one line of text in l->text; *why when that would not read as such. */
static int compose(struct lines *l, struct deid_str key, const struct deid_value *v, const char **why,
    struct deid_error *err)
{
	struct deid_str mark = delimiter(l), text = v->n ? v->v[0] : (struct deid_str){"", 0};
	size_t from, to;

	*why = mark.n ? NULL : "no delimiter to write is known";
	l->text.n = 0;
	if (!buf_str(&l->text, key) || !buf_str(&l->text, mark) || !buf_str(&l->text, text))
		return nomem(l, err);
	if (!*why && (split_line(l->split, buf_view(&l->text), &from, &to) != 1 || from != key.n))
		*why = "the line would not read as this key and value";
	return DEID_OK;
}

/* before: a line follows. Else the file ends as it did: with or without a line end. */
static int insert(struct lines *l, struct deid_str text, bool before, struct deid_error *err)
{
	bool open = l->open;
	int rc = DEID_OK;

	if (!l->neol)
		l->eol[l->neol++] = '\n';
	if (open)
		rc = spans_write(&l->out, l->eol, l->neol, err);
	if (!rc)
		rc = spans_write(&l->out, text.p, text.n, err);
	if (!rc && (before || !open))
		rc = spans_write(&l->out, l->eol, l->neol, err);
	return rc;
}

static int create(struct lines *l, struct deid_str key, bool before, struct deid_error *err)
{
	struct deid_field f = {.size = sizeof(f), .kind = DEID_TEXT, .name = key};
	struct deid_result r = {.verdict = DEID_KEEP};
	struct deid_str text;
	const char *why = NULL;
	struct deid_value line;
	const uint32_t *id;
	size_t n;
	int rc = find_entries(l, key, &id, &n, err);

	if (!rc && n)
		rc = l->host->apply(l->job, &f, id, n, NULL, &r, err);
	if (rc || r.verdict != DEID_CHANGE)
		return rc;
	if (r.value.n > 1)
		why = "a line holds one value";
	else
		rc = compose(l, key, &r.value, &why, err);
	line = (struct deid_value){.size = sizeof(line), .v = &text, .n = 1};
	text = buf_view(&l->text);
	if (!rc && !why)
		rc = spell(l, &line, &text, &why, err);
	if (!rc && why)
		return l->host->refuse(l->job, &f, &r, why, err);
	return rc ? rc : insert(l, text, before, err);
}

static int create_missing(struct lines *l, bool before, struct deid_error *err)
{
	const struct kv_conf *c = l->conf;
	int rc = DEID_OK;

	for (size_t i = 0; !rc && !l->created && i < c->nentry; i++) {
		const struct entry_name *p = c->entry[i].path;

		if (p && !l->seen[i] && (c->entry[i].flags & DEID_ENTRY_CREATE))
			rc = create(l, p->text, before, err);
	}
	l->created = true;
	return rc;
}

/* ---- reading ahead ------------------------------------------------------------------------------- */

static int observe_line(struct lines *l, const struct line *line, struct deid_error *err)
{
	struct deid_str key = str_sub(line->text, 0, line->key);
	struct deid_str value = str_sub(line->text, line->value, line->text.n);
	struct deid_value v = {.size = sizeof(v), .kind = DEID_TEXT, .lo = 1, .v = &value, .n = value.n > 0};
	size_t n = entry_queries(l->conf->entry, l->conf->nentry, key, l->id);

	return n ? l->host->observe(l->job, l->id, n, &v, err) : DEID_OK;
}

/* All values that entries may ask for, before the first line is acted on. */
static int observe_all(struct lines *l, struct deid_error *err)
{
	uint64_t start = l->off;
	bool end = false, local = false, split;
	int rc = l->host->record(l->job, err);

	while (!rc && !local) {
		struct line line = {0};

		rc = next_line(l, &line, &end, err);
		if (rc || end)
			break;
		rc = read_line(l, &line, &split, err);
		if (!rc && split)
			rc = observe_line(l, &line, err);
		if (!rc && split)
			local = says_local(&line);
		l->off += line.n + line.eol;
	}
	l->off = start;
	l->number = 0;
	memset(l->style, 0, sizeof(l->style));
	if (!rc)
		rc = spans_flush(&l->out, err);
	return rc ? rc : window_load(&l->win, l->off, CHUNK, err);
}

/* ---- lines --------------------------------------------------------------------------------------- */

static int last_of_header(struct lines *l, const struct line *line, bool *local, struct deid_error *err)
{
	uint64_t end = l->off + line->n + line->eol;

	*local = says_local(line);
	if (!names_data(line))
		return DEID_OK;
	if (!*local && end < l->host->src_size(l->src))
		return DEID_OK;
	return l->out.mute ? DEID_OK : create_missing(l, true, err);
}

static int copy_rest(struct lines *l, struct deid_error *err)
{
	uint64_t size = l->host->src_size(l->src);
	int rc = spans_flush(&l->out, err);

	l->done = true;
	if (rc || l->out.mute)
		return rc;
	return l->host->sink_copy(l->out.sink, l->src, l->off, size - l->off, err);
}

static int one_line(struct lines *l, struct line *line, struct deid_error *err)
{
	bool split, local = false;
	int rc = read_line(l, line, &split, err);

	if (line->eol) {
		l->neol = line->eol;
		memcpy(l->eol, chunk(l).p + line->n, line->eol);
	}
	if (!rc && !split) {
		if (!is_blank(line->text) && !l->conf->ignore_bad)
			return bad_line(l, DEID_E_FORMAT, "no delimiter", err);
		l->bad += !is_blank(line->text);
		rc = write_line(l, line, err);
	} else if (!rc) {
		rc = last_of_header(l, line, &local, err);
		if (!rc)
			rc = act(l, line, err);
	}
	l->off += line->n + line->eol;
	return !rc && local ? copy_rest(l, err) : rc;
}

static int run(struct lines *l, struct deid_error *err)
{
	const struct charset *cs = &l->conf->charset;
	const char *foreign;
	bool end = false;
	int rc;

	rc = window_load(&l->win, 0, CHUNK, err);
	if (rc)
		return rc;
	foreign = charset_foreign(chunk(l));
	if (foreign)
		return l->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED, "%s", foreign);
	l->off = charset_mark(cs, chunk(l));
	rc = spans_copy(&l->out, 0, l->off, err);
	if (!rc && l->ahead)
		rc = observe_all(l, err);
	while (!rc && !l->done) {
		struct line line = {0};

		rc = next_line(l, &line, &end, err);
		if (rc || end)
			break;
		rc = one_line(l, &line, err);
	}
	if (!rc && !l->out.mute)
		rc = create_missing(l, false, err);
	return rc ? rc : spans_flush(&l->out, err);
}

int kv_stream(struct deid_job *job, const struct kv_conf *conf, struct deid_source *src,
    struct deid_sink *sink, struct deid_error *err)
{
	const struct deid_host *host = conf->host;
	struct lines l = {.host = host,
	    .job = job,
	    .conf = conf,
	    .src = src,
	    .win = {.host = host, .src = src},
	    .out = {.host = host, .sink = sink, .mute = !sink},
	    .all = host->wants(job) & DEID_WANT_ALL,
	    .ahead = host->wants(job) & DEID_WANT_ORIGINALS};
	int rc;

	l.out.win = &l.win;
	l.split = split_open(conf->splitter);
	l.seen = calloc(conf->nentry + 1, sizeof(*l.seen));
	l.id = calloc(conf->nentry + 1, sizeof(*l.id));
	rc = l.split && l.seen && l.id ? run(&l, err) : nomem(&l, err);
	if (!rc && l.bad)
		host->warn(job, (struct deid_str){NULL, 0},
		    "%" PRIu64 " lines without a delimiter were left as they are", l.bad);
	split_close(l.split);
	free(l.seen);
	free(l.id);
	buf_free(&l.decoded);
	buf_free(&l.encoded);
	buf_free(&l.text);
	return rc;
}
