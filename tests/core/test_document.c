/* SPDX-License-Identifier: MIT */
#include "core/profile/document.h"
#include "core/util/str.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct parsed {
	struct document *doc;
	struct deid_error err;
};

static struct parsed parse_bytes(struct deid_str text)
{
	struct parsed p;

	error_init(&p.err);
	p.doc = document_parse(text, "test.yaml", &p.err);
	cr_assert_not_null(p.doc);
	error_sort(&p.err);
	return p;
}

static struct parsed parse(const char *text)
{
	return parse_bytes(str_of(text));
}

static void done(struct parsed *p)
{
	document_free(p->doc);
	error_free(&p->err);
}

/* The one error of a document. */
static void check_error(const char *text, size_t line, size_t col, const char *says)
{
	struct parsed p = parse(text);

	cr_assert_eq(p.err.nerrors, 1, "%s: %zu errors", text, p.err.nerrors);
	cr_assert_eq(p.err.diag[0].line, line, "%s: line %zu", text, p.err.diag[0].line);
	cr_assert_eq(p.err.diag[0].col, col, "%s: column %zu", text, p.err.diag[0].col);
	cr_assert(strstr(p.err.diag[0].text, says), "%s: %s", text, p.err.diag[0].text);
	cr_assert_str_eq(p.err.diag[0].file, "test.yaml");
	done(&p);
}

Test(document, marks)
{
	struct parsed p = parse("a: 1\nb:\n  - x\n  -   {c: é, d: y}\n");
	const struct deid_node *b = node_get(p.doc->root, "b");
	const struct deid_node *map = node_at(b, 1);

	cr_assert_eq(p.err.ndiag, 0);
	cr_assert(p.doc->root->line == 1 && p.doc->root->col == 1);
	cr_assert(b->line == 3 && b->col == 3);
	cr_assert(map->line == 4 && map->col == 7);
	cr_assert(map->pair[1].key->line == 4 && map->pair[1].key->col == 14, "columns count characters");
	cr_assert_str_eq(map->file, "test.yaml");
	done(&p);
}

Test(document, kinds)
{
	static const struct {
		const char *text;
		enum deid_node_kind kind;
	} cases[] = {{"", DEID_N_NULL}, {"~", DEID_N_NULL}, {"null", DEID_N_NULL}, {"NULL", DEID_N_NULL},
	    {"nULL", DEID_N_STR}, {"\"\"", DEID_N_STR}, {"'null'", DEID_N_STR}, {"true", DEID_N_BOOL},
	    {"TRUE", DEID_N_BOOL}, {"tRUE", DEID_N_STR}, {"yes", DEID_N_STR}, {"\"true\"", DEID_N_STR},
	    {"12", DEID_N_INT}, {"-007", DEID_N_INT}, {"+1", DEID_N_INT}, {"0x1f", DEID_N_STR},
	    {"0o17", DEID_N_STR}, {"1_000", DEID_N_STR}, {"1:30", DEID_N_STR}, {"1.5", DEID_N_REAL},
	    {"1.", DEID_N_REAL}, {".5", DEID_N_REAL}, {"-1e-3", DEID_N_REAL}, {"1e", DEID_N_STR},
	    {".", DEID_N_STR}, {"-", DEID_N_LIST}, {".inf", DEID_N_REAL}, {"-.INF", DEID_N_REAL},
	    {".nan", DEID_N_REAL}, {"[]", DEID_N_LIST}, {"{}", DEID_N_MAP}, {"!!str 12", DEID_N_STR},
	    {"! 12", DEID_N_STR}, {"!!int \"12\"", DEID_N_INT}, {"2020-01-01", DEID_N_STR}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[64];
		struct parsed p;

		snprintf(text, sizeof text, "v:\n  %s\n", cases[i].text);
		p = parse(text);
		cr_assert_eq(p.err.ndiag, 0, "%s", text);
		cr_assert_eq(p.doc->root->type, NODE_MAP);
		cr_assert_eq(node_kind(node_at(p.doc->root, 0)), cases[i].kind, "%s", cases[i].text);
		done(&p);
	}
}

Test(document, values)
{
	struct parsed p =
	    parse("i: 007\nn: -9223372036854775808\nr: -1.25e2\nb: True\nq: \"12\"\nt: text\nnull_: ~\n");
	const struct deid_node *r = p.doc->root;

	cr_assert_eq(node_int(node_get(r, "i")), 7);
	cr_assert_eq(node_int(node_get(r, "n")), INT64_MIN);
	cr_assert_eq(node_int(node_get(r, "q")), 12);
	cr_assert_float_eq(node_real(node_get(r, "r")), -125.0, 1e-12);
	cr_assert(node_bool(node_get(r, "b")));
	cr_assert(str_eqz(node_str(node_get(r, "i")), "007"));
	cr_assert_null(node_get(r, "null_"), "null is nothing");
	cr_assert_not(node_given(r, "null_"));
	cr_assert(node_given(r, "t"));
	cr_assert_not(node_given(r, "absent"));
	done(&p);
}

Test(document, nothing_reads_as_null)
{
	cr_assert_eq(node_kind(NULL), DEID_N_NULL);
	cr_assert_null(node_get(NULL, "x"));
	cr_assert_eq(node_count(NULL), 0);
	cr_assert_null(node_at(NULL, 0));
	cr_assert_eq(node_str(NULL).n, 0);
	cr_assert_eq(node_int(NULL), 0);
	cr_assert_not(node_bool(NULL));
	cr_assert_eq(node_key(NULL, 0).n, 0);
}

Test(document, scalar_is_its_own_list)
{
	struct parsed p = parse("f: \"*.x\"\n");
	const struct deid_node *f = node_get(p.doc->root, "f");

	cr_assert_eq(node_count(f), 1);
	cr_assert_eq(node_at(f, 0), f);
	cr_assert_null(node_at(f, 1));
	done(&p);
}

Test(document, json_is_yaml)
{
	struct parsed p = parse("{\"version\": 1, \"json\": {\"fields\": [{\"name\": \"a\\u00e9\\\"\"}]}}");
	const struct deid_node *e = node_at(node_get(node_get(p.doc->root, "json"), "fields"), 0);

	cr_assert_eq(p.err.ndiag, 0);
	cr_assert(str_eqz(node_str(node_get(e, "name")), "aé\""));
	done(&p);
}

Test(document, errors)
{
	check_error("a: 1\nb: 2\na: 3\n", 3, 1, "first given in line 1");
	check_error("x:\n  k: 1\n  \"k\": 2\n", 3, 3, "first given in line 2");
	check_error("a: [1\n", 2, 1, "parsing a flow sequence");
	check_error("a: b: c\n", 1, 5, "mapping values are not allowed");
	check_error("? [a]\n: 1\n", 1, 3, "a key must be a plain text");
	check_error("? {a: b}\n: 1\n", 1, 3, "a key must be a plain text");
	check_error("a: !foo 1\n", 1, 4, "unknown tag");
	check_error("a: !!binary aGk=\n", 1, 4, "unknown tag");
	check_error("a: *none\n", 1, 4, "an anchor that does not exist");
	check_error("a: &x [1, *x]\n", 1, 11, "may not stand inside");
	check_error("a: 1\n---\nb: 2\n", 2, 1, "second document");
	check_error("a: \"x\\0y\"\n", 1, 4, "NUL");
	check_error("<<: 1\n", 1, 5, "the merge key takes");
	check_error("a: \"\xff\"\n", 0, 0, "UTF-8");
	check_error("\xff\xfe"
		    "a",
	    0, 0, "UTF-16");
}

Test(document, all_duplicates_are_reported)
{
	struct parsed p = parse("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3\n");

	cr_assert_eq(p.err.nerrors, 3);
	cr_assert(p.err.diag[0].line == 2 && p.err.diag[1].line == 3 && p.err.diag[2].line == 4);
	cr_assert_not_null(p.doc->root, "the rest can still be judged");
	cr_assert(str_eqz(node_str(node_get(p.doc->root, "a")), "1"));
	done(&p);
}

Test(document, byte_order_mark_and_line_ends)
{
	struct parsed p = parse("\xef\xbb\xbf"
				"a: 1\r\nb: 2\r\n");

	cr_assert_eq(p.err.ndiag, 0);
	cr_assert_eq(node_int(node_get(p.doc->root, "a")), 1);
	cr_assert(str_eqz(node_str(node_get(p.doc->root, "b")), "2"));
	done(&p);
}

Test(document, aliases_share_nodes)
{
	struct parsed p = parse("a: &x {k: v}\nb: *x\nc: &x 5\nd: *x\n");
	const struct deid_node *r = p.doc->root;

	cr_assert_eq(p.err.ndiag, 0);
	cr_assert_eq(node_get(r, "a"), node_get(r, "b"));
	cr_assert_eq(node_int(node_get(r, "d")), 5, "an anchor can be given anew");
	done(&p);
}

Test(document, merge_keys)
{
	struct parsed p = parse("base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\n"
				"one: {<<: *b, y: 5}\ntwo: {<<: [*m, *b], w: 6}\nquoted: {\"<<\": 7}\n");
	const struct deid_node *r = p.doc->root, *one = node_get(r, "one"), *two = node_get(r, "two");

	cr_assert_eq(p.err.ndiag, 0);
	cr_assert_eq(node_count(one), 2);
	cr_assert_eq(node_int(node_get(one, "x")), 1);
	cr_assert_eq(node_int(node_get(one, "y")), 5, "its own keys win");
	cr_assert_eq(node_count(two), 4);
	cr_assert_eq(node_int(node_get(two, "y")), 3, "earlier mappings win");
	cr_assert_eq(node_int(node_get(two, "x")), 1);
	cr_assert_eq(node_int(node_get(two, "z")), 4);
	cr_assert_eq(node_int(node_get(two, "w")), 6);
	cr_assert(str_eqz(node_key(two, 3), "w"), "what is merged comes first");
	cr_assert_eq(node_int(node_get(node_get(r, "quoted"), "<<")), 7);
	done(&p);
}

/* a0 has 10 nodes, each next level 10 times as many. */
Test(document, alias_bomb)
{
	struct buf b = {0};
	struct parsed p;
	clock_t start = clock();

	buf_z(&b, "a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i < 10; i++) {
		buf_printf(&b, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			buf_printf(&b, "%s*a%d", k ? "," : "", i - 1);
		buf_z(&b, "]\n");
	}
	p = parse_bytes(buf_view(&b));
	cr_assert_eq(p.err.nerrors, 1);
	cr_assert(strstr(p.err.diag[0].text, "too many nodes"));
	cr_assert_lt(clock() - start, CLOCKS_PER_SEC);
	done(&p);
	buf_free(&b);
}

Test(document, many_uses_of_one_alias)
{
	struct buf b = {0};
	struct parsed p;

	buf_z(&b, "a: &a [");
	for (int i = 0; i < 5000; i++)
		buf_z(&b, "x,");
	buf_z(&b, "]\nb:\n");
	for (int i = 0; i < 250; i++)
		buf_z(&b, "- *a\n");
	p = parse_bytes(buf_view(&b));
	cr_assert_eq(p.err.nerrors, 1, "1,250,000 nodes");
	cr_assert_eq(p.err.diag[0].line, 3 + 199);
	done(&p);
	buf_free(&b);
}

static struct parsed nested(size_t depth)
{
	struct buf b = {0};
	struct parsed p;

	for (size_t i = 0; i < depth; i++)
		buf_c(&b, '[');
	for (size_t i = 0; i < depth; i++)
		buf_c(&b, ']');
	p = parse_bytes(buf_view(&b));
	buf_free(&b);
	return p;
}

Test(document, depth)
{
	struct parsed p = nested(100);

	cr_assert_eq(p.err.nerrors, 0);
	done(&p);
	p = nested(101);
	cr_assert_eq(p.err.nerrors, 1);
	cr_assert(strstr(p.err.diag[0].text, "too deeply"));
	done(&p);
	p = nested(100000);
	cr_assert_eq(p.err.nerrors, 1);
	done(&p);
}

/* 10 MB of keys of one mapping: quadratic work would take hours. */
Test(document, big_mapping)
{
	struct buf b = {0};
	struct parsed p;
	int n = 0;

	for (; b.n < 10000000; n++)
		buf_printf(&b, "key-%d: v\n", n);
	buf_z(&b, "key-5: again\n");
	p = parse_bytes(buf_view(&b));
	cr_assert_eq(p.err.nerrors, 1);
	cr_assert_eq(p.err.diag[0].line, (size_t)n + 1);
	cr_assert_eq(node_count(p.doc->root), (size_t)n);
	done(&p);
	buf_free(&b);
}

Test(document, too_large)
{
	struct buf b = {0};
	struct parsed p;

	cr_assert(buf_reserve(&b, (16 << 20) + 1));
	memset(b.p, '#', (16 << 20) + 1);
	b.n = (16 << 20) + 1;
	p = parse_bytes(buf_view(&b));
	cr_assert_eq(p.err.nerrors, 1);
	cr_assert(strstr(p.err.diag[0].text, "16 MiB"));
	done(&p);
	buf_free(&b);
}

Test(document, digest)
{
	struct parsed p = parse("abc");

	/* FIPS 180-2, B.1 */
	cr_assert_str_eq(p.doc->sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	done(&p);
}

Test(document, read)
{
	char dir[] = "/tmp/deid-test-XXXXXX";
	struct deid_error err;
	struct document *doc;
	struct buf path = {0};
	FILE *f;

	error_init(&err);
	cr_assert_not_null(mkdtemp(dir));
	cr_assert(buf_printf(&path, "%s/p.yaml", dir));
	f = fopen(buf_cstr(&path), "w");
	fputs("version: 1\n", f);
	fclose(f);
	doc = document_read(path.p, &err);
	cr_assert_eq(node_int(node_get(doc->root, "version")), 1);
	cr_assert_eq(err.ndiag, 0);
	document_free(doc);

	unlink(path.p);
	doc = document_read(path.p, &err);
	cr_assert_eq(err.nerrors, 1);
	cr_assert(strstr(err.diag[0].text, "No such file"));
	cr_assert_null(doc->root);
	document_free(doc);

	error_clear(&err);
	doc = document_read(dir, &err);
	cr_assert_eq(err.nerrors, 1, "a folder");
	document_free(doc);
	rmdir(dir);
	buf_free(&path);
	error_free(&err);
}
