/* SPDX-License-Identifier: MIT */
/* Making what a path denotes and the file does not have. */
#include "core/util/str.h"
#include "plugins/dicom/record.h"
#include <string.h>

struct adding {
	struct record *r;
	const struct path *path;
	const struct deid_value *value;
	struct deid_str field; /* the path as written, for warnings */
	struct deid_error *err;
};

static int cannot(struct adding *a, const char *why)
{
	return a->r->host->fail(a->err, DEID_FAILED, DEID_E_FIELD, "%s", why);
}

/* ---- private blocks ---------------------------------------------------------------------------- */

/* A block (its number) of the creator in this data set; 0: it has none. */
static unsigned block_of(const struct match *m)
{
	for (unsigned b = 0x10; b <= 0xFF; b++)
		if (m->block[b / 8] >> b % 8 & 1)
			return b;
	return 0;
}

/* The lowest block that nobody reserved and no element lies in; 0: none is left. */
static unsigned free_block(const struct record *r, struct place p, uint32_t group)
{
	uint8_t taken[32] = {0};
	struct cursor c;
	struct element e;

	cursor_start(&c, r, p);
	while (cursor_next(&c, r, &e)) {
		uint32_t tag = element_tag(r, e);
		unsigned b = tag_is_creator(tag) ? tag & 0xFF : tag >> 8 & 0xFF;

		if (tag >> 16 == group)
			taken[b / 8] |= (uint8_t)(1u << b % 8);
	}
	for (unsigned b = 0x10; b <= 0xFF; b++)
		if (!(taken[b / 8] >> b % 8 & 1))
			return b;
	return 0;
}

/* The element's tag in this data set: PS3.5 section 7.8. Reserves a block where the creator has none. */
static int settle_tag(struct adding *a, struct place p, const struct selector *s, uint32_t *tag)
{
	struct record *r = a->r;
	uint32_t group = s->tag >> 16;
	struct match m;
	struct deid_value name = {.size = sizeof name, .kind = DEID_TEXT, .v = &s->creator, .n = 1};
	struct content content;
	struct added *creator;
	unsigned block;

	*tag = s->tag;
	if (!s->creator.n)
		return DEID_OK;
	if (match_start(&m, r, p, s, a->err) != DEID_OK)
		return DEID_FAILED;
	block = block_of(&m);
	if (!block) {
		block = free_block(r, p, group);
		if (!block)
			return cannot(a, "all blocks of the private group are taken");
		if (content_make(r, p, VR_LO, place_syntax(r, p), a->field, &name, &content, a->err) !=
		    DEID_OK)
			return DEID_FAILED;
		creator = added_new(r, p, group << 16 | block, VR_LO);
		if (!creator)
			return record_nomem(r, a->err);
		creator->content = content;
		r->creator.ready = false;
	}
	*tag = group << 16 | block << 8 | (s->tag & 0xFF);
	return DEID_OK;
}

/* ---- elements ---------------------------------------------------------------------------------- */

/* The element of a data set that a selector denotes, if it is there. */
static int look_up(struct adding *a, struct place p, const struct selector *s, struct element *e, bool *found)
{
	struct match m;
	struct cursor c;

	*found = false;
	if (match_start(&m, a->r, p, s, a->err) != DEID_OK)
		return DEID_FAILED;
	cursor_start(&c, a->r, p);
	while (!*found && cursor_next(&c, a->r, e))
		*found = match_tag(&m, element_tag(a->r, *e));
	return DEID_OK;
}

static int add_leaf(struct adding *a, struct place p, const struct selector *s)
{
	struct record *r = a->r;
	struct content content;
	struct added *e;
	uint32_t tag;
	enum vr vr;

	if (settle_tag(a, p, s, &tag) != DEID_OK)
		return DEID_FAILED;
	vr = place_vr(r, p, tag);
	if (vr == VR_NONE || vr == VR_UN)
		vr = s->vr == VR_NONE ? VR_UN : vr_resolve((enum vr)s->vr, false);
	if (tag == TAG_CHARSET) {
		for (size_t i = 0; i < a->value->n; i++)
			if (!charset_known(a->value->v[i]))
				return r->host->fail(a->err, DEID_FAILED, DEID_E_VALUE,
				    "no defined term of SpecificCharacterSet");
		r->charset_changed = true;
	}
	if (content_make(r, p, vr, place_syntax(r, p), a->field, a->value, &content, a->err) != DEID_OK)
		return DEID_FAILED;
	e = added_new(r, p, tag, vr);
	if (!e)
		return record_nomem(r, a->err);
	return element_put(r, (struct element){NODE_NONE, e}, &content, a->err);
}

static int add_in(struct adding *a, size_t level, struct place p);

/* Goes on in the items that are there, or makes the one that the path wants next. */
static int add_items(struct adding *a, size_t level, struct element sequence, int64_t wanted)
{
	struct record *r = a->r;
	struct cursor c;
	struct element item;
	struct added *made;
	int64_t i = 0;
	int rc = DEID_OK;

	cursor_start(&c, r, (struct place){sequence.node, sequence.added});
	for (; rc == DEID_OK && cursor_next(&c, r, &item); i++) {
		if (wanted != SELECT_ALL && i != wanted)
			continue;
		rc = add_in(a, level, (struct place){item.node, item.added});
		if (i == wanted)
			return rc;
	}
	if (rc != DEID_OK || wanted == SELECT_ALL)
		return rc;
	if (i < wanted)
		return cannot(a, "the sequence has fewer items than that");
	made = added_item(r, sequence);
	if (!made)
		return record_nomem(r, a->err);
	return add_in(a, level, (struct place){NODE_NONE, made});
}

/* Depth: that of the path. */
static int add_in(struct adding *a, size_t level, struct place p)
{
	struct record *r = a->r;
	const struct selector *s = &a->path->s[level];
	struct element e;
	bool found;
	uint32_t tag;

	if (look_up(a, p, s, &e, &found) != DEID_OK)
		return DEID_FAILED;
	if (level + 1 == a->path->n)
		return found ? DEID_OK : add_leaf(a, p, s);
	if (!found) {
		if (s->item == SELECT_ALL)
			return DEID_OK;
		if (s->item > 0)
			return cannot(a, "the sequence has fewer items than that");
		if (settle_tag(a, p, s, &tag) != DEID_OK)
			return DEID_FAILED;
		e = (struct element){NODE_NONE, added_new(r, p, tag, VR_SQ)};
		if (!e.added)
			return record_nomem(r, a->err);
	}
	if (!element_is_sequence(r, e))
		return cannot(a, "the element that should hold it is no sequence");
	return add_items(a, level + 1, e, s->item);
}

int record_add(void *rec, const void *path, const struct deid_value *value, struct deid_error *err)
{
	struct record *r = rec;
	const struct path *p = path;
	struct adding a = {r, p, value, str_of(p->text), err};

	r->err = err;
	if (p->meta && !r->tree.meta)
		return cannot(&a, "the file has no file meta information");
	return add_in(&a, 0, (struct place){p->meta ? NODE_META : NODE_NONE, NULL});
}
