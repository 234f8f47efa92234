/* SPDX-License-Identifier: MIT */
#include "plugins/json/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODE_DEPTH 64

/* Shortest digits d1…dn and the exponent of `0.d1…dn`, for a finite x > 0. */
static int shortest(double x, char digit[24], int *exponent)
{
	char text[40];
	int n = 0;

	for (int precision = 0; precision < 17; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, x);
		if (strtod(text, NULL) == x)
			break;
	}
	for (const char *p = text; *p != 'e'; p++)
		if (*p >= '0' && *p <= '9')
			digit[n++] = *p;
	*exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1;
	while (n > 1 && digit[n - 1] == '0')
		n--;
	return n;
}

static bool put_zeros(struct buf *b, int n)
{
	while (n-- > 0)
		if (!buf_c(b, '0'))
			return false;
	return true;
}

bool json_put_real(struct buf *b, double x)
{
	char digit[24];
	int e, n;

	if (signbit(x) && !buf_c(b, '-'))
		return false;
	if (x == 0)
		return buf_z(b, "0.0");
	n = shortest(fabs(x), digit, &e);
	if (e > 16 || e < -3) { /* the bounds of Python's repr() */
		if (!buf_c(b, digit[0]) ||
		    (n > 1 && (!buf_c(b, '.') || !buf_add(b, digit + 1, (size_t)n - 1))))
			return false;
		return buf_printf(b, "e%c%02d", e > 0 ? '+' : '-', abs(e - 1));
	}
	if (e <= 0)
		return buf_z(b, "0.") && put_zeros(b, -e) && buf_add(b, digit, (size_t)n);
	if (n <= e)
		return buf_add(b, digit, (size_t)n) && put_zeros(b, e - n) && buf_z(b, ".0");
	return buf_add(b, digit, (size_t)e) && buf_c(b, '.') && buf_add(b, digit + e, (size_t)(n - e));
}

/* YAML allows a sign and leading zeros; of any length. */
static bool put_int(struct buf *b, struct deid_str s)
{
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	bool minus = i && s.p[0] == '-';

	while (i + 1 < s.n && s.p[i] == '0')
		i++;
	if (minus && s.p[i] != '0' && !buf_c(b, '-'))
		return false;
	return buf_add(b, s.p + i, s.n - i);
}

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
		return put_int(b, h->node_str(n));
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
