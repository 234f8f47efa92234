/* SPDX-License-Identifier: MIT */
/*
 * A module that belongs to a plugin; with COMPANION_… one that is broken in one way. Its constructor leaves a
 * line in the file that DEID_TEST_CALLED names each time that it is loaded.
 */
#include "tests/modules/companion.h"

#include <stdio.h>
#include <stdlib.h>

#ifndef COMPANION_SIZE
#define COMPANION_SIZE sizeof(struct companion)
#endif
#ifndef COMPANION_VERSION
#define COMPANION_VERSION COMPANION_TABLE_VERSION
#endif

#ifdef COMPANION_UNRESOLVED
extern const char *deid_test_text_that_nobody_has(void);
#endif

static void leave_mark(void) __attribute__((constructor));

static void leave_mark(void)
{
	const char *where = getenv("DEID_TEST_CALLED");
	FILE *f = where ? fopen(where, "a") : NULL;
	if (f) {
		fputs(COMPANION_NAME "\n", f);
		fclose(f);
	}
}

#ifndef COMPANION_NOTHING
static const char *text(void)
{
#ifdef COMPANION_UNRESOLVED
	return deid_test_text_that_nobody_has();
#else
	return "from " COMPANION_NAME "\n";
#endif
}

extern DEID_EXPORT const struct companion deid_module;
const struct companion deid_module = {
    .head = {COMPANION_SIZE, COMPANION_VERSION, COMPANION_NAME},
    .text = text,
};
#endif
