/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/subject.h"

#include "core/util/csvrow.h"
#include "core/util/grow.h"
#include "core/util/map.h"
#include "core/util/utf8.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define ERRORS_MAX 50 /* said one by one; a table with more has one mistake in every row */

/* A label's place in the hash table. Offsets and label texts are in the row itself. */
struct slot {
	uint32_t hash;
	uint32_t row; /* 0: free */
};

struct subject_table {
	char *file;
	struct buf bytes;
	struct deid_str text; /* bytes without the BOM */
	size_t *row;          /* offset of row i + 1 in text */
	size_t nrow, cap;
	size_t header; /* number of the first row that is not blank; 0: there is none */
	struct deid_str *column;
	size_t ncolumn;
	struct map columns; /* name -> its struct deid_str in column */
	bool sessions;
	size_t label[2]; /* columns of subject and session */
	struct slot *slot;
	size_t nslot, nlabel; /* nslot: 0 or a power of two */
	uint64_t seed[2];
	struct arena arena;
};

/* A table while it is read. */
struct reader {
	struct subject_table *t;
	struct deid_error *err;
	size_t first; /* errors that were there before */
	size_t at;    /* offset of the row in work */
	size_t line;  /* its line in the file, from 1; rows with quoted line ends have several */
	struct csv_row row, other;
	struct buf label[2], other_label[2];
};

/* ---- errors ------------------------------------------------------------------------------------ */

/* Line and column of a byte of the row in work. */
static void find_place(const struct reader *r, size_t off, size_t *line, size_t *col)
{
	size_t from = r->at;

	*line = r->line;
	for (size_t i = str_find(r->t->text, '\n', from); i < off; i = str_find(r->t->text, '\n', from)) {
		from = i + 1;
		++*line;
	}
	*col = utf8_count(str_sub(r->t->text, from, off - from)) + 1;
}

/* An error at a byte of the text. False: that was enough of them. */
static bool DEID_PRINTF(3, 4) complain(struct reader *r, size_t off, const char *fmt, ...)
{
	size_t line, col;
	va_list ap;

	find_place(r, off, &line, &col);
	if (r->err->nerrors - r->first >= ERRORS_MAX) {
		error_diag(
		    r->err, DIAG_ERROR, r->t->file, line, col, "there are more errors, not shown here");
		return false;
	}
	va_start(ap, fmt);
	error_vdiag(r->err, DIAG_ERROR, r->t->file, line, col, fmt, ap);
	va_end(ap);
	return true;
}

static bool spent(struct reader *r)
{
	error_nomem(r->err);
	return false;
}

/* ---- bytes ------------------------------------------------------------------------------------- */

static bool read_all(int fd, struct buf *out)
{
	struct stat st;

	/* A regular file is read into a buffer of its size, so that no second one is needed while it grows.
	 */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    !buf_reserve(out, (size_t)st.st_size + 1)) {
		errno = ENOMEM;
		return false;
	}
	for (;;) {
		ssize_t got;

		if (out->n == out->cap && !buf_reserve(out, 65536)) {
			errno = ENOMEM;
			return false;
		}
		got = read(fd, out->p + out->n, out->cap - out->n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0;
		out->n += (size_t)got;
	}
}

/* The offset of the first byte that is not UTF-8, or is NUL; text.n when all is well. */
static size_t bad_byte(struct deid_str text)
{
	size_t zero = str_find(text, '\0', 0), n;
	uint32_t cp;

	if (utf8_valid(text))
		return zero;
	for (size_t i = 0; i < zero; i += n) {
		n = utf8_next(text, i, &cp);
		if (!n)
			return i;
	}
	return zero;
}

static bool check_bytes(struct reader *r)
{
	struct subject_table *t = r->t;
	struct deid_str all = buf_view(&t->bytes);
	size_t bad;

	t->text = str_prefix(all, "\xef\xbb\xbf") ? str_sub(all, 3, all.n) : all;
	if (str_prefix(all, "\xff\xfe") || str_prefix(all, "\xfe\xff")) {
		complain(r, 0, "the table is UTF-16; save it as UTF-8");
		return false;
	}
	bad = bad_byte(t->text);
	if (bad == t->text.n)
		return true;
	complain(r, bad, t->text.p[bad] ? "the table is not UTF-8 text" : "the table holds a NUL character");
	return false;
}

/* ---- the index of labels ----------------------------------------------------------------------- */

static uint32_t hash_labels(const struct subject_table *t, struct deid_str subject, struct deid_str session)
{
	uint64_t h = map_hash(t->seed, subject);

	if (t->sessions)
		h = map_hash((uint64_t[2]){h, t->seed[1]}, session);
	return (uint32_t)(h ^ h >> 32);
}

static bool make_room(struct subject_table *t)
{
	size_t n = t->nslot ? t->nslot * 2 : 64, mask = n - 1;
	struct slot *slot;

	if (t->nlabel + 1 <= t->nslot / 4 * 3)
		return true;
	slot = calloc(n, sizeof(*slot));
	if (!slot)
		return false;
	for (size_t i = 0; i < t->nslot; i++) {
		size_t k = t->slot[i].hash & mask;

		if (!t->slot[i].row)
			continue;
		while (slot[k].row)
			k = (k + 1) & mask;
		slot[k] = t->slot[i];
	}
	free(t->slot);
	t->slot = slot;
	t->nslot = n;
	return true;
}

static struct deid_str row_bytes(const struct subject_table *t, size_t row)
{
	size_t from = t->row[row - 1], end = row < t->nrow ? t->row[row] : t->text.n;

	return str_sub(t->text, from, end - from);
}

/* The labels of a row that has been split. */
static bool row_labels(const struct subject_table *t, struct deid_str bytes, const struct csv_row *row,
    struct buf scratch[2], struct deid_str label[2])
{
	label[1] = STR("");
	for (size_t i = 0; i < 1 + (size_t)t->sessions; i++)
		if (!csv_cell_text(bytes, &row->cell[t->label[i]], '"', &scratch[i], &label[i]))
			return false;
	return true;
}

/* 1: the row bears these labels; 0: it does not; -1: no memory. */
static int bears(const struct subject_table *t, size_t number, const struct deid_str label[2],
    struct csv_row *row, struct buf scratch[2])
{
	struct deid_str bytes = row_bytes(t, number), own[2];

	/* The row has been split before, so it can only fail for want of memory. */
	if (csv_next(row, bytes, true, ',', '"') != CSV_ROW || !row_labels(t, bytes, row, scratch, own))
		return -1;
	return str_eq(own[0], label[0]) && str_eq(own[1], label[1]);
}

/* The slot of these labels, or the free one where they would go; NULL: no memory. The index is never full. */
static struct slot *probe(const struct subject_table *t, uint32_t hash, const struct deid_str label[2],
    struct csv_row *row, struct buf scratch[2])
{
	size_t mask = t->nslot - 1;

	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct slot *slot = &t->slot[i];
		int same;

		if (!slot->row)
			return slot;
		if (slot->hash != hash)
			continue;
		same = bears(t, slot->row, label, row, scratch);
		if (same)
			return same < 0 ? NULL : slot;
	}
}

/* ---- rows -------------------------------------------------------------------------------------- */

static size_t cell_at(const struct reader *r, size_t column)
{
	return r->at + r->row.cell[column].off;
}

static bool add_labels(struct reader *r, const struct deid_str label[2])
{
	struct subject_table *t = r->t;
	uint32_t hash = hash_labels(t, label[0], label[1]);
	struct slot *slot;

	if (!make_room(t))
		return spent(r);
	slot = probe(t, hash, label, &r->other, r->other_label);
	if (!slot)
		return spent(r);
	if (slot->row && t->sessions)
		return complain(r, cell_at(r, t->label[0]),
		    "row %zu, columns \"" SUBJECT_LABEL "\" and \"" SESSION_LABEL
		    "\": the same labels as in row %u",
		    t->nrow, slot->row);
	if (slot->row)
		return complain(r, cell_at(r, t->label[0]),
		    "row %zu, column \"" SUBJECT_LABEL "\": the same label as in row %u%s", t->nrow,
		    slot->row,
		    subject_column(t, STR(SESSION_LABEL)) == SUBJECT_NO_COLUMN
			? ""
			: " (pairs with \"" SESSION_LABEL "\" count with --session-level-profile)");
	*slot = (struct slot){hash, (uint32_t)t->nrow};
	t->nlabel++;
	return true;
}

/* False: stop here, it has been said why. */
static bool take_row(struct reader *r)
{
	struct subject_table *t = r->t;
	struct deid_str label[2];

	if (r->row.n != t->ncolumn)
		return complain(
		    r, r->at, "row %zu has %zu cells, the header has %zu", t->nrow, r->row.n, t->ncolumn);
	if (t->label[0] == SUBJECT_NO_COLUMN || (t->sessions && t->label[1] == SUBJECT_NO_COLUMN))
		return true;
	if (!row_labels(t, str_sub(t->text, r->at, t->text.n), &r->row, r->label, label))
		return spent(r);
	for (size_t i = 0; i < 1 + (size_t)t->sessions; i++)
		if (label[i].n == 0)
			return complain(r, cell_at(r, t->label[i]),
			    "row %zu, column \"%s\": the cell is empty", t->nrow,
			    i ? SESSION_LABEL : SUBJECT_LABEL);
	return add_labels(r, label);
}

/* What stands in for commas when everything is one column. */
static const char *other_delimiter(struct deid_str header)
{
	if (str_find(header, ';', 0) < header.n)
		return "; the cells are separated by semicolons, and must be by commas";
	if (str_find(header, '\t', 0) < header.n)
		return "; the cells are separated by tabs, and must be by commas";
	return "";
}

static bool need_column(struct reader *r, size_t i, const char *name)
{
	struct subject_table *t = r->t;

	t->label[i] = subject_column(t, str_of(name));
	return t->label[i] != SUBJECT_NO_COLUMN || complain(r, r->at, "there is no column \"%s\"%s", name,
						       t->ncolumn == 1 ? other_delimiter(t->column[0]) : "");
}

static bool take_header(struct reader *r)
{
	struct subject_table *t = r->t;
	struct deid_str bytes = str_sub(t->text, r->at, t->text.n), name;
	struct map_entry *e;
	bool added;

	t->header = t->nrow;
	t->column = arena_array(&t->arena, r->row.n, sizeof(*t->column));
	if (!t->column)
		return spent(r);
	for (; t->ncolumn < r->row.n; t->ncolumn++) {
		size_t i = t->ncolumn;

		if (!csv_cell_text(bytes, &r->row.cell[i], '"', &r->label[0], &name))
			return spent(r);
		name = t->column[i] = arena_dup(&t->arena, name);
		if (!name.p)
			return spent(r);
		if (!name.n) /* spreadsheets leave such columns behind; nothing can refer to them */
			continue;
		e = map_put(&t->columns, name, &added);
		if (!e)
			return spent(r);
		if (added)
			e->value = &t->column[i];
		else if (!complain(r, cell_at(r, i), "row %zu: a second column of the name \"%s\"", t->nrow,
			     name.p))
			return false;
	}
	return need_column(r, 0, SUBJECT_LABEL) && (!t->sessions || need_column(r, 1, SESSION_LABEL));
}

static bool add_row(struct subject_table *t, size_t off)
{
	size_t *row = grow(t->row, &t->cap, t->nrow + 1, sizeof(*row));

	if (!row)
		return false;
	t->row = row;
	t->row[t->nrow++] = off;
	return true;
}

static bool blank(const struct csv_row *row)
{
	return row->n == 1 && row->cell[0].len == 0;
}

static size_t count_lines(struct deid_str row, size_t eol)
{
	size_t n = eol == 1 && row.p[row.n - 1] == '\r';

	for (size_t i = str_find(row, '\n', 0); i < row.n; i = str_find(row, '\n', i + 1))
		n++;
	return n;
}

/* Splits the row at r->at. False: it cannot be, it has been said why. */
static bool split_row(struct reader *r, struct deid_str rest)
{
	size_t number = r->t->nrow;

	switch (csv_next(&r->row, rest, true, ',', '"')) {
	case CSV_ROW:
		return true;
	case CSV_OPEN_QUOTE:
		complain(r, r->at + r->row.len, "row %zu: a quote that is never closed", number);
		return false;
	case CSV_STRAY_QUOTE:
		complain(r, r->at + r->row.len,
		    "row %zu: text after a closing quote (a quote inside a quoted cell is written twice)",
		    number);
		return false;
	default:
		return spent(r);
	}
}

static void read_rows(struct reader *r)
{
	struct subject_table *t = r->t;

	for (; r->at < t->text.n; r->at += r->row.len) {
		struct deid_str rest = str_sub(t->text, r->at, t->text.n);

		if (t->nrow >= UINT32_MAX) {
			complain(r, r->at, "the table has too many rows");
			return;
		}
		if (!add_row(t, r->at)) {
			spent(r);
			return;
		}
		if (!split_row(r, rest))
			return;
		if (!blank(&r->row) && !(t->header ? take_row(r) : take_header(r)))
			return;
		r->line += count_lines(str_sub(rest, 0, r->row.len), r->row.eol);
	}
	if (!t->header)
		complain(r, 0, "the table is empty");
}

/* ---- the table --------------------------------------------------------------------------------- */

static struct subject_table *table_new(const char *file, bool sessions)
{
	struct subject_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	arena_init(&t->arena, 0);
	t->sessions = sessions;
	t->label[0] = t->label[1] = SUBJECT_NO_COLUMN;
	/* Without entropy the index still works, it is only not hardened. */
	if (getrandom(t->seed, sizeof(t->seed), GRND_NONBLOCK) != (ssize_t)sizeof(t->seed))
		t->seed[0] = (uint64_t)(uintptr_t)t;
	t->file = strdup(file);
	if (!t->file) {
		subject_free(t);
		return NULL;
	}
	return t;
}

/* Reads what is in t->bytes. NULL: no memory. */
static struct subject_table *load(struct subject_table *t, struct deid_error *err)
{
	struct reader r = {.t = t, .err = err, .first = err->nerrors, .line = 1};

	if (check_bytes(&r))
		read_rows(&r);
	csv_row_free(&r.row);
	csv_row_free(&r.other);
	for (size_t i = 0; i < 2; i++) {
		buf_free(&r.label[i]);
		buf_free(&r.other_label[i]);
	}
	if (err->code == DEID_E_NOMEM) {
		subject_free(t);
		return NULL;
	}
	return t;
}

struct subject_table *subject_parse(
    struct deid_str text, const char *file, bool sessions, struct deid_error *err)
{
	struct subject_table *t = table_new(file, sessions);

	if (!t || !buf_str(&t->bytes, text)) {
		subject_free(t);
		error_nomem(err);
		return NULL;
	}
	return load(t, err);
}

struct subject_table *subject_read(const char *path, bool sessions, struct deid_error *err)
{
	struct subject_table *t = table_new(path, sessions);
	int fd = -1, why = 0;

	if (!t) {
		error_nomem(err);
		return NULL;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !read_all(fd, &t->bytes))
		why = errno;
	if (fd >= 0)
		close(fd);
	if (why) {
		error_diag(err, DIAG_ERROR, t->file, 0, 0, "cannot be read: %s", strerror(why));
		return t;
	}
	return load(t, err);
}

void subject_free(struct subject_table *t)
{
	if (!t)
		return;
	map_free(&t->columns);
	arena_free(&t->arena);
	buf_free(&t->bytes);
	free(t->row);
	free(t->slot);
	free(t->file);
	free(t);
}

const char *subject_file(const struct subject_table *t)
{
	return t->file;
}

bool subject_sessions(const struct subject_table *t)
{
	return t->sessions;
}

size_t subject_columns(const struct subject_table *t)
{
	return t->ncolumn;
}

struct deid_str subject_column_name(const struct subject_table *t, size_t column)
{
	return column < t->ncolumn ? t->column[column] : STR("");
}

size_t subject_column(const struct subject_table *t, struct deid_str name)
{
	const struct deid_str *column = map_get(&t->columns, name);

	return column ? (size_t)(column - t->column) : SUBJECT_NO_COLUMN;
}

size_t subject_find(const struct subject_table *t, struct deid_str subject, struct deid_str session)
{
	const struct deid_str label[2] = {subject, t->sessions ? session : STR("")};
	struct csv_row row = {0};
	struct buf scratch[2] = {{0}, {0}};
	const struct slot *slot;

	if (!t->nslot)
		return 0;
	slot = probe(t, hash_labels(t, label[0], label[1]), label, &row, scratch);
	csv_row_free(&row);
	buf_free(&scratch[0]);
	buf_free(&scratch[1]);
	return slot ? slot->row : 0;
}

size_t subject_next(const struct subject_table *t, size_t row)
{
	row = row < t->header ? t->header : row;
	for (row++; row <= t->nrow; row++) {
		struct deid_str bytes = row_bytes(t, row);

		if (bytes.n && bytes.p[0] != '\r' && bytes.p[0] != '\n')
			return row;
	}
	return 0;
}

static bool copy_cells(const struct csv_row *split, struct deid_str bytes, const size_t *column, size_t n,
    struct arena *a, struct deid_str *cell)
{
	struct buf scratch = {0};
	bool ok = true;

	for (size_t i = 0; i < n && ok; i++) {
		ok = csv_cell_text(bytes, &split->cell[column[i]], '"', &scratch, &cell[i]);
		if (!ok || cell[i].p != scratch.p || !cell[i].n)
			continue;
		cell[i] = arena_dup(a, cell[i]);
		ok = cell[i].p != NULL;
	}
	buf_free(&scratch);
	return ok;
}

bool subject_cells(const struct subject_table *t, size_t row, const size_t *column, size_t n, struct arena *a,
    struct deid_str *cell)
{
	struct deid_str bytes = row_bytes(t, row);
	struct csv_row split = {0};
	bool ok = csv_next(&split, bytes, true, ',', '"') == CSV_ROW;

	for (size_t i = 0; i < n && ok; i++)
		ok = column[i] < split.n;
	ok = ok && copy_cells(&split, bytes, column, n, a, cell);
	csv_row_free(&split);
	return ok;
}
