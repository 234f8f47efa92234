/* SPDX-License-Identifier: MIT */
#include "plugins/csv/table.h"

#include "core/util/csvrow.h"
#include "plugins/common/entries.h"
#include "plugins/common/spans.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)256 << 10)

/* A column that some entry acts on. */
struct column {
	size_t at; /* its place in a row */
	bool drop; /* it goes as a whole */
	struct deid_str name;
	const uint32_t *id;
	size_t nid;
};

/* A column that some entry reads for another. */
struct watched {
	size_t at;
	uint32_t *id; /* owned */
	size_t nid;
};

struct table {
	const struct deid_host *host;
	struct deid_job *job;
	const struct table_conf *conf;
	struct window win;
	struct spans out;
	uint64_t off; /* of the row in work */
	struct csv_row row;
	uint64_t rows; /* read so far, the header too: the number of the row in work */
	uint64_t bad;
	size_t width; /* cells in a row */
	struct column *act;
	size_t nact;
	size_t lead;  /* that many columns at the left are dropped */
	bool lone;    /* one column stays of several */
	bool applied; /* a row of cells was acted on */
	bool listing, all;
	bool ahead; /* entries read other cells of their row */
	struct watched *watched;
	size_t nwatched;
	struct buf text, decoded, encoded, cell;
};

static int nomem(struct table *t, struct deid_error *err)
{
	return t->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
}

static int bad_row(struct table *t, enum deid_code code, const char *what, struct deid_error *err)
{
	int rc = t->host->fail(err, DEID_FAILED, code, "row %" PRIu64 ": %s", t->rows, what);

	t->host->at(err, (struct deid_str){NULL, 0}, t->off);
	return rc;
}

static struct deid_str chunk(const struct table *t)
{
	size_t from = (size_t)(t->off - t->win.off);

	return (struct deid_str){t->win.p + from, t->win.n - from};
}

static int more(struct table *t, struct deid_error *err)
{
	size_t have = t->win.off == t->off ? t->win.n : 0;
	size_t want = have + CHUNK;
	int rc;

	if (have >= DEID_PEEK_MAX)
		return bad_row(t, DEID_E_LIMIT, "longer than 1 MiB (is a quote left open?)", err);
	rc = spans_flush(&t->out, err);
	if (!rc)
		rc = window_load(&t->win, t->off, want < DEID_PEEK_MAX ? want : DEID_PEEK_MAX, err);
	return rc;
}

/* The next row into t->row. *end: there is none. */
static int next_row(struct table *t, bool *end, struct deid_error *err)
{
	const struct table_conf *c = t->conf;

	t->off += t->row.len;
	t->row.len = 0;
	t->rows++;
	for (;;) {
		struct deid_str s = chunk(t);
		enum csv_rc rc;
		int failed;

		*end = s.n == 0 && t->win.last;
		if (*end)
			return DEID_OK;
		rc = csv_next(&t->row, s, t->win.last, c->delimiter, c->quote);
		switch (rc) {
		case CSV_ROW:
			if (t->row.ascii || charset_valid(&c->charset, (struct deid_str){s.p, t->row.len}))
				return DEID_OK;
			return bad_row(t, DEID_E_FORMAT, "not text of the encoding", err);
		case CSV_MORE:
			failed = more(t, err);
			if (failed)
				return failed;
			break;
		case CSV_OPEN_QUOTE:
			return bad_row(t, DEID_E_TRUNCATED, "a quote is left open", err);
		case CSV_STRAY_QUOTE:
			return bad_row(t, DEID_E_FORMAT, "text after a closing quote", err);
		default:
			return nomem(t, err);
		}
	}
}

/* ---- columns ------------------------------------------------------------------------------------- */

static bool removes(const struct table *t, const uint32_t *id, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < t->conf->nentry; k++)
			if (t->conf->entry[k].id == id[i] && strcmp(t->conf->entry[k].action, "remove") == 0)
				return true;
	return false;
}

/* Asks who acts on the column; adds it to t->act when somebody does. */
static int add_column(struct table *t, size_t at, struct deid_str name, uint32_t *id, struct deid_error *err)
{
	struct deid_field f = {.size = sizeof(f), .kind = DEID_TEXT, .h = {at, 0}, .name = name};
	struct column c = {.at = at};
	size_t n;
	int rc;

	n = entry_find(t->conf->entry, t->conf->nentry, name, id);
	if (n == 0 && !t->all)
		return DEID_OK;
	rc = t->host->match(t->job, &f, id, n, &c.id, &c.nid, err);
	if (rc || c.nid == 0)
		return rc;
	c.drop = !t->listing && removes(t, c.id, c.nid);
	c.name = t->host->dup(t->job, name);
	if (!c.name.p)
		return nomem(t, err);
	t->act[t->nact++] = c;
	return DEID_OK;
}

/* Remembers the column when some entry reads it. */
static int watch_column(struct table *t, size_t at, struct deid_str name, struct deid_error *err)
{
	struct watched *w = &t->watched[t->nwatched];
	size_t n = entry_queries(t->conf->entry, t->conf->nentry, name, NULL);

	if (n == 0)
		return DEID_OK;
	*w = (struct watched){.at = at, .id = calloc(n, sizeof(*w->id)), .nid = n};
	if (!w->id)
		return nomem(t, err);
	entry_queries(t->conf->entry, t->conf->nentry, name, w->id);
	t->nwatched++;
	return DEID_OK;
}

static int column_name(
    struct table *t, size_t i, char digits[24], struct deid_str *name, struct deid_error *err)
{
	if (!t->conf->header) {
		*name = (struct deid_str){digits, (size_t)snprintf(digits, 24, "%zu", i + 1)};
		return DEID_OK;
	}
	if (!csv_cell_text(chunk(t), &t->row.cell[i], t->conf->quote, &t->text, name) ||
	    !charset_decode(&t->conf->charset, name, &t->decoded))
		return nomem(t, err);
	return DEID_OK;
}

/* Where one column stays of several it is looked at in every row, whether an entry names it or not. */
static void add_lone(struct table *t)
{
	size_t i = 0;

	while (i < t->nact && t->act[i].at == i && t->act[i].drop)
		i++;
	if (i < t->nact && t->act[i].at == i)
		return;
	memmove(&t->act[i + 1], &t->act[i], (t->nact - i) * sizeof(*t->act));
	t->act[i] = (struct column){.at = i};
	t->nact++;
}

static int count_drops(struct table *t, struct deid_error *err)
{
	size_t left = t->width;

	for (size_t i = 0; i < t->nact; i++)
		left -= t->act[i].drop;
	if (left == 0)
		return t->host->fail(err, DEID_FAILED, DEID_E_FIELD, "no column is left");
	t->lone = left == 1 && t->width > 1 && t->conf->quote;
	if (t->lone)
		add_lone(t);
	while (t->lead < t->nact && t->act[t->lead].drop && t->act[t->lead].at == t->lead)
		t->lead++;
	return DEID_OK;
}

/* From the first row: how wide the table is, and which columns have to do with the profile. */
static int learn_columns(struct table *t, struct deid_error *err)
{
	uint32_t *id = calloc(t->conf->nentry + 1, sizeof(*id));
	char digits[24];
	int rc = DEID_OK;

	t->width = t->row.n;
	t->act = calloc(t->width + 1, sizeof(*t->act));
	t->watched = calloc(t->width + 1, sizeof(*t->watched));
	if (!id || !t->act || !t->watched)
		rc = nomem(t, err);
	for (size_t i = 0; !rc && i < t->width; i++) {
		struct deid_str name;

		rc = column_name(t, i, digits, &name, err);
		if (!rc)
			rc = add_column(t, i, name, id, err);
		if (!rc && t->ahead)
			rc = watch_column(t, i, name, err);
	}
	free(id);
	return rc ? rc : count_drops(t, err);
}

/* ---- cells --------------------------------------------------------------------------------------- */

static int cell_value(
    struct table *t, size_t at, struct deid_str *text, struct deid_value *v, struct deid_error *err)
{
	*text = (struct deid_str){NULL, 0};
	*v = (struct deid_value){.size = sizeof(*v), .kind = DEID_TEXT, .lo = 1, .v = text};
	if (at < t->row.n && (!csv_cell_text(chunk(t), &t->row.cell[at], t->conf->quote, &t->text, text) ||
				 !charset_decode(&t->conf->charset, text, &t->decoded)))
		return nomem(t, err);
	v->n = text->n > 0;
	return DEID_OK;
}

/* What entries may ask of this row. */
static int observe_row(struct table *t, struct deid_error *err)
{
	struct deid_str text;
	struct deid_value v;
	int rc = t->host->record(t->job, err);

	for (size_t i = 0; !rc && i < t->nwatched; i++) {
		rc = cell_value(t, t->watched[i].at, &text, &v, err);
		if (!rc)
			rc = t->host->observe(t->job, t->watched[i].id, t->watched[i].nid, &v, err);
	}
	return rc;
}

static int apply_cell(struct table *t, const struct column *c, struct deid_result *r, struct deid_error *err)
{
	struct deid_field f = {.size = sizeof(f), .kind = DEID_TEXT, .h = {c->at, 0}, .name = c->name};
	struct deid_str text;
	struct deid_value v;
	int rc = cell_value(t, c->at, &text, &v, err);

	if (rc)
		return rc;
	return t->host->apply(t->job, &f, c->id, c->nid, &v, r, err);
}

/* The new cell as it stands in the file into t->cell; *why when it cannot. */
static int spell(struct table *t, const struct deid_value *v, const char **why, struct deid_error *err)
{
	const struct table_conf *c = t->conf;
	struct deid_str s = v->n ? v->v[0] : (struct deid_str){"", 0};
	bool fits;

	*why = NULL;
	t->cell.n = 0;
	if (!charset_encode(&c->charset, &s, &t->encoded, &fits))
		return nomem(t, err);
	if (!fits)
		*why = "the file's encoding has no such character";
	else if (v->n > 1)
		*why = "a cell holds one value";
	else if (!c->quote && !csv_cell_plain(s, c->delimiter, c->quote))
		*why = "the text needs quotes, and the table has none";
	else if (!csv_cell_write(&t->cell, s, c->delimiter, c->quote, false))
		return nomem(t, err);
	return DEID_OK;
}

/* What becomes of a cell: *keep, else t->cell (empty when it is emptied). */
static int edit_cell(struct table *t, const struct column *c, bool *keep, struct deid_error *err)
{
	struct deid_result r;
	const char *why = NULL;
	int rc = apply_cell(t, c, &r, err);

	t->cell.n = 0;
	if (!rc && r.verdict == DEID_CHANGE)
		rc = spell(t, &r.value, &why, err);
	if (!rc && why) {
		struct deid_field f = {
		    .size = sizeof(f), .kind = DEID_TEXT, .h = {c->at, 0}, .name = c->name};

		rc = t->host->refuse(t->job, &f, &r, why, err);
		t->cell.n = 0;
	}
	*keep = r.verdict == DEID_KEEP;
	return rc;
}

/* An empty cell that is alone in its row would read as no row. */
static int write_cell(struct table *t, struct deid_str cell, struct deid_error *err)
{
	char empty[2] = {t->conf->quote, t->conf->quote};

	return cell.n == 0 && t->lone ? spans_write(&t->out, empty, 2, err)
				      : spans_write(&t->out, cell.p, cell.n, err);
}

/* ---- rows ---------------------------------------------------------------------------------------- */

static int copy_part(struct table *t, size_t from, size_t to, struct deid_error *err)
{
	return spans_copy(&t->out, t->off + from, t->off + to, err);
}

/* Of the columns, those acted on are cells to leave out (with the delimiter before them, or after them at
 * the left end) or to put another text into; the rest is copied in one piece. */
static int write_row(struct table *t, bool cells, struct deid_error *err)
{
	size_t from = 0;
	int rc = DEID_OK;

	for (size_t i = 0; !rc && i < t->nact; i++) {
		const struct column *c = &t->act[i];
		const struct csv_cell *cell = &t->row.cell[c->at];
		bool keep = true;

		if (c->drop) {
			if (i >= t->lead)
				rc = copy_part(t, from, cell->off - 1, err);
			from = cell->off + cell->len + (i < t->lead);
			continue;
		}
		if (cells && c->nid)
			rc = edit_cell(t, c, &keep, err);
		if (rc || (keep && (cell->len || !t->lone)))
			continue;
		if (keep)
			t->cell.n = 0;
		rc = copy_part(t, from, cell->off, err);
		if (!rc)
			rc = write_cell(t, buf_view(&t->cell), err);
		from = cell->off + cell->len;
	}
	return rc ? rc : copy_part(t, from, t->row.len, err);
}

static int ragged(struct table *t, struct deid_error *err)
{
	char what[96];

	if (t->conf->ignore_bad) {
		t->bad++;
		return DEID_OK;
	}
	snprintf(what, sizeof(what), "%zu cells where the first row has %zu", t->row.n, t->width);
	return bad_row(t, t->row.eol ? DEID_E_FORMAT : DEID_E_TRUNCATED, what, err);
}

/* Dropped columns are offered once, not for each row: so the core knows that they were there. */
static int apply_drops(struct table *t, struct deid_error *err)
{
	struct deid_result r;
	int rc = DEID_OK;

	for (size_t i = 0; !rc && i < t->nact; i++) {
		if (!t->act[i].drop)
			continue;
		rc = apply_cell(t, &t->act[i], &r, err);
		if (!rc && r.verdict != DEID_REMOVE)
			rc = t->host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "a column to remove is kept");
	}
	t->applied = true;
	return rc;
}

static bool is_empty_line(const struct table *t)
{
	return t->row.n == 1 && t->row.cell[0].len == 0;
}

static int data_row(struct table *t, struct deid_error *err)
{
	int rc = DEID_OK;

	/* A line without anything on it is no row; but where there is one column it is an empty cell. */
	if (is_empty_line(t) && t->width > 1)
		return copy_part(t, 0, t->row.len, err);
	if (t->row.n != t->width)
		return ragged(t, err);
	if (t->ahead)
		rc = observe_row(t, err);
	if (!rc && !t->applied)
		rc = apply_drops(t, err);
	return rc ? rc : write_row(t, true, err);
}

/* One value for each name: from the first row that has them. */
static int list_columns(struct table *t, struct deid_error *err)
{
	struct deid_result r;
	bool end = false;
	int rc = DEID_OK;

	if (t->conf->header)
		rc = next_row(t, &end, err);
	if (end)
		t->row.n = 0;
	for (size_t i = 0; !rc && i < t->nact; i++)
		rc = apply_cell(t, &t->act[i], &r, err);
	return rc;
}

/* The first row, behind lines without anything on them. Where there is but one column such a line could be a
 * row too, and the header would be taken for a value or a value for the header. */
static int first_row(struct table *t, bool *end, struct deid_error *err)
{
	uint64_t empty = 0;
	int rc = next_row(t, end, err);

	for (; !rc && !*end && is_empty_line(t); empty++) {
		rc = copy_part(t, 0, t->row.len, err);
		if (!rc)
			rc = next_row(t, end, err);
	}
	if (!rc && !*end && empty && t->row.n == 1)
		rc = bad_row(t, DEID_E_FORMAT, "a table of one column begins with an empty line", err);
	return rc;
}

static int run(struct table *t, struct deid_error *err)
{
	bool end;
	int rc = first_row(t, &end, err);

	if (rc || end)
		return rc;
	rc = learn_columns(t, err);
	if (rc || t->listing)
		return rc ? rc : list_columns(t, err);
	rc = t->conf->header ? write_row(t, false, err) : data_row(t, err);
	while (!rc) {
		rc = next_row(t, &end, err);
		if (rc || end)
			break;
		rc = data_row(t, err);
	}
	return rc;
}

static int open_input(struct table *t, struct deid_source *src, struct deid_error *err)
{
	const char *foreign;
	int rc;

	t->win = (struct window){.host = t->host, .src = src};
	t->out.win = &t->win;
	rc = window_load(&t->win, 0, CHUNK, err);
	if (rc)
		return rc;
	foreign = charset_foreign(chunk(t));
	if (foreign)
		return t->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED, "%s", foreign);
	t->off = charset_mark(&t->conf->charset, chunk(t));
	return spans_copy(&t->out, 0, t->off, err);
}

int table_stream(struct deid_job *job, const struct table_conf *conf, struct deid_source *src,
    struct deid_sink *sink, struct deid_error *err)
{
	const struct deid_host *host = conf->host;
	uint32_t wants = host->wants(job);
	struct table t = {.host = host,
	    .job = job,
	    .conf = conf,
	    .out = {.host = host, .sink = sink, .mute = !sink},
	    .all = wants & DEID_WANT_ALL,
	    .ahead = wants & DEID_WANT_ORIGINALS,
	    .listing = wants & DEID_WANT_NAMES};
	int rc = open_input(&t, src, err);

	if (!rc)
		rc = run(&t, err);
	if (!rc)
		rc = spans_flush(&t.out, err);
	if (!rc && t.bad)
		host->warn(job, (struct deid_str){NULL, 0}, "%" PRIu64 " bad rows were left out", t.bad);
	free(t.act);
	for (size_t i = 0; i < t.nwatched; i++)
		free(t.watched[i].id);
	free(t.watched);
	csv_row_free(&t.row);
	buf_free(&t.text);
	buf_free(&t.decoded);
	buf_free(&t.encoded);
	buf_free(&t.cell);
	return rc;
}
