/* SPDX-License-Identifier: MIT */
#include <config.h>

/* regex-sub (profile language, section 4.10): the first item whose expression matches gives the whole new
 * value, a text with variables. */
#include "core/profile/group.h"
#include "core/profile/regex.h"
#include "core/profile/rule.h"
#include "core/profile/settings.h"
#include "core/transform/builtin.h"
#include "core/transform/change.h"
#include "core/util/str.h"
#include "core/util/utf8.h"
#include <stdlib.h>
#include <string.h>

#define NO_PIECE SIZE_MAX

/* A stretch of the output: literal text, or a variable. */
struct piece {
	struct deid_str text; /* the variable's name */
	bool variable;
	size_t capture; /* its group in the expression; 0: another field */
	uint32_t query; /* … which this stands for */
	size_t same;    /* an earlier piece with this variable, or NO_PIECE: one variable has one value */
};

struct item {
	struct regex *regex;
	struct piece *piece;
	size_t npiece, cap;
	struct group *group;
	size_t ngroup;
};

struct state {
	const struct deid_host *host;
	struct item *item;
	size_t nitem;
};

/* ---- profile time: the expression -------------------------------------------------------------- */

static int fail_memory(const struct deid_host *host, struct deid_error *err)
{
	return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
}

/* Does the byte at `at` come from a variable of the profile's template? *next: how many bytes go on alike. */
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
    struct item *it, const struct deid_host *host, const struct deid_node *node, struct deid_error *err)
{
	struct buf text = {0};
	char why[256];
	size_t offset = 0;
	bool memory = quoted(node, &text);

	if (memory)
		it->regex = regex_new(buf_view(&text), &offset, why, sizeof why);
	buf_free(&text);
	if (!memory)
		return fail_memory(host, err);
	if (it->regex)
		return DEID_OK;
	return host->complain(
	    err, node, "\"input-regex\" is no regular expression: %s (at byte %zu of it)", why, offset);
}

/* ---- profile time: the output ------------------------------------------------------------------ */

static bool add_piece(struct item *it, struct deid_str text, bool variable)
{
	if (!text.n)
		return true;
	if (it->npiece == it->cap) {
		size_t cap = it->cap ? 2 * it->cap : 4;
		struct piece *more = reallocarray(it->piece, cap, sizeof *more);

		if (!more)
			return false;
		it->piece = more;
		it->cap = cap;
	}
	it->piece[it->npiece++] = (struct piece){.text = text, .variable = variable, .same = NO_PIECE};
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

static bool positional(struct deid_str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] < '0' || name.p[i] > '9')
			return false;
	return true;
}

static int split_output(
    struct item *it, const struct deid_host *host, const struct deid_node *node, struct deid_error *err)
{
	const struct deid_str s = node->text;
	size_t at = 0;

	for (;;) {
		size_t open = next_brace(node, at), close;
		struct deid_str name;

		if (!add_piece(it, str_sub(s, at, open - at), false))
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
		if (!add_piece(it, name, true))
			return fail_memory(host, err);
		at = close + 1;
	}
}

/* ---- profile time: what the variables stand for ------------------------------------------------- */

static const struct group *find_group(const struct item *it, struct deid_str name)
{
	for (size_t i = 0; i < it->ngroup; i++)
		if (str_eq(it->group[i].name, name))
			return &it->group[i];
	return NULL;
}

static int bind_piece(const struct item *it, struct piece *p, const struct deid_host *host,
    const struct deid_rule *rule, const struct deid_node *output, struct deid_error *err)
{
	const struct deid_str name = utf8_first(p->text, 60);
	const struct group *group = find_group(it, p->text);

	for (size_t i = 0; &it->piece[i] < p; i++)
		if (it->piece[i].variable && str_eq(it->piece[i].text, p->text)) {
			p->same = i;
			return DEID_OK;
		}
	p->capture = regex_group(it->regex, p->text);
	if (p->capture)
		return DEID_OK;
	if (group)
		return host->rule_query(rule, group->name, group->node, &p->query, err);
	return host->complain(err, output,
	    "\"output\": {%.*s} is neither a group of the expression nor named by \"groups\"", (int)name.n,
	    name.p);
}

static bool used(const struct item *it, struct deid_str name)
{
	for (size_t i = 0; i < it->npiece; i++)
		if (it->piece[i].variable && str_eq(it->piece[i].text, name))
			return true;
	return false;
}

static int bind(struct item *it, const struct deid_host *host, const struct deid_rule *rule,
    const struct deid_node *output, struct deid_error *err)
{
	int rc = DEID_OK;

	for (size_t i = 0; i < it->npiece; i++) {
		int one =
		    it->piece[i].variable ? bind_piece(it, &it->piece[i], host, rule, output, err) : DEID_OK;

		if (one == DEID_FATAL)
			return one;
		rc = rc == DEID_OK ? one : rc;
	}
	for (size_t i = 0; i < it->ngroup; i++)
		if (!used(it, it->group[i].name))
			host->caution(
			    err, it->group[i].node, "this group has no effect: \"output\" does not use it");
	return rc;
}

static int compile_groups(struct item *it, const struct deid_host *host, const struct deid_rule *rule,
    const struct deid_node *list, struct deid_error *err)
{
	size_t n = host->node_count(list);
	int rc = DEID_OK;

	if (list && host->node_kind(list) != DEID_N_LIST)
		return host->complain(err, list, "\"groups\" takes a list of field entries");
	it->group = calloc(n + 1, sizeof *it->group);
	if (!it->group)
		return fail_memory(host, err);
	for (size_t i = 0; i < n; i++) {
		int one = group_new(rule, host->node_at(list, i), &it->group[it->ngroup], err);

		if (one == DEID_FATAL)
			return one;
		it->ngroup += one == DEID_OK;
		rc = rc == DEID_OK ? one : rc;
	}
	return rc;
}

/* ---- profile time: the whole ------------------------------------------------------------------- */

static const struct deid_setting item_keys[] = {
    {.size = sizeof(struct deid_setting), .type = DEID_T_STR, .key = "input-regex"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_STR, .key = "output"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_ANY, .key = "groups"},
    {.size = sizeof(struct deid_setting)},
};

static const struct deid_setting list_of_items = {
    .size = sizeof(struct deid_setting), .type = DEID_T_MAPS, .key = "regex-sub", .sub = item_keys};

static int compile_item(struct item *it, const struct deid_host *host, const struct deid_rule *rule,
    const struct deid_node *node, struct deid_error *err)
{
	const struct deid_node *regex = host->node_get(node, "input-regex");
	const struct deid_node *output = host->node_get(node, "output");
	int rc[3];

	if (!regex || !output)
		return host->complain(
		    err, node, "an item of \"regex-sub\" needs \"%s\"", regex ? "output" : "input-regex");
	rc[0] = compile_regex(it, host, regex, err);
	rc[1] = split_output(it, host, output, err);
	rc[2] = compile_groups(it, host, rule, host->node_get(node, "groups"), err);
	for (size_t i = 0; i < 3; i++)
		if (rc[i] != DEID_OK)
			return rc[i];
	return bind(it, host, rule, output, err);
}

static void state_free(void *p)
{
	struct state *st = p;

	for (size_t i = 0; i < st->nitem; i++) {
		struct item *it = &st->item[i];

		for (size_t k = 0; k < it->ngroup; k++)
			group_free(&it->group[k]);
		free(it->group);
		free(it->piece);
		regex_free(it->regex);
	}
	free(st->item);
	free(st);
}

static int compile(
    const struct deid_host *host, const struct deid_rule *rule, void **state, struct deid_error *err)
{
	const struct deid_node *arg = host->rule_arg(rule);
	size_t n = host->node_count(arg);
	struct state *st;
	int rc = DEID_OK;

	if (!setting_check(&list_of_items, arg, err))
		return DEID_FAILED;
	if (!n)
		return host->complain(err, arg, "\"regex-sub\" is an empty list");
	st = calloc(1, sizeof *st);
	if (!st)
		return fail_memory(host, err);
	*state = st;
	st->host = host;
	st->item = calloc(n, sizeof *st->item);
	if (!st->item)
		return fail_memory(host, err);
	for (; st->nitem < n && rc != DEID_FATAL; st->nitem++) {
		int one = compile_item(&st->item[st->nitem], host, rule, host->node_at(arg, st->nitem), err);

		rc = rc == DEID_OK || one == DEID_FATAL ? one : rc;
	}
	return rc;
}

/* ---- file time --------------------------------------------------------------------------------- */

struct work {
	const struct state *st;
	struct deid_job *job;
	const struct deid_field *field;
	struct deid_error *err;
	struct deid_str *capture; /* of the item that matched */
};

/* A variable's value before its groups; *found = false: the record has no such field. */
static int fetch(
    const struct work *w, const struct piece *p, struct deid_str *text, struct deid_value *v, bool *found)
{
	*found = true;
	*v = (struct deid_value){
	    .size = sizeof *v, .flags = DEID_V_FREE, .kind = DEID_TEXT, .lo = 1, .v = text, .n = 1};
	if (!p->capture)
		return w->st->host->original(w->job, p->query, found, v, w->err);
	*text = w->capture[p->capture];
	v->n = text->n != 0;
	return DEID_OK;
}

static int evaluate(const struct work *w, const struct item *it, const struct piece *p, struct deid_str *out)
{
	struct deid_str text;
	struct deid_value v;
	bool found, acted = false;
	int rc = fetch(w, p, &text, &v, &found);

	*out = STR("");
	for (size_t i = 0; i < it->ngroup && rc == DEID_OK; i++) {
		if (!str_eq(it->group[i].name, p->text))
			continue;
		if (acted) { /* a second group of one name acts on what the first one made */
			text = *out;
			found = true;
			v = (struct deid_value){.size = sizeof v, .lo = 1, .v = &text, .n = text.n != 0};
		}
		rc = group_run(&it->group[i], w->job, w->field, found ? &v : NULL, out, w->err);
		acted = true;
	}
	if (rc == DEID_OK && !acted && found)
		rc = group_join(w->st->host, w->job, &v, out, w->err);
	return rc;
}

/* The parts of a text between backslashes. */
static int split(const struct work *w, struct deid_str text, struct deid_result *out)
{
	struct deid_str *v, rest = text, part;
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\\';
	v = w->st->host->scratch(w->job, n * sizeof *v);
	if (!v)
		return w->st->host->fail(w->err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	for (n = 0; str_split(&rest, '\\', &part);)
		v[n++] = part;
	change_text(out, v, n == 1 && !v[0].n ? 0 : n);
	return DEID_OK;
}

static int assemble(
    const struct work *w, const struct item *it, const struct deid_value *in, struct deid_result *out)
{
	const struct deid_host *host = w->st->host;
	struct deid_str *part = host->scratch(w->job, (it->npiece + 1) * sizeof *part);
	struct deid_str text = {NULL, 0};
	char *p;

	for (size_t i = 0; part && i < it->npiece; i++) {
		const struct piece *piece = &it->piece[i];
		int rc = DEID_OK;

		part[i] = piece->text;
		if (piece->same != NO_PIECE)
			part[i] = part[piece->same];
		else if (piece->variable)
			rc = evaluate(w, it, piece, &part[i]);
		if (rc != DEID_OK)
			return rc;
		text.n += part[i].n;
	}
	p = part ? host->scratch(w->job, text.n) : NULL;
	if (!p)
		return host->fail(w->err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	text.p = p;
	for (size_t i = 0; i < it->npiece; i++) {
		if (part[i].n)
			memcpy(p, part[i].p, part[i].n);
		p += part[i].n;
	}
	if (in->flags & DEID_V_MULTI)
		return split(w, text, out);
	part[it->npiece] = text;
	change_text(out, &part[it->npiece], text.n != 0);
	return DEID_OK;
}

static int run(const void *state, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	const struct state *st = state;
	struct work w = {.st = st, .job = job, .field = field, .err = err};
	struct deid_str text;
	int rc = group_join(st->host, job, in, &text, err);

	for (size_t i = 0; i < st->nitem && rc == DEID_OK; i++) {
		const struct item *it = &st->item[i];

		w.capture = st->host->scratch(job, (regex_groups(it->regex) + 1) * sizeof *w.capture);
		if (!w.capture)
			return st->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
		rc = regex_capture(it->regex, text, w.capture, err);
		if (rc == 1)
			return assemble(&w, it, in, out);
	}
	if (rc != DEID_OK)
		return rc;
	return st->host->fail(err, DEID_FAILED, DEID_E_VALUE, "no \"input-regex\" of regex-sub matches");
}

const struct deid_transform transform_regex_sub = {
    .size = sizeof(struct deid_transform),
    .flags = DEID_TF_EMPTY | DEID_TF_FIRST,
    .action = "regex-sub",
    .summary = "rewrite the value by regular expressions",
    .arg = DEID_T_MAPS,
    .compile = compile,
    .state_free = state_free,
    .run = run,
};
