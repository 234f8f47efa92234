/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/metadata.h"

#include "core/io/sink.h"
#include "core/io/source.h"

struct target {
	struct deid_sink *sink;
	size_t memory;
};

static int open_sink(void *arg, struct deid_sink **sink, struct deid_error *err)
{
	struct target *t = arg;
	int rc = t->sink ? DEID_OK : sink_open_spool(&t->sink, -1, t->memory, err);

	*sink = t->sink;
	return rc;
}

static int no_folder(void *arg, int *dirfd, struct deid_error *err)
{
	(void)arg;
	(void)err;
	*dirfd = -1;
	return DEID_OK;
}

static int take_output(struct target *t, struct buf *out, struct deid_error *err)
{
	struct deid_source *src;
	size_t n;
	int rc = sink_spool_source(t->sink, &src, err);

	if (rc != DEID_OK)
		return rc;
	n = (size_t)source_size(src);
	if (!buf_reserve(out, n))
		return error_nomem(err);
	rc = source_read(src, 0, out->p + out->n, n, err);
	out->n += rc == DEID_OK ? n : 0;
	return rc;
}

/* NUL-terminated texts, each with the section's name before it. */
static bool add_texts(struct buf *to, const struct section *sec, const struct buf *texts)
{
	for (size_t at = 0; at < texts->n;) {
		struct deid_str s = str_of(texts->p + at);

		if (!buf_z(to, sec->name) || !buf_z(to, ": ") || !buf_str(to, s) || !buf_c(to, '\0'))
			return false;
		at += s.n + 1;
	}
	return true;
}

static int collect(const struct run *run, struct deid_job *job, const struct section *sec, struct outcome *o,
    struct deid_error *err)
{
	struct buf missing = {0};
	size_t n = job_not_found(job, &missing);
	bool good = n != SIZE_MAX && add_texts(&o->not_found, sec, &missing) &&
		    add_texts(&o->warnings, sec, &job->warnings);

	buf_free(&missing);
	if (!good)
		return error_nomem(err);
	o->nnot_found += n;
	o->nwarnings += job->nwarnings;
	o->warnings_dropped += job->dropped;
	o->applied += job_applied(job);
	if (run->options.strict && job->nwarnings)
		return error_fail(err, DEID_FAILED, DEID_E_VALUE, "--strict: %s", o->warnings.p);
	if (run->options.strict && n)
		return error_fail(
		    err, DEID_FAILED, DEID_E_FIELD, "--strict: the field '%s' is not there", o->not_found.p);
	return DEID_OK;
}

int metadata_section(const struct run *run, const struct section *sec, const char *label,
    struct deid_str document, struct buf *out, struct outcome *o, struct deid_error *err)
{
	struct target t = {.memory = run->options.memory};
	const struct job_target target = {open_sink, no_folder, &t};
	struct deid_source *src = NULL;
	struct deid_str name;
	struct deid_job *job = job_new(&(struct job_options){.host = run->host,
	    .log = run->log,
	    .memory = run->options.memory,
	    .seed = run->options.seeded ? &run->options.seed : NULL,
	    .trace = run->trace});
	int rc = job ? source_open_mem(&src, document.p, document.n, err) : error_nomem(err);

	if (job)
		job_begin(job, label, str_of(sec->name));
	if (rc == DEID_OK)
		rc = job_process(job, sec, src, &target, &name, err);
	if (rc == DEID_OK)
		rc = collect(run, job, sec, o, err);
	if (rc == DEID_OK)
		rc = take_output(&t, out, err);
	sink_close(t.sink);
	job_free(job);
	source_close(src);
	return rc;
}
