/* SPDX-License-Identifier: MIT */
/* The xml format: documents of any size, read front to back by expat; fields are named by XPath. */
#include "plugins/common/entries.h"
#include "plugins/xml/walk.h"

#include <stdlib.h>
#include <string.h>

#define HEAD 512

static int claim(const struct deid_host *host, struct deid_source *src, int *score, struct deid_error *err)
{
	const void *p;
	const unsigned char *b;
	char text[HEAD];
	size_t got, n = 0, i = 0;
	int rc = host->src_peek(src, 0, HEAD, &p, &got, err);

	*score = DEID_CLAIM_NO;
	if (rc)
		return rc;
	b = p;
	if (got >= 3 && memcmp(b, "\xEF\xBB\xBF", 3) == 0)
		i = 3;
	else if (got >= 2 && ((b[0] == 0xFE && b[1] == 0xFF) || (b[0] == 0xFF && b[1] == 0xFE)))
		i = 2;
	for (; i < got; i++) /* UTF-16: without the zeros */
		if (b[i])
			text[n++] = (char)b[i];
	struct deid_str s = str_trim((struct deid_str){text, n});
	if (str_prefix(s, "<?xml"))
		*score = DEID_CLAIM_MAGIC;
	else if (s.n > 1 && s.p[0] == '<' &&
		 (s.p[1] == '!' || s.p[1] == '?' || s.p[1] == '_' || (s.p[1] & 0x80) ||
		     (s.p[1] >= 'A' && s.p[1] <= 'Z') || (s.p[1] >= 'a' && s.p[1] <= 'z')))
		*score = DEID_CLAIM_GUESS;
	return DEID_OK;
}

static int conf_new(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	struct xml_conf *c = calloc(1, sizeof(*c));

	(void)section;
	*conf = c;
	if (!c)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	c->host = host;
	return DEID_OK;
}

static void conf_free(void *conf)
{
	struct xml_conf *c = conf;

	xml_table_free(&c->table);
	free(c);
}

static int path_new(void *conf, struct deid_str text, const struct deid_node *node, void **path,
    struct deid_path_info *info, struct deid_error *err)
{
	const struct xml_conf *c = conf;
	const char *why;
	struct xml_path *p = xml_path_new(text, &why);

	*path = p;
	if (!p && why)
		return c->host->complain(err, node, "name: %s", why);
	if (!p)
		return c->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	info->flags = p->wild ? DEID_PATH_WILD : 0;
	info->kind = -1;
	return DEID_OK;
}

static void path_free(void *path)
{
	xml_path_free(path);
}

static int seal(void *conf, const struct deid_entry *e, size_t n, struct deid_error *err)
{
	struct xml_conf *c = conf;

	c->entry = e;
	c->nentry = n;
	if (!xml_table_init(&c->table, e, n))
		return c->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	return entry_check_plain(c->host, e, n, "an element or attribute", err);
}

static int judge(const void *conf, const struct deid_entry *e, struct deid_error *err)
{
	const struct xml_conf *c = conf;

	return entry_check_plain(c->host, e, 1, "an element or attribute", err);
}

static int stream(
    struct deid_job *job, void *conf, struct deid_source *src, struct deid_sink *sink, struct deid_error *err)
{
	return xml_stream(conf, job, src, sink, err);
}

static const char *const filters[] = {"*.xml", "*.XML", NULL};

static const struct deid_format xml_format = {
    .size = sizeof(struct deid_format),
    .section = "xml",
    .summary = "XML documents",
    .mark = "<?xml, or < at the beginning",
    .filters = filters,
    .claim = claim,
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
	return host->register_format(r, &xml_format, err);
}

DEID_PLUGIN("xml", "0.1.0", "MIT", init, NULL);
