/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/layout.h"
#include "core/util/bytes.h"
#include <stdlib.h>

#define LENGTH_MAX 0xFFFFFFFEu

static int nomem(const struct layout *l)
{
	return record_nomem(l->r, l->err);
}

static int too_long(const struct layout *l)
{
	return l->r->host->fail(
	    l->err, DEID_FAILED, DEID_E_LIMIT, "a sequence or item grows beyond what its length can say");
}

/* An edit of the source that holds the node. */
static int edit(struct layout *l, uint32_t node, uint64_t off, uint64_t len, const void *p, size_t n)
{
	struct splice *s = node < l->r->tree.meta && l->r->head.deflated ? &l->meta : &l->data;

	return splice_add(s, off, len, p, n) ? DEID_OK : nomem(l);
}

#define BYTES_AT_ONCE ((size_t)4 << 10)

/* Room for some bytes that the output will have; NULL: no memory. */
static uint8_t *bytes_new(struct layout *l, size_t n)
{
	uint8_t *b;

	if (n > BYTES_AT_ONCE / 4)
		return l->r->host->alloc(l->r->job, n);
	if (l->left < n) {
		l->bytes = l->r->host->alloc(l->r->job, BYTES_AT_ONCE);
		l->left = l->bytes ? BYTES_AT_ONCE : 0;
	}
	if (!l->bytes)
		return NULL;
	b = l->bytes;
	l->bytes += n;
	l->left -= n;
	return b;
}

bool layout_dead(const struct record *r, uint32_t node)
{
	const struct change *c;

	if (node == NODE_NONE || node == NODE_META || node < r->tree.meta)
		return false;
	for (node = tree_node(&r->tree, node)->parent; node != NODE_NONE;
	     node = tree_node(&r->tree, node)->parent) {
		c = change_of(r, node);
		if (c && (c->removed || c->replaced))
			return true;
	}
	return false;
}

static size_t depth_of(const struct record *r, uint32_t node)
{
	size_t n = 0;

	if (node == NODE_NONE || node == NODE_META)
		return 0;
	for (; node != NODE_NONE; node = tree_node(&r->tree, node)->parent)
		n++;
	return n;
}

/* ---- new elements ------------------------------------------------------------------------------ */

static bool is_explicit(const struct added *a)
{
	return !(a->in & NODE_IN_IMPLICIT) && a->vr != VR_ITEM;
}

static unsigned head_of(const struct added *a)
{
	return is_explicit(a) && vr_info((enum vr)a->vr)->flags & VR_F_LONG ? 12 : 8;
}

/* Items and sequences of undefined length end with a delimiter. */
static unsigned tail_of(const struct added *a)
{
	return a->undefined && (a->vr == VR_ITEM || a->vr == VR_SQ) ? 8 : 0;
}

/* Sets a->size, from the leaves up; as deep as paths are long, or as the walker lets sequences nest. */
static int measure(struct layout *l, struct added *a)
{
	uint64_t n = a->content.n + tail_of(a);

	for (struct added *c = a->child; c; c = c->next) {
		if (c->removed)
			continue;
		if (measure(l, c) != DEID_OK)
			return DEID_FAILED;
		n += c->size;
	}
	a->size = n + head_of(a);
	return a->size > LENGTH_MAX ? too_long(l) : DEID_OK;
}

static void put16(uint8_t *b, unsigned v, bool big)
{
	if (big)
		put_be16(b, (uint16_t)v);
	else
		put_le16(b, (uint16_t)v);
}

static void put32(uint8_t *b, uint32_t v, bool big)
{
	if (big)
		put_be32(b, v);
	else
		put_le32(b, v);
}

static uint8_t *emit(const struct added *a, uint8_t *b)
{
	bool big = a->in & NODE_IN_BIG;
	unsigned head = head_of(a);
	uint32_t len = a->undefined ? UINT32_MAX : (uint32_t)(a->size - head);

	put16(b, a->tag >> 16, big);
	put16(b + 2, a->tag & 0xFFFF, big);
	if (is_explicit(a)) {
		memcpy(b + 4, vr_info((enum vr)a->vr)->name, 2);
		put16(b + 6, head == 12 ? 0 : len, big);
		if (head == 12)
			put32(b + 8, len, big);
	} else {
		put32(b + 4, len, big);
	}
	b += head;
	if (a->content.n)
		memcpy(b, a->content.p, a->content.n);
	b += a->content.n;
	for (const struct added *c = a->child; c; c = c->next)
		if (!c->removed)
			b = emit(c, b);
	if (tail_of(a)) {
		uint32_t end = a->vr == VR_SQ ? TAG_SEQ_END : TAG_ITEM_END;

		put16(b, end >> 16, big);
		put16(b + 2, end & 0xFFFF, big);
		put32(b + 4, 0, big);
		b += 8;
	}
	return b;
}

/* ---- sizes ------------------------------------------------------------------------------------- */

static int propagate(struct layout *l, uint32_t node, int64_t by)
{
	if (node == NODE_META)
		return DEID_OK;
	for (; by && node != NODE_NONE; node = tree_node(&l->r->tree, node)->parent) {
		struct change *c = change_make(l->r, node);

		if (!c)
			return nomem(l);
		c->delta += by;
	}
	return DEID_OK;
}

static int measure_change(struct layout *l, struct change *c)
{
	bool inside = c->node != NODE_NONE && c->node != NODE_META;
	const struct node *n = inside ? tree_node(&l->r->tree, c->node) : NULL;

	if (layout_dead(l->r, c->node))
		return DEID_OK;
	if (c->removed)
		return propagate(l, n->parent, -(int64_t)(node_head(n) + n->len));
	if (c->stream) {
		c->delta = (int64_t)c->stream->size - (int64_t)n->len;
		return propagate(l, n->parent, c->delta);
	}
	if (c->replaced && propagate(l, n->parent, (int64_t)c->content.n - (int64_t)n->len) != DEID_OK)
		return DEID_FAILED;
	for (struct added *a = c->added; a; a = a->next)
		if (!a->removed &&
		    (measure(l, a) != DEID_OK || propagate(l, c->node, (int64_t)a->size) != DEID_OK))
			return DEID_FAILED;
	return DEID_OK;
}

/* ---- edits ------------------------------------------------------------------------------------- */

/* Where in a header the length stands, which comes last: before the value. */
static unsigned length_size(const struct node *n)
{
	return n->flags & (NODE_LONG | NODE_IMPLICIT) ? 4 : 2;
}

/* Writes the length `len` to b. */
static int put_length(struct layout *l, const struct node *n, uint64_t len, uint8_t *b)
{
	bool big = n->flags & NODE_BIG;

	if (len > (length_size(n) == 4 ? LENGTH_MAX : 0xFFFEu))
		return too_long(l);
	if (length_size(n) == 4)
		put32(b, (uint32_t)len, big);
	else
		put16(b, (unsigned)len, big);
	return DEID_OK;
}

static int edit_length(struct layout *l, uint32_t node, uint64_t len)
{
	const struct node *n = tree_node(&l->r->tree, node);
	unsigned size = length_size(n);
	uint8_t *b = bytes_new(l, size);

	if (!b)
		return nomem(l);
	if (put_length(l, n, len, b) != DEID_OK)
		return DEID_FAILED;
	return edit(l, node, node_value(n) - size, size, b, size);
}

/* Length and value in one. */
static int edit_value(struct layout *l, const struct change *c, const struct node *n)
{
	const struct content *now = &c->content;
	unsigned size = length_size(n);
	uint8_t *b;

	if (now->n == n->len && !(n->flags & NODE_UNDEFINED))
		return edit(l, c->node, node_value(n), n->len, now->p, now->n);
	if (now->n > BYTES_AT_ONCE) {
		if (edit_length(l, c->node, now->n) != DEID_OK)
			return DEID_FAILED;
		return edit(l, c->node, node_value(n), n->len, now->p, now->n);
	}
	b = bytes_new(l, size + now->n);
	if (!b)
		return nomem(l);
	if (put_length(l, n, now->n, b) != DEID_OK)
		return DEID_FAILED;
	if (now->n)
		memcpy(b + size, now->p, now->n);
	return edit(l, c->node, node_value(n) - size, size + n->len, b, size + now->n);
}

static int edit_stream(struct layout *l, const struct change *c)
{
	const struct node *n = tree_node(&l->r->tree, c->node);
	const struct stream *s = c->stream;
	bool counted = !s->undefined && (s->size != n->len || n->flags & NODE_UNDEFINED);

	if (s->vr != VR_NONE && edit(l, c->node, n->off + 4, 2, vr_info((enum vr)s->vr)->name, 2) != DEID_OK)
		return DEID_FAILED;
	if (counted && edit_length(l, c->node, s->size) != DEID_OK)
		return DEID_FAILED;
	return splice_add_writer(&l->data, node_value(n), n->len, s->write, s->arg) ? DEID_OK : nomem(l);
}

static int edit_node(struct layout *l, const struct change *c)
{
	const struct node *n;

	if (c->node == NODE_NONE || c->node == NODE_META || layout_dead(l->r, c->node))
		return DEID_OK;
	n = tree_node(&l->r->tree, c->node);
	if (c->removed)
		return edit(l, c->node, n->off, node_head(n) + n->len, NULL, 0);
	if (c->stream)
		return edit_stream(l, c);
	if (c->replaced)
		return edit_value(l, c, n);
	if (c->delta && !(n->flags & NODE_UNDEFINED))
		return edit_length(l, c->node, n->len + (uint64_t)c->delta);
	return DEID_OK;
}

/* In the order of the file, so that there is nothing to sort. */
static int edit_nodes(struct layout *l)
{
	const struct record *r = l->r;
	int rc = DEID_OK;

	for (size_t p = 0; r->page && p < r->tree.nchunk; p++)
		for (size_t i = 0; r->page[p] && i < NODE_CHUNK && rc == DEID_OK; i++)
			if (r->page[p][i])
				rc = edit_node(l, r->page[p][i]);
	return rc;
}

/* Once anything changed, an item that says too much must not: what now follows its sequence would be read as
 * part of the item by those who trust it. */
static int edit_miscounted(struct layout *l)
{
	const struct tree *t = &l->r->tree;
	int rc = DEID_OK;

	for (uint32_t i = t->meta; i < t->n && rc == DEID_OK; i++) {
		const struct change *c = change_of(l->r, i);

		if (!(tree_node(t, i)->flags & NODE_MISCOUNTED) || layout_dead(l->r, i))
			continue;
		if (!c || (!c->removed && !c->replaced && !c->delta))
			rc = edit_length(l, i, tree_node(t, i)->len);
	}
	return rc;
}

/* Where the elements of a container end, before its delimiter. */
static uint64_t end_of(const struct record *r, uint32_t node)
{
	const struct node *n;

	if (node == NODE_NONE)
		return r->tree.end;
	if (node == NODE_META)
		return r->head.data_at;
	n = tree_node(&r->tree, node);
	return node_end(n) - (n->flags & NODE_UNDEFINED ? 8 : 0);
}

/* Where a new element goes: before the first one with a higher tag. Items go last. */
static uint64_t position(const struct record *r, uint32_t node, const struct added *a)
{
	const struct tree *t = &r->tree;

	if (a->vr != VR_ITEM)
		for (uint32_t i = tree_first(t, node), stop = tree_stop(t, node); i < stop;
		     i = tree_node(t, i)->next)
			if (tree_node(t, i)->tag > a->tag)
				return tree_node(t, i)->off;
	return end_of(r, node);
}

static int edit_added(struct layout *l, const struct change *c)
{
	for (struct added *a = c->added; a; a = a->next) {
		uint8_t *b;

		if (a->removed)
			continue;
		b = l->r->host->alloc(l->r->job, (size_t)a->size);
		if (!b)
			return nomem(l);
		emit(a, b);
		if (edit(l, c->node == NODE_META ? 0 : NODE_MAX, position(l->r, c->node, a), 0, b,
			(size_t)a->size) != DEID_OK)
			return DEID_FAILED;
	}
	return DEID_OK;
}

struct deep {
	const struct change *c;
	size_t depth, order;
};

static int by_depth(const void *x, const void *y)
{
	const struct deep *a = x, *b = y;

	if (a->depth != b->depth)
		return a->depth > b->depth ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Where an item, its sequence and the next element meet at one offset, what goes into the inner one comes
 * first: so the deepest are added first. */
static int edit_all_added(struct layout *l)
{
	struct record *r = l->r;
	struct deep *list;
	size_t n = 0;
	int rc = DEID_OK;

	for (const struct change *c = r->first; c; c = c->next)
		n += c->added != NULL;
	list = r->host->alloc(r->job, (n + 2) * sizeof *list);
	if (!list)
		return nomem(l);
	n = 0;
	for (const struct change *c = r->first; c; c = c->next) {
		if (c->added && !c->removed && !layout_dead(r, c->node)) {
			list[n] = (struct deep){c, depth_of(r, c->node), n};
			n++;
		}
	}
	qsort(list, n, sizeof *list, by_depth);
	list[n++] = (struct deep){&r->meta, 0, 0};
	list[n++] = (struct deep){&r->root, 0, 0};
	for (size_t i = 0; i < n && rc == DEID_OK; i++)
		rc = edit_added(l, list[i].c);
	return rc;
}

/* ---- group lengths ----------------------------------------------------------------------------- */

int layout_number(struct layout *l, uint32_t node, uint32_t value)
{
	const struct node *n = tree_node(&l->r->tree, node);
	uint8_t *b = bytes_new(l, 4);

	if (!b)
		return nomem(l);
	put32(b, value, n->flags & NODE_BIG);
	return edit(l, node, node_value(n), 4, b, 4);
}

/* The size of a group's elements in one container, and whether anything in it changed: PS3.5 section 7.2.
 * Where a group stands there twice each length counts up to the next one. */
static bool measure_group(const struct record *r, uint32_t container, uint32_t length_node, uint64_t *size)
{
	const struct tree *t = &r->tree;
	uint32_t group = tree_node(t, length_node)->tag >> 16;
	const struct change *c = change_of(r, container);
	bool touched = false, first = true, own_part = false;

	*size = 0;
	for (uint32_t i = tree_first(t, container), stop = tree_stop(t, container); i < stop;
	     i = tree_node(t, i)->next) {
		const struct node *n = tree_node(t, i);
		const struct change *own;

		if (n->tag >> 16 != group)
			continue;
		if (n->tag == group << 16) {
			if (own_part)
				break;
			own_part = i == length_node;
			first = first && own_part;
			if (!first) {
				*size = 0;
				touched = false;
			}
			continue;
		}
		own = change_of(r, i);
		touched |= own && (own->removed || own->replaced || own->delta);
		if (own && own->removed)
			continue;
		*size += node_head(n) +
			 (own && own->replaced ? own->content.n : n->len + (uint64_t)(own ? own->delta : 0));
	}
	for (const struct added *a = c && first ? c->added : NULL; a; a = a->next) {
		if (a->tag >> 16 == group && !a->removed) {
			touched = true;
			*size += a->size;
		}
	}
	return touched;
}

static int edit_group_lengths(struct layout *l)
{
	const struct record *r = l->r;
	uint32_t n = r->tree.group_lengths ? r->tree.n : r->tree.meta;

	for (uint32_t i = 0; i < n; i++) {
		const struct node *node = tree_node(&r->tree, i);
		uint64_t size;

		if ((node->tag & 0xFFFF) != 0 || node->len != 4 || layout_dead(r, i) ||
		    element_gone(r, (struct element){i, NULL}))
			continue;
		if (!measure_group(r, i < r->tree.meta ? NODE_META : node->parent, i, &size))
			continue;
		if (size > LENGTH_MAX)
			return too_long(l);
		if (layout_number(l, i, (uint32_t)size) != DEID_OK)
			return DEID_FAILED;
	}
	return DEID_OK;
}

int layout_added(struct record *r, size_t more, struct deid_str *out, struct deid_error *err)
{
	struct layout l = {.r = r, .err = err};
	uint8_t *p, *b;
	uint64_t n = 0;

	for (struct added *a = r->root.added; a; a = a->next) {
		if (!a->removed && measure(&l, a) != DEID_OK)
			return DEID_FAILED;
		n += a->removed ? 0 : a->size;
	}
	if (n > LENGTH_MAX)
		return too_long(&l);
	p = b = r->host->alloc(r->job, (size_t)n + more);
	if (!p)
		return nomem(&l);
	for (const struct added *a = r->root.added; a; a = a->next)
		if (!a->removed)
			b = emit(a, b);
	*out = (struct deid_str){(const char *)p, (size_t)n};
	return DEID_OK;
}

int layout_make(struct layout *l, struct record *r, struct deid_error *err)
{
	int rc;

	*l = (struct layout){.r = r, .err = err};
	if (!r->changed)
		return DEID_OK;
	/* Measuring makes changes of what encloses: they come after the others in the list, and say nothing.
	 */
	rc = measure_change(l, &r->meta);
	if (rc == DEID_OK)
		rc = measure_change(l, &r->root);
	for (struct change *c = r->first; c && rc == DEID_OK; c = c->next)
		rc = measure_change(l, c);
	if (rc == DEID_OK)
		rc = edit_nodes(l);
	if (rc == DEID_OK && r->tree.miscounted)
		rc = edit_miscounted(l);
	if (rc == DEID_OK)
		rc = edit_all_added(l);
	if (rc == DEID_OK)
		rc = edit_group_lengths(l);
	if (rc == DEID_OK && r->tree.directory && !r->head.deflated)
		rc = layout_directory(l);
	return rc;
}
