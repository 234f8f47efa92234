/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/command.h"
#include "core/cli/print.h"

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

static int check(struct session *s, const char *name, bool json, bool strict)
{
	int status = session_start(s);
	if (status >= 0)
		return status;
	struct profile *p = session_profile(s, name);
	if (s->err.rc != DEID_OK && s->err.nerrors == 0) {
		print_error(&s->err);
		profile_free(p);
		return EXIT_NOTHING_TOUCHED;
	}
	if (json)
		as_json(&s->err);
	else
		as_text(&s->err);
	status = s->err.nerrors || (strict && s->err.ndiag) ? EXIT_NOTHING_TOUCHED : EXIT_DONE;
	profile_free(p);
	return print_flush() ? status : EXIT_NOTHING_TOUCHED;
}

static int run(struct session *s, int argc, char **argv)
{
	static const struct option options[] = {COMMON_OPTIONS, {"profile", required_argument, NULL, 'p'},
	    {"json", no_argument, NULL, OPTION_FIRST_OWN},
	    {"strict", no_argument, NULL, OPTION_FIRST_OWN + 1}, {0}};
	const char *profile = NULL;
	bool json = false, strict = false;
	int c, status;
	while ((c = getopt_long(argc, argv, "p:", options, NULL)) != -1) {
		if (option_common(s, &command_check, c, optarg, &status)) {
			if (status >= 0)
				return status;
		} else if (c == 'p') {
			profile = optarg;
		} else if (c == OPTION_FIRST_OWN) {
			json = true;
		} else {
			strict = true;
		}
	}
	if (!profile)
		return usage_error(&command_check, "a profile is missing (-p)");
	if (optind < argc)
		return usage_error(
		    &command_check, "'%s' is not expected: check reads a profile only", argv[optind]);
	return check(s, profile, json, strict);
}

const struct command command_check = {"check", "find everything wrong with a profile", run,
    "Usage: deid check -p PROFILE [--json]\n"
    "Prints every error and warning of a profile as FILE:LINE:COL: error|warning: text.\n"
    "Exit status: 0 no error, 2 errors.\n\n"
    "  -p, --profile FILE  the profile, or the bare name of an installed one\n"
    "      --json          the list as JSON\n"
    "      --strict        warnings are errors\n"
    "      --plugin-dir DIR\n"
    "      --help\n"};
