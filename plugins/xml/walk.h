/* SPDX-License-Identifier: MIT */
/*
 * The passes over a document. expat says where things are (byte offsets) and what they say (UTF-8); what no
 * entry changes is copied from the source by its offsets.
 *
 * An element's value is known at its end, or it is a container as soon as a child begins. Until then it is
 * `held`: nothing of it is written, its attributes are remembered. So there is one held element at most.
 *
 * Entries act in the profile's order. When entry k removes an element or replaces what is in it, the entries
 * before k have acted on what was in it, those after k find nothing. So what is in it is still read, with
 * the output off and the ids below k (hi).
 */
#ifndef DEID_PLUGINS_XML_WALK_H
#define DEID_PLUGINS_XML_WALK_H

#include "plugins/xml/match.h"
#include "plugins/xml/siblings.h"
#include "plugins/xml/text.h"

#include <expat.h>

#define XML_DEPTH 1000                  /* of elements */
#define XML_TEXT_MAX ((size_t)8 << 20)  /* of a value that an entry acts on */
#define XML_OPEN_MAX ((size_t)4 << 20)  /* of the names of open elements */
#define XML_TOKEN_MAX ((size_t)4 << 20) /* of a tag, a comment, … */

struct xml_conf {
	const struct deid_host *host;
	const struct deid_entry *entry;
	size_t nentry;
	struct xml_table table;
};

enum xml_pass {
	XML_ASK,     /* answers what tests need to look ahead for */
	XML_OBSERVE, /* reads the fields that queries name */
	XML_ACT,
};

enum xml_fate { XML_STAYS, XML_GOES, XML_IS_REPLACED };

/* An open element. */
struct xml_frame {
	uint64_t start, content; /* where its start tag begins, and ends */
	uint32_t hi;             /* entries below act on what is in it */
	enum xml_fate fate;
	bool followed;      /* it has a name in path and plain, and counters below */
	bool empty;         /* <a/> */
	size_t path, plain; /* their lengths without it */
	size_t name;        /* length */
};

/* A name that was met not long ago; longer ones are looked up. */
struct xml_word {
	unsigned char n;
	char text[31];
};
#define XML_RECENT 256

/* An attribute of the held element that somebody asks for. */
struct xml_held_attr {
	uint64_t tag; /* where the tag begins */
	struct xml_spot_in_tag at;
	size_t name, name_len, value, value_len; /* in xml_walk.attr_text */
	const uint32_t *all;
	size_t nall;
};

struct xml_walk {
	const struct deid_host *host;
	struct deid_job *job;
	const struct xml_conf *conf;
	struct deid_source *src;
	struct deid_sink *sink;
	struct deid_error *err;
	int rc;
	XML_Parser parser;
	enum xml_pass pass;
	struct xml_encoding encoding;
	size_t mark; /* bytes of the byte order mark */
	bool all, listing, doctype;
	uint32_t nentry; /* ids below are entries, the others queries */
	struct xml_match match;
	struct xml_siblings siblings;
	struct xml_siblings words; /* every name of the document, for expat keeps them all */
	struct xml_word recent[XML_RECENT];
	size_t open; /* bytes of the names of open elements */
	struct xml_frame *frame;
	size_t nframe, frame_cap;
	struct buf path, plain; /* /a/b[2], and the same without positions */
	uint64_t done;          /* the source is written, or dropped, up to here */
	unsigned mute;          /* > 0: nothing is written */

	uint64_t begun; /* where what expat last looked at begins */

	bool held;               /* the element opened last */
	const uint32_t *all_ids; /* what acts on it */
	size_t nall;
	uint32_t *observed; /* the queries that ask for it */
	size_t nobserved, observed_cap;
	struct xml_held_attr *attr;
	size_t nattr, attr_cap;
	struct buf text, attr_text, fresh;
};

/* ---- act.c --------------------------------------------------------------------------------------- */

int xml_nomem(struct xml_walk *);
/* Copies the source up to here. */
int xml_emit(struct xml_walk *, uint64_t to);
/* The attributes of the element opened last: acts on them, or remembers them when it is held. */
int xml_attributes(struct xml_walk *, const char **attrs);
/* Settles what becomes of the held element. closing: its name, when it ends; NULL: a child begins. */
int xml_settle(struct xml_walk *, const char *closing);
/* Asks who acts on the element opened last. */
int xml_hold(struct xml_walk *);

/* ---- walk.c -------------------------------------------------------------------------------------- */

int xml_stream(const struct xml_conf *, struct deid_job *, struct deid_source *, struct deid_sink *,
    struct deid_error *);

#endif
