/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/usual.h"
#include "core/util/civil.h"
#include "core/util/str.h"

/* What is left to read. */
struct reader {
	struct deid_str s;
	size_t at;
};

static bool number(struct reader *r, size_t n, int *out)
{
	*out = r->at + n <= r->s.n ? pattern_number(r->s, r->at, n) : -1;
	r->at += *out >= 0 ? n : 0;
	return *out >= 0;
}

static bool one_of(struct reader *r, const char *set)
{
	for (; r->at < r->s.n && *set; set++)
		if (r->s.p[r->at] == *set) {
			r->at++;
			return true;
		}
	return false;
}

/* English, short or whole, any case. */
static bool month(struct reader *r, int *out)
{
	static const char *const names[] = {"january", "february", "march", "april", "may", "june", "july",
	    "august", "september", "october", "november", "december"};

	for (int i = 0; i < 12; i++) {
		struct deid_str name = str_of(names[i]), rest = str_sub(r->s, r->at, r->s.n);
		size_t n = name.n <= rest.n && str_caseeq(str_sub(rest, 0, name.n), name) ? name.n : 3;

		if (n > rest.n || !str_caseeq(str_sub(rest, 0, n), str_sub(name, 0, n)))
			continue;
		r->at += n;
		*out = i + 1;
		return true;
	}
	return false;
}

static const char gap[] = " _-";

/* 2020-02-20, 20200220 */
static bool digits_date(struct reader *r, struct civil *c)
{
	bool dashes = number(r, 4, &c->year) && one_of(r, "-");

	return c->year >= 0 && number(r, 2, &c->month) && (!dashes || one_of(r, "-")) &&
	       number(r, 2, &c->day);
}

/* 20 Feb 2020 */
static bool day_first(struct reader *r, struct civil *c)
{
	return number(r, 2, &c->day) && one_of(r, gap) && month(r, &c->month) && one_of(r, gap) &&
	       number(r, 4, &c->year);
}

/* Feb 20 2020 */
static bool month_first(struct reader *r, struct civil *c)
{
	if (!month(r, &c->month) || !one_of(r, gap) || !number(r, 2, &c->day))
		return false;
	one_of(r, ",");
	return one_of(r, gap) && number(r, 4, &c->year);
}

/* Ten and a half past is 10:30, 10:30:00, 10:30:00.5 or the same without the colons. */
static bool time_of_day(struct reader *r, struct civil *c, struct moment *m)
{
	bool colon, second;
	int digit;

	if (!number(r, 2, &c->hour))
		return false;
	colon = one_of(r, ":");
	if (!number(r, 2, &c->minute))
		return false;
	m->precision = TO_MINUTE;
	second = colon ? one_of(r, ":") : r->at < r->s.n;
	if (!second)
		return true;
	if (!number(r, 2, &c->second))
		return false;
	m->precision = TO_SECOND;
	if (!one_of(r, "."))
		return true;
	for (int unit = 100000; m->fraction < 6 && number(r, 1, &digit); unit /= 10) {
		c->micro += digit * unit;
		m->fraction++;
	}
	return m->fraction > 0;
}

bool usual_read(struct deid_str text, struct moment *out)
{
	static bool (*const forms[])(struct reader *, struct civil *) = {digits_date, day_first, month_first};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct reader r = {text, 0};
		struct civil c = {0};
		bool good = forms[i](&r, &c);

		*out = (struct moment){.precision = TO_DAY};
		if (good && r.at < text.n) {
			/* Only digits may follow digits without a gap. */
			bool apart = one_of(&r, " T_-") || (r.at == 8 && i == 0);

			good = apart && time_of_day(&r, &c, out);
		}
		if (!good || r.at != text.n || !civil_valid(&c))
			continue;
		out->micro = civil_to_micro(&c);
		return true;
	}
	return false;
}
