/* SPDX-License-Identifier: MIT */
/*
 * What went wrong: one error about a file, or all that is wrong with a profile.
 *
 * A file's error is the first failure (later ones do not replace it). A profile's errors and warnings are
 * diagnostics with line and column, kept in `diag`. Messages never hold a field's value. Owned memory is
 * freed by error_free(); error_clear() makes it ready for the next file. Where a function below fails or adds
 * a place, err = NULL is allowed and says nothing; diagnostics need one.
 */
#ifndef DEID_UTIL_ERROR_H
#define DEID_UTIL_ERROR_H

#include "core/util/str.h"
#include <deid/plugin.h>

/* Advice reads as a warning, but is about what a profile could do better, not about what a run will do:
 * --strict does not make an error of it. */
enum diag_level { DIAG_ERROR, DIAG_WARNING, DIAG_ADVICE };

struct diag {
	enum diag_level level;
	const char *file; /* not owned: lives as long as the document */
	size_t line, col; /* from 1; 0: unknown */
	char *text;       /* owned */
	size_t seq;       /* order of adding */
};

struct deid_error {
	int rc; /* DEID_OK: nothing happened yet */
	enum deid_code code;
	struct buf msg;
	struct buf field; /* empty: none */
	uint64_t offset;  /* UINT64_MAX: none */
	struct diag *diag;
	size_t ndiag, cap;
	size_t nerrors; /* how many of diag are errors */
};

void error_init(struct deid_error *);
void error_clear(struct deid_error *);
void error_free(struct deid_error *);
int error_fail(struct deid_error *, int rc, enum deid_code, const char *fmt, ...) DEID_PRINTF(4, 5);
int error_vfail(struct deid_error *, int rc, enum deid_code, const char *fmt, va_list) DEID_PRINTF(4, 0);
/* Is it about a value that an action or a field cannot take, so that `on-error` has a say? A broken disk or a
 * spent limit is not of that kind: there the file fails whatever the profile says. */
bool error_excusable(const struct deid_error *);
/* "… : No such file or directory" from errno. */
int error_errno(struct deid_error *, int rc, const char *fmt, ...) DEID_PRINTF(3, 4);
int error_nomem(struct deid_error *); /* FAILED, DEID_E_NOMEM */
/* After a failure: adds where. What an inner caller said already stays. */
void error_at(struct deid_error *, struct deid_str field, uint64_t offset);
/* Adds a diagnostic; an error level gives DEID_FAILED, a warning DEID_OK. */
int error_diag(struct deid_error *, enum diag_level, const char *file, size_t line, size_t col,
    const char *fmt, ...) DEID_PRINTF(6, 7);
int error_vdiag(struct deid_error *, enum diag_level, const char *file, size_t line, size_t col,
    const char *fmt, va_list) DEID_PRINTF(6, 0);
/* Forgets the diagnostics after the first n. */
void error_cut(struct deid_error *, size_t n);
/* Sorts by file, line and column (stable) and drops exact repeats. */
void error_sort(struct deid_error *);
/* "message (field F, at byte N)" into out. */
bool error_text(const struct deid_error *, struct buf *out);
const char *error_code_name(enum deid_code); /* as in reports: "truncated" */

#endif
