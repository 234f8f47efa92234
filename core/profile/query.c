/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/query.h"

#include "core/profile/rule.h"
#include "core/util/str.h"
#include <stdlib.h>

static struct query *find(const struct section *sec, struct deid_str name)
{
	for (size_t i = 0; i < sec->nquery; i++)
		if (str_eq(sec->query[i].name, name))
			return &sec->query[i];
	return NULL;
}

static struct query *add(struct section *sec)
{
	if (sec->nquery == sec->query_cap) {
		size_t cap = sec->query_cap ? sec->query_cap * 2 : 4;
		void *more = reallocarray(sec->query, cap, sizeof *sec->query);

		if (!more)
			return NULL;
		sec->query = more;
		sec->query_cap = cap;
	}
	return &sec->query[sec->nquery];
}

int query_add(struct section *sec, struct arena *arena, enum query_use use, struct deid_str name,
    const struct deid_node *node, uint32_t *id, struct deid_error *err)
{
	struct query *q = find(sec, name);
	int rc;

	*id = 0;
	if (!sec->conf && sec->format->conf_new)
		return DEID_OK; /* the section's settings are wrong, and that has been said, or unknown */
	if (!q) {
		q = add(sec);
		name = arena_dup(arena, name);
		if (!q || !name.p)
			return error_nomem(err);
		*q = (struct query){.id = (uint32_t)(sec->nrule + sec->nquery),
		    .name = name,
		    .node = node,
		    .info = {.size = sizeof q->info, .kind = -1}};
		rc = sec->format->path_new(sec->conf, name, node, &q->path, &q->info, err);
		if (rc != DEID_OK)
			return rc;
		sec->nquery++;
	}
	q->original = q->original || use == QUERY_ORIGINAL || (use == QUERY_LOG && sec->format->stream);
	q->final = q->final || use != QUERY_ORIGINAL;
	q->named = q->named || use == QUERY_FINAL;
	q->logged = q->logged || use == QUERY_LOG;
	sec->reads_originals = sec->reads_originals || q->original;
	sec->reads_finals = sec->reads_finals || q->final;
	*id = q->id;
	return DEID_OK;
}

void query_free(struct section *sec)
{
	for (size_t i = 0; i < sec->nquery; i++)
		if (sec->query[i].path && sec->format->path_free)
			sec->format->path_free(sec->query[i].path);
	free(sec->query);
	sec->query = NULL;
	sec->nquery = 0;
}

int rule_query(const struct deid_rule *r, struct deid_str name, const struct deid_node *node, uint32_t *id,
    struct deid_error *err)
{
	return query_add(r->home, r->arena, QUERY_ORIGINAL, name, node, id, err);
}
