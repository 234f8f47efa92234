/* SPDX-License-Identifier: MIT */
#include "core/util/str.h"
#include "tests/support/fakehost.h"
#include <criterion/criterion.h>
#include <stdio.h>

static void open_entry(struct fake *f, const char *value)
{
	char yaml[512];

	snprintf(yaml, sizeof yaml, "fake:\n  fields:\n  - name: v\n    replace-with: %s\n", value);
	fake_open(f, yaml);
}

Test(replace, scalars_keep_their_spelling_and_type)
{
	static const struct {
		const char *value, *text;
		enum deid_kind kind;
	} cases[] = {
	    {"REDACTED", "REDACTED", DEID_TEXT},
	    {"007", "007", DEID_INT},
	    {"\"007\"", "007", DEID_TEXT},
	    {"'007'", "007", DEID_TEXT},
	    {"!!str 007", "007", DEID_TEXT},
	    {"-12", "-12", DEID_INT},
	    {"+12", "+12", DEID_INT},
	    {"1.50", "1.50", DEID_REAL},
	    {"1e3", "1e3", DEID_REAL},
	    {".5", ".5", DEID_REAL},
	    {".inf", ".inf", DEID_REAL},
	    {"true", "true", DEID_BOOL},
	    {"False", "False", DEID_BOOL},
	    {"yes", "yes", DEID_TEXT},
	    {"0x10", "0x10", DEID_TEXT},
	    {"0o7", "0o7", DEID_TEXT},
	    {"1:30", "1:30", DEID_TEXT},
	    {"1_000", "1_000", DEID_TEXT},
	    {"2020-01-01", "2020-01-01", DEID_TEXT},
	    {"\"null\"", "null", DEID_TEXT},
	    {"\"it's # no comment: \\u00e9\"", "it's # no comment: é", DEID_TEXT},
	    {"|\n      two\n      lines", "two\nlines\n", DEID_TEXT},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct deid_result out;
		struct fake f;

		open_entry(&f, cases[i].value);
		cr_assert_eq(f.err.ndiag, 0, "%s", fake_diags(&f));
		cr_assert_eq(fake_run(&f, 0, NULL, &out), DEID_OK);
		cr_assert_eq(out.verdict, DEID_CHANGE);
		cr_assert_eq(out.value.n, 1);
		cr_assert(str_eqz(out.value.v[0], cases[i].text), "%s", cases[i].value);
		cr_assert_eq(out.value.kind, cases[i].kind, "%s", cases[i].value);
		cr_assert_not_null(out.value.tree);
		cr_assert_eq(node_kind(out.value.tree) == DEID_N_STR, cases[i].kind == DEID_TEXT);
		fake_close(&f);
	}
}

Test(replace, empty_text)
{
	struct deid_result out;
	struct fake f;

	open_entry(&f, "\"\"");
	cr_assert_eq(fake_run(&f, 0, NULL, &out), DEID_OK);
	cr_assert_eq(out.verdict, DEID_CHANGE);
	cr_assert_eq(out.value.kind, DEID_TEXT);
	cr_assert_eq(out.value.n, 0);
	fake_close(&f);
}

Test(replace, lists_and_mappings)
{
	struct deid_result out;
	struct fake f;

	open_entry(&f, "[a, 007, null, \"\"]");
	cr_assert_eq(fake_run(&f, 0, NULL, &out), DEID_OK);
	cr_assert_eq(out.value.kind, DEID_TEXT);
	cr_assert_eq(out.value.n, 4);
	cr_assert(str_eqz(out.value.v[0], "a") && str_eqz(out.value.v[1], "007"));
	cr_assert(out.value.v[2].n == 0 && out.value.v[3].n == 0);
	cr_assert_eq(node_kind(node_at(out.value.tree, 1)), DEID_N_INT);
	cr_assert_eq(node_kind(node_at(out.value.tree, 2)), DEID_N_NULL);
	fake_close(&f);

	open_entry(&f, "[]");
	cr_assert_eq(fake_run(&f, 0, NULL, &out), DEID_OK);
	cr_assert(out.value.kind == DEID_TEXT && out.value.n == 0);
	cr_assert_eq(node_kind(out.value.tree), DEID_N_LIST);
	fake_close(&f);

	open_entry(&f, "{k: [1, {l: m}]}");
	cr_assert_eq(fake_run(&f, 0, NULL, &out), DEID_OK);
	cr_assert(out.value.kind == DEID_TREE && out.value.n == 0);
	cr_assert(str_eqz(node_key(out.value.tree, 0), "k"));
	fake_close(&f);

	open_entry(&f, "[a, [b]]");
	cr_assert_eq(fake_run(&f, 0, NULL, &out), DEID_OK);
	cr_assert_eq(out.value.kind, DEID_TREE);
	fake_close(&f);
}

Test(replace, null_does_nothing)
{
	static const char *const nulls[] = {"null", "~", "", "Null"};

	for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++) {
		struct fake f;

		open_entry(&f, nulls[i]);
		cr_assert_eq(f.err.nerrors, 0);
		cr_assert_eq(f.err.ndiag, 1);
		cr_assert(f.profile->section[0].rule[0].off);
		cr_assert_str_eq(fake_text(&f, "x"), "x");
		fake_close(&f);
	}
}

Test(replace, insert)
{
	static const struct {
		const char *section, *entry;
		bool creates;
	} cases[] = {
	    {"", "", true},
	    {"replace-with-insert: false", "", false},
	    {"replace-with-insert: false", ", replace-with-insert: true", true},
	    {"replace-with-insert: true", ", replace-with-insert: \"false\"", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct deid_result out;
		struct fake f;
		char yaml[256];

		snprintf(yaml, sizeof yaml, "fake:\n  %s\n  fields: [{name: v, replace-with: X%s}]\n",
		    cases[i].section, cases[i].entry);
		fake_open(&f, yaml);
		cr_assert_eq(f.err.ndiag, 0, "%s", fake_diags(&f));
		cr_assert_eq(fake_run(&f, 0, NULL, &out), DEID_OK);
		cr_assert_eq(out.verdict, cases[i].creates ? DEID_CHANGE : DEID_KEEP);
		cr_assert_str_eq(fake_text(&f, "old"), "X", "what is there is always replaced");
		fake_close(&f);
	}
}

Test(replace, the_field_stays_what_it_is)
{
	const struct deid_str old = STR("M");
	struct deid_value in = fake_components(DEID_TEXT, &old, 1);
	struct deid_result out;
	struct fake f;

	open_entry(&f, "new");
	in.flags = DEID_V_UPPER;
	in.max = 16;
	cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_OK);
	cr_assert_eq(out.value.flags, DEID_V_UPPER);
	cr_assert_eq(out.value.max, 16);
	fake_close(&f);
}

Test(remove_and_keep, verdicts)
{
	struct fake f;

	fake_open(&f, "fake:\n  fields: [{name: v, remove: true}]\n");
	cr_assert_str_eq(fake_text(&f, "x"), "<removed>");
	fake_close(&f);
	fake_open(&f, "fake:\n  fields: [{name: v, remove: false}]\n");
	cr_assert_str_eq(fake_text(&f, "x"), "x");
	fake_close(&f);
	fake_open(&f, "fake:\n  fields: [{name: v, keep: true}, {name: w, identity: true}, {name: x}]\n");
	cr_assert_eq(f.err.ndiag, 0);
	for (size_t i = 0; i < 3; i++) {
		cr_assert_str_eq(f.profile->section[0].rule[i].transform->action, "keep");
		cr_assert_not(f.profile->section[0].rule[i].off);
	}
	cr_assert_str_eq(fake_text(&f, "x"), "x");
	fake_close(&f);
}
