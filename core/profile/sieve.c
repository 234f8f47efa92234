/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/sieve.h"

#include "core/profile/sieve_nfa.h"
#include "core/util/grow.h"
#include <stdlib.h>
#include <string.h>

#define STATES_MAX 1024u
#define ANY 2u /* everything passes from here on */

/* A state: the nodes that read a byte next, ascending, and whether the name may end here. */
struct set {
	size_t at, n; /* in builder.list */
	bool wanted;
};

struct builder {
	const struct nfa *nfa;
	struct deid_sieve *sieve;
	struct set *set;
	size_t nset, set_cap;
	uint16_t *list;
	size_t nlist, list_cap;
	uint16_t *next; /* the table while it grows */
	size_t next_cap;
	uint32_t *mark, round; /* of each node: the latest closure that met it */
	uint16_t *seed, *stack, *found;
	uint8_t sample[128]; /* a byte of each class */
	size_t nclass;
};

/* ---- classes of bytes ---------------------------------------------------------------------------- */

/* Bytes that no node tells apart are one class. 0: what is not printable. */
static void make_classes(struct builder *b, uint8_t class_of[256])
{
	const struct nfa *nfa = b->nfa;

	memset(class_of, 0, 256);
	for (unsigned c = NFA_LO; c <= NFA_HI; c++)
		class_of[c] = 1;
	b->nclass = 2;
	for (size_t i = 0; i < nfa->n; i++) {
		const struct nfa_node *node = &nfa->node[i];
		uint8_t split[128];

		if (node->kind != NFA_BYTE)
			continue;
		memset(split, 0, sizeof split);
		/* What of a class is outside the set stays, what is inside becomes a new one, if there is
		 * both. */
		for (unsigned c = NFA_LO; c <= NFA_HI; c++)
			if (!nfa_has(node, c))
				split[class_of[c]] = UINT8_MAX;
		for (unsigned c = NFA_LO; c <= NFA_HI; c++) {
			uint8_t *s = &split[class_of[c]];

			if (!nfa_has(node, c) || *s == 0)
				continue;
			if (*s == UINT8_MAX)
				*s = (uint8_t)b->nclass++;
			class_of[c] = *s;
		}
	}
	for (unsigned c = NFA_LO; c <= NFA_HI; c++)
		b->sample[class_of[c]] = (uint8_t)c;
}

/* ---- states ---------------------------------------------------------------------------------------- */

static int by_number(const void *x, const void *y)
{
	const uint16_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

/* Puts a node on the stack that this round has not met yet. */
static size_t push(struct builder *b, size_t top, uint16_t k)
{
	if (k == NFA_NONE || b->mark[k] == b->round)
		return top;
	b->mark[k] = b->round;
	b->stack[top] = k;
	return top + 1;
}

/* Follows what reads nothing from the `n` nodes in b->seed, beyond ends of the name only when `at_end`. Gives
 * whether that leads to a match; *ends: ends of the name were met. Adds the nodes that read to b->found. */
static bool follow_once(struct builder *b, size_t n, bool at_end, bool *ends, size_t *nfound)
{
	bool match = false;
	size_t top = 0;

	b->round++;
	for (size_t i = 0; i < n; i++)
		top = push(b, top, b->seed[i]);
	while (top) {
		uint16_t k = b->stack[--top];
		const struct nfa_node *node = &b->nfa->node[k];

		if (node->kind == NFA_BYTE && !at_end)
			b->found[(*nfound)++] = k;
		*ends |= node->kind == NFA_END;
		match |= node->kind == NFA_MATCH;
		if (node->kind == NFA_SPLIT || (node->kind == NFA_END && at_end)) {
			top = push(b, top, node->to[0]);
			top = push(b, top, node->to[1]);
		}
	}
	return match;
}

/* Gives the number of nodes in b->found, ascending; *end: the expression has matched if the name ends here;
 * *all: it has matched whatever follows. */
static size_t follow(struct builder *b, size_t n, bool *end, bool *all)
{
	bool ends = false;
	size_t nfound = 0;

	*all = follow_once(b, n, false, &ends, &nfound);
	*end = *all || (ends && follow_once(b, n, true, &ends, &nfound));
	qsort(b->found, nfound, sizeof *b->found, by_number);
	return nfound;
}

/* The state for the nodes in b->found; 0 when there is no way on. UINT16_MAX: too many, or no memory. */
static uint16_t state_of(struct builder *b, size_t n, bool end, bool all)
{
	if (all)
		return ANY;
	if (!n && !end)
		return 0;
	for (size_t i = ANY + 1; i < b->nset; i++) {
		const struct set *s = &b->set[i];

		if (s->n == n && s->wanted == end &&
		    (!n || memcmp(b->list + s->at, b->found, n * sizeof *b->found) == 0))
			return (uint16_t)i;
	}
	struct set *set = grow(b->set, &b->set_cap, b->nset + 1, sizeof *b->set);
	if (!set || b->nset == STATES_MAX)
		return UINT16_MAX;
	b->set = set;
	uint16_t *list = grow(b->list, &b->list_cap, b->nlist + n + 1, sizeof *b->list);
	if (!list)
		return UINT16_MAX;
	b->list = list;
	if (n)
		memcpy(list + b->nlist, b->found, n * sizeof *list);
	b->set[b->nset] = (struct set){b->nlist, n, end};
	b->nlist += n;
	return (uint16_t)b->nset++;
}

static uint16_t step(struct builder *b, size_t state, size_t class)
{
	const struct set s = b->set[state];
	size_t n = 0;
	bool end, all;

	for (size_t i = 0; i < s.n; i++) {
		const struct nfa_node *node = &b->nfa->node[b->list[s.at + i]];

		if (nfa_has(node, b->sample[class]))
			b->seed[n++] = node->to[0];
	}
	if (!n)
		return 0;
	n = follow(b, n, &end, &all);
	return state_of(b, n, end, all);
}

/* Classes for which the same nodes go on lead to the same state: mostly all but one or two. */
static bool fill_row(struct builder *b, size_t state)
{
	uint16_t *row = b->next + state * b->nclass;
	const struct set s = b->set[state];
	uint64_t key[128];

	row[0] = ANY;
	for (size_t c = 1; c < b->nclass; c++) {
		size_t like = c;

		key[c] = 0;
		for (size_t i = 0; i < s.n && s.n <= 64; i++)
			key[c] |= (uint64_t)nfa_has(&b->nfa->node[b->list[s.at + i]], b->sample[c]) << i;
		for (size_t k = 1; k < c && s.n <= 64 && like == c; k++)
			if (key[k] == key[c])
				like = k;
		row[c] = like < c ? row[like] : step(b, state, c);
		if (row[c] == UINT16_MAX)
			return false;
	}
	return true;
}

/* ---- the machine ----------------------------------------------------------------------------------- */

static bool start(struct builder *b)
{
	bool end, all;
	size_t n;

	b->seed[0] = b->nfa->first;
	n = follow(b, 1, &end, &all);
	/* 0: dead, 1: where a name begins, 2: ANY. */
	b->set = grow(b->set, &b->set_cap, 3, sizeof *b->set);
	b->list = grow(b->list, &b->list_cap, n + 1, sizeof *b->list);
	if (!b->set || !b->list)
		return false;
	b->set[0] = (struct set){0, 0, false};
	b->set[DEID_SIEVE_START] = (struct set){0, n, end || all};
	b->set[ANY] = (struct set){0, 0, true};
	memcpy(b->list, b->found, n * sizeof *b->list);
	b->nlist = n;
	b->nset = 3;
	return !all; /* what lets everything pass is of no use */
}

static bool build(struct builder *b)
{
	if (!start(b))
		return false;
	for (size_t i = 0; i < b->nset; i++) {
		uint16_t *next = grow(b->next, &b->next_cap, (i + 1) * b->nclass, sizeof *next);

		if (!next)
			return false;
		b->next = next;
		if (i == 0 || i == ANY) {
			for (size_t c = 0; c < b->nclass; c++)
				next[i * b->nclass + c] = (uint16_t)i;
		} else if (!fill_row(b, i)) {
			return false;
		}
	}
	return true;
}

/* One piece of memory: the struct, the table, a byte for each state, the classes. */
static struct deid_sieve *seal(const struct builder *b, const uint8_t class_of[256])
{
	size_t table = b->nset * b->nclass * sizeof *b->next;
	struct deid_sieve *s = malloc(sizeof *s + table + b->nset + 256);
	uint8_t *p;

	if (!s)
		return NULL;
	p = (uint8_t *)(s + 1);
	*s = (struct deid_sieve){
	    .size = sizeof *s, .nclass = (uint32_t)b->nclass, .nstate = (uint32_t)b->nset};
	s->next = memcpy(p, b->next, table);
	for (size_t i = 0; i < b->nset; i++)
		p[table + i] = b->set[i].wanted;
	s->wanted = p + table;
	s->class_of = memcpy(p + table + b->nset, class_of, 256);
	return s;
}

struct deid_sieve *sieve_new(struct deid_str pattern)
{
	struct builder b = {0};
	struct deid_sieve *s = NULL;
	struct nfa nfa = {0};
	uint8_t class_of[256];

	if (!nfa_read(&nfa, pattern))
		goto out;
	b.nfa = &nfa;
	b.mark = calloc(nfa.n, sizeof *b.mark);
	b.seed = calloc(nfa.n, sizeof *b.seed);
	b.stack = calloc(nfa.n, sizeof *b.stack);
	b.found = calloc(nfa.n, sizeof *b.found);
	if (!b.mark || !b.seed || !b.stack || !b.found)
		goto out;
	make_classes(&b, class_of);
	if (build(&b))
		s = seal(&b, class_of);
out:
	free(b.mark);
	free(b.seed);
	free(b.stack);
	free(b.found);
	free(b.set);
	free(b.list);
	free(b.next);
	nfa_free(&nfa);
	return s;
}

void sieve_free(struct deid_sieve *s)
{
	free(s);
}

bool sieve_passes(const struct deid_sieve *s, struct deid_str name)
{
	uint32_t state = DEID_SIEVE_START;

	for (size_t i = 0; i < name.n && state; i++)
		state = s->next[state * s->nclass + s->class_of[(unsigned char)name.p[i]]];
	return s->wanted[state];
}
