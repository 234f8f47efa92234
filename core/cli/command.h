/* SPDX-License-Identifier: MIT */
/* The subcommands, and what they share. */
#ifndef DEID_CLI_COMMAND_H
#define DEID_CLI_COMMAND_H

#include "core/engine/loader.h"
#include "core/engine/run.h"
#include "core/profile/keys.h"
#include "core/profile/profile.h"
#include <getopt.h>

enum exit_status {
	EXIT_DONE = 0,
	EXIT_SOME_FAILED = 1,
	EXIT_NOTHING_TOUCHED = 2, /* wrong usage, profile or plugin */
	EXIT_INTERRUPTED = 3
};

/* Options that every command takes. */
#define OPTION_PLUGIN_DIR 256
#define OPTION_HELP 257
#define OPTION_FIRST_OWN 300
#define COMMON_OPTIONS                                                                                       \
	{"plugin-dir", required_argument, NULL, OPTION_PLUGIN_DIR},                                          \
	{                                                                                                    \
		"help", no_argument, NULL, OPTION_HELP                                                       \
	}

/* What a command stands on: the plugins that can be found. */
struct cohort;
struct subject_options;

struct session {
	const char **plugin_dir; /* as named by --plugin-dir, in order; the texts are argv's */
	size_t nplugin_dir;
	struct loader loader;
	struct deid_error err;
	enum deid_log level;
	bool loader_ready;
	bool logging;          /* profiles are compiled for a deid-log */
	bool checking;         /* profiles are looked at only, not run */
	struct cohort *cohort; /* what session_cohort() read */
	struct keys keys;      /* of the command line */
};

struct command {
	const char *name, *summary;
	int (*run)(struct session *, int argc, char **argv);
	const char *help;
};

extern const struct command command_run, command_plan, command_check, command_fields, command_formats,
    command_gear, command_keygen;

/* `deid run`, or the command that only tells what it would do. */
int run_or_plan(struct session *, const struct command *, int argc, char **argv);

/* For getopt's loop: true when the option was one of COMMON_OPTIONS or not an option at all, and then
 * *status >= 0 says with what to leave. */
bool option_common(struct session *, const struct command *, int option, const char *value, int *status);
/* "deid run: text", with a hint at --help; gives EXIT_NOTHING_TOUCHED. */
int usage_error(const struct command *, const char *fmt, ...) DEID_PRINTF(2, 3);
/* One of the words of a list "a|b|c": its rank, -1: none of them. */
int option_word(const char *words, const char *value);
/* A positive number with an optional K, M, G or T (powers of 1024). */
bool option_size(const char *value, size_t *out);

bool session_plugin_dir(struct session *, const char *);
/* Ready to load plugins. An exit status, or -1 to go on. */
int session_start(struct session *);
void session_end(struct session *);
/* What profiles are compiled with. */
struct provider session_provider(struct session *);
/* Reads a profile by path, or by its bare name from the installed ones, with the subjects that the options
 * name, into session->cohort. Errors and warnings go to session->err, which until session_end() may point
 * into it. False: no memory. partial: what only a subject could give may be missing. */
bool session_cohort(struct session *, const char *name, const struct subject_options *, bool partial);
/* The profile of the subject that the options name (with --subject-from: the outline of all), compiled; what
 * is wrong with it is added to session->err, sorted. NULL: no memory. */
struct profile *session_profile(struct session *, const struct subject_options *);

#endif
