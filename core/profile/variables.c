/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/variables.h"

#include "core/profile/suggest.h"
#include <stdlib.h>
#include <string.h>

#define NO_CELL SIZE_MAX

enum label { NO_LABEL, LABEL_SUBJECT, LABEL_SESSION };

/* Where a variable's text comes from: the first of these that is there. */
struct origin {
	enum label label;
	size_t cell;          /* of struct variables.column */
	struct deid_str text; /* p = NULL: none */
};

struct variables {
	const struct subject_table *table;
	struct origin *origin; /* of each variable */
	size_t n;
	size_t *column; /* that some variable needs */
	size_t ncolumn;
};

static enum label label_of(struct deid_str name)
{
	if (str_eqz(name, SUBJECT_LABEL))
		return LABEL_SUBJECT;
	return str_eqz(name, SESSION_LABEL) ? LABEL_SESSION : NO_LABEL;
}

const char *variable_parse(const char *text, struct variable *out)
{
	struct deid_str s = str_of(text);
	size_t at = str_find(s, '=', 0);

	*out = (struct variable){str_sub(s, 0, at), str_sub(s, at + 1, s.n)};
	if (at == s.n)
		return "must be NAME=VALUE";
	if (!template_name_valid(out->name))
		return "the name is no name of a variable: letters, digits, \"_\" and \".\"";
	if (label_of(out->name))
		return "labels are given by --subject and --session";
	return NULL;
}

static const char *key_of(const struct variable_source *src, struct deid_str name, bool *is_key)
{
	*is_key = true;
	if (str_eqz(name, "PUBLIC_KEY"))
		return src->public_key;
	if (str_eqz(name, "PRIVATE_KEY"))
		return src->private_key;
	if (str_eqz(name, "SECRET_KEY"))
		return src->secret_key;
	*is_key = false;
	return NULL;
}

/* False: nothing gives this variable a value. */
static bool bind(
    struct variables *v, const struct variable_source *src, struct deid_str name, struct origin *o)
{
	size_t column = src->table ? subject_column(src->table, name) : SUBJECT_NO_COLUMN;
	bool is_key;
	const char *key = key_of(src, name, &is_key);

	*o = (struct origin){.label = label_of(name), .cell = NO_CELL};
	if (key)
		o->text = str_of(key);
	for (size_t i = src->nvar; i-- > 0 && !o->text.p;)
		if (str_eq(src->var[i].name, name))
			o->text = src->var[i].value;
	if (!o->text.p && column != SUBJECT_NO_COLUMN) {
		o->cell = v->ncolumn;
		v->column[v->ncolumn++] = column;
	} else if (!o->text.p && is_key) {
		o->text = STR("");
	}
	return o->text.p || o->cell != NO_CELL || (o->label == LABEL_SUBJECT && src->subject) ||
	       (o->label == LABEL_SESSION && src->session);
}

static void say_missing(
    const struct templates *t, const struct variable_source *src, size_t variable, struct deid_error *err)
{
	const char *name = templates_name(t, variable).p;
	struct suggest near;

	if (label_of(templates_name(t, variable))) {
		templates_missing(t, variable, err, "the variable \"%s\" has no value: no --%s is given",
		    name, label_of(templates_name(t, variable)) == LABEL_SUBJECT ? "subject" : "session");
		return;
	}
	if (!src->table) {
		templates_missing(t, variable, err,
		    "the variable \"%s\" has no value: there is no subject table and no --var "
		    "%s=\xe2\x80\xa6",
		    name, name);
		return;
	}
	suggest_init(&near, templates_name(t, variable));
	for (size_t i = 0; i < subject_columns(src->table); i++)
		if (subject_column_name(src->table, i).n)
			suggest_try(&near, subject_column_name(src->table, i).p);
	templates_missing(t, variable, err, "the variable \"%s\" has no value: %s has no such column%s%s%s",
	    name, subject_file(src->table), near.best ? "; did you mean \"" : "", near.best ? near.best : "",
	    near.best ? "\"?" : "");
}

struct variables *variables_new(
    const struct templates *t, const struct variable_source *src, struct deid_error *err)
{
	struct variables *v = calloc(1, sizeof(*v));
	size_t n = templates_count(t);

	if (v) {
		v->table = src->table;
		v->n = n;
		v->origin = calloc(n + 1, sizeof(*v->origin));
		v->column = calloc(n + 1, sizeof(*v->column));
	}
	if (!v || !v->origin || !v->column) {
		variables_free(v);
		error_nomem(err);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		struct origin *o = &v->origin[i];

		if (!bind(v, src, templates_name(t, i), o) && !(src->partial && (o->label || !src->table)))
			say_missing(t, src, i, err);
	}
	return v;
}

void variables_free(struct variables *v)
{
	if (!v)
		return;
	free(v->origin);
	free(v->column);
	free(v);
}

bool variables_by_subject(const struct variables *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->origin[i].label || v->origin[i].cell != NO_CELL)
			return true;
	return false;
}

int variables_row(const struct variables *v, struct deid_str subject, struct deid_str session, size_t *row,
    struct deid_error *err)
{
	const char *file;
	bool pairs;

	*row = 0;
	if (!v->table)
		return DEID_OK;
	file = subject_file(v->table);
	pairs = subject_sessions(v->table);
	if (!subject.p)
		return error_fail(
		    err, DEID_FAILED, DEID_E_PROFILE, "no subject is given for the table %s", file);
	if (pairs && !session.p)
		return error_fail(
		    err, DEID_FAILED, DEID_E_PROFILE, "no session is given for the table %s", file);
	*row = subject_find(v->table, subject, session);
	if (*row)
		return DEID_OK;
	return error_fail(err, DEID_FAILED, DEID_E_PROFILE, "no row of %s has this %s", file,
	    pairs ? "\"" SUBJECT_LABEL "\" with this \"" SESSION_LABEL "\"" : "\"" SUBJECT_LABEL "\"");
}

bool variables_values(const struct variables *v, size_t row, struct deid_str subject, struct deid_str session,
    struct arena *a, struct template_value *value)
{
	struct deid_str *cell = row ? arena_array(a, v->ncolumn, sizeof(*cell)) : NULL;

	if (row && (!cell || !subject_cells(v->table, row, v->column, v->ncolumn, a, cell)))
		return false;
	for (size_t i = 0; i < v->n; i++) {
		const struct origin *o = &v->origin[i];
		struct deid_str given = {NULL, 0};

		if (o->label)
			given = o->label == LABEL_SUBJECT ? subject : session;
		value[i] = (struct template_value){.text = given.p ? given : o->text};
		if (!given.p && row && o->cell != NO_CELL)
			value[i] = (struct template_value){cell[o->cell], subject_file(v->table), row};
	}
	return true;
}
