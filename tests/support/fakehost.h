/* SPDX-License-Identifier: MIT */
/*
 * What profiles and transforms need to run in a unit test: the core's own services for profiles, scratch
 * memory, and a provider of the built-in actions and of two formats that exist only here: fake   settings
 * size, mode, sub, list, pattern; a name tells the kind of a field (uid, date, time, count, age, opaque),
 * "unknown…" is none typed  the same with patterns of its own for dates `broken` is a format, and `shattered`
 * an action, that a plugin had and that could not be loaded.
 */
#ifndef DEID_TESTS_FAKEHOST_H
#define DEID_TESTS_FAKEHOST_H

#include "core/profile/profile.h"

struct fake {
	struct deid_error err;
	struct profile *profile;
	struct deid_job *job;
	struct deid_error run_err;
	/* how often the formats' functions were called, over all sections */
	size_t confs, paths, seals, sealed;
};

/* Compiles the document; its diagnostics are in err, sorted. */
void fake_open(struct fake *, const char *yaml);
void fake_close(struct fake *);
/* Runs rule `i` of the first section. */
int fake_run(struct fake *, size_t i, const struct deid_value *in, struct deid_result *out);
/* The first component of what rule 0 makes of a text in a field that takes any text; NULL: it failed. What
 * is left as it was comes back as it was, what is removed as "<removed>". Good until fake_close(). */
const char *fake_text(struct fake *, const char *text);
/* All components of the result, joined by `\`. NULL: it failed. */
const char *fake_value(struct fake *, const struct deid_value *in);
/* All diagnostics, as "LINE:COL: error: text" lines. Good until fake_close(). */
const char *fake_diags(struct fake *);

/* Components at p, n of them; max, range and flags can be set after. */
struct deid_value fake_components(enum deid_kind, const struct deid_str *v, size_t n);

#endif
