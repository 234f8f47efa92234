/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/match.h"

#include "core/io/gzip.h"
#include "core/io/source.h"
#include "core/util/glob.h"
#include "core/util/str.h"

/* More than any claim() looks at. */
#define GZIP_HEAD ((size_t)64 << 10)

bool match_gzip(struct deid_str name, struct deid_str *inner)
{
	bool gz = name.n > 3 && str_suffix(name, ".gz");

	*inner = gz ? str_sub(name, 0, name.n - 3) : name;
	return gz;
}

static bool filter_matches(const struct section *s, struct deid_str name)
{
	struct deid_str inner;
	bool gz = match_gzip(name, &inner);

	for (size_t i = 0; i < s->nfilter && !s->member; i++)
		if (glob_match(s->filter[i], name) || (gz && glob_match(s->filter[i], inner)))
			return true;
	return false;
}

static int claim(const struct section *s, const struct deid_host *host, struct deid_source *src, int *score,
    struct deid_error *err)
{
	*score = DEID_CLAIM_NO;
	return s->format->claim ? s->format->claim(host, src, score, err) : DEID_OK;
}

static bool container(const struct section *s)
{
	return s->format->flags & DEID_FORMAT_CONTAINER;
}

/* Is the first the better choice? What holds files comes last, however sure it is. */
static bool better(const struct section *s, int score, const struct section *than, int than_score)
{
	if (!than || container(s) != container(than))
		return !than || container(than);
	return score > than_score;
}

/* The surest claim; the first in the document among equals. */
static int surest(const struct profile *p, const struct deid_host *host, struct deid_str name, bool by_name,
    struct deid_source *src, const struct section **best, int *best_score, struct deid_error *err)
{
	*best = NULL;
	*best_score = DEID_CLAIM_NO;
	for (size_t i = 0; i < p->nsection; i++) {
		const struct section *s = &p->section[i];
		if (s->member || (by_name && !filter_matches(s, name)))
			continue;
		int score;
		int rc = claim(s, host, src, &score, err);
		if (rc != DEID_OK)
			return rc;
		if (score > DEID_CLAIM_NO && better(s, score, *best, *best_score)) {
			*best_score = score;
			*best = s;
		}
	}
	return DEID_OK;
}

bool match_by_name(const struct profile *p, struct deid_str name)
{
	for (size_t i = 0; i < p->nsection; i++)
		if (!p->section[i].member && filter_matches(&p->section[i], name))
			return true;
	return false;
}

int match_section(const struct profile *p, const struct deid_host *host, struct deid_str name,
    struct deid_source *src, const struct section **section, const char **why, struct deid_error *err)
{
	size_t named = 0;
	const struct section *first = NULL;
	int score;

	*section = NULL;
	*why = "no section of the profile claims it";
	for (size_t i = 0; i < p->nsection; i++) {
		if (!filter_matches(&p->section[i], name))
			continue;
		if (named++ == 0 || (container(first) && !container(&p->section[i])))
			first = &p->section[i];
	}
	if (named == 1) {
		*section = first;
		return DEID_OK;
	}
	int rc = surest(p, host, name, named > 1, src, section, &score, err);
	if (rc == DEID_OK && !*section)
		*section = first;
	return rc;
}

int match_file(const struct profile *p, const struct deid_host *host, struct deid_str name,
    struct deid_source *src, struct arena *arena, const struct section **section, const char **why,
    struct deid_error *err)
{
	struct deid_str inner;
	struct deid_source *head = NULL;
	unsigned char *buf = NULL;
	size_t n = 0;
	int rc = DEID_OK;
	if (match_gzip(name, &inner)) {
		buf = arena_alloc(arena, GZIP_HEAD);
		rc = buf ? gzip_head(src, buf, GZIP_HEAD, &n, err) : error_nomem(err);
		if (rc == DEID_OK)
			rc = source_open_mem(&head, buf, n, err);
	}
	if (rc == DEID_OK)
		rc = match_section(p, host, name, head ? head : src, section, why, err);
	source_close(head);
	return rc;
}

const struct section *match_mark(const struct profile *p, const struct deid_host *host,
    const struct section *section, struct deid_source *src)
{
	const struct section *best = NULL;
	int score = 0, own = 0;
	struct deid_error err;
	error_init(&err);
	if (claim(section, host, src, &own, &err) == DEID_OK && own == DEID_CLAIM_NO)
		if (surest(p, host, (struct deid_str){0}, false, src, &best, &score, &err) != DEID_OK)
			best = NULL;
	error_free(&err);
	return best && best->format->mark ? best : NULL;
}
