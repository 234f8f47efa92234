/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/subjects.h"

#include "core/engine/match.h"
#include "core/profile/probe.h"
#include "core/util/map.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Profiles that are kept beside those in use. */
#define KEPT 64
/* Profiles that others are made from: one for each set of switches, as a rule. */
#define BASES 16
/* More errors of one table tell nothing new. */
#define ERRORS_MAX 100
/* When so many came together repeats are dropped. */
#define DIAGS_MAX 10000

struct kept {
	struct buf key; /* see make_key() */
	struct profile *profile;
	size_t users;
	uint64_t used; /* when, in calls */
};

struct subjects {
	const struct cohort *cohort;
	const struct provider *provider;
	const struct subject_from *from;
	const struct profile *outline;
	struct profile *probe;
	struct profile *base[BASES]; /* not freed before the end */
	size_t nbase;
	pthread_mutex_t lock;
	struct kept *kept;
	size_t nkept;
	uint64_t calls;
};

/* What a path or a field says; p = NULL: nothing. */
struct label {
	struct deid_str subject, session;
};

const char *subject_from_parse(const char *text, struct subject_from *f, char why[256])
{
	struct deid_str s = str_of(text);
	size_t offset;

	*f = (struct subject_from){0};
	if (str_prefix(s, "field:") && s.n > 6) {
		f->field = str_sub(s, 6, s.n);
		return NULL;
	}
	if (!str_prefix(s, "path:"))
		return "it is path:REGEX or field:NAME";
	f->regex = regex_new(str_sub(s, 5, s.n), &offset, why, 256);
	if (!f->regex)
		return why;
	f->subject = regex_group(f->regex, STR("subject"));
	f->session = regex_group(f->regex, STR("session"));
	if (!f->subject && regex_groups(f->regex) && f->session != 1)
		f->subject = 1;
	return f->subject ? NULL : "the expression has no group that is the subject";
}

void subject_from_free(struct subject_from *f)
{
	regex_free(f->regex);
	f->regex = NULL;
}

struct subjects *subjects_new(const struct cohort *cohort, const struct provider *provider,
    const struct subject_from *from, const struct profile *outline, size_t jobs, struct deid_error *err)
{
	struct subjects *s = calloc(1, sizeof *s);

	if (!s) {
		error_nomem(err);
		return NULL;
	}
	pthread_mutex_init(&s->lock, NULL);
	s->cohort = cohort;
	s->provider = provider;
	s->from = from;
	s->outline = outline;
	s->nkept = KEPT + jobs;
	s->kept = calloc(s->nkept, sizeof *s->kept);
	if (!s->kept)
		error_nomem(err);
	else if (!from->regex)
		s->probe = profile_probe(outline, provider, from->field, err);
	if (s->kept && (from->regex || s->probe))
		return s;
	subjects_free(s);
	return NULL;
}

void subjects_free(struct subjects *s)
{
	if (!s)
		return;
	for (size_t i = 0; s->kept && i < s->nkept; i++) {
		profile_free(s->kept[i].profile);
		buf_free(&s->kept[i].key);
	}
	free(s->kept);
	for (size_t i = 0; i < s->nbase; i++)
		profile_free(s->base[i]);
	profile_free(s->probe);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

bool subjects_by_field(const struct subjects *s)
{
	return !s->from->regex;
}

/* ---- compiling --------------------------------------------------------------------------------- */

/* A good profile that shares nothing becomes one to share with; *kept: it is not to be freed any more. */
static void keep_base(struct subjects *s, struct profile *p, bool derived, bool good, bool *kept)
{
	*kept = p && good && !derived && s->nbase < BASES;
	if (*kept)
		s->base[s->nbase++] = p;
}

static struct cohort_bases bases_of(const struct subjects *s)
{
	return (struct cohort_bases){(const struct profile *const *)s->base, s->nbase};
}

/* ---- labels ------------------------------------------------------------------------------------ */

/* A label may hold anything: its length keeps two of them apart. */
static bool make_key(const struct label *l, struct buf *out)
{
	out->n = 0;
	return buf_printf(out, "%zu:", l->subject.n) && buf_str(out, l->subject) && buf_str(out, l->session);
}

/* capture has room for all groups. 1: the path names a subject, 0: it does not, else a failure. */
static int read_path(const struct subjects *s, const struct input *in, struct deid_str *capture,
    struct label *out, struct deid_error *err)
{
	const struct subject_from *f = s->from;
	int rc = regex_capture(f->regex, str_of(in->path), capture, err);

	if (rc != 1)
		return rc;
	out->subject = capture[f->subject];
	out->session = f->session ? capture[f->session] : (struct deid_str){NULL, 0};
	return out->subject.n && (!f->session || out->session.n);
}

static struct deid_str *captures_new(const struct subjects *s)
{
	return calloc(regex_groups(s->from->regex) + 1, sizeof(struct deid_str));
}

/* ---- before any file --------------------------------------------------------------------------- */

static void check_path_label(
    struct subjects *s, const struct input *in, const struct label *l, struct deid_error *err)
{
	struct deid_error why;

	error_init(&why);
	if (!cohort_has(s->cohort, l->subject, l->session, &why)) {
		error_diag(err, DIAG_ERROR, cohort_table_file(s->cohort), 0, 0,
		    "the subject of input %s: %.*s", in->label, (int)why.msg.n, why.msg.n ? why.msg.p : "");
	} else {
		const struct cohort_bases bases = bases_of(s);
		size_t before = err->nerrors;
		bool derived, kept;
		struct profile *p = cohort_profile_like(
		    s->cohort, s->provider, l->subject, l->session, &bases, &derived, err);

		keep_base(s, p, derived, err->nerrors == before, &kept);
		if (!kept)
			profile_free(p);
	}
	error_free(&why);
}

static bool check_paths(struct subjects *s, const struct walk *walk, struct deid_error *err)
{
	struct deid_str *capture = captures_new(s);
	struct map seen = {0};
	struct buf key = {0};
	bool good = capture != NULL;

	for (size_t i = 0; good && i < walk->n && err->nerrors < ERRORS_MAX; i++) {
		const struct input *in = &walk->input[i];
		struct label l;
		bool fresh = false;

		/* What no section claims has no subject to be wrong about. */
		if (in->kind != INPUT_FILE || !match_by_name(s->outline, str_of(input_name(in))))
			continue;
		if (read_path(s, in, capture, &l, NULL) != 1)
			continue; /* it fails in its turn */
		good = make_key(&l, &key) && map_put_copy(&seen, buf_view(&key), &fresh);
		if (fresh)
			check_path_label(s, in, &l, err);
		if (err->ndiag > DIAGS_MAX)
			error_sort(err);
	}
	free(capture);
	map_free(&seen);
	buf_free(&key);
	return good;
}

bool subjects_check(struct subjects *s, const struct walk *walk, struct deid_error *err)
{
	const struct subject_table *t = cohort_table(s->cohort);
	bool good = true;

	if (s->from->regex)
		return check_paths(s, walk, err);
	for (size_t row = t ? subject_next(t, 0) : 0; good && row && err->nerrors < ERRORS_MAX;
	     row = subject_next(t, row)) {
		const struct cohort_bases bases = bases_of(s);
		size_t before = err->nerrors;
		bool derived, kept;
		struct profile *p = cohort_row_like(s->cohort, s->provider, row, &bases, &derived, err);

		good = p != NULL;
		keep_base(s, p, derived, err->nerrors == before, &kept);
		if (!kept)
			profile_free(p);
		if (err->ndiag > DIAGS_MAX)
			error_sort(err);
	}
	return good;
}

/* ---- file time --------------------------------------------------------------------------------- */

/* Whose profile cannot be made: the first thing that is wrong with it. */
static int fail_profile(const struct deid_error *why, struct deid_error *err)
{
	for (size_t i = 0; i < why->ndiag; i++)
		if (why->diag[i].level == DIAG_ERROR)
			return error_fail(err, DEID_FAILED, DEID_E_PROFILE, "the profile of its subject: %s",
			    why->diag[i].text);
	return error_nomem(err);
}

/* The place for a profile that is not kept: a free one, else the one that was not used for longest. */
static struct kept *make_place(struct subjects *s)
{
	struct kept *best = NULL;

	for (size_t i = 0; i < s->nkept; i++) {
		struct kept *k = &s->kept[i];

		if (k->users == 0 && (!best || k->used < best->used))
			best = k;
	}
	if (best) {
		profile_free(best->profile);
		best->profile = NULL;
		best->used = 0;
	}
	return best;
}

static struct kept *find(struct subjects *s, struct deid_str key)
{
	for (size_t i = 0; i < s->nkept; i++)
		if (s->kept[i].profile && str_eq(buf_view(&s->kept[i].key), key))
			return &s->kept[i];
	return NULL;
}

static int compile(struct subjects *s, const struct label *l, struct kept *k, struct deid_error *err)
{
	const struct cohort_bases bases = bases_of(s);
	struct deid_error why;
	bool derived;
	int rc;

	error_init(&why);
	k->profile =
	    cohort_profile_like(s->cohort, s->provider, l->subject, l->session, &bases, &derived, &why);
	rc = k->profile && !why.nerrors ? DEID_OK : fail_profile(&why, err);
	error_free(&why);
	if (rc != DEID_OK) {
		profile_free(k->profile);
		k->profile = NULL;
	}
	return rc;
}

static int get(struct subjects *s, const struct label *l, const struct profile **out, struct deid_error *err)
{
	struct buf key = {0};
	struct kept *k;
	int rc = make_key(l, &key) ? DEID_OK : error_nomem(err);

	pthread_mutex_lock(&s->lock);
	k = rc == DEID_OK ? find(s, buf_view(&key)) : NULL;
	if (rc == DEID_OK && !k) {
		k = make_place(s);
		rc = k ? compile(s, l, k, err)
		       : error_fail(
			     err, DEID_FAILED, DEID_E_INTERNAL, "more profiles are in use than threads");
		if (rc == DEID_OK) {
			buf_free(&k->key);
			k->key = key;
			key = (struct buf){0};
		}
	}
	if (rc == DEID_OK) {
		k->users++;
		k->used = ++s->calls;
		*out = k->profile;
	}
	pthread_mutex_unlock(&s->lock);
	buf_free(&key);
	return rc;
}

void subjects_put(struct subjects *s, const struct profile *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->nkept; i++)
		if (s->kept[i].profile == p)
			s->kept[i].users--;
	pthread_mutex_unlock(&s->lock);
}

int subjects_by_path(
    struct subjects *s, const struct input *in, const struct profile **out, struct deid_error *err)
{
	struct deid_str *capture = captures_new(s);
	struct label l;
	int rc = capture ? read_path(s, in, capture, &l, err) : error_nomem(err);

	*out = NULL;
	if (rc == 1)
		rc = get(s, &l, out, err);
	free(capture);
	return rc;
}

int subjects_read(struct subjects *s, struct deid_job *job, const struct section *section,
    struct deid_source *src, const struct job_target *target, const struct profile **out,
    struct deid_error *err)
{
	const struct section *probe = &s->probe->section[section - s->outline->section];
	struct label l = {0};
	int rc = probe->nquery ? job_probe(job, probe, src, target, &l.subject, err) : DEID_OK;

	*out = NULL;
	if (rc != DEID_OK)
		return rc;
	if (!l.subject.n) {
		error_fail(err, DEID_FAILED, DEID_E_FIELD, "its subject cannot be told: no value");
		error_at(err, s->from->field, UINT64_MAX);
		return DEID_FAILED;
	}
	return get(s, &l, out, err);
}
