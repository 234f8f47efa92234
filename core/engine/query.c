/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/query.h"

#include <string.h>

int query_begin(struct deid_job *job, struct deid_error *err)
{
	size_t n = job->section->nquery;

	job->slot = NULL;
	job->recorded = false;
	job->records = 0;
	if (n == 0)
		return DEID_OK;
	job->slot = arena_zalloc(&job->arena, n * sizeof *job->slot);
	return job->slot ? DEID_OK : error_nomem(err);
}

static struct query_slot *slot_of(const struct deid_job *job, uint32_t id)
{
	const struct section *s = job->section;

	return id < s->nrule || id - s->nrule >= s->nquery ? NULL : &job->slot[id - s->nrule];
}

static int no_query(struct deid_error *err)
{
	return error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "a field is read that nobody asked for");
}

/* Components and all: the value given is good for a moment only. */
bool query_keep(struct arena *arena, const struct deid_value *v, struct deid_value *out)
{
	struct deid_str *list = arena_array(arena, v->n ? v->n : 1, sizeof *list);

	if (!list)
		return false;
	for (size_t i = 0; i < v->n; i++) {
		list[i] = arena_dup(arena, v->v[i]);
		if (!list[i].p)
			return false;
	}
	*out = *v;
	out->size = sizeof *out;
	out->v = list;
	return true;
}

/* ---- originals --------------------------------------------------------------------------------- */

int query_record(struct deid_job *job, struct deid_error *err)
{
	if (job->probing && job->recorded)
		return error_fail(
		    err, DEID_FAILED, DEID_E_FIELD, "the first record has no field of the subject");
	job->recorded = true;
	job->records++;
	for (size_t i = 0; job->slot && i < job->section->nquery; i++)
		job->slot[i].found = job->slot[i].unread = false;
	arena_reset(&job->record);
	return DEID_OK;
}

int query_observe(struct deid_job *job, const uint32_t *ids, size_t n, const struct deid_value *value,
    struct deid_error *err)
{
	if (!job->slot || !job->recorded)
		return no_query(err);
	for (size_t i = 0; i < n; i++) {
		struct query_slot *s = slot_of(job, ids[i]);

		if (!s)
			return no_query(err);
		if (s->found || !job->section->query[ids[i] - job->section->nrule].original)
			continue;
		if (!query_keep(&job->record, value, &s->value))
			return error_nomem(err);
		s->found = job->found = true;
		if (job->section->query[ids[i] - job->section->nrule].logged && job->records == 1) {
			if (!query_keep(&job->arena, value, &s->value_first))
				return error_nomem(err);
			s->first = true;
		}
	}
	return job->probing && job->found
		   ? error_fail(err, DEID_FAILED, DEID_E_NONE, "found what was looked for")
		   : DEID_OK;
}

int query_original(
    struct deid_job *job, uint32_t id, bool *found, struct deid_value *value, struct deid_error *err)
{
	const struct query_slot *s = job->slot ? slot_of(job, id) : NULL;

	*found = false;
	if (!s)
		return no_query(err);
	if (!job->recorded)
		return error_fail(err, DEID_FATAL, DEID_E_PLUGIN,
		    "the plugin of this format does not read fields ahead, as an action needs it to");
	if (s->unread)
		return error_fail(err, DEID_FAILED, DEID_E_VALUE,
		    "the value of the field '%.*s' cannot be read",
		    (int)job->section->query[id - job->section->nrule].name.n,
		    job->section->query[id - job->section->nrule].name.p);
	*found = s->found;
	if (s->found)
		*value = s->value;
	return DEID_OK;
}

/* ---- finals ------------------------------------------------------------------------------------ */

int query_settle(struct deid_job *job, const uint32_t *ids, size_t n, const struct deid_value *was,
    const struct deid_value *now, struct deid_error *err)
{
	for (size_t i = 0; i < n; i++) {
		struct query_slot *s = slot_of(job, ids[i]);

		if (!s)
			return no_query(err);
		if (s->settled || (!was && !now))
			continue;
		s->chain = job->chain;
		s->there = now != NULL;
		if (now && !query_keep(&job->arena, now, &s->final))
			return error_nomem(err);
		if (was && !query_keep(&job->arena, was, &s->before))
			return error_nomem(err);
		s->settled = true;
	}
	return DEID_OK;
}

void query_unsettle(struct deid_job *job, bool keep)
{
	for (size_t i = 0; job->slot && i < job->section->nquery; i++) {
		struct query_slot *s = &job->slot[i];

		if (!s->settled || s->chain != job->chain)
			continue;
		s->there = keep && s->before.v;
		s->final = s->before;
	}
}

const struct deid_value *query_first(const struct deid_job *job, uint32_t id)
{
	const struct query_slot *s = job->slot ? slot_of(job, id) : NULL;

	return s && s->first ? &s->value_first : NULL;
}

const struct deid_value *query_final(const struct deid_job *job, uint32_t id)
{
	const struct query_slot *s = job->slot ? slot_of(job, id) : NULL;

	return s && s->settled && s->there ? &s->final : NULL;
}

/* ---- record formats ---------------------------------------------------------------------------- */

struct reading {
	struct deid_job *job;
	void *rec;
	enum query_use use;
	struct query_slot *slot;
	size_t length; /* of the name of the field that was taken */
};

static int take(
    struct reading *r, const struct deid_field *field, struct deid_value *v, struct deid_error *err)
{
	struct deid_job *job = r->job;
	struct query_slot *s = r->slot;
	bool final = r->use == QUERY_FINAL;
	struct deid_value *keep = final ? &s->final : r->use == QUERY_LOG ? &s->value_first : &s->value;

	if (field->kind == DEID_TREE) {
		*v = (struct deid_value){.size = sizeof *v, .kind = DEID_TREE, .lo = 1};
	} else {
		error_clear(&job->tried);
		if (job->section->format->get(r->rec, field, v, &job->tried) != DEID_OK) {
			if (job->tried.rc == DEID_FATAL || job->tried.code == DEID_E_NOMEM ||
			    job->tried.code == DEID_E_IO)
				return error_fail(
				    err, DEID_FAILED, job->tried.code, "a field cannot be read");
			s->unread = s->unread || r->use == QUERY_ORIGINAL;
			return DEID_OK;
		}
	}
	if (!query_keep(r->use == QUERY_ORIGINAL ? &job->record : &job->arena, v, keep))
		return error_nomem(err);
	*(final ? &s->there : r->use == QUERY_LOG ? &s->first : &s->found) = true;
	return DEID_OK;
}

static int visit(void *arg, const struct deid_field *field, struct deid_error *err)
{
	struct reading *r = arg;
	struct query_slot *s = r->slot;
	struct deid_value v = {.size = sizeof v};

	/* A format may look into records within the record: the one that is named outright has the shortest
	 * name. */
	if (field->name.n >= r->length)
		return DEID_OK;
	r->length = field->name.n;
	if (r->use == QUERY_FINAL)
		s->there = false;
	else if (r->use == QUERY_LOG)
		s->first = false;
	else
		s->found = s->unread = false;
	arena_reset(&r->job->scratch);
	s->settled = s->settled || r->use == QUERY_FINAL;
	return take(r, field, &v, err);
}

int query_read(struct deid_job *job, enum query_use use, void *rec, struct deid_error *err)
{
	const struct section *sec = job->section;
	int rc = use == QUERY_ORIGINAL ? query_record(job, err) : DEID_OK;

	for (size_t i = 0; rc == DEID_OK && i < sec->nquery; i++) {
		const struct query *q = &sec->query[i];
		struct reading r = {job, rec, use, &job->slot[i], SIZE_MAX};

		if (use == QUERY_ORIGINAL ? q->original : use == QUERY_FINAL ? q->final : q->logged)
			rc = sec->format->find(rec, q->path, visit, &r, err);
	}
	return rc;
}
