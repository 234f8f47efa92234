/* SPDX-License-Identifier: MIT */
/*
 * What of a container goes on to the entries: with `all` every key that can be edited, else the places that
 * entries name, and nothing beside them. A place that holds others stays whole where an entry names it
 * outright, or acts on such places; an entry that reaches it by a wildcard or a regex to act on leaves takes
 * only those that it names.
 */
#include "core/util/grow.h"
#include "plugins/flywheel/cursor.h"
#include "plugins/flywheel/flywheel.h"
#include "plugins/json/text.h"

#include <stdlib.h>
#include <string.h>

struct pick {
	const struct flywheel_conf *conf;
	struct deid_job *job;
	struct buf path, key;
	uint32_t *alive; /* entries whose steps so far lead here: a stack of lists */
	size_t nalive, cap;
	struct deid_error *err;
};

/* The entries that may still name something below a place. */
struct below {
	size_t from, n; /* of pick.alive */
	size_t depth;   /* steps that led here */
};

static int spent(struct pick *p)
{
	return p->conf->json.host->fail(p->err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
}

static bool acts_on_trees(const struct deid_entry *e)
{
	static const char *const actions[] = {"keep", "replace-with", "remove", "encrypt", "decrypt"};

	if (e->flags & DEID_ENTRY_OFF)
		return true;
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (!strcmp(e->action, actions[i]))
			return true;
	return false;
}

static int push(struct pick *p, uint32_t id)
{
	uint32_t *grown = grow(p->alive, &p->cap, p->nalive + 1, sizeof(*p->alive));

	if (!grown)
		return spent(p);
	p->alive = grown;
	p->alive[p->nalive++] = id;
	return DEID_OK;
}

/* The entries of `up` that the step leads on. *named: the place is named. */
static int step(
    struct pick *p, const struct below *up, struct deid_str key, bool tree, struct below *down, bool *named)
{
	int rc = DEID_OK;

	*down = (struct below){.from = p->nalive, .depth = up->depth + 1};
	for (size_t i = up->from; !rc && i < up->from + up->n; i++) {
		const struct deid_entry *e = &p->conf->entry[p->alive[i]];
		const struct json_path *path = e->path;
		struct deid_str s = path->step[up->depth];

		if (!str_eqz(s, "*") && !str_eq(s, key))
			continue;
		if (path->n == down->depth)
			*named = *named || !tree || !path->wild || acts_on_trees(e);
		else
			rc = push(p, p->alive[i]);
	}
	down->n = p->nalive - down->from;
	return rc;
}

static int by_regex(struct pick *p, bool tree, bool *named)
{
	struct deid_field field = {
	    .size = sizeof(field), .kind = tree ? DEID_TREE : DEID_TEXT, .name = buf_view(&p->path)};
	const uint32_t *id;
	size_t n;
	int rc = p->conf->json.host->match(p->job, &field, NULL, 0, &id, &n, p->err);

	for (size_t i = 0; !rc && i < n; i++)
		*named = *named || !tree || (id[i] < p->conf->n && acts_on_trees(&p->conf->entry[id[i]]));
	return rc;
}

static int pick_tree(struct pick *p, struct deid_str tree, const struct below *, struct buf *out, bool *any);

/* Adds what of the value at p->path is let through; *any: something is. */
static int pick_value(struct pick *p, struct deid_str value, const struct below *up, struct deid_str key,
    struct buf *out, bool *any)
{
	bool tree = cursor_is_tree(value), named = false;
	struct below down;
	int rc = step(p, up, key, tree, &down, &named);

	if (!rc && !named && p->conf->regex)
		rc = by_regex(p, tree, &named);
	*any = named;
	if (!rc && named && !buf_str(out, value))
		rc = spent(p);
	if (!rc && !named && tree && (down.n || p->conf->regex))
		rc = pick_tree(p, value, &down, out, any);
	p->nalive = down.from;
	return rc;
}

/* Gives p->path another step; *key is its text. */
static int enter(struct pick *p, size_t parent, struct deid_str token, size_t index, struct deid_str *key)
{
	bool good = parent == 0 || buf_str(&p->path, p->conf->json.separator);

	p->key.n = 0;
	if (good && token.n)
		good = json_unescape(str_sub(token, 1, token.n - 2), &p->key);
	else if (good)
		good = buf_printf(&p->key, "%zu", index);
	*key = buf_view(&p->key);
	return good && buf_str(&p->path, *key) ? DEID_OK : spent(p);
}

static bool put_key(struct buf *out, struct deid_str token, bool first)
{
	return (first || buf_z(out, ", ")) && (!token.n || (buf_str(out, token) && buf_z(out, ": ")));
}

/* In a list, what is left out before an element that is let through becomes null: names count places. */
static bool put_nulls(struct buf *out, size_t n, bool *first)
{
	for (; n > 0; n--) {
		if (!put_key(out, (struct deid_str){"", 0}, *first) || !buf_z(out, "null"))
			return false;
		*first = false;
	}
	return true;
}

static int pick_tree(struct pick *p, struct deid_str tree, const struct below *up, struct buf *out, bool *any)
{
	struct cursor c = cursor_open(tree);
	struct deid_str token, value, key;
	size_t parent = p->path.n, start = out->n, skipped = 0;
	bool first = true;
	int rc = buf_c(out, tree.p[0]) ? DEID_OK : spent(p);

	*any = false;
	while (!rc && cursor_next(&c, &token, &value)) {
		size_t before = out->n;
		bool was_first = first, some = false;

		rc = enter(p, parent, token, c.index - 1, &key);
		if (!rc && !(put_nulls(out, c.object ? 0 : skipped, &first) && put_key(out, token, first)))
			rc = spent(p);
		if (!rc)
			rc = pick_value(p, value, up, key, out, &some);
		p->path.n = parent;
		skipped = some ? 0 : skipped + 1;
		first = some ? false : was_first;
		*any = *any || some;
		if (!some)
			out->n = before;
	}
	if (!rc && !*any)
		out->n = start;
	else if (!rc && !buf_c(out, c.object ? '}' : ']'))
		rc = spent(p);
	return rc;
}

/* The members of info but its header. */
static bool put_headless(struct buf *out, struct deid_str info, struct buf *spare)
{
	struct cursor c = cursor_open(info);
	struct deid_str token, value;
	bool first = true, good = buf_c(out, '{');

	while (good && cursor_next(&c, &token, &value)) {
		spare->n = 0;
		good = json_unescape(str_sub(token, 1, token.n - 2), spare);
		if (!good || str_eqz(buf_view(spare), "header"))
			continue;
		good = put_key(out, token, first) && buf_str(out, value);
		first = false;
	}
	return good && buf_c(out, '}');
}

/* A value as the entries are to see it. */
static bool seen_value(
    struct pick *p, const struct container_key *k, struct deid_str *value, struct buf *out, bool *with_t)
{
	struct deid_str text = value->p[0] == '"' ? str_sub(*value, 1, value->n - 2) : STR("");

	*with_t = false;
	out->n = 0;
	if (k->type == KEY_TREE && p->conf->container->header && !p->conf->header && value->p[0] == '{' &&
	    str_eqz(STR("info"), k->name)) {
		if (!put_headless(out, *value, &p->key))
			return false;
	} else if ((k->type == KEY_TIME || k->type == KEY_DATE) && container_is_time(text, 'T')) {
		if (!buf_str(out, *value))
			return false;
		out->p[11] = ' ';
		*with_t = true;
	} else {
		return true;
	}
	*value = buf_view(out);
	return true;
}

static int pick_member(struct pick *p, struct deid_str token, struct deid_str value, const struct below *top,
    struct buf *out, uint32_t *seen, uint32_t *with_t)
{
	const struct deid_host *host = p->conf->json.host;
	const struct container_key *k;
	struct buf changed = {0};
	size_t before = out->n;
	struct deid_str key;
	bool t, any = true;
	int rc = enter(p, 0, token, 0, &key);

	k = rc ? NULL : container_key(p->conf->container, key);
	if (!k || str_eqz(value, "null"))
		return rc;
	if (*seen & UINT32_C(1) << (k - p->conf->container->key))
		return host->fail(p->err, DEID_FAILED, DEID_E_FORMAT, "the key '%s' is there twice", k->name);
	*seen |= UINT32_C(1) << (k - p->conf->container->key);
	if (!seen_value(p, k, &value, &changed, &t) || !put_key(out, token, out->n == 1))
		rc = spent(p);
	if (!rc && p->conf->all)
		rc = buf_str(out, value) ? DEID_OK : spent(p);
	else if (!rc)
		rc = pick_value(p, value, top, str_of(k->name), out, &any);
	if (!any)
		out->n = before;
	if (t)
		*with_t |= UINT32_C(1) << (k - p->conf->container->key);
	buf_free(&changed);
	return rc;
}

int flywheel_pick(const struct flywheel_conf *conf, struct deid_job *job, struct deid_str container,
    struct buf *out, uint32_t *with_t, struct deid_error *err)
{
	struct pick p = {.conf = conf, .job = job, .err = err};
	struct cursor c = cursor_open(container);
	struct deid_str token, value;
	struct below top = {0};
	uint32_t seen = 0;
	int rc = DEID_OK;

	*with_t = 0;
	for (size_t i = 0; !rc && i < conf->n; i++)
		if (conf->entry[i].path)
			rc = push(&p, (uint32_t)i);
	top.n = p.nalive;
	if (!rc && !buf_c(out, '{'))
		rc = spent(&p);
	while (!rc && cursor_next(&c, &token, &value)) {
		p.path.n = 0;
		rc = pick_member(&p, token, value, &top, out, &seen, with_t);
	}
	if (!rc && !buf_c(out, '}'))
		rc = spent(&p);
	free(p.alive);
	buf_free(&p.path);
	buf_free(&p.key);
	return rc;
}
