/* SPDX-License-Identifier: MIT */
/* Images: one plugin, since they share the code for EXIF and the like. */
#include "plugins/image/plugin.h"

static int init(const struct deid_host *host, struct deid_registrar *reg, struct deid_error *err)
{
	static const struct deid_format *const formats[] = {&jpg_format, &png_format, &tiff_format, NULL};
	int rc = DEID_OK;

	for (size_t i = 0; formats[i] && rc == DEID_OK; i++)
		rc = host->register_format(reg, formats[i], err);
	return rc;
}

DEID_PLUGIN("image", "0.1.0", "MIT", init, NULL);
