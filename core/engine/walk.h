/* SPDX-License-Identifier: MIT */
/*
 * The inputs of a run: files that were named, and all that lies below folders that were named, in a fixed
 * order. Everything is listed before anything is created, so that a run never meets its own work; what an
 * earlier run left on purpose (the output folder, reports, kept originals, temporary files) is left out.
 */
#ifndef DEID_ENGINE_WALK_H
#define DEID_ENGINE_WALK_H

#include "core/util/arena.h"
#include "core/util/error.h"
#include "core/util/map.h"
#include <sys/stat.h>

enum input_kind {
	INPUT_FILE,
	INPUT_SKIP, /* seen, and not worked on: `why` says what it is */
	INPUT_FAIL, /* named, or met, and not to be had */
};

struct input {
	const char *path;  /* as the user would write it; the file itself for a link that was named */
	const char *label; /* as named: what messages and the report call it */
	int root;          /* the folder that was named, open; -1: the file itself was named */
	size_t below;      /* where in path the part below that folder begins; 0 for a named file */
	enum input_kind kind;
	const char *why;
};

struct walk {
	struct arena arena;
	struct input *input;
	size_t n, cap;
	int *root; /* open folders, to be closed */
	size_t nroot, root_cap;
	struct map dirs;  /* folders listed, by device and inode */
	struct map named; /* files named, by folder and name */
	/* What is left out. */
	struct stat output;
	bool has_output;
	struct {
		struct stat folder;
		const char *name;
	} report[3]; /* reports, logs, lists of what was done */
	size_t nreport;
	const char *keep_suffix;
	size_t left_out; /* kept originals */
	size_t repeated; /* reached before */
};

void walk_init(struct walk *);
void walk_free(struct walk *);
/* Before adding inputs. They need not be there yet. */
void walk_leave_output(struct walk *, const char *folder);
/* A report, a log: two at most. */
int walk_leave_report(struct walk *, const char *file, struct deid_error *);
/* Kept originals: NAME+suffix beside a NAME. The suffix lives as long as the walk. */
void walk_leave_kept(struct walk *, const char *suffix);

/* One operand. What is wrong with it becomes an input that fails; the result is an error only for lack of
 * memory, and for an input that lies in the output folder or is the report (DEID_FATAL, DEID_E_CONFLICT). */
int walk_add(struct walk *, const char *operand, struct deid_error *);

/* The last component of an input's name, as it was named. */
const char *input_name(const struct input *);
/* The folders between the named folder and the file, without slashes around. */
struct deid_str input_folders(const struct input *);
/* The folder that the file is in, as a path ("" is never given). */
struct deid_str input_parent(const struct input *);
/* Whether a file of this name in this folder was named as an input. */
bool walk_is_named(const struct walk *, const struct stat *folder, const char *name);
/* Opens it for reading; never follows a link below a named folder. -1 and errno. */
int input_open(const struct input *);

#endif
