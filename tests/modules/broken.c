/* SPDX-License-Identifier: MIT */
/*
 * A plugin that is broken in one way: built several times, with BROKEN_… saying how. init() leaves a file
 * behind where DEID_TEST_CALLED says, so that a test sees which plugins were called.
 */
#include <deid/plugin.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef BROKEN_NAME
#define BROKEN_NAME "broken"
#endif
#ifndef BROKEN_SECTION
#define BROKEN_SECTION "broken-section"
#endif
#ifndef BROKEN_MAJOR
#define BROKEN_MAJOR DEID_ABI_MAJOR
#endif
#ifndef BROKEN_MINOR
#define BROKEN_MINOR DEID_ABI_MINOR
#endif
#ifndef BROKEN_SIZE
#define BROKEN_SIZE sizeof(struct deid_plugin)
#endif
#ifndef BROKEN_FORMAT_SIZE
#define BROKEN_FORMAT_SIZE sizeof(struct deid_format)
#endif

#ifdef BROKEN_UNDEFINED
extern int deid_test_symbol_that_nobody_has(void);
#endif

static int conf_new(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	(void)host;
	(void)section;
	(void)err;
	*conf = NULL;
	return DEID_OK;
}

static void nothing_free(void *p)
{
	(void)p;
}

static int path_new(void *conf, struct deid_str text, const struct deid_node *node, void **path,
    struct deid_path_info *info, struct deid_error *err)
{
	(void)conf;
	(void)text;
	(void)node;
	(void)info;
	(void)err;
	*path = NULL;
	return DEID_OK;
}

#ifndef BROKEN_INCOMPLETE
static int stream(
    struct deid_job *job, void *conf, struct deid_source *src, struct deid_sink *sink, struct deid_error *err)
{
	(void)job;
	(void)conf;
	(void)src;
	(void)sink;
	(void)err;
	return DEID_OK;
}
#endif

static const char *const filters[] = {"*.broken", NULL};

static const struct deid_format format = {
    .size = BROKEN_FORMAT_SIZE,
    .section = BROKEN_SECTION,
    .summary = "a format of a broken plugin",
    .filters = filters,
    .conf_new = conf_new,
    .conf_free = nothing_free,
    .path_new = path_new,
    .path_free = nothing_free,
#ifndef BROKEN_INCOMPLETE
    .stream = stream,
#endif
};

static void leave_mark(void)
{
	const char *where = getenv("DEID_TEST_CALLED");
	FILE *f = where ? fopen(where, "a") : NULL;
	if (f) {
		fputs(BROKEN_NAME "\n", f);
		fclose(f);
	}
}

int broken_init(const struct deid_host *, struct deid_registrar *, struct deid_error *);

int broken_init(const struct deid_host *host, struct deid_registrar *r, struct deid_error *err)
{
	leave_mark();
#ifdef BROKEN_UNDEFINED
	if (deid_test_symbol_that_nobody_has())
		return DEID_FAILED;
#endif
	int rc = host->register_format(r, &format, err);
#if defined(BROKEN_TWICE)
	/* The result is lost on purpose: the core has to remember. */
	(void)host->register_format(r, &format, err);
	return rc;
#elif defined(BROKEN_FAILS)
	(void)rc;
	return host->fail(err, DEID_FAILED, DEID_E_PLUGIN, "its library has the wrong version");
#elif defined(BROKEN_SILENT)
	(void)rc;
	return DEID_FAILED;
#else
	return rc;
#endif
}

#ifndef BROKEN_NO_SYMBOL
extern DEID_EXPORT const struct deid_plugin deid_plugin;
const struct deid_plugin deid_plugin = {BROKEN_SIZE, BROKEN_MAJOR, BROKEN_MINOR, BROKEN_NAME, "1.0", "MIT",
#ifdef BROKEN_NO_INIT
    NULL,
#else
    broken_init,
#endif
    NULL};
#endif
