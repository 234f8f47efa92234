/* SPDX-License-Identifier: MIT */
#include "core/util/grow.h"
#include "core/util/str.h"
#include "plugins/image/tiff.h"
#include <stdio.h>
#include <string.h>

#define SETTING(type_, key_, dflt_, help_)                                                                   \
	{                                                                                                    \
		.size = sizeof(struct deid_setting), .type = type_, .key = key_, .dflt = dflt_,              \
		.help = help_                                                                                \
	}

const struct deid_setting tiff_settings[] = {
    SETTING(DEID_T_BOOL, "strip", "false", "take out everything that showing the image does not need"),
    SETTING(DEID_T_BOOL, "remove-private-tags", "false",
	"take out all tags from 32768 on that neither the image needs nor an entry names one by one"),
    SETTING(DEID_T_STRS, "remove-pages", NULL, "pages that go: numbers from 1, label, macro"),
    SETTING(DEID_T_BOOL, NULL, NULL, NULL),
};

static int read_page(struct tiff_conf *c, const struct deid_node *node, struct deid_error *err)
{
	const struct deid_host *h = c->host;
	struct deid_str text = h->node_str(node);
	uint64_t number;

	if (str_eqz(text, "label"))
		c->label = true;
	else if (str_eqz(text, "macro"))
		c->macro = true;
	else if (str_u64(text, &number) && number >= 1 && number <= UINT32_MAX)
		c->page[c->npage++] = (uint32_t)number;
	else
		return h->complain(
		    err, node, "\"remove-pages\": a page is a number from 1 on, \"label\" or \"macro\"");
	return DEID_OK;
}

static int read_settings(struct tiff_conf *c, struct deid_error *err)
{
	const struct deid_host *h = c->host;
	const struct deid_node *pages = h->node_get(c->section, "remove-pages");
	size_t n = h->node_kind(pages) == DEID_N_NULL ? 0 : h->node_count(pages);
	int rc = DEID_OK;

	c->strip = h->node_bool(h->node_get(c->section, "strip"));
	c->remove_private = h->node_bool(h->node_get(c->section, "remove-private-tags"));
	c->page = calloc(n ? n : 1, sizeof *c->page);
	if (!c->page)
		return h->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	for (size_t i = 0; i < n; i++)
		if (read_page(c, h->node_at(pages, i), err) != DEID_OK)
			rc = DEID_FAILED;
	return rc;
}

int tiff_conf_new(
    const struct deid_host *host, const struct deid_node *section, void **out, struct deid_error *err)
{
	struct tiff_conf *c = calloc(1, sizeof *c);
	int rc = DEID_OK;

	*out = NULL;
	if (!c)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	c->host = host;
	c->section = section;
	if (section)
		rc = read_settings(c, err);
	if (rc != DEID_OK) {
		tiff_conf_free(c);
		return rc;
	}
	*out = c;
	return DEID_OK;
}

void tiff_conf_free(void *conf)
{
	struct tiff_conf *c = conf;

	if (c)
		free(c->page);
	free(c);
}

int tiff_path_new(void *conf, struct deid_str text, const struct deid_node *node, void **out,
    struct deid_path_info *info, struct deid_error *err)
{
	const struct tiff_conf *c = conf;
	struct tiff_path *p = calloc(1, sizeof *p);
	int n;

	if (!p)
		return c->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	if (!ifd_name_parse(text, &p->name)) {
		free(p);
		return c->host->complain(
		    err, node, "'%.*s' is no tag that is known, and no number of one", (int)text.n, text.p);
	}
	n = snprintf(p->place, sizeof p->place, "%u:%u:%u", p->name.set, p->name.tag, p->name.where);
	info->place = (struct deid_str){p->place, n > 0 ? (size_t)n : 0};
	info->flags = ifd_name_creates(&p->name) ? DEID_PATH_CREATE : 0;
	info->kind = ifd_name_kind(&p->name);
	*out = p;
	return DEID_OK;
}

static bool changes(const struct deid_entry *e)
{
	return !(e->flags & (DEID_ENTRY_OFF | DEID_ENTRY_QUERY)) && strcmp(e->action, "keep") != 0;
}

static int check_entry(const struct tiff_conf *c, const struct deid_entry *e, struct deid_error *err)
{
	const struct tiff_path *p = e->path;
	const struct tag_info *info = p ? p->name.info : NULL;

	if (!info || !changes(e) || !(info->flags & TAG_F_STRUCTURE))
		return DEID_OK;
	return c->host->complain(
	    err, e->node, "'%.*s': the image cannot be read without this tag", (int)e->text.n, e->text.p);
}

int tiff_judge(const void *conf, const struct deid_entry *e, struct deid_error *err)
{
	return check_entry(conf, e, err);
}

int tiff_seal(void *conf, const struct deid_entry *entry, size_t n, struct deid_error *err)
{
	struct tiff_conf *c = conf;
	int rc = DEID_OK;

	c->entry = entry;
	c->nentry = n;
	for (size_t i = 0; i < n; i++)
		if (check_entry(c, &entry[i], err) != DEID_OK)
			rc = DEID_FAILED;
	return rc;
}
