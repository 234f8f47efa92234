/* SPDX-License-Identifier: MIT */
#include <config.h>

/* Reading nodes: the profile services of <deid/plugin.h>. */
#include "core/profile/document.h"
#include "core/profile/origin.h"
#include "core/profile/scalar.h"
#include <string.h>

const struct deid_node *node_get(const struct deid_node *n, const char *key)
{
	if (!n || n->type != NODE_MAP)
		return NULL;
	for (size_t i = 0; i < n->n; i++)
		if (str_eqz(n->pair[i].key->text, key)) {
			/* null is "nothing": what is absent then holds */
			if (node_kind(n->pair[i].value) != DEID_N_NULL)
				return n->pair[i].value;
			break;
		}
	for (size_t i = 0; i < n->ndflt; i++)
		if (!strcmp(n->dflt[i].key, key))
			return n->dflt[i].value;
	return NULL;
}

bool node_given(const struct deid_node *n, const char *key)
{
	if (!n || n->type != NODE_MAP)
		return false;
	for (size_t i = 0; i < n->n; i++)
		if (str_eqz(n->pair[i].key->text, key))
			return node_kind(n->pair[i].value) != DEID_N_NULL;
	return false;
}

size_t node_count(const struct deid_node *n)
{
	if (!n)
		return 0;
	return n->type == NODE_SCALAR ? 1 : n->n;
}

const struct deid_node *node_at(const struct deid_node *n, size_t i)
{
	if (!n || i >= node_count(n))
		return NULL;
	switch (n->type) {
	case NODE_LIST:
		return n->item[i];
	case NODE_MAP:
		return n->pair[i].value;
	default:
		return n;
	}
}

struct deid_str node_key(const struct deid_node *n, size_t i)
{
	if (!n || n->type != NODE_MAP || i >= n->n)
		return STR("");
	return n->pair[i].key->text;
}

/* .inf, .nan: reals of the core schema that no number of ours is. */
static bool special_real(struct deid_str s)
{
	static const char *const words[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN", NULL};

	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = str_sub(s, 1, 4);
	for (const char *const *w = words; *w; w++)
		if (str_eqz(s, *w))
			return true;
	return false;
}

enum deid_node_kind node_kind(const struct deid_node *n)
{
	bool b;

	if (!n)
		return DEID_N_NULL;
	if (n->unknown) /* nobody may take the name of a variable for its value */
		return DEID_N_NULL;
	if (n->type != NODE_SCALAR)
		return n->type == NODE_LIST ? DEID_N_LIST : DEID_N_MAP;
	if (!n->plain)
		return DEID_N_STR;
	if (scalar_null(n->text))
		return DEID_N_NULL;
	if (scalar_bool(n->text, &b))
		return DEID_N_BOOL;
	if (scalar_int_syntax(n->text))
		return DEID_N_INT;
	return scalar_real_syntax(n->text) || special_real(n->text) ? DEID_N_REAL : DEID_N_STR;
}

struct deid_str node_str(const struct deid_node *n)
{
	return n && n->type == NODE_SCALAR && !n->unknown ? n->text : STR("");
}

int64_t node_int(const struct deid_node *n)
{
	int64_t v = 0;

	scalar_int(node_str(n), &v);
	return v;
}

double node_real(const struct deid_node *n)
{
	struct deid_str s = node_str(n);

	return scalar_real_syntax(s) ? scalar_real(s) : 0;
}

bool node_bool(const struct deid_node *n)
{
	bool b = false;

	return scalar_bool(node_str(n), &b) && b;
}

static int DEID_PRINTF(4, 0) tell(
    struct deid_error *err, enum diag_level level, const struct deid_node *n, const char *fmt, va_list ap)
{
	struct buf text = {0};
	int rc;

	if (!n || !n->origin)
		return error_vdiag(err, level, n ? n->file : NULL, n ? n->line : 0, n ? n->col : 0, fmt, ap);
	if (!buf_vprintf(&text, fmt, ap) || !origin_tell(n, &text) || !buf_cstr(&text)) {
		err->nerrors++; /* what cannot be told must not pass */
		rc = error_nomem(err);
	} else {
		rc = error_diag(err, level, n->file, n->line, n->col, "%s", text.p);
	}
	buf_free(&text);
	return rc;
}

int node_vcomplain(struct deid_error *err, const struct deid_node *n, const char *fmt, va_list ap)
{
	return tell(err, DIAG_ERROR, n, fmt, ap);
}

int node_complain(struct deid_error *err, const struct deid_node *n, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = node_vcomplain(err, n, fmt, ap);
	va_end(ap);
	return rc;
}

void node_vcaution(struct deid_error *err, const struct deid_node *n, const char *fmt, va_list ap)
{
	tell(err, DIAG_WARNING, n, fmt, ap);
}

void node_advise(struct deid_error *err, const struct deid_node *n, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(err, DIAG_ADVICE, n, fmt, ap);
	va_end(ap);
}

void node_caution(struct deid_error *err, const struct deid_node *n, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	node_vcaution(err, n, fmt, ap);
	va_end(ap);
}
