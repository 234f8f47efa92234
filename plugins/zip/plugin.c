/* SPDX-License-Identifier: MIT */
#include "plugins/common/entries.h"
#include "plugins/zip/comment.h"

#include "core/util/bytes.h"
#include <stdlib.h>

#define HASH_DIGITS 16 /* the default of "hash-digits"; 0: all of them */
#define HASH_DIGITS_ALL 64

static int conf_new(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	const struct deid_node *digits = host->node_get(section, "hash-digits");
	const struct deid_node *validate = host->node_get(section, "validate-zip-members");
	struct zip_conf *c = calloc(1, sizeof *c);

	*conf = c;
	if (!c)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	c->host = host;
	c->hash_folders = host->node_bool(host->node_get(section, "hash-subdirectories"));
	c->validate = !validate || host->node_bool(validate);
	c->salt = host->node_str(host->node_get(section, "salt"));
	c->digits = digits ? (size_t)host->node_int(digits) : HASH_DIGITS;
	if (!c->digits || c->digits > HASH_DIGITS_ALL)
		c->digits = HASH_DIGITS_ALL;
	return DEID_OK;
}

static void conf_free(void *conf)
{
	free(conf);
}

static int path_new(void *conf, struct deid_str text, const struct deid_node *node, void **path,
    struct deid_path_info *info, struct deid_error *err)
{
	const struct zip_conf *c = conf;

	*path = NULL;
	if (!str_eqz(text, ZIP_COMMENT))
		return c->host->complain(err, node,
		    "name: an archive has one field, comment; what it holds has sections of its own");
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

static int seal(void *conf, const struct deid_entry *e, size_t n, struct deid_error *err)
{
	struct zip_conf *c = conf;

	c->entry = e;
	c->nentry = n;
	return entry_check_plain(c->host, e, n, "a comment", err);
}

static int judge(const void *conf, const struct deid_entry *e, struct deid_error *err)
{
	const struct zip_conf *c = conf;

	return entry_check_plain(c->host, e, 1, "a comment", err);
}

/* A member at the front, or the end record of an archive without members. */
static int claim(const struct deid_host *host, struct deid_source *src, int *score, struct deid_error *err)
{
	const void *p;
	size_t n;

	*score = DEID_CLAIM_NO;
	if (host->src_peek(src, 0, 4, &p, &n, err) != DEID_OK)
		return DEID_FAILED;
	if (n == 4 && (get_le32(p) == 0x04034b50 || get_le32(p) == 0x06054b50))
		*score = DEID_CLAIM_MAGIC;
	return DEID_OK;
}

#define SIZE .size = sizeof(struct deid_setting)

static const struct deid_setting settings[] = {
    {SIZE, .type = DEID_T_BOOL, .key = "hash-subdirectories", .dflt = "false",
	.help = "names of folders are replaced by their hash"},
    {SIZE, .type = DEID_T_BOOL, .key = "validate-zip-members", .dflt = "true",
	.help = "one member that fails, or that no section claims, fails the archive; else it is left out"},
    {SIZE},
};

static const char *const filters[] = {"*.zip", "*.ZIP", NULL};

static const struct deid_format zip = {
    .size = sizeof zip,
    .flags = DEID_FORMAT_CONTAINER,
    .section = "zip",
    .summary = "zip archives, whose members go through their own sections",
    .mark = "PK at the front",
    .filters = filters,
    .settings = settings,
    .claim = claim,
    .conf_new = conf_new,
    .conf_free = conf_free,
    .path_new = path_new,
    .path_free = path_free,
    .seal = seal,
    .judge = judge,
    .stream = archive_stream,
};

static int init(const struct deid_host *host, struct deid_registrar *r, struct deid_error *err)
{
	if (!DEID_HAS(host, safe_name))
		return host->fail(
		    err, DEID_FAILED, DEID_E_PLUGIN, "this program cannot open what holds files");
	return host->register_format(r, &zip, err);
}

DEID_PLUGIN("zip", "0.1.0", "MIT", init, NULL);
