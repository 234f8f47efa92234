/* SPDX-License-Identifier: MIT */
#include "core/transform/pattern.h"
#include "core/util/civil.h"
#include "core/util/str.h"
#include <criterion/criterion.h>
#include <string.h>

static struct pattern *compile(const char *text)
{
	const char *why;
	struct pattern *p = pattern_new(str_of(text), &why);

	cr_assert_not_null(p, "%s: %s", text, why ? why : "no memory");
	return p;
}

static int64_t micro(int year, int month, int day, int hour, int minute, int second, int us)
{
	struct civil c = {year, month, day, hour, minute, second, us};

	return civil_to_micro(&c);
}

/* Whatever a pattern writes it reads again, to the part that it has. Every third day or so of the calendar.
 */
Test(pattern, writes_what_it_reads)
{
	static const struct {
		const char *text;
		int64_t unit;
	} patterns[] = {{"%Y%m%d", CIVIL_DAY}, {"%d.%m.%Y", CIVIL_DAY}, {"%a, %d %b %Y", CIVIL_DAY},
	    {"%A %B %d %Y", CIVIL_DAY}, {"%Y-%j", CIVIL_DAY}, {"%Y-%m-%dT%H:%M:%S.%f", 1},
	    {"%I:%M:%S,%f %p %d/%m/%Y", 1}, {"%f%S%M%H%d%m%Y", 1}, {"%Y-%m-%d %H:%M", 60000000},
	    {"%%%Y%%%m%%%d%%", CIVIL_DAY}};

	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		struct pattern *p = compile(patterns[i].text);

		for (int64_t t = 0; t < 3652059 * CIVIL_DAY; t += 3 * CIVIL_DAY + 12345678901) {
			struct moment m = {.micro = t, .fraction = 6}, back;
			char text[128];
			size_t n;

			cr_assert_leq(pattern_room(p, &m), sizeof text);
			n = pattern_write(p, &m, text);
			cr_assert_gt(n, 0);
			cr_assert_leq(n, pattern_room(p, &m));
			cr_assert(pattern_read(p, (struct deid_str){text, n}, &back), "%.*s", (int)n, text);
			cr_assert_eq(back.micro, t - t % patterns[i].unit, "%.*s", (int)n, text);
		}
		pattern_free(p);
	}
}

Test(pattern, parts)
{
	static const struct {
		const char *pattern, *text;
		int64_t y, mo, d, h, mi, s, us;
		enum precision precision;
		unsigned fraction;
	} cases[] = {
	    {"%Y", "2020", 2020, 1, 1, 0, 0, 0, 0, TO_YEAR, 0},
	    {"%Y%m", "202012", 2020, 12, 1, 0, 0, 0, 0, TO_MONTH, 0},
	    {"%b %y", "FEB 69", 1969, 2, 1, 0, 0, 0, 0, TO_MONTH, 0},
	    {"%B %y", "february 68", 2068, 2, 1, 0, 0, 0, 0, TO_MONTH, 0},
	    {"%Y-%j", "2020-366", 2020, 12, 31, 0, 0, 0, 0, TO_DAY, 0},
	    {"%Y%m%d%H", "2020022023", 2020, 2, 20, 23, 0, 0, 0, TO_HOUR, 0},
	    {"%Y %I %p", "2020 12 am", 2020, 1, 1, 0, 0, 0, 0, TO_HOUR, 0},
	    {"%Y %I %p", "2020 12 PM", 2020, 1, 1, 12, 0, 0, 0, TO_HOUR, 0},
	    {"%Y %I %p", "2020 11 PM", 2020, 1, 1, 23, 0, 0, 0, TO_HOUR, 0},
	    {"%Y %H:%M", "2020 23:59", 2020, 1, 1, 23, 59, 0, 0, TO_MINUTE, 0},
	    {"%Y %H:%M:%S.%f", "2020 23:59:58.25", 2020, 1, 1, 23, 59, 58, 250000, TO_SECOND, 2},
	    {"%Y %H:%M:%S.%f", "2020 23:59:58", 2020, 1, 1, 23, 59, 58, 0, TO_SECOND, 0},
	    {"%Y %H:%M:%S,%f", "2020 23:59:58,000001", 2020, 1, 1, 23, 59, 58, 1, TO_SECOND, 6},
	    {"%A %a %Y", "Monday Tue 2020", 2020, 1, 1, 0, 0, 0, 0, TO_YEAR, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pattern *p = compile(cases[i].pattern);
		struct moment m;

		cr_assert(pattern_read(p, str_of(cases[i].text), &m), "%s", cases[i].text);
		cr_assert_eq(m.micro,
		    micro((int)cases[i].y, (int)cases[i].mo, (int)cases[i].d, (int)cases[i].h,
			(int)cases[i].mi, (int)cases[i].s, (int)cases[i].us),
		    "%s", cases[i].text);
		cr_assert_eq(m.precision, cases[i].precision, "%s", cases[i].text);
		cr_assert_eq(m.fraction, cases[i].fraction, "%s", cases[i].text);
		pattern_free(p);
	}
}

/* A text cut anywhere, or with a byte more, is refused. */
Test(pattern, whole_text_only)
{
	static const char text[] = "Thursday, 20 February 2020 10:30:00.123456+0100";
	struct pattern *p = compile("%A, %d %B %Y %H:%M:%S.%f%z");
	struct moment m;

	cr_assert(pattern_read(p, STR("Thursday, 20 February 2020 10:30:00.123456+0100"), &m));
	cr_assert(str_eqz(m.zone, "+0100"));
	for (size_t n = 0; n < sizeof text - 1; n++)
		cr_assert_not(pattern_read(p, (struct deid_str){text, n}, &m), "%.*s", (int)n, text);
	cr_assert_not(pattern_read(p, STR("Thursday, 20 February 2020 10:30:00.123456+0100 "), &m));
	pattern_free(p);
}

Test(pattern, refused_patterns)
{
	static const char *const wrong[] = {
	    "%", "%Y%", "%Q%Y", "%G-W%V-%u", "%s", "%-d %Y", "%m-%d", "%H:%M", "", "text"};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const char *why;

		cr_assert_null(pattern_new(str_of(wrong[i]), &why), "%s", wrong[i]);
		cr_assert_not_null(why);
	}
}

Test(pattern, zones)
{
	static const struct {
		const char *text;
		size_t n;
	} cases[] = {{"xZ", 1}, {"x+0100", 5}, {"x-1200", 5}, {"x+05:30", 6}, {"x-05:30", 6}, {"x+1500", 0},
	    {"x+0160", 0}, {"x+5:30", 0}, {"x0100", 0}, {"", 0}, {"Z", 1}, {"xz", 0}, {"+01:0", 0}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_assert_eq(pattern_zone_at_end(str_of(cases[i].text)), cases[i].n, "%s", cases[i].text);
}
