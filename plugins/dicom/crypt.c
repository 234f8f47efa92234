/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/crypt.h"
#include <stdlib.h>
#include <string.h>

const char *const crypt_owns[] = {"encrypt", "decrypt", NULL};

struct crypt_conf {
	struct cms_keys *keys; /* by entry; the last one is of `retain` */
	size_t n;
};

static bool is_active(const struct deid_entry *e, const char *action)
{
	return !(e->flags & (DEID_ENTRY_OFF | DEID_ENTRY_QUERY)) && !strcmp(e->action, action);
}

bool crypt_decrypts(const struct conf *c)
{
	for (size_t i = 0; i < c->nentry; i++)
		if (is_active(&c->entry[i], "decrypt"))
			return true;
	return false;
}

static int take_keys(struct conf *c, const struct deid_entry *e, uint32_t kinds, const char *what, size_t at,
    struct deid_error *err)
{
	const struct deid_key *key;
	size_t n;

	if (c->host->keys(c->section, e ? e->node : NULL, kinds, what, &key, &n, err) != DEID_OK)
		return DEID_FAILED;
	return cms_keys_read(c->host, key, n, &c->crypt->keys[at], err);
}

static int seal_entry(struct conf *c, size_t i, uint32_t sealing, struct deid_error *err)
{
	const struct deid_entry *e = &c->entry[i];
	const struct path *p = e->path;
	bool encrypts = is_active(e, "encrypt");

	if (!encrypts && !is_active(e, "decrypt"))
		return DEID_OK;
	if (p && p->meta)
		return c->host->complain(err, e->node,
		    "'%.*s': the file meta information cannot be encrypted, only the data set",
		    (int)e->text.n, e->text.p);
	return take_keys(c, e, encrypts ? sealing : DEID_KEY_SECRET | DEID_KEY_PRIVATE, e->action, i, err);
}

int crypt_seal(struct conf *c, struct deid_error *err)
{
	uint32_t sealing = c->asymmetric ? DEID_KEY_PUBLIC : DEID_KEY_SECRET;
	bool any = c->retain;
	int rc = DEID_OK;

	for (size_t i = 0; i < c->nentry && !any; i++)
		any = is_active(&c->entry[i], "encrypt") || is_active(&c->entry[i], "decrypt");
	if (!any)
		return DEID_OK;
	c->crypt = calloc(1, sizeof *c->crypt);
	if (c->crypt)
		c->crypt->keys = calloc(c->nentry + 1, sizeof *c->crypt->keys);
	if (!c->crypt || !c->crypt->keys)
		return c->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	c->crypt->n = c->nentry + 1;
	for (size_t i = 0; i < c->nentry; i++)
		if (seal_entry(c, i, sealing, err) != DEID_OK)
			rc = DEID_FAILED;
	if (c->retain && take_keys(c, NULL, sealing, "retain", c->nentry, err) != DEID_OK)
		rc = DEID_FAILED;
	return rc;
}

void crypt_free(struct conf *c)
{
	if (!c->crypt)
		return;
	for (size_t i = 0; i < c->crypt->n; i++)
		cms_keys_free(&c->crypt->keys[i]);
	free(c->crypt->keys);
	free(c->crypt);
	c->crypt = NULL;
}

const struct cms_keys *crypt_keys(const struct conf *c, const struct deid_entry *e)
{
	return &c->crypt->keys[e ? (size_t)(e - c->entry) : c->nentry];
}

/* ---- fields ------------------------------------------------------------------------------------- */

struct matching {
	const struct record *r;
	const struct deid_entry *entry;
	deid_visit *visit;
	void *arg;
};

static int visit_matching(void *arg, const struct deid_field *f, struct deid_error *err)
{
	const struct matching *m = arg;
	bool hit;

	if (m->r->host->names(m->r->job, m->entry->id, f, &hit, err) != DEID_OK)
		return DEID_FAILED;
	return hit ? m->visit(m->arg, f, err) : DEID_OK;
}

int crypt_each(
    struct record *of, const struct deid_entry *e, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct matching m = {of, e, visit, arg};

	return e->path ? record_find(of, e->path, visit, arg, err) : record_each(of, visit_matching, &m, err);
}

int record_act(void *rec, uint32_t id, struct deid_error *err)
{
	struct record *r = rec;

	r->err = err;
	for (size_t i = 0; i < r->conf->nentry; i++) {
		const struct deid_entry *e = &r->conf->entry[i];

		if (e->id != id || e->flags & DEID_ENTRY_QUERY)
			continue;
		return strcmp(e->action, "encrypt") ? restore_entry(r, e, err) : envelope_take(r, e, err);
	}
	return r->host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "an entry that nobody knows");
}
