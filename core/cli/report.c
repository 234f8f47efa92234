/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/report.h"

#include "core/cli/print.h"
#include "core/util/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many names of fields that were found nowhere the summary gives. */
#define MISSING_SHOWN 10
/* How often one warning is said without -v. */
#define SAID_MAX 3

static const char *const status_name[OUTCOME_STATUSES] = {"deidentified", "skipped", "copied", "failed"};

/* Whether nothing is lost when the file is written anew: a slip of the hand may name an input, or a profile.
 */
static bool is_report(int fd, const struct stat *st)
{
	static const char line[] = "{\"input\":", summary[] = "{\"summary\":";
	char head[sizeof summary - 1];
	ssize_t n = st->st_size ? pread(fd, head, sizeof head, 0) : 0;
	return st->st_size == 0 ||
	       (n == (ssize_t)sizeof head &&
		   (memcmp(head, line, sizeof line - 1) == 0 || memcmp(head, summary, sizeof head) == 0));
}

int report_open(struct report *r, const char *path, struct deid_error *err)
{
	r->start = clock_now();
	r->tried = calloc(r->profile->nsection ? r->profile->nsection : 1, sizeof *r->tried);
	if (!r->tried)
		return error_nomem(err);
	if (!path)
		return DEID_OK;
	struct stat st;
	int rc = DEID_OK, fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0 || fstat(fd, &st) != 0)
		rc = error_errno(err, DEID_FATAL, "cannot write the report %s", path);
	else if (S_ISREG(st.st_mode) && !is_report(fd, &st))
		rc = error_fail(err, DEID_FATAL, DEID_E_CONFLICT,
		    "the report %s exists, and is no report of an earlier run", path);
	else if ((S_ISREG(st.st_mode) && (fchmod(fd, 0600) != 0 || ftruncate(fd, 0) != 0)) ||
		 !(r->file = fdopen(fd, "w")))
		rc = error_errno(err, DEID_FATAL, "cannot write the report %s", path);
	if (rc != DEID_OK && fd >= 0)
		close(fd);
	r->path = path;
	return rc;
}

void report_free(struct report *r)
{
	map_free(&r->missing);
	map_free(&r->said);
	free(r->tried);
	if (r->file)
		fclose(r->file);
}

/* ---- the report file --------------------------------------------------------------------------- */

static void member(FILE *f, const char *key, struct deid_str value)
{
	fprintf(f, ",\"%s\":", key);
	if (value.n)
		print_json(f, value);
	else
		fputs("null", f);
}

/* NUL-terminated texts one after another. */
static void list(FILE *f, const char *key, const struct buf *texts)
{
	fprintf(f, "\"%s\":[", key);
	for (size_t at = 0; at < texts->n;) {
		struct deid_str s = str_of(texts->p + at);
		if (at)
			fputc(',', f);
		print_json(f, s);
		at += s.n + 1;
	}
	fputc(']', f);
}

static void print_tag(FILE *f, const char *prefix, bool pass)
{
	struct buf tag = {0};
	if (buf_printf(&tag, "%s-%s", prefix, pass ? "PASS" : "FAIL"))
		print_json(f, buf_view(&tag));
	else
		fputs("null", f);
	buf_free(&tag);
}

static void write_line(struct report *r, const struct outcome *o)
{
	FILE *f = r->file;
	fputs("{\"input\":", f);
	print_json(f, str_of(o->input->label));
	member(f, "output", buf_view(&o->output));
	member(f, "status", str_of(status_name[o->status]));
	member(f, "format", str_of(o->section ? o->section->name : ""));
	member(f, "reason", buf_view(&o->reason));
	member(f, "code", str_of(o->code == DEID_E_NONE ? "" : error_code_name(o->code)));
	member(f, "profile", str_of(r->profile->name));
	member(f, "profile_sha256", str_of(r->profile->doc->sha256));
	fprintf(f, ",\"rules\":{\"applied\":%zu,", o->applied);
	list(f, "not_found", &o->not_found);
	fputs("},", f);
	list(f, "warnings", &o->warnings);
	fprintf(f, ",\"bytes_in\":%llu,\"bytes_out\":%llu,\"seconds\":%.6f", (unsigned long long)o->bytes_in,
	    (unsigned long long)o->bytes_out, o->seconds);
	fputs(",\"tag\":", f);
	if (o->status == OUTCOME_DEIDENTIFIED || o->status == OUTCOME_FAILED)
		print_tag(f, r->tag, o->status == OUTCOME_DEIDENTIFIED);
	else
		fputs("null", f);
	fputs("}\n", f);
}

static void write_summary(struct report *r, const struct batch_result *b)
{
	FILE *f = r->file;
	fprintf(f, "{\"summary\":true,\"inputs\":%zu", r->inputs);
	for (size_t i = 0; i < OUTCOME_STATUSES; i++)
		fprintf(f, ",\"%s\":%zu", status_name[i], r->count[i]);
	fprintf(
	    f, ",\"not_reached\":%zu,\"interrupted\":%s", b->not_reached, b->interrupted ? "true" : "false");
	member(f, "profile", str_of(r->profile->name));
	member(f, "profile_sha256", str_of(r->profile->doc->sha256));
	fprintf(f, ",\"bytes_in\":%llu,\"bytes_out\":%llu,\"seconds\":%.6f}\n",
	    (unsigned long long)r->bytes_in, (unsigned long long)r->bytes_out, clock_now() - r->start);
}

/* ---- standard error ---------------------------------------------------------------------------- */

static void clear_progress(struct report *r)
{
	if (r->shows)
		fputs("\r\033[K", stderr);
	r->shows = false;
}

static void show_progress(struct report *r)
{
	double t = clock_now(), took = t - r->start;
	if (!r->progress || t - r->shown < 0.1 || took <= 0)
		return;
	r->shown = t;
	double rate = (double)r->inputs / took;
	fprintf(stderr, "\r\033[K%zu of %zu, %.0f/s, %.0f s to go", r->inputs, r->total, rate,
	    (double)(r->total - r->inputs) / rate);
	r->shows = true;
}

static void say(const struct outcome *o, const char *kind, struct deid_str text)
{
	fputs("deid: ", stderr);
	print_text(stderr, str_of(o->input->label));
	fprintf(stderr, ": %s", kind);
	print_text(stderr, text);
	fputc('\n', stderr);
}

/* A map's value as a number. */
static void *one_more(void *value)
{
	return (void *)((uintptr_t)value + 1);
}

/* A warning that every other input has is said a few times, then counted. */
static void say_warnings(struct report *r, const struct outcome *o)
{
	for (size_t at = 0; at < o->warnings.n;) {
		struct deid_str s = str_of(o->warnings.p + at);
		struct map_entry *e = map_put_copy(&r->said, s, NULL);
		if (e)
			e->value = one_more(e->value);
		if (!e || (uintptr_t)e->value <= SAID_MAX || r->level >= DEID_LOG_INFO)
			say(o, "warning: ", s);
		at += s.n + 1;
	}
	if (o->warnings_dropped)
		fprintf(stderr, "deid: and %zu more warnings about this file\n", o->warnings_dropped);
}

static void say_outcome(struct report *r, const struct outcome *o)
{
	if (r->silent)
		return;
	bool loud = o->status == OUTCOME_FAILED || r->level >= DEID_LOG_INFO;
	if (!loud && (r->quiet || o->nwarnings == 0))
		return;
	clear_progress(r);
	if (!r->quiet)
		say_warnings(r, o);
	if (o->status == OUTCOME_FAILED)
		say(o, "", buf_view(&o->reason));
	else if (r->level >= DEID_LOG_INFO && o->output.n)
		say(o, o->status == OUTCOME_COPIED ? "copied untouched to " : "", buf_view(&o->output));
	else if (r->level >= DEID_LOG_INFO)
		say(o, "skipped: ", buf_view(&o->reason));
}

/* ---- the hook ---------------------------------------------------------------------------------- */

static void count_missing(struct report *r, const struct outcome *o)
{
	struct buf key = {0};
	if (o->status != OUTCOME_DEIDENTIFIED || !o->section)
		return;
	r->tried[o->section - r->profile->section]++;
	for (size_t at = 0; at < o->not_found.n;) {
		struct deid_str s = str_of(o->not_found.p + at);
		key.n = 0;
		struct map_entry *e = NULL;
		if (buf_printf(&key, "%zu:", (size_t)(o->section - r->profile->section)) && buf_str(&key, s))
			e = map_put_copy(&r->missing, buf_view(&key), NULL);
		if (e)
			e->value = one_more(e->value);
		at += s.n + 1;
	}
	buf_free(&key);
}

void report_outcome(void *arg, const struct outcome *o)
{
	struct report *r = arg;
	r->inputs++;
	r->count[o->status]++;
	r->warnings += o->nwarnings + o->warnings_dropped;
	r->bytes_in += o->bytes_in;
	r->bytes_out += o->bytes_out;
	r->kept_folders += o->output.n && r->options->output && r->options->folders == FOLDERS_KEEP &&
			   input_folders(o->input).n > 0;
	count_missing(r, o);
	if (r->file)
		write_line(r, o);
	say_outcome(r, o);
	show_progress(r);
}

/* Fields that no input of their section had: a name that is spelled wrong looks like that. */
static void say_missing(const struct report *r)
{
	for (size_t i = 0; i < r->profile->nsection; i++) {
		size_t shown = 0;
		for (size_t k = 0; r->tried[i] && k < r->missing.n; k++) {
			const struct map_entry *e = &r->missing.entry[k];
			size_t colon = str_find(e->key, ':', 0);
			uint64_t section;
			if (!str_u64(str_sub(e->key, 0, colon), &section) || section != i ||
			    (size_t)(uintptr_t)e->value != r->tried[i])
				continue;
			if (shown == 0)
				fprintf(stderr,
				    "deid: warning: %s: found in no input: ", r->profile->section[i].name);
			if (shown < MISSING_SHOWN) {
				fputs(shown ? ", " : "", stderr);
				print_text(stderr, str_sub(e->key, colon + 1, e->key.n));
			}
			shown++;
		}
		if (shown > MISSING_SHOWN)
			fprintf(stderr, " and %zu more", shown - MISSING_SHOWN);
		if (shown)
			fputc('\n', stderr);
	}
}

static void say_repeated(const struct report *r)
{
	for (size_t i = 0; i < r->said.n && r->level < DEID_LOG_INFO; i++) {
		uintptr_t n = (uintptr_t)r->said.entry[i].value;
		if (n <= SAID_MAX)
			continue;
		fprintf(stderr, "deid: warning, in %zu more input%s: ", (size_t)n - SAID_MAX,
		    n - SAID_MAX == 1 ? "" : "s");
		print_text(stderr, r->said.entry[i].key);
		fputc('\n', stderr);
	}
}

static void say_summary(const struct report *r, const struct batch_result *b)
{
	const size_t *c = r->count;
	if (r->quiet && c[OUTCOME_FAILED] == 0 && c[OUTCOME_DEIDENTIFIED] > 0 && !b->interrupted)
		return;
	fprintf(stderr, "deid: %zu input%s: %zu de-identified, %zu skipped, %zu copied, %zu failed",
	    r->inputs, r->inputs == 1 ? "" : "s", c[OUTCOME_DEIDENTIFIED], c[OUTCOME_SKIPPED],
	    c[OUTCOME_COPIED], c[OUTCOME_FAILED]);
	if (r->warnings)
		fprintf(stderr, "; %zu warning%s", r->warnings, r->warnings == 1 ? "" : "s");
	fputc('\n', stderr);
	if (b->interrupted)
		fprintf(stderr, "deid: interrupted: %zu inputs were not begun\n", b->not_reached);
	if (c[OUTCOME_DEIDENTIFIED] == 0)
		fputs("deid: no input was de-identified\n", stderr);
	if (r->kept_folders && !r->quiet)
		fprintf(stderr,
		    "deid: note: %zu output%s below folders whose names were kept; such names often tell who "
		    "it "
		    "is (see --folders)\n",
		    r->kept_folders, r->kept_folders == 1 ? " is" : "s are");
	if (c[OUTCOME_COPIED])
		fprintf(stderr, "deid: warning: nobody looked inside the %zu copied\n", c[OUTCOME_COPIED]);
}

void report_end(struct report *r, const struct batch_result *b)
{
	clear_progress(r);
	if (r->file) {
		write_summary(r, b);
		bool bad = ferror(r->file) != 0;
		if (fclose(r->file) != 0 || bad) {
			fprintf(stderr, "deid: cannot write the report %s: %s\n", r->path, strerror(errno));
			r->failed = true;
		}
		r->file = NULL;
	}
	if (!r->quiet) {
		say_repeated(r);
		say_missing(r);
	}
	say_summary(r, b);
}
