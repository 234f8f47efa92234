/* SPDX-License-Identifier: MIT */
/*
 * The elements of one file as a flat array in the order of the file: a container comes before what it
 * holds, and `next` leads over that. Nodes say where bytes are; they hold no values. 32 bytes each, because
 * an enhanced multi-frame header has hundreds of thousands.
 *
 * Nodes [0, meta) are the file meta information and lie in `file`; the others are the data set and lie in
 * `data`, which is `file` too unless the data set came deflated. Memory is the job's.
 */
#ifndef DICOM_TREE_H
#define DICOM_TREE_H

#include "plugins/dicom/vr.h"

#define TAG_ITEM 0xFFFEE000u
#define TAG_ITEM_END 0xFFFEE00Du
#define TAG_SEQ_END 0xFFFEE0DDu
#define TAG_PIXELS 0x7FE00010u
#define TAG_CHARSET 0x00080005u

#define NODE_NONE UINT32_MAX
#define NODE_META (UINT32_MAX - 1) /* stands for the file meta where a container is named */
#define NODE_MAX (UINT32_MAX - 2)

#define NODE_IMPLICIT (1u << 0)    /* the header has no VR */
#define NODE_BIG (1u << 1)         /* big endian */
#define NODE_LONG (1u << 2)        /* explicit header of 12 bytes */
#define NODE_UN (1u << 3)          /* the explicit header says UN, or a VR that we do not know */
#define NODE_UNDEFINED (1u << 4)   /* length undefined: `len` counts the delimiter in */
#define NODE_PARENT (1u << 5)      /* walked as a sequence or an item */
#define NODE_FRAGMENTS (1u << 6)   /* encapsulated: items of bytes, not walked further */
#define NODE_IN_IMPLICIT (1u << 7) /* what it holds has headers without VR */
#define NODE_IN_BIG (1u << 8)      /* … is big endian */
#define NODE_EDITED (1u << 9)      /* the record holds an edit of it */
#define NODE_KEPT (1u << 10)       /* private, but an entry names it */
#define NODE_MISCOUNTED (1u << 11) /* an item whose header says more than `len`: its sequence ends first */

#define NODE_NAMED (1u << 12) /* an entry names it, or something inside (`remove-undefined`) */

struct node {
	uint64_t off; /* of the header */
	uint64_t len; /* of the value */
	uint32_t tag;
	uint32_t next;   /* the first node after this and all it holds */
	uint32_t parent; /* NODE_NONE at the top, of the file meta too */
	uint8_t vr;      /* enum vr, pseudo VRs included; of a UN the dictionary's, where it has one */
	uint8_t reserved;
	uint16_t flags;
};

#define NODE_CHUNK 1024u

struct tree {
	const struct deid_host *host;
	struct deid_job *job;
	struct deid_source *file, *data;
	struct node **chunk;
	size_t nchunk, cap;
	uint32_t n, meta;
	uint64_t end;        /* of the data set, in `data` */
	uint64_t trailing;   /* bytes after it that were left out */
	unsigned syntax;     /* NODE_IN_… at the top of the data set */
	bool miscounted;     /* an item was longer than its sequence */
	bool group_lengths;  /* there are (gggg,0000) in the data set */
	bool directory;      /* … and (0004,1220): records that name each other by offset */
	bool nested_charset; /* an item has a Specific Character Set of its own */
};

void tree_init(struct tree *, const struct deid_host *, struct deid_job *);
/* A new node at the end, not filled in; NULL when memory is spent. */
struct node *tree_add(struct tree *);
static inline struct node *tree_node(const struct tree *t, uint32_t i)
{
	return &t->chunk[i / NODE_CHUNK][i % NODE_CHUNK];
}
static inline struct deid_source *tree_source(const struct tree *t, uint32_t i)
{
	return i < t->meta ? t->file : t->data;
}
static inline unsigned node_head(const struct node *n)
{
	return n->flags & NODE_LONG ? 12 : 8;
}
static inline uint64_t node_value(const struct node *n)
{
	return n->off + node_head(n);
}
static inline uint64_t node_end(const struct node *n)
{
	return node_value(n) + n->len;
}
/* The nodes that a container holds (NODE_NONE: the top of the data set; NODE_META: the file meta): from `i =
 * tree_first()` while `i < tree_stop()`, by `i = tree_node(i)->next`. */
static inline uint32_t tree_first(const struct tree *t, uint32_t parent)
{
	return parent == NODE_META ? 0 : parent == NODE_NONE ? t->meta : parent + 1;
}
static inline uint32_t tree_stop(const struct tree *t, uint32_t parent)
{
	return parent == NODE_META ? t->meta : parent == NODE_NONE ? t->n : tree_node(t, parent)->next;
}

#endif
