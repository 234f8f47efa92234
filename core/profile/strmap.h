/* SPDX-License-Identifier: MIT */
/* A map from counted texts to pointers, for what a document may hold many of: keys of one mapping, anchors.
 * Keys are not copied. A zeroed map is empty. */
#ifndef DEID_PROFILE_STRMAP_H
#define DEID_PROFILE_STRMAP_H

#include <deid/plugin.h>

struct strmap_slot {
	struct deid_str key;
	void *value; /* NULL: free */
};

struct strmap {
	struct strmap_slot *slot;
	size_t n, cap; /* cap: a power of two */
};

void strmap_free(struct strmap *);
void *strmap_get(const struct strmap *, struct deid_str key); /* NULL: absent */
/* value is not NULL; replaces. False when memory is spent. */
bool strmap_put(struct strmap *, struct deid_str key, void *value);

#endif
