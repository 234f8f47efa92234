/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/walk.h"
#include "core/util/bytes.h"
#include "plugins/dicom/dict.h"

#define PEEK_FIRST ((size_t)16 << 10) /* most headers are whole in it */
#define PEEK_MORE ((size_t)256 << 10) /* when the header goes on and on */
#define PEEK_JUMP ((size_t)4 << 10)   /* after a long value: what follows is short */
#define VR_CACHE 256u

enum fault {
	FAULT_NONE,
	FAULT_IO, /* *err is filled in */
	FAULT_MEMORY,
	FAULT_TRUNCATED, /* the input ends first */
	FAULT_LENGTH,    /* a length passes the end of what encloses it */
	FAULT_TAG,       /* a delimiter, or an element, in the wrong place */
	FAULT_UNDEFINED, /* undefined length where it may not be */
	FAULT_DEPTH,
};

enum frame_kind {
	FRAME_SET,       /* elements: the data set or an item */
	FRAME_SEQUENCE,  /* items */
	FRAME_FRAGMENTS, /* items of encapsulated data */
};

struct frame {
	uint64_t end;  /* nothing of it lies at or behind this */
	uint32_t node; /* NODE_NONE: the data set */
	uint16_t in;   /* NODE_IN_… */
	uint8_t kind;
	bool undefined;
};

struct walker {
	struct tree *tree;
	struct deid_source *src;
	struct deid_error *err;
	uint64_t size, at;
	const uint8_t *p; /* the bytes [base, base + got) of src */
	uint64_t base;
	size_t got, ask;
	struct frame frame[2 * WALK_DEPTH + 1];
	size_t depth; /* frames in use */
	size_t guess; /* depth at which a UN is tried as a sequence; 0: none */
	bool odd;     /* the latest element at the top has an odd length */
	bool pixels;  /* pixel data were among the elements at the top */
	uint32_t fault_tag;
	struct {
		uint32_t tag;
		uint8_t vr, set;
	} cache[VR_CACHE];
};

/* Points p at bytes [at, at + n) if the source has them all; *have says how many it has, up to 2^32. */
static enum fault look(struct walker *w, uint64_t at, size_t n, const uint8_t **p, size_t *have)
{
	const struct deid_host *h = w->tree->host;
	const void *got_p;
	uint64_t left = w->size > at ? w->size - at : 0;

	if (at < w->base || at - w->base > w->got ||
	    w->got - (size_t)(at - w->base) < (n < left ? n : left)) {
		bool onward = w->p && at >= w->base && at - w->base <= w->got;

		if (!w->p)
			w->ask = PEEK_FIRST;
		else if (onward)
			w->ask = 4 * w->ask < PEEK_MORE ? 4 * w->ask : PEEK_MORE;
		else
			w->ask = PEEK_JUMP;
		if (h->src_peek(w->src, at, w->ask, &got_p, &w->got, w->err) != DEID_OK)
			return FAULT_IO;
		w->p = got_p;
		w->base = at;
	}
	*p = w->p + (size_t)(at - w->base);
	*have = w->got - (size_t)(at - w->base);
	return FAULT_NONE;
}

static bool printable(uint8_t c)
{
	return c >= 0x20 && c < 0x7F;
}

static bool upper(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

bool walk_header(const uint8_t *p, size_t n, unsigned syntax, struct walk_header *h)
{
	bool big = syntax & NODE_IN_BIG;

	if (n < 8)
		return false;
	h->tag = big ? (uint32_t)get_be16(p) << 16 | get_be16(p + 2)
		     : (uint32_t)get_le16(p) << 16 | get_le16(p + 2);
	h->flags = big ? NODE_BIG : 0;
	h->vr = VR_NONE;
	if (!(syntax & NODE_IN_IMPLICIT) && h->tag >> 16 != 0xFFFE) {
		bool is_long;

		h->vr = (uint8_t)vr_of_letters(p[4], p[5]);
		if (h->vr != VR_NONE) {
			is_long = vr_info((enum vr)h->vr)->flags & VR_F_LONG;
			if (h->vr == VR_UN)
				h->flags |= NODE_UN;
		} else if (printable(p[4]) && printable(p[5])) {
			/* Capital letters are a VR of the future, which has the long header (PS3.5
			 * section 7.1.2); other text (as "??") comes from writers that used the short one. So
			 * does DCMTK. */
			is_long = upper(p[4]) && upper(p[5]) && p[6] == 0 && p[7] == 0;
			h->vr = VR_UN;
			h->flags |= NODE_UN;
		} else {
			goto implicit; /* no VR at all: an element as in an implicit data set */
		}
		if (!is_long) {
			h->len = big ? get_be16(p + 6) : get_le16(p + 6);
			return true;
		}
		if (n < 12)
			return false;
		h->flags |= NODE_LONG;
		h->len = big ? get_be32(p + 8) : get_le32(p + 8);
		return true;
	}
implicit:
	h->flags |= NODE_IMPLICIT;
	h->len = big ? get_be32(p + 4) : get_le32(p + 4);
	return true;
}

/* dict_vr() with a memory: the same few tags come again in every item. */
static uint8_t known_vr(struct walker *w, uint32_t tag)
{
	size_t i = (tag ^ tag >> 14) % VR_CACHE;

	if (!w->cache[i].set || w->cache[i].tag != tag) {
		w->cache[i].tag = tag;
		w->cache[i].vr = (uint8_t)dict_vr(tag);
		w->cache[i].set = 1;
	}
	return w->cache[i].vr;
}

static enum fault add(struct walker *w, const struct walk_header *h, uint64_t len, struct node **out)
{
	struct node *n = tree_add(w->tree);

	if (!n)
		return FAULT_MEMORY;
	n->off = w->at;
	n->len = len;
	n->tag = h->tag;
	n->next = w->tree->n;
	n->parent = w->frame[w->depth - 1].node;
	n->vr = h->vr;
	n->reserved = 0;
	n->flags = h->flags;
	*out = n;
	return FAULT_NONE;
}

static enum fault push(
    struct walker *w, enum frame_kind kind, uint32_t node, uint64_t end, bool undefined, unsigned in)
{
	if (w->depth == sizeof w->frame / sizeof *w->frame)
		return FAULT_DEPTH;
	w->frame[w->depth++] = (struct frame){end, node, (uint16_t)in, (uint8_t)kind, undefined};
	return FAULT_NONE;
}

/* The frame is complete at w->at. */
static void pop(struct walker *w)
{
	struct frame *f = &w->frame[--w->depth];
	struct node *n = tree_node(w->tree, f->node);

	n->next = w->tree->n;
	if (f->undefined)
		n->len = w->at - node_value(n);
	if (w->guess > w->depth)
		w->guess = 0;
}

/* Too few bytes up to `end`: because the input ends there, or because what encloses does. */
static enum fault too_short(const struct walker *w, uint64_t end)
{
	return end >= w->size ? FAULT_TRUNCATED : FAULT_LENGTH;
}

/* Whether the value at `at` begins as a sequence of items does. */
static enum fault begins_with_item(struct walker *w, uint64_t at, uint64_t len, bool big, bool *yes)
{
	const uint8_t *p;
	size_t have;
	enum fault f;
	uint32_t n;

	*yes = false;
	if (len < 8)
		return FAULT_NONE;
	f = look(w, at, 8, &p, &have);
	if (f != FAULT_NONE || have < 8)
		return f;
	if ((big ? (uint32_t)get_be16(p) << 16 | get_be16(p + 2)
		 : (uint32_t)get_le16(p) << 16 | get_le16(p + 2)) != TAG_ITEM)
		return FAULT_NONE;
	n = big ? get_be32(p + 4) : get_le32(p + 4);
	*yes = n == WALK_UNDEFINED || n <= len - 8;
	return FAULT_NONE;
}

/* An element whose value has undefined length. */
static enum fault open_undefined(struct walker *w, struct node *n, const struct frame *f, uint64_t end)
{
	uint32_t index = w->tree->n - 1;
	unsigned in = f->in;

	n->flags |= NODE_UNDEFINED;
	w->at = node_value(n);
	if (n->tag == TAG_PIXELS || n->vr == VR_OB || n->vr == VR_OW) {
		n->flags |= NODE_FRAGMENTS;
		return push(w, FRAME_FRAGMENTS, index, end, true, in);
	}
	if (n->flags & NODE_UN)
		in = NODE_IN_IMPLICIT; /* PS3.5 section 6.2.2 note 2: implicit VR, little endian, whatever is
					  around */
	else if (n->flags & NODE_IMPLICIT)
		in |= NODE_IN_IMPLICIT;
	else if (n->vr != VR_SQ)
		return FAULT_UNDEFINED;
	n->vr = VR_SQ;
	n->flags |= NODE_PARENT | (uint16_t)in;
	return push(w, FRAME_SEQUENCE, index, end, true, in);
}

/* An element with items in a value of known length. `sure`: it must hold items; else that is tried. */
static enum fault open_defined(struct walker *w, struct node *n, const struct frame *f, bool sure)
{
	unsigned in = f->in;
	enum fault fault;

	if (n->flags & NODE_UN)
		in = NODE_IN_IMPLICIT;
	else if (n->flags & NODE_IMPLICIT)
		in |= NODE_IN_IMPLICIT;
	n->flags |= NODE_PARENT | (uint16_t)in;
	fault = push(w, FRAME_SEQUENCE, w->tree->n - 1, node_end(n), false, in);
	if (fault == FAULT_NONE && !sure && !w->guess)
		w->guess = w->depth;
	w->at = node_value(n);
	return fault;
}

/* The attempt to read a UN as a sequence failed. Some writers have items with VRs there, against the
 * standard: that is tried next. Then it is opaque, and the walk goes on behind it; but what must be a
 * sequence, or is one that nests too deep, may hold what entries are to find, so that is the file's fault. */
static enum fault give_up_guess(struct walker *w, enum fault fault)
{
	uint32_t index = w->frame[w->guess - 1].node;
	struct node *n = tree_node(w->tree, index);
	bool again = n->flags & NODE_UN && n->flags & NODE_IN_IMPLICIT;

	if (fault == FAULT_DEPTH || (!again && n->vr == VR_SQ))
		return fault;
	w->tree->n = index + 1;
	w->depth = w->guess - 1;
	w->guess = 0;
	n->flags &= (uint16_t) ~(NODE_IN_IMPLICIT | NODE_IN_BIG);
	n->next = w->tree->n;
	if (again) {
		w->at = node_value(n);
		w->guess = w->depth + 1;
		return push(w, FRAME_SEQUENCE, index, node_end(n), false, 0);
	}
	n->flags &= (uint16_t)~NODE_PARENT;
	w->at = node_end(n);
	return FAULT_NONE;
}

static void note_top(struct walker *w, const struct walk_header *h)
{
	if (h->tag == 0x00041220u)
		w->tree->directory = true;
	w->odd = h->len != WALK_UNDEFINED && (h->len & 1);
	if (h->tag == TAG_PIXELS || h->tag == 0x7FE00008u || h->tag == 0x7FE00009u)
		w->pixels = true;
}

/* Decides how the element just added is read and moves on. */
static enum fault enter(struct walker *w, struct node *n, const struct walk_header *h, const struct frame *f)
{
	bool unknown = n->flags & (NODE_IMPLICIT | NODE_UN), items;
	enum fault fault;

	if (unknown) {
		uint8_t vr = known_vr(w, h->tag);

		if (vr != VR_NONE)
			n->vr = vr;
	}
	if (h->len == WALK_UNDEFINED && (unknown || n->flags & NODE_LONG))
		return open_undefined(w, n, f, f->end);
	if (n->vr == VR_SQ && !(n->flags & NODE_UN) && n->len)
		return open_defined(w, n, f, true);
	if (n->vr == VR_NONE || n->vr == VR_UN || (n->vr == VR_SQ && n->len)) {
		bool big = (n->flags & NODE_BIG) && !(n->flags & NODE_UN);

		fault = begins_with_item(w, node_value(n), n->len, big, &items);
		if (fault != FAULT_NONE)
			return fault;
		if (items)
			return open_defined(w, n, f, false);
		n->vr = n->vr == VR_SQ ? VR_UN : n->vr;
	}
	w->at = node_end(n);
	return FAULT_NONE;
}

static enum fault step_element(struct walker *w, struct frame *f, const uint8_t *p, size_t have)
{
	struct walk_header h;
	struct node *n;
	enum fault fault;
	uint64_t left = f->end - w->at;
	unsigned head;

	if (!walk_header(p, have < left ? have : (size_t)left, f->in, &h))
		return too_short(w, f->end);
	w->fault_tag = h.tag;
	if (h.tag >> 16 == 0xFFFE) {
		if (h.tag != TAG_ITEM_END || !f->undefined || f->node == NODE_NONE)
			return FAULT_TAG;
		w->at += 8;
		pop(w);
		return FAULT_NONE;
	}
	if (h.tag >> 16 == 0 && f->node == NODE_NONE)
		return FAULT_TAG; /* commands are no part of a file */
	if (h.flags & NODE_IMPLICIT && f->node != NODE_NONE &&
	    w->at == node_value(tree_node(w->tree, f->node))) {
		/* Some writers put items without VRs into explicit data sets: then the whole item is. */
		f->in |= NODE_IN_IMPLICIT;
		tree_node(w->tree, f->node)->flags |= NODE_IN_IMPLICIT;
	}
	head = h.flags & NODE_LONG ? 12 : 8;
	if (!(h.len == WALK_UNDEFINED && (h.flags & (NODE_LONG | NODE_IMPLICIT))) && h.len > left - head)
		return h.len > w->size - w->at - head ? FAULT_TRUNCATED : FAULT_LENGTH;
	fault = add(w, &h, h.len, &n);
	if (fault != FAULT_NONE)
		return fault;
	if ((h.tag & 0xFFFF) == 0)
		w->tree->group_lengths = true;
	if (f->node == NODE_NONE)
		note_top(w, &h);
	else if (h.tag == TAG_CHARSET)
		w->tree->nested_charset = true;
	return enter(w, n, &h, f);
}

/* An item of a sequence, a fragment of encapsulated data, or the end of either. */
static enum fault step_item(struct walker *w, const struct frame *f, const uint8_t *p, size_t have)
{
	uint64_t left = f->end - w->at;
	struct walk_header h;
	unsigned miscounted = 0;
	struct node *n;
	enum fault fault;

	if (!walk_header(p, have < left ? have : (size_t)left, f->in | NODE_IN_IMPLICIT, &h))
		return too_short(w, f->end);
	w->fault_tag = h.tag;
	if (h.tag == TAG_SEQ_END && f->undefined) {
		w->at += 8;
		pop(w);
		return FAULT_NONE;
	}
	if (h.tag != TAG_ITEM)
		return FAULT_TAG;
	if (h.len != WALK_UNDEFINED && h.len > left - 8) {
		/* An item that says more than its sequence of known length holds was counted wrongly by its
		 * writer, not cut: then the sequence would not fit either. Its elements must end with the
		 * sequence. */
		if (f->kind == FRAME_FRAGMENTS || f->undefined)
			return h.len > w->size - w->at - 8 ? FAULT_TRUNCATED : FAULT_LENGTH;
		h.len = (uint32_t)(left - 8);
		w->tree->miscounted = true;
		miscounted = NODE_MISCOUNTED;
	}
	if (f->kind == FRAME_FRAGMENTS) {
		if (h.len == WALK_UNDEFINED)
			return FAULT_UNDEFINED;
		w->at += 8 + (uint64_t)h.len;
		return FAULT_NONE;
	}
	h.vr = VR_ITEM;
	fault = add(w, &h, h.len == WALK_UNDEFINED ? 0 : h.len, &n);
	if (fault != FAULT_NONE)
		return fault;
	n->flags |= NODE_PARENT | miscounted | f->in | (h.len == WALK_UNDEFINED ? NODE_UNDEFINED : 0);
	fault = push(w, FRAME_SET, w->tree->n - 1, h.len == WALK_UNDEFINED ? f->end : node_end(n),
	    h.len == WALK_UNDEFINED, f->in);
	w->at += 8;
	return fault;
}

static enum fault all_zero(struct walker *w, uint64_t at, bool *yes)
{
	const uint8_t *p;
	size_t have;
	enum fault f;

	*yes = true;
	for (; at < w->size && *yes; at += have) {
		f = look(w, at, 1, &p, &have);
		if (f != FAULT_NONE)
			return f;
		for (size_t i = 0; i < have; i++)
			if (p[i])
				*yes = false;
	}
	return FAULT_NONE;
}

/*
 * Whether what is left at the top is no part of the data set. It must never be the rest of a data set that
 * was cut, so only what no element can begin with counts: group 0000, a NUL behind an odd value, and behind
 * the pixel data, where only higher groups may follow, a lower one that does not hold together.
 */
static enum fault is_trailing(
    struct walker *w, const struct frame *f, const uint8_t *p, size_t have, bool *yes)
{
	uint64_t left = w->size - w->at;
	bool big = f->in & NODE_IN_BIG;
	struct walk_header h;
	unsigned group;

	*yes = false;
	if (left == 1) {
		*yes = w->odd && p[0] == 0;
		return FAULT_NONE;
	}
	group = big ? get_be16(p) : get_le16(p);
	if (group == 0 && left >= 4) {
		*yes = w->pixels;
		return *yes ? FAULT_NONE : all_zero(w, w->at, yes);
	}
	if (!w->pixels || group >= 0x7FE0)
		return FAULT_NONE;
	if (!walk_header(p, have, f->in, &h))
		*yes = true;
	else if (h.flags & NODE_IMPLICIT && !(f->in & NODE_IN_IMPLICIT))
		*yes = true;
	else if (h.len != WALK_UNDEFINED && h.len > left - (h.flags & NODE_LONG ? 12 : 8))
		*yes = true;
	return FAULT_NONE;
}

/* One header; *done when the data set is complete. */
static enum fault step(struct walker *w, bool *done)
{
	struct frame *f = &w->frame[w->depth - 1];
	const uint8_t *p;
	size_t have;
	enum fault fault;

	if (w->at == f->end && !f->undefined) {
		*done = f->node == NODE_NONE;
		if (!*done)
			pop(w);
		return FAULT_NONE;
	}
	fault = look(w, w->at, 12, &p, &have);
	if (fault != FAULT_NONE)
		return fault;
	if (f->kind != FRAME_SET)
		return step_item(w, f, p, have);
	if (f->node == NODE_NONE && have && (have < 8 || w->pixels || (p[0] == 0 && p[1] == 0))) {
		fault = is_trailing(w, f, p, have, done);
		if (fault != FAULT_NONE || *done)
			return fault;
		fault =
		    look(w, w->at, 12, &p, &have); /* the look at what follows may have moved the window */
		if (fault != FAULT_NONE)
			return fault;
	}
	return step_element(w, f, p, have);
}

static int report(struct walker *w, enum fault fault)
{
	const struct deid_host *h = w->tree->host;
	unsigned g = w->fault_tag >> 16, e = w->fault_tag & 0xFFFF;
	int rc = DEID_FAILED;

	switch (fault) {
	case FAULT_NONE:
		return DEID_OK;
	case FAULT_IO:
		return DEID_FAILED;
	case FAULT_MEMORY:
		return h->fail(w->err, DEID_FAILED, DEID_E_NOMEM, "no memory for the elements of the file");
	case FAULT_TRUNCATED:
		rc = h->fail(
		    w->err, rc, DEID_E_TRUNCATED, "the file is cut short, at or after (%04x,%04x)", g, e);
		break;
	case FAULT_LENGTH:
		rc = h->fail(w->err, rc, DEID_E_FORMAT,
		    "(%04x,%04x) does not fit in the item or sequence that holds it", g, e);
		break;
	case FAULT_TAG:
		rc = h->fail(w->err, rc, DEID_E_FORMAT, "(%04x,%04x) may not stand here", g, e);
		break;
	case FAULT_UNDEFINED:
		rc = h->fail(w->err, rc, DEID_E_FORMAT, "(%04x,%04x) may not have undefined length", g, e);
		break;
	case FAULT_DEPTH:
		rc = h->fail(w->err, rc, DEID_E_LIMIT, "sequences nest more than %d deep at (%04x,%04x)",
		    WALK_DEPTH, g, e);
		break;
	}
	h->at(w->err, (struct deid_str){NULL, 0}, w->at);
	return rc;
}

static void start(
    struct walker *w, struct tree *t, struct deid_source *src, uint64_t at, struct deid_error *err)
{
	/* The window and the cache: everything else is set where it is used first. */
	*w = (struct walker){.tree = t, .src = src, .err = err, .size = t->host->src_size(src), .at = at};
}

int walk_data(struct tree *t, uint64_t at, struct deid_error *err)
{
	struct walker w;
	enum fault fault;
	bool done = false;

	start(&w, t, t->data, at, err);
	fault = push(&w, FRAME_SET, NODE_NONE, w.size, false, t->syntax);
	while (fault == FAULT_NONE && !done) {
		fault = step(&w, &done);
		if (w.guess && fault > FAULT_MEMORY)
			fault = give_up_guess(&w, fault);
	}
	t->end = w.at;
	t->trailing = w.size - w.at;
	return report(&w, fault);
}

int walk_meta(struct tree *t, uint64_t at, uint64_t *end, struct deid_error *err)
{
	struct walker w;
	struct walk_header h;
	struct node *n;
	const uint8_t *p;
	size_t have;
	enum fault fault = FAULT_NONE;

	start(&w, t, t->file, at, err);
	push(&w, FRAME_SET, NODE_NONE, w.size, false, 0);
	for (; fault == FAULT_NONE && w.at < w.size; w.at = node_end(n)) {
		fault = look(&w, w.at, 12, &p, &have);
		if (fault != FAULT_NONE)
			break;
		if (have >= 2 && get_le16(p) != 2)
			break;
		if (!walk_header(p, have, 0, &h)) {
			fault = FAULT_TRUNCATED;
			break;
		}
		w.fault_tag = h.tag;
		if (h.len > w.size - w.at - (h.flags & NODE_LONG ? 12 : 8)) {
			fault = h.len == WALK_UNDEFINED ? FAULT_UNDEFINED : FAULT_TRUNCATED;
			break;
		}
		fault = add(&w, &h, h.len, &n);
		if (fault != FAULT_NONE)
			break;
		if (h.flags & NODE_IMPLICIT)
			n->vr = (uint8_t)dict_vr(h.tag);
	}
	*end = w.at;
	t->meta = t->n;
	return report(&w, fault);
}
