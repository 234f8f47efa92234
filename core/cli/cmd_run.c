/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/command.h"
#include "core/cli/containers.h"
#include "core/cli/deidlog.h"
#include "core/cli/inputs.h"
#include "core/cli/keyoptions.h"
#include "core/cli/plan.h"
#include "core/cli/print.h"
#include "core/cli/report.h"
#include "core/cli/subjects.h"
#include "core/engine/batch.h"
#include "core/engine/host.h"
#include "core/engine/member.h"
#include "core/engine/pipe.h"
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOBS_MAX 1024

enum own_option {
	OPT_KEEP_ORIGINAL = OPTION_FIRST_OWN,
	OPT_FILES_FROM,
	OPT_REPORT,
	OPT_DEID_LOG,
	OPT_UNMATCHED,
	OPT_FOLDERS,
	OPT_ON_CONFLICT,
	OPT_SYNC,
	OPT_NO_SYNC,
	OPT_PRESERVE,
	OPT_MAX_MEMORY,
	OPT_MAX_DEPTH,
	OPT_MAX_MEMBERS,
	OPT_MAX_RATIO,
	OPT_MAX_UNPACKED,
	OPT_METADATA,
	OPT_TAG,
	OPT_STRICT,
	OPT_SEED,
	OPT_PROGRESS,
	OPT_NO_PROGRESS,
	OPT_DEBUG,
	OPT_DONE,
	OPT_AGAIN,
	OPT_VALUES,
	OPT_JSON
};

static const struct option options[] = {COMMON_OPTIONS, {"profile", required_argument, NULL, 'p'},
    {"output", required_argument, NULL, 'o'}, {"in-place", no_argument, NULL, 'i'},
    {"keep-original", optional_argument, NULL, OPT_KEEP_ORIGINAL},
    {"files-from", required_argument, NULL, OPT_FILES_FROM}, {"null", no_argument, NULL, '0'},
    {"jobs", required_argument, NULL, 'j'}, {"report", required_argument, NULL, OPT_REPORT},
    {"deid-log", required_argument, NULL, OPT_DEID_LOG},
    {"unmatched", required_argument, NULL, OPT_UNMATCHED}, {"folders", required_argument, NULL, OPT_FOLDERS},
    {"on-conflict", required_argument, NULL, OPT_ON_CONFLICT}, {"sync", required_argument, NULL, OPT_SYNC},
    {"no-sync", no_argument, NULL, OPT_NO_SYNC}, {"preserve", no_argument, NULL, OPT_PRESERVE},
    {"max-memory", required_argument, NULL, OPT_MAX_MEMORY},
    {"max-depth", required_argument, NULL, OPT_MAX_DEPTH},
    {"max-members", required_argument, NULL, OPT_MAX_MEMBERS},
    {"max-ratio", required_argument, NULL, OPT_MAX_RATIO},
    {"max-unpacked", required_argument, NULL, OPT_MAX_UNPACKED},
    {"metadata", required_argument, NULL, OPT_METADATA}, {"tag", required_argument, NULL, OPT_TAG},
    {"done", required_argument, NULL, OPT_DONE}, {"again", no_argument, NULL, OPT_AGAIN},
    {"strict", no_argument, NULL, OPT_STRICT}, {"progress", no_argument, NULL, OPT_PROGRESS},
    {"no-progress", no_argument, NULL, OPT_NO_PROGRESS}, {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'}, {"debug", no_argument, NULL, OPT_DEBUG},
    {"seed", required_argument, NULL, OPT_SEED}, {"values", no_argument, NULL, OPT_VALUES},
    {"json", no_argument, NULL, OPT_JSON}, SUBJECT_OPTIONS, KEY_OPTIONS, {0}};

/* The command line of `deid run`, or of `deid plan`, which has the same options and two more. */
struct request {
	const struct command *command;
	struct run_options run;
	const char *profile, *report;
	const char *log;            /* the deid-log, also of the profile; NULL: none */
	const char *metadata, *tag; /* NULL: not given */
	const char *done;           /* what earlier runs have written; NULL: not asked */
	struct subject_options subjects;
	struct inputs_from from;
	bool in_place, quiet, progress, again;
	bool values, json; /* plan */
	bool nowhere;      /* a plan without a place to write */
};

static bool is_plan(const struct request *q)
{
	return q->command == &command_plan;
}

static int bad_word(const struct request *q, const char *option, const char *value, const char *words)
{
	return usage_error(q->command, "--%s: '%s' is none of %s", option, value, words);
}

/* Options whose value is one of some words. -1: fine. */
static int word_option(struct request *q, int c, const char *value)
{
	static const char unmatched[] = "skip|fail|copy", folders[] = "keep|hash|flat",
			  conflict[] = "fail|overwrite|skip", sync[] = "file|batch|none";
	static const enum sync_when sync_value[] = {SYNC_FILE, SYNC_BATCH, SYNC_NONE};
	static const enum on_conflict conflict_value[] = {CONFLICT_FAIL, CONFLICT_OVERWRITE, CONFLICT_SKIP};
	static const enum unmatched unmatched_value[] = {UNMATCHED_SKIP, UNMATCHED_FAIL, UNMATCHED_COPY};
	static const enum folder_names folders_value[] = {FOLDERS_KEEP, FOLDERS_HASH, FOLDERS_FLAT};
	const char *words = c == OPT_UNMATCHED     ? unmatched
			    : c == OPT_FOLDERS     ? folders
			    : c == OPT_ON_CONFLICT ? conflict
						   : sync;
	int w = option_word(words, value);
	switch (c) {
	case OPT_UNMATCHED:
		if (w >= 0)
			q->run.unmatched = unmatched_value[w];
		return w >= 0 ? -1 : bad_word(q, "unmatched", value, words);
	case OPT_FOLDERS:
		if (w >= 0)
			q->run.folders = folders_value[w];
		return w >= 0 ? -1 : bad_word(q, "folders", value, words);
	case OPT_ON_CONFLICT:
		if (w >= 0)
			q->run.on_conflict = conflict_value[w];
		return w >= 0 ? -1 : bad_word(q, "on-conflict", value, words);
	default:
		if (w >= 0)
			q->run.sync = sync_value[w];
		return w >= 0 ? -1 : bad_word(q, "sync", value, words);
	}
}

/* Limits on files inside files. -1: fine. */
static int limit_option(struct request *q, int c, const char *value)
{
	struct member_limits *l = &q->run.limits;
	size_t size = 0;
	if (c == OPT_MAX_UNPACKED) {
		if (!option_size(value, &size))
			return usage_error(q->command, "--max-unpacked: '%s' is no size such as 512M", value);
		l->bytes = size;
		return -1;
	}
	uint64_t *n = c == OPT_MAX_DEPTH ? &l->depth : c == OPT_MAX_RATIO ? &l->ratio : &l->count;
	const char *name = c == OPT_MAX_DEPTH ? "depth" : c == OPT_MAX_RATIO ? "ratio" : "members";
	if (!str_u64(str_of(value), n) || !*n || (c == OPT_MAX_DEPTH && *n > MEMBER_DEPTH_MOST))
		return usage_error(q->command, "--max-%s: '%s' is no number it can be", name, value);
	return -1;
}

/* Options with a number or a text. -1: fine. */
static int value_option(struct request *q, int c, const char *value)
{
	uint64_t n;
	switch (c) {
	case 'j':
		if (!str_u64(str_of(value), &n) || n < 1 || n > JOBS_MAX)
			return usage_error(
			    q->command, "--jobs: '%s' is no number from 1 to %d", value, JOBS_MAX);
		q->run.jobs = (size_t)n;
		return -1;
	case OPT_MAX_MEMORY:
		if (!option_size(value, &q->run.memory))
			return usage_error(q->command, "--max-memory: '%s' is no size such as 512M", value);
		return -1;
	case OPT_MAX_DEPTH:
	case OPT_MAX_MEMBERS:
	case OPT_MAX_RATIO:
	case OPT_MAX_UNPACKED:
		return limit_option(q, c, value);
	case OPT_SEED:
		if (!str_u64(str_of(value), &q->run.seed))
			return usage_error(q->command, "--seed: '%s' is no whole number", value);
		q->run.seeded = true;
		return -1;
	case OPT_KEEP_ORIGINAL:
		q->run.keep_suffix = value ? value : ".orig";
		if (!q->run.keep_suffix[0] || strchr(q->run.keep_suffix, '/'))
			return usage_error(q->command, "--keep-original: '%s' is no suffix of a name", value);
		return -1;
	case OPT_FILES_FROM:
		if (q->from.file)
			return usage_error(q->command, "--files-from was given twice");
		q->from.file = value;
		return -1;
	}
	return word_option(q, c, value);
}

static int one_option(struct session *s, struct request *q, int c, const char *value)
{
	switch (c) {
	case 'p':
		q->profile = value;
		return -1;
	case 'o':
		q->run.output = value;
		return -1;
	case 'i':
		q->in_place = true;
		return -1;
	case '0':
		q->from.nul = true;
		return -1;
	case OPT_REPORT:
		q->report = value;
		return -1;
	case OPT_DEID_LOG:
		q->log = value;
		s->logging = true;
		return -1;
	case OPT_METADATA:
		q->metadata = value;
		return -1;
	case OPT_DONE:
		q->done = value;
		return -1;
	case OPT_AGAIN:
		q->again = true;
		return -1;
	case OPT_TAG:
		q->tag = value;
		return -1;
	case OPT_NO_SYNC:
		q->run.sync = SYNC_NONE;
		return -1;
	case OPT_PRESERVE:
		q->run.preserve = true;
		return -1;
	case OPT_STRICT:
		q->run.strict = true;
		return -1;
	case OPT_PROGRESS:
	case OPT_NO_PROGRESS:
		q->progress = c == OPT_PROGRESS;
		return -1;
	case 'q':
		q->quiet = true;
		return -1;
	case 'v':
		s->level = s->level < DEID_LOG_INFO ? DEID_LOG_INFO : s->level;
		return -1;
	case OPT_VALUES:
	case OPT_JSON:
		if (!is_plan(q))
			return usage_error(q->command, "--values and --json are options of 'deid plan'");
		*(c == OPT_JSON ? &q->json : &q->values) = true;
		return -1;
	case OPT_DEBUG:
		s->level = DEID_LOG_DEBUG;
		return -1;
	}
	return value_option(q, c, value);
}

static bool is_standard(const char *name)
{
	return name && strcmp(name, "-") == 0;
}

/* `-o -`: standard input to standard output, and nothing else. */
static int check_pipe(const struct request *q, char **operand)
{
	const struct command *c = q->command;
	const struct run_options *o = &q->run;
	if (is_plan(q) && is_standard(o->output))
		return usage_error(c, "a plan is of files: no -o -");
	if (!is_standard(o->output)) {
		for (; *operand; operand++)
			if (is_standard(*operand))
				return usage_error(
				    c, "standard input (-) needs -o -; a file of that name is ./-");
		return -1;
	}
	if (!is_standard(operand[0]) || operand[1] || q->from.file)
		return usage_error(c, "-o - takes one input, standard input (-)");
	if (o->unmatched != UNMATCHED_DEFAULT || o->folders != FOLDERS_KEEP ||
	    o->on_conflict != CONFLICT_FAIL || o->preserve)
		return usage_error(
		    c, "--unmatched, --folders, --on-conflict and --preserve mean nothing with -o -");
	return -1;
}

/* What the options together may not say. -1: fine. */
static int check_request(const struct request *q, char **operand)
{
	const struct command *c = q->command;
	const struct run_options *o = &q->run;
	if (!q->profile)
		return usage_error(c, "a profile is missing (-p)");
	if (is_plan(q) && (q->report || q->log))
		return usage_error(c, "plan writes nothing: no --%s", q->report ? "report" : "deid-log");
	if (!o->output && !q->in_place && !is_plan(q))
		return usage_error(c, "where to write is missing: one of -o and --in-place");
	if (o->output && q->in_place)
		return usage_error(c, "-o and --in-place exclude each other");
	if (o->output && !o->output[0])
		return usage_error(c, "-o: '%s' is no folder", o->output);
	if (o->keep_suffix && !q->in_place)
		return usage_error(c, "--keep-original needs --in-place");
	if (q->in_place && o->sync == SYNC_NONE)
		return usage_error(
		    c, "--in-place needs data on disk before a file is replaced: no --no-sync");
	if (q->in_place && o->unmatched == UNMATCHED_COPY)
		return usage_error(c, "--unmatched copy needs -o");
	if (q->in_place && (o->folders != FOLDERS_KEEP || o->on_conflict != CONFLICT_FAIL))
		return usage_error(c, "--folders and --on-conflict need -o");
	if (q->metadata && (q->in_place || is_standard(o->output)))
		return usage_error(c, "--metadata needs -o with a folder");
	if (q->subjects.from_given && (q->metadata || is_standard(o->output)))
		return usage_error(c, "--subject-from needs inputs with a path, and no --metadata");
	if (q->again && !q->done)
		return usage_error(c, "--again needs --done");
	if (q->tag && !*q->tag)
		return usage_error(c, "--tag is empty");
	if (!operand[0] && !q->from.file)
		return usage_error(c, "an input is missing");
	int status = check_pipe(q, operand);
	return status >= 0 ? status : subject_options_check(&q->subjects, c, true);
}

static size_t processors(void)
{
	cpu_set_t set;
	/* The set has no room for the processors of the very largest machines. */
	long n =
	    sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > JOBS_MAX ? JOBS_MAX : (size_t)n;
}

static void log_line(void *arg, enum deid_log level, const char *path, const char *text)
{
	struct buf line = {0};
	(void)arg;
	(void)level;
	/* In one piece: other threads write too. */
	if (buf_printf(&line, "%s: %s", path, text)) {
		flockfile(stderr);
		fputs("deid: ", stderr);
		print_text(stderr, buf_view(&line));
		fputc('\n', stderr);
		funlockfile(stderr);
	}
	buf_free(&line);
}

/* Errors and warnings of the profile, and of plugins that stood in its way. True: it can be run. */
static bool profile_good(struct session *s, const struct profile *p, const struct request *q)
{
	const struct deid_error *e = &s->err;
	bool warned = false;
	for (size_t i = 0; i < e->ndiag; i++) {
		warned = warned || e->diag[i].level == DIAG_WARNING;
		if (e->diag[i].level == DIAG_ERROR || !q->quiet)
			print_diag(stderr, &e->diag[i]);
	}
	if (e->nerrors || (q->run.strict && warned)) {
		fprintf(stderr, "deid: the profile has %s; nothing was touched\n",
		    e->nerrors ? "errors" : "warnings (--strict)");
		return false;
	}
	if (!p || e->rc != DEID_OK) {
		print_error(e);
		return false;
	}
	for (size_t i = 0; i < s->loader.nplugin && s->level >= DEID_LOG_DEBUG; i++) {
		const struct plugin *m = s->loader.plugin[i];
		fprintf(stderr, "deid: plugin %s: %s\n", m->name, m->refused ? m->refused : m->path);
	}
	return true;
}

static int list_inputs(struct walk *w, const struct request *q, char **operand, struct deid_error *err)
{
	int rc = DEID_OK;
	if (is_standard(q->run.output))
		return DEID_OK;
	if (q->run.output && !q->nowhere)
		walk_leave_output(w, q->run.output);
	if (q->report)
		rc = walk_leave_report(w, q->report, err);
	if (rc == DEID_OK && q->log)
		rc = walk_leave_report(w, q->log, err);
	if (rc == DEID_OK && q->done)
		rc = walk_leave_report(w, q->done, err);
	if (q->run.keep_suffix)
		walk_leave_kept(w, q->run.keep_suffix);
	for (; *operand && rc == DEID_OK; operand++)
		rc = walk_add(w, *operand, err);
	if (rc == DEID_OK && q->from.file)
		rc = inputs_from(w, &q->from, err);
	return rc;
}

/* Containers come last: they are written only where every input is done, since they may tell of each. */
static void process_containers(const struct request *q, const struct jsonfile *f, struct run *run,
    const struct report *report, struct commit_hook hook)
{
	const struct input in = {.path = q->metadata, .label = q->metadata, .root = -1};
	const struct status_tag tag = {q->tag, true};
	struct outcome o = {.input = &in};
	if (report->count[OUTCOME_FAILED]) {
		o.status = OUTCOME_SKIPPED;
		buf_z(&o.reason, "an input failed");
	} else {
		containers_outcome(f, run, q->tag ? &tag : NULL, &o);
	}
	hook.outcome(hook.arg, &o);
	buf_free(&o.output);
	buf_free(&o.reason);
	buf_free(&o.warnings);
	buf_free(&o.not_found);
}

/* Everything is ready: from here on things are written. containers: NULL where there are none. */
static int process(struct session *s, const struct request *q, const struct jsonfile *containers,
    struct run *run, struct report *report, struct commit_hook hook)
{
	struct batch_result result = {0};
	struct deidlog log = {0};
	struct done done = {.fd = -1, .again = q->again};
	int rc = DEID_OK;
	bool piped = is_standard(run->options.output);
	report->total = piped ? 1 : run->walk->n + (containers != NULL);
	if (run->options.output && !piped)
		rc = folders_open_top(&run->folders, q->nowhere ? NULL : run->options.output, &s->err);
	if (rc == DEID_OK && q->done) {
		rc = done_open(&done, q->done, run->options.dry, &s->err);
		/* cppcheck-suppress autoVariables ; taken back when the run is over */
		run->done = &done;
	}
	if (rc == DEID_OK)
		rc = report_open(report, q->report, &s->err);
	if (q->json)
		report->file = stdout;
	if (rc == DEID_OK && q->log) {
		rc = deidlog_open(&log, q->log, run->profile, &s->err);
		log.next = hook;
		hook = (struct commit_hook){deidlog_outcome, &log};
		run->valuelog = &log.log;
	}
	if (rc == DEID_OK)
		rc = (piped ? pipe_run : batch_run)(run, hook, &result, &s->err);
	if (rc != DEID_OK) {
		print_error(&s->err);
		run->valuelog = NULL;
		run->done = NULL;
		done_close(&done);
		deidlog_close(&log);
		return EXIT_NOTHING_TOUCHED;
	}
	if (containers && !result.interrupted)
		process_containers(q, containers, run, report, hook);
	report_end(report, &result);
	run->valuelog = NULL;
	run->done = NULL;
	done_close(&done);
	bool logged = deidlog_close(&log);
	if (is_plan(q) && !q->quiet)
		fputs("deid: this was a plan: nothing was written\n", stderr);
	if (result.interrupted)
		return EXIT_INTERRUPTED;
	return report->count[OUTCOME_FAILED] || report->failed || !logged ? EXIT_SOME_FAILED : EXIT_DONE;
}

/* The same run, with no output and with someone who listens. Its order is that of the inputs. */
static int process_plan(struct session *s, const struct request *q, const struct jsonfile *containers,
    struct run *run, struct report *report)
{
	const char *dir = secure_getenv("TMPDIR");
	struct plan plan;
	const struct trace trace = {plan_field, &plan};
	plan_init(&plan, report);
	plan.values = q->values;
	plan.json = q->json;
	report->silent = !q->json;
	report->path = "on standard output";
	/* cppcheck-suppress autoVariables ; taken back when the run is over */
	run->trace = &trace;
	run->options.dry = true;
	run->options.jobs = 1;
	run->options.sync = SYNC_NONE;
	run->folders.look = true;
	run->spool_fd = open(dir && dir[0] ? dir : "/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status = process(s, q, containers, run, report, (struct commit_hook){plan_outcome, &plan});
	run->trace = NULL;
	if (run->spool_fd >= 0)
		close(run->spool_fd);
	if (!q->json && !print_flush())
		status = EXIT_SOME_FAILED;
	if (plan.spent) {
		fputs("deid: no memory: the plan is not whole\n", stderr);
		status = status == EXIT_DONE ? EXIT_SOME_FAILED : status;
	}
	plan_free(&plan);
	return status;
}

/* The profiles of all subjects that are known by now. True: all are good. */
static bool subjects_good(struct session *s, const struct request *q, struct run *run)
{
	struct deid_error *e = &s->err;
	bool warned = false;
	if (q->run.folders == FOLDERS_HASH && run->profile->salt_unknown) {
		fputs("deid: --folders hash needs one salt for all subjects\n", stderr);
		return false;
	}
	if (!subjects_check(run->subjects, run->walk, e) && e->rc == DEID_OK)
		error_nomem(e);
	error_sort(e);
	for (size_t i = 0; i < e->ndiag; i++) {
		bool strict = q->run.strict && e->diag[i].level == DIAG_WARNING;
		warned = warned || strict;
		/* What all profiles have in common was said before. */
		if (e->diag[i].level == DIAG_ERROR || strict)
			print_diag(stderr, &e->diag[i]);
	}
	if (e->rc != DEID_OK && e->nerrors == 0)
		print_error(e);
	else if (e->nerrors || warned)
		fputs("deid: the subjects' profiles have errors; nothing was touched\n", stderr);
	bool good = e->rc == DEID_OK && e->nerrors == 0 && !warned;
	error_clear(e);
	return good;
}

static bool prepare_subjects(
    struct session *s, const struct request *q, const struct provider *provider, struct run *run)
{
	if (!q->subjects.from_given)
		return true;
	run->subjects =
	    subjects_new(s->cohort, provider, &q->subjects.from, run->profile, q->run.jobs, &s->err);
	if (!run->subjects)
		print_error(&s->err);
	return run->subjects && subjects_good(s, q, run);
}

static int with_profile(
    struct session *s, const struct request *q, const struct profile *profile, char **operand)
{
	const struct logger log = {s->level, log_line, NULL};
	struct walk walk;
	struct run run = {
	    .options = q->run, .profile = profile, .host = &host_services, .log = &log, .walk = &walk};
	struct report report = {.profile = profile,
	    .options = &run.options,
	    .tag = q->tag ? q->tag : TAG_DEFAULT,
	    .level = s->level,
	    .quiet = q->quiet,
	    .progress = q->progress && !q->quiet};
	const struct provider provider = session_provider(s);
	struct jsonfile containers = {0};
	int status, rc = DEID_OK;
	walk_init(&walk);
	folders_init(&run.folders);
	if (q->metadata)
		rc = jsonfile_read(&containers, q->metadata, &s->err);
	if (rc == DEID_OK && q->metadata)
		rc = containers_check(&containers, &s->loader, &s->err);
	if (rc == DEID_OK)
		rc = list_inputs(&walk, q, operand, &s->err);
	if (rc != DEID_OK) {
		print_error(&s->err);
		status = EXIT_NOTHING_TOUCHED;
	} else if (!prepare_subjects(s, q, &provider, &run)) {
		status = EXIT_NOTHING_TOUCHED;
	} else if (is_plan(q)) {
		status = process_plan(s, q, q->metadata ? &containers : NULL, &run, &report);
	} else {
		status = process(s, q, q->metadata ? &containers : NULL, &run, &report,
		    (struct commit_hook){report_outcome, &report});
	}
	subjects_free(run.subjects);
	jsonfile_free(&containers);
	report_free(&report);
	folders_free(&run.folders);
	walk_free(&walk);
	return status;
}

/* The columns that no variable reads, for whoever wonders about a misspelt one. */
static void tell_columns(const struct session *s)
{
	const struct subject_table *t = cohort_table(s->cohort);
	const struct templates *names = cohort_templates(s->cohort);
	for (size_t i = 0; t && i < subject_columns(t); i++) {
		struct deid_str name = subject_column_name(t, i);
		size_t k = 0;
		while (k < templates_count(names) && !str_eq(templates_name(names, k), name))
			k++;
		if (k < templates_count(names) || str_eqz(name, SUBJECT_LABEL) ||
		    str_eqz(name, SESSION_LABEL))
			continue;
		fprintf(stderr, "deid: %s: the profile does not use column ", subject_file(t));
		print_json(stderr, name);
		fputc('\n', stderr);
	}
}

static int parse(struct session *s, struct request *q, int argc, char **argv)
{
	int c, status;
	while ((c = getopt_long(argc, argv, "p:o:is:0j:qv", options, NULL)) != -1) {
		if (!option_common(s, q->command, c, optarg, &status) &&
		    !subject_option(&q->subjects, q->command, c, optarg, &status) &&
		    !key_option(s, q->command, c, optarg, &status))
			status = one_option(s, q, c, optarg);
		if (status >= 0)
			return status;
	}
	return check_request(q, argv + optind);
}

/* The deid-log, of the command line or else of the profile. True: there is none, or it can be written. */
static bool log_good(const struct profile *p, struct request *q)
{
	if (!q->log && node_str(p->log).n && !is_plan(q))
		q->log = node_str(p->log).p;
	const char *why = NULL;
	if (p->log && p->log->unknown && !q->log)
		why = "it is a variable of the subject";
	else if (q->log && is_standard(q->run.output))
		why = "it needs inputs with a path";
	else if (q->log)
		why = deidlog_objection(q->log, q->run.output);
	if (why)
		fprintf(stderr, "deid: the deid-log: %s\n", why);
	return !why;
}

static int with_subject(struct session *s, struct request *q, char **operand)
{
	struct profile *profile = NULL;
	int status = session_start(s);
	if (status >= 0)
		return status;
	if (!q->run.jobs)
		q->run.jobs = processors();
	q->nowhere = !q->run.output && !q->in_place;
	if (q->nowhere)
		q->run.output = ".";
	q->run.umask = umask(0);
	umask(q->run.umask);
	if (session_cohort(s, q->profile, &q->subjects, false))
		profile = session_profile(s, &q->subjects);
	status = EXIT_NOTHING_TOUCHED;
	if (profile_good(s, profile, q) && log_good(profile, q)) {
		if (s->level >= DEID_LOG_DEBUG)
			tell_columns(s);
		if (q->run.seeded)
			fputs(
			    "deid: WARNING: --seed: jitter can be computed by whoever knows the number; for "
			    "tests only\n",
			    stderr);
		error_clear(&s->err);
		status = with_profile(s, q, profile, operand);
	}
	profile_free(profile);
	return status;
}

int run_or_plan(struct session *s, const struct command *c, int argc, char **argv)
{
	struct request q = {
	    .command = c, .run = {.memory = JOB_MEMORY_DEFAULT}, .progress = isatty(STDERR_FILENO)};
	int status = parse(s, &q, argc, argv);
	if (status < 0)
		status = with_subject(s, &q, argv + optind);
	subject_options_free(&q.subjects);
	return status;
}

static int run(struct session *s, int argc, char **argv)
{
	return run_or_plan(s, &command_run, argc, argv);
}

const struct command command_run = {"run", "de-identify files", run,
    "Usage: deid run -p PROFILE (-o DIR | --in-place) [OPTION]... INPUT...\n"
    "       deid run -p PROFILE -o - [OPTION]... -\n"
    "De-identifies files, and all files below folders, as the profile says.\n"
    "Exit status: 0 all done or skipped by rule; 1 at least one failed; 2 wrong usage, profile or plugin,\n"
    "nothing was touched; 3 interrupted.\n\n"
    "  -p, --profile FILE          the profile, or the bare name of an installed one\n"
    "  -o, --output DIR            write below DIR; the content of a folder keeps its tree\n"
    "  -o - -                      one file from standard input to standard output, written when it is "
    "whole\n"
    "  -i, --in-place              replace each input\n"
    "      --keep-original[=SUF]   in place: keep the input beside it, as NAME.orig\n"
    "      --files-from FILE       more inputs, one a line; - is standard input\n"
    "  -0, --null                  --files-from is NUL separated\n" SUBJECT_HELP KEY_HELP
    "      --plugin-dir DIR        search DIR for plugins first (repeatable)\n"
    "  -j, --jobs N                worker threads (default: the processors there are)\n"
    "      --report FILE           a JSON line for each input, without values; mode 0600\n"
    "      --deid-log FILE         values before and after, as CSV; mode 0600, not below the output folder\n"
    "      --unmatched skip|fail|copy\n"
    "                              files that no section claims (default: skip below a folder, fail when\n"
    "                              named); copy copies them untouched\n"
    "      --folders keep|hash|flat\n"
    "                              names of folders below an input folder (default keep)\n"
    "      --on-conflict fail|overwrite|skip\n"
    "                              an output that exists already (default fail)\n"
    "      --sync file|batch|none  when data are forced to disk before an output takes its name\n"
    "      --no-sync               the same as --sync none; not with --in-place\n"
    "      --preserve              outputs take mode, owner, times and attributes of their input\n"
    "      --metadata FILE         metadata of containers, for the sections below flywheel:; into\n"
    "                              .metadata.json below -o when every input was done\n"
    "      --tag PREFIX            PREFIX-PASS or PREFIX-FAIL in the report (default deid-inplace), and, "
    "when\n"
    "                              given, in the metadata of the file\n"
    "      --max-memory SIZE       memory of one file's work (default 1G)\n"
    "      --max-depth N           archives within archives (default 4)\n"
    "      --max-members N         files in an input (default 1000000)\n"
    "      --max-ratio N           of what is unpacked to the input's size, from 64 MiB on (default 250)\n"
    "      --max-unpacked SIZE     of all that is unpacked of an input (default 1T)\n"
    "      --done FILE             the SHA-256 of every output; an input that is in it fails\n"
    "      --again                 such an input is de-identified once more\n"
    "      --seed N                jitter that can be repeated, for tests\n"
    "      --strict                warnings are errors\n"
    "      --progress, --no-progress\n"
    "  -q, --quiet                 errors only\n"
    "  -v, --verbose               a line for each input\n"
    "      --debug                 also what plugins have to tell\n"
    "      --help\n"};
