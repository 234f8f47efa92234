/* SPDX-License-Identifier: MIT */
/* Tables of separated values, a row at a time, in constant memory. */
#ifndef DEID_PLUGINS_CSV_TABLE_H
#define DEID_PLUGINS_CSV_TABLE_H

#include "plugins/common/charset.h"

struct table_conf {
	const struct deid_host *host;
	char delimiter, quote; /* quote 0: cells are never quoted */
	bool header, ignore_bad;
	struct charset charset;
	const struct deid_entry *entry; /* from seal() */
	size_t nentry;
};

int table_stream(struct deid_job *, const struct table_conf *, struct deid_source *, struct deid_sink *,
    struct deid_error *);

#endif
