/* SPDX-License-Identifier: MIT */
/*
 * The syntax is that of pcre2pattern(3). What is not certain to be understood is refused. Assertions but `$`
 * are taken as true and a back reference as any text: then more is matched than by the expression, which is
 * allowed, never less. Whether a quantifier is greedy makes no difference to what is matched.
 */
#include <config.h>

#include "core/profile/sieve_nfa.h"

#include "core/util/grow.h"
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 50u
#define REPEAT_MAX 255u

struct set {
	uint64_t bits[2];
};

struct reader {
	struct nfa *nfa;
	struct deid_str s;
	size_t at;
	unsigned depth;
	bool caseless;
	bool bad;
};

/* Nodes from `in` on; `out` is a NFA_SPLIT whose to[0] is free. */
struct part {
	uint16_t in, out;
};

static void set_add(struct set *s, unsigned c)
{
	s->bits[c / 64] |= (uint64_t)1 << c % 64;
}

static bool set_has(const struct set *s, unsigned c)
{
	return s->bits[c / 64] >> c % 64 & 1;
}

static void set_range(struct set *s, unsigned lo, unsigned hi)
{
	for (unsigned c = lo; c <= hi; c++)
		set_add(s, c);
}

static void set_join(struct set *s, struct set t)
{
	s->bits[0] |= t.bits[0];
	s->bits[1] |= t.bits[1];
}

static struct set set_not(struct set s)
{
	struct set t = {{0, 0}};

	for (unsigned c = NFA_LO; c <= NFA_HI; c++)
		if (!set_has(&s, c))
			set_add(&t, c);
	return t;
}

static struct set set_fold(struct set s)
{
	struct set t = s;

	for (unsigned c = 'a'; c <= 'z'; c++) {
		if (set_has(&s, c))
			set_add(&t, c - 32);
		if (set_has(&s, c - 32))
			set_add(&t, c);
	}
	return t;
}

/* ---- nodes ----------------------------------------------------------------------------------------- */

static uint16_t node_new(struct reader *r, enum nfa_kind kind)
{
	struct nfa *nfa = r->nfa;
	struct nfa_node *node = NULL;

	if (nfa->n < NFA_NODES_MAX)
		node = grow(nfa->node, &nfa->cap, nfa->n + 1, sizeof *node);
	if (!node) {
		r->bad = true;
		return 0;
	}
	nfa->node = node;
	node[nfa->n] = (struct nfa_node){.to = {NFA_NONE, NFA_NONE}, .kind = (uint8_t)kind};
	return (uint16_t)nfa->n++;
}

static void node_link(struct reader *r, uint16_t from, unsigned side, uint16_t to)
{
	if (!r->bad)
		r->nfa->node[from].to[side] = to;
}

static struct part part_empty(struct reader *r)
{
	uint16_t k = node_new(r, NFA_SPLIT);

	return (struct part){k, k};
}

static struct part part_of(struct reader *r, enum nfa_kind kind, struct set set)
{
	struct part p = {node_new(r, kind), node_new(r, NFA_SPLIT)};

	if (r->bad)
		return p;
	memcpy(r->nfa->node[p.in].set, set.bits, sizeof set.bits);
	node_link(r, p.in, 0, p.out);
	return p;
}

static struct part part_any(struct reader *r)
{
	struct set all = {{0, 0}};

	set_range(&all, NFA_LO, NFA_HI);
	return part_of(r, NFA_BYTE, all);
}

static void part_append(struct reader *r, struct part *p, struct part q)
{
	node_link(r, p->out, 0, q.in);
	p->out = q.out;
}

/* None or one. */
static struct part part_maybe(struct reader *r, struct part p)
{
	struct part q = {node_new(r, NFA_SPLIT), node_new(r, NFA_SPLIT)};

	node_link(r, q.in, 0, p.in);
	node_link(r, q.in, 1, q.out);
	node_link(r, p.out, 0, q.out);
	return q;
}

/* Any number. */
static struct part part_repeat(struct reader *r, struct part p)
{
	struct part q = {node_new(r, NFA_SPLIT), node_new(r, NFA_SPLIT)};

	node_link(r, q.in, 0, p.in);
	node_link(r, q.in, 1, q.out);
	node_link(r, p.out, 0, q.in);
	return q;
}

/* ---- reading --------------------------------------------------------------------------------------- */

static bool more(const struct reader *r)
{
	return r->at < r->s.n && !r->bad;
}

static char here(const struct reader *r)
{
	return r->at < r->s.n ? r->s.p[r->at] : '\0';
}

static bool take(struct reader *r, const char *z)
{
	size_t n = strlen(z);

	if (r->s.n - r->at < n || memcmp(r->s.p + r->at, z, n) != 0)
		return false;
	r->at += n;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A literal byte, which must be one that is told apart. */
static void literal(struct reader *r, struct set *set, char c)
{
	if ((unsigned char)c < NFA_LO || (unsigned char)c > NFA_HI)
		r->bad = true;
	else
		set_add(set, (unsigned char)c);
}

/* \d and its like, within a class or not; false: it is none of them. */
static bool shorthand(char c, struct set *set)
{
	struct set s = {{0, 0}};

	switch (c | 0x20) {
	case 'd':
		set_range(&s, '0', '9');
		break;
	case 'w':
		set_range(&s, '0', '9');
		set_range(&s, 'a', 'z');
		set_range(&s, 'A', 'Z');
		set_add(&s, '_');
		break;
	case 's':
		set_add(&s, ' ');
		break;
	default:
		return false;
	}
	set_join(set, c & 0x20 ? s : set_not(s));
	return true;
}

/* One member of a class; *c is it, or 0 for a shorthand, which is no end of a range. */
static void class_member(struct reader *r, struct set *set, char *c)
{
	*c = here(r);
	r->at++;
	if (*c == '[' && (here(r) == ':' || here(r) == '.' || here(r) == '='))
		r->bad = true;
	if (*c != '\\')
		return;
	*c = here(r);
	r->at++;
	if (shorthand(*c, set))
		*c = '\0';
	else if (is_letter(*c) || is_digit(*c))
		r->bad = true;
}

static struct set read_class(struct reader *r)
{
	struct set set = {{0, 0}};
	bool not = take(r, "^"), first = true;
	char lo, hi;

	for (; more(r) && (first || here(r) != ']'); first = false) {
		class_member(r, &set, &lo);
		if (!lo)
			continue;
		literal(r, &set, lo);
		if (here(r) != '-' || r->at + 1 >= r->s.n || r->s.p[r->at + 1] == ']')
			continue;
		r->at++;
		class_member(r, &set, &hi);
		literal(r, &set, hi);
		if (!hi || hi < lo)
			r->bad = true;
		else if (!r->bad)
			set_range(&set, (unsigned char)lo, (unsigned char)hi);
	}
	r->bad |= !take(r, "]");
	if (r->caseless)
		set = set_fold(set);
	return not ? set_not(set) : set;
}

static struct part read_escape(struct reader *r)
{
	struct set set = {{0, 0}};
	char c = here(r);

	if (r->at == r->s.n)
		r->bad = true;
	r->at++;
	if (shorthand(c, &set))
		return part_of(r, NFA_BYTE, set);
	if (c == 'b' || c == 'B' || c == 'A' || c == 'G')
		return part_empty(r);
	if (c == 'z' || c == 'Z')
		return part_of(r, NFA_END, set);
	if (c >= '1' && c <= '9') {
		/* A back reference, or a byte in octal digits. */
		while (is_digit(here(r)))
			r->at++;
		return part_repeat(r, part_any(r));
	}
	if (is_letter(c) || is_digit(c))
		r->bad = true;
	literal(r, &set, c);
	return part_of(r, NFA_BYTE, set);
}

static struct part read_choice(struct reader *r);

static void skip_name(struct reader *r, char end)
{
	while (more(r) && here(r) != end)
		r->at++;
	r->at++;
}

/* What begins with (? and is read like a group whose content stands for itself. */
static bool is_plain_group(struct reader *r)
{
	if (take(r, "?:") || take(r, "?|") || take(r, "?>"))
		return true;
	if (take(r, "?P<") || (!take(r, "?<=") && !take(r, "?<!") && take(r, "?<"))) {
		skip_name(r, '>');
		return true;
	}
	if (take(r, "?'")) {
		skip_name(r, '\'');
		return true;
	}
	return here(r) != '?' && here(r) != '*';
}

static struct part read_inside(struct reader *r)
{
	bool caseless = r->caseless;
	struct part p;

	if (++r->depth > DEPTH_MAX)
		r->bad = true;
	p = r->bad ? part_empty(r) : read_choice(r);
	r->bad |= !take(r, ")");
	r->depth--;
	r->caseless = caseless;
	return p;
}

/* After the opening bracket. */
static struct part read_group(struct reader *r)
{
	size_t start = r->at;

	/* Look-around: read over, to find where it ends, and taken as true. */
	if (take(r, "?=") || take(r, "?!") || take(r, "?<=") || take(r, "?<!")) {
		read_inside(r);
		return part_empty(r);
	}
	if (take(r, "?i)")) {
		r->caseless = true;
		return part_empty(r);
	}
	if (take(r, "?i:")) {
		bool caseless = r->caseless;
		struct part p;

		r->caseless = true;
		p = read_inside(r);
		r->caseless = caseless;
		return p;
	}
	r->at = start;
	if (!is_plain_group(r)) {
		r->bad = true;
		return part_empty(r);
	}
	return read_inside(r);
}

static struct part read_atom(struct reader *r)
{
	struct set set = {{0, 0}};
	char c = here(r);

	r->at++;
	switch (c) {
	case '(':
		return read_group(r);
	case '[':
		return part_of(r, NFA_BYTE, read_class(r));
	case '.':
		return part_any(r);
	case '^':
		return part_empty(r);
	case '$':
		return part_of(r, NFA_END, set);
	case '\\':
		return read_escape(r);
	case '*':
	case '+':
	case '?':
	case '{':
		r->bad = true;
		return part_empty(r);
	default:
		literal(r, &set, c);
		return part_of(r, NFA_BYTE, r->caseless ? set_fold(set) : set);
	}
}

static unsigned read_count(struct reader *r)
{
	unsigned n = 0;

	r->bad |= !is_digit(here(r));
	for (; is_digit(here(r)) && !r->bad; r->at++) {
		n = 10 * n + (unsigned)(here(r) - '0');
		r->bad |= n > REPEAT_MAX;
	}
	return n;
}

/* After the atom: how often, at least and at most (UINT_MAX: no bound). */
static void read_quantifier(struct reader *r, unsigned *lo, unsigned *hi)
{
	*lo = *hi = 1;
	if (take(r, "*")) {
		*lo = 0;
		*hi = UINT32_MAX;
	} else if (take(r, "+")) {
		*hi = UINT32_MAX;
	} else if (take(r, "?")) {
		*lo = 0;
	} else if (take(r, "{")) {
		*lo = *hi = read_count(r);
		if (take(r, ","))
			*hi = here(r) == '}' ? UINT32_MAX : read_count(r);
		r->bad |= !take(r, "}") || *hi < *lo;
	} else {
		return;
	}
	if (!take(r, "?"))
		take(r, "+");
}

/* An atom as often as its quantifier says: it is read again for each copy. */
static struct part read_piece(struct reader *r)
{
	struct reader before = *r;
	struct part atom = read_atom(r), all;
	bool caseless = r->caseless;
	unsigned lo, hi;
	size_t after;

	read_quantifier(r, &lo, &hi);
	if (lo == 1 && hi == 1)
		return atom;
	after = r->at;
	all = part_empty(r);
	for (unsigned i = 0; (i < lo || (i < hi && hi != UINT32_MAX)) && !r->bad; i++) {
		if (i) {
			r->at = before.at;
			r->caseless = before.caseless;
			atom = read_atom(r);
		}
		part_append(r, &all, i < lo ? atom : part_maybe(r, atom));
	}
	if (hi == UINT32_MAX && !r->bad) {
		if (lo) {
			r->at = before.at;
			r->caseless = before.caseless;
			atom = read_atom(r);
		}
		part_append(r, &all, part_repeat(r, atom));
	}
	r->at = after;
	r->caseless = caseless;
	return all;
}

static struct part read_sequence(struct reader *r)
{
	struct part p = part_empty(r);

	while (more(r) && here(r) != '|' && here(r) != ')')
		part_append(r, &p, read_piece(r));
	return p;
}

static struct part read_choice(struct reader *r)
{
	struct part p = read_sequence(r);

	while (more(r) && take(r, "|")) {
		struct part q = read_sequence(r), both = {node_new(r, NFA_SPLIT), node_new(r, NFA_SPLIT)};

		node_link(r, both.in, 0, p.in);
		node_link(r, both.in, 1, q.in);
		node_link(r, p.out, 0, both.out);
		node_link(r, q.out, 0, both.out);
		p = both;
	}
	return p;
}

bool nfa_read(struct nfa *nfa, struct deid_str pattern)
{
	struct reader r = {.nfa = nfa, .s = pattern};
	struct part p = read_choice(&r);
	uint16_t match = node_new(&r, NFA_MATCH);

	node_link(&r, p.out, 0, match);
	nfa->first = p.in;
	return !r.bad && r.at == pattern.n;
}

void nfa_free(struct nfa *nfa)
{
	free(nfa->node);
}
