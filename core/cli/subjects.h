/* SPDX-License-Identifier: MIT */
/* The options about subjects and variables that run and check share. */
#ifndef DEID_CLI_SUBJECTS_H
#define DEID_CLI_SUBJECTS_H

#include "core/cli/command.h"
#include "core/engine/subjects.h"
#include "core/profile/cohort.h"

enum { OPTION_SUBJECT = 280, OPTION_SESSION, OPTION_SESSIONS, OPTION_VAR, OPTION_SUBJECT_FROM };

#define SUBJECT_OPTIONS                                                                                      \
	{"subject-csv", required_argument, NULL, 's'}, {"subject", required_argument, NULL, OPTION_SUBJECT}, \
	    {"session", required_argument, NULL, OPTION_SESSION},                                            \
	    {"subject-from", required_argument, NULL, OPTION_SUBJECT_FROM},                                  \
	    {"session-level-profile", no_argument, NULL, OPTION_SESSIONS},                                   \
	{                                                                                                    \
		"var", required_argument, NULL, OPTION_VAR                                                   \
	}

#define SUBJECT_HELP                                                                                         \
	"  -s, --subject-csv FILE      the table of subjects: its columns are variables of the profile\n"    \
	"      --subject LABEL         whose row it is (column subject.label)\n"                             \
	"      --session LABEL         which session of it (column session.label)\n"                         \
	"      --subject-from path:REGEX | field:NAME\n"                                                     \
	"                              the subject of each input: the groups \"subject\" and \"session\" "   \
	"of\n"                                                                                               \
	"                              an expression over its path, or a field\n"                            \
	"      --session-level-profile\n"                                                                    \
	"                              one row of the table for each session\n"                              \
	"      --var NAME=VALUE        a variable of the profile (repeatable)\n"

struct subject_options {
	const char *table, *subject, *session; /* NULL: not given */
	bool sessions, from_given;
	struct subject_from from;
	struct variable *var;
	size_t nvar;
};

void subject_options_free(struct subject_options *);
/* True when the option is one of SUBJECT_OPTIONS; *status >= 0 then says with what to leave. */
bool subject_option(
    struct subject_options *, const struct command *, int option, const char *value, int *status);
/* What they together may not say: an exit status, or -1. `one`: the run is about one subject. */
int subject_options_check(const struct subject_options *, const struct command *, bool one);
/* Points into the options. */
void subject_options_request(const struct subject_options *, const char *profile, struct cohort_request *);
/* A label that was given, else p = NULL. */
struct deid_str subject_label(const char *given);

#endif
