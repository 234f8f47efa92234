/* SPDX-License-Identifier: MIT */
/* What a file has beside its bytes. */
#ifndef DEID_IO_PRESERVE_H
#define DEID_IO_PRESERVE_H

#include <deid/plugin.h>

/*
 * Gives `to` the owner of `from` where this is allowed, then its mode (without set-uid and set-gid when the
 * owner is another), its extended attributes and its times. Attributes of the name spaces "security" and
 * "trusted" stay behind: they say how the system treats the very bytes of `from`. What the target's file
 * system does not have, or does not let us set, is left out; other errors fail.
 */
int preserve_all(int from, int to, struct deid_error *);

#endif
