/* SPDX-License-Identifier: MIT */
#include "core/util/map.h"

#include "core/util/grow.h"
#include "core/util/str.h"
#include <string.h>
#include <sys/random.h>

static uint64_t rotl(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

/* SipHash-1-3 (Aumasson, Bernstein), in the machine's byte order: the value never leaves the process. */
uint64_t map_hash(const uint64_t seed[2], struct deid_str s)
{
	uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
	    seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573};
	uint64_t m;
	size_t i;

	for (i = 0; s.n - i >= 8; i += 8) {
		memcpy(&m, s.p + i, 8);
		v[3] ^= m;
		sip_round(v);
		v[0] ^= m;
	}
	m = (uint64_t)s.n << 56;
	for (unsigned shift = 0; i < s.n; i++, shift += 8)
		m |= (uint64_t)(unsigned char)s.p[i] << shift;
	v[3] ^= m;
	sip_round(v);
	v[0] ^= m;
	v[2] ^= 0xff;
	for (int k = 0; k < 3; k++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void map_clear(struct map *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->entry[i].copy);
	m->n = 0;
	if (m->slot)
		memset(m->slot, 0, m->nslot * sizeof(*m->slot));
}

void map_free(struct map *m)
{
	map_clear(m);
	free(m->entry);
	free(m->slot);
	*m = (struct map){0};
}

/* The slot that holds the key, or the free one where it would go. The table is never full. */
static size_t *probe(const struct map *m, struct deid_str key, uint64_t hash)
{
	size_t mask = m->nslot - 1;

	for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
		size_t *slot = &m->slot[i];

		if (*slot == 0)
			return slot;
		if (m->entry[*slot - 1].hash == hash && str_eq(m->entry[*slot - 1].key, key))
			return slot;
	}
}

struct map_entry *map_find(const struct map *m, struct deid_str key)
{
	size_t *slot;

	if (m->n == 0)
		return NULL;
	slot = probe(m, key, map_hash(m->seed, key));
	return *slot ? &m->entry[*slot - 1] : NULL;
}

void *map_get(const struct map *m, struct deid_str key)
{
	const struct map_entry *e = map_find(m, key);

	return e ? e->value : NULL;
}

/* Room for one more entry, with at most three quarters of the slots in use. */
static bool make_room(struct map *m)
{
	struct map_entry *entry = grow(m->entry, &m->cap, m->n + 1, sizeof(*entry));
	size_t *slot, n;

	if (!entry)
		return false;
	m->entry = entry;
	if (m->n + 1 <= m->nslot / 4 * 3)
		return true;
	n = m->nslot ? m->nslot * 2 : 16;
	slot = calloc(n, sizeof(*slot));
	if (!slot)
		return false;
	/* Without entropy the map still works, it is only not hardened. */
	if (!m->nslot && getrandom(m->seed, sizeof(m->seed), GRND_NONBLOCK) != (ssize_t)sizeof(m->seed))
		m->seed[0] = (uint64_t)(uintptr_t)slot;
	free(m->slot);
	m->slot = slot;
	m->nslot = n;
	for (size_t i = 0; i < m->n; i++)
		*probe(m, m->entry[i].key, m->entry[i].hash) = i + 1;
	return true;
}

static struct map_entry *put(struct map *m, struct deid_str key, bool *added, bool copy)
{
	struct map_entry *e = map_find(m, key);
	char *own = NULL;

	if (added)
		*added = !e;
	if (e)
		return e;
	if (!make_room(m))
		return NULL;
	if (copy) {
		own = malloc(key.n + 1);
		if (!own)
			return NULL;
		if (key.n)
			memcpy(own, key.p, key.n);
		own[key.n] = '\0';
		key.p = own;
	}
	e = &m->entry[m->n];
	*e = (struct map_entry){key, NULL, map_hash(m->seed, key), own};
	*probe(m, key, e->hash) = ++m->n;
	return e;
}

struct map_entry *map_put(struct map *m, struct deid_str key, bool *added)
{
	return put(m, key, added, false);
}

struct map_entry *map_put_copy(struct map *m, struct deid_str key, bool *added)
{
	return put(m, key, added, true);
}
