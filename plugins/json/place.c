/* SPDX-License-Identifier: MIT */
#include "core/util/grow.h"
#include "plugins/json/text.h"
#include "plugins/json/walk.h"

#include <stdlib.h>
#include <string.h>

int json_nomem(struct json_walk *w, struct deid_error *err)
{
	return w->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
}

int json_path_push(
    struct json_walk *w, size_t parent, const struct deid_str *key, uint64_t index, struct deid_error *err)
{
	char digits[24];
	size_t at = sizeof(digits);

	w->path.n = parent == JSON_NO_PATH ? 0 : parent;
	if (parent != JSON_NO_PATH && !buf_str(&w->path, w->conf->separator))
		return json_nomem(w, err);
	if (key)
		return buf_str(&w->path, *key) ? DEID_OK : json_nomem(w, err);
	do {
		digits[--at] = (char)('0' + index % 10);
		index /= 10;
	} while (index);
	return buf_add(&w->path, digits + at, sizeof(digits) - at) ? DEID_OK : json_nomem(w, err);
}

/* ---- sets of nodes ------------------------------------------------------------------------------- */

static int add(struct json_walk *w, const struct json_node *n, struct deid_error *err)
{
	const struct json_node **grown = grow(w->node, &w->node_cap, w->nnode + 1, sizeof(*w->node));

	if (!grown)
		return json_nomem(w, err);
	w->node = grown;
	w->node[w->nnode++] = n;
	return DEID_OK;
}

int json_set_key(struct json_walk *w, size_t set, size_t nset, struct frame *f, struct deid_str key,
    bool named, struct deid_error *err)
{
	size_t bits = f ? f->seen : 0;
	int rc = DEID_OK;

	for (size_t i = set; !rc && i < set + nset; i++) {
		const struct json_node *n = w->node[i];
		const struct json_node *c = named && n->below_any ? NULL : json_node_key(n, key);

		if (c && f && n->creates)
			w->seen[bits + c->rank / 64] |= UINT64_C(1) << (c->rank % 64);
		if (n->creates)
			bits += (n->nchild + 63) / 64;
		if (c)
			rc = add(w, c, err);
		if (!rc && n->wild && !named)
			rc = add(w, n->wild, err);
	}
	return rc;
}

int json_set_index(struct json_walk *w, size_t set, size_t nset, uint64_t index, struct deid_error *err)
{
	int rc = DEID_OK;

	for (size_t i = set; !rc && i < set + nset; i++) {
		const struct json_node *n = w->node[i];
		const struct json_node *c = json_node_index(n, index);

		if (c)
			rc = add(w, c, err);
		if (!rc && n->wild)
			rc = add(w, n->wild, err);
	}
	return rc;
}

bool json_set_between(const struct json_walk *w, size_t set, uint32_t lo, uint32_t hi)
{
	for (size_t i = set; i < w->nnode; i++)
		if (w->node[i]->min < hi && w->node[i]->max >= lo)
			return true;
	return false;
}

bool json_set_after(const struct json_walk *w, size_t set, uint32_t by)
{
	for (size_t i = set; i < w->nnode; i++)
		if (w->node[i]->min <= w->node[i]->max && w->node[i]->max > by)
			return true;
	return false;
}

bool json_set_before(const struct json_walk *w, size_t set, uint32_t by)
{
	for (size_t i = set; i < w->nnode; i++)
		if (w->node[i]->min < by)
			return true;
	return false;
}

bool json_set_deeper(const struct json_walk *w, size_t set)
{
	for (size_t i = set; i < w->nnode; i++)
		if (w->node[i]->nchild || w->node[i]->wild)
			return true;
	return false;
}

/* ---- what becomes of a place --------------------------------------------------------------------- */

/* The ids of several nodes as one ascending list. */
static int merge(struct json_walk *w, size_t set, size_t *n, struct deid_error *err)
{
	*n = 0;
	for (size_t i = set; i < w->nnode; i++) {
		const struct json_node *node = w->node[i];

		for (size_t k = 0; k < node->nid; k++) {
			uint32_t *grown = grow(w->id, &w->id_cap, *n + 1, sizeof(*w->id));
			size_t at = *n;

			if (!grown)
				return json_nomem(w, err);
			for (w->id = grown; at > 0 && w->id[at - 1] > node->id[k]; at--)
				w->id[at] = w->id[at - 1];
			w->id[at] = node->id[k];
			(*n)++;
		}
	}
	return DEID_OK;
}

/* The entries that act on the place. Where there are no regex entries, the core could add nothing to what
 * the names say, so that it is not asked. */
static int collect(struct json_walk *w, size_t set, const struct deid_field *field, const uint32_t **id,
    size_t *n, struct deid_error *err)
{
	int rc = DEID_OK;

	if (w->nnode - set == 1) {
		*id = w->node[set]->id;
		*n = w->node[set]->nid;
	} else {
		rc = merge(w, set, n, err);
		*id = w->id;
	}
	if (rc || !w->all)
		return rc;
	return w->host->match(w->job, field, *id, *n, id, n, err);
}

/* … of them those in [lo, hi). */
static int entries(struct json_walk *w, size_t set, uint32_t lo, uint32_t hi, const struct deid_field *field,
    const uint32_t **id, size_t *n, struct deid_error *err)
{
	int rc;

	*id = NULL;
	*n = 0;
	rc = collect(w, set, field, id, n, err);
	for (; *n && (*id)[0] < lo; (*n)--)
		(*id)++;
	while (*n && (*id)[*n - 1] >= hi)
		(*n)--;
	return rc;
}

int json_entries(struct json_walk *w, size_t set, uint32_t lo, uint32_t hi, uint32_t **own, size_t *n,
    struct deid_error *err)
{
	struct deid_field field = {.size = sizeof(field), .kind = DEID_TEXT, .name = buf_view(&w->path)};
	const uint32_t *id;
	int rc = entries(w, set, lo, hi, &field, &id, n, err);

	*own = NULL;
	if (rc || *n == 0)
		return rc;
	*own = reallocarray(NULL, *n, sizeof(**own));
	if (!*own)
		return json_nomem(w, err);
	memcpy(*own, id, *n * sizeof(**own));
	return DEID_OK;
}

static uint32_t flags_of(const struct json_conf *c, uint32_t id)
{
	if (id < c->nentry && c->entry[id].id == id)
		return c->entry[id].flags;
	for (size_t i = 0; i < c->nentry; i++)
		if (c->entry[i].id == id)
			return c->entry[i].flags;
	return 0;
}

int json_raw_entry(
    struct json_walk *w, const struct member *m, bool tree, bool *found, uint32_t *id, struct deid_error *err)
{
	struct deid_field field = {
	    .size = sizeof(field), .kind = tree ? DEID_TREE : DEID_TEXT, .name = buf_view(&w->path)};
	const uint32_t want = DEID_ENTRY_RAW | (tree ? DEID_ENTRY_TREE : 0), *all;
	size_t n = 0;
	int rc = DEID_OK;

	*found = false;
	if (w->conf->raw && !w->listing && !w->look)
		rc = entries(w, m->set, m->lo, m->hi, &field, &all, &n, err);
	for (size_t i = 0; !rc && i < n && !*found; i++) {
		*found = (flags_of(w->conf, all[i]) & want) == want;
		*id = all[i];
	}
	return rc;
}

int json_offer(struct json_walk *w, size_t set, uint32_t lo, uint32_t hi, enum deid_kind kind,
    const struct deid_value *value, struct deid_result *out, struct deid_error *err)
{
	struct deid_field field = {.size = sizeof(field), .kind = kind, .name = buf_view(&w->path)};
	const uint32_t *id;
	size_t n;
	int rc = entries(w, set, lo, hi, &field, &id, &n, err);

	*out = (struct deid_result){.size = sizeof(*out), .verdict = DEID_KEEP};
	if (w->look)
		return rc || n == 0 ? rc : w->host->observe(w->job, id, n, value, err);
	return rc || n == 0 ? rc : w->host->apply(w->job, &field, id, n, value, out, err);
}

int json_refuse(struct json_walk *w, struct deid_result *r, const char *why, struct deid_error *err)
{
	struct deid_field field = {.size = sizeof(field), .kind = DEID_TEXT, .name = buf_view(&w->path)};

	return w->host->refuse(w->job, &field, r, why, err);
}

static bool put_list(struct buf *out, const struct deid_value *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (!buf_z(out, i ? ", " : "[") || !json_put_string(out, v->v[i]))
			return false;
	return buf_c(out, ']');
}

/* What is JSON already. Between its tokens a blank does what a line end does, and in a file of one document a
 * line only that will do; strings hold neither. */
static bool put_spelled(struct buf *out, struct deid_str s, bool lines)
{
	size_t from = out->n;

	if (!buf_str(out, s))
		return false;
	for (size_t i = from; lines && i < out->n; i++)
		if (out->p[i] == '\n' || out->p[i] == '\r')
			out->p[i] = ' ';
	return true;
}

static bool put_value(struct buf *out, const struct deid_value *v, bool lines)
{
	struct deid_str s = v->n ? v->v[0] : (struct deid_str){"", 0};

	if (v->n > 1)
		return put_list(out, v);
	if (v->n && v->kind == DEID_TREE)
		return put_spelled(out, s, lines);
	if (v->kind == DEID_NULL)
		return buf_z(out, "null");
	if (v->n && (v->kind == DEID_INT || v->kind == DEID_REAL) && json_is_number(s))
		return buf_str(out, s);
	if (v->kind == DEID_BOOL && (str_eqz(s, "true") || str_eqz(s, "false")))
		return buf_str(out, s);
	return json_put_string(out, s);
}

int json_result_text(struct json_walk *w, const struct deid_value *v, struct buf *out, struct deid_error *err)
{
	const char *bad = NULL;

	if (v->tree ? json_put_node(out, w->host, v->tree, &bad) : put_value(out, v, w->lines))
		return DEID_OK;
	if (bad)
		return w->host->fail(err, DEID_FAILED, DEID_E_VALUE, "cannot be written as JSON: %s", bad);
	return json_nomem(w, err);
}

static bool is_real(struct deid_str s)
{
	return str_find(s, '.', 0) < s.n || str_find(s, 'e', 0) < s.n || str_find(s, 'E', 0) < s.n;
}

int json_value_of(struct json_walk *w, struct deid_str text, struct deid_str *token, struct deid_value *v,
    struct deid_error *err)
{
	*token = text;
	*v =
	    (struct deid_value){.size = sizeof(*v), .flags = DEID_V_FREE | DEID_V_TYPED, .lo = 1, .v = token};
	switch (text.p[0]) {
	case '{':
	case '[':
		v->kind = DEID_TREE;
		v->n = 1;
		return DEID_OK;
	case 'n':
		v->kind = DEID_NULL;
		return DEID_OK;
	case '"':
		v->kind = DEID_TEXT;
		w->text.n = 0;
		if (!json_unescape(str_sub(text, 1, text.n - 2), &w->text))
			return json_nomem(w, err);
		*token = buf_view(&w->text);
		break;
	default:
		v->kind = is_real(text) ? DEID_REAL : DEID_INT;
		if (text.p[0] == 't' || text.p[0] == 'f')
			v->kind = DEID_BOOL;
	}
	v->n = token->n > 0;
	return DEID_OK;
}
