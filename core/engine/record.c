/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/record.h"

#include "core/engine/apply.h"
#include "core/engine/query.h"
#include "core/engine/trace.h"
#include "core/io/sink.h"

/* One rule over the fields of one record. */
struct pass {
	struct deid_job *job;
	const struct deid_format *format;
	void *rec;
	const struct rule *rule;
	size_t found;
};

static int act(
    struct pass *p, const struct deid_field *field, const struct deid_result *r, struct deid_error *err)
{
	switch (r->verdict) {
	case DEID_KEEP:
		return DEID_OK;
	case DEID_REMOVE:
		return p->format->remove(p->rec, field, err);
	case DEID_CHANGE:
		return p->format->set(p->rec, field, &r->value, err);
	}
	return error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "a transform gave an unknown verdict");
}

/* The verdict on one field, carried out. Where the field cannot take it, on-error has the last word. */
static int settle(
    struct pass *p, const struct deid_field *field, struct deid_result *r, struct deid_error *err)
{
	struct deid_job *job = p->job;
	struct deid_error *why = &job->tried;
	error_clear(why);
	int rc = act(p, field, r, why);
	if (rc != DEID_OK) {
		rc = apply_on_error(job, p->rule, field, why, r, err);
		if (rc == DEID_OK)
			rc = act(p, field, r, err);
	}
	if (rc != DEID_OK)
		return rc;
	if (r->verdict != DEID_KEEP)
		job->seen[p->rule->id] |= RULE_ACTED;
	trace_step(job->tracer, p->rule, r);
	trace_end(job->tracer, r);
	return DEID_OK;
}

/* A value that is only read because somebody listens. */
static void trace_unneeded(struct pass *p, const struct deid_field *field)
{
	struct deid_job *job = p->job;
	struct deid_value value = {.size = sizeof value, .kind = DEID_TREE, .lo = 1};
	error_clear(&job->tried);
	bool got = field->kind == DEID_TREE || p->format->get(p->rec, field, &value, &job->tried) == DEID_OK;
	trace_start(job->tracer, job->section, field, got ? &value : NULL);
	if (!got)
		trace_unread(job->tracer);
}

static int visit(void *arg, const struct deid_field *field, struct deid_error *err)
{
	struct pass *p = arg;
	struct deid_job *job = p->job;
	struct deid_value value = {.size = sizeof value, .lo = 1};
	struct deid_result r = {.size = sizeof r, .verdict = DEID_REMOVE};

	p->found++;
	job->seen[p->rule->id] |= RULE_VALUE;
	arena_reset(&job->scratch);
	if (apply_needs_no_value(p->rule)) {
		if (job->tracer)
			trace_unneeded(p, field);
	} else {
		error_clear(&job->tried);
		int rc = DEID_OK;
		if (job->tracer || !apply_any_value(p->rule))
			rc = p->format->get(p->rec, field, &value, &job->tried);
		else
			value.kind = field->kind;
		trace_start(job->tracer, job->section, field, rc == DEID_OK ? &value : NULL);
		if (rc != DEID_OK)
			trace_unread(job->tracer);
		if (rc == DEID_OK)
			rc = apply_rule(job, p->rule, field, &value, &r, err);
		else
			rc = apply_on_error(job, p->rule, field, &job->tried, &r, err);
		if (rc != DEID_OK)
			return rc;
	}
	return settle(p, field, &r, err);
}

static int visit_regex(void *arg, const struct deid_field *field, struct deid_error *err)
{
	struct pass *p = arg;
	int hit = regex_match(p->rule->regex, field->name, NULL, err);
	if (hit == 0 && field->alt.n)
		hit = regex_match(p->rule->regex, field->alt, NULL, err);
	if (hit < 0) {
		error_at(err, field->name, UINT64_MAX);
		return hit;
	}
	return hit ? visit(arg, field, err) : DEID_OK;
}

static int visit_count(void *arg, const struct deid_field *field, struct deid_error *err)
{
	struct pass *p = arg;
	(void)field;
	(void)err;
	p->found++;
	return DEID_OK;
}

/* A field that the name does not find, or that some of the places a wildcard denotes lack. */
static int create(struct pass *p, struct deid_error *err)
{
	struct deid_job *job = p->job;
	const struct rule *rule = p->rule;
	const struct deid_field field = {.size = sizeof field, .kind = DEID_TEXT, .name = rule->text};
	struct deid_result r = {.size = sizeof r};

	arena_reset(&job->scratch);
	job->seen[rule->id] |= RULE_MISSING;
	int rc = apply_rule(job, rule, &field, NULL, &r, err);
	if (rc != DEID_OK || r.verdict != DEID_CHANGE)
		return rc;
	trace_start(job->tracer, job->section, &field, NULL);
	error_clear(&job->tried);
	rc = p->format->add(p->rec, rule->path, &r.value, &job->tried);
	if (rc != DEID_OK) {
		/* There is nothing to remove and nothing to keep: on-error can only say whether it matters.
		 */
		return apply_on_error(job, rule, &field, &job->tried, &r, err);
	}
	size_t before = p->found;
	if (rule->info.flags & DEID_PATH_WILD) {
		p->found = 0;
		rc = p->format->find(p->rec, rule->path, visit_count, p, err);
	} else {
		p->found++;
	}
	if (rc != DEID_OK || p->found <= before)
		return rc;
	job->seen[rule->id] |= RULE_CREATED | RULE_ACTED;
	trace_step(job->tracer, rule, &r);
	trace_end(job->tracer, &r);
	return DEID_OK;
}

void record_acted(struct deid_job *job, uint32_t id, const struct deid_field *field,
    const struct deid_value *was, const struct deid_result *r)
{
	const struct section *section = job->section;
	if (section && id < section->nrule) {
		const struct rule *rule = &section->rule[id];
		job->seen[id] |= was ? RULE_VALUE : RULE_MISSING;
		if (r->verdict != DEID_KEEP)
			job->seen[id] |= was ? RULE_ACTED : RULE_ACTED | RULE_CREATED;
		trace_start(job->tracer, section, field, was);
		trace_step(job->tracer, rule, r);
		trace_end(job->tracer, r);
	}
	arena_reset(&job->scratch);
}

static int visit_refused(void *arg, const struct deid_field *field, struct deid_error *err)
{
	struct pass *p = arg;
	struct deid_job *job = p->job;
	struct deid_result r = {
	    .size = sizeof r, .verdict = DEID_REMOVE, .by_error = true, .by = p->rule->id};
	arena_reset(&job->scratch);
	if (job->tracer)
		trace_unneeded(p, field);
	return settle(p, field, &r, err);
}

static int visit_refused_regex(void *arg, const struct deid_field *field, struct deid_error *err)
{
	struct pass *p = arg;
	bool hit;
	int rc = apply_names(p->job, p->rule->id, field, &hit, err);
	return rc == DEID_OK && hit ? visit_refused(arg, field, err) : rc;
}

/* The format acts by itself. What it cannot do, on-error settles for all that the entry names. */
static int run_owned(struct pass *p, struct deid_error *err)
{
	struct deid_job *job = p->job;
	const struct rule *rule = p->rule;
	const struct deid_field all = {.size = sizeof all, .kind = DEID_TEXT, .name = rule->text};
	struct deid_result r = {.size = sizeof r};

	arena_reset(&job->scratch);
	job->seen[rule->id] |= RULE_MISSING;
	error_clear(&job->tried);
	int rc = p->format->act(p->rec, rule->id, &job->tried);
	if (rc == DEID_OK)
		return DEID_OK;
	rc = apply_on_error(job, rule, &all, &job->tried, &r, err);
	if (rc != DEID_OK || r.verdict != DEID_REMOVE)
		return rc;
	return rule->regex ? p->format->each(p->rec, visit_refused_regex, p, err)
			   : p->format->find(p->rec, rule->path, visit_refused, p, err);
}

static int run_rule(struct pass *p, struct deid_error *err)
{
	const struct rule *rule = p->rule;
	if (rule->owned)
		return run_owned(p, err);
	if (rule->sieve && !p->job->listing)
		return p->format->sift(p->rec, rule->sieve, visit_regex, p, err);
	if (rule->regex)
		return p->format->each(p->rec, visit_regex, p, err);
	int rc = p->format->find(p->rec, rule->path, visit, p, err);
	if (rc == DEID_OK && apply_creates(rule) && (p->found == 0 || (rule->info.flags & DEID_PATH_WILD)))
		rc = create(p, err);
	return rc;
}

static int write_out(struct pass *p, const struct job_target *target, struct deid_error *err)
{
	struct deid_sink *sink;
	int rc = target->sink(target->arg, &sink, err);
	return rc == DEID_OK ? p->format->write(p->rec, sink, err) : rc;
}

/* What the log says was there, before any setting. Warnings come again. */
static int read_plain(
    struct deid_job *job, const struct section *section, struct deid_source *src, struct deid_error *err)
{
	size_t n = job->warnings.n, nwarnings = job->nwarnings, dropped = job->dropped;
	void *rec;
	int rc = section->format->open(job, section->plain, src, &rec, err);
	if (rc != DEID_OK)
		return rc;
	rc = query_read(job, QUERY_LOG, rec, err);
	section->format->close(rec);
	job->warnings.n = n;
	job->nwarnings = nwarnings;
	job->dropped = dropped;
	return rc;
}

int record_process(struct deid_job *job, const struct section *section, struct deid_source *src,
    const struct job_target *target, struct deid_str *name, struct deid_error *err)
{
	const struct deid_format *format = section->format;
	struct pass p = {.job = job, .format = format};
	int rc = section->plain ? read_plain(job, section, src, err) : DEID_OK;
	if (rc != DEID_OK)
		return rc;
	rc = format->open(job, section->conf, src, &p.rec, err);
	if (rc != DEID_OK)
		return rc;
	if (section->reads_originals)
		rc = query_read(job, QUERY_ORIGINAL, p.rec, err);
	for (size_t i = 0; i < section->nrule && rc == DEID_OK; i++) {
		p.rule = &section->rule[i];
		p.found = 0;
		if (!p.rule->off)
			rc = run_rule(&p, err);
	}
	if (rc == DEID_OK)
		rc = format->finish(p.rec, err);
	if (rc == DEID_OK && section->reads_finals)
		rc = query_read(job, QUERY_FINAL, p.rec, err);
	if (rc == DEID_OK && format->name) {
		struct deid_str given = {0};
		rc = format->name(p.rec, &given, err);
		if (rc == DEID_OK && given.n) {
			*name = arena_dup(&job->arena, given);
			if (!name->p)
				rc = error_nomem(err);
		}
	}
	if (rc == DEID_OK)
		rc = write_out(&p, target, err);
	format->close(p.rec);
	return rc;
}

int record_probe(
    struct deid_job *job, const struct section *section, struct deid_source *src, struct deid_error *err)
{
	void *rec;
	int rc = section->format->open(job, section->conf, src, &rec, err);
	if (rc != DEID_OK)
		return rc;
	rc = query_read(job, QUERY_ORIGINAL, rec, err);
	section->format->close(rec);
	return rc;
}

/* ---- listing ----------------------------------------------------------------------------------- */

struct list_pass {
	struct deid_job *job;
	const struct deid_format *format;
	void *rec;
	const struct job_listing *listing;
};

static int visit_list(void *arg, const struct deid_field *field, struct deid_error *err)
{
	struct list_pass *p = arg;
	struct deid_value value = {.size = sizeof value};
	arena_reset(&p->job->scratch);
	if (field->kind == DEID_TREE)
		return p->listing->field(p->listing->arg, field, NULL, err);
	/* A value that cannot be read must not hide the fields after it. */
	error_clear(&p->job->tried);
	int rc = p->format->get(p->rec, field, &value, &p->job->tried);
	return p->listing->field(p->listing->arg, field, rc == DEID_OK ? &value : NULL, err);
}

int record_list(struct deid_job *job, const struct deid_format *format, void *conf, struct deid_source *src,
    const struct job_listing *listing, struct deid_error *err)
{
	struct list_pass p = {job, format, NULL, listing};
	int rc = format->open(job, conf, src, &p.rec, err);
	if (rc != DEID_OK)
		return rc;
	rc = format->each(p.rec, visit_list, &p, err);
	format->close(p.rec);
	return rc;
}
