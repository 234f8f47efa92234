/* SPDX-License-Identifier: MIT */
/*
 * A plugin with modules of its own. Its files hold the name of a module, and what is written is the text that
 * the module gives. `early: NAME` loads one while the profile is compiled.
 */
#include "tests/modules/companion.h"

#include <stdlib.h>
#include <string.h>

struct conf {
	const struct deid_host *host;
};

extern DEID_EXPORT const struct deid_plugin deid_plugin;

static int load(
    const struct deid_host *host, const char *name, const struct companion **module, struct deid_error *err)
{
	const struct deid_module *m;
	int rc = host->module(&deid_plugin, name, sizeof **module, COMPANION_TABLE_VERSION, &m, err);
	*module = (const struct companion *)m;
	return rc;
}

static const struct deid_setting settings[] = {
    {.size = sizeof(struct deid_setting), .type = DEID_T_STR, .key = "early", .help = "a module to load"},
    {0},
};

static int conf_new(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	const struct deid_node *early = host->node_get(section, "early");
	const struct companion *module;
	struct conf *c = malloc(sizeof *c);
	*conf = NULL;
	if (!c)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	c->host = host;
	int rc = early ? load(host, host->node_str(early).p, &module, err) : DEID_OK;
	if (rc == DEID_OK)
		*conf = c;
	else
		free(c);
	return rc;
}

static int path_new(void *conf, struct deid_str text, const struct deid_node *node, void **path,
    struct deid_path_info *info, struct deid_error *err)
{
	const struct conf *c = conf;
	(void)text;
	(void)info;
	*path = NULL;
	return c->host->complain(err, node, "there are no fields");
}

static int stream(
    struct deid_job *job, void *conf, struct deid_source *src, struct deid_sink *sink, struct deid_error *err)
{
	const struct deid_host *host = ((const struct conf *)conf)->host;
	char name[32] = "";
	const struct companion *module;
	uint64_t n = host->src_size(src);
	(void)job;
	if (n >= sizeof name)
		return host->fail(err, DEID_FAILED, DEID_E_FORMAT, "no name of a module");
	int rc = host->src_read(src, 0, name, (size_t)n, err);
	if (rc == DEID_OK)
		rc = load(host, name, &module, err);
	if (rc == DEID_OK && sink)
		rc = host->sink_write(sink, module->text(), strlen(module->text()), err);
	return rc;
}

static const char *const filters[] = {"*.owner", NULL};

static const struct deid_format format = {
    .size = sizeof(struct deid_format),
    .section = "owner",
    .summary = "what another part writes",
    .filters = filters,
    .settings = settings,
    .conf_new = conf_new,
    .conf_free = free,
    .path_new = path_new,
    .path_free = free,
    .stream = stream,
};

static int init(const struct deid_host *host, struct deid_registrar *r, struct deid_error *err)
{
	return host->register_format(r, &format, err);
}

DEID_PLUGIN("owner", "1.0", "MIT", init, NULL);
