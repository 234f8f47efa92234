/* SPDX-License-Identifier: MIT */
/* DICOM files, PS3.10: the format as the core sees it. */
#include "core/util/str.h"
#include "plugins/dicom/crypt.h"
#include "plugins/dicom/dict.h"
#include "plugins/dicom/record.h"
#include <string.h>

static const char *const filters[] = {"*.dcm", "*.DCM", "*.ima", "*.IMA", "*.dcm.gz", NULL};
static const char *const identifying[] = {"StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", NULL};
static const struct deid_default defaults[] = {
    {"date-format", "%Y%m%d"}, {"datetime-format", "%Y%m%d%H%M%S.%f"}, {NULL, NULL}};

static int claim(const struct deid_host *host, struct deid_source *src, int *score, struct deid_error *err)
{
	const void *p;
	size_t n;

	*score = DEID_CLAIM_NO;
	if (host->src_peek(src, 0, 1024, &p, &n, err) != DEID_OK)
		return DEID_FAILED;
	if (n >= HEAD_MARK && memcmp((const char *)p + HEAD_PREAMBLE, "DICM", 4) == 0)
		*score = DEID_CLAIM_MAGIC;
	else if (head_plausible(p, n, host->src_size(src), true))
		*score = DEID_CLAIM_GUESS;
	return DEID_OK;
}

static bool keyword(const void *conf, struct deid_str text)
{
	struct dict_entry e;

	(void)conf;
	return dict_by_keyword(text, &e) && str_eqz(text, e.keyword);
}

static const struct deid_format dicom = {
    .size = sizeof dicom,
    .section = "dicom",
    .summary = "DICOM files of every transfer syntax",
    .mark = "DICM after 128 bytes",
    .filters = filters,
    .settings = conf_settings,
    .defaults = defaults,
    .identifying = identifying,
    .claim = claim,
    .conf_new = conf_new,
    .conf_free = conf_free,
    .path_new = conf_path,
    .path_free = path_free,
    .seal = conf_seal,
    .judge = conf_judge,
    .open = record_open,
    .find = record_find,
    .each = record_each,
    .sift = record_sift,
    .get = record_get,
    .set = record_set,
    .remove = record_remove,
    .add = record_add,
    .finish = record_finish,
    .write = record_write,
    .close = record_close,
    .name = record_name,
    .keyword = keyword,
    .owns = crypt_owns,
    .act = record_act,
};

static int init(const struct deid_host *host, struct deid_registrar *reg, struct deid_error *err)
{
	return host->register_format(reg, &dicom, err);
}

DEID_PLUGIN("dicom", "0.1.0", "MIT", init, NULL);
