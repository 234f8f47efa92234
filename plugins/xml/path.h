/* SPDX-License-Identifier: MIT */
/*
 * Names of fields: a subset of XPath 1.0, compiled once.
 *
 *	path   route { "|" route }
 *	route  [ "." ] ( "/" | "//" ) step { ( "/" | "//" ) step }     "./" starts at the root element
 *	step   [ "@" ] ( name | "*" ) { "[" test "]" }                 an attribute can only be the last
 *	test   N | last() | last()-N | @name = "v" | name = "v" | local-name() = "v"
 *
 * Names are compared as they are spelled, prefix and all. `@*` does not mean the declarations of namespaces.
 */
#ifndef DEID_PLUGINS_XML_PATH_H
#define DEID_PLUGINS_XML_PATH_H

#include "core/util/str.h"

#define XML_STEPS 64    /* in a route */
#define XML_ROUTES 64   /* in a path */
#define XML_TESTS 8     /* in a step */
#define XML_LAST_MAX 64 /* N of last()-N */

enum xml_test_kind {
	XML_NTH,   /* [n], from 1 */
	XML_LAST,  /* [last()-n] */
	XML_ATTR,  /* [@name="value"] */
	XML_CHILD, /* [name="value"] */
	XML_LOCAL, /* [local-name()="value"] */
};

struct xml_test {
	enum xml_test_kind kind;
	struct deid_str name, value;
	uint64_t n;
};

struct xml_step {
	bool deep; /* `//` comes before it */
	bool attr;
	struct deid_str name; /* p = NULL: any */
	struct xml_test *test;
	size_t ntest, test_cap;
};

struct xml_route {
	struct xml_step *step;
	size_t n, cap;
};

struct xml_path {
	struct xml_route *route;
	size_t n, cap;
	bool wild;  /* a step is `*` */
	bool attrs; /* it reads attributes */
	bool ahead; /* a test needs what comes after the start tag */
	char *text; /* what the names and values are parts of */
};

/* NULL: *why says what is wrong with the text, or is NULL when memory is spent. */
struct xml_path *xml_path_new(struct deid_str text, const char **why);
void xml_path_free(struct xml_path *);

/* The name without its prefix. */
struct deid_str xml_local(struct deid_str name);
/* Whether the attribute declares a namespace. */
bool xml_is_xmlns(struct deid_str name);

#endif
