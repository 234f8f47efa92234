/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/subjects.h"

#include <stdlib.h>

void subject_options_free(struct subject_options *o)
{
	free(o->var);
	subject_from_free(&o->from);
	*o = (struct subject_options){0};
}

static int add_var(struct subject_options *o, const struct command *c, const char *value)
{
	struct variable *var = reallocarray(o->var, o->nvar + 1, sizeof(*var));
	const char *why;

	if (!var)
		return usage_error(c, "no memory");
	o->var = var;
	why = variable_parse(value, &o->var[o->nvar]);
	if (why) /* the value may be a person's */
		return usage_error(c, "--var: %s", why);
	o->nvar++;
	return -1;
}

static int set_from(struct subject_options *o, const struct command *c, const char *value)
{
	char text[256];
	const char *why;

	if (o->from_given)
		return usage_error(c, "--subject-from was given twice");
	o->from_given = true;
	why = subject_from_parse(value, &o->from, text);
	return why ? usage_error(c, "--subject-from: %s", why) : -1;
}

bool subject_option(
    struct subject_options *o, const struct command *c, int option, const char *value, int *status)
{
	*status = -1;
	switch (option) {
	case 's':
		o->table = value;
		return true;
	case OPTION_SUBJECT:
		o->subject = value;
		return true;
	case OPTION_SESSION:
		o->session = value;
		return true;
	case OPTION_SESSIONS:
		o->sessions = true;
		return true;
	case OPTION_SUBJECT_FROM:
		*status = set_from(o, c, value);
		return true;
	case OPTION_VAR:
		*status = add_var(o, c, value);
		return true;
	}
	return false;
}

int subject_options_check(const struct subject_options *o, const struct command *c, bool one)
{
	if (o->sessions && !o->table)
		return usage_error(c, "--session-level-profile needs --subject-csv");
	if (o->from_given && (o->subject || o->session))
		return usage_error(c, "--subject-from takes the place of --subject and --session");
	if (o->from_given && o->sessions && !o->from.session)
		return usage_error(
		    c, "--session-level-profile needs the session: a group \"session\" in path:");
	if (o->table && one && !o->subject && !o->from_given)
		return usage_error(c, "--subject-csv needs --subject or --subject-from");
	if (o->sessions && o->subject && !o->session)
		return usage_error(c, "--session-level-profile needs --session");
	if (o->table && o->session && !o->subject)
		return usage_error(c, "--session needs --subject");
	if ((o->subject && !*o->subject) || (o->session && !*o->session))
		return usage_error(c, "--%s is empty", o->subject && !*o->subject ? "subject" : "session");
	return -1;
}

void subject_options_request(const struct subject_options *o, const char *profile, struct cohort_request *q)
{
	*q = (struct cohort_request){.profile = profile,
	    .table = o->table,
	    .sessions = o->sessions,
	    .known = {.var = o->var,
		.nvar = o->nvar,
		.subject = o->subject || o->from_given,
		.session = o->session || o->from.session}};
}

struct deid_str subject_label(const char *given)
{
	return given ? str_of(given) : (struct deid_str){NULL, 0};
}
