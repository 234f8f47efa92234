/* SPDX-License-Identifier: MIT */
#include "plugins/image/xmp_tree.h"

#include "core/util/grow.h"
#include <expat.h>
#include <string.h>

#define DEPTH 64
#define NODES_MAX ((size_t)1 << 20)

struct binding {
	struct deid_str prefix; /* n = 0: the default namespace */
	struct deid_str canonical;
	struct deid_str uri;
	size_t depth;
};

struct parser {
	struct xmp *x;
	struct deid_error *err;
	XML_Parser expat;
	size_t open[DEPTH]; /* nodes of the open elements */
	size_t depth;
	struct binding *binding;
	size_t nbinding, binding_cap;
	struct buf text;
	int rc;
};

static void stop(struct parser *p, int rc)
{
	if (p->rc || rc == DEID_OK)
		return;
	p->rc = rc;
	XML_StopParser(p->expat, XML_FALSE);
}

static int nomem(struct parser *p)
{
	return p->x->host->fail(p->err, DEID_FAILED, DEID_E_NOMEM, "no memory for the XMP packet");
}

struct xmp_node *xmp_push(struct xmp *x, const struct xmp_node *node)
{
	if (x->n == x->cap) {
		size_t cap = x->cap ? 2 * x->cap : 64;
		struct xmp_node *more = cap <= NODES_MAX ? x->host->alloc(x->job, cap * sizeof *more) : NULL;

		if (!more)
			return NULL;
		if (x->n)
			memcpy(more, x->node, x->n * sizeof *more);
		x->node = more;
		x->cap = cap;
	}
	x->node[x->n] = *node;
	return &x->node[x->n++];
}

/* ---- namespaces ---------------------------------------------------------------------------------- */

static struct deid_str keep(struct parser *p, struct deid_str s)
{
	struct deid_str copy = p->x->host->dup(p->x->job, s);

	if (!copy.p)
		stop(p, nomem(p));
	return copy.p ? copy : (struct deid_str){"", 0};
}

static void bind(struct parser *p, const char **attrs)
{
	for (; *attrs; attrs += 2) {
		struct deid_str name = str_of(attrs[0]), uri = str_of(attrs[1]);
		struct binding *b;

		if (!str_prefix(name, "xmlns") || (name.n > 5 && name.p[5] != ':'))
			continue;
		b = grow(p->binding, &p->binding_cap, p->nbinding + 1, sizeof *b);
		if (!b) {
			stop(p, nomem(p));
			return;
		}
		p->binding = b;
		b += p->nbinding++;
		b->prefix = name.n > 6 ? keep(p, str_sub(name, 6, name.n)) : (struct deid_str){"", 0};
		b->canonical = xmp_prefix_of(uri);
		b->uri = keep(p, uri);
		b->depth = p->depth;
	}
}

/* The usual prefix of a name and its local part, of this packet's own spelling where the namespace is not
 * known. */
static void resolve(
    struct parser *p, struct deid_str name, bool attr, struct deid_str *prefix, struct deid_str *local)
{
	size_t colon = str_find(name, ':', 0);
	struct deid_str own = colon < name.n ? str_sub(name, 0, colon) : (struct deid_str){"", 0};

	*prefix = own;
	*local = colon < name.n ? str_sub(name, colon + 1, name.n) : name;
	if (attr && !own.n)
		return;
	for (size_t i = p->nbinding; i-- > 0;)
		if (str_eq(p->binding[i].prefix, own)) {
			if (p->binding[i].canonical.n)
				*prefix = p->binding[i].canonical;
			return;
		}
}

/* ---- elements ------------------------------------------------------------------------------------ */

static bool is(const struct xmp_node *n, const char *prefix, const char *local)
{
	return str_eqz(n->prefix, prefix) && str_eqz(n->local, local);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next attribute of a start tag, which expat has found well-formed: *pos is where the one before ended.
 */
static bool next_attr(struct deid_str tag, size_t *pos, struct xmp_node *a)
{
	size_t i = *pos;

	a->start = i;
	while (i < tag.n && blank(tag.p[i]))
		i++;
	while (i < tag.n && tag.p[i] != '=' && tag.p[i] != '>' && tag.p[i] != '/')
		i++;
	while (i < tag.n && tag.p[i] != '"' && tag.p[i] != '\'' && tag.p[i] != '>')
		i++;
	if (i >= tag.n || tag.p[i] == '>')
		return false;
	a->quote = tag.p[i];
	a->from = ++i;
	while (i < tag.n && tag.p[i] != a->quote)
		i++;
	if (i >= tag.n)
		return false;
	a->to = i;
	a->end = *pos = i + 1;
	return true;
}

/* What an attribute is: a property of its own, the value of its element, or structure. */
static void take_attr(struct parser *p, size_t element, struct xmp_node *a, struct deid_str value)
{
	struct xmp_node *e = &p->x->node[element];
	bool rdf = str_eqz(a->prefix, "rdf");

	if (str_eqz(a->prefix, "xml") || str_eqz(a->prefix, "xmlns") || str_eqz(a->local, "xmlns"))
		return;
	if (rdf && str_eqz(a->local, "resource")) {
		e->from = a->from;
		e->to = a->to;
		e->quote = a->quote;
		e->text = keep(p, value);
		return;
	}
	if (rdf && (str_eqz(a->local, "parseType") || str_eqz(a->local, "datatype")))
		return;
	a->about = rdf && str_eqz(a->local, "about");
	if (a->about && !p->x->about.n)
		p->x->about = str_sub(p->x->bytes, a->from, a->to - a->from);
	a->parent = element;
	a->attr = a->named = a->field = true;
	a->prefix = keep(p, a->prefix);
	a->local = keep(p, a->local);
	a->text = keep(p, value);
	e->inner |= !rdf;
	if (!xmp_push(p->x, a))
		stop(p, nomem(p));
}

static void take_attrs(struct parser *p, size_t element, struct deid_str tag, size_t at, const char **attrs)
{
	size_t pos = p->x->node[element].tag.n + 1;

	for (; *attrs && !p->rc; attrs += 2) {
		struct xmp_node a = {.parent = element};

		if (!next_attr(tag, &pos, &a)) {
			stop(p, p->x->host->fail(p->err, DEID_FAILED, DEID_E_FORMAT,
				    "an XMP packet that cannot be followed"));
			return;
		}
		a.start += at;
		a.end += at;
		a.from += at;
		a.to += at;
		resolve(p, str_of(attrs[0]), true, &a.prefix, &a.local);
		take_attr(p, element, &a, str_of(attrs[1]));
	}
}

/* RDF's own elements give no names to what is in them. */
static void classify(struct parser *p, struct xmp_node *e)
{
	struct xmp_node *parent = e->parent == XMP_NONE ? NULL : &p->x->node[e->parent];
	bool rdf = str_eqz(e->prefix, "rdf");

	e->array = rdf && (str_eqz(e->local, "Bag") || str_eqz(e->local, "Seq") || str_eqz(e->local, "Alt"));
	e->li = rdf && str_eqz(e->local, "li");
	e->named = !rdf && !is(e, "x", "xmpmeta") && !is(e, "x", "xapmeta");
	e->field = e->named || e->li;
	if (parent && e->array)
		parent->holder = true;
	else if (parent && !parent->array)
		parent->inner = true;
}

static void on_start(void *arg, const char *name, const char **attrs)
{
	struct parser *p = arg;
	size_t at = (size_t)XML_GetCurrentByteIndex(p->expat);
	size_t n = (size_t)XML_GetCurrentByteCount(p->expat);
	struct deid_str tag = str_sub(p->x->bytes, at, n), given = str_of(name);
	struct xmp_node e = {.parent = p->depth ? p->open[p->depth - 1] : XMP_NONE, .start = at};

	if (p->rc)
		return;
	if (p->depth == DEPTH) {
		stop(p, p->x->host->fail(p->err, DEID_FAILED, DEID_E_LIMIT, "an XMP packet nested too deep"));
		return;
	}
	bind(p, attrs);
	e.tag = str_sub(tag, 1, given.n);
	resolve(p, given, false, &e.prefix, &e.local);
	e.prefix = keep(p, e.prefix);
	e.local = keep(p, e.local);
	e.empty = tag.n > 2 && tag.p[tag.n - 2] == '/';
	e.from = e.to = at + n;
	if (e.empty)
		e.from -= 2;
	classify(p, &e);
	p->open[p->depth++] = p->x->n;
	if (p->rc)
		return;
	if (!xmp_push(p->x, &e))
		stop(p, nomem(p));
	else
		take_attrs(p, p->x->n - 1, tag, at, attrs);
	p->text.n = 0;
}

static void on_end(void *arg, const char *name)
{
	struct parser *p = arg;
	size_t at = (size_t)XML_GetCurrentByteIndex(p->expat);
	struct xmp_node *e;

	(void)name;
	if (p->rc)
		return;
	e = &p->x->node[p->open[--p->depth]];
	e->end = at + (size_t)XML_GetCurrentByteCount(p->expat);
	if (!e->quote && !e->empty)
		e->to = at;
	if (!e->quote && !e->inner && !e->holder && e->field)
		e->text = keep(p, buf_view(&p->text));
	if (is(e, "rdf", "RDF") && !e->empty)
		p->x->rdf_end = at;
	/* A property that is a list is known by its items. */
	if (e->holder && !e->inner)
		e->field = false;
	p->text.n = 0;
	while (p->nbinding && p->binding[p->nbinding - 1].depth == p->depth)
		p->nbinding--;
}

static void on_text(void *arg, const char *s, int n)
{
	struct parser *p = arg;

	if (!p->rc && !buf_add(&p->text, s, (size_t)n))
		stop(p, nomem(p));
}

static void on_doctype(void *arg, const char *name, const char *system, const char *public, int internal)
{
	struct parser *p = arg;

	(void)name, (void)system, (void)public, (void)internal;
	stop(p, p->x->host->fail(p->err, DEID_FAILED, DEID_E_UNSUPPORTED, "an XMP packet with a DOCTYPE"));
}

/* Some writers end the packet with zeros. */
static size_t trimmed(struct deid_str s)
{
	while (s.n && (s.p[s.n - 1] == 0 || blank(s.p[s.n - 1])))
		s.n--;
	return s.n;
}

int xmp_parse(struct xmp *x, struct deid_error *err)
{
	struct parser p = {.x = x, .err = err, .expat = XML_ParserCreate("UTF-8")};

	if (!p.expat)
		return nomem(&p);
	XML_SetUserData(p.expat, &p);
	XML_SetElementHandler(p.expat, on_start, on_end);
	XML_SetCharacterDataHandler(p.expat, on_text);
	XML_SetStartDoctypeDeclHandler(p.expat, on_doctype);
	if (XML_Parse(p.expat, x->bytes.p, (int)trimmed(x->bytes), 1) != XML_STATUS_OK && !p.rc)
		p.rc = XML_GetErrorCode(p.expat) == XML_ERROR_NO_MEMORY
			   ? nomem(&p)
			   : x->host->fail(
				 err, DEID_FAILED, DEID_E_FORMAT, "an XMP packet that is no XML in UTF-8");
	XML_ParserFree(p.expat);
	free(p.binding);
	buf_free(&p.text);
	return p.rc;
}
