/* SPDX-License-Identifier: MIT */
#include <config.h>

/* Which keys an entry may use: those of the command line, else of the entry, its section, the document. */
#include "core/profile/rule.h"
#include "core/profile/settings.h"
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

struct search {
	const struct deid_node *entry, *section;
	struct profile *profile;
	const struct provider *provider;
	struct deid_error *err;
};

static const struct {
	uint32_t kind;
	const char *setting, *option;
} names[] = {
    {DEID_KEY_SECRET, "secret-key", "--secret-key"},
    {DEID_KEY_PUBLIC, "public-key", "--public-key"},
    {DEID_KEY_PRIVATE, "private-key", "--private-key"},
};

#define NAMES (sizeof names / sizeof *names)

static bool is_given(const struct deid_node *n)
{
	for (size_t i = 0; i < node_count(n); i++)
		if (str_trim(node_str(node_at(n, i))).n)
			return true;
	return false;
}

/* The nearest setting that names a key; NULL: none does. Nothing but the secret key is inherited. */
static const struct deid_node *nearest(const struct search *s, size_t name)
{
	const struct deid_node *at[] = {
	    s->entry, s->section, names[name].kind == DEID_KEY_SECRET ? s->profile->doc->root : NULL};

	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		const struct deid_node *n = node_get(at[i], names[name].setting);

		if (n && is_given(n))
			return n;
	}
	return NULL;
}

/* A value that only a subject would give. */
static bool is_unknown(const struct search *s, uint32_t kinds)
{
	const struct deid_node *at[] = {s->entry, s->section, s->profile->doc->root};

	for (size_t i = 0; i < NAMES; i++) {
		const struct deid_setting key[] = {
		    {.size = sizeof(struct deid_setting), .key = names[i].setting},
		    {.size = sizeof(struct deid_setting)}};

		for (size_t k = 0; names[i].kind & kinds && k < sizeof at / sizeof *at; k++)
			if (at[k] && at[k]->type == NODE_MAP && setting_partial(at[k], key))
				return true;
	}
	return false;
}

/* Complains where something is to be run. */
static int doubt(const struct search *s, const struct deid_node *node, const char *text)
{
	if (!s->provider->check)
		return node_complain(s->err, node, "%s", text);
	node_caution(s->err, node, "%s", text);
	return DEID_OK;
}

static int keyless(const struct search *s, const struct deid_node *node, uint32_t kinds, const char *what)
{
	struct buf text = {0};
	bool good, first = true;
	int rc;

	if (is_unknown(s, kinds))
		return DEID_OK;
	good = buf_printf(&text, "\"%s\" has no key: ", what);
	for (size_t i = 0; i < NAMES && good; i++) {
		if (!(names[i].kind & kinds))
			continue;
		good =
		    buf_printf(&text, "%s\"%s\" or %s", first ? "" : ", ", names[i].setting, names[i].option);
		first = false;
	}
	rc = good && buf_cstr(&text) ? doubt(s, node, text.p) : error_nomem(s->err);
	buf_free(&text);
	return rc;
}

/* ---- what the profile keeps ---------------------------------------------------------------------- */

static struct profile_key *new_key(const struct search *s)
{
	struct profile_key *key = arena_zalloc(&s->profile->arena, sizeof *key);

	if (!key) {
		error_nomem(s->err);
		return NULL;
	}
	key->next = s->profile->key;
	s->profile->key = key;
	return key;
}

/* Equal keys are one. */
static const struct secret *spelled(const struct search *s, const struct deid_node *n)
{
	struct profile_key *key;
	struct secret secret;

	if (!secret_parse(node_str(n), &secret))
		return NULL; /* the schema has said so */
	for (key = s->profile->key; key; key = key->next)
		if (!key->path && key->secret.n == secret.n &&
		    !CRYPTO_memcmp(key->secret.byte, secret.byte, secret.n))
			break;
	if (!key) {
		key = new_key(s);
		if (key)
			key->secret = secret;
	}
	secret_wipe(&secret);
	return key ? &key->secret : NULL;
}

static const struct profile_key *of_file(
    const struct search *s, struct deid_str path, const struct deid_node *node, int *rc)
{
	struct deid_str kept;
	struct profile_key *key;
	struct buf text = {0};
	const char *why;

	*rc = DEID_OK;
	for (const struct profile_key *k = s->profile->key; k; k = k->next)
		if (k->path && str_eqz(path, k->path))
			return k;
	kept = arena_dup(&s->profile->arena, path); /* NUL-terminated */
	key = kept.p ? new_key(s) : NULL;
	if (!key) {
		*rc = error_nomem(s->err);
		return NULL;
	}
	if (keys_read(kept.p, &key->file, &key->nfile, &why)) {
		key->path = kept.p;
		return key;
	}
	*rc = why && buf_printf(&text, "%s: %s", kept.p, why) && buf_cstr(&text) ? doubt(s, node, text.p)
										 : error_nomem(s->err);
	buf_free(&text);
	return NULL;
}

void keyring_wipe(struct profile *p)
{
	for (struct profile_key *k = p->key; k; k = k->next) {
		secret_wipe(&k->secret);
		if (k->file)
			OPENSSL_cleanse(k->file, k->nfile);
		free(k->file);
	}
	p->key = NULL;
}

/* ---- for transforms ------------------------------------------------------------------------------ */

int rule_key(const struct deid_rule *r, const void **p, size_t *n, struct deid_error *err)
{
	const struct search s = {r->entry, r->section, r->profile, r->provider, err};
	const struct keys *given = r->provider->keys;
	const struct deid_node *node;
	const struct secret *secret;

	*p = NULL;
	*n = 0;
	if (given && given->secret.n) {
		*p = given->secret.byte;
		*n = given->secret.n;
		return DEID_OK;
	}
	node = nearest(&s, 0);
	if (!node)
		return keyless(&s, r->arg, DEID_KEY_SECRET, r->transform->action);
	secret = spelled(&s, node);
	if (!secret)
		return DEID_FAILED;
	*p = secret->byte;
	*n = secret->n;
	return DEID_OK;
}

/* ---- for formats --------------------------------------------------------------------------------- */

struct list {
	struct deid_key *key;
	size_t n;
};

static void add(
    struct list *l, uint32_t kind, const void *p, size_t n, const char *path, const struct deid_node *node)
{
	l->key[l->n++] = (struct deid_key){.size = sizeof *l->key,
	    .kind = kind,
	    .p = p,
	    .n = n,
	    .path = path ? str_of(path) : STR(""),
	    .node = node};
}

static int add_file(
    const struct search *s, struct list *l, uint32_t kind, struct deid_str path, const struct deid_node *node)
{
	int rc = DEID_OK;
	const struct profile_key *key = path.n ? of_file(s, path, node, &rc) : NULL;

	if (key)
		add(l, kind, key->file, key->nfile, key->path, node);
	return rc;
}

static int add_kind(
    const struct search *s, struct list *l, size_t name, const struct deid_node *here, bool *named)
{
	const struct keys *given = s->provider->keys;
	uint32_t kind = names[name].kind;
	const struct deid_node *node = nearest(s, name);
	const struct secret *secret;
	int rc = DEID_OK;

	*named = true;
	if (given && kind == DEID_KEY_SECRET && given->secret.n) {
		add(l, kind, given->secret.byte, given->secret.n, NULL, here);
	} else if (given && kind == DEID_KEY_PUBLIC && given->npublic) {
		for (size_t i = 0; i < given->npublic && rc == DEID_OK; i++)
			rc = add_file(s, l, kind, str_of(given->public_file[i]), here);
	} else if (given && kind == DEID_KEY_PRIVATE && given->private_key) {
		rc = add_file(s, l, kind, str_of(given->private_key), here);
	} else if (node && kind == DEID_KEY_SECRET) {
		secret = spelled(s, node);
		if (!secret)
			return DEID_FAILED;
		add(l, kind, secret->byte, secret->n, NULL, node);
	} else if (node) {
		for (size_t i = 0; i < node_count(node) && rc == DEID_OK; i++)
			rc = add_file(s, l, kind, str_trim(node_str(node_at(node, i))), node_at(node, i));
	} else {
		*named = false;
	}
	return rc;
}

int keyring_get(const struct deid_node *section, const struct deid_node *entry, uint32_t kinds,
    const char *what, const struct deid_key **out, size_t *n, struct deid_error *err)
{
	const struct section_home *home = section ? section->home : NULL;
	const struct deid_node *here = entry ? entry : section;
	struct search s = {.entry = entry, .section = section, .err = err};
	struct list l = {0};
	size_t most = NAMES;
	bool named, any = false;
	int rc = DEID_OK;

	*out = NULL;
	*n = 0;
	if (!home)
		return error_fail(
		    err, DEID_FAILED, DEID_E_INTERNAL, "the format asks for keys of no section");
	s.profile = home->profile;
	s.provider = home->provider;
	for (size_t i = 0; i < NAMES; i++)
		most += node_count(nearest(&s, i));
	if (s.provider->keys)
		most += s.provider->keys->npublic;
	l.key = arena_array(&s.profile->arena, most, sizeof *l.key);
	if (!l.key)
		return error_nomem(err);
	for (size_t i = 0; i < NAMES && rc == DEID_OK; i++)
		if (names[i].kind & kinds) {
			rc = add_kind(&s, &l, i, here, &named);
			any = any || named;
		}
	if (rc == DEID_OK && !any)
		rc = keyless(&s, here, kinds, what);
	*out = l.key;
	*n = l.n;
	return rc;
}
