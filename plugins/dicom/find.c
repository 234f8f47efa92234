/* SPDX-License-Identifier: MIT */
#include "core/util/str.h"
#include "plugins/dicom/record.h"
#include <string.h>

/* ---- names ------------------------------------------------------------------------------------- */

/* Names are made for every element that is visited, so they do without printf(). What is added at once is
 * never longer than this: a keyword, eight digits, or an index. */
#define PIECE_MAX 80u

/* A place for a piece at the end; NULL: no memory. */
static char *piece(struct buf *b)
{
	if (b->cap - b->n < PIECE_MAX && !buf_reserve(b, PIECE_MAX))
		return NULL;
	return b->p + b->n;
}

static void put_hex(char *p, uint32_t tag)
{
	for (size_t i = 0; i < 8; i++)
		p[i] = "0123456789abcdef"[tag >> (28 - 4 * i) & 15];
}

/* n = 0: there is none. */
static const struct tag_name *keyword_of(struct record *r, uint32_t tag)
{
	struct tag_name *t = &r->named[(tag ^ tag >> 16) % TAG_NAMES];
	struct dict_entry e;

	if (t->tag == tag)
		return t;
	*t = (struct tag_name){.tag = tag};
	if (!tag_is_private(tag) && dict_find(tag, &e)) {
		t->keyword = e.keyword;
		t->n = (uint32_t)strlen(e.keyword);
	}
	return t;
}

static bool push_tag(struct record *r, uint32_t tag)
{
	const struct tag_name *t = keyword_of(r, tag);
	char *name = piece(&r->name), *alt = piece(&r->alt);

	if (!name || !alt)
		return false;
	if (r->name.n) {
		*name++ = '.';
		*alt++ = '.';
		r->name.n++;
		r->alt.n++;
	}
	put_hex(alt, tag);
	r->alt.n += 8;
	if (t->n && t->n < PIECE_MAX)
		memcpy(name, t->keyword, t->n);
	else
		put_hex(name, tag);
	r->name.n += t->n && t->n < PIECE_MAX ? t->n : 8;
	return true;
}

static bool push_item(struct record *r, size_t i)
{
	char text[24], *name = piece(&r->name), *alt = piece(&r->alt);
	size_t at = sizeof text, n;

	if (!name || !alt)
		return false;
	do
		text[--at] = (char)('0' + i % 10);
	while (i /= 10);
	text[--at] = '.';
	n = sizeof text - at;
	memcpy(name, text + at, n);
	memcpy(alt, text + at, n);
	r->name.n += n;
	r->alt.n += n;
	return true;
}

/* How far two machines have read the name of what is around an element: the name, the other name. */
struct sieved {
	uint16_t name, alt;
};

#define SIFT_SLOTS 256u

/* Where tags led to, for states that were met before: in the items of a sequence it is always the same. */
struct sifting {
	struct sift_slot {
		uint32_t tag;
		struct sieved from, to;
		bool known;
	} slot[SIFT_SLOTS];
};

/* One search through the file. */
struct search {
	struct record *r;
	const struct path *path; /* NULL: every element */
	deid_visit *visit;
	void *arg;
	struct deid_error *err;
	const struct deid_sieve *sieve; /* NULL: no name is left out */
	struct sieved at;               /* what is around */
};

static enum deid_kind kind_of(const struct record *r, struct element e)
{
	if (element_is_sequence(r, e))
		return DEID_TREE;
	return vr_info(e.added ? (enum vr)e.added->vr : (enum vr)tree_node(&r->tree, e.node)->vr)->kind;
}

/* The names of what is around e are in r->name and r->alt, and e's own are there already. */
static int visit(struct search *s, struct element e)
{
	struct deid_field f = {.size = sizeof f, .kind = kind_of(s->r, e)};

	f.h[0] = e.node;
	f.h[1] = (uintptr_t)e.added;
	f.name = buf_view(&s->r->name);
	f.alt = buf_view(&s->r->alt);
	return s->visit(s->arg, &f, s->err);
}

/* ---- selectors --------------------------------------------------------------------------------- */

int match_start(
    struct match *m, struct record *r, struct place p, const struct selector *s, struct deid_error *err)
{
	struct cursor c;
	struct element e;

	m->s = s;
	if (!s->creator.n)
		return DEID_OK;
	memset(m->block, 0, sizeof m->block);
	cursor_start(&c, r, p);
	while (cursor_next(&c, r, &e)) {
		uint32_t tag = element_tag(r, e);
		struct deid_str raw;

		if (tag >> 16 != s->tag >> 16 || !tag_is_creator(tag) || element_is_sequence(r, e))
			continue;
		if (element_length(r, e) > 1024)
			continue;
		if (element_bytes(r, e, &raw, err) != DEID_OK)
			return DEID_FAILED;
		while (raw.n && (raw.p[raw.n - 1] == ' ' || raw.p[raw.n - 1] == '\0'))
			raw.n--;
		while (raw.n && raw.p[0] == ' ')
			raw = str_sub(raw, 1, raw.n);
		if (str_eq(raw, s->creator))
			m->block[(tag & 0xFF) / 8] |= (uint8_t)(1u << tag % 8);
	}
	return DEID_OK;
}

bool match_tag(const struct match *m, uint32_t tag)
{
	const struct selector *s = m->s;
	unsigned block = tag >> 8 & 0xFF;

	if (s->creator.n)
		return tag >> 16 == s->tag >> 16 && (tag & 0xFF) == (s->tag & 0xFF) && block >= 0x10 &&
		       m->block[block / 8] >> block % 8 & 1;
	/* A repeating group is even, and has no element 0 but its length. */
	return (tag & s->mask) == (s->tag & s->mask) &&
	       (s->mask == 0xFFFFFFFF || (!tag_is_private(tag) && tag & 0xFFFF));
}

static uint16_t read_on(const struct deid_sieve *v, uint16_t state, const char *p, size_t n)
{
	for (size_t i = 0; i < n && state; i++)
		state = v->next[state * v->nclass + v->class_of[(unsigned char)p[i]]];
	return state;
}

/* Where the names of an element in s->at lead to. */
static struct sieved sift_tag(struct search *s, uint32_t tag)
{
	uint32_t h =
	    (tag ^ tag >> 16 ^ (uint32_t)s->at.name * 40503u ^ (uint32_t)s->at.alt * 30011u) * 2654435761u;
	struct sift_slot *slot = &s->r->sifting->slot[h >> 24];
	const struct tag_name *t;
	char alt[9] = ".", *hex = alt + 1;
	bool top = s->r->name.n == 0;

	if (slot->known && slot->tag == tag && slot->from.name == s->at.name && slot->from.alt == s->at.alt)
		return slot->to;
	t = keyword_of(s->r, tag);
	put_hex(hex, tag);
	*slot = (struct sift_slot){.tag = tag, .from = s->at, .known = !top};
	slot->to.alt = read_on(s->sieve, s->at.alt, top ? hex : alt, top ? 8 : 9);
	slot->to.name = s->at.name;
	if (!top)
		slot->to.name = read_on(s->sieve, s->at.name, ".", 1);
	slot->to.name = t->n ? read_on(s->sieve, slot->to.name, t->keyword, t->n)
			     : read_on(s->sieve, slot->to.name, hex, 8);
	return slot->to;
}

/* Reads on over the item that r->name ends with. */
static void sift_item(struct search *s, struct sieved sequence, size_t name)
{
	const struct buf *b = &s->r->name;

	s->at.name = read_on(s->sieve, sequence.name, b->p + name, b->n - name);
	s->at.alt = read_on(s->sieve, sequence.alt, b->p + name, b->n - name);
}

static int find_in(struct search *s, size_t level, struct place p);

/* The items of e that `item` selects; each is searched at `level`. */
static int find_items(struct search *s, size_t level, struct element e, int64_t item)
{
	struct record *r = s->r;
	size_t name = r->name.n, alt = r->alt.n;
	struct sieved around = s->at;
	struct cursor c;
	struct element it;
	int64_t i = 0;
	int rc = DEID_OK;

	cursor_start(&c, r, (struct place){e.node, e.added});
	for (; rc == DEID_OK && cursor_next(&c, r, &it); i++) {
		if (item != SELECT_ALL && i != item)
			continue;
		if (!push_item(r, (size_t)i))
			return record_nomem(r, s->err);
		if (s->sieve)
			sift_item(s, around, name);
		rc = find_in(s, level, (struct place){it.node, it.added});
		s->at = around;
		r->name.n = name;
		r->alt.n = alt;
		if (i == item)
			break;
	}
	return rc;
}

static int find_element(struct search *s, size_t level, struct element e, bool hit)
{
	struct record *r = s->r;
	const struct path *path = s->path;
	size_t name = r->name.n, alt = r->alt.n;
	bool last = !path || level + 1 == path->n;
	bool deeper = (!path || path->recurse) && element_is_sequence(r, e);
	struct sieved around = s->at, to = around;
	int rc = DEID_OK;

	if (!hit && !deeper)
		return DEID_OK;
	if (s->sieve) {
		to = sift_tag(s, element_tag(r, e));
		hit = hit && (s->sieve->wanted[to.name] || s->sieve->wanted[to.alt]);
		deeper = deeper && (to.name || to.alt);
		if (!hit && !deeper)
			return DEID_OK;
	}
	if (!push_tag(r, element_tag(r, e)))
		return record_nomem(r, s->err);
	if (hit && last)
		rc = visit(s, e);
	else if (hit && element_is_sequence(r, e))
		rc = find_items(s, level + 1, e, path->s[level].item);
	/* The visit may have taken the sequence out. */
	if (rc == DEID_OK && deeper && !element_gone(r, e)) {
		s->at = to;
		rc = find_items(s, level, e, SELECT_ALL);
		s->at = around;
	}
	r->name.n = name;
	r->alt.n = alt;
	return rc;
}

/* Recursion: at most as deep as the walker lets sequences nest, or as the path is long. */
static int find_in(struct search *s, size_t level, struct place p)
{
	struct record *r = s->r;
	struct match m;
	struct cursor c;
	struct element e;
	int rc = DEID_OK;

	if (s->path && match_start(&m, r, p, &s->path->s[level], s->err) != DEID_OK)
		return DEID_FAILED;
	cursor_start(&c, r, p);
	while (rc == DEID_OK && cursor_next(&c, r, &e)) {
		uint32_t tag = element_tag(r, e);

		/* Group lengths follow by themselves, and no name denotes them. */
		rc = find_element(s, level, e, s->path ? match_tag(&m, tag) : (tag & 0xFFFF) != 0);
	}
	return rc;
}

/* ---- one tag at every level -------------------------------------------------------------------- */

static int make_index(struct record *r, struct deid_error *err)
{
	const struct tree *t = &r->tree;
	uint32_t n = t->n - t->meta, size = 64;

	while (size < n / 4)
		size *= 2;
	r->index.head = r->host->alloc(r->job, size * sizeof *r->index.head);
	r->index.next = r->host->alloc(r->job, n * sizeof *r->index.next);
	if (!r->index.head || !r->index.next)
		return record_nomem(r, err);
	r->index.mask = size - 1;
	memset(r->index.head, 0xFF, size * sizeof *r->index.head);
	for (uint32_t i = t->n; i-- > t->meta;) {
		uint32_t *head = &r->index.head[tag_hash(tree_node(t, i)->tag) & r->index.mask];

		r->index.next[i - t->meta] = *head;
		*head = i;
	}
	return DEID_OK;
}

/* What the index finds without a walk. */
static bool is_indexed(const struct record *r, const struct path *p)
{
	const struct selector *s = path_last(p);

	return p->recurse && p->n == 1 && s->mask == 0xFFFFFFFF && !s->creator.n &&
	       !(r->index.added[tag_hash(s->tag) / 64 % 64] >> tag_hash(s->tag) % 64 & 1);
}

/* Of each level of sequences the item that was counted last. Nodes come in the order of the file, so that
 * counting goes on from there. */
struct counted {
	uint32_t item;
	size_t index;
};

static size_t count_items(const struct tree *t, struct counted *last, uint32_t item)
{
	uint32_t sequence = tree_node(t, item)->parent, i = sequence + 1;
	size_t n = 0;

	if (last->item > sequence && last->item <= item) {
		i = last->item;
		n = last->index;
	}
	for (; i < item; i = tree_node(t, i)->next)
		n++;
	*last = (struct counted){item, n};
	return n;
}

/* Visits a node, unless it or what it lies in is gone. */
static int find_node(struct search *s, uint32_t node, struct counted last[WALK_DEPTH])
{
	struct record *r = s->r;
	const struct tree *t = &r->tree;
	uint32_t around[2 * WALK_DEPTH];
	size_t n = 0, level = 0;

	for (uint32_t i = node; i != NODE_NONE; i = tree_node(t, i)->parent) {
		if (element_gone(r, (struct element){i, NULL}))
			return DEID_OK;
		if (i == node)
			continue;
		if (n == 2 * WALK_DEPTH)
			return r->host->fail(
			    s->err, DEID_FAILED, DEID_E_INTERNAL, "sequences nest deeper than was read");
		around[n++] = i;
	}
	r->name.n = r->alt.n = 0;
	while (n) {
		uint32_t i = around[--n];
		bool ok = tree_node(t, i)->tag == TAG_ITEM ? push_item(r, count_items(t, &last[level++], i))
							   : push_tag(r, tree_node(t, i)->tag);

		if (!ok)
			return record_nomem(r, s->err);
	}
	if (!push_tag(r, tree_node(t, node)->tag))
		return record_nomem(r, s->err);
	return visit(s, (struct element){node, NULL});
}

static int find_indexed(struct search *s)
{
	struct record *r = s->r;
	uint32_t tag = path_last(s->path)->tag, i;
	struct counted last[WALK_DEPTH];
	int rc = DEID_OK;

	if (!r->index.head && make_index(r, s->err) != DEID_OK)
		return DEID_FAILED;
	for (size_t k = 0; k < WALK_DEPTH; k++)
		last[k] = (struct counted){0, 0};
	for (i = r->index.head[tag_hash(tag) & r->index.mask]; rc == DEID_OK && i != NODE_NONE;
	     i = r->index.next[i - r->tree.meta])
		if (tree_node(&r->tree, i)->tag == tag)
			rc = find_node(s, i, last);
	return rc;
}

static int search(
    struct record *r, const struct path *path, deid_visit *fn, void *arg, struct deid_error *err)
{
	struct search s = {.r = r, .path = path, .visit = fn, .arg = arg, .err = err};

	r->err = err;
	r->name.n = r->alt.n = 0;
	if (path && is_indexed(r, path))
		return find_indexed(&s);
	return find_in(&s, 0, (struct place){path && path->meta ? NODE_META : NODE_NONE, NULL});
}

int record_find(void *rec, const void *path, deid_visit *fn, void *arg, struct deid_error *err)
{
	return search(rec, path, fn, arg, err);
}

int record_each(void *rec, deid_visit *fn, void *arg, struct deid_error *err)
{
	return search(rec, NULL, fn, arg, err);
}

int record_sift(void *rec, const struct deid_sieve *sieve, deid_visit *fn, void *arg, struct deid_error *err)
{
	struct record *r = rec;
	struct search s = {.r = r, .visit = fn, .arg = arg, .err = err, .sieve = sieve};

	r->err = err;
	r->name.n = r->alt.n = 0;
	if (!r->sifting)
		r->sifting = r->host->alloc(r->job, sizeof *r->sifting);
	if (!r->sifting)
		return record_nomem(r, err);
	memset(r->sifting, 0, sizeof *r->sifting);
	s.at = (struct sieved){DEID_SIEVE_START, DEID_SIEVE_START};
	return find_in(&s, 0, (struct place){NODE_NONE, NULL});
}
