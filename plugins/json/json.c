/* SPDX-License-Identifier: MIT */
/*
 * The json format: a document, or one document a line (.jsonl, .ndjson), read front to back in constant
 * memory. What no entry changes is copied as it stands: layout, number spelling, escapes, duplicate keys.
 *
 * A list index in a name counts the places of the input, whatever earlier entries removed from the list.
 */
#include "plugins/json/json.h"

#include "plugins/json/text.h"

#include <stdlib.h>
#include <string.h>

int json_conf_init(struct json_conf *c, const struct deid_host *host, const struct deid_node *section,
    struct deid_error *err)
{
	const struct deid_node *node = host->node_get(section, "separator");

	*c = (struct json_conf){.host = host, .separator = section ? host->node_str(node) : STR(".")};
	return c->separator.n ? DEID_OK : host->complain(err, node, "separator: must not be empty");
}

void json_conf_clear(struct json_conf *c)
{
	json_tree_free(c->tree);
	json_tree_free(c->queries);
}

int json_name_new(const struct json_conf *c, struct deid_str text, const struct deid_node *node, void **path,
    struct deid_path_info *info, struct deid_error *err)
{
	struct json_path *p = json_path_new(text, c->separator);

	*path = p;
	if (!p)
		return c->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	if (p->n > JSON_DEPTH) {
		free(p);
		*path = NULL;
		return c->host->complain(err, node, "name: more than %d steps", JSON_DEPTH);
	}
	info->flags = p->wild ? DEID_PATH_WILD : 0;
	if (!str_eqz(p->step[p->n - 1], "*"))
		info->flags |= DEID_PATH_CREATE;
	info->kind = -1;
	if (DEID_HAS(info, place))
		info->place = p->place;
	return DEID_OK;
}

/* What replace-with will write must be something that JSON can say. */
static int check_constant(const struct deid_host *host, const struct deid_entry *e, struct deid_error *err)
{
	struct buf text = {0};
	const char *bad = NULL;
	bool good = !e->constant || !e->constant->tree || json_put_node(&text, host, e->constant->tree, &bad);

	buf_free(&text);
	if (good)
		return DEID_OK;
	if (!bad)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	return host->complain(err, e->node, "%s: cannot be written: %s", e->action, bad);
}

int json_judge(const struct json_conf *c, const struct deid_entry *e, struct deid_error *err)
{
	return check_constant(c->host, e, err);
}

int json_seal(struct json_conf *c, const struct deid_entry *e, size_t n, struct deid_error *err)
{
	int rc = DEID_OK;

	for (size_t i = 0; i < n; i++)
		if (check_constant(c->host, &e[i], err))
			rc = DEID_FAILED;
	c->entry = e;
	c->nentry = n;
	for (size_t i = 0; i < n; i++)
		c->raw = c->raw || (e[i].flags & DEID_ENTRY_RAW);
	c->tree = json_tree_new(e, n, false);
	c->queries = json_tree_new(e, n, true);
	if (!c->tree || !c->queries)
		return c->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	return rc;
}

/* RFC 8259 section 8.1 wants UTF-8. The byte order mark that some write all the same is kept. */
static int check_encoding(struct json_in *in, struct deid_error *err)
{
	const unsigned char *b = (const unsigned char *)in->win.p;
	size_t n = in->win.n;

	if (n >= 2 && ((b[0] == 0xFE && b[1] == 0xFF) || (b[0] == 0xFF && b[1] == 0xFE) || !b[0] || !b[1]))
		return json_bad(in, DEID_E_UNSUPPORTED, "UTF-16 or UTF-32; JSON is read as UTF-8 only", err);
	if (n >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF)
		in->cur += 3;
	return DEID_OK;
}

/* Copies blanks; *c: what follows them, -1 at the end. */
static int pass_blank(struct json_walk *w, uint64_t from, int *c, struct deid_error *err)
{
	struct json_in *in = w->in;
	int rc;

	in->hold = JSON_FREE;
	in->echo = from;
	rc = json_blank(in, c, err);
	if (!rc)
		rc = spans_copy(w->out, in->echo, json_off(in), err);
	in->echo = JSON_FREE;
	return rc;
}

static int one_document(struct json_walk *w, struct deid_error *err)
{
	int c, rc = pass_blank(w, 0, &c, err);

	if (!rc && w->ahead)
		rc = json_look(w, err);
	if (!rc)
		rc = json_document(w, err);
	if (!rc)
		rc = pass_blank(w, json_off(w->in), &c, err);
	if (!rc && c >= 0)
		rc = json_bad(w->in, DEID_E_FORMAT, "not JSON: text after the end of the document", err);
	return rc;
}

static int documents(struct json_walk *w, struct deid_error *err)
{
	uint64_t from = 0;

	for (;;) {
		int c, rc;

		w->in->lines = false;
		rc = pass_blank(w, from, &c, err);
		if (rc || c < 0)
			return rc;
		w->in->lines = true;
		if (w->ahead)
			rc = json_look(w, err);
		if (!rc)
			rc = json_document(w, err);
		from = json_off(w->in);
		if (!rc)
			rc = pass_blank(w, from, &c, err);
		if (!rc && c >= 0 && c != '\n')
			rc = json_bad(w->in, DEID_E_FORMAT, "text after the document of this line", err);
		if (rc)
			return rc;
		from = json_off(w->in);
	}
}

/* A walk that begins; `free` what it has with walk_end(). */
static struct json_walk walk_new(
    struct deid_job *job, const struct json_conf *c, struct json_in *in, struct spans *out)
{
	uint32_t wants = c->host->wants(job);

	return (struct json_walk){.host = c->host,
	    .job = job,
	    .conf = c,
	    .in = in,
	    .out = out,
	    .all = wants & DEID_WANT_ALL,
	    .ahead = wants & DEID_WANT_ORIGINALS,
	    .listing = wants & DEID_WANT_NAMES};
}

static void walk_end(struct json_walk *w)
{
	free(w->frame);
	free(w->node);
	free(w->seen);
	free(w->id);
	buf_free(&w->path);
	buf_free(&w->key);
	buf_free(&w->text);
	buf_free(&w->style);
	buf_free(&w->spare);
}

int json_process(const struct json_conf *c, struct deid_job *job, struct deid_source *src, struct spans *out,
    unsigned flags, struct deid_error *err)
{
	struct json_in in;
	struct json_walk w = walk_new(job, c, &in, out);
	int rc = json_open(&in, c->host, src, out, err);

	w.lines = flags & JSON_LINES;
	if (flags & JSON_OBSERVED)
		w.ahead = false;
	if (!rc)
		rc = check_encoding(&in, err);
	if (!rc)
		rc = flags & JSON_LINES ? documents(&w, err) : one_document(&w, err);
	if (!rc)
		rc = spans_flush(out, err);
	walk_end(&w);
	return rc;
}

int json_observe(
    const struct json_conf *c, struct deid_job *job, struct deid_source *src, struct deid_error *err)
{
	struct spans out = {.host = c->host, .mute = 1};
	struct json_in in;
	struct json_walk w = walk_new(job, c, &in, &out);
	int rc = json_open(&in, c->host, src, &out, err);

	w.ahead = w.all = false;
	w.look = true;
	if (!rc)
		rc = check_encoding(&in, err);
	if (!rc)
		rc = one_document(&w, err);
	walk_end(&w);
	return rc;
}
