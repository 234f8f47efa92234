/* SPDX-License-Identifier: MIT */
/*
 * A YAML (or JSON) document as a tree whose every node knows its file, line and column.
 *
 * document_parse() reports (error_diag) syntax errors, duplicate keys, keys that are no scalars, unknown
 * tags, several documents, recursive aliases, NUL characters, UTF-16, and expansion of aliases beyond a bound
 * (10,000 nodes for one use of an alias, 1,000,000 in all; depth 100). Nodes belong to the document. Aliases
 * share the node they name. The merge key `<<` works as in YAML 1.1 (own keys win, earlier mappings of a list
 * win over later ones); its pairs keep their own lines and come before the mapping's own.
 *
 * The node_* functions are the services of <deid/plugin.h>: NULL reads as null. Typed readers follow
 * profile-language: numbers in decimal (007 is 7), booleans true/false (any of true True TRUE …) quoted or
 * not; whether a scalar fits a type is settled by the schema before anyone reads it.
 */
#ifndef DEID_PROFILE_DOCUMENT_H
#define DEID_PROFILE_DOCUMENT_H

#include "core/util/arena.h"
#include "core/util/error.h"
#include <deid/plugin.h>

struct section_home;

enum node_type { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node_pair {
	struct deid_node *key, *value;
};

/* Where a piece of a scalar's text came from, for messages: "row 3, column ID of FILE". */
struct node_origin {
	struct deid_str name; /* the variable */
	const char *file;     /* the table; NULL: not from a table */
	size_t row;           /* of the table, its header is row 1 */
	const struct node_origin *next;
};

struct node_span {
	size_t off, len;
};

struct deid_node {
	enum node_type type;
	bool plain;           /* a scalar without quotes: its type is the reader's to say */
	struct deid_str text; /* of a scalar; NUL-terminated beyond n */
	const char *file;
	size_t line, col;        /* from 1 */
	struct deid_node **item; /* NODE_LIST */
	struct node_pair *pair;  /* NODE_MAP */
	size_t n;
	size_t weight; /* nodes below and with this one, aliases counted each time */
	/* Set on the compiler's own copies of mappings: what node_get() gives for a key that is absent. */
	const struct node_default *dflt;
	size_t ndflt;
	const struct section_home *home; /* profile.h */
	/* Set by template.h. */
	bool partial; /* something in it or below is unknown */
	bool unknown; /* a scalar whose variables have no value (yet): fits every type, is never to be run */
	uint32_t varies; /* 0: no variable in it or below, so every subject shares it; else its number */
	const struct node_origin *origin; /* what variables put into text; NULL: nothing */
	const struct node_span *literal;  /* and where: stretches that stand for themselves, ascending */
	size_t nliteral;
};

struct node_default {
	const char *key;
	const struct deid_node *value;
};

struct document {
	struct arena arena;
	char *file; /* as given, for messages */
	struct deid_node *root;
	char sha256[65]; /* of the bytes, lower-case hex; "": not computed */
};

/* text need not outlive the call. Gives a document (also with errors: test err->nerrors), NULL only when
 * memory is spent. At most 16 MiB of text. */
struct document *document_parse(struct deid_str text, const char *file, struct deid_error *);
struct document *document_read(const char *path, struct deid_error *); /* also: unreadable, not UTF-8 */
/* The same without sha256, for who only looks at it: a first digest takes as long as all of a small document.
 */
struct document *document_look(const char *path, struct deid_error *);
void document_free(struct document *);

const struct deid_node *node_get(const struct deid_node *, const char *key);
bool node_given(const struct deid_node *, const char *key);
size_t node_count(const struct deid_node *);
const struct deid_node *node_at(const struct deid_node *, size_t);
struct deid_str node_key(const struct deid_node *, size_t);
enum deid_node_kind node_kind(const struct deid_node *);
struct deid_str node_str(const struct deid_node *);
int64_t node_int(const struct deid_node *);
double node_real(const struct deid_node *);
bool node_bool(const struct deid_node *);

/* "FILE:LINE:COL" diagnostics at a node; where variables gave its text, the message ends with their origin.
 */
int node_complain(struct deid_error *, const struct deid_node *, const char *fmt, ...) DEID_PRINTF(3, 4);
int node_vcomplain(struct deid_error *, const struct deid_node *, const char *fmt, va_list) DEID_PRINTF(3, 0);
void node_caution(struct deid_error *, const struct deid_node *, const char *fmt, ...) DEID_PRINTF(3, 4);
void node_advise(struct deid_error *, const struct deid_node *, const char *fmt, ...) DEID_PRINTF(3, 4);
void node_vcaution(struct deid_error *, const struct deid_node *, const char *fmt, va_list) DEID_PRINTF(3, 0);

#endif
