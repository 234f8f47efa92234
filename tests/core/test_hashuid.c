/* SPDX-License-Identifier: MIT */
#include "core/util/str.h"
#include "tests/support/fakehost.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define LONG "1.2.840.113619.6.283.4.983142589.7316.1300473420."

/* Expected values were computed in Python: hashlib, and the six steps of the profile language. */
static const struct {
	const char *options, *uid, *want;
} cases[] = {
    {"", LONG "841", "1.2.840.113619.551726.420312.177022.222461.230571.501817.841"},
    {"salt: my-secret-salt", LONG "841", "1.2.840.113619.203194.181166.142180.115115.819315.501102.841"},
    {"uid-prefix-fields: 7", LONG "841", "1.2.840.113619.6.283.4.551726.420312.177022.222461.230571.50.841"},
    {"{uid-numeric-name: 8.8.8, uid-prefix-fields: 3, uid-suffix-fields: 2}", LONG "841",
	"8.8.8.551726.420312.177022.222461.230571.501817.473420.841"},
    {"", "1.2.3.4.5", "1.2.3.4.184185.242108.138122.910713.747142.205198.5"},
    {"", "1.2.3.4.5.000000", "1.2.3.4.186518.824522.324925.315323.671226.133247.0"},
    {"", "1.2.3.4.5.1000012", "1.2.3.4.802102.212421.921473.122712.620121.726591.12"},
    {"", "1..2.3.4", "1..2.3.811152.206181.761281.622124.143719.311428.4"},
    {"uid-suffix-fields: 0", "1.2.3.4", "1.2.3.4.102148.248601.597110.916331.932461.881973"},
    {"{uid-prefix-fields: 2, uid-suffix-fields: 3}", "1.2.3.4.5.6.7.8",
	"1.2.178117.117127.182197.164228.170182.138710.6.7.8"},
    {"uid-prefix-fields: 10", LONG "30000015050317233592200000046",
	"1.2.840.113619.6.283.4.983142589.7316.1300473420.173902.40172.46"},
    {"{uid-prefix-fields: 9, uid-suffix-fields: 0}", LONG "1",
	"1.2.840.113619.6.283.4.983142589.7316.862293.932163.79562.421621"},
    {"uid-suffix-fields: 5", "111111.222222.333333.444444.555555.666666.777777.888888.999999",
	"111111.222222.333333.444444.197187.117198.252125.928402.2.999999"},
    /* named outright, a UID of the standard is one like any other */
    {"", "1.2.840.10008.1.1", "1.2.840.10008.122150.246151.166149.205786.165311.329227.1"},
};

static void open_entry(struct fake *f, const char *options, const char *selector)
{
	char yaml[512];

	if (*options == '{')
		snprintf(yaml, sizeof yaml, "fake:\n  <<: %s\n  fields: [{%s, hashuid: true}]\n", options,
		    selector);
	else
		snprintf(
		    yaml, sizeof yaml, "fake:\n  %s\n  fields: [{%s, hashuid: true}]\n", options, selector);
	fake_open(f, yaml);
}

Test(hashuid, values)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake f;

		open_entry(&f, cases[i].options, "name: v");
		cr_assert_eq(f.err.nerrors, 0, "%s", fake_diags(&f));
		cr_assert_str_eq(fake_text(&f, cases[i].uid), cases[i].want);
		cr_assert_leq(strlen(cases[i].want), 64);
		fake_close(&f);
	}
}

Test(hashuid, too_few_components)
{
	static const struct {
		const char *options, *uid;
	} wrong[] = {
	    {"", "1.2.3.4"},
	    {"", "x"},
	    {"", "2.25.329800735698586629295641978511506172918"},
	    {"uid-suffix-fields: 5", "1.2.3.4.5.6.7.8"},
	    {"{uid-numeric-name: 1.2, uid-prefix-fields: 2, uid-suffix-fields: 4}", "1.2.3"},
	    /* nothing before the last component is left to cut */
	    {"uid-prefix-fields: 2147483647", "1.2.3"},
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct fake f;

		open_entry(&f, wrong[i].options, "name: v");
		cr_assert_eq(f.err.nerrors, 0, "%s", fake_diags(&f));
		cr_assert_null(fake_text(&f, wrong[i].uid));
		cr_assert_eq(f.run_err.code, DEID_E_VALUE);
		fake_close(&f);
	}
}

Test(hashuid, wrong_options)
{
	static const char *const wrong[] = {"uid-prefix-fields: 0", "uid-prefix-fields: -1",
	    "uid-suffix-fields: -1", "uid-numeric-name: 1.2.3", "uid-numeric-name: 1.2.3.4.5",
	    "uid-numeric-name: 1.2.x.4", "uid-numeric-name: 1.2..4", "uid-numeric-name: 1.2.03.4",
	    "uid-numeric-name: 1.2.3.", "uid-numeric-name: [1]"};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct fake f;

		open_entry(&f, wrong[i], "name: v");
		cr_assert_eq(f.err.nerrors, 1, "%s: %s", wrong[i], fake_diags(&f));
		cr_assert_eq(f.err.diag[0].line, 2, "%s: %s", wrong[i], fake_diags(&f));
		fake_close(&f);
	}
}

Test(hashuid, components_and_standard_uids)
{
	const struct deid_str v[] = {STR("1.2.840.10008.1.1"), STR("1.2.3.4.5"), STR("")};
	struct deid_value in = fake_components(DEID_UID, v, 3);
	struct deid_result out;
	struct fake f;

	open_entry(&f, "", "name: uid");
	cr_assert_str_eq(fake_value(&f, &in), "1.2.840.10008.122150.246151.166149.205786.165311.329227.1\\"
					      "1.2.3.4.184185.242108.138122.910713.747142.205198.5\\");
	in.max = 10;
	cr_assert_null(fake_value(&f, &in), "a UID is not cut to fit");
	fake_close(&f);

	open_entry(&f, "", "regex: uid");
	in.max = 64;
	cr_assert_str_eq(
	    fake_value(&f, &in), "1.2.840.10008.1.1\\1.2.3.4.184185.242108.138122.910713.747142.205198.5\\");
	in.n = 1;
	cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_OK);
	cr_assert_eq(out.verdict, DEID_KEEP);
	fake_close(&f);
}

Test(hashuid, kinds)
{
	const struct deid_str one = STR("1.2.3.4.5");
	static const enum deid_kind typed[] = {DEID_DATE, DEID_INT, DEID_BYTES};
	struct deid_result out;
	struct fake f;

	open_entry(&f, "", "name: v");
	for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
		struct deid_value in = fake_components(typed[i], &one, 1);

		cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_FAILED);
	}
	fake_close(&f);
}
