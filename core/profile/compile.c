/* SPDX-License-Identifier: MIT */
#include <config.h>

/* From the validated document to rules. A mistake never ends the work: the rest is compiled too, so that one
 * run shows everything that is wrong. Only a lack of memory does. */
#include "core/profile/advice.h"
#include "core/profile/filename_rule.h"
#include "core/profile/profile.h"
#include "core/profile/query.h"
#include "core/profile/rule.h"
#include "core/profile/schema.h"
#include "core/profile/settings.h"
#include "core/profile/sieve.h"
#include <stdlib.h>
#include <string.h>

struct compiler {
	struct profile *profile;
	const struct provider *provider;
	struct schema schema;
	struct deid_error *err;
	size_t cap; /* of profile->section */
	bool log;   /* values of fields go into a deid-log */
	bool wrong; /* a setting of the section in work */
	bool files; /* there is a section for files */
};

static bool spent(struct compiler *c)
{
	error_nomem(c->err);
	return false;
}

/* What became of a call into a format or transform. One that only failed, without complaining at a node,
 * is heard too. False: nothing more can be done. */
static bool settle(struct compiler *c, int rc, const struct deid_node *node, size_t errors_before, bool *ok)
{
	struct deid_error *err = c->err;

	*ok = rc == DEID_OK && err->nerrors == errors_before;
	if (rc == DEID_FATAL || err->code == DEID_E_NOMEM)
		return false;
	/* What has nothing to say has been said already, elsewhere. */
	if (rc != DEID_OK && err->nerrors == errors_before && (err->msg.n || !err->nerrors))
		node_complain(err, node, "%s", err->msg.n ? buf_cstr(&err->msg) : "this cannot be used");
	err->rc = DEID_OK;
	err->code = DEID_E_NONE;
	err->msg.n = 0;
	err->field.n = 0;
	err->offset = UINT64_MAX;
	return true;
}

/* ---- entries ----------------------------------------------------------------------------------- */

static bool compile_name(
    struct compiler *c, struct section *sec, struct rule *r, const struct deid_node *selector, bool *ok)
{
	size_t before = c->err->nerrors;
	int rc;

	*ok = false;
	if (selector->unknown || (!sec->conf && sec->format->conf_new))
		return true; /* the section's settings are wrong, and that has been said, or unknown */
	rc = sec->format->path_new(sec->conf, r->text, selector, &r->path, &r->info, c->err);
	return settle(c, rc, selector, before, ok);
}

static bool compile_regex(
    struct compiler *c, const struct section *sec, struct rule *r, const struct deid_node *selector)
{
	char why[256];
	size_t offset;

	if (selector->unknown)
		return true;
	r->regex = regex_new(r->text, &offset, why, sizeof why);
	if (!r->regex)
		node_complain(c->err, selector, "no regular expression: %s (at byte %zu of it)", why, offset);
	else if (DEID_HAS(sec->format, sift) && sec->format->sift)
		r->sieve = sieve_new(r->text);
	return r->regex != NULL;
}

/* Has the section a value for one of these keys that it cannot have? */
static bool wrong_setting(const struct deid_node *section, const struct deid_setting *settings)
{
	struct deid_error unheard;
	bool wrong = false;

	error_init(&unheard);
	for (size_t i = 0; i < section->n && !wrong; i++) {
		const struct deid_setting *s = setting_find(settings, section->pair[i].key->text);

		wrong = s && !setting_check(s, section->pair[i].value, &unheard);
	}
	error_free(&unheard);
	return wrong;
}

static bool compile_action(
    struct compiler *c, struct section *sec, struct rule *r, const struct schema_entry *e, bool *ok)
{
	struct deid_rule seen = {
	    .entry = e->node,
	    .section = sec->node,
	    .arg = e->arg,
	    .transform = r->transform,
	    .kind = r->info.kind,
	    .by_regex = e->by_regex,
	    .arena = &c->profile->arena,
	    .home = sec,
	    .profile = c->profile,
	    .provider = c->provider,
	};
	size_t before = c->err->nerrors;
	int rc = DEID_OK;

	*ok = true;
	if (e->partial || setting_partial(sec->node, r->transform->settings))
		return true;
	*ok = false;
	if (c->wrong && wrong_setting(sec->node, r->transform->settings))
		return true; /* it has been said */
	if (!r->off && !r->owned && r->transform->compile)
		rc = r->transform->compile(c->provider->host, &seen, &r->state, c->err);
	return settle(c, rc, e->node, before, ok);
}

/* False: no memory. A wrong entry leaves an incomplete rule that is only freed. */
static bool compile_entry(
    struct compiler *c, struct section *sec, struct rule *r, const struct schema_entry *e)
{
	size_t before = c->err->nerrors;
	bool ok;

	*r = (struct rule){
	    .id = (uint32_t)(r - sec->rule),
	    .node = e->node,
	    .text = e->selector->text,
	    .info = {.size = sizeof r->info, .kind = -1},
	    .transform = e->transform,
	    .arg = e->arg,
	    .own_state = true,
	    .owned = rule_owned(sec->format, e->transform),
	    .off = e->off,
	    .on_error = rule_on_error(sec->node, e->node),
	};
	if (e->by_regex)
		compile_regex(c, sec, r, e->selector);
	else if (!compile_name(c, sec, r, e->selector, &ok))
		return false;
	sec->has_regex = sec->has_regex || (e->by_regex && !e->off);
	if (!compile_action(c, sec, r, e, &ok))
		return false;
	r->wrong = !ok || c->err->nerrors > before;
	if (!r->off)
		advise_salt(sec, r->node, r->transform, c->err);
	return true;
}

/* ---- sections ---------------------------------------------------------------------------------- */

static bool compile_filters(struct compiler *c, struct section *sec)
{
	const struct deid_node *given = node_get(sec->node, "file-filter");
	const char *const *own = sec->format->filters;
	size_t n = node_count(given);

	if (!given)
		for (n = 0; own && own[n];)
			n++;
	sec->filter = arena_array(&c->profile->arena, n, sizeof *sec->filter);
	if (!sec->filter)
		return spent(c);
	for (size_t i = 0; i < n; i++)
		sec->filter[i] = given ? node_str(node_at(given, i)) : str_of(own[i]);
	sec->nfilter = n;
	return true;
}

static uint32_t entry_flags(const struct rule *r)
{
	const uint32_t flags = r->transform->flags;

	if (r->off)
		return DEID_ENTRY_OFF;
	return (flags & DEID_TF_CREATE ? DEID_ENTRY_CREATE : 0) | (flags & DEID_TF_RAW ? DEID_ENTRY_RAW : 0) |
	       (flags & DEID_TF_TREE ? DEID_ENTRY_TREE : 0);
}

/* Gives their number. */
static size_t seal_queries(struct section *sec)
{
	size_t n = sec->nrule;

	for (size_t i = 0; i < sec->nquery; i++) {
		const struct query *q = &sec->query[i];
		/* A stream has to be asked for what comes out; a record can be read in the end. */
		bool final = q->named || (q->final && sec->format->stream);

		if (!final && !q->original)
			continue;
		sec->entry[n++] = (struct deid_entry){
		    .size = sizeof *sec->entry,
		    .id = q->id,
		    .flags = DEID_ENTRY_OFF | DEID_ENTRY_QUERY | (final ? DEID_ENTRY_FINAL : 0),
		    .action = "keep",
		    .path = q->path,
		    .text = q->name,
		    .node = q->node,
		};
	}
	return n;
}

/* Of an entry that is wrong, which has been said, nothing is left but its place. */
static struct deid_entry entry_of(const struct rule *r)
{
	const struct deid_transform *t = r->transform;

	return (struct deid_entry){
	    .size = sizeof(struct deid_entry),
	    .id = r->id,
	    .flags = r->wrong ? DEID_ENTRY_OFF : entry_flags(r),
	    .action = r->wrong ? "keep" : t->action,
	    .path = r->wrong ? NULL : r->path,
	    .text = r->text,
	    .node = r->node,
	    .constant = !r->wrong && !r->off && !r->owned && t->constant ? t->constant(r->state) : NULL,
	};
}

/* `whole`: no entry is wrong. What some of them ask for may be missing otherwise. */
static bool seal(struct compiler *c, struct section *sec, bool whole)
{
	size_t before = c->err->nerrors, n = sec->nrule + (whole ? sec->nquery : 0);
	bool ok;

	sec->entry = arena_array(&c->profile->arena, n, sizeof *sec->entry);
	if (!sec->entry)
		return spent(c);
	for (size_t i = 0; i < sec->nrule; i++)
		sec->entry[i] = entry_of(&sec->rule[i]);
	if (whole)
		n = seal_queries(sec);
	if (!sec->format->seal)
		return true;
	return settle(c, sec->format->seal(sec->conf, sec->entry, n, c->err), sec->node, before, &ok);
}

/* A rule's place is its place in the order of execution: what goes first, then the others, each in the order
 * written. Compiled in the order written, for the order of messages. */
static bool compile_entries(
    struct compiler *c, struct section *sec, const struct schema_entry *entry, size_t n, size_t first)
{
	size_t next[2] = {first, 0};

	for (size_t i = 0; i < n; i++) {
		struct rule *r = &sec->rule[next[(entry[i].transform->flags & DEID_TF_FIRST) != 0]++];

		if (!compile_entry(c, sec, r, &entry[i]))
			return false;
	}
	return true;
}

static bool compile_fields(struct compiler *c, struct section *sec)
{
	const struct deid_node *fields = node_get(sec->node, "fields");
	struct schema_entry *entry;
	size_t n = 0, first = 0;
	bool done;

	if (!fields || fields->type != NODE_LIST)
		fields = NULL;
	entry = calloc(node_count(fields) + 1, sizeof *entry);
	if (!entry)
		return spent(c);
	for (size_t i = 0; i < node_count(fields); i++)
		if (schema_entry(&c->schema, node_at(fields, i), &entry[n])) {
			first += (entry[n].transform->flags & DEID_TF_FIRST) != 0;
			n++;
		}
	sec->rule = arena_array(&c->profile->arena, n, sizeof *sec->rule);
	if (sec->rule)
		sec->nrule = n;
	done = sec->rule ? compile_entries(c, sec, entry, n, first) : spent(c);
	free(entry);
	return done;
}

/* Fields whose values go into the log. Those of wildcards and expressions are told by the engine. */
static bool compile_log(struct compiler *c, struct section *sec)
{
	const char *const *own = sec->format->identifying;
	struct arena *arena = &c->profile->arena;
	size_t before = c->err->nerrors;
	int rc = DEID_OK;
	uint32_t id;
	bool ok;

	if (!c->log || sec->member)
		return true;
	/* Settings take fields out before the first entry: what was there shows without them. */
	if (!sec->format->stream && sec->format->conf_new)
		rc = sec->format->conf_new(c->provider->host, NULL, &sec->plain, c->err);
	for (; own && *own && rc == DEID_OK; own++)
		rc = query_add(sec, arena, QUERY_LOG, str_of(*own), sec->node, &id, c->err);
	for (size_t i = 0; i < sec->nrule && rc == DEID_OK; i++) {
		const struct rule *r = &sec->rule[i];

		if (r->path && !r->wrong && !(r->info.flags & DEID_PATH_WILD))
			rc = query_add(sec, arena, QUERY_LOG, r->text, r->node, &id, c->err);
	}
	return settle(c, rc, sec->node, before, &ok);
}

static bool compile_filenames(struct compiler *c, struct section *sec)
{
	size_t before = c->err->nerrors;
	bool ok;

	return settle(c, filename_rules_new(sec, c->profile, c->provider, c->err), sec->node, before, &ok);
}

/* With settings that are unknown yet their defaults may do, so that names can be checked; if they do not,
 * nobody is to blame. */
static bool guess_conf(struct compiler *c, struct section *sec)
{
	struct deid_error unheard;
	bool go_on;

	error_init(&unheard);
	go_on = sec->format->conf_new(c->provider->host, sec->node, &sec->conf, &unheard) != DEID_FATAL &&
		unheard.code != DEID_E_NOMEM;
	error_free(&unheard);
	return go_on || spent(c);
}

static bool compile_conf(struct compiler *c, struct section *sec)
{
	size_t before = c->err->nerrors;
	bool ok;

	if (!sec->format->conf_new)
		return true;
	if (setting_partial(sec->node, sec->format->settings))
		return guess_conf(c, sec);
	return settle(c, sec->format->conf_new(c->provider->host, sec->node, &sec->conf, c->err), sec->node,
	    before, &ok);
}

static bool compile_section(struct compiler *c, struct section *sec, const struct deid_node *value)
{
	struct section_home *home = arena_alloc(&c->profile->arena, sizeof *home);
	size_t before = c->err->nerrors;

	if (!home)
		return spent(c);
	*home = (struct section_home){c->profile, c->provider};
	sec->node =
	    setting_bind(&c->profile->arena, value, sec->format->settings, sec->format->defaults, home);
	if (!sec->node)
		return spent(c);
	c->wrong = !schema_section(&c->schema, value, sec->format);
	if (!c->wrong && !compile_conf(c, sec))
		return false;
	if (!compile_fields(c, sec) || !compile_filenames(c, sec) || !compile_log(c, sec) ||
	    !compile_filters(c, sec))
		return false;
	if (!advise_section(sec, c->err))
		return spent(c);
	/* A format judges only with its settings, and all of them known. */
	sec->to_seal = !(sec->format->conf_new && !sec->conf) && !sec->node->partial;
	sec->whole = c->err->nerrors == before;
	return true;
}

/* Sections may ask for fields of others, so that formats see their entries when all are there. */
static bool seal_sections(struct compiler *c)
{
	struct profile *p = c->profile;

	for (size_t i = 0; i < p->nsection; i++)
		if (p->section[i].format->flags & DEID_FORMAT_CONTAINER &&
		    !filename_rules_members(&p->section[i], p, c->err))
			return spent(c);
	for (size_t i = 0; i < p->nsection; i++)
		if (p->section[i].to_seal && !seal(c, &p->section[i], p->section[i].whole))
			return false;
	return true;
}

/* ---- the profile ------------------------------------------------------------------------------- */

static bool take_section(
    void *arg, const struct deid_node *key, const struct deid_node *value, const struct deid_format *format)
{
	struct compiler *c = arg;
	struct profile *p = c->profile;
	struct section *sec;

	if (p->nsection == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 8;
		void *more = reallocarray(p->section, cap, sizeof *p->section);

		if (!more)
			return spent(c);
		p->section = more;
		c->cap = cap;
	}
	sec = &p->section[p->nsection++];
	*sec = (struct section){.name = key->text.p, .format = format, .member = strchr(key->text.p, '.')};
	c->files = c->files || !sec->member;
	return compile_section(c, sec, value);
}

/* The salt of a mapping, also one that is unknown yet. */
static const struct deid_node *salt_of(const struct deid_node *map)
{
	for (size_t i = 0; map->type == NODE_MAP && i < map->n; i++) {
		const struct deid_node *value = map->pair[i].value;

		if (str_eqz(map->pair[i].key->text, "salt") &&
		    (value->unknown || node_kind(value) != DEID_N_NULL))
			return value;
	}
	return NULL;
}

/* The salt that comes first in the document, of a section or of an entry. */
static const struct deid_node *first_salt(const struct profile *p)
{
	for (size_t i = 0; i < p->nsection; i++) {
		const struct section *sec = &p->section[i];

		for (size_t k = 0; k < node_count(sec->node); k++) {
			struct deid_str key = node_key(sec->node, k);

			if (str_eqz(key, "salt") && salt_of(sec->node))
				return salt_of(sec->node);
			for (size_t r = 0; str_eqz(key, "fields") && r < sec->nrule; r++)
				if (salt_of(sec->rule[r].node))
					return salt_of(sec->rule[r].node);
		}
	}
	return NULL;
}

void profile_take_salt(struct profile *p)
{
	const struct deid_node *salt = first_salt(p);

	p->first_salt = node_str(salt);
	p->salt_unknown = salt && salt->unknown;
}

/* The document's `name`, else its file's stem. */
static bool take_name(struct profile *p)
{
	const struct deid_node *name = node_get(p->doc->root, "name");
	const char *base = strrchr(p->doc->file, '/');
	const char *dot;

	if (node_str(name).n) {
		p->name = strndup(node_str(name).p, node_str(name).n);
		return p->name != NULL;
	}
	base = base ? base + 1 : p->doc->file;
	dot = strrchr(base, '.');
	p->name = strndup(base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
	return p->name != NULL;
}

struct profile *profile_compile(struct document *doc, const struct provider *provider, struct deid_error *err)
{
	struct profile *p = calloc(1, sizeof *p);
	struct compiler c = {.profile = p, .provider = provider, .schema = {provider, err, NULL}, .err = err};

	if (!p) {
		document_free(doc);
		error_nomem(err);
		return NULL;
	}
	p->doc = doc;
	arena_init(&p->arena, 0);
	c.schema.arena = &p->arena;
	p->log = node_get(doc->root, "deid-log");
	c.log = provider->log || node_str(p->log).n;
	if (!take_name(p))
		goto fail;
	if (doc->root && (!schema_document(&c.schema, doc->root, take_section, &c) || !seal_sections(&c)))
		goto fail;
	if (doc->root && !c.files && !err->nerrors)
		node_caution(err, doc->root, "no section: no file is de-identified");
	profile_take_salt(p);
	advise_files(p, err);
	return p;
fail:
	if (err->rc == DEID_OK)
		error_nomem(err);
	profile_free(p);
	return NULL;
}

static void rule_free(struct rule *r, const struct section *sec)
{
	if (r->own_state && r->state && r->transform->state_free)
		r->transform->state_free(r->state);
	r->state = NULL;
	if (sec->shared)
		return;
	if (r->path && sec->format->path_free)
		sec->format->path_free(r->path);
	regex_free(r->regex);
	sieve_free(r->sieve);
}

static void section_free(struct section *sec)
{
	/* conf goes first: an index that seal() built may point at paths. */
	if (!sec->shared && sec->conf && sec->format->conf_free)
		sec->format->conf_free(sec->conf);
	if (!sec->shared && sec->plain && sec->format->conf_free)
		sec->format->conf_free(sec->plain);
	/* Rules that a section did not make itself are those of the other one. */
	for (size_t i = 0; i < sec->nrule; i++)
		if (!sec->shared || sec->own_rules)
			rule_free(&sec->rule[i], sec);
	if (sec->shared)
		return;
	query_free(sec);
	filename_rules_free(sec);
}

void profile_free(struct profile *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nsection; i++)
		section_free(&p->section[i]);
	keyring_wipe(p);
	free(p->section);
	free(p->name);
	arena_free(&p->arena);
	document_free(p->doc);
	free(p);
}
