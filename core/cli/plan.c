/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/plan.h"

#include "core/cli/planvalue.h"
#include "core/cli/print.h"
#include <string.h>

enum outcome_of_field { CHANGED, REMOVED, CREATED, KEPT, OUTCOMES };

static const char *const word[OUTCOMES] = {"changed", "removed", "created", "kept"};

struct entry {
	struct deid_str text; /* its name or regex */
	const char *action;
	bool regex;
	size_t line; /* of the profile */
};

/* One field with the entries that looked at it. All of it is a copy: a subject's own profile may be gone when
 * its file is settled. */
struct line {
	struct deid_str section;
	bool member;
	struct deid_str field;
	struct entry *entry;
	size_t nentry;
	size_t count[OUTCOMES];
	/* The example. */
	enum outcome_of_field what;
	bool by_error;
	struct deid_str was, now; /* spelled out; n = 0: there is none */
};

void plan_init(struct plan *p, struct report *r)
{
	*p = (struct plan){.report = r};
	arena_init(&p->arena, 0);
}

void plan_free(struct plan *p)
{
	arena_free(&p->arena);
	map_free(&p->line);
}

/* ---- while the file is worked on ---------------------------------------------------------------- */

static enum outcome_of_field outcome_of(const struct trace_field *f)
{
	if (f->verdict == DEID_KEEP)
		return KEPT;
	if (f->verdict == DEID_REMOVE)
		return REMOVED;
	return f->was || f->unread ? CHANGED : CREATED;
}

/* The name, the section and the entries; addresses stand for them. */
static struct map_entry *find_line(
    struct plan *p, const struct section *section, const struct trace_field *f, bool *fresh)
{
	struct buf key = {0};
	struct map_entry *e = NULL;
	bool good = buf_str(&key, f->name) && buf_c(&key, '\0') && buf_add(&key, &section, sizeof section);
	for (size_t i = 0; good && i < f->nstep; i++)
		good = buf_add(&key, &f->step[i].rule, sizeof f->step[i].rule);
	*fresh = false;
	if (good && p->line.n >= PLAN_LINES_MAX)
		e = map_find(&p->line, buf_view(&key));
	else if (good)
		e = map_put_copy(&p->line, buf_view(&key), fresh);
	p->spent = p->spent || (!e && p->line.n < PLAN_LINES_MAX);
	buf_free(&key);
	return e;
}

static struct line *new_line(struct plan *p, const struct section *section, const struct trace_field *f)
{
	struct line *l = arena_zalloc(&p->arena, sizeof *l);
	if (!l)
		return NULL;
	l->section = arena_dup(&p->arena, str_of(section->name));
	l->member = section->member;
	l->field = arena_dup(&p->arena, f->name);
	l->entry = arena_array(&p->arena, f->nstep, sizeof *l->entry);
	if (!l->section.p || !l->field.p || !l->entry)
		return NULL;
	for (size_t i = 0; i < f->nstep; i++) {
		const struct rule *r = f->step[i].rule;
		struct deid_str text = arena_dup(&p->arena, r->text);
		if (!text.p)
			return NULL;
		l->entry[l->nentry++] =
		    (struct entry){text, r->transform->action, r->regex != NULL, r->node->line};
	}
	l->what = OUTCOMES;
	return l;
}

static struct deid_str spell(struct plan *p, const struct deid_value *v, bool unread)
{
	struct buf out = {0};
	struct deid_str s = {0};
	bool good = p->json ? planvalue_json(&out, v, unread) : planvalue_text(&out, v, unread);
	if (good)
		s = arena_dup(&p->arena, buf_view(&out));
	p->spent = p->spent || !s.p;
	buf_free(&out);
	return s;
}

static void take_example(
    struct plan *p, struct line *l, const struct trace_field *f, enum outcome_of_field what)
{
	l->what = what;
	l->by_error = f->by_error;
	if (!p->values)
		return;
	if (f->was || f->unread)
		l->was = spell(p, f->was, f->unread);
	if (f->now)
		l->now = spell(p, f->now, false);
}

void plan_field(void *plan, const struct section *section, const struct trace_field *f)
{
	struct plan *p = plan;
	bool fresh;
	/* Entries behind one that removed the field had nothing to look at. */
	if (f->nstep == 0)
		return;
	struct map_entry *e = find_line(p, section, f, &fresh);
	if (!e) {
		p->more++;
		return;
	}
	if (fresh)
		e->value = new_line(p, section, f);
	struct line *l = e->value;
	if (!l) {
		p->spent = true;
		return;
	}
	enum outcome_of_field what = outcome_of(f);
	if (l->what == OUTCOMES || (l->what == KEPT && what != KEPT))
		take_example(p, l, f, what);
	l->count[what]++;
}

/* ---- telling it --------------------------------------------------------------------------------- */

static void say_rules(const struct line *l)
{
	for (size_t i = 0; i < l->nentry; i++) {
		const struct entry *e = &l->entry[i];
		fputs(i ? ", then " : "", stdout);
		printf("%s (%s", e->action, e->regex ? "regex " : "");
		if (e->regex || !str_eq(e->text, l->field)) {
			print_text(stdout, e->text);
			fputs(", ", stdout);
		}
		printf("line %zu)", e->line);
	}
}

static void say_counts(const struct line *l)
{
	size_t all = 0, kinds = 0;
	for (size_t i = 0; i < OUTCOMES; i++) {
		all += l->count[i];
		kinds += l->count[i] != 0;
	}
	if (all == 1) {
		fputs(word[l->what], stdout);
	} else {
		for (size_t i = 0, said = 0; i < OUTCOMES; i++)
			if (l->count[i])
				printf("%s%zu %s",
				    said++       ? ", "
				    : kinds == 1 ? "all "
						 : "",
				    l->count[i], word[i]);
	}
	if (l->by_error)
		fputs(" (on-error)", stdout);
}

/* Whose field it is, where that is not the file's own section: of metadata, or of a file inside. */
static void say_line(const struct plan *p, const struct outcome *o, const struct line *l)
{
	fputs("  ", stdout);
	if (l->member || (o->section && !str_eqz(l->section, o->section->name)))
		printf("%s: ", l->section.p);
	print_text(stdout, l->field);
	fputs(": ", stdout);
	say_rules(l);
	fputs(": ", stdout);
	say_counts(l);
	if (p->values) {
		printf(": %s", l->was.n ? l->was.p : "(missing)");
		if (l->what != KEPT)
			printf(" -> %s", l->now.n ? l->now.p : "(gone)");
	}
	putchar('\n');
}

static void say_list(const char *what, const struct buf *texts)
{
	for (size_t at = 0; at < texts->n;) {
		struct deid_str s = str_of(texts->p + at);
		printf("  %s: ", what);
		print_text(stdout, s);
		putchar('\n');
		at += s.n + 1;
	}
}

static void say_outcome(const struct outcome *o)
{
	print_text(stdout, str_of(o->input->label));
	switch (o->status) {
	case OUTCOME_DEIDENTIFIED:
		printf(": %s -> ", o->section ? o->section->name : "metadata");
		print_text(stdout, buf_view(&o->output));
		break;
	case OUTCOME_COPIED:
		fputs(": copied untouched -> ", stdout);
		print_text(stdout, buf_view(&o->output));
		break;
	default:
		fputs(o->status == OUTCOME_FAILED ? ": failed, no output: " : ": skipped: ", stdout);
		print_text(stdout, buf_view(&o->reason));
	}
	putchar('\n');
}

static void as_text(const struct plan *p, const struct outcome *o)
{
	say_outcome(o);
	for (size_t i = 0; i < p->line.n; i++)
		say_line(p, o, p->line.entry[i].value);
	if (p->more)
		printf("  and %zu more fields\n", p->more);
	say_list("not found", &o->not_found);
	say_list("warning", &o->warnings);
	if (o->warnings_dropped)
		printf("  and %zu more warnings\n", o->warnings_dropped);
}

static void json_rules(const struct line *l)
{
	fputs(",\"rules\":[", stdout);
	for (size_t i = 0; i < l->nentry; i++) {
		const struct entry *e = &l->entry[i];
		printf("%s{\"%s\":", i ? "," : "", e->regex ? "regex" : "name");
		print_json(stdout, e->text);
		printf(",\"line\":%zu,\"action\":\"%s\"}", e->line, e->action);
	}
	putchar(']');
}

static void as_json(const struct plan *p, const struct outcome *o)
{
	for (size_t i = 0; i < p->line.n; i++) {
		const struct line *l = p->line.entry[i].value;
		fputs("{\"input\":", stdout);
		print_json(stdout, str_of(o->input->label));
		fputs(",\"section\":", stdout);
		print_json(stdout, l->section);
		fputs(",\"field\":", stdout);
		print_json(stdout, l->field);
		json_rules(l);
		printf(",\"verdict\":\"%s\",\"on_error\":%s", word[l->what], l->by_error ? "true" : "false");
		for (size_t k = 0; k < OUTCOMES; k++)
			printf(",\"%s\":%zu", word[k], l->count[k]);
		if (l->was.n)
			printf(",\"before\":%s", l->was.p);
		if (l->now.n)
			printf(",\"after\":%s", l->now.p);
		puts("}");
	}
	if (p->more) {
		fputs("{\"input\":", stdout);
		print_json(stdout, str_of(o->input->label));
		printf(",\"more\":%zu}\n", p->more);
	}
}

void plan_outcome(void *plan, const struct outcome *o)
{
	struct plan *p = plan;
	if (p->json)
		as_json(p, o);
	else
		as_text(p, o);
	report_outcome(p->report, o);
	map_clear(&p->line);
	arena_reset(&p->arena);
	p->more = 0;
}
