/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/unit.h"

#include "core/engine/foldername.h"
#include "core/engine/match.h"
#include "core/engine/naming.h"
#include "core/engine/process.h"
#include "core/engine/subjects.h"
#include "core/io/gzip.h"
#include "core/io/source.h"
#include "core/profile/filename.h"
#include "core/util/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool worker_init(struct worker *w, struct run *run)
{
	*w = (struct worker){.run = run, .folder_root = -2};
	error_init(&w->err);
	const struct trace *trace = run->trace;
	if (run->valuelog) {
		if (!valuelog_file_init(&w->logged, run->valuelog))
			return false;
		w->log_trace = (struct trace){valuelog_field, &w->logged};
		trace = &w->log_trace;
	}
	w->job = job_new(&(struct job_options){.host = run->host,
	    .log = run->log,
	    .memory = run->options.memory,
	    .seed = run->options.seeded ? &run->options.seed : NULL,
	    .trace = trace});
	return w->job != NULL;
}

void worker_free(struct worker *w)
{
	folder_drop(&w->run->folders, w->folder);
	job_free(w->job);
	error_free(&w->err);
	buf_free(&w->folder_from);
	valuelog_file_free(&w->logged);
}

void unit_free(struct unit *u)
{
	struct outcome *o = &u->outcome;
	buf_free(&u->name);
	buf_free(&o->output);
	buf_free(&o->reason);
	buf_free(&o->warnings);
	buf_free(&o->not_found);
	buf_free(&o->log);
	*u = (struct unit){0};
}

/* Empty, with the memory of its texts kept for the next input. */
static void unit_reset(struct unit *u, const struct input *in)
{
	struct unit old = *u;
	struct buf *texts[] = {&old.name, &old.outcome.output, &old.outcome.reason, &old.outcome.warnings,
	    &old.outcome.not_found, &old.outcome.log};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		texts[i]->n = 0;
	*u = (struct unit){.name = old.name};
	u->outcome = (struct outcome){.input = in,
	    .output = old.outcome.output,
	    .reason = old.outcome.reason,
	    .warnings = old.outcome.warnings,
	    .not_found = old.outcome.not_found,
	    .log = old.outcome.log};
}

static void release(struct run *run, struct unit *u)
{
	sink_close(u->sink);
	u->sink = NULL;
	folder_drop(&run->folders, u->folder);
	u->folder = NULL;
}

void unit_fail(struct run *run, struct unit *u, struct deid_error *err)
{
	struct outcome *o = &u->outcome;
	release(run, u);
	o->status = OUTCOME_FAILED;
	o->code = err->code == DEID_E_NONE ? DEID_E_INTERNAL : err->code;
	o->output.n = 0;
	o->log.n = 0;
	o->bytes_out = 0;
	o->reason.n = 0;
	error_text(err, &o->reason);
	error_clear(err);
}

/* ---- where the output goes --------------------------------------------------------------------- */

/* The folder for the input's output: the one of the input before, as a rule. */
static int find_folder(struct worker *w, struct deid_error *err)
{
	struct run *run = w->run;
	struct unit *u = w->unit;
	const struct input *in = u->outcome.input;
	struct deid_str from = run->options.output ? input_folders(in) : input_parent(in);
	int rc = DEID_OK;
	if (u->folder)
		return DEID_OK;
	if (!w->folder || in->root != w->folder_root || !str_eq(from, buf_view(&w->folder_from))) {
		struct folder *d = NULL;
		struct buf below = {0};
		if (!run->options.output)
			rc = folder_hold_path(&run->folders, from, &d, err);
		else if (!folder_name(run->options.folders, from, run->profile->first_salt, &below))
			rc = error_nomem(err);
		else
			rc = folder_hold(&run->folders, buf_view(&below), &d, err);
		buf_free(&below);
		folder_drop(&run->folders, w->folder);
		w->folder = d;
		w->folder_root = in->root;
		w->folder_from.n = 0;
		if (rc == DEID_OK && !buf_str(&w->folder_from, from))
			w->folder_root = -2;
	}
	if (rc == DEID_OK) {
		folder_keep(&run->folders, w->folder);
		u->folder = w->folder;
	}
	return rc;
}

static int target_sink(void *arg, struct deid_sink **sink, struct deid_error *err)
{
	struct worker *w = arg;
	int rc = find_folder(w, err);
	if (rc == DEID_OK)
		rc = w->run->options.dry ? sink_open_discard(&w->unit->sink, w->unit->folder->fd, err)
					 : sink_open_file(&w->unit->sink, w->unit->folder->fd, err);
	*sink = w->unit->sink;
	return rc;
}

static int target_folder(void *arg, int *dirfd, struct deid_error *err)
{
	struct worker *w = arg;
	int rc = find_folder(w, err);
	if (w->run->options.dry)
		*dirfd = w->run->spool_fd;
	else
		*dirfd = rc == DEID_OK ? w->unit->folder->fd : -1;
	return rc;
}

/* What the format writes is compressed when it is complete: until then it may still be patched. */
static int target_spool(void *arg, struct deid_sink **sink, struct deid_error *err)
{
	struct worker *w = arg;
	int fd, rc = target_folder(w, &fd, err);
	if (rc == DEID_OK)
		rc = sink_open_spool(&w->packing, fd, JOB_SPOOL_MEMORY, err);
	*sink = w->packing;
	return rc;
}

const char *unit_input_name(const struct unit *u)
{
	const char *path = u->outcome.input->path, *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The output's name, and its path for the report. */
static int name_output(struct worker *w, struct deid_str given, struct deid_error *err)
{
	struct unit *u = w->unit;
	struct deid_str own = w->job->name;
	u->name.n = 0;
	bool good;
	if (!u->named && !w->run->options.output) {
		good = buf_z(&u->name, unit_input_name(u));
	} else if (!u->named && w->run->options.keep_names) {
		good = buf_z(&u->name, input_name(u->outcome.input));
	} else {
		good = filename_safe_with(given.n ? given : own, w->gzip ? STR(".gz") : STR(""), &u->name);
	}
	u->outcome.output.n = 0;
	good =
	    good && buf_cstr(&u->name) &&
	    (strcmp(u->folder->path, ".") == 0 || buf_printf(&u->outcome.output, "%s/", u->folder->path)) &&
	    buf_str(&u->outcome.output, buf_view(&u->name)) && buf_cstr(&u->outcome.output);
	return good ? DEID_OK : error_nomem(err);
}

/* With --on-conflict skip, and where the name does not come from the content: no work for nothing. */
static int look_before(struct worker *w, const struct section *section, struct deid_error *err)
{
	struct unit *u = w->unit;
	struct stat st;
	if (w->run->options.on_conflict != CONFLICT_SKIP || !w->run->options.output ||
	    (section && (section->format->name || node_count(node_get(section->node, "filenames")))))
		return DEID_OK;
	int rc = find_folder(w, err);
	if (rc == DEID_OK)
		rc = name_output(w, (struct deid_str){0}, err);
	if (rc == DEID_OK)
		u->was_there = fstatat(u->folder->fd, u->name.p, &st, AT_SYMLINK_NOFOLLOW) == 0;
	return rc;
}

/* ---- the work ---------------------------------------------------------------------------------- */

static int open_input(struct worker *w, const struct input *in, struct deid_error *err)
{
	int fd = input_open(in);
	if (fd < 0)
		return error_errno(err, DEID_FAILED, "cannot read it");
	if (!w->run->options.output && fstat(fd, &w->unit->input) != 0) {
		int rc = error_errno(err, DEID_FAILED, "cannot read it");
		close(fd);
		return rc;
	}
	int rc = source_open_fd(&w->source, fd, err);
	if (rc == DEID_OK)
		w->unit->outcome.bytes_in = source_size(w->source);
	w->content = w->source;
	return rc;
}

static int find_section(struct worker *w, const struct input *in, const struct section **section,
    const char **why, struct deid_error *err)
{
	return match_file(
	    w->profile, w->run->host, str_of(input_name(in)), w->source, &w->job->arena, section, why, err);
}

static int unpack(struct worker *w, struct deid_error *err)
{
	if (w->unpacked)
		return DEID_OK;
	int fd, rc = target_folder(w, &fd, err);
	if (rc == DEID_OK)
		rc = sink_open_spool(&w->unpacked, fd, JOB_SPOOL_MEMORY, err);
	if (rc == DEID_OK)
		rc = gzip_unpack(w->source, w->unpacked, err);
	return rc == DEID_OK ? sink_spool_source(w->unpacked, &w->content, err) : rc;
}

static int pack(struct worker *w, struct deid_error *err)
{
	struct deid_source *whole;
	struct deid_sink *sink;
	int rc = sink_spool_source(w->packing, &whole, err);
	if (rc == DEID_OK)
		rc = target_sink(w, &sink, err);
	return rc == DEID_OK ? gzip_pack(whole, sink, err) : rc;
}

/* Copies are no outputs in this sense: nothing was done to them that could be done twice. */
static int digest_output(struct worker *w, struct deid_error *err)
{
	struct unit *u = w->unit;
	struct deid_source *written = NULL;
	if (!w->run->done || w->run->options.dry || u->outcome.status != OUTCOME_DEIDENTIFIED)
		return DEID_OK;
	int rc = sink_read_back(u->sink, &written, err);
	if (rc == DEID_OK)
		rc = done_digest(written, &u->digest, err);
	u->digested = rc == DEID_OK;
	source_close(written);
	return rc;
}

/* All bytes to the kernel, with the mode the output will have. */
static int finish_sink(struct worker *w, struct deid_error *err)
{
	const struct run_options *o = &w->run->options;
	struct unit *u = w->unit;
	mode_t mode = 0666 & ~o->umask;
	/* What was closed to others stays closed when it is replaced. */
	if (!o->output)
		mode &= u->input.st_mode;
	u->outcome.bytes_out = sink_tell(u->sink);
	int rc = source_unchanged(w->source, err);
	if (rc == DEID_OK)
		rc = sink_flush(u->sink, err);
	if (rc == DEID_OK)
		rc = digest_output(w, err);
	if (rc == DEID_OK)
		rc = o->preserve ? sink_preserve(u->sink, source_fd(w->source), err)
				 : sink_set_mode(u->sink, mode, err);
	if (rc == DEID_OK && o->sync == SYNC_BATCH)
		sink_start_sync(u->sink);
	if (rc == DEID_OK && o->sync == SYNC_FILE)
		rc = sink_sync(u->sink, err);
	return rc;
}

static void collect_warnings(struct worker *w)
{
	struct outcome *o = &w->unit->outcome;
	struct deid_job *job = w->job;
	struct buf swap = o->warnings;
	o->warnings = job->warnings;
	job->warnings = swap;
	o->nwarnings = job->nwarnings;
	o->warnings_dropped = job->dropped;
}

/* What the rules met, once a file was read to its end. With --strict a warning is an error, and so is a field
 * that is not there. */
static int collect_rules(struct worker *w, struct deid_error *err)
{
	struct outcome *o = &w->unit->outcome;
	o->applied = job_applied(w->job);
	o->nnot_found = job_not_found(w->job, &o->not_found);
	if (o->nnot_found == SIZE_MAX) {
		o->nnot_found = 0;
		return error_nomem(err);
	}
	return process_strict(w->run, &o->warnings, &o->not_found, err);
}

static int copy_whole(struct worker *w, struct deid_error *err)
{
	struct deid_sink *sink;
	int rc = target_sink(w, &sink, err);
	if (rc == DEID_OK)
		rc = sink_copy(sink, w->source, 0, source_size(w->source), err);
	if (rc == DEID_OK)
		rc = name_output(w, (struct deid_str){0}, err);
	return rc == DEID_OK ? finish_sink(w, err) : rc;
}

static int unmatched(struct worker *w, const char *why, struct deid_error *err)
{
	struct outcome *o = &w->unit->outcome;
	enum unmatched what = w->run->options.unmatched;
	if (what == UNMATCHED_DEFAULT)
		what = o->input->root < 0 ? UNMATCHED_FAIL : UNMATCHED_SKIP;
	if (what == UNMATCHED_FAIL)
		return error_fail(err, DEID_FAILED, DEID_E_UNMATCHED, "%s", why);
	o->code = DEID_E_UNMATCHED;
	if (!buf_z(&o->reason, why))
		return error_nomem(err);
	if (what == UNMATCHED_SKIP) {
		o->status = OUTCOME_SKIPPED;
		return DEID_OK;
	}
	o->status = OUTCOME_COPIED;
	w->gzip = false; /* not looked into */
	w->job->name = str_of(input_name(o->input));
	int rc = look_before(w, NULL, err);
	return rc == DEID_OK && !w->unit->was_there ? copy_whole(w, err) : rc;
}

/* What reports speak of: all profiles of a run have the same sections. */
static const struct section *told_section(const struct worker *w, const struct section *section)
{
	return &w->run->profile->section[section - w->profile->section];
}

int unit_transform(struct worker *w, const struct section *section, const struct job_target *target,
    struct deid_str *name, struct deid_error *err)
{
	w->unit->outcome.section = told_section(w, section);
	w->unit->outcome.status = OUTCOME_DEIDENTIFIED;
	int rc = process_section(
	    w->job, w->run, w->profile, section, w->content, target, &w->unit->outcome.log, name, err);
	collect_warnings(w);
	return rc == DEID_OK ? collect_rules(w, err) : rc;
}

/* The subject is in the file: from here on it is worked on by its own profile. */
static int read_subject(
    struct worker *w, const struct job_target *target, const struct section **section, struct deid_error *err)
{
	const struct profile *own;
	const char *why;
	int rc = subjects_read(w->run->subjects, w->job, *section, w->content, target, &own, err);
	if (rc != DEID_OK)
		return rc;
	w->profile = own;
	rc = find_section(w, w->unit->outcome.input, section, &why, err);
	if (rc == DEID_OK && !*section)
		rc = error_fail(err, DEID_FAILED, DEID_E_UNMATCHED, "%s", why);
	return rc;
}

static int deidentify(struct worker *w, const struct section *section, struct deid_error *err)
{
	const struct job_target target = {w->gzip ? target_spool : target_sink, target_folder, w};
	struct deid_str name;
	w->unit->outcome.section = told_section(w, section);
	w->unit->outcome.status = OUTCOME_DEIDENTIFIED;
	int rc = look_before(w, section, err);
	if (rc != DEID_OK || w->unit->was_there)
		return rc;
	if (w->run->done)
		rc = done_check(w->run->done, w->source, err);
	if (rc == DEID_OK && w->gzip)
		rc = unpack(w, err);
	if (rc == DEID_OK && w->run->subjects && subjects_by_field(w->run->subjects))
		rc = read_subject(w, &target, &section, err);
	if (rc == DEID_OK)
		rc = unit_transform(w, section, &target, &name, err);
	w->unit->named = section->nfilename > 0;
	if (rc == DEID_OK && w->unit->named)
		rc = naming_run(w->job, &name, err);
	if (rc == DEID_OK && w->run->valuelog)
		rc = valuelog_rows(
		    &w->logged, w->job, w->unit->outcome.input->label, &w->unit->outcome.log, err);
	if (rc == DEID_OK)
		rc = name_output(w, name, err);
	if (rc == DEID_OK && w->gzip)
		rc = pack(w, err);
	return rc == DEID_OK ? finish_sink(w, err) : rc;
}

/* That of the file's subject as far as its path tells it; until then the outline. */
static int choose_profile(struct worker *w, const struct input *in, struct deid_error *err)
{
	struct subjects *s = w->run->subjects;
	const struct profile *own;
	w->profile = w->run->profile;
	if (!s || subjects_by_field(s))
		return DEID_OK;
	int rc = subjects_by_path(s, in, &own, err);
	if (rc == DEID_OK && !own)
		rc = error_fail(err, DEID_FAILED, DEID_E_FIELD, "its path names no subject");
	if (rc == DEID_OK)
		w->profile = own;
	return rc;
}

static int work(struct worker *w, const struct input *in, struct deid_error *err)
{
	const struct section *section;
	const char *why;
	if (in->kind == INPUT_FAIL)
		return error_fail(err, DEID_FAILED, DEID_E_IO, "%s", in->why);
	if (in->kind == INPUT_SKIP) {
		w->unit->outcome.status = OUTCOME_SKIPPED;
		return buf_z(&w->unit->outcome.reason, in->why) ? DEID_OK : error_nomem(err);
	}
	int rc = open_input(w, in, err);
	if (rc != DEID_OK)
		return rc;
	rc = choose_profile(w, in, err);
	const bool known = rc == DEID_OK;
	if (known)
		rc = find_section(w, in, &section, &why, err);
	else if (find_section(w, in, &section, &why, NULL) == DEID_OK && !section) {
		/* Nobody's file has no subject to be wrong about. */
		error_clear(err);
		rc = DEID_OK;
	}
	if (rc != DEID_OK)
		return rc;
	return section ? deidentify(w, section, err) : unmatched(w, why, err);
}

int unit_work(struct worker *w, const struct input *in, struct unit *u)
{
	double start = clock_now();
	unit_reset(u, in);
	w->unit = u;
	w->profile = w->run->profile;
	w->source = w->content = NULL;
	w->unpacked = w->packing = NULL;
	error_clear(&w->err);
	struct deid_str name;
	w->gzip = match_gzip(str_of(input_name(in)), &name);
	job_begin(w->job, in->label, name);
	int rc = work(w, in, &w->err);
	if (rc != DEID_OK)
		unit_fail(w->run, u, &w->err);
	job_end(w->job);
	if (w->run->valuelog)
		valuelog_file_reset(&w->logged);
	if (w->run->subjects && w->profile != w->run->profile)
		subjects_put(w->run->subjects, w->profile);
	sink_close(w->unpacked);
	sink_close(w->packing);
	source_close(w->source);
	w->source = w->content = NULL;
	w->unpacked = w->packing = NULL;
	u->outcome.seconds = clock_now() - start;
	return rc;
}
