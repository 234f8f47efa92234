/* SPDX-License-Identifier: MIT */
/* Field entries of formats whose fields are plain texts under plain names. */
#ifndef DEID_PLUGINS_COMMON_ENTRIES_H
#define DEID_PLUGINS_COMMON_ENTRIES_H

#include "core/util/str.h"

/* A compiled name: the name itself. NULL when memory is spent; free() it. */
struct entry_name {
	struct deid_str text;
};
struct entry_name *entry_name_new(struct deid_str text);

/* The ids of the entries of this name into id, which has room for n; gives their number. */
size_t entry_find(const struct deid_entry *, size_t n, struct deid_str name, uint32_t *id);
/* … of the queries of this name (DEID_ENTRY_QUERY), for observe(). id: NULL counts them. */
size_t entry_queries(const struct deid_entry *, size_t n, struct deid_str name, uint32_t *id);
/* For seal(): complains of entries that would write a list or a mapping into `what` ("a cell"). */
int entry_check_plain(
    const struct deid_host *, const struct deid_entry *, size_t n, const char *what, struct deid_error *);

#endif
