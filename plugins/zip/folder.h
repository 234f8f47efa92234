/* SPDX-License-Identifier: MIT */
/* Names of folders in the archive that is written. */
#ifndef DEID_PLUGINS_ZIP_FOLDER_H
#define DEID_PLUGINS_ZIP_FOLDER_H

#include "plugins/zip/zip.h"

/* Each part of the path as its hash (profile language, 4.3), or else made safe. but_last: the last one is no
 * folder. False: no memory. */
bool folder_path(
    const struct zip_conf *, struct deid_job *, struct deid_str path, bool but_last, struct buf *out);

#endif
