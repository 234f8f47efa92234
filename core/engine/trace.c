/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/trace.h"

#include <stdlib.h>
#include <string.h>

struct tracer {
	const struct trace *to;
	struct arena arena; /* what is known of the field in work */
	const struct section *section;
	struct trace_field field;
	struct deid_value was, now;
	struct trace_step *step; /* kept from field to field */
	size_t cap;
	bool open, ended, spent;
};

struct tracer *tracer_new(const struct trace *to, size_t memory)
{
	struct tracer *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->to = to;
	arena_init(&t->arena, memory);
	return t;
}

void tracer_free(struct tracer *t)
{
	if (!t)
		return;
	arena_free(&t->arena);
	free(t->step);
	free(t);
}

/* The value's texts are the format's, and good for a moment only. */
static const struct deid_value *keep(struct tracer *t, struct deid_value *to, const struct deid_value *v)
{
	struct deid_str *list = arena_array(&t->arena, v->n ? v->n : 1, sizeof *list);
	*to = *v;
	to->v = list;
	for (size_t i = 0; list && i < v->n; i++) {
		list[i] = arena_dup(&t->arena, v->v[i]);
		if (!list[i].p)
			list = NULL;
	}
	t->spent = t->spent || !list;
	return list ? to : NULL;
}

static void tell(struct tracer *t)
{
	if (t->open && t->ended && !t->spent)
		t->to->field(t->to->arg, t->section, &t->field);
	t->open = false;
}

void trace_start(struct tracer *t, const struct section *section, const struct deid_field *field,
    const struct deid_value *was)
{
	if (!t)
		return;
	tell(t);
	arena_reset(&t->arena);
	t->section = section;
	t->field = (struct trace_field){.name = arena_dup(&t->arena, field->name), .kind = field->kind};
	if (!t->field.name.p)
		t->spent = true;
	if (was)
		t->field.was = keep(t, &t->was, was);
	t->open = true;
	t->ended = false;
}

void trace_unread(struct tracer *t)
{
	if (!t)
		return;
	t->field.unread = true;
	t->field.was = NULL;
}

void trace_step(struct tracer *t, const struct rule *rule, const struct deid_result *r)
{
	if (!t)
		return;
	if (t->field.nstep == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 8;
		void *more = reallocarray(t->step, cap, sizeof *t->step);
		if (!more) {
			t->spent = true;
			return;
		}
		t->step = more;
		t->cap = cap;
	}
	t->step[t->field.nstep++] = (struct trace_step){rule, r->verdict};
	t->field.step = t->step;
}

static void settle(struct tracer *t, const struct deid_result *r)
{
	struct trace_field *f = &t->field;
	f->verdict = r->verdict;
	f->now = r->verdict == DEID_CHANGE ? keep(t, &t->now, &r->value)
		 : r->verdict == DEID_KEEP ? f->was
					   : NULL;
	t->ended = f->was || f->now || f->unread;
}

void trace_end(struct tracer *t, const struct deid_result *r)
{
	if (!t)
		return;
	t->field.by_error = r->by_error;
	settle(t, r);
}

void trace_refused(struct tracer *t, const struct deid_result *r)
{
	if (!t)
		return;
	t->field.by_error = r->by_error;
	settle(t, r);
}

int trace_flush(struct tracer *t, struct deid_error *err)
{
	if (!t)
		return DEID_OK;
	tell(t);
	return t->spent ? error_nomem(err) : DEID_OK;
}

void trace_drop(struct tracer *t)
{
	if (!t)
		return;
	t->open = t->spent = false;
	arena_reset(&t->arena);
}
