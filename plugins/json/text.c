/* SPDX-License-Identifier: MIT */
#include "plugins/json/text.h"

#include <math.h>

#define NODE_DEPTH 64

static bool put_node(
    struct buf *b, const struct deid_host *h, const struct deid_node *n, unsigned depth, const char **bad)
{
	enum deid_node_kind kind = h->node_kind(n);
	bool map = kind == DEID_N_MAP;
	double x;

	switch (kind) {
	case DEID_N_NULL:
		return buf_z(b, "null");
	case DEID_N_BOOL:
		return buf_z(b, h->node_bool(n) ? "true" : "false");
	case DEID_N_INT:
		return json_put_int(b, h->node_str(n));
	case DEID_N_REAL:
		x = h->node_real(n);
		if (isfinite(x))
			return json_put_real(b, x);
		*bad = "JSON has no infinity and no NaN";
		return false;
	case DEID_N_STR:
		return json_put_string(b, h->node_str(n));
	default:
		break;
	}
	if (depth >= NODE_DEPTH) {
		*bad = "nested too deep";
		return false;
	}
	if (!buf_c(b, map ? '{' : '['))
		return false;
	for (size_t i = 0; i < h->node_count(n); i++) {
		if (i && !buf_z(b, ", "))
			return false;
		if (map && !(json_put_string(b, h->node_key(n, i)) && buf_z(b, ": ")))
			return false;
		if (!put_node(b, h, h->node_at(n, i), depth + 1, bad))
			return false;
	}
	return buf_c(b, map ? '}' : ']');
}

bool json_put_node(struct buf *b, const struct deid_host *h, const struct deid_node *n, const char **bad)
{
	*bad = NULL;
	return put_node(b, h, n, 0, bad);
}
