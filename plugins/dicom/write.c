/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/deflate.h"
#include "plugins/dicom/layout.h"

/* The preamble may belong to another format (PS3.10 section 7.1): it is never taken over. */
static int write_front(struct record *r, struct deid_sink *sink, struct deid_error *err)
{
	static const char front[HEAD_MARK] = {[HEAD_PREAMBLE] = 'D', 'I', 'C', 'M'};

	return r->head.marked ? r->host->sink_write(sink, front, sizeof front, err) : DEID_OK;
}

static int write_deflated(struct layout *l, struct deid_sink *sink, struct deid_error *err)
{
	struct record *r = l->r;
	struct deid_sink *spool;
	struct deid_source *packed;

	if (splice_write(&l->meta, r->host, r->tree.file, sink, r->head.meta_at, r->head.data_at, err) !=
	    DEID_OK)
		return DEID_FAILED;
	spool = r->host->spool(r->job, err);
	if (!spool || splice_write(&l->data, r->host, r->tree.data, spool, 0, r->tree.end, err) != DEID_OK)
		return DEID_FAILED;
	packed = r->host->spool_source(spool, err);
	return packed ? deflate_write(r->host, packed, sink, err) : DEID_FAILED;
}

int record_write(void *rec, struct deid_sink *sink, struct deid_error *err)
{
	struct record *r = rec;
	struct layout l;
	int rc = layout_make(&l, r, err);

	r->err = err;
	if (rc == DEID_OK)
		rc = write_front(r, sink, err);
	if (rc == DEID_OK && r->head.deflated)
		rc = write_deflated(&l, sink, err);
	else if (rc == DEID_OK)
		rc = splice_write(&l.data, r->host, r->tree.file, sink, r->head.meta_at, r->tree.end, err);
	splice_free(&l.meta);
	splice_free(&l.data);
	return rc;
}
