/* SPDX-License-Identifier: MIT */
/*
 * One file in work: its tree, what the rules made of it so far, and what the parts of the plugin share.
 *
 * The tree is never altered. What differs from it is kept beside: a `change` for a node that was replaced,
 * removed, or that got new children; an `added` element for each one that the file did not have. The file
 * meta and the data set have changes too (NODE_META, NODE_NONE). All of it is memory of the job.
 */
#ifndef DICOM_RECORD_H
#define DICOM_RECORD_H

#include "core/util/splice.h"
#include "plugins/common/region.h"
#include "plugins/dicom/charset.h"
#include "plugins/dicom/conf.h"
#include "plugins/dicom/head.h"
#include "plugins/dicom/path.h"
#include "plugins/dicom/tree.h"

/* A value as it will stand in the file, padded. */
struct content {
	const uint8_t *p;
	size_t n;
	/* The text in UTF-8 where the VR depends on the character set, to encode it again should the set
	 * change; p = NULL otherwise. */
	struct deid_str text;
};

/* A new element, or a new item of a sequence. */
struct added {
	struct added *next;  /* of the same container, by tag; items in their order */
	struct added *owner; /* the new container that holds it; NULL: `node` does */
	struct added *child; /* of a sequence or an item */
	uint32_t node;       /* when owner is NULL: NODE_NONE, NODE_META or a node that holds children */
	uint32_t tag;
	uint8_t vr;
	bool removed;
	bool named; /* by an entry (`remove-undefined`) */
	/* Written with undefined length. The delimiter follows by itself after children; content that is no
	 * text (fragments, a UN that holds items) has it at its end. */
	bool undefined;
	uint16_t in; /* NODE_IN_…: how it is written */
	struct content content;
	uint64_t size; /* in the file, header included; set by the writer */
};

/* A new value that is not held in memory. */
struct stream {
	splice_writer *write;
	void *arg;
	uint64_t size;
	bool undefined; /* the length stays undefined: the delimiter is part of what is written */
	uint8_t vr;     /* enum vr, of an explicit header of 12 bytes; VR_NONE: as it was */
};

struct change {
	struct change *next; /* in the order they were made */
	uint32_t node;
	bool removed;
	bool replaced; /* by `content` */
	struct content content;
	const struct stream *stream; /* instead; set when the entries are done */
	struct added *added;         /* new children */
	int64_t delta; /* by how much the value grows because of what it holds; set by the writer */
};

/* An element: a node, or one that is new. */
struct element {
	uint32_t node; /* means nothing when it is new */
	struct added *added;
};

/* What holds elements: a data set (NODE_NONE: the file's; an item's), the file meta (NODE_META), or a
 * sequence, which holds items. */
struct place {
	uint32_t node;
	struct added *added;
};

#define TAG_NAMES 64u /* keywords that are kept at hand */

struct record {
	const struct deid_host *host;
	struct deid_job *job;
	const struct conf *conf;
	struct tree tree;
	struct head head;
	struct change ***page; /* NODE_CHUNK pointers a page, by node; pages are made when needed */
	struct change root, meta, *first, **last;
	struct change *spare; /* memory for the next ones */
	size_t spare_changes;
	struct deid_error *err;   /* of the call in progress, for look-ups that have no other way to fail */
	struct region_mask *mask; /* `alter-pixels`: those for this file */
	size_t nmask;
	bool changed; /* anything at all */
	bool broken;  /* a read failed where nobody could say so */
	bool charset_changed;
	/* Nodes of the data set by tag: chains in the order of the file, through head[tag_hash() & mask]. */
	struct {
		uint32_t *head, *next, mask;
		/* Bit tag_hash() % 4096: perhaps there is an added element with the tag. */
		uint64_t added[64];
	} index;
	struct buf name, alt, raw, text, value; /* to work in */
	struct box *box;                        /* envelope.c: what is to be encrypted */
	struct opened *opened;                  /* restore.c: what was decrypted */
	size_t nopened;
	struct scope_cache {
		struct charset set;
		struct buf value; /* of (0008,0005) */
		bool ready;
	} charset[2]; /* the latest set that was asked for: as it stands now, as the file came */
	struct {
		uint32_t node, block; /* (gggg,00bb) in the data set `node` */
		int creator;
		bool ready;
	} creator; /* the latest private creator that was looked up */
	struct {
		uint8_t vr;
		size_t n; /* of the text, without padding; 0: there is none */
		struct content content;
	} made; /* the latest text in ASCII that was made a value: entries write the same one again and again
		 */
	struct tag_name {
		uint32_t tag; /* 0: free */
		uint32_t n;
		const char *keyword;
	} named[TAG_NAMES];      /* keywords that were looked up lately */
	struct sifting *sifting; /* find.c */
};

static inline uint32_t tag_hash(uint32_t tag)
{
	return tag * 2654435761u >> 8;
}

/* ---- change.c ---- */
void record_init(struct record *, const struct deid_host *, struct deid_job *, const struct conf *);
void record_free(struct record *);
struct change *change_of(const struct record *, uint32_t node); /* NULL: none */
struct change *change_make(struct record *, uint32_t node);     /* NULL: no memory */
/* Whether a node, or an element, is itself removed. */
static inline bool node_gone(const struct record *r, uint32_t node)
{
	return tree_node(&r->tree, node)->flags & NODE_EDITED &&
	       r->page[node / NODE_CHUNK][node % NODE_CHUNK]->removed;
}
static inline bool element_gone(const struct record *r, struct element e)
{
	return e.added ? e.added->removed : node_gone(r, e.node);
}
struct added *added_first(const struct record *, struct place); /* new children */
struct place place_of(const struct record *, struct element);   /* the data set that holds it */
/* The data set around an item; false for those at the top. */
bool place_up(const struct record *, struct place *);
static inline uint32_t element_tag(const struct record *r, struct element e)
{
	return e.added ? e.added->tag : tree_node(&r->tree, e.node)->tag;
}
/* Can hold items. */
static inline bool element_is_sequence(const struct record *r, struct element e)
{
	const struct node *n;

	if (e.added)
		return e.added->vr == VR_SQ;
	n = tree_node(&r->tree, e.node);
	return n->flags & NODE_PARENT || (n->vr == VR_SQ && n->len == 0);
}
unsigned place_syntax(const struct record *, struct place); /* NODE_IN_… of its elements */
/* A new element in its place by tag; NULL: no memory. */
struct added *added_new(struct record *, struct place, uint32_t tag, enum vr);
struct added *added_item(struct record *, struct element sequence); /* a new last item */
/* Puts one that was made elsewhere among the elements of its container (node, owner). False: no memory. */
bool added_link(struct record *, struct added *);
/* Walks the elements of a data set, or the items of a sequence, that are there now. */
struct cursor {
	uint32_t i, stop;
	struct added *added;
};
void cursor_start(struct cursor *, const struct record *, struct place);
bool cursor_next(struct cursor *, const struct record *, struct element *);
/* The first element with this tag that is there now. */
bool place_find(const struct record *, struct place, uint32_t tag, struct element *);

int record_nomem(const struct record *, struct deid_error *);

/* ---- content.c: bytes and values ---- */
enum vr element_vr(struct record *, struct element); /* as far as it can be known: never a pseudo VR */
/* The VR by the dictionary of an element of the data set, for what has no VR in its header. */
enum vr place_vr(struct record *, struct place, uint32_t tag);
uint64_t element_length(const struct record *, struct element);
/* The bytes that stand there now, good until the next read. */
int element_bytes(struct record *, struct element, struct deid_str *, struct deid_error *);
int content_get(struct record *, struct element, struct deid_value *, struct deid_error *);
/* Why no element of the VR (a pseudo VR too) can hold the value; NULL: it can, as far as one can say. */
const char *content_objection(enum vr, const struct deid_value *);
/* Checks the value against the VR and makes its bytes, in the syntax NODE_IN_…. `field` is for warnings. */
int content_make(struct record *, struct place, enum vr, unsigned in, struct deid_str field,
    const struct deid_value *, struct content *, struct deid_error *);
/* The value of a text element of a data set, in *out; its first component, trimmed, in *first. False when it
 * is not there or empty, or when *rc says so. */
bool place_text(struct record *, struct place, uint32_t tag, struct buf *out, struct deid_str *first, int *rc,
    struct deid_error *);

/* ---- scope.c: which character set applies ---- */
/* was = true: as the file came. NULL: no memory, or the file cannot be read (*err). */
struct charset *scope_charset(struct record *, struct place, bool was, struct deid_error *);
/* Brings all text to the sets that apply now. */
int scope_convert(struct record *, struct deid_error *);

/* ---- find.c ---- */
int record_find(void *rec, const void *path, deid_visit *, void *arg, struct deid_error *);
int record_each(void *rec, deid_visit *, void *arg, struct deid_error *);
int record_sift(void *rec, const struct deid_sieve *, deid_visit *, void *arg, struct deid_error *);
/* A selector within one data set: which blocks its private creator has there. */
struct match {
	const struct selector *s;
	uint8_t block[32]; /* bits */
};
int match_start(struct match *, struct record *, struct place, const struct selector *, struct deid_error *);
bool match_tag(const struct match *, uint32_t tag);

/* ---- add.c ---- */
int record_add(void *rec, const void *path, const struct deid_value *, struct deid_error *);

/* ---- act.c ---- */
int record_get(void *rec, const struct deid_field *, struct deid_value *, struct deid_error *);
int record_set(void *rec, const struct deid_field *, const struct deid_value *, struct deid_error *);
int record_remove(void *rec, const struct deid_field *, struct deid_error *);
int element_remove(struct record *, struct element, struct deid_error *);
int element_put(struct record *, struct element, const struct content *, struct deid_error *);

/* ---- finish.c ---- */
int record_finish(void *rec, struct deid_error *);
int record_name(void *rec, struct deid_str *, struct deid_error *);

/* ---- prepare.c ---- */
int record_prepare(struct record *, struct deid_error *);

/* ---- age.c ---- */
/* PatientAge from PatientBirthDate and StudyDate; a warning where that cannot be. */
int age_set(struct record *, struct deid_error *);

/* ---- undefined.c: `remove-undefined` ---- */
/* Takes out what no entry names. Specific Character Set waits for undefined_finish(), which sees the final
 * text. */
int undefined_remove(struct record *, struct deid_error *);
int undefined_finish(struct record *, struct deid_error *);
/* What a profile with the setting should be warned of. */
void undefined_caution(const struct conf *, struct deid_error *);

/* ---- mask.c: `alter-pixels` ---- */
/* Which masks are for this file, before anything in it changes. */
int mask_choose(struct record *, struct deid_error *);
/* Carries them out on what the entries have left. */
int mask_apply(struct record *, struct deid_error *);

/* ---- open.c ---- */
int record_open(struct deid_job *, void *conf, struct deid_source *, void **rec, struct deid_error *);
void record_close(void *rec);

/* ---- write.c ---- */
int record_write(void *rec, struct deid_sink *, struct deid_error *);

#endif
