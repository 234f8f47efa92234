/* SPDX-License-Identifier: MIT */
/* Lines of key, delimiter, value. */
#ifndef DEID_PLUGINS_KV_KV_H
#define DEID_PLUGINS_KV_KV_H

#include "plugins/common/charset.h"
#include "plugins/common/entries.h"
#include "plugins/kv/split.h"

struct kv_conf {
	const struct deid_host *host;
	struct splitter *splitter;
	bool ignore_bad;
	struct charset charset;
	const struct deid_entry *entry; /* from seal() */
	size_t nentry;
};

int kv_stream(
    struct deid_job *, const struct kv_conf *, struct deid_source *, struct deid_sink *, struct deid_error *);

#endif
