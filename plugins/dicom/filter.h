/* SPDX-License-Identifier: MIT */
/*
 * Conditions on a file's header, the `when` of `alter-pixels`:
 *
 *   contains Manufacturer GE + equals Rows 512 || missing StationName
 *
 * `+` binds tighter than `||`. Letters in any case are equal, numbers are equal by value; a `|` in a value
 * parts alternatives, unless the value stands in double quotes. A field of several values, or in several
 * places, meets a condition when one of its values does, or all of them joined with `\`; the conditions with
 * `not` are the opposites, so that a missing field meets them.
 */
#ifndef DICOM_FILTER_H
#define DICOM_FILTER_H

#include "plugins/dicom/record.h"

/* The fields that the filters of a section ask for: each is read once a file. */
struct filter_fields {
	struct path **path;
	size_t n, cap;
};

/* What a field held. */
struct filter_value {
	bool found, number;
	bool tree;             /* a sequence with items */
	struct deid_str *text; /* values that are not empty */
	size_t n, cap;
};

struct filter;

/* What is wrong with the text goes to complain(); it need not outlive the call. */
int filter_parse(struct filter_fields *, const struct deid_host *, struct deid_str text,
    const struct deid_node *, struct filter **, struct deid_error *);
void filter_free(struct filter *);
void filter_fields_free(struct filter_fields *);

/* The values of all fields, in memory of the job. */
int filter_read(const struct filter_fields *, struct record *, struct filter_value **, struct deid_error *);
bool filter_holds(const struct filter *, const struct filter_value *);

#endif
