/* SPDX-License-Identifier: MIT */
#include "core/profile/strmap.h"
#include "core/util/str.h"
#include <stdlib.h>

void strmap_free(struct strmap *m)
{
	free(m->slot);
	*m = (struct strmap){0};
}

/* FNV-1a, 64 bits. */
static uint64_t hash(struct deid_str s)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
	return h ^ h >> 32;
}

/* The slot of key, or the free one where it would go. There always is a free one. */
static struct strmap_slot *find(const struct strmap *m, struct deid_str key)
{
	size_t i = (size_t)hash(key) & (m->cap - 1);

	while (m->slot[i].value && !str_eq(m->slot[i].key, key))
		i = (i + 1) & (m->cap - 1);
	return &m->slot[i];
}

void *strmap_get(const struct strmap *m, struct deid_str key)
{
	return m->cap ? find(m, key)->value : NULL;
}

static bool grow(struct strmap *m)
{
	struct strmap big = {.cap = m->cap ? m->cap * 2 : 64};

	big.slot = calloc(big.cap, sizeof *big.slot);
	if (!big.slot)
		return false;
	for (size_t i = 0; i < m->cap; i++)
		if (m->slot[i].value)
			*find(&big, m->slot[i].key) = m->slot[i];
	big.n = m->n;
	free(m->slot);
	*m = big;
	return true;
}

bool strmap_put(struct strmap *m, struct deid_str key, void *value)
{
	struct strmap_slot *s;

	if (m->n >= m->cap / 2 && !grow(m))
		return false;
	s = find(m, key);
	if (!s->value)
		m->n++;
	*s = (struct strmap_slot){key, value};
	return true;
}
