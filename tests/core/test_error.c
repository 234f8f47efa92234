/* SPDX-License-Identifier: MIT */
#include "core/util/error.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static void is_text(const struct deid_error *e, const char *want)
{
	struct buf b = {0};

	cr_assert(error_text(e, &b));
	cr_expect_str_eq(buf_cstr(&b), want);
	buf_free(&b);
}

Test(error, first_failure_stays)
{
	struct deid_error e;

	error_init(&e);
	error_at(&e, STR("Early"), 1); /* nothing happened yet */
	cr_assert_eq(error_fail(&e, DEID_FAILED, DEID_E_TRUNCATED, "item %d is cut", 3), DEID_FAILED);
	is_text(&e, "item 3 is cut");
	error_at(&e, STR("Seq.0.Name"), UINT64_MAX);
	is_text(&e, "item 3 is cut (field Seq.0.Name)");
	error_at(&e, STR("Outer"), 132);
	is_text(&e, "item 3 is cut (field Seq.0.Name, at byte 132)");
	cr_assert_eq(error_fail(&e, DEID_FATAL, DEID_E_IO, "later"), DEID_FATAL);
	cr_assert(e.rc == DEID_FAILED && e.code == DEID_E_TRUNCATED);
	is_text(&e, "item 3 is cut (field Seq.0.Name, at byte 132)");
	error_clear(&e);
	cr_assert(e.rc == DEID_OK && e.code == DEID_E_NONE && e.offset == UINT64_MAX);
	cr_assert_eq(error_fail(&e, DEID_FATAL, DEID_E_FORMAT, "fresh"), DEID_FATAL);
	error_at(&e, (struct deid_str){NULL, 0}, 0);
	is_text(&e, "fresh (at byte 0)");
	error_free(&e);
}

Test(error, system_errors)
{
	struct deid_error e;

	error_init(&e);
	errno = ENOENT;
	cr_assert_eq(error_errno(&e, DEID_FAILED, "cannot open %s", "it"), DEID_FAILED);
	is_text(&e, "cannot open it: No such file or directory");
	cr_assert_eq(e.code, DEID_E_IO);
	errno = EIO;
	error_errno(&e, DEID_FAILED, "again");
	is_text(&e, "cannot open it: No such file or directory");
	error_clear(&e);
	cr_assert_eq(error_nomem(&e), DEID_FAILED);
	cr_assert_eq(e.code, DEID_E_NOMEM);
	is_text(&e, "out of memory");
	error_free(&e);
	cr_assert_eq(error_fail(NULL, DEID_FAILED, DEID_E_IO, "nobody listens"), DEID_FAILED);
	cr_assert_eq(error_errno(NULL, DEID_FATAL, "nobody listens"), DEID_FATAL);
	error_at(NULL, STR("x"), 0);
}

Test(error, code_names)
{
	cr_assert_str_eq(error_code_name(DEID_E_TRUNCATED), "truncated");
	cr_assert_str_eq(error_code_name(DEID_E_NOMEM), "no-memory");
	cr_assert_str_eq(error_code_name(DEID_E_INTERNAL), "internal");
	cr_assert_str_eq(error_code_name((enum deid_code)12345), "internal");
	for (int c = DEID_E_NONE; c <= DEID_E_INTERNAL; c++)
		cr_expect_not_null(error_code_name((enum deid_code)c), "%d", c);
}

Test(error, diagnostics_are_sorted_and_told_once)
{
	static const struct {
		size_t line, col;
		const char *text;
	} want[] = {{1, 1, "z"}, {2, 1, "b"}, {2, 1, "a"}, {2, 1, "c"}, {2, 5, "a"}, {10, 1, "a"}};
	struct deid_error e;

	error_init(&e);
	cr_assert_eq(error_diag(&e, DIAG_ERROR, "p", 10, 1, "%s", "a"), DEID_FAILED);
	cr_assert_eq(error_diag(&e, DIAG_WARNING, "p", 2, 1, "b"), DEID_OK);
	error_diag(&e, DIAG_ERROR, "p", 2, 1, "a");
	error_diag(&e, DIAG_ERROR, "p", 2, 5, "a");
	error_diag(&e, DIAG_WARNING, "p", 2, 1, "b");
	error_diag(&e, DIAG_ERROR, "p", 2, 1, "c");
	error_diag(&e, DIAG_ERROR, "p", 2, 1, "a");
	error_diag(&e, DIAG_WARNING, "p", 1, 1, "z");
	cr_assert_eq(e.nerrors, 5);
	cr_assert_eq(e.rc, DEID_OK);
	error_sort(&e);
	cr_assert_eq(e.ndiag, 6);
	cr_assert_eq(e.nerrors, 4);
	for (size_t i = 0; i < 6; i++) {
		cr_expect_eq(e.diag[i].line, want[i].line, "%zu", i);
		cr_expect_eq(e.diag[i].col, want[i].col, "%zu", i);
		cr_expect_str_eq(e.diag[i].text, want[i].text, "%zu", i);
	}
	error_clear(&e);
	cr_assert(e.ndiag == 0 && e.nerrors == 0);
	error_free(&e);
}
