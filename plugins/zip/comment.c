/* SPDX-License-Identifier: MIT */
#include "plugins/zip/comment.h"

#include "plugins/common/entries.h"

#define COMMENT_MAX 65535 /* its length has 16 bits */

static int nomem(const struct zip_conf *c, struct deid_error *err)
{
	return c->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
}

static int observe(struct deid_job *job, const struct zip_conf *c, uint32_t *id, const struct deid_value *v,
    struct deid_error *err)
{
	int rc = c->host->record(job, err);
	size_t n = entry_queries(c->entry, c->nentry, STR(ZIP_COMMENT), id);

	return rc == DEID_OK && v && n ? c->host->observe(job, id, n, v, err) : rc;
}

/* What the entries made of it. */
static int take(struct deid_job *job, const struct zip_conf *c, const struct deid_field *field,
    struct deid_result *r, struct deid_str *comment, struct deid_error *err)
{
	int rc = DEID_OK;

	if (r->verdict == DEID_CHANGE && r->value.n && r->value.v[0].n > COMMENT_MAX)
		rc = c->host->refuse(job, field, r, "a comment has 65535 bytes at most", err);
	if (rc != DEID_OK || r->verdict == DEID_KEEP)
		return rc;
	*comment = (struct deid_str){"", 0};
	if (r->verdict == DEID_CHANGE && r->value.n)
		*comment = c->host->dup(job, r->value.v[0]);
	return comment->p ? DEID_OK : nomem(c, err);
}

int comment_apply(
    struct deid_job *job, const struct zip_conf *c, struct deid_str *comment, struct deid_error *err)
{
	const struct deid_field field = {.size = sizeof field, .kind = DEID_TEXT, .name = STR(ZIP_COMMENT)};
	struct deid_value v = {.size = sizeof v, .kind = DEID_TEXT, .flags = DEID_V_FREE, .lo = 1};
	const struct deid_value *in = comment->n ? &v : NULL;
	struct deid_result r = {.size = sizeof r};
	uint32_t *id = c->host->alloc(job, (c->nentry + 1) * sizeof *id);
	const uint32_t *all;
	struct buf decoded = {0};
	struct deid_str text;
	size_t nall;
	int rc = DEID_OK;

	if (!id || !name_decode(*comment, &decoded)) {
		buf_free(&decoded);
		return nomem(c, err);
	}
	text = buf_view(&decoded);
	v.v = &text;
	v.n = 1;
	if (c->host->wants(job) & DEID_WANT_ORIGINALS)
		rc = observe(job, c, id, in, err);
	if (rc == DEID_OK)
		rc = c->host->match(
		    job, &field, id, entry_find(c->entry, c->nentry, field.name, id), &all, &nall, err);
	if (rc == DEID_OK && nall)
		rc = c->host->apply(job, &field, all, nall, in, &r, err);
	if (rc == DEID_OK && nall)
		rc = take(job, c, &field, &r, comment, err);
	buf_free(&decoded);
	return rc;
}
