/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/builtin.h"

const struct deid_transform *const transform_builtin[] = {
    &transform_remove,
    &transform_replace,
    &transform_keep,
    &transform_hash,
    &transform_hashuid,
    &transform_increment_date,
    &transform_increment_datetime,
    &transform_jitter,
    &transform_regex_sub,
    &transform_encrypt,
    &transform_decrypt,
    NULL,
};
