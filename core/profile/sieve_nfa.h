/* SPDX-License-Identifier: MIT */
/* A regular expression as nodes that read one byte each, or none: what sieve.c makes its states of. */
#ifndef DEID_PROFILE_SIEVE_NFA_H
#define DEID_PROFILE_SIEVE_NFA_H

#include <deid/plugin.h>

#define NFA_LO 0x20u /* the bytes that it tells apart: printable ASCII */
#define NFA_HI 0x7Eu
#define NFA_NONE UINT16_MAX
#define NFA_NODES_MAX 4096u

enum nfa_kind {
	NFA_BYTE,  /* reads one byte of `set`, then to[0] */
	NFA_SPLIT, /* reads nothing, then to[0] and to[1] */
	NFA_END,   /* only at the end of the name, then to[0] */
	NFA_MATCH,
};

struct nfa_node {
	uint64_t set[2]; /* bits */
	uint16_t to[2];  /* NFA_NONE: nothing */
	uint8_t kind;
};

struct nfa {
	struct nfa_node *node;
	size_t n, cap;
	uint16_t first;
};

/* Matches at least what the expression matches from the beginning of a name of printable ASCII. False: it has
 * something that is not known here, or is too large. */
bool nfa_read(struct nfa *, struct deid_str pattern);
void nfa_free(struct nfa *);

static inline bool nfa_has(const struct nfa_node *n, unsigned c)
{
	return n->set[c / 64] >> c % 64 & 1;
}

#endif
