/* SPDX-License-Identifier: MIT */
/* Temporary files: without a name, or made under a lock, so that one whose lock is free was left by a killed
 * run. */
#ifndef DEID_IO_TEMP_H
#define DEID_IO_TEMP_H

#include <deid/plugin.h>

#define TEMP_PREFIX ".deid-tmp-"
#define TEMP_NAME_SIZE (sizeof(TEMP_PREFIX) + 16) /* the prefix, 16 hexadecimal digits, NUL */

/* A new file of mode 0600 in dirfd, open for reading and writing. Where the file system can, it has no name
 * (name is "") before temp_rename(): nothing is left of it when the run is killed, and workers that make
 * files in one folder do not wait for each other. Elsewhere it has a name, and is locked as long as it is
 * open. */
int temp_open(int dirfd, char name[TEMP_NAME_SIZE], int *fd, struct deid_error *);
/* The same, and it never gets a name. */
int temp_open_nameless(int dirfd, int *fd, struct deid_error *);
/* Gives a file of temp_open() its name in dirfd. Without `replace` a name that is taken is DEID_E_CONFLICT.
 * After a failure temp is the name it has then, if any. */
int temp_rename(
    int dirfd, char temp[TEMP_NAME_SIZE], int fd, const char *name, bool replace, struct deid_error *);

#endif
