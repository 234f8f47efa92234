/* SPDX-License-Identifier: MIT */
#include <config.h>

/* From libyaml's events to the tree. Nothing here recurses: open collections are on an explicit stack. */
#include "core/profile/document.h"
#include "core/util/grow.h"
#include "core/util/map.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#define TEXT_MAX ((size_t)16 << 20)
#define DEPTH_MAX 100
#define ALIAS_MAX 10000      /* nodes that one use of an alias may stand for */
#define EXPANDED_MAX 1000000 /* nodes that all aliases of a document may stand for */
#define SCAN_MAX 16          /* mappings up to this size find a key by looking at all */

#define TAG(name) "tag:yaml.org,2002:" name

/* A collection that is still open. */
struct frame {
	struct deid_node *node;
	struct node_pair *pair; /* of a mapping, malloc()ed */
	struct deid_node **item;
	size_t cap;
	struct deid_node *key; /* waits for its value */
	bool keyed;
	bool refused;            /* the key was, so the value is dropped */
	struct deid_node *merge; /* the value of `<<` */
	struct map seen;         /* key text -> key node, once the mapping is big */
};

struct builder {
	struct document *doc;
	struct deid_error *err;
	struct frame stack[DEPTH_MAX];
	size_t depth;
	struct map anchors; /* name -> node */
	size_t expanded;
	bool ended; /* the first document is complete */
	bool nomem;
};

static bool spent(struct builder *b)
{
	b->nomem = true;
	return false;
}

/* ---- nodes ------------------------------------------------------------------------------------- */

static bool complain_mark(struct builder *b, const yaml_mark_t *m, const char *text)
{
	error_diag(b->err, DIAG_ERROR, b->doc->file, m->line + 1, m->column + 1, "%s", text);
	return false;
}

static struct deid_node *node_new(struct builder *b, enum node_type type, const yaml_mark_t *m)
{
	struct deid_node *n = arena_zalloc(&b->doc->arena, sizeof *n);

	if (!n) {
		spent(b);
		return NULL;
	}
	n->type = type;
	n->file = b->doc->file;
	n->line = m->line + 1;
	n->col = m->column + 1;
	n->weight = 1;
	return n;
}

static bool tag_in(const char *tag, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(tag, *list))
			return true;
	return false;
}

static bool check_tag(struct builder *b, const yaml_char_t *tag, enum node_type type, const yaml_mark_t *m)
{
	static const char *const scalars[] = {
	    "!", TAG("str"), TAG("int"), TAG("float"), TAG("bool"), TAG("null"), NULL};
	static const char *const lists[] = {"!", TAG("seq"), NULL};
	static const char *const maps[] = {"!", TAG("map"), NULL};

	if (!tag || tag_in((const char *)tag, type == NODE_SCALAR ? scalars
					      : type == NODE_LIST ? lists
								  : maps))
		return true;
	return complain_mark(b, m, "unknown tag");
}

/* ---- places ------------------------------------------------------------------------------------ */

static struct deid_node *find_key(const struct frame *f, struct deid_str key)
{
	if (f->seen.n)
		return map_get(&f->seen, key);
	for (size_t i = 0; i < f->node->n; i++)
		if (str_eq(f->pair[i].key->text, key))
			return f->pair[i].key;
	return NULL;
}

static bool remember(struct builder *b, struct map *m, struct deid_str key, struct deid_node *n)
{
	struct map_entry *e = map_put(m, key, NULL);

	if (!e)
		return spent(b);
	e->value = n;
	return true;
}

static bool note_key(struct builder *b, struct frame *f, struct deid_node *key)
{
	if (f->seen.n)
		return remember(b, &f->seen, key->text, key);
	if (f->node->n < SCAN_MAX)
		return true;
	for (size_t i = 0; i < f->node->n; i++)
		if (!remember(b, &f->seen, f->pair[i].key->text, f->pair[i].key))
			return false;
	return true;
}

static bool is_merge(const struct deid_node *key)
{
	return key->plain && str_eqz(key->text, "<<");
}

static void take_key(struct builder *b, struct frame *f, struct deid_node *key)
{
	struct deid_node *first;

	f->key = key;
	f->keyed = true;
	f->refused = true;
	if (key->type != NODE_SCALAR) {
		/* {{ NAME }} without quotes is a mapping with the key {NAME: null}. */
		node_complain(b->err, key, "a key must be a plain text, not a list or a mapping%s",
		    key->type == NODE_MAP ? "; a variable stands in quotes: \"{{ NAME }}\"" : "");
	} else if (is_merge(key)) {
		f->refused = f->merge != NULL;
		if (f->refused)
			node_complain(b->err, key, "a second merge key; give it a list of mappings");
	} else if ((first = find_key(f, key->text))) {
		node_complain(b->err, key, "duplicate key, first given in line %zu", first->line);
	} else {
		f->refused = false;
	}
}

static bool add_pair(struct builder *b, struct frame *f, struct node_pair pair)
{
	struct node_pair *list = grow(f->pair, &f->cap, f->node->n + 1, sizeof *list);

	if (!list)
		return spent(b);
	f->pair = list;
	f->pair[f->node->n++] = pair;
	return note_key(b, f, pair.key);
}

static bool take_value(struct builder *b, struct frame *f, struct deid_node *value)
{
	f->keyed = false;
	if (f->refused)
		return true;
	if (is_merge(f->key)) {
		f->merge = value;
		return true;
	}
	return add_pair(b, f, (struct node_pair){f->key, value});
}

/* Puts a node where the document has it. */
static bool place(struct builder *b, struct deid_node *n)
{
	struct frame *f = b->depth ? &b->stack[b->depth - 1] : NULL;
	struct deid_node **list;

	if (!f) {
		b->doc->root = n;
		return true;
	}
	if (f->node->type == NODE_MAP) {
		if (f->keyed)
			return take_value(b, f, n);
		take_key(b, f, n);
		return true;
	}
	list = grow(f->item, &f->cap, f->node->n + 1, sizeof *list);
	if (!list)
		return spent(b);
	f->item = list;
	f->item[f->node->n++] = n;
	return true;
}

static bool anchor(struct builder *b, const yaml_char_t *name, struct deid_node *n)
{
	struct deid_str key;

	if (!name)
		return true;
	key = arena_dup(&b->doc->arena, str_of((const char *)name));
	return key.p ? remember(b, &b->anchors, key, n) : spent(b);
}

static void add_weight(struct builder *b, size_t weight)
{
	if (b->depth)
		b->stack[b->depth - 1].node->weight += weight;
}

/* ---- events ------------------------------------------------------------------------------------ */

static bool take_scalar(struct builder *b, const yaml_event_t *e)
{
	struct deid_node *n;
	struct deid_str text = {(const char *)e->data.scalar.value, e->data.scalar.length};
	const yaml_char_t *tag = e->data.scalar.tag;

	if (memchr(text.p, 0, text.n))
		return complain_mark(b, &e->start_mark, "a text may not hold a NUL character");
	if (!check_tag(b, tag, NODE_SCALAR, &e->start_mark))
		return false;
	n = node_new(b, NODE_SCALAR, &e->start_mark);
	if (!n)
		return false;
	n->text = arena_dup(&b->doc->arena, text);
	if (!n->text.p)
		return spent(b);
	if (tag) /* `!` and !!str make a text of anything, the others read it */
		n->plain = strcmp((const char *)tag, "!") && strcmp((const char *)tag, TAG("str"));
	else
		n->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	add_weight(b, 1);
	return anchor(b, e->data.scalar.anchor, n) && place(b, n);
}

static bool take_alias(struct builder *b, const yaml_event_t *e)
{
	struct deid_node *n = map_get(&b->anchors, str_of((const char *)e->data.alias.anchor));

	if (!n)
		return complain_mark(b, &e->start_mark, "alias of an anchor that does not exist");
	for (size_t i = 0; i < b->depth; i++)
		if (b->stack[i].node == n)
			return complain_mark(
			    b, &e->start_mark, "an alias may not stand inside what it names");
	b->expanded += n->weight;
	if (n->weight > ALIAS_MAX || b->expanded > EXPANDED_MAX)
		return complain_mark(b, &e->start_mark, "aliases stand for too many nodes");
	add_weight(b, n->weight);
	return place(b, n);
}

static bool open_collection(struct builder *b, const yaml_event_t *e)
{
	bool map = e->type == YAML_MAPPING_START_EVENT;
	enum node_type type = map ? NODE_MAP : NODE_LIST;
	const yaml_char_t *tag = map ? e->data.mapping_start.tag : e->data.sequence_start.tag;
	const yaml_char_t *name = map ? e->data.mapping_start.anchor : e->data.sequence_start.anchor;
	struct deid_node *n;

	if (!check_tag(b, tag, type, &e->start_mark))
		return false;
	if (b->depth == DEPTH_MAX)
		return complain_mark(b, &e->start_mark, "the document is nested too deeply");
	n = node_new(b, type, &e->start_mark);
	if (!n || !anchor(b, name, n) || !place(b, n))
		return false;
	b->stack[b->depth++] = (struct frame){.node = n};
	return true;
}

/* Adds the pairs of a merged mapping that the keys so far do not hide. */
static bool merge_one(struct builder *b, struct frame *f, const struct deid_node *from)
{
	for (size_t i = 0; i < from->n; i++) {
		if (!find_key(f, from->pair[i].key->text) && !add_pair(b, f, from->pair[i]))
			return false;
	}
	b->expanded += from->n;
	return true;
}

/* `<<`: one mapping, or a list of them. The pairs that it brings go before the mapping's own. */
static bool merge(struct builder *b, struct frame *f)
{
	const struct deid_node *m = f->merge;
	size_t own = f->node->n, brought;
	struct node_pair *order;

	if (m->type == NODE_SCALAR)
		return node_complain(b->err, m, "the merge key takes a mapping or a list of mappings") ==
		       DEID_OK;
	for (size_t i = 0; i < (m->type == NODE_LIST ? m->n : 1); i++) {
		const struct deid_node *from = m->type == NODE_LIST ? m->item[i] : m;

		if (from->type != NODE_MAP) {
			node_complain(b->err, from, "the merge key takes a mapping or a list of mappings");
			return false;
		}
		if (!merge_one(b, f, from))
			return false;
	}
	if (b->expanded > EXPANDED_MAX) {
		node_complain(b->err, m, "aliases stand for too many nodes");
		return false;
	}
	brought = f->node->n - own;
	if (!brought || !own)
		return true;
	order = calloc(f->node->n, sizeof *order);
	if (!order)
		return spent(b);
	memcpy(order, f->pair + own, brought * sizeof *order);
	memcpy(order + brought, f->pair, own * sizeof *order);
	free(f->pair);
	f->pair = order;
	f->cap = f->node->n;
	return true;
}

static void frame_free(struct frame *f)
{
	free(f->pair);
	free(f->item);
	map_free(&f->seen);
	*f = (struct frame){0};
}

static bool close_collection(struct builder *b)
{
	struct frame *f = &b->stack[b->depth - 1];
	struct deid_node *n = f->node;
	bool ok = !f->merge || merge(b, f);

	if (ok && n->n) {
		size_t size = n->type == NODE_MAP ? sizeof *n->pair : sizeof *n->item;
		void *copy = arena_array(&b->doc->arena, n->n, size);

		if (copy)
			memcpy(copy, n->type == NODE_MAP ? (void *)f->pair : (void *)f->item, n->n * size);
		else
			ok = spent(b);
		if (n->type == NODE_MAP)
			n->pair = copy;
		else
			n->item = copy;
	}
	if (!ok)
		n->n = 0;
	frame_free(f);
	b->depth--;
	add_weight(b, n->weight);
	return ok;
}

/* False: stop, it has been said why. */
static bool take_event(struct builder *b, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		return !b->ended || complain_mark(b, &e->start_mark, "a second document; a profile is one");
	case YAML_DOCUMENT_END_EVENT:
		b->ended = true;
		return true;
	case YAML_ALIAS_EVENT:
		return take_alias(b, e);
	case YAML_SCALAR_EVENT:
		return take_scalar(b, e);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return open_collection(b, e);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_collection(b);
	default:
		return true;
	}
}

/* ---- the document ------------------------------------------------------------------------------ */

static void complain_yaml(struct builder *b, const yaml_parser_t *y)
{
	const char *what = y->problem ? y->problem : "not YAML";
	const yaml_mark_t *m = &y->problem_mark;

	if (y->error == YAML_MEMORY_ERROR)
		spent(b);
	else if (y->error == YAML_READER_ERROR)
		error_diag(b->err, DIAG_ERROR, b->doc->file, 0, 0, "byte %zu: %s (a profile is UTF-8 text)",
		    y->problem_offset, what);
	else if (y->context)
		error_diag(b->err, DIAG_ERROR, b->doc->file, m->line + 1, m->column + 1,
		    "%s, %s that begins in line %zu", what, y->context, y->context_mark.line + 1);
	else
		complain_mark(b, m, what);
}

static bool run_parser(struct builder *b, struct deid_str text)
{
	yaml_parser_t y;
	bool ok = yaml_parser_initialize(&y) || spent(b);

	if (!ok)
		return false;
	yaml_parser_set_input_string(&y, (const unsigned char *)text.p, text.n);
	for (bool more = true; ok && more;) {
		yaml_event_t e;

		if (!yaml_parser_parse(&y, &e)) {
			complain_yaml(b, &y);
			ok = false;
			break;
		}
		more = e.type != YAML_STREAM_END_EVENT;
		ok = take_event(b, &e);
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&y);
	return ok;
}

static bool digest(struct document *doc, struct deid_str text)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	size_t n;

	if (!EVP_Q_digest(NULL, "SHA256", NULL, text.p, text.n, md, &n) || n != 32)
		return false;
	for (size_t i = 0; i < n; i++) {
		doc->sha256[2 * i] = "0123456789abcdef"[md[i] >> 4];
		doc->sha256[2 * i + 1] = "0123456789abcdef"[md[i] & 15];
	}
	doc->sha256[64] = 0;
	return true;
}

static struct document *document_new(const char *file)
{
	struct document *doc = calloc(1, sizeof *doc);

	if (!doc)
		return NULL;
	arena_init(&doc->arena, 0);
	doc->file = strdup(file);
	if (!doc->file) {
		document_free(doc);
		return NULL;
	}
	return doc;
}

/* What can be seen without parsing. */
static bool check_text(struct document *doc, struct deid_str text, struct deid_error *err)
{
	const char *what = NULL;

	if (text.n > TEXT_MAX)
		what = "the document is larger than 16 MiB";
	else if (str_prefix(text, "\xff\xfe") || str_prefix(text, "\xfe\xff"))
		what = "the document is UTF-16; save it as UTF-8";
	if (what)
		error_diag(err, DIAG_ERROR, doc->file, 0, 0, "%s", what);
	return !what;
}

static struct document *parse(struct deid_str text, const char *file, bool sum, struct deid_error *err)
{
	struct document *doc = document_new(file);
	struct builder *b = calloc(1, sizeof *b);
	bool nomem = !doc || !b;

	if (nomem || !check_text(doc, text, err))
		goto out;
	*b = (struct builder){.doc = doc, .err = err};
	/* What a syntax error leaves is no basis for judging keys. */
	if ((sum && !digest(doc, text)) || !run_parser(b, text))
		doc->root = NULL;
	else if (!doc->root) /* not even a null: no text, or comments only */
		error_diag(err, DIAG_ERROR, doc->file, 1, 1, "the document is empty");
	nomem = b->nomem || (sum && !doc->sha256[0]);
	while (b->depth)
		frame_free(&b->stack[--b->depth]);
	map_free(&b->anchors);
out:
	free(b);
	if (nomem) {
		error_nomem(err);
		document_free(doc);
		return NULL;
	}
	return doc;
}

struct document *document_parse(struct deid_str text, const char *file, struct deid_error *err)
{
	return parse(text, file, true, err);
}

/* All of fd, at most one byte more than a document may have; false with errno. */
static bool read_all(int fd, struct buf *out)
{
	for (;;) {
		ssize_t got;

		if (!buf_reserve(out, 65536)) {
			errno = ENOMEM;
			return false;
		}
		got = read(fd, out->p + out->n, 65536);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0;
		out->n += (size_t)got;
		if (out->n > TEXT_MAX)
			return true;
	}
}

static struct document *read_file(const char *path, bool sum, struct deid_error *err)
{
	struct document *doc = NULL;
	struct buf text = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && read_all(fd, &text)) {
		doc = parse(buf_view(&text), path, sum, err);
	} else {
		int why = errno;

		doc = document_new(path);
		if (doc)
			error_diag(err, DIAG_ERROR, doc->file, 0, 0, "cannot be read: %s", strerror(why));
		else
			error_nomem(err);
	}
	/* There may be a key in it. */
	if (text.p)
		explicit_bzero(text.p, text.cap);
	buf_free(&text);
	if (fd >= 0)
		close(fd);
	return doc;
}

struct document *document_read(const char *path, struct deid_error *err)
{
	return read_file(path, true, err);
}

struct document *document_look(const char *path, struct deid_error *err)
{
	return read_file(path, false, err);
}

void document_free(struct document *doc)
{
	if (!doc)
		return;
	arena_wipe(&doc->arena);
	free(doc->file);
	free(doc);
}
