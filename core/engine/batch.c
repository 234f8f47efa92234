/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/batch.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Units that may be finished and wait for their turn, beside those of a batch. */
#define AHEAD_PER_WORKER 8
/* Open files of one unit: its input, its output, and a folder. */
#define FILES_PER_UNIT 3

struct slot {
	struct unit unit;
	bool ready;
};

struct batch {
	struct run *run;
	struct committer committer;
	struct slot *slot;
	size_t nslot, jobs;
	pthread_mutex_t lock;
	pthread_cond_t room; /* head went on, or stop */
	pthread_cond_t done; /* a slot is ready, or stop */
	size_t next;         /* the next input to begin */
	size_t head;         /* the first one whose slot is not free again */
	size_t end;          /* no input from here on is begun */
	bool fatal, interrupted;
};

void batch_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

/* The signals are blocked and only looked at between files, so that no handler and no state is needed. */
static bool signal_came(void)
{
	sigset_t set;
	return sigpending(&set) == 0 && (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1 ||
					    sigismember(&set, SIGHUP) == 1);
}

/* Nothing is begun any more. Called with the lock. */
static void stop(struct batch *b)
{
	b->end = b->next;
	pthread_cond_broadcast(&b->room);
	pthread_cond_broadcast(&b->done);
}

/* The next input to work on; false: there is none. */
static bool take(struct batch *b, size_t *i)
{
	bool came = signal_came();
	pthread_mutex_lock(&b->lock);
	if (came && b->next < b->end) {
		b->interrupted = true;
		stop(b);
	}
	while (b->next < b->end && b->next - b->head >= b->nslot)
		pthread_cond_wait(&b->room, &b->lock);
	bool more = b->next < b->end;
	if (more)
		*i = b->next++;
	pthread_mutex_unlock(&b->lock);
	return more;
}

static void give(struct batch *b, size_t i, int rc)
{
	pthread_mutex_lock(&b->lock);
	b->slot[i % b->nslot].ready = true;
	if (rc == DEID_FATAL && !b->fatal) {
		b->fatal = true;
		stop(b);
	}
	pthread_cond_signal(&b->done);
	pthread_mutex_unlock(&b->lock);
}

static void *worker_main(void *arg)
{
	struct batch *b = arg;
	struct worker w;
	size_t i;
	bool able = worker_init(&w, b->run);
	while (able && take(b, &i))
		give(b, i, unit_work(&w, &b->run->walk->input[i], &b->slot[i % b->nslot].unit));
	if (!able) {
		pthread_mutex_lock(&b->lock);
		b->fatal = true;
		stop(b);
		pthread_mutex_unlock(&b->lock);
	}
	worker_free(&w);
	return NULL;
}

/* Waits for input `at` to be worked on; false: nothing comes any more. */
static bool await(struct batch *b, size_t at)
{
	pthread_mutex_lock(&b->lock);
	while (at < b->end && !b->slot[at % b->nslot].ready)
		pthread_cond_wait(&b->done, &b->lock);
	bool more = at < b->end;
	pthread_mutex_unlock(&b->lock);
	return more;
}

static void settle(struct batch *b, size_t at)
{
	struct slot *s = &b->slot[at % b->nslot];
	s->ready = false;
	if (!commit_take(&b->committer, &s->unit)) {
		/* A batch must leave the workers slots to go on with. */
		if (b->nslot == b->run->walk->n || b->committer.npending + b->jobs < b->nslot)
			return;
		commit_flush(&b->committer);
	}
	pthread_mutex_lock(&b->lock);
	b->head = at + 1;
	pthread_cond_broadcast(&b->room);
	pthread_mutex_unlock(&b->lock);
}

static void run_alone(struct batch *b)
{
	struct worker w;
	size_t i;
	if (!worker_init(&w, b->run)) {
		b->fatal = true;
		b->end = 0;
	}
	while (b->end && take(b, &i)) {
		give(b, i, unit_work(&w, &b->run->walk->input[i], &b->slot[i % b->nslot].unit));
		settle(b, i);
	}
	commit_flush(&b->committer);
	worker_free(&w);
}

static void run_threads(struct batch *b, size_t n)
{
	pthread_t *thread = calloc(n, sizeof *thread);
	size_t started = 0;
	while (thread && started < n && pthread_create(&thread[started], NULL, worker_main, b) == 0)
		started++;
	if (started == 0) {
		free(thread);
		run_alone(b);
		return;
	}
	for (size_t at = 0; await(b, at); at++)
		settle(b, at);
	commit_flush(&b->committer);
	for (size_t i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	free(thread);
}

/* As many units at once as open files allow. */
static size_t window(size_t jobs)
{
	struct rlimit lim = {0};
	size_t want = COMMIT_BATCH_FILES + AHEAD_PER_WORKER * jobs;
	getrlimit(RLIMIT_NOFILE, &lim);
	if (lim.rlim_cur < lim.rlim_max) {
		lim.rlim_cur = lim.rlim_max < 65536 ? lim.rlim_max : 65536;
		setrlimit(RLIMIT_NOFILE, &lim);
		getrlimit(RLIMIT_NOFILE, &lim);
	}
	size_t can = lim.rlim_cur == RLIM_INFINITY ? want : (size_t)lim.rlim_cur / FILES_PER_UNIT;
	return can < want ? (can > jobs ? can : jobs) : want;
}

/* Inputs that were not begun, after something that ends the run for all of them. */
static void fail_rest(struct batch *b)
{
	struct deid_error err;
	struct unit u = {0};
	error_init(&err);
	for (size_t i = b->end; i < b->run->walk->n; i++) {
		u.outcome.input = &b->run->walk->input[i];
		error_fail(&err, DEID_FAILED, DEID_E_NOMEM, "not tried: the run could not go on");
		unit_fail(b->run, &u, &err);
		b->committer.hook.outcome(b->committer.hook.arg, &u.outcome);
	}
	unit_free(&u);
	error_free(&err);
}

int batch_run(struct run *run, struct commit_hook hook, struct batch_result *result, struct deid_error *err)
{
	struct batch b = {.run = run, .end = run->walk->n};
	size_t jobs = run->options.jobs < b.end ? run->options.jobs : b.end;
	sigset_t set;
	*result = (struct batch_result){0};
	b.jobs = jobs;
	b.nslot = window(jobs);
	if (b.nslot > b.end)
		b.nslot = b.end;
	b.slot = calloc(b.nslot ? b.nslot : 1, sizeof *b.slot);
	if (!b.slot) {
		error_nomem(err);
		return DEID_FATAL;
	}
	batch_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	committer_init(&b.committer, run, hook);
	pthread_mutex_init(&b.lock, NULL);
	pthread_cond_init(&b.room, NULL);
	pthread_cond_init(&b.done, NULL);
	if (jobs > 1)
		run_threads(&b, jobs);
	else
		run_alone(&b);
	if (b.fatal)
		fail_rest(&b);
	else
		result->not_reached = run->walk->n - b.end;
	result->interrupted = b.interrupted;
	for (size_t i = 0; i < b.nslot; i++)
		unit_free(&b.slot[i].unit);
	free(b.slot);
	committer_free(&b.committer);
	pthread_cond_destroy(&b.done);
	pthread_cond_destroy(&b.room);
	pthread_mutex_destroy(&b.lock);
	return DEID_OK;
}
