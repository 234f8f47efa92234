/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/derive.h"

#include "core/profile/rule.h"
#include "core/profile/schema.h"
#include "core/profile/settings.h"
#include "core/util/str.h"
#include <stdlib.h>
#include <string.h>

struct derivation {
	const struct profile *base;
	struct profile *profile;
	const struct provider *provider;
	struct schema schema;
	struct deid_error *err;
	/* Of the section in work: settings that differ from the base's. */
	const char **touched;
	size_t ntouched;
	bool on_error; /* … and this one */
};

/* What is decided while a node is looked at. */
enum step { SAME, NOT_ABLE, SPENT };

/* ---- documents --------------------------------------------------------------------------------- */

/* Two copies of one mapping, key by key: filling in changes values only. */
static bool alike(const struct deid_node *a, const struct deid_node *b)
{
	return a->type == b->type && a->n == b->n;
}

static const struct deid_node *value_of(const struct deid_node *map, struct deid_str key)
{
	for (size_t i = 0; map && map->type == NODE_MAP && i < map->n; i++)
		if (str_eq(map->pair[i].key->text, key))
			return map->pair[i].value;
	return NULL;
}

/* The mapping of a section; GROUP.KEY is in a group. */
static const struct deid_node *raw_section(const struct document *doc, const struct section *sec)
{
	struct deid_str name = str_of(sec->name);
	size_t dot = sec->member ? str_find(name, '.', 0) : name.n;
	const struct deid_node *n = value_of(doc->root, str_sub(name, 0, dot));

	return dot < name.n ? value_of(n, str_sub(name, dot + 1, name.n)) : n;
}

static bool is_section(const struct profile *p, struct deid_str key)
{
	for (size_t i = 0; i < p->nsection; i++) {
		struct deid_str name = str_of(p->section[i].name);
		size_t dot = p->section[i].member ? str_find(name, '.', 0) : name.n;

		/* A group's own keys reach all its sections. */
		if (dot == name.n && str_eq(name, key))
			return true;
	}
	return false;
}

static bool root_able(const struct profile *base, const struct deid_node *root)
{
	const struct deid_node *was = base->doc->root;

	if (!was || !root || !alike(was, root) || was->type != NODE_MAP)
		return false;
	for (size_t i = 0; i < root->n; i++)
		if (root->pair[i].value != was->pair[i].value && !is_section(base, root->pair[i].key->text))
			return false;
	return true;
}

/* ---- settings of a section ---------------------------------------------------------------------- */

/* The setting of an action. What an action that creates reads a format may read, too. */
static const struct deid_setting *action_setting(const struct derivation *d, struct deid_str key)
{
	const struct deid_transform *const *list;
	size_t n = d->provider->transforms(d->provider->arg, &list);
	const struct deid_setting *found = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct deid_setting *s = setting_find(list[i]->settings, key);

		if (s && list[i]->flags & (DEID_TF_CREATE | DEID_TF_FIRST))
			return NULL;
		found = found ? found : s;
	}
	return found;
}

/* Formats use them too. */
static bool is_key(struct deid_str setting)
{
	return str_eqz(setting, "secret-key") || str_eqz(setting, "public-key") ||
	       str_eqz(setting, "private-key");
}

static bool touch(
    struct derivation *d, const struct section *base, struct deid_str key, const struct deid_node *value)
{
	const struct deid_setting *s;

	if (str_eqz(key, "on-error")) {
		d->on_error = true;
		return true;
	}
	/* What names folders inside of it is read by the format, whoever else reads it. */
	if (base->format->flags & DEID_FORMAT_CONTAINER)
		return false;
	s = setting_find(base->format->settings, key) || base->nfilename ? NULL : action_setting(d, key);
	if (!s || is_key(str_of(s->key)))
		return false;
	setting_check(s, value, d->err);
	d->touched[d->ntouched++] = s->key;
	return true;
}

/* The section's own keys; what differs there is in d->touched. */
static bool settings_able(struct derivation *d, const struct section *base, const struct deid_node *was,
    const struct deid_node *now)
{
	d->ntouched = 0;
	d->on_error = false;
	if (was->type != NODE_MAP || !alike(was, now))
		return false;
	for (size_t i = 0; i < now->n; i++) {
		struct deid_str key = now->pair[i].key->text;

		if (now->pair[i].value != was->pair[i].value && !str_eqz(key, "fields") &&
		    !touch(d, base, key, now->pair[i].value))
			return false;
	}
	return true;
}

/* An action whose argument holds entries of its own reads what their actions read. */
static bool reads_touched(const struct derivation *d, const struct deid_transform *t)
{
	if (d->ntouched && (t->arg == DEID_T_MAPS || t->arg == DEID_T_MAP))
		return true;
	for (size_t i = 0; i < d->ntouched; i++)
		if (setting_find(t->settings, str_of(d->touched[i])))
			return true;
	return false;
}

/* ---- entries ----------------------------------------------------------------------------------- */

/* Only what the action itself reads may differ. */
static bool entry_able(const struct derivation *d, const struct rule *r, const struct deid_node *was,
    const struct deid_node *now)
{
	if (was->type != NODE_MAP || !alike(was, now))
		return false;
	for (size_t i = 0; i < now->n; i++) {
		struct deid_str key = now->pair[i].key->text;

		if (now->pair[i].value == was->pair[i].value || was->pair[i].value == r->arg ||
		    str_eqz(key, "on-error"))
			continue;
		if (!action_setting(d, key) || is_key(key))
			return false;
	}
	return true;
}

/* The format has seen another constant. */
static enum step judge(struct derivation *d, const struct section *sec, const struct rule *r)
{
	const struct deid_transform *t = r->transform;
	const struct deid_format *f = sec->format;
	struct deid_entry entry = sec->entry[r->id];
	size_t before = d->err->nerrors;
	int rc;

	entry.node = r->node;
	entry.constant = !r->off && r->state && t->constant ? t->constant(r->state) : NULL;
	if (!entry.constant || !f->seal)
		return SAME;
	if (!DEID_HAS(f, judge) || !f->judge)
		return NOT_ABLE;
	rc = f->judge(sec->conf, &entry, d->err);
	if (d->err->code == DEID_E_NOMEM)
		return SPENT;
	if (rc != DEID_OK && d->err->nerrors == before)
		node_complain(d->err, r->node, "this cannot be used");
	return SAME;
}

static enum step compile(struct derivation *d, struct section *sec, struct rule *r)
{
	struct deid_rule seen = {
	    .entry = r->node,
	    .section = sec->node,
	    .arg = r->arg,
	    .transform = r->transform,
	    .kind = r->info.kind,
	    .by_regex = r->regex != NULL,
	    .arena = &d->profile->arena,
	    .home = sec,
	    .profile = d->profile,
	    .provider = d->provider,
	};
	size_t before = d->err->nerrors;
	int rc = DEID_OK;

	/* What reads other fields has a place in the section's queries. */
	if (r->transform->flags & DEID_TF_FIRST)
		return NOT_ABLE;
	r->state = NULL;
	r->own_state = true;
	if (!r->off && !r->owned && r->transform->compile)
		rc = r->transform->compile(d->provider->host, &seen, &r->state, d->err);
	if (d->err->code == DEID_E_NOMEM)
		return SPENT;
	if (rc != DEID_OK && d->err->nerrors == before)
		node_complain(d->err, r->node, "this cannot be used");
	return d->err->nerrors > before ? SAME : judge(d, sec, r);
}

static enum step derive_entry(struct derivation *d, struct section *sec, struct rule *r,
    const struct deid_node *was, const struct deid_node *now)
{
	struct schema_entry e;

	if (now == was) {
		if (d->on_error)
			r->on_error = rule_on_error(sec->node, now);
		return !r->off && reads_touched(d, r->transform) ? compile(d, sec, r) : SAME;
	}
	if (!entry_able(d, r, was, now))
		return NOT_ABLE;
	if (!schema_entry(&d->schema, now, &e))
		return SAME; /* it has said what is wrong */
	/* An entry that is off now is passed over; one that was off the format may have left out. */
	if (e.transform != r->transform || (r->off && !e.off))
		return NOT_ABLE;
	r->node = now;
	r->arg = e.arg;
	r->off = e.off;
	r->on_error = rule_on_error(sec->node, now);
	return compile(d, sec, r);
}

/* Entries are in the order written here, rules in that of execution. */
static struct rule *rule_of(
    const struct section *base, struct section *sec, size_t at, const struct deid_node *was)
{
	if (at < base->nrule && base->rule[at].node == was)
		return &sec->rule[at];
	for (size_t i = 0; i < base->nrule; i++)
		if (base->rule[i].node == was)
			return &sec->rule[i];
	return NULL;
}

static enum step derive_entries(struct derivation *d, const struct section *base, struct section *sec,
    const struct deid_node *was, const struct deid_node *now)
{
	size_t n = was && was->type == NODE_LIST ? was->n : 0;
	enum step step = SAME;

	if (n != base->nrule || (n && !alike(was, now)))
		return NOT_ABLE;
	sec->rule = arena_array(&d->profile->arena, n, sizeof *sec->rule);
	if (!sec->rule)
		return SPENT;
	sec->own_rules = true;
	if (n)
		memcpy(sec->rule, base->rule, n * sizeof *sec->rule);
	for (size_t i = 0; i < n; i++)
		sec->rule[i].own_state = false;
	for (size_t i = 0; i < n && step == SAME; i++) {
		struct rule *r = rule_of(base, sec, i, was->item[i]);

		step = r ? derive_entry(d, sec, r, was->item[i], now->item[i]) : NOT_ABLE;
	}
	return step;
}

static enum step derive_section(struct derivation *d, const struct section *base, struct section *sec)
{
	const struct deid_node *was = raw_section(d->base->doc, base);
	const struct deid_node *now = raw_section(d->profile->doc, base);

	*sec = *base;
	sec->shared = true;
	sec->own_rules = false;
	if (was == now)
		return SAME;
	if (!was || !now || !settings_able(d, base, was, now))
		return NOT_ABLE;
	sec->node =
	    setting_bind(&d->profile->arena, now, base->format->settings, base->format->defaults, NULL);
	if (!sec->node)
		return SPENT;
	return derive_entries(d, base, sec, value_of(was, STR("fields")), value_of(now, STR("fields")));
}

/* ---- the profile ------------------------------------------------------------------------------- */

static enum step derive(struct derivation *d)
{
	struct profile *p = d->profile;
	enum step step = SAME;
	size_t keys = 0;

	for (size_t i = 0; i < d->base->nsection; i++)
		keys = d->base->section[i].node->n > keys ? d->base->section[i].node->n : keys;
	d->touched = arena_array(&p->arena, keys + 1, sizeof *d->touched);
	p->section = calloc(d->base->nsection + 1, sizeof *p->section);
	p->name = strdup(d->base->name);
	if (!d->touched || !p->section || !p->name)
		return SPENT;
	while (p->nsection < d->base->nsection && step == SAME) {
		const struct section *base = &d->base->section[p->nsection];

		step = derive_section(d, base, &p->section[p->nsection++]);
	}
	if (step == SAME)
		profile_take_salt(p);
	return step;
}

struct profile *profile_derive(const struct profile *base, struct document *doc,
    const struct provider *provider, bool *able, struct deid_error *err)
{
	struct derivation d = {
	    .base = base, .provider = provider, .schema = {.provider = provider, .err = err}, .err = err};
	size_t before = err->ndiag;
	enum step step;

	*able = root_able(base, doc->root);
	if (!*able)
		return NULL;
	d.profile = calloc(1, sizeof *d.profile);
	if (!d.profile) {
		document_free(doc);
		error_nomem(err);
		return NULL;
	}
	d.profile->doc = doc;
	arena_init(&d.profile->arena, 0);
	d.schema.arena = &d.profile->arena;
	step = derive(&d);
	if (step == SAME)
		return d.profile;
	if (step == NOT_ABLE) {
		d.profile->doc = NULL; /* the caller's again */
		*able = false;
		error_cut(err, before);
	} else if (err->rc == DEID_OK) {
		error_nomem(err);
	}
	profile_free(d.profile);
	return NULL;
}
