/* SPDX-License-Identifier: MIT */
#include "core/util/csvrow.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* All rows of text, as "<cell><cell>/eol " each; then the fault, if any, as "!rc@offset". */
static void dump(struct deid_str text, char delimiter, char quote, struct buf *out)
{
	struct csv_row row = {0};
	struct buf scratch = {0};
	size_t at = 0;

	while (at < text.n) {
		struct deid_str chunk = str_sub(text, at, text.n), cell;
		enum csv_rc rc = csv_next(&row, chunk, true, delimiter, quote);

		if (rc != CSV_ROW) {
			buf_printf(out, "!%d@%zu", (int)rc, at + row.len);
			break;
		}
		for (size_t i = 0; i < row.n; i++) {
			cr_assert(csv_cell_text(chunk, &row.cell[i], quote, &scratch, &cell));
			buf_c(out, '<');
			buf_str(out, cell);
			buf_c(out, '>');
		}
		buf_printf(out, "/%zu ", row.eol);
		cr_assert_gt(row.len, 0);
		at += row.len;
	}
	csv_row_free(&row);
	buf_free(&scratch);
}

static void check(const char *text, char delimiter, char quote, const char *want)
{
	struct buf got = {0};

	dump(str_of(text), delimiter, quote, &got);
	cr_expect_str_eq(buf_cstr(&got), want, "%s", text);
	buf_free(&got);
}

Test(csvrow, table)
{
	check("", ',', '"', "");
	check("a", ',', '"', "<a>/0 ");
	check("a,b\nc,d\n", ',', '"', "<a><b>/1 <c><d>/1 ");
	check("a,b\r\nc,d", ',', '"', "<a><b>/2 <c><d>/0 ");
	check("a\rb\r\rc", ',', '"', "<a>/1 <b>/1 <>/1 <c>/0 ");
	check("\n\n", ',', '"', "<>/1 <>/1 ");
	check(",\n", ',', '"', "<><>/1 ");
	check("a,", ',', '"', "<a><>/0 ");
	check("\"a,b\",\"c\"\"d\"\n", ',', '"', "<a,b><c\"d>/1 ");
	check("\"\",\"\"\"\",\"\"\"\"\"\"", ',', '"', "<><\"><\"\">/0 ");
	check("\"a\r\nb\",c\r", ',', '"', "<a\r\nb><c>/1 ");
	check("a\"b,c\"\n", ',', '"', "<a\"b><c\">/1 ");
	check(" \"a\",b\n", ',', '"', "< \"a\"><b>/1 ");
	check("'a;b';c\"\n", ';', '\'', "<a;b><c\">/1 ");
	check("\"a\tb\"\t\"\n", '\t', 0, "<\"a><b\"><\">/1 ");
	check("x\n\"a\"b,c\n", ',', '"', "<x>/1 !3@5");
	check("x,\"a\"\"", ',', '"', "!2@2");
	check("a,\"b", ',', '"', "!2@2");
	check("a,\"b\"\"\n", ',', '"', "!2@2");
	check("a,\"", ',', '"', "!2@2");
	check("\"a\" ,b", ',', '"', "!3@3");
}

/* A row cut anywhere says so; the rest of the input does not change how a row reads. */
static void cut_everywhere(struct deid_str whole)
{
	const char *text = whole.p;
	struct csv_row want = {0}, got = {0};

	for (size_t at = 0; at < whole.n; at += want.len) {
		cr_assert_eq(csv_next(&want, str_sub(whole, at, whole.n), true, ',', '"'), CSV_ROW);
		for (size_t n = 0; n <= whole.n - at; n++) {
			enum csv_rc rc = csv_next(&got, str_sub(whole, at, n), false, ',', '"');
			/* A CR at the end may be half of a CRLF. */
			bool waits = n == want.len && text[at + n - 1] == '\r';

			cr_assert_eq(rc, n < want.len || waits ? CSV_MORE : CSV_ROW, "%zu+%zu", at, n);
			if (rc == CSV_ROW) {
				cr_assert(got.n == want.n && got.len == want.len && got.eol == want.eol);
				cr_assert_eq(memcmp(got.cell, want.cell, want.n * sizeof(*want.cell)), 0);
			}
		}
	}
	csv_row_free(&want);
	csv_row_free(&got);
}

/* … wherever it lies in the blocks that are looked at as one. */
Test(csvrow, every_cut)
{
	static const char row[] = "ab,\"c\"\"d\",\r\n\"x\ny\",z\rlast,\"q\"\n";

	for (size_t shift = 0; shift < 140; shift += shift < 30 || shift > 70 ? 10 : 1) {
		char text[140 + sizeof(row)];

		memset(text, 'x', shift);
		memcpy(text + shift, row, sizeof(row));
		cut_everywhere((struct deid_str){text, shift + sizeof(row) - 1});
	}
}

/* Whether a row is ASCII has nothing to do with the rows beside it. */
Test(csvrow, ascii)
{
	char text[400];

	for (size_t at = 0; at < 150; at++) {
		struct csv_row row = {0};

		memset(text, 'x', sizeof(text));
		text[149] = text[299] = '\n';
		text[at] = (char)0xe9;
		cr_assert_eq(csv_next(&row, (struct deid_str){text, 400}, true, ',', '"'), CSV_ROW);
		cr_expect_not(row.ascii, "%zu", at);
		text[at] = at == 149 ? '\n' : 'x';
		text[150 + at] = (char)0xe9;
		cr_assert_eq(csv_next(&row, (struct deid_str){text, 400}, true, ',', '"'), CSV_ROW);
		cr_expect(row.ascii && row.len == 150, "%zu", at);
		csv_row_free(&row);
	}
}

/* RFC 4180 as a machine that eats one byte at a time. */
static void model(struct deid_str text, struct buf *out)
{
	enum { START, PLAIN, QUOTED, AFTER } state = START;
	struct buf row = {0};
	size_t opened = 0;

	buf_c(&row, '<');
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (state == QUOTED) {
			if (c == '"')
				state = AFTER;
			else
				buf_c(&row, c);
		} else if (state == AFTER && c == '"') {
			buf_c(&row, c);
			state = QUOTED;
		} else if (c == '\n' || c == '\r') {
			bool two = c == '\r' && i + 1 < text.n && text.p[i + 1] == '\n';

			i += two;
			buf_printf(&row, ">/%d ", two ? 2 : 1);
			buf_str(out, buf_view(&row));
			row.n = 1;
			state = START;
			if (i + 1 == text.n)
				goto out;
		} else if (c == ',') {
			buf_z(&row, "><");
			state = START;
		} else if (state == AFTER) {
			buf_printf(out, "!%d@%zu", (int)CSV_STRAY_QUOTE, i);
			goto out;
		} else if (state == START && c == '"') {
			opened = i;
			state = QUOTED;
		} else {
			buf_c(&row, c);
			state = PLAIN;
		}
	}
	if (state == QUOTED) {
		buf_printf(out, "!%d@%zu", (int)CSV_OPEN_QUOTE, opened);
	} else if (text.n) {
		buf_str(out, buf_view(&row));
		buf_z(out, ">/0 ");
	}
out:
	buf_free(&row);
}

Test(csvrow, at_random_as_the_model)
{
	struct buf got = {0}, want = {0};

	srand(11);
	for (int i = 0; i < 300000; i++) {
		char text[160];
		struct deid_str s = {text, (size_t)rand() % (i % 8 ? 16 : sizeof(text))};
		size_t plain = i % 3 ? 0 : (size_t)rand() % 160; /* a long cell first */

		for (size_t k = 0; k < s.n; k++)
			text[k] = k < plain ? 'x' : "ab,,\"\"\"\n\r"[rand() % 9];
		got.n = want.n = 0;
		dump(s, ',', '"', &got);
		model(s, &want);
		cr_assert(str_eq(buf_view(&got), buf_view(&want)), "%.*s\ngot  %s\nwant %s", (int)s.n, text,
		    buf_cstr(&got), buf_cstr(&want));
	}
	buf_free(&got);
	buf_free(&want);
}

/* What is written reads back as the same cells. */
Test(csvrow, written_cells_read_back)
{
	struct buf line = {0}, scratch = {0};
	struct csv_row row = {0};
	struct deid_str back;

	srand(12);
	for (int i = 0; i < 100000; i++) {
		char text[3][8];
		size_t n[3];

		line.n = 0;
		for (size_t c = 0; c < 3; c++) {
			n[c] = (size_t)(rand() % 8);
			for (size_t k = 0; k < n[c]; k++)
				text[c][k] = "xy ,\"\"\n\r\t"[rand() % 9];
			if (c)
				buf_c(&line, ',');
			cr_assert(csv_cell_write(
			    &line, (struct deid_str){text[c], n[c]}, ',', '"', rand() % 4 == 0));
		}
		buf_c(&line, '\n');
		cr_assert_eq(csv_next(&row, buf_view(&line), false, ',', '"'), CSV_ROW);
		cr_assert(row.n == 3 && row.len == line.n);
		for (size_t c = 0; c < 3; c++) {
			cr_assert(csv_cell_text(buf_view(&line), &row.cell[c], '"', &scratch, &back));
			cr_assert(str_eq(back, (struct deid_str){text[c], n[c]}));
		}
	}
	csv_row_free(&row);
	buf_free(&line);
	buf_free(&scratch);
}

Test(csvrow, quotes_only_what_needs_them)
{
	static const struct {
		const char *text, *want;
		bool always;
	} table[] = {
	    {"", "", false},
	    {"", "\"\"", true},
	    {"abc", "abc", false},
	    {"a b", "a b", false},
	    {"abc", "\"abc\"", true},
	    {" a", "\" a\"", false},
	    {"a\t", "\"a\t\"", false},
	    {"a,b", "\"a,b\"", false},
	    {"a\nb", "\"a\nb\"", false},
	    {"say \"hi\"", "\"say \"\"hi\"\"\"", false},
	    {"\"", "\"\"\"\"", false},
	};
	struct buf b = {0};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		b.n = 0;
		cr_assert(csv_cell_write(&b, str_of(table[i].text), ',', '"', table[i].always));
		cr_expect_str_eq(buf_cstr(&b), table[i].want);
	}
	b.n = 0;
	cr_assert(csv_cell_write(&b, STR(" a\""), ',', 0, true));
	cr_expect_str_eq(buf_cstr(&b), " a\"");
	cr_expect(csv_cell_plain(STR(" a\""), ',', 0));
	cr_expect_not(csv_cell_plain(STR("a,b"), ',', 0));
	cr_expect_not(csv_cell_plain(STR("a\""), ',', '"'));
	buf_free(&b);
}
