/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/record.h"
#include "plugins/dicom/walk.h"
#include <inttypes.h>

static const struct deid_str nowhere = {NULL, 0};

static void warn_about(struct record *r)
{
	const struct deid_host *h = r->host;

	if (r->head.tiff)
		h->warn(r->job, nowhere,
		    "the preamble makes the file a TIFF too: it is zeroed, the output is no TIFF");
	if (r->head.guessed && r->head.marked)
		h->warn(r->job, nowhere, "the data set is not in the transfer syntax that the file names");
	if (r->tree.miscounted)
		h->warn(r->job, nowhere, "an item says that it is longer than its sequence");
	if (r->tree.trailing)
		h->warn(
		    r->job, nowhere, "%" PRIu64 " bytes after the data set are dropped", r->tree.trailing);
}

int record_open(struct deid_job *job, void *conf, struct deid_source *src, void **rec, struct deid_error *err)
{
	const struct conf *c = conf;
	struct record *r = c->host->alloc(job, sizeof *r);
	int rc;

	*rec = NULL;
	if (!r)
		return c->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the file");
	record_init(r, c->host, job, c);
	r->err = err;
	rc = head_read(&r->tree, src, &r->head, err);
	if (rc == DEID_OK)
		rc = walk_data(&r->tree, r->head.deflated ? 0 : r->head.data_at, err);
	if (rc == DEID_OK)
		rc = record_prepare(r, err);
	if (rc != DEID_OK) {
		record_free(r);
		return rc;
	}
	warn_about(r);
	*rec = r;
	return DEID_OK;
}

void record_close(void *rec)
{
	record_free(rec);
}
