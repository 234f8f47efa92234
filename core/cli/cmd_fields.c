/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/command.h"
#include "core/cli/print.h"
#include "core/engine/host.h"
#include "core/engine/match.h"
#include "core/io/source.h"
#include "core/util/glob.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The names of one file, each once. */
struct names {
	struct session *session;
	struct map seen;
	bool values;
	bool failed;  /* a file inside cannot be read, and that was said */
	int spool_fd; /* where what does not fit in memory may be; -1: nowhere */
};

static int show(
    void *arg, const struct deid_field *field, const struct deid_value *value, struct deid_error *err)
{
	struct names *n = arg;
	bool fresh;
	if (!map_put_copy(&n->seen, field->name, &fresh))
		return error_nomem(err);
	if (!fresh)
		return DEID_OK;
	print_text(stdout, field->name);
	if (n->values && value && value->kind != DEID_BYTES) {
		fputc('\t', stdout);
		for (size_t i = 0; i < value->n; i++) {
			fputs(i ? "\\" : "", stdout);
			print_text(stdout, value->v[i]);
		}
	}
	fputc('\n', stdout);
	return DEID_OK;
}

static void tell(const char *path, const struct deid_error *err)
{
	struct buf text = {0};
	fflush(stdout);
	fputs("deid: ", stderr);
	print_text(stderr, str_of(path));
	error_text(err, &text);
	fputs(": ", stderr);
	print_text(stderr, buf_view(&text));
	fputc('\n', stderr);
	buf_free(&text);
}

static bool filter_matches(const struct deid_format *f, struct deid_str name)
{
	for (size_t i = 0; f->filters[i]; i++)
		if (glob_match(str_of(f->filters[i]), name))
			return true;
	return false;
}

/* As a profile with every section would choose: by name, then by the surest content mark, what holds files
 * last. */
static int choose(struct session *s, struct deid_str name, struct deid_source *src,
    const struct deid_format **out, struct deid_error *err)
{
	const struct registry *r = &s->loader.registry;
	const struct deid_format *best = NULL;
	int best_score = -1;
	for (int by_name = 1; by_name >= 0 && !best; by_name--) {
		best_score = by_name ? -1 : DEID_CLAIM_NO;
		for (size_t i = 0; i < r->nformat; i++) {
			const struct deid_format *f = r->format[i].format;
			int score = DEID_CLAIM_NO;
			if (by_name && !filter_matches(f, name))
				continue;
			int rc = f->claim ? f->claim(&host_services, src, &score, err) : DEID_OK;
			if (rc != DEID_OK)
				return rc;
			if (score > DEID_CLAIM_NO && f->flags & DEID_FORMAT_CONTAINER)
				score = DEID_CLAIM_NO + 1;
			if (score > best_score) {
				best = f;
				best_score = score;
			}
		}
	}
	*out = best;
	if (!best)
		return error_fail(err, DEID_FAILED, DEID_E_UNMATCHED, "no format claims it");
	return DEID_OK;
}

static int list_content(struct names *n, struct deid_job *job, struct deid_str name, struct deid_source *src,
    struct deid_error *err);

/* Under a heading of its own, as one of several files. */
static int show_member(
    void *arg, struct deid_job *job, const char *path, struct deid_source *src, struct deid_error *err)
{
	struct names *n = arg;
	struct map outer = n->seen;
	struct deid_error own;
	(void)err;
	n->seen = (struct map){0};
	error_init(&own);
	print_text(stdout, str_of(path));
	fputs(":\n", stdout);
	if (list_content(n, job, job->name, src, &own) != DEID_OK) {
		tell(path, &own);
		n->failed = true;
	}
	error_free(&own);
	map_free(&n->seen);
	n->seen = outer;
	return DEID_OK;
}

static int list_content(struct names *n, struct deid_job *job, struct deid_str name, struct deid_source *src,
    struct deid_error *err)
{
	const struct job_listing listing = {show, show_member, n, n->spool_fd};
	const struct deid_format *format;
	void *conf = NULL;
	int rc = choose(n->session, name, src, &format, err);
	if (rc == DEID_OK)
		rc = format->conf_new(&host_services, NULL, &conf, err);
	if (rc != DEID_OK)
		return rc;
	rc = job_list(job, format, conf, src, &listing, err);
	format->conf_free(conf);
	return rc;
}

static int list(struct session *s, struct deid_job *job, const char *path, struct names *names)
{
	const char *slash = strrchr(path, '/');
	struct deid_str name = str_of(slash ? slash + 1 : path);
	struct deid_source *src = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return error_errno(&s->err, DEID_FAILED, "cannot read it");
	int rc = source_open_fd(&src, fd, &s->err);
	job_begin(job, path, name);
	if (rc == DEID_OK)
		rc = list_content(names, job, name, src, &s->err);
	job_end(job);
	source_close(src);
	return rc;
}

static int fields(struct session *s, bool values, char **path)
{
	int status = session_start(s);
	if (status >= 0)
		return status;
	loader_all(&s->loader);
	struct deid_job *job =
	    job_new(&(struct job_options){.host = &host_services, .memory = JOB_MEMORY_DEFAULT});
	const char *dir = secure_getenv("TMPDIR");
	struct names names = {.session = s, .values = values};
	names.spool_fd = open(dir && dir[0] ? dir : "/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	status = job ? EXIT_DONE : EXIT_SOME_FAILED;
	for (bool many = path[1] != NULL; job && *path; path++) {
		if (many) {
			print_text(stdout, str_of(*path));
			fputs(":\n", stdout);
		}
		if (list(s, job, *path, &names) != DEID_OK) {
			tell(*path, &s->err);
			status = EXIT_SOME_FAILED;
		}
		error_clear(&s->err);
		map_clear(&names.seen);
	}
	job_free(job);
	map_free(&names.seen);
	if (names.spool_fd >= 0)
		close(names.spool_fd);
	if (names.failed)
		status = EXIT_SOME_FAILED;
	return print_flush() ? status : EXIT_SOME_FAILED;
}

static int run(struct session *s, int argc, char **argv)
{
	static const struct option options[] = {
	    COMMON_OPTIONS, {"values", no_argument, NULL, OPTION_FIRST_OWN}, {0}};
	bool values = false;
	int c, status;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (!option_common(s, &command_fields, c, optarg, &status))
			values = true;
		else if (status >= 0)
			return status;
	}
	if (optind == argc)
		return usage_error(&command_fields, "a file is missing");
	return fields(s, values, argv + optind);
}

const struct command command_fields = {"fields", "list the fields of files as a profile names them", run,
    "Usage: deid fields [--values] FILE...\n"
    "Lists the fields of each file by the names that a profile uses for them.\n"
    "Exit status: 0 all files were read, 1 some were not, 2 wrong usage.\n\n"
    "      --values  also print the values (personal data!)\n"
    "      --plugin-dir DIR\n"
    "      --help\n"};
