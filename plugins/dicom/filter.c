/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/filter.h"
#include "core/util/grow.h"
#include <stdlib.h>
#include <string.h>

enum op { OP_CONTAINS, OP_EQUALS, OP_MISSING, OP_EMPTY, OP_PRESENT };

static const struct {
	const char *word;
	enum op op;
	bool negated;
	bool takes_value;
} operators[] = {
    {"contains", OP_CONTAINS, false, true},
    {"notcontains", OP_CONTAINS, true, true},
    {"equals", OP_EQUALS, false, true},
    {"notequals", OP_EQUALS, true, true},
    {"missing", OP_MISSING, false, false},
    {"empty", OP_EMPTY, false, false},
    {"present", OP_PRESENT, false, false},
};
#define OPERATORS "contains, notcontains, equals, notequals, missing, empty, present"

struct term {
	enum op op;
	bool negated;
	bool begins; /* the first after an `||` */
	bool quoted;
	size_t field;
	char *value; /* owned */
};

struct filter {
	struct term *term;
	size_t n, cap;
};

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++)
		free(f->term[i].value);
	free(f->term);
	free(f);
}

void filter_fields_free(struct filter_fields *fields)
{
	for (size_t i = 0; i < fields->n; i++)
		path_free(fields->path[i]);
	free(fields->path);
	*fields = (struct filter_fields){0};
}

/* ---- reading ----------------------------------------------------------------------------------- */

struct reader {
	struct filter_fields *fields;
	const struct deid_host *host;
	const struct deid_node *node;
	struct deid_error *err;
	struct deid_str rest;
};

#define COMPLAIN(r, ...) (r)->host->complain((r)->err, (r)->node, __VA_ARGS__)

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct reader *r)
{
	while (r->rest.n && is_blank(*r->rest.p))
		r->rest = str_sub(r->rest, 1, r->rest.n);
}

static struct deid_str take(struct reader *r, size_t n)
{
	struct deid_str s = str_sub(r->rest, 0, n);

	r->rest = str_sub(r->rest, n, r->rest.n);
	return s;
}

/* How long the sign between two conditions is that stands at i; 0: there is none. A `+` has blanks around
 * it, for names of devices end with one. */
static size_t sign_at(struct deid_str s, size_t i)
{
	if (s.p[i] == '|' && i + 1 < s.n && s.p[i + 1] == '|')
		return 2;
	if (s.p[i] == '+' && (i == 0 || is_blank(s.p[i - 1])) && (i + 1 == s.n || is_blank(s.p[i + 1])))
		return 1;
	return 0;
}

static struct deid_str take_word(struct reader *r)
{
	size_t n = 0;

	while (n < r->rest.n && !is_blank(r->rest.p[n]) && !sign_at(r->rest, n))
		n++;
	return take(r, n);
}

/* A private name holds blanks between its parentheses. */
static struct deid_str take_field(struct reader *r)
{
	size_t n = 0;
	bool inside = false;

	while (n < r->rest.n && (inside || (!is_blank(r->rest.p[n]) && !sign_at(r->rest, n)))) {
		if (r->rest.p[n] == '(' || r->rest.p[n] == ')')
			inside = r->rest.p[n] == '(';
		n++;
	}
	return take(r, n);
}

static int read_value(struct reader *r, struct term *t)
{
	struct deid_str value;
	size_t n = 0;

	t->quoted = r->rest.n && *r->rest.p == '"';
	if (t->quoted) {
		take(r, 1);
		n = str_find(r->rest, '"', 0);
		if (n == r->rest.n)
			return COMPLAIN(r, "a quote is not closed in the filter");
		value = take(r, n);
		take(r, 1);
		skip_blanks(r);
		if (r->rest.n && !sign_at(r->rest, 0))
			return COMPLAIN(r, "`+` or `||` must follow a quoted value in the filter");
	} else {
		while (n < r->rest.n && !sign_at(r->rest, n))
			n++;
		value = str_trim(take(r, n));
	}
	if (!value.n)
		return COMPLAIN(r, "a condition of the filter lacks its value");
	t->value = malloc(value.n + 1);
	if (!t->value)
		return r->host->fail(r->err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	memcpy(t->value, value.p, value.n);
	t->value[value.n] = '\0';
	return DEID_OK;
}

static bool same_path(const struct path *a, const struct path *b)
{
	return str_eqz(str_of(a->text), b->text);
}

static int read_field(struct reader *r, struct term *t, bool valued)
{
	struct deid_str name = take_field(r);
	struct filter_fields *f = r->fields;
	struct path *p, **list;
	int rc;

	if (!name.n)
		return COMPLAIN(r, "a condition of the filter lacks its field");
	rc = path_parse(r->host, name, r->node, &p, r->err);
	if (rc != DEID_OK)
		return rc;
	if (valued && path_last(p)->vr == VR_SQ) {
		path_free(p);
		return COMPLAIN(r, "'%.*s' is a sequence: it has no value that a filter could look at",
		    (int)name.n, name.p);
	}
	for (t->field = 0; t->field < f->n; t->field++) {
		if (same_path(f->path[t->field], p)) {
			path_free(p);
			return DEID_OK;
		}
	}
	list = grow(f->path, &f->cap, f->n + 1, sizeof(*list));
	if (!list) {
		path_free(p);
		return r->host->fail(r->err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	}
	f->path = list;
	f->path[f->n++] = p;
	return DEID_OK;
}

static int read_term(struct reader *r, struct term *t)
{
	struct deid_str word;
	size_t i = 0;
	int rc;

	skip_blanks(r);
	word = take_word(r);
	while (i < sizeof operators / sizeof *operators && !str_caseeq(word, str_of(operators[i].word)))
		i++;
	if (!word.n)
		return COMPLAIN(r, "a condition of the filter is empty");
	if (i == sizeof operators / sizeof *operators)
		return COMPLAIN(r,
		    "'%.*s' is no condition of a filter: there are %s (a value that holds ` + ` "
		    "or `||` stands in double quotes)",
		    (int)word.n, word.p, OPERATORS);
	t->op = operators[i].op;
	t->negated = operators[i].negated;
	skip_blanks(r);
	rc = read_field(r, t, operators[i].takes_value);
	skip_blanks(r);
	if (rc == DEID_OK && operators[i].takes_value)
		return read_value(r, t);
	if (rc == DEID_OK && r->rest.n && !sign_at(r->rest, 0))
		return COMPLAIN(r, "\"%s\" takes a field and no value", operators[i].word);
	return rc;
}

static int read_terms(struct reader *r, struct filter *f)
{
	bool begins = true;
	size_t sign;
	int rc;

	do {
		struct term *t = grow(f->term, &f->cap, f->n + 1, sizeof(*t));

		if (!t)
			return r->host->fail(r->err, DEID_FATAL, DEID_E_NOMEM, "no memory");
		f->term = t;
		t += f->n++;
		*t = (struct term){.begins = begins};
		rc = read_term(r, t);
		if (rc != DEID_OK)
			return rc;
		sign = r->rest.n ? sign_at(r->rest, 0) : 0;
		begins = sign == 2;
		take(r, sign);
	} while (sign);
	return DEID_OK;
}

int filter_parse(struct filter_fields *fields, const struct deid_host *host, struct deid_str text,
    const struct deid_node *node, struct filter **out, struct deid_error *err)
{
	struct reader r = {fields, host, node, err, text};
	struct filter *f = calloc(1, sizeof *f);
	int rc;

	*out = NULL;
	if (!f)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	rc = read_terms(&r, f);
	if (rc != DEID_OK) {
		filter_free(f);
		return rc;
	}
	*out = f;
	return DEID_OK;
}

/* ---- values of a file -------------------------------------------------------------------------- */

struct gather {
	struct record *r;
	struct filter_value *v;
};

static bool add_text(struct gather *g, struct deid_str s)
{
	struct filter_value *v = g->v;
	const struct deid_host *h = g->r->host;

	while (s.n && (s.p[s.n - 1] == '\0' || s.p[s.n - 1] == ' '))
		s.n--;
	while (s.n && *s.p == ' ')
		s = str_sub(s, 1, s.n);
	if (!s.n)
		return true;
	if (v->n == v->cap) {
		size_t cap = v->cap ? 2 * v->cap : 4;
		struct deid_str *more = h->alloc(g->r->job, cap * sizeof *more);

		if (!more)
			return false;
		if (v->n)
			memcpy(more, v->text, v->n * sizeof *more);
		v->text = more;
		v->cap = cap;
	}
	s = h->dup(g->r->job, s);
	v->text[v->n++] = s;
	return s.p != NULL;
}

static bool add_joined(struct gather *g, const struct deid_value *v)
{
	struct buf all = {0};
	bool ok = true;

	for (size_t i = 0; i < v->n && ok; i++)
		ok = (!i || buf_c(&all, '\\')) && buf_str(&all, v->v[i]);
	ok = ok && add_text(g, buf_view(&all));
	buf_free(&all);
	return ok;
}

/* A sequence is empty when it has no items. */
static int gather_tree(struct gather *g, const struct deid_field *field)
{
	struct cursor c;
	struct element item;

	cursor_start(&c, g->r, (struct place){(uint32_t)field->h[0], (struct added *)field->h[1]});
	g->v->tree |= cursor_next(&c, g->r, &item);
	return DEID_OK;
}

/* What has no VR that anybody knows is text more often than not. */
static int gather_bytes(struct gather *g, const struct deid_field *field, struct deid_error *err)
{
	struct element e = {(uint32_t)field->h[0], (struct added *)field->h[1]};
	struct deid_str raw;

	if (vr_info(element_vr(g->r, e))->flags & VR_F_TEXT) {
		g->r->host->fail(err, DEID_FAILED, DEID_E_FORMAT,
		    "a filter asks for a text that is not in the file's character set");
		g->r->host->at(err, field->name, e.added ? 0 : tree_node(&g->r->tree, e.node)->off);
		return DEID_FAILED;
	}
	if (element_bytes(g->r, e, &raw, err) != DEID_OK)
		return DEID_FAILED;
	return add_text(g, raw) ? DEID_OK : record_nomem(g->r, err);
}

static int gather_value(void *arg, const struct deid_field *field, struct deid_error *err)
{
	struct gather *g = arg;
	struct deid_value v = {.size = sizeof v};
	bool ok = true;

	g->v->found = true;
	if (field->kind == DEID_TREE)
		return gather_tree(g, field);
	if (record_get(g->r, field, &v, err) != DEID_OK)
		return DEID_FAILED;
	if (v.kind == DEID_BYTES)
		return gather_bytes(g, field, err);
	g->v->number = v.kind == DEID_INT || v.kind == DEID_REAL;
	for (size_t i = 0; i < v.n && ok; i++)
		ok = add_text(g, v.v[i]);
	if (ok && v.n > 1)
		ok = add_joined(g, &v);
	return ok ? DEID_OK : record_nomem(g->r, err);
}

int filter_read(
    const struct filter_fields *fields, struct record *r, struct filter_value **out, struct deid_error *err)
{
	struct filter_value *v = r->host->alloc(r->job, (fields->n + 1) * sizeof *v);

	*out = v;
	if (!v)
		return record_nomem(r, err);
	for (size_t i = 0; i < fields->n; i++) {
		struct gather g = {r, &v[i]};

		v[i] = (struct filter_value){0};
		if (record_find(r, fields->path[i], gather_value, &g, err) != DEID_OK)
			return DEID_FAILED;
	}
	return DEID_OK;
}

/* ---- testing ----------------------------------------------------------------------------------- */

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool contains(struct deid_str s, struct deid_str part)
{
	for (size_t i = 0; i + part.n <= s.n; i++) {
		size_t k = 0;

		while (k < part.n && fold(s.p[i + k]) == fold(part.p[k]))
			k++;
		if (k == part.n)
			return true;
	}
	return false;
}

/* A decimal number without what does not count: signs of zero, leading and trailing zeros. False: it is none,
 * or has an exponent. */
static bool plain_number(struct deid_str s, bool *minus, struct deid_str *whole, struct deid_str *part)
{
	size_t dot;

	s = str_trim(s);
	*minus = s.n && *s.p == '-';
	if (s.n && (*s.p == '-' || *s.p == '+'))
		s = str_sub(s, 1, s.n);
	dot = str_find(s, '.', 0);
	*whole = str_sub(s, 0, dot);
	*part = str_sub(s, dot < s.n ? dot + 1 : s.n, s.n);
	if (!whole->n && !part->n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (i != dot && (s.p[i] < '0' || s.p[i] > '9'))
			return false;
	while (whole->n && *whole->p == '0')
		*whole = str_sub(*whole, 1, whole->n);
	while (part->n && part->p[part->n - 1] == '0')
		part->n--;
	*minus = *minus && (whole->n || part->n);
	return true;
}

static bool equals(struct deid_str s, struct deid_str want, bool number)
{
	struct deid_str whole[2], part[2];
	bool minus[2];

	if (number && plain_number(s, &minus[0], &whole[0], &part[0]) &&
	    plain_number(want, &minus[1], &whole[1], &part[1]))
		return minus[0] == minus[1] && str_eq(whole[0], whole[1]) && str_eq(part[0], part[1]);
	return str_caseeq(s, want);
}

static bool meets(const struct term *t, const struct filter_value *v, struct deid_str want)
{
	for (size_t i = 0; i < v->n; i++)
		if (t->op == OP_CONTAINS ? contains(v->text[i], want) : equals(v->text[i], want, v->number))
			return true;
	return false;
}

static bool term_holds(const struct term *t, const struct filter_value *v)
{
	struct deid_str rest = str_of(t->value), want;

	switch (t->op) {
	case OP_MISSING:
		return !v->found;
	case OP_EMPTY:
		return v->found && !v->n && !v->tree;
	case OP_PRESENT:
		return v->found;
	case OP_CONTAINS:
	case OP_EQUALS:
		break;
	}
	if (t->quoted)
		return meets(t, v, rest) != t->negated;
	while (str_split(&rest, '|', &want)) {
		want = str_trim(want);
		if (want.n && meets(t, v, want))
			return !t->negated;
	}
	return t->negated;
}

bool filter_holds(const struct filter *f, const struct filter_value *v)
{
	bool all = true;

	for (size_t i = 0; i < f->n; i++) {
		if (f->term[i].begins && i) {
			if (all)
				return true;
			all = true;
		}
		all = all && term_holds(&f->term[i], &v[f->term[i].field]);
	}
	return all;
}
