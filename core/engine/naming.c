/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/naming.h"

#include "core/engine/member.h"
#include "core/engine/query.h"
#include "core/profile/filename_rule.h"

static int no_value(struct deid_str name, struct deid_error *err)
{
	error_fail(err, DEID_FAILED, DEID_E_FIELD,
	    "the name of the output cannot be made: a variable is missing or empty");
	error_at(err, name, UINT64_MAX);
	return DEID_FAILED;
}

/* Of the record, else of the first file in it that has the field. */
static const struct deid_value *field_value(
    const struct deid_job *job, const struct filename_place *p, struct deid_str name)
{
	const struct deid_value *own = p->own ? query_final(job, p->query) : NULL;

	return own ? own : member_value(job, name);
}

static int evaluate(struct deid_job *job, const struct filename_rule *r, size_t i,
    const struct deid_str *capture, struct deid_str *out, struct deid_error *err)
{
	const struct output *o = &r->output;
	const struct filename_place *p = &r->place[i];
	const struct deid_field field = {.size = sizeof field, .name = o->piece[i].text};
	struct deid_str text = capture[p->capture];
	struct deid_value v = {.size = sizeof v, .kind = DEID_TEXT, .lo = 1, .v = &text, .n = text.n != 0};
	const struct deid_value *value = p->capture ? &v : field_value(job, p, field.name);
	int rc;

	if (!value)
		return no_value(field.name, err);
	if (value != &v)
		v = *value;
	v.flags |= DEID_V_FREE | DEID_V_USUAL;
	rc = output_value(o, field.name, job, &field, &v, out, err);
	if (rc != DEID_OK) {
		error_at(err, field.name, UINT64_MAX);
		return rc;
	}
	return out->n ? DEID_OK : no_value(field.name, err);
}

static int make(struct deid_job *job, const struct filename_rule *r, const struct deid_str *capture,
    struct deid_str *name, struct deid_error *err)
{
	const struct output *o = &r->output;
	struct deid_str *part = arena_array(&job->arena, o->npiece, sizeof *part), text;
	int rc = part ? DEID_OK : error_nomem(err);

	for (size_t i = 0; i < o->npiece && rc == DEID_OK; i++) {
		const struct output_piece *piece = &o->piece[i];

		part[i] = piece->same != OUTPUT_FIRST ? part[piece->same] : piece->text;
		if (piece->variable && piece->same == OUTPUT_FIRST)
			rc = evaluate(job, r, i, capture, &part[i], err);
	}
	if (rc == DEID_OK)
		rc = output_join(o, job, part, &text, err);
	if (rc != DEID_OK)
		return rc;
	*name = arena_dup(&job->arena, text);
	return name->p ? DEID_OK : error_nomem(err);
}

int naming_run(struct deid_job *job, struct deid_str *name, struct deid_error *err)
{
	const struct section *sec = job->section;

	arena_reset(&job->scratch);
	for (size_t i = 0; i < sec->nfilename; i++) {
		const struct filename_rule *r = &sec->filename[i];
		size_t n = regex_groups(r->output.regex) + 1;
		struct deid_str *capture = arena_array(&job->arena, n, sizeof *capture);
		int rc = capture ? regex_capture(r->output.regex, job->name, capture, err) : error_nomem(err);

		if (rc == 1)
			return make(job, r, capture, name, err);
		if (rc != 0)
			return rc;
	}
	return error_fail(err, DEID_FAILED, DEID_E_FIELD,
	    "the name of the output cannot be made: no \"input-regex\" of \"filenames\" matches");
}
