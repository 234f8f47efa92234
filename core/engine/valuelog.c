/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/valuelog.h"

#include "core/engine/query.h"
#include "core/util/csvrow.h"
#include "core/util/json.h"
#include <stdlib.h>
#include <string.h>

/* JSON texts; n = 0: there is no value. */
struct seen {
	struct deid_str was, now;
};

/* ---- columns ----------------------------------------------------------------------------------- */

/* A name that stands for several fields. */
static bool many(const struct rule *r)
{
	return r->regex || r->info.flags & DEID_PATH_WILD;
}

static bool add_section(struct valuelog *l, const struct section *s)
{
	const char *const *own = s->format->identifying;

	for (; own && *own; own++)
		if (!map_put_copy(&l->column, str_of(*own), NULL))
			return false;
	for (size_t i = 0; i < s->nrule; i++)
		if (s->rule[i].text.n && !map_put_copy(&l->column, s->rule[i].text, NULL))
			return false;
	return true;
}

bool valuelog_init(struct valuelog *l, const struct profile *p)
{
	*l = (struct valuelog){0};
	for (size_t i = 0; i < p->nsection; i++)
		if (!p->section[i].member && !add_section(l, &p->section[i]))
			return false;
	return true;
}

void valuelog_free(struct valuelog *l)
{
	map_free(&l->column);
}

/* ---- cells ------------------------------------------------------------------------------------- */

/* What a spreadsheet would take for a formula gets an apostrophe before it: values come from files that
 * anyone may have written. A number is none. */
static bool formula(struct deid_str s)
{
	return s.n && strchr("=+-@\t\r", s.p[0]) && !json_is_number(s);
}

static bool put_cell(struct buf *out, struct deid_str text)
{
	struct buf guarded = {0};
	bool good;

	if (!buf_c(out, ','))
		return false;
	if (!formula(text))
		return csv_cell_write(out, text, ',', '"', false);
	good = buf_c(&guarded, '\'') && buf_str(&guarded, text) &&
	       csv_cell_write(out, buf_view(&guarded), ',', '"', true);
	buf_free(&guarded);
	return good;
}

/* Components joined with commas. What is no text has no value here. */
static bool put_value(struct buf *out, const struct deid_value *v)
{
	struct buf text = {0};
	bool good = true;

	for (size_t i = 0; good && v && v->kind != DEID_NULL && v->kind != DEID_BYTES && i < v->n; i++)
		good = (i == 0 || buf_c(&text, ',')) && buf_str(&text, v->v[i]);
	good = good && put_cell(out, buf_view(&text));
	buf_free(&text);
	return good;
}

bool valuelog_header(const struct valuelog *l, struct buf *out)
{
	bool good = buf_z(out, "path,type");

	for (size_t i = 0; good && i < l->column.n; i++)
		good = put_cell(out, l->column.entry[i].key);
	return good && buf_z(out, "\r\n");
}

/* ---- what entries look at ---------------------------------------------------------------------- */

bool valuelog_file_init(struct valuelog_file *f, const struct valuelog *l)
{
	*f = (struct valuelog_file){.log = l, .seen = calloc(l->column.n + 1, sizeof *f->seen)};
	arena_init(&f->arena, 0);
	return f->seen != NULL;
}

void valuelog_file_reset(struct valuelog_file *f)
{
	for (size_t i = 0; f->log && i < f->log->column.n; i++)
		map_clear(&f->seen[i]);
	arena_reset(&f->arena);
	f->spent = false;
}

void valuelog_file_free(struct valuelog_file *f)
{
	for (size_t i = 0; f->seen && i < f->log->column.n; i++)
		map_free(&f->seen[i]);
	free(f->seen);
	arena_free(&f->arena);
	*f = (struct valuelog_file){0};
}

/* A value as JSON; n = 0 in *out: there is none. */
static bool as_json(struct valuelog_file *f, const struct deid_value *v, struct deid_str *out)
{
	struct buf text = {0};
	bool good = true;

	*out = (struct deid_str){"", 0};
	if (!v)
		return true;
	if (v->kind == DEID_BYTES || v->kind == DEID_TREE || v->kind == DEID_NULL) {
		good = buf_z(&text, "null");
	} else if (v->n == 1) {
		good = json_put_string(&text, v->v[0]);
	} else if (v->n == 0) {
		good = buf_z(&text, "\"\"");
	} else {
		for (size_t i = 0; good && i < v->n; i++)
			good = buf_z(&text, i ? ", " : "[") && json_put_string(&text, v->v[i]);
		good = good && buf_c(&text, ']');
	}
	*out = arena_dup(&f->arena, buf_view(&text));
	buf_free(&text);
	return good && out->p;
}

static bool add_seen(
    struct valuelog_file *f, struct map *m, const struct section *sec, const struct trace_field *t)
{
	struct map_entry *e = map_find(m, t->name);
	struct deid_str key;
	struct seen *s;

	/* A stream tells all entries of a field at once: what comes again is another record. In a record
	 * every entry comes by itself. */
	if (e && sec->format->stream)
		return true;
	if (!e) {
		key = arena_dup(&f->arena, t->name);
		e = key.p ? map_put(m, key, NULL) : NULL;
		s = arena_zalloc(&f->arena, sizeof *s);
		if (!e || !s || !as_json(f, t->was, &s->was))
			return false;
		e->value = s;
	}
	s = e->value;
	return as_json(f, t->verdict == DEID_KEEP ? t->was : t->now, &s->now);
}

void valuelog_field(void *arg, const struct section *sec, const struct trace_field *t)
{
	struct valuelog_file *f = arg;

	for (size_t i = 0; i < t->nstep && !f->spent; i++) {
		const struct rule *r = t->step[i].rule;
		const struct map_entry *column = many(r) ? map_find(&f->log->column, r->text) : NULL;

		if (column && !add_seen(f, &f->seen[column - f->log->column.entry], sec, t))
			f->spent = true;
	}
}

/* ---- rows -------------------------------------------------------------------------------------- */

static bool put_seen(struct buf *out, const struct map *m, bool after)
{
	struct buf text = {0};
	bool good = buf_c(&text, '{');
	size_t n = 0;

	for (size_t i = 0; good && i < m->n; i++) {
		const struct seen *s = m->entry[i].value;
		struct deid_str v = after ? s->now : s->was;

		if (v.n)
			good = buf_z(&text, n++ ? ", " : "") && json_put_string(&text, m->entry[i].key) &&
			       buf_z(&text, ": ") && buf_str(&text, v);
	}
	good = good && buf_c(&text, '}') && put_cell(out, buf_view(&text));
	buf_free(&text);
	return good;
}

/* Does an entry of the section have this name and stand for several fields? */
static bool gathers(const struct section *sec, struct deid_str name)
{
	for (size_t i = 0; i < sec->nrule; i++)
		if (many(&sec->rule[i]) && str_eq(sec->rule[i].text, name))
			return true;
	return false;
}

static const struct query *query_of(const struct section *sec, struct deid_str name)
{
	for (size_t i = 0; i < sec->nquery; i++)
		if (str_eq(sec->query[i].name, name))
			return &sec->query[i];
	return NULL;
}

static bool put_row(
    const struct valuelog_file *f, const struct deid_job *job, const char *path, bool after, struct buf *out)
{
	const struct section *sec = job->section;
	struct buf first = {0};
	bool good = put_cell(&first, str_of(path)) && buf_add(out, first.p + 1, first.n - 1) &&
		    buf_z(out, after ? ",after" : ",before");

	buf_free(&first);
	for (size_t i = 0; good && i < f->log->column.n; i++) {
		struct deid_str name = f->log->column.entry[i].key;
		const struct query *q = query_of(sec, name);

		if (gathers(sec, name))
			good = put_seen(out, &f->seen[i], after);
		else if (q)
			good = put_value(out, after ? query_final(job, q->id) : query_first(job, q->id));
		else
			good = buf_c(out, ',');
	}
	return good && buf_z(out, "\r\n");
}

int valuelog_rows(struct valuelog_file *f, const struct deid_job *job, const char *path, struct buf *out,
    struct deid_error *err)
{
	if (f->spent || !put_row(f, job, path, false, out) || !put_row(f, job, path, true, out))
		return error_nomem(err);
	return DEID_OK;
}
