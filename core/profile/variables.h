/* SPDX-License-Identifier: MIT */
/*
 * What the variables of a document stand for. In this order: a label that is given, a key that is known,
 * `--var`, the column of the subject table; keys that are not known are empty. Names are looked up once, when
 * they are bound; a subject then costs one row.
 */
#ifndef DEID_PROFILE_VARIABLES_H
#define DEID_PROFILE_VARIABLES_H

#include "core/profile/subject.h"
#include "core/profile/template.h"

struct variable {
	struct deid_str name, value;
};

/* "NAME=VALUE". A reason why it is not, or NULL. */
const char *variable_parse(const char *text, struct variable *out);

/* Lives as long as what is bound to it. */
struct variable_source {
	const struct subject_table *table; /* NULL: none */
	const struct variable *var;        /* of two with one name the later holds */
	size_t nvar;
	bool subject, session;                             /* these labels will be given */
	const char *public_key, *private_key, *secret_key; /* NULL: not known */
	/* Labels, and all that a table could give when there is none, stay unknown when they are missing
	 * (TEMPLATE_PARTIAL), instead of being an error. */
	bool partial;
};

struct variables;

/* Complains at each place of a variable that nothing can give and that has no default. NULL only when memory
 * is spent. */
struct variables *variables_new(
    const struct templates *, const struct variable_source *, struct deid_error *);
void variables_free(struct variables *);
/* Does some variable come from a column or a label, so that there is one document for each subject? */
bool variables_by_subject(const struct variables *);

/* The row for these labels (p = NULL: not given); without a table 0. Fails with DEID_E_PROFILE and names no
 * label. */
int variables_row(const struct variables *, struct deid_str subject, struct deid_str session, size_t *row,
    struct deid_error *);
/* The values for templates_fill(): value[] has templates_count() elements. row = 0: none. Labels that are not
 * given come from the row. The texts live as long as the arena, the table, the source and the labels. False:
 * memory is spent. */
bool variables_values(const struct variables *, size_t row, struct deid_str subject, struct deid_str session,
    struct arena *, struct template_value *value);

#endif
