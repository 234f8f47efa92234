/* SPDX-License-Identifier: MIT */
/*
 * A profile's document with all that its variables need: the subject table, what the command line says, and
 * from them the profile of any one subject. Read once; constant afterwards, so that threads may ask it for
 * profiles at the same time.
 */
#ifndef DEID_PROFILE_COHORT_H
#define DEID_PROFILE_COHORT_H

#include "core/profile/profile.h"
#include "core/profile/variables.h"

struct cohort_request {
	const char *profile; /* paths */
	const char *table;   /* NULL: none */
	bool sessions;       /* labels of the table are pairs */
	/* All but the table; lives as long as the cohort. */
	struct variable_source known;
};

struct cohort;

/* Reports all that is wrong with the document's text, its templates and the table (error_diag). Gives a
 * cohort also then: cohort_profile() then adds what else is wrong. NULL only when memory is spent. The
 * diagnostics point into it. */
struct cohort *cohort_new(const struct cohort_request *, struct deid_error *);
void cohort_free(struct cohort *);

const struct subject_table *cohort_table(const struct cohort *); /* NULL: none, or it is wrong */
const struct templates *cohort_templates(const struct cohort *);
/* Does every subject have the same profile? */
bool cohort_uniform(const struct cohort *);

/* The compiled profile for these labels (p = NULL: not given). A label without a row is a diagnostic of the
 * table. While there are errors the result is for finding more of them only. It must not outlive the cohort.
 * NULL: memory is spent. */
struct profile *cohort_profile(const struct cohort *, const struct provider *, struct deid_str subject,
    struct deid_str session, struct deid_error *);
/* Is there a row for these labels (or no table)? If not err says why. */
bool cohort_has(const struct cohort *, struct deid_str subject, struct deid_str session, struct deid_error *);
const char *cohort_table_file(const struct cohort *); /* NULL: there is none */
/* The profile with all that only a subject gives unknown (document.h): to tell what a file is, never to be
 * run.
 */
struct profile *cohort_outline(const struct cohort *, const struct provider *, struct deid_error *);
/* Profiles of other subjects, without errors: what is alike is shared with one of them, which must then
 * outlive the result (*derived). */
struct cohort_bases {
	const struct profile *const *profile;
	size_t n;
};
struct profile *cohort_profile_like(const struct cohort *, const struct provider *, struct deid_str subject,
    struct deid_str session, const struct cohort_bases *, bool *derived, struct deid_error *);
/* The same for a row of the table, by its number (subject_next()). */
struct profile *cohort_row(const struct cohort *, const struct provider *, size_t row, struct deid_error *);
struct profile *cohort_row_like(const struct cohort *, const struct provider *, size_t row,
    const struct cohort_bases *, bool *derived, struct deid_error *);

#endif
