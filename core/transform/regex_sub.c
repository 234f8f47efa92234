/* SPDX-License-Identifier: MIT */
#include <config.h>

/* regex-sub (profile language, section 4.10): the first item whose expression matches gives the whole new
 * value, a text with variables. */
#include "core/profile/output.h"
#include "core/profile/rule.h"
#include "core/profile/settings.h"
#include "core/transform/builtin.h"
#include "core/transform/change.h"
#include "core/util/str.h"
#include "core/util/utf8.h"
#include <stdlib.h>

/* What a variable of an output stands for. */
struct place {
	size_t capture; /* a group of the expression; 0: another field */
	uint32_t query; /* … which this stands for */
};

struct item {
	struct output output;
	struct place *place; /* one for each piece of the output */
};

struct state {
	const struct deid_host *host;
	struct item *item;
	size_t nitem;
};

/* ---- profile time ------------------------------------------------------------------------------ */

static int fail_memory(const struct deid_host *host, struct deid_error *err)
{
	return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
}

static int bind_piece(struct item *it, size_t i, const struct deid_host *host, const struct deid_rule *rule,
    struct deid_error *err)
{
	const struct output_piece *p = &it->output.piece[i];
	const struct deid_str name = utf8_first(p->text, 60);
	const struct group *group = output_group(&it->output, p->text);

	if (!p->variable || p->same != OUTPUT_FIRST)
		return DEID_OK;
	it->place[i].capture = regex_group(it->output.regex, p->text);
	if (it->place[i].capture)
		return DEID_OK;
	if (group)
		return host->rule_query(rule, group->name, group->node, &it->place[i].query, err);
	return host->complain(err, it->output.node,
	    "\"output\": {%.*s} is neither a group of the expression nor named by \"groups\"", (int)name.n,
	    name.p);
}

static const struct deid_setting list_of_items = {
    .size = sizeof(struct deid_setting), .type = DEID_T_MAPS, .key = "regex-sub", .sub = output_keys};

static int compile_item(struct item *it, const struct deid_host *host, const struct deid_rule *rule,
    const struct deid_node *node, struct deid_error *err)
{
	int rc = output_new(&it->output, rule, node, "regex-sub", err);

	if (rc != DEID_OK)
		return rc;
	it->place = calloc(it->output.npiece + 1, sizeof *it->place);
	if (!it->place)
		return fail_memory(host, err);
	for (size_t i = 0; i < it->output.npiece; i++) {
		int one = bind_piece(it, i, host, rule, err);

		if (one == DEID_FATAL)
			return one;
		rc = rc == DEID_OK ? one : rc;
	}
	return rc;
}

static void state_free(void *p)
{
	struct state *st = p;

	for (size_t i = 0; i < st->nitem; i++) {
		output_free(&st->item[i].output);
		free(st->item[i].place);
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
    const struct work *w, const struct place *p, struct deid_str *text, struct deid_value *v, bool *found)
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

static int evaluate(const struct work *w, const struct item *it, size_t i, struct deid_str *out)
{
	struct deid_str text;
	struct deid_value v;
	bool found;
	int rc = fetch(w, &it->place[i], &text, &v, &found);

	if (rc != DEID_OK)
		return rc;
	return output_value(
	    &it->output, it->output.piece[i].text, w->job, w->field, found ? &v : NULL, out, w->err);
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
	const struct output *o = &it->output;
	struct deid_str *part = host->scratch(w->job, (o->npiece + 1) * sizeof *part);
	struct deid_str text;
	int rc;

	if (!part)
		return host->fail(w->err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	for (size_t i = 0; i < o->npiece; i++) {
		const struct output_piece *piece = &o->piece[i];

		part[i] = piece->same != OUTPUT_FIRST ? part[piece->same] : piece->text;
		if (!piece->variable || piece->same != OUTPUT_FIRST)
			continue;
		rc = evaluate(w, it, i, &part[i]);
		if (rc != DEID_OK)
			return rc;
	}
	rc = output_join(o, w->job, part, &text, w->err);
	if (rc != DEID_OK)
		return rc;
	if (in->flags & DEID_V_MULTI)
		return split(w, text, out);
	part[o->npiece] = text;
	change_text(out, &part[o->npiece], text.n != 0);
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

		w.capture = st->host->scratch(job, (regex_groups(it->output.regex) + 1) * sizeof *w.capture);
		if (!w.capture)
			return st->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
		rc = regex_capture(it->output.regex, text, w.capture, err);
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
