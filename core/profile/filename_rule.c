/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/filename_rule.h"

#include "core/profile/query.h"
#include "core/profile/rule.h"
#include "core/util/str.h"
#include "core/util/utf8.h"
#include <stdlib.h>

/* A capture that is called like a field of the format would hide it, and one of the two is not what the
 * author means. */
static int check_captures(
    const struct section *sec, const struct output *o, const struct deid_node *regex, struct deid_error *err)
{
	const struct deid_format *format = sec->format;
	int rc = DEID_OK;

	if (!DEID_HAS(format, keyword) || !format->keyword)
		return DEID_OK;
	for (size_t i = 1; i <= regex_groups(o->regex); i++) {
		struct deid_str name = regex_group_name(o->regex, i);

		if (name.n && format->keyword(sec->conf, name))
			rc = node_complain(err, regex,
			    "\"input-regex\": the group %.*s has the name of a field", (int)name.n, name.p);
	}
	return rc;
}

static int bind_piece(
    struct section *sec, struct profile *p, struct filename_rule *r, size_t i, struct deid_error *err)
{
	const struct output *o = &r->output;
	const struct output_piece *piece = &o->piece[i];

	if (!piece->variable || piece->same != OUTPUT_FIRST)
		return DEID_OK;
	r->place[i].capture = regex_group(o->regex, piece->text);
	if (r->place[i].capture)
		return DEID_OK;
	return query_add(sec, &p->arena, QUERY_FINAL, piece->text, o->node, &r->place[i].query, err);
}

static int compile(struct filename_rule *r, struct section *sec, const struct deid_rule *outer,
    const struct deid_node *item, struct deid_error *err)
{
	int rc = output_new(&r->output, outer, item, "filenames", err);

	if (rc != DEID_OK)
		return rc;
	if (!r->output.npiece)
		return node_complain(err, r->output.node, "\"output\" is empty");
	rc = check_captures(sec, &r->output, node_get(item, "input-regex"), err);
	r->place = calloc(r->output.npiece, sizeof *r->place);
	if (!r->place)
		return error_nomem(err);
	for (size_t i = 0; i < r->output.npiece; i++) {
		int one = bind_piece(sec, outer->profile, r, i, err);

		if (one == DEID_FATAL || err->code == DEID_E_NOMEM)
			return one;
		rc = rc == DEID_OK ? one : rc;
	}
	return rc;
}

int filename_rules_new(
    struct section *sec, struct profile *p, const struct provider *provider, struct deid_error *err)
{
	const struct deid_node *list = node_get(sec->node, "filenames");
	size_t n = list && list->type == NODE_LIST ? list->n : 0;
	int rc = DEID_OK;

	sec->filename = calloc(n + 1, sizeof *sec->filename);
	if (!sec->filename)
		return error_nomem(err);
	for (size_t i = 0; i < n && rc != DEID_FATAL && err->code != DEID_E_NOMEM; i++) {
		const struct deid_node *item = list->item[i];
		struct deid_rule outer = {.entry = item,
		    .section = sec->node,
		    .kind = -1,
		    .arena = &p->arena,
		    .home = sec,
		    .profile = p,
		    .provider = provider};
		int one;

		if (item->type != NODE_MAP || item->partial)
			continue;
		one = compile(&sec->filename[sec->nfilename++], sec, &outer, item, err);
		rc = rc == DEID_OK || one == DEID_FATAL ? one : rc;
	}
	return rc;
}

void filename_rules_free(struct section *sec)
{
	for (size_t i = 0; i < sec->nfilename; i++) {
		output_free(&sec->filename[i].output);
		free(sec->filename[i].place);
	}
	free(sec->filename);
	sec->filename = NULL;
	sec->nfilename = 0;
}
