/* SPDX-License-Identifier: MIT */
/*
 * `remove-undefined`: only the elements that entries name stay, with the sequences that lead to them.
 *
 * Everything named is marked first, from all entries, then one pass takes out the rest. Items of a sequence
 * that stays are never taken out, only emptied: entries name items by number.
 */
#include "core/util/str.h"
#include "plugins/dicom/crypt.h"
#include <string.h>

#define TAG_AGE 0x00101010u

/* ---- marking ----------------------------------------------------------------------------------- */

struct naming {
	struct record *r;
	const struct deid_entry *entry;
	bool whole; /* a sequence stays with all it holds */
};

static void name_node(struct record *r, uint32_t i)
{
	/* What is around a marked node is marked. */
	while (i != NODE_NONE && !(tree_node(&r->tree, i)->flags & NODE_NAMED)) {
		tree_node(&r->tree, i)->flags |= NODE_NAMED;
		i = tree_node(&r->tree, i)->parent;
	}
}

static int name_field(void *arg, const struct deid_field *f, struct deid_error *err)
{
	struct naming *n = arg;
	struct tree *t = &n->r->tree;
	struct added *a = (struct added *)f->h[1];
	uint32_t i = (uint32_t)f->h[0];

	(void)err;
	if (a) {
		a->named = true;
		return DEID_OK;
	}
	if (n->whole)
		for (uint32_t k = i + 1; k < tree_node(t, i)->next; k++)
			tree_node(t, k)->flags |= NODE_NAMED;
	name_node(n->r, i);
	return DEID_OK;
}

static int name_matching(void *arg, const struct deid_field *f, struct deid_error *err)
{
	struct naming *n = arg;
	bool hit;

	if (n->r->host->names(n->r->job, n->entry->id, f, &hit, err) != DEID_OK)
		return DEID_FAILED;
	return hit ? name_field(arg, f, err) : DEID_OK;
}

/* The sequences in which the entry will create its field, where they are there already. */
static int name_ways(struct naming *n, const struct path *p, struct deid_error *err)
{
	struct path *way = n->r->host->alloc(n->r->job, sizeof *p + p->n * sizeof p->s[0]);

	if (!way)
		return record_nomem(n->r, err);
	memcpy(way, p, sizeof *p + p->n * sizeof p->s[0]);
	n->whole = false;
	while (--way->n)
		if (record_find(n->r, way, name_field, n, err) != DEID_OK)
			return DEID_FAILED;
	return DEID_OK;
}

static int name_by(struct record *r, const struct deid_entry *e, struct deid_error *err)
{
	const struct path *p = e->path;
	struct naming n = {r, e, false};

	if (!(e->flags & DEID_ENTRY_QUERY))
		n.whole = e->flags & DEID_ENTRY_OFF || !strcmp(e->action, "keep");
	if (!p)
		return record_each(r, name_matching, &n, err);
	if (p->meta)
		return DEID_OK;
	if (record_find(r, p, name_field, &n, err) != DEID_OK)
		return DEID_FAILED;
	return p->n > 1 && conf_creates(r->conf, e) ? name_ways(&n, p, err) : DEID_OK;
}

/* Through it decrypt entries reach what they name. */
static void name_encrypted(struct record *r)
{
	const struct tree *t = &r->tree;

	for (uint32_t i = t->meta; i < t->n; i = tree_node(t, i)->next)
		if (tree_node(t, i)->tag == TAG_ENCRYPTED)
			for (uint32_t k = i; k < tree_node(t, i)->next; k++)
				tree_node(t, k)->flags |= NODE_NAMED;
}

/* PS3.5 section 7.8.1: a private element is nothing without the creator of its block. */
static void name_creators(struct record *r)
{
	struct tree *t = &r->tree;
	uint32_t parent = NODE_META, block = 0;

	for (uint32_t i = t->meta; i < t->n; i++) {
		const struct node *n = tree_node(t, i);
		uint32_t creator = (n->tag & 0xFFFF0000u) | (n->tag >> 8 & 0xFF);

		if (!(n->flags & NODE_NAMED) || !tag_is_private(n->tag) || (n->tag & 0xFFFF) < 0x1000)
			continue;
		if (n->parent == parent && creator == block)
			continue;
		parent = n->parent;
		block = creator;
		for (uint32_t k = tree_first(t, parent), stop = tree_stop(t, parent); k < stop;
		     k = tree_node(t, k)->next)
			if (tree_node(t, k)->tag == creator)
				tree_node(t, k)->flags |= NODE_NAMED;
	}
}

/* ---- taking out -------------------------------------------------------------------------------- */

static int take_out(struct record *r, struct deid_error *err)
{
	struct tree *t = &r->tree;
	struct added *a;

	for (uint32_t i = t->meta; i < t->n;) {
		const struct node *n = tree_node(t, i);
		bool waits = n->tag == TAG_CHARSET && !(n->flags & NODE_PARENT);

		/* An item that is met here is in a sequence that stays. */
		if (n->tag == TAG_ITEM || n->flags & NODE_NAMED || waits) {
			i++;
			continue;
		}
		if (element_remove(r, (struct element){i, NULL}, err) != DEID_OK)
			return DEID_FAILED;
		i = n->next;
	}
	for (a = added_first(r, (struct place){NODE_NONE, NULL}); a; a = a->next)
		if (!a->named && element_remove(r, (struct element){NODE_NONE, a}, err) != DEID_OK)
			return DEID_FAILED;
	return DEID_OK;
}

/* ---- elements that pixels are decoded with ----------------------------------------------------- */

/* PS3.3 section C.7.6.3: without one of these nobody can read Pixel Data. */
static const struct {
	uint32_t tag;
	const char *keyword;
} decoding[] = {
    {0x00280002, "SamplesPerPixel"},
    {0x00280004, "PhotometricInterpretation"},
    {0x00280010, "Rows"},
    {0x00280011, "Columns"},
    {0x00280100, "BitsAllocated"},
    {0x00280101, "BitsStored"},
    {0x00280102, "HighBit"},
    {0x00280103, "PixelRepresentation"},
};

static bool top_named(const struct record *r, uint32_t tag)
{
	const struct tree *t = &r->tree;

	for (uint32_t i = t->meta; i < t->n; i = tree_node(t, i)->next)
		if (tree_node(t, i)->tag == tag)
			return tree_node(t, i)->flags & NODE_NAMED;
	return false;
}

static bool has_regex(const struct conf *c)
{
	for (size_t i = 0; i < c->nentry; i++)
		if (!c->entry[i].path)
			return true;
	return false;
}

/* What a regex names is known when there is a file; without any, the profile has been warned already. */
static void warn_of_pixels(struct record *r)
{
	static const struct deid_str pixels = {"PixelData", 9};

	if (!has_regex(r->conf) || !top_named(r, TAG_PIXELS))
		return;
	for (size_t i = 0; i < sizeof decoding / sizeof *decoding; i++)
		if (!top_named(r, decoding[i].tag))
			r->host->warn(r->job, pixels,
			    "it stays, and %s goes, without which it cannot be read", decoding[i].keyword);
}

int undefined_remove(struct record *r, struct deid_error *err)
{
	for (size_t i = 0; i < r->conf->nentry; i++)
		if (name_by(r, &r->conf->entry[i], err) != DEID_OK)
			return DEID_FAILED;
	if (crypt_decrypts(r->conf))
		name_encrypted(r);
	name_creators(r);
	warn_of_pixels(r);
	return take_out(r, err);
}

/* The first entry that lets the element stay; NULL: none. */
static const struct deid_entry *entry_of(const struct conf *c, uint32_t tag)
{
	for (size_t i = 0; i < c->nentry; i++) {
		const struct deid_entry *e = &c->entry[i];
		const struct path *p = e->path;
		bool goes = !(e->flags & DEID_ENTRY_OFF) && !strcmp(e->action, "remove");

		if (p && p->n == 1 && !p->s[0].creator.n && !goes &&
		    (tag & p->s[0].mask) == (p->s[0].tag & p->s[0].mask))
			return e;
	}
	return NULL;
}

void undefined_caution(const struct conf *c, struct deid_error *err)
{
	const struct deid_entry *pixels = entry_of(c, TAG_PIXELS);

	if (has_regex(c))
		return;
	if (c->age && !entry_of(c, TAG_AGE))
		c->host->caution(err, c->host->node_get(c->section, "patient-age-from-birthdate"),
		    "\"remove-undefined\" takes out PatientAge again: no entry names it");
	if (!pixels)
		return;
	for (size_t i = 0; i < sizeof decoding / sizeof *decoding; i++)
		if (!entry_of(c, decoding[i].tag))
			c->host->caution(err, pixels->node,
			    "\"remove-undefined\" takes out %s, without which PixelData cannot be read",
			    decoding[i].keyword);
}

/* ---- Specific Character Set -------------------------------------------------------------------- */

/* One data set: whether its text, or that of items without a set of their own, needs more than ASCII. A set
 * of its own that no entry names goes when nothing needs it. Depth: that of sequences. */
static int settle(struct record *r, struct place p, bool *needed, struct deid_error *err);

static int settle_items(struct record *r, struct element e, bool *needed, struct deid_error *err)
{
	struct cursor c;
	struct element item;
	int rc = DEID_OK;

	cursor_start(&c, r, (struct place){e.node, e.added});
	while (rc == DEID_OK && cursor_next(&c, r, &item))
		rc = settle(r, (struct place){item.node, item.added}, needed, err);
	return rc;
}

static int settle_text(struct record *r, struct element e, bool *needed, struct deid_error *err)
{
	struct deid_str raw;

	if (*needed || !(vr_info(element_vr(r, e))->flags & VR_F_CHARSET) || !element_length(r, e))
		return DEID_OK;
	if (element_bytes(r, e, &raw, err) != DEID_OK)
		return DEID_FAILED;
	*needed = !charset_is_ascii(raw);
	return DEID_OK;
}

static int settle(struct record *r, struct place p, bool *needed, struct deid_error *err)
{
	struct element e, set = {NODE_NONE, NULL};
	struct cursor c;
	bool own = false, here = false;
	int rc = DEID_OK;

	cursor_start(&c, r, p);
	while (rc == DEID_OK && cursor_next(&c, r, &e)) {
		if (element_tag(r, e) == TAG_CHARSET && !own) {
			own = true;
			set = e;
		}
		if (element_is_sequence(r, e))
			rc = settle_items(r, e, &here, err);
		else
			rc = settle_text(r, e, &here, err);
	}
	if (!own)
		*needed |= here;
	/* Not as element_remove() does it: all text in its scope is ASCII, so nothing has to be converted. */
	else if (rc == DEID_OK && !here && !set.added &&
		 !(tree_node(&r->tree, set.node)->flags & NODE_NAMED)) {
		struct change *change = change_make(r, set.node);

		if (!change)
			return record_nomem(r, err);
		change->removed = true;
		r->changed = true;
	}
	return rc;
}

int undefined_finish(struct record *r, struct deid_error *err)
{
	bool needed = false;

	return settle(r, (struct place){NODE_NONE, NULL}, &needed, err);
}
