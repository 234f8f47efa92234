/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/builtin.h"
#include "core/util/json.h"
#include <math.h>
#include <stdlib.h>

struct state {
	struct deid_value value; /* points into the document */
	struct deid_str *text;
	struct deid_str typed; /* of a number or a truth value: as a typed field has it */
	struct buf spelled;
	bool insert;
};

static const struct deid_setting settings[] = {
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_BOOL,
	.key = "replace-with-insert",
	.dflt = "true",
	.help = "replace-with creates a field that is missing"},
    {.size = sizeof(struct deid_setting)},
};

static enum deid_kind scalar_kind(enum deid_node_kind kind)
{
	switch (kind) {
	case DEID_N_BOOL:
		return DEID_BOOL;
	case DEID_N_INT:
		return DEID_INT;
	case DEID_N_REAL:
		return DEID_REAL;
	default:
		return DEID_TEXT;
	}
}

static bool is_scalar(const struct deid_host *host, const struct deid_node *n)
{
	enum deid_node_kind kind = host->node_kind(n);

	return kind != DEID_N_LIST && kind != DEID_N_MAP;
}

static bool flat(const struct deid_host *host, const struct deid_node *n)
{
	if (host->node_kind(n) == DEID_N_MAP)
		return false;
	for (size_t i = 0; i < host->node_count(n); i++)
		if (!is_scalar(host, host->node_at(n, i)))
			return false;
	return true;
}

/* A null within a list is an empty component where there are no types. */
static struct deid_str spelling(const struct deid_host *host, const struct deid_node *n)
{
	return host->node_kind(n) == DEID_N_NULL ? (struct deid_str){"", 0} : host->node_str(n);
}

static bool take_value(struct state *st, const struct deid_host *host, const struct deid_node *arg)
{
	size_t n = host->node_count(arg);

	st->value = (struct deid_value){.size = sizeof st->value, .lo = 1, .tree = arg};
	if (!flat(host, arg)) {
		st->value.kind = DEID_TREE;
		return true;
	}
	st->value.kind = is_scalar(host, arg) ? scalar_kind(host->node_kind(arg)) : DEID_TEXT;
	st->text = calloc(n + 1, sizeof *st->text);
	if (!st->text)
		return false;
	for (size_t i = 0; i < n; i++)
		st->text[i] = spelling(host, host->node_at(arg, i));
	st->value.v = st->text;
	st->value.n = n == 1 && !st->text[0].n ? 0 : n;
	return true;
}

/* A plain 007 is the number 7 where there are numbers. */
static bool take_typed(struct state *st, const struct deid_host *host, const struct deid_node *arg)
{
	struct buf *b = &st->spelled;
	double x;

	switch (st->value.kind) {
	case DEID_BOOL:
		if (!buf_z(b, host->node_bool(arg) ? "true" : "false"))
			return false;
		break;
	case DEID_INT:
		if (!json_put_int(b, host->node_str(arg)))
			return false;
		break;
	case DEID_REAL:
		x = host->node_real(arg);
		/* A format that has no such number refuses the node. */
		if (isfinite(x) ? !json_put_real(b, x) : !buf_str(b, host->node_str(arg)))
			return false;
		break;
	default:
		return true;
	}
	st->typed = buf_view(b);
	return true;
}

static void state_free(void *p)
{
	struct state *st = p;

	buf_free(&st->spelled);
	free(st->text);
	free(st);
}

static int compile(
    const struct deid_host *host, const struct deid_rule *rule, void **state, struct deid_error *err)
{
	struct state *st = calloc(1, sizeof *st);

	if (!st || !take_value(st, host, host->rule_arg(rule)) ||
	    !take_typed(st, host, host->rule_arg(rule))) {
		if (st)
			state_free(st);
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	}
	st->insert = host->node_bool(host->rule_opt(rule, "replace-with-insert"));
	*state = st;
	return DEID_OK;
}

static int run(const void *state, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	const struct state *st = state;

	struct deid_value like = out->value;

	(void)job;
	(void)field;
	(void)err;
	if (!in && !st->insert)
		return DEID_OK;
	out->verdict = DEID_CHANGE;
	out->value = st->value;
	/* What the field is like stays, for entries that come after this one. */
	out->value.flags = like.flags;
	out->value.max = like.max;
	out->value.lo = like.lo;
	out->value.hi = like.hi;
	if (like.flags & DEID_V_TYPED && st->typed.n)
		out->value.v = &st->typed;
	return DEID_OK;
}

static const struct deid_value *constant(const void *state)
{
	return &((const struct state *)state)->value;
}

const struct deid_transform transform_replace = {
    .size = sizeof(struct deid_transform),
    .flags = DEID_TF_EMPTY | DEID_TF_TREE | DEID_TF_CREATE,
    .action = "replace-with",
    .summary = "write a given value",
    .arg = DEID_T_ANY,
    .settings = settings,
    .compile = compile,
    .state_free = state_free,
    .run = run,
    .constant = constant,
};
