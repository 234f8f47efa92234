/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/advice.h"
#include "core/profile/group.h"
#include "core/profile/rule.h"
#include "core/profile/schema.h"
#include "core/profile/settings.h"
#include "core/util/str.h"
#include <string.h>

/* ---- profile time ------------------------------------------------------------------------------ */

/* A group is part of a text: a mapping cannot be written there. */
static int check_constant(const struct group *g, const struct deid_node *entry, struct deid_error *err)
{
	const struct deid_value *v =
	    g->transform->constant && g->state ? g->transform->constant(g->state) : NULL;

	if (!v || v->kind != DEID_TREE)
		return DEID_OK;
	return node_complain(err, entry, "\"%s\" in \"groups\" takes a text", g->transform->action);
}

static int compile(
    struct group *g, const struct deid_rule *outer, const struct schema_entry *e, struct deid_error *err)
{
	struct deid_rule rule = *outer;
	int rc;

	rule.entry = e->node;
	rule.arg = e->arg;
	rule.transform = e->transform;
	rule.kind = -1;
	rule.by_regex = false;
	if (e->off || !e->transform->compile || e->partial ||
	    setting_partial(outer->section, e->transform->settings))
		return DEID_OK;
	advise_salt(outer->home, e->node, e->transform, err);
	rc = e->transform->compile(g->host, &rule, &g->state, err);
	return rc == DEID_OK ? check_constant(g, e->node, err) : rc;
}

/* What stops the file where the field's own on-error would let it go on cannot be told apart later. */
static int take_on_error(
    struct group *g, const struct deid_rule *outer, const struct deid_node *entry, struct deid_error *err)
{
	const struct deid_node *own = node_get(entry, "on-error");

	if (!own)
		return DEID_OK;
	g->on_error = rule_on_error(NULL, entry);
	if (g->on_error == ON_ERROR_FAIL && rule_on_error(outer->section, outer->entry) != ON_ERROR_FAIL)
		return node_complain(err, own,
		    "\"on-error\" in \"groups\" is the field's; \"fail\" here would be less than that");
	return DEID_OK;
}

int group_new(
    const struct deid_rule *outer, const struct deid_node *entry, struct group *g, struct deid_error *err)
{
	struct schema schema = {outer->provider, err, NULL};
	struct schema_entry e;
	int rc, settled;

	*g = (struct group){.host = outer->provider->host};
	if (!schema_entry(&schema, entry, &e))
		return DEID_FAILED;
	if (e.by_regex)
		return node_complain(err, e.selector, "an entry of \"groups\" has a \"name\", no \"regex\"");
	g->name = node_str(e.selector);
	g->node = e.selector;
	g->transform = e.transform;
	g->off = e.off;
	settled = take_on_error(g, outer, entry, err);
	rc = compile(g, outer, &e, err);
	rc = rc == DEID_OK ? settled : rc;
	if (rc != DEID_OK)
		group_free(g);
	return rc;
}

void group_free(struct group *g)
{
	if (g->state && g->transform->state_free)
		g->transform->state_free(g->state);
	g->state = NULL;
}

/* ---- file time --------------------------------------------------------------------------------- */

int group_join(const struct deid_host *host, struct deid_job *job, const struct deid_value *v,
    struct deid_str *text, struct deid_error *err)
{
	size_t n = 0;
	char *p;

	*text = STR("");
	if (v->kind == DEID_NULL || !v->n)
		return DEID_OK;
	if (v->kind == DEID_BYTES || v->kind == DEID_TREE)
		return host->fail(err, DEID_FAILED, DEID_E_VALUE, "a value of this type is no text");
	if (v->n == 1) {
		*text = v->v[0];
		return DEID_OK;
	}
	for (size_t i = 0; i < v->n; i++)
		n += v->v[i].n + 1;
	p = host->scratch(job, n);
	if (!p)
		return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	*text = (struct deid_str){p, n - 1};
	for (size_t i = 0; i < v->n; i++) {
		if (i)
			*p++ = ',';
		if (v->v[i].n)
			memcpy(p, v->v[i].p, v->v[i].n);
		p += v->v[i].n;
	}
	return DEID_OK;
}

static bool empty(const struct deid_value *v)
{
	return v->kind == DEID_NULL || (v->kind != DEID_TREE && !v->n) || (v->n == 1 && !v->v[0].n);
}

/* Does the action do anything to such a value? As for fields (core/engine/apply.c). */
static bool acts(const struct group *g, const struct deid_value *in)
{
	const uint32_t flags = g->transform->flags;

	if (g->off)
		return false;
	if (!in)
		return flags & DEID_TF_CREATE;
	return !empty(in) || flags & DEID_TF_EMPTY;
}

static int act(const struct group *g, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_str *text, struct deid_error *err)
{
	struct deid_result r = {.size = sizeof r, .verdict = DEID_KEEP};
	int rc;

	if (in && in->kind == DEID_TREE && !(g->transform->flags & DEID_TF_TREE))
		return g->host->fail(err, DEID_FAILED, DEID_E_FIELD,
		    "'%s' cannot act on a field that holds others", g->transform->action);
	r.value = in ? *in : (struct deid_value){.size = sizeof r.value, .lo = 1};
	rc = g->transform->run(g->state, job, field, in, &r, err);
	if (rc != DEID_OK || r.verdict == DEID_REMOVE || (!in && r.verdict == DEID_KEEP))
		return rc;
	return group_join(g->host, job, &r.value, text, err);
}

int group_run(const struct group *g, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *value, struct deid_str *text, struct deid_error *err)
{
	struct deid_value in;
	int rc;

	*text = STR("");
	if (value) { /* the result goes into a text, where the field's own bounds do not hold */
		in = *value;
		in.flags = (in.flags | DEID_V_FREE) & ~(DEID_V_UPPER | DEID_V_TYPED);
		in.max = 0;
	}
	if (!acts(g, value ? &in : NULL))
		return value ? group_join(g->host, job, &in, text, err) : DEID_OK;
	rc = act(g, job, field, value ? &in : NULL, text, err);
	if (rc == DEID_OK || g->on_error == ON_ERROR_FAIL || !error_excusable(err))
		return rc;
	error_clear(err);
	g->host->warn(job, field->name, "'%s' in groups cannot be carried out, on-error: %s",
	    g->transform->action,
	    g->on_error == ON_ERROR_REMOVE ? "the group is empty" : "the group is left as it was");
	*text = STR("");
	return value && g->on_error == ON_ERROR_KEEP ? group_join(g->host, job, &in, text, err) : DEID_OK;
}
