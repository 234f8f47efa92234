/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/host.h"

#include "core/engine/apply.h"
#include "core/engine/job.h"
#include "core/engine/member.h"
#include "core/engine/module.h"
#include "core/engine/query.h"
#include "core/engine/record.h"
#include "core/engine/registry.h"
#include "core/io/sink.h"
#include "core/io/source.h"
#include "core/profile/consult.h"
#include "core/profile/filename.h"
#include "core/profile/profile.h"
#include "core/util/error.h"

static void host_warn(struct deid_job *, struct deid_str field, const char *fmt, ...) DEID_PRINTF(3, 4);
static void host_log(struct deid_job *, enum deid_log, const char *fmt, ...) DEID_PRINTF(3, 4);

static void host_warn(struct deid_job *job, struct deid_str field, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	job_vwarn(job, field, fmt, ap);
	va_end(ap);
}

static void host_log(struct deid_job *job, enum deid_log level, const char *fmt, ...)
{
	const struct logger *log = job->log;
	if (!log || level > log->level)
		return;
	struct buf b = {0};
	va_list ap;
	va_start(ap, fmt);
	if (buf_vprintf(&b, fmt, ap) && buf_cstr(&b))
		log->write(log->arg, level, job->path, b.p);
	va_end(ap);
	buf_free(&b);
}

static void *host_alloc(struct deid_job *job, size_t n)
{
	return arena_alloc(&job->arena, n ? n : 1);
}

static struct deid_str host_dup(struct deid_job *job, struct deid_str s)
{
	return arena_dup(&job->arena, s);
}

static void *host_scratch(struct deid_job *job, size_t n)
{
	return arena_alloc(&job->scratch, n ? n : 1);
}

static struct deid_source *host_src_mem(struct deid_job *job, const void *p, size_t n)
{
	struct deid_source *src;
	struct deid_error err;
	error_init(&err);
	if (source_open_mem(&src, p, n, &err) != DEID_OK) {
		src = NULL;
	} else if (!job_keep_source(job, src)) {
		source_close(src);
		src = NULL;
	}
	error_free(&err);
	return src;
}

static struct deid_sink *host_spool(struct deid_job *job, struct deid_error *err)
{
	int dirfd;
	struct deid_sink *sink;
	if (job->target.folder(job->target.arg, &dirfd, err) != DEID_OK ||
	    sink_open_spool(&sink, dirfd, JOB_SPOOL_MEMORY, err) != DEID_OK)
		return NULL;
	if (!job_keep_spool(job, sink)) {
		sink_close(sink);
		error_nomem(err);
		return NULL;
	}
	return sink;
}

static struct deid_source *host_spool_source(struct deid_sink *sink, struct deid_error *err)
{
	struct deid_source *src;
	return sink_spool_source(sink, &src, err) == DEID_OK ? src : NULL;
}

static int host_random(
    struct deid_job *job, const struct deid_field *field, void *out, size_t n, struct deid_error *err)
{
	return draws_bytes(&job->draws, job->path, field, out, n, err);
}

static struct deid_str host_safe_name(struct deid_job *job, struct deid_str text)
{
	struct deid_str out = {0};
	struct buf safe = {0};
	if (filename_safe(text, &safe))
		out = arena_dup(&job->arena, buf_view(&safe));
	buf_free(&safe);
	return out;
}

static struct deid_str host_job_name(struct deid_job *job)
{
	return job->name;
}

const struct deid_host host_services = {
    .size = sizeof(struct deid_host),
    .abi_major = DEID_ABI_MAJOR,
    .abi_minor = DEID_ABI_MINOR,
    .version = PACKAGE_VERSION,
    .register_format = registrar_format,
    .register_transform = registrar_transform,
    .fail = error_fail,
    .at = error_at,
    .complain = node_complain,
    .caution = node_caution,
    .warn = host_warn,
    .log = host_log,
    .alloc = host_alloc,
    .dup = host_dup,
    .scratch = host_scratch,
    .src_size = source_size,
    .src_peek = source_peek,
    .src_read = source_read,
    .src_mem = host_src_mem,
    .sink_write = sink_write,
    .sink_copy = sink_copy,
    .sink_patch = sink_patch,
    .sink_tell = sink_tell,
    .spool = host_spool,
    .spool_source = host_spool_source,
    .node_get = node_get,
    .node_given = node_given,
    .node_count = node_count,
    .node_at = node_at,
    .node_key = node_key,
    .node_kind = node_kind,
    .node_str = node_str,
    .node_int = node_int,
    .node_real = node_real,
    .node_bool = node_bool,
    .rule_arg = rule_arg,
    .rule_opt = rule_opt,
    .rule_given = rule_given,
    .rule_kind = rule_kind,
    .rule_by_regex = rule_by_regex,
    .wants = apply_wants,
    .match = apply_match,
    .apply = apply_chain,
    .random = host_random,
    .job_name = host_job_name,
    .refuse = apply_refuse,
    .rule_query = rule_query,
    .original = query_original,
    .record = query_record,
    .observe = query_observe,
    .rule_key = rule_key,
    .names = apply_names,
    .module = module_companion,
    .keys = keyring_get,
    .acted = record_acted,
    .consult = consult,
    .sink_splice = sink_splice,
    .member = member_run,
    .spool_drop = job_drop_spool,
    .safe_name = host_safe_name,
};
