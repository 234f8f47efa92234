/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/template.h"

#include "core/profile/expression.h"
#include "core/util/grow.h"
#include "core/util/map.h"
#include <stdlib.h>
#include <string.h>

/* A place in a collection whose content varies. */
struct child {
	size_t at;     /* item or pair */
	uint32_t node; /* its number */
};

/* A node with variables in it or below. */
struct varying {
	const struct deid_node *node;
	struct piece *piece; /* of a scalar; NULL after an error too, and then it stays as it is */
	size_t nvariable;    /* pieces that are variables */
	struct child *child; /* of a collection */
	size_t nchild;
};

/* `varying` is in the order of completion: children before their parents, the root last. deid_node.varies is
 * the number in it, from 1. */
struct templates {
	struct document *doc;
	struct arena arena;
	struct varying *varying;
	size_t n, cap;
	struct map names; /* entry i: variable i */
};

/* ---- finding them ------------------------------------------------------------------------------ */

struct frame {
	struct deid_node *node;
	size_t next;  /* child to look at */
	size_t first; /* where its own begin in finder.child */
};

struct finder {
	struct templates *t;
	struct deid_error *err;
	struct frame *stack;
	size_t depth, depth_cap;
	struct child *child; /* of all open collections */
	size_t nchild, child_cap;
};

static struct varying *add_varying(struct finder *f, struct deid_node *node)
{
	struct templates *t = f->t;
	struct varying *list = t->n < UINT32_MAX ? grow(t->varying, &t->cap, t->n + 1, sizeof(*list)) : NULL;

	if (!list)
		return NULL;
	t->varying = list;
	list[t->n] = (struct varying){.node = node};
	node->varies = (uint32_t)++t->n;
	return &list[t->n - 1];
}

static bool number_names(struct templates *t, struct piece *list, size_t *n)
{
	*n = 0;
	for (struct piece *p = list; p; p = p->next) {
		struct map_entry *e;

		if (!p->name.n)
			continue;
		e = map_put(&t->names, p->name, NULL);
		if (!e)
			return false;
		p->variable = (size_t)(e - t->names.entry);
		++*n;
	}
	return true;
}

static bool take_scalar(struct finder *f, struct deid_node *node)
{
	size_t before = f->err->nerrors, n;
	struct piece *piece;
	struct varying *v;

	if (!expression_in(node->text))
		return true;
	if (!expression_parse(node, &f->t->arena, &piece, f->err))
		return false;
	/* A wrong one has a number too, so that it is not complained of again where an alias names it. */
	if (f->err->nerrors > before)
		piece = NULL;
	if (!number_names(f->t, piece, &n))
		return false;
	if (piece && !n)
		return true;
	v = add_varying(f, node);
	if (!v)
		return false;
	v->piece = piece;
	v->nvariable = n;
	return true;
}

static bool open_frame(struct finder *f, struct deid_node *node)
{
	struct frame *stack = grow(f->stack, &f->depth_cap, f->depth + 1, sizeof(*stack));

	if (!stack)
		return false;
	f->stack = stack;
	f->stack[f->depth++] = (struct frame){.node = node, .first = f->nchild};
	return true;
}

/* Tells the collection above that its child varies. */
static bool note_child(struct finder *f, const struct deid_node *node)
{
	struct child *list;

	if (!f->depth || !node->varies)
		return true;
	list = grow(f->child, &f->child_cap, f->nchild + 1, sizeof(*list));
	if (!list)
		return false;
	f->child = list;
	f->child[f->nchild++] = (struct child){f->stack[f->depth - 1].next - 1, node->varies};
	return true;
}

static bool close_frame(struct finder *f)
{
	struct frame *top = &f->stack[--f->depth];
	size_t n = f->nchild - top->first;
	struct varying *v;

	if (n) {
		v = add_varying(f, top->node);
		if (v)
			v->child = arena_array(&f->t->arena, n, sizeof(*v->child));
		if (!v || !v->child)
			return false;
		memcpy(v->child, f->child + top->first, n * sizeof(*v->child));
		v->nchild = n;
		f->nchild = top->first;
	}
	return note_child(f, top->node);
}

/* A node that an alias names is met more than once; when it varies it has its number already. */
static bool visit(struct finder *f, struct deid_node *node)
{
	if (!node->varies && node->type != NODE_SCALAR)
		return open_frame(f, node);
	return (node->varies || take_scalar(f, node)) && note_child(f, node);
}

static void check_key(struct finder *f, const struct deid_node *key)
{
	for (size_t i = str_find(key->text, '{', 0); i + 1 < key->text.n;
	     i = str_find(key->text, '{', i + 1)) {
		char next = key->text.p[i + 1];

		if (next == '{' || next == '%' || next == '#') {
			node_complain(f->err, key, "a variable may stand in a value, not in a key");
			return;
		}
	}
}

/* Not by recursion: aliases can nest deeper than the document itself. */
static bool find_all(struct finder *f, struct deid_node *root)
{
	bool ok = visit(f, root);

	while (ok && f->depth) {
		struct frame *top = &f->stack[f->depth - 1];

		if (top->next == top->node->n) {
			ok = close_frame(f);
		} else if (top->node->type == NODE_LIST) {
			ok = visit(f, top->node->item[top->next++]);
		} else {
			check_key(f, top->node->pair[top->next].key);
			ok = visit(f, top->node->pair[top->next++].value);
		}
	}
	return ok;
}

struct templates *templates_new(struct document *doc, struct deid_error *err)
{
	struct templates *t = calloc(1, sizeof(*t));
	struct finder f = {.t = t, .err = err};
	bool ok = t != NULL;

	if (ok) {
		t->doc = doc;
		arena_init(&t->arena, 0);
		ok = !doc->root || find_all(&f, doc->root);
	}
	free(f.stack);
	free(f.child);
	if (ok)
		return t;
	templates_free(t);
	error_nomem(err);
	return NULL;
}

void templates_free(struct templates *t)
{
	if (!t)
		return;
	map_free(&t->names);
	arena_free(&t->arena);
	free(t->varying);
	free(t);
}

size_t templates_count(const struct templates *t)
{
	return t->names.n;
}

struct deid_str templates_name(const struct templates *t, size_t variable)
{
	return t->names.entry[variable].key;
}

void templates_missing(
    const struct templates *t, size_t variable, struct deid_error *err, const char *fmt, ...)
{
	for (size_t i = 0; i < t->n; i++)
		for (const struct piece *p = t->varying[i].piece; p; p = p->next) {
			va_list ap;

			if (!p->name.n || p->variable != variable || p->served)
				continue;
			va_start(ap, fmt);
			node_vcomplain(err, t->varying[i].node, fmt, ap);
			va_end(ap);
			break;
		}
}

bool templates_each(
    const struct templates *t, const struct deid_node *below, template_visit *visit_use, void *arg)
{
	bool *in = node_varies(below) ? calloc(below->varies, sizeof(*in)) : NULL;

	if (!in)
		return !node_varies(below);
	in[below->varies - 1] = true;
	/* From parents to children. */
	for (size_t i = below->varies; i-- > 0;) {
		const struct varying *v = &t->varying[i];

		for (size_t k = 0; in[i] && k < v->nchild; k++)
			in[v->child[k].node - 1] = true;
		for (const struct piece *p = in[i] ? v->piece : NULL; p; p = p->next)
			if (p->name.n)
				visit_use(arg, p->variable, v->node);
	}
	free(in);
	return true;
}

/* ---- filling in -------------------------------------------------------------------------------- */

struct filler {
	const struct templates *t;
	const struct template_value *value;
	enum template_mode mode;
	struct arena *arena;
	struct deid_error *err;
	struct buf text;
	const struct node_origin **origin; /* where the next one of a scalar goes */
	struct deid_node **copy;           /* of varying i */
};

/* Adds what one variable stands for to f->text. False: memory is spent. */
static bool add_value(struct filler *f, const struct piece *p, struct deid_node *node, struct node_span *span)
{
	const struct template_value *value = &f->value[p->variable];
	struct node_origin *origin = arena_alloc(f->arena, sizeof(*origin));
	bool used = value->text.n || (value->text.p && !p->served);
	struct deid_str text;

	if (!origin)
		return false;
	*origin = (struct node_origin){p->name, used ? value->file : NULL, value->row, NULL};
	*f->origin = origin;
	f->origin = &origin->next;
	switch (expression_value(p, value->text, f->arena, &text)) {
	case EXPRESSION_OK:
		*span = (struct node_span){f->text.n, text.n};
		return buf_str(&f->text, text);
	case EXPRESSION_NO_INT:
		node->unknown = true;
		node_complain(f->err, node, "the filter \"int\" takes a whole number");
		return true;
	case EXPRESSION_MISSING:
		node->unknown = true;
		if (f->mode == TEMPLATE_WHOLE)
			node_complain(f->err, node, "the variable \"%s\" has no value", p->name.p);
		return true;
	default:
		return false;
	}
}

static bool fill_scalar(struct filler *f, const struct varying *v, struct deid_node *node)
{
	struct node_span *span = arena_array(f->arena, v->nvariable, sizeof(*span));
	size_t n = 0;

	if (!span)
		return false;
	f->text.n = 0;
	f->origin = &node->origin;
	for (const struct piece *p = v->piece; p; p = p->next) {
		if (!p->name.n ? !buf_str(&f->text, p->text) : !add_value(f, p, node, &span[n]))
			return false;
		n += p->name.n && span[n].len;
	}
	node->plain = v->piece->number && !v->piece->next && !node->unknown;
	node->partial = node->unknown;
	if (node->unknown)
		return true;
	node->text = arena_dup(f->arena, buf_view(&f->text));
	node->literal = span;
	node->nliteral = n;
	return node->text.p != NULL;
}

static void *dup_array(struct arena *a, const void *from, size_t n, size_t size)
{
	void *to = arena_alloc(a, n * size);

	return to ? memcpy(to, from, n * size) : NULL;
}

/* Puts a child in its place. */
static struct deid_node *take_child(
    const struct filler *f, const struct child *child, struct deid_node *parent)
{
	struct deid_node *copy = f->copy[child->node - 1];

	parent->partial = parent->partial || copy->partial;
	return copy;
}

static bool fill_list(struct filler *f, const struct varying *v, struct deid_node *node)
{
	node->item = dup_array(f->arena, v->node->item, node->n, sizeof(*node->item));
	if (!node->item)
		return false;
	for (size_t i = 0; i < v->nchild; i++)
		node->item[v->child[i].at] = take_child(f, &v->child[i], node);
	return true;
}

static bool fill_map(struct filler *f, const struct varying *v, struct deid_node *node)
{
	node->pair = dup_array(f->arena, v->node->pair, node->n, sizeof(*node->pair));
	if (!node->pair)
		return false;
	for (size_t i = 0; i < v->nchild; i++)
		node->pair[v->child[i].at].value = take_child(f, &v->child[i], node);
	return true;
}

static bool fill(struct filler *f, size_t i)
{
	const struct varying *v = &f->t->varying[i];
	struct deid_node *node = arena_alloc(f->arena, sizeof(*node));

	f->copy[i] = node;
	if (!node)
		return false;
	*node = *v->node;
	if (node->type == NODE_SCALAR)
		return !v->piece || fill_scalar(f, v, node);
	return node->type == NODE_LIST ? fill_list(f, v, node) : fill_map(f, v, node);
}

struct deid_node *templates_fill(const struct templates *t, const struct template_value *value,
    enum template_mode mode, struct arena *arena, struct deid_error *err)
{
	struct filler f = {.t = t, .value = value, .mode = mode, .arena = arena, .err = err};
	bool ok = true;

	if (!t->n)
		return t->doc->root;
	f.copy = arena_alloc(arena, t->n * sizeof(*f.copy));
	if (!f.copy)
		ok = false;
	for (size_t i = 0; ok && i < t->n; i++)
		ok = fill(&f, i);
	buf_free(&f.text);
	if (ok)
		return f.copy[t->n - 1];
	error_nomem(err);
	return NULL;
}

struct document *templates_document(const struct templates *t, const struct template_value *value,
    enum template_mode mode, struct deid_error *err)
{
	struct document *doc = calloc(1, sizeof(*doc));

	if (doc) {
		arena_init(&doc->arena, 0);
		memcpy(doc->sha256, t->doc->sha256, sizeof(doc->sha256));
		doc->file = strdup(t->doc->file);
	}
	if (!doc || !doc->file) {
		error_nomem(err);
		goto fail;
	}
	doc->root = templates_fill(t, value, mode, &doc->arena, err);
	if (doc->root || !t->doc->root)
		return doc;
fail:
	document_free(doc);
	return NULL;
}
