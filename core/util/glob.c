/* SPDX-License-Identifier: MIT */
#include "core/util/glob.h"

#include "core/util/utf8.h"

/* The character at *i, which must be before the end. A byte that is no UTF-8 is a character of its own,
 * in the place where Python's surrogateescape puts it. */
static uint32_t take(struct deid_str s, size_t *i)
{
	uint32_t cp;
	size_t n = utf8_next(s, *i, &cp);

	if (n == 0) {
		cp = 0xdc00u + (unsigned char)s.p[*i];
		n = 1;
	}
	*i += n;
	return cp;
}

/* Where the set that begins after a `[` ends: the position of its `]`, or pattern.n without one. A `]` that
 * comes first belongs to the set. */
static size_t set_end(struct deid_str pattern, size_t i)
{
	if (i < pattern.n && pattern.p[i] == '!')
		i++;
	if (i < pattern.n && pattern.p[i] == ']')
		i++;
	while (i < pattern.n && pattern.p[i] != ']')
		i++;
	return i;
}

static bool in_set(struct deid_str set, uint32_t c)
{
	bool negated = set.n && set.p[0] == '!', found = false;

	for (size_t i = negated; i < set.n;) {
		uint32_t lo = take(set, &i), hi = lo;

		if (i + 1 < set.n && set.p[i] == '-') {
			i++;
			hi = take(set, &i);
		}
		found |= lo <= c && c <= hi;
	}
	return found != negated;
}

/* Whether the one-character pattern at *p matches c; *p moves past it. */
static bool match_one(struct deid_str pattern, size_t *p, uint32_t c)
{
	if (pattern.p[*p] == '?') {
		++*p;
		return true;
	}
	if (pattern.p[*p] == '[') {
		size_t from = *p + 1, end = set_end(pattern, from);

		if (end < pattern.n) {
			*p = end + 1;
			return in_set((struct deid_str){pattern.p + from, end - from}, c);
		}
	}
	return take(pattern, p) == c;
}

bool glob_match(struct deid_str pattern, struct deid_str name)
{
	size_t p = 0, i = 0;
	size_t star = SIZE_MAX, from = 0; /* behind the last star, and how far it reaches in name */

	/* A later star can take over from an earlier one without loss, so only the last is tried again. */
	for (;;) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = ++p;
			from = i;
			continue;
		}
		if (i == name.n && p == pattern.n)
			return true;
		if (i < name.n && p < pattern.n && match_one(pattern, &p, take(name, &i)))
			continue;
		if (star == SIZE_MAX || from >= name.n)
			return false;
		take(name, &from);
		i = from;
		p = star;
	}
}
