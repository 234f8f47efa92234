/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/subject.h"

#include "core/util/csvrow.h"
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Every diagnostic as "line:col text", one a line. */
static const char *told(const struct deid_error *err, struct buf *out)
{
	out->n = 0;
	for (size_t i = 0; i < err->ndiag; i++)
		buf_printf(out, "%s%zu:%zu %s", i ? "\n" : "", err->diag[i].line, err->diag[i].col,
		    err->diag[i].text);
	return buf_cstr(out);
}

static struct subject_table *table(struct deid_str text, bool sessions)
{
	struct deid_error err;
	struct buf said = {0};
	struct subject_table *t;

	error_init(&err);
	t = subject_parse(text, "s.csv", sessions, &err);
	cr_assert_not_null(t);
	cr_assert_eq(err.nerrors, 0, "%s", told(&err, &said));
	error_free(&err);
	return t;
}

static struct deid_str cell(const struct subject_table *t, struct arena *a, struct deid_str label,
    struct deid_str session, const char *name)
{
	size_t row = subject_find(t, label, session), column = subject_column(t, str_of(name));
	struct deid_str got;

	cr_assert_neq(row, 0, "no row of %.*s", (int)label.n, label.p);
	cr_assert_neq(column, SUBJECT_NO_COLUMN, "no column %s", name);
	cr_assert(subject_cells(t, row, &column, 1, a, &got));
	return got;
}

static void expect(const char *text, const char *label, const char *name, const char *want)
{
	struct subject_table *t = table(str_of(text), false);
	struct arena a;
	struct deid_str got;

	arena_init(&a, 0);
	got = cell(t, &a, str_of(label), STR(""), name);
	cr_expect(str_eqz(got, want), "%s: %.*s", text, (int)got.n, got.p);
	arena_free(&a);
	subject_free(t);
}

Test(subject, cells_are_text)
{
	expect("subject.label,ID\n001,007\n", "001", "ID", "007");
	expect("subject.label,ID\n001,NA\n", "001", "ID", "NA");
	expect("subject.label,ID\n001, a \n", "001", "ID", " a ");
	expect("subject.label,ID\n001,\n", "001", "ID", "");
	expect("ID,subject.label\nx,001", "001", "ID", "x");
	expect("subject.label,ID\r\n001,1\r\n002,2\r\n", "002", "ID", "2");
	expect("subject.label,ID\r001,1\r002,2\r", "002", "ID", "2");
	expect("\xef\xbb\xbfsubject.label,ID\n001,1\n", "001", "ID", "1");
	expect("\"subject.label\",\"I,D\"\n\"0\"\"01\",\"a\n\"\"b\"\"\"\n", "0\"01", "I,D", "a\n\"b\"");
	expect("subject.label,ID,\n001,1,\n", "001", "ID", "1");
	expect("subject.label,ID,,\n001,1,,\n", "001", "ID", "1");
	expect("subject.label,Größe\nÄ,ß\n", "Ä", "Größe", "ß");
	expect("subject.label,ID\n\n001,1\n\n\n002,2\n\n", "002", "ID", "2");
	expect("\nsubject.label,ID\n001,1\n", "001", "ID", "1");
	expect("subject.label,a\"b\n001,1\"2\n", "001", "a\"b", "1\"2");
}

Test(subject, labels_are_compared_exactly)
{
	struct subject_table *t = table(STR("subject.label,ID\n001,x\n1,y\n 1,z\nA,u\na,v\n"), false);

	cr_expect_eq(subject_find(t, STR("001"), STR("")), 2);
	cr_expect_eq(subject_find(t, STR("1"), STR("any")), 3);
	cr_expect_eq(subject_find(t, STR(" 1"), STR("")), 4);
	cr_expect_eq(subject_find(t, STR("A"), STR("")), 5);
	cr_expect_eq(subject_find(t, STR("a"), STR("")), 6);
	cr_expect_eq(subject_find(t, STR("01"), STR("")), 0);
	cr_expect_eq(subject_find(t, STR(""), STR("")), 0);
	cr_expect_eq(subject_find(t, STR("subject.label"), STR("")), 0);
	cr_expect_eq(subject_column(t, STR("id")), SUBJECT_NO_COLUMN);
	cr_expect_eq(subject_columns(t), 2);
	cr_expect(str_eqz(subject_column_name(t, 1), "ID"));
	cr_expect(str_eqz(subject_column_name(t, 2), ""));
	subject_free(t);
}

static const char sessions[] = "subject.label,session.label,DATE_INCREMENT,SUBJECT_ID,PATIENT_BD_BOOL\n"
			       "001,SCREEN,-15,Patient_IDA,false\n"
			       "001,WK1,-20,Patient_IDA,false\n"
			       "001,WK2,-25,Patient_IDA,false\n"
			       "002,SCREEN,-20,Patient_IDB,true\n"
			       "003,SCREEN,-30,Patient_IDC,true\n";

Test(subject, pairs_on_the_session_level)
{
	struct subject_table *t = table(STR(sessions), true);
	struct arena a;

	arena_init(&a, 0);
	cr_expect(subject_sessions(t));
	cr_expect(str_eqz(cell(t, &a, STR("001"), STR("SCREEN"), "DATE_INCREMENT"), "-15"));
	cr_expect(str_eqz(cell(t, &a, STR("001"), STR("WK1"), "DATE_INCREMENT"), "-20"));
	cr_expect(str_eqz(cell(t, &a, STR("001"), STR("WK2"), "DATE_INCREMENT"), "-25"));
	cr_expect(str_eqz(cell(t, &a, STR("003"), STR("SCREEN"), "SUBJECT_ID"), "Patient_IDC"));
	cr_expect_eq(subject_find(t, STR("002"), STR("WK1")), 0);
	cr_expect_eq(subject_find(t, STR("001"), STR("")), 0);
	arena_free(&a);
	subject_free(t);

	/* What belongs to which label must not run together. */
	t = table(STR("subject.label,session.label\nab,c\na,bc\n"), true);
	cr_expect_eq(subject_find(t, STR("ab"), STR("c")), 2);
	cr_expect_eq(subject_find(t, STR("a"), STR("bc")), 3);
	cr_expect_eq(subject_find(t, STR("abc"), STR("")), 0);
	subject_free(t);
}

Test(subject, rows_in_their_order)
{
	struct subject_table *t = table(STR("\nsubject.label\n\na\nb\n\r\nc\n\n"), false);

	cr_expect_eq(subject_next(t, 0), 4);
	cr_expect_eq(subject_next(t, 4), 5);
	cr_expect_eq(subject_next(t, 5), 7);
	cr_expect_eq(subject_next(t, 7), 0);
	cr_expect_eq(subject_find(t, STR("c"), STR("")), 7);
	subject_free(t);
	t = table(STR("subject.label"), false);
	cr_expect_eq(subject_next(t, 0), 0);
	subject_free(t);
}

/* Each: the table, and all that is said about it. */
static const struct {
	const char *text;
	bool sessions;
	const char *want;
} wrong[] = {
    {"", false, "1:1 the table is empty"},
    {"\n\r\n", false, "3:1 the table is empty"},
    {"ID,x\n1,2\n", false, "1:1 there is no column \"subject.label\""},
    {"label;ID\n1;2\n", false,
	"1:1 there is no column \"subject.label\"; the cells are separated by semicolons, and must be by "
	"commas"},
    {"subject.label\tID\n1\t2\n", false,
	"1:1 there is no column \"subject.label\"; the cells are separated by tabs, and must be by commas"},
    {"subject.label,ID\n1,2\n", true, "1:1 there is no column \"session.label\""},
    {"ID\n1,2\n", true,
	"1:1 there is no column \"subject.label\"\n1:1 there is no column \"session.label\"\n2:1 row 2 has 2 "
	"cells, the "
	"header has 1"},
    {"subject.label,ID,ID\n1,2,3\n", false, "1:18 row 1: a second column of the name \"ID\""},
    {"subject.label,ID,subject.label\n1,2,1\n", false,
	"1:18 row 1: a second column of the name \"subject.label\""},
    {"subject.label,ID\nsecret,2\nother,3\nsecret,4\n", false,
	"4:1 row 4, column \"subject.label\": the same label as in row 2"},
    {"ID,subject.label,session.label\nü,secret,A\nü,secret,B\n", false,
	"3:3 row 3, column \"subject.label\": the same label as in row 2 (pairs with \"session.label\" count "
	"with "
	"--session-level-profile)"},
    {"subject.label,session.label\nsecret,A\nsecret,B\nsecret,A\n", true,
	"4:1 row 4, columns \"subject.label\" and \"session.label\": the same labels as in row 2"},
    {"subject.label,ID\n,secret\n", false, "2:1 row 2, column \"subject.label\": the cell is empty"},
    {"subject.label,session.label\nsecret,\n", true,
	"2:8 row 2, column \"session.label\": the cell is empty"},
    {"subject.label,ID\n1,2\n\n3,secret,4\n5\n", false,
	"4:1 row 4 has 3 cells, the header has 2\n5:1 row 5 has 1 cells, the header has 2"},
    {"subject.label,ID\n1,\"a\nb\"\n2,\"x\"secret\n3,4\n", false,
	"4:6 row 3: text after a closing quote (a quote inside a quoted cell is written twice)"},
    {"subject.label,ID\n1,2\n2,\"secret\n3,4\n", false, "3:3 row 3: a quote that is never closed"},
    {"subject.label,ID\nä,2\n2,\xff\n", false, "3:3 the table is not UTF-8 text"},
    {"\xff\xfes\0", false, "1:1 the table is UTF-16; save it as UTF-8"},
};

Test(subject, errors_name_the_place_and_no_cell)
{
	struct buf said = {0};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct subject_table *t;
		struct deid_error err;

		error_init(&err);
		t = subject_parse(str_of(wrong[i].text), "s.csv", wrong[i].sessions, &err);
		cr_assert_not_null(t);
		cr_expect_str_eq(told(&err, &said), wrong[i].want);
		cr_expect_eq(err.nerrors, err.ndiag);
		for (size_t k = 0; k < err.ndiag; k++) {
			cr_expect_str_eq(err.diag[k].file, "s.csv");
			cr_expect_null(strstr(err.diag[k].text, "secret"), "%s", err.diag[k].text);
		}
		error_free(&err);
		subject_free(t);
	}
	buf_free(&said);
}

Test(subject, a_nul_is_refused)
{
	struct buf said = {0};
	struct deid_error err;
	struct subject_table *t;

	error_init(&err);
	t = subject_parse(STR("subject.label,ID\n1,a\0b\n"), "s.csv", false, &err);
	cr_expect_str_eq(told(&err, &said), "2:4 the table holds a NUL character");
	error_free(&err);
	subject_free(t);
	buf_free(&said);
}

Test(subject, a_million_errors_are_cut_short)
{
	struct buf text = {0};
	struct deid_error err;
	struct subject_table *t;

	buf_z(&text, "subject.label,ID\n");
	for (size_t i = 0; i < 1000000; i++)
		buf_z(&text, "1,2,3\n");
	error_init(&err);
	t = subject_parse(buf_view(&text), "s.csv", false, &err);
	cr_expect_eq(err.ndiag, 51);
	cr_expect_str_eq(err.diag[50].text, "there are more errors, not shown here");
	cr_expect_eq(err.diag[50].line, 52);
	error_free(&err);
	subject_free(t);
	buf_free(&text);
}

Test(subject, a_file_that_cannot_be_read)
{
	struct deid_error err;
	struct subject_table *t;

	error_init(&err);
	t = subject_read("/nonexistent/s.csv", false, &err);
	cr_assert_not_null(t);
	cr_assert_eq(err.nerrors, 1);
	cr_expect_str_eq(err.diag[0].text, "cannot be read: No such file or directory");
	cr_expect_str_eq(err.diag[0].file, "/nonexistent/s.csv");
	cr_expect_eq(subject_find(t, STR("1"), STR("")), 0);
	error_clear(&err);
	subject_free(t);
	t = subject_read("/", false, &err);
	cr_expect_str_eq(err.diag[0].text, "cannot be read: Is a directory");
	error_free(&err);
	subject_free(t);
}

/* Text of characters that mean something to CSV, YAML, templates or patterns. */
static void random_text(struct buf *b, size_t most)
{
	static const char *const part[] = {":", " ", "#", "{", "}", "[", "]", "'", "\"", "\n", "\r\n", ",",
	    "{{", "}}", "\\", "%", "*", "a", "0", "-", "ü", "\t", "&", "|", "~", "é"};
	size_t n = (size_t)rand() % (most + 1);

	b->n = 0;
	for (size_t i = 0; i < n; i++)
		buf_z(b, part[(size_t)rand() % (sizeof(part) / sizeof(*part))]);
}

Test(subject, random_tables_come_back_exactly)
{
	enum { ROWS = 200, COLUMNS = 6 };
	static struct buf want[ROWS][COLUMNS];
	struct arena a;

	srand(7);
	arena_init(&a, 0);
	for (int round = 0; round < 20; round++) {
		struct buf text = {0};
		struct subject_table *t;
		const char *eol = round % 2 ? "\r\n" : "\n";

		buf_printf(&text, "c0,c1,subject.label,c3,c4,c5%s", eol);
		for (size_t i = 0; i < ROWS; i++) {
			for (size_t k = 0; k < COLUMNS; k++) {
				random_text(&want[i][k], 9);
				if (k == 2)
					buf_printf(&want[i][k], "%zu", i);
				if (k)
					buf_c(&text, ',');
				csv_cell_write(&text, buf_view(&want[i][k]), ',', '"', rand() % 4 == 0);
			}
			buf_z(&text, eol);
		}
		t = table(buf_view(&text), false);
		for (size_t i = 0; i < ROWS; i++) {
			static const size_t column[COLUMNS] = {5, 4, 3, 2, 1, 0};
			struct deid_str got[COLUMNS];
			size_t row = subject_find(t, buf_view(&want[i][2]), STR(""));

			cr_assert_eq(row, i + 2);
			cr_assert(subject_cells(t, row, column, COLUMNS, &a, got));
			for (size_t k = 0; k < COLUMNS; k++)
				cr_assert(str_eq(got[k], buf_view(&want[i][column[k]])));
		}
		subject_free(t);
		buf_free(&text);
		arena_reset(&a);
	}
	for (size_t i = 0; i < ROWS; i++)
		for (size_t k = 0; k < COLUMNS; k++)
			buf_free(&want[i][k]);
	arena_free(&a);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void write_big(const char *path, size_t rows)
{
	FILE *f = fopen(path, "w");

	cr_assert_not_null(f);
	fprintf(f, "subject.label,DATE_INCREMENT,SUBJECT_ID,PATIENT_BD_BOOL\n");
	for (size_t i = 0; i < rows; i++)
		fprintf(f, "sub-%07zu,-%zu,Patient_%zu,%s\n", i, i % 365, i * 7, i % 2 ? "true" : "false");
	cr_assert_eq(fclose(f), 0);
}

/* 1e6 rows: each is found, in a few seconds at most even under a sanitizer, in a small multiple of the file.
 */
Test(subject, a_million_rows, .timeout = 120)
{
	enum { ROWS = 1000000 };
	char path[] = "/tmp/deid-test-subject-XXXXXX", name[32], want[32];
	size_t before, used, column;
	struct deid_error err;
	struct subject_table *t;
	struct arena a;
	double start;
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	close(fd);
	write_big(path, ROWS);
	arena_init(&a, 0);
	error_init(&err);
	before = mallinfo2().uordblks + mallinfo2().hblkhd;
	start = seconds();
	t = subject_read(path, false, &err);
	unlink(path);
	cr_assert(t && err.nerrors == 0);
	used = mallinfo2().uordblks + mallinfo2().hblkhd - before;
	/* The file has 39 MB. A sanitizer's allocator says nothing here. */
	cr_expect_lt(used, (size_t)3 * 39 << 20);
	column = subject_column(t, STR("SUBJECT_ID"));
	for (size_t i = 0; i < ROWS; i++) {
		struct deid_str got;
		size_t row;

		snprintf(name, sizeof(name), "sub-%07zu", i);
		snprintf(want, sizeof(want), "Patient_%zu", i * 7);
		row = subject_find(t, str_of(name), STR(""));
		if (row != i + 2 || !subject_cells(t, row, &column, 1, &a, &got) || !str_eqz(got, want))
			cr_assert_fail("row %zu", i + 2);
	}
	cr_expect_lt(seconds() - start, 20);
	cr_log_info("%.3f s, %zu bytes", seconds() - start, used);
	error_free(&err);
	subject_free(t);
	arena_free(&a);
}
