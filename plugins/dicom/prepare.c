/* SPDX-License-Identifier: MIT */
/* What the section's settings do to a file before its entries act. */
#include "plugins/dicom/record.h"

#define TAG_DOCUMENT 0x00420011u

/* Marks the creator of a private element's block, which the element is nothing without. */
static void keep_creator(struct record *r, uint32_t node)
{
	struct tree *t = &r->tree;
	uint32_t tag = tree_node(t, node)->tag, parent = tree_node(t, node)->parent;
	uint32_t creator = (tag & 0xFFFF0000u) | (tag >> 8 & 0xFF);

	for (uint32_t i = tree_first(t, parent), stop = tree_stop(t, parent); i < stop;
	     i = tree_node(t, i)->next)
		if (tree_node(t, i)->tag == creator)
			tree_node(t, i)->flags |= NODE_KEPT;
}

/* Marks an element that an entry names, and the private sequences that lead to it. */
static int keep_named(void *arg, const struct deid_field *f, struct deid_error *err)
{
	struct record *r = arg;

	(void)err;
	for (uint32_t i = (uint32_t)f->h[0]; i != NODE_NONE; i = tree_node(&r->tree, i)->parent) {
		struct node *n = tree_node(&r->tree, i);

		if (!tag_is_private(n->tag))
			continue;
		n->flags |= NODE_KEPT;
		keep_creator(r, i);
	}
	return DEID_OK;
}

/* All private elements at all levels, but for those that are named one by one. */
static int remove_private(struct record *r, struct deid_error *err)
{
	const struct conf *c = r->conf;
	struct tree *t = &r->tree;

	for (size_t i = 0; i < c->nentry; i++) {
		const struct path *p = c->entry[i].path;

		if (!p || p->wild || p->meta || c->entry[i].flags & DEID_ENTRY_QUERY)
			continue;
		if (record_find(r, p, keep_named, r, err) != DEID_OK)
			return DEID_FAILED;
	}
	for (uint32_t i = t->meta; i < t->n;) {
		const struct node *n = tree_node(t, i);

		if (!tag_is_private(n->tag) || n->flags & NODE_KEPT) {
			i++;
			continue;
		}
		if (element_remove(r, (struct element){i, NULL}, err) != DEID_OK)
			return DEID_FAILED;
		i = n->next;
	}
	return DEID_OK;
}

static bool is_named(const struct conf *c, uint32_t tag)
{
	for (size_t i = 0; i < c->nentry; i++) {
		const struct path *p = c->entry[i].path;

		if (p && p->n == 1 && p->s[0].tag == tag && !(c->entry[i].flags & DEID_ENTRY_QUERY))
			return true;
	}
	return false;
}

/* A document (PDF, CDA, …) inside the file is text that no entry looks into. */
static int judge_document(struct record *r, struct deid_error *err)
{
	struct element e;

	if (r->conf->document == DOCUMENT_KEEP ||
	    !place_find(r, (struct place){NODE_NONE, NULL}, TAG_DOCUMENT, &e) ||
	    is_named(r->conf, TAG_DOCUMENT))
		return DEID_OK;
	if (r->conf->document == DOCUMENT_REMOVE)
		return element_remove(r, e, err);
	return r->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED,
	    "the file holds an encapsulated document, and the profile says nothing about it (an entry "
	    "EncapsulatedDocument, or encapsulated-document: keep or remove)");
}

int record_prepare(struct record *r, struct deid_error *err)
{
	if (!r->conf->section)
		return DEID_OK;
	if (mask_choose(r, err) != DEID_OK)
		return DEID_FAILED;
	if (r->conf->remove_private && remove_private(r, err) != DEID_OK)
		return DEID_FAILED;
	if (r->conf->age && age_set(r, err) != DEID_OK)
		return DEID_FAILED;
	if (r->conf->defined_only && undefined_remove(r, err) != DEID_OK)
		return DEID_FAILED;
	return judge_document(r, err);
}
