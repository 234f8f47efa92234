/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/apply.h"

#include "core/engine/query.h"
#include "core/engine/trace.h"
#include "core/transform/builtin.h"
#include <string.h>

bool apply_creates(const struct rule *rule)
{
	return (rule->transform->flags & DEID_TF_CREATE) && rule->path &&
	       (rule->info.flags & DEID_PATH_CREATE);
}

bool apply_needs_no_value(const struct rule *rule)
{
	return rule->transform == &transform_remove;
}

bool apply_any_value(const struct rule *rule)
{
	const struct deid_transform *t = rule->transform;
	const uint32_t all = DEID_TF_EMPTY | DEID_TF_TREE;
	return (t->flags & all) == all && t->constant && t->constant(rule->state);
}

/* An empty value and a null are left alone by most actions, but are there all the same. */
static bool value_empty(const struct deid_value *v)
{
	return v->kind == DEID_NULL || (v->kind != DEID_TREE && v->n == 0) || (v->n == 1 && v->v[0].n == 0);
}

int apply_on_error(struct deid_job *job, const struct rule *rule, const struct deid_field *field,
    struct deid_error *why, struct deid_result *out, struct deid_error *err)
{
	if (why->rc == DEID_OK)
		error_fail(why, DEID_FAILED, DEID_E_INTERNAL, "action '%s' failed without a reason",
		    rule->transform->action);
	if (!error_excusable(why) || rule->on_error == ON_ERROR_FAIL) {
		if (!why->field.n)
			error_at(why, field->name, why->offset);
		if (why != err) {
			struct deid_error none = *err;
			*err = *why;
			*why = none;
		}
		return err->rc;
	}
	const char *what = why->msg.n ? buf_cstr(&why->msg) : NULL;
	job_warn(job, field->name, "%s, on-error: %s", what ? what : "an action failed",
	    rule->on_error == ON_ERROR_REMOVE ? "the field is removed" : "the value is left as it was");
	error_clear(why);
	out->verdict = rule->on_error == ON_ERROR_REMOVE ? DEID_REMOVE : DEID_KEEP;
	out->by_error = out->verdict == DEID_REMOVE;
	out->by = rule->id;
	return DEID_OK;
}

/* Structure is only there while the value keeps it, or spells it. */
static void settle_kind(struct deid_value *v)
{
	bool spelled = v->flags & DEID_V_TYPED && v->n == 1;
	if (!v->tree && !spelled && (v->kind == DEID_NULL || v->kind == DEID_TREE))
		v->kind = DEID_TEXT;
}

/* What is known of a field that is not there yet. */
static uint32_t flags_of_new(const struct deid_job *job)
{
	return job->section && job->section->format->flags & DEID_FORMAT_TYPED ? DEID_V_FREE | DEID_V_TYPED
									       : 0;
}

int apply_rule(struct deid_job *job, const struct rule *rule, const struct deid_field *field,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	const struct deid_transform *t = rule->transform;
	*out = (struct deid_result){.size = sizeof *out, .verdict = DEID_KEEP};
	if (in)
		out->value = *in;
	else
		out->value =
		    (struct deid_value){.size = sizeof out->value, .flags = flags_of_new(job), .lo = 1};

	struct deid_error *why = &job->tried;
	error_clear(why);
	if (in && in->kind == DEID_TREE && !(t->flags & DEID_TF_TREE)) {
		if (rule->regex || (rule->info.flags & DEID_PATH_WILD))
			return DEID_OK; /* the leaves below are acted on */
		error_fail(why, DEID_FAILED, DEID_E_FIELD, "'%s' cannot act on a field that holds others",
		    t->action);
		return apply_on_error(job, rule, field, why, out, err);
	}
	if (in && value_empty(in) && !(t->flags & DEID_TF_EMPTY))
		return DEID_OK;
	int rc = t->run(rule->state, job, field, in, out, why);
	if (rc != DEID_OK) {
		if (why->rc == DEID_OK)
			error_fail(why, rc, DEID_E_VALUE, "action '%s' failed", t->action);
		return apply_on_error(job, rule, field, why, out, err);
	}
	if (out->verdict == DEID_CHANGE)
		settle_kind(&out->value);
	out->by = rule->id;
	return DEID_OK;
}

/* ---- the services of stream formats ------------------------------------------------------------ */

static int list_field(struct deid_job *job, const struct deid_field *field, const struct deid_value *in,
    struct deid_result *out, struct deid_error *err)
{
	*out = (struct deid_result){.size = sizeof *out, .verdict = DEID_KEEP};
	if (!in)
		return DEID_OK;
	return job->listing->field(
	    job->listing->arg, field, field->kind == DEID_TREE || in->kind == DEID_TREE ? NULL : in, err);
}

/* The state of a field while the entries pass over it. */
struct chain {
	struct deid_value value;
	bool there, changed, by_error;
	uint32_t by;
};

static void chain_take(struct chain *c, const struct deid_result *r)
{
	if (r->verdict == DEID_CHANGE) {
		c->value = r->value;
		c->there = c->changed = true;
		c->by_error = false;
	} else {
		c->there = false;
		c->by_error = r->by_error;
	}
	c->by = r->by;
}

static int chain_step(struct deid_job *job, const struct rule *rule, const struct deid_field *field,
    struct chain *c, struct deid_error *err)
{
	uint8_t *seen = &job->seen[rule->id];
	if (!c->there && !apply_creates(rule)) {
		/* A column goes as a whole: where `remove` speaks, no cell is "removed by error". */
		if (apply_needs_no_value(rule) && c->by_error) {
			c->by_error = false;
			c->by = rule->id;
		}
		return DEID_OK;
	}
	struct deid_result r;
	int rc = apply_rule(job, rule, field, c->there ? &c->value : NULL, &r, err);
	if (rc != DEID_OK)
		return rc;
	trace_step(job->tracer, rule, &r);
	if (r.verdict == DEID_KEEP)
		return DEID_OK;
	if (r.verdict == DEID_REMOVE && !c->there)
		return DEID_OK;
	*seen |= c->there ? RULE_ACTED : RULE_ACTED | RULE_CREATED;
	chain_take(c, &r);
	return DEID_OK;
}

int apply_chain(struct deid_job *job, const struct deid_field *field, const uint32_t *all, size_t nall,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	arena_reset(&job->scratch);
	if (job->listing)
		return list_field(job, field, in, out, err);
	struct chain c = {.there = in != NULL};
	job->chain++;
	if (in)
		c.value = *in;
	trace_start(job->tracer, job->section, field, in);
	size_t n = nall; /* without the queries at the end */
	while (n > 0 && all[n - 1] >= job->section->nrule)
		n--;
	for (size_t i = 0; i < n; i++) {
		/* The format knows the rules of another subject, where this one may be on (derive.h). */
		if (job->section->rule[all[i]].off)
			continue;
		job->seen[all[i]] |= in ? RULE_VALUE : RULE_MISSING;
		int rc = chain_step(job, &job->section->rule[all[i]], field, &c, err);
		if (rc != DEID_OK)
			return rc;
	}
	*out = (struct deid_result){.size = sizeof *out, .verdict = DEID_KEEP, .by = c.by};
	if (!c.there && in) {
		out->verdict = DEID_REMOVE;
		out->by_error = c.by_error;
	} else if (c.there && c.changed) {
		out->verdict = DEID_CHANGE;
		out->value = c.value;
	}
	trace_end(job->tracer, out);
	return n < nall ? query_settle(job, all + n, nall - n, in, c.there ? &c.value : NULL, err) : DEID_OK;
}

int apply_refuse(struct deid_job *job, const struct deid_field *field, struct deid_result *r, const char *why,
    struct deid_error *err)
{
	if (job->listing || r->by >= job->section->nrule)
		return error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "the format refuses what no entry gave");
	error_clear(&job->tried);
	error_fail(&job->tried, DEID_FAILED, DEID_E_FIELD, "%s", why);
	int rc = apply_on_error(job, &job->section->rule[r->by], field, &job->tried, r, err);
	if (rc == DEID_OK) {
		query_unsettle(job, r->verdict == DEID_KEEP);
		trace_refused(job->tracer, r);
	}
	return rc;
}

/* ---- which entries act on a field -------------------------------------------------------------- */

uint32_t apply_wants(struct deid_job *job)
{
	if (job->listing)
		return DEID_WANT_ALL | DEID_WANT_NAMES;
	return (job->section->has_regex ? DEID_WANT_ALL : 0) |
	       (job->section->reads_originals ? DEID_WANT_ORIGINALS : 0);
}

/* FNV-1a; 0 is kept for "free". */
static uint64_t hash_bytes(uint64_t h, const void *p, size_t n)
{
	const unsigned char *b = p;
	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 1099511628211u;
	return h;
}

#define HASH_START 14695981039346656037u
#define RECENT_SLOTS 256 /* a power of two */
#define RECENT_KEY_MAX 256

/* Lists that were handed out stay valid until the job ends, so equal ones are shared: their number depends
 * on the profile, not on how many names the file has. */
static const struct id_list *intern(struct deid_job *job, const uint32_t *ids, size_t n)
{
	uint64_t h = hash_bytes(HASH_START, ids, n * sizeof *ids);
	for (size_t i = 0; i < job->nintern; i++) {
		const struct id_list *l = job->intern[i];
		if (l->hash == h && l->n == n && memcmp(l->id, ids, n * sizeof *ids) == 0)
			return l;
	}
	if (job->nintern == job->intern_cap) {
		size_t cap = job->intern_cap ? 2 * job->intern_cap : 16;
		const struct id_list **list = arena_array(&job->arena, cap, sizeof *list);
		if (!list)
			return NULL;
		if (job->nintern)
			memcpy(list, job->intern, job->nintern * sizeof *list);
		job->intern = list;
		job->intern_cap = cap;
	}
	struct id_list *l = arena_alloc(&job->arena, sizeof *l);
	uint32_t *copy = arena_alloc(&job->arena, n * sizeof *ids);
	if (!l || !copy)
		return NULL;
	memcpy(copy, ids, n * sizeof *ids);
	*l = (struct id_list){copy, n, h};
	job->intern[job->nintern++] = l;
	return l;
}

/* Insertion: a field has few entries, and formats give most in order. Doubles are dropped. */
static size_t add_id(uint32_t *ids, size_t n, uint32_t id)
{
	size_t i = n;
	while (i > 0 && ids[i - 1] > id)
		i--;
	if (i > 0 && ids[i - 1] == id)
		return n;
	memmove(ids + i + 1, ids + i, (n - i) * sizeof *ids);
	ids[i] = id;
	return n + 1;
}

int apply_names(
    struct deid_job *job, uint32_t id, const struct deid_field *field, bool *hit, struct deid_error *err)
{
	const struct section *s = job->section;
	const struct regex *regex = s && id < s->nrule ? s->rule[id].regex : NULL;

	*hit = false;
	if (!regex)
		return error_fail(
		    err, DEID_FAILED, DEID_E_INTERNAL, "the format asks for a regex that is none");
	int rc = regex_match(regex, field->name, NULL, err);
	if (rc == 0 && field->alt.n)
		rc = regex_match(regex, field->alt, NULL, err);
	if (rc < 0) {
		error_at(err, field->name, UINT64_MAX);
		return rc;
	}
	*hit = rc != 0;
	return DEID_OK;
}

static int collect(struct deid_job *job, const struct deid_field *field, const uint32_t *ids, size_t n,
    size_t *count, struct deid_error *err)
{
	const struct section *s = job->section;
	size_t k = 0;
	for (size_t i = 0; i < n; i++) {
		if (ids[i] >= s->nrule + s->nquery)
			return error_fail(
			    err, DEID_FAILED, DEID_E_INTERNAL, "the format names an unknown entry");
		bool used = ids[i] < s->nrule ? !s->rule[ids[i]].off : s->query[ids[i] - s->nrule].final;
		if (used)
			k = add_id(job->ids, k, ids[i]);
	}
	for (size_t i = 0; s->has_regex && i < s->nrule; i++) {
		const struct rule *r = &s->rule[i];
		if (!r->regex || r->off)
			continue;
		bool hit;
		int rc = apply_names(job, r->id, field, &hit, err);
		if (rc != DEID_OK)
			return rc;
		if (hit)
			k = add_id(job->ids, k, r->id);
	}
	*count = k;
	return DEID_OK;
}

/* The slot that remembers this name and these ids; NULL: the name is too long to remember. */
static struct name_slot *recent_slot(struct deid_job *job, const struct deid_field *f, const uint32_t *ids,
    size_t n, uint64_t *hash, bool *hit)
{
	size_t len = f->name.n + f->alt.n + n * sizeof *ids;
	*hit = false;
	if (!job->recent || len > RECENT_KEY_MAX)
		return NULL;
	uint64_t h = hash_bytes(HASH_START, f->name.p, f->name.n);
	h = hash_bytes(h ^ 0xff, f->alt.p, f->alt.n);
	h = hash_bytes(h ^ 0xff, ids, n * sizeof *ids);
	h = h ? h : 1;
	struct name_slot *slot = &job->recent[(h ^ h >> 32) & (RECENT_SLOTS - 1)];
	*hash = h;
	if (slot->hash != h || slot->key.n != len)
		return slot;
	const char *k = slot->key.p;
	*hit = (!f->name.n || memcmp(k, f->name.p, f->name.n) == 0) &&
	       (!f->alt.n || memcmp(k + f->name.n, f->alt.p, f->alt.n) == 0) &&
	       (!n || memcmp(k + f->name.n + f->alt.n, ids, n * sizeof *ids) == 0);
	return slot;
}

static void recent_put(struct deid_job *job, struct name_slot *slot, uint64_t hash,
    const struct deid_field *f, const uint32_t *ids, size_t n, const struct id_list *list)
{
	char *k = (char *)(job->recent + RECENT_SLOTS) + (size_t)(slot - job->recent) * RECENT_KEY_MAX;
	(void)job;
	*slot = (struct name_slot){hash, {k, f->name.n + f->alt.n + n * sizeof *ids}, list};
	if (f->name.n)
		memcpy(k, f->name.p, f->name.n);
	if (f->alt.n)
		memcpy(k + f->name.n, f->alt.p, f->alt.n);
	if (n)
		memcpy(k + f->name.n + f->alt.n, ids, n * sizeof *ids);
}

/* Only a section with regex entries has something to remember. */
static bool recent_ready(struct deid_job *job)
{
	if (!job->section->has_regex || job->recent)
		return true;
	job->recent = arena_zalloc(&job->arena, RECENT_SLOTS * (sizeof *job->recent + RECENT_KEY_MAX));
	return job->recent != NULL;
}

int apply_match(struct deid_job *job, const struct deid_field *field, const uint32_t *ids, size_t n,
    const uint32_t **all, size_t *nall, struct deid_error *err)
{
	static const uint32_t listing_id[1] = {0};
	static const struct id_list nobody = {NULL, 0, 0};
	*all = NULL;
	*nall = 0;
	if (job->listing) {
		*all = listing_id;
		*nall = 1;
		return DEID_OK;
	}
	if (!recent_ready(job))
		return error_nomem(err);
	uint64_t hash = 0;
	bool hit;
	struct name_slot *slot = recent_slot(job, field, ids, n, &hash, &hit);
	const struct id_list *list = hit ? slot->list : NULL;
	if (!hit) {
		size_t count = 0;
		int rc = collect(job, field, ids, n, &count, err);
		if (rc != DEID_OK)
			return rc;
		list = count ? intern(job, job->ids, count) : &nobody;
		if (!list)
			return error_nomem(err);
		if (slot)
			recent_put(job, slot, hash, field, ids, n, list);
	}
	for (size_t i = 0; i < list->n; i++)
		job->seen[list->id[i]] |= RULE_MATCHED;
	*all = list->id;
	*nall = list->n;
	return DEID_OK;
}
