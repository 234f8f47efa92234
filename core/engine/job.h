/* SPDX-License-Identifier: MIT */
/*
 * One file being worked on: a section's rules run over one source. A worker has one job object and uses it
 * for one file after another, so that the steady state asks the system for no memory.
 *
 * job_begin() … job_process() … job_end(); then the next. What the job has to tell (counters, warnings,
 * names that were not found) is read between job_process() and job_end().
 */
#ifndef DEID_ENGINE_JOB_H
#define DEID_ENGINE_JOB_H

#include "core/engine/random.h"
#include "core/profile/profile.h"
#include "core/util/arena.h"
#include "core/util/error.h"
#include <deid/plugin.h>

/* Memory of one job (--max-memory): what plugins alloc() in all, and what one apply() may use of scratch. */
#define JOB_MEMORY_DEFAULT ((size_t)1 << 30)
/* What a spool keeps in memory before it becomes a file. */
#define JOB_SPOOL_MEMORY ((size_t)1 << 18)

/* Messages of plugins and of the engine, below DEID_LOG_WARN: they may come from any thread. */
struct logger {
	enum deid_log level; /* what is more detailed than this is dropped */
	void (*write)(void *arg, enum deid_log, const char *path, const char *text);
	void *arg;
};

/* Where outputs go. Called from the job's thread when the first byte is to be written, so that a file that
 * fails while it is read leaves no trace. */
struct job_target {
	int (*sink)(void *arg, struct deid_sink **, struct deid_error *);
	int (*folder)(void *arg, int *dirfd, struct deid_error *); /* for spools */
	void *arg;
};

/* What a listing hands over, once for each name. value: NULL for a container. */
struct job_listing {
	int (*field)(
	    void *arg, const struct deid_field *, const struct deid_value *value, struct deid_error *);
	/* A file inside: `inner` was begun for it. NULL: such files are passed over. */
	int (*member)(
	    void *arg, struct deid_job *inner, const char *path, struct deid_source *, struct deid_error *);
	void *arg;
	int spool_fd; /* a folder for spools; -1: memory has to do */
};

#define RULE_MATCHED (1u << 0) /* a format asked for a field of its name */
#define RULE_VALUE (1u << 1)   /* it was given a field that is there */
#define RULE_MISSING (1u << 2) /* it was given a field that is missing */
#define RULE_CREATED (1u << 3) /* it made the field */
#define RULE_ACTED (1u << 4)   /* it changed or removed something */

/* A format that matched a name and never gave a value has the field without content (a column of a table
 * without rows), unless it said that the field is missing. */
static inline bool rule_found(uint8_t seen)
{
	return (seen & (RULE_VALUE | RULE_CREATED)) || (seen & (RULE_MATCHED | RULE_MISSING)) == RULE_MATCHED;
}

struct id_list {
	const uint32_t *id;
	size_t n;
	uint64_t hash;
};

struct name_slot {
	uint64_t hash; /* 0: free */
	struct deid_str key;
	const struct id_list *list;
};

/* What belongs to the job and is closed with it. */
struct job_thing {
	struct job_thing *next;
	struct deid_source *source;
	struct deid_sink *spool;
};

struct job_options {
	const struct deid_host *host;
	const struct logger *log;
	size_t memory;
	const uint64_t *seed;      /* of random draws; NULL: the system's random numbers */
	const struct trace *trace; /* trace.h; NULL: nobody listens */
};

struct deid_job {
	const struct deid_host *host;
	const struct logger *log;
	const char *path;     /* for messages */
	struct deid_str name; /* the input's base name */
	const struct section *section;
	struct job_target target;
	const struct job_listing *listing;
	struct tracer *tracer; /* NULL: nobody listens */
	struct arena arena, scratch;
	struct arena record; /* what was observed of the record in work */
	struct job_thing *things;
	struct deid_error tried; /* the error of an action, until on-error has spoken */
	uint8_t *seen;           /* RULE_…, one for each rule */
	/* query.h; one slot for each query of the section. */
	struct query_slot *slot;
	bool recorded;
	uint64_t records;
	bool probing, found; /* job_probe(): the first value is enough */
	uint64_t chain;      /* calls of apply() so far */
	/* match(): lists that were handed out, and the lists of names seen lately. */
	const struct id_list **intern;
	size_t nintern, intern_cap;
	struct name_slot *recent;
	uint32_t *ids; /* room to build a list in */
	struct draws draws;
	/* For the report. Texts end with NUL. */
	struct buf warnings;
	size_t nwarnings, dropped;
	struct job_options options; /* as it was made with */
	/* member.h */
	struct deid_job *outer;  /* that of the container which this one's file is in */
	struct members *members; /* what is inside of this one's */
};

/* NULL: no memory. */
struct deid_job *job_new(const struct job_options *);
void job_free(struct deid_job *);

void job_begin(struct deid_job *, const char *path, struct deid_str name);
/* Runs the section over the source. *name is what the format calls the output (n = 0: it does not), and lives
 * until job_end(). On success the sink, from target->sink(), holds everything but is not flushed. */
int job_process(struct deid_job *, const struct section *, struct deid_source *, const struct job_target *,
    struct deid_str *name, struct deid_error *);
/* Reads the one field that a probe's section asks for (core/profile/probe.h); *text, its first value, lives
 * until job_end(). n = 0: it is not there, or empty. Before job_process(). */
int job_probe(struct deid_job *, const struct section *, struct deid_source *, const struct job_target *,
    struct deid_str *text, struct deid_error *);
/* Lists the fields of a source by a format, with a conf made without a profile. */
int job_list(struct deid_job *, const struct deid_format *, void *conf, struct deid_source *,
    const struct job_listing *, struct deid_error *);
void job_end(struct deid_job *);

/* Whether the work ran into the limit of memory. */
bool job_over_memory(const struct deid_job *);
/* How many rules changed, removed or created something, also in files inside. */
size_t job_applied(const struct deid_job *);
/* The names, each once, of rules that acted on nothing since their field is not there. Regex entries and
 * entries that are switched off do not count. Adds NUL-terminated texts to out; gives their number, or
 * SIZE_MAX without memory. */
size_t job_not_found(const struct deid_job *, struct buf *out);

/* ---- between the files of the engine ------------------------------------------------------------ */

void job_warn(struct deid_job *, struct deid_str field, const char *fmt, ...) DEID_PRINTF(3, 4);
void job_vwarn(struct deid_job *, struct deid_str field, const char *fmt, va_list) DEID_PRINTF(3, 0);
/* Owned by the job from now on; false without memory (then it is still the caller's). */
bool job_keep_source(struct deid_job *, struct deid_source *);
bool job_keep_spool(struct deid_job *, struct deid_sink *);
/* Closed now, not with the job. */
void job_drop_spool(struct deid_job *, struct deid_sink *);

#endif
