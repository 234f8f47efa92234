/* SPDX-License-Identifier: MIT */
/*
 * An XMP packet (ISO 16684-1), read, changed and written. expat says where properties are; what does not
 * change is copied. All memory is the job's.
 *
 * Names: `XMP:dc:creator`, or `XMP:creator` in any namespace, letters in any case. A property of a structure
 * is `XMP:xmpMM:History/stEvt:softwareAgent`. What is in an array has the array's name, as has each language
 * of a text: an entry acts on each, and when the last goes the property goes. A structure is a DEID_TREE.
 *
 * What is no XML, or not UTF-8, can only be taken out as a whole: xmp_open() fails for it.
 */
#ifndef IMAGE_XMP_H
#define IMAGE_XMP_H

#include "core/util/str.h"

#define XMP_MAX ((size_t)32 << 20) /* of a packet */
#define XMP_STEPS 8                /* of a name */

struct xmp;

struct xmp_step {
	struct deid_str prefix; /* n = 0: any */
	struct deid_str local;
};
struct xmp_name {
	struct xmp_step step[XMP_STEPS];
	size_t n;
	bool creates; /* xmp_add() knows how */
};

/* Without the `XMP:`; text must stay valid. False: no name of a property. */
bool xmp_name_parse(struct deid_str text, struct xmp_name *);

/* The bytes must stay valid until the job ends. */
int xmp_open(
    const struct deid_host *, struct deid_job *, struct deid_str bytes, struct xmp **, struct deid_error *);
/* A packet without properties. */
int xmp_new(const struct deid_host *, struct deid_job *, struct xmp **, struct deid_error *);

/* As the calls of struct deid_format; see ifd.h for `mark`. */
int xmp_find(
    struct xmp *, const struct xmp_name *, uintptr_t mark, deid_visit *, void *arg, struct deid_error *);
int xmp_each(struct xmp *, uintptr_t mark, deid_visit *, void *arg, struct deid_error *);
int xmp_get(struct xmp *, const struct deid_field *, struct deid_value *, struct deid_error *);
int xmp_set(struct xmp *, const struct deid_field *, const struct deid_value *, struct deid_error *);
int xmp_remove(struct xmp *, const struct deid_field *, struct deid_error *);
int xmp_add(struct xmp *, const struct xmp_name *, const struct deid_value *, struct deid_error *);
/* Whether the name denotes the field. */
bool xmp_names(const struct xmp *, const struct xmp_name *, const struct deid_field *);
/* Sets the text of a property that is there; false: it is not. For what belongs to the container. */
bool xmp_put(struct xmp *, const struct xmp_name *, struct deid_str text);
/* Takes a property out, as an entry would. */
void xmp_drop(struct xmp *, const struct xmp_name *);
/* The text of a simple property; n = 0: absent. */
struct deid_str xmp_text(struct xmp *, const struct xmp_name *);

bool xmp_changed(const struct xmp *);
/* The packet as it is now. */
int xmp_bytes(struct xmp *, struct deid_str *out, struct deid_error *);

#endif
