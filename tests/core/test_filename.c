/* SPDX-License-Identifier: MIT */
#include "core/profile/filename.h"
#include <criterion/criterion.h>
#include <string.h>

static const struct {
	const char *name, *safe;
} cases[] = {
    {"scan.json", "scan.json"},
    {"con.json", "con_.json"},
    {"CON", "CON_"},
    {"Lpt9.tar.gz", "Lpt9_.tar.gz"},
    {"com0", "com0"},
    {"com10", "com10"},
    {"contact", "contact"},
    {"aux .txt", "aux _.txt"},
    {"a<b>c.json", "a_b_c.json"},
    {"a|b.json", "a_b.json"},
    {"a/b\\c:d*e?f\"g", "a_b_c_d_e_f_g"},
    {"trailing.", "trailing"},
    {"trailing. . .", "trailing"},
    {"tab\tx.json", "tab_x.json"},
    {"\x7f", "_"},
    {"a\xc2\x85z", "a_z"}, /* U+0085, a control */
    {".hidden", ".hidden"},
    {"..", "_"},
    {".", "_"},
    {"", "_"},
    {"   ", "_"},
    {"../../etc/passwd", ".._.._etc_passwd"},
    {"T2*.dcm", "T2star.dcm"},
    {"t2 *", "t2 star"},
    {"x_T2_*y*", "x_T2_stary_"},
    {"t2_ *", "t2_ _"},
    {"t1*", "t1_"},
    {"t2", "t2"},
    {"t2_", "t2_"},
    {"größe.json", "größe.json"},
    {"a\xff\xfe.json", "a__.json"},
};

static void check(const char *name, const char *safe)
{
	struct buf out = {0};

	cr_assert(filename_safe(str_of(name), &out));
	cr_assert(str_eqz(buf_view(&out), safe), "%s became %.*s", name, (int)out.n, out.p);
	buf_free(&out);
}

Test(filename, table)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(cases[i].name, cases[i].safe);
}

Test(filename, safe_names_stay)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(cases[i].safe, cases[i].safe);
}

static void repeat(struct buf *b, const char *what, size_t n)
{
	while (n--)
		cr_assert(buf_z(b, what));
}

/* The longest names: `n` times `what`, and `ext`; `left` of them remain. */
static void check_length(const char *what, size_t n, const char *ext, size_t left, const char *ext_left)
{
	struct buf name = {0}, want = {0};

	repeat(&name, what, n);
	repeat(&name, ext, 1);
	repeat(&want, what, left);
	repeat(&want, ext_left, 1);
	check(buf_cstr(&name), buf_cstr(&want));
	cr_assert_leq(want.n, 255);
	buf_free(&name);
	buf_free(&want);
}

Test(filename, length)
{
	check_length("x", 255, "", 255, "");
	check_length("x", 256, "", 255, "");
	check_length("x", 300, ".json", 250, ".json");
	check_length("é", 200, ".json", 125, ".json");
	check_length("é", 200, "", 127, "");
	check_length("x", 300, ".123456789012345", 239, ".123456789012345");
	check_length("x", 300, ".1234567890123456", 255, ""); /* too long to be an extension */
	check_length("x.", 200, "json", 125, ".json");
}

Test(filename, appends)
{
	struct buf out = {0};

	cr_assert(buf_z(&out, "dir-"));
	cr_assert(filename_safe(STR("a/b"), &out));
	cr_assert(str_eqz(buf_view(&out), "dir-a_b"));
	buf_free(&out);
}
