/* SPDX-License-Identifier: MIT */
#include "core/util/str.h"
#include "tests/support/fakehost.h"
#include <criterion/criterion.h>
#include <string.h>

Test(compile, sections_in_order)
{
	struct fake f;
	const struct profile *p;

	fake_open(&f, "typed: {}\nname: my profile\nfake:\n  fields: [{name: a, remove: true}]\n");
	p = f.profile;
	cr_assert_eq(f.err.ndiag, 0, "%s", fake_diags(&f));
	cr_assert_str_eq(p->name, "my profile");
	cr_assert_eq(p->nsection, 2);
	cr_assert_str_eq(p->section[0].name, "typed");
	cr_assert_str_eq(p->section[1].name, "fake");
	cr_assert_eq(p->section[0].nrule, 0);
	cr_assert_eq(p->section[1].nrule, 1);
	cr_assert_eq(f.confs, 2);
	cr_assert_eq(f.seals, 2);
	cr_assert_eq(f.sealed, 1);
	fake_close(&f);
}

Test(compile, name_of_the_file)
{
	struct fake f;

	fake_open(&f, "fake: {}\n");
	cr_assert_str_eq(f.profile->name, "test");
	fake_close(&f);
}

Test(compile, rules)
{
	struct fake f;
	const struct rule *r;
	const struct section *sec;

	fake_open(&f,
	    "fake:\n  on-error: remove\n  salt: s\n  fields:\n  - {name: uid, hashuid: true}\n"
	    "  - {regex: \"b.*\", hash: true, on-error: keep}\n  - {name: c, hash: false}\n  - {name: d}\n"
	    "  - {name: e, replace-with: X, on-error: fail}\n");
	cr_assert_eq(f.err.ndiag, 0, "%s", fake_diags(&f));
	sec = &f.profile->section[0];
	r = sec->rule;
	cr_assert_eq(sec->nrule, 5);
	for (size_t i = 0; i < 5; i++) {
		cr_assert_eq(r[i].id, i);
		cr_assert_eq(sec->entry[i].id, i);
		cr_assert_eq(sec->entry[i].path, r[i].path);
		cr_assert(str_eq(sec->entry[i].text, r[i].text));
		cr_assert_eq(sec->entry[i].node, r[i].node);
		cr_assert_str_eq(sec->entry[i].action, r[i].transform->action);
	}
	cr_assert(r[0].path && !r[0].regex && r[0].info.kind == DEID_UID);
	cr_assert(r[1].regex && !r[1].path && r[1].info.kind == -1);
	cr_assert(r[0].on_error == ON_ERROR_REMOVE && r[1].on_error == ON_ERROR_KEEP);
	cr_assert_eq(r[4].on_error, ON_ERROR_FAIL);
	cr_assert(!r[1].off && r[2].off && !r[3].off);
	cr_assert_eq(sec->entry[2].flags, DEID_ENTRY_OFF);
	cr_assert_eq(sec->entry[4].flags, DEID_ENTRY_CREATE | DEID_ENTRY_TREE);
	cr_assert_str_eq(r[3].transform->action, "keep");
	cr_assert(str_eqz(sec->entry[4].constant->v[0], "X"));
	cr_assert_null(sec->entry[1].constant);
	cr_assert(sec->has_regex);
	fake_close(&f);
}

/* What a format is told of an action, beyond its name. */
Test(compile, flags_of_entries)
{
	struct fake f;
	const struct deid_entry *e;

	fake_open(&f,
	    "fake:\n  secret-key: 000102030405060708090a0b0c0d0e0f\n  fields:\n  - {name: a, hash: true, "
	    "salt: s}\n  - {name: b, encrypt: true}\n  - {name: c, decrypt: true}\n  - {name: d, remove: "
	    "true}\n");
	cr_assert_eq(f.err.ndiag, 0, "%s", fake_diags(&f));
	e = f.profile->section[0].entry;
	cr_assert_eq(e[0].flags, 0);
	cr_assert_eq(e[1].flags, DEID_ENTRY_RAW | DEID_ENTRY_TREE);
	cr_assert_eq(e[2].flags, DEID_ENTRY_RAW);
	cr_assert_eq(e[3].flags, DEID_ENTRY_TREE);
	fake_close(&f);
}

/* It still names fields, as `keep` does. */
Test(compile, regex_that_is_off)
{
	struct fake f;

	fake_open(&f, "fake:\n  fields: [{regex: a, remove: false}]\n");
	cr_assert_not(f.profile->section[0].rule[0].off);
	cr_assert_str_eq(f.profile->section[0].rule[0].transform->action, "keep");
	fake_close(&f);
}

Test(compile, filters)
{
	static const struct {
		const char *yaml;
		size_t n;
		const char *first;
	} cases[] = {{"fake: {}\n", 2, "*.fake"}, {"fake: {file-filter: }\n", 2, "*.fake"},
	    {"fake: {file-filter: \"x*\"}\n", 1, "x*"}, {"fake: {file-filter: [a, b, 7]}\n", 3, "a"},
	    {"fake: {file-filter: []}\n", 0, NULL}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake f;

		fake_open(&f, cases[i].yaml);
		cr_assert_eq(f.profile->section[0].nfilter, cases[i].n);
		if (cases[i].n)
			cr_assert(str_eqz(f.profile->section[0].filter[0], cases[i].first));
		fake_close(&f);
	}
}

/* A format reads its section through node_get(): what is given, else its setting's, else its own default. */
Test(compile, defaults_of_a_section)
{
	struct fake f;
	const struct deid_node *sec;

	fake_open(&f, "typed:\n  size: 7\n  mode:\n  sub: {label: x}\n  list: [{width: 9}, {}]\n");
	sec = f.profile->section[0].node;
	cr_assert_eq(node_int(node_get(sec, "size")), 7);
	cr_assert(str_eqz(node_str(node_get(sec, "mode")), "left"), "null is nothing");
	cr_assert(str_eqz(node_str(node_get(sec, "date-format")), "%Y-%m-%d"));
	cr_assert_null(node_get(sec, "pattern"));
	cr_assert_not(node_given(sec, "mode"));
	cr_assert_not(node_given(sec, "date-format"));
	cr_assert_eq(node_int(node_get(node_get(sec, "sub"), "width")), 3);
	cr_assert(str_eqz(node_str(node_get(node_get(sec, "sub"), "label")), "x"));
	cr_assert_eq(node_int(node_get(node_at(node_get(sec, "list"), 0), "width")), 9);
	cr_assert_eq(node_int(node_get(node_at(node_get(sec, "list"), 1), "width")), 3);
	fake_close(&f);
}

/* One mapping under two formats: each has its own defaults. */
Test(compile, sections_that_share_a_node)
{
	struct fake f;
	struct section *sec;
	struct rule *own;

	fake_open(
	    &f, "fake: &x\n  date-increment: 1\n  fields: [{name: a, increment-date: true}]\ntyped: *x\n");
	cr_assert_eq(f.err.ndiag, 0, "%s", fake_diags(&f));
	sec = f.profile->section;
	cr_assert_null(node_get(sec[0].node, "date-format"));
	cr_assert_not_null(node_get(sec[1].node, "date-format"));
	cr_assert_str_eq(fake_text(&f, "20200220"), "20200221");
	own = sec[0].rule;
	sec[0].rule = sec[1].rule; /* fake_text() runs the first section's */
	cr_assert_str_eq(fake_text(&f, "2020-02-20"), "2020-02-21");
	sec[0].rule = own;
	fake_close(&f);
}

Test(compile, merged_options)
{
	struct fake f;

	fake_open(&f, "typed:\n  fields:\n  - &d {name: a, increment-date: true, date-increment: 2}\n"
		      "  - {<<: *d, name: b, date-increment: 3}\n");
	cr_assert_eq(f.err.ndiag, 0, "%s", fake_diags(&f));
	cr_assert_eq(f.profile->section[0].nrule, 2);
	cr_assert_str_eq(fake_text(&f, "2020-02-20"), "2020-02-22");
	cr_assert(str_eqz(f.profile->section[0].rule[1].text, "b"));
	fake_close(&f);
}

Test(compile, first_salt)
{
	static const struct {
		const char *yaml, *salt;
	} cases[] = {
	    {"fake: {}\n", ""},
	    {"fake: {salt: a}\ntyped: {salt: b}\n", "a"},
	    {"fake: {fields: []}\ntyped: {salt: b}\n", "b"},
	    {"fake:\n  fields: [{name: x, hash: true}, {name: y, hash: true, salt: e}]\n  salt: s\n", "e"},
	    {"fake:\n  salt: s\n  fields: [{name: y, hash: true, salt: e}]\n", "s"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake f;

		fake_open(&f, cases[i].yaml);
		cr_assert(str_eqz(f.profile->first_salt, cases[i].salt), "%s", cases[i].yaml);
		fake_close(&f);
	}
}

Test(compile, one_field_changed_twice)
{
	struct fake f;

	fake_open(&f, "fake:\n  fields:\n  - {name: a, remove: true}\n  - {name: b, remove: true}\n"
		      "  - {name: a, replace-with: X}\n  - {name: b}\n  - {name: b, hash: false}\n"
		      "  - {regex: b, remove: true}\n");
	cr_assert_str_eq(
	    fake_diags(&f), "5:5: warning: this makes the field anew that the entry in line 3 removes\n");
	fake_close(&f);
}

/* What a format may look at is whole: seal() is not called for a section with mistakes. */
Test(compile, a_format_judges_what_is_right_beside_mistakes)
{
	struct fake f;

	fake_open(&f,
	    "fake:\n  fields: [{name: unknown, remove: true}, {name: sealed, remove: true}]\ntyped: {}\n");
	cr_assert_eq(f.err.nerrors, 2, "the name, and what seal() has against the other one");
	cr_assert_eq(f.paths, 2);
	cr_assert_eq(f.seals, 2);
	fake_close(&f);
	fake_open(&f, "fake:\n  size: 99\n  fields: [{name: unknown, remove: true}]\n");
	cr_assert_eq(f.err.nerrors, 1, "its settings are wrong, so a format judges no names");
	cr_assert_eq(f.confs, 0);
	cr_assert_eq(f.paths, 0);
	fake_close(&f);
}

Test(compile, many_entries)
{
	struct buf b = {0};
	struct fake f;

	buf_z(&b, "fake:\n  salt: s\n  fields:\n");
	for (int i = 0; i < 100000; i++)
		buf_printf(&b, "  - {name: field-%d, hash: true}\n", i);
	fake_open(&f, buf_cstr(&b));
	cr_assert_eq(f.err.ndiag, 0);
	cr_assert_eq(f.profile->section[0].nrule, 100000);
	fake_close(&f);
	buf_free(&b);
}
