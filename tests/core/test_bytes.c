/* SPDX-License-Identifier: MIT */
#include "core/util/bytes.h"
#include "core/util/grow.h"

#include <criterion/criterion.h>

Test(bytes, both_orders)
{
	const uint8_t b[] = {0x81, 0x92, 0xa3, 0xf4};
	uint8_t out[4];

	cr_assert_eq(get_le16(b), 0x9281);
	cr_assert_eq(get_be16(b), 0x8192);
	cr_assert_eq(get_le32(b), 0xf4a39281);
	cr_assert_eq(get_be32(b), 0x8192a3f4);
	put_le32(out, 0xf4a39281);
	cr_assert_eq(memcmp(out, b, 4), 0);
	put_be32(out, 0x8192a3f4);
	cr_assert_eq(memcmp(out, b, 4), 0);
	put_le16(out, 0x9281);
	cr_assert_eq(memcmp(out, b, 2), 0);
	put_be16(out, 0x8192);
	cr_assert_eq(memcmp(out, b, 2), 0);
}

Test(bytes, overflow)
{
	uint64_t sum = 5;
	size_t product = 5;

	cr_assert(add_u64(UINT64_MAX - 1, 1, &sum));
	cr_assert_eq(sum, UINT64_MAX);
	cr_assert_not(add_u64(UINT64_MAX, 1, &sum));
	cr_assert(mul_size(SIZE_MAX / 3, 3, &product));
	cr_assert_eq(product, SIZE_MAX);
	cr_assert_not(mul_size(SIZE_MAX / 2, 3, &product));
}

Test(grow, one_by_one_and_refusal)
{
	size_t cap = 0, moves = 0, n;
	uint32_t *list = NULL;

	for (n = 0; n < 100000; n++) {
		size_t before = cap;
		uint32_t *p = grow(list, &cap, n + 1, sizeof(*p));

		cr_assert_not_null(p);
		moves += cap != before;
		list = p;
		list[n] = (uint32_t)n;
	}
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(list[i], i);
	cr_assert_lt(moves, 40);
	moves = cap;
	cr_assert_null(grow(list, &cap, SIZE_MAX / 2, sizeof(*list)));
	cr_assert_eq(cap, moves);
	free(list);
}
