/* SPDX-License-Identifier: MIT */
/*
 * An element of one data set made anew in another, which may be in another byte order, with or without VRs,
 * and in another character set: how values get into an encrypted data set and back out of it.
 *
 * Undefined lengths, odd lengths and the order of elements stay as they are, so that what comes back is what
 * was taken.
 */
#include "plugins/dicom/copy.h"
#include <string.h>

struct copying {
	struct record *from, *to;
	bool was;     /* as the file came */
	bool lenient; /* text that the character set cannot hold waits in content.text */
	struct deid_error *err;
};

static const struct node *node_of(const struct copying *c, struct element e)
{
	return e.added ? NULL : tree_node(&c->from->tree, e.node);
}

/* Whether a rule touched something in the node, or below it. */
static bool is_edited(const struct copying *c, uint32_t node)
{
	const struct tree *t = &c->from->tree;

	if (c->was)
		return false;
	for (uint32_t i = node, stop = tree_node(t, node)->next; i < stop; i++)
		if (tree_node(t, i)->flags & NODE_EDITED)
			return true;
	return false;
}

/* A value that is made while it is written: pixels that are masked. */
static const struct stream *stream_of(const struct copying *c, struct element e)
{
	const struct change *change = e.added || c->was ? NULL : change_of(c->from, e.node);

	return change && !change->replaced ? change->stream : NULL;
}

/* A value of VR UN is copied as it stands, also where it holds items: those are implicit VR, little endian in
 * every data set (PS3.5 section 6.2.2). */
static bool is_opaque(const struct copying *c, struct element e)
{
	const struct node *n = node_of(c, e);

	return n && (n->flags & NODE_FRAGMENTS || (n->flags & NODE_UN && !is_edited(c, e.node)));
}

static enum vr vr_of(const struct copying *c, struct element e)
{
	const struct node *n = node_of(c, e);
	const struct stream *s = stream_of(c, e);

	if (s && s->vr != VR_NONE)
		return (enum vr)s->vr;
	if (n && n->flags & NODE_FRAGMENTS)
		return VR_OB;
	return is_opaque(c, e) ? VR_UN : element_vr(c->from, e);
}

/* ---- values ------------------------------------------------------------------------------------- */

static int read_stream(const struct copying *c, const struct stream *s, struct deid_str *out)
{
	const struct deid_host *h = c->from->host;
	struct deid_sink *spool = h->spool(c->from->job, c->err);
	struct deid_source *made;
	uint8_t *p;

	if (!spool || s->write(s->arg, spool, c->err) != DEID_OK)
		return DEID_FAILED;
	made = h->spool_source(spool, c->err);
	if (!made)
		return DEID_FAILED;
	p = s->size <= SIZE_MAX / 2 ? h->alloc(c->from->job, (size_t)s->size) : NULL;
	if (!p)
		return record_nomem(c->from, c->err);
	*out = (struct deid_str){(const char *)p, (size_t)s->size};
	return h->src_read(made, 0, p, (size_t)s->size, c->err);
}

static int read_bytes(const struct copying *c, struct element e, struct deid_str *out)
{
	struct record *r = c->from;
	const struct node *n = node_of(c, e);
	const struct change *change = e.added ? NULL : change_of(r, e.node);
	uint8_t *p;

	if (stream_of(c, e))
		return read_stream(c, stream_of(c, e), out);
	if (!n || (!c->was && change && change->replaced))
		return element_bytes(r, e, out, c->err);
	if (n->len > SIZE_MAX / 2)
		return record_nomem(r, c->err);
	p = r->host->alloc(r->job, (size_t)n->len);
	if (!p)
		return record_nomem(r, c->err);
	*out = (struct deid_str){(const char *)p, (size_t)n->len};
	return r->host->src_read(tree_source(&r->tree, e.node), node_value(n), p, (size_t)n->len, c->err);
}

static bool is_big(const struct copying *c, struct element e)
{
	const struct node *n = node_of(c, e);

	return n ? n->flags & NODE_BIG && !(n->flags & NODE_UN) : (e.added->in & NODE_IN_BIG) != 0;
}

/* Binary values are numbers of some bytes each; a rest that is no whole number stays as it is. */
static int swap(const struct copying *c, enum vr vr, struct deid_str *raw)
{
	unsigned unit = vr == VR_AT ? 2 : vr_info(vr)->unit;
	uint8_t *p;

	if (unit < 2 || !raw->n)
		return DEID_OK;
	p = c->to->host->alloc(c->to->job, raw->n);
	if (!p)
		return record_nomem(c->to, c->err);
	memcpy(p, raw->p, raw->n);
	for (size_t i = 0; i + unit <= raw->n; i += unit)
		for (unsigned k = 0; k < unit; k++)
			p[i + k] = (uint8_t)raw->p[i + unit - 1 - k];
	raw->p = (const char *)p;
	return DEID_OK;
}

/* The text in UTF-8; *text stays NULL where the bytes are no text of their character set. */
static int decode(const struct copying *c, struct element e, enum vr vr, struct deid_str raw,
    struct deid_str *text, struct charset **set)
{
	const struct content *now = NULL;
	struct record *r = c->from;
	const struct change *change = e.added ? NULL : change_of(r, e.node);
	struct buf out = {0};
	enum charset_rc rc;

	*set = NULL;
	if (e.added)
		now = &e.added->content;
	else if (!c->was && change && change->replaced)
		now = &change->content;
	if (now && now->text.p) {
		*text = now->text;
		return DEID_OK;
	}
	*set = scope_charset(r, place_of(r, e), !now, c->err);
	if (!*set)
		return DEID_FAILED;
	while (raw.n && (raw.p[raw.n - 1] == ' ' || raw.p[raw.n - 1] == '\0'))
		raw.n--;
	rc = charset_decode(*set, raw, vr == VR_PN, &out);
	if (rc == CHARSET_OK)
		*text = r->host->dup(c->to->job, buf_view(&out));
	buf_free(&out);
	return rc == CHARSET_NOMEM || (rc == CHARSET_OK && !text->p) ? record_nomem(r, c->err) : DEID_OK;
}

static int encode(const struct copying *c, struct charset *set, enum vr vr, struct content *content)
{
	struct record *r = c->to;
	/* Where the text has to wait: no empty value, which nobody would look at again. */
	struct deid_str kept = {"  ", 2};
	enum charset_rc rc = CHARSET_CANNOT;
	struct buf out = {0};

	if (content->text.p)
		rc = charset_encode(set, content->text, vr == VR_PN, &out);
	if (rc == CHARSET_OK && out.n % 2 && !buf_c(&out, ' '))
		rc = CHARSET_NOMEM;
	if (rc == CHARSET_OK)
		kept = r->host->dup(r->job, buf_view(&out));
	buf_free(&out);
	if (rc == CHARSET_NOMEM || !kept.p)
		return record_nomem(r, c->err);
	if (rc == CHARSET_CANNOT && !(c->lenient && content->text.p))
		return r->host->fail(c->err, DEID_FAILED, DEID_E_VALUE,
		    "a text cannot be written in the character set that it goes to; an entry before this "
		    "one can replace SpecificCharacterSet with ISO_IR 192 (UTF-8)");
	content->p = (const uint8_t *)kept.p;
	content->n = kept.n;
	return DEID_OK;
}

static int copy_text(
    const struct copying *c, struct element e, struct place at, enum vr vr, struct content *content)
{
	struct deid_str raw = {(const char *)content->p, content->n};
	struct charset *was, *now;

	if (charset_is_ascii(raw) || !(vr_info(vr)->flags & VR_F_CHARSET))
		return DEID_OK;
	if (decode(c, e, vr, raw, &content->text, &was) != DEID_OK)
		return DEID_FAILED;
	now = scope_charset(c->to, at, false, c->err);
	if (!now)
		return DEID_FAILED;
	return was && charset_same(was, now) ? DEID_OK : encode(c, now, vr, content);
}

static int copy_value(
    const struct copying *c, struct element e, struct place at, enum vr vr, struct content *content)
{
	struct deid_str raw = {"", 0}, kept;

	if (read_bytes(c, e, &raw) != DEID_OK)
		return DEID_FAILED;
	if (is_big(c, e) != ((place_syntax(c->to, at) & NODE_IN_BIG) != 0) && swap(c, vr, &raw) != DEID_OK)
		return DEID_FAILED;
	/* What a look at character sets may move. */
	kept = node_of(c, e) ? raw : c->to->host->dup(c->to->job, raw);
	if (!kept.p)
		return record_nomem(c->to, c->err);
	*content = (struct content){(const uint8_t *)kept.p, kept.n, {NULL, 0}};
	return copy_text(c, e, at, vr, content);
}

/* ---- elements ----------------------------------------------------------------------------------- */

static struct added *new_child(const struct copying *c, struct added *owner, uint32_t tag, enum vr vr)
{
	struct added *a = c->to->host->alloc(c->to->job, sizeof *a);

	if (!a)
		return NULL;
	*a = (struct added){.owner = owner, .tag = tag, .vr = (uint8_t)vr, .in = owner->in};
	return a;
}

static int copy_into(const struct copying *c, struct element e, struct added *to);

static void start(const struct copying *c, struct cursor *cursor, struct place p)
{
	cursor_start(cursor, c->from, p);
	if (c->was)
		cursor->added = NULL;
}

static bool next(const struct copying *c, struct cursor *cursor, struct element *e)
{
	if (!c->was)
		return cursor_next(cursor, c->from, e);
	if (cursor->i >= cursor->stop)
		return false;
	*e = (struct element){cursor->i, NULL};
	cursor->i = tree_node(&c->from->tree, cursor->i)->next;
	return true;
}

/* The items of a sequence, or the elements of an item, in their order. Of these the character set comes
 * first: the others are written in it. */
static int copy_children(const struct copying *c, struct place from, struct added *to)
{
	struct added **last = &to->child;
	struct cursor cursor;
	struct element e;

	for (int round = 0; round < 2; round++) {
		start(c, &cursor, from);
		while (next(c, &cursor, &e)) {
			uint32_t tag = element_tag(c->from, e);
			struct added *a;

			if ((tag == TAG_CHARSET) != (round == 0))
				continue;
			a = new_child(c, to, tag, tag == TAG_ITEM ? VR_ITEM : vr_of(c, e));
			if (!a)
				return record_nomem(c->to, c->err);
			*last = a;
			last = &a->next;
			if (tag == TAG_CHARSET)
				c->to->tree.nested_charset = true;
			if (copy_into(c, e, a) != DEID_OK)
				return DEID_FAILED;
		}
	}
	return DEID_OK;
}

/* Depth: that of sequences, which the walker bounds. */
static int copy_into(const struct copying *c, struct element e, struct added *to)
{
	const struct node *n = node_of(c, e);
	struct place at = {to->node, to->owner};

	to->undefined = stream_of(c, e) ? stream_of(c, e)->undefined
			: n             ? (n->flags & NODE_UNDEFINED) != 0
					: e.added->undefined;
	if (to->vr == VR_ITEM || to->vr == VR_SQ)
		return copy_children(c, (struct place){e.node, e.added}, to);
	if (copy_value(c, e, at, (enum vr)to->vr, &to->content) != DEID_OK)
		return DEID_FAILED;
	/* PS3.5 section 6.2.2: what a short header cannot count goes into an element of VR UN. */
	if (!(to->in & NODE_IN_IMPLICIT) && to->content.n > 0xFFFE &&
	    !(vr_info((enum vr)to->vr)->flags & VR_F_LONG))
		to->vr = VR_UN;
	return DEID_OK;
}

struct added *element_copy(struct record *from, struct element e, struct record *to, struct place at,
    unsigned flags, struct deid_error *err)
{
	const struct copying c = {from, to, flags & COPY_WAS, flags & COPY_LENIENT, err};
	struct added *a = to->host->alloc(to->job, sizeof *a);

	if (!a) {
		record_nomem(to, err);
		return NULL;
	}
	*a = (struct added){.owner = at.added,
	    .node = at.node,
	    .tag = element_tag(from, e),
	    .vr = (uint8_t)vr_of(&c, e),
	    .in = (uint16_t)place_syntax(to, at)};
	return copy_into(&c, e, a) == DEID_OK ? a : NULL;
}

/* ---- ways --------------------------------------------------------------------------------------- */

bool way_parse(const struct record *r, struct deid_str alt, struct step **out, size_t *n)
{
	struct deid_str part, rest = alt;
	uint64_t number;
	size_t i = 0;

	*n = 0;
	for (size_t k = 0; k < alt.n; k++)
		*n += alt.p[k] == '.';
	*n /= 2;
	*out = r->host->alloc(r->job, *n * sizeof **out);
	for (; *out && i < *n; i++) {
		struct step *s = &(*out)[i];

		s->tag = 0;
		s->item = 0;
		if (str_split(&rest, '.', &part))
			for (size_t k = 0; k < part.n; k++)
				s->tag = s->tag << 4 | (uint32_t)(part.p[k] <= '9' ? part.p[k] - '0'
										   : part.p[k] - 'a' + 10);
		if (str_split(&rest, '.', &part) && str_u64(part, &number))
			s->item = (size_t)number;
	}
	return *out != NULL;
}

int way_item(
    struct record *r, struct element sequence, size_t item, struct place *out, struct deid_error *err)
{
	struct cursor c;
	struct element e;
	struct added *made = NULL;
	size_t i = 0;

	cursor_start(&c, r, (struct place){sequence.node, sequence.added});
	for (; cursor_next(&c, r, &e); i++) {
		if (i == item) {
			*out = (struct place){e.node, e.added};
			return DEID_OK;
		}
	}
	for (; i <= item; i++) {
		made = added_item(r, sequence);
		if (!made)
			return record_nomem(r, err);
	}
	*out = (struct place){NODE_NONE, made};
	return DEID_OK;
}
