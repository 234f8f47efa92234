/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/rule.h"
#include "core/profile/settings.h"

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

/* The nearest setting that holds a key; NULL: none does. */
static const struct deid_node *key_node(const struct deid_rule *r)
{
	const struct deid_node *at[] = {r->entry, r->section, r->profile->doc->root};

	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		const struct deid_node *n = node_get(at[i], "secret-key");

		if (n && str_trim(node_str(n)).n)
			return n;
	}
	return NULL;
}

/* A value that only a subject would give. */
static bool key_unknown(const struct deid_rule *r)
{
	const struct deid_node *at[] = {r->entry, r->section, r->profile->doc->root};
	static const struct deid_setting key[] = {{.size = sizeof(struct deid_setting), .key = "secret-key"},
	    {.size = sizeof(struct deid_setting)}};

	for (size_t i = 0; i < sizeof at / sizeof *at; i++)
		if (at[i] && at[i]->type == NODE_MAP && setting_partial(at[i], key))
			return true;
	return false;
}

static int keyless(const struct deid_rule *r, struct deid_error *err)
{
	static const char text[] = "\"%s\" has no key: \"secret-key\" or --secret-key";

	if (key_unknown(r))
		return DEID_OK;
	if (!r->provider->check)
		return node_complain(err, r->arg, text, r->transform->action);
	node_caution(err, r->arg, text, r->transform->action);
	return DEID_OK;
}

int rule_key(const struct deid_rule *r, const void **p, size_t *n, struct deid_error *err)
{
	const struct keys *given = r->provider->keys;
	const struct deid_node *node;
	struct profile_key *key;

	*p = NULL;
	*n = 0;
	if (given && given->secret.n) {
		*p = given->secret.byte;
		*n = given->secret.n;
		return DEID_OK;
	}
	node = key_node(r);
	if (!node)
		return keyless(r, err);
	key = arena_zalloc(&r->profile->arena, sizeof *key);
	if (!key)
		return error_nomem(err);
	key->next = r->profile->key;
	r->profile->key = key;
	if (!secret_parse(node_str(node), &key->secret))
		return DEID_FAILED; /* the schema has said so */
	*p = key->secret.byte;
	*n = key->secret.n;
	return DEID_OK;
}
