/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/check.h"
#include "core/util/civil.h"
#include "core/util/str.h"
#include "core/util/utf8.h"
#include <string.h>

static bool digits(struct deid_str s, size_t at, size_t n, int *value)
{
	*value = 0;
	if (at > s.n || n > s.n - at)
		return false;
	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*value = *value * 10 + (s.p[i] - '0');
	}
	return true;
}

static bool is_date(struct deid_str s)
{
	int y, m, d;

	return s.n == 8 && digits(s, 0, 4, &y) && digits(s, 4, 2, &m) && digits(s, 6, 2, &d) && y >= 1 &&
	       m >= 1 && m <= 12 && d >= 1 && d <= civil_month_days(y, m);
}

/* HH[MM[SS[.F{1,6}]]] */
static bool is_time(struct deid_str s)
{
	int v;

	if (s.n < 2 || !digits(s, 0, 2, &v) || v > 23)
		return false;
	if (s.n == 2)
		return true;
	if (!digits(s, 2, 2, &v) || v > 59)
		return false;
	if (s.n == 4)
		return true;
	if (!digits(s, 4, 2, &v) || v > 60) /* 60: a leap second */
		return false;
	if (s.n == 6)
		return true;
	return s.p[6] == '.' && s.n >= 8 && s.n <= 13 && digits(s, 7, s.n - 7, &v);
}

static bool is_zone(struct deid_str s)
{
	int h, m;

	return s.n == 5 && (s.p[0] == '+' || s.p[0] == '-') && digits(s, 1, 2, &h) && h <= 14 &&
	       digits(s, 3, 2, &m) && m <= 59;
}

/* YYYY[MM[DD[HH…]]][±HHMM] */
static bool is_moment(struct deid_str s)
{
	int y, m = 1;

	if (s.n > 5 && is_zone(str_sub(s, s.n - 5, 5)))
		s.n -= 5;
	if (!digits(s, 0, 4, &y) || y < 1)
		return false;
	if (s.n == 4)
		return true;
	if (s.n == 6)
		return digits(s, 4, 2, &m) && m >= 1 && m <= 12;
	if (!is_date(str_sub(s, 0, 8)))
		return false;
	return s.n == 8 || is_time(str_sub(s, 8, s.n));
}

/* One value, or a range with one side left open at most: PS3.4 section C.2.2.2.5. */
static bool is_range(struct deid_str s, bool (*one)(struct deid_str))
{
	if (one(s))
		return true;
	for (size_t i = str_find(s, '-', 0); i < s.n; i = str_find(s, '-', i + 1)) {
		struct deid_str a = str_sub(s, 0, i), b = str_sub(s, i + 1, s.n);

		if ((a.n || b.n) && (!a.n || one(a)) && (!b.n || one(b)))
			return true;
	}
	return false;
}

static bool is_decimal(struct deid_str s)
{
	size_t i = 0, n = 0;

	if (s.n > 16)
		return false;
	if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
		i++;
	for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		n++;
	if (i < s.n && s.p[i] == '.')
		for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
			n++;
	if (!n)
		return false;
	if (i < s.n && (s.p[i] | 0x20) == 'e') {
		if (++i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
			i++;
		for (n = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
			n++;
		if (!n)
			return false;
	}
	return i == s.n;
}

static bool is_integer(struct deid_str s)
{
	int64_t v;

	return s.n <= 12 && str_i64(s, &v) && v >= INT32_MIN && v <= INT32_MAX;
}

const char *check_value(enum vr vr, struct deid_str c)
{
	if (!c.n)
		return NULL;
	switch (vr) {
	case VR_DA:
		return is_range(c, is_date) ? NULL : "the text is no date (DA: YYYYMMDD)";
	case VR_TM:
		return is_range(c, is_time) ? NULL : "the text is no time (TM: HHMMSS.FFFFFF)";
	case VR_DT:
		return is_range(c, is_moment) ? NULL : "the text is no date and time (DT)";
	case VR_DS:
		return is_decimal(c) ? NULL : "the text is no decimal number of at most 16 characters (DS)";
	case VR_IS:
		return is_integer(c) ? NULL : "the text is no whole number of at most 12 characters (IS)";
	default:
		return NULL;
	}
}

static bool is_age(struct deid_str s)
{
	int v;

	return s.n == 4 && digits(s, 0, 3, &v) && memchr("DWMY", s.p[3], 4);
}

static bool is_uid(struct deid_str s)
{
	struct deid_str part;

	if (s.n > 64)
		return false;
	while (str_split(&s, '.', &part)) {
		if (!part.n || (part.n > 1 && part.p[0] == '0'))
			return false;
		for (size_t i = 0; i < part.n; i++)
			if (part.p[i] < '0' || part.p[i] > '9')
				return false;
	}
	return true;
}

static bool is_code(struct deid_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '_'))
			return false;
	}
	return true;
}

/* Three component groups of 64 characters each. */
static bool is_name(struct deid_str s)
{
	struct deid_str part;
	size_t n = 0;

	while (str_split(&s, '=', &part))
		if (++n > 3 || utf8_count(part) > 64)
			return false;
	return true;
}

const char *check_doubt(enum vr vr, struct deid_str c)
{
	const struct vr_info *info = vr_info(vr);

	if (!c.n)
		return NULL;
	switch (vr) {
	case VR_AS:
		return is_age(c) ? NULL : "the text is no age string (AS: three digits and D, W, M or Y)";
	case VR_UI:
		return is_uid(c) ? NULL : "the text is no valid UID";
	case VR_PN:
		return is_name(c) ? NULL : "the text is longer than a person name may be";
	case VR_CS:
		if (!is_code(c))
			return "the text has characters that a code string (CS) may not have";
		break;
	default:
		break;
	}
	if (info->flags & VR_F_TEXT && info->max && utf8_count(c) > info->max)
		return "the text is longer than the value representation allows";
	return NULL;
}
