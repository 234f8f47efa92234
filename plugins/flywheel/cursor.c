/* SPDX-License-Identifier: MIT */
#include "plugins/flywheel/cursor.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *skip_blank(const char *p, const char *end)
{
	while (p < end && blank(*p))
		p++;
	return p;
}

static const char *string_end(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end ? p + 1 : end;
}

struct deid_str cursor_value(struct deid_str s)
{
	const char *end = s.p + s.n, *p = skip_blank(s.p, end), *start = p;
	size_t depth = 0;

	while (p < end) {
		char c = *p;

		if (c == '"') {
			p = string_end(p, end);
		} else if (c == '{' || c == '[') {
			depth++;
			p++;
		} else if ((c == '}' || c == ']') && depth) {
			depth--;
			p++;
		} else if (depth) {
			p++;
			continue;
		} else {
			while (p < end && !blank(*p) && *p != ',' && *p != '}' && *p != ']')
				p++;
		}
		if (!depth)
			break;
	}
	return (struct deid_str){start, (size_t)(p - start)};
}

struct cursor cursor_open(struct deid_str tree)
{
	return (struct cursor){tree.p + 1, tree.p + tree.n, tree.p[0] == '{', 0};
}

bool cursor_next(struct cursor *c, struct deid_str *key, struct deid_str *value)
{
	const char *p = skip_blank(c->p, c->end);

	*key = (struct deid_str){p, 0};
	if (p < c->end && *p == ',')
		p = skip_blank(p + 1, c->end);
	if (p >= c->end || *p == '}' || *p == ']')
		return false;
	if (c->object) {
		*key = (struct deid_str){p, (size_t)(string_end(p, c->end) - p)};
		p = skip_blank(p + key->n, c->end);
		p += p < c->end; /* the colon */
	}
	*value = cursor_value((struct deid_str){p, (size_t)(c->end - p)});
	c->p = value->p + value->n;
	c->index++;
	return true;
}
