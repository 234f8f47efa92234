/* SPDX-License-Identifier: MIT */
/* Whether a file that is about to run in our process may do so. */
#ifndef DEID_ENGINE_TRUST_H
#define DEID_ENGINE_TRUST_H

#include "core/util/str.h"
#include <stdbool.h>

/* The owner of path must be root or, unless we are root, the effective user, and neither group nor others
 * may write to it. False: *why says what is wrong. */
bool trust_owner(const char *path, struct buf *why);
/* A whole ELF object: dlopen() of a file that was cut short dies of SIGBUS instead of saying so. */
bool trust_elf(const char *path, struct buf *why);

#endif
