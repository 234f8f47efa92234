/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/planvalue.h"

#include "core/cli/print.h"
#include "core/profile/document.h"
#include "core/util/json.h"
#include "core/util/utf8.h"

static size_t all_bytes(const struct deid_value *v)
{
	size_t n = 0;
	for (size_t i = 0; i < v->n; i++)
		n += v->v[i].n;
	return n;
}

/* ---- what a profile wrote ----------------------------------------------------------------------- */

static bool put_scalar(struct buf *b, const struct deid_node *n)
{
	switch (node_kind(n)) {
	case DEID_N_NULL:
		return buf_z(b, "null");
	case DEID_N_BOOL:
		return buf_z(b, node_bool(n) ? "true" : "false");
	case DEID_N_INT:
		return json_put_int(b, node_str(n));
	case DEID_N_REAL:
		return json_put_real(b, node_real(n)); /* no format writes one that is not finite */
	default:
		return json_put_string(b, node_str(n));
	}
}

/* As deep as a document may be: its reader has a bound. */
static bool put_node(struct buf *b, const struct deid_node *n)
{
	bool map = node_kind(n) == DEID_N_MAP, good;
	if (!map && node_kind(n) != DEID_N_LIST)
		return put_scalar(b, n);
	good = buf_c(b, map ? '{' : '[');
	for (size_t i = 0; good && i < node_count(n); i++)
		good = (!i || buf_c(b, ',')) &&
		       (!map || (json_put_string(b, node_key(n, i)) && buf_c(b, ':'))) &&
		       put_node(b, node_at(n, i));
	return good && buf_c(b, map ? '}' : ']');
}

/* A list or mapping, as a typed field gets it. */
static bool is_structure(const struct deid_value *v)
{
	return v->tree &&
	       (v->kind == DEID_TREE || (v->flags & DEID_V_TYPED && node_kind(v->tree) == DEID_N_LIST));
}

/* ---- text --------------------------------------------------------------------------------------- */

/* At most *room characters of it. quoted: it stands in quotes. */
static bool put_escaped(struct buf *b, struct deid_str s, bool quoted, size_t *room, bool *cut)
{
	bool good = true;
	for (size_t i = 0; good && i < s.n; (*room)--) {
		uint32_t cp;
		size_t n = utf8_next(s, i, &cp);
		if (*room == 0) {
			*cut = true;
			break;
		}
		if (n == 0)
			good = buf_printf(b, "\\x%02x", (unsigned char)s.p[i]);
		else if (cp == '"' && quoted)
			good = buf_z(b, "\\\"");
		else if (print_harmless(cp))
			good = buf_add(b, s.p + i, n);
		else
			good = buf_printf(b, "\\u%04x", (unsigned)cp);
		i += n ? n : 1;
	}
	return good;
}

bool planvalue_text(struct buf *b, const struct deid_value *v, bool unread)
{
	size_t room = PLANVALUE_TEXT_MAX;
	struct buf tree = {0};
	bool cut = false, good;
	if (!v)
		return buf_z(b, unread ? "(cannot be read)" : "(missing)");
	if (v->kind == DEID_NULL)
		return buf_z(b, "null");
	if (v->kind == DEID_BYTES)
		return buf_printf(b, "(%zu bytes)", all_bytes(v));
	if (v->kind == DEID_TREE && !v->tree)
		return buf_z(b, "(a container)");
	if (is_structure(v)) {
		good = put_node(&tree, v->tree) && put_escaped(b, buf_view(&tree), false, &room, &cut);
		buf_free(&tree);
		return good && (!cut || buf_z(b, "…"));
	}
	good = buf_c(b, '"');
	for (size_t i = 0; good && i < v->n && !cut; i++)
		good = (!i || buf_c(b, '\\')) && put_escaped(b, v->v[i], true, &room, &cut);
	return good && buf_c(b, '"') && (!cut || buf_printf(b, "… (%zu bytes)", all_bytes(v)));
}

/* ---- JSON --------------------------------------------------------------------------------------- */

bool planvalue_json(struct buf *b, const struct deid_value *v, bool unread)
{
	if (!v)
		return buf_z(b, unread ? "{\"unread\":true}" : "null");
	if (v->kind == DEID_NULL)
		return buf_z(b, "null");
	if (v->kind == DEID_TREE && !v->tree)
		return buf_z(b, "{\"container\":true}");
	if (is_structure(v))
		return buf_z(b, "{\"value\":") && put_node(b, v->tree) && buf_c(b, '}');
	if (v->kind == DEID_BYTES)
		return buf_printf(b, "{\"bytes\":%zu}", all_bytes(v));
	if (all_bytes(v) > PLANVALUE_JSON_MAX) {
		struct deid_str head = utf8_cut(v->v[0], PLANVALUE_JSON_MAX);
		return buf_z(b, "{\"begins\":") && json_put_string(b, head) &&
		       buf_printf(b, ",\"bytes\":%zu}", all_bytes(v));
	}
	if (v->n <= 1)
		return json_put_string(b, v->n ? v->v[0] : STR(""));
	bool good = buf_c(b, '[');
	for (size_t i = 0; good && i < v->n; i++)
		good = (!i || buf_c(b, ',')) && json_put_string(b, v->v[i]);
	return good && buf_c(b, ']');
}
