/* SPDX-License-Identifier: MIT */
#include "plugins/common/jpeg-mask.h"

extern DEID_EXPORT const struct jpeg_mask_module deid_module;
const struct jpeg_mask_module deid_module = {
    .head = {sizeof(struct jpeg_mask_module), JPEG_MASK_VERSION, JPEG_MASK_MODULE},
    .mask = jpeg_mask,
};
