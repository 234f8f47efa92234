/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/probe.h"

#include "core/profile/query.h"
#include <stdlib.h>

/* One section: its settings, and a query instead of entries. False: no memory. */
static bool probe_section(struct profile *p, struct section *s, const struct section *from,
    const struct provider *provider, struct deid_str field)
{
	const struct deid_format *f = from->format;
	struct deid_entry *entry = arena_zalloc(&p->arena, sizeof *entry);
	struct deid_error unheard;
	uint32_t id;
	int rc = DEID_OK;

	*s = (struct section){.name = from->name,
	    .member = from->member,
	    .node = from->node,
	    .format = f,
	    .filter = from->filter,
	    .nfilter = from->nfilter,
	    .entry = entry};
	error_init(&unheard);
	if (f->conf_new)
		rc = f->conf_new(provider->host, from->node, &s->conf, &unheard);
	if (rc == DEID_OK)
		rc = query_add(s, &p->arena, QUERY_ORIGINAL, field, from->node, &id, &unheard);
	if (rc == DEID_OK && entry && s->nquery) {
		*entry = (struct deid_entry){.size = sizeof *entry,
		    .flags = DEID_ENTRY_OFF | DEID_ENTRY_QUERY,
		    .action = "keep",
		    .path = s->query->path,
		    .text = s->query->name,
		    .node = from->node};
		if (f->seal)
			rc = f->seal(s->conf, entry, 1, &unheard);
	}
	if (rc != DEID_OK)
		query_free(s);
	rc = unheard.code == DEID_E_NOMEM || !entry ? DEID_FATAL : DEID_OK;
	error_free(&unheard);
	return rc == DEID_OK;
}

struct profile *profile_probe(const struct profile *outline, const struct provider *provider,
    struct deid_str field, struct deid_error *err)
{
	struct profile *p = calloc(1, sizeof *p);
	size_t able = 0;
	bool good = p != NULL;

	if (p) {
		arena_init(&p->arena, 0);
		p->section = calloc(outline->nsection + 1, sizeof *p->section);
		good = p->section != NULL;
	}
	for (size_t i = 0; good && i < outline->nsection; i++) {
		good = probe_section(p, &p->section[p->nsection++], &outline->section[i], provider, field);
		able += p->section[i].nquery > 0 && !p->section[i].member;
	}
	if (good && able)
		return p;
	if (good)
		error_fail(err, DEID_FATAL, DEID_E_PROFILE,
		    "--subject-from: no section of the profile can have a field '%.*s'", (int)field.n,
		    field.p);
	else
		error_nomem(err);
	profile_free(p);
	return NULL;
}
