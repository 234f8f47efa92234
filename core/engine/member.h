/* SPDX-License-Identifier: MIT */
/*
 * Files inside a file: each goes through the section of the profile that claims it, with all that a file by
 * itself goes through but the folder it is written to. A job that works on a container has a job of its own
 * for what is inside, which is used for one member after another and may have one in its turn.
 *
 * What members have to tell goes to the job of the container: warnings with the member's path before them,
 * what rules met, the values that the container's name is made of.
 */
#ifndef DEID_ENGINE_MEMBER_H
#define DEID_ENGINE_MEMBER_H

#include "core/engine/run.h"

/* Against bombs. The ratio, of all that is unpacked at any depth to the size of the input, counts from FREE
 * on: deflate reaches 1032:1, data that somebody wants hardly 100:1. */
#define MEMBER_RATIO 250
#define MEMBER_RATIO_FREE ((uint64_t)64 << 20)
#define MEMBER_UNPACKED_MAX ((uint64_t)1 << 40)
#define MEMBER_COUNT_MAX 1000000
/* A container in the input is at depth 1. */
#define MEMBER_DEPTH_MAX 4
#define MEMBER_DEPTH_MOST 16 /* each level is a level of the stack */

/* Before job_process() of an input: what its members need, should it have some. size: of the input. */
void member_allow(
    struct deid_job *, const struct run *, const struct profile *, uint64_t size, struct buf *log);
/* The service (plugin.h). */
int member_run(
    struct deid_job *, const struct deid_member *, struct deid_member_result *, struct deid_error *);

/* What members told: as job_applied() and job_not_found(), whose names have their section's before them. */
size_t member_applied(const struct deid_job *);
size_t member_not_found(const struct deid_job *, struct buf *out);
/* The final value of a field that the container's name asks for, in the first member that has it; or NULL. */
const struct deid_value *member_value(const struct deid_job *, struct deid_str name);

/* Parts of job_end() and job_free(). */
void member_end(struct deid_job *);
void member_free(struct deid_job *);

#endif
