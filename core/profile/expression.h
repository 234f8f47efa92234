/* SPDX-License-Identifier: MIT */
/* The text of one scalar with variables, taken apart, and what filters make of a value. See template.h. */
#ifndef DEID_PROFILE_EXPRESSION_H
#define DEID_PROFILE_EXPRESSION_H

#include "core/profile/document.h"

enum filter_kind { FILTER_UPPER, FILTER_LOWER, FILTER_TRIM, FILTER_INT, FILTER_DEFAULT };

struct filter {
	enum filter_kind kind;
	struct deid_str text; /* FILTER_DEFAULT */
	const struct filter *next;
};

/* A stretch of plain text, or a variable. */
struct piece {
	struct deid_str text; /* name.n = 0 */
	struct deid_str name; /* NUL-terminated */
	size_t variable;      /* the caller's number for the name */
	const struct filter *filter;
	bool served; /* some default() stands in for a missing value */
	bool number; /* the last filter is int */
	struct piece *next;
};

/* Could text hold anything that expression_parse() would act on or refuse? */
bool expression_in(struct deid_str text);
/* Takes the text of a scalar apart; complains at the node about what is no template. False: memory is spent.
 * *out may be incomplete after an error. */
bool expression_parse(
    const struct deid_node *scalar, struct arena *, struct piece **out, struct deid_error *);

enum expression_result {
	EXPRESSION_OK,
	EXPRESSION_MISSING, /* no value, and no default */
	EXPRESSION_NO_INT,  /* `int` met a text that is no number */
	EXPRESSION_NOMEM,
};

/* The piece's text for this value of its variable (p = NULL: there is none). Points into value, the piece or
 * the arena. */
enum expression_result expression_value(
    const struct piece *, struct deid_str value, struct arena *, struct deid_str *text);

#endif
