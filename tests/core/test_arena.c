/* SPDX-License-Identifier: MIT */
#include "core/util/arena.h"
#include "core/util/str.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

Test(arena, pieces_are_aligned_and_apart)
{
	enum { N = 2000 };
	static unsigned char *piece[N];
	static size_t size[N];
	struct arena a;
	size_t total = 0;

	arena_init(&a, 0);
	srand(7);
	for (size_t i = 0; i < N; i++) {
		size[i] = (size_t)(rand() % (i % 50 == 0 ? 100000 : 300));
		piece[i] = arena_alloc(&a, size[i]);
		cr_assert_not_null(piece[i]);
		cr_assert_eq((uintptr_t)piece[i] % _Alignof(max_align_t), 0);
		memset(piece[i], (int)(i & 0xff), size[i]);
		total += size[i];
	}
	cr_assert_eq(a.used, total);
	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < size[i]; k++)
			cr_assert_eq(piece[i][k], i & 0xff);
	arena_free(&a);
	cr_assert_eq(a.used, 0);
}

Test(arena, zero_bytes_are_a_valid_piece)
{
	struct arena a;
	char *p, *q;

	arena_init(&a, 0);
	p = arena_alloc(&a, 0);
	q = arena_alloc(&a, 0);
	cr_assert(p && q);
	cr_assert_neq(p, q);
	arena_free(&a);
}

Test(arena, limit_counts_between_resets)
{
	struct arena a;

	arena_init(&a, 1000);
	for (int round = 0; round < 3; round++) {
		cr_assert_not_null(arena_alloc(&a, 600));
		cr_assert_null(arena_alloc(&a, 401));
		cr_assert_not_null(arena_alloc(&a, 400));
		cr_assert_null(arena_alloc(&a, 1));
		arena_reset(&a);
		cr_assert_eq(a.used, 0);
	}
	arena_free(&a);
}

Test(arena, impossible_sizes)
{
	struct arena a;

	arena_init(&a, 0);
	cr_assert_null(arena_alloc(&a, SIZE_MAX));
	cr_assert_null(arena_alloc(&a, SIZE_MAX - 20));
	cr_assert_null(arena_alloc(&a, SIZE_MAX / 2 + 1));
	cr_assert_null(arena_array(&a, SIZE_MAX / 2, 3));
	cr_assert_null(arena_dup(&a, (struct deid_str){"x", SIZE_MAX}).p);
	cr_assert_eq(a.used, 0);
	cr_assert_not_null(arena_alloc(&a, 1));
	arena_free(&a);
}

/* The block that a reset keeps serves the next round. */
Test(arena, reset_keeps_memory)
{
	struct arena a;
	char *first;

	arena_init(&a, 0);
	for (int i = 0; i < 1000; i++)
		cr_assert_not_null(arena_alloc(&a, 100));
	arena_reset(&a);
	first = arena_alloc(&a, 100);
	for (int i = 0; i < 500; i++)
		cr_assert_not_null(arena_alloc(&a, 100));
	arena_reset(&a);
	cr_assert_eq(arena_alloc(&a, 100), first);
	arena_free(&a);
}

Test(arena, copies)
{
	struct arena a;
	struct deid_str s;
	char *zero;

	arena_init(&a, 0);
	s = arena_dup(&a, STR("a\0b"));
	cr_assert_eq(s.n, 3);
	cr_assert_eq(memcmp(s.p, "a\0b", 4), 0);
	s = arena_dup(&a, (struct deid_str){NULL, 0});
	cr_assert(s.p && s.n == 0 && s.p[0] == '\0');
	cr_assert_str_eq(arena_printf(&a, "%d-%s", 12, "x"), "12-x");
	memset(arena_alloc(&a, 5000), 0xff, 5000);
	arena_reset(&a);
	zero = arena_zalloc(&a, 4000);
	for (int i = 0; i < 4000; i++)
		cr_assert_eq(zero[i], 0);
	arena_free(&a);
}
