/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/advice.h"

#include "core/profile/settings.h"
#include "core/util/map.h"
#include <stdlib.h>
#include <string.h>

/* ---- entries on one place ----------------------------------------------------------------------- */

static bool is(const struct rule *r, const char *action)
{
	return strcmp(r->transform->action, action) == 0;
}

/* Certain to act on its place: by name, switched on, with nothing in it that a subject decides. */
static bool certain(const struct rule *r)
{
	return !r->regex && !r->off && r->path && !r->node->partial && !is(r, "keep");
}

static struct deid_str place(const struct rule *r)
{
	return r->info.place.n ? r->info.place : r->text;
}

/* The entry at this place, or at one that holds it, from a map of places. A place is its steps from outside
 * in, with DEID_PLACE_STEP between them. */
static const struct rule *find_around(const struct map *m, struct deid_str at, bool *exact)
{
	for (size_t n = at.n; n > 0; n--) {
		const struct rule *r = NULL;
		if (n == at.n || at.p[n] == DEID_PLACE_STEP)
			r = map_get(m, str_sub(at, 0, n));
		*exact = n == at.n;
		if (r)
			return r;
	}
	return NULL;
}

/* What every value of the place becomes, whatever entries did to it before. */
static bool wipes(const struct rule *r)
{
	return is(r, "remove") || (r->state && r->transform->constant && r->transform->constant(r->state));
}

static bool creates(const struct rule *r)
{
	return (r->transform->flags & DEID_TF_CREATE) && (r->info.flags & DEID_PATH_CREATE);
}

/* Days that a date action adds, when the document says it. */
static bool shift(const struct section *sec, const struct rule *r, double *days)
{
	const struct deid_node *n = node_get(r->node, "date-increment-override");
	if (!is(r, "increment-date") && !is(r, "increment-datetime"))
		return false;
	if (!n)
		n = node_get(r->node, "date-increment");
	if (!n)
		n = node_get(sec->node, "date-increment");
	*days = node_real(n);
	return n && !n->unknown;
}

/* Two entries on one place, the one behind the other. */
static void advise_pair(
    const struct section *sec, const struct rule *a, const struct rule *b, struct deid_error *err)
{
	size_t line = a->node->line;
	double da, db;
	if (is(a, "encrypt") && is(b, "decrypt"))
		node_advise(err, b->node, "this undoes what the entry in line %zu does", line);
	else if (shift(sec, a, &da) && shift(sec, b, &db))
		node_advise(err, b->node,
		    da + db == 0 ? "this undoes what the entry in line %zu does"
				 : "the entry in line %zu shifts this date too: it moves by both",
		    line);
	else
		node_advise(err, b->node, "the entry in line %zu changes this field too", line);
}

/* Behind a remove there is nothing, until an entry makes the field anew. last: the latest entry of each
 * place. */
static bool forward(const struct section *sec, struct map *last, bool *never, struct deid_error *err)
{
	for (size_t i = 0; i < sec->nrule; i++) {
		const struct rule *r = &sec->rule[i], *before;
		bool exact;
		if (!certain(r))
			continue;
		before = find_around(last, place(r), &exact);
		if (before && is(before, "remove") && creates(r))
			node_advise(err, r->node,
			    "this makes the field anew that the entry in line %zu removes",
			    before->node->line);
		else if (before && is(before, "remove"))
			never[i] = true;
		else if (before && exact && !wipes(r))
			advise_pair(sec, before, r, err);
		if (never[i]) {
			node_advise(err, r->node, "this never acts: the entry in line %zu removes the field",
			    before->node->line);
			continue;
		}
		struct map_entry *e = map_put(last, place(r), NULL);
		if (!e)
			return false;
		e->value = (void *)(uintptr_t)r;
	}
	return true;
}

/* What is wiped later was for nothing. next: the nearest later entry of each place that wipes it. */
static bool backward(const struct section *sec, struct map *next, const bool *never, struct deid_error *err)
{
	for (size_t i = sec->nrule; i-- > 0;) {
		const struct rule *r = &sec->rule[i], *later;
		bool exact;
		if (!certain(r) || never[i])
			continue;
		later = find_around(next, place(r), &exact);
		if (later && !is(r, "remove"))
			node_advise(err, later->node,
			    is(later, "remove")
				? "the entry in line %zu is for nothing: this removes the field"
				: "the entry in line %zu is for nothing: this replaces the value",
			    r->node->line);
		struct map_entry *e = wipes(r) ? map_put(next, place(r), NULL) : NULL;
		if (wipes(r) && !e)
			return false;
		if (e)
			e->value = (void *)(uintptr_t)r;
	}
	return true;
}

void advise_salt(struct section *sec, const struct deid_node *entry, const struct deid_transform *t,
    struct deid_error *err)
{
	/* A hash that anyone can compute is no pseudonym: all identifiers of a hospital are tried in a
	 * minute. */
	if (sec->salt_advised || !setting_find(t->settings, STR("salt")) ||
	    setting_partial(entry, t->settings) || setting_partial(sec->node, t->settings) ||
	    node_str(node_get(entry, "salt")).n || node_str(node_get(sec->node, "salt")).n)
		return;
	sec->salt_advised = true;
	node_advise(
	    err, entry, "\"%s\" without \"salt\": whoever knows an original can find it again", t->action);
}

bool advise_section(const struct section *sec, struct deid_error *err)
{
	struct map last = {0}, next = {0};
	bool *never = calloc(sec->nrule + 1, sizeof *never); /* the entries that cannot act */
	bool done = never && forward(sec, &last, never, err) && backward(sec, &next, never, err);
	map_free(&last);
	map_free(&next);
	free(never);
	return done;
}

/* ---- sections ----------------------------------------------------------------------------------- */

static bool has_filter(const struct section *s, struct deid_str glob)
{
	for (size_t i = 0; i < s->nfilter; i++)
		if (str_eq(s->filter[i], glob) || str_eqz(s->filter[i], "*"))
			return true;
	return false;
}

/* Every name of b is one of a too. */
static bool covers(const struct section *a, const struct section *b)
{
	for (size_t i = 0; i < b->nfilter; i++)
		if (!has_filter(a, b->filter[i]))
			return false;
	return b->nfilter > 0;
}

static void advise_filter(const struct profile *p, size_t at, struct deid_error *err)
{
	const struct section *s = &p->section[at];
	const struct deid_node *given = node_get(s->node, "file-filter");
	const struct deid_node *where = given ? given : s->node;
	if (given && given->partial)
		return;
	for (size_t i = 0; given && i < s->nfilter; i++)
		if (memchr(s->filter[i].p, '/', s->filter[i].n))
			node_advise(err, node_at(given, i),
			    "this never matches: \"file-filter\" is about the last part of a path, which has "
			    "no '/'");
	/* A content mark finds files of any name, and decides between sections of one name. */
	if (s->format->claim)
		return;
	if (s->nfilter == 0 && !given)
		node_advise(err, where, "no file belongs to the section: it needs \"file-filter\"");
	for (size_t i = 0; i < at; i++)
		if (!p->section[i].member && covers(&p->section[i], s)) {
			node_advise(err, where,
			    "no file belongs to the section: \"%s\" in line %zu takes the same names",
			    p->section[i].name, p->section[i].node->line);
			return;
		}
}

void advise_files(const struct profile *p, struct deid_error *err)
{
	for (size_t i = 0; i < p->nsection; i++)
		if (!p->section[i].member)
			advise_filter(p, i, err);
}
