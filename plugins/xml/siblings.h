/* SPDX-License-Identifier: MIT */
/*
 * The position of an element among those of its name and parent: what tells fields apart. A counter for each
 * name in each open element; those of an element that ends go with it.
 */
#ifndef DEID_PLUGINS_XML_SIBLINGS_H
#define DEID_PLUGINS_XML_SIBLINGS_H

#include "core/util/str.h"

#define XML_NAMES_MAX 100000              /* counters at a time */
#define XML_NAMES_BYTES ((size_t)4 << 20) /* of their names */

struct xml_sibling {
	size_t name, len; /* in siblings.text */
	size_t depth;
	size_t next; /* in its chain: number + 1, or 0 */
	uint64_t count, hash;
};

struct xml_siblings {
	struct xml_sibling *item; /* those of deeper elements at the end */
	size_t n, cap;
	size_t *chain;
	size_t nchain; /* a power of two */
	uint64_t seed[2];
	struct buf text;
};

/* Counts one more child of this name in the element at this depth. 0: memory is spent; UINT64_MAX: a bound
 * was hit. */
uint64_t xml_siblings_count(struct xml_siblings *, size_t depth, struct deid_str name);
/* The element at this depth ends. */
void xml_siblings_drop(struct xml_siblings *, size_t depth);
void xml_siblings_free(struct xml_siblings *);

#endif
