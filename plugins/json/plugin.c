/* SPDX-License-Identifier: MIT */
/* The json plugin: what of the shared reader (json.h) makes a format of files. */
#include "plugins/json/json.h"

#include <stdlib.h>
#include <string.h>

static int conf_new(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	struct json_conf *c = calloc(1, sizeof(*c));
	int rc = c ? json_conf_init(c, host, section, err)
		   : host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");

	*conf = rc ? NULL : c;
	if (rc)
		free(c);
	return rc;
}

static void conf_free(void *conf)
{
	json_conf_clear(conf);
	free(conf);
}

static int path_new(void *conf, struct deid_str text, const struct deid_node *node, void **path,
    struct deid_path_info *info, struct deid_error *err)
{
	return json_name_new(conf, text, node, path, info, err);
}

static void path_free(void *path)
{
	free(path);
}

static int seal(void *conf, const struct deid_entry *e, size_t n, struct deid_error *err)
{
	return json_seal(conf, e, n, err);
}

static bool by_lines(struct deid_str name)
{
	static const char *const suffix[] = {".jsonl", ".ndjson"};

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(suffix[i]);

		if (name.n >= n && str_caseeq(str_sub(name, name.n - n, n), str_of(suffix[i])))
			return true;
	}
	return false;
}

static int stream(
    struct deid_job *job, void *conf, struct deid_source *src, struct deid_sink *sink, struct deid_error *err)
{
	const struct json_conf *c = conf;
	struct spans out = {.host = c->host, .sink = sink, .mute = !sink};

	return json_process(c, job, src, &out, by_lines(c->host->job_name(job)) ? JSON_LINES : 0, err);
}

static int judge(const void *conf, const struct deid_entry *e, struct deid_error *err)
{
	return json_judge(conf, e, err);
}

static const char *const filters[] = {"*.json", "*.JSON", "*.jsonl", "*.ndjson", NULL};

static const struct deid_setting settings[] = {
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_STR,
	.key = "separator",
	.dflt = ".",
	.help = "what stands between the steps of a name"},
    {.size = sizeof(struct deid_setting)},
};

static const struct deid_default defaults[] = {
    {"date-format", "%Y-%m-%d"},
    {"datetime-format", "%Y-%m-%d %H:%M:%S"},
    {NULL, NULL},
};

static const struct deid_format json_format = {
    .size = sizeof(struct deid_format),
    .flags = DEID_FORMAT_TYPED,
    .section = "json",
    .summary = "JSON documents, and files of one document a line",
    .filters = filters,
    .settings = settings,
    .defaults = defaults,
    .conf_new = conf_new,
    .conf_free = conf_free,
    .path_new = path_new,
    .path_free = path_free,
    .seal = seal,
    .judge = judge,
    .stream = stream,
};

static int init(const struct deid_host *host, struct deid_registrar *r, struct deid_error *err)
{
	return host->register_format(r, &json_format, err);
}

DEID_PLUGIN("json", "0.1.0", "MIT", init, NULL);
