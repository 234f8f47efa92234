/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/command.h"
#include "core/cli/keyoptions.h"
#include "core/cli/print.h"
#include "core/cli/subjects.h"

static void as_json(const struct deid_error *err)
{
	fputs("[", stdout);
	for (size_t i = 0; i < err->ndiag; i++) {
		const struct diag *d = &err->diag[i];
		fputs(i ? ",\n {\"file\":" : "{\"file\":", stdout);
		print_json(stdout, str_of(d->file));
		printf(",\"line\":%zu,\"column\":%zu,\"level\":\"%s\",\"message\":", d->line, d->col,
		    d->level == DIAG_ERROR ? "error" : "warning");
		print_json(stdout, str_of(d->text));
		fputs("}", stdout);
	}
	fputs("]\n", stdout);
}

static void as_text(const struct deid_error *err)
{
	size_t warnings = err->ndiag - err->nerrors;
	for (size_t i = 0; i < err->ndiag; i++)
		print_diag(stdout, &err->diag[i]);
	printf("%zu error%s, %zu warning%s\n", err->nerrors, err->nerrors == 1 ? "" : "s", warnings,
	    warnings == 1 ? "" : "s");
}

#define ERRORS_MAX 1000

/* Every subject of the table in turn: each cell must do. What one row says as another did is dropped now and
 * then, so that a long table needs no more memory than a short one. */
static void check_rows(struct session *s)
{
	const struct subject_table *t = cohort_table(s->cohort);
	struct provider provider = session_provider(s);
	size_t row = t ? subject_next(t, 0) : 0, enough = 200;
	do {
		profile_free(cohort_row(s->cohort, &provider, row, &s->err));
		if (s->err.ndiag > enough) {
			error_sort(&s->err);
			enough = 2 * s->err.ndiag + 200;
		}
		row = row ? subject_next(t, row) : 0;
	} while (row && s->err.nerrors < ERRORS_MAX && s->err.code != DEID_E_NOMEM);
	if (row && s->err.nerrors >= ERRORS_MAX)
		error_diag(&s->err, DIAG_ERROR, subject_file(t), 0, 0,
		    "there are more errors; rows after %zu were not looked at", row - 1);
	error_sort(&s->err);
}

struct request {
	const char *profile;
	struct subject_options subjects;
	bool json, strict;
};

static int check(struct session *s, const struct request *q)
{
	int status = session_start(s);
	if (status >= 0)
		return status;
	s->checking = true;
	if (session_cohort(s, q->profile, &q->subjects, true)) {
		if (q->subjects.subject)
			profile_free(session_profile(s, &q->subjects));
		else
			check_rows(s);
	}
	if (s->err.rc != DEID_OK && s->err.nerrors == 0) {
		print_error(&s->err);
		return EXIT_NOTHING_TOUCHED;
	}
	if (q->json)
		as_json(&s->err);
	else
		as_text(&s->err);
	status = s->err.nerrors || (q->strict && s->err.ndiag) ? EXIT_NOTHING_TOUCHED : EXIT_DONE;
	return print_flush() ? status : EXIT_NOTHING_TOUCHED;
}

static int parse(struct session *s, struct request *q, int argc, char **argv)
{
	static const struct option options[] = {COMMON_OPTIONS, {"profile", required_argument, NULL, 'p'},
	    {"json", no_argument, NULL, OPTION_FIRST_OWN},
	    {"strict", no_argument, NULL, OPTION_FIRST_OWN + 1}, SUBJECT_OPTIONS, KEY_OPTIONS, {0}};
	int c, status;
	while ((c = getopt_long(argc, argv, "p:s:", options, NULL)) != -1) {
		if (option_common(s, &command_check, c, optarg, &status) ||
		    subject_option(&q->subjects, &command_check, c, optarg, &status) ||
		    key_option(s, &command_check, c, optarg, &status)) {
			if (status >= 0)
				return status;
		} else if (c == 'p') {
			q->profile = optarg;
		} else if (c == OPTION_FIRST_OWN) {
			q->json = true;
		} else {
			q->strict = true;
		}
	}
	if (!q->profile)
		return usage_error(&command_check, "a profile is missing (-p)");
	if (optind < argc)
		return usage_error(
		    &command_check, "'%s' is not expected: check reads a profile only", argv[optind]);
	return subject_options_check(&q->subjects, &command_check, false);
}

static int run(struct session *s, int argc, char **argv)
{
	struct request q = {.profile = NULL};
	int status = parse(s, &q, argc, argv);
	if (status < 0)
		status = check(s, &q);
	subject_options_free(&q.subjects);
	return status;
}

const struct command command_check = {"check", "find everything wrong with a profile", run,
    "Usage: deid check -p PROFILE [-s CSV] [--json]\n"
    "Prints every error and warning of a profile as FILE:LINE:COL: error|warning: text: without a subject "
    "table\n"
    "all but the values of variables, with one each of its rows, with --subject that one.\n"
    "Exit status: 0 no error, 2 errors.\n\n"
    "  -p, --profile FILE          the profile, or the bare name of an installed one\n" SUBJECT_HELP KEY_HELP
    "      --json                  the list as JSON\n"
    "      --strict                warnings are errors\n"
    "      --plugin-dir DIR        search DIR for plugins first (repeatable)\n"
    "      --help\n"};
