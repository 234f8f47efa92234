/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/containers.h"

#include "core/engine/metadata.h"
#include "core/io/sink.h"
#include <string.h>

static const struct section *find_section(const struct profile *p, const char *container)
{
	for (size_t i = 0; i < p->nsection; i++) {
		const struct section *s = &p->section[i];

		if (s->member && str_prefix(str_of(s->name), CONTAINER_GROUP ".") &&
		    !strcmp(s->name + strlen(CONTAINER_GROUP "."), container))
			return s;
	}
	return NULL;
}

/* ---- what comes in ----------------------------------------------------------------------------- */

/* Keys are a user's, and may be anything: only what a plugin knows is ever shown. */
static bool known_container(struct loader *l, const char *key)
{
	struct buf name = {0};
	bool known = strlen(key) < 64 && !strpbrk(key, "./") &&
		     buf_printf(&name, CONTAINER_GROUP ".%s", key) && buf_cstr(&name) &&
		     loader_format(l, name.p, NULL);

	buf_free(&name);
	return known;
}

int containers_check(const struct jsonfile *f, struct loader *l, struct deid_error *err)
{
	if (!loader_group(l, CONTAINER_GROUP))
		return error_fail(err, DEID_FAILED, DEID_E_PLUGIN,
		    "%s: no plugin \"" CONTAINER_GROUP "\" is installed", f->path);
	if (!YAJL_IS_OBJECT(f->root))
		return error_fail(err, DEID_FAILED, DEID_E_FORMAT, "%s is no mapping of containers", f->path);
	for (size_t i = 0; i < YAJL_GET_OBJECT(f->root)->len; i++) {
		const char *key = YAJL_GET_OBJECT(f->root)->keys[i];
		yajl_val value = YAJL_GET_OBJECT(f->root)->values[i];

		if (!known_container(l, key))
			return error_fail(err, DEID_FAILED, DEID_E_FORMAT, "%s: key %zu names no container",
			    f->path, i + 1);
		if (!YAJL_IS_OBJECT(value))
			return error_fail(err, DEID_FAILED, DEID_E_FORMAT,
			    "%s: the container \"%s\" is no mapping", f->path, key);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(YAJL_GET_OBJECT(f->root)->keys[k], key))
				return error_fail(err, DEID_FAILED, DEID_E_FORMAT,
				    "%s: the container \"%s\" is there twice", f->path, key);
	}
	return DEID_OK;
}

/* ---- what goes out ----------------------------------------------------------------------------- */

int containers_one(const struct jsonfile *f, const struct run *run, const char *container, struct buf *out,
    struct outcome *o, struct deid_error *err)
{
	const struct section *sec = find_section(run->profile, container);

	if (!sec)
		return buf_z(out, "{}") ? DEID_OK : error_nomem(err);
	return metadata_section(run, sec, f->path, buf_view(&f->text), out, o, err);
}

static bool is_status(const char *tag, const char *prefix)
{
	size_t n = strlen(prefix);

	return !strncmp(tag, prefix, n) && (!strcmp(tag + n, "-PASS") || !strcmp(tag + n, "-FAIL"));
}

bool containers_tags(yajl_val list, const struct status_tag *tag, struct buf *out)
{
	struct buf own = {0};
	bool good = buf_c(out, '[');

	for (size_t i = 0; good && YAJL_IS_ARRAY(list) && i < YAJL_GET_ARRAY(list)->len; i++) {
		const char *t = json_text(YAJL_GET_ARRAY(list)->values[i]);

		if (t && !is_status(t, tag->prefix))
			good = json_put(out, str_of(t)) && buf_z(out, ", ");
	}
	good = good && buf_printf(&own, "%s-%s", tag->prefix, tag->pass ? "PASS" : "FAIL") &&
	       json_put(out, buf_view(&own)) && buf_c(out, ']');
	buf_free(&own);
	return good;
}

/* The last member of the object that ends out. */
static bool add_tags(struct buf *out, yajl_val file, const struct status_tag *tag)
{
	out->n--;
	return (out->p[out->n - 1] == '{' || buf_z(out, ", ")) && buf_z(out, "\"tags\": ") &&
	       containers_tags(json_member(file, "tags"), tag, out) && buf_c(out, '}');
}

int containers_all(const struct jsonfile *f, const struct run *run, const struct status_tag *tag,
    struct buf *out, struct outcome *o, struct deid_error *err)
{
	int rc = buf_c(out, '{') ? DEID_OK : error_nomem(err);

	for (size_t i = 0; rc == DEID_OK && i < YAJL_GET_OBJECT(f->root)->len; i++) {
		const char *key = YAJL_GET_OBJECT(f->root)->keys[i];

		if ((i && !buf_z(out, ", ")) || !buf_printf(out, "\"%s\": ", key))
			return error_nomem(err);
		rc = containers_one(f, run, key, out, o, err);
		if (rc == DEID_OK && tag && !strcmp(key, CONTAINER_FILE_KEY) &&
		    !add_tags(out, YAJL_GET_OBJECT(f->root)->values[i], tag))
			rc = error_nomem(err);
	}
	if (rc == DEID_OK && !buf_z(out, "}\n"))
		rc = error_nomem(err);
	return rc;
}

int containers_write(struct run *run, struct deid_str text, bool replace, struct deid_error *err)
{
	struct folder *top = run->folders.top;
	struct deid_sink *sink = NULL;
	int rc =
	    run->options.dry ? sink_open_discard(&sink, top->fd, err) : sink_open_file(&sink, top->fd, err);

	if (rc == DEID_OK)
		rc = sink_write(sink, text.p, text.n, err);
	if (rc == DEID_OK)
		rc = sink_flush(sink, err);
	if (rc == DEID_OK)
		rc = sink_set_mode(sink, 0666 & ~run->options.umask, err);
	if (rc == DEID_OK && run->options.sync != SYNC_NONE)
		rc = sink_sync(sink, err);
	if (rc == DEID_OK)
		rc = sink_commit(sink, CONTAINER_OUTPUT, replace ? SINK_REPLACE : SINK_NEW, err);
	if (rc == DEID_OK) {
		folder_touch(&run->folders, top);
		if (run->options.sync != SYNC_NONE)
			rc = folder_sync(&run->folders, top, err);
	}
	sink_close(sink);
	return rc;
}

static int settle(const struct jsonfile *f, struct run *run, const struct status_tag *tag, struct outcome *o,
    struct deid_error *err)
{
	bool replace = run->options.on_conflict == CONFLICT_OVERWRITE;
	const char *top = run->folders.top->path;
	struct buf text = {0};
	int rc = containers_all(f, run, tag, &text, o, err);

	o->bytes_in = f->text.n;
	if (rc == DEID_OK)
		rc = containers_write(run, buf_view(&text), replace, err);
	if (rc != DEID_OK && err->code == DEID_E_CONFLICT && run->options.on_conflict == CONFLICT_SKIP) {
		o->status = OUTCOME_SKIPPED;
		o->code = DEID_E_CONFLICT;
		rc = buf_z(&o->reason, "the output exists already") ? DEID_OK : DEID_FAILED;
	} else if (rc == DEID_OK) {
		o->bytes_out = text.n;
		if (!buf_printf(&o->output, "%s%s" CONTAINER_OUTPUT, strcmp(top, ".") ? top : "",
			strcmp(top, ".") ? "/" : ""))
			rc = error_nomem(err);
	}
	buf_free(&text);
	return rc;
}

void containers_outcome(
    const struct jsonfile *f, struct run *run, const struct status_tag *tag, struct outcome *o)
{
	struct deid_error err;

	error_init(&err);
	o->status = OUTCOME_DEIDENTIFIED;
	if (settle(f, run, tag, o, &err) != DEID_OK) {
		o->status = OUTCOME_FAILED;
		o->code = err.code == DEID_E_NONE ? DEID_E_INTERNAL : err.code;
		o->output.n = o->reason.n = 0;
		error_text(&err, &o->reason);
	}
	error_free(&err);
}
