/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/change.h"

void change_text(struct deid_result *out, const struct deid_str *v, size_t n)
{
	out->verdict = DEID_CHANGE;
	if (out->value.flags & DEID_V_FREE)
		out->value.kind = DEID_TEXT;
	out->value.v = v;
	out->value.n = n;
	out->value.tree = NULL;
}

static size_t digits(struct deid_str s, size_t i)
{
	size_t n = 0;

	while (i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9')
		n++;
	return n;
}

/* As JSON writes numbers (RFC 8259, 6), without exponents: 0102 is none. */
static bool number(struct deid_str s)
{
	size_t i = s.n && s.p[0] == '-', whole = digits(s, i);

	if (!whole || (whole > 1 && s.p[i] == '0'))
		return false;
	i += whole;
	if (i < s.n && s.p[i] == '.') {
		size_t part = digits(s, i + 1);

		i += part ? 1 + part : 0;
	}
	return i == s.n;
}

void change_spelling(struct deid_result *out, const struct deid_str *v, size_t n)
{
	enum deid_kind was = out->value.kind;

	change_text(out, v, n);
	if ((was == DEID_INT || was == DEID_REAL) && n == 1 && number(v[0]))
		out->value.kind = was;
}

bool change_takes_text(int kind)
{
	return kind == DEID_TEXT || kind == DEID_NAME || kind == DEID_NULL || kind == DEID_TREE;
}
