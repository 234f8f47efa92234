/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/util/error.h"

#include "core/util/grow.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const code_names[] = {
    [DEID_E_NONE] = "none",
    [DEID_E_NOMEM] = "no-memory",
    [DEID_E_IO] = "io",
    [DEID_E_FORMAT] = "format",
    [DEID_E_TRUNCATED] = "truncated",
    [DEID_E_LIMIT] = "limit",
    [DEID_E_UNSUPPORTED] = "unsupported",
    [DEID_E_PROFILE] = "profile",
    [DEID_E_FIELD] = "field",
    [DEID_E_VALUE] = "value",
    [DEID_E_KEY] = "key",
    [DEID_E_PLUGIN] = "plugin",
    [DEID_E_CONFLICT] = "conflict",
    [DEID_E_UNMATCHED] = "unmatched",
    [DEID_E_INTERNAL] = "internal",
};

const char *error_code_name(enum deid_code code)
{
	/* A plugin may hand over any number. */
	if ((size_t)code >= sizeof(code_names) / sizeof(*code_names))
		return "internal";
	return code_names[code];
}

void error_init(struct deid_error *e)
{
	*e = (struct deid_error){.offset = UINT64_MAX};
}

void error_clear(struct deid_error *e)
{
	for (size_t i = 0; i < e->ndiag; i++)
		free(e->diag[i].text);
	e->ndiag = 0;
	e->nerrors = 0;
	e->rc = DEID_OK;
	e->code = DEID_E_NONE;
	e->msg.n = 0;
	e->field.n = 0;
	e->offset = UINT64_MAX;
}

void error_cut(struct deid_error *e, size_t n)
{
	while (e->ndiag > n) {
		struct diag *d = &e->diag[--e->ndiag];

		e->nerrors -= d->level == DIAG_ERROR;
		free(d->text);
	}
}

void error_free(struct deid_error *e)
{
	error_clear(e);
	free(e->diag);
	buf_free(&e->msg);
	buf_free(&e->field);
	error_init(e);
}

int error_vfail(struct deid_error *e, int rc, enum deid_code code, const char *fmt, va_list ap)
{
	if (!e || e->rc != DEID_OK)
		return rc;
	e->rc = rc;
	e->code = code;
	e->msg.n = 0;
	/* Without memory for the words the code still says what it was: see error_text(). */
	(void)buf_vprintf(&e->msg, fmt, ap);
	return rc;
}

int error_fail(struct deid_error *e, int rc, enum deid_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	error_vfail(e, rc, code, fmt, ap);
	va_end(ap);
	return rc;
}

bool error_excusable(const struct deid_error *e)
{
	return e->rc == DEID_FAILED && (e->code == DEID_E_VALUE || e->code == DEID_E_FIELD ||
					   e->code == DEID_E_UNSUPPORTED || e->code == DEID_E_KEY);
}

int error_errno(struct deid_error *e, int rc, const char *fmt, ...)
{
	int number = errno;
	bool first = e && e->rc == DEID_OK;
	char text[128];
	va_list ap;

	va_start(ap, fmt);
	error_vfail(e, rc, number == ENOMEM ? DEID_E_NOMEM : DEID_E_IO, fmt, ap);
	va_end(ap);
	if (first)
		(void)buf_printf(&e->msg, ": %s", strerror_r(number, text, sizeof(text)));
	return rc;
}

int error_nomem(struct deid_error *e)
{
	return error_fail(e, DEID_FAILED, DEID_E_NOMEM, "out of memory");
}

void error_at(struct deid_error *e, struct deid_str field, uint64_t offset)
{
	/* The innermost caller knows best. */
	if (!e || e->rc == DEID_OK)
		return;
	if (e->field.n == 0)
		(void)buf_str(&e->field, field);
	if (e->offset == UINT64_MAX)
		e->offset = offset;
}

int error_vdiag(struct deid_error *e, enum diag_level level, const char *file, size_t line, size_t col,
    const char *fmt, va_list ap)
{
	struct buf text = {0};
	struct diag *list;

	list = grow(e->diag, &e->cap, e->ndiag + 1, sizeof(*list));
	if (list)
		e->diag = list;
	if (!list || !buf_vprintf(&text, fmt, ap) || !buf_cstr(&text)) {
		buf_free(&text);
		e->nerrors++; /* what cannot be told must not pass */
		return error_nomem(e);
	}
	list[e->ndiag] = (struct diag){level, file, line, col, text.p, e->ndiag};
	e->ndiag++;
	if (level != DIAG_ERROR)
		return DEID_OK;
	e->nerrors++;
	return DEID_FAILED;
}

int error_diag(struct deid_error *e, enum diag_level level, const char *file, size_t line, size_t col,
    const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = error_vdiag(e, level, file, line, col, fmt, ap);
	va_end(ap);
	return rc;
}

static int by_number(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int by_place(const struct diag *a, const struct diag *b)
{
	int c = strcmp(a->file ? a->file : "", b->file ? b->file : "");

	if (!c)
		c = by_number(a->line, b->line);
	return c ? c : by_number(a->col, b->col);
}

static int by_content(const struct diag *a, const struct diag *b)
{
	int c = by_place(a, b);

	if (!c)
		c = (int)a->level - (int)b->level;
	return c ? c : strcmp(a->text, b->text);
}

static int cmp_content(const void *a, const void *b)
{
	const struct diag *x = a, *y = b;
	int c = by_content(x, y);

	return c ? c : by_number(x->seq, y->seq);
}

static int cmp_place(const void *a, const void *b)
{
	const struct diag *x = a, *y = b;
	int c = by_place(x, y);

	return c ? c : by_number(x->seq, y->seq);
}

void error_sort(struct deid_error *e)
{
	size_t n = 0;

	if (e->ndiag < 2)
		return;
	qsort(e->diag, e->ndiag, sizeof(*e->diag), cmp_content);
	for (size_t i = 0; i < e->ndiag; i++) {
		if (n && by_content(&e->diag[n - 1], &e->diag[i]) == 0) {
			e->nerrors -= e->diag[i].level == DIAG_ERROR;
			free(e->diag[i].text);
		} else {
			e->diag[n++] = e->diag[i];
		}
	}
	e->ndiag = n;
	qsort(e->diag, e->ndiag, sizeof(*e->diag), cmp_place);
}

bool error_text(const struct deid_error *e, struct buf *out)
{
	bool field = e->field.n != 0, at = e->offset != UINT64_MAX;
	bool ok = e->msg.n ? buf_str(out, buf_view(&e->msg)) : buf_z(out, error_code_name(e->code));

	if (field || at)
		ok = ok && buf_z(out, " (");
	if (field)
		ok = ok && buf_z(out, "field ") && buf_str(out, buf_view(&e->field));
	if (at)
		ok =
		    ok && buf_printf(out, "%sat byte %llu", field ? ", " : "", (unsigned long long)e->offset);
	if (field || at)
		ok = ok && buf_c(out, ')');
	return ok;
}
