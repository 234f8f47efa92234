/* SPDX-License-Identifier: MIT */
/*
 * `{input-regex, output, groups}`, as regex-sub and filenames have it: an expression, and a text with
 * variables `{name}`, each of which a group may act on. What a variable stands for is the user's business.
 *
 * What the profile's own variables ({{ … }}) put into an expression or an output stands for itself there.
 */
#ifndef DEID_PROFILE_OUTPUT_H
#define DEID_PROFILE_OUTPUT_H

#include "core/profile/group.h"
#include "core/profile/regex.h"
#include <deid/plugin.h>

#define OUTPUT_FIRST SIZE_MAX

/* A stretch of the output: literal text, or a variable. */
struct output_piece {
	struct deid_str text; /* of a variable: its name */
	bool variable;
	size_t same; /* an earlier piece with this variable, or OUTPUT_FIRST: one variable has one value */
};

struct output {
	const struct deid_host *host;
	const struct deid_node *node; /* of the output's text */
	struct regex *regex;
	struct output_piece *piece;
	size_t npiece, cap;
	struct group *group;
	size_t ngroup;
};

extern const struct deid_setting output_keys[];

/* item: checked against output_keys. what: the key that it stands under. What is wrong is said (complain); to
 * be freed also then. */
int output_new(struct output *, const struct deid_rule *, const struct deid_node *item, const char *what,
    struct deid_error *);
void output_free(struct output *);
/* The first group of this name; NULL: none. */
const struct group *output_group(const struct output *, struct deid_str name);

/* A variable's value (NULL: there is none) after its groups, as one text in scratch memory. */
int output_value(const struct output *, struct deid_str name, struct deid_job *, const struct deid_field *,
    const struct deid_value *, struct deid_str *text, struct deid_error *);
/* The parts, one for each piece, as one text in scratch memory. */
int output_join(const struct output *, struct deid_job *, const struct deid_str *part, struct deid_str *text,
    struct deid_error *);

#endif
