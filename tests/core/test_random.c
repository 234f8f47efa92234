/* SPDX-License-Identifier: MIT */
#include "core/engine/random.h"
#include "core/util/error.h"
#include "core/util/str.h"
#include <criterion/criterion.h>
#include <string.h>

struct drawn {
	unsigned char b[40];
};

static struct drawn take(struct draws *d, const char *path, const char *name)
{
	struct deid_field field = {.size = sizeof field, .name = str_of(name)};
	struct deid_error err;
	struct drawn out;

	error_init(&err);
	cr_assert_eq(
	    draws_bytes(d, path, name ? &field : NULL, out.b, name ? sizeof out.b : RANDOM_WHOLE, &err),
	    DEID_OK);
	if (!name)
		memset(out.b + RANDOM_WHOLE, 0, sizeof out.b - RANDOM_WHOLE);
	error_free(&err);
	return out;
}

static bool same(struct drawn a, struct drawn b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

/* What else is drawn, before or between, changes nothing. */
Test(random, depends_on_seed_path_and_field)
{
	struct draws a = {.seeded = true, .seed = 7}, b = {.seeded = true, .seed = 7};
	struct draws other = {.seeded = true, .seed = 8};
	struct drawn x1, x2;

	draws_begin(&a);
	draws_begin(&b);
	draws_begin(&other);
	x1 = take(&a, "p", "x");
	x2 = take(&a, "p", "x");
	cr_assert_not(same(x1, x2), "a second draw is another one");
	take(&b, "p", "y");
	take(&b, "p", NULL);
	cr_assert(same(take(&b, "p", "x"), x1));
	take(&b, "p", "z");
	cr_assert(same(take(&b, "p", "x"), x2));
	cr_assert_not(same(take(&other, "p", "x"), x1));
	draws_begin(&b);
	cr_assert_not(same(take(&b, "q", "x"), x1));
	draws_begin(&b);
	cr_assert(same(take(&b, "p", "x"), x1), "the next file starts anew");
	draws_free(&a);
	draws_free(&b);
	draws_free(&other);
}

/* Path and name are not simply put together. */
Test(random, no_confusion)
{
	struct draws d = {.seeded = true};
	struct drawn one;

	draws_begin(&d);
	one = take(&d, "ab", "c");
	draws_begin(&d);
	cr_assert_not(same(take(&d, "a", "bc"), one));
	draws_begin(&d);
	cr_assert_not(same(take(&d, "", ""), take(&d, "", NULL)));
	draws_free(&d);
}

Test(random, a_file_has_one)
{
	struct draws seeded = {.seeded = true, .seed = 1}, system = {.seeded = false};
	struct draws *both[] = {&seeded, &system};

	for (size_t i = 0; i < 2; i++) {
		struct drawn first;

		draws_begin(both[i]);
		first = take(both[i], "p", NULL);
		take(both[i], "p", "x");
		cr_assert(same(take(both[i], "p", NULL), first));
		draws_begin(both[i]);
		cr_assert_eq(same(take(both[i], "p", NULL), first), i == 0);
		draws_free(both[i]);
	}
}

Test(random, more_than_a_file_has)
{
	struct draws d = {.seeded = true};
	struct deid_error err;
	char out[RANDOM_WHOLE + 1];

	error_init(&err);
	draws_begin(&d);
	cr_assert_eq(draws_bytes(&d, "p", NULL, out, sizeof out, &err), DEID_FAILED);
	error_free(&err);
	draws_free(&d);
}
