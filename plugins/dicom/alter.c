/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/alter.h"
#include "core/util/grow.h"
#include "plugins/dicom/filter.h"
#include <stdlib.h>

#define KEY(type_, key_, help_, sub_)                                                                        \
	{                                                                                                    \
		.size = sizeof(struct deid_setting), .type = type_, .key = key_, .help = help_, .sub = sub_  \
	}
#define END KEY(DEID_T_BOOL, NULL, NULL, NULL)

static const struct deid_setting mask_settings[] = {
    KEY(DEID_T_STR, "when", "which files: a filter on their fields; absent: all", NULL),
    KEY(DEID_T_ANY, "remove", "a box [x0, y0, x1, y1], or a list: what is inside goes black", NULL),
    KEY(DEID_T_ANY, "keep", "a box, or a list: what is outside of all of them goes black", NULL),
    END,
};

const struct deid_setting alter_settings[] = {
    KEY(DEID_T_MAPS, "pixels", "masks", mask_settings),
    KEY(DEID_T_STRS, "detect", "names of catalogs of devices and their masks", NULL),
    END,
};

static const struct deid_setting catalog_settings[] = {
    KEY(DEID_T_STR, "name", "free", NULL),
    KEY(DEID_T_STR, "description", "free", NULL),
    KEY(DEID_T_MAPS, "pixels", "masks", mask_settings),
    END,
};

struct alter_mask {
	struct filter *when; /* NULL: every file */
	struct region_mask mask;
};

struct alter {
	const struct deid_host *host;
	struct filter_fields fields;
	struct alter_mask *mask;
	size_t n, cap;
};

void alter_free(struct alter *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n; i++) {
		filter_free(a->mask[i].when);
		region_mask_free(&a->mask[i].mask);
	}
	free(a->mask);
	filter_fields_free(&a->fields);
	free(a);
}

static int read_mask(struct alter *a, const struct deid_node *node, struct deid_error *err)
{
	const struct deid_host *h = a->host;
	const struct deid_node *when = h->node_get(node, "when");
	struct alter_mask *m = grow(a->mask, &a->cap, a->n + 1, sizeof *m);
	int rc, rc2 = DEID_OK;

	if (!m)
		return h->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	a->mask = m;
	m += a->n++;
	*m = (struct alter_mask){0};
	rc = region_read_mask(h, node, "a mask", &m->mask, err);
	if (h->node_kind(when) != DEID_N_NULL)
		rc2 = filter_parse(&a->fields, h, h->node_str(when), when, &m->when, err);
	return rc != DEID_OK ? rc : rc2;
}

static int read_masks(void *arg, const struct deid_node *node, struct deid_error *err)
{
	struct alter *a = arg;
	const struct deid_node *list = a->host->node_get(node, "pixels");
	int rc = DEID_OK;

	if (a->host->node_kind(list) == DEID_N_NULL)
		return DEID_OK;
	for (size_t i = 0; i < a->host->node_count(list); i++)
		if (read_mask(a, a->host->node_at(list, i), err) != DEID_OK)
			rc = DEID_FAILED;
	return rc;
}

static int read_catalogs(struct alter *a, const struct deid_node *node, struct deid_error *err)
{
	const struct deid_host *h = a->host;
	const struct deid_node *list = h->node_get(node, "detect");
	int rc = DEID_OK;

	for (size_t i = 0; i < h->node_count(list); i++) {
		const struct deid_node *name = h->node_at(list, i);

		if (h->node_kind(name) != DEID_N_NULL && h->consult(name, "detect", h->node_str(name),
							     catalog_settings, read_masks, a, err) != DEID_OK)
			rc = DEID_FAILED;
	}
	return rc;
}

int alter_new(
    const struct deid_host *h, const struct deid_node *section, struct alter **out, struct deid_error *err)
{
	bool given = h->node_given(section, "alter-pixels"), other = h->node_given(section, "alter_pixels");
	const struct deid_node *node = h->node_get(section, given ? "alter-pixels" : "alter_pixels");
	struct alter *a;
	int rc;

	*out = NULL;
	if (given && other)
		return h->complain(err, h->node_get(section, "alter_pixels"),
		    "\"alter_pixels\" is another spelling of \"alter-pixels\": only one of them can stand "
		    "here");
	if (h->node_kind(node) == DEID_N_NULL)
		return DEID_OK;
	a = calloc(1, sizeof *a);
	if (!a)
		return h->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	a->host = h;
	*out = a;
	rc = read_masks(a, node, err);
	if (read_catalogs(a, node, err) != DEID_OK)
		rc = DEID_FAILED;
	if (rc == DEID_OK && !a->n)
		h->caution(err, node, "no mask and no catalog: nothing goes black");
	return rc;
}

int alter_choose(
    const struct alter *a, struct record *r, struct region_mask **out, size_t *n, struct deid_error *err)
{
	struct filter_value *values;

	*n = 0;
	*out = r->host->alloc(r->job, (a->n + 1) * sizeof **out);
	if (!*out)
		return record_nomem(r, err);
	if (filter_read(&a->fields, r, &values, err) != DEID_OK)
		return DEID_FAILED;
	for (size_t i = 0; i < a->n; i++)
		if (!a->mask[i].when || filter_holds(a->mask[i].when, values))
			(*out)[(*n)++] = a->mask[i].mask;
	return DEID_OK;
}
