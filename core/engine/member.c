/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/member.h"

#include "core/engine/match.h"
#include "core/engine/naming.h"
#include "core/engine/process.h"
#include "core/engine/query.h"
#include "core/engine/valuelog.h"
#include "core/io/gzip.h"
#include "core/io/sink.h"
#include "core/io/source.h"
#include "core/profile/filename.h"
#include "core/profile/filename_rule.h"
#include "core/util/bytes.h"
#include "core/util/map.h"
#include <stdlib.h>
#include <string.h>

/* What a job has for the files inside its file. */
struct members {
	struct deid_job *of;  /* the container's job */
	struct deid_job *job; /* that of what is inside; made when it is needed */
	struct valuelog_file logged;
	struct trace trace;
	struct deid_error err;
	struct buf label; /* the path of the member in work */
	/* Its content, unpacked a second time when it is gzip'd; its output, before that is packed again. */
	struct deid_sink *in, *unpacked, *out, *packing;
	bool gzip;
	bool inside; /* the failure is one of a member's member, and says so */
	/* Of the container in work. run = NULL: none may be opened. */
	const struct run *run;
	const struct profile *profile;
	struct buf *log;
	struct members *above; /* the container around it */
	uint64_t depth;
	uint8_t **seen;   /* RULE_…, of each section that had a member */
	struct map value; /* struct deid_value, by name */
	/* Of the input, counted at depth 1. */
	uint64_t size, count, bytes;
};

/* ---- lifetime ---------------------------------------------------------------------------------- */

static void close_spools(struct members *m)
{
	struct deid_sink **spool[] = {&m->in, &m->unpacked, &m->out, &m->packing};
	for (size_t i = 0; i < sizeof spool / sizeof *spool; i++) {
		sink_close(*spool[i]);
		*spool[i] = NULL;
	}
}

void member_end(struct deid_job *job)
{
	struct members *m = job->members;
	if (!m)
		return;
	close_spools(m);
	map_clear(&m->value);
	m->run = NULL;
	m->seen = NULL;
	m->log = NULL;
}

void member_free(struct deid_job *job)
{
	struct members *m = job->members;
	if (!m)
		return;
	close_spools(m);
	job_free(m->job);
	valuelog_file_free(&m->logged);
	error_free(&m->err);
	buf_free(&m->label);
	map_free(&m->value);
	free(m);
	job->members = NULL;
}

static struct members *of_job(struct deid_job *job)
{
	if (!job->members) {
		job->members = calloc(1, sizeof *job->members);
		if (job->members) {
			job->members->of = job;
			error_init(&job->members->err);
		}
	}
	return job->members;
}

void member_allow(struct deid_job *job, const struct run *run, const struct profile *profile, uint64_t size,
    struct buf *log)
{
	struct members *m = of_job(job);
	if (!m)
		return; /* member_run() says that there is no memory */
	m->run = run;
	m->profile = profile;
	m->log = log;
	m->above = job->outer ? job->outer->members : NULL;
	m->depth = m->above ? m->above->depth + 1 : 1;
	m->size = size;
	m->count = m->bytes = 0;
}

static bool inner_job(struct members *m)
{
	struct job_options o = m->of->options;
	if (m->job)
		return true;
	if (m->run && m->run->valuelog) {
		if (!valuelog_file_init(&m->logged, m->run->valuelog))
			return false;
		m->trace = (struct trace){valuelog_field, &m->logged};
		o.trace = &m->trace;
	}
	m->job = job_new(&o);
	if (m->job)
		m->job->outer = m->of;
	return m->job != NULL;
}

/* ---- limits ------------------------------------------------------------------------------------ */

static uint64_t bound(uint64_t given, uint64_t dflt)
{
	return given ? given : dflt;
}

static int too_much(const char *what, uint64_t n, const char *option, struct deid_error *err)
{
	return error_fail(
	    err, DEID_FAILED, DEID_E_LIMIT, "%s %llu (%s)", what, (unsigned long long)n, option);
}

/* Before anything is unpacked. */
static int check_limits(struct members *m, const struct deid_member *what, struct deid_error *err)
{
	const struct member_limits *l = &m->run->options.limits;
	uint64_t depth = bound(l->depth, MEMBER_DEPTH_MAX), ratio = bound(l->ratio, MEMBER_RATIO);
	uint64_t count = bound(l->count, MEMBER_COUNT_MAX), bytes = bound(l->bytes, MEMBER_UNPACKED_MAX);
	struct members *top = m;
	if (m->depth > depth)
		return too_much("files within files, deeper than", depth, "--max-depth", err);
	while (top->above)
		top = top->above;
	if (what->count > count || ++top->count > count)
		return too_much("it holds more files than", count, "--max-members", err);
	if (!add_u64(top->bytes, what->bytes, &top->bytes) || top->bytes > bytes)
		return too_much("what it holds has more bytes than", bytes, "--max-unpacked", err);
	if (top->bytes > MEMBER_RATIO_FREE && top->bytes / ratio > top->size)
		return too_much(
		    "what it holds is larger than the file by more than", ratio, "--max-ratio", err);
	return DEID_OK;
}

/* ---- one member -------------------------------------------------------------------------------- */

static int open_spool(struct members *m, struct deid_sink **spool, struct deid_error *err)
{
	struct deid_job *job = m->of;
	int fd, rc = *spool ? DEID_OK : job->target.folder(job->target.arg, &fd, err);
	return rc == DEID_OK && !*spool ? sink_open_spool(spool, fd, JOB_SPOOL_MEMORY, err) : rc;
}

static int target_sink(void *arg, struct deid_sink **sink, struct deid_error *err)
{
	struct members *m = arg;
	struct deid_sink **spool = m->gzip ? &m->packing : &m->out;
	int rc = open_spool(m, spool, err);
	*sink = *spool;
	return rc;
}

static int target_folder(void *arg, int *dirfd, struct deid_error *err)
{
	const struct members *m = arg;
	return m->of->target.folder(m->of->target.arg, dirfd, err);
}

static struct deid_str base_name(struct deid_str path)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;
	return slash ? str_sub(path, (size_t)(slash + 1 - path.p), path.n) : path;
}

/* The content, and what to call its path. */
static int unpack(
    struct members *m, const struct deid_member *what, struct deid_source **content, struct deid_error *err)
{
	int rc = open_spool(m, &m->in, err);
	if (rc == DEID_OK)
		rc = what->unpack(what->arg, m->in, err);
	return rc == DEID_OK ? sink_spool_source(m->in, content, err) : rc;
}

static bool make_label(struct members *m, struct deid_str path)
{
	m->label.n = 0;
	return buf_printf(&m->label, "%s:", m->of->path ? m->of->path : "") && buf_str(&m->label, path) &&
	       buf_cstr(&m->label);
}

static int unpack_gzip(struct members *m, struct deid_source **content, struct deid_error *err)
{
	int rc = open_spool(m, &m->unpacked, err);
	if (rc == DEID_OK)
		rc = gzip_unpack(*content, m->unpacked, err);
	return rc == DEID_OK ? sink_spool_source(m->unpacked, content, err) : rc;
}

static int pack_gzip(struct members *m, struct deid_error *err)
{
	struct deid_source *whole;
	int rc = sink_spool_source(m->packing, &whole, err);
	if (rc == DEID_OK)
		rc = open_spool(m, &m->out, err);
	return rc == DEID_OK ? gzip_pack(whole, m->out, err) : rc;
}

static int name_output(struct members *m, const struct section *section, struct deid_str given,
    struct deid_member_result *r, struct deid_error *err)
{
	struct buf safe = {0};
	int rc = DEID_OK;
	if (section->nfilename)
		rc = naming_run(m->job, &given, err);
	if (rc != DEID_OK)
		return rc;
	if (filename_safe_with(given.n ? given : m->job->name, m->gzip ? STR(".gz") : STR(""), &safe))
		r->name = arena_dup(&m->of->arena, buf_view(&safe));
	buf_free(&safe);
	return r->name.p ? DEID_OK : error_nomem(err);
}

/* ---- what it has to tell ----------------------------------------------------------------------- */

static const struct deid_value *final_value(const struct deid_job *job, struct deid_str name)
{
	const struct section *s = job->section;
	const struct deid_value *v = NULL;
	for (size_t i = 0; i < s->nquery && !v; i++)
		if (s->query[i].final && str_eq(s->query[i].name, name))
			v = query_final(job, s->query[i].id);
	return v ? v : member_value(job, name);
}

/* Of the first member that has the field. */
static int take_value(struct members *m, struct deid_str name, struct deid_error *err)
{
	const struct deid_value *found = map_find(&m->value, name) ? NULL : final_value(m->job, name);
	struct deid_value *v;
	struct map_entry *e;
	if (!found)
		return DEID_OK;
	v = arena_alloc(&m->of->arena, sizeof *v);
	e = v && query_keep(&m->of->arena, found, v) ? map_put(&m->value, name, NULL) : NULL;
	if (!e)
		return error_nomem(err);
	e->value = v;
	return DEID_OK;
}

static int take_values(struct members *m, struct deid_error *err)
{
	const struct section *s = m->of->section;
	int rc = DEID_OK;
	for (size_t i = 0; i < s->nfilename; i++) {
		const struct filename_rule *r = &s->filename[i];
		for (size_t k = 0; k < r->output.npiece && rc == DEID_OK; k++)
			if (r->output.piece[k].variable && !r->place[k].capture)
				rc = take_value(m, r->output.piece[k].text, err);
	}
	return rc;
}

static uint8_t *seen_of(struct members *m, size_t section)
{
	const struct profile *p = m->profile;
	if (!m->seen)
		m->seen = arena_zalloc(&m->of->arena, (p->nsection + 1) * sizeof *m->seen);
	if (m->seen && !m->seen[section])
		m->seen[section] = arena_zalloc(&m->of->arena, p->section[section].nrule + 1);
	return m->seen ? m->seen[section] : NULL;
}

static int take_seen(struct members *m, const struct section *section, struct deid_error *err)
{
	const struct deid_job *job = m->job;
	const struct members *below = job->members;
	uint8_t *to = seen_of(m, (size_t)(section - m->profile->section));
	for (size_t i = 0; to && i < section->nrule; i++)
		to[i] |= (uint8_t)((job->seen[i] & RULE_ACTED) | (rule_found(job->seen[i]) ? RULE_VALUE : 0));
	for (size_t s = 0; to && below && below->seen && s < m->profile->nsection; s++) {
		if (!below->seen[s])
			continue;
		to = seen_of(m, s);
		for (size_t i = 0; to && i < m->profile->section[s].nrule; i++)
			to[i] |= below->seen[s][i];
	}
	return to ? DEID_OK : error_nomem(err);
}

static int take_warnings(struct members *m, struct deid_str path, struct deid_error *err)
{
	const struct deid_job *job = m->job;
	struct buf missing = {0};
	int rc = job_not_found(job, &missing) == SIZE_MAX
		     ? error_nomem(err)
		     : process_strict(m->run, &job->warnings, &missing, err);
	buf_free(&missing);
	for (size_t at = 0; rc == DEID_OK && at < job->warnings.n;) {
		const char *text = job->warnings.p + at;
		job_warn(m->of, path, "%s", text);
		at += strlen(text) + 1;
	}
	m->of->dropped += job->dropped;
	return rc;
}

static int report(
    struct members *m, const struct section *section, const struct deid_member *what, struct deid_error *err)
{
	int rc = take_warnings(m, what->path, err);
	if (rc == DEID_OK)
		rc = take_seen(m, section, err);
	if (rc == DEID_OK)
		rc = take_values(m, err);
	if (rc == DEID_OK && m->run->valuelog)
		rc = valuelog_rows(&m->logged, m->job, m->label.p, m->log, err);
	return rc;
}

/* ---- the work ---------------------------------------------------------------------------------- */

static int deidentify(struct members *m, const struct section *section, struct deid_source *content,
    struct deid_member_result *r, struct deid_error *err)
{
	const struct job_target target = {target_sink, target_folder, m};
	struct deid_str given = {0};
	int rc = m->gzip ? unpack_gzip(m, &content, err) : DEID_OK;
	if (rc == DEID_OK)
		rc = process_section(
		    m->job, m->run, m->profile, section, content, &target, m->log, &given, err);
	m->inside = m->job->members && m->job->members->inside;
	if (rc == DEID_OK)
		rc = name_output(m, section, given, r, err);
	if (rc == DEID_OK && m->gzip)
		rc = pack_gzip(m, err);
	return rc;
}

static int work(
    struct members *m, const struct deid_member *what, struct deid_member_result *r, struct deid_error *err)
{
	const struct section *section = NULL;
	struct deid_str base = base_name(what->path), name;
	struct deid_source *content;
	const char *why;
	m->gzip = match_gzip(base, &name);
	job_begin(m->job, m->label.p, name);
	int rc = unpack(m, what, &content, err);
	if (rc == DEID_OK) {
		r->before = content;
		rc = match_file(m->profile, m->run->host, base, content, &m->job->arena, &section, &why, err);
	}
	if (rc == DEID_OK && !section)
		rc = error_fail(err, DEID_FAILED, DEID_E_UNMATCHED, "%s", why);
	if (rc == DEID_OK)
		rc = deidentify(m, section, content, r, err);
	if (rc == DEID_OK)
		rc = report(m, section, what, err);
	return rc == DEID_OK ? sink_spool_source(m->out, &r->after, err) : rc;
}

/* Is it the member that is at fault, and not the machine? */
static bool can_leave_out(const struct deid_error *e)
{
	return e->rc == DEID_FAILED && e->code != DEID_E_IO && e->code != DEID_E_NOMEM &&
	       e->code != DEID_E_PLUGIN && e->code != DEID_E_INTERNAL;
}

/* "archive:path: reason", with the container's own name; of a member's member that is said already. */
static int fail_member(struct members *m, const struct deid_member *what, struct deid_error *err)
{
	struct deid_error *why = &m->err;
	struct buf text = {0};
	int rc = why->rc;
	bool good = true;
	if (!m->inside) {
		const char *path = m->label.p;
		struct members *top = m;
		while (top->above)
			top = top->above;
		/* The path of the input is told anyway, and may be long. */
		good = buf_str(&text, top->of->name) &&
		       buf_z(&text, path + (top->of->path ? strlen(top->of->path) : 0)) && buf_z(&text, ": ");
	}
	good = good && error_text(why, &text) && buf_cstr(&text);
	if (good && (what->flags & DEID_MEMBER_OPTIONAL) && can_leave_out(why)) {
		job_warn(m->of, what->path, "left out: %s", text.p);
		rc = DEID_OK;
	} else if (good) {
		rc = error_fail(err, rc, why->code, "%s", text.p);
		m->inside = true;
	} else {
		rc = error_nomem(err);
	}
	buf_free(&text);
	return rc;
}

static int list(struct deid_job *job, const struct deid_member *what, struct deid_error *err)
{
	const struct job_listing *l = job->listing;
	struct members *m = of_job(job);
	struct deid_source *content;
	if (!m || !inner_job(m) || !make_label(m, what->path))
		return error_nomem(err);
	close_spools(m);
	m->depth = job->outer ? job->outer->members->depth + 1 : 1;
	if (m->depth > MEMBER_DEPTH_MAX)
		return too_much(
		    "files within files, deeper than", MEMBER_DEPTH_MAX, "that is the limit", err);
	job_begin(m->job, m->label.p, base_name(what->path));
	int rc = unpack(m, what, &content, err);
	if (rc == DEID_OK)
		rc = l->member(l->arg, m->job, m->label.p, content, err);
	job_end(m->job);
	return rc;
}

int member_run(struct deid_job *job, const struct deid_member *what, struct deid_member_result *r,
    struct deid_error *err)
{
	struct members *m = job->members;
	*r = (struct deid_member_result){.size = sizeof *r};
	if (job->listing)
		return job->listing->member ? list(job, what, err) : DEID_OK;
	if (job->probing)
		return DEID_OK;
	if (!m || !m->run)
		return error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "files inside it cannot be worked on");
	if (!inner_job(m) || !make_label(m, what->path))
		return error_nomem(err);
	close_spools(m);
	m->inside = false;
	int rc = check_limits(m, what, err);
	if (rc != DEID_OK)
		return rc;
	const size_t logged = m->log ? m->log->n : 0;
	error_clear(&m->err);
	rc = work(m, what, r, &m->err);
	r->done = rc == DEID_OK;
	if (rc != DEID_OK && m->log)
		m->log->n = logged;
	if (rc != DEID_OK)
		rc = fail_member(m, what, err);
	job_end(m->job);
	if (m->run->valuelog)
		valuelog_file_reset(&m->logged);
	return rc;
}

/* ---- told to the container's job --------------------------------------------------------------- */

const struct deid_value *member_value(const struct deid_job *job, struct deid_str name)
{
	return job->members ? map_get(&job->members->value, name) : NULL;
}

size_t member_applied(const struct deid_job *job)
{
	const struct members *m = job->members;
	size_t n = 0;
	for (size_t s = 0; m && m->seen && s < m->profile->nsection; s++)
		for (size_t i = 0; m->seen[s] && i < m->profile->section[s].nrule; i++)
			n += (m->seen[s][i] & RULE_ACTED) != 0;
	return n;
}

/* "section: name"; false: no memory. */
static bool add_missing(const struct section *s, const struct rule *r, struct map *named, struct buf *out)
{
	struct buf text = {0};
	bool added = false;
	bool good = buf_printf(&text, "%s: ", s->name) && buf_str(&text, r->text) && buf_c(&text, '\0') &&
		    map_put_copy(named, buf_view(&text), &added) && (!added || buf_str(out, buf_view(&text)));
	buf_free(&text);
	return good;
}

size_t member_not_found(const struct deid_job *job, struct buf *out)
{
	const struct members *m = job->members;
	struct map named = {0};
	bool good = true;
	for (size_t k = 0; m && m->seen && k < m->profile->nsection; k++) {
		const struct section *s = &m->profile->section[k];
		for (size_t i = 0; m->seen[k] && good && i < s->nrule; i++)
			if (!s->rule[i].off && !s->rule[i].regex && !(m->seen[k][i] & RULE_VALUE))
				good = add_missing(s, &s->rule[i], &named, out);
	}
	size_t n = named.n;
	map_free(&named);
	return good ? n : SIZE_MAX;
}
