/* SPDX-License-Identifier: MIT */
/* What a packet holds, inside of xmp*.c. */
#ifndef IMAGE_XMP_TREE_H
#define IMAGE_XMP_TREE_H

#include "plugins/image/xmp.h"

#define XMP_NONE SIZE_MAX

struct xmp_node {
	size_t parent;     /* the element around it; XMP_NONE */
	size_t start, end; /* what goes when it is removed: an attribute with the blank before it */
	size_t from, to;   /* its value; of an empty element the two bytes that close its tag */
	struct deid_str prefix, local; /* prefix: the usual one of the namespace */
	struct deid_str tag;           /* of an element, as it is spelled */
	struct deid_str text;
	struct deid_str now; /* its new text */
	char quote;          /* the value is that of an attribute */
	bool attr;
	bool named; /* its name is part of those of what is in it; not so the structure of RDF */
	bool li, array;
	bool holder; /* has an array */
	bool inner;  /* has others in it */
	bool field;
	bool about; /* rdf:about, which must not be missing */
	bool empty;
	bool removed, replaced;
};

struct xmp {
	const struct deid_host *host;
	struct deid_job *job;
	struct deid_str bytes;
	struct xmp_node *node;
	size_t n, cap;
	size_t rdf_end;        /* where the end tag of rdf:RDF begins; 0: there is none */
	struct deid_str about; /* the subject of the descriptions, as it is spelled */
	bool changed;
};

/* Reads xmp->bytes into xmp->node. */
int xmp_parse(struct xmp *, struct deid_error *);
struct xmp_node *xmp_push(struct xmp *, const struct xmp_node *);

/* ---- namespaces ---------------------------------------------------------------------------------- */

/* The usual prefix; n = 0: not a known namespace. */
struct deid_str xmp_prefix_of(struct deid_str uri);
/* Any case; NULL: unknown. */
const char *xmp_uri_of(struct deid_str *prefix);
#define XMP_RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

/* What arrays a property that we create needs: 'S' Seq, 'B' Bag, 'A' Alt of languages, 0 none. */
char xmp_array_of(struct deid_str prefix, struct deid_str local);

#endif
