/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/pipe.h"

#include "core/engine/match.h"
#include "core/io/source.h"
#include "core/util/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define PIECE ((size_t)64 << 10)

static const struct input standard_input = {.path = "-", .label = "-", .root = -1, .kind = INPUT_FILE};

struct pipe {
	struct worker worker;
	struct unit unit;
	struct deid_sink *in, *out; /* spools */
	int folder;                 /* for them; -1: memory has to do */
	int signals;                /* readable when the run is to end */
	bool interrupted;
	unsigned char piece[PIECE];
};

static int open_sink(void *arg, struct deid_sink **sink, struct deid_error *err)
{
	struct pipe *p = arg;
	int rc = sink_open_spool(&p->out, p->folder, JOB_SPOOL_MEMORY, err);
	*sink = p->out;
	return rc;
}

static int give_folder(void *arg, int *dirfd, struct deid_error *err)
{
	const struct pipe *p = arg;
	(void)err;
	*dirfd = p->folder;
	return DEID_OK;
}

/* SIGINT and its like are blocked: a wait for input must end by them all the same. */
static int await_input(struct pipe *p, struct deid_error *err)
{
	struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = p->signals, .events = POLLIN}};
	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return error_errno(err, DEID_FAILED, "cannot read standard input");
	p->interrupted = fds[1].revents != 0;
	return p->interrupted ? error_fail(err, DEID_FAILED, DEID_E_IO, "interrupted") : DEID_OK;
}

static int read_all(struct pipe *p, struct deid_source **content, struct deid_error *err)
{
	int rc = sink_open_spool(&p->in, p->folder, JOB_SPOOL_MEMORY, err);
	while (rc == DEID_OK && (rc = await_input(p, err)) == DEID_OK) {
		ssize_t n = read(STDIN_FILENO, p->piece, PIECE);
		if (n == 0)
			break;
		if (n > 0)
			rc = sink_write(p->in, p->piece, (size_t)n, err);
		else if (errno != EINTR && errno != EAGAIN)
			rc = error_errno(err, DEID_FAILED, "cannot read standard input");
	}
	return rc == DEID_OK ? sink_spool_source(p->in, content, err) : rc;
}

static int write_piece(const unsigned char *b, size_t n, struct deid_error *err)
{
	while (n) {
		ssize_t done = write(STDOUT_FILENO, b, n);
		if (done < 0 && errno != EINTR)
			return error_errno(err, DEID_FAILED, "cannot write standard output");
		b += done < 0 ? 0 : done;
		n -= done < 0 ? 0 : (size_t)done;
	}
	return DEID_OK;
}

static int write_all(struct pipe *p, struct deid_error *err)
{
	struct deid_source *whole;
	int rc = sink_spool_source(p->out, &whole, err);
	if (rc != DEID_OK)
		return rc;
	uint64_t size = source_size(whole);
	for (uint64_t at = 0; at < size && rc == DEID_OK;) {
		size_t n = size - at < PIECE ? (size_t)(size - at) : PIECE;
		rc = source_read(whole, at, p->piece, n, err);
		if (rc == DEID_OK)
			rc = write_piece(p->piece, n, err);
		at += n;
	}
	p->unit.outcome.bytes_out = size;
	return rc;
}

static int record_done(struct pipe *p, struct deid_error *err)
{
	const struct run *run = p->worker.run;
	struct deid_source *whole;
	struct done_digest digest;
	int rc = run->done ? sink_spool_source(p->out, &whole, err) : DEID_OK;
	if (rc != DEID_OK || !run->done)
		return rc;
	rc = done_digest(whole, &digest, err);
	return rc == DEID_OK ? done_add(run->done, &digest, 1, run->options.sync != SYNC_NONE, err) : rc;
}

static int work(struct pipe *p, struct deid_error *err)
{
	const struct job_target target = {open_sink, give_folder, p};
	struct worker *w = &p->worker;
	const struct profile *profile = w->run->profile;
	const struct section *section;
	struct outcome *o = &p->unit.outcome;
	struct deid_str name;
	const char *why;
	w->profile = profile;
	int rc = read_all(p, &w->content, err);
	if (rc != DEID_OK)
		return rc;
	o->bytes_in = source_size(w->content);
	rc = match_section(profile, w->run->host, STR("-"), w->content, &section, &why, err);
	if (rc == DEID_OK && !section && profile->nsection == 1)
		section = &profile->section[0];
	if (rc == DEID_OK && !section)
		rc = error_fail(err, DEID_FAILED, DEID_E_UNMATCHED,
		    "%s: it has no name, and no content mark was seen", why);
	if (rc == DEID_OK && w->run->done)
		rc = done_check(w->run->done, w->content, err);
	if (rc == DEID_OK)
		rc = unit_transform(w, section, &target, &name, err);
	if (rc == DEID_OK)
		rc = record_done(p, err);
	if (rc == DEID_OK)
		rc = buf_z(&o->output, "-") && buf_cstr(&o->output) ? write_all(p, err) : error_nomem(err);
	return rc;
}

static bool watch_signals(struct pipe *p)
{
	sigset_t set;
	batch_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	p->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return p->signals >= 0;
}

int pipe_run(struct run *run, struct commit_hook hook, struct batch_result *result, struct deid_error *err)
{
	struct pipe *p = calloc(1, sizeof *p);
	const char *folder = getenv("TMPDIR");
	int rc = DEID_OK;
	*result = (struct batch_result){0};
	if (!p)
		return error_nomem(err);
	p->unit.outcome.input = &standard_input;
	p->folder = open(folder && folder[0] ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p->signals = -1;
	if (!worker_init(&p->worker, run))
		rc = error_nomem(err);
	else if (!watch_signals(p))
		rc = error_errno(err, DEID_FATAL, "cannot watch signals");
	if (rc == DEID_OK) {
		struct worker *w = &p->worker;
		double start = clock_now();
		w->unit = &p->unit;
		job_begin(w->job, standard_input.label, STR("-"));
		if (work(p, &w->err) != DEID_OK)
			unit_fail(run, &p->unit, &w->err);
		p->unit.outcome.seconds = clock_now() - start;
		hook.outcome(hook.arg, &p->unit.outcome);
		job_end(w->job);
		result->interrupted = p->interrupted;
	}
	worker_free(&p->worker);
	unit_free(&p->unit);
	sink_close(p->in);
	sink_close(p->out);
	if (p->signals >= 0)
		close(p->signals);
	if (p->folder >= 0)
		close(p->folder);
	free(p);
	return rc;
}
