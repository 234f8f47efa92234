/* SPDX-License-Identifier: MIT */
/*
 * Output. A file sink writes to a temporary file in the target's folder that takes the target's name only
 * when everything is on its way (or on disk); until then nobody sees it, and a killed run leaves nothing, or
 * at most a file named TEMP_PREFIX… whose lock is free, which sink_sweep() removes.
 *
 * Writes and copies gather in a buffer; long copies between plain files are left to copy_file_range() where
 * it can do better than that: where a file system may share blocks, and on another machine. EINTR, short
 * reads and writes are handled; ENOSPC, EIO and the like are errors.
 */
#ifndef DEID_IO_SINK_H
#define DEID_IO_SINK_H

#include "core/io/temp.h"
#include <deid/plugin.h>
#include <sys/stat.h>

/* A temporary file (temp_open()) in the folder dirfd, which the caller keeps open until the sink is closed;
 * mode 0600 at first. */
int sink_open_file(struct deid_sink **, int dirfd, struct deid_error *);
/* Memory up to `keep` bytes, then an unlinked 0600 file in dirfd (-1: memory only, and more is
 * DEID_E_LIMIT). sink_spool_source(): ends writing, gives a source that is closed with the sink. */
int sink_open_spool(struct deid_sink **, int dirfd, size_t keep, struct deid_error *);
int sink_spool_source(struct deid_sink *, struct deid_source **, struct deid_error *);
/* Counts what it is given and keeps none of it: to see what an output would be. dirfd is the folder that it
 * would be in, -1 when there is none yet. sink_commit() then only looks whether the name can be had. */
int sink_open_discard(struct deid_sink **, int dirfd, struct deid_error *);
/* Drops what is not committed. NULL is fine. A sink whose writing failed cannot be committed any more. */
void sink_close(struct deid_sink *);

int sink_write(struct deid_sink *, const void *, size_t, struct deid_error *);
int sink_copy(struct deid_sink *, struct deid_source *, uint64_t off, uint64_t len, struct deid_error *);
/* Input [from, to) with edits, as <deid/plugin.h> has it. */
int sink_splice(struct deid_sink *, struct deid_source *, uint64_t from, uint64_t to,
    const struct deid_edit *, size_t n, struct deid_error *);
int sink_patch(struct deid_sink *, uint64_t off, const void *, size_t, struct deid_error *);
uint64_t sink_tell(struct deid_sink *);

/* File sinks only, in this order. */
int sink_flush(struct deid_sink *, struct deid_error *); /* all bytes to the kernel; ends writing */
/* What was written, after sink_flush(); the caller closes it. */
int sink_read_back(struct deid_sink *, struct deid_source **, struct deid_error *);
void sink_start_sync(struct deid_sink *);               /* ask for write-back to begin; never fails */
int sink_sync(struct deid_sink *, struct deid_error *); /* fsync */
int sink_set_mode(struct deid_sink *, mode_t, struct deid_error *);
int sink_preserve(
    struct deid_sink *, int from_fd, struct deid_error *); /* see preserve_all() in preserve.h */
enum sink_commit { SINK_NEW, SINK_REPLACE };
/* Takes `name` (one component) in the sink's folder. SINK_NEW never replaces: a name that is taken fails
 * with DEID_E_CONFLICT. The sink stays open (locked) and must still be closed. */
int sink_commit(struct deid_sink *, const char *name, enum sink_commit, struct deid_error *);
/* Forces the names in a folder to disk: after the commits of a batch. dirfd is open for reading, not O_PATH.
 */
int sink_sync_dir(int dirfd, struct deid_error *);
/* Removes the temporary files of killed runs in dirfd. Never fails: what is in use or unreadable stays. */
void sink_sweep(int dirfd);

#endif
