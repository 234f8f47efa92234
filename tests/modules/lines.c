/* SPDX-License-Identifier: MIT */
/* What both formats share, the stream, and the plugin. */
#include "tests/modules/lines.h"

#include <stdlib.h>
#include <string.h>

bool lines_match(const struct lines_path *p, struct deid_str key)
{
	return (p->wild ? key.n >= p->n : key.n == p->n) && memcmp(p->key, key.p, p->n) == 0;
}

int line_read(const struct deid_host *host, struct deid_source *src, uint64_t off, struct line *l, bool *end,
    struct deid_error *err)
{
	const void *p;
	size_t got, want = 256;
	const char *lf;
	*end = false;
	do {
		int rc = host->src_peek(src, off, want, &p, &got, err);
		if (rc != DEID_OK)
			return rc;
		lf = got ? memchr(p, '\n', got) : NULL;
		if (!lf && got < want) {
			*end = got == 0;
			if (*end)
				return DEID_OK;
			rc = host->fail(err, DEID_FAILED, DEID_E_TRUNCATED, "the last line has no end");
			host->at(err, (struct deid_str){NULL, 0}, off);
			return rc;
		}
		want *= 2;
	} while (!lf && want <= DEID_PEEK_MAX);
	if (!lf)
		return host->fail(err, DEID_FAILED, DEID_E_LIMIT, "a line is too long");
	const char *text = p;
	size_t n = (size_t)(lf - text);
	*l = (struct line){.off = off, .len = n + 1, .pair = text[0] != '#'};
	if (!l->pair)
		return DEID_OK;
	const char *eq = memchr(text, '=', n);
	if (!eq) {
		int rc = host->fail(err, DEID_FAILED, DEID_E_FORMAT, "a line without '='");
		host->at(err, (struct deid_str){NULL, 0}, off);
		return rc;
	}
	l->key = (struct deid_str){text, (size_t)(eq - text)};
	l->value = (struct deid_str){eq + 1, n - l->key.n - 1};
	return DEID_OK;
}

struct deid_value line_value(struct deid_str text, struct deid_str *part)
{
	*part = text;
	struct deid_value v = {.size = sizeof v, .flags = DEID_V_FREE, .kind = DEID_TEXT, .lo = 1, .v = part};
	v.n = text.n ? 1 : 0;
	if (text.n && text.p[0] == '{') {
		v.kind = DEID_TREE;
		v.n = 0;
	}
	return v;
}

struct deid_field line_field(struct deid_str key, struct deid_str value)
{
	struct deid_field f = {.size = sizeof f, .name = key};
	f.kind = value.n && value.p[0] == '{' ? DEID_TREE : DEID_TEXT;
	return f;
}

bool line_text(const struct deid_value *v, struct deid_str *out)
{
	*out = v->n ? v->v[0] : (struct deid_str){"", 0};
	return v->n <= 1 && !(out->n && memchr(out->p, '\n', out->n));
}

/* ---- stream ------------------------------------------------------------------------------------ */

static int put(const struct deid_host *host, struct deid_sink *sink, struct deid_str key,
    struct deid_str value, struct deid_error *err)
{
	int rc = host->sink_write(sink, key.p, key.n, err);
	if (rc == DEID_OK)
		rc = host->sink_write(sink, "=", 1, err);
	if (rc == DEID_OK)
		rc = host->sink_write(sink, value.p, value.n, err);
	return rc == DEID_OK ? host->sink_write(sink, "\n", 1, err) : rc;
}

struct pass {
	const struct deid_host *host;
	const struct lines_conf *conf;
	struct deid_job *job;
	struct deid_source *src;
	struct deid_sink *sink;
	bool *found; /* by id */
	uint32_t *ids;
	uint32_t nids;
};

static int settle(struct pass *p, const struct deid_field *f, struct deid_str in, bool there,
    struct deid_result *r, const uint32_t *all, size_t nall, struct deid_str *out, struct deid_error *err)
{
	struct deid_str part;
	struct deid_value v = line_value(in, &part);
	int rc = p->host->apply(p->job, f, all, nall, there ? &v : NULL, r, err);
	if (rc == DEID_OK && r->verdict == DEID_CHANGE && !line_text(&r->value, out))
		rc = p->host->refuse(p->job, f, r, "a line cannot hold the new value", err);
	return rc;
}

static int one_line(struct pass *p, const struct line *l, struct deid_error *err)
{
	const struct deid_host *host = p->host;
	struct deid_field f = line_field(l->key, l->value);
	const uint32_t *all;
	size_t n = 0, nall;
	for (const struct lines_path *path = p->conf->path; path; path = path->next)
		if (lines_match(path, l->key)) {
			p->ids[n++] = path->id;
			p->found[path->id] = true;
		}
	int rc = host->match(p->job, &f, p->ids, n, &all, &nall, err);
	if (rc != DEID_OK)
		return rc;
	struct deid_result r = {.size = sizeof r, .verdict = DEID_KEEP};
	struct deid_str out = {"", 0};
	if (nall)
		rc = settle(p, &f, l->value, true, &r, all, nall, &out, err);
	if (rc != DEID_OK || !p->sink || r.verdict == DEID_REMOVE)
		return rc;
	if (r.verdict == DEID_CHANGE)
		return put(host, p->sink, l->key, out, err);
	return host->sink_copy(p->sink, p->src, l->off, l->len, err);
}

/* What was not there and may be created goes to the end, in the order of the entries. */
static int create(struct pass *p, struct deid_error *err)
{
	int rc = DEID_OK;
	for (const struct lines_path *path = p->conf->path; path && rc == DEID_OK; path = path->next) {
		struct deid_field f =
		    line_field((struct deid_str){path->key, path->n}, (struct deid_str){"", 0});
		const uint32_t *all;
		size_t nall, n = 0;
		if (path->wild || p->found[path->id] || !path->create)
			continue;
		for (const struct lines_path *q = p->conf->path; q; q = q->next)
			if (q->n == path->n && !q->wild && memcmp(q->key, path->key, q->n) == 0) {
				p->ids[n++] = q->id;
				p->found[q->id] = true;
			}
		struct deid_result r = {.size = sizeof r, .verdict = DEID_KEEP};
		struct deid_str out;
		rc = p->host->match(p->job, &f, p->ids, n, &all, &nall, err);
		if (rc == DEID_OK && nall)
			rc = settle(p, &f, (struct deid_str){"", 0}, false, &r, all, nall, &out, err);
		if (rc == DEID_OK && r.verdict == DEID_CHANGE)
			rc = put(p->host, p->sink, f.name, out, err);
	}
	return rc;
}

int lines_stream(
    struct deid_job *job, void *conf, struct deid_source *src, struct deid_sink *sink, struct deid_error *err)
{
	struct pass p = {((struct lines_conf *)conf)->host, conf, job, src, sink, NULL, NULL, 1};
	for (const struct lines_path *path = p.conf->path; path; path = path->next)
		p.nids = path->id >= p.nids ? path->id + 1 : p.nids;
	p.found = p.host->alloc(job, p.nids * sizeof *p.found);
	p.ids = p.host->alloc(job, p.nids * sizeof *p.ids);
	if (!p.found || !p.ids)
		return p.host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory");
	memset(p.found, 0, p.nids * sizeof *p.found);
	uint64_t off = 0;
	bool end;
	for (;;) {
		struct line l;
		int rc = line_read(p.host, src, off, &l, &end, err);
		if (rc == DEID_OK && end)
			break;
		if (rc == DEID_OK && l.pair)
			rc = one_line(&p, &l, err);
		else if (rc == DEID_OK && sink)
			rc = p.host->sink_copy(sink, src, l.off, l.len, err);
		if (rc != DEID_OK)
			return rc;
		off += l.len;
	}
	return sink ? create(&p, err) : DEID_OK;
}

/* ---- profile time ------------------------------------------------------------------------------ */

static int conf_new(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	struct lines_conf *c = calloc(1, sizeof *c);
	(void)section;
	*conf = c;
	if (!c)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	c->host = host;
	return DEID_OK;
}

static void conf_free(void *conf)
{
	free(conf);
}

static int path_new(void *conf, struct deid_str text, const struct deid_node *node, void **path,
    struct deid_path_info *info, struct deid_error *err)
{
	struct lines_conf *c = conf;
	*path = NULL;
	if (text.n == 0 || memchr(text.p, '=', text.n))
		return c->host->complain(err, node, "a key has no '=' and is not empty");
	bool wild = text.p[text.n - 1] == '*';
	size_t n = text.n - wild;
	struct lines_path *p = calloc(1, sizeof *p + n + 1);
	if (!p)
		return c->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	memcpy(p->key, text.p, n);
	p->n = n;
	p->wild = wild;
	info->flags = wild ? DEID_PATH_WILD : DEID_PATH_CREATE;
	*path = p;
	return DEID_OK;
}

static void path_free(void *path)
{
	free(path);
}

/* Only now is it known which entry a path belongs to. */
static int seal(void *conf, const struct deid_entry *entry, size_t n, struct deid_error *err)
{
	struct lines_conf *c = conf;
	struct lines_path **tail = &c->path;
	(void)err;
	for (size_t i = 0; i < n; i++) {
		/* The path is ours: the core only keeps it. */
		struct lines_path *p = (struct lines_path *)(uintptr_t)entry[i].path;
		if (!p || (entry[i].flags & DEID_ENTRY_OFF))
			continue;
		p->id = entry[i].id;
		p->create = (entry[i].flags & DEID_ENTRY_CREATE) != 0;
		*tail = p;
		tail = &p->next;
	}
	*tail = NULL;
	return DEID_OK;
}

static int claim(const struct deid_host *host, struct deid_source *src, int *score, struct deid_error *err)
{
	const void *p;
	size_t got, n = sizeof LINES_MARK - 1;
	int rc = host->src_peek(src, 0, n, &p, &got, err);
	*score =
	    rc == DEID_OK && got == n && memcmp(p, LINES_MARK, n) == 0 ? DEID_CLAIM_MAGIC : DEID_CLAIM_NO;
	return rc;
}

static const char *const lines_filters[] = {"*.lines", NULL};
static const char *const pairs_filters[] = {"*.pairs", NULL};

static const struct deid_format lines = {
    .size = sizeof lines,
    .section = "lines",
    .summary = "lines of key and value, as a stream",
    .mark = "'#lines' at the start",
    .filters = lines_filters,
    .claim = claim,
    .conf_new = conf_new,
    .conf_free = conf_free,
    .path_new = path_new,
    .path_free = path_free,
    .seal = seal,
    .stream = lines_stream,
};

static const struct deid_format pairs = {
    .size = sizeof pairs,
    .section = "pairs",
    .summary = "lines of key and value, as a record",
    .filters = pairs_filters,
    .conf_new = conf_new,
    .conf_free = conf_free,
    .path_new = path_new,
    .path_free = path_free,
    .open = pairs_open,
    .find = pairs_find,
    .each = pairs_each,
    .get = pairs_get,
    .set = pairs_set,
    .remove = pairs_remove,
    .add = pairs_add,
    .finish = pairs_finish,
    .write = pairs_write,
    .close = pairs_close,
    .name = pairs_name,
};

/* An action of its own: letters to upper case. */
static int shout(const void *state, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	const struct deid_host *host = state;
	(void)field;
	struct deid_str *v = host->scratch(job, sizeof *v);
	char *text = v && in->n ? host->scratch(job, in->v[0].n) : NULL;
	if (!text)
		return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory");
	for (size_t i = 0; i < in->v[0].n; i++) {
		char c = in->v[0].p[i];
		text[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	*v = (struct deid_str){text, in->v[0].n};
	out->verdict = DEID_CHANGE;
	out->value.v = v;
	out->value.n = 1;
	return DEID_OK;
}

static int shout_compile(
    const struct deid_host *host, const struct deid_rule *rule, void **state, struct deid_error *err)
{
	(void)rule;
	(void)err;
	*state = (void *)(uintptr_t)host;
	return DEID_OK;
}

static const struct deid_transform shouting = {
    .size = sizeof shouting,
    .action = "shout",
    .summary = "letters to upper case",
    .arg = DEID_T_BOOL,
    .compile = shout_compile,
    .run = shout,
};

static int init(const struct deid_host *host, struct deid_registrar *r, struct deid_error *err)
{
	int rc = host->register_format(r, &lines, err);
	if (rc == DEID_OK)
		rc = host->register_format(r, &pairs, err);
	return rc == DEID_OK ? host->register_transform(r, &shouting, err) : rc;
}

DEID_PLUGIN("lines", "1.0", "MIT", init, NULL);
