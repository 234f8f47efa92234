/* SPDX-License-Identifier: MIT */
/*
 * The folders that outputs go to. Each is open as long as someone holds it, is swept of what killed runs
 * left when it is first opened, and is taken away again at the end when this run made it and nothing came
 * into it. Any thread.
 */
#ifndef DEID_ENGINE_FOLDER_H
#define DEID_ENGINE_FOLDER_H

#include "core/util/arena.h"
#include "core/util/error.h"
#include "core/util/map.h"
#include <pthread.h>
#include <sys/stat.h>

struct folder {
	struct folder *parent; /* held by this one while it is open; NULL: the output folder, or in place */
	const char *path;      /* as it is shown */
	const char *name;      /* in parent */
	int fd;                /* -1 while nobody holds it */
	unsigned held;
	bool made, used, dirty, swept;
};

struct folders {
	pthread_mutex_t lock;
	struct arena arena;
	struct map by_path;
	struct folder *top; /* the output folder */
	const char **made;  /* folders above and with it that this run made, outermost first */
	size_t nmade;
	bool made_synced;
	/* Set before folders_open_top(): nothing is made, swept or taken away, and a folder that is not there
	 * stays at fd -1. */
	bool look;
};

int folders_init(struct folders *);
/* Also removes folders that stayed empty. */
void folders_free(struct folders *);
/* Makes the output folder with those above it, and opens it; it must be one where files can be made. path =
 * NULL, only to look: some folder that is not there, so that names below it have nothing before them. */
int folders_open_top(struct folders *, const char *path, struct deid_error *);

/* The folder below the output folder that is reached by these components, each safe as a name. Missing ones
 * are made; no link is followed. */
int folder_hold(struct folders *, struct deid_str below, struct folder **, struct deid_error *);
/* A folder that is there already: of files that are replaced in place. */
int folder_hold_path(struct folders *, struct deid_str path, struct folder **, struct deid_error *);
void folder_keep(struct folders *, struct folder *); /* one more holder */
void folder_drop(struct folders *, struct folder *); /* NULL is fine */

/* A name in it was given or changed; folder_sync() makes that last, with the folders above where they have
 * something new too. */
void folder_touch(struct folders *, struct folder *);
int folder_sync(struct folders *, struct folder *, struct deid_error *);

#endif
