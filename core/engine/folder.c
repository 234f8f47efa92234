/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/folder.h"

#include "core/io/sink.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

int folders_init(struct folders *f)
{
	*f = (struct folders){0};
	arena_init(&f->arena, 0);
	pthread_mutex_init(&f->lock, NULL);
	return DEID_OK;
}

/* Later ones are deeper, so they go first. */
void folders_free(struct folders *f)
{
	for (size_t i = f->by_path.n; i-- > 0;) {
		struct folder *d = f->by_path.entry[i].value;
		if (d->made && !d->used)
			rmdir(d->path);
		if (d->fd >= 0)
			close(d->fd);
	}
	/* Only goes when it is empty. */
	for (size_t i = f->nmade; i-- > 0;)
		rmdir(f->made[i]);
	map_free(&f->by_path);
	arena_free(&f->arena);
	pthread_mutex_destroy(&f->lock);
}

static struct folder *new_folder(struct folders *f, struct deid_str path)
{
	struct folder *d = arena_zalloc(&f->arena, sizeof *d);
	struct deid_str copy = arena_dup(&f->arena, path);
	struct map_entry *e = d && copy.p ? map_put(&f->by_path, copy, NULL) : NULL;
	if (!e)
		return NULL;
	const char *slash = strrchr(copy.p, '/');
	d->path = copy.p;
	d->name = slash ? slash + 1 : copy.p;
	d->fd = -1;
	e->value = d;
	return d;
}

/* mkdir -p, remembering what was made. */
static int make_path(struct folders *f, const char *path, struct deid_error *err)
{
	size_t n = strlen(path), parts = 1;
	char *p = arena_printf(&f->arena, "%s", path);
	for (size_t i = 0; i < n; i++)
		parts += path[i] == '/';
	f->made = arena_array(&f->arena, parts, sizeof *f->made);
	if (!p || !f->made)
		return error_nomem(err);
	for (size_t i = 1; i <= n; i++) {
		if (p[i] != '/' && p[i] != '\0')
			continue;
		char end = p[i];
		p[i] = '\0';
		if (mkdir(p, 0777) == 0) {
			f->made[f->nmade] = arena_printf(&f->arena, "%s", p);
			if (!f->made[f->nmade])
				return error_nomem(err);
			f->nmade++;
		} else if (errno != EEXIST) {
			return error_errno(err, DEID_FATAL, "cannot make the output folder %s", p);
		}
		p[i] = end;
	}
	return DEID_OK;
}

/* The names of folders that were made must last as the names in them do. */
static void sync_made(const struct folders *f)
{
	for (size_t i = 0; i < f->nmade; i++) {
		char *copy = strdup(f->made[i]);
		char *slash = copy ? strrchr(copy, '/') : NULL;
		if (slash && slash != copy)
			*slash = '\0';
		int fd = copy ? open(!slash ? "." : slash == copy ? "/" : copy, OPEN_FLAGS) : -1;
		if (fd >= 0) {
			fsync(fd);
			close(fd);
		}
		free(copy);
	}
}

int folders_open_top(struct folders *f, const char *path, struct deid_error *err)
{
	int rc = f->look ? DEID_OK : make_path(f, path, err);
	if (rc != DEID_OK)
		return rc;
	size_t n = strlen(path ? path : ".");
	while (n > 1 && path && path[n - 1] == '/')
		n--;
	struct folder *d = new_folder(f, (struct deid_str){path ? path : ".", n});
	if (!d)
		return error_nomem(err);
	d->fd = path ? open(path, OPEN_FLAGS) : -1;
	if (d->fd < 0 && f->look && (!path || errno == ENOENT)) {
		d->held = 1;
		f->top = d;
		return DEID_OK;
	}
	if (d->fd < 0)
		return error_errno(err, DEID_FATAL, "cannot open the output folder %s", path);
	if (faccessat(d->fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
		return error_errno(err, DEID_FATAL, "cannot write to the output folder %s", path);
	d->held = 1;
	d->swept = f->look || f->nmade > 0;
	if (!d->swept)
		sink_sweep(d->fd);
	f->top = d;
	return DEID_OK;
}

static int open_child(struct folders *f, struct folder *parent, struct folder *d, struct deid_error *err)
{
	if (f->look) {
		d->swept = true;
	} else if (mkdirat(parent->fd, d->name, 0777) == 0) {
		d->made = d->swept = true;
		parent->dirty = true;
	} else if (errno != EEXIST) {
		return error_errno(err, DEID_FAILED, "cannot make the folder %s", d->path);
	}
	errno = ENOENT;
	d->fd = parent->fd < 0 ? -1 : openat(parent->fd, d->name, OPEN_FLAGS | O_NOFOLLOW);
	if (d->fd < 0 && f->look && errno == ENOENT)
		return DEID_OK;
	if (d->fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return error_fail(
		    err, DEID_FAILED, DEID_E_CONFLICT, "%s is there and is not a folder", d->path);
	if (d->fd < 0)
		return error_errno(err, DEID_FAILED, "cannot open the folder %s", d->path);
	if (!d->swept)
		sink_sweep(d->fd);
	d->swept = true;
	d->parent = parent;
	parent->held++;
	return DEID_OK;
}

static void drop(struct folder *d)
{
	while (d && --d->held == 0) {
		struct folder *parent = d->parent;
		if (d->fd >= 0)
			close(d->fd);
		d->fd = -1;
		d->parent = NULL;
		d = parent;
	}
}

/* One component down. The parent's holder passes to the child. */
static int step_down(
    struct folders *f, struct folder **at, struct deid_str name, struct buf *path, struct deid_error *err)
{
	struct folder *parent = *at, *d;
	path->n = 0;
	bool here = strcmp(parent->path, ".") == 0;
	if ((!here && !buf_printf(path, "%s/", parent->path)) || !buf_str(path, name))
		return error_nomem(err);
	d = map_get(&f->by_path, buf_view(path));
	if (!d)
		d = new_folder(f, buf_view(path));
	if (!d)
		return error_nomem(err);
	if (d->fd < 0) {
		int rc = open_child(f, parent, d, err);
		if (rc != DEID_OK)
			return rc;
	}
	d->held++;
	drop(parent);
	*at = d;
	return DEID_OK;
}

int folder_hold(struct folders *f, struct deid_str below, struct folder **out, struct deid_error *err)
{
	struct buf path = {0};
	struct deid_str part;
	int rc = DEID_OK;
	pthread_mutex_lock(&f->lock);
	struct folder *at = f->top;
	at->held++;
	while (rc == DEID_OK && below.n && str_split(&below, '/', &part))
		if (part.n)
			rc = step_down(f, &at, part, &path, err);
	if (rc != DEID_OK) {
		drop(at);
		at = NULL;
	}
	pthread_mutex_unlock(&f->lock);
	buf_free(&path);
	*out = at;
	return rc;
}

int folder_hold_path(struct folders *f, struct deid_str path, struct folder **out, struct deid_error *err)
{
	int rc = DEID_OK;
	pthread_mutex_lock(&f->lock);
	struct folder *d = map_get(&f->by_path, path);
	if (!d)
		d = new_folder(f, path);
	if (!d) {
		rc = error_nomem(err);
	} else if (d->fd < 0) {
		d->fd = open(d->path, OPEN_FLAGS);
		if (d->fd < 0)
			rc = error_errno(err, DEID_FAILED, "cannot open the folder %s", d->path);
		else if (!d->swept && !f->look)
			sink_sweep(d->fd);
		d->swept = true;
	}
	if (rc == DEID_OK)
		d->held++;
	pthread_mutex_unlock(&f->lock);
	*out = rc == DEID_OK ? d : NULL;
	return rc;
}

void folder_keep(struct folders *f, struct folder *d)
{
	pthread_mutex_lock(&f->lock);
	d->held++;
	pthread_mutex_unlock(&f->lock);
}

void folder_drop(struct folders *f, struct folder *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&f->lock);
	drop(d);
	pthread_mutex_unlock(&f->lock);
}

void folder_touch(struct folders *f, struct folder *d)
{
	pthread_mutex_lock(&f->lock);
	d->dirty = true;
	for (; d && !d->used; d = d->parent)
		d->used = true;
	pthread_mutex_unlock(&f->lock);
}

int folder_sync(struct folders *f, struct folder *d, struct deid_error *err)
{
	int rc = DEID_OK;
	if (f->nmade && f->top && !f->made_synced) {
		sync_made(f);
		f->made_synced = true;
	}
	for (; d && rc == DEID_OK; d = d->parent) {
		pthread_mutex_lock(&f->lock);
		bool dirty = d->dirty;
		d->dirty = false;
		pthread_mutex_unlock(&f->lock);
		if (dirty)
			rc = sink_sync_dir(d->fd, err);
	}
	return rc;
}
