/* SPDX-License-Identifier: MIT */
#include "core/util/str.h"
#include "tests/support/fakehost.h"
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAWS 4000

static void open_with(struct fake *f, const char *options)
{
	char yaml[512];

	snprintf(yaml, sizeof yaml, "fake:\n  fields:\n  - {name: v, jitter: true%s}\n", options);
	fake_open(f, yaml);
	cr_assert_eq(f->err.ndiag, 0, "%s", fake_diags(f));
}

static double drawn(struct fake *f, const struct deid_value *in)
{
	const char *text = fake_value(f, in);
	char *end;
	double v;

	cr_assert_not_null(text);
	v = strtod(text, &end);
	cr_assert(*text && !*end, "%s", text);
	return v;
}

static struct deid_value value(enum deid_kind kind, const struct deid_str *text)
{
	struct deid_value v = fake_components(kind, text, 1);

	v.flags = DEID_V_FREE;
	return v;
}

/* Uniform in [-2, 2]: bounds, mean, variance and both halves, each far beyond what chance would do. */
Test(jitter, uniform)
{
	const struct deid_str ten = STR("10");
	struct deid_value in = value(DEID_REAL, &ten);
	double sum = 0, squares = 0, lo = 0, hi = 0;
	struct fake f;

	open_with(&f, "");
	for (int i = 0; i < DRAWS; i++) {
		double r = drawn(&f, &in) - 10;

		cr_assert(r >= -2.0000001 && r <= 2.0000001, "%f", r);
		sum += r;
		squares += r * r;
		lo = fmin(lo, r);
		hi = fmax(hi, r);
	}
	cr_assert(fabs(sum / DRAWS) < 0.15, "mean %f", sum / DRAWS);
	cr_assert(fabs(squares / DRAWS - 4.0 / 3) < 0.15, "variance %f", squares / DRAWS);
	cr_assert(lo < -1.9 && hi > 1.9, "from %f to %f", lo, hi);
	fake_close(&f);
}

/* Every whole number of the range but 0, each about as often. */
Test(jitter, whole)
{
	const struct deid_str ten = STR("10");
	struct deid_value in = value(DEID_INT, &ten);
	int seen[7] = {0};
	struct fake f;

	open_with(&f, ", jitter-type: int, jitter-range: 3.9");
	for (int i = 0; i < DRAWS; i++) {
		double v = drawn(&f, &in);

		cr_assert(v >= 7 && v <= 13 && v == floor(v), "%f", v);
		seen[(int)v - 7]++;
	}
	for (int i = 0; i < 7; i++)
		cr_assert(i == 3 ? seen[i] == 0 : abs(seen[i] - DRAWS / 6) < 160, "%d: %d", i + 7, seen[i]);
	fake_close(&f);
}

Test(jitter, kinds)
{
	static const struct {
		const char *options, *text;
		enum deid_kind kind;
		bool free;
		const char *low, *high;
		enum deid_kind becomes;
	} cases[] = {
	    {", jitter-type: int", "5", DEID_INT, true, "3", "7", DEID_INT},
	    {"", "5", DEID_TEXT, true, "3", "7", DEID_TEXT},
	    {", jitter-range: 0.25", "5.5", DEID_REAL, true, "5.25", "5.75", DEID_REAL},
	    {", jitter-type: int, jitter-range: 1", "0.5", DEID_REAL, true, "-0.5", "1.5", DEID_REAL},
	    {", jitter-min: 6", "5", DEID_INT, true, "6", "7", DEID_INT},
	    {", jitter-max: 4.5", "5", DEID_INT, true, "3", "4.5", DEID_INT},
	    {", jitter-min: 8", "5", DEID_INT, false, "8", "8", DEID_INT},
	    {", jitter-min: 5.2, jitter-max: 6.7", "5", DEID_INT, false, "6", "6", DEID_INT},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct deid_str text = str_of(cases[i].text);
		struct deid_value in = value(cases[i].kind, &text);
		struct fake f;

		in.flags = cases[i].free ? DEID_V_FREE : 0;
		open_with(&f, cases[i].options);
		for (int k = 0; k < 300; k++) {
			struct deid_result out;
			double v = drawn(&f, &in);

			cr_assert(
			    v >= strtod(cases[i].low, NULL) - 1e-9 && v <= strtod(cases[i].high, NULL) + 1e-9,
			    "%zu: %f", i, v);
			cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_OK);
			cr_assert_eq(out.value.kind, cases[i].becomes, "%zu", i);
			if (!cases[i].free && cases[i].kind == DEID_INT)
				cr_assert_eq(v, floor(v));
		}
		fake_close(&f);
	}
}

/* A field's own bounds: the range of its type, and the room it has. */
Test(jitter, bounds_of_the_field)
{
	struct deid_str text = STR("255");
	struct deid_value in = fake_components(DEID_INT, &text, 1);
	struct fake f;

	in.lo = 0;
	in.hi = 255;
	open_with(&f, ", jitter-type: int, jitter-range: 100");
	for (int i = 0; i < 300; i++) {
		double v = drawn(&f, &in);

		cr_assert(v >= 155 && v <= 255, "%f", v);
	}
	text = STR("-123456789.12345");
	in = fake_components(DEID_REAL, &text, 1);
	in.max = 16;
	for (int i = 0; i < 300; i++) {
		cr_assert(strlen(fake_value(&f, &in)) <= 16);
		cr_assert(fabs(drawn(&f, &in) + 123456789.12345) <= 100.00001);
	}
	in.max = 5;
	cr_assert_null(fake_value(&f, &in));
	cr_assert_eq(f.run_err.code, DEID_E_VALUE);
	fake_close(&f);
}

Test(jitter, components)
{
	const struct deid_str v[] = {STR("100"), STR(""), STR("100")};
	struct deid_value in = fake_components(DEID_REAL, v, 3);
	struct deid_result out;
	struct fake f;
	bool differ = false;

	open_with(&f, "");
	for (int i = 0; i < 20; i++) {
		cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_OK);
		cr_assert_eq(out.value.n, 3);
		cr_assert_eq(out.value.v[1].n, 0);
		differ = differ || !str_eq(out.value.v[0], out.value.v[2]);
	}
	cr_assert(differ, "each component has a draw of its own");
	fake_close(&f);
}

Test(jitter, no_number)
{
	static const struct {
		const char *text;
		enum deid_kind kind;
	} cases[] = {{"abc", DEID_TEXT}, {"1,5", DEID_TEXT}, {"true", DEID_BOOL}, {"20200101", DEID_DATE},
	    {"1.2", DEID_UID}, {"055Y", DEID_AGE}, {"1", DEID_BYTES}, {"1e30", DEID_REAL}};
	struct fake f;

	open_with(&f, "");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct deid_str text = str_of(cases[i].text);
		struct deid_value in = value(cases[i].kind, &text);

		cr_assert_null(fake_value(&f, &in), "%s", cases[i].text);
		cr_assert_eq(f.run_err.code, DEID_E_VALUE);
	}
	fake_close(&f);
}

static void refused(const char *entry, const char *says)
{
	char yaml[512];
	struct fake f;

	snprintf(yaml, sizeof yaml, "fake:\n  fields:\n  - {%s}\n", entry);
	fake_open(&f, yaml);
	cr_assert_eq(f.err.nerrors, 1, "%s: %s", entry, fake_diags(&f));
	cr_assert_not_null(strstr(fake_diags(&f), says), "%s: %s", entry, fake_diags(&f));
	fake_close(&f);
}

Test(jitter, refused_in_the_profile)
{
	refused("name: v, jitter: true, jitter-range: 0", "is 0");
	refused("name: v, jitter: true, jitter-range: 0.0000001", "below a millionth");
	refused("name: v, jitter: true, jitter-range: -1", "negative");
	refused("name: v, jitter: true, jitter-range: 1e13", "too large");
	refused("name: v, jitter: true, jitter-range: .inf", "takes a number");
	refused("name: v, jitter: true, jitter-type: int, jitter-range: 0.9", "below 1");
	refused("name: v, jitter: true, jitter-type: whole", "one of float|int");
	refused("name: v, jitter: true, jitter-min: 5, jitter-max: 4", "below \"jitter-min\"");
	refused("name: v, jitter: true, jitter-min: 1e30", "too large");
	refused("name: date, jitter: true", "holds no number");
	refused("name: uid, jitter: true", "holds no number");
	refused("name: count, jitter: true, jitter-range: 0.4", "below 0.5");
}

/* The entry's own type and range hold before the section's. */
Test(jitter, options)
{
	const struct deid_str text = STR("100");
	struct deid_value in = value(DEID_INT, &text);
	struct fake f;

	fake_open(&f, "fake:\n  jitter-type: int\n  jitter-range: 50\n  fields:\n"
		      "  - {name: v, jitter: true, jitter-range: 1}\n");
	for (int i = 0; i < 200; i++)
		cr_assert(fabs(drawn(&f, &in) - 100) == 1);
	fake_close(&f);
}

/* ---- jitter-date ------------------------------------------------------------------------------- */

static int days_from(const char *text)
{
	return (int)strtol(text + 8, NULL, 10); /* all within one month */
}

Test(jitter, dates_of_a_file_move_together)
{
	struct deid_str a = STR("2020-07-15"), b = STR("2020-07-18");
	struct deid_value first = value(DEID_TEXT, &a), second = value(DEID_TEXT, &b);
	int seen[31] = {0}, different = 0;

	for (int i = 0; i < 200; i++) {
		struct fake f;
		int one, two;

		fake_open(&f, "typed:\n  jitter-date: true\n  jitter-range: 3\n  fields:\n"
			      "  - {name: v, increment-date: true}\n");
		cr_assert_eq(f.err.ndiag, 0, "%s", fake_diags(&f));
		one = days_from(fake_value(&f, &first));
		two = days_from(fake_value(&f, &second));
		cr_assert_eq(two - one, 3, "%d %d", one, two);
		cr_assert(one >= 12 && one <= 18 && one != 15, "%d", one);
		different += !seen[one]++;
		fake_close(&f);
	}
	cr_assert_eq(different, 6, "each of the six shifts comes up in 200 files");
}

Test(jitter, units)
{
	static const struct {
		const char *unit, *range, *lo, *hi;
	} cases[] = {{"seconds", "5", "2020-07-15 11:59:55", "2020-07-15 12:00:05"},
	    {"minutes", "2", "2020-07-15 11:58:00", "2020-07-15 12:02:00"},
	    {"hours", "3", "2020-07-15 09:00:00", "2020-07-15 15:00:00"},
	    {"days", "0.5", "2020-07-15 00:00:00", "2020-07-16 00:00:00"},
	    {"days", "2.5", "2020-07-13 12:00:00", "2020-07-17 12:00:00"},
	    {"weeks", "1", "2020-07-08 12:00:00", "2020-07-22 12:00:00"},
	    {"years", "1", "2019-07-16 12:00:00", "2021-07-15 12:00:00"}};
	struct deid_str noon = STR("2020-07-15 12:00:00");
	struct deid_value in = value(DEID_TEXT, &noon);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int k = 0; k < 50; k++) {
			char yaml[256];
			struct fake f;
			const char *got;

			snprintf(yaml, sizeof yaml,
			    "typed:\n  jitter-date: true\n  jitter-range: %s\n  jitter-unit: %s\n  fields:\n"
			    "  - {name: v, increment-datetime: true}\n",
			    cases[i].range, cases[i].unit);
			fake_open(&f, yaml);
			got = fake_value(&f, &in);
			cr_assert_not_null(got);
			cr_assert(strcmp(got, cases[i].lo) >= 0 && strcmp(got, cases[i].hi) <= 0, "%s %s: %s",
			    cases[i].range, cases[i].unit, got);
			cr_assert_str_neq(got, "2020-07-15 12:00:00");
			fake_close(&f);
		}
}

Test(jitter, dates_refused_in_the_profile)
{
	refused("name: v, increment-date: true, jitter-date: true, jitter-range: 0", "not above 0");
	refused("name: v, increment-date: true, jitter-date: true, jitter-range: -3", "not above 0");
	refused("name: v, increment-date: true, jitter-date: true, jitter-unit: years, jitter-range: 20000",
	    "years 1 to 9999");
	refused(
	    "name: v, increment-date: true, jitter-date: true, jitter-unit: months", "one of years|weeks");
	refused("name: v, increment-date: true, jitter-date: false", "needs \"date-increment\"");
}
