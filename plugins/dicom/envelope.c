/* SPDX-License-Identifier: MIT */
#include "core/util/bytes.h"
#include "core/util/str.h"
#include "plugins/dicom/copy.h"
#include "plugins/dicom/crypt.h"
#include "plugins/dicom/layout.h"
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define SYNTAX_EXPLICIT "1.2.840.10008.1.2.1"
#define UTF8 "ISO_IR 192"
#define TAG_SOP_INSTANCE 0x00080018u

static const struct place top = {NODE_NONE, NULL};

/* An element that an entry has encrypted, as it was then. */
struct taken {
	struct taken *next;
	struct added *element, *creator; /* creator: of its private block, or NULL */
	struct step *way;
	size_t n;
};

/* An encrypted data set in the making. There is one for each set of keys. */
struct box {
	struct box *next;
	const struct cms_keys *keys;
	struct record rec; /* has no nodes */
	struct added *sequence, *item;
	struct taken *first, **last;
	uint32_t
	    *original; /* of `retain`: nodes at the top of the file whose originals are in it, ascending */
	size_t noriginal;
	bool set_is_value; /* Specific Character Set is among what is encrypted */
	struct {
		struct added *sequence, *item;
		size_t number;
	} latest; /* item that something was put into */
};

void envelope_free(struct record *r)
{
	for (struct box *b = r->box; b; b = b->next)
		record_free(&b->rec);
	r->box = NULL;
}

/* ---- boxes -------------------------------------------------------------------------------------- */

static int link_copy(struct record *r, struct element e, struct box *b, struct place at, unsigned flags,
    struct deid_error *err)
{
	struct added *a = element_copy(r, e, &b->rec, at, flags, err);

	if (!a)
		return DEID_FAILED;
	return added_link(&b->rec, a) ? DEID_OK : record_nomem(r, err);
}

/* The first node with the tag at the top of the file as it came; NODE_NONE: there is none. */
static uint32_t find_original(const struct record *r, uint32_t tag)
{
	const struct tree *t = &r->tree;

	for (uint32_t i = t->meta; i < t->n; i = tree_node(t, i)->next)
		if (tree_node(t, i)->tag == tag)
			return i;
	return NODE_NONE;
}

/* The Modified Attributes Sequence is the first element, before which other software does not look; so what
 * character set its texts are in stands in its item. */
static int fill_front(struct record *r, struct box *b, struct deid_error *err)
{
	uint32_t set = find_original(r, TAG_CHARSET);

	b->sequence = added_new(&b->rec, top, TAG_MODIFIED, VR_SQ);
	b->item = b->sequence ? added_item(&b->rec, (struct element){NODE_NONE, b->sequence}) : NULL;
	if (!b->item)
		return record_nomem(r, err);
	return set == NODE_NONE ? DEID_OK
				: link_copy(r, (struct element){set, NULL}, b,
				      (struct place){NODE_NONE, b->item}, COPY_WAS, err);
}

static struct box *box_of(struct record *r, const struct cms_keys *keys, struct deid_error *err)
{
	struct box **at = &r->box, *b;

	for (; *at; at = &(*at)->next)
		if (cms_keys_equal((*at)->keys, keys))
			return *at;
	b = r->host->alloc(r->job, sizeof *b);
	if (!b) {
		record_nomem(r, err);
		return NULL;
	}
	memset(b, 0, sizeof *b);
	b->keys = keys;
	b->last = &b->first;
	record_init(&b->rec, r->host, r->job, r->conf);
	b->rec.err = err;
	b->rec.tree.nested_charset = true;
	*at = b;
	return fill_front(r, b, err) == DEID_OK ? b : NULL;
}

/* ---- taking ------------------------------------------------------------------------------------- */

struct taking {
	struct record *r;
	const struct deid_entry *entry;
};

/* Its creator, without which a private element says nothing: PS3.5 section 7.8. */
static int take_creator(
    struct record *r, struct box *b, struct place p, uint32_t tag, struct added **out, struct deid_error *err)
{
	struct element creator;

	*out = NULL;
	if (!tag_is_private(tag) || (tag & 0xFFFF) < 0x1000 ||
	    !place_find(r, p, (tag & 0xFFFF0000u) | (tag >> 8 & 0xFF), &creator))
		return DEID_OK;
	*out = element_copy(r, creator, &b->rec, (struct place){NODE_NONE, b->item}, COPY_LENIENT, err);
	return *out ? DEID_OK : DEID_FAILED;
}

static int take_element(
    struct taking *t, struct element e, const struct deid_field *f, struct deid_error *err)
{
	struct record *r = t->r;
	struct box *b = box_of(r, crypt_keys(r->conf, t->entry), err);
	struct taken *taken = r->host->alloc(r->job, sizeof *taken);

	if (!b)
		return DEID_FAILED;
	if (!taken)
		return record_nomem(r, err);
	*taken = (struct taken){0};
	b->rec.err = err;
	if (!way_parse(r, f->alt, &taken->way, &taken->n))
		return record_nomem(r, err);
	taken->element = element_copy(r, e, &b->rec, (struct place){NODE_NONE, b->item}, COPY_LENIENT, err);
	if (!taken->element ||
	    take_creator(r, b, place_of(r, e), element_tag(r, e), &taken->creator, err) != DEID_OK)
		return DEID_FAILED;
	*b->last = taken;
	b->last = &taken->next;
	return DEID_OK;
}

static bool is_empty(const struct record *r, struct element e, const struct deid_value *v)
{
	struct cursor c;
	struct element item;

	if (!element_is_sequence(r, e))
		return v->n == 0;
	cursor_start(&c, r, (struct place){e.node, e.added});
	return !cursor_next(&c, r, &item);
}

static int take(void *arg, const struct deid_field *f, struct deid_error *err)
{
	struct taking *t = arg;
	struct record *r = t->r;
	struct element e = {(uint32_t)f->h[0], (struct added *)f->h[1]};
	struct deid_value was = {.size = sizeof was};
	struct deid_result result = {.size = sizeof result, .verdict = DEID_KEEP, .by = t->entry->id};

	/* A pattern that fits everything does not mean what is encrypted already. */
	if (!t->entry->path && str_prefix(f->alt, "04000500"))
		return DEID_OK;
	if (record_get(r, f, &was, err) != DEID_OK)
		return DEID_FAILED;
	if (!is_empty(r, e, &was)) {
		if (take_element(t, e, f, err) != DEID_OK || element_remove(r, e, err) != DEID_OK)
			return DEID_FAILED;
		result.verdict = DEID_REMOVE;
	}
	r->host->acted(r->job, t->entry->id, f, &was, &result);
	return DEID_OK;
}

int envelope_take(struct record *r, const struct deid_entry *entry, struct deid_error *err)
{
	struct taking t = {r, entry};

	return crypt_each(r, entry, take, &t, err);
}

/* ---- originals: `retain` ------------------------------------------------------------------------ */

static bool is_change(const struct record *r, const struct change *c)
{
	bool adds = false;

	if (c->node < r->tree.meta)
		return false;
	for (const struct added *a = c->added; a; a = a->next)
		adds |= !a->removed;
	return adds || c->removed || c->replaced || c->stream;
}

static int ascending(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

	return a < b ? -1 : a > b;
}

/* The elements at the top of the file in which something changed. */
static int find_changed(struct record *r, struct box *b, struct deid_error *err)
{
	const struct tree *t = &r->tree;
	size_t n = 0, k = 0;

	for (const struct change *c = r->first; c; c = c->next)
		n++;
	b->original = r->host->alloc(r->job, n * sizeof *b->original);
	if (!b->original)
		return record_nomem(r, err);
	n = 0;
	for (const struct change *c = r->first; c; c = c->next) {
		uint32_t i = c->node;

		if (!is_change(r, c))
			continue;
		while (tree_node(t, i)->parent != NODE_NONE)
			i = tree_node(t, i)->parent;
		if (tree_node(t, i)->tag & 0xFFFF) /* group lengths follow by themselves */
			b->original[n++] = i;
	}
	qsort(b->original, n, sizeof *b->original, ascending);
	for (size_t i = 0; i < n; i++)
		if (!k || b->original[k - 1] != b->original[i])
			b->original[k++] = b->original[i];
	b->noriginal = k;
	return DEID_OK;
}

static bool has_original(const struct record *r, const struct box *b, uint32_t tag)
{
	for (size_t i = 0; i < b->noriginal; i++)
		if (tree_node(&r->tree, b->original[i])->tag == tag)
			return true;
	return false;
}

/* The creator of an original's block. It may have changed too, and then comes by itself. */
static int keep_creator(struct record *r, struct box *b, uint32_t tag, struct deid_error *err)
{
	uint32_t creator = (tag & 0xFFFF0000u) | (tag >> 8 & 0xFF), node;
	struct element e;

	if (!tag_is_private(tag) || (tag & 0xFFFF) < 0x1000 || has_original(r, b, creator) ||
	    place_find(&b->rec, (struct place){NODE_NONE, b->item}, creator, &e))
		return DEID_OK;
	node = find_original(r, creator);
	return node == NODE_NONE ? DEID_OK
				 : link_copy(r, (struct element){node, NULL}, b,
				       (struct place){NODE_NONE, b->item}, COPY_WAS, err);
}

static int keep_originals(struct record *r, struct deid_error *err)
{
	struct place at = top;
	struct box *b;
	bool any = false;

	for (const struct change *c = r->first; c && !any; c = c->next)
		any = is_change(r, c);
	if (!any)
		return DEID_OK;
	b = box_of(r, crypt_keys(r->conf, NULL), err);
	if (!b || find_changed(r, b, err) != DEID_OK)
		return DEID_FAILED;
	b->rec.err = err;
	at.added = b->item;
	for (size_t i = 0; i < b->noriginal; i++) {
		uint32_t tag = tree_node(&r->tree, b->original[i])->tag;

		if (tag == TAG_CHARSET) {
			b->set_is_value = true; /* it is there */
			continue;
		}
		if (link_copy(r, (struct element){b->original[i], NULL}, b, at, COPY_WAS, err) != DEID_OK ||
		    keep_creator(r, b, tag, err) != DEID_OK)
			return DEID_FAILED;
	}
	return DEID_OK;
}

/* ---- filling ------------------------------------------------------------------------------------ */

/* Item `number` of a sequence in the box. */
static int item_of(
    struct box *b, struct added *sequence, size_t number, struct added **item, struct deid_error *err)
{
	struct place p;

	if (b->latest.sequence != sequence || b->latest.number != number) {
		if (b->latest.sequence == sequence && b->latest.number + 1 == number && b->latest.item->next)
			p.added = b->latest.item->next; /* mostly they come one after the other */
		else if (way_item(&b->rec, (struct element){NODE_NONE, sequence}, number, &p, err) != DEID_OK)
			return DEID_FAILED;
		b->latest.sequence = sequence;
		b->latest.number = number;
		b->latest.item = p.added;
	}
	*item = b->latest.item;
	return DEID_OK;
}

/* The sequence with the tag in the box; at the top, what the file finally has. */
static int sequence_of(struct record *r, struct box *b, struct added *in, uint32_t tag, struct added **out,
    struct deid_error *err)
{
	struct place at = {NODE_NONE, in};
	struct element e;

	if (!place_find(&b->rec, at, tag, &e)) {
		bool there = in == b->item && place_find(r, top, tag, &e) && element_is_sequence(r, e);

		if (there && (link_copy(r, e, b, at, COPY_LENIENT, err) != DEID_OK ||
				 keep_creator(r, b, tag, err) != DEID_OK))
			return DEID_FAILED;
		if (!there && !added_new(&b->rec, at, tag, VR_SQ))
			return record_nomem(r, err);
		if (!place_find(&b->rec, at, tag, &e))
			return record_nomem(r, err);
	}
	if (e.added->vr != VR_SQ)
		return r->host->fail(err, DEID_FAILED, DEID_E_FIELD,
		    "(%04x,%04x) no longer is the sequence out of which something was encrypted",
		    (unsigned)(tag >> 16), (unsigned)(tag & 0xFFFF));
	*out = e.added;
	return DEID_OK;
}

static int put_back(struct record *r, struct box *b, struct taken *t, struct deid_error *err)
{
	struct added *at = b->item, *sequence = NULL;
	struct element e;

	if (has_original(r, b, t->n ? t->way[0].tag : t->element->tag))
		return DEID_OK; /* of which it is a part */
	if (!t->n && t->element->tag == TAG_CHARSET) {
		b->set_is_value = true;
		return DEID_OK;
	}
	for (size_t i = 0; i < t->n; i++)
		if (sequence_of(r, b, at, t->way[i].tag, &sequence, err) != DEID_OK ||
		    item_of(b, sequence, t->way[i].item, &at, err) != DEID_OK)
			return DEID_FAILED;
	if (t->creator && !place_find(&b->rec, (struct place){NODE_NONE, at}, t->creator->tag, &e)) {
		t->creator->owner = at;
		if (!added_link(&b->rec, t->creator))
			return record_nomem(r, err);
	}
	t->element->owner = at;
	return added_link(&b->rec, t->element) ? DEID_OK : record_nomem(r, err);
}

/* Sequences as a whole come before what was in them. */
static int fill(struct record *r, struct box *b, struct deid_error *err)
{
	size_t deepest = 0;

	for (const struct taken *t = b->first; t; t = t->next)
		deepest = t->n > deepest ? t->n : deepest;
	for (size_t n = 0; n <= deepest; n++)
		for (struct taken *t = b->first; t; t = t->next)
			if (t->n == n && put_back(r, b, t, err) != DEID_OK)
				return DEID_FAILED;
	return DEID_OK;
}

/* Texts that are in the set of the item: those in items with a set of their own are not. With `set`, whether
 * one is not among what it holds; else whether one is no ASCII. Depth: that of sequences. */
static bool exceeds(const struct added *a, struct charset *set)
{
	struct buf unused = {0};
	bool yes = false;

	for (const struct added *c = a; c; c = c->next)
		if (c->tag == TAG_CHARSET && c->owner->owner && c->owner->owner->owner)
			return false;
	for (; a && !yes; a = a->next) {
		struct deid_str raw = {(const char *)a->content.p, a->content.n};

		if (a->child)
			yes = exceeds(a->child, set);
		else if (!(vr_info((enum vr)a->vr)->flags & VR_F_CHARSET))
			continue;
		else if (set && a->content.text.p)
			yes = charset_encode(set, a->content.text, a->vr == VR_PN, &unused) != CHARSET_OK;
		else
			yes = a->content.text.p || !charset_is_ascii(raw);
		unused.n = 0;
	}
	buf_free(&unused);
	return yes;
}

static int put_set(struct record *r, struct box *b, struct deid_str value, struct deid_error *err)
{
	struct place item = {NODE_NONE, b->item};
	struct element set;
	struct deid_str kept = r->host->dup(r->job, value);

	if (!place_find(&b->rec, item, TAG_CHARSET, &set))
		set = (struct element){NODE_NONE, added_new(&b->rec, item, TAG_CHARSET, VR_CS)};
	if (!set.added || !kept.p)
		return record_nomem(r, err);
	set.added->content = (struct content){(const uint8_t *)kept.p, kept.n, {NULL, 0}};
	return DEID_OK;
}

/*
 * Where rules changed the file's set, what was encrypted goes in the new one, so that it can be put back as
 * it is; or, when that lacks a character, as UTF-8. Originals have theirs with them. A set that nothing needs
 * is left out: it would replace the file's.
 */
static int settle_text(struct record *r, struct box *b, struct deid_error *err)
{
	struct charset *now;
	struct element set;
	struct deid_str value = {"", 0};

	if (r->charset_changed && !b->set_is_value) {
		now = scope_charset(r, top, false, err);
		if (!now)
			return DEID_FAILED;
		if (exceeds(b->item->child, now))
			value = (struct deid_str){UTF8, sizeof UTF8 - 1};
		else if (place_find(r, top, TAG_CHARSET, &set) &&
			 element_bytes(r, set, &value, err) != DEID_OK)
			return DEID_FAILED;
		if (put_set(r, b, value, err) != DEID_OK)
			return DEID_FAILED;
	}
	if (!b->set_is_value && !exceeds(b->item->child, NULL) &&
	    place_find(&b->rec, (struct place){NODE_NONE, b->item}, TAG_CHARSET, &set))
		set.added->removed = true;
	b->rec.charset_changed = true;
	return scope_convert(&b->rec, err);
}

/* Some software puts nothing back unless SOP Instance UID is there: then the one that the file has now. */
static int add_instance(struct record *r, struct box *b, struct deid_error *err)
{
	const struct place item = {NODE_NONE, b->item};
	struct element e;

	if (place_find(&b->rec, item, TAG_SOP_INSTANCE, &e) || !place_find(r, top, TAG_SOP_INSTANCE, &e))
		return DEID_OK;
	return link_copy(r, e, b, item, COPY_LENIENT, err);
}

/* ---- sealing ------------------------------------------------------------------------------------ */

static bool holds_fragments(const struct added *a)
{
	for (; a; a = a->next)
		if ((a->undefined && a->vr == VR_OB) || holds_fragments(a->child))
			return true;
	return false;
}

/* Explicit VR, little endian. So are all syntaxes with encapsulated pixels, which differ in nothing else. */
static int syntax_of(struct record *r, const struct box *b, struct deid_str *uid, struct deid_error *err)
{
	*uid = (struct deid_str){SYNTAX_EXPLICIT, sizeof SYNTAX_EXPLICIT - 1};
	if (!holds_fragments(b->sequence))
		return DEID_OK;
	*uid = (struct deid_str){r->head.uid, r->head.nuid};
	if (!uid->n)
		return r->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED,
		    "encapsulated pixel data cannot be encrypted where the file names no transfer syntax");
	return DEID_OK;
}

/* The data set's bytes, with the digest behind. */
static int spell(struct record *r, struct box *b, struct deid_str *out, struct deid_error *err)
{
	static const char creator[] = DIGEST_CREATOR;
	const size_t more = 8 + sizeof creator - 1 + 12 + DIGEST_SIZE;
	uint8_t *p;

	if (layout_added(&b->rec, more, out, err) != DEID_OK)
		return DEID_FAILED;
	p = (uint8_t *)(uintptr_t)out->p + out->n;
	put_le16(p, TAG_DIGEST_CREATOR >> 16);
	put_le16(p + 2, TAG_DIGEST_CREATOR & 0xFFFF);
	memcpy(p + 4, "LO", 2);
	put_le16(p + 6, sizeof creator - 1);
	memcpy(p + 8, creator, sizeof creator - 1);
	p += 8 + sizeof creator - 1;
	put_le16(p, TAG_DIGEST >> 16);
	put_le16(p + 2, TAG_DIGEST & 0xFFFF);
	memcpy(p + 4, "OB\0\0", 4);
	put_le32(p + 8, DIGEST_SIZE);
	if (EVP_Digest(out->p + (out->n - b->sequence->size), (size_t)b->sequence->size, p + 12, NULL,
		EVP_sha256(), NULL) != 1)
		return record_nomem(r, err);
	out->n += more;
	return DEID_OK;
}

/* (0400,0520) of the new item. Values have even length: what is behind the DER is no part of it. */
static int put_content(struct record *r, struct place item, struct deid_str der, struct deid_error *err)
{
	struct added *a = added_new(r, item, TAG_ENCRYPTED_CONTENT, VR_OB);
	uint8_t *p = r->host->alloc(r->job, der.n + 1);

	if (!a || !p)
		return record_nomem(r, err);
	memcpy(p, der.p, der.n);
	p[der.n] = 0;
	a->content = (struct content){p, der.n + (der.n & 1), {NULL, 0}};
	return DEID_OK;
}

static int add_item(struct record *r, struct deid_str uid, struct deid_str der, struct deid_error *err)
{
	const struct deid_value v = {.size = sizeof v, .kind = DEID_UID, .v = &uid, .n = 1};
	struct element sequence;
	struct added *a, *item;
	struct place p;

	if (!place_find(r, top, TAG_ENCRYPTED, &sequence))
		sequence = (struct element){NODE_NONE, added_new(r, top, TAG_ENCRYPTED, VR_SQ)};
	else if (!element_is_sequence(r, sequence))
		return r->host->fail(err, DEID_FAILED, DEID_E_FORMAT,
		    "EncryptedAttributesSequence (0400,0500) is no sequence");
	if (sequence.node == NODE_NONE && !sequence.added)
		return record_nomem(r, err);
	item = added_item(r, sequence);
	p = (struct place){NODE_NONE, item};
	a = item ? added_new(r, p, TAG_ENCRYPTED_SYNTAX, VR_UI) : NULL;
	if (!a)
		return record_nomem(r, err);
	if (content_make(r, p, VR_UI, place_syntax(r, p), (struct deid_str){NULL, 0}, &v, &a->content, err) !=
	    DEID_OK)
		return DEID_FAILED;
	return put_content(r, p, der, err);
}

static int seal(struct record *r, struct box *b, struct deid_error *err)
{
	struct deid_str uid, plain, der;

	b->rec.err = err;
	if (fill(r, b, err) != DEID_OK || add_instance(r, b, err) != DEID_OK ||
	    settle_text(r, b, err) != DEID_OK || syntax_of(r, b, &uid, err) != DEID_OK ||
	    spell(r, b, &plain, err) != DEID_OK)
		return DEID_FAILED;
	if (cms_seal(r->host, r->job, b->keys, plain, &der, err) != DEID_OK)
		return DEID_FAILED;
	return add_item(r, uid, der, err);
}

int envelope_finish(struct record *r, struct deid_error *err)
{
	int rc = DEID_OK;

	if (r->conf->retain && r->changed)
		rc = keep_originals(r, err);
	for (struct box *b = r->box; b && rc == DEID_OK; b = b->next)
		rc = seal(r, b, err);
	return rc;
}
