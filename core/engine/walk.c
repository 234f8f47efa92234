/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/walk.h"

#include "core/io/temp.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where a file is: its folder's device and inode, then its name. Two ways to one place have one key; two
 * hard links have two. */
struct place {
	dev_t dev;
	ino_t ino;
};

void walk_init(struct walk *w)
{
	*w = (struct walk){0};
	arena_init(&w->arena, 0);
}

void walk_free(struct walk *w)
{
	for (size_t i = 0; i < w->nroot; i++)
		close(w->root[i]);
	free(w->root);
	free(w->input);
	map_free(&w->dirs);
	map_free(&w->named);
	arena_free(&w->arena);
}

const char *input_name(const struct input *in)
{
	const char *slash = strrchr(in->label, '/');
	return slash ? slash + 1 : in->label;
}

struct deid_str input_folders(const struct input *in)
{
	const char *p = in->path + in->below;
	const char *slash = in->root >= 0 ? strrchr(p, '/') : NULL;
	return (struct deid_str){p, slash ? (size_t)(slash - p) : 0};
}

struct deid_str input_parent(const struct input *in)
{
	const char *slash = strrchr(in->path, '/');
	if (!slash)
		return STR(".");
	return (struct deid_str){in->path, slash == in->path ? 1 : (size_t)(slash - in->path)};
}

/* RESOLVE_…: a folder that becomes a link after it was listed must not lead us out of the tree. Kernels
 * and sandboxes without openat2() still refuse a link as the last component. */
static int open_below(int root, const char *path, int flags)
{
	struct open_how how = {.flags = (uint64_t)flags, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
	long fd = syscall(SYS_openat2, root, path, &how, sizeof how);
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(root, path, flags | O_NOFOLLOW);
	return (int)fd;
}

int input_open(const struct input *in)
{
	/* A pipe that took the file's place must not hold us up. */
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	if (in->root < 0)
		return open(in->path, flags);
	return open_below(in->root, in->path + in->below, flags);
}

/* ---- places ------------------------------------------------------------------------------------ */

static struct deid_str place_key(struct walk *w, const struct stat *folder, const char *name)
{
	struct place at;
	memset(&at, 0, sizeof at);
	at.dev = folder->st_dev;
	at.ino = folder->st_ino;
	size_t n = strlen(name);
	char *k = arena_alloc(&w->arena, sizeof at + n);
	if (!k)
		return (struct deid_str){0};
	memcpy(k, &at, sizeof at);
	memcpy(k + sizeof at, name, n);
	return (struct deid_str){k, sizeof at + n};
}

bool walk_is_named(const struct walk *w, const struct stat *folder, const char *name)
{
	struct place at;
	struct buf key = {0};
	memset(&at, 0, sizeof at);
	at.dev = folder->st_dev;
	at.ino = folder->st_ino;
	bool found = w->named.n && buf_add(&key, &at, sizeof at) && buf_z(&key, name) &&
		     map_find(&w->named, buf_view(&key));
	buf_free(&key);
	return found;
}

/* The folder and the last component of a path that need not exist. False: it has no such folder. */
static bool parent_stat(struct walk *w, const char *path, struct stat *folder, const char **name)
{
	const char *slash = strrchr(path, '/');
	*name = slash ? slash + 1 : path;
	const char *dir = !slash ? "."
			  : slash == path
			      ? "/"
			      : arena_dup(&w->arena, (struct deid_str){path, (size_t)(slash - path)}).p;
	return dir && stat(dir, folder) == 0;
}

void walk_leave_output(struct walk *w, const char *folder)
{
	w->has_output = stat(folder, &w->output) == 0;
}

int walk_leave_report(struct walk *w, const char *file, struct deid_error *err)
{
	const char *name;
	size_t i = w->nreport;
	if (i == sizeof w->report / sizeof *w->report || !parent_stat(w, file, &w->report[i].folder, &name))
		return DEID_OK; /* opening it will say so */
	w->report[i].name = arena_dup(&w->arena, str_of(name)).p;
	w->nreport += w->report[i].name != NULL;
	return w->report[i].name ? DEID_OK : error_nomem(err);
}

void walk_leave_kept(struct walk *w, const char *suffix)
{
	w->keep_suffix = suffix;
}

/* ---- adding ------------------------------------------------------------------------------------ */

static int push(struct walk *w, const struct input *in, struct deid_error *err)
{
	if (!in->path || !in->label)
		return error_nomem(err);
	if (w->n == w->cap) {
		size_t cap = w->cap ? 2 * w->cap : 64;
		void *p = reallocarray(w->input, cap, sizeof *w->input);
		if (!p)
			return error_nomem(err);
		w->input = p;
		w->cap = cap;
	}
	w->input[w->n++] = *in;
	return DEID_OK;
}

static int push_bad(
    struct walk *w, const char *path, enum input_kind kind, const char *why, struct deid_error *err)
{
	path = arena_dup(&w->arena, str_of(path)).p;
	why = arena_dup(&w->arena, str_of(why)).p;
	if (!why)
		return error_nomem(err);
	return push(w, &(struct input){path, path, -1, 0, kind, why}, err);
}

static int keep_root(struct walk *w, int fd, struct deid_error *err)
{
	if (w->nroot == w->root_cap) {
		size_t cap = w->root_cap ? 2 * w->root_cap : 4;
		void *p = reallocarray(w->root, cap, sizeof *w->root);
		if (!p)
			return error_nomem(err);
		w->root = p;
		w->root_cap = cap;
	}
	w->root[w->nroot++] = fd;
	return DEID_OK;
}

/* One named folder while it is listed. */
struct tree {
	struct walk *walk;
	int root;
	struct deid_str top; /* the operand with a slash at its end */
	struct buf *todo;    /* folders still to list: NUL-terminated paths below the root, last first */
};

static const char *kind_name(unsigned char type)
{
	switch (type) {
	case DT_LNK:
		return "a symbolic link is not followed";
	case DT_FIFO:
		return "a pipe is not a regular file";
	case DT_SOCK:
		return "a socket is not a regular file";
	default:
		return "a device is not a regular file";
	}
}

static unsigned char type_of(int dirfd, const struct dirent *e)
{
	struct stat st;
	if (e->d_type != DT_UNKNOWN)
		return e->d_type;
	if (fstatat(dirfd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return DT_REG; /* opening it will say why */
	return IFTODT(st.st_mode);
}

/* NAME+suffix beside NAME. */
static bool is_kept(struct walk *w, int dirfd, struct deid_str name)
{
	if (!w->keep_suffix || !str_suffix(name, w->keep_suffix) || name.n == strlen(w->keep_suffix))
		return false;
	struct stat st;
	const char *base = arena_dup(&w->arena, (struct deid_str){name.p, name.n - strlen(w->keep_suffix)}).p;
	if (!base || fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	w->left_out++;
	return true;
}

static bool is_report(const struct walk *w, const struct stat *folder, const char *name)
{
	for (size_t i = 0; i < w->nreport; i++)
		if (strcmp(name, w->report[i].name) == 0 && folder->st_dev == w->report[i].folder.st_dev &&
		    folder->st_ino == w->report[i].folder.st_ino)
			return true;
	return false;
}

/* Left out without a word in the report: our own work, and what was reached before. */
static bool left_out(struct walk *w, int dirfd, const struct stat *folder, const char *name)
{
	if (strncmp(name, TEMP_PREFIX, strlen(TEMP_PREFIX)) == 0)
		return true;
	if (is_report(w, folder, name))
		return true;
	if (walk_is_named(w, folder, name)) {
		w->repeated++;
		return true;
	}
	return is_kept(w, dirfd, str_of(name));
}

static int add_entry(struct tree *t, int dirfd, const struct stat *folder, const char *dir,
    const struct dirent *e, struct deid_error *err)
{
	struct walk *w = t->walk;
	const char *sep = dir[0] ? "/" : "";
	unsigned char type = type_of(dirfd, e);
	if (type == DT_DIR)
		return buf_printf(t->todo, "%s%s%s", dir, sep, e->d_name) && buf_c(t->todo, '\0')
			   ? DEID_OK
			   : error_nomem(err);
	if (left_out(w, dirfd, folder, e->d_name))
		return DEID_OK;
	const char *path =
	    arena_printf(&w->arena, "%.*s%s%s%s", (int)t->top.n, t->top.p, dir, sep, e->d_name);
	struct input in = {path, path, t->root, t->top.n, INPUT_FILE, NULL};
	if (type != DT_REG) {
		in.kind = INPUT_SKIP;
		in.why = kind_name(type);
	}
	return push(w, &in, err);
}

/* Whether a folder is new to this walk; the output folder never is. */
static int new_folder(struct walk *w, const struct stat *st, bool *fresh, struct deid_error *err)
{
	*fresh = false;
	if (w->has_output && st->st_dev == w->output.st_dev && st->st_ino == w->output.st_ino)
		return DEID_OK;
	struct deid_str key = place_key(w, st, "");
	if (!key.n || !map_put(&w->dirs, key, fresh))
		return error_nomem(err);
	w->repeated += !*fresh;
	return DEID_OK;
}

static int list_folder(struct tree *t, const char *dir, struct deid_error *err)
{
	struct walk *w = t->walk;
	struct stat st;
	bool fresh;
	DIR *d = NULL;
	int rc = DEID_OK;
	int fd = open_below(t->root, dir[0] ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0 || !(d = fdopendir(fd)))
		goto unreadable;
	rc = new_folder(w, &st, &fresh, err);
	while (rc == DEID_OK && fresh) {
		errno = 0;
		const struct dirent *e = readdir(d);
		if (!e && errno)
			goto unreadable;
		if (!e)
			break;
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			rc = add_entry(t, fd, &st, dir, e, err);
	}
	closedir(d);
	return rc;
unreadable:;
	const char *why = arena_printf(&w->arena, "cannot read the folder: %s", strerror(errno));
	const char *path = arena_printf(&w->arena, "%.*s%s", (int)t->top.n, t->top.p, dir);
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return push(
	    w, &(struct input){path, path, t->root, t->top.n, INPUT_FAIL, why ? why : "no memory"}, err);
}

/* By path, a folder's content right behind its name. */
static int by_path(const void *a, const void *b)
{
	const unsigned char *x = (const unsigned char *)((const struct input *)a)->path;
	const unsigned char *y = (const unsigned char *)((const struct input *)b)->path;
	while (*x && *x == *y)
		x++, y++;
	int cx = *x == '/' ? 1 : *x, cy = *y == '/' ? 1 : *y;
	return cx - cy;
}

static int add_tree(struct walk *w, const char *operand, int fd, struct deid_error *err)
{
	struct buf todo = {0};
	size_t n = strlen(operand), first = w->n;
	struct tree t = {w, fd, {0}, &todo};
	const char *top = arena_printf(&w->arena, "%s%s", operand, operand[n - 1] == '/' ? "" : "/");
	if (!top || keep_root(w, fd, err) != DEID_OK) {
		close(fd);
		return error_nomem(err);
	}
	t.top = str_of(top);
	int rc = list_folder(&t, "", err);
	while (rc == DEID_OK && todo.n) {
		size_t start = todo.n - 1;
		while (start > 0 && todo.p[start - 1])
			start--;
		const char *dir =
		    arena_dup(&w->arena, (struct deid_str){todo.p + start, todo.n - 1 - start}).p;
		todo.n = start;
		rc = dir ? list_folder(&t, dir, err) : error_nomem(err);
	}
	buf_free(&todo);
	if (w->n > first)
		qsort(w->input + first, w->n - first, sizeof *w->input, by_path);
	return rc;
}

/* A named input in the output folder would be in the way of its own output. */
static bool inside_output(const struct walk *w, int fd)
{
	struct stat st, up;
	int at = openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool inside = false;
	if (!w->has_output || at < 0 || fstat(at, &st) != 0)
		goto out;
	for (int depth = 0; depth < 4096; depth++) {
		inside = st.st_dev == w->output.st_dev && st.st_ino == w->output.st_ino;
		int next = inside ? -1 : openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (next < 0)
			break;
		close(at);
		at = next;
		if (fstat(at, &up) != 0 || (up.st_dev == st.st_dev && up.st_ino == st.st_ino))
			break;
		st = up;
	}
out:
	if (at >= 0)
		close(at);
	return inside;
}

static int add_file(struct walk *w, const char *operand, struct deid_error *err)
{
	struct stat st, folder;
	const char *name, *label = arena_dup(&w->arena, str_of(operand)).p, *path = label;
	if (!label)
		return error_nomem(err);
	/* In place, the file that a link leads to is replaced, not the link. */
	if (lstat(operand, &st) == 0 && S_ISLNK(st.st_mode)) {
		char *real = realpath(operand, NULL);
		path = real ? arena_dup(&w->arena, str_of(real)).p : NULL;
		free(real);
		if (!path)
			return error_nomem(err);
	}
	if (!parent_stat(w, path, &folder, &name))
		return push_bad(w, operand, INPUT_FAIL, strerror(errno), err);
	struct deid_str key = place_key(w, &folder, name);
	bool added;
	if (!key.n || !map_put(&w->named, key, &added))
		return error_nomem(err);
	if (is_report(w, &folder, name))
		return error_fail(err, DEID_FATAL, DEID_E_CONFLICT, "the report %s is an input", operand);
	if (!added || map_find(&w->dirs, str_sub(key, 0, sizeof(struct place)))) {
		w->repeated++;
		return DEID_OK;
	}
	return push(w, &(struct input){path, label, -1, 0, INPUT_FILE, NULL}, err);
}

int walk_add(struct walk *w, const char *operand, struct deid_error *err)
{
	struct stat st;
	if (!operand[0])
		return push_bad(w, operand, INPUT_FAIL, "an input without a name", err);
	if (stat(operand, &st) != 0)
		return push_bad(w, operand, INPUT_FAIL, strerror(errno), err);
	if (!S_ISDIR(st.st_mode)) {
		if (!S_ISREG(st.st_mode))
			return push_bad(w, operand, INPUT_FAIL, kind_name(IFTODT(st.st_mode)), err);
		return add_file(w, operand, err);
	}
	int fd = open(operand, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return push_bad(w, operand, INPUT_FAIL, strerror(errno), err);
	if (inside_output(w, fd)) {
		close(fd);
		return error_fail(err, DEID_FATAL, DEID_E_CONFLICT,
		    "the input %s lies in the output folder; choose another, or --in-place", operand);
	}
	return add_tree(w, operand, fd, err);
}
