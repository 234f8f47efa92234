/* SPDX-License-Identifier: MIT */
/* Properties that stand in EXIF, XMP and IPTC at once. */
#ifndef IMAGE_MIRROR_H
#define IMAGE_MIRROR_H

#include "plugins/image/meta.h"

/* A field is changed, or goes: its mirrors will. */
int mirror_note_field(
    struct meta *, const struct meta_block *, const struct deid_field *, struct deid_error *);
/* Takes out the mirrors of what was noted and of what entries name, but for those that entries name. */
int mirror_apply(struct meta *, struct deid_error *);

#endif
