/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/origin.h"

#include <ctype.h>
#include <string.h>

static bool wordly(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Does `word` stand at i, not as a part of a longer one? */
static bool stands_at(struct deid_str s, size_t i, struct deid_str word)
{
	size_t end = i + word.n;

	if (!str_eq(str_sub(s, i, word.n), word))
		return false;
	if (i && wordly(s.p[i - 1]) && wordly(word.p[0]))
		return false;
	return end >= s.n || !wordly(s.p[end]) || !wordly(word.p[word.n - 1]);
}

static bool hide(struct buf *message, struct deid_str cell)
{
	struct buf out = {0};
	struct deid_str s = buf_view(message);
	bool ok = true;

	for (size_t i = 0; i < s.n && ok;) {
		if (stands_at(s, i, cell)) {
			ok = buf_z(&out, "{{ … }}");
			i += cell.n;
		} else {
			ok = buf_c(&out, s.p[i++]);
		}
	}
	if (!ok) {
		buf_free(&out);
		return false;
	}
	buf_free(message);
	*message = out;
	return true;
}

static bool tell_one(const struct node_origin *o, struct buf *out)
{
	if (o->file)
		return buf_printf(
		    out, "row %zu, column \"%.*s\" of %s", o->row, (int)o->name.n, o->name.p, o->file);
	return buf_printf(out, "variable \"%.*s\"", (int)o->name.n, o->name.p);
}

bool origin_tell(const struct deid_node *n, struct buf *message)
{
	bool ok = true;

	/* The whole first: in it a cell may be part of a longer word. */
	if (n->nliteral)
		ok = hide(message, n->text);
	for (size_t i = 0; ok && i < n->nliteral; i++)
		ok = hide(message, str_sub(n->text, n->literal[i].off, n->literal[i].len));
	for (const struct node_origin *o = n->origin; ok && o; o = o->next)
		ok = buf_z(message, o == n->origin ? " (" : "; ") && tell_one(o, message);
	return ok && (!n->origin || buf_c(message, ')'));
}
