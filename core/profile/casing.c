/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/casing.h"

#include "core/util/utf8.h"

/* first, first + step, … last: each becomes itself + delta. Sorted; stretches do not overlap. */
struct run {
	uint32_t first, last, step;
	int32_t delta;
};

/* One character that becomes several. Sorted. */
struct special {
	uint32_t cp;
	const char *to;
};

#include "core/profile/casing_table.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct casing {
	const struct run *run;
	size_t nrun;
	const struct special *special;
	size_t nspecial;
};

static const struct casing upper = {upper_run, COUNT(upper_run), upper_special, COUNT(upper_special)};
static const struct casing lower = {lower_run, COUNT(lower_run), lower_special, COUNT(lower_special)};

static const char *find_special(const struct casing *c, uint32_t cp)
{
	size_t lo = 0, hi = c->nspecial;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->special[mid].cp == cp)
			return c->special[mid].to;
		if (c->special[mid].cp < cp)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static uint32_t map_one(const struct casing *c, uint32_t cp)
{
	size_t lo = 0, hi = c->nrun;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct run *run = &c->run[mid];

		if (run->last < cp)
			lo = mid + 1;
		else if (run->first > cp)
			hi = mid;
		else
			return (cp - run->first) % run->step ? cp : cp + (uint32_t)run->delta;
	}
	return cp;
}

static bool cased(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z');
	return map_one(&upper, cp) != cp || map_one(&lower, cp) != cp || find_special(&upper, cp);
}

#define SIGMA 0x3a3u
#define FINAL_SIGMA 0x3c2u

/* A capital sigma behind a letter and before none (Unicode 3.13, Final_Sigma, without its ignorable
 * characters). */
static bool ends_word(struct deid_str text, size_t after, uint32_t before)
{
	uint32_t next;

	return cased(before) && !(utf8_next(text, after, &next) && cased(next));
}

static bool add_cp(struct buf *out, uint32_t cp)
{
	char bytes[4];

	return buf_add(out, bytes, utf8_put(bytes, cp));
}

static bool change(const struct casing *c, struct deid_str text, struct buf *out)
{
	uint32_t cp = 0, before;
	size_t n;

	for (size_t i = 0; i < text.n; i += n) {
		const char *several;
		bool ok;

		before = cp;
		n = utf8_next(text, i, &cp);
		if (!n) {
			n = 1;
			cp = 0;
			ok = buf_c(out, text.p[i]);
		} else if (cp < 0x80) {
			uint32_t first = c == &upper ? 'a' : 'A';

			ok = buf_c(out, (char)(cp >= first && cp < first + 26 ? cp ^ 0x20 : cp));
		} else if (c == &lower && cp == SIGMA && ends_word(text, i + n, before)) {
			ok = add_cp(out, FINAL_SIGMA);
		} else {
			several = find_special(c, cp);
			ok = several ? buf_z(out, several) : add_cp(out, map_one(c, cp));
		}
		if (!ok)
			return false;
	}
	return true;
}

bool case_upper(struct deid_str text, struct buf *out)
{
	return change(&upper, text, out);
}

bool case_lower(struct deid_str text, struct buf *out)
{
	return change(&lower, text, out);
}
