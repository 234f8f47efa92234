/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/module.h"

#include "core/engine/trust.h"
#include <dlfcn.h>
#include <errno.h>
#include <libgen.h>
#include <ltdl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTOR_SYMBOL "deid_plugin"

bool module_folder_good(const char *folder, struct buf *why)
{
	struct stat st;
	if (stat(folder, &st) == 0 && !S_ISDIR(st.st_mode)) {
		buf_printf(why, "%s is not a folder", folder);
		return false;
	}
	return trust_owner(folder, why);
}

static char *try_path(const char *folder, const char *sub, const char *name, const char *ext)
{
	struct buf b = {0};
	if (!buf_printf(&b, "%s/%s%s%s", folder, sub, name, ext) || !buf_cstr(&b) || access(b.p, F_OK) != 0) {
		buf_free(&b);
		return NULL;
	}
	return b.p;
}

char *module_find(const char *folder, const char *name)
{
	char *path = try_path(folder, "", name, ".so");
	if (path)
		return path;
	char *la = try_path(folder, "", name, ".la");
	if (la)
		path = try_path(folder, ".libs/", name, ".so");
	free(la);
	return path;
}

/* The file and the folder it is really in (for an uninstalled build that is .libs). */
static bool file_good(const char *path, struct buf *why)
{
	char *copy = strdup(path);
	bool good = copy && trust_owner(dirname(copy), why) && trust_owner(path, why) && trust_elf(path, why);
	free(copy);
	return good;
}

static bool descriptor_good(const struct deid_plugin *d, const char *path, const char *name, struct buf *why)
{
	/* `size` and the ABI numbers have the same place in every ABI; the rest only counts when they fit. */
	if (d->abi_major != DEID_ABI_MAJOR)
		buf_printf(
		    why, "%s: abi_major is %u, this program has %d", path, d->abi_major, DEID_ABI_MAJOR);
	else if (d->abi_minor > DEID_ABI_MINOR)
		buf_printf(why, "%s: abi_minor is %u, newer than %d of this program", path, d->abi_minor,
		    DEID_ABI_MINOR);
	else if (d->size < offsetof(struct deid_plugin, fini) + sizeof d->fini)
		buf_printf(why, "%s: size is %u, less than the %zu of ABI 1.0", path, (unsigned)d->size,
		    offsetof(struct deid_plugin, fini) + sizeof d->fini);
	else if (!d->name || strcmp(d->name, name) != 0)
		buf_printf(
		    why, "%s: name is '%s', the file is called '%s'", path, d->name ? d->name : "", name);
	else if (!d->version || !d->license)
		buf_printf(why, "%s: %s is missing", path, d->version ? "license" : "version");
	else if (!d->init)
		buf_printf(why, "%s: init is missing", path);
	else
		return true;
	return false;
}

/* Through ltdl too, which knows libtool's modules; it finds what dlopen() has mapped already. */
static bool ltdl_open(const char *path, struct buf *why)
{
	lt_dladvise advise;
	if (lt_dladvise_init(&advise) != 0) {
		buf_printf(why, "%s: %s", path, lt_dlerror());
		return false;
	}
	lt_dladvise_ext(&advise);
	lt_dladvise_local(&advise);
	lt_dlhandle handle = lt_dlopenadvise(path, advise);
	if (!handle)
		buf_printf(why, "%s: %s", path, lt_dlerror());
	lt_dladvise_destroy(&advise);
	return handle != NULL;
}

const struct deid_plugin *module_load(const char *path, const char *name, struct buf *why)
{
	if (!file_good(path, why))
		return NULL;
	/* ltdl binds lazily and says "file not found" to every failure; dlerror() says the reason. */
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!handle) {
		buf_printf(why, "%s", dlerror());
		return NULL;
	}
	const struct deid_plugin *d = dlsym(handle, DESCRIPTOR_SYMBOL);
	if (!d)
		buf_printf(why, "%s has no symbol %s: it is not a plugin", path, DESCRIPTOR_SYMBOL);
	else if (descriptor_good(d, path, name, why) && ltdl_open(path, why))
		return d;
	dlclose(handle);
	return NULL;
}
