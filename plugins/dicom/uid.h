/* SPDX-License-Identifier: MIT */
/* The UID that takes the place of one that must not stay. */
#ifndef DICOM_UID_H
#define DICOM_UID_H

#include "plugins/dicom/conf.h"

#define UID_MAX 65

/* What `hashuid` with the section's options makes of `uid`; `2.25.` and the decimal of the first 16 bytes of
 * the digest where that is impossible. In buf. */
int uid_replacement(
    const struct conf *, struct deid_str uid, char buf[UID_MAX], struct deid_str *out, struct deid_error *);

#endif
