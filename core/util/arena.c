/* SPDX-License-Identifier: MIT */
#include "core/util/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON 1
#endif
#endif
#ifdef POISON
#include <sanitizer/asan_interface.h>
#define RED_ZONE ALIGN /* between two pieces, so that a step past the end of one is found */
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define RED_ZONE ((size_t)0)
#endif

#define ALIGN _Alignof(max_align_t)
#define FIRST_BLOCK ((size_t)16 << 10)
#define LAST_BLOCK ((size_t)1 << 20) /* blocks double up to here; a larger piece has a block of its own */
#define KEEP_MAX ((size_t)4 << 20)   /* a reset gives a larger block back to the system */

/* An arena that has grown goes on in blocks that each fill a huge page, where the system has such: a page of
 * 4 KiB costs a fault each, which for tens of megabytes is more than the work that is done in them. */
#define HUGE_BLOCK ((size_t)2 << 20)
#define HUGE_FROM ((size_t)4 << 20)

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(max_align_t) unsigned char data[];
};

void arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){.limit = limit};
}

static void free_blocks(struct arena_block *b)
{
	while (b) {
		struct arena_block *next = b->next;

		ASAN_UNPOISON_MEMORY_REGION(b->data, b->size);
		free(b);
		b = next;
	}
}

void arena_free(struct arena *a)
{
	free_blocks(a->head);
	a->head = NULL;
	a->used = 0;
}

void arena_wipe(struct arena *a)
{
	for (struct arena_block *b = a->head; b; b = b->next) {
		ASAN_UNPOISON_MEMORY_REGION(b->data, b->size);
		explicit_bzero(b->data, b->size);
	}
	arena_free(a);
}

void arena_reset(struct arena *a)
{
	struct arena_block **at, **best = NULL, *keep = NULL;

	for (at = &a->head; *at; at = &(*at)->next)
		if ((*at)->size <= KEEP_MAX && (!best || (*at)->size > (*best)->size))
			best = at;
	if (best) {
		keep = *best;
		*best = keep->next;
		keep->next = NULL;
		keep->used = 0;
		ASAN_POISON_MEMORY_REGION(keep->data, keep->size);
	}
	free_blocks(a->head);
	a->head = keep;
	a->used = 0;
}

static struct arena_block *huge_block(void)
{
	void *p;

	if (posix_memalign(&p, HUGE_BLOCK, HUGE_BLOCK) != 0)
		return NULL;
	madvise(p, HUGE_BLOCK, MADV_HUGEPAGE); /* a wish */
	return p;
}

static struct arena_block *new_block(struct arena *a, size_t need)
{
	size_t size = a->head ? a->head->size * 2 : FIRST_BLOCK, bytes;
	struct arena_block *b;

	if (size > LAST_BLOCK)
		size = LAST_BLOCK;
	if (size < need)
		size = need;
	if (__builtin_add_overflow(size, sizeof(*b), &bytes) || bytes > PTRDIFF_MAX)
		return NULL;
	if (a->used >= HUGE_FROM && bytes <= HUGE_BLOCK) {
		size = HUGE_BLOCK - sizeof(*b);
		b = huge_block();
	} else {
		b = malloc(bytes);
	}
	if (!b)
		return NULL;
	b->size = size;
	b->used = 0;
	/* A block that one big piece fills goes second: the head still has room for small ones. */
	if (a->head && size == need) {
		b->next = a->head->next;
		a->head->next = b;
	} else {
		b->next = a->head;
		a->head = b;
	}
	ASAN_POISON_MEMORY_REGION(b->data, b->size);
	return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *b = a->head;
	size_t need, total;
	void *p;

	if (__builtin_add_overflow(n ? n : 1, ALIGN - 1 + RED_ZONE, &need) ||
	    __builtin_add_overflow(a->used, n, &total))
		return NULL;
	need -= need % ALIGN;
	if (a->limit && total > a->limit) {
		a->over = true;
		return NULL;
	}
	if (!b || b->size - b->used < need)
		b = new_block(a, need);
	if (!b)
		return NULL;
	p = b->data + b->used;
	b->used += need;
	a->used = total;
	ASAN_UNPOISON_MEMORY_REGION(p, n);
	return p;
}

void *arena_zalloc(struct arena *a, size_t n)
{
	void *p = arena_alloc(a, n);

	if (p && n)
		memset(p, 0, n);
	return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		return NULL;
	return arena_zalloc(a, n);
}

struct deid_str arena_dup(struct arena *a, struct deid_str s)
{
	char *p = s.n < SIZE_MAX ? arena_alloc(a, s.n + 1) : NULL;

	if (!p)
		return (struct deid_str){NULL, 0};
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct deid_str){p, s.n};
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
	if (!p)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}
