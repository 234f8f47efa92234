/* SPDX-License-Identifier: MIT */
/*
 * EXIF, XMP and IPTC of one image, whatever holds them: the fields of jpg and png that are not their own.
 *
 * A container hands over the blocks that it finds; each is parsed when an entry or a setting first asks for
 * what is in it, so that a damaged one only matters then. In the end it asks what became of each, and where
 * to put new ones.
 *
 * The same property often stands in more than one of them. What an entry names, or changes, has its mirrors
 * taken out in meta_finish(), unless entries name those as well.
 */
#ifndef IMAGE_META_H
#define IMAGE_META_H

#include "plugins/image/ifd.h"
#include "plugins/image/iptc.h"
#include "plugins/image/xmp.h"

enum meta_space { META_NONE, META_EXIF, META_XMP, META_IPTC };

/* A name. Those of a container begin with one, too: META_NONE says that the rest is the container's. */
struct meta_path {
	enum meta_space space;
	bool whole; /* the block itself: `EXIF`, `XMP`, `IPTC` */
	struct ifd_name exif;
	struct xmp_name xmp;
	struct iptc_name iptc;
	struct deid_str text; /* owned */
	char *place;          /* owned: equal for equal names */
};

/* What a section says of all of them. */
struct meta_conf {
	const struct deid_host *host;
	const struct deid_node *section;
	const struct deid_entry *entry; /* their paths begin with a struct meta_path */
	size_t nentry;
	bool strip, exif, gps, xmp, iptc, thumbnail; /* to be removed */
	bool acts; /* something changes: an entry that is more than `keep`, a setting */
};

struct meta_block {
	enum meta_space space;
	struct deid_str bytes;   /* XMP, IPTC */
	struct deid_source *src; /* EXIF: where it stands */
	uint64_t off, len;
	struct ifd_tree *exif; /* parsed, else NULL */
	struct xmp *xmp;
	struct iptc *iptc;
	bool removed, fresh;
	struct meta_block *next;
};

struct meta {
	const struct deid_host *host;
	struct deid_job *job;
	const struct meta_conf *conf;
	struct meta_block *first, **last;
	/* Of what was changed: rows of the table in mirror.c, and tags that XMP has under their names. */
	uint64_t rows;
	const struct tag_info **tag;
	size_t ntag, tag_cap;
	bool touched; /* some of EXIF was changed */
};

/* ---- profile time -------------------------------------------------------------------------------- */

#define META_SETTINGS                                                                                        \
	META_SETTING("strip", "take out everything that showing the image does not need"),                   \
	    META_SETTING("remove-exif", "take out EXIF, and what XMP and IPTC repeat of it"),                \
	    META_SETTING("remove-gps", "take out where the image was taken"),                                \
	    META_SETTING("remove-xmp", "take out XMP"),                                                      \
	    META_SETTING("remove-iptc", "take out IPTC and Photoshop's resources"),                          \
	    META_SETTING("remove-thumbnail", "take out thumbnails")
#define META_SETTING(key_, help_)                                                                            \
	{                                                                                                    \
		.size = sizeof(struct deid_setting), .type = DEID_T_BOOL, .key = key_, .dflt = "false",      \
		.help = help_                                                                                \
	}

void meta_read_settings(struct meta_conf *);
/* Takes `text` as a name, if it is one: path->space says so. `exif_prefix`: EXIF tags need a prefix. */
bool meta_path_parse(const struct deid_str text, bool exif_prefix, struct meta_path *);
void meta_path_info(const struct meta_path *, struct deid_path_info *);
/* For seal(): notes the entries, and complains of those that no image could bear. */
int meta_seal(struct meta_conf *, const struct deid_entry *, size_t n, struct deid_error *);
/* Whether an entry does more than name its field. */
bool meta_entry_acts(const struct deid_entry *);

/* ---- file time ----------------------------------------------------------------------------------- */

void meta_init(struct meta *, struct deid_job *, const struct meta_conf *);
void meta_free(struct meta *);
/* A block in the order of the file; NULL: no memory. Fill in where it is. */
struct meta_block *meta_push(struct meta *, enum meta_space);
/* What the settings say, before any entry acts. */
int meta_prepare(struct meta *, struct deid_error *);

/* Fields of ours have a block in h[0]; META_IS_OURS tells. A container has 0 there. */
#define META_IS_OURS(field) ((field)->h[0] != 0)
int meta_find(struct meta *, const struct meta_path *, deid_visit *, void *arg, struct deid_error *);
int meta_each(struct meta *, deid_visit *, void *arg, struct deid_error *);
int meta_get(struct meta *, const struct deid_field *, struct deid_value *, struct deid_error *);
int meta_set(struct meta *, const struct deid_field *, const struct deid_value *, struct deid_error *);
int meta_remove(struct meta *, const struct deid_field *, struct deid_error *);
int meta_add(struct meta *, const struct meta_path *, const struct deid_value *, struct deid_error *);
/* Takes mirrors out, and thumbnails that have metadata of their own. */
int meta_finish(struct meta *, struct deid_error *);

enum meta_fate { META_STAYS, META_GOES, META_CHANGED };
/* *bytes: what a changed one is now, memory of the job. */
int meta_fate(
    struct meta *, struct meta_block *, enum meta_fate *, struct deid_str *bytes, struct deid_error *);
/* For `strip`: all blocks go, but for the orientation, which gets one of its own. */
int meta_strip(struct meta *, struct deid_error *);

#endif
