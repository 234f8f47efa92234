/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/conf.h"
#include "core/util/str.h"
#include "plugins/dicom/alter.h"
#include "plugins/dicom/check.h"
#include "plugins/dicom/crypt.h"
#include "plugins/dicom/record.h"
#include <stdlib.h>
#include <string.h>

#define SETTING(type_, key_, values_, dflt_, help_)                                                          \
	{                                                                                                    \
		.size = sizeof(struct deid_setting), .type = type_, .key = key_, .values = values_,          \
		.dflt = dflt_, .help = help_                                                                 \
	}
#define ALTER(key_, help_)                                                                                   \
	{                                                                                                    \
		.size = sizeof(struct deid_setting), .type = DEID_T_MAP, .key = key_, .help = help_,         \
		.sub = alter_settings                                                                        \
	}

const struct deid_setting conf_settings[] = {
    SETTING(DEID_T_BOOL, "remove-private-tags", NULL, "false",
	"take out all private elements that no entry names one by one"),
    SETTING(DEID_T_BOOL, "remove-undefined", NULL, "false", "take out all elements that no entry names"),
    SETTING(DEID_T_BOOL, "recurse-sequence", NULL, "false", "entries act at every level of sequences"),
    SETTING(DEID_T_ENUM, "encapsulated-document", "refuse|keep|remove", "refuse",
	"what becomes of a document inside the file that no entry names"),
    SETTING(DEID_T_BOOL, "patient-age-from-birthdate", NULL, "false",
	"set PatientAge from PatientBirthDate and StudyDate, before the entries act"),
    SETTING(DEID_T_STR, "patient-age-units", NULL, NULL, "the finest unit that is tried: D, M or Y"),
    ALTER("alter-pixels", "parts of images that go black"),
    ALTER("alter_pixels", "another spelling of alter-pixels"),
    SETTING(DEID_T_BOOL, "transcode", NULL, "false",
	"images that cannot be masked in their transfer syntax become Explicit VR Little Endian"),
    SETTING(DEID_T_BOOL, "asymmetric-encryption", NULL, "false",
	"encrypt for the certificates of public-key instead of with secret-key"),
    SETTING(DEID_T_BOOL, "retain", NULL, "false",
	"keep the originals of all that is changed or removed in the file, encrypted"),
    SETTING(DEID_T_BOOL, "decode", NULL, "true", "accepted; pixels are never decoded without need"),
    SETTING(DEID_T_BOOL, NULL, NULL, NULL, NULL),
};

static void read_age(struct conf *c, struct deid_error *err)
{
	const struct deid_host *h = c->host;
	const struct deid_node *node = h->node_get(c->section, "patient-age-units");
	struct deid_str unit = h->node_str(node);

	c->age = h->node_bool(h->node_get(c->section, "patient-age-from-birthdate"));
	c->age_unit = unit.n == 1 ? (char)(unit.p[0] & ~0x20) : 0;
	if (c->age_unit == 'D' || c->age_unit == 'M' || c->age_unit == 'Y')
		return;
	c->age_unit = 'D';
	if (unit.n)
		h->caution(err, node,
		    "\"patient-age-units\" is none of D, M and Y: days, months and years are tried");
}

static int read_settings(struct conf *c, struct deid_error *err)
{
	const struct deid_host *h = c->host;
	struct deid_str document = h->node_str(h->node_get(c->section, "encapsulated-document"));

	c->remove_private = h->node_bool(h->node_get(c->section, "remove-private-tags"));
	c->defined_only = h->node_bool(h->node_get(c->section, "remove-undefined"));
	c->recurse = h->node_bool(h->node_get(c->section, "recurse-sequence"));
	c->retain = h->node_bool(h->node_get(c->section, "retain"));
	c->asymmetric = h->node_bool(h->node_get(c->section, "asymmetric-encryption"));
	read_age(c, err);
	if (str_eqz(document, "keep"))
		c->document = DOCUMENT_KEEP;
	else if (str_eqz(document, "remove"))
		c->document = DOCUMENT_REMOVE;
	c->transcode = h->node_bool(h->node_get(c->section, "transcode"));
	/* What is wrong with it has been said: so that the rest of the section is looked at too. */
	return alter_new(h, c->section, &c->alter, err) == DEID_FATAL ? DEID_FATAL : DEID_OK;
}

int conf_new(
    const struct deid_host *host, const struct deid_node *section, void **out, struct deid_error *err)
{
	struct conf *c = calloc(1, sizeof *c);

	if (!c)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	c->host = host;
	c->section = section;
	*out = c;
	if (section && read_settings(c, err) != DEID_OK) {
		conf_free(c);
		*out = NULL;
		return DEID_FATAL;
	}
	return DEID_OK;
}

void conf_free(void *conf)
{
	struct conf *c = conf;

	if (c) {
		alter_free(c->alter);
		crypt_free(c);
	}
	free(c);
}

/* The kind of what the name denotes, where an element of it can hold nothing else. */
static int kind_of(enum vr vr)
{
	enum deid_kind kind = vr_info(vr)->kind;

	if (vr == VR_NONE || vr == VR_UN || kind == DEID_TEXT || kind == DEID_TREE)
		return -1;
	return (int)kind;
}

int conf_path(void *conf, struct deid_str text, const struct deid_node *node, void **out,
    struct deid_path_info *info, struct deid_error *err)
{
	struct conf *c = conf;
	struct path *p;
	int rc = path_parse(c->host, text, node, &p, err);

	if (rc != DEID_OK)
		return rc;
	/* Nested names act where they are written. */
	p->recurse = c->recurse && p->n == 1 && !p->meta;
	info->flags = (p->wild ? DEID_PATH_WILD : 0) | (path_creates(p) ? DEID_PATH_CREATE : 0);
	info->kind = kind_of((enum vr)path_last(p)->vr);
	if (DEID_HAS(info, place) && !path_place(p, &info->place))
		rc = c->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	if (rc != DEID_OK) {
		path_free(p);
		return rc;
	}
	*out = p;
	return DEID_OK;
}

/* A key of the entry, else of the section. */
static bool option_on(const struct conf *c, const struct deid_entry *e, const char *key, bool dflt)
{
	const struct deid_host *h = c->host;
	const struct deid_node *n = h->node_given(e->node, key) ? h->node_get(e->node, key) : NULL;

	if (!n)
		n = h->node_get(c->section, key);
	return n ? h->node_bool(n) : dflt;
}

bool conf_creates(const struct conf *c, const struct deid_entry *e)
{
	return e->flags & DEID_ENTRY_CREATE && option_on(c, e, "replace-with-insert", true);
}

static int check_constant(const struct conf *c, const struct deid_entry *e, struct deid_error *err)
{
	const struct deid_host *h = c->host;
	const struct selector *last = path_last(e->path);
	const struct deid_value *v = e->constant;
	enum vr vr = (enum vr)last->vr;
	const char *why;

	if (vr == VR_NONE)
		return DEID_OK;
	why = content_objection(vr, v);
	if (why)
		return h->complain(err, e->node, "'%.*s': %s", (int)e->text.n, e->text.p, why);
	for (size_t i = 0; i < v->n; i++) {
		why = check_doubt(vr, v->v[i]);
		if (why)
			h->caution(err, e->node, "'%.*s': %s: it is written as given", (int)e->text.n,
			    e->text.p, why);
		if (last->tag == TAG_CHARSET && !charset_known(v->v[i]))
			return h->complain(err, e->node, "'%.*s': no defined term of a character set",
			    (int)e->text.n, e->text.p);
	}
	return DEID_OK;
}

static int check_entry(const struct conf *c, const struct deid_entry *e, struct deid_error *err)
{
	const struct path *p = e->path;

	if (e->flags & DEID_ENTRY_OFF)
		return DEID_OK;
	if (!p)
		return DEID_OK;
	if (path_last(p)->creator.n && path_last(p)->vr == VR_NONE && conf_creates(c, e))
		return c->host->complain(err, e->node,
		    "'%.*s': the VR of the private element is not known, so it cannot be created "
		    "(replace-with-insert: false replaces it where it is)",
		    (int)e->text.n, e->text.p);
	return e->constant ? check_constant(c, e, err) : DEID_OK;
}

int conf_judge(const void *conf, const struct deid_entry *e, struct deid_error *err)
{
	return check_entry(conf, e, err);
}

int conf_seal(void *conf, const struct deid_entry *entry, size_t n, struct deid_error *err)
{
	struct conf *c = conf;
	int rc = DEID_OK;

	c->entry = entry;
	c->nentry = n;
	for (size_t i = 0; i < n; i++)
		if (check_entry(c, &entry[i], err) != DEID_OK)
			rc = DEID_FAILED;
	if (c->section && crypt_seal(c, err) != DEID_OK)
		rc = DEID_FAILED;
	if (c->section && c->defined_only)
		undefined_caution(c, err);
	return rc;
}
