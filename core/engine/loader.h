/* SPDX-License-Identifier: MIT */
/*
 * Finds, checks and loads plugins; owns the registry they fill.
 *
 * Folders are searched in the order in which they were added. A section S is looked for as
 *   1. a module S.so in a folder (or S.la with .libs/S.so: a libtool build that is not installed),
 *   2. the module NAME.so beside a hint file NAME.provides that says `format S` (`transform T`), one a line,
 *   3. every other module, one by one, until one has it.
 * so that a run loads what its profile needs and no more. Nothing of a module is called before its owner,
 * mode and descriptor are checked. A module that is refused leaves the others in use; why it was refused
 * is kept. Modules stay resident until the process ends. One thread only.
 */
#ifndef DEID_ENGINE_LOADER_H
#define DEID_ENGINE_LOADER_H

#include "core/engine/registry.h"
#include "core/profile/profile.h"
#include "core/util/arena.h"

/* One module that was tried. */
struct plugin {
	const char *name; /* the file's stem */
	const char *path;
	const struct deid_plugin *descriptor; /* NULL: refused before it was read */
	const char *refused;                  /* why; NULL: it is in use */
};

struct loader_folder {
	const char *path; /* absolute where the system could tell */
	const char *bad;  /* why nothing is loaded from it; NULL: good */
};

struct loader {
	const struct deid_host *host;
	struct registry registry;
	struct arena arena;
	struct loader_folder *folder;
	size_t nfolder, folder_cap;
	struct plugin **plugin;
	size_t nplugin, plugin_cap;
	const char **section; /* what loader_sections() gave last */
	bool ltdl;
	bool all; /* every module was tried */
};

int loader_init(struct loader *, const struct deid_host *, struct deid_error *);
/* Calls fini() of the plugins; what they registered is gone. */
void loader_free(struct loader *);

/* A folder that must be there (required: one the user named), or may be missing. */
int loader_add_folder(struct loader *, const char *path, bool required, struct deid_error *);
/* A colon-separated list (DEID_PLUGIN_PATH); empty parts are skipped. */
int loader_add_path(struct loader *, const char *list, struct deid_error *);

/* NULL: not found. *why is then NULL when no plugin has it, else the reason why the one that should have
 * it was refused; it lives as long as the loader. `why` may be NULL. */
const struct deid_format *loader_format(struct loader *, const char *section, const char **why);
/* Is it a group, whose sections are called `group`.SOMETHING? Their plugin is called as the group. */
bool loader_group(struct loader *, const char *group);
const struct deid_transform *loader_transform(struct loader *, const char *action, const char **why);
/* Tries every module. */
void loader_all(struct loader *);

/* The loader as the profile compiler wants to see it. */
struct provider loader_provider(struct loader *);

#endif
