/* SPDX-License-Identifier: MIT */
#include "core/util/csvrow.h"

#include "core/util/grow.h"
#include "core/util/marks.h"
#include <stdlib.h>
#include <string.h>

static bool add_cell(struct csv_row *row, size_t off, size_t end, bool quoted)
{
	struct csv_cell *cell = grow(row->cell, &row->cap, row->n + 1, sizeof(*cell));

	if (!cell)
		return false;
	row->cell = cell;
	row->cell[row->n++] = (struct csv_cell){off, end - off, quoted};
	return true;
}

/* i is at the opening quote: *end becomes the position behind the closing one, or of the quote that is left
 * open. The marks go on behind *end. */
static enum csv_rc quoted_end(struct marks *m, size_t i, bool last, char quote, size_t *end)
{
	struct deid_str text = m->text;

	for (*end = i;;) {
		do
			i = marks_next(m);
		while (i < text.n && text.p[i] != quote);
		if (i == text.n)
			return last ? CSV_OPEN_QUOTE : CSV_MORE;
		if (i + 1 == text.n) {
			*end = i + 1;
			return last ? CSV_ROW : CSV_MORE;
		}
		if (text.p[i + 1] != quote)
			break;
		marks_next(m);
	}
	*end = ++i;
	if (text.p[i] != (char)m->set[0] && text.p[i] != '\n' && text.p[i] != '\r')
		return CSV_STRAY_QUOTE;
	return CSV_ROW;
}

/* i is behind the last cell: at CR, at LF or at the chunk's end. */
static enum csv_rc end_row(struct csv_row *row, const struct marks *m, size_t i, bool last)
{
	struct deid_str chunk = m->text;

	row->ascii = marks_ascii(m, i);
	if (i == chunk.n) {
		row->eol = 0;
		row->len = i;
		return last ? CSV_ROW : CSV_MORE;
	}
	/* Whether a CR stands alone shows only in the next byte. */
	if (chunk.p[i] == '\r' && i + 1 == chunk.n && !last)
		return CSV_MORE;
	row->eol = chunk.p[i] == '\r' && i + 1 < chunk.n && chunk.p[i + 1] == '\n' ? 2 : 1;
	row->len = i + row->eol;
	return CSV_ROW;
}

/* The end of the cell that begins at `from`: a delimiter, CR, LF or the chunk's end. A quote inside is text.
 */
static enum csv_rc cell_end(struct marks *m, size_t from, bool last, char quote, bool *quoted, size_t *end)
{
	size_t i = marks_next(m);

	*quoted = quote && i == from && i < m->text.n && m->text.p[i] == quote;
	if (*quoted) {
		enum csv_rc rc = quoted_end(m, i, last, quote, end);

		if (rc == CSV_ROW && *end < m->text.n)
			marks_next(m); /* at *end */
		return rc;
	}
	while (quote && i < m->text.n && m->text.p[i] == quote)
		i = marks_next(m);
	*end = i;
	return CSV_ROW;
}

enum csv_rc csv_next(struct csv_row *row, struct deid_str chunk, bool last, char delimiter, char quote)
{
	struct marks m = {.text = chunk,
	    .set = {(unsigned char)delimiter, '\n', '\r', (unsigned char)(quote ? quote : delimiter)}};
	size_t from = 0, end;
	bool quoted;

	row->n = row->len = row->eol = 0;
	if (chunk.n == 0)
		return CSV_MORE;
	marks_begin(&m);
	for (;; from = end + 1) {
		enum csv_rc rc = cell_end(&m, from, last, quote, &quoted, &end);

		if (rc != CSV_ROW) {
			row->len = end;
			return rc;
		}
		if (!add_cell(row, from, end, quoted))
			return CSV_NOMEM;
		if (end == chunk.n || chunk.p[end] != delimiter)
			return end_row(row, &m, end, last);
	}
}

void csv_row_free(struct csv_row *row)
{
	free(row->cell);
	*row = (struct csv_row){0};
}

bool csv_cell_text(struct deid_str chunk, const struct csv_cell *cell, char quote, struct buf *scratch,
    struct deid_str *text)
{
	struct deid_str raw = str_sub(chunk, cell->off, cell->len);
	size_t at;

	*text = raw;
	if (!cell->quoted)
		return true;
	raw = *text = str_sub(raw, 1, raw.n - 2);
	at = str_find(raw, quote, 0);
	if (at == raw.n)
		return true;
	scratch->n = 0;
	for (size_t from = 0; from < raw.n; from = at + 2, at = str_find(raw, quote, from))
		if (!buf_add(scratch, raw.p + from, at < raw.n ? at - from + 1 : raw.n - from))
			return false;
	*text = buf_view(scratch);
	return true;
}

bool csv_cell_plain(struct deid_str text, char delimiter, char quote)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == delimiter || c == '\n' || c == '\r' || (quote && c == quote))
			return false;
	}
	return true;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

bool csv_cell_write(struct buf *out, struct deid_str text, char delimiter, char quote, bool always)
{
	size_t before = out->n;
	bool ends_blank = text.n && (blank(text.p[0]) || blank(text.p[text.n - 1]));

	if (!quote || (!always && !ends_blank && csv_cell_plain(text, delimiter, quote)))
		return buf_str(out, text);
	if (!buf_c(out, quote))
		goto spent;
	for (size_t from = 0, at; from < text.n; from = at) {
		at = str_find(text, quote, from);
		at += at < text.n;
		/* A quote is added with what stands before it, and then once more. */
		if (!buf_add(out, text.p + from, at - from) ||
		    (text.p[at - 1] == quote && !buf_c(out, quote)))
			goto spent;
	}
	if (buf_c(out, quote))
		return true;
spent:
	out->n = before;
	return false;
}
