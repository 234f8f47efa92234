/* SPDX-License-Identifier: MIT */
/* What a run is told, and what it tells of each input. */
#ifndef DEID_ENGINE_RUN_H
#define DEID_ENGINE_RUN_H

#include "core/engine/done.h"
#include "core/engine/folder.h"
#include "core/engine/job.h"
#include "core/engine/walk.h"
#include "core/profile/profile.h"

enum unmatched {
	UNMATCHED_DEFAULT, /* skip below a folder, fail when named */
	UNMATCHED_SKIP,
	UNMATCHED_FAIL,
	UNMATCHED_COPY
};
enum folder_names { FOLDERS_KEEP, FOLDERS_HASH, FOLDERS_FLAT };
enum on_conflict { CONFLICT_FAIL, CONFLICT_OVERWRITE, CONFLICT_SKIP };
enum sync_when { SYNC_BATCH, SYNC_FILE, SYNC_NONE };

/* Bounds on files inside files; 0: those of member.h. */
struct member_limits {
	uint64_t depth, ratio, count, bytes;
};

struct run_options {
	const char *output;      /* NULL: in place */
	const char *keep_suffix; /* in place: the original stays under its name with this suffix; or NULL */
	enum unmatched unmatched;
	enum folder_names folders;
	enum on_conflict on_conflict;
	enum sync_when sync;
	bool strict, preserve;
	bool keep_names; /* not the format's own name for an output: its input's, unless `filenames` says */
	bool seeded;     /* jitter is drawn from `seed` */
	uint64_t seed;
	bool dry;      /* nothing is written: outputs are counted, names looked at */
	size_t jobs;   /* worker threads */
	size_t memory; /* of one job */
	mode_t umask;
	struct member_limits limits;
};

/* Constant while files are worked on, but for `folders`, which has its lock. */
struct run {
	struct run_options options;
	const struct profile *profile;
	const struct deid_host *host;
	const struct logger *log;
	struct subjects *subjects;       /* NULL: all files are of one; else `profile` is only an outline */
	const struct valuelog *valuelog; /* NULL: no deid-log; else there is no trace */
	const struct trace *trace;       /* NULL: nobody listens; called by the workers */
	const struct walk *walk;
	const struct done *done; /* NULL: nobody asks */
	struct folders folders;
	int spool_fd; /* dry: a folder where spools that outgrow memory may be; -1: none */
};

enum outcome_status {
	OUTCOME_DEIDENTIFIED,
	OUTCOME_SKIPPED,
	OUTCOME_COPIED,
	OUTCOME_FAILED,
	OUTCOME_STATUSES
};

/* What became of one input. Lists of texts are NUL-terminated texts one after another. */
struct outcome {
	const struct input *input;
	enum outcome_status status;
	enum deid_code code;
	const struct section *section; /* NULL: none claimed it */
	struct buf output;             /* the path; empty: there is none */
	struct buf reason;             /* empty where all went well */
	struct buf warnings, not_found;
	struct buf log; /* its rows of the deid-log */
	size_t nwarnings, warnings_dropped, nnot_found, applied;
	uint64_t bytes_in, bytes_out;
	double seconds;
};

#endif
