/* SPDX-License-Identifier: MIT */
/*
 * The inside of an IFD tree (ifd.h), for the parts that read, change and write it.
 *
 * IFDs stand in the order of a walk from outside in: a page, what it points to, the next page. Entries stand
 * by IFD, 24 bytes each, for a file may have tens of thousands of pages. Offsets are in the stretch.
 */
#ifndef IMAGE_TREE_H
#define IMAGE_TREE_H

#include "core/util/str.h"
#include "plugins/image/extent.h"
#include "plugins/image/ifd.h"

#define DIR_NONE UINT32_MAX
#define CHANGE_NONE 0
#define CHANGE_REMOVED UINT32_MAX

struct ifd_entry {
	uint64_t count;
	uint8_t raw[8]; /* the value field as it stands in the file: the value, or where it is */
	uint16_t tag, type;
	uint32_t change; /* CHANGE_…, else 1 + index into tree->change */
};

/* A new value, in the byte order of the file. */
struct ifd_change {
	uint64_t count;
	const uint8_t *p; /* memory of the job */
	size_t n;
	uint64_t at; /* where it goes when it does not fit into the entry; set by the layout */
	uint16_t type;
};

/* An entry that the file does not have. */
struct ifd_added {
	uint32_t dir;
	uint32_t change; /* 0 in a pointer: its IFD is known by the layout */
	uint16_t tag;
	bool removed;
};

struct ifd_dir {
	uint64_t off;      /* 0 when it is new */
	uint64_t at;       /* set by the layout */
	uint32_t first, n; /* its entries */
	uint32_t parent;   /* DIR_NONE: a page */
	uint32_t entry;    /* that points to it, by id; of a page nothing */
	uint32_t index;    /* which value of that entry */
	uint32_t next;     /* the IFD that follows it in a chain */
	uint32_t prev;     /* … that it follows; DIR_NONE: entry, or the header, points to it */
	uint8_t where;     /* enum ifd_where */
	bool removed;
	bool dirty; /* its entries, or what it points to, changed */
};

struct ifd_tree {
	const struct deid_host *host;
	struct deid_job *job;
	struct deid_source *src;
	uint64_t base, len; /* the stretch in the source */
	unsigned flags;
	bool big;  /* bytes: most significant first */
	bool wide; /* BigTIFF */
	bool tidy; /* unused bytes of value fields become 0 */
	bool changed;
	uint64_t ghost; /* bytes after the header that say how a cloud-optimised file is laid out (ghost.c) */
	uint64_t
	    edition; /* where they say that nobody who does not know them has edited the file; 0: nowhere */
	unsigned leader, trailer; /* bytes before and behind each tile that are its own */
	struct ifd_dir *dir;
	size_t ndir, dir_cap;
	struct ifd_entry *entry;
	size_t nentry, entry_cap;
	struct ifd_added *added; /* id: nentry + index */
	size_t nadded, added_cap;
	struct ifd_change *change;
	size_t nchange, change_cap;
};

static inline size_t tree_head(const struct ifd_tree *t)
{
	return t->wide ? 16 : 8;
}

static inline size_t tree_inline(const struct ifd_tree *t)
{
	return t->wide ? 8 : 4;
}

static inline uint64_t dir_size(const struct ifd_tree *t, uint64_t n)
{
	return t->wide ? 8 + 20 * n + 8 : 2 + 12 * n + 4;
}

static inline enum tag_set dir_set(const struct ifd_dir *d)
{
	return d->where == IFD_GPS ? TAGS_GPS : d->where == IFD_INTEROP ? TAGS_INTEROP : TAGS_IMAGE;
}

uint64_t tree_get(const struct ifd_tree *, const void *, size_t n); /* 1, 2, 4 or 8 bytes */
void tree_put(const struct ifd_tree *, void *, size_t n, uint64_t value);
int tree_nomem(const struct ifd_tree *, struct deid_error *);
int tree_fail(const struct ifd_tree *, struct deid_error *, enum deid_code, uint64_t off, const char *what);
/* n bytes at off; good until the next read. */
int tree_peek(const struct ifd_tree *, uint64_t off, size_t n, const uint8_t **, struct deid_error *);
int tree_read(const struct ifd_tree *, uint64_t off, void *, size_t n, struct deid_error *);

/* Bytes of the entry's value as the file has it; true when it stands outside of the entry, at *off. An
 * unknown type has the value field's bytes. */
bool entry_place(const struct ifd_tree *, const struct ifd_entry *, uint64_t *off, uint64_t *len);

/* ---- entries by id ---- */
struct entry_view {
	uint32_t id, dir;
	uint16_t tag, type;
	uint64_t count, len;
	const uint8_t *p; /* where the value is new or stands in the entry; else NULL */
	uint64_t off;     /* where p is NULL */
};
/* As it is now; false: removed, or the IFD is. */
bool entry_view(const struct ifd_tree *, uint32_t id, struct entry_view *);
uint32_t entry_dir(const struct ifd_tree *, uint32_t id);
/* The first live entry of this tag in the IFD; false: none. */
bool dir_find(const struct ifd_tree *, uint32_t dir, uint16_t tag, struct entry_view *);
/* The value, memory of the job or good until the next read. */
int view_bytes(const struct ifd_tree *, const struct entry_view *, const uint8_t **, struct deid_error *);
/* Value i of a list of unsigned numbers; 0 where the type has none. */
int view_number(
    const struct ifd_tree *, const struct entry_view *, uint64_t i, uint64_t *, struct deid_error *);
/* Puts a new value into the entry; p is kept. */
int entry_put(struct ifd_tree *, uint32_t id, unsigned type, uint64_t count, const void *p, size_t n,
    struct deid_error *);
/* Takes the entry out, and the IFDs that it points to. */
void entry_remove(struct ifd_tree *, uint32_t id);
/* A new entry; the value as in entry_put(), p = NULL: a pointer to an IFD that is made. */
int entry_new(struct ifd_tree *, uint32_t dir, uint16_t tag, unsigned type, uint64_t count, const void *p,
    size_t n, uint32_t *id, struct deid_error *);
/* The IFD and all that is below it. A page leaves its chain. */
void dir_remove(struct ifd_tree *, uint32_t dir);
/* A new IFD that a new entry `tag` of `parent` points to. */
int dir_new(
    struct ifd_tree *, uint32_t parent, uint16_t tag, enum ifd_where, uint32_t *dir, struct deid_error *);
/* Of the IFDs behind `dir`, those of the file that are below it come first; what is new stands at the end. */
bool dir_is_below(const struct ifd_tree *, uint32_t i, uint32_t dir);
void dir_touch(struct ifd_tree *, uint32_t dir);
/* Whether the entry points to IFDs, as the walk saw it; the kind of those. */
enum ifd_where pointer_where(const struct ifd_dir *, uint16_t tag, unsigned type);

/* ---- data.c ---- */
/* Adds where the image data of the IFD are. */
int data_extents(const struct ifd_tree *, uint32_t dir, struct extents *, struct deid_error *);

/* ---- value.c ---- */
int value_get(const struct ifd_tree *, const struct entry_view *, const struct tag_info *,
    struct deid_value *, struct deid_error *);
/* The bytes of a value for a field of this type, memory of the job. */
int value_make(const struct ifd_tree *, const struct tag_info *, unsigned type, const struct deid_value *,
    uint64_t *count, struct deid_str *out, struct deid_error *);

/* ---- ghost.c ---- */
/* Reads what stands between the header and the first IFD of a cloud-optimised GeoTIFF. */
int ghost_read(struct ifd_tree *, struct deid_error *);

#endif
