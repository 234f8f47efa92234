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

/* A field that the format may not know: *known says. False: no memory. */
static bool try_query(struct section *sec, struct profile *p, enum query_use use,
    const struct deid_node *node, struct deid_str name, uint32_t *id, bool *known)
{
	struct deid_error unheard;
	bool spent;

	error_init(&unheard);
	*known = query_add(sec, &p->arena, use, name, node, id, &unheard) == DEID_OK;
	spent = unheard.code == DEID_E_NOMEM;
	error_free(&unheard);
	return !spent;
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
	r->place[i].own = true;
	if (!(sec->format->flags & DEID_FORMAT_CONTAINER))
		return query_add(sec, &p->arena, QUERY_FINAL, piece->text, o->node, &r->place[i].query, err);
	return try_query(sec, p, QUERY_FINAL, o->node, piece->text, &r->place[i].query, &r->place[i].own)
		   ? DEID_OK
		   : error_nomem(err);
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

static bool bind_member(
    struct section *sec, struct profile *p, const struct filename_rule *r, size_t i, struct deid_error *err)
{
	struct deid_str name = r->output.piece[i].text;
	bool known = r->place[i].own, one;
	uint32_t id;

	for (size_t k = 0; k < p->nsection; k++) {
		struct section *s = &p->section[k];

		if (s == sec || s->member || s->format->flags & DEID_FORMAT_CONTAINER)
			continue;
		if (!try_query(s, p, QUERY_MEMBER, r->output.node, name, &id, &one))
			return false;
		known = known || one;
	}
	if (!known)
		node_complain(err, r->output.node,
		    "\"output\": no field of a file inside can be called %.*s by the sections of the profile",
		    (int)name.n, name.p);
	return true;
}

bool filename_rules_members(struct section *sec, struct profile *p, struct deid_error *err)
{
	for (size_t i = 0; i < sec->nfilename; i++) {
		const struct filename_rule *r = &sec->filename[i];

		for (size_t k = 0; r->place && k < r->output.npiece; k++) {
			const struct output_piece *piece = &r->output.piece[k];

			if (piece->variable && piece->same == OUTPUT_FIRST && !r->place[k].capture &&
			    !bind_member(sec, p, r, k, err))
				return false;
		}
	}
	return true;
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
