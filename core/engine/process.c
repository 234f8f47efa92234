/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/process.h"

#include "core/engine/match.h"
#include "core/engine/member.h"
#include "core/io/source.h"

/* A file of another kind than its name says: the reason names what was seen. */
static void name_mark(const struct run *run, const struct profile *profile, const struct section *section,
    struct deid_source *content, struct deid_error *err)
{
	if (err->code != DEID_E_FORMAT && err->code != DEID_E_TRUNCATED)
		return;
	const struct section *seen = match_mark(profile, run->host, section, content);
	if (seen)
		buf_printf(&err->msg, "; the content looks like %s (%s)", seen->name, seen->format->mark);
}

int process_section(struct deid_job *job, const struct run *run, const struct profile *profile,
    const struct section *section, struct deid_source *content, const struct job_target *target,
    struct buf *log, struct deid_str *name, struct deid_error *err)
{
	member_allow(job, run, profile, source_size(content), log);
	int rc = job_process(job, section, content, target, name, err);
	if (rc != DEID_OK)
		name_mark(run, profile, section, content, err);
	if (rc != DEID_OK && err->code == DEID_E_NOMEM && job_over_memory(job)) {
		error_clear(err);
		rc = error_fail(err, DEID_FAILED, DEID_E_LIMIT,
		    "it takes more memory than one file may have, %zu bytes (--max-memory)",
		    run->options.memory);
	}
	return rc;
}

int process_strict(
    const struct run *run, const struct buf *warnings, const struct buf *not_found, struct deid_error *err)
{
	if (!run->options.strict)
		return DEID_OK;
	if (warnings->n)
		return error_fail(err, DEID_FAILED, DEID_E_VALUE, "--strict: %s", warnings->p);
	if (not_found->n)
		return error_fail(
		    err, DEID_FAILED, DEID_E_FIELD, "--strict: the field '%s' is not there", not_found->p);
	return DEID_OK;
}
