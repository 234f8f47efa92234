/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/record.h"
#include <string.h>

static struct element of_field(const struct deid_field *f)
{
	return (struct element){(uint32_t)f->h[0], (struct added *)f->h[1]};
}

int record_get(void *rec, const struct deid_field *f, struct deid_value *v, struct deid_error *err)
{
	struct record *r = rec;

	r->err = err;
	return content_get(r, of_field(f), v, err);
}

int element_remove(struct record *r, struct element e, struct deid_error *err)
{
	struct change *c;

	if (element_tag(r, e) == TAG_CHARSET)
		r->charset_changed = true;
	r->changed = true;
	if (e.added) {
		e.added->removed = true;
		return DEID_OK;
	}
	c = change_make(r, e.node);
	if (!c)
		return record_nomem(r, err);
	c->removed = true;
	return DEID_OK;
}

int record_remove(void *rec, const struct deid_field *f, struct deid_error *err)
{
	struct record *r = rec;

	r->err = err;
	return element_remove(r, of_field(f), err);
}

/* The longest value that the element's header can count. */
static uint64_t room(const struct record *r, struct element e)
{
	const struct node *n;

	if (e.added)
		return e.added->in & NODE_IN_IMPLICIT || vr_info((enum vr)e.added->vr)->flags & VR_F_LONG
			   ? 0xFFFFFFFEu
			   : 0xFFFEu;
	n = tree_node(&r->tree, e.node);
	return n->flags & (NODE_IMPLICIT | NODE_LONG) ? 0xFFFFFFFEu : 0xFFFEu;
}

int element_put(struct record *r, struct element e, const struct content *content, struct deid_error *err)
{
	struct change *c;
	struct deid_str now;

	if (content->n > room(r, e))
		return r->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "the value is longer than the element's header can say");
	if (e.added) {
		e.added->content = *content;
		r->changed = true;
		return DEID_OK;
	}
	c = change_of(r, e.node);
	/* What stays as it is stays untouched. */
	if (element_length(r, e) == content->n && !(tree_node(&r->tree, e.node)->flags & NODE_FRAGMENTS)) {
		if (element_bytes(r, e, &now, err) != DEID_OK)
			return DEID_FAILED;
		if (!content->n || memcmp(now.p, content->p, content->n) == 0) {
			if (c && c->replaced)
				c->content = *content;
			return DEID_OK;
		}
	}
	c = change_make(r, e.node);
	if (!c)
		return record_nomem(r, err);
	c->replaced = true;
	c->content = *content;
	r->changed = true;
	return DEID_OK;
}

/* An emptied sequence is a new one in the place of the old. */
static int empty_sequence(struct record *r, struct element e, struct deid_error *err)
{
	struct place p = place_of(r, e);
	struct cursor c;
	struct element item;

	cursor_start(&c, r, (struct place){e.node, e.added});
	if (!cursor_next(&c, r, &item))
		return DEID_OK;
	if (e.added) {
		e.added->child = NULL;
		return DEID_OK;
	}
	if (element_remove(r, e, err) != DEID_OK)
		return DEID_FAILED;
	return added_new(r, p, element_tag(r, e), VR_SQ) ? DEID_OK : record_nomem(r, err);
}

static unsigned syntax_of(const struct record *r, struct element e)
{
	const struct node *n;

	if (e.added)
		return e.added->in;
	n = tree_node(&r->tree, e.node);
	return n->flags & NODE_BIG && !(n->flags & NODE_UN) ? NODE_IN_BIG : 0;
}

static bool known_terms(const struct deid_value *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (!charset_known(v->v[i]))
			return false;
	return true;
}

int record_set(void *rec, const struct deid_field *f, const struct deid_value *v, struct deid_error *err)
{
	struct record *r = rec;
	struct element e = of_field(f);
	struct content content;

	r->err = err;
	if (element_tag(r, e) == TAG_CHARSET) {
		if (!known_terms(v))
			return r->host->fail(
			    err, DEID_FAILED, DEID_E_VALUE, "no defined term of SpecificCharacterSet");
		r->charset_changed = true;
	}
	if (content_make(r, place_of(r, e), element_vr(r, e), syntax_of(r, e), f->name, v, &content, err) !=
	    DEID_OK)
		return DEID_FAILED;
	if (element_is_sequence(r, e))
		return empty_sequence(r, e, err);
	return element_put(r, e, &content, err);
}
