/* SPDX-License-Identifier: MIT */
#include "core/engine/apply.h"
#include "core/engine/host.h"
#include "core/transform/builtin.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* An action that fails as it is told: its state is the code. */
static int fail_run(const void *state, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	(void)job, (void)field, (void)in, (void)out;
	const enum deid_code *code = state;
	return error_fail(err, *code == DEID_E_NOMEM ? DEID_FATAL : DEID_FAILED, *code, "as told");
}

static const struct deid_transform failing = {
    .size = sizeof failing, .action = "failing", .summary = "-", .run = fail_run};

static struct rule rule[8];
static struct section section = {.name = "test", .rule = rule};
static struct deid_job *job;
static struct deid_error err;

static void setup(void)
{
	error_init(&err);
	job = job_new(&(struct job_options){.host = &host_services, .memory = (size_t)1 << 20});
	memset(rule, 0, sizeof rule);
	for (uint32_t i = 0; i < 8; i++)
		rule[i] =
		    (struct rule){.id = i, .text = STR("x"), .path = rule, .transform = &transform_remove};
	section.nrule = 8;
	section.has_regex = false;
	job_begin(job, "x", STR("x"));
	/* As job_process() does. */
	job->section = &section;
	job->seen = arena_zalloc(&job->arena, 8);
	job->ids = arena_array(&job->arena, 8, sizeof *job->ids);
}

static void teardown(void)
{
	for (int i = 0; i < 8; i++)
		regex_free(rule[i].regex);
	job_free(job);
	error_free(&err);
}

TestSuite(apply, .init = setup, .fini = teardown);

static void by_regex(uint32_t id, const char *pattern)
{
	char msg[256];
	size_t at;
	rule[id].path = NULL;
	rule[id].regex = regex_new(str_of(pattern), &at, msg, sizeof msg);
	cr_assert_not_null(rule[id].regex, "%s", msg);
	section.has_regex = true;
}

static struct deid_field named(const char *name)
{
	return (struct deid_field){.size = sizeof(struct deid_field), .name = str_of(name)};
}

static void matches(const char *name, const uint32_t *ids, size_t n, const uint32_t *want, size_t nwant)
{
	struct deid_field f = named(name);
	const uint32_t *all;
	size_t nall;
	cr_assert_eq(apply_match(job, &f, ids, n, &all, &nall, &err), DEID_OK);
	cr_assert_eq(nall, nwant, "%s: %zu", name, nall);
	for (size_t i = 0; i < nwant; i++)
		cr_expect_eq(all[i], want[i]);
}

Test(apply, ids_come_ascending_and_once_without_those_that_are_off)
{
	const uint32_t ids[] = {5, 1, 3, 1, 5}, want[] = {1, 5};
	rule[3].off = true;
	matches("x", ids, 5, want, 2);
	matches("x", ids, 0, NULL, 0);
}

Test(apply, regex_entries_join)
{
	const uint32_t ids[] = {4}, want[] = {0, 4, 6};
	by_regex(0, "a.*");
	by_regex(6, ".*b");
	by_regex(7, "a");
	rule[7].off = true;
	matches("ab", ids, 1, want, 3);
	matches("ab", ids, 1, want, 3);
	matches("ax", NULL, 0, want, 1);
	matches("xx", NULL, 0, NULL, 0);
}

Test(apply, the_second_spelling_counts_too)
{
	struct deid_field f = named("Name");
	const uint32_t *all;
	size_t nall;
	by_regex(2, "00100010");
	f.alt = STR("00100010");
	cr_assert_eq(apply_match(job, &f, NULL, 0, &all, &nall, &err), DEID_OK);
	cr_expect_eq(nall, 1);
	f.alt = STR("00100020");
	cr_assert_eq(apply_match(job, &f, NULL, 0, &all, &nall, &err), DEID_OK);
	cr_expect_eq(nall, 0);
}

Test(apply, an_unknown_id_is_a_fault_of_the_format)
{
	struct deid_field f = named("x");
	const uint32_t ids[] = {8}, *all;
	size_t nall;
	struct deid_result r;
	cr_expect_eq(apply_match(job, &f, ids, 1, &all, &nall, &err), DEID_FAILED);
	cr_expect_eq(err.code, DEID_E_INTERNAL);
	error_clear(&err);
	cr_expect_eq(apply_chain(job, &f, ids, 1, NULL, &r, &err), DEID_FAILED);
	cr_expect_eq(err.code, DEID_E_INTERNAL);
}

Test(apply, lists_stay_valid_and_memory_does_not_grow_with_names)
{
	struct deid_field f;
	const uint32_t *first, *all;
	size_t nfirst, nall;
	char name[32];
	by_regex(0, ".*\\.a");
	by_regex(1, "1.*");
	f = named("1.a");
	cr_assert_eq(apply_match(job, &f, NULL, 0, &first, &nfirst, &err), DEID_OK);
	cr_assert_eq(nfirst, 2);
	size_t before = job->arena.used;
	for (int i = 0; i < 100000; i++) {
		int n = snprintf(name, sizeof name, "%d.%c", i, "ab"[i % 2]);
		f.name = (struct deid_str){name, (size_t)n};
		cr_assert_eq(apply_match(job, &f, NULL, 0, &all, &nall, &err), DEID_OK);
		cr_assert_eq(nall, (size_t)(i % 2 == 0) + (name[0] == '1'));
	}
	cr_expect_lt(job->arena.used - before, 1000);
	cr_expect(first[0] == 0 && first[1] == 1);
}

static int chain(const uint32_t *ids, size_t n, struct deid_result *r)
{
	struct deid_str v = STR("v");
	struct deid_value in = {.size = sizeof in, .v = &v, .n = 1, .lo = 1};
	struct deid_field f = named("field");
	error_clear(&err);
	return apply_chain(job, &f, ids, n, &in, r, &err);
}

Test(apply, on_error_is_for_values_only)
{
	enum deid_code code;
	const uint32_t ids[] = {2};
	struct deid_result r;
	rule[2].transform = &failing;
	rule[2].state = &code;
	rule[2].on_error = ON_ERROR_KEEP;
	for (code = DEID_E_NOMEM; code <= DEID_E_INTERNAL; code++) {
		bool excused = code == DEID_E_VALUE || code == DEID_E_FIELD || code == DEID_E_UNSUPPORTED ||
			       code == DEID_E_KEY;
		int rc = chain(ids, 1, &r);
		cr_expect_eq(rc,
		    excused                ? DEID_OK
		    : code == DEID_E_NOMEM ? DEID_FATAL
					   : DEID_FAILED,
		    "code %d", (int)code);
		if (excused)
			cr_expect_eq(r.verdict, DEID_KEEP);
		else
			cr_expect(err.code == code && str_eqz(buf_view(&err.field), "field"));
	}
	/* One text, said once. */
	cr_expect_eq(job->nwarnings, 1);
}

Test(apply, an_explicit_remove_is_never_by_error)
{
	enum deid_code code = DEID_E_VALUE;
	const uint32_t both[] = {2, 3};
	struct deid_result r;
	rule[2].transform = &failing;
	rule[2].state = &code;
	rule[2].on_error = ON_ERROR_REMOVE;
	cr_assert_eq(chain(both, 1, &r), DEID_OK);
	cr_expect(r.verdict == DEID_REMOVE && r.by_error && r.by == 2);
	cr_assert_eq(chain(both, 2, &r), DEID_OK);
	cr_expect(r.verdict == DEID_REMOVE && !r.by_error && r.by == 3);
}

Test(apply, a_refused_result_goes_by_its_entry)
{
	struct deid_field f = named("field");
	struct deid_result r = {.size = sizeof r, .verdict = DEID_CHANGE, .by = 4};
	cr_expect_eq(apply_refuse(job, &f, &r, "why", &err), DEID_FAILED);
	cr_expect_eq(err.code, DEID_E_FIELD);
	error_clear(&err);
	rule[4].on_error = ON_ERROR_REMOVE;
	cr_expect_eq(apply_refuse(job, &f, &r, "why", &err), DEID_OK);
	cr_expect(r.verdict == DEID_REMOVE && r.by_error);
	rule[4].on_error = ON_ERROR_KEEP;
	cr_expect_eq(apply_refuse(job, &f, &r, "why", &err), DEID_OK);
	cr_expect(r.verdict == DEID_KEEP && !r.by_error);
	cr_expect_eq(job->nwarnings, 2);
	r.by = 99;
	cr_expect_eq(apply_refuse(job, &f, &r, "why", &err), DEID_FAILED);
}

Test(apply, warnings_are_bounded)
{
	for (int i = 0; i < 1000; i++)
		job_warn(job, STR("f"), "number %d", i);
	cr_expect_eq(job->nwarnings + job->dropped, 1000);
	cr_expect_leq(job->nwarnings, 100);
	cr_expect_str_eq(job->warnings.p, "f: number 0");
}

Test(apply, what_was_not_found)
{
	const uint32_t ids[] = {0, 1};
	struct deid_field f = named("x");
	struct buf out = {0};
	const uint32_t *all;
	size_t nall;
	struct deid_result r;
	section.nrule = 5;
	rule[0].text = STR("seen");
	rule[1].text = STR("empty column");
	rule[2].text = STR("missing");
	rule[3].text = STR("missing");
	rule[4].text = STR("off");
	rule[4].off = true;
	cr_assert_eq(chain(ids, 1, &r), DEID_OK);
	cr_assert_eq(apply_match(job, &f, ids + 1, 1, &all, &nall, &err), DEID_OK);
	cr_expect_eq(job_not_found(job, &out), 1);
	cr_expect_str_eq(out.p, "missing");
	cr_expect_eq(job_applied(job), 1);
	/* The format says that a field it asked about is missing. */
	cr_assert_eq(apply_chain(job, &f, ids + 1, 1, NULL, &r, &err), DEID_OK);
	out.n = 0;
	cr_expect_eq(job_not_found(job, &out), 2);
	buf_free(&out);
}
