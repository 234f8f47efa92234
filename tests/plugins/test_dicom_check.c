/* SPDX-License-Identifier: MIT */
#include "core/util/str.h"
#include "plugins/dicom/check.h"
#include <criterion/criterion.h>
#include <string.h>

struct sample {
	enum vr vr;
	const char *good, *bad; /* separated by blanks */
};

static const struct sample strict[] = {
    {VR_DA, "20200229 00010101 99991231 20200101-20200131 20200101- -20200131",
	"20210229 2020229 20201301 20200100 00000101 2020.01.01 - 20200101-2020 notadate"},
    {VR_TM, "10 1030 103059 235960 103000.5 103000.123456 10-11 10-",
	"24 1060 103061 1 103 103000. 103000.1234567 10:30"},
    {VR_DT,
	"2020 202002 20200229 2020022910 20200229103000.5 2020-0500 20200229103000.123456+0530 2020-2021 "
	"2020-",
	"20 20201 202013 20210229 202002291 2020022910300 2020-1 2020+0560 20200101T10"},
    {VR_DS, "0 -1 +1.5 .5 5. 1e5 1.5E-10 1234567890123456", "1.2.3 e5 . - 12345678901234567 0x1 nan 1e"},
    {VR_IS, "0 -1 +7 2147483647 -2147483648", "1.0 2147483648 -2147483649 x 1e3 0000000000001"},
};

static const struct sample doubtful[] = {
    {VR_AS, "018Y 000D 999M", "18Y 0018 018y REDACTED"},
    {VR_UI, "1.2.3 0.0 2.25.12345678901234567890",
	"1.02.3 1..2 .1 1. a.b 1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24.25.26.27"},
    {VR_CS, "MR A_B 16CHARACTERSLONG", "mr A-B MALE! 17CHARACTERS_LONG"},
    {VR_SH, "1234567890123456", "12345678901234567"},
    {VR_AE, "STATION", "12345678901234567"},
};

static void each(enum vr vr, const char *list, const char *(*check)(enum vr, struct deid_str), bool good)
{
	struct deid_str rest = str_of(list), part;

	while (str_split(&rest, ' ', &part))
		cr_expect_eq(
		    check(vr, part) == NULL, good, "%s: '%.*s'", vr_info(vr)->name, (int)part.n, part.p);
}

Test(check, values_that_must_be_right)
{
	for (size_t i = 0; i < sizeof strict / sizeof *strict; i++) {
		each(strict[i].vr, strict[i].good, check_value, true);
		each(strict[i].vr, strict[i].bad, check_value, false);
	}
}

Test(check, values_that_are_only_doubted)
{
	for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i++) {
		each(doubtful[i].vr, doubtful[i].good, check_doubt, true);
		each(doubtful[i].vr, doubtful[i].bad, check_doubt, false);
		each(doubtful[i].vr, doubtful[i].bad, check_value, true);
	}
}

Test(check, lengths_are_in_characters)
{
	char text[200];

	for (size_t i = 0; i < 128; i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	cr_assert_null(check_doubt(VR_LO, (struct deid_str){text, 128}), "64 characters of two bytes");
	memcpy(text + 128, "x", 1);
	cr_assert_not_null(check_doubt(VR_LO, (struct deid_str){text, 129}));
	text[64 * 2] = '=';
	cr_assert_null(
	    check_doubt(VR_PN, (struct deid_str){text, 129}), "a component group of a name counts alone");
	cr_assert_not_null(check_doubt(VR_PN, STR("a=b=c=d")));
	cr_assert_null(check_doubt(VR_UT, (struct deid_str){text, 129}));
}

Test(check, empty_is_always_right)
{
	for (unsigned v = VR_AE; v <= VR_UV; v++) {
		cr_assert_null(check_value((enum vr)v, STR("")));
		cr_assert_null(check_doubt((enum vr)v, STR("")));
	}
}
