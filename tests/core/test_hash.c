/* SPDX-License-Identifier: MIT */
#include "core/util/str.h"
#include "tests/support/fakehost.h"
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Expected values are hashlib.sha256((salt + text).encode()).hexdigest() of Python. */
static const struct {
	const char *options, *text, *want;
} cases[] = {
    {"", "Test^Patient", "7a33e38537816612"},
    {"salt: my-secret-salt", "Test^Patient", "79003a5ab0b0e322"},
    {"hash-digits: 0", "a", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
    {"hash-digits: 64", "a", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
    {"hash-digits: 007", "007", "629f4cf"},
    {"hash-digits: \"7\"", "007", "629f4cf"},
    {"salt: é", "ÅsaÖberg", "bda0e43aae5ebb3a"},
    {"hash-digits: 1", "名前", "7"},
    {"salt: 1e3", "x", "a38c02206c31a2f2"},
    {"", "true", "b5bea41b6c623f7c"},
    {"", "1.50", "1a60b208ff491c3e"},
    {"salt:", "M", "08f271887ce94707"},
};

static void open_entry(struct fake *f, const char *section_options, const char *name, const char *options)
{
	char yaml[512];

	snprintf(yaml, sizeof yaml, "fake:\n  %s\n  fields:\n  - name: %s\n    hash: true\n    %s\n",
	    section_options, name, options);
	fake_open(f, yaml);
}

Test(hash, values)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int on_entry = 0; on_entry < 2; on_entry++) {
			struct fake f;

			open_entry(
			    &f, on_entry ? "" : cases[i].options, "v", on_entry ? cases[i].options : "");
			cr_assert_eq(f.err.nerrors, 0, "%s", fake_diags(&f));
			cr_assert_str_eq(fake_text(&f, cases[i].text), cases[i].want, "%s", cases[i].options);
			fake_close(&f);
		}
}

Test(hash, entry_overrides_section)
{
	struct fake f;

	open_entry(&f, "salt: s", "v", "salt: my-secret-salt");
	cr_assert_str_eq(fake_text(&f, "Test^Patient"), "79003a5ab0b0e322");
	fake_close(&f);
}

Test(hash, components_limit_and_case)
{
	const struct deid_str abc[] = {STR("a"), STR("b"), STR("c")}, m = STR("M");
	struct deid_value in = fake_components(DEID_TEXT, abc, 3);
	struct fake f;

	open_entry(&f, "", "v", "");
	cr_assert_str_eq(fake_value(&f, &in), "205830ca5b23bbe3"); /* of "a,b,c" */
	in.max = 5;
	cr_assert_str_eq(fake_value(&f, &in), "20583");
	in = fake_components(DEID_TEXT, &m, 1);
	in.flags = DEID_V_UPPER;
	in.max = 16;
	cr_assert_str_eq(fake_value(&f, &in), "08F271887CE94707");
	fake_close(&f);
}

/* What a field can hold decides: a number that may become a text is hashed, one that may not is refused. */
Test(hash, kinds)
{
	static const enum deid_kind typed[] = {
	    DEID_DATE, DEID_TIME, DEID_DATETIME, DEID_AGE, DEID_INT, DEID_REAL, DEID_BOOL, DEID_UID};
	const struct deid_str one = STR("1.50");
	struct deid_result out;
	struct fake f;

	open_entry(&f, "", "v", "");
	for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
		struct deid_value in = fake_components(typed[i], &one, 1);

		cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_FAILED);
		cr_assert_eq(f.run_err.code, DEID_E_VALUE);
		in.flags = DEID_V_FREE;
		cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_OK);
		cr_assert_eq(out.verdict, DEID_CHANGE);
		cr_assert_eq(out.value.kind, DEID_TEXT);
		cr_assert_str_eq(fake_value(&f, &in), "1a60b208ff491c3e");
	}
	struct deid_value opaque = fake_components(DEID_BYTES, &one, 1);

	opaque.flags = DEID_V_FREE;
	cr_assert_eq(fake_run(&f, 0, &opaque, &out), DEID_FAILED);
	fake_close(&f);
}

Test(hash, kinds_known_from_the_name)
{
	static const char *const names[] = {"uid", "date", "time", "count", "age", "opaque"};
	struct fake f;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		open_entry(&f, "salt: s", names[i], "");
		cr_assert_str_eq(fake_diags(&f),
		    "5:11: error: \"hash\": a field of this type cannot hold a hash\n", "%s", names[i]);
		fake_close(&f);
	}
	open_entry(&f, "salt: s", "text", "");
	cr_assert_eq(f.err.ndiag, 0);
	fake_close(&f);
	fake_open(&f, "fake:\n  salt: s\n  fields:\n  - regex: date\n    hash: true\n");
	cr_assert_eq(f.err.ndiag, 0, "through a regex it is on-error");
	fake_close(&f);
}

Test(hash, digits_out_of_range)
{
	static const char *const wrong[] = {"-1", "65", "many", "1.5", "0x10", "1_0", "99999999999999999999"};
	struct fake f;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char option[64];

		snprintf(option, sizeof option, "hash-digits: %s", wrong[i]);
		open_entry(&f, option, "v", "");
		cr_assert_eq(f.err.nerrors, 1, "%s", wrong[i]);
		cr_assert_eq(f.err.diag[0].line, 2);
		fake_close(&f);
	}
}

Test(hash, without_salt_is_said_once)
{
	struct fake f;

	fake_open(&f, "fake:\n  fields:\n  - {name: a, hash: true}\n  - {name: b, hashuid: true}\n");
	cr_assert_eq(f.err.ndiag, 1);
	cr_assert_eq(f.err.diag[0].level, DIAG_ADVICE);
	cr_assert(strstr(f.err.diag[0].text, "without \"salt\""));
	fake_close(&f);
	fake_open(
	    &f, "fake:\n  fields:\n  - {name: a, hash: false}\n  - {name: b, hashuid: true, salt: s}\n");
	cr_assert_eq(f.err.ndiag, 0);
	fake_close(&f);
}

struct racer {
	struct fake *fake;
	int wrong;
};

/* The state is shared by threads; each uses scratch memory of its own. */
static void *race(void *arg)
{
	struct racer *r = arg;
	struct fake mine = *r->fake;

	for (int i = 0; i < 20000; i++) {
		const char *got = fake_text(&mine, "Test^Patient");

		r->wrong += strcmp(got, "79003a5ab0b0e322") != 0;
	}
	return NULL;
}

Test(hash, threads)
{
	enum { N = 4 };
	struct fake f[N];
	struct racer racer[N];
	pthread_t thread[N];

	for (int i = 0; i < N; i++) {
		open_entry(&f[i], "salt: my-secret-salt", "v", "");
		racer[i] = (struct racer){.fake = &f[i]};
	}
	for (int i = 1; i < N; i++) {
		struct profile *own = f[i].profile;

		f[i].profile = f[0].profile; /* one rule for all */
		cr_assert_eq(pthread_create(&thread[i], NULL, race, &racer[i]), 0);
		profile_free(own);
	}
	race(&racer[0]);
	for (int i = 1; i < N; i++) {
		pthread_join(thread[i], NULL);
		f[i].profile = NULL;
	}
	for (int i = 0; i < N; i++) {
		cr_assert_eq(racer[i].wrong, 0);
		fake_close(&f[i]);
	}
}
