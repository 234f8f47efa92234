/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/output.h"
#include "core/profile/rule.h"
#include "core/util/str.h"
#include <stdlib.h>
#include <string.h>

const struct deid_setting output_keys[] = {
    {.size = sizeof(struct deid_setting), .type = DEID_T_STR, .key = "input-regex"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_STR, .key = "output"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_ANY, .key = "groups"},
    {.size = sizeof(struct deid_setting)},
};

static int fail_memory(const struct deid_host *host, struct deid_error *err)
{
	return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
}

/* ---- the expression ---------------------------------------------------------------------------- */

/* Does the byte at `at` come from a variable of the profile's template? */
static bool is_literal(const struct deid_node *n, size_t at)
{
	for (size_t i = 0; i < n->nliteral; i++)
		if (at >= n->literal[i].off && at - n->literal[i].off < n->literal[i].len)
			return true;
	return false;
}

static bool alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

/* The expression, with what variables put into it standing for itself. */
static bool quoted(const struct deid_node *n, struct buf *out)
{
	for (size_t i = 0; i < n->text.n; i++) {
		char c = n->text.p[i];

		if (is_literal(n, i) && !alphanumeric(c) && !buf_c(out, '\\'))
			return false;
		if (!buf_c(out, c))
			return false;
	}
	return true;
}

static int compile_regex(
    struct output *o, const struct deid_host *host, const struct deid_node *node, struct deid_error *err)
{
	struct buf text = {0};
	char why[256];
	size_t offset = 0;
	bool memory = quoted(node, &text);

	if (memory)
		o->regex = regex_new(buf_view(&text), &offset, why, sizeof why);
	buf_free(&text);
	if (!memory)
		return fail_memory(host, err);
	if (o->regex)
		return DEID_OK;
	return host->complain(
	    err, node, "\"input-regex\" is no regular expression: %s (at byte %zu of it)", why, offset);
}

/* ---- the text ---------------------------------------------------------------------------------- */

static bool add_piece(struct output *o, struct deid_str text, bool variable)
{
	if (!text.n)
		return true;
	if (o->npiece == o->cap) {
		size_t cap = o->cap ? 2 * o->cap : 4;
		struct output_piece *more = reallocarray(o->piece, cap, sizeof *more);

		if (!more)
			return false;
		o->piece = more;
		o->cap = cap;
	}
	o->piece[o->npiece++] =
	    (struct output_piece){.text = text, .variable = variable, .same = OUTPUT_FIRST};
	return true;
}

/* The next brace of the author's own at or after `at`; text.n: there is none. */
static size_t next_brace(const struct deid_node *n, size_t at)
{
	for (; at < n->text.n; at++)
		if ((n->text.p[at] == '{' || n->text.p[at] == '}') && !is_literal(n, at))
			break;
	return at;
}

/* A number that counts groups. Longer ones are names of fields: 00100020. */
static bool positional(struct deid_str name)
{
	if (name.n > 4)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] < '0' || name.p[i] > '9')
			return false;
	return true;
}

static int split_output(
    struct output *o, const struct deid_host *host, const struct deid_node *node, struct deid_error *err)
{
	const struct deid_str s = node->text;
	size_t at = 0;

	for (;;) {
		size_t open = next_brace(node, at), close;
		struct deid_str name;

		if (!add_piece(o, str_sub(s, at, open - at), false))
			return fail_memory(host, err);
		if (open == s.n)
			return DEID_OK;
		close = next_brace(node, open + 1);
		if (s.p[open] != '{' || close == s.n || s.p[close] != '}')
			return host->complain(err, node,
			    "\"output\": the brace at byte %zu of it belongs to no variable", open);
		name = str_sub(s, open + 1, close - open - 1);
		if (positional(name))
			return host->complain(
			    err, node, "\"output\": a variable has a name: {} and numbers stand for nothing");
		if (!add_piece(o, name, true))
			return fail_memory(host, err);
		at = close + 1;
	}
}

/* ---- the whole --------------------------------------------------------------------------------- */

static void find_repeats(struct output *o)
{
	for (size_t i = 0; i < o->npiece; i++)
		for (size_t k = 0; k < i && o->piece[i].same == OUTPUT_FIRST; k++)
			if (o->piece[i].variable && o->piece[k].variable &&
			    str_eq(o->piece[i].text, o->piece[k].text))
				o->piece[i].same = k;
}

static int compile_groups(struct output *o, const struct deid_host *host, const struct deid_rule *rule,
    const struct deid_node *list, struct deid_error *err)
{
	size_t n = host->node_count(list);
	int rc = DEID_OK;

	if (list && host->node_kind(list) != DEID_N_LIST)
		return host->complain(err, list, "\"groups\" takes a list of field entries");
	o->group = calloc(n + 1, sizeof *o->group);
	if (!o->group)
		return fail_memory(host, err);
	for (size_t i = 0; i < n; i++) {
		int one = group_new(rule, host->node_at(list, i), &o->group[o->ngroup], err);

		if (one == DEID_FATAL)
			return one;
		o->ngroup += one == DEID_OK;
		rc = rc == DEID_OK ? one : rc;
	}
	return rc;
}

static bool used(const struct output *o, struct deid_str name)
{
	for (size_t i = 0; i < o->npiece; i++)
		if (o->piece[i].variable && str_eq(o->piece[i].text, name))
			return true;
	return false;
}

int output_new(struct output *o, const struct deid_rule *rule, const struct deid_node *item, const char *what,
    struct deid_error *err)
{
	const struct deid_host *host = rule->provider->host;
	const struct deid_node *regex = host->node_get(item, "input-regex");
	const struct deid_node *output = host->node_get(item, "output");
	int rc[3];

	*o = (struct output){.host = host, .node = output};
	if (!regex || !output)
		return host->complain(
		    err, item, "an item of \"%s\" needs \"%s\"", what, regex ? "output" : "input-regex");
	rc[0] = compile_regex(o, host, regex, err);
	rc[1] = split_output(o, host, output, err);
	rc[2] = compile_groups(o, host, rule, host->node_get(item, "groups"), err);
	find_repeats(o);
	for (size_t i = 0; i < 3; i++)
		if (rc[i] != DEID_OK)
			return rc[i];
	for (size_t i = 0; i < o->ngroup; i++)
		if (!used(o, o->group[i].name))
			host->caution(
			    err, o->group[i].node, "this group has no effect: \"output\" does not use it");
	return DEID_OK;
}

void output_free(struct output *o)
{
	for (size_t k = 0; k < o->ngroup; k++)
		group_free(&o->group[k]);
	free(o->group);
	free(o->piece);
	regex_free(o->regex);
}

const struct group *output_group(const struct output *o, struct deid_str name)
{
	for (size_t i = 0; i < o->ngroup; i++)
		if (str_eq(o->group[i].name, name))
			return &o->group[i];
	return NULL;
}

/* ---- file time --------------------------------------------------------------------------------- */

int output_value(const struct output *o, struct deid_str name, struct deid_job *job,
    const struct deid_field *field, const struct deid_value *value, struct deid_str *text,
    struct deid_error *err)
{
	struct deid_value v = {.size = sizeof v, .lo = 1};
	struct deid_str made;
	bool acted = false;
	int rc = DEID_OK;

	*text = STR("");
	for (size_t i = 0; i < o->ngroup && rc == DEID_OK; i++) {
		if (!str_eq(o->group[i].name, name))
			continue;
		if (acted) { /* a second group of one name acts on what the first one made */
			made = *text;
			v.v = &made;
			v.n = made.n != 0;
			value = &v;
		}
		rc = group_run(&o->group[i], job, field, value, text, err);
		acted = true;
	}
	return rc == DEID_OK && !acted && value ? group_join(o->host, job, value, text, err) : rc;
}

int output_join(const struct output *o, struct deid_job *job, const struct deid_str *part,
    struct deid_str *text, struct deid_error *err)
{
	size_t n = 0;
	char *p;

	for (size_t i = 0; i < o->npiece; i++)
		n += part[i].n;
	p = o->host->scratch(job, n);
	if (!p)
		return o->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	*text = (struct deid_str){p, n};
	for (size_t i = 0; i < o->npiece; i++) {
		if (part[i].n)
			memcpy(p, part[i].p, part[i].n);
		p += part[i].n;
	}
	return DEID_OK;
}
