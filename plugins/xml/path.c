/* SPDX-License-Identifier: MIT */
#include "plugins/xml/path.h"

#include "core/util/grow.h"

#include <string.h>

/* What is left of the text, and why it is no path. */
struct reader {
	const char *p, *end;
	struct xml_path *path;
	const char *why;
	bool spent;
};

static bool bad(struct reader *r, const char *why)
{
	if (!r->why)
		r->why = why;
	return false;
}

static bool nomem(struct reader *r)
{
	r->spent = true;
	return false;
}

static void blanks(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static bool take(struct reader *r, const char *z)
{
	size_t n = strlen(z);

	if ((size_t)(r->end - r->p) < n || memcmp(r->p, z, n) != 0)
		return false;
	r->p += n;
	return true;
}

static bool name_start(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (c & 0x80);
}

static bool read_name(struct reader *r, struct deid_str *name)
{
	const char *from = r->p;

	if (r->p == r->end || !name_start(*r->p))
		return bad(r, "a name is missing");
	while (r->p < r->end && (name_start(*r->p) || (*r->p >= '0' && *r->p <= '9') || *r->p == '-' ||
				    *r->p == '.' || *r->p == ':'))
		r->p++;
	*name = (struct deid_str){from, (size_t)(r->p - from)};
	if (r->p[-1] == ':' || str_find(xml_local(*name), ':', 0) < xml_local(*name).n)
		return bad(r, "axes are not supported");
	blanks(r);
	if (r->p < r->end && *r->p == '(')
		return bad(r, "functions are not supported, but for last() and local-name() in a test");
	return true;
}

static bool read_number(struct reader *r, uint64_t *n)
{
	const char *from = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return str_u64((struct deid_str){from, (size_t)(r->p - from)}, n) || bad(r, "a number is missing");
}

/* = "value", or in single quotes. */
static bool read_value(struct reader *r, struct deid_str *value)
{
	const char *close;

	blanks(r);
	if (!take(r, "="))
		return bad(r, "a test must be a position or compare with a text in quotes");
	blanks(r);
	if (r->p == r->end || (*r->p != '"' && *r->p != '\''))
		return bad(r, "a test must compare with a text in quotes");
	close = memchr(r->p + 1, *r->p, (size_t)(r->end - r->p - 1));
	if (!close)
		return bad(r, "a quote is not closed");
	*value = (struct deid_str){r->p + 1, (size_t)(close - r->p - 1)};
	r->p = close + 1;
	return true;
}

static bool read_last(struct reader *r, struct xml_test *t)
{
	t->kind = XML_LAST;
	blanks(r);
	if (!take(r, "-"))
		return true;
	blanks(r);
	if (!read_number(r, &t->n))
		return false;
	return t->n <= XML_LAST_MAX || bad(r, "last() can be followed by at most -64");
}

static bool read_test(struct reader *r, struct xml_test *t)
{
	if (r->p < r->end && *r->p >= '0' && *r->p <= '9') {
		t->kind = XML_NTH;
		return read_number(r, &t->n) && (t->n > 0 || bad(r, "positions count from 1"));
	}
	if (take(r, "last()"))
		return read_last(r, t);
	if (take(r, "local-name()")) {
		t->kind = XML_LOCAL;
		return read_value(r, &t->value);
	}
	t->kind = take(r, "@") ? XML_ATTR : XML_CHILD;
	return read_name(r, &t->name) && read_value(r, &t->value);
}

static bool add_test(struct reader *r, struct xml_step *s, const struct xml_test *t)
{
	bool position = t->kind == XML_NTH || t->kind == XML_LAST;
	struct xml_test *p;

	if (s->ntest == XML_TESTS)
		return bad(r, "more than 8 tests in a step");
	if (s->attr && t->kind != XML_LOCAL)
		return bad(r, "an attribute can only be tested for local-name()");
	for (size_t i = 0; position && i < s->ntest; i++)
		if (s->test[i].kind == XML_NTH || s->test[i].kind == XML_LAST)
			return bad(r, "a step can have one position only");
	p = grow(s->test, &s->test_cap, s->ntest + 1, sizeof(*p));
	if (!p)
		return nomem(r);
	s->test = p;
	p[s->ntest++] = *t;
	r->path->attrs |= t->kind == XML_ATTR;
	r->path->ahead |= t->kind == XML_LAST || t->kind == XML_CHILD;
	return true;
}

static bool read_tests(struct reader *r, struct xml_step *s)
{
	for (;;) {
		struct xml_test t = {0};

		blanks(r);
		if (!take(r, "["))
			return true;
		blanks(r);
		if (!read_test(r, &t))
			return false;
		blanks(r);
		if (!take(r, "]"))
			return bad(r, "a test must be a position, or one comparison with a text in quotes");
		if (!add_test(r, s, &t))
			return false;
	}
}

static struct xml_step *add_step(struct reader *r, struct xml_route *route)
{
	struct xml_step *s;

	if (route->n == XML_STEPS) {
		bad(r, "more than 64 steps");
		return NULL;
	}
	s = grow(route->step, &route->cap, route->n + 1, sizeof(*s));
	if (!s) {
		nomem(r);
		return NULL;
	}
	route->step = s;
	s[route->n] = (struct xml_step){0};
	return &s[route->n++];
}

static bool read_step(struct reader *r, struct xml_route *route)
{
	struct xml_step *s = add_step(r, route);

	if (!s)
		return false;
	s->deep = take(r, "/");
	s->attr = take(r, "@");
	r->path->attrs |= s->attr;
	if (take(r, "*"))
		r->path->wild = true;
	else if (r->p < r->end && *r->p == '.')
		return bad(r, "'.' can only stand at the beginning");
	else if (!read_name(r, &s->name))
		return false;
	return read_tests(r, s);
}

static bool read_route(struct reader *r, struct xml_route *route)
{
	blanks(r);
	if (r->p + 1 < r->end && r->p[0] == '.' && r->p[1] == '/') {
		r->p++;
		if (!add_step(r, route)) /* whatever the root element is called */
			return false;
	}
	if (r->p == r->end || *r->p != '/')
		return bad(r, "an XPath must begin with '/' or './'");
	while (take(r, "/")) {
		if (route->n && route->step[route->n - 1].attr)
			return bad(r, "nothing can follow an attribute");
		if (!read_step(r, route))
			return false;
	}
	return true;
}

static bool read_path(struct reader *r)
{
	do {
		struct xml_path *path = r->path;
		struct xml_route *p;

		if (path->n == XML_ROUTES)
			return bad(r, "more than 64 paths in a union");
		p = grow(path->route, &path->cap, path->n + 1, sizeof(*p));
		if (!p)
			return nomem(r);
		path->route = p;
		p[path->n] = (struct xml_route){0};
		if (!read_route(r, &p[path->n++]))
			return false;
		blanks(r);
	} while (take(r, "|"));
	return r->p == r->end || bad(r, "something stands where '/' or '|' should");
}

struct xml_path *xml_path_new(struct deid_str text, const char **why)
{
	struct xml_path *path = calloc(1, sizeof(*path));
	struct reader r = {.path = path};

	*why = NULL;
	if (!path || !(path->text = malloc(text.n + 1))) {
		free(path);
		return NULL;
	}
	if (text.n)
		memcpy(path->text, text.p, text.n);
	r.p = path->text;
	r.end = path->text + text.n;
	if (read_path(&r))
		return path;
	*why = r.spent ? NULL : r.why;
	xml_path_free(path);
	return NULL;
}

void xml_path_free(struct xml_path *path)
{
	if (!path)
		return;
	for (size_t i = 0; i < path->n; i++) {
		for (size_t k = 0; k < path->route[i].n; k++)
			free(path->route[i].step[k].test);
		free(path->route[i].step);
	}
	free(path->route);
	free(path->text);
	free(path);
}

struct deid_str xml_local(struct deid_str name)
{
	size_t colon = str_find(name, ':', 0);

	return colon < name.n ? str_sub(name, colon + 1, name.n) : name;
}

bool xml_is_xmlns(struct deid_str name)
{
	return str_prefix(name, "xmlns") && (name.n == 5 || name.p[5] == ':');
}
