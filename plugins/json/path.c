/* SPDX-License-Identifier: MIT */
#include "plugins/json/path.h"

#include <stdlib.h>
#include <string.h>

struct json_path *json_path_new(struct deid_str text, struct deid_str separator)
{
	size_t n = 1, size;
	struct json_path *p;
	char *copy;

	for (size_t i = 0; separator.n && i + separator.n <= text.n; i++) {
		if (memcmp(text.p + i, separator.p, separator.n) == 0) {
			n++;
			i += separator.n - 1;
		}
	}
	if (text.n > SIZE_MAX / 4 || n > (SIZE_MAX / 2 - sizeof(*p)) / sizeof(*p->step))
		return NULL;
	size = sizeof(*p) + n * sizeof(*p->step) + 2 * text.n;
	p = calloc(1, size ? size : 1);
	if (!p)
		return NULL;
	p->step = (struct deid_str *)(p + 1);
	copy = (char *)(p->step + n);
	if (text.n)
		memcpy(copy, text.p, text.n);
	p->n = n;
	for (size_t k = 0, from = 0; k < n; k++) {
		size_t to = from;

		while (k + 1 < n ? memcmp(copy + to, separator.p, separator.n) != 0 : to < text.n)
			to++;
		p->step[k] = (struct deid_str){copy + from, to - from};
		p->wild |= str_eqz(p->step[k], "*");
		from = to + separator.n;
	}
	p->place.p = copy + text.n;
	for (size_t k = 0; k < n; k++) {
		if (k)
			copy[text.n + p->place.n++] = DEID_PLACE_STEP;
		memcpy(copy + text.n + p->place.n, p->step[k].p, p->step[k].n);
		p->place.n += p->step[k].n;
	}
	return p;
}

static uint32_t hash(struct deid_str s)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 16777619u;
	return h;
}

static uint64_t index_of(struct deid_str s)
{
	uint64_t v;

	if (s.n == 0 || s.n > 18 || (s.p[0] == '0' && s.n > 1) || s.p[0] < '0' || s.p[0] > '9')
		return JSON_NO_INDEX;
	return str_u64(s, &v) ? v : JSON_NO_INDEX;
}

static struct json_node *node_new(struct deid_str step, const struct json_node *parent)
{
	struct json_node *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->step = step;
	n->parent = parent;
	n->is_wild = parent && str_eqz(step, "*");
	n->below_any = parent && (parent->below_any || n->is_wild);
	n->index = index_of(step);
	n->min = UINT32_MAX;
	return n;
}

static void slot_put(struct json_node *n, uint32_t rank)
{
	size_t at = hash(n->child[rank]->step) & (n->nslot - 1);

	while (n->slot[at])
		at = (at + 1) & (n->nslot - 1);
	n->slot[at] = rank + 1;
}

static bool rehash(struct json_node *n)
{
	size_t want = n->nslot ? n->nslot * 2 : 8;
	uint32_t *slot = calloc(want, sizeof(*slot));

	if (!slot)
		return false;
	free(n->slot);
	n->slot = slot;
	n->nslot = want;
	for (uint32_t i = 0; i < n->nchild; i++)
		slot_put(n, i);
	return true;
}

static struct json_node *find(const struct json_node *n, struct deid_str key)
{
	if (n->nchild == 0)
		return NULL;
	for (size_t at = hash(key) & (n->nslot - 1); n->slot[at]; at = (at + 1) & (n->nslot - 1)) {
		struct json_node *c = n->child[n->slot[at] - 1];

		if (c->step.n == key.n && memcmp(c->step.p, key.p, key.n) == 0)
			return c;
	}
	return NULL;
}

static struct json_node *child_get(struct json_node *n, struct deid_str step)
{
	struct json_node **grown, *c;

	if (str_eqz(step, "*"))
		return n->wild ? n->wild : (n->wild = node_new(step, n));
	c = find(n, step);
	if (c)
		return c;
	grown = reallocarray(n->child, n->nchild + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	n->child = grown;
	c = node_new(step, n);
	if (!c)
		return NULL;
	c->rank = (uint32_t)n->nchild;
	if (c->index != JSON_NO_INDEX) {
		n->indexed = true;
		n->top = c->index > n->top ? c->index : n->top;
	}
	n->child[n->nchild++] = c;
	if (n->nchild * 2 > n->nslot)
		return rehash(n) ? c : NULL;
	slot_put(n, c->rank);
	return c;
}

static bool id_add(struct json_node *n, uint32_t id)
{
	uint32_t *grown = reallocarray(n->id, n->nid + 1, sizeof(*grown));
	size_t i = n->nid;

	if (!grown)
		return false;
	for (n->id = grown; i > 0 && grown[i - 1] > id; i--)
		grown[i] = grown[i - 1];
	grown[i] = id;
	n->nid++;
	return true;
}

static bool entry_add(struct json_node *root, const struct deid_entry *e)
{
	const struct json_path *p = e->path;
	struct json_node *n = root;

	for (size_t i = 0; i < p->n; i++) {
		if (n->min > e->id)
			n->min = e->id;
		if (n->max < e->id)
			n->max = e->id;
		n->creates |= e->flags & DEID_ENTRY_CREATE;
		n = child_get(n, p->step[i]);
		if (!n)
			return false;
	}
	n->creates |= e->flags & DEID_ENTRY_CREATE;
	return id_add(n, e->id);
}

struct json_node *json_tree_new(const struct deid_entry *e, size_t n, bool queries)
{
	struct json_node *root = node_new((struct deid_str){"", 0}, NULL);

	for (size_t i = 0; root && i < n; i++) {
		bool acts = !(e[i].flags & DEID_ENTRY_OFF) || e[i].flags & DEID_ENTRY_FINAL;
		bool in = queries ? e[i].flags & DEID_ENTRY_QUERY : acts;

		if (e[i].path && in && !entry_add(root, &e[i])) {
			json_tree_free(root);
			return NULL;
		}
	}
	return root;
}

/* Depth is bounded: path_new() of the format allows no more steps than a document may be deep. */
void json_tree_free(struct json_node *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->nchild; i++)
		json_tree_free(n->child[i]);
	json_tree_free(n->wild);
	free(n->child);
	free(n->slot);
	free(n->id);
	free(n);
}

const struct json_node *json_node_key(const struct json_node *n, struct deid_str key)
{
	return find(n, key);
}

const struct json_node *json_node_index(const struct json_node *n, uint64_t index)
{
	char text[24];
	size_t at = sizeof(text);

	if (!n->indexed || index > n->top)
		return NULL;
	do {
		text[--at] = (char)('0' + index % 10);
		index /= 10;
	} while (index);
	return find(n, (struct deid_str){text + at, sizeof(text) - at});
}
