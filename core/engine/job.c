/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/job.h"

#include "core/engine/apply.h"
#include "core/engine/member.h"
#include "core/engine/query.h"
#include "core/engine/record.h"
#include "core/engine/trace.h"
#include "core/io/sink.h"
#include "core/io/source.h"
#include "core/util/map.h"
#include <stdlib.h>
#include <string.h>

/* More warnings than this about one file are counted, not kept. */
#define WARNINGS_MAX 100

struct deid_job *job_new(const struct job_options *o)
{
	struct deid_job *job = calloc(1, sizeof *job);
	if (!job)
		return NULL;
	job->options = *o;
	job->host = o->host;
	job->log = o->log;
	arena_init(&job->arena, o->memory);
	arena_init(&job->scratch, o->memory);
	arena_init(&job->record, o->memory);
	error_init(&job->tried);
	if (o->seed)
		job->draws = (struct draws){.seeded = true, .seed = *o->seed};
	job->tracer = o->trace ? tracer_new(o->trace, o->memory) : NULL;
	if (o->trace && !job->tracer) {
		job_free(job);
		return NULL;
	}
	return job;
}

void job_free(struct deid_job *job)
{
	if (!job)
		return;
	job_end(job);
	member_free(job);
	arena_free(&job->arena);
	arena_free(&job->scratch);
	arena_free(&job->record);
	error_free(&job->tried);
	tracer_free(job->tracer);
	buf_free(&job->warnings);
	draws_free(&job->draws);
	free(job);
}

void job_begin(struct deid_job *job, const char *path, struct deid_str name)
{
	job->path = path;
	job->name = name;
	job->warnings.n = 0;
	job->nwarnings = job->dropped = 0;
	job->arena.over = job->scratch.over = job->record.over = false;
	draws_begin(&job->draws);
}

bool job_over_memory(const struct deid_job *job)
{
	return job->arena.over || job->scratch.over || job->record.over;
}

void job_end(struct deid_job *job)
{
	member_end(job);
	for (struct job_thing *t = job->things; t; t = t->next) {
		source_close(t->source);
		sink_close(t->spool);
	}
	job->things = NULL;
	job->section = NULL;
	job->listing = NULL;
	job->seen = NULL;
	job->slot = NULL;
	job->intern = NULL;
	job->nintern = job->intern_cap = 0;
	job->recent = NULL;
	job->ids = NULL;
	error_clear(&job->tried);
	trace_drop(job->tracer);
	arena_reset(&job->arena);
	arena_reset(&job->scratch);
	arena_reset(&job->record);
}

static bool keep(struct deid_job *job, struct deid_source *src, struct deid_sink *spool)
{
	struct job_thing *t = arena_alloc(&job->arena, sizeof *t);
	if (!t)
		return false;
	*t = (struct job_thing){job->things, src, spool};
	job->things = t;
	return true;
}

void job_drop_spool(struct deid_job *job, struct deid_sink *spool)
{
	for (struct job_thing *t = job->things; t; t = t->next)
		if (spool && t->spool == spool) {
			sink_close(spool);
			t->spool = NULL;
		}
}

bool job_keep_source(struct deid_job *job, struct deid_source *src)
{
	return keep(job, src, NULL);
}

bool job_keep_spool(struct deid_job *job, struct deid_sink *spool)
{
	return keep(job, NULL, spool);
}

void job_vwarn(struct deid_job *job, struct deid_str field, const char *fmt, va_list ap)
{
	struct buf *w = &job->warnings;
	size_t start = w->n;
	if (job->nwarnings == WARNINGS_MAX) {
		job->dropped++;
		return;
	}
	bool good =
	    (!field.n || (buf_str(w, field) && buf_z(w, ": "))) && buf_vprintf(w, fmt, ap) && buf_c(w, '\0');
	/* A million rows with one complaint are one warning. */
	size_t len = w->n - start;
	if (!good || (start >= len && memcmp(w->p + start - len, w->p + start, len) == 0 &&
			 (start == len || w->p[start - len - 1] == '\0')))
		w->n = start;
	else
		job->nwarnings++;
	if (!good)
		job->dropped++;
}

void job_warn(struct deid_job *job, struct deid_str field, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	job_vwarn(job, field, fmt, ap);
	va_end(ap);
}

int job_process(struct deid_job *job, const struct section *section, struct deid_source *src,
    const struct job_target *target, struct deid_str *name, struct deid_error *err)
{
	*name = (struct deid_str){0};
	job->section = section;
	job->target = *target;
	job->listing = NULL;
	size_t ids = section->nrule + section->nquery;
	job->seen = arena_zalloc(&job->arena, ids ? ids : 1);
	job->ids = arena_array(&job->arena, ids ? ids : 1, sizeof *job->ids);
	if (!job->seen || !job->ids || query_begin(job, err) != DEID_OK)
		return error_nomem(err);
	int rc;
	if (!section->format->stream) {
		rc = record_process(job, section, src, target, name, err);
	} else {
		struct deid_sink *sink;
		rc = target->sink(target->arg, &sink, err);
		if (rc == DEID_OK)
			rc = section->format->stream(job, section->conf, src, sink, err);
	}
	return rc == DEID_OK ? trace_flush(job->tracer, err) : rc;
}

int job_probe(struct deid_job *job, const struct section *section, struct deid_source *src,
    const struct job_target *target, struct deid_str *text, struct deid_error *err)
{
	struct deid_value value;
	size_t warnings = job->warnings.n, nwarnings = job->nwarnings, dropped = job->dropped;
	bool found = false;
	*text = (struct deid_str){0};
	job->section = section;
	job->target = *target;
	job->listing = NULL;
	job->seen = arena_zalloc(&job->arena, section->nquery);
	job->ids = arena_array(&job->arena, section->nquery, sizeof *job->ids);
	if (!job->seen || !job->ids || query_begin(job, err) != DEID_OK)
		return error_nomem(err);
	job->probing = true;
	job->found = false;
	int rc = section->format->stream ? section->format->stream(job, section->conf, src, NULL, err)
					 : record_probe(job, section, src, err);
	job->probing = false;
	if (rc != DEID_OK && job->found) {
		/* That is how it was told to stop. */
		error_clear(err);
		rc = DEID_OK;
	}
	/* They come again. */
	job->warnings.n = warnings;
	job->nwarnings = nwarnings;
	job->dropped = dropped;
	if (rc == DEID_OK && job->recorded)
		rc = query_original(job, 0, &found, &value, err);
	if (rc != DEID_OK || !found)
		return rc;
	if (value.kind == DEID_TREE || value.kind == DEID_BYTES || value.n > 1)
		return error_fail(err, DEID_FAILED, DEID_E_VALUE, "the field of the subject is no text");
	if (value.kind == DEID_NULL || value.n == 0)
		return DEID_OK;
	*text = arena_dup(&job->arena, str_trim(value.v[0]));
	return text->p ? DEID_OK : error_nomem(err);
}

static int no_sink(void *arg, struct deid_sink **sink, struct deid_error *err)
{
	(void)arg;
	*sink = NULL;
	return error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "a listing has no output");
}

static int listing_folder(void *arg, int *dirfd, struct deid_error *err)
{
	const struct job_listing *l = arg;
	(void)err;
	*dirfd = l->spool_fd;
	return DEID_OK;
}

int job_list(struct deid_job *job, const struct deid_format *format, void *conf, struct deid_source *src,
    const struct job_listing *listing, struct deid_error *err)
{
	job->section = NULL;
	job->listing = listing;
	/* no_sink() and listing_folder() write nothing there. */
	job->target = (struct job_target){no_sink, listing_folder, (void *)(uintptr_t)listing};
	if (!format->stream)
		return record_list(job, format, conf, src, listing, err);
	return format->stream(job, conf, src, NULL, err);
}

size_t job_applied(const struct deid_job *job)
{
	size_t n = 0;
	for (size_t i = 0; job->seen && i < job->section->nrule; i++)
		n += (job->seen[i] & RULE_ACTED) != 0;
	return n + member_applied(job);
}

size_t job_not_found(const struct deid_job *job, struct buf *out)
{
	struct map named = {0};
	size_t n = 0;
	for (size_t i = 0; job->seen && i < job->section->nrule; i++) {
		const struct rule *r = &job->section->rule[i];
		bool added = true;
		if (r->off || r->regex || rule_found(job->seen[i]))
			continue;
		if (!map_put(&named, r->text, &added) ||
		    (added && (!buf_str(out, r->text) || !buf_c(out, '\0')))) {
			n = SIZE_MAX;
			break;
		}
		n += added;
	}
	map_free(&named);
	if (n == SIZE_MAX)
		return n;
	size_t inside = member_not_found(job, out);
	return inside == SIZE_MAX ? inside : n + inside;
}
