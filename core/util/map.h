/* SPDX-License-Identifier: MIT */
/*
 * A map from strings to pointers that remembers the order of adding.
 *
 * A zeroed struct map is empty and valid. Keys are not copied: their bytes must stay valid and unchanged for
 * as long as they are in the map (map_put_copy() keeps a copy of its own). Values are the caller's and are
 * never freed; NULL is a value like any other. Hashing is keyed at random for each map, so that keys from a
 * hostile file cannot make it slow; nothing else depends on that key. No removal of single entries.
 */
#ifndef DEID_UTIL_MAP_H
#define DEID_UTIL_MAP_H

#include <deid/plugin.h>

struct map_entry {
	struct deid_str key;
	void *value;
	uint64_t hash;
	char *copy; /* the map's own copy of the key, or NULL */
};

struct map {
	struct map_entry *entry; /* n of them, in the order of adding: read them freely, set only value */
	size_t n, cap;
	size_t *slot; /* entry number + 1, or 0; nslot is a power of two */
	size_t nslot;
	uint64_t seed[2];
};

void map_free(struct map *);
void map_clear(struct map *); /* empty, memory kept */
/* NULL when absent. Good until the next put. */
struct map_entry *map_find(const struct map *, struct deid_str key);
void *map_get(const struct map *, struct deid_str key); /* the value; NULL when absent */
/* The key's entry, added with value NULL when it was absent (*added says so; may be NULL). NULL when memory
 * is spent, and then the map is as it was. */
struct map_entry *map_put(struct map *, struct deid_str key, bool *added);
struct map_entry *map_put_copy(struct map *, struct deid_str key, bool *added);

/* The hash that maps use, for tables of another shape: 64 bits, under a key. Differs between machines. */
uint64_t map_hash(const uint64_t seed[2], struct deid_str);

#endif
