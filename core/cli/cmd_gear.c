/* SPDX-License-Identifier: MIT */
#include <config.h>

/* A run over the one input of a gear. Whatever ends with a status but 0 leaves the original as it was, and in
 * output/ nothing but a note of the failure. */
#include "core/cli/command.h"
#include "core/cli/containers.h"
#include "core/cli/deidlog.h"
#include "core/cli/gearconfig.h"
#include "core/cli/print.h"
#include "core/cli/report.h"
#include "core/cli/subjects.h"
#include "core/engine/batch.h"
#include "core/engine/host.h"
#include "core/engine/trace.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum gear_status {
	GEAR_NOTHING_PRODUCED = 1,
	GEAR_NOT_PLACED = 2, /* also what every command gives for wrong usage, profile, table or key */
	GEAR_NOT_DELETED = 3,
};

enum own_option { OPT_ROOT = OPTION_FIRST_OWN, OPT_KEY_ROOT };

struct gear {
	struct session *session;
	const char *root, *key_root;
	struct subject_options subjects; /* labels of the command line, then of config.json */
	struct gear_config config;
	struct arena arena; /* paths that diagnostics point to */
	struct run run;
	struct walk walk;
	struct stat input;
	/* What became of the input. */
	enum outcome_status outcome;
	enum deid_code code;
	struct buf name; /* of the output */
	/* What the file's section left of its metadata: an object. */
	struct buf metadata;
};

static int refuse(struct gear *g, int status)
{
	print_error(&g->session->err);
	error_clear(&g->session->err);
	return status;
}

/* ---- .metadata.json ---------------------------------------------------------------------------- */

/* {CONTAINER: {"files": [{"name": …, metadata of the file, "tags": […]}]}}: the gear specification, "Output
 * metadata". */
static bool compose(struct gear *g, struct deid_str name, bool pass, struct buf *out)
{
	const struct status_tag tag = {g->config.tag, pass};
	struct deid_str more = pass ? buf_view(&g->metadata) : STR("{}");

	more = str_trim(str_sub(more, 1, more.n - 2));
	return buf_printf(out, "{\"%s\": {\"files\": [{\"name\": ", g->config.container) &&
	       json_put(out, name) && buf_z(out, ", ") && buf_str(out, more) &&
	       buf_z(out, more.n ? ", \"tags\": " : "\"tags\": ") &&
	       containers_tags(json_member(g->config.object, "tags"), &tag, out) && buf_z(out, "}]}}\n");
}

static int write_metadata(struct gear *g, struct deid_str name, bool pass, struct deid_error *err)
{
	struct buf text = {0};
	int rc = compose(g, name, pass, &text) ? containers_write(&g->run, buf_view(&text), true, err)
					       : error_nomem(err);

	buf_free(&text);
	return rc;
}

/* ---- keys, labels, profile --------------------------------------------------------------------- */

static bool print_diags(const struct deid_error *err)
{
	for (size_t i = 0; i < err->ndiag; i++)
		print_diag(stderr, &err->diag[i]);
	return err->nerrors == 0;
}

static bool read_key(struct session *s, const char *config, const char *path)
{
	if (!strcmp(config, "secret_key"))
		return keys_secret(&s->keys, path, &s->err);
	if (!strcmp(config, "public_key"))
		return keys_public(&s->keys, path, &s->err);
	return keys_private(&s->keys, path, &s->err);
}

/* One key, or several separated by ", ". -1: fine. */
static int take_keys(struct gear *g, const char *config, const char *value, bool several)
{
	struct session *s = g->session;
	struct deid_str rest = str_of(value), part;
	struct buf path = {0};
	int status = -1;

	while (status < 0 && value && str_split(&rest, several ? ',' : '\n', &part)) {
		const char *kept;

		if (gear_key_path(g->key_root, config, part, &path, &s->err) != DEID_OK) {
			status = refuse(g, GEAR_NOT_PLACED);
			break;
		}
		kept = arena_printf(&g->arena, "%s", path.p);
		if (!kept || !read_key(s, config, kept)) {
			error_nomem(&s->err);
			status = refuse(g, GEAR_NOTHING_PRODUCED);
		} else if (!print_diags(&s->err)) {
			status = GEAR_NOT_PLACED;
		}
		error_clear(&s->err);
	}
	buf_free(&path);
	return status;
}

static int take_all_keys(struct gear *g)
{
	int status = take_keys(g, "secret_key", g->config.secret_key, false);

	if (status < 0)
		status = take_keys(g, "public_key", g->config.public_key, true);
	return status < 0 ? take_keys(g, "private_key", g->config.private_key, false) : status;
}

static int label_missing(const char *what, const char *needs)
{
	fprintf(stderr,
	    "deid: %s needs the %s's label, and config.json has none: give --%s LABEL, or the config key "
	    "\"%s-label\"\n",
	    needs, what, what, what);
	return GEAR_NOT_PLACED;
}

/* The table needs labels whatever the profile says. */
static int check_labels(struct gear *g)
{
	struct subject_options *o = &g->subjects;

	o->table = g->config.table;
	o->sessions = g->config.sessions && o->table;
	if (!o->subject)
		o->subject = g->config.subject;
	if (!o->session)
		o->session = g->config.session;
	if (o->table && !o->subject)
		return label_missing("subject", "the subject-csv");
	if (o->sessions && !o->session)
		return label_missing("session", "the subject-csv");
	return -1;
}

/* … and the profile where it names them. */
static int profile_labels(const struct gear *g)
{
	const struct templates *t = cohort_templates(g->session->cohort);

	for (size_t i = 0; i < templates_count(t); i++) {
		if (str_eqz(templates_name(t, i), SUBJECT_LABEL) && !g->subjects.subject)
			return label_missing("subject", "the profile");
		if (str_eqz(templates_name(t, i), SESSION_LABEL) && !g->subjects.session)
			return label_missing("session", "the profile");
	}
	return -1;
}

static struct profile *read_profile(struct gear *g, int *status)
{
	struct session *s = g->session;
	struct profile *p = NULL;

	*status = GEAR_NOT_PLACED;
	if (session_cohort(s, g->config.profile, &g->subjects, false))
		p = session_profile(s, &g->subjects);
	if (!print_diags(&s->err)) {
		fputs("deid: the profile has errors; nothing was touched\n", stderr);
		if (s->cohort)
			profile_labels(g);
	} else if (!p || s->err.rc != DEID_OK) {
		print_error(&s->err);
	} else {
		*status = -1;
	}
	error_clear(&s->err);
	return p;
}

/* ---- the run ----------------------------------------------------------------------------------- */

static void on_outcome(void *arg, const struct outcome *o)
{
	struct gear *g = arg;
	const char *slash = o->output.n ? memrchr(o->output.p, '/', o->output.n) : NULL;
	struct deid_str path = buf_view(&o->output);

	g->outcome = o->status;
	g->code = o->code;
	g->name.n = 0;
	if (!buf_str(&g->name, slash ? str_sub(path, (size_t)(slash + 1 - path.p), path.n) : path) ||
	    !buf_cstr(&g->name))
		g->outcome = OUTCOME_FAILED;
	for (size_t at = 0; at < o->warnings.n; at += strlen(o->warnings.p + at) + 1) {
		fputs("deid: warning: ", stderr);
		print_text(stderr, str_of(o->warnings.p + at));
		fputc('\n', stderr);
	}
	if (o->reason.n) {
		fputs("deid: the input file: ", stderr);
		print_text(stderr, buf_view(&o->reason));
		fputc('\n', stderr);
	}
}

/* `debug`: rules and field paths, never values. */
static void on_field(void *arg, const struct section *sec, const struct trace_field *f)
{
	static const char *const done[] = {"is kept", "is changed", "is removed"};

	(void)arg;
	fprintf(stderr, "deid: debug: %s: ", sec->name);
	print_text(stderr, f->name);
	fprintf(stderr, " %s%s", f->verdict < 3 ? done[f->verdict] : "?", f->by_error ? " (on-error)" : "");
	for (size_t i = 0; i < f->nstep; i++)
		fprintf(stderr, "%s %s in line %zu", i ? "," : " by", f->step[i].rule->transform->action,
		    f->step[i].rule->node->line);
	fputc('\n', stderr);
}

static void log_line(void *arg, enum deid_log level, const char *path, const char *text)
{
	(void)arg;
	(void)level;
	(void)path;
	fputs("deid: debug: ", stderr);
	print_text(stderr, str_of(text));
	fputc('\n', stderr);
}

/* The document of containers that the file's section reads: the file, and what is known of its parents. */
static bool container_document(const struct gear *g, struct buf *out)
{
	const char *const label[] = {g->subjects.subject, g->subjects.session};
	bool good =
	    buf_z(out, "{\"" CONTAINER_FILE_KEY "\": ") &&
	    (YAJL_IS_OBJECT(g->config.object) ? json_put_value(out, g->config.object) : buf_z(out, "{}"));

	for (size_t i = 0; i < 2 && good; i++)
		if (label[i])
			good = buf_printf(out, ", \"%s\": {\"label\": ", i ? "session" : "subject") &&
			       json_put(out, str_of(label[i])) && buf_c(out, '}');
	return good && buf_c(out, '}');
}

/* Before anything is written: metadata that cannot be de-identified fail the file. */
static int file_metadata(struct gear *g)
{
	struct deid_error *err = &g->session->err;
	struct outcome o = {0};
	struct jsonfile doc = {.path = g->config.path};
	struct buf text = {0};
	int rc =
	    container_document(g, &text) ? jsonfile_take(&doc, g->config.path, &text, err) : error_nomem(err);

	if (rc == DEID_OK)
		rc = containers_one(&doc, &g->run, CONTAINER_FILE_KEY, &g->metadata, &o, err);
	buf_free(&o.warnings);
	buf_free(&o.not_found);
	buf_free(&text);
	jsonfile_free(&doc);
	if (rc == DEID_OK)
		return -1;
	fputs("deid: the file's metadata in config.json:\n", stderr);
	return refuse(g, GEAR_NOTHING_PRODUCED);
}

/* The deid-log that the profile asks for, if it does; -1: go on. */
static int open_log(struct gear *g, struct deidlog *log, struct commit_hook *hook)
{
	const struct profile *p = g->run.profile;
	const char *path = node_str(p->log).n ? node_str(p->log).p : NULL;
	const char *why = path ? deidlog_objection(path, g->run.options.output) : NULL;

	if (!path)
		return -1;
	if (why) {
		fprintf(stderr, "deid: the deid-log: %s\n", why);
		return GEAR_NOT_PLACED;
	}
	if (deidlog_open(log, path, p, &g->session->err) != DEID_OK)
		return refuse(g, GEAR_NOT_PLACED);
	log->next = *hook;
	*hook = (struct commit_hook){deidlog_outcome, log};
	g->run.valuelog = &log->log;
	return -1;
}

static int run_batch(struct gear *g)
{
	struct deid_error *err = &g->session->err;
	struct commit_hook hook = {on_outcome, g};
	struct batch_result result = {0};
	struct deidlog log = {0};
	int status;

	walk_leave_output(&g->walk, g->run.options.output);
	if (walk_add(&g->walk, g->config.input, err) != DEID_OK)
		return refuse(g, GEAR_NOTHING_PRODUCED);
	if (g->walk.n != 1 || g->walk.input[0].root >= 0) {
		fputs("deid: the input file is a folder\n", stderr);
		return GEAR_NOTHING_PRODUCED;
	}
	g->outcome = OUTCOME_FAILED;
	status = open_log(g, &log, &hook);
	if (status < 0 && batch_run(&g->run, hook, &result, err) != DEID_OK)
		status = refuse(g, GEAR_NOTHING_PRODUCED);
	g->run.valuelog = NULL;
	if (!deidlog_close(&log) && status < 0 && g->outcome == OUTCOME_DEIDENTIFIED) {
		unlinkat(g->run.folders.top->fd, g->name.p, 0);
		status = GEAR_NOTHING_PRODUCED;
	}
	if (status >= 0 || g->outcome == OUTCOME_DEIDENTIFIED)
		return status;
	return g->code == DEID_E_CONFLICT ? GEAR_NOT_PLACED : GEAR_NOTHING_PRODUCED;
}

/* ---- the end ----------------------------------------------------------------------------------- */

/* Only the very file that was read, and only its own name. */
static bool delete_original(const struct gear *g)
{
	const struct stat *was = &g->input;
	const char *path = g->config.input, *why = NULL;
	struct stat st;

	if (lstat(path, &st) != 0)
		why = strerror(errno);
	else if (st.st_dev != was->st_dev || st.st_ino != was->st_ino || st.st_size != was->st_size ||
		 st.st_mtim.tv_sec != was->st_mtim.tv_sec || st.st_mtim.tv_nsec != was->st_mtim.tv_nsec)
		why = "it is not the file that was read any more";
	else if (unlink(path) != 0)
		why = strerror(errno);
	if (why)
		fprintf(stderr, "deid: cannot delete the original: %s\n", why);
	return !why;
}

/* The new file is safe under its name. */
static int conclude(struct gear *g)
{
	struct deid_error *err = &g->session->err;
	int top = g->run.folders.top->fd, status = -1;

	if (str_eqz(buf_view(&g->name), CONTAINER_OUTPUT)) {
		fputs("deid: an output cannot have the name " CONTAINER_OUTPUT "\n", stderr);
		status = GEAR_NOT_PLACED;
	} else if (write_metadata(g, buf_view(&g->name), true, err) != DEID_OK) {
		status = refuse(g, GEAR_NOT_PLACED);
	} else if (g->config.delete_original && !delete_original(g)) {
		status = GEAR_NOT_DELETED;
	}
	if (status >= 0)
		unlinkat(top, g->name.p, 0);
	return status;
}

/* What cannot be deleted later is better not begun. */
static int look_at_input(struct gear *g)
{
	const char *path = g->config.input;

	if (lstat(path, &g->input) != 0) {
		fprintf(stderr, "deid: cannot read the input file: %s\n", strerror(errno));
		return GEAR_NOTHING_PRODUCED;
	}
	if (g->config.delete_original && S_ISLNK(g->input.st_mode)) {
		fputs("deid: the input file is a symbolic link: its original would stay\n", stderr);
		return GEAR_NOT_DELETED;
	}
	return -1;
}

static int with_profile(struct gear *g)
{
	struct profile *p = NULL;
	int status = take_all_keys(g);

	if (status < 0)
		status = check_labels(g);
	if (status < 0)
		p = read_profile(g, &status);
	g->run.profile = p;
	if (status < 0)
		status = look_at_input(g);
	if (status < 0)
		status = file_metadata(g);
	if (status < 0)
		status = run_batch(g);
	if (status < 0)
		status = conclude(g);
	profile_free(p);
	return status;
}

static int with_output(struct gear *g, int status)
{
	struct deid_error *err = &g->session->err;

	if (folders_open_top(&g->run.folders, g->run.options.output, err) != DEID_OK)
		return refuse(g, GEAR_NOT_PLACED);
	if (status < 0)
		status = with_profile(g);
	if (status < 0)
		return EXIT_DONE;
	error_clear(err);
	if (write_metadata(g, str_of(g->config.name), false, err) != DEID_OK)
		refuse(g, status);
	return status;
}

static int work(struct gear *g)
{
	struct session *s = g->session;
	const struct logger log = {DEID_LOG_DEBUG, log_line, NULL};
	const struct trace trace = {on_field, NULL};
	const char *output = arena_printf(&g->arena, "%s/output", g->root);
	int status = session_start(s);

	if (status >= 0)
		return status;
	if (!output)
		return GEAR_NOTHING_PRODUCED;
	g->run.options = (struct run_options){.output = output,
	    .unmatched = UNMATCHED_FAIL,
	    .sync = SYNC_FILE,
	    .keep_names = true,
	    .jobs = 1,
	    .memory = JOB_MEMORY_DEFAULT,
	    .umask = umask(0)};
	umask(g->run.options.umask);
	g->run.host = &host_services;
	g->run.walk = &g->walk;
	if (gear_config_read(&g->config, g->root, &s->err) != DEID_OK)
		status = refuse(g, GEAR_NOT_PLACED);
	if (g->config.debug) {
		s->level = DEID_LOG_DEBUG;
		g->run.log = &log;
		g->run.trace = &trace;
	}
	return g->config.name ? with_output(g, status) : status;
}

static int parse(struct gear *g, int argc, char **argv)
{
	static const struct option options[] = {COMMON_OPTIONS, {"root", required_argument, NULL, OPT_ROOT},
	    {"key-root", required_argument, NULL, OPT_KEY_ROOT},
	    {"subject", required_argument, NULL, OPTION_SUBJECT},
	    {"session", required_argument, NULL, OPTION_SESSION}, {0}};
	int c, status;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option_common(g->session, &command_gear, c, optarg, &status) ||
		    subject_option(&g->subjects, &command_gear, c, optarg, &status)) {
			if (status >= 0)
				return status;
		} else if (c == OPT_ROOT) {
			g->root = optarg;
		} else {
			g->key_root = optarg;
		}
	}
	if (optind < argc)
		return usage_error(
		    &command_gear, "'%s' is not expected: config.json names the input", argv[optind]);
	if ((g->subjects.subject && !*g->subjects.subject) || (g->subjects.session && !*g->subjects.session))
		return usage_error(&command_gear, "a label is empty");
	return -1;
}

static int run(struct session *s, int argc, char **argv)
{
	struct gear g = {.session = s, .root = "/flywheel/v0"};
	int status = parse(&g, argc, argv);

	arena_init(&g.arena, 0);
	walk_init(&g.walk);
	folders_init(&g.run.folders);
	if (status < 0)
		status = work(&g);
	folders_free(&g.run.folders);
	walk_free(&g.walk);
	gear_config_free(&g.config);
	subject_options_free(&g.subjects);
	buf_free(&g.name);
	buf_free(&g.metadata);
	/* Diagnostics may still point into it. */
	error_free(&s->err);
	error_init(&s->err);
	arena_free(&g.arena);
	return status;
}

const struct command command_gear = {"gear", "run as a Flywheel gear", run,
    "Usage: deid gear [--root DIR] [OPTION]...\n"
    "De-identifies the input file that config.json names, into output/.\n"
    "Exit status: 0 done; 1 nothing was produced; 2 the result could not be placed, or wrong usage, "
    "config.json,\n"
    "profile, table or key; 3 the original could not be deleted. Whenever it is not 0 the original is "
    "untouched.\n"
    "\n"
    "      --root DIR         the gear's folder (default /flywheel/v0)\n"
    "      --key-root DIR     where keys are looked up by their resolver paths\n"
    "      --subject LABEL    the subject, over what config.json says\n"
    "      --session LABEL    the session, likewise\n"
    "      --plugin-dir DIR   search DIR for plugins first (repeatable)\n"
    "      --help\n"};
