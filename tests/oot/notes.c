/* SPDX-License-Identifier: MIT */
/*
 * The other way for a format to work: as a record. Where the fields stand in a header that fits in memory,
 * the plugin reads the header once, the core asks for fields and changes them in any order, and at the end
 * the plugin writes header and rest. (records.c shows the stream way, a transform, and how to build.)
 *
 * The format:
 *
 *     NOTES
 *     Author: Jane Doe
 *     Written: 2020-02-20
 *     Bytes: 6
 *
 *     hello
 *
 * A first line, lines of name and value, an empty line, and as many bytes as `Bytes` says. Lines are ASCII
 * and end with \n; a name stands once. `Bytes` is structure, no content: no rule may touch it.
 */
#include <deid/plugin.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "NOTES\n"
#define LENGTH_NAME "Bytes"
#define HEADER_MAX ((size_t)1 << 16) /* more is no header; well below DEID_PEEK_MAX */
#define LINE_MAX_CHARS 200

struct conf {
	const struct deid_host *host;
};

/* A header line. A field's handle (deid_field.h[0]) is its index; lines that are removed keep theirs. */
struct line {
	struct deid_str name, value;
	size_t start, end; /* of the line in the file; both 0: it was added */
	bool changed, removed;
};

struct rec {
	const struct deid_host *host;
	struct deid_job *job;
	struct deid_source *src;
	struct line *line;
	size_t n, cap;
	size_t body; /* where the header's empty line begins */
};

static struct deid_str text(const char *p)
{
	return (struct deid_str){p, strlen(p)};
}

static bool same(struct deid_str a, struct deid_str b)
{
	return a.n == b.n && !memcmp(a.p, b.p, a.n);
}

/* What can stand in a line: printable ASCII. The core takes names and values for UTF-8, so a format has to
 * make sure of that, or say DEID_BYTES. */
static bool one_line(struct deid_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return s.n <= LINE_MAX_CHARS;
}

/* ---- profile time --------------------------------------------------------------------------------- */

static int notes_conf_new(
    const struct deid_host *host, const struct deid_node *section, void **out, struct deid_error *err)
{
	struct conf *conf = malloc(sizeof *conf);

	(void)section; /* no settings of our own */
	if (!conf)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	conf->host = host;
	*out = conf;
	return DEID_OK;
}

static int notes_path_new(void *confp, struct deid_str name, const struct deid_node *node, void **out,
    struct deid_path_info *info, struct deid_error *err)
{
	const struct conf *conf = confp;
	struct deid_str *path;

	if (!name.n || !one_line(name) || memchr(name.p, ':', name.n))
		return conf->host->complain(err, node, "no line can have this name");
	path = malloc(sizeof *path + name.n);
	if (!path)
		return conf->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	*path = (struct deid_str){memcpy(path + 1, name.p, name.n), name.n};
	info->flags = DEID_PATH_CREATE;
	info->kind = -1;
	*out = path;
	return DEID_OK;
}

static int notes_seal(void *confp, const struct deid_entry *entry, size_t n, struct deid_error *err)
{
	const struct conf *conf = confp;
	int rc = DEID_OK;

	for (size_t i = 0; i < n; i++) {
		const struct deid_str *path = entry[i].path;

		if (path && same(*path, text(LENGTH_NAME)) && !(entry[i].flags & DEID_ENTRY_OFF))
			rc = conf->host->complain(err, entry[i].node, "'" LENGTH_NAME "' cannot be changed");
	}
	return rc;
}

/* ---- reading --------------------------------------------------------------------------------------- */

static int notes_claim(
    const struct deid_host *host, struct deid_source *src, int *score, struct deid_error *err)
{
	const void *p;
	size_t got;
	int rc = host->src_peek(src, 0, strlen(FIRST_LINE), &p, &got, err);

	if (rc == DEID_OK)
		*score = same((struct deid_str){p, got}, text(FIRST_LINE)) ? DEID_CLAIM_MAGIC : DEID_CLAIM_NO;
	return rc;
}

static struct line *line_new(struct rec *r)
{
	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 16;
		/* memory of the job: freed when the file is done, there is nothing for close() to do */
		struct line *more = r->host->alloc(r->job, cap * sizeof *more);

		if (!more)
			return NULL;
		if (r->n)
			memcpy(more, r->line, r->n * sizeof *more);
		r->line = more;
		r->cap = cap;
	}
	r->line[r->n] = (struct line){.start = 0};
	return &r->line[r->n++];
}

static struct line *line_find(struct rec *r, struct deid_str name)
{
	for (size_t i = 0; i < r->n; i++)
		if (!r->line[i].removed && same(r->line[i].name, name))
			return &r->line[i];
	return NULL;
}

static int bad(struct rec *r, size_t at, const char *why, struct deid_error *err)
{
	r->host->fail(err, DEID_FAILED, DEID_E_FORMAT, "%s", why);
	r->host->at(err, (struct deid_str){NULL, 0}, at);
	return DEID_FAILED;
}

/* The lines of the header, which begins at `at`. */
static int read_lines(struct rec *r, const char *head, size_t n, size_t at, struct deid_error *err)
{
	for (;;) {
		const char *end = memchr(head + at, '\n', n - at);
		const char *colon;
		struct line *line;

		if (!end)
			return r->host->fail(err, DEID_FAILED, DEID_E_TRUNCATED, "the header has no end");
		if (end == head + at) {
			r->body = at;
			return DEID_OK;
		}
		if (!one_line((struct deid_str){head + at, (size_t)(end - head) - at}))
			return bad(r, at, "no line of text", err);
		colon = memchr(head + at, ':', (size_t)(end - head) - at);
		if (!colon || colon == head + at || colon[1] != ' ')
			return bad(r, at, "a line without a name", err);
		if (line_find(r, (struct deid_str){head + at, (size_t)(colon - head) - at}))
			return bad(r, at, "a name stands twice", err);
		line = line_new(r);
		if (!line)
			return r->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
		line->name = (struct deid_str){head + at, (size_t)(colon - head) - at};
		line->value = (struct deid_str){colon + 2, (size_t)(end - colon) - 2};
		line->start = at;
		line->end = at = (size_t)(end - head) + 1;
	}
}

/* The body must be there in full: this is how a cut file is told. */
static int check_body(struct rec *r, struct deid_error *err)
{
	const struct line *line = line_find(r, text(LENGTH_NAME));
	uint64_t len = 0, have = r->host->src_size(r->src) - r->body - 1;

	if (!line || !line->value.n || line->value.n > 15)
		return bad(r, r->body, "no line says how long the note is", err);
	for (size_t i = 0; i < line->value.n; i++) {
		if (line->value.p[i] < '0' || line->value.p[i] > '9')
			return bad(r, line->start, "no line says how long the note is", err);
		len = len * 10 + (uint64_t)(line->value.p[i] - '0');
	}
	if (have < len)
		return r->host->fail(err, DEID_FAILED, DEID_E_TRUNCATED, "the note is cut");
	return have == len ? DEID_OK : bad(r, r->body, "more follows the note", err);
}

static int notes_open(
    struct deid_job *job, void *confp, struct deid_source *src, void **out, struct deid_error *err)
{
	const struct conf *conf = confp;
	const struct deid_host *host = conf->host;
	struct rec *r = host->alloc(job, sizeof *r);
	const void *p;
	char *head;
	size_t n;
	int rc;

	if (!r)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	*r = (struct rec){.host = host, .job = job, .src = src};
	rc = host->src_peek(src, 0, HEADER_MAX, &p, &n, err);
	if (rc != DEID_OK)
		return rc;
	/* What peek() gave goes with the next call; the lines shall stay. */
	head = host->alloc(job, n);
	if (!head)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	memcpy(head, p, n);
	if (n < strlen(FIRST_LINE) || memcmp(head, FIRST_LINE, strlen(FIRST_LINE)) != 0)
		return bad(r, 0, "does not begin with NOTES", err);
	rc = read_lines(r, head, n, strlen(FIRST_LINE), err);
	if (rc == DEID_OK)
		rc = check_body(r, err);
	*out = r;
	return rc;
}

/* ---- fields ----------------------------------------------------------------------------------------- */

static int visit_line(struct rec *r, size_t i, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct deid_field field = {
	    .size = sizeof field, .kind = DEID_TEXT, .h = {i, 0}, .name = r->line[i].name};

	return visit(arg, &field, err);
}

static int notes_find(void *rec, const void *path, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct rec *r = rec;
	struct line *line = line_find(r, *(const struct deid_str *)path);

	return line ? visit_line(r, (size_t)(line - r->line), visit, arg, err) : DEID_OK;
}

static int notes_each(void *rec, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct rec *r = rec;
	int rc = DEID_OK;

	for (size_t i = 0; i < r->n && rc == DEID_OK; i++)
		if (!r->line[i].removed && !same(r->line[i].name, text(LENGTH_NAME)))
			rc = visit_line(r, i, visit, arg, err);
	return rc;
}

static int notes_get(
    void *rec, const struct deid_field *field, struct deid_value *value, struct deid_error *err)
{
	struct rec *r = rec;
	const struct line *line = &r->line[field->h[0]];

	(void)err;
	value->kind = DEID_TEXT;
	value->flags = DEID_V_FREE;
	value->lo = 1; /* lo > hi: no range */
	value->hi = 0;
	value->max = LINE_MAX_CHARS;
	value->v = &line->value;
	value->n = line->value.n ? 1 : 0;
	return DEID_OK;
}

/* A value of the core's, checked and made ours: what comes in lives in scratch memory. */
static int keep_value(
    struct rec *r, struct line *line, const struct deid_value *value, struct deid_error *err)
{
	struct deid_str s = value->n ? value->v[0] : (struct deid_str){"", 0};

	if (value->n > 1 || value->kind == DEID_TREE || line->name.n + 2 + s.n > LINE_MAX_CHARS ||
	    !one_line(s))
		return r->host->fail(err, DEID_FAILED, DEID_E_VALUE, "the value does not fit in a line");
	line->value = r->host->dup(r->job, s);
	if (!line->value.p)
		return r->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	line->changed = true;
	return DEID_OK;
}

static int notes_set(
    void *rec, const struct deid_field *field, const struct deid_value *value, struct deid_error *err)
{
	struct rec *r = rec;

	return keep_value(r, &r->line[field->h[0]], value, err);
}

static int notes_remove(void *rec, const struct deid_field *field, struct deid_error *err)
{
	struct rec *r = rec;

	(void)err;
	r->line[field->h[0]].removed = true;
	return DEID_OK;
}

static int notes_add(void *rec, const void *path, const struct deid_value *value, struct deid_error *err)
{
	struct rec *r = rec;
	struct line *line = line_new(r);
	int rc;

	if (!line)
		return r->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	line->name = *(const struct deid_str *)path; /* paths outlive every file */
	rc = keep_value(r, line, value, err);
	if (rc != DEID_OK)
		r->n--;
	return rc;
}

/* ---- writing ---------------------------------------------------------------------------------------- */

/* The last moment to refuse a record as a whole, or to settle what depends on all fields. */
static int notes_finish(void *rec, struct deid_error *err)
{
	(void)rec;
	(void)err;
	return DEID_OK;
}

static int write_line(struct rec *r, const struct line *line, struct deid_sink *sink, struct deid_error *err)
{
	int rc = r->host->sink_write(sink, line->name.p, line->name.n, err);

	if (rc == DEID_OK)
		rc = r->host->sink_write(sink, ": ", 2, err);
	if (rc == DEID_OK)
		rc = r->host->sink_write(sink, line->value.p, line->value.n, err);
	return rc == DEID_OK ? r->host->sink_write(sink, "\n", 1, err) : rc;
}

/* Splicing: what was not changed is copied, never written anew. The note itself goes in one copy, which the
 * kernel does without showing it to us. */
static int notes_write(void *rec, struct deid_sink *sink, struct deid_error *err)
{
	struct rec *r = rec;
	int rc = r->host->sink_copy(sink, r->src, 0, strlen(FIRST_LINE), err);

	for (size_t i = 0; i < r->n && rc == DEID_OK; i++) {
		const struct line *line = &r->line[i];

		if (line->removed)
			continue;
		if (line->changed)
			rc = write_line(r, line, sink, err);
		else
			rc = r->host->sink_copy(sink, r->src, line->start, line->end - line->start, err);
	}
	return rc == DEID_OK
		   ? r->host->sink_copy(sink, r->src, r->body, r->host->src_size(r->src) - r->body, err)
		   : rc;
}

static void notes_close(void *rec)
{
	(void)rec; /* all of it was the job's memory */
}

/* ---- what the core is told -------------------------------------------------------------------------- */

static const char *const notes_filters[] = {"*.notes", NULL};
static const char *const notes_identifying[] = {"Author", NULL};

/* A format may set defaults of keys that transforms declare. */
static const struct deid_default notes_defaults[] = {{"date-format", "%Y-%m-%d"}, {NULL, NULL}};

static const struct deid_format notes_format = {
    .size = sizeof(struct deid_format),
    .section = "notes",
    .summary = "notes with a header",
    .mark = "NOTES",
    .filters = notes_filters,
    .defaults = notes_defaults,
    .identifying = notes_identifying,
    .claim = notes_claim,
    .conf_new = notes_conf_new,
    .conf_free = free,
    .path_new = notes_path_new,
    .path_free = free,
    .seal = notes_seal,
    .open = notes_open,
    .find = notes_find,
    .each = notes_each,
    .get = notes_get,
    .set = notes_set,
    .remove = notes_remove,
    .add = notes_add,
    .finish = notes_finish,
    .write = notes_write,
    .close = notes_close,
};

static int notes_init(const struct deid_host *host, struct deid_registrar *reg, struct deid_error *err)
{
	return host->register_format(reg, &notes_format, err);
}

DEID_PLUGIN("notes", "1.0", "MIT", notes_init, NULL);
