/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/rule.h"
#include "core/profile/settings.h"
#include <string.h>

const struct deid_node *rule_arg(const struct deid_rule *r)
{
	return r->arg;
}

const struct deid_node *rule_opt(const struct deid_rule *r, const char *key)
{
	const struct deid_node *n = node_get(r->entry, key);
	const struct deid_setting *s;

	if (!n)
		n = node_get(r->section, key);
	if (n)
		return n;
	s = setting_find(r->transform->settings, str_of(key));
	return s && s->dflt ? setting_default(r->arena, s->dflt) : NULL;
}

bool rule_given(const struct deid_rule *r, const char *key)
{
	return node_given(r->entry, key) || node_given(r->section, key);
}

int rule_kind(const struct deid_rule *r)
{
	return r->kind;
}

bool rule_by_regex(const struct deid_rule *r)
{
	return r->by_regex;
}

enum on_error rule_on_error(const struct deid_node *section, const struct deid_node *entry)
{
	const struct deid_node *n = node_get(entry, "on-error");

	if (!n)
		n = node_get(section, "on-error");
	if (str_eqz(node_str(n), "remove"))
		return ON_ERROR_REMOVE;
	return str_eqz(node_str(n), "keep") ? ON_ERROR_KEEP : ON_ERROR_FAIL;
}

bool rule_owned(const struct deid_format *f, const struct deid_transform *t)
{
	if (!DEID_HAS(f, act) || !f->owns)
		return false;
	for (const char *const *name = f->owns; *name; name++)
		if (!strcmp(*name, t->action))
			return true;
	return false;
}
