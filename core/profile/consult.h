/* SPDX-License-Identifier: MIT */
/* Documents that are installed: profiles, and what a profile refers to by name. */
#ifndef DEID_PROFILE_CONSULT_H
#define DEID_PROFILE_CONSULT_H

#include "core/profile/document.h"
#include "core/util/str.h"

/* [FOLDER/]NAME.yaml, in the folders of DEID_PROFILE_PATH, then where profiles are installed. False: there is
 * none; *out means nothing then. folder = NULL: none. */
bool consult_find(struct buf *out, const char *folder, struct deid_str name);

/* The service host->consult(). */
int consult(const struct deid_node *at, const char *folder, struct deid_str name,
    const struct deid_setting *keys, int (*use)(void *arg, const struct deid_node *root, struct deid_error *),
    void *arg, struct deid_error *);

#endif
