/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/crypt.h"
#include <string.h>

int record_nomem(const struct record *r, struct deid_error *err)
{
	return r->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the changes of the file");
}

void record_init(
    struct record *r, const struct deid_host *host, struct deid_job *job, const struct conf *conf)
{
	memset(r, 0, sizeof *r);
	r->host = host;
	r->job = job;
	r->conf = conf;
	r->root.node = NODE_NONE;
	r->meta.node = NODE_META;
	r->last = &r->first;
	tree_init(&r->tree, host, job);
}

void record_free(struct record *r)
{
	envelope_free(r);
	restore_free(r);
	for (size_t i = 0; i < 2; i++) {
		if (r->charset[i].ready)
			charset_free(&r->charset[i].set);
		buf_free(&r->charset[i].value);
	}
	buf_free(&r->name);
	buf_free(&r->alt);
	buf_free(&r->raw);
	buf_free(&r->text);
	buf_free(&r->value);
}

/* ---- changes of nodes -------------------------------------------------------------------------- */

struct change *change_of(const struct record *r, uint32_t node)
{
	if (node == NODE_NONE)
		return (struct change *)(uintptr_t)&r->root;
	if (node == NODE_META)
		return (struct change *)(uintptr_t)&r->meta;
	if (!r->page || !(tree_node(&r->tree, node)->flags & NODE_EDITED))
		return NULL;
	return r->page[node / NODE_CHUNK][node % NODE_CHUNK];
}

#define CHANGES_AT_ONCE 32u

struct change *change_make(struct record *r, uint32_t node)
{
	struct change *c = change_of(r, node);
	struct change ***page;

	if (c)
		return c;
	if (!r->page) {
		r->page = r->host->alloc(r->job, r->tree.nchunk * sizeof *r->page);
		if (!r->page)
			return NULL;
		memset(r->page, 0, r->tree.nchunk * sizeof *r->page);
	}
	page = &r->page[node / NODE_CHUNK];
	if (!*page) {
		*page = r->host->alloc(r->job, NODE_CHUNK * sizeof **page);
		if (!*page)
			return NULL;
		memset(*page, 0, NODE_CHUNK * sizeof **page);
	}
	if (!r->spare_changes) {
		r->spare = r->host->alloc(r->job, CHANGES_AT_ONCE * sizeof *r->spare);
		if (!r->spare)
			return NULL;
		r->spare_changes = CHANGES_AT_ONCE;
	}
	c = r->spare++;
	r->spare_changes--;
	*c = (struct change){.node = node};
	*r->last = c;
	r->last = &c->next;
	(*page)[node % NODE_CHUNK] = c;
	tree_node(&r->tree, node)->flags |= NODE_EDITED;
	return c;
}

/* ---- elements and places ----------------------------------------------------------------------- */

struct added *added_first(const struct record *r, struct place p)
{
	const struct change *c;

	if (p.added)
		return p.added->child;
	c = change_of(r, p.node);
	return c ? c->added : NULL;
}

struct place place_of(const struct record *r, struct element e)
{
	uint32_t parent;

	if (e.added)
		return (struct place){e.added->node, e.added->owner};
	if (e.node < r->tree.meta)
		return (struct place){NODE_META, NULL};
	parent = tree_node(&r->tree, e.node)->parent;
	return (struct place){parent, NULL};
}

bool place_up(const struct record *r, struct place *p)
{
	struct element sequence;

	if (p->added)
		sequence = (struct element){p->added->node, p->added->owner};
	else if (p->node == NODE_NONE || p->node == NODE_META)
		return false;
	else
		sequence = (struct element){tree_node(&r->tree, p->node)->parent, NULL};
	*p = place_of(r, sequence);
	return true;
}

unsigned place_syntax(const struct record *r, struct place p)
{
	const struct node *n;

	if (p.added)
		return p.added->in;
	if (p.node == NODE_NONE)
		return r->tree.syntax;
	if (p.node == NODE_META)
		return r->tree.meta ? tree_node(&r->tree, 0)->flags & NODE_IMPLICIT ? NODE_IN_IMPLICIT : 0u
				    : 0u;
	n = tree_node(&r->tree, p.node);
	if (n->flags & NODE_PARENT)
		return n->flags & (NODE_IN_IMPLICIT | NODE_IN_BIG);
	/* An empty sequence: as the walker would have read it. */
	if (n->flags & NODE_UN)
		return NODE_IN_IMPLICIT;
	return (n->flags & NODE_IMPLICIT ? NODE_IN_IMPLICIT : 0u) | (n->flags & NODE_BIG ? NODE_IN_BIG : 0u);
}

static struct added **list_of(struct record *r, struct place p)
{
	struct change *c;

	if (p.added)
		return &p.added->child;
	c = change_make(r, p.node);
	return c ? &c->added : NULL;
}

bool added_link(struct record *r, struct added *a)
{
	struct added **at = list_of(r, (struct place){a->node, a->owner});

	if (!at)
		return false;
	while (*at && (*at)->tag <= a->tag)
		at = &(*at)->next;
	a->next = *at;
	*at = a;
	r->index.added[tag_hash(a->tag) / 64 % 64] |= (uint64_t)1 << tag_hash(a->tag) % 64;
	r->changed = true;
	return true;
}

static struct added *insert(struct record *r, struct place p, uint32_t tag, enum vr vr)
{
	struct added *a = r->host->alloc(r->job, sizeof *a);

	if (!a)
		return NULL;
	*a = (struct added){.owner = p.added, .node = p.node, .tag = tag, .vr = (uint8_t)vr};
	a->in = (uint16_t)place_syntax(r, p);
	return added_link(r, a) ? a : NULL;
}

struct added *added_new(struct record *r, struct place p, uint32_t tag, enum vr vr)
{
	return insert(r, p, tag, vr);
}

struct added *added_item(struct record *r, struct element sequence)
{
	return insert(r, (struct place){sequence.node, sequence.added}, TAG_ITEM, VR_ITEM);
}

void cursor_start(struct cursor *c, const struct record *r, struct place p)
{
	c->i = c->stop = 0;
	if (!p.added) {
		c->i = tree_first(&r->tree, p.node);
		c->stop = tree_stop(&r->tree, p.node);
	}
	c->added = added_first(r, p);
}

bool cursor_next(struct cursor *c, const struct record *r, struct element *e)
{
	while (c->i < c->stop) {
		uint32_t i = c->i;

		c->i = tree_node(&r->tree, i)->next;
		*e = (struct element){i, NULL};
		if (!node_gone(r, i))
			return true;
	}
	while (c->added) {
		struct added *a = c->added;

		c->added = a->next;
		*e = (struct element){NODE_NONE, a};
		if (!a->removed)
			return true;
	}
	return false;
}

bool place_find(const struct record *r, struct place p, uint32_t tag, struct element *e)
{
	struct cursor c;

	cursor_start(&c, r, p);
	while (cursor_next(&c, r, e))
		if (element_tag(r, *e) == tag)
			return true;
	return false;
}
