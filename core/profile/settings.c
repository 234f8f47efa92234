/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/regex.h"
#include "core/profile/scalar.h"
#include "core/profile/settings.h"
#include "core/profile/suggest.h"
#include "core/util/utf8.h"
#include <inttypes.h>
#include <string.h>

const struct deid_setting *setting_next(const struct deid_setting *s)
{
	return (const void *)((const char *)s + s->size);
}

const struct deid_setting *setting_find(const struct deid_setting *s, struct deid_str key)
{
	for (; s && s->key; s = setting_next(s))
		if (str_eqz(key, s->key))
			return s;
	return NULL;
}

bool setting_partial(const struct deid_node *map, const struct deid_setting *settings)
{
	for (size_t i = 0; map->partial && i < map->n; i++)
		if (map->pair[i].value->partial && setting_find(settings, map->pair[i].key->text))
			return true;
	return false;
}

void setting_suggest(const struct deid_setting *s, struct suggest *out)
{
	for (; s && s->key; s = setting_next(s))
		suggest_try(out, s->key);
}

void setting_unknown(const struct deid_node *key, const struct suggest *s, struct deid_error *err)
{
	/* A key is the author's own word, but may be anything: show no more than a word's length. */
	struct deid_str k = utf8_first(key->text, 60);

	if (s->best)
		node_complain(err, key, "unknown key \"%.*s\"; did you mean \"%s\"?", (int)k.n, k.p, s->best);
	else
		node_complain(err, key, "unknown key \"%.*s\"", (int)k.n, k.p);
}

static bool expected(
    const struct deid_setting *s, const struct deid_node *value, struct deid_error *err, const char *what)
{
	bool typed = s->type == DEID_T_BOOL || s->type == DEID_T_INT || s->type == DEID_T_REAL;
	const char *hint = typed && value->type == NODE_SCALAR ? scalar_hint(value->text) : NULL;

	node_complain(err, value, "\"%s\" takes %s%s%s", s->key, what, hint ? "; " : "", hint ? hint : "");
	return false;
}

static bool check_int(const struct deid_setting *s, const struct deid_node *value, struct deid_error *err)
{
	int64_t v;

	if (!scalar_int(value->text, &v))
		return expected(s, value, err, "a whole number");
	if (s->lo >= s->hi || (v >= s->lo && v <= s->hi))
		return true;
	if (s->hi == INT64_MAX)
		node_complain(err, value, "\"%s\" is at least %" PRId64, s->key, s->lo);
	else
		node_complain(err, value, "\"%s\" is from %" PRId64 " to %" PRId64, s->key, s->lo, s->hi);
	return false;
}

static bool check_enum(const struct deid_setting *s, const struct deid_node *value, struct deid_error *err)
{
	struct deid_str rest = str_of(s->values), one;

	while (str_split(&rest, '|', &one))
		if (str_eq(one, value->text))
			return true;
	node_complain(err, value, "\"%s\" is one of %s", s->key, s->values);
	return false;
}

static bool check_regex(const struct deid_setting *s, const struct deid_node *value, struct deid_error *err)
{
	char why[256];
	size_t offset;
	struct regex *re = regex_new(value->text, &offset, why, sizeof why);

	if (!re)
		node_complain(err, value, "\"%s\" is no regular expression: %s (at byte %zu of it)", s->key,
		    why, offset);
	regex_free(re);
	return re != NULL;
}

static bool check_scalar(const struct deid_setting *s, const struct deid_node *value, struct deid_error *err)
{
	bool b;

	switch (s->type) {
	case DEID_T_BOOL:
		return scalar_bool(value->text, &b) || expected(s, value, err, "true or false");
	case DEID_T_INT:
		return check_int(s, value, err);
	case DEID_T_REAL:
		return scalar_real_syntax(value->text) || expected(s, value, err, "a number");
	case DEID_T_ENUM:
		return check_enum(s, value, err);
	case DEID_T_REGEX:
		return check_regex(s, value, err);
	default:
		return true;
	}
}

static bool check_map(const struct deid_setting *s, const struct deid_node *value, struct deid_error *err)
{
	bool ok = true;

	if (value->type != NODE_MAP)
		return expected(s, value, err, "a mapping");
	for (size_t i = 0; i < value->n; i++) {
		const struct deid_node *key = value->pair[i].key;
		const struct deid_setting *sub = setting_find(s->sub, key->text);

		if (sub) {
			ok = setting_check(sub, value->pair[i].value, err) && ok;
		} else {
			struct suggest near;

			suggest_init(&near, key->text);
			setting_suggest(s->sub, &near);
			setting_unknown(key, &near, err);
			ok = false;
		}
	}
	return ok;
}

static bool check_list(const struct deid_setting *s, const struct deid_node *value, struct deid_error *err)
{
	bool ok = true;

	for (size_t i = 0; i < value->n; i++) {
		const struct deid_node *item = value->item[i];

		if (s->type == DEID_T_MAPS)
			ok = check_map(s, item, err) && ok;
		else if (item->type != NODE_SCALAR || (node_kind(item) == DEID_N_NULL && !item->unknown))
			ok = expected(s, item, err, "a text or a list of texts");
	}
	return ok;
}

bool setting_check(const struct deid_setting *s, const struct deid_node *value, struct deid_error *err)
{
	if (s->type == DEID_T_ANY)
		return true;
	/* It will be some text, or a number: nothing else. */
	if (value->unknown && s->type != DEID_T_MAP && s->type != DEID_T_MAPS)
		return true;
	if (node_kind(value) == DEID_N_NULL && !value->unknown)
		return s->type != DEID_T_BOOL || expected(s, value, err, "true or false");
	switch (s->type) {
	case DEID_T_MAP:
		return check_map(s, value, err);
	case DEID_T_MAPS:
		return value->type == NODE_LIST ? check_list(s, value, err)
						: expected(s, value, err, "a list of mappings");
	case DEID_T_STRS:
		if (value->type == NODE_LIST)
			return check_list(s, value, err);
		return value->type == NODE_SCALAR || expected(s, value, err, "a text or a list of texts");
	default:
		if (value->type != NODE_SCALAR)
			return expected(s, value, err, "one value, no list or mapping");
		return check_scalar(s, value, err);
	}
}

/* ---- defaults ---------------------------------------------------------------------------------- */

const struct deid_node *setting_default(struct arena *a, const char *text)
{
	struct deid_node *n = arena_zalloc(a, sizeof *n);

	if (!n)
		return NULL;
	n->type = NODE_SCALAR;
	n->plain = true;
	n->text = str_of(text);
	n->weight = 1;
	return n;
}

static bool add_default(
    struct arena *a, struct node_default *list, size_t *n, const char *key, const char *text)
{
	const struct deid_node *value = setting_default(a, text);

	list[*n] = (struct node_default){key, value};
	(*n)++;
	return value != NULL;
}

static bool bind_defaults(struct arena *a, struct deid_node *map, const struct deid_setting *settings,
    const struct deid_default *defaults)
{
	const struct deid_setting *s;
	const struct deid_default *d;
	struct node_default *list;
	size_t n = 0;

	for (s = settings; s && s->key; s = setting_next(s))
		n += s->dflt != NULL;
	for (d = defaults; d && d->key; d++)
		n++;
	list = arena_array(a, n, sizeof *list);
	if (!list)
		return false;
	n = 0;
	for (d = defaults; d && d->key; d++)
		if (!add_default(a, list, &n, d->key, d->value))
			return false;
	for (s = settings; s && s->key; s = setting_next(s))
		if (s->dflt && !add_default(a, list, &n, s->key, s->dflt))
			return false;
	map->dflt = list;
	map->ndflt = n;
	return true;
}

static struct deid_node *copy(struct arena *a, const struct deid_node *n)
{
	struct deid_node *c = arena_alloc(a, sizeof *c);

	if (c)
		*c = *n;
	return c;
}

/* A value of DEID_T_MAP or DEID_T_MAPS, with its own defaults. */
static struct deid_node *bind_value(
    struct arena *a, const struct deid_setting *s, const struct deid_node *value)
{
	struct deid_node *list;

	if (value->type == NODE_MAP) {
		const struct deid_node *bound = setting_bind(a, value, s->sub, NULL, NULL);

		return bound ? copy(a, bound) : NULL;
	}
	list = copy(a, value);
	if (!list || value->type != NODE_LIST)
		return list;
	list->item = arena_array(a, list->n, sizeof *list->item);
	if (!list->item)
		return NULL;
	for (size_t i = 0; i < list->n; i++) {
		list->item[i] = bind_value(a, s, value->item[i]);
		if (!list->item[i])
			return NULL;
	}
	return list;
}

static bool bind_values(struct arena *a, struct deid_node *map, const struct deid_setting *settings)
{
	struct node_pair *pair = arena_array(a, map->n, sizeof *pair);

	if (!pair)
		return false;
	if (map->n)
		memcpy(pair, map->pair, map->n * sizeof *pair);
	for (size_t i = 0; i < map->n; i++) {
		const struct deid_setting *s = setting_find(settings, pair[i].key->text);

		if (!s || !s->sub)
			continue;
		pair[i].value = bind_value(a, s, pair[i].value);
		if (!pair[i].value)
			return false;
	}
	map->pair = pair;
	return true;
}

const struct deid_node *setting_bind(struct arena *a, const struct deid_node *map,
    const struct deid_setting *settings, const struct deid_default *defaults, const struct section_home *home)
{
	static const struct deid_node nothing = {.type = NODE_MAP, .weight = 1};
	struct deid_node *bound;

	bound = copy(a, map && map->type == NODE_MAP ? map : &nothing);
	if (!bound)
		return NULL;
	bound->home = home;
	if (map) {
		bound->file = map->file;
		bound->line = map->line;
		bound->col = map->col;
	}
	return bind_values(a, bound, settings) && bind_defaults(a, bound, settings, defaults) ? bound : NULL;
}
