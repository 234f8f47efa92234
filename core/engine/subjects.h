/* SPDX-License-Identifier: MIT */
/*
 * Whose file is it: one run over the files of many subjects (--subject-from). The subject, and with it the
 * profile that its row of the subject table makes, comes from the file's path or from a field.
 *
 * Profiles are compiled when the first file of a subject is met and kept while they are in use, and then for
 * some time. This is all that changes while files are worked on; it has its own lock.
 */
#ifndef DEID_ENGINE_SUBJECTS_H
#define DEID_ENGINE_SUBJECTS_H

#include "core/engine/job.h"
#include "core/engine/walk.h"
#include "core/profile/cohort.h"

struct subject_from {
	struct regex *regex;     /* over the path; NULL: by the field */
	size_t subject, session; /* its groups; session 0: there is none */
	struct deid_str field;
};

struct subjects;

/* "path:REGEX" or "field:NAME". A reason why it is neither, good until the next call into PCRE2's messages is
 * made with the same buffer, or NULL. */
const char *subject_from_parse(const char *text, struct subject_from *, char why[256]);
void subject_from_free(struct subject_from *);

/* outline: the profile with what a subject would give unknown (cohort_outline()). All live as long as the
 * result. NULL: err says why. */
struct subjects *subjects_new(const struct cohort *, const struct provider *, const struct subject_from *,
    const struct profile *outline, size_t jobs, struct deid_error *);
void subjects_free(struct subjects *);
/* Before any file is touched: the profiles of all subjects that paths name, or that the table has when fields
 * do. Diagnostics go to err. False: no memory. */
bool subjects_check(struct subjects *, const struct walk *, struct deid_error *);

bool subjects_by_field(const struct subjects *);
/* The profile for an input by its path; *out = NULL: its path names no subject. To be put back. */
int subjects_by_path(
    struct subjects *, const struct input *, const struct profile **out, struct deid_error *);
/* … by what the file says, read as the section of the outline it belongs to. */
int subjects_read(struct subjects *, struct deid_job *, const struct section *, struct deid_source *,
    const struct job_target *, const struct profile **out, struct deid_error *);
void subjects_put(struct subjects *, const struct profile *); /* NULL is fine */

#endif
