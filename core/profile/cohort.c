/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/cohort.h"
#include "core/profile/derive.h"

#include <stdlib.h>

struct cohort {
	struct document *doc;
	struct templates *templates;
	struct subject_table *table;
	struct variables *variables;
	bool table_good;
	bool partial; /* not every variable has a value: by wish, or because of errors */
};

struct cohort *cohort_new(const struct cohort_request *q, struct deid_error *err)
{
	struct cohort *c = calloc(1, sizeof(*c));
	struct variable_source known = q->known;
	size_t before = err->nerrors, in_table;

	if (!c) {
		error_nomem(err);
		return NULL;
	}
	/* Where values may be missing nothing is run, and nothing reported. */
	c->doc = q->known.partial ? document_look(q->profile, err) : document_read(q->profile, err);
	c->templates = c->doc ? templates_new(c->doc, err) : NULL;
	if (!c->templates)
		goto fail;
	in_table = err->nerrors;
	if (q->table) {
		c->table = subject_read(q->table, q->sessions, err);
		if (!c->table)
			goto fail;
		/* Of a table that is wrong nobody can say what it lacks. */
		c->table_good = err->nerrors == in_table;
		known.partial = known.partial || !c->table_good;
		known.table = c->table_good ? c->table : NULL;
	}
	c->variables = variables_new(c->templates, &known, err);
	if (!c->variables)
		goto fail;
	c->partial = known.partial || err->nerrors > before;
	return c;
fail:
	if (err->rc == DEID_OK)
		error_nomem(err);
	cohort_free(c);
	return NULL;
}

void cohort_free(struct cohort *c)
{
	if (!c)
		return;
	variables_free(c->variables);
	templates_free(c->templates);
	subject_free(c->table);
	document_free(c->doc);
	free(c);
}

const struct subject_table *cohort_table(const struct cohort *c)
{
	return c->table_good ? c->table : NULL;
}

const struct templates *cohort_templates(const struct cohort *c)
{
	return c->templates;
}

bool cohort_uniform(const struct cohort *c)
{
	return !variables_by_subject(c->variables);
}

static const struct deid_str unsaid = {NULL, 0};

/* Whose document, and what others there are. */
struct wish {
	size_t row; /* 0: none; as far as there is a table its variables stay unknown */
	struct deid_str subject, session;
	bool partial;
	const struct cohort_bases *bases; /* NULL: none */
};

static struct document *fill(const struct cohort *c, const struct wish *w, struct deid_error *err)
{
	struct template_value *value;
	struct document *doc = NULL;
	struct arena arena;

	arena_init(&arena, 0);
	value = arena_array(&arena, templates_count(c->templates), sizeof(*value));
	if (value && variables_values(c->variables, w->row, w->subject, w->session, &arena, value))
		doc = templates_document(
		    c->templates, value, w->partial ? TEMPLATE_PARTIAL : TEMPLATE_WHOLE, err);
	else
		error_nomem(err);
	arena_free(&arena);
	return doc;
}

static struct profile *compile(const struct cohort *c, const struct provider *provider, const struct wish *w,
    bool *derived, struct deid_error *err)
{
	size_t before = err->nerrors;
	struct document *doc = fill(c, w, err);
	bool able = false;

	*derived = false;
	for (size_t i = 0; doc && err->nerrors == before && !w->partial && w->bases && i < w->bases->n; i++) {
		struct profile *p = profile_derive(w->bases->profile[i], doc, provider, &able, err);

		if (able) {
			*derived = true;
			return p;
		}
	}
	return doc ? profile_compile(doc, provider, err) : NULL;
}

struct profile *cohort_profile_like(const struct cohort *c, const struct provider *provider,
    struct deid_str subject, struct deid_str session, const struct cohort_bases *bases, bool *derived,
    struct deid_error *err)
{
	struct wish w = {.subject = subject, .session = session, .partial = c->partial, .bases = bases};
	struct deid_error why;

	error_init(&why);
	if (cohort_table(c) && variables_row(c->variables, subject, session, &w.row, &why) != DEID_OK) {
		error_diag(err, DIAG_ERROR, subject_file(c->table), 0, 0, "%.*s", (int)why.msg.n,
		    why.msg.n ? why.msg.p : "");
		w.partial = true;
	}
	error_free(&why);
	return compile(c, provider, &w, derived, err);
}

struct profile *cohort_profile(const struct cohort *c, const struct provider *provider,
    struct deid_str subject, struct deid_str session, struct deid_error *err)
{
	bool derived;

	return cohort_profile_like(c, provider, subject, session, NULL, &derived, err);
}

bool cohort_has(
    const struct cohort *c, struct deid_str subject, struct deid_str session, struct deid_error *err)
{
	size_t row;

	return !cohort_table(c) || variables_row(c->variables, subject, session, &row, err) == DEID_OK;
}

const char *cohort_table_file(const struct cohort *c)
{
	return c->table ? subject_file(c->table) : NULL;
}

struct profile *cohort_outline(
    const struct cohort *c, const struct provider *provider, struct deid_error *err)
{
	const struct wish w = {.subject = unsaid, .session = unsaid, .partial = true};
	bool derived;

	return compile(c, provider, &w, &derived, err);
}

struct profile *cohort_row_like(const struct cohort *c, const struct provider *provider, size_t row,
    const struct cohort_bases *bases, bool *derived, struct deid_error *err)
{
	const struct wish w = {
	    .row = row, .subject = unsaid, .session = unsaid, .partial = c->partial, .bases = bases};

	return compile(c, provider, &w, derived, err);
}

struct profile *cohort_row(
    const struct cohort *c, const struct provider *provider, size_t row, struct deid_error *err)
{
	bool derived;

	return cohort_row_like(c, provider, row, NULL, &derived, err);
}
