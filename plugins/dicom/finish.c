/* SPDX-License-Identifier: MIT */
/* What follows from the rules' changes elsewhere in the file, and the output's name. */
#include "core/util/str.h"
#include "plugins/dicom/crypt.h"
#include "plugins/dicom/record.h"
#include "plugins/dicom/uid.h"
#include <string.h>

#define TAG_SOP_CLASS 0x00080016u
#define TAG_SOP_INSTANCE 0x00080018u
#define TAG_MODALITY 0x00080060u
#define TAG_MEDIA_CLASS 0x00020002u
#define TAG_MEDIA_INSTANCE 0x00020003u

static const struct place top = {NODE_NONE, NULL}, meta = {NODE_META, NULL};

/* The first UID of an element as the file came; n = 0: none. */
static int original_uid(
    struct record *r, uint32_t tag, char buf[64], struct deid_str *uid, struct deid_error *err)
{
	const struct tree *t = &r->tree;

	*uid = (struct deid_str){buf, 0};
	for (uint32_t i = t->meta; i < t->n; i = tree_node(t, i)->next) {
		const struct node *n = tree_node(t, i);
		size_t len = n->len < 64 ? (size_t)n->len : 64;

		if (n->tag != tag || n->flags & NODE_PARENT)
			continue;
		if (r->host->src_read(t->data, node_value(n), buf, len, err) != DEID_OK)
			return DEID_FAILED;
		while (len && (buf[len - 1] == '\0' || buf[len - 1] == ' '))
			len--;
		uid->n = len;
		return DEID_OK;
	}
	return DEID_OK;
}

static int put_uid(struct record *r, struct element e, struct deid_str uid, struct deid_error *err)
{
	struct deid_value v = {.size = sizeof v, .kind = DEID_UID, .v = &uid, .n = uid.n ? 1 : 0};
	struct content content;

	if (content_make(r, meta, VR_UI, 0, (struct deid_str){NULL, 0}, &v, &content, err) != DEID_OK)
		return DEID_FAILED;
	return element_put(r, e, &content, err);
}

/*
 * PS3.10 section 7.1: Media Storage SOP Instance (and Class) UID are those of the data set. They follow it
 * when it changed; when SOP Instance UID went, what stays must not be the old one.
 */
static int follow(struct record *r, uint32_t of, uint32_t in_meta, struct deid_error *err)
{
	char buf[64], made[UID_MAX];
	struct deid_str was, now;
	struct cursor c;
	struct element e;
	bool there;
	int rc;

	if (!place_find(r, meta, in_meta, &e))
		return DEID_OK;
	if (original_uid(r, of, buf, &was, err) != DEID_OK)
		return DEID_FAILED;
	there = place_text(r, top, of, &r->name, &now, &rc, err);
	if (rc != DEID_OK)
		return rc;
	if (there ? str_eq(now, was) : !was.n || of == TAG_SOP_CLASS)
		return DEID_OK;
	if (!there && uid_replacement(r->conf, was, made, &now, err) != DEID_OK)
		return DEID_FAILED;
	/* Real files have their file meta twice. */
	cursor_start(&c, r, meta);
	while (cursor_next(&c, r, &e))
		if (element_tag(r, e) == in_meta && put_uid(r, e, now, err) != DEID_OK)
			return DEID_FAILED;
	return DEID_OK;
}

/* What nobody could read again is not written: a data set without elements, or one whose first element would
 * be taken for something else. */
static int check_rest(struct record *r, struct deid_error *err)
{
	const struct added *a = r->root.added;
	const struct node *n;
	struct cursor c;
	struct element first;
	const void *p;
	size_t got;

	cursor_start(&c, r, top);
	if (!cursor_next(&c, r, &first))
		return r->host->fail(
		    err, DEID_FAILED, DEID_E_UNSUPPORTED, "no element of the data set is left");
	while (a && a->removed)
		a = a->next;
	if (first.added || (a && a->tag < element_tag(r, first)))
		return DEID_OK;
	n = tree_node(&r->tree, first.node);
	if (r->host->src_peek(r->tree.data, n->off, 16, &p, &got, err) != DEID_OK)
		return DEID_FAILED;
	if (!head_accepts(&r->head, &r->tree, p, got, UINT64_MAX))
		return r->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED,
		    "what is left begins with an element that hides how the data set is encoded");
	return DEID_OK;
}

int record_finish(void *rec, struct deid_error *err)
{
	struct record *r = rec;
	int rc;

	r->err = err;
	rc = mask_apply(r, err);
	if (rc == DEID_OK && r->changed) {
		rc = follow(r, TAG_SOP_INSTANCE, TAG_MEDIA_INSTANCE, err);
		if (rc == DEID_OK)
			rc = follow(r, TAG_SOP_CLASS, TAG_MEDIA_CLASS, err);
		if (rc == DEID_OK)
			rc = scope_convert(r, err);
	}
	if (rc == DEID_OK && r->conf->defined_only)
		rc = undefined_finish(r, err);
	if (rc == DEID_OK)
		rc = envelope_finish(r, err);
	if (rc == DEID_OK)
		rc = restore_finish(r, err);
	if (rc == DEID_OK && r->changed)
		rc = check_rest(r, err);
	if (rc == DEID_OK && r->broken)
		rc = r->host->fail(err, DEID_FAILED, DEID_E_IO, "the file could not be read");
	return rc;
}

/* <SOPInstanceUID>.<Modality or NA>.dcm of the new values. */
int record_name(void *rec, struct deid_str *out, struct deid_error *err)
{
	struct record *r = rec;
	struct deid_str text;
	bool ok, there;
	int rc;

	*out = (struct deid_str){NULL, 0};
	if (!place_text(r, top, TAG_SOP_INSTANCE, &r->value, &text, &rc, err))
		return rc;
	r->name.n = 0;
	ok = buf_str(&r->name, text);
	there = place_text(r, top, TAG_MODALITY, &r->value, &text, &rc, err);
	if (rc != DEID_OK)
		return rc;
	ok = ok && buf_c(&r->name, '.') && (there ? buf_str(&r->name, text) : buf_z(&r->name, "NA")) &&
	     buf_z(&r->name, ".dcm");
	if (!ok)
		return record_nomem(r, err);
	for (size_t i = 0; i < r->name.n; i++)
		if (r->name.p[i] == '/')
			r->name.p[i] = '_';
	*out = buf_view(&r->name);
	return DEID_OK;
}
