/* SPDX-License-Identifier: MIT */
/*
 * Which names an element, or an attribute, is meant by, while the document goes by.
 *
 * A spot is a step of a route: at every open element there is a list of the spots that its children are tried
 * against. Tests that need what comes later ([last()], [b="v"]) are questions: they get numbers in the order
 * in which elements raise them. A first pass finds the answers (one bit each), a second one asks for
 * them. For the numbers to be the same in both, an element that a question is about leads on whatever
 * the answer, only no longer `live`.
 */
#ifndef DEID_PLUGINS_XML_MATCH_H
#define DEID_PLUGINS_XML_MATCH_H

#include "plugins/xml/path.h"

struct xml_spot {
	const struct xml_step *step;
	bool last; /* of its route */
	uint32_t id;
};

/* All names of a section. Constant. */
struct xml_table {
	struct xml_spot *spot; /* those of one route in a row */
	size_t n;
	size_t *first; /* the routes' first spots */
	size_t nroute;
	bool ahead, attrs;
};

/* False when memory is spent. */
bool xml_table_init(struct xml_table *, const struct deid_entry *, size_t n);
void xml_table_free(struct xml_table *);

/* A spot that the children of an open element are tried against. */
struct xml_try {
	uint32_t spot;
	bool live;
	uint64_t count; /* of the children that got as far as the position */
	size_t ring;    /* [last()-n]: the last n + 1 questions, in xml_match.ring */
};

/* [b="v"] of an open element. */
struct xml_wait {
	const struct xml_test *test;
	uint64_t question;
	size_t at; /* bytes of the value found in the text of the child in work */
	bool on, done;
};

/* An open element that [last()] may mean: it counts if the tests before it hold. */
struct xml_turn {
	size_t parent; /* the try, in xml_match.tries */
	uint64_t question;
	size_t wait, nwait;
};

struct xml_level {
	size_t tries, waits, turns, rings; /* where those of this element begin */
};

#define XML_BITS_MAX ((uint64_t)1 << 27) /* 16 MiB */

struct xml_match {
	const struct xml_table *table;
	bool asking; /* the first pass */
	struct xml_level *level;
	struct xml_try *tries;
	struct xml_wait *waits;
	struct xml_turn *turns;
	uint64_t *ring;
	size_t nlevel, ntries, nwaits, nturns, nring;
	size_t level_cap, tries_cap, waits_cap, turns_cap, ring_cap, id_cap;
	size_t non;         /* waits that are on */
	size_t *mark;       /* by spot: where it was last put in tries */
	uint64_t questions; /* so far */
	unsigned char *bits;
	size_t nbits; /* bytes */
	uint32_t *id; /* of the entries that mean the place asked about last */
	size_t nid;
};

enum xml_rc { XML_DONE, XML_SPENT, XML_TOO_MANY };

/* Begins a pass. The answers of the one before are kept. */
enum xml_rc xml_match_begin(struct xml_match *, const struct xml_table *, bool asking);
void xml_match_free(struct xml_match *);
/* A start tag; attributes as expat gives them: name, value, …, NULL. *id is what means the element. */
enum xml_rc xml_match_open(struct xml_match *, struct deid_str name, const char **attrs);
/* An attribute of the element opened last. */
enum xml_rc xml_match_attr(struct xml_match *, struct deid_str name);
void xml_match_text(struct xml_match *, struct deid_str text);
/* An end tag; once more at the end of the document. */
void xml_match_close(struct xml_match *);
/* Whether names can still mean something in the element opened last. */
static inline bool xml_match_idle(const struct xml_match *m)
{
	return m->ntries == m->level[m->nlevel - 1].tries;
}

#endif
