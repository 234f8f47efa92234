/* SPDX-License-Identifier: MIT */
/* Going through JSON that has been checked already and lies in memory as a whole. */
#ifndef DEID_PLUGINS_FLYWHEEL_CURSOR_H
#define DEID_PLUGINS_FLYWHEEL_CURSOR_H

#include "core/util/str.h"

/* Members of an object, or elements of a list. */
struct cursor {
	const char *p, *end;
	bool object;
	size_t index; /* of the next one */
};

/* The whole value that begins in s, blanks before it skipped. */
struct deid_str cursor_value(struct deid_str s);
static inline bool cursor_is_tree(struct deid_str value)
{
	return value.n && (value.p[0] == '{' || value.p[0] == '[');
}

struct cursor cursor_open(struct deid_str tree);
/* *key: the token of the key, with its quotes; n = 0 in a list. False at the end. */
bool cursor_next(struct cursor *, struct deid_str *key, struct deid_str *value);

#endif
