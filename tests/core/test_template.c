/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/template.h"

#include "core/profile/casing.h"
#include "core/profile/variables.h"
#include "core/util/csvrow.h"
#include "core/util/utf8.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A document, its templates, and what was said. */
struct world {
	struct deid_error err;
	struct document *doc;
	struct templates *t;
	struct arena arena;
	struct buf said;
};

static void begin(struct world *w, const char *yaml)
{
	*w = (struct world){.said = {0}};
	error_init(&w->err);
	arena_init(&w->arena, 0);
	w->doc = document_parse(str_of(yaml), "p.yaml", &w->err);
	cr_assert(w->doc && w->err.nerrors == 0);
	w->t = templates_new(w->doc, &w->err);
	cr_assert_not_null(w->t);
}

static void end(struct world *w)
{
	templates_free(w->t);
	arena_free(&w->arena);
	document_free(w->doc);
	error_free(&w->err);
	buf_free(&w->said);
}

static const char *said(struct world *w)
{
	w->said.n = 0;
	for (size_t i = 0; i < w->err.ndiag; i++)
		buf_printf(&w->said, "%s%zu:%zu %s", i ? "\n" : "", w->err.diag[i].line, w->err.diag[i].col,
		    w->err.diag[i].text);
	return buf_cstr(&w->said);
}

/* Fills in from a table of one row, 7, as far as it has the columns; MISSING is no column. */
static struct deid_node *fill(struct world *w, const char *const *pair, enum template_mode mode)
{
	struct template_value *value = arena_array(&w->arena, templates_count(w->t) + 1, sizeof(*value));
	struct deid_node *root;

	for (size_t i = 0; i < templates_count(w->t); i++)
		for (const char *const *p = pair; *p; p += 2)
			if (str_eqz(templates_name(w->t, i), p[0]))
				value[i] = (struct template_value){str_of(p[1]), "s.csv", 7};
	root = templates_fill(w->t, value, mode, &w->arena, &w->err);
	cr_assert_not_null(root);
	return root;
}

static const char *const some[] = {"A", "aB", "ID", "007", "N", "-15", "E", "", "SP", " x ", "sub.label",
    "s1", "REAL", "-15.0", "U", "Straße É ΑΣ ΑΣΑ", "WORD", "ten", "Ä_1", "odd", NULL};

/* A text in a document, and what becomes of it. */
static const struct {
	const char *text, *want;
	bool plain;
} good[] = {
    {"{{ A }}", "aB", false},
    {"{{A}}", "aB", false},
    {"{{ A}}{{A }}", "aBaB", false},
    {"pre-{{ ID }}.x", "pre-007.x", false},
    {"{{ ID }}", "007", false},
    {"{{ ID | int }}", "7", true},
    {"{{ ID | int }} ", "7 ", false},
    {"{{ ID | int | upper }}", "7", false},
    {"{{ N | int }}", "-15", true},
    {"{{ REAL | int }}", "-15", true},
    {"{{ A | upper }}", "AB", false},
    {"{{A|lower}}", "ab", false},
    {"{{ SP | trim }}", "x", false},
    {"{{ SP|trim|upper }}", "X", false},
    {"{{ U | upper }}", "STRASSE É ΑΣ ΑΣΑ", false},
    {"{{ U | lower }}", "straße é ας ασα", false},
    {"{{ sub.label }}", "s1", false},
    {"{{ Ä_1 }}", "odd", false},
    {"{{ E }}", "", false},
    {"[{{ E }}]", "[]", false},
    {"{{ E | default(\"zz\") }}", "zz", false},
    {"{{ E | upper | default('it is') }}", "it is", false},
    {"{{ NONE | default(\"zz\") }}", "zz", false},
    {"{{ NONE | default(\"\") }}", "", false},
    {"{{ NONE | upper | default( 'a\\'b\\\\\\\"' ) | upper }}", "A'B\\\"", false},
    {"{{ NONE | int | default(\"4\") }}", "4", false},
    {"{{ NONE | default(\"4.9\") | int }}", "4", true},
    {"{{ NONE | default(\"-0.9\") | int }}", "0", true},
    {"{{ NONE | default(\" +0012 \") | int }}", "12", true},
    {"{{ NONE | default(\"-99999999999999999999\") | int }}", "-99999999999999999999", true},
    {"{{ NONE | default(\"}}\") }}", "}}", false},
    {"{{ A | default(\"zz\") }}", "aB", false},
    {"{{\tA\n|\nupper\t}}", "AB", false},
    {"{{{ A }}}", NULL, false},
    {"{x{{ A }}y}", "{xaBy}", false},
    {"{\"a\": {\"b\": {}}}", "{\"a\": {\"b\": {}}}", false},
    {"\\d{2}{{ A }}\\d{3}", "\\d{2}aB\\d{3}", false},
    {"a } b", "a } b", false},
    {"a #} %} b", "a #} %} b", false},
};

static void put_quoted(struct buf *yaml, const char *text)
{
	buf_z(yaml, "k: \"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_c(yaml, '\\');
		if (*text == '\n' || *text == '\t')
			buf_z(yaml, *text == '\n' ? "\\n" : "\\t");
		else
			buf_c(yaml, *text);
	}
	buf_z(yaml, "\"\n");
}

Test(template, what_becomes_of_texts)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct buf yaml = {0};
		const struct deid_node *got;
		struct world w;

		put_quoted(&yaml, good[i].text);
		begin(&w, buf_cstr(&yaml));
		got = node_get(fill(&w, some, TEMPLATE_WHOLE), "k");
		if (good[i].want) {
			cr_expect_eq(w.err.ndiag, 0, "%s: %s", good[i].text, said(&w));
			cr_expect(str_eqz(got->text, good[i].want), "%s: %s", good[i].text, got->text.p);
			cr_expect_eq(got->text.p[got->text.n], '\0');
			cr_expect_eq(got->plain, good[i].plain, "%s", good[i].text);
		} else {
			cr_expect_eq(w.err.nerrors, 1, "%s: %s", good[i].text, said(&w));
		}
		end(&w);
		buf_free(&yaml);
	}
}

#define USAGE                                                                                                \
	"a variable is written {{ NAME }} or {{ NAME | filter }}; no other template syntax is understood "

/* A text in a document that is no template, and the error at line 1, column 4. */
static const struct {
	const char *text, *want;
} bad[] = {
    {"{{ }}", USAGE "(at character 4 of it)"},
    {"{{", USAGE "(at character 1 of it)"},
    {"é{{ A", "\"{{\" is never closed (at character 2 of it)"},
    {"{{ A }", USAGE "(at character 6 of it)"},
    {"{{ A } }", USAGE "(at character 6 of it)"},
    {"{{- A -}}", USAGE "(at character 3 of it)"},
    {"{{ A + 1 }}", USAGE "(at character 6 of it)"},
    {"{{ A-B }}", USAGE "(at character 5 of it)"},
    {"{{ 001 }}", USAGE "(at character 4 of it)"},
    {"{{ 'x' }}", USAGE "(at character 4 of it)"},
    {"{{ A[0] }}", USAGE "(at character 5 of it)"},
    {"{{ A.0 }}", USAGE "(at character 4 of it)"},
    {"{{ A. }}", USAGE "(at character 4 of it)"},
    {"{{ A if B }}", USAGE "(at character 6 of it)"},
    {"{{ A | }}",
	"\"|\" is followed by a filter: upper, lower, trim, int or default(\"x\") (at character 8 of it)"},
    {"{{ A | title }}",
	"unknown filter; there are upper, lower, trim, int and default(\"x\") (at character 8 of it)"},
    {"{{ A | upper() }}", USAGE "(at character 13 of it)"},
    {"{{ A | default }}", "default takes one quoted text, as in default(\"x\") (at character 15 of it)"},
    {"{{ A | default(4) }}", "default takes one quoted text, as in default(\"x\") (at character 15 of it)"},
    {"{{ A | default(\"x }}", "default takes one quoted text, as in default(\"x\") (at character 15 of it)"},
    {"{{ A | default('x', true) }}",
	"default takes one quoted text, as in default(\"x\") (at character 15 of it)"},
    {"{{ A | default(\"a\\nb\") }}", "in the text of default, \"\\\" stands only before a quote or another "
				     "\"\\\" (at character 19 of it)"},
    {"A }}", "\"}}\" closes nothing (at character 3 of it)"},
    {"{ A }}", "\"}}\" closes nothing (at character 5 of it)"},
    {"{{ A }} }}", "\"}}\" closes nothing (at character 9 of it)"},
    {"{% if A %}x{% endif %}", "\"{%\" and \"{#\" are template syntax that is not understood; there are only "
			       "variables, as {{ NAME }} (at "
			       "character 1 of it)"},
    {"x{# note #}", "\"{%\" and \"{#\" are template syntax that is not understood; there are only variables, "
		    "as {{ NAME }} (at "
		    "character 2 of it)"},
};

Test(template, errors_in_texts)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct buf yaml = {0};
		struct world w;

		put_quoted(&yaml, bad[i].text);
		begin(&w, buf_cstr(&yaml));
		cr_assert_eq(w.err.nerrors, 1, "%s: %s", bad[i].text, said(&w));
		cr_expect(str_prefix(str_of(said(&w)), "1:4 "), "%s", said(&w));
		cr_expect_str_eq(said(&w) + 4, bad[i].want, "%s", bad[i].text);
		cr_expect_eq(templates_count(w.t), 0);
		end(&w);
		buf_free(&yaml);
	}
}

Test(template, all_errors_and_each_once)
{
	struct world w;

	begin(&w, "# {{ NOPE }} {% if %}\n"
		  "a: &x [\"{{ 1 }}\", '{{ B | c }}'] # {{ NOPE }}\n"
		  "b: *x\n"
		  "\"{{ K }}\": 1\n"
		  "c: {\"d{%\": \"{{ OK }}\"}\n");
	error_sort(&w.err);
	cr_expect_str_eq(said(&w), "2:8 " USAGE "(at character 4 of it)\n"
				   "2:19 unknown filter; there are upper, lower, trim, int and "
				   "default(\"x\") (at character 8 of it)\n"
				   "4:1 a variable may stand in a value, not in a key\n"
				   "5:5 a variable may stand in a value, not in a key");
	cr_expect_eq(templates_count(w.t), 1);
	end(&w);
}

Test(template, values_that_do_not_do)
{
	struct world w;

	begin(&w, "a: '{{ WORD | int }}'\nb: 'x{{ NONE }}'\nc: '{{ E | int }}'\nd: '{{ NONE | int }}'\n"
		  "e: '{{ NONE | default(\"ten\") | int }}'\n");
	fill(&w, some, TEMPLATE_WHOLE);
	cr_expect_str_eq(said(&w),
	    "1:4 the filter \"int\" takes a whole number (row 7, column \"WORD\" of s.csv)\n"
	    "2:4 the variable \"NONE\" has no value (variable \"NONE\")\n"
	    "3:4 the filter \"int\" takes a whole number (row 7, column \"E\" of s.csv)\n"
	    "4:4 the variable \"NONE\" has no value (variable \"NONE\")\n"
	    "5:4 the filter \"int\" takes a whole number (variable \"NONE\")");
	end(&w);
}

Test(template, unknown_values)
{
	const struct deid_node *root, *list;
	struct world w;

	begin(&w, "a: '{{ NONE }}'\nb: ['x{{ A }}{{ NONE }}', '{{ A }}', 'c']\nd: 5\n");
	root = fill(&w, some, TEMPLATE_PARTIAL);
	list = node_get(root, "b");
	cr_expect_eq(w.err.ndiag, 0, "%s", said(&w));
	cr_expect(root->pair[0].value->unknown);
	cr_expect(!root->pair[0].value->plain);
	cr_expect_null(node_get(root, "a"), "what is unknown is nothing, not the name of its variable");
	cr_expect_eq(node_kind(list->item[0]), DEID_N_NULL);
	cr_expect(root->partial && list->partial && !node_get(root, "d")->partial);
	cr_expect(list->item[0]->unknown);
	cr_expect(!list->item[1]->unknown);
	cr_expect(str_eqz(list->item[1]->text, "aB"));
	cr_expect(!list->item[2]->unknown);
	cr_expect(!list->unknown);
	end(&w);
}

/* What has no variable in it is the document's own node, and what an alias names is copied once. */
Test(template, copies_share)
{
	const struct deid_node *root, *base, *again;
	struct world w;

	begin(&w, "a: &s {salt: '{{ ID }}', list: [1, 2]}\n"
		  "b: {x: 1, y: [2, 3]}\n"
		  "c: [*s, *s, {<<: *s, z: 1}]\n"
		  "d: '{{ ID }}'\n");
	base = w.doc->root;
	root = fill(&w, some, TEMPLATE_WHOLE);
	cr_expect_neq(root, base);
	cr_expect_eq(node_get(root, "b"), node_get(base, "b"));
	cr_expect_eq(node_get(node_get(root, "a"), "list"), node_get(node_get(base, "a"), "list"));
	cr_expect_neq(node_get(root, "a"), node_get(base, "a"));
	cr_expect_eq(node_get(root, "c")->item[0], node_get(root, "a"));
	cr_expect_eq(node_get(root, "c")->item[1], node_get(root, "a"));
	cr_expect(str_eqz(node_get(node_get(root, "c")->item[2], "salt")->text, "007"));
	cr_expect(str_eqz(node_get(node_get(base, "a"), "salt")->text, "{{ ID }}"));
	cr_expect(node_varies(root) && node_varies(node_get(root, "a")) && node_varies(node_get(root, "d")));
	cr_expect(!node_varies(node_get(root, "b")));
	cr_expect(!node_varies(node_get(node_get(root, "a"), "list")));
	again = fill(&w, (const char *const[]){"ID", "x", NULL}, TEMPLATE_WHOLE);
	cr_expect(str_eqz(node_get(again, "d")->text, "x"));
	cr_expect(str_eqz(node_get(root, "d")->text, "007"));
	cr_expect_eq(node_get(again, "b"), node_get(root, "b"));
	end(&w);
}

Test(template, nothing_to_fill)
{
	struct world w;

	begin(&w, "a: {b: '{\"x\": {}}'}\n");
	cr_expect_eq(templates_count(w.t), 0);
	cr_expect(!node_varies(w.doc->root));
	cr_expect_eq(fill(&w, some, TEMPLATE_WHOLE), w.doc->root);
	end(&w);
}

static void count_use(void *arg, size_t variable, const struct deid_node *scalar)
{
	size_t *uses = arg;

	cr_expect_eq(scalar->type, NODE_SCALAR);
	uses[variable]++;
}

Test(template, variables_below_a_node)
{
	size_t all[3] = {0}, one[3] = {0}, none[3] = {0};
	struct world w;

	begin(&w, "a: {x: '{{ A }}{{ B }}', y: ['{{ A | default(\"1\") }}']}\nb: '{{ C }}'\nc: 1\n");
	cr_assert_eq(templates_count(w.t), 3);
	cr_expect(str_eqz(templates_name(w.t, 0), "A"));
	cr_expect(str_eqz(templates_name(w.t, 1), "B"));
	cr_expect(str_eqz(templates_name(w.t, 2), "C"));
	cr_assert(templates_each(w.t, w.doc->root, count_use, all));
	cr_expect(all[0] == 2 && all[1] == 1 && all[2] == 1);
	cr_assert(templates_each(w.t, node_get(w.doc->root, "a"), count_use, one));
	cr_expect(one[0] == 2 && one[1] == 1 && one[2] == 0);
	cr_assert(templates_each(w.t, node_get(w.doc->root, "c"), count_use, none));
	cr_expect(none[0] == 0 && none[1] == 0 && none[2] == 0);
	templates_missing(w.t, 0, &w.err, "no A");
	cr_expect_str_eq(said(&w), "1:8 no A");
	end(&w);
}

Test(template, aliases_deeper_than_the_stack)
{
	struct buf yaml = {0};
	const struct deid_node *n;
	struct world w;

	buf_z(&yaml, "- &a0 ['{{ A }}']\n");
	for (int i = 1; i < 1000; i++)
		buf_printf(&yaml, "- &a%d [*a%d]\n", i, i - 1);
	begin(&w, buf_cstr(&yaml));
	n = fill(&w, some, TEMPLATE_WHOLE)->item[999];
	for (int i = 0; i < 1000; i++)
		n = n->item[0];
	cr_expect(str_eqz(n->text, "aB"));
	end(&w);
	buf_free(&yaml);
}

/* ---- where text came from ---------------------------------------------------------------------- */

Test(template, literal_stretches)
{
	const struct deid_node *n;
	struct world w;

	begin(&w, "k: 'a{{ A }}{{ E }}-{{ ID }}{{ NONE | default(\"q\") }}'\n");
	n = node_get(fill(&w, some, TEMPLATE_WHOLE), "k");
	cr_assert(str_eqz(n->text, "aaB-007q"));
	cr_assert_eq(n->nliteral, 3);
	cr_expect(n->literal[0].off == 1 && n->literal[0].len == 2);
	cr_expect(n->literal[1].off == 4 && n->literal[1].len == 3);
	cr_expect(n->literal[2].off == 7 && n->literal[2].len == 1);
	end(&w);
}

Test(template, messages_name_the_place_and_hide_the_cell)
{
	const struct deid_node *root;
	struct world w;

	begin(&w, "a: '{{ ID }}'\nb: 'x{{ ID }}_{{ A | default(\"y\") }}'\nc: '{{ NONE | default(\"d\") "
		  "}}'\nd: x\n");
	root = fill(&w, some, TEMPLATE_WHOLE);
	node_complain(
	    &w.err, node_get(root, "a"), "unknown field \"%s\", 10070", node_get(root, "a")->text.p);
	node_complain(&w.err, node_get(root, "b"), "\"%s\" is 007 or %s", node_get(root, "b")->text.p, "aB");
	node_caution(&w.err, node_get(root, "c"), "odd");
	node_caution(&w.err, node_get(root, "d"), "odd x");
	cr_expect_str_eq(said(&w), "1:4 unknown field \"{{ … }}\", 10070 (row 7, column \"ID\" of s.csv)\n"
				   "2:4 \"{{ … }}\" is {{ … }} or {{ … }} (row 7, column \"ID\" of s.csv; "
				   "row 7, column \"A\" of s.csv)\n"
				   "3:4 odd (variable \"NONE\")\n"
				   "4:4 odd x");
	cr_expect_eq(w.err.nerrors, 2);
	end(&w);
}

/* ---- the table and the command line ------------------------------------------------------------ */

static struct subject_table *table(const char *text, bool sessions)
{
	struct deid_error err;
	struct subject_table *t;

	error_init(&err);
	t = subject_parse(str_of(text), "s.csv", sessions, &err);
	cr_assert(t && err.nerrors == 0);
	error_free(&err);
	return t;
}

/* The document of one subject; NULL: errors, which are in w->err. */
static struct document *of_subject(
    struct world *w, const struct variable_source *src, const char *subject, const char *session)
{
	struct deid_str a = subject ? str_of(subject) : (struct deid_str){NULL, 0};
	struct deid_str b = session ? str_of(session) : (struct deid_str){NULL, 0};
	struct variables *v = variables_new(w->t, src, &w->err);
	struct template_value *value = arena_array(&w->arena, templates_count(w->t) + 1, sizeof(*value));
	struct document *doc = NULL;
	size_t row;

	cr_assert_not_null(v);
	if (w->err.nerrors == 0 && variables_row(v, a, b, &row, &w->err) == DEID_OK) {
		cr_assert(variables_values(v, row, a, b, &w->arena, value));
		doc = templates_document(
		    w->t, value, src->partial ? TEMPLATE_PARTIAL : TEMPLATE_WHOLE, &w->err);
		cr_assert_not_null(doc);
	}
	variables_free(v);
	return doc;
}

static bool same_tree(const struct deid_node *a, const struct deid_node *b)
{
	if (a->type != b->type || a->n != b->n)
		return false;
	if (a->type == NODE_SCALAR)
		return str_eq(a->text, b->text);
	for (size_t i = 0; i < a->n; i++)
		if ((a->type == NODE_MAP && !str_eq(a->pair[i].key->text, b->pair[i].key->text)) ||
		    !same_tree(node_at(a, i), node_at(b, i)))
			return false;
	return true;
}

static const char profile[] = "dicom:\n"
			      "  # date-increment can be any number: {{ NOT_READ }}\n"
			      "  date-increment: \"{{ DATE_INCREMENT }}\"\n"
			      "  remove-private-tags: true\n"
			      "  fields:\n"
			      "    - name: PatientBirthDate\n"
			      "      remove: \"{{ PATIENT_BD_BOOL }}\"\n"
			      "    - name: PatientID\n"
			      "      replace-with: \"{{ SUBJECT_ID }}\"\n";

static void walk_through(const struct subject_table *t, const char *subject, const char *session,
    const char *days, const char *id, const char *remove)
{
	struct variable_source src = {.table = t, .subject = true, .session = true};
	struct buf want = {0};
	struct document *doc, *wanted;
	struct world w;

	begin(&w, profile);
	doc = of_subject(&w, &src, subject, session);
	cr_assert(doc && w.err.nerrors == 0, "%s", said(&w));
	buf_printf(&want,
	    "dicom:\n  date-increment: %s\n  remove-private-tags: true\n  fields:\n"
	    "    - name: PatientBirthDate\n      remove: %s\n    - name: PatientID\n      replace-with: %s\n",
	    days, remove, id);
	wanted = document_parse(buf_view(&want), "want", &w.err);
	cr_expect(same_tree(doc->root, wanted->root), "%s %s", subject, session);
	cr_expect_eq(node_int(node_get(node_get(doc->root, "dicom"), "date-increment")), atoi(days));
	cr_expect_str_eq(doc->sha256, w.doc->sha256);
	cr_expect_str_eq(doc->file, "p.yaml");
	document_free(wanted);
	document_free(doc);
	buf_free(&want);
	end(&w);
}

Test(variables, subjects_of_a_table)
{
	struct subject_table *t = table("subject.label,DATE_INCREMENT,SUBJECT_ID,PATIENT_BD_BOOL\n"
					"001,-15,Patient_IDA,false\n"
					"002,-20,Patient_IDB,true\n"
					"003,-30,Patient_IDC,true\n",
	    false);

	walk_through(t, "001", NULL, "-15", "Patient_IDA", "false");
	walk_through(t, "002", NULL, "-20", "Patient_IDB", "true");
	walk_through(t, "003", NULL, "-30", "Patient_IDC", "true");
	subject_free(t);
	t = table("subject.label,session.label,DATE_INCREMENT,SUBJECT_ID,PATIENT_BD_BOOL\n"
		  "001,SCREEN,-15,Patient_IDA,false\n"
		  "001,WK1,-20,Patient_IDA,false\n"
		  "001,WK2,-25,Patient_IDA,false\n"
		  "002,SCREEN,-20,Patient_IDB,true\n"
		  "003,SCREEN,-30,Patient_IDC,true\n",
	    true);
	walk_through(t, "001", "SCREEN", "-15", "Patient_IDA", "false");
	walk_through(t, "001", "WK1", "-20", "Patient_IDA", "false");
	walk_through(t, "001", "WK2", "-25", "Patient_IDA", "false");
	walk_through(t, "003", "SCREEN", "-30", "Patient_IDC", "true");
	subject_free(t);
}

/* What `text` becomes under these sources, or what is said. */
static void expect(const struct variable_source *src, const char *text, const char *subject,
    const char *session, const char *want)
{
	struct buf yaml = {0};
	struct document *doc;
	struct world w;

	put_quoted(&yaml, text);
	begin(&w, buf_cstr(&yaml));
	doc = of_subject(&w, src, subject, session);
	if (doc && w.err.nerrors == 0)
		cr_expect(str_eqz(node_get(doc->root, "k")->text, want), "%s: %s", text,
		    node_get(doc->root, "k")->text.p);
	else if (w.err.ndiag)
		cr_expect_str_eq(said(&w), want);
	else
		cr_expect(str_eqz(buf_view(&w.err.msg), want), "%s", buf_cstr(&w.err.msg));
	document_free(doc);
	end(&w);
	buf_free(&yaml);
}

Test(variables, sources_and_their_order)
{
	struct subject_table *t =
	    table("subject.label,session.label,ID,SECRET_KEY,Date_Inc\n1,A,x,k,5\n2,B,y,,6\n", false);
	struct variable_source src = {.table = t, .subject = true};
	struct variable var[] = {{STR("ID"), STR("v")}, {STR("V"), STR("a=b: c")}, {STR("V"), STR("later")}};

	expect(&src, "{{ ID }}", "1", NULL, "x");
	expect(&src, "{{ subject.label }}/{{ session.label }}", "2", NULL, "2/B");
	expect(&src, "{{ subject.label }}/{{ session.label }}", "2", "given", "2/given");
	expect(&src, "{{ SECRET_KEY }}{{ PUBLIC_KEY }}{{ PRIVATE_KEY }}", "1", NULL, "k");
	expect(&src, "{{ Date_Inc }}{{ NONE | default(\"d\") }}", "1", NULL, "5d");
	expect(&src, "{{ Date_inc }}", "1", NULL,
	    "1:4 the variable \"Date_inc\" has no value: s.csv has no such column; did you mean "
	    "\"Date_Inc\"?");
	expect(&src, "{{ FAR_AWAY }}", "1", NULL,
	    "1:4 the variable \"FAR_AWAY\" has no value: s.csv has no such column");
	expect(&src, "{{ ID }}", "name of a person", NULL, "no row of s.csv has this \"subject.label\"");
	expect(&src, "{{ ID }}", NULL, NULL, "no subject is given for the table s.csv");
	src.var = var;
	src.nvar = 3;
	src.secret_key = "00ff";
	expect(&src, "{{ ID }} {{ V }} {{ SECRET_KEY }}", "1", NULL, "v later 00ff");
	subject_free(t);

	t = table("subject.label,session.label,ID\n1,A,x\n", true);
	src = (struct variable_source){.table = t, .subject = true, .session = true};
	expect(&src, "{{ ID }}", "1", "B",
	    "no row of s.csv has this \"subject.label\" with this \"session.label\"");
	expect(&src, "{{ ID }}", "1", NULL, "no session is given for the table s.csv");
	subject_free(t);

	src = (struct variable_source){.var = var, .nvar = 2, .subject = true};
	expect(&src, "{{ V }}{{ PUBLIC_KEY }}", NULL, NULL, "a=b: c");
	expect(&src, "{{ subject.label }}", "s", NULL, "s");
	expect(&src, "{{ session.label }}", "s", NULL,
	    "1:4 the variable \"session.label\" has no value: no --session is given");
	expect(&src, "{{ OTHER }}", NULL, NULL,
	    "1:4 the variable \"OTHER\" has no value: there is no subject table and no --var OTHER=…");
}

Test(variables, by_subject_or_for_all)
{
	static const struct {
		const char *yaml;
		bool by_subject;
	} table_[] = {
	    {"a: x", false},
	    {"a: '{{ V }}{{ PUBLIC_KEY }}{{ NONE | default(\"1\") }}'", false},
	    {"a: '{{ V }}{{ ID }}'", true},
	    {"a: '{{ subject.label }}'", true},
	};
	struct subject_table *t = table("subject.label,ID\n1,x\n", false);
	struct variable var = {STR("V"), STR("v")};
	struct variable_source src = {.table = t, .var = &var, .nvar = 1, .subject = true};

	for (size_t i = 0; i < sizeof(table_) / sizeof(*table_); i++) {
		struct variables *v;
		struct world w;

		begin(&w, table_[i].yaml);
		v = variables_new(w.t, &src, &w.err);
		cr_assert(v && w.err.nerrors == 0);
		cr_expect_eq(variables_by_subject(v), table_[i].by_subject, "%s", table_[i].yaml);
		variables_free(v);
		end(&w);
	}
	subject_free(t);
}

Test(variables, on_the_command_line)
{
	struct variable v;

	cr_assert_null(variable_parse("ID=a=b: c", &v));
	cr_expect(str_eqz(v.name, "ID") && str_eqz(v.value, "a=b: c"));
	cr_assert_null(variable_parse("a.b_1=", &v));
	cr_expect(str_eqz(v.name, "a.b_1") && v.value.p && v.value.n == 0);
	cr_expect_str_eq(variable_parse("ID", &v), "must be NAME=VALUE");
	cr_expect_not_null(variable_parse("=x", &v));
	cr_expect_not_null(variable_parse("1a=x", &v));
	cr_expect_not_null(variable_parse("a b=x", &v));
	cr_expect_not_null(variable_parse("a..b=x", &v));
	cr_expect_str_eq(
	    variable_parse("subject.label=x", &v), "labels are given by --subject and --session");
}

/* Cells of characters that mean something to CSV, YAML or templates come out as they went in. */
Test(variables, random_cells_survive)
{
	static const char *const part[] = {":", " ", "#", "{", "}", "[", "]", "'", "\"", "\n", "\r\n", ",",
	    "{{ B }}", "}}", "\\", "%", "*", "a", "0", "-", "ü", "\t", "&", "|", "~", "{% if %}", "null",
	    "\xf0\x9f\x98\x80"};
	const size_t nparts = sizeof(part) / sizeof(*part);
	struct buf cell[2] = {{0}, {0}}, csv = {0}, want = {0};

	srand(11);
	for (int round = 0; round < 300; round++) {
		struct variable_source src = {.subject = true};
		struct subject_table *t;
		const struct deid_node *n;
		struct document *doc;
		struct world w;

		csv.n = want.n = 0;
		buf_z(&csv, "A,subject.label,B\n");
		for (int k = 0; k < 2; k++) {
			cell[k].n = 0;
			for (int i = rand() % 8; i > 0; i--)
				buf_z(&cell[k], part[(size_t)rand() % nparts]);
			csv_cell_write(&csv, buf_view(&cell[k]), ',', '"', false);
			buf_z(&csv, k ? "\n" : ",s,");
		}
		buf_printf(&want, "<%.*s|%.*s>", (int)cell[0].n, cell[0].p ? cell[0].p : "", (int)cell[1].n,
		    cell[1].p ? cell[1].p : "");
		src.table = t = table(buf_cstr(&csv), false);
		begin(&w, "one: '{{ A }}'\nboth: '<{{ A }}|{{ B }}>'\n");
		doc = of_subject(&w, &src, "s", NULL);
		cr_assert(doc && w.err.nerrors == 0, "%s", said(&w));
		n = node_get(doc->root, "one");
		cr_assert(str_eq(n->text, buf_view(&cell[0])));
		cr_assert_eq(node_kind(n), DEID_N_STR);
		n = node_get(doc->root, "both");
		cr_assert(str_eq(n->text, buf_view(&want)));
		for (size_t i = 0; i < n->nliteral; i++) {
			struct deid_str s = str_sub(n->text, n->literal[i].off, n->literal[i].len);

			cr_assert(str_eq(s, buf_view(&cell[0])) || str_eq(s, buf_view(&cell[1])));
		}
		cr_assert_eq(n->nliteral, (size_t)(cell[0].n != 0) + (cell[1].n != 0));
		document_free(doc);
		end(&w);
		subject_free(t);
	}
	buf_free(&cell[0]);
	buf_free(&cell[1]);
	buf_free(&csv);
	buf_free(&want);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* 30 fields, 3 of them with variables: a few microseconds a subject, a hundred under a sanitizer. */
Test(variables, a_subject_is_cheap)
{
	enum { SUBJECTS = 20000 };
	struct buf yaml = {0}, csv = {0};
	struct variable_source src = {.subject = true};
	struct template_value value[3];
	struct subject_table *t;
	struct variables *v;
	struct arena a;
	struct world w;
	char label[16];
	double start;

	buf_z(&yaml, "json:\n  fields:\n");
	for (int i = 0; i < 30; i++)
		buf_printf(&yaml, "    - {name: f%d, replace-with: '%s'}\n", i,
		    i % 10 ? "x" : (const char *[]){"{{ A }}", "{{ B }}", "{{ C }}"}[i / 10]);
	buf_z(&csv, "subject.label,A,B,C\n");
	for (int i = 0; i < SUBJECTS; i++)
		buf_printf(&csv, "s%d,a%d,b%d,c%d\n", i, i, i, i);
	src.table = t = table(buf_cstr(&csv), false);
	begin(&w, buf_cstr(&yaml));
	v = variables_new(w.t, &src, &w.err);
	arena_init(&a, 0);
	start = seconds();
	for (int i = 0; i < SUBJECTS; i++) {
		const struct deid_node *root;
		size_t row;

		snprintf(label, sizeof(label), "s%d", i);
		cr_assert_eq(variables_row(v, str_of(label), STR(""), &row, &w.err), DEID_OK);
		cr_assert(variables_values(v, row, str_of(label), STR(""), &a, value));
		root = templates_fill(w.t, value, TEMPLATE_WHOLE, &a, &w.err);
		cr_assert(root && root != w.doc->root);
		arena_reset(&a);
	}
	cr_log_info("%.2f us a subject", (seconds() - start) / SUBJECTS * 1e6);
	cr_expect_lt((seconds() - start) / SUBJECTS, 100e-6);
	arena_free(&a);
	variables_free(v);
	end(&w);
	subject_free(t);
	buf_free(&yaml);
	buf_free(&csv);
}

/* ---- letters ----------------------------------------------------------------------------------- */

static void expect_case(const char *text, const char *up, const char *low)
{
	struct buf b = {0};

	cr_assert(case_upper(str_of(text), &b));
	cr_expect_str_eq(buf_cstr(&b), up);
	b.n = 0;
	cr_assert(case_lower(str_of(text), &b));
	cr_expect_str_eq(buf_cstr(&b), low);
	buf_free(&b);
}

Test(casing, of_texts)
{
	expect_case("Hello, World! @[`{", "HELLO, WORLD! @[`{", "hello, world! @[`{");
	expect_case("Müller Weiß", "MÜLLER WEISS", "müller weiß");
	expect_case("ÿ ā Ā ŉ ﬁ İ", "Ÿ Ā Ā ʼN FI İ", "ÿ ā ā ŉ ﬁ i̇");
	expect_case("Ωμέγα ΣΑΣ", "ΩΜΈΓΑ ΣΑΣ", "ωμέγα σας");
	expect_case("Жук 東京 𐐀", "ЖУК 東京 𐐀", "жук 東京 𐐨");
	expect_case("a\xff"
		    "b",
	    "A\xff"
	    "B",
	    "a\xff"
	    "b");
	expect_case("", "", "");
}

/* Simple laws that hold for every character but the few whose other case has no way back. */
Test(casing, every_character)
{
	struct buf once = {0}, twice = {0};
	char bytes[4];
	size_t changed = 0;

	for (uint32_t cp = 1; cp < 0x110000; cp++) {
		struct deid_str s = {bytes, 0};

		if (cp >= 0xd800 && cp < 0xe000)
			continue;
		s.n = utf8_put(bytes, cp);
		for (int up = 0; up < 2; up++) {
			once.n = twice.n = 0;
			cr_assert((up ? case_upper : case_lower)(s, &once));
			cr_assert((up ? case_upper : case_lower)(buf_view(&once), &twice));
			cr_assert(utf8_valid(buf_view(&once)), "U+%04X", cp);
			cr_assert(str_eq(buf_view(&once), buf_view(&twice)), "U+%04X", cp);
			changed += !str_eq(s, buf_view(&once));
		}
	}
	/* Unicode 14: 1525 characters have another upper case, 1433 another lower. */
	cr_expect_eq(changed, 1525 + 1433);
	buf_free(&once);
	buf_free(&twice);
}
