/* SPDX-License-Identifier: MIT */
/*
 * The table of subjects (profile language, section 11): comma-separated text (RFC 4180, UTF-8, a BOM is
 * allowed) whose first row names the columns. `subject.label`, and on the session level `session.label` too,
 * must be there, without empty cells, and each label (pair of labels) once.
 *
 * Rows are numbered as a spreadsheet shows them, from 1, the header and blank lines counted; blank lines hold
 * no subject. The table keeps the bytes of the file and an index, about 20 bytes a row, and splits a row when
 * it is asked for, so that a million rows cost little. Constant once read: threads may share it.
 *
 * Messages name file, row and column, never a cell: a label may be a person's name.
 */
#ifndef DEID_PROFILE_SUBJECT_H
#define DEID_PROFILE_SUBJECT_H

#include "core/util/arena.h"
#include "core/util/error.h"
#include <deid/plugin.h>

#define SUBJECT_LABEL "subject.label"
#define SESSION_LABEL "session.label"
#define SUBJECT_NO_COLUMN SIZE_MAX

struct subject_table;

/* Reports all that is wrong (error_diag), up to a bound. Gives a table (also with errors: test err->nerrors),
 * NULL only when memory is spent. The diagnostics point to the table's file name. */
struct subject_table *subject_read(const char *path, bool sessions, struct deid_error *);
struct subject_table *subject_parse(
    struct deid_str text, const char *file, bool sessions, struct deid_error *);
void subject_free(struct subject_table *);

const char *subject_file(const struct subject_table *);
bool subject_sessions(const struct subject_table *); /* labels are pairs */
size_t subject_columns(const struct subject_table *);
struct deid_str subject_column_name(const struct subject_table *, size_t column);
size_t subject_column(const struct subject_table *, struct deid_str name); /* or SUBJECT_NO_COLUMN */

/* The number of the row with this label (these labels on the session level, else session is not looked at);
 * 0: there is none. */
size_t subject_find(const struct subject_table *, struct deid_str subject, struct deid_str session);
/* The next row after this one that holds a subject; 0: none. After 0 comes the first. */
size_t subject_next(const struct subject_table *, size_t row);
/* The n cells of a row from subject_find() or subject_next() in the columns named by column[]. The texts
 * point into the table or into the arena. False when memory is spent. */
bool subject_cells(const struct subject_table *, size_t row, const size_t *column, size_t n, struct arena *,
    struct deid_str *cell);

#endif
