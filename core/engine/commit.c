/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/commit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void committer_init(struct committer *c, struct run *run, struct commit_hook hook)
{
	*c = (struct committer){.run = run, .hook = hook};
	error_init(&c->err);
}

void committer_free(struct committer *c)
{
	map_free(&c->taken);
	error_free(&c->err);
}

/* ---- in place ---------------------------------------------------------------------------------- */

/* The new name is another one than the input's. */
static bool renames(const struct unit *u)
{
	return u->named && strcmp(u->name.p, unit_input_name(u)) != 0;
}

/* NAME+suffix, of the new name: so a later run knows what it is. NULL without memory. */
static const char *kept_name(const struct committer *c, const struct unit *u, struct buf *out)
{
	return buf_str(out, buf_view(&u->name)) && buf_z(out, c->run->options.keep_suffix) ? buf_cstr(out)
											   : NULL;
}

/* What is replaced must be what was read. */
static int still_there(const struct unit *u, struct deid_error *err)
{
	struct stat st;
	if (fstatat(u->folder->fd, unit_input_name(u), &st, AT_SYMLINK_NOFOLLOW) != 0)
		return error_errno(err, DEID_FAILED, "the input has gone");
	if (st.st_dev != u->input.st_dev || st.st_ino != u->input.st_ino)
		return error_fail(err, DEID_FAILED, DEID_E_IO, "the input was replaced while it was read");
	return DEID_OK;
}

/* A second name for the original, before the first one passes on: so it is there at every moment. */
static int keep_original(struct committer *c, struct unit *u, struct deid_error *err)
{
	struct buf kept = {0};
	const char *name = kept_name(c, u, &kept);
	int rc = name ? still_there(u, err) : error_nomem(err);
	if (rc == DEID_OK && c->run->options.dry) {
		struct stat st;
		if (fstatat(u->folder->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			rc = error_fail(err, DEID_FAILED, DEID_E_CONFLICT, "%s exists already", name);
		buf_free(&kept);
		return rc;
	}
	if (rc == DEID_OK && linkat(u->folder->fd, unit_input_name(u), u->folder->fd, name, 0) != 0)
		rc = errno == EEXIST
			 ? error_fail(err, DEID_FAILED, DEID_E_CONFLICT, "%s exists already", name)
			 : error_errno(err, DEID_FAILED, "cannot keep the original as %s", name);
	if (rc == DEID_OK) {
		u->linked = true;
		folder_touch(&c->run->folders, u->folder);
	}
	buf_free(&kept);
	return rc;
}

static void unlink_kept(struct committer *c, struct unit *u)
{
	struct buf kept = {0};
	const char *name = u->linked ? kept_name(c, u, &kept) : NULL;
	if (name)
		unlinkat(u->folder->fd, name, 0);
	u->linked = false;
	buf_free(&kept);
}

/* The paths that cannot be an output's any more: of two with one name the later input loses. */
static int taken_by_other(const struct committer *c, const struct unit *u, struct deid_error *err)
{
	struct deid_str path = buf_view(&u->outcome.output);
	const struct map_entry *other = map_find(&c->taken, path);
	if (!other)
		return DEID_OK;
	const struct input *in = other->value;
	error_clear(err);
	return error_fail(err, DEID_FAILED, DEID_E_CONFLICT, "the output name %.*s is taken: input %s has it",
	    (int)path.n, path.p, in->label);
}

static int take_path(struct committer *c, const struct unit *u, struct deid_str path, struct deid_error *err)
{
	struct map_entry *e = map_put_copy(&c->taken, path, NULL);
	if (!e)
		return error_nomem(err);
	/* The entry only points at it; nothing changes an input. */
	e->value = (void *)(uintptr_t)u->outcome.input;
	return DEID_OK;
}

static int conflict(const struct unit *u, const char *what, struct deid_error *err)
{
	error_clear(err);
	return error_fail(err, DEID_FAILED, DEID_E_CONFLICT, "the output %.*s %s", (int)u->outcome.output.n,
	    u->outcome.output.p, what);
}

/* Takes a new name beside the input. The input's own stays taken, although the input goes: what is there must
 * not depend on when. */
static int rename_input(struct committer *c, struct unit *u, struct deid_error *err)
{
	struct deid_str path = buf_view(&u->outcome.output);
	struct buf own = {0};
	int rc = taken_by_other(c, u, err);
	if (rc != DEID_OK)
		return rc;
	if (!buf_str(&own, str_sub(path, 0, path.n - u->name.n)) || !buf_z(&own, unit_input_name(u)))
		rc = error_nomem(err);
	if (rc == DEID_OK)
		rc = sink_commit(u->sink, u->name.p, SINK_NEW, err);
	if (rc != DEID_OK && err->code == DEID_E_CONFLICT)
		rc = conflict(u, "exists already", err);
	if (rc == DEID_OK)
		rc = take_path(c, u, path, err);
	if (rc == DEID_OK)
		rc = take_path(c, u, buf_view(&own), err);
	buf_free(&own);
	return rc;
}

static int replace(struct committer *c, struct unit *u, struct deid_error *err)
{
	int rc = still_there(u, err);
	if (rc == DEID_OK)
		rc =
		    renames(u) ? rename_input(c, u, err) : sink_commit(u->sink, u->name.p, SINK_REPLACE, err);
	if (rc != DEID_OK)
		unlink_kept(c, u);
	return rc;
}

/* Its replacement has another name, and that is on disk. */
static int step_drop_input(struct committer *c, struct unit *u, struct deid_error *err)
{
	if (!renames(u) || c->run->options.dry)
		return DEID_OK;
	int rc = still_there(u, err);
	if (rc == DEID_OK && unlinkat(u->folder->fd, unit_input_name(u), 0) != 0)
		rc = error_errno(err, DEID_FAILED, "the input is still there");
	if (rc == DEID_OK)
		folder_touch(&c->run->folders, u->folder);
	return rc;
}

/* ---- below the output folder ------------------------------------------------------------------- */

static int skip_existing(struct committer *c, struct unit *u)
{
	struct outcome *o = &u->outcome;
	sink_close(u->sink);
	u->sink = NULL;
	folder_drop(&c->run->folders, u->folder);
	u->folder = NULL;
	o->status = OUTCOME_SKIPPED;
	o->code = DEID_E_CONFLICT;
	o->reason.n = 0;
	o->output.n = 0;
	o->bytes_out = 0;
	buf_z(&o->reason, "the output exists already");
	return DEID_OK;
}

/* An input that was named must not go under another's output. */
static int spare_input(struct committer *c, const struct unit *u, struct deid_error *err)
{
	struct stat st;
	if (c->run->walk->named.n == 0 || u->folder->fd < 0)
		return DEID_OK;
	if (fstat(u->folder->fd, &st) != 0)
		return error_errno(err, DEID_FAILED, "cannot look at the output folder");
	return walk_is_named(c->run->walk, &st, u->name.p) ? conflict(u, "would replace an input", err)
							   : DEID_OK;
}

static int take_name(struct committer *c, struct unit *u, struct deid_error *err)
{
	const struct run_options *o = &c->run->options;
	int rc = taken_by_other(c, u, err);
	if (rc != DEID_OK)
		return rc;
	if (u->was_there)
		return skip_existing(c, u);
	bool over = o->on_conflict == CONFLICT_OVERWRITE;
	rc = over ? spare_input(c, u, err) : DEID_OK;
	if (rc == DEID_OK)
		rc = sink_commit(u->sink, u->name.p, over ? SINK_REPLACE : SINK_NEW, err);
	if (rc != DEID_OK && err->code == DEID_E_CONFLICT && !over)
		return o->on_conflict == CONFLICT_SKIP
			   ? skip_existing(c, u)
			   : conflict(u, "exists already (see --on-conflict)", err);
	if (rc != DEID_OK)
		return rc;
	return take_path(c, u, buf_view(&u->outcome.output), err);
}

/* ---- a batch ----------------------------------------------------------------------------------- */

static void each_sink(
    struct committer *c, int (*step)(struct committer *, struct unit *, struct deid_error *))
{
	for (size_t i = 0; i < c->npending; i++) {
		struct unit *u = c->pending[i];
		if ((u->sink || u->was_there) && u->outcome.status != OUTCOME_FAILED &&
		    step(c, u, &c->err) != DEID_OK)
			unit_fail(c->run, u, &c->err);
	}
}

static int step_data(struct committer *c, struct unit *u, struct deid_error *err)
{
	(void)c;
	return u->sink ? sink_sync(u->sink, err) : DEID_OK;
}

static int step_folder(struct committer *c, struct unit *u, struct deid_error *err)
{
	return u->folder ? folder_sync(&c->run->folders, u->folder, err) : DEID_OK;
}

static int step_name(struct committer *c, struct unit *u, struct deid_error *err)
{
	int rc = c->run->options.output ? take_name(c, u, err) : replace(c, u, err);
	if (rc == DEID_OK && u->folder)
		folder_touch(&c->run->folders, u->folder);
	return rc;
}

/* No output has a name that --done does not know. */
static void record_done(struct committer *c)
{
	const struct run *run = c->run;
	struct done_digest digest[COMMIT_BATCH_FILES];
	size_t n = 0;
	if (!run->done || run->options.dry)
		return;
	for (size_t i = 0; i < c->npending; i++)
		if (c->pending[i]->digested && c->pending[i]->outcome.status != OUTCOME_FAILED)
			digest[n++] = c->pending[i]->digest;
	if (done_add(run->done, digest, n, run->options.sync != SYNC_NONE, &c->err) == DEID_OK)
		return;
	struct buf why = {0};
	error_text(&c->err, &why);
	const char *text = buf_cstr(&why) ? why.p : "no memory";
	for (size_t i = 0; i < c->npending; i++) {
		struct unit *u = c->pending[i];
		if (!u->digested || u->outcome.status == OUTCOME_FAILED)
			continue;
		error_clear(&c->err);
		error_fail(&c->err, DEID_FAILED, DEID_E_IO, "%s", text);
		unit_fail(c->run, u, &c->err);
	}
	buf_free(&why);
}

/* Order matters for a power cut: data, then what --done is to know, then second names of originals, then new
 * names, then no sooner is an input said to be done. */
void commit_flush(struct committer *c)
{
	enum sync_when sync = c->run->options.sync;
	if (sync == SYNC_BATCH)
		each_sink(c, step_data);
	record_done(c);
	if (c->run->options.keep_suffix) {
		each_sink(c, keep_original);
		if (sync != SYNC_NONE)
			each_sink(c, step_folder);
	}
	each_sink(c, step_name);
	if (sync != SYNC_NONE)
		each_sink(c, step_folder);
	if (!c->run->options.output) {
		each_sink(c, step_drop_input);
		each_sink(c, step_folder);
	}
	for (size_t i = 0; i < c->npending; i++) {
		struct unit *u = c->pending[i];
		sink_close(u->sink);
		u->sink = NULL;
		folder_drop(&c->run->folders, u->folder);
		u->folder = NULL;
		c->hook.outcome(c->hook.arg, &u->outcome);
	}
	c->npending = 0;
	c->bytes = 0;
}

bool commit_take(struct committer *c, struct unit *u)
{
	c->pending[c->npending++] = u;
	c->bytes += u->outcome.bytes_out;
	if (c->run->options.sync == SYNC_BATCH && c->npending < COMMIT_BATCH_FILES &&
	    c->bytes < COMMIT_BATCH_BYTES)
		return false;
	commit_flush(c);
	return true;
}
