/* SPDX-License-Identifier: MIT */
/* Temporary files: made under a lock, so that one whose lock is free was left by a killed run. */
#ifndef DEID_IO_TEMP_H
#define DEID_IO_TEMP_H

#include <deid/plugin.h>

#define TEMP_PREFIX ".deid-tmp-"
#define TEMP_NAME_SIZE (sizeof(TEMP_PREFIX) + 16) /* the prefix, 16 hexadecimal digits, NUL */

/* A new file of mode 0600 in dirfd, open for reading and writing, locked as long as it is open. */
int temp_open(int dirfd, char name[TEMP_NAME_SIZE], int *fd, struct deid_error *);
/* The same without a name: it goes when it is closed. */
int temp_open_nameless(int dirfd, int *fd, struct deid_error *);
/* Renames a temporary file within dirfd. Without `replace` a name that is taken is DEID_E_CONFLICT. */
int temp_rename(int dirfd, const char *temp, const char *name, bool replace, struct deid_error *);

#endif
