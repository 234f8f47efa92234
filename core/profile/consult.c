/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/consult.h"

#include "core/profile/settings.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool try_folder(struct buf *out, struct deid_str where, const char *folder, struct deid_str name)
{
	out->n = 0;
	return where.n && buf_str(out, where) && buf_c(out, '/') &&
	       (!folder || (buf_z(out, folder) && buf_c(out, '/'))) && buf_str(out, name) &&
	       buf_z(out, ".yaml") && buf_cstr(out) && access(out->p, F_OK) == 0;
}

bool consult_find(struct buf *out, const char *folder, struct deid_str name)
{
	struct deid_str rest = str_of(secure_getenv("DEID_PROFILE_PATH")), where;

	while (rest.n && str_split(&rest, ':', &where))
		if (try_folder(out, where, folder, name))
			return true;
	return try_folder(out, STR(PROFILE_DIR), folder, name);
}

/* What was found wrong in the other document, at the place that names it: its nodes do not live long enough
 * to tell it later. */
static int hand_over(struct deid_error *own, const struct deid_node *at, struct deid_error *err)
{
	struct buf text = {0};
	int rc = DEID_OK;

	for (size_t i = 0; i < own->ndiag; i++) {
		const struct diag *d = &own->diag[i];

		if (d->level == DIAG_ERROR)
			rc = node_complain(
			    err, at, "%s:%zu:%zu: %s", d->file ? d->file : "", d->line, d->col, d->text);
		else if (d->level == DIAG_WARNING)
			node_caution(
			    err, at, "%s:%zu:%zu: %s", d->file ? d->file : "", d->line, d->col, d->text);
	}
	if (own->rc == DEID_OK || rc != DEID_OK)
		return rc;
	if (own->rc == DEID_FATAL || !error_text(own, &text) || !buf_cstr(&text))
		rc = error_nomem(err);
	else
		rc = node_complain(err, at, "%s", text.p);
	buf_free(&text);
	return rc;
}

int consult(const struct deid_node *at, const char *folder, struct deid_str name,
    const struct deid_setting *keys, int (*use)(void *arg, const struct deid_node *root, struct deid_error *),
    void *arg, struct deid_error *err)
{
	const struct deid_setting whole = {
	    .size = sizeof whole, .type = DEID_T_MAP, .key = "document", .sub = keys};
	struct document *doc = NULL;
	struct deid_error own;
	struct buf path = {0};
	int rc = DEID_OK;

	error_init(&own);
	if (memchr(name.p, '/', name.n)) {
		if (!buf_str(&path, name) || !buf_cstr(&path))
			rc = error_nomem(err);
	} else if (!consult_find(&path, folder, name)) {
		rc = node_complain(err, at, "'%.*s': no file %s%s%.*s.yaml where profiles are looked for",
		    (int)name.n, name.p, folder ? folder : "", folder ? "/" : "", (int)name.n, name.p);
	}
	if (rc == DEID_OK) {
		doc = document_look(path.p, &own);
		if (!doc && own.rc == DEID_OK)
			error_nomem(&own);
	}
	if (doc && !own.nerrors && own.rc == DEID_OK && !doc->root)
		node_complain(err, at, "%s: the document is empty", path.p);
	else if (doc && !own.nerrors && own.rc == DEID_OK && setting_check(&whole, doc->root, &own))
		rc = use(arg, doc->root, &own);
	if (hand_over(&own, at, err) != DEID_OK)
		rc = DEID_FAILED;
	document_free(doc);
	error_free(&own);
	buf_free(&path);
	return rc;
}
