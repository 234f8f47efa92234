/* SPDX-License-Identifier: MIT */
/* TIFF files, classic and BigTIFF: the format as the core sees it. */
#include "plugins/image/tiff.h"
#include "core/util/str.h"
#include "plugins/image/plugin.h"
#include <stdlib.h>
#include <string.h>

struct record {
	const struct tiff_conf *conf;
	struct ifd_tree *tree;
};

static const char *const filters[] = {"*.tif", "*.tiff", "*.TIF", "*.TIFF", NULL};
static const struct deid_default defaults[] = {
    {"date-format", "%Y%m%d"}, {"datetime-format", "%Y:%m:%d %H:%M:%S"}, {NULL, NULL}};

static int claim(const struct deid_host *host, struct deid_source *src, int *score, struct deid_error *err)
{
	static const char *const mark[] = {"II*", "MM\0*", "II+", "MM\0+"};
	const void *p;
	size_t n;

	*score = DEID_CLAIM_NO;
	if (host->src_peek(src, 0, 4, &p, &n, err) != DEID_OK)
		return DEID_FAILED;
	for (size_t i = 0; i < 4 && n >= 4; i++)
		if (memcmp(p, mark[i], 4) == 0)
			*score = DEID_CLAIM_MAGIC;
	return DEID_OK;
}

static void close_record(void *rec)
{
	struct record *r = rec;

	ifd_close(r->tree);
	free(r);
}

static int prepare(const struct tiff_conf *c, struct ifd_tree *t, struct deid_error *err)
{
	int rc = tiff_remove_pages(c, t, err);

	if (rc == DEID_OK && c->strip)
		return tiff_strip(t, err);
	if (rc == DEID_OK && c->remove_private)
		tiff_remove_private(c, t);
	return rc;
}

static int open_record(
    struct deid_job *job, void *conf, struct deid_source *src, void **rec, struct deid_error *err)
{
	const struct tiff_conf *c = conf;
	struct record *r = calloc(1, sizeof *r);
	int rc;

	*rec = NULL;
	if (!r)
		return c->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the file");
	r->conf = c;
	rc = ifd_open(c->host, job, src, 0, c->host->src_size(src), 0, &r->tree, err);
	if (rc == DEID_OK)
		rc = prepare(c, r->tree, err);
	if (rc != DEID_OK) {
		close_record(r);
		return rc;
	}
	*rec = r;
	return DEID_OK;
}

static int find(void *rec, const void *path, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct record *r = rec;

	return ifd_find(r->tree, &((const struct tiff_path *)path)->name, 0, visit, arg, err);
}

static int each(void *rec, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct record *r = rec;

	return ifd_each(r->tree, !r->conf->section, 0, visit, arg, err);
}

static int get(void *rec, const struct deid_field *f, struct deid_value *v, struct deid_error *err)
{
	return ifd_get(((struct record *)rec)->tree, f, v, err);
}

static int set(void *rec, const struct deid_field *f, const struct deid_value *v, struct deid_error *err)
{
	return ifd_set(((struct record *)rec)->tree, f, v, err);
}

static int take_out(void *rec, const struct deid_field *f, struct deid_error *err)
{
	return ifd_remove(((struct record *)rec)->tree, f, err);
}

static int add(void *rec, const void *path, const struct deid_value *v, struct deid_error *err)
{
	return ifd_add(((struct record *)rec)->tree, &((const struct tiff_path *)path)->name, v, err);
}

static int finish(void *rec, struct deid_error *err)
{
	(void)rec;
	(void)err;
	return DEID_OK;
}

static int write_record(void *rec, struct deid_sink *sink, struct deid_error *err)
{
	return ifd_write(((struct record *)rec)->tree, sink, err);
}

const struct deid_format tiff_format = {
    .size = sizeof tiff_format,
    .section = "tiff",
    .summary = "TIFF and BigTIFF images of any number of pages",
    .mark = "II or MM and the number 42 or 43",
    .filters = filters,
    .settings = tiff_settings,
    .defaults = defaults,
    .claim = claim,
    .conf_new = tiff_conf_new,
    .conf_free = tiff_conf_free,
    .path_new = tiff_path_new,
    .path_free = free,
    .seal = tiff_seal,
    .judge = tiff_judge,
    .open = open_record,
    .find = find,
    .each = each,
    .get = get,
    .set = set,
    .remove = take_out,
    .add = add,
    .finish = finish,
    .write = write_record,
    .close = close_record,
};
