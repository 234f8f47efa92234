/* SPDX-License-Identifier: MIT */
#include "plugins/common/entries.h"

#include <stdlib.h>
#include <string.h>

struct entry_name *entry_name_new(struct deid_str text)
{
	struct entry_name *n = malloc(sizeof(*n) + text.n);

	if (!n)
		return NULL;
	if (text.n)
		memcpy(n + 1, text.p, text.n);
	n->text = (struct deid_str){(char *)(n + 1), text.n};
	return n;
}

size_t entry_find(const struct deid_entry *e, size_t n, struct deid_str name, uint32_t *id)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		const struct entry_name *p = e[i].path;

		if (p && str_eq(p->text, name))
			id[found++] = e[i].id;
	}
	return found;
}

size_t entry_queries(const struct deid_entry *e, size_t n, struct deid_str name, uint32_t *id)
{
	size_t found = 0;

	for (size_t i = n; i > 0 && e[i - 1].flags & DEID_ENTRY_QUERY; i--) {
		const struct entry_name *p = e[i - 1].path;

		if (!str_eq(p->text, name))
			continue;
		if (id)
			id[found] = e[i - 1].id;
		found++;
	}
	return found;
}

int entry_check_plain(const struct deid_host *host, const struct deid_entry *e, size_t n, const char *what,
    struct deid_error *err)
{
	int rc = DEID_OK;

	for (size_t i = 0; i < n; i++) {
		const struct deid_node *tree = e[i].constant ? e[i].constant->tree : NULL;
		enum deid_node_kind kind = tree ? host->node_kind(tree) : DEID_N_STR;

		if (kind == DEID_N_LIST || kind == DEID_N_MAP)
			rc = host->complain(
			    err, e[i].node, "%s: %s holds text, no list or mapping", e[i].action, what);
	}
	return rc;
}
