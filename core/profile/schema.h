/* SPDX-License-Identifier: MIT */
/*
 * What a profile may say, level by level: the document, a section, a field entry. Everything that is wrong
 * is said (error_diag) with line and column; the caller goes on with what is right.
 */
#ifndef DEID_PROFILE_SCHEMA_H
#define DEID_PROFILE_SCHEMA_H

#include "core/profile/profile.h"

struct schema {
	const struct provider *provider;
	struct deid_error *err;
	struct arena *arena; /* of what is made of the document: lives as long as it */
};

struct schema_entry {
	const struct deid_node *node;
	const struct deid_node *selector; /* the value of `name` or `regex` */
	bool by_regex;
	const struct deid_transform *transform;
	const struct deid_node *arg; /* NULL: `{name: X}` alone */
	bool off;
	bool partial; /* something in it is unknown yet (document.h): it cannot be compiled whole */
};

/* Calls take() for each key that names a section with a format, and for each section of a group of sections,
 * whose key then reads GROUP.NAME. */
typedef bool schema_take(
    void *arg, const struct deid_node *key, const struct deid_node *value, const struct deid_format *format);
/* False: no memory (take() said so). */
bool schema_document(struct schema *, const struct deid_node *root, schema_take *, void *arg);
/* True: every setting can be read (entries apart). */
bool schema_section(struct schema *, const struct deid_node *section, const struct deid_format *);
/* True: *out can be compiled. */
bool schema_entry(struct schema *, const struct deid_node *entry, struct schema_entry *out);

#endif
