/* SPDX-License-Identifier: MIT */
#include "core/util/str.h"
#include "tests/support/fakehost.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct sample {
	const char *format, *text, *days, *want; /* want = NULL: refused */
};

static void check(const struct sample *s, size_t n, const char *action, const char *key)
{
	for (size_t i = 0; i < n; i++) {
		struct fake f;
		char yaml[512];
		const char *got;

		snprintf(yaml, sizeof yaml,
		    "fake:\n  fields:\n  - {%s: true, %s: %s, date-increment: %s, name: v}\n", action, key,
		    s[i].format, s[i].days);
		fake_open(&f, yaml);
		cr_assert_eq(f.err.ndiag, 0, "%s", fake_diags(&f));
		got = fake_text(&f, s[i].text);
		if (s[i].want) {
			cr_assert_not_null(got, "%s on \"%s\"", s[i].format, s[i].text);
			cr_assert_str_eq(got, s[i].want, "%s on \"%s\"", s[i].format, s[i].text);
		} else {
			cr_assert_null(got, "%s on \"%s\" gave %s", s[i].format, s[i].text, got ? got : "");
			cr_assert_eq(f.run_err.code, DEID_E_VALUE);
		}
		fake_close(&f);
	}
}

#define CHECK(list, action, key) check(list, sizeof list / sizeof *list, action, key)

/* Expected values of this table: datetime.strptime() + timedelta(), and strftime(), of Python. */
static const struct sample like_python[] = {
    {"\"%Y%m%d\"", "20200220", "-17", "20200203"},
    {"\"%Y%m%d\"", "20000228", "1", "20000229"},
    {"\"%Y%m%d\"", "20010228", "1", "20010301"},
    {"\"%Y%m%d\"", "19000228", "1", "19000301"},
    {"\"%Y%m%d\"", "99991231", "-1", "99991230"},
    {"\"%Y%m%d\"", "20200220", "365", "20210219"},
    {"\"%Y%m%d\"", "20200220", "1.5", "20200221"},
    {"\"%Y%m%d\"", "20200220", "2.999", "20200222"},
    {"\"%d %b %Y\"", "20 Feb 2020", "10", "01 Mar 2020"},
    {"\"%d %B %Y\"", "20 February 2020", "10", "01 March 2020"},
    {"\"%A, %d %B %Y\"", "Thursday, 20 February 2020", "1", "Friday, 21 February 2020"},
    {"\"%a %d.%m.%y\"", "Thu 20.02.20", "12", "Tue 03.03.20"},
    {"\"%y%m%d\"", "991231", "1", "000101"},
    {"\"%y%m%d\"", "680101", "1", "680102"},
    {"\"%y%m%d\"", "690101", "1", "690102"},
    {"\"%Y-%j\"", "2020-060", "-1", "2020-059"},
    {"\"%Y-%j\"", "2019-365", "1", "2020-001"},
    {"\"%Y\"", "2020", "366", "2021"},
    {"\"%Y-%m\"", "2020-01", "31", "2020-02"},
    {"\"100%% %Y%m%d\"", "100% 20200220", "1", "100% 20200221"},
    {"\"%Y-%m-%d\"", "2020-02-20", "1e-1", "2020-02-20"},
    {"\"%Y-%m-%d\"", "2020-02-20", "+1E+1", "2020-03-01"},
};

static const struct sample like_python_with_time[] = {
    {"\"%m/%d/%Y %I:%M %p\"", "02/20/2020 10:30 PM", "1", "02/21/2020 10:30 PM"},
    {"\"%m/%d/%Y %I:%M:%S %p\"", "02/20/2020 12:05:00 AM", "0.5", "02/20/2020 12:05:00 PM"},
    {"\"%I:%M %p %d.%m.%Y\"", "12:30 PM 20.02.2020", "-0.5", "12:30 AM 20.02.2020"},
    {"\"%Y-%m-%d %H:%M:%S\"", "2020-02-20 23:30:00", "0.5", "2020-02-21 11:30:00"},
    {"\"%Y-%m-%d %H:%M:%S\"", "2020-02-20 10:30:00", "-0.000011574074074074", "2020-02-20 10:29:59"},
    {"\"%H:%M %d-%m-%Y\"", "10:30 20-02-2020", "1", "10:30 21-02-2020"},
    {"\"%d %H:%M %m-%Y\"", "20 10:30 02-2020", "1", "21 10:30 02-2020"},
    {"\"%Y-%m-%d %H:%M:%S.%f\"", "2020-02-20 10:30:00.5", "1", "2020-02-21 10:30:00.500000"},
    {"\"%Y-%m-%d %H:%M:%S.%f\"", "2020-02-20 10:30:00.123456", "1.5", "2020-02-21 22:30:00.123456"},
};

Test(date, as_in_python)
{
	CHECK(like_python, "increment-date", "date-format");
	CHECK(like_python_with_time, "increment-datetime", "datetime-format");
}

Test(date, what_does_not_parse_is_refused)
{
	static const struct sample refused[] = {
	    {"\"%Y%m%d\"", "20200220 ", "5", NULL},
	    {"\"%Y%m%d\"", " 20200220", "5", NULL},
	    {"\"%Y%m%d\"", "202002", "5", NULL},
	    {"\"%Y%m%d\"", "20200231", "5", NULL},
	    {"\"%Y%m%d\"", "20190229", "5", NULL},
	    {"\"%Y%m%d\"", "20200020", "5", NULL},
	    {"\"%Y%m%d\"", "20201320", "5", NULL},
	    {"\"%Y%m%d\"", "2020-02-20", "5", NULL},
	    {"\"%Y%m%d\"", "00000101", "5", NULL},
	    {"\"%Y%m%d\"", "garbage", "5", NULL},
	    {"\"%Y/%m/%d\"", "2020/2/3", "5", NULL},
	    {"\"%d %B %Y\"", "20 février 2020", "5", NULL},
	    {"\"%d %b %Y\"", "20 February 2020", "5", NULL},
	    {"\"%Y-%j\"", "2019-366", "5", NULL},
	    {"\"%Y-%j\"", "2019-000", "5", NULL},
	    {"\"%Y-%m-%d %j\"", "2019-01-02 003", "5", NULL},
	    {"\"%Y %y\"", "2019 20", "5", NULL},
	    /* beyond the calendar */
	    {"\"%Y%m%d\"", "99991231", "1", NULL},
	    {"\"%Y%m%d\"", "00010101", "-0.00001", NULL},
	    {"\"%Y%m%d\"", "20200220", "-3652059", NULL},
	};
	static const struct sample refused_time[] = {
	    {"\"%Y-%m-%d %H:%M:%S\"", "2020-02-20 9:30:00", "1", NULL},
	    {"\"%Y-%m-%d %H:%M:%S\"", "2020-02-20 24:00:00", "1", NULL},
	    {"\"%Y-%m-%d %H:%M:%S\"", "2020-02-20 23:59:60", "1", NULL},
	    {"\"%Y-%m-%d %H:%M:%S\"", "2020-02-20 10:30:00.123", "1", NULL},
	    {"\"%Y-%m-%d %H:%M:%S.%f\"", "2020-02-20 10:30:00.1234567", "1", NULL},
	    {"\"%Y-%m-%d %H:%M:%S.%f\"", "2020-02-20 10:30:00.", "1", NULL},
	    {"\"%Y-%m-%d %I:%M\"", "2020-02-20 13:30", "1", NULL},
	    {"\"%Y-%m-%d %H:%M:%S\"", "2020-02-20 10:30:00+15:00", "1", NULL},
	    {"\"%Y-%m-%d %H:%M:%S\"", "2020-02-20 10:30:00+1", "1", NULL},
	    {"\"%Y-%m-%d %H:%M:%S%z\"", "2020-02-20 10:30:00", "1", NULL},
	    /* "-0220" after a date without time is no zone */
	    {"\"%Y\"", "2020-0220", "1", NULL},
	};

	CHECK(refused, "increment-date", "date-format");
	CHECK(refused_time, "increment-datetime", "datetime-format");
}

Test(date, zones_stay_as_written)
{
	static const struct sample zones[] = {
	    {"\"%Y-%m-%d %H:%M:%S\"", "2020-02-20 23:30:00-0800", "0.5", "2020-02-21 11:30:00-0800"},
	    {"\"%Y-%m-%d %H:%M:%S\"", "2020-02-20 23:30:00+05:30", "0.5", "2020-02-21 11:30:00+05:30"},
	    {"\"%Y-%m-%d %H:%M:%S\"", "2020-02-20 23:30:00Z", "0.5", "2020-02-21 11:30:00Z"},
	    {"\"%Y-%m-%dT%H:%M:%S%z\"", "2020-02-20T10:30:00+01:00", "1", "2020-02-21T10:30:00+01:00"},
	    {"\"%Y-%m-%dT%H:%M:%S%z\"", "2020-02-20T10:30:00Z", "1", "2020-02-21T10:30:00Z"},
	    {"\"%z %Y-%m-%d %H\"", "-0300 2020-02-20 10", "1", "-0300 2020-02-21 10"},
	    {"\"%Y%m%d%H%M%S.%f\"", "20200220103000-0500", "1", "20200221103000.000000-0500"},
	};

	CHECK(zones, "increment-datetime", "datetime-format");
}

/* A fraction keeps its width, unless the profile's own pattern asks for one. */
Test(date, fractions)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {"20200220103000.123456", "20200221103000.123456"},
	    {"20200220103000.5", "20200221103000.5"},
	    {"20200220103000", "20200221103000"},
	    {"20200220103000.25+0100", "20200221103000.25+0100"},
	};
	struct fake f;

	fake_open(&f, "fake:\n  date-increment: 1\n  fields: [{name: v, increment-datetime: true}]\n");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_assert_str_eq(fake_text(&f, cases[i].text), cases[i].want);
	fake_close(&f);
}

Test(date, format_defaults_and_overrides)
{
	struct fake f;

	fake_open(&f, "typed:\n  date-increment: 1\n  fields: [{name: v, increment-date: true}]\n");
	cr_assert_str_eq(fake_text(&f, "2020-02-20"), "2020-02-21");
	cr_assert_null(fake_text(&f, "20200220"));
	fake_close(&f);
	fake_open(&f, "typed:\n  date-increment: 1\n  date-format: \"%Y%m%d\"\n"
		      "  fields: [{name: v, increment-date: true}]\n");
	cr_assert_str_eq(fake_text(&f, "20200220"), "20200221");
	fake_close(&f);
	fake_open(&f,
	    "typed:\n  date-increment: 1\n  date-format: \"%Y%m%d\"\n"
	    "  fields: [{name: v, increment-date: true, date-format: \"%d.%m.%Y\", date-increment: 5}]\n");
	cr_assert_str_eq(fake_text(&f, "20.02.2020"), "25.02.2020");
	fake_close(&f);
	fake_open(&f, "typed:\n  fields: [{name: v, increment-date: true, date-increment-override: 3}]\n");
	cr_assert_eq(f.err.ndiag, 0);
	cr_assert_str_eq(fake_text(&f, "2020-02-20"), "2020-02-23");
	fake_close(&f);
}

Test(date, lists_of_patterns)
{
	struct fake f;

	fake_open(&f, "fake:\n  date-increment: 1\n  date-format: [\"%Y%m%d\", \"%d/%m/%Y\", timestamp]\n"
		      "  fields: [{name: v, increment-date: true}]\n");
	cr_assert_str_eq(fake_text(&f, "20200220"), "20200221");
	cr_assert_str_eq(fake_text(&f, "20/02/2020"), "21/02/2020");
	cr_assert_str_eq(fake_text(&f, "1582194600"), "1582281000");
	cr_assert_null(fake_text(&f, "Feb 20 2020"));
	fake_close(&f);
}

Test(date, timestamps)
{
	static const struct sample cases[] = {
	    {"timestamp", "1582194600.5", "1", "1582281000.5"},
	    {"timestamp", "-86400", "1", "0"},
	    {"timestamp", "-86400.25", "1", "-0.25"},
	    {"timestamp", "0", "-1", "-86400"},
	    {"timestamp", "0.05", "-1", "-86399.95"},
	    {"timestamp", "1582194600.1234567", "1", "1582281000.1234567"},
	    {"timestamp", "1582194600.123456789", "0.00001", "1582194600.987456789"},
	    {"timestamp", "10", "0.000006", "10"}, /* 10.5184, cut */
	    {"timestamp", "-10", "-0.000006", "-11"},
	    {"timestamp", "1e9", "1", NULL},
	    {"timestamp", "", "1", ""},
	    {"timestamp", "12.", "1", NULL},
	    {"timestamp", ".5", "1", NULL},
	    {"timestamp", "253402300799", "1", NULL},
	    {"timestamp", "999999999999", "1", NULL},
	    {"timestamp", "9999999999999", "1", NULL},
	};

	CHECK(cases, "increment-datetime", "datetime-format");
}

Test(date, limits)
{
	static const struct {
		const char *limits, *text, *want;
	} cases[] = {
	    {"datetime-min: \"20000101\"", "2000-02-01", "2000-01-01"},
	    {"datetime-min: 20000101", "2000-05-01", "2000-01-22"},
	    {"datetime-max: \"19991231\"", "2001-02-01", "1999-12-31"},
	    {"datetime-min: \"-9000years\"", "2000-02-01", "1999-10-24"},
	    {"datetime-max: \"+9000 years\"", "2000-02-01", "1999-10-24"},
	};
	struct fake f;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char yaml[512];

		snprintf(yaml, sizeof yaml,
		    "typed:\n  date-increment: -100\n  %s\n  fields: [{name: v, increment-date: true}]\n",
		    cases[i].limits);
		fake_open(&f, yaml);
		cr_assert_eq(f.err.ndiag, 0, "%s", fake_diags(&f));
		cr_assert_str_eq(fake_text(&f, cases[i].text), cases[i].want, "%s", cases[i].limits);
		fake_close(&f);
	}
}

/* "-2weeks" is two weeks before now; a second may pass while the test runs. */
Test(date, limits_from_now)
{
	static const struct {
		const char *unit;
		long seconds;
	} units[] = {
	    {"2weeks", 1209600}, {"2days", 172800}, {"2hours", 7200}, {"2minutes", 120}, {"2seconds", 2}};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		struct fake f;
		struct timespec after; /* time() may lag behind the clock that limits are taken from */
		char yaml[512];
		long before = (long)time(NULL), got;

		snprintf(yaml, sizeof yaml,
		    "fake:\n  date-increment: 0\n  datetime-min: \"-%s\"\n"
		    "  fields: [{name: v, increment-date: true, date-format: timestamp}]\n",
		    units[i].unit);
		fake_open(&f, yaml);
		got = atol(fake_text(&f, "1"));
		cr_assert_geq(got, before - units[i].seconds);
		clock_gettime(CLOCK_REALTIME, &after);
		cr_assert_leq(got, (long)after.tv_sec - units[i].seconds);
		fake_close(&f);
	}
}

/* ---- fields that have a form of their own ------------------------------------------------------ */

static const char *shift(struct fake *f, enum deid_kind kind, const char *text)
{
	struct deid_str one = str_of(text);
	struct deid_value in = fake_components(kind, &one, 1);

	in.flags = DEID_V_BASIC | DEID_V_RANGE;
	return fake_value(f, &in);
}

struct basic_sample {
	const char *days;
	enum deid_kind kind;
	const char *text, *want;
};

Test(date, basic_form)
{
	static const struct basic_sample cases[] = {
	    {"11", DEID_DATE, "19990101", "19990112"},
	    {"-0.5", DEID_DATE, "20200220", "20200219"},
	    {"1", DEID_DATE, "202002", NULL},
	    {"1", DEID_DATE, "20200230", NULL},
	    {"1", DEID_DATE, "20200220+0100", NULL},
	    {"1", DEID_DATE, "20200101-20200131", "20200102-20200201"},
	    {"1", DEID_DATE, "20200101-", "20200102-"},
	    {"1", DEID_DATE, "-20200131", "-20200201"},
	    {"1", DEID_DATE, "-", NULL},
	    {"1", DEID_DATE, "20200101--", NULL},
	    {"1", DEID_DATE, "20200101-2020", NULL},
	    {"1", DEID_DATE, "20200101-20200131-20200201", NULL},
	    {"366", DEID_DATETIME, "2020", "2021"},
	    {"1", DEID_DATETIME, "202002", "202002"},
	    {"29", DEID_DATETIME, "202002", "202003"},
	    {"1", DEID_DATETIME, "20200220", "20200221"},
	    {"-0.5", DEID_DATETIME, "2020022010", "2020021922"},
	    {"0.0004", DEID_DATETIME, "202002201030", "202002201030"},
	    {"2.25", DEID_DATETIME, "20200101000000", "20200103060000"},
	    {"1", DEID_DATETIME, "20200220103000.5-0500", "20200221103000.5-0500"},
	    {"1", DEID_DATETIME, "20200220103000.123456+0100", "20200221103000.123456+0100"},
	    {"0.000001", DEID_DATETIME, "20200220103000.9", "20200220103000.9"}, /* .9864, cut */
	    {"1", DEID_DATETIME, "20200101-0500", "20200102-0500"},
	    {"1", DEID_DATETIME, "2020-0500", "2020-0500"},
	    {"1", DEID_DATETIME, "2020-2021", NULL},
	    {"1", DEID_DATETIME, "20200101-20200131", "20200102-20200201"},
	    {"1", DEID_DATETIME, "20200101-0500-20200131-0500", "20200102-0500-20200201-0500"},
	    {"1", DEID_DATETIME, "20200101+0500-", "20200102+0500-"},
	    {"1", DEID_DATETIME, "-20200131103000", "-20200201103000"},
	    {"1", DEID_DATETIME, "20161231235960", "20170102000000"},
	    {"1", DEID_DATETIME, "20161231235960.5", "20170102000000.5"},
	    {"1", DEID_DATETIME, "20161231235961", NULL},
	    {"1", DEID_DATETIME, "20200220103000.1234567", NULL},
	    {"1", DEID_DATETIME, "20200220103000.", NULL},
	    {"1", DEID_DATETIME, "2020022010.5", NULL},
	    {"1", DEID_DATETIME, "202002201", NULL},
	    {"1", DEID_DATETIME, "20200220Z", NULL},
	    {"1", DEID_DATETIME, "9999", "9999"},
	    {"365", DEID_DATETIME, "9999", NULL},
	};
	static const char *const actions[] = {"increment-date", "increment-datetime"};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int a = 0; a < 2; a++) {
			struct fake f;
			char options[128];
			const char *got;

			snprintf(options, sizeof options,
			    "fake:\n  fields: [{name: v, %s: true, date-increment: %s}]\n", actions[a],
			    cases[i].days);
			fake_open(&f, options);
			got = shift(&f, cases[i].kind, cases[i].text);
			if (cases[i].want)
				cr_assert_str_eq(got ? got : "(refused)", cases[i].want, "%s by %s",
				    cases[i].text, cases[i].days);
			else
				cr_assert_null(got, "%s gave %s", cases[i].text, got ? got : "");
			fake_close(&f);
		}
}

/* A pattern is only for reading there. */
Test(date, basic_form_read_by_a_pattern)
{
	static const struct {
		const char *format;
		enum deid_kind kind;
		const char *text, *want;
	} cases[] = {
	    {"%d.%m.%Y", DEID_DATE, "20.02.2020", "20200221"},
	    {"%d.%m.%Y", DEID_DATE, "20200220", "20200221"},
	    {"%d.%m.%Y %H:%M", DEID_DATETIME, "20200220103000", "20200221103000"},
	    {"%d.%m.%Y %H:%M", DEID_DATETIME, "20.02.2020 10:30", "202002211030"},
	    {"%d.%m.%Y %H:%M", DEID_DATETIME, "20.02.2020 10:30+05:30", "202002211030+0530"},
	    {"%d.%m.%Y %H:%M:%S%z", DEID_DATETIME, "20.02.2020 10:30:00Z", "20200221103000+0000"},
	    {"%d.%m.%Y %H:%M%z", DEID_DATE, "20.02.2020 10:30Z", NULL},
	    {"%Y/%m", DEID_DATETIME, "2020/02", "202002"},
	    {"%Y/%m", DEID_DATE, "2020/02", "20200202"},
	    {"%Y%m%d%H%M%S.%f", DEID_DATETIME, "20200220103000.5", "20200221103000.5"},
	    {"%Y%m%d%H%M%S.%f", DEID_DATETIME, "20200220103000", "20200221103000"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake f;
		char yaml[256];
		const char *got;

		snprintf(yaml, sizeof yaml,
		    "fake:\n  date-increment: 1\n  fields: [{name: v, increment-datetime: true, "
		    "datetime-format: \"%s\"}]\n",
		    cases[i].format);
		fake_open(&f, yaml);
		got = shift(&f, cases[i].kind, cases[i].text);
		if (cases[i].want)
			cr_assert_str_eq(got ? got : "(refused)", cases[i].want, "%s", cases[i].format);
		else
			cr_assert_null(got);
		fake_close(&f);
	}
}

Test(date, times_of_day)
{
	const struct deid_str one = STR("103000.25");
	struct deid_value in = fake_components(DEID_TIME, &one, 1);
	struct deid_result out;
	struct fake f;

	fake_open(&f, "fake:\n  fields: [{name: v, increment-date: true, date-increment: -7}]\n");
	cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_OK);
	cr_assert_eq(out.verdict, DEID_KEEP);
	fake_close(&f);
	fake_open(&f, "fake:\n  fields: [{name: v, increment-datetime: true, date-increment: 1.5}]\n");
	cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_FAILED);
	cr_assert_eq(f.run_err.code, DEID_E_VALUE);
	fake_close(&f);
}

Test(date, components)
{
	const struct deid_str v[] = {STR("20000101"), STR(""), STR("20000301")};
	struct deid_value in = fake_components(DEID_DATE, v, 3);
	struct fake f;

	in.flags = DEID_V_BASIC;
	fake_open(&f, "fake:\n  fields: [{name: v, increment-date: true, date-increment: 10}]\n");
	cr_assert_str_eq(fake_value(&f, &in), "20000111\\\\20000311");
	fake_close(&f);
}

Test(date, numbers_stay_numbers)
{
	static const struct {
		const char *format, *text;
		enum deid_kind kind;
		const char *want;
		enum deid_kind becomes;
	} cases[] = {
	    {"timestamp", "1582194600", DEID_INT, "1582281000", DEID_INT},
	    {"timestamp", "1582194600.5", DEID_REAL, "1582281000.5", DEID_REAL},
	    {"timestamp", "1582194600", DEID_TEXT, "1582281000", DEID_TEXT},
	    {"\"%Y%m%d\"", "20200220", DEID_INT, "20200221", DEID_INT},
	    {"\"%d%m%Y\"", "31122019", DEID_INT, "01012020", DEID_TEXT}, /* no number begins with 0 */
	    {"\"%Y.%m\"", "2020.12", DEID_REAL, "2020.12", DEID_REAL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct deid_str one = str_of(cases[i].text);
		struct deid_value in = fake_components(cases[i].kind, &one, 1);
		struct deid_result out;
		struct fake f;
		char yaml[256];

		snprintf(yaml, sizeof yaml,
		    "fake:\n  date-increment: 1\n  fields: [{name: v, increment-date: true, date-format: "
		    "%s}]\n",
		    cases[i].format);
		fake_open(&f, yaml);
		in.flags = DEID_V_FREE;
		cr_assert_eq(fake_run(&f, 0, &in, &out), DEID_OK);
		cr_assert(str_eqz(out.value.v[0], cases[i].want), "%s", cases[i].text);
		cr_assert_eq(out.value.kind, cases[i].becomes, "%s", cases[i].text);
		fake_close(&f);
	}
}

Test(date, profile_errors)
{
	static const struct {
		const char *yaml;
		size_t line;
		const char *says;
	} cases[] = {
	    {"fake:\n  fields:\n  - name: v\n    increment-date: true\n", 4, "needs \"date-increment\""},
	    {"fake:\n  date-increment: abc\n  fields:\n  - name: v\n    increment-date: true\n", 2,
		"takes a number"},
	    {"fake:\n  date-increment: .inf\n  fields: []\n", 2, "takes a number"},
	    {"fake:\n  date-increment: 0x10\n  fields: []\n", 2, "in decimal"},
	    {"fake:\n  date-increment: 3652060\n  fields:\n  - name: v\n    increment-date: true\n", 2,
		"more days"},
	    {"fake:\n  date-increment: 1e99\n  fields:\n  - name: v\n    increment-date: true\n", 2,
		"more days"},
	    {"fake:\n  date-increment: 1\n  date-format: \"%G-W%V-%u\"\n  fields:\n  - name: v\n    "
	     "increment-date: true\n",
		3, "unknown code"},
	    {"fake:\n  date-increment: 1\n  date-format: \"%Y%\"\n  fields:\n  - name: v\n    "
	     "increment-date: true\n",
		3, "unknown code"},
	    {"fake:\n  date-increment: 1\n  fields:\n  - name: v\n    increment-datetime: true\n    "
	     "datetime-format: \"%s\"\n",
		6, "unknown code"},
	    {"fake:\n  date-increment: 1\n  date-format: [\"%Y\", \"%d.%m.\"]\n  fields:\n  - name: v\n    "
	     "increment-date: true\n",
		3, "needs a year"},
	    {"fake:\n  date-increment: 1\n  date-format: []\n  fields:\n  - name: v\n    increment-date: "
	     "true\n",
		3, "empty list"},
	    {"fake:\n  date-increment: 1\n  datetime-min: yesterday\n  fields:\n  - name: v\n    "
	     "increment-date: true\n",
		3, "\"datetime-min\" is"},
	    {"fake:\n  date-increment: 1\n  datetime-max: \"20200230\"\n  fields:\n  - name: v\n    "
	     "increment-date: true\n",
		3, "\"datetime-max\" is"},
	    {"fake:\n  date-increment: 1\n  datetime-max: 5 months\n  fields:\n  - name: v\n    "
	     "increment-date: true\n",
		3, "\"datetime-max\" is"},
	    {"fake:\n  date-increment: 1\n  datetime-min: 20200101\n  datetime-max: 20190101\n  fields:\n  - "
	     "name: v\n    "
	     "increment-date: true\n",
		4, "lies before"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake f;

		fake_open(&f, cases[i].yaml);
		cr_assert_eq(f.err.nerrors, 1, "%s: %s", cases[i].yaml, fake_diags(&f));
		cr_assert_eq(f.err.diag[0].line, cases[i].line, "%s", fake_diags(&f));
		cr_assert(strstr(f.err.diag[0].text, cases[i].says), "%s", fake_diags(&f));
		fake_close(&f);
	}
}

Test(date, switched_off_needs_no_increment)
{
	struct fake f;

	fake_open(&f, "fake:\n  fields: [{name: v, increment-date: false}, {name: w, increment-datetime: "
		      "\"false\"}]\n");
	cr_assert_eq(f.err.ndiag, 0, "%s", fake_diags(&f));
	cr_assert_str_eq(fake_text(&f, "garbage"), "garbage");
	fake_close(&f);
}

Test(date, exact_days)
{
	static const struct sample cases[] = {
	    {"\"%Y-%m-%d %H:%M:%S.%f\"", "2020-01-01 00:00:00.000000", "0.1", "2020-01-01 02:24:00.000000"},
	    {"\"%Y-%m-%d %H:%M:%S.%f\"", "2020-01-01 00:00:00.000000", "0.3333333333",
		"2020-01-01 07:59:59.999997"},
	    {"\"%Y-%m-%d %H:%M:%S.%f\"", "2020-01-01 00:00:00.000000",
		"0.3333333333333333333333333333333333333333333333333333", "2020-01-01 08:00:00.000000"},
	    {"\"%Y-%m-%d %H:%M:%S.%f\"", "2020-01-01 00:00:00.000000", "0.000000000011",
		"2020-01-01 00:00:00.000001"},
	    {"\"%Y-%m-%d %H:%M:%S.%f\"", "2020-01-01 00:00:00.000000", "0.000000000001",
		"2020-01-01 00:00:00.000000"},
	    {"\"%Y-%m-%d %H:%M:%S.%f\"", "2020-01-01 00:00:00.000000", "1e-400",
		"2020-01-01 00:00:00.000000"},
	    {"\"%Y-%m-%d %H:%M:%S.%f\"", "2020-01-01 00:00:00.000000", "-0", "2020-01-01 00:00:00.000000"},
	    {"\"%Y-%m-%d %H:%M:%S.%f\"", "2020-01-01 00:00:00.000000",
		"0000000000000000000000000000000000002", "2020-01-03 00:00:00.000000"},
	};

	CHECK(cases, "increment-datetime", "datetime-format");
}
