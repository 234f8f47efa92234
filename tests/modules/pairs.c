/* SPDX-License-Identifier: MIT */
/* The same lines as a record. */
#include "tests/modules/lines.h"

#include <string.h>

struct pair {
	struct pair *next;
	uint64_t off;
	size_t len; /* of its line in the input; 0: it was added */
	struct deid_str key, value;
	bool pair, gone, changed;
};

struct rec {
	const struct deid_host *host;
	struct deid_job *job;
	struct deid_source *src;
	struct pair *first, **tail;
};

static struct pair *append(struct rec *r)
{
	struct pair *p = r->host->alloc(r->job, sizeof *p);
	if (!p)
		return NULL;
	memset(p, 0, sizeof *p);
	*r->tail = p;
	r->tail = &p->next;
	return p;
}

int pairs_open(struct deid_job *job, void *conf, struct deid_source *src, void **rec, struct deid_error *err)
{
	const struct deid_host *host = ((struct lines_conf *)conf)->host;
	struct rec *r = host->alloc(job, sizeof *r);
	uint64_t off = 0;
	if (!r)
		return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory");
	*r = (struct rec){host, job, src, NULL, NULL};
	r->tail = &r->first;
	for (;;) {
		struct line l;
		bool end;
		int rc = line_read(host, src, off, &l, &end, err);
		if (rc != DEID_OK)
			return rc;
		if (end)
			break;
		struct pair *p = append(r);
		if (!p)
			return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory");
		p->off = l.off;
		p->len = l.len;
		p->pair = l.pair;
		p->key = host->dup(job, l.key);
		p->value = host->dup(job, l.value);
		if (l.pair && (!p->key.p || !p->value.p))
			return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory");
		off += l.len;
	}
	*rec = r;
	return DEID_OK;
}

static int visit(
    struct rec *r, const struct lines_path *path, deid_visit *v, void *arg, struct deid_error *err)
{
	int rc = DEID_OK;
	for (struct pair *p = r->first; p && rc == DEID_OK; p = p->next) {
		if (!p->pair || p->gone || (path && !lines_match(path, p->key)))
			continue;
		struct deid_field f = line_field(p->key, p->value);
		f.h[0] = (uintptr_t)p;
		rc = v(arg, &f, err);
	}
	return rc;
}

int pairs_find(void *rec, const void *path, deid_visit *v, void *arg, struct deid_error *err)
{
	return visit(rec, path, v, arg, err);
}

int pairs_each(void *rec, deid_visit *v, void *arg, struct deid_error *err)
{
	return visit(rec, NULL, v, arg, err);
}

int pairs_get(void *rec, const struct deid_field *f, struct deid_value *out, struct deid_error *err)
{
	struct rec *r = rec;
	const struct pair *p = (const struct pair *)f->h[0];
	struct deid_str *part = r->host->scratch(r->job, sizeof *part);
	if (!part)
		return r->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory");
	*out = line_value(p->value, part);
	return DEID_OK;
}

static int assign(struct rec *r, struct pair *p, const struct deid_value *v, struct deid_error *err)
{
	struct deid_str text;
	if (!line_text(v, &text))
		return r->host->fail(err, DEID_FAILED, DEID_E_VALUE, "a line cannot hold the new value");
	p->value = r->host->dup(r->job, text);
	p->changed = true;
	return p->value.p ? DEID_OK : r->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory");
}

int pairs_set(void *rec, const struct deid_field *f, const struct deid_value *v, struct deid_error *err)
{
	return assign(rec, (struct pair *)f->h[0], v, err);
}

int pairs_remove(void *rec, const struct deid_field *f, struct deid_error *err)
{
	(void)rec;
	(void)err;
	((struct pair *)f->h[0])->gone = true;
	return DEID_OK;
}

int pairs_add(void *rec, const void *path, const struct deid_value *v, struct deid_error *err)
{
	struct rec *r = rec;
	const struct lines_path *at = path;
	/* A key that went and comes again stays in its line. */
	struct pair *p = r->first;
	while (p && !(p->pair && p->gone && lines_match(at, p->key)))
		p = p->next;
	if (!p)
		p = append(r);
	if (!p)
		return r->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory");
	p->pair = true;
	p->gone = false;
	p->key = (struct deid_str){at->key, at->n};
	return assign(r, p, v, err);
}

int pairs_finish(void *rec, struct deid_error *err)
{
	(void)rec;
	(void)err;
	return DEID_OK;
}

int pairs_write(void *rec, struct deid_sink *sink, struct deid_error *err)
{
	struct rec *r = rec;
	const struct deid_host *host = r->host;
	int rc = DEID_OK;
	for (const struct pair *p = r->first; p && rc == DEID_OK; p = p->next) {
		if (p->gone)
			continue;
		if (!p->changed) {
			rc = host->sink_copy(sink, r->src, p->off, p->len, err);
			continue;
		}
		rc = host->sink_write(sink, p->key.p, p->key.n, err);
		if (rc == DEID_OK)
			rc = host->sink_write(sink, "=", 1, err);
		if (rc == DEID_OK)
			rc = host->sink_write(sink, p->value.p, p->value.n, err);
		if (rc == DEID_OK)
			rc = host->sink_write(sink, "\n", 1, err);
	}
	return rc;
}

void pairs_close(void *rec)
{
	(void)rec;
}

/* The value of `uid` names the output. */
int pairs_name(void *rec, struct deid_str *name, struct deid_error *err)
{
	const struct rec *r = rec;
	(void)err;
	for (const struct pair *p = r->first; p; p = p->next)
		if (p->pair && !p->gone && p->key.n == 3 && memcmp(p->key.p, "uid", 3) == 0)
			*name = p->value;
	return DEID_OK;
}
