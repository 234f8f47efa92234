/* SPDX-License-Identifier: MIT */
/* Random whole numbers, every one as likely as any other. */
#ifndef DEID_TRANSFORM_UNIFORM_H
#define DEID_TRANSFORM_UNIFORM_H

#include <deid/plugin.h>

/* From 0 to n - 1; n > 0. */
int uniform_below(const struct deid_host *, struct deid_job *, const struct deid_field *, uint64_t n,
    uint64_t *out, struct deid_error *);

#endif
