/* SPDX-License-Identifier: MIT */
/* The setting `alter-pixels` of a section, compiled: which boxes go black in which files. */
#ifndef DICOM_ALTER_H
#define DICOM_ALTER_H

#include "plugins/common/region.h"

struct alter;
struct record;

/* The keys below `alter-pixels`. */
extern const struct deid_setting alter_settings[];

/* NULL in *out: the section has no such setting. What is wrong with it goes to complain(). */
int alter_new(
    const struct deid_host *, const struct deid_node *section, struct alter **out, struct deid_error *);
void alter_free(struct alter *);
/* The masks whose filter holds for the file as it is now. The array is memory of the job; the boxes are the
 * setting's. */
int alter_choose(
    const struct alter *, struct record *, struct region_mask **, size_t *n, struct deid_error *);

#endif
