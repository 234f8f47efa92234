/* SPDX-License-Identifier: MIT */
/*
 * A bump allocator: many small pieces, freed all at once. One thread at a time.
 *
 * `limit` bounds what is handed out between two resets (0: none); over it, and when the system has no
 * memory, arena_alloc() gives NULL. Pieces are aligned for any type and not zeroed. arena_reset() keeps
 * one block for the next round, so that a worker's steady state calls malloc() no more.
 */
#ifndef DEID_UTIL_ARENA_H
#define DEID_UTIL_ARENA_H

#include <deid/plugin.h>

struct arena_block;
struct arena {
	struct arena_block *head;
	size_t used; /* bytes handed out since the last reset */
	size_t limit;
	bool over; /* the limit was hit; the owner sets it back */
};

void arena_init(struct arena *, size_t limit);
void arena_free(struct arena *);
void arena_wipe(struct arena *); /* as arena_free(), and what was in it is overwritten first */
void arena_reset(struct arena *);
void *arena_alloc(struct arena *, size_t n);
void *arena_zalloc(struct arena *, size_t n);
void *arena_array(struct arena *, size_t count, size_t size); /* NULL on overflow too; zeroed */
struct deid_str arena_dup(struct arena *, struct deid_str); /* NUL-terminated beyond n; p = NULL when spent */
char *arena_printf(struct arena *, const char *fmt, ...) DEID_PRINTF(2, 3);

#endif
