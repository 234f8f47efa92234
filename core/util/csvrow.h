/* SPDX-License-Identifier: MIT */
/*
 * Rows of separated values (RFC 4180, with any one-character delimiter and quote): splits bytes into rows
 * and cells without copying, so that untouched cells can be written as they stood.
 *
 * A row ends with LF, CRLF or CR outside quotes, or with the input. Used by the table formats and by the
 * subject table of a profile.
 */
#ifndef DEID_UTIL_CSVROW_H
#define DEID_UTIL_CSVROW_H

#include "core/util/str.h"

struct csv_cell {
	size_t off, len; /* raw bytes in the chunk, quotes included */
	bool quoted;
};

struct csv_row {
	struct csv_cell *cell;
	size_t n, cap;
	size_t len; /* bytes of the row, its end included */
	size_t eol; /* bytes of its end: 0 at the end of input, 1 or 2 */
	bool ascii; /* all of it */
};

enum csv_rc {
	CSV_ROW,         /* one row */
	CSV_MORE,        /* the chunk ends inside the row: come again with more */
	CSV_OPEN_QUOTE,  /* the input ends inside quotes */
	CSV_STRAY_QUOTE, /* text after a closing quote */
	CSV_NOMEM,
};

/* The first row of chunk. `last`: no byte follows the chunk. A quote inside an unquoted cell is text.
 * quote = 0: no quoting. An empty chunk holds no row, not even the last: CSV_MORE. On CSV_OPEN_QUOTE row->len
 * is the offset of the quote that stays open, on CSV_STRAY_QUOTE that of the text behind the closing one.
 * row may be zeroed or come from an earlier call; its memory is used again. */
enum csv_rc csv_next(struct csv_row *, struct deid_str chunk, bool last, char delimiter, char quote);
void csv_row_free(struct csv_row *);
/* The cell's text: quotes taken off, doubled ones made one. Points into chunk when nothing changes, else
 * into scratch, whose former content goes. False when memory is spent. */
bool csv_cell_text(
    struct deid_str chunk, const struct csv_cell *, char quote, struct buf *scratch, struct deid_str *text);
/* Whether text can stand as a cell without quotes: no delimiter, quote, CR or LF in it. */
bool csv_cell_plain(struct deid_str text, char delimiter, char quote);
/* Adds text to out, quoted when it needs quotes (delimiter, quote, CR, LF, or blank at an end) or `always`.
 * quote = 0: as it stands; the caller has asked csv_cell_plain(). False, and out as it was, when memory is
 * spent. */
bool csv_cell_write(struct buf *out, struct deid_str text, char delimiter, char quote, bool always);

#endif
