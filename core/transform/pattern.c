/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/pattern.h"
#include "core/util/civil.h"
#include "core/util/grow.h"
#include "core/util/str.h"
#include <stdlib.h>
#include <string.h>

struct token {
	char code;            /* of "%Y": Y; 0: a literal */
	struct deid_str text; /* of a literal */
	bool optional;        /* the point before %f: absent with it */
};

struct pattern {
	struct token *token;
	size_t n, cap;
	bool has[128]; /* which codes it has */
};

static const char *const months[] = {"January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December"};
static const char *const days[] = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

#define SHORT_NAME 3
#define LONGEST_NAME 9 /* Wednesday, September */

/* ---- compiling --------------------------------------------------------------------------------- */

static bool add(struct pattern *p, struct token t)
{
	struct token *list = grow(p->token, &p->cap, p->n + 1, sizeof *list);

	if (!list)
		return false;
	p->token = list;
	list[p->n++] = t;
	if (t.code)
		p->has[(unsigned char)t.code] = true;
	return true;
}

/* The literal at i, up to the next %; a point right before %f is one of its own. */
static bool add_literal(struct pattern *p, struct deid_str text, size_t *i)
{
	size_t end = str_find(text, '%', *i);
	bool fraction = end + 1 < text.n && text.p[end + 1] == 'f' && end > *i &&
			(text.p[end - 1] == '.' || text.p[end - 1] == ',');
	struct deid_str all = str_sub(text, *i, end - *i - fraction);

	*i = end;
	if (all.n && !add(p, (struct token){.text = all}))
		return false;
	return !fraction || add(p, (struct token){.text = str_sub(text, end - 1, 1), .optional = true});
}

static bool compile(struct pattern *p, struct deid_str text, const char **why)
{
	for (size_t i = 0; i < text.n;) {
		char code;

		if (text.p[i] != '%') {
			if (!add_literal(p, text, &i))
				return false;
			continue;
		}
		code = i + 1 < text.n ? text.p[i + 1] : 0;
		if (!code || !strchr("YymdHIpMSfjbBaAz%", code)) {
			*why = "unknown code; known are %Y %y %m %d %H %I %p %M %S %f %j %b %B %a %A %z %%";
			return false;
		}
		if (!add(p, code == '%' ? (struct token){.text = str_sub(text, i, 1)}
					: (struct token){.code = code}))
			return false;
		i += 2;
	}
	if (!p->has['Y'] && !p->has['y'])
		*why = "a pattern needs a year (%Y or %y)";
	return !*why;
}

struct pattern *pattern_new(struct deid_str text, const char **why)
{
	struct pattern *p = calloc(1, sizeof *p);

	*why = NULL;
	if (p && !compile(p, text, why)) {
		pattern_free(p);
		return NULL;
	}
	return p;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	free(p->token);
	free(p);
}

bool pattern_has_time(const struct pattern *p)
{
	return p->has['H'] || p->has['I'];
}

bool pattern_has_zone(const struct pattern *p)
{
	return p->has['z'];
}

bool pattern_has_fraction(const struct pattern *p)
{
	return p->has['f'];
}

/* ---- reading ----------------------------------------------------------------------------------- */

/* What the codes gave; -1: nothing. */
struct parts {
	int year, short_year, month, day, yearday, hour, hour12, pm, minute, second, micro;
	unsigned fraction;
	struct deid_str zone;
};

static bool digit(struct deid_str s, size_t i)
{
	return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

int pattern_number(struct deid_str s, size_t i, size_t n)
{
	int v = 0;

	for (size_t k = 0; k < n; k++) {
		if (!digit(s, i + k))
			return -1;
		v = v * 10 + (s.p[i + k] - '0');
	}
	return v;
}

/* A part that is given twice must be the same twice. */
static bool set(int *part, int v, int lo, int hi)
{
	if (v < lo || v > hi || (*part >= 0 && *part != v))
		return false;
	*part = v;
	return true;
}

static bool take_number(struct deid_str s, size_t *i, size_t width, int *part, int lo, int hi)
{
	if (!set(part, pattern_number(s, *i, width), lo, hi))
		return false;
	*i += width;
	return true;
}

/* One of n names; `cut` letters of each, 0: all. The number goes to *part, counted from `first`. */
static bool take_name(
    struct deid_str s, size_t *i, const char *const *names, int n, size_t cut, int *part, int first)
{
	for (int k = 0; k < n; k++) {
		struct deid_str name = str_of(names[k]);

		if (cut)
			name = str_sub(name, 0, cut);
		if (str_caseeq(str_sub(s, *i, name.n), name)) {
			*i += name.n;
			return set(part, first + k, first, first + n - 1);
		}
	}
	return false;
}

static bool take_fraction(struct deid_str s, size_t *i, struct parts *p)
{
	unsigned n = 0;
	int v = 0;

	for (; n < 6 && digit(s, *i + n); n++)
		v = v * 10 + (s.p[*i + n] - '0');
	if (!n)
		return false;
	*i += n;
	p->fraction = n;
	for (unsigned k = n; k < 6; k++)
		v *= 10;
	return set(&p->micro, v, 0, 999999);
}

/* The length of a zone at i; 0: there is none. */
static size_t zone_at(struct deid_str s, size_t i)
{
	int hours, minutes;
	bool colon;

	if (i < s.n && s.p[i] == 'Z')
		return 1;
	if (i >= s.n || (s.p[i] != '+' && s.p[i] != '-'))
		return 0;
	colon = i + 3 < s.n && s.p[i + 3] == ':';
	hours = pattern_number(s, i + 1, 2);
	minutes = pattern_number(s, i + 3 + colon, 2);
	if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
		return 0;
	return 5 + (size_t)colon;
}

size_t pattern_zone_at_end(struct deid_str s)
{
	static const size_t lengths[] = {1, 5, 6};

	for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
		if (s.n >= lengths[k] && zone_at(s, s.n - lengths[k]) == lengths[k])
			return lengths[k];
	return 0;
}

static bool take_zone(struct deid_str s, size_t *i, struct parts *p)
{
	size_t n = zone_at(s, *i);

	if (!n || p->zone.n)
		return false;
	p->zone = str_sub(s, *i, n);
	*i += n;
	return true;
}

static bool take_code(char code, struct deid_str s, size_t *i, struct parts *p)
{
	static const char *const halves[] = {"AM", "PM"};
	int weekday = -1; /* written anew from the date */

	switch (code) {
	case 'Y':
		return take_number(s, i, 4, &p->year, 1, 9999);
	case 'y':
		return take_number(s, i, 2, &p->short_year, 0, 99);
	case 'm':
		return take_number(s, i, 2, &p->month, 1, 12);
	case 'd':
		return take_number(s, i, 2, &p->day, 1, 31);
	case 'j':
		return take_number(s, i, 3, &p->yearday, 1, 366);
	case 'H':
		return take_number(s, i, 2, &p->hour, 0, 23);
	case 'I':
		return take_number(s, i, 2, &p->hour12, 1, 12);
	case 'M':
		return take_number(s, i, 2, &p->minute, 0, 59);
	case 'S':
		return take_number(s, i, 2, &p->second, 0, 59);
	case 'p':
		return take_name(s, i, halves, 2, 0, &p->pm, 0);
	case 'b':
		return take_name(s, i, months, 12, SHORT_NAME, &p->month, 1);
	case 'B':
		return take_name(s, i, months, 12, 0, &p->month, 1);
	case 'a':
		return take_name(s, i, days, 7, SHORT_NAME, &weekday, 0);
	case 'A':
		return take_name(s, i, days, 7, 0, &weekday, 0);
	case 'f':
		return take_fraction(s, i, p);
	default:
		return take_zone(s, i, p);
	}
}

static bool take_text(const struct pattern *p, struct deid_str s, struct parts *parts)
{
	size_t i = 0;

	for (size_t k = 0; k < p->n; k++) {
		const struct token *t = &p->token[k];
		bool here = t->code || str_eq(str_sub(s, i, t->text.n), t->text);

		if (t->optional && !(here && digit(s, i + 1))) {
			k++; /* the %f after it */
			continue;
		}
		if (!here || (t->code && !take_code(t->code, s, &i, parts)))
			return false;
		if (!t->code)
			i += t->text.n;
	}
	return i == s.n;
}

/* A month and day for a day of the year, which must not contradict those that are there. */
static bool settle_yearday(struct parts *p)
{
	int left = p->yearday, month = 1;

	if (p->yearday < 0)
		return true;
	while (month <= 12 && left > civil_month_days(p->year, month))
		left -= civil_month_days(p->year, month++);
	return month <= 12 && set(&p->month, month, 1, 12) && set(&p->day, left, 1, 31);
}

static bool settle_year(struct parts *p)
{
	if (p->short_year < 0)
		return true;
	if (p->year < 0)
		p->year = p->short_year + (p->short_year < 69 ? 2000 : 1900);
	return p->year % 100 == p->short_year;
}

static bool settle_hour(struct parts *p)
{
	int hour;

	if (p->hour12 < 0)
		return true;
	hour = p->hour12 % 12 + (p->pm == 1 ? 12 : 0);
	if (p->pm < 0 && p->hour >= 0)
		return p->hour % 12 == hour;
	return set(&p->hour, hour, 0, 23);
}

static enum precision precision(const struct parts *p)
{
	if (p->second >= 0)
		return TO_SECOND;
	if (p->minute >= 0)
		return TO_MINUTE;
	if (p->hour >= 0)
		return TO_HOUR;
	if (p->day >= 0)
		return TO_DAY;
	return p->month >= 0 ? TO_MONTH : TO_YEAR;
}

static int or_first(int part, int first)
{
	return part < 0 ? first : part;
}

bool pattern_read(const struct pattern *pattern, struct deid_str text, struct moment *out)
{
	struct parts p = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, {"", 0}};
	struct civil c;

	if (!take_text(pattern, text, &p) || !settle_year(&p) || !settle_yearday(&p) || !settle_hour(&p))
		return false;
	c = (struct civil){p.year, or_first(p.month, 1), or_first(p.day, 1), or_first(p.hour, 0),
	    or_first(p.minute, 0), or_first(p.second, 0), or_first(p.micro, 0)};
	if (!civil_valid(&c))
		return false;
	*out = (struct moment){civil_to_micro(&c), precision(&p), p.fraction, p.zone};
	return true;
}

/* ---- writing ----------------------------------------------------------------------------------- */

char *pattern_digits(char *p, int v, unsigned width)
{
	for (unsigned i = width; i > 0; i--, v /= 10)
		p[i - 1] = (char)('0' + v % 10);
	return p + width;
}

static char *put(char *p, struct deid_str s)
{
	if (s.n)
		memcpy(p, s.p, s.n);
	return p + s.n;
}

static char *put_name(char *p, const char *name, size_t cut)
{
	return put(p, str_sub(str_of(name), 0, cut));
}

static char *put_fraction(char *p, int micro, unsigned n)
{
	char all[6];

	pattern_digits(all, micro, 6);
	return put(p, (struct deid_str){all, n});
}

static char *put_code(char *p, char code, const struct civil *c, const struct moment *m)
{
	int hour12 = c->hour % 12 ? c->hour % 12 : 12;

	switch (code) {
	case 'Y':
		return pattern_digits(p, c->year, 4);
	case 'y':
		return pattern_digits(p, c->year % 100, 2);
	case 'm':
		return pattern_digits(p, c->month, 2);
	case 'd':
		return pattern_digits(p, c->day, 2);
	case 'j':
		return pattern_digits(p, civil_yearday(c->year, c->month, c->day), 3);
	case 'H':
		return pattern_digits(p, c->hour, 2);
	case 'I':
		return pattern_digits(p, hour12, 2);
	case 'M':
		return pattern_digits(p, c->minute, 2);
	case 'S':
		return pattern_digits(p, c->second, 2);
	case 'p':
		return put_name(p, c->hour < 12 ? "AM" : "PM", 2);
	case 'b':
		return put_name(p, months[c->month - 1], SHORT_NAME);
	case 'B':
		return put_name(p, months[c->month - 1], LONGEST_NAME);
	case 'a':
		return put_name(p, days[civil_weekday(c->year, c->month, c->day)], SHORT_NAME);
	case 'A':
		return put_name(p, days[civil_weekday(c->year, c->month, c->day)], LONGEST_NAME);
	case 'f':
		return put_fraction(p, c->micro, m->fraction);
	default:
		return put(p, m->zone);
	}
}

size_t pattern_room(const struct pattern *p, const struct moment *m)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->token[i].code ? LONGEST_NAME : p->token[i].text.n;
	return n + m->zone.n;
}

size_t pattern_write(const struct pattern *pattern, const struct moment *m, char *out)
{
	struct civil c;
	char *p = out;

	if (!civil_from_micro(m->micro, &c))
		return 0;
	for (size_t i = 0; i < pattern->n; i++) {
		const struct token *t = &pattern->token[i];

		if (t->code)
			p = put_code(p, t->code, &c, m);
		else if (!t->optional || m->fraction)
			p = put(p, t->text);
	}
	return (size_t)(p - out);
}
