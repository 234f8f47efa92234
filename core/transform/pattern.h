/* SPDX-License-Identifier: MIT */
/*
 * Patterns of dates (profile language, sections 2, 4.5, 4.6): %Y %y %m %d %H %I %p %M %S %f %j %b %B %a %A %z
 * %% and literals, compiled once. Full digits are demanded; English names in any case. A fraction with the
 * point before it ("%S.%f") may be absent from a text.
 */
#ifndef DEID_TRANSFORM_PATTERN_H
#define DEID_TRANSFORM_PATTERN_H

#include <deid/plugin.h>

enum precision { TO_YEAR, TO_MONTH, TO_DAY, TO_HOUR, TO_MINUTE, TO_SECOND };

/* A date as it was read, and how it was written. */
struct moment {
	int64_t micro; /* as in core/util/civil.h; parts that were not given count as the first */
	enum precision precision;
	unsigned fraction;    /* digits after the second, 0 to 6 */
	struct deid_str zone; /* as written; empty: none */
};

struct pattern;

/* NULL: no memory, then *why is NULL; or *why says what is wrong. text must outlive the pattern. */
struct pattern *pattern_new(struct deid_str text, const char **why);
void pattern_free(struct pattern *);
bool pattern_has_time(const struct pattern *);
bool pattern_has_zone(const struct pattern *);
bool pattern_has_fraction(const struct pattern *);

/* The whole of text, or false. *out points into text. */
bool pattern_read(const struct pattern *, struct deid_str text, struct moment *out);
/* Room that pattern_write() needs. */
size_t pattern_room(const struct pattern *, const struct moment *);
/* Gives the length; 0 when the moment lies outside the years 1 to 9999. */
size_t pattern_write(const struct pattern *, const struct moment *, char *out);

/* Digits of v with leading zeros to `width`; gives p + width. */
char *pattern_digits(char *p, int v, unsigned width);
/* n digits at s[i]; -1: something else stands there. */
int pattern_number(struct deid_str s, size_t i, size_t n);
/* The length of a zone (+HHMM, -HHMM, +HH:MM, Z) at the end of text; 0: there is none. */
size_t pattern_zone_at_end(struct deid_str text);

#endif
