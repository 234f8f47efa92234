/* SPDX-License-Identifier: MIT */
/*
 * Variables in a profile: `{{ NAME }}`, or `{{ NAME | filter | … }}` with the filters upper, lower, trim, int
 * and default("text"), any number of them in any scalar that is a value (profile language, section 11).
 *
 * They are found and parsed once for a document. A subject's own document is then a copy of only those nodes
 * that hold variables and the collections above them; everything else is shared with the first one. Filling
 * in comes after YAML, so no text can become syntax.
 *
 * A filled-in scalar is text, whatever it looks like (007, null, true): its key reads it as it reads quoted
 * text. Only where it is nothing but one variable and the last filter is `int` it is a number. Empty texts
 * are missing to default() and pass through the other filters. Other template syntax is an error, as is `}}`
 * without anything that it closes, and any template in a key.
 */
#ifndef DEID_PROFILE_TEMPLATE_H
#define DEID_PROFILE_TEMPLATE_H

#include "core/profile/document.h"

struct templates;

/* What a variable stands for. */
struct template_value {
	struct deid_str text; /* UTF-8; p = NULL: there is no such variable */
	const char *file;     /* for messages, as in struct node_origin; must live as long as the copy */
	size_t row;
};

/* Once for each document, which must outlive the result. Marks its nodes (deid_node.varies) and reports
 * everything that is no template (error_diag). NULL only when memory is spent. */
struct templates *templates_new(struct document *, struct deid_error *);
void templates_free(struct templates *);

/* The variables of the whole document, each once, in the order of first use. */
size_t templates_count(const struct templates *);
struct deid_str templates_name(const struct templates *, size_t variable); /* also NUL-terminated */
/* Complains wherever the variable is used without default(): the document cannot do without it. */
void templates_missing(const struct templates *, size_t variable, struct deid_error *, const char *fmt, ...)
    DEID_PRINTF(4, 5);
/* The variables in and below a node of the document or of a copy: calls visit() for each use, later ones
 * first. False: memory is spent. */
typedef void template_visit(void *arg, size_t variable, const struct deid_node *scalar);
bool templates_each(const struct templates *, const struct deid_node *, template_visit *, void *arg);

/* Has the node, or anything below it, a variable? True as well of a filled-in copy. */
static inline bool node_varies(const struct deid_node *n)
{
	return n && n->varies;
}

enum template_mode {
	TEMPLATE_WHOLE,   /* a variable without a value is an error */
	TEMPLATE_PARTIAL, /* it makes a scalar that is `unknown`, for checks without values */
};

/* The root with every variable filled in; value[] has templates_count() elements. The new nodes are in the
 * arena, the others are the document's. Errors name the scalar and where the text came from. NULL: memory is
 * spent. Threads may share the templates. */
struct deid_node *templates_fill(const struct templates *, const struct template_value *value,
    enum template_mode, struct arena *, struct deid_error *);
/* The same as a document of its own, for profile_compile(): same name, same digest. */
struct document *templates_document(
    const struct templates *, const struct template_value *value, enum template_mode, struct deid_error *);

/* Can this be the name of a variable? Letters, digits, "_" and parts with a dot between, none beginning with
 * a digit; anything that is not ASCII is a letter. */
bool template_name_valid(struct deid_str);

#endif
