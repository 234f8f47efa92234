/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/basic.h"
#include "core/transform/builtin.h"
#include "core/transform/change.h"
#include "core/transform/jitter.h"
#include "core/transform/pattern.h"
#include "core/transform/shift.h"
#include "core/transform/timestamp.h"
#include "core/transform/usual.h"
#include "core/util/civil.h"
#include "core/util/str.h"
#include <stdlib.h>
#include <string.h>

struct form {
	struct pattern *pattern; /* NULL: Unix seconds */
};

struct state {
	const struct deid_host *host;
	struct shift shift;
	struct form *form; /* in the order in which they are tried */
	size_t nform;
	bool six; /* the profile's own pattern: a fraction is written with six digits */
};

/* ---- profile time ------------------------------------------------------------------------------ */

#define SHARED_SETTINGS                                                                                      \
	{.size = sizeof(struct deid_setting),                                                                \
	    .type = DEID_T_REAL,                                                                             \
	    .key = "date-increment",                                                                         \
	    .help = "days that dates are shifted by; decimals and either sign"},                             \
	    {.size = sizeof(struct deid_setting),                                                            \
		.type = DEID_T_REAL,                                                                         \
		.key = "date-increment-override",                                                            \
		.help = "takes the place of date-increment for one field"},                                  \
	    {.size = sizeof(struct deid_setting),                                                            \
		.type = DEID_T_STR,                                                                          \
		.key = "datetime-min",                                                                       \
		.help = "earliest result: YYYYMMDD, or [+-]N years, weeks, days, hours, minutes, seconds"},  \
	    {.size = sizeof(struct deid_setting),                                                            \
		.type = DEID_T_STR,                                                                          \
		.key = "datetime-max",                                                                       \
		.help = "latest result, as datetime-min"},                                                   \
	    {.size = sizeof(struct deid_setting),                                                            \
		.type = DEID_T_BOOL,                                                                         \
		.key = "jitter-date",                                                                        \
		.dflt = "false",                                                                             \
		.help = "shift also by a random span, the same for all dates of a file"},                    \
	    {.size = sizeof(struct deid_setting),                                                            \
		.type = DEID_T_ENUM,                                                                         \
		.key = "jitter-unit",                                                                        \
		.values = "years|weeks|days|hours|minutes|seconds",                                          \
		.dflt = "days",                                                                              \
		.help = "what jitter-range counts for jitter-date"},                                         \
	    JITTER_RANGE_SETTING,                                                                            \
	{                                                                                                    \
		.size = sizeof(struct deid_setting)                                                          \
	}

static const struct deid_setting date_settings[] = {
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_STRS,
	.key = "date-format",
	.dflt = "%Y%m%d",
	.help = "pattern of increment-date, or a list that is tried in order"},
    SHARED_SETTINGS,
};

static const struct deid_setting datetime_settings[] = {
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_STRS,
	.key = "datetime-format",
	.dflt = "%Y%m%d%H%M%S.%f",
	.help = "pattern of increment-datetime, or a list that is tried in order"},
    SHARED_SETTINGS,
};

static void state_free(void *p)
{
	struct state *st = p;

	for (size_t i = 0; i < st->nform; i++)
		pattern_free(st->form[i].pattern);
	free(st->form);
	free(st);
}

static int compile_form(
    struct state *st, const struct deid_node *node, const char *key, struct deid_error *err)
{
	struct form *form = &st->form[st->nform];
	const char *why;

	if (str_eqz(st->host->node_str(node), "timestamp")) {
		st->nform++;
		return DEID_OK;
	}
	form->pattern = pattern_new(st->host->node_str(node), &why);
	if (!form->pattern && why)
		return st->host->complain(err, node, "\"%s\": %s", key, why);
	if (!form->pattern)
		return st->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	st->nform++;
	return DEID_OK;
}

static int compile_forms(
    struct state *st, const struct deid_rule *rule, const char *key, struct deid_error *err)
{
	const struct deid_host *host = st->host;
	const struct deid_node *list = host->rule_opt(rule, key);
	size_t n = host->node_count(list);
	int rc = DEID_OK;

	if (!n)
		return host->complain(err, list, "\"%s\" is an empty list", key);
	st->six = host->rule_given(rule, key);
	st->form = calloc(n, sizeof *st->form);
	if (!st->form)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		int one = compile_form(st, host->node_at(list, i), key, err);

		if (one == DEID_FATAL)
			return one;
		rc = rc == DEID_OK ? one : rc;
	}
	return rc;
}

static int compile_limits(struct state *st, const struct deid_rule *rule, struct deid_error *err)
{
	const struct deid_host *host = st->host;
	const struct deid_node *min = host->rule_opt(rule, "datetime-min");
	const struct deid_node *max = host->rule_opt(rule, "datetime-max");
	int64_t now = shift_now();

	st->shift.min = INT64_MIN;
	st->shift.max = INT64_MAX;
	if (min && !shift_limit(host->node_str(min), now, &st->shift.min))
		return host->complain(err, min, "\"datetime-min\" is YYYYMMDD, or a number and a unit");
	if (max && !shift_limit(host->node_str(max), now, &st->shift.max))
		return host->complain(err, max, "\"datetime-max\" is YYYYMMDD, or a number and a unit");
	if (st->shift.min > st->shift.max)
		return host->complain(err, max, "\"datetime-max\" lies before \"datetime-min\"");
	return DEID_OK;
}

static int compile_shift(struct state *st, const struct deid_rule *rule, struct deid_error *err)
{
	const struct deid_host *host = st->host;
	const struct deid_node *days = host->rule_opt(rule, "date-increment-override");
	const struct deid_node *range = host->rule_opt(rule, "jitter-range");
	bool jitter = host->node_bool(host->rule_opt(rule, "jitter-date"));

	if (!days)
		days = host->rule_opt(rule, "date-increment");
	if (!days && !jitter)
		return host->complain(err, host->rule_arg(rule),
		    "a date action needs \"date-increment\", here or in the section");
	if (days && !shift_days(host->node_str(days), &st->shift.micro))
		return host->complain(err, days, "more days than there are in the years 1 to 9999");
	if (jitter && !shift_random(&st->shift, host->node_str(range),
			  host->node_str(host->rule_opt(rule, "jitter-unit"))))
		return host->complain(err, range,
		    "\"jitter-range\" is not above 0, or more than there is in the years 1 to 9999");
	return compile_limits(st, rule, err);
}

static int compile(const struct deid_host *host, const struct deid_rule *rule, const char *key, void **state,
    struct deid_error *err)
{
	struct state *st = calloc(1, sizeof *st);
	int forms, shift;

	if (!st)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	*state = st;
	st->host = host;
	forms = compile_forms(st, rule, key, err);
	if (forms == DEID_FATAL)
		return forms;
	shift = compile_shift(st, rule, err);
	return forms != DEID_OK ? forms : shift;
}

static int compile_date(
    const struct deid_host *host, const struct deid_rule *rule, void **state, struct deid_error *err)
{
	return compile(host, rule, "date-format", state, err);
}

static int compile_datetime(
    const struct deid_host *host, const struct deid_rule *rule, void **state, struct deid_error *err)
{
	return compile(host, rule, "datetime-format", state, err);
}

/* ---- file time --------------------------------------------------------------------------------- */

/* Work on one component. The functions below give DEID_OK when they have done it, 1 when the text is nothing
 * they know, or fail. */
#define NOT_MINE 1

struct work {
	const struct state *st;
	struct shift shift; /* the state's, with the file's own random part */
	struct deid_job *job;
	bool basic, datetime; /* how the field wants its dates */
	bool range;
	bool usual; /* other ways to write a date may be there */
	struct deid_error *err;
};

static int fail_memory(const struct work *w)
{
	return w->st->host->fail(w->err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
}

static int fail_years(const struct work *w)
{
	return w->st->host->fail(
	    w->err, DEID_FAILED, DEID_E_VALUE, "the shifted date lies outside the years 1 to 9999");
}

static int write_basic(const struct work *w, struct moment *m, struct deid_str *out)
{
	char *p = w->st->host->scratch(w->job, BASIC_ROOM);

	if (!p)
		return fail_memory(w);
	m->micro = shift_apply(&w->shift, m->micro);
	*out = (struct deid_str){p, basic_write(m, w->datetime, p)};
	return out->n ? DEID_OK : fail_years(w);
}

/* In the pattern it came in, `tail` (a zone that is no part of it) after it. */
static int write_pattern(const struct work *w, const struct pattern *pattern, struct moment *m,
    struct deid_str tail, struct deid_str *out)
{
	char *p = w->st->host->scratch(w->job, pattern_room(pattern, m) + tail.n);
	size_t n;

	if (!p)
		return fail_memory(w);
	m->micro = shift_apply(&w->shift, m->micro);
	if (w->st->six && pattern_has_fraction(pattern))
		m->fraction = 6;
	n = pattern_write(pattern, m, p);
	if (!n)
		return fail_years(w);
	if (tail.n)
		memcpy(p + n, tail.p, tail.n);
	*out = (struct deid_str){p, n + tail.n};
	return DEID_OK;
}

static int by_pattern(
    const struct work *w, const struct pattern *pattern, struct deid_str text, struct deid_str *out)
{
	struct deid_str tail = STR("");
	struct moment m;

	if (!pattern_read(pattern, text, &m)) {
		size_t zone =
		    pattern_has_time(pattern) && !pattern_has_zone(pattern) ? pattern_zone_at_end(text) : 0;

		if (!zone || !pattern_read(pattern, str_sub(text, 0, text.n - zone), &m))
			return NOT_MINE;
		tail = str_sub(text, text.n - zone, zone);
	}
	if (!w->basic)
		return write_pattern(w, pattern, &m, tail, out);
	if (tail.n)
		m.zone = tail;
	/* A date has no place for a zone. */
	return m.zone.n && !w->datetime ? NOT_MINE : write_basic(w, &m, out);
}

/* The parts of a range: each is empty or a whole date. False: neither a date nor a range of them. */
static bool split_range(const struct work *w, struct deid_str text, struct deid_str part[2])
{
	struct moment m;
	size_t n = basic_read(text, w->datetime, &m);

	part[0] = str_sub(text, 0, n);
	part[1] = STR("");
	if (n == text.n)
		return n > 0;
	if (!w->range || text.p[n] != '-')
		return false;
	part[1] = str_sub(text, n + 1, text.n);
	if (part[1].n)
		return basic_read(part[1], w->datetime, &m) == part[1].n;
	return n > 0;
}

static int by_basic(const struct work *w, struct deid_str text, struct deid_str *out)
{
	struct deid_str part[2];
	char *p;
	size_t n = 0;

	if (!split_range(w, text, part))
		return NOT_MINE;
	p = w->st->host->scratch(w->job, 2 * (size_t)BASIC_ROOM + 1);
	if (!p)
		return fail_memory(w);
	for (size_t i = 0; i < 2; i++) {
		struct moment m;
		struct deid_str new = STR("");

		if (part[i].n) {
			int rc;

			basic_read(part[i], w->datetime, &m);
			rc = write_basic(w, &m, &new);
			if (rc != DEID_OK)
				return rc;
			memcpy(p + n, new.p, new.n);
			n += new.n;
		}
		if (!i && part[0].n < text.n)
			p[n++] = '-';
	}
	*out = (struct deid_str){p, n};
	return DEID_OK;
}

static int by_timestamp(const struct work *w, struct deid_str text, struct deid_str *out)
{
	char *p;
	size_t n;

	switch (timestamp_shift(text, &w->shift, NULL, &n)) {
	case TIMESTAMP_NONE:
		return NOT_MINE;
	case TIMESTAMP_RANGE:
		return fail_years(w);
	default:
		break;
	}
	p = w->st->host->scratch(w->job, n);
	if (!p)
		return fail_memory(w);
	timestamp_shift(text, &w->shift, p, &n);
	*out = (struct deid_str){p, n};
	return DEID_OK;
}

/* As people write dates, and then in the first pattern there is. */
static int by_usual(const struct work *w, struct deid_str text, struct deid_str *out)
{
	const struct pattern *pattern = NULL;
	struct moment m;

	for (size_t i = 0; i < w->st->nform && !pattern; i++)
		pattern = w->st->form[i].pattern;
	if (!pattern || !usual_read(text, &m))
		return NOT_MINE;
	return write_pattern(w, pattern, &m, STR(""), out);
}

static int shift_text(const struct work *w, struct deid_str text, struct deid_str *out)
{
	int rc = NOT_MINE;

	*out = text;
	if (!text.n)
		return DEID_OK;
	for (size_t i = 0; i < w->st->nform && rc == NOT_MINE; i++) {
		const struct pattern *pattern = w->st->form[i].pattern;

		rc = pattern ? by_pattern(w, pattern, text, out) : by_timestamp(w, text, out);
	}
	if (rc == NOT_MINE && w->basic)
		rc = by_basic(w, text, out);
	if (rc == NOT_MINE && w->usual)
		rc = by_usual(w, text, out);
	if (rc == NOT_MINE)
		return w->st->host->fail(
		    w->err, DEID_FAILED, DEID_E_VALUE, "the value is no date in the form that is expected");
	return rc;
}

/* A time of day: whole days leave it. */
static int shift_time(const struct work *w)
{
	if (w->shift.micro % CIVIL_DAY == 0)
		return DEID_OK;
	return w->st->host->fail(
	    w->err, DEID_FAILED, DEID_E_VALUE, "a time of day can only be shifted by whole days");
}

static int run(const void *state, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	const struct state *st = state;
	struct work w = {.st = st, .shift = st->shift, .job = job, .err = err};
	struct deid_str *v;
	int drawn = st->shift.steps ? shift_draw(&w.shift, st->host, job, err) : DEID_OK;

	(void)field;
	if (drawn != DEID_OK)
		return drawn;
	if (in->kind == DEID_TIME)
		return shift_time(&w);
	if (in->kind == DEID_BYTES)
		return st->host->fail(err, DEID_FAILED, DEID_E_VALUE, "a field of this type holds no date");
	w.basic = in->flags & DEID_V_BASIC;
	w.usual = in->flags & DEID_V_USUAL;
	w.datetime = in->kind == DEID_DATETIME;
	w.range = in->flags & DEID_V_RANGE;
	v = st->host->scratch(job, in->n * sizeof *v);
	if (!v)
		return fail_memory(&w);
	for (size_t i = 0; i < in->n; i++) {
		int rc = shift_text(&w, in->v[i], &v[i]);

		if (rc != DEID_OK)
			return rc;
	}
	change_spelling(out, v, in->n);
	return DEID_OK;
}

const struct deid_transform transform_increment_date = {
    .size = sizeof(struct deid_transform),
    .action = "increment-date",
    .summary = "shift a date by a number of days",
    .arg = DEID_T_BOOL,
    .settings = date_settings,
    .compile = compile_date,
    .state_free = state_free,
    .run = run,
};

const struct deid_transform transform_increment_datetime = {
    .size = sizeof(struct deid_transform),
    .action = "increment-datetime",
    .summary = "shift a date with a time of day by a number of days",
    .arg = DEID_T_BOOL,
    .settings = datetime_settings,
    .compile = compile_datetime,
    .state_free = state_free,
    .run = run,
};
