/* SPDX-License-Identifier: MIT */
/* The `tiff` format: what of the editor of TIFF structures (ifd.h) makes a format of files. */
#ifndef IMAGE_TIFF_H
#define IMAGE_TIFF_H

#include "plugins/image/ifd.h"

struct tiff_conf {
	const struct deid_host *host;
	const struct deid_node *section; /* NULL: a listing */
	bool strip, remove_private;
	bool label, macro; /* `remove-pages` names them */
	uint32_t *page;    /* … their numbers, from 1 */
	size_t npage;
	const struct deid_entry *entry;
	size_t nentry;
};

struct tiff_path {
	struct ifd_name name;
	char place[16];
};

/* ---- tiff-conf.c ---- */
extern const struct deid_setting tiff_settings[];
int tiff_conf_new(
    const struct deid_host *, const struct deid_node *section, void **conf, struct deid_error *);
void tiff_conf_free(void *conf);
int tiff_path_new(void *conf, struct deid_str text, const struct deid_node *, void **path,
    struct deid_path_info *, struct deid_error *);
int tiff_seal(void *conf, const struct deid_entry *, size_t n, struct deid_error *);
int tiff_judge(const void *conf, const struct deid_entry *, struct deid_error *);

/* ---- pages.c ---- */
/* Takes out the pages that `remove-pages` names. */
int tiff_remove_pages(const struct tiff_conf *, struct ifd_tree *, struct deid_error *);

/* ---- strip.c ---- */
/* `strip`: everything goes that showing the image does not need. */
int tiff_strip(struct ifd_tree *, struct deid_error *);
/* `remove-private-tags`, but for those that entries name one by one. */
void tiff_remove_private(const struct tiff_conf *, struct ifd_tree *);

#endif
