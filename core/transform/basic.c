/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/basic.h"
#include "core/util/civil.h"
#include "core/util/str.h"

static size_t digits(struct deid_str s, size_t i)
{
	size_t n = 0;

	while (i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9')
		n++;
	return n;
}

/* YYYY[MM[DD[HH[MM[SS]]]]] of n digits. */
static bool read_parts(struct deid_str s, size_t n, struct moment *out)
{
	struct civil c = {1, 1, 1, 0, 0, 0, 0};
	int *const part[] = {&c.month, &c.day, &c.hour, &c.minute, &c.second};
	bool leap_second;

	c.year = pattern_number(s, 0, 4);
	for (size_t k = 0; 4 + 2 * k < n; k++)
		*part[k] = pattern_number(s, 4 + 2 * k, 2);
	leap_second = c.second == 60;
	c.second -= leap_second;
	if (!civil_valid(&c))
		return false;
	*out = (struct moment){.precision = (enum precision)((n - 4) / 2)};
	out->micro = civil_to_micro(&c) + (leap_second ? 1000000 : 0);
	return true;
}

static void read_fraction(struct deid_str s, size_t i, unsigned n, struct moment *out)
{
	int v = pattern_number(s, i, n);

	for (unsigned k = n; k < 6; k++)
		v *= 10;
	out->micro += v;
	out->fraction = n;
}

/* The bytes of a zone at i, which ends the text or stands before the '-' of a range. Four digits after a '-'
 * at the end are always meant as a zone, so what is no zone there spoils the whole. */
static size_t zone_at(struct deid_str s, size_t i, bool *bad)
{
	int hours, minutes;

	*bad = false;
	if (i >= s.n || (s.p[i] != '+' && s.p[i] != '-') || digits(s, i + 1) != 4)
		return 0;
	hours = pattern_number(s, i + 1, 2);
	minutes = pattern_number(s, i + 3, 2);
	if (hours <= 14 && minutes <= 59)
		return 5;
	*bad = i + 5 == s.n;
	return 0;
}

size_t basic_read(struct deid_str s, bool datetime, struct moment *out)
{
	size_t n = digits(s, 0), part, zone;
	bool bad;

	if (!datetime)
		return n == 8 && read_parts(s, n, out) ? n : 0;
	if (n < 4 || n > 14 || n % 2 || !read_parts(s, n, out))
		return 0;
	if (n == 14 && n < s.n && s.p[n] == '.') {
		part = digits(s, n + 1);
		if (part < 1 || part > 6)
			return 0;
		read_fraction(s, n + 1, (unsigned)part, out);
		n += 1 + part;
	}
	zone = zone_at(s, n, &bad);
	if (bad)
		return 0;
	out->zone = str_sub(s, n, zone);
	return n + zone;
}

/* ±HHMM, whatever the zone was read as. */
static char *put_zone(char *p, struct deid_str zone)
{
	if (str_eqz(zone, "Z"))
		zone = STR("+0000");
	for (size_t i = 0; i < zone.n; i++)
		if (zone.p[i] != ':')
			*p++ = zone.p[i];
	return p;
}

size_t basic_write(const struct moment *m, bool datetime, char out[BASIC_ROOM])
{
	struct civil c;
	char *p = out;

	if (!civil_from_micro(m->micro, &c))
		return 0;
	p = pattern_digits(p, c.year, 4);
	if (!datetime || m->precision >= TO_MONTH)
		p = pattern_digits(p, c.month, 2);
	if (!datetime || m->precision >= TO_DAY)
		p = pattern_digits(p, c.day, 2);
	if (!datetime)
		return (size_t)(p - out);
	if (m->precision >= TO_HOUR)
		p = pattern_digits(p, c.hour, 2);
	if (m->precision >= TO_MINUTE)
		p = pattern_digits(p, c.minute, 2);
	if (m->precision >= TO_SECOND)
		p = pattern_digits(p, c.second, 2);
	if (m->precision >= TO_SECOND && m->fraction) {
		int cut = c.micro;

		for (unsigned k = m->fraction; k < 6; k++)
			cut /= 10;
		*p++ = '.';
		p = pattern_digits(p, cut, m->fraction);
	}
	return (size_t)(put_zone(p, m->zone) - out);
}
