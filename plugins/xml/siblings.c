/* SPDX-License-Identifier: MIT */
#include "plugins/xml/siblings.h"

#include "core/util/grow.h"
#include "core/util/map.h"

#include <string.h>

#define RECENT 4

static size_t *chain_of(struct xml_siblings *s, uint64_t hash)
{
	return &s->chain[hash & (s->nchain - 1)];
}

/* In the order of adding, so that the last added is the head of its chain: drop() counts on it. */
static bool rehash(struct xml_siblings *s)
{
	size_t n = s->nchain ? 2 * s->nchain : 64;
	size_t *p = calloc(n, sizeof(*p));

	if (!p)
		return false;
	free(s->chain);
	s->chain = p;
	s->nchain = n;
	for (size_t i = 0; i < s->n; i++) {
		size_t *head = chain_of(s, s->item[i].hash);

		s->item[i].next = *head;
		*head = i + 1;
	}
	return true;
}

static uint64_t hash_of(const struct xml_siblings *s, size_t depth, struct deid_str name)
{
	return map_hash(s->seed, name) + depth * 0x9E3779B97F4A7C15u;
}

static bool add(struct xml_siblings *s, size_t depth, struct deid_str name, uint64_t hash)
{
	struct xml_sibling *p = grow(s->item, &s->cap, s->n + 1, sizeof(*p));
	size_t at = s->text.n, *head;

	if (!p)
		return false;
	s->item = p;
	if ((s->n >= s->nchain && !rehash(s)) || !buf_str(&s->text, name))
		return false;
	head = chain_of(s, hash);
	p[s->n] = (struct xml_sibling){at, name.n, depth, *head, 1, hash};
	*head = ++s->n;
	return true;
}

/* Most elements have few names in them: the counter is one of those added last. */
static struct xml_sibling *recent(struct xml_siblings *s, size_t depth, struct deid_str name)
{
	for (size_t i = s->n; i > 0 && s->n - i < RECENT; i--) {
		struct xml_sibling *p = &s->item[i - 1];

		if (p->depth == depth && p->len == name.n && memcmp(s->text.p + p->name, name.p, name.n) == 0)
			return p;
	}
	return NULL;
}

uint64_t xml_siblings_count(struct xml_siblings *s, size_t depth, struct deid_str name)
{
	struct xml_sibling *near = recent(s, depth, name);
	uint64_t hash;

	if (near)
		return ++near->count;
	hash = hash_of(s, depth, name);
	for (size_t i = s->nchain ? *chain_of(s, hash) : 0; i; i = s->item[i - 1].next) {
		struct xml_sibling *p = &s->item[i - 1];

		if (p->hash == hash && p->depth == depth && p->len == name.n &&
		    memcmp(s->text.p + p->name, name.p, name.n) == 0)
			return ++p->count;
	}
	if (s->n >= XML_NAMES_MAX || s->text.n + name.n > XML_NAMES_BYTES)
		return UINT64_MAX;
	return add(s, depth, name, hash);
}

void xml_siblings_drop(struct xml_siblings *s, size_t depth)
{
	while (s->n && s->item[s->n - 1].depth >= depth) {
		const struct xml_sibling *p = &s->item[--s->n];

		*chain_of(s, p->hash) = p->next;
		s->text.n = p->name;
	}
}

void xml_siblings_free(struct xml_siblings *s)
{
	free(s->item);
	free(s->chain);
	buf_free(&s->text);
}
