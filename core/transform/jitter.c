/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/builtin.h"
#include "core/transform/change.h"
#include "core/transform/decimal.h"
#include "core/transform/jitter.h"
#include "core/transform/uniform.h"
#include "core/util/str.h"
#include <stdlib.h>

struct state {
	const struct deid_host *host;
	bool whole;             /* jitter-type int */
	uint64_t range;         /* in steps: millionths, or whole numbers */
	decimal_micro min, max; /* min > max: the clamps are apart */
};

#define RANGE_MAX ((decimal_micro)1000000000000 * DECIMAL_ONE)
#define UNBOUND ((decimal_micro)1 << 120)

static const struct deid_setting settings[] = {
    JITTER_RANGE_SETTING,
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_ENUM,
	.key = "jitter-type",
	.values = "float|int",
	.dflt = "float",
	.help = "whether a value moves by any amount or by a whole one that is not 0"},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_REAL,
	.key = "jitter-min",
	.help = "the smallest result of jitter"},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_REAL,
	.key = "jitter-max",
	.help = "the largest result of jitter"},
    {.size = sizeof(struct deid_setting)},
};

/* ---- profile time ------------------------------------------------------------------------------ */

static int compile_range(struct state *st, const struct deid_rule *rule, struct deid_error *err)
{
	const struct deid_host *host = st->host;
	const struct deid_node *node = host->rule_opt(rule, "jitter-range");
	decimal_micro range;

	if (!decimal_read(host->node_str(node), &range) || range > RANGE_MAX)
		return host->complain(err, node, "\"jitter-range\" is too large");
	if (range < 0)
		return host->complain(err, node, "\"jitter-range\" is negative");
	if (st->whole && range < DECIMAL_ONE)
		return host->complain(
		    err, node, "\"jitter-range\" is below 1: with \"jitter-type: int\" no value could move");
	if (range == 0)
		return host->complain(err, node, "\"jitter-range\" is 0, or below a millionth");
	/* Where the field holds whole numbers only. */
	if (host->rule_kind(rule) == DEID_INT && range < DECIMAL_ONE / 2)
		return host->complain(
		    err, node, "\"jitter-range\" is below 0.5: this field's whole numbers could not move");
	st->range = (uint64_t)(st->whole ? range / DECIMAL_ONE : range);
	return DEID_OK;
}

static int compile_limit(struct state *st, const struct deid_rule *rule, const char *key, decimal_micro *out,
    struct deid_error *err)
{
	const struct deid_node *node = st->host->rule_opt(rule, key);

	if (!node || decimal_read(st->host->node_str(node), out))
		return DEID_OK;
	return st->host->complain(err, node, "\"%s\" is too large", key);
}

/* What jitter makes of a field of this kind would be nonsense, even where its text is a number. */
static bool holds_numbers(int kind)
{
	return kind != DEID_DATE && kind != DEID_TIME && kind != DEID_DATETIME && kind != DEID_AGE &&
	       kind != DEID_UID && kind != DEID_BYTES && kind != DEID_BOOL;
}

static int compile_state(struct state *st, const struct deid_rule *rule, struct deid_error *err)
{
	const struct deid_host *host = st->host;
	int kind = host->rule_kind(rule), rc, limit;

	if (kind >= 0 && !holds_numbers(kind))
		return host->complain(err, host->rule_arg(rule), "\"jitter\": this field holds no number");
	st->whole = str_eqz(host->node_str(host->rule_opt(rule, "jitter-type")), "int");
	rc = compile_range(st, rule, err);
	limit = compile_limit(st, rule, "jitter-min", &st->min, err);
	rc = rc == DEID_OK ? limit : rc;
	limit = compile_limit(st, rule, "jitter-max", &st->max, err);
	rc = rc == DEID_OK ? limit : rc;
	if (rc == DEID_OK && st->min > st->max)
		rc = host->complain(
		    err, host->rule_opt(rule, "jitter-max"), "\"jitter-max\" is below \"jitter-min\"");
	return rc;
}

static int compile(
    const struct deid_host *host, const struct deid_rule *rule, void **state, struct deid_error *err)
{
	struct state *st = calloc(1, sizeof *st);

	if (!st)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	*state = st;
	*st = (struct state){.host = host, .min = -UNBOUND, .max = UNBOUND};
	return compile_state(st, rule, err);
}

/* ---- file time --------------------------------------------------------------------------------- */

/* What is added: on a grid of millionths, or a whole number that is not 0. */
static int draw(const struct state *st, struct deid_job *job, const struct deid_field *field,
    decimal_micro *out, struct deid_error *err)
{
	uint64_t v, n = 2 * st->range + !st->whole;
	int rc = uniform_below(st->host, job, field, n, &v, err);

	if (rc != DEID_OK)
		return rc;
	*out = (decimal_micro)v - (decimal_micro)st->range;
	if (st->whole)
		*out = (*out >= 0 ? *out + 1 : *out) * DECIMAL_ONE;
	return DEID_OK;
}

static decimal_micro clamp(decimal_micro v, decimal_micro min, decimal_micro max)
{
	return v < min ? min : v > max ? max : v;
}

/* The multiple of 1 next to v on the side where the clamps leave room. */
static decimal_micro up(decimal_micro v)
{
	decimal_micro down = v - v % DECIMAL_ONE;

	return v > down ? down + DECIMAL_ONE : down;
}

/* A field of whole numbers: within its type, and the clamps. */
static bool settle_whole(const struct state *st, const struct deid_value *in, decimal_micro *v)
{
	decimal_micro min = up(st->min), max = -up(-st->max);

	if (in->lo <= in->hi) {
		min = clamp(min, (decimal_micro)in->lo * DECIMAL_ONE, (decimal_micro)in->hi * DECIMAL_ONE);
		max = clamp(max, (decimal_micro)in->lo * DECIMAL_ONE, (decimal_micro)in->hi * DECIMAL_ONE);
	}
	*v = clamp(decimal_round(*v, 0), min, max);
	return min <= max;
}

/* As many decimals as the field has room for. */
static int spell(const struct state *st, struct deid_job *job, const struct deid_value *in, decimal_micro v,
    struct deid_str *out, struct deid_error *err)
{
	char *p = st->host->scratch(job, DECIMAL_ROOM);
	unsigned decimals = 6;
	size_t n;

	if (!p)
		return st->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	do
		n = decimal_write(v, decimals, p);
	while (in->max && n > in->max && decimals--);
	if (in->max && n > in->max)
		return st->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "the field has no room for the changed number");
	*out = (struct deid_str){p, n};
	return DEID_OK;
}

static int jitter_text(const struct state *st, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_str text, struct deid_str *out, struct deid_error *err)
{
	bool whole = in->kind == DEID_INT && !(in->flags & DEID_V_FREE);
	decimal_micro v, r;
	int rc;

	*out = text;
	if (!text.n)
		return DEID_OK;
	if (!decimal_read(text, &v))
		return st->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "the value is no number, or a very large one");
	rc = draw(st, job, field, &r, err);
	if (rc != DEID_OK)
		return rc;
	v = clamp(v + r, st->min, st->max);
	if (whole && !settle_whole(st, in, &v))
		return st->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "no whole number lies between jitter-min and jitter-max");
	return spell(st, job, in, v, out, err);
}

static int run(const void *state, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	const struct state *st = state;
	struct deid_str *v;

	if (!holds_numbers(in->kind))
		return st->host->fail(err, DEID_FAILED, DEID_E_VALUE, "a field of this type holds no number");
	v = st->host->scratch(job, in->n * sizeof *v);
	if (!v)
		return st->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	for (size_t i = 0; i < in->n; i++) {
		int rc = jitter_text(st, job, field, in, in->v[i], &v[i], err);

		if (rc != DEID_OK)
			return rc;
	}
	change_spelling(out, v, in->n);
	return DEID_OK;
}

const struct deid_transform transform_jitter = {
    .size = sizeof(struct deid_transform),
    .action = "jitter",
    .summary = "add a random amount to a number",
    .arg = DEID_T_BOOL,
    .settings = settings,
    .compile = compile,
    .state_free = free,
    .run = run,
};
