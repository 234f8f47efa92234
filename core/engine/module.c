/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/module.h"

#include "core/engine/trust.h"
#include "core/util/error.h"
#include <dlfcn.h>
#include <errno.h>
#include <libgen.h>
#include <ltdl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTOR_SYMBOL "deid_plugin"
#define COMPANION_SYMBOL "deid_module"
#define COMPANION_FOLDER "modules"

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

/* ---- modules of plugins ------------------------------------------------------------------------ */

/* The folder of the modules of the plugin that `self` lies in. In a libtool build that is not installed the
 * plugin is in .libs, and its modules are beside that. malloc()ed. */
static char *companion_folder(const void *self, struct buf *why)
{
	Dl_info info;
	struct buf b = {0};
	if (dladdr(self, &info) == 0 || !info.dli_fname) {
		buf_printf(why, "nobody knows where the plugin that asks for it was loaded from");
		return NULL;
	}
	struct deid_str path = str_of(info.dli_fname);
	size_t slash = path.n;
	while (slash > 0 && path.p[slash - 1] != '/')
		slash--;
	struct deid_str folder = str_sub(path, 0, slash);
	if (str_suffix(folder, "/.libs/"))
		folder.n -= strlen(".libs/");
	if (!buf_printf(&b, "%.*s%s", (int)folder.n, folder.p, COMPANION_FOLDER) || !buf_cstr(&b)) {
		buf_printf(why, "no memory");
		buf_free(&b);
		return NULL;
	}
	return b.p;
}

static bool companion_good(const struct deid_module *m, const char *path, const char *name, uint32_t size,
    uint32_t version, struct buf *why)
{
	if (m->size != size || m->version != version)
		buf_printf(why,
		    "%s: its table has version %u and size %u, the plugin wants version %u and size %u", path,
		    m->version, m->size, version, size);
	else if (!m->name || strcmp(m->name, name) != 0)
		buf_printf(
		    why, "%s: name is '%s', the file is called '%s'", path, m->name ? m->name : "", name);
	else
		return true;
	return false;
}

static const struct deid_module *companion_load(
    const char *path, const char *name, uint32_t size, uint32_t version, struct buf *why)
{
	/* What is loaded already was checked when it was. */
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
	if (!handle) {
		if (!file_good(path, why))
			return NULL;
		handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	}
	if (!handle) {
		buf_printf(why, "%s", dlerror());
		return NULL;
	}
	const struct deid_module *m = dlsym(handle, COMPANION_SYMBOL);
	if (!m)
		buf_printf(why, "%s has no symbol %s: it is not a plugin's module", path, COMPANION_SYMBOL);
	else if (companion_good(m, path, name, size, version, why))
		return m; /* the handle is never closed: the table is used to the end */
	dlclose(handle);
	return NULL;
}

int module_companion(const void *self, const char *name, uint32_t size, uint32_t version,
    const struct deid_module **module, struct deid_error *err)
{
	struct buf why = {0};
	char *path = NULL, *folder = companion_folder(self, &why);
	int rc = DEID_FAILED;
	*module = NULL;
	if (!folder || (access(folder, F_OK) == 0 && !module_folder_good(folder, &why)))
		goto out;
	path = module_find(folder, name);
	if (!path)
		buf_printf(&why, "%s/%s.so is not there", folder, name);
	else
		*module = companion_load(path, name, size, version, &why);
	if (*module)
		rc = DEID_OK;
out:
	if (rc != DEID_OK)
		error_fail(
		    err, rc, DEID_E_PLUGIN, "the module %s cannot be used: %.*s", name, (int)why.n, why.p);
	free(path);
	free(folder);
	buf_free(&why);
	return rc;
}
