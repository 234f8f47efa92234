/* SPDX-License-Identifier: MIT */
/* The core's own actions. They use the same struct and services as a plugin's. */
#ifndef DEID_TRANSFORM_BUILTIN_H
#define DEID_TRANSFORM_BUILTIN_H

#include <deid/plugin.h>

extern const struct deid_transform transform_remove;
extern const struct deid_transform transform_replace;
extern const struct deid_transform transform_keep;
extern const struct deid_transform transform_hash;
extern const struct deid_transform transform_hashuid;
extern const struct deid_transform transform_increment_date;
extern const struct deid_transform transform_increment_datetime;
extern const struct deid_transform transform_jitter;
extern const struct deid_transform transform_regex_sub;
extern const struct deid_transform transform_encrypt;
extern const struct deid_transform transform_decrypt;

/* All of them, NULL-terminated. */
extern const struct deid_transform *const transform_builtin[];

#endif
