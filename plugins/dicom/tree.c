/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/tree.h"
#include <string.h>

void tree_init(struct tree *t, const struct deid_host *host, struct deid_job *job)
{
	memset(t, 0, sizeof *t);
	t->host = host;
	t->job = job;
}

/* One more chunk; the list of them doubles, so that the old lists waste less than the last one takes. */
static bool grow(struct tree *t)
{
	if (t->nchunk == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 16;
		struct node **list = t->host->alloc(t->job, cap * sizeof *list);

		if (!list)
			return false;
		if (t->nchunk)
			memcpy(list, t->chunk, t->nchunk * sizeof *list);
		t->chunk = list;
		t->cap = cap;
	}
	t->chunk[t->nchunk] = t->host->alloc(t->job, NODE_CHUNK * sizeof(struct node));
	if (!t->chunk[t->nchunk])
		return false;
	t->nchunk++;
	return true;
}

struct node *tree_add(struct tree *t)
{
	if (t->n >= NODE_MAX || (t->n / NODE_CHUNK >= t->nchunk && !grow(t)))
		return NULL;
	return tree_node(t, t->n++);
}
