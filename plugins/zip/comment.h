/* SPDX-License-Identifier: MIT */
/* The one field that an archive has itself: its comment. An empty one is none. */
#ifndef DEID_PLUGINS_ZIP_COMMENT_H
#define DEID_PLUGINS_ZIP_COMMENT_H

#include "plugins/zip/zip.h"

#define ZIP_COMMENT "comment"

/* The bytes of the comment, as they are to be written. Untouched they stay as they are. */
int comment_apply(struct deid_job *, const struct zip_conf *, struct deid_str *comment, struct deid_error *);

#endif
