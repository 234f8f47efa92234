/* SPDX-License-Identifier: MIT */
/* The formats that this plugin registers; each is defined in the source of its name. */
#ifndef IMAGE_PLUGIN_H
#define IMAGE_PLUGIN_H

#include <deid/plugin.h>

extern const struct deid_format jpg_format;
extern const struct deid_format png_format;
extern const struct deid_format tiff_format;

#endif
