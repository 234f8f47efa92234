/* SPDX-License-Identifier: MIT */
/*
 * Which Specific Character Set applies where: an item's own, else that of the data set around it (PS3.3
 * section C.12.1.1.2). Rules can change (0008,0005) while other values still are in the set they came in, so
 * there are two answers: as the file came, and as it stands now.
 */
#include "core/util/str.h"
#include "plugins/dicom/record.h"

/* The raw value of (0008,0005) of one data set as the file came; false when it has none. */
static bool original_value(
    struct record *r, struct place p, struct deid_str *out, int *rc, struct deid_error *err)
{
	const struct tree *t = &r->tree;
	const void *got_p;
	size_t got;

	*rc = DEID_OK;
	if (p.added)
		return false;
	for (uint32_t i = tree_first(t, p.node), stop = tree_stop(t, p.node); i < stop;
	     i = tree_node(t, i)->next) {
		const struct node *n = tree_node(t, i);

		if (n->tag != TAG_CHARSET || n->flags & NODE_PARENT)
			continue;
		*rc = r->host->src_peek(
		    t->data, node_value(n), n->len < 1024 ? (size_t)n->len : 1024, &got_p, &got, err);
		*out = (struct deid_str){got_p, got};
		return *rc == DEID_OK;
	}
	return false;
}

static bool current_value(
    struct record *r, struct place p, struct deid_str *out, int *rc, struct deid_error *err)
{
	struct element e;

	*rc = DEID_OK;
	if (!place_find(r, p, TAG_CHARSET, &e) || element_is_sequence(r, e))
		return false;
	*rc = element_bytes(r, e, out, err);
	return *rc == DEID_OK;
}

struct charset *scope_charset(struct record *r, struct place p, bool was, struct deid_error *err)
{
	struct scope_cache *c = &r->charset[was];
	struct deid_str value = {"", 0};
	bool found = false;
	int rc = DEID_OK;

	/* The file meta has the default repertoire; items mostly have no set of their own. */
	if (p.node == NODE_META && !p.added)
		found = true;
	else if (!r->tree.nested_charset && (was || !r->charset_changed))
		p = (struct place){NODE_NONE, NULL};
	while (!found && rc == DEID_OK) {
		found = was ? original_value(r, p, &value, &rc, err) : current_value(r, p, &value, &rc, err);
		if (!found && !place_up(r, &p))
			break;
	}
	if (rc != DEID_OK)
		return NULL;
	if (!found)
		value = (struct deid_str){"", 0};
	if (c->ready && str_eq(buf_view(&c->value), value))
		return &c->set;
	if (c->ready)
		charset_free(&c->set);
	c->ready = false;
	c->value.n = 0;
	if (!buf_str(&c->value, value)) {
		record_nomem(r, err);
		return NULL;
	}
	charset_init(&c->set, buf_view(&c->value));
	c->ready = true;
	return &c->set;
}

/* ---- bringing text to a set that changed ------------------------------------------------------- */

static int cannot(struct record *r, struct element e, struct deid_error *err)
{
	uint32_t tag = element_tag(r, e);

	return r->host->fail(err, DEID_FAILED, DEID_E_VALUE,
	    "SpecificCharacterSet was changed or removed, and the text of (%04x,%04x) cannot be written in "
	    "what is "
	    "left",
	    (unsigned)(tag >> 16), (unsigned)(tag & 0xFFFF));
}

/* The text of e in UTF-8 in r->value; *any is false when it needs no conversion. */
static int text_of(struct record *r, struct element e, bool names, bool *any, struct deid_error *err)
{
	const struct change *c = e.added ? NULL : change_of(r, e.node);
	const struct content *now = e.added ? &e.added->content : c && c->replaced ? &c->content : NULL;
	struct charset *was;
	struct deid_str raw;
	enum charset_rc rc;

	*any = false;
	r->value.n = 0;
	if (now) {
		*any = now->text.p != NULL;
		return !*any || buf_str(&r->value, now->text) ? DEID_OK : record_nomem(r, err);
	}
	if (element_bytes(r, e, &raw, err) != DEID_OK)
		return DEID_FAILED;
	if (charset_is_ascii(raw))
		return DEID_OK;
	*any = true;
	r->text.n = 0;
	if (!buf_str(&r->text, raw))
		return record_nomem(r, err);
	was = scope_charset(r, place_of(r, e), true, err);
	if (!was)
		return DEID_FAILED;
	raw = buf_view(&r->text);
	while (raw.n && (raw.p[raw.n - 1] == ' ' || raw.p[raw.n - 1] == '\0'))
		raw.n--;
	rc = charset_decode(was, raw, names, &r->value);
	if (rc == CHARSET_NOMEM)
		return record_nomem(r, err);
	return rc == CHARSET_OK ? DEID_OK : cannot(r, e, err);
}

static int convert_element(struct record *r, struct element e, struct deid_error *err)
{
	enum vr vr = element_vr(r, e);
	struct content content;
	struct charset *now;
	enum charset_rc rc;
	struct deid_str kept;
	bool any;

	if (!(vr_info(vr)->flags & VR_F_CHARSET) || !element_length(r, e))
		return DEID_OK;
	if (text_of(r, e, vr == VR_PN, &any, err) != DEID_OK)
		return DEID_FAILED;
	if (!any)
		return DEID_OK;
	now = scope_charset(r, place_of(r, e), false, err);
	if (!now)
		return DEID_FAILED;
	r->text.n = 0;
	rc = charset_encode(now, buf_view(&r->value), vr == VR_PN, &r->text);
	if (rc == CHARSET_CANNOT)
		return cannot(r, e, err);
	if (rc == CHARSET_NOMEM || (r->text.n % 2 && !buf_c(&r->text, ' ')))
		return record_nomem(r, err);
	kept = r->host->dup(r->job, buf_view(&r->text));
	content.text = r->host->dup(r->job, buf_view(&r->value));
	if (!kept.p || !content.text.p)
		return record_nomem(r, err);
	content.p = (const uint8_t *)kept.p;
	content.n = r->text.n;
	return element_put(r, e, &content, err);
}

/* As deep as the walker lets sequences nest. */
static int convert_place(struct record *r, struct place p, bool items, struct deid_error *err)
{
	struct cursor c;
	struct element e;
	int rc = DEID_OK;

	cursor_start(&c, r, p);
	while (rc == DEID_OK && cursor_next(&c, r, &e)) {
		struct place inner = {e.node, e.added};

		if (items)
			rc = convert_place(r, inner, false, err);
		else if (element_is_sequence(r, e))
			rc = convert_place(r, inner, true, err);
		else
			rc = convert_element(r, e, err);
	}
	return rc;
}

int scope_convert(struct record *r, struct deid_error *err)
{
	if (!r->charset_changed)
		return DEID_OK;
	return convert_place(r, (struct place){NODE_NONE, NULL}, false, err);
}
