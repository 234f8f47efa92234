/* SPDX-License-Identifier: MIT */
#include "plugins/image/xmp_tree.h"

#include "core/util/utf8.h"
#include <stdlib.h>
#include <string.h>

static int nomem(const struct xmp *x, struct deid_error *err)
{
	return x->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the XMP packet");
}

int xmp_open(const struct deid_host *host, struct deid_job *job, struct deid_str bytes, struct xmp **out,
    struct deid_error *err)
{
	struct xmp *x = host->alloc(job, sizeof *x);

	*out = NULL;
	if (!x)
		return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the XMP packet");
	if (bytes.n > XMP_MAX)
		return host->fail(err, DEID_FAILED, DEID_E_LIMIT, "an XMP packet of more than 32 MiB");
	*x = (struct xmp){.host = host, .job = job, .bytes = bytes};
	if (xmp_parse(x, err) != DEID_OK)
		return DEID_FAILED;
	*out = x;
	return DEID_OK;
}

int xmp_new(const struct deid_host *host, struct deid_job *job, struct xmp **out, struct deid_error *err)
{
	static const char packet[] =
	    "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
	    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"" XMP_RDF "\">"
	    "</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>";

	return xmp_open(host, job, STR(packet), out, err);
}

/* ---- fields -------------------------------------------------------------------------------------- */

static bool gone(const struct xmp *x, size_t i)
{
	for (; i != XMP_NONE; i = x->node[i].parent)
		if (x->node[i].removed)
			return true;
	return false;
}

/* The element or attribute that bears the next part of the name, from the inside out. */
static size_t bearer(const struct xmp *x, size_t i)
{
	while (i != XMP_NONE && !x->node[i].named)
		i = x->node[i].parent;
	return i;
}

static bool step_fits(const struct xmp_step *s, const struct xmp_node *n)
{
	return str_caseeq(s->local, n->local) && (!s->prefix.n || str_caseeq(s->prefix, n->prefix));
}

static bool fits(const struct xmp *x, size_t i, const struct xmp_name *name)
{
	for (size_t k = name->n; k-- > 0;) {
		i = bearer(x, i);
		if (i == XMP_NONE || !step_fits(&name->step[k], &x->node[i]))
			return false;
		i = x->node[i].parent;
	}
	return bearer(x, i) == XMP_NONE;
}

static struct deid_str name_of(const struct xmp *x, size_t i)
{
	size_t chain[XMP_STEPS * 8], n = 0;
	struct buf b = {0};
	struct deid_str name;
	bool ok = buf_z(&b, "XMP");

	for (i = bearer(x, i); i != XMP_NONE && n < sizeof chain / sizeof *chain;
	     i = bearer(x, x->node[i].parent))
		chain[n++] = i;
	for (char sep = ':'; n-- > 0 && ok; sep = '/') {
		/* cppcheck-suppress uninitvar ; the first n of them are set */
		const struct xmp_node *e = &x->node[chain[n]];

		ok = buf_c(&b, sep) && buf_str(&b, e->prefix) && (!e->prefix.n || buf_c(&b, ':')) &&
		     buf_str(&b, e->local);
	}
	name = ok ? x->host->dup(x->job, buf_view(&b)) : (struct deid_str){NULL, 0};
	buf_free(&b);
	return name;
}

static bool ends(struct deid_str s, const char *tail)
{
	size_t n = strlen(tail);

	return s.n >= n && str_caseeq(str_sub(s, s.n - n, n), str_of(tail));
}

static enum deid_kind kind_of(const struct xmp *x, size_t i)
{
	const struct xmp_node *n = &x->node[i];

	if (n->inner || n->holder)
		return DEID_TREE;
	i = bearer(x, i);
	n = &x->node[i == XMP_NONE ? 0 : i];
	if (ends(n->local, "Date") || ends(n->local, "When") || str_prefix(n->local, "Date") ||
	    str_eqz(n->local, "date"))
		return DEID_DATETIME;
	return DEID_TEXT;
}

static int visit_node(
    struct xmp *x, size_t i, uintptr_t mark, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct deid_field f = {
	    .size = sizeof f, .kind = kind_of(x, i), .h = {mark, i}, .name = name_of(x, i)};

	return f.name.p ? visit(arg, &f, err) : nomem(x, err);
}

int xmp_find(struct xmp *x, const struct xmp_name *name, uintptr_t mark, deid_visit *visit, void *arg,
    struct deid_error *err)
{
	int rc = DEID_OK;

	for (size_t i = 0; i < x->n && rc == DEID_OK; i++)
		if (x->node[i].field && fits(x, i, name) && !gone(x, i))
			rc = visit_node(x, i, mark, visit, arg, err);
	return rc;
}

int xmp_each(struct xmp *x, uintptr_t mark, deid_visit *visit, void *arg, struct deid_error *err)
{
	int rc = DEID_OK;

	for (size_t i = 0; i < x->n && rc == DEID_OK; i++)
		if (x->node[i].field && !gone(x, i))
			rc = visit_node(x, i, mark, visit, arg, err);
	return rc;
}

bool xmp_names(const struct xmp *x, const struct xmp_name *name, const struct deid_field *f)
{
	return fits(x, f->h[1], name);
}

static struct deid_str text_of(const struct xmp_node *n)
{
	return n->replaced ? n->now : n->text;
}

int xmp_get(struct xmp *x, const struct deid_field *f, struct deid_value *v, struct deid_error *err)
{
	struct deid_str *one = x->host->scratch(x->job, sizeof *one);

	if (!one)
		return nomem(x, err);
	*one = text_of(&x->node[f->h[1]]);
	*v = (struct deid_value){
	    .size = sizeof *v, .flags = DEID_V_FREE, .kind = f->kind, .lo = 1, .v = one, .n = one->n > 0};
	return DEID_OK;
}

/* XML 1.0 section 2.2. */
static bool allowed(struct deid_str s)
{
	size_t n;

	for (size_t i = 0; i < s.n; i += n) {
		uint32_t cp;

		n = utf8_next(s, i, &cp);
		if (!n || cp == 0xFFFE || cp == 0xFFFF ||
		    (cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r'))
			return false;
	}
	return true;
}

static int plain(
    const struct xmp *x, const struct deid_value *v, struct deid_str *out, struct deid_error *err)
{
	if (v->n > 1 || v->kind == DEID_TREE)
		return x->host->fail(err, DEID_FAILED, DEID_E_VALUE, "a property of XMP takes one text");
	*out = v->n ? v->v[0] : (struct deid_str){"", 0};
	if (!allowed(*out))
		return x->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "the value has characters that XML cannot hold");
	return DEID_OK;
}

static bool put_now(struct xmp *x, struct xmp_node *n, struct deid_str text)
{
	struct deid_str copy = x->host->dup(x->job, text);

	if (!copy.p)
		return false;
	n->now = copy;
	n->replaced = true;
	x->changed = true;
	return true;
}

int xmp_set(struct xmp *x, const struct deid_field *f, const struct deid_value *v, struct deid_error *err)
{
	struct xmp_node *n = &x->node[f->h[1]];
	struct deid_str text;

	if (f->kind == DEID_TREE)
		return x->host->fail(err, DEID_FAILED, DEID_E_FIELD, "a structure of XMP takes no text");
	if (plain(x, v, &text, err) != DEID_OK)
		return DEID_FAILED;
	if (str_eq(text, text_of(n)))
		return DEID_OK;
	return put_now(x, n, text) ? DEID_OK : nomem(x, err);
}

int xmp_remove(struct xmp *x, const struct deid_field *f, struct deid_error *err)
{
	struct xmp_node *n = &x->node[f->h[1]];

	x->changed = true;
	if (n->about)
		return put_now(x, n, (struct deid_str){"", 0}) ? DEID_OK : nomem(x, err);
	n->removed = true;
	return DEID_OK;
}

static struct xmp_node *first(struct xmp *x, const struct xmp_name *name)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->node[i].field && fits(x, i, name) && !gone(x, i))
			return &x->node[i];
	return NULL;
}

bool xmp_put(struct xmp *x, const struct xmp_name *name, struct deid_str text)
{
	struct xmp_node *n = first(x, name);

	return n && put_now(x, n, text);
}

void xmp_drop(struct xmp *x, const struct xmp_name *name)
{
	struct xmp_node *n = first(x, name);

	if (n)
		n->removed = x->changed = true;
}

struct deid_str xmp_text(struct xmp *x, const struct xmp_name *name)
{
	const struct xmp_node *n = first(x, name);

	return n ? text_of(n) : (struct deid_str){"", 0};
}

bool xmp_changed(const struct xmp *x)
{
	return x->changed;
}

/* ---- output -------------------------------------------------------------------------------------- */

static bool escape(struct buf *b, struct deid_str s, char quote)
{
	bool ok = true;

	for (size_t i = 0; i < s.n && ok; i++) {
		char c = s.p[i];

		if (c == '&')
			ok = buf_z(b, "&amp;");
		else if (c == '<')
			ok = buf_z(b, "&lt;");
		else if (c == '>')
			ok = buf_z(b, "&gt;");
		else if (c == quote && quote)
			ok = buf_z(b, c == '"' ? "&quot;" : "&apos;");
		else if (c == '\r' || (quote && (c == '\n' || c == '\t')))
			ok = buf_printf(b, "&#%d;", c);
		else
			ok = buf_c(b, c);
	}
	return ok;
}

/* A description of its own, at the end: nothing that is there has to change. */
static bool put_property(
    struct buf *b, struct deid_str about, const struct xmp_step *s, const char *uri, struct deid_str text)
{
	char array = xmp_array_of(s->prefix, s->local);
	const char *name = array == 'S' ? "Seq" : array == 'B' ? "Bag" : "Alt";
	bool ok = buf_printf(b, "<rdf:Description xmlns:rdf=\"" XMP_RDF "\" xmlns:%.*s=\"%s\" rdf:about=\"",
		      (int)s->prefix.n, s->prefix.p, uri) &&
		  buf_str(b, about) &&
		  buf_printf(b, "\"><%.*s:%.*s>", (int)s->prefix.n, s->prefix.p, (int)s->local.n, s->local.p);

	if (array)
		ok = ok &&
		     buf_printf(b, "<rdf:%s><rdf:li%s>", name, array == 'A' ? " xml:lang=\"x-default\"" : "");
	ok = ok && escape(b, text, 0);
	if (array)
		ok = ok && buf_printf(b, "</rdf:li></rdf:%s>", name);
	return ok && buf_printf(b, "</%.*s:%.*s></rdf:Description>", (int)s->prefix.n, s->prefix.p,
			 (int)s->local.n, s->local.p);
}

static int put_all(struct xmp *x, struct deid_str with, struct deid_error *err);

int xmp_add(struct xmp *x, const struct xmp_name *name, const struct deid_value *v, struct deid_error *err)
{
	struct deid_str prefix = name->step[0].prefix, text, before;
	const char *uri = xmp_uri_of(&prefix);
	struct buf b = {0};
	int rc;

	if (!name->creates || !uri)
		return x->host->fail(
		    err, DEID_FAILED, DEID_E_FIELD, "this property of XMP cannot be created");
	if (plain(x, v, &text, err) != DEID_OK)
		return DEID_FAILED;
	if (!x->rdf_end)
		return x->host->fail(
		    err, DEID_FAILED, DEID_E_FIELD, "the XMP packet has no place for a property");
	before = x->about;
	if (memchr(before.p ? before.p : "", '"', before.n))
		before.n = 0;
	rc = put_property(&b, before, &name->step[0], uri, text) ? put_all(x, buf_view(&b), err)
								 : nomem(x, err);
	buf_free(&b);
	return rc;
}

struct edit {
	size_t from, to;
	const struct xmp_node *node; /* whose new text; NULL: nothing, or what is added */
	bool empty;                  /* the element becomes one that is not */
	struct deid_str text;
};

static int compare(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to < y->to) - (x->to > y->to); /* the longer one first: it covers the other */
}

/* An array whose items are all gone goes with its property. Children come after their parents. */
static bool fold(struct xmp *x)
{
	size_t *had = calloc(x->n + 1, 2 * sizeof *had), *left = had ? had + x->n + 1 : NULL;

	if (!had)
		return false;
	for (size_t i = x->n; i-- > 0;) {
		struct xmp_node *n = &x->node[i];

		if (n->array && had[i] && !left[i] && n->parent != XMP_NONE && x->node[n->parent].holder)
			x->node[n->parent].removed = true;
		if (n->li && n->parent != XMP_NONE) {
			had[n->parent]++;
			left[n->parent] += !n->removed;
		}
	}
	free(had);
	return true;
}

static size_t list_edits(const struct xmp *x, struct deid_str with, struct edit *e)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++) {
		const struct xmp_node *node = &x->node[i];

		if (node->removed)
			e[n++] = (struct edit){.from = node->start, .to = node->end};
		else if (node->replaced)
			e[n++] =
			    (struct edit){node->from, node->to, node, node->empty && !node->quote, node->now};
	}
	if (with.n)
		e[n++] = (struct edit){.from = x->rdf_end, .to = x->rdf_end, .text = with};
	qsort(e, n, sizeof *e, compare);
	return n;
}

static bool put_edit(struct buf *b, const struct edit *e)
{
	if (!e->node)
		return buf_str(b, e->text);
	if (e->empty)
		return buf_c(b, '>') && escape(b, e->text, 0) && buf_z(b, "</") && buf_str(b, e->node->tag) &&
		       buf_c(b, '>');
	return escape(b, e->text, e->node->quote);
}

static bool join(const struct xmp *x, const struct edit *e, size_t n, struct buf *b)
{
	size_t done = 0;

	for (size_t i = 0; i < n; i++) {
		if (e[i].from < done)
			continue; /* inside of what went */
		if (!buf_add(b, x->bytes.p + done, e[i].from - done) || !put_edit(b, &e[i]))
			return false;
		done = e[i].to;
	}
	return buf_add(b, x->bytes.p + done, x->bytes.n - done);
}

static int render(struct xmp *x, struct deid_str with, struct deid_str *out, struct deid_error *err)
{
	struct edit *e = calloc(x->n + 1, sizeof *e);
	struct buf b = {0};

	*out = (struct deid_str){NULL, 0};
	if (e && fold(x) && join(x, e, list_edits(x, with, e), &b))
		*out = x->host->dup(x->job, buf_view(&b));
	free(e);
	buf_free(&b);
	return out->p ? DEID_OK : nomem(x, err);
}

/* What was added must be found by entries that follow: the packet is read anew. */
static int put_all(struct xmp *x, struct deid_str with, struct deid_error *err)
{
	struct xmp *anew;
	struct deid_str bytes;

	if (render(x, with, &bytes, err) != DEID_OK ||
	    xmp_open(x->host, x->job, bytes, &anew, err) != DEID_OK)
		return DEID_FAILED;
	*x = *anew;
	x->changed = true;
	return DEID_OK;
}

int xmp_bytes(struct xmp *x, struct deid_str *out, struct deid_error *err)
{
	*out = x->bytes;
	return x->changed ? render(x, (struct deid_str){NULL, 0}, out, err) : DEID_OK;
}
