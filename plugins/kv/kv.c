/* SPDX-License-Identifier: MIT */
/*
 * The format key-value-text-file: a key, a delimiter and a value on each line, such as MetaImage headers
 * (.mhd). A field is a key, as it stands before the delimiter, blanks included.
 */
#include "plugins/kv/kv.h"

#include <stdlib.h>

/* For a look at a file without a profile. */
#define DELIMITER "\\s*[=:]\\s*"

static int read_section(struct kv_conf *c, const struct deid_node *section, struct deid_error *err)
{
	const struct deid_host *host = c->host;
	const struct deid_node *delimiter = host->node_get(section, "delimiter");
	const struct deid_node *encoding = host->node_get(section, "encoding");
	char why[256];
	int rc = DEID_OK;

	if (section && !delimiter)
		return host->complain(err, section, "delimiter: is required, a regular expression");
	c->splitter = splitter_new(section ? host->node_str(delimiter) : STR(DELIMITER), why);
	if (!c->splitter && !why[0])
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	if (!c->splitter)
		rc = host->complain(err, delimiter, "delimiter: not a regular expression: %s", why);
	c->ignore_bad = host->node_bool(host->node_get(section, "ignore-bad-lines"));
	if (!charset_init(&c->charset, encoding ? host->node_str(encoding) : STR("utf-8")))
		rc = host->complain(
		    err, encoding, "encoding: must be utf-8 or one of single bytes above ASCII");
	return rc;
}

static void conf_free(void *conf)
{
	struct kv_conf *c = conf;

	splitter_free(c->splitter);
	free(c);
}

static int conf_new(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	struct kv_conf *c = calloc(1, sizeof(*c));
	int rc;

	*conf = NULL;
	if (!c)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	c->host = host;
	rc = read_section(c, section, err);
	if (rc)
		conf_free(c);
	else
		*conf = c;
	return rc;
}

static int path_new(void *conf, struct deid_str text, const struct deid_node *node, void **path,
    struct deid_path_info *info, struct deid_error *err)
{
	const struct kv_conf *c = conf;

	*path = NULL;
	if (str_find(text, '\n', 0) < text.n || str_find(text, '\r', 0) < text.n)
		return c->host->complain(err, node, "name: a key is on one line");
	*path = entry_name_new(text);
	if (!*path)
		return c->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	info->flags = DEID_PATH_CREATE;
	info->kind = -1;
	return DEID_OK;
}

static void path_free(void *path)
{
	free(path);
}

static int judge(const void *conf, const struct deid_entry *e, struct deid_error *err)
{
	const struct kv_conf *c = conf;

	return entry_check_plain(c->host, e, 1, "a line", err);
}

static int seal(void *conf, const struct deid_entry *e, size_t n, struct deid_error *err)
{
	struct kv_conf *c = conf;

	c->entry = e;
	c->nentry = n;
	return entry_check_plain(c->host, e, n, "a line", err);
}

static int stream(
    struct deid_job *job, void *conf, struct deid_source *src, struct deid_sink *sink, struct deid_error *err)
{
	return kv_stream(job, conf, src, sink, err);
}

static const char *const filters[] = {"*.mhd", "*.MHD", NULL};

static const struct deid_setting settings[] = {
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_REGEX,
	.key = "delimiter",
	.help = "its first match in a line ends the key; required"},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_STR,
	.key = "encoding",
	.dflt = "utf-8",
	.help = "utf-8, or an encoding of single bytes such as latin-1"},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_BOOL,
	.key = "ignore-bad-lines",
	.dflt = "false",
	.help = "leave lines without a delimiter as they are"},
    {.size = sizeof(struct deid_setting)},
};

static const struct deid_format kv_format = {
    .size = sizeof(struct deid_format),
    .section = "key-value-text-file",
    .summary = "lines of a key, a delimiter and a value, such as MetaImage headers",
    .filters = filters,
    .settings = settings,
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
	return host->register_format(r, &kv_format, err);
}

DEID_PLUGIN("kv", "0.1.0", "MIT", init, NULL);
