/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/loader.h"

#include "core/engine/module.h"
#include "core/transform/builtin.h"
#include <dirent.h>
#include <errno.h>
#include <ltdl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is wanted of a plugin. */
struct wanted {
	bool format; /* else a transform */
	const char *name;
};

int loader_init(struct loader *l, const struct deid_host *host, struct deid_error *err)
{
	*l = (struct loader){.host = host};
	arena_init(&l->arena, 0);
	registry_init(&l->registry);
	return registry_builtin(&l->registry, transform_builtin, err);
}

void loader_free(struct loader *l)
{
	for (size_t i = l->nplugin; i-- > 0;) {
		const struct plugin *p = l->plugin[i];
		if (!p->refused && p->descriptor->fini)
			p->descriptor->fini();
	}
	registry_free(&l->registry);
	arena_free(&l->arena);
	free(l->folder);
	free(l->plugin);
	free(l->section);
	*l = (struct loader){0};
}

int loader_add_folder(struct loader *l, const char *path, bool required, struct deid_error *err)
{
	if (access(path, F_OK) != 0) {
		if (!required && (errno == ENOENT || errno == ENOTDIR))
			return DEID_OK;
		return error_errno(err, DEID_FATAL, "plugin folder %s", path);
	}
	if (l->nfolder == l->folder_cap) {
		size_t cap = l->folder_cap ? 2 * l->folder_cap : 4;
		void *p = reallocarray(l->folder, cap, sizeof *l->folder);
		if (!p)
			return error_nomem(err);
		l->folder = p;
		l->folder_cap = cap;
	}
	/* ltdl takes a name without a slash at its start for one to search. */
	char *real = realpath(path, NULL);
	struct loader_folder f = {arena_printf(&l->arena, "%s", real ? real : path), NULL};
	free(real);
	if (!f.path)
		return error_nomem(err);
	struct buf why = {0};
	if (!module_folder_good(f.path, &why))
		f.bad = arena_printf(&l->arena, "%.*s", (int)why.n, why.p);
	buf_free(&why);
	l->folder[l->nfolder++] = f;
	return DEID_OK;
}

int loader_add_path(struct loader *l, const char *list, struct deid_error *err)
{
	struct deid_str rest = str_of(list), part;
	int rc = DEID_OK;
	while (rc == DEID_OK && str_split(&rest, ':', &part)) {
		if (part.n == 0)
			continue;
		const char *path = arena_dup(&l->arena, part).p;
		rc = path ? loader_add_folder(l, path, false, err) : error_nomem(err);
	}
	return rc;
}

/* ---- one module -------------------------------------------------------------------------------- */

static bool has_it(const struct loader *l, const struct wanted *w)
{
	struct deid_str name = str_of(w->name);

	if (w->format)
		return registry_find_format(&l->registry, name) || registry_group(&l->registry, name);
	return registry_find_transform(&l->registry, name) != NULL;
}

/* The module of that name which is in use, or the refused one of exactly this path. */
static struct plugin *tried(const struct loader *l, const char *name, const char *path)
{
	for (size_t i = 0; i < l->nplugin; i++) {
		struct plugin *p = l->plugin[i];
		if (strcmp(p->name, name) == 0 && (!p->refused || strcmp(p->path, path) == 0))
			return p;
	}
	return NULL;
}

static struct plugin *remember(struct loader *l, const char *name, const char *path)
{
	struct plugin *p = arena_zalloc(&l->arena, sizeof *p);
	if (!p)
		return NULL;
	p->name = arena_printf(&l->arena, "%s", name);
	p->path = arena_printf(&l->arena, "%s", path);
	if (!p->name || !p->path)
		return NULL;
	if (l->nplugin == l->plugin_cap) {
		size_t cap = l->plugin_cap ? 2 * l->plugin_cap : 8;
		void *list = reallocarray(l->plugin, cap, sizeof *l->plugin);
		if (!list)
			return NULL;
		l->plugin = list;
		l->plugin_cap = cap;
	}
	l->plugin[l->nplugin++] = p;
	return p;
}

static void run_init(struct loader *l, struct plugin *p)
{
	struct deid_registrar by = {&l->registry, l->nplugin - 1, false};
	struct registry_mark mark = registry_mark(&l->registry);
	struct deid_error err;
	error_init(&err);
	int rc = p->descriptor->init(l->host, &by, &err);
	if (rc != DEID_OK || by.refused) {
		struct buf text = {0};
		registry_rollback(&l->registry, mark);
		bool told = err.rc != DEID_OK && error_text(&err, &text);
		p->refused =
		    told ? arena_printf(&l->arena, "%s: init failed: %.*s", p->path, (int)text.n, text.p)
			 : arena_printf(&l->arena, "%s: init failed and did not say why", p->path);
		if (!p->refused)
			p->refused = "no memory";
		buf_free(&text);
	}
	error_free(&err);
}

/* NULL only without memory. */
static struct plugin *load(struct loader *l, size_t folder, const char *name, const char *path)
{
	struct plugin *p = tried(l, name, path);
	if (p)
		return p;
	p = remember(l, name, path);
	if (!p)
		return NULL;
	if (l->folder[folder].bad) {
		p->refused = l->folder[folder].bad;
		return p;
	}
	if (!l->ltdl) {
		if (lt_dlinit() != 0) {
			p->refused = "libltdl does not start";
			return p;
		}
		l->ltdl = true;
	}
	struct buf why = {0};
	p->descriptor = module_load(path, name, &why);
	if (!p->descriptor) {
		p->refused = arena_printf(&l->arena, "%.*s", (int)why.n, why.p);
		if (!p->refused)
			p->refused = "no memory";
	}
	buf_free(&why);
	if (!p->refused)
		run_init(l, p);
	return p;
}

/* The module `name` of a folder, when it is there. */
static struct plugin *load_named(struct loader *l, size_t folder, const char *name)
{
	char *path = module_find(l->folder[folder].path, name);
	struct plugin *p = path ? load(l, folder, name, path) : NULL;
	free(path);
	return p;
}

/* ---- searching --------------------------------------------------------------------------------- */

/* Calls visit with the stem of each entry of a folder that ends in `suffix`, in the order of names, until
 * it gives true. */
static bool each_stem(struct loader *l, size_t folder, const char *suffix,
    bool (*visit)(struct loader *, size_t, const char *, void *), void *arg)
{
	struct dirent **list;
	int n = scandir(l->folder[folder].path, &list, NULL, alphasort);
	bool stop = false;
	for (int i = 0; i < n; i++) {
		struct deid_str file = str_of(list[i]->d_name);
		size_t cut = strlen(suffix);
		if (!stop && file.n > cut && file.p[0] != '.' && str_suffix(file, suffix)) {
			list[i]->d_name[file.n - cut] = '\0';
			stop = visit(l, folder, list[i]->d_name, arg);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return stop;
}

/* Does a line of NAME.provides say what is wanted? */
static bool hint_names(const char *path, const struct wanted *w)
{
	FILE *f = fopen(path, "re");
	if (!f)
		return false;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	bool found = false;
	while (!found && (n = getline(&line, &cap, f)) >= 0) {
		struct deid_str s = str_trim((struct deid_str){line, (size_t)n});
		size_t gap = str_find(s, ' ', 0);
		found = str_eqz(str_sub(s, 0, gap), w->format ? "format" : "transform") &&
			str_eqz(str_trim(str_sub(s, gap, s.n)), w->name);
	}
	free(line);
	fclose(f);
	return found;
}

struct search {
	const struct wanted *wanted;
	const char *hinted; /* why a plugin that a hint names was refused */
};

static bool visit_hint(struct loader *l, size_t folder, const char *stem, void *arg)
{
	struct search *s = arg;
	const char *path = arena_printf(&l->arena, "%s/%s.provides", l->folder[folder].path, stem);
	if (path && hint_names(path, s->wanted)) {
		const struct plugin *p = load_named(l, folder, stem);
		if (p && p->refused && !s->hinted)
			s->hinted = p->refused;
	}
	return has_it(l, s->wanted);
}

/* arg: NULL to go through all. */
static bool visit_module(struct loader *l, size_t folder, const char *stem, void *arg)
{
	const struct search *s = arg;
	load_named(l, folder, stem);
	return s && has_it(l, s->wanted);
}

void loader_all(struct loader *l)
{
	if (l->all)
		return;
	for (size_t i = 0; i < l->nfolder; i++) {
		each_stem(l, i, ".so", visit_module, NULL);
		each_stem(l, i, ".la", visit_module, NULL);
	}
	l->all = true;
}

/* A section's name comes from a document: it must not lead out of the folder. */
static bool plain_name(const char *z)
{
	return z[0] && !strpbrk(z, "/.") && strlen(z) < 128;
}

/* Why nothing was found; NULL: nothing speaks for any plugin having it. */
static const char *explain(struct loader *l, const struct wanted *w, const char *hinted)
{
	const struct plugin *first = NULL;
	for (size_t i = 0; i < l->nplugin; i++) {
		const struct plugin *p = l->plugin[i];
		if (p->refused && strcmp(p->name, w->name) == 0)
			return p->refused;
		if (p->refused && !first)
			first = p;
	}
	if (hinted || !first)
		return hinted;
	/* Nobody can tell what a plugin that was refused would have had. */
	return arena_printf(
	    &l->arena, "no plugin in use has it, and plugin %s was refused: %s", first->name, first->refused);
}

static bool search(struct loader *l, const struct wanted *w, const char **why)
{
	struct search s = {w, NULL};
	bool found = has_it(l, w), possible = plain_name(w->name);
	if (!found && possible && !l->all) {
		for (size_t i = 0; i < l->nfolder && !found; i++) {
			load_named(l, i, w->name);
			found = has_it(l, w);
		}
		for (size_t i = 0; i < l->nfolder && !found; i++)
			found = each_stem(l, i, ".provides", visit_hint, &s);
		for (size_t i = 0; i < l->nfolder && !found; i++)
			found = each_stem(l, i, ".so", visit_module, &s) ||
				each_stem(l, i, ".la", visit_module, &s);
		l->all = !found;
	}
	if (why)
		*why = found || !possible ? NULL : explain(l, w, s.hinted);
	return found;
}

const struct deid_format *loader_format(struct loader *l, const char *section, const char **why)
{
	struct deid_str name = str_of(section);
	size_t dot = str_find(name, '.', 0);
	bool known = registry_group(&l->registry, str_sub(name, 0, dot));
	const struct registry_format *f;
	if (!known) {
		/* A section of a group is looked for as the group. */
		struct wanted w = {true, section};
		if (dot < name.n)
			w.name = arena_dup(&l->arena, str_sub(name, 0, dot)).p;
		if (!w.name || !search(l, &w, why))
			return NULL;
	}
	if (why)
		*why = NULL;
	f = registry_find_format(&l->registry, name);
	return f ? f->format : NULL;
}

bool loader_group(struct loader *l, const char *group)
{
	struct wanted w = {true, group};
	return search(l, &w, NULL) && registry_group(&l->registry, str_of(group));
}

const struct deid_transform *loader_transform(struct loader *l, const char *action, const char **why)
{
	struct wanted w = {false, action};
	if (!search(l, &w, why))
		return NULL;
	return registry_find_transform(&l->registry, str_of(action));
}

/* ---- what the profile compiler sees ------------------------------------------------------------ */

static const struct deid_format *provide_format(void *arg, const char *section, const char **why)
{
	return loader_format(arg, section, why);
}

static bool provide_group(void *arg, const char *group)
{
	return loader_group(arg, group);
}

static const struct deid_transform *provide_transform(void *arg, const char *action, const char **why)
{
	return loader_transform(arg, action, why);
}

static size_t provide_transforms(void *arg, const struct deid_transform *const **list)
{
	const struct loader *l = arg;
	*list = l->registry.transform;
	return l->registry.ntransform;
}

/* Only asked for a suggestion: then the time to load them all does not matter. */
static size_t provide_sections(void *arg, const char *const **list)
{
	struct loader *l = arg;
	loader_all(l);
	size_t n = l->registry.nformat;
	const char **p = reallocarray(l->section, n ? n : 1, sizeof *p);
	if (!p)
		return 0;
	for (size_t i = 0; i < n; i++)
		p[i] = l->registry.format[i].format->section;
	l->section = p;
	*list = p;
	return n;
}

struct provider loader_provider(struct loader *l)
{
	return (struct provider){
	    .arg = l,
	    .host = l->host,
	    .format = provide_format,
	    .group = provide_group,
	    .transform = provide_transform,
	    .transforms = provide_transforms,
	    .sections = provide_sections,
	};
}
