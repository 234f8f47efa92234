/* SPDX-License-Identifier: MIT */
#include "plugins/xml/match.h"

#include "core/util/grow.h"

#include <string.h>

#define NO_RING SIZE_MAX

bool xml_table_init(struct xml_table *t, const struct deid_entry *e, size_t n)
{
	size_t cap = 0, first_cap = 0;

	for (size_t i = 0; i < n; i++) {
		const struct xml_path *path = e[i].path;

		for (size_t r = 0; path && r < path->n; r++) {
			const struct xml_route *route = &path->route[r];
			struct xml_spot *s = grow(t->spot, &cap, t->n + route->n, sizeof(*s));
			size_t *f = grow(t->first, &first_cap, t->nroute + 1, sizeof(*f));

			t->spot = s ? s : t->spot;
			t->first = f ? f : t->first;
			if (!s || !f)
				return false;
			f[t->nroute++] = t->n;
			for (size_t k = 0; k < route->n; k++)
				s[t->n++] = (struct xml_spot){&route->step[k], k + 1 == route->n, e[i].id};
		}
		t->ahead |= path && path->ahead;
		t->attrs |= !path || path->attrs;
	}
	return true;
}

void xml_table_free(struct xml_table *t)
{
	free(t->spot);
	free(t->first);
	*t = (struct xml_table){0};
}

/* ---- what is known ------------------------------------------------------------------------------- */

static enum xml_rc new_question(struct xml_match *m, uint64_t *question)
{
	size_t byte = (size_t)(m->questions / 8);

	*question = m->questions;
	if (!m->asking) {
		m->questions++;
		return XML_DONE;
	}
	if (m->questions == XML_BITS_MAX)
		return XML_TOO_MANY;
	if (byte == m->nbits) {
		size_t n = m->nbits ? 2 * m->nbits : 4096;
		unsigned char *p = realloc(m->bits, n);

		if (!p)
			return XML_SPENT;
		memset(p + m->nbits, 0, n - m->nbits);
		m->bits = p;
		m->nbits = n;
	}
	m->questions++;
	return XML_DONE;
}

static bool answer(const struct xml_match *m, uint64_t question)
{
	return question / 8 < m->nbits && m->bits[question / 8] >> (question % 8) & 1;
}

static void set_answer(struct xml_match *m, uint64_t question)
{
	m->bits[question / 8] |= (unsigned char)(1u << (question % 8));
}

/* ---- lists --------------------------------------------------------------------------------------- */

static enum xml_rc add_id(struct xml_match *m, uint32_t id)
{
	uint32_t *p = grow(m->id, &m->id_cap, m->nid + 1, sizeof(*p));

	if (!p)
		return XML_SPENT;
	m->id = p;
	p[m->nid++] = id;
	return XML_DONE;
}

static const struct xml_test *last_test(const struct xml_step *s)
{
	for (size_t i = 0; i < s->ntest; i++)
		if (s->test[i].kind == XML_LAST)
			return &s->test[i];
	return NULL;
}

/* Puts a spot on the list of the level opened last, once. */
static enum xml_rc add_try(struct xml_match *m, uint32_t spot, bool live)
{
	size_t base = m->level[m->nlevel - 1].tries, at = m->mark[spot], ring = NO_RING;
	const struct xml_test *last = m->asking ? last_test(m->table->spot[spot].step) : NULL;
	struct xml_try *p;

	if (at >= base && at < m->ntries && m->tries[at].spot == spot) {
		m->tries[at].live |= live;
		return XML_DONE;
	}
	p = grow(m->tries, &m->tries_cap, m->ntries + 1, sizeof(*p));
	if (!p)
		return XML_SPENT;
	m->tries = p;
	if (last) {
		uint64_t *q = grow(m->ring, &m->ring_cap, m->nring + (size_t)last->n + 1, sizeof(*q));

		if (!q)
			return XML_SPENT;
		m->ring = q;
		ring = m->nring;
		m->nring += (size_t)last->n + 1;
	}
	m->mark[spot] = m->ntries;
	p[m->ntries++] = (struct xml_try){spot, live, 0, ring};
	return XML_DONE;
}

static enum xml_rc push_level(struct xml_match *m)
{
	struct xml_level *p = grow(m->level, &m->level_cap, m->nlevel + 1, sizeof(*p));

	if (!p)
		return XML_SPENT;
	m->level = p;
	p[m->nlevel++] = (struct xml_level){m->ntries, m->nwaits, m->nturns, m->nring};
	return XML_DONE;
}

static enum xml_rc add_wait(struct xml_match *m, const struct xml_test *test, uint64_t question)
{
	struct xml_wait *p = grow(m->waits, &m->waits_cap, m->nwaits + 1, sizeof(*p));

	if (!p)
		return XML_SPENT;
	m->waits = p;
	p[m->nwaits++] = (struct xml_wait){.test = test, .question = question};
	return XML_DONE;
}

static enum xml_rc add_turn(struct xml_match *m, size_t parent, uint64_t question, size_t wait)
{
	struct xml_turn *p = grow(m->turns, &m->turns_cap, m->nturns + 1, sizeof(*p));

	if (!p)
		return XML_SPENT;
	m->turns = p;
	p[m->nturns++] = (struct xml_turn){parent, question, wait, m->nwaits - wait};
	return XML_DONE;
}

/* ---- a pass -------------------------------------------------------------------------------------- */

enum xml_rc xml_match_begin(struct xml_match *m, const struct xml_table *table, bool asking)
{
	enum xml_rc rc;

	m->table = table;
	m->asking = asking;
	m->nlevel = m->ntries = m->nwaits = m->nturns = m->nring = m->non = m->nid = 0;
	m->questions = 0;
	if (!m->mark)
		m->mark = calloc(table->n + 1, sizeof(*m->mark));
	rc = m->mark ? push_level(m) : XML_SPENT;
	for (size_t i = 0; !rc && i < table->nroute; i++)
		rc = add_try(m, (uint32_t)table->first[i], true);
	return rc;
}

void xml_match_free(struct xml_match *m)
{
	free(m->level);
	free(m->tries);
	free(m->waits);
	free(m->turns);
	free(m->ring);
	free(m->mark);
	free(m->bits);
	free(m->id);
}

static bool has_attr(const char **attrs, const struct xml_test *t)
{
	for (; *attrs; attrs += 2)
		if (str_eqz(t->name, attrs[0]))
			return str_eqz(t->value, attrs[1]);
	return false;
}

/* The state of an element before the tests of one step. */
struct trial {
	size_t parent; /* the try */
	size_t wait;   /* the first of its waits */
	bool asked;    /* a test before needs to look ahead */
	bool pass;     /* … and they held, as far as is known */
	bool out;      /* a test that does not look ahead failed */
};

static enum xml_rc one_test(struct xml_match *m, struct trial *t, const struct xml_test *test,
    struct deid_str name, const char **attrs)
{
	struct xml_try *from = &m->tries[t->parent];
	uint64_t question;
	enum xml_rc rc;

	switch (test->kind) {
	case XML_ATTR:
		t->out = !has_attr(attrs, test);
		return XML_DONE;
	case XML_LOCAL:
		t->out = !str_eq(xml_local(name), test->value);
		return XML_DONE;
	case XML_NTH:
		/* The first pass does not know which of them count: any may. */
		if (t->asked && m->asking)
			return XML_DONE;
		from->count += t->pass;
		if (!t->asked)
			t->out = from->count != test->n;
		else
			t->pass = t->pass && from->count == test->n;
		return XML_DONE;
	default:
		break;
	}
	rc = new_question(m, &question);
	if (!rc && m->asking)
		rc = test->kind == XML_CHILD ? add_wait(m, test, question)
					     : add_turn(m, t->parent, question, t->wait);
	else if (!rc)
		t->pass = answer(m, question) && t->pass;
	t->asked = true;
	return rc;
}

static enum xml_rc try_element(struct xml_match *m, size_t parent, struct deid_str name, const char **attrs)
{
	uint32_t spot = m->tries[parent].spot;
	const struct xml_spot *s = &m->table->spot[spot];
	const struct xml_step *step = s->step;
	struct trial t = {.parent = parent, .wait = m->nwaits, .pass = true};
	bool live = m->tries[parent].live;
	enum xml_rc rc = XML_DONE;

	if (step->deep)
		rc = add_try(m, spot, live);
	if (rc || step->attr || (step->name.p && !str_eq(step->name, name)))
		return rc;
	for (size_t i = 0; !rc && !t.out && i < step->ntest; i++)
		rc = one_test(m, &t, &step->test[i], name, attrs);
	if (rc || t.out)
		return rc;
	live = live && t.pass;
	if (!s->last)
		return add_try(m, spot + 1, live);
	return live ? add_id(m, s->id) : XML_DONE;
}

/* The children that waits of the element around this one are about. */
static void start_waits(struct xml_match *m, struct deid_str name)
{
	for (size_t i = m->level[m->nlevel - 1].waits; i < m->nwaits; i++) {
		struct xml_wait *w = &m->waits[i];

		if (!w->done && str_eq(w->test->name, name)) {
			w->on = true;
			w->at = 0;
			m->non++;
		}
	}
}

enum xml_rc xml_match_open(struct xml_match *m, struct deid_str name, const char **attrs)
{
	size_t from = m->level[m->nlevel - 1].tries, to = m->ntries;
	enum xml_rc rc;

	start_waits(m, name);
	m->nid = 0;
	rc = push_level(m);
	for (size_t i = from; !rc && i < to; i++)
		rc = try_element(m, i, name, attrs);
	return rc;
}

enum xml_rc xml_match_attr(struct xml_match *m, struct deid_str name)
{
	bool ns = xml_is_xmlns(name);
	enum xml_rc rc = XML_DONE;

	m->nid = 0;
	for (size_t i = m->level[m->nlevel - 1].tries; !rc && i < m->ntries; i++) {
		const struct xml_spot *s = &m->table->spot[m->tries[i].spot];
		bool hit = s->step->attr && m->tries[i].live &&
			   (s->step->name.p ? str_eq(s->step->name, name) : !ns);

		for (size_t k = 0; hit && k < s->step->ntest; k++)
			hit = str_eq(s->step->test[k].value, xml_local(name));
		if (hit)
			rc = add_id(m, s->id);
	}
	return rc;
}

void xml_match_text(struct xml_match *m, struct deid_str text)
{
	for (size_t i = 0; m->non && i < m->nwaits; i++) {
		struct xml_wait *w = &m->waits[i];
		struct deid_str v = w->test->value;

		if (!w->on)
			continue;
		if (v.n - w->at >= text.n && memcmp(v.p + w->at, text.p, text.n) == 0) {
			w->at += text.n;
		} else {
			w->on = false;
			m->non--;
		}
	}
}

/* The waits of the element around the one that ends. */
static void end_waits(struct xml_match *m)
{
	for (size_t i = m->level[m->nlevel - 1].waits; m->non && i < m->nwaits; i++) {
		struct xml_wait *w = &m->waits[i];

		if (!w->on)
			continue;
		w->on = false;
		m->non--;
		if (w->at == w->test->value.n) {
			w->done = true;
			set_answer(m, w->question);
		}
	}
}

static void take_turn(struct xml_match *m, const struct xml_turn *t)
{
	struct xml_try *p = &m->tries[t->parent];
	size_t room = (size_t)last_test(m->table->spot[p->spot].step)->n + 1;

	for (size_t i = 0; i < t->nwait; i++)
		if (!m->waits[t->wait + i].done)
			return;
	m->ring[p->ring + (size_t)(p->count++ % room)] = t->question;
}

void xml_match_close(struct xml_match *m)
{
	const struct xml_level *l = &m->level[m->nlevel - 1];

	for (size_t i = l->tries; i < m->ntries; i++) {
		const struct xml_try *t = &m->tries[i];
		size_t room;

		if (t->ring == NO_RING)
			continue;
		room = (size_t)last_test(m->table->spot[t->spot].step)->n + 1;
		if (t->count >= room) /* the oldest in the ring is the one */
			set_answer(m, m->ring[t->ring + (size_t)(t->count % room)]);
	}
	for (size_t i = l->turns; i < m->nturns; i++)
		take_turn(m, &m->turns[i]);
	m->ntries = l->tries;
	m->nwaits = l->waits;
	m->nturns = l->turns;
	m->nring = l->rings;
	m->nlevel--;
	if (m->nlevel)
		end_waits(m);
}
