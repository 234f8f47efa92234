/* SPDX-License-Identifier: MIT */
/*
 * decrypt: what an item of Encrypted Attributes Sequence holds is read as a file of its own, in which an
 * entry finds its fields as it finds them in a file, and which come back to where they were.
 *
 * An item stays as it is until nothing in it is left to restore: every element of it was restored, or is in
 * the file with the same value. Of several items that hold one element the first has the last word: what was
 * encrypted first is the original.
 */
#include "core/util/str.h"
#include "plugins/dicom/copy.h"
#include "plugins/dicom/crypt.h"
#include "plugins/dicom/deflate.h"
#include "plugins/dicom/walk.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

static const struct place top = {NODE_NONE, NULL};

/* One item. */
struct opened {
	struct element item;
	size_t number;
	struct record *rec;  /* what it holds, at the top; NULL: no key has opened it yet */
	bool set_outside;    /* the record's first element is the character set of what is around it */
	struct deid_str uid; /* its transfer syntax */
};

void restore_free(struct record *r)
{
	for (size_t i = 0; i < r->nopened; i++)
		if (r->opened[i].rec)
			record_free(r->opened[i].rec);
	r->nopened = 0;
}

/* ---- errors ------------------------------------------------------------------------------------- */

/* Says where an item is. */
static int at_item(
    struct record *r, size_t number, const char *element, uint64_t offset, struct deid_error *err)
{
	char text[96];
	int n = snprintf(text, sizeof text, "EncryptedAttributesSequence.%zu%s", number, element);

	r->host->at(err, (struct deid_str){text, n > 0 && (size_t)n < sizeof text ? (size_t)n : 0}, offset);
	return DEID_FAILED;
}

static uint64_t offset_of(const struct record *r, struct element e)
{
	return e.added ? UINT64_MAX : tree_node(&r->tree, e.node)->off;
}

static int malformed(struct record *r, const struct opened *o, const char *why, struct deid_error *err)
{
	r->host->fail(err, DEID_FAILED, DEID_E_FORMAT, "%s", why);
	return at_item(r, o->number, ".EncryptedContent", offset_of(r, o->item), err);
}

/* ---- reading what was encrypted ----------------------------------------------------------------- */

/* The data set in its transfer syntax, walked. */
static int walk_plain(
    struct record *r, struct opened *o, struct deid_str plain, struct tree *t, struct deid_error *err)
{
	bool deflated;
	unsigned in = head_syntax(o->uid, &deflated);

	tree_init(t, r->host, r->job);
	if (in == (unsigned)-1)
		return malformed(r, o, "EncryptedContentTransferSyntaxUID names no transfer syntax", err);
	t->syntax = in;
	t->data = r->host->src_mem(r->job, plain.p, plain.n);
	if (!t->data)
		return record_nomem(r, err);
	if (deflated && deflate_open(r->host, r->job, t->data, 0, &t->data, err) != DEID_OK)
		return at_item(r, o->number, ".EncryptedContent", UINT64_MAX, err);
	t->file = t->data;
	if (walk_data(t, 0, err) != DEID_OK)
		return at_item(r, o->number, ".EncryptedContent", UINT64_MAX, err);
	return t->trailing ? malformed(r, o, "what is encrypted is no data set to its end", err) : DEID_OK;
}

static uint32_t find_node(const struct tree *t, uint32_t parent, uint32_t tag)
{
	for (uint32_t i = tree_first(t, parent), stop = tree_stop(t, parent); i < stop;
	     i = tree_node(t, i)->next)
		if (tree_node(t, i)->tag == tag)
			return i;
	return NODE_NONE;
}

static int read_span(struct record *r, const struct tree *t, uint64_t from, uint64_t to, struct deid_str *out,
    struct deid_error *err)
{
	uint8_t *p = r->host->alloc(r->job, (size_t)(to - from));

	if (!p)
		return record_nomem(r, err);
	*out = (struct deid_str){(const char *)p, (size_t)(to - from)};
	return r->host->src_read(t->data, from, p, out->n, err);
}

/* Ours say what they were when they were encrypted. */
static int check_digest(
    struct record *r, struct opened *o, const struct tree *t, uint32_t sequence, struct deid_error *err)
{
	uint32_t creator = find_node(t, NODE_NONE, TAG_DIGEST_CREATOR),
		 node = find_node(t, NODE_NONE, TAG_DIGEST);
	const struct node *n;
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct deid_str name, is, was;

	if (creator == NODE_NONE || node == NODE_NONE || tree_node(t, node)->len != DIGEST_SIZE)
		return DEID_OK;
	n = tree_node(t, creator);
	if (read_span(r, t, node_value(n), node_end(n), &name, err) != DEID_OK)
		return DEID_FAILED;
	if (!str_eqz(name, DIGEST_CREATOR))
		return DEID_OK;
	n = tree_node(t, node);
	if (read_span(r, t, node_value(n), node_end(n), &was, err) != DEID_OK)
		return DEID_FAILED;
	n = tree_node(t, sequence);
	if (read_span(r, t, n->off, node_end(n), &is, err) != DEID_OK)
		return DEID_FAILED;
	if (EVP_Digest(is.p, is.n, digest, NULL, EVP_sha256(), NULL) != 1)
		return record_nomem(r, err);
	if (!CRYPTO_memcmp(digest, was.p, DIGEST_SIZE))
		return DEID_OK;
	r->host->fail(err, DEID_FAILED, DEID_E_KEY, "the encrypted content was changed");
	return at_item(r, o->number, ".EncryptedContent", offset_of(r, o->item), err);
}

/* The item's bytes, behind the character set of the data set around it, which applies to them. */
static int item_bytes(struct record *r, struct opened *o, const struct tree *t, uint32_t item,
    struct deid_str *out, struct deid_error *err)
{
	const struct node *n = tree_node(t, item), *set = NULL;
	uint64_t from = node_value(n), to = node_end(n) - (n->flags & NODE_UNDEFINED ? 8 : 0);
	uint32_t outer = find_node(t, NODE_NONE, TAG_CHARSET);
	size_t front = 0;
	uint8_t *p;

	if (outer != NODE_NONE && find_node(t, item, TAG_CHARSET) == NODE_NONE &&
	    (n->flags & (NODE_IN_IMPLICIT | NODE_IN_BIG)) == t->syntax) {
		set = tree_node(t, outer);
		front = (size_t)(node_end(set) - set->off);
		o->set_outside = true;
	}
	p = r->host->alloc(r->job, front + (size_t)(to - from));
	if (!p)
		return record_nomem(r, err);
	*out = (struct deid_str){(const char *)p, front + (size_t)(to - from)};
	if (set && r->host->src_read(t->data, set->off, p, front, err) != DEID_OK)
		return DEID_FAILED;
	return r->host->src_read(t->data, from, p + front, (size_t)(to - from), err);
}

/* The elements of the Modified Attributes Sequence's item as a record. */
static int open_record(
    struct record *r, struct opened *o, struct deid_str bytes, unsigned in, struct deid_error *err)
{
	struct record *rec = r->host->alloc(r->job, sizeof *rec);
	struct tree *t;
	int rc;

	if (!rec)
		return record_nomem(r, err);
	record_init(rec, r->host, r->job, r->conf);
	rec->err = err;
	t = &rec->tree;
	t->syntax = in;
	t->data = t->file = r->host->src_mem(r->job, bytes.p, bytes.n);
	if (!t->data) {
		rc = record_nomem(r, err);
	} else if (walk_data(t, 0, err) != DEID_OK) {
		rc = at_item(r, o->number, ".EncryptedContent", UINT64_MAX, err);
	} else {
		rc = t->trailing ? malformed(r, o, "what is encrypted is no data set to its end", err)
				 : DEID_OK;
		for (uint32_t i = 0; i < t->n && rc == DEID_OK; i++)
			if (tree_node(t, i)->tag >> 16 == 0x0002)
				rc = malformed(
				    r, o, "file meta information is among the encrypted attributes", err);
	}
	if (rc != DEID_OK) {
		record_free(rec);
		return rc;
	}
	o->rec = rec;
	return DEID_OK;
}

static int read_plain(struct record *r, struct opened *o, struct deid_str plain, struct deid_error *err)
{
	struct tree t;
	struct deid_str bytes = {NULL, 0};
	uint32_t sequence, item;

	if (walk_plain(r, o, plain, &t, err) != DEID_OK)
		return DEID_FAILED;
	sequence = find_node(&t, NODE_NONE, TAG_MODIFIED);
	if (sequence == NODE_NONE || !(tree_node(&t, sequence)->flags & NODE_PARENT))
		return malformed(
		    r, o, "what is encrypted has no ModifiedAttributesSequence (0400,0550)", err);
	item = sequence + 1;
	if (item >= tree_node(&t, sequence)->next ||
	    tree_node(&t, item)->next != tree_node(&t, sequence)->next)
		return malformed(r, o, "ModifiedAttributesSequence (0400,0550) does not have one item", err);
	if (check_digest(r, o, &t, sequence, err) != DEID_OK ||
	    item_bytes(r, o, &t, item, &bytes, err) != DEID_OK)
		return DEID_FAILED;
	return open_record(r, o, bytes, tree_node(&t, item)->flags & (NODE_IN_IMPLICIT | NODE_IN_BIG), err);
}

/* ---- items -------------------------------------------------------------------------------------- */

static int find_items(struct record *r, struct deid_error *err)
{
	struct element sequence, item;
	struct cursor c;
	size_t n = 0;

	if (r->opened || !place_find(r, top, TAG_ENCRYPTED, &sequence))
		return DEID_OK;
	cursor_start(&c, r, (struct place){sequence.node, sequence.added});
	while (element_is_sequence(r, sequence) && cursor_next(&c, r, &item))
		n++;
	if (!n) {
		r->host->fail(
		    err, DEID_FAILED, DEID_E_FORMAT, "EncryptedAttributesSequence (0400,0500) has no item");
		r->host->at(
		    err, (struct deid_str){"EncryptedAttributesSequence", 27}, offset_of(r, sequence));
		return DEID_FAILED;
	}
	r->opened = r->host->alloc(r->job, n * sizeof *r->opened);
	if (!r->opened)
		return record_nomem(r, err);
	memset(r->opened, 0, n * sizeof *r->opened);
	cursor_start(&c, r, (struct place){sequence.node, sequence.added});
	for (r->nopened = 0; r->nopened < n && cursor_next(&c, r, &item); r->nopened++) {
		r->opened[r->nopened].item = item;
		r->opened[r->nopened].number = r->nopened;
	}
	return DEID_OK;
}

static int read_syntax(struct record *r, struct opened *o, struct deid_error *err)
{
	struct deid_str uid;
	int rc;

	if (place_text(r, (struct place){o->item.node, o->item.added}, TAG_ENCRYPTED_SYNTAX, &r->value, &uid,
		&rc, err)) {
		o->uid = r->host->dup(r->job, uid);
		return o->uid.p ? DEID_OK : record_nomem(r, err);
	}
	if (rc != DEID_OK)
		return rc;
	r->host->fail(
	    err, DEID_FAILED, DEID_E_FORMAT, "the item has no EncryptedContentTransferSyntaxUID (0400,0510)");
	return at_item(r, o->number, "", offset_of(r, o->item), err);
}

static int open_item(
    struct record *r, struct opened *o, const struct cms_keys *keys, enum cms_rc *how, struct deid_error *err)
{
	struct element e;
	struct deid_str content, plain;

	if (!place_find(r, (struct place){o->item.node, o->item.added}, TAG_ENCRYPTED_CONTENT, &e) ||
	    element_is_sequence(r, e) || !element_length(r, e)) {
		r->host->fail(
		    err, DEID_FAILED, DEID_E_FORMAT, "the item has no EncryptedContent (0400,0520)");
		return at_item(r, o->number, "", offset_of(r, o->item), err);
	}
	if (read_syntax(r, o, err) != DEID_OK || element_bytes(r, e, &content, err) != DEID_OK)
		return DEID_FAILED;
	*how = cms_open(r->host, r->job, keys, content, &plain);
	switch (*how) {
	case CMS_OPENED:
		return read_plain(r, o, plain, err);
	case CMS_NOT_CMS:
		r->host->fail(
		    err, DEID_FAILED, DEID_E_FORMAT, "EncryptedContent (0400,0520) is no CMS EnvelopedData");
		return at_item(r, o->number, ".EncryptedContent", offset_of(r, e), err);
	case CMS_NO_MEMORY:
		return record_nomem(r, err);
	default:
		return DEID_OK;
	}
}

/* Items may be for different recipients: one that this key opens is enough. */
static int open_items(struct record *r, const struct cms_keys *keys, struct deid_error *err)
{
	enum cms_rc how = CMS_OPENED, worst = CMS_NO_KEY;
	size_t n = 0, changed = 0;

	for (size_t i = 0; i < r->nopened; i++) {
		struct opened *o = &r->opened[i];

		if (!o->rec && open_item(r, o, keys, &how, err) != DEID_OK)
			return DEID_FAILED;
		n += o->rec != NULL;
		if (!o->rec && how == CMS_CHANGED) {
			worst = how;
			changed = i;
		}
	}
	if (n && worst == CMS_CHANGED)
		r->host->warn(r->job, (struct deid_str){"EncryptedAttributesSequence", 27},
		    "item %zu is for another key, or was changed: it is left alone", changed);
	if (n || !r->nopened)
		return DEID_OK;
	r->host->fail(err, DEID_FAILED, DEID_E_KEY,
	    worst == CMS_NO_KEY
		? "the key is none of those that EncryptedAttributesSequence was encrypted for"
		: "the key is another one, or the encrypted content was changed");
	return at_item(r, changed, ".EncryptedContent", offset_of(r, r->opened[changed].item), err);
}

/* ---- putting back ------------------------------------------------------------------------------- */

struct restoring {
	struct record *r;
	struct opened *o;
	const struct deid_entry *entry;
};

static int cannot(struct record *r, const char *why, struct deid_error *err)
{
	return r->host->fail(err, DEID_FAILED, DEID_E_FIELD, "%s", why);
}

/* The block of a private element: the one that its creator has in the file, else the same. */
static int settle_block(
    struct restoring *t, struct place from, struct place to, uint32_t *tag, struct deid_error *err)
{
	struct record *r = t->r;
	uint32_t creator = (*tag & 0xFFFF0000u) | (*tag >> 8 & 0xFF);
	struct selector s = {.tag = *tag & 0xFFFF00FFu};
	struct element e;
	struct cursor c;
	struct match m;
	int rc;

	if (!tag_is_private(*tag) || (*tag & 0xFFFF) < 0x1000 ||
	    !place_text(t->o->rec, from, creator, &r->name, &s.creator, &rc, err))
		return DEID_OK;
	if (match_start(&m, r, to, &s, err) != DEID_OK)
		return DEID_FAILED;
	if (match_tag(&m, *tag))
		return DEID_OK;
	for (unsigned b = 0x10; b <= 0xFF; b++) {
		if (m.block[b / 8] >> b % 8 & 1) {
			*tag = (*tag & 0xFFFF00FFu) | b << 8;
			return DEID_OK;
		}
	}
	cursor_start(&c, r, to);
	while (cursor_next(&c, r, &e))
		if (element_tag(r, e) == creator || (element_tag(r, e) & 0xFFFFFF00u) == (*tag & 0xFFFFFF00u))
			return cannot(r, "the block of the private element has been taken by another", err);
	if (!place_find(t->o->rec, from, creator, &e))
		return DEID_OK;
	e.added = element_copy(t->o->rec, e, r, to, 0, err);
	if (!e.added)
		return DEID_FAILED;
	r->creator.ready = false;
	return added_link(r, e.added) ? DEID_OK : record_nomem(r, err);
}

/* The data set in the file that the field goes into, and the one it comes from. */
static int go_there(
    struct restoring *t, struct deid_str alt, struct place *from, struct place *to, struct deid_error *err)
{
	struct record *r = t->r, *rec = t->o->rec;
	struct step *way;
	size_t n;

	*from = *to = top;
	if (!way_parse(r, alt, &way, &n))
		return record_nomem(r, err);
	for (size_t i = 0; i < n; i++) {
		uint32_t tag = way[i].tag;
		struct element inner, e;

		if (!place_find(rec, *from, tag, &inner))
			return r->host->fail(
			    err, DEID_FAILED, DEID_E_INTERNAL, "a field is not where its name says");
		if (settle_block(t, *from, *to, &tag, err) != DEID_OK)
			return DEID_FAILED;
		if (!place_find(r, *to, tag, &e)) {
			e = (struct element){NODE_NONE, added_new(r, *to, tag, VR_SQ)};
			if (!e.added)
				return record_nomem(r, err);
			e.added->undefined = tree_node(&rec->tree, inner.node)->flags & NODE_UNDEFINED;
		}
		if (!element_is_sequence(r, e))
			return cannot(r, "the element that should hold it is no sequence", err);
		if (way_item(rec, inner, way[i].item, from, err) != DEID_OK ||
		    way_item(r, e, way[i].item, to, err) != DEID_OK)
			return DEID_FAILED;
	}
	return DEID_OK;
}

/* A tag may stand in a data set more than once: which of them it is. */
static size_t rank_of(const struct record *rec, struct place p, uint32_t node)
{
	const struct tree *t = &rec->tree;
	size_t n = 0;

	for (uint32_t i = tree_first(t, p.node); i < node; i = tree_node(t, i)->next)
		n += tree_node(t, i)->tag == tree_node(t, node)->tag;
	return n;
}

static bool find_rank(const struct record *r, struct place p, uint32_t tag, size_t rank, struct element *e)
{
	struct cursor c;

	cursor_start(&c, r, p);
	while (cursor_next(&c, r, e))
		if (element_tag(r, *e) == tag && !rank--)
			return true;
	return false;
}

/* Encapsulated pixels are of one transfer syntax only. */
static int check_fragments(struct restoring *t, uint32_t node, struct deid_error *err)
{
	const struct tree *tree = &t->o->rec->tree;
	struct deid_str uid;
	int rc;

	for (uint32_t i = node; i < tree_node(tree, node)->next; i++) {
		if (!(tree_node(tree, i)->flags & NODE_FRAGMENTS))
			continue;
		if (place_text(
			t->r, (struct place){NODE_META, NULL}, 0x00020010u, &t->r->value, &uid, &rc, err) &&
		    str_eq(uid, t->o->uid))
			return DEID_OK;
		return rc != DEID_OK
			   ? rc
			   : t->r->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED,
				 "the encrypted pixel data are in another transfer syntax than the file");
	}
	return DEID_OK;
}

/* Replaces what is there. */
static int put(struct restoring *t, struct element was, bool there, struct added *a, struct deid_error *err)
{
	struct record *r = t->r;
	const struct node *n = there && !was.added ? tree_node(&r->tree, was.node) : NULL;

	if (a->tag == TAG_CHARSET) {
		r->charset_changed = true;
		r->tree.nested_charset |= a->owner || a->node != NODE_NONE;
	}
	if (n && !(n->flags & (NODE_PARENT | NODE_FRAGMENTS | NODE_UN)) && !a->undefined && a->vr != VR_SQ &&
	    (n->flags & NODE_IMPLICIT || n->vr == a->vr))
		return element_put(r, was, &a->content, err);
	if (there && element_remove(r, was, err) != DEID_OK)
		return DEID_FAILED;
	return added_link(r, a) ? DEID_OK : record_nomem(r, err);
}

static int read_value(
    struct record *r, struct element e, struct deid_value *v, bool there, struct deid_error *err)
{
	*v = (struct deid_value){.size = sizeof *v};
	return there ? content_get(r, e, v, err) : DEID_OK;
}

static int restore_element(
    struct restoring *t, const struct deid_field *f, uint32_t node, struct deid_error *err)
{
	struct record *r = t->r, *rec = t->o->rec;
	struct deid_result result = {.size = sizeof result, .verdict = DEID_CHANGE, .by = t->entry->id};
	uint32_t tag = tree_node(&rec->tree, node)->tag;
	struct place from, to;
	struct deid_value was;
	struct element e;
	struct added *a;
	size_t rank;
	bool there;

	if (check_fragments(t, node, err) != DEID_OK || go_there(t, f->alt, &from, &to, err) != DEID_OK)
		return DEID_FAILED;
	rank = rank_of(rec, from, node);
	if (settle_block(t, from, to, &tag, err) != DEID_OK)
		return DEID_FAILED;
	there = find_rank(r, to, tag, rank, &e);
	if (read_value(r, e, &was, there, err) != DEID_OK)
		return DEID_FAILED;
	a = element_copy(rec, (struct element){node, NULL}, r, to, 0, err);
	if (!a)
		return DEID_FAILED;
	a->tag = tag;
	a->named = true;
	if (put(t, e, there, a, err) != DEID_OK)
		return DEID_FAILED;
	for (uint32_t i = node; i < tree_node(&rec->tree, node)->next; i++)
		tree_node(&rec->tree, i)->flags |= NODE_KEPT;
	if (read_value(r, (struct element){NODE_NONE, a}, &result.value, true, err) != DEID_OK)
		return DEID_FAILED;
	r->host->acted(r->job, t->entry->id, f, there ? &was : NULL, &result);
	return DEID_OK;
}

static int visit(void *arg, const struct deid_field *f, struct deid_error *err)
{
	struct restoring *t = arg;
	uint32_t node = (uint32_t)f->h[0];

	uint32_t parent = tree_node(&t->o->rec->tree, node)->parent;

	if (t->o->set_outside && node == 0)
		return DEID_OK;
	/* It came back with the sequence around it. */
	if (parent != NODE_NONE && tree_node(&t->o->rec->tree, parent)->flags & NODE_KEPT)
		return DEID_OK;
	return restore_element(t, f, node, err);
}

int restore_entry(struct record *r, const struct deid_entry *entry, struct deid_error *err)
{
	if (find_items(r, err) != DEID_OK || open_items(r, crypt_keys(r->conf, entry), err) != DEID_OK)
		return DEID_FAILED;
	for (size_t i = r->nopened; i-- > 0;) {
		struct restoring t = {r, &r->opened[i], entry};

		if (!t.o->rec)
			continue;
		t.o->rec->err = err;
		if (crypt_each(t.o->rec, entry, visit, &t, err) != DEID_OK)
			return DEID_FAILED;
	}
	return DEID_OK;
}

/* ---- what is left ------------------------------------------------------------------------------- */

/* Whether an element of the file has the value that is encrypted. */
static int compare(struct record *r, struct opened *o, struct element e, uint32_t node, struct place in,
    bool *same, struct deid_error *err)
{
	const struct node *n = tree_node(&o->rec->tree, node);
	struct deid_str bytes;
	struct added *a;

	*same = false;
	if (element_is_sequence(r, e) || (r->charset_changed ? 0 : element_length(r, e) != n->len))
		return DEID_OK;
	a = element_copy(r, e, o->rec, in, COPY_LENIENT, err);
	if (!a || element_bytes(o->rec, (struct element){node, NULL}, &bytes, err) != DEID_OK)
		return DEID_FAILED;
	*same = a->content.n == bytes.n && (!bytes.n || !memcmp(a->content.p, bytes.p, bytes.n));
	return DEID_OK;
}

/* A character set says how the others are written. By itself it is a value. */
static bool is_carrier(const struct tree *t, uint32_t i)
{
	return tree_node(t, i)->tag == TAG_CHARSET && tree_node(t, i)->parent == NODE_NONE && t->n > 1;
}

/* Depth: that of sequences in the item. `there`: the file has the data set `to`. */
static int find_left(struct record *r, struct opened *o, struct place in, bool there, struct place to,
    bool *left, struct deid_error *err);

static int left_items(struct record *r, struct opened *o, uint32_t sequence, struct element e, bool *left,
    struct deid_error *err)
{
	const struct tree *t = &o->rec->tree;
	struct cursor c;
	struct element item;

	cursor_start(&c, r, (struct place){e.node, e.added});
	for (uint32_t i = sequence + 1; i < tree_node(t, sequence)->next && !*left;
	     i = tree_node(t, i)->next) {
		bool there = cursor_next(&c, r, &item);

		if (find_left(r, o, (struct place){i, NULL}, there, (struct place){item.node, item.added},
			left, err) != DEID_OK)
			return DEID_FAILED;
	}
	return DEID_OK;
}

static int find_left(struct record *r, struct opened *o, struct place in, bool there, struct place to,
    bool *left, struct deid_error *err)
{
	const struct tree *t = &o->rec->tree;

	for (uint32_t i = tree_first(t, in.node); i < tree_stop(t, in.node) && !*left;
	     i = tree_node(t, i)->next) {
		const struct node *n = tree_node(t, i);
		bool same = false;
		struct element e;

		/* Offsets of a DICOMDIR, too, are the file's own business. */
		if (n->flags & NODE_KEPT || !(n->tag & 0xFFFF) || tag_is_creator(n->tag) ||
		    dict_vr(n->tag) == VR_P_UP || is_carrier(t, i))
			continue;
		if (!there || !place_find(r, to, n->tag, &e)) {
			*left = true;
		} else if (element_is_sequence(o->rec, (struct element){i, NULL}) && !(n->flags & NODE_UN)) {
			*left = !element_is_sequence(r, e);
			if (!*left && left_items(r, o, i, e, left, err) != DEID_OK)
				return DEID_FAILED;
		} else if (compare(r, o, e, i, in, &same, err) != DEID_OK) {
			return DEID_FAILED;
		} else {
			*left = !same;
		}
	}
	return DEID_OK;
}

int restore_finish(struct record *r, struct deid_error *err)
{
	struct element sequence, item;
	struct cursor c;

	if (!r->nopened || !place_find(r, top, TAG_ENCRYPTED, &sequence))
		return DEID_OK;
	for (size_t i = 0; i < r->nopened; i++) {
		struct opened *o = &r->opened[i];
		bool left = false;

		if (!o->rec)
			continue;
		o->rec->err = err;
		if (find_left(r, o, top, true, top, &left, err) != DEID_OK)
			return DEID_FAILED;
		if (!left && element_remove(r, o->item, err) != DEID_OK)
			return DEID_FAILED;
	}
	cursor_start(&c, r, (struct place){sequence.node, sequence.added});
	return cursor_next(&c, r, &item) ? DEID_OK : element_remove(r, sequence, err);
}
