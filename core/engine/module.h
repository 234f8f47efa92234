/* SPDX-License-Identifier: MIT */
/* One plugin file, or a module that belongs to one: where it is, whether it may be loaded, and its
 * descriptor. */
#ifndef DEID_ENGINE_MODULE_H
#define DEID_ENGINE_MODULE_H

#include "core/util/str.h"
#include <deid/plugin.h>

/* Owner and mode; also a folder it is. False: *why says what is wrong. */
bool module_folder_good(const char *folder, struct buf *why);
/* The path of module `name` in a folder: NAME.so, or .libs/NAME.so beside NAME.la. malloc()ed; NULL: there
 * is none. */
char *module_find(const char *folder, const char *name);
/* Checks the file, opens it, and reads its descriptor; none of its functions is called. path is absolute,
 * lt_dlinit() was called. The module stays resident. NULL: *why says what differs. */
const struct deid_plugin *module_load(const char *path, const char *name, struct buf *why);
/* The service host->module(). It keeps no list: what is loaded the dynamic linker knows, and it has a lock.
 */
int module_companion(const void *self, const char *name, uint32_t size, uint32_t version,
    const struct deid_module **, struct deid_error *);

#endif
