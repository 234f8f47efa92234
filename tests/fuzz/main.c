/* SPDX-License-Identifier: MIT */
/*
 * A main() for the fuzz targets where libFuzzer's is not linked in: every file that is named, then so many
 * mutations of them by a generator with a fixed seed, so that a finding repeats.
 *
 *     fuzz_json [-runs=N] [-seed=N] [-only=N] FILE…
 *
 * Before each input its number is noted; when the process dies, it says which one it was, and -only=N runs
 * just that one (and writes it to standard output).
 */
#include "tests/fuzz/harness.h"

#ifndef FUZZ_LIBFUZZER

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROWTH 4096 /* how much longer than its seed an input may get */

struct seed {
	unsigned char *p;
	size_t n;
};

struct rng {
	uint64_t s;
};

/* xorshift64*: good enough, and the same everywhere. */
static uint64_t rng_next(struct rng *r)
{
	r->s ^= r->s >> 12;
	r->s ^= r->s << 25;
	r->s ^= r->s >> 27;
	return r->s * 2685821657736338717u;
}

static size_t rng_below(struct rng *r, size_t n)
{
	return n ? (size_t)(rng_next(r) % n) : 0;
}

static volatile sig_atomic_t current;

/* A death by any signal names the input; async-signal-safe. */
static void on_death(int sig)
{
	char text[64] = "input number 0000000000\n";
	long n = current;
	for (size_t i = 22; i > 12; i--, n /= 10)
		text[i] = (char)('0' + n % 10);
	(void)!write(STDERR_FILENO, text, strlen(text));
	signal(sig, SIG_DFL);
	raise(sig);
}

static struct seed read_seed(const char *path)
{
	struct seed s = {0};
	FILE *f = fopen(path, "rb");
	size_t got = 1;
	if (!f)
		harness_breach("a seed cannot be read");
	while (got) {
		unsigned char *more = realloc(s.p, s.n + 65536);
		if (!more)
			harness_breach("no memory");
		s.p = more;
		got = fread(s.p + s.n, 1, 65536, f);
		s.n += got;
	}
	fclose(f);
	return s;
}

static void insert(unsigned char *p, size_t *n, size_t at, const unsigned char *from, size_t len)
{
	memmove(p + at + len, p + at, *n - at);
	memcpy(p + at, from, len);
	*n += len;
}

/* The kinds of damage that find most in formats of lengths and delimiters. */
static void mutate(struct rng *r, unsigned char *p, size_t *n, size_t cap, const struct seed *other)
{
	static const unsigned char odd[] = {
	    0, 1, 0x7f, 0x80, 0xff, '"', '\\', '\n', ',', '{', '[', ':', '-', '&', '*'};
	size_t at = rng_below(r, *n), len = 1 + rng_below(r, 1u << rng_below(r, 6));
	unsigned char piece[64];

	if (!*n)
		return;
	if (len > *n - at)
		len = *n - at;
	switch (rng_below(r, 8)) {
	case 0:
		p[at] ^= (unsigned char)(1u << rng_below(r, 8));
		break;
	case 1:
		p[at] = odd[rng_below(r, sizeof odd)];
		break;
	case 2: /* a length, a little off, or huge */
		p[at] = (unsigned char)(p[at] + (rng_below(r, 2) ? 1 : 255));
		break;
	case 3:
		memset(p + at, rng_below(r, 2) ? 0xff : 0, len < 4 ? len : 4);
		break;
	case 4:
		memmove(p + at, p + at + len, *n - at - len);
		*n -= len;
		break;
	case 5: /* repeat a stretch elsewhere */
		len = len < sizeof piece ? len : sizeof piece;
		memcpy(piece, p + at, len);
		if (*n + len <= cap)
			insert(p, n, rng_below(r, *n + 1), piece, len);
		break;
	case 6: /* cut */
		*n = rng_below(r, 4) ? *n : at;
		break;
	default: /* a stretch of another seed */
		len = 1 + rng_below(r, other->n < 200 ? other->n : 200);
		if (len <= other->n && *n + len <= cap)
			insert(p, n, at, other->p + rng_below(r, other->n - len + 1), len);
	}
}

static void run_mutation(struct rng r, const struct seed *seed, size_t nseed, bool show)
{
	const struct seed *s = &seed[rng_below(&r, nseed)];
	size_t n = s->n, cap = s->n + GROWTH, times = 1 + rng_below(&r, 5);
	unsigned char *p = malloc(cap);
	if (!p)
		harness_breach("no memory");
	if (n)
		memcpy(p, s->p, n);
	while (times--)
		mutate(&r, p, &n, cap, &seed[rng_below(&r, nseed)]);
	/* A block of just its size: a read past the end is then seen. */
	unsigned char *exact = malloc(n ? n : 1);
	if (!exact)
		harness_breach("no memory");
	if (n)
		memcpy(exact, p, n);
	free(p);
	if (show)
		fwrite(exact, 1, n, stdout);
	fflush(stdout);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
}

static long option(const char *arg, const char *name)
{
	size_t n = strlen(name);
	return strncmp(arg, name, n) == 0 ? strtol(arg + n, NULL, 10) : -1;
}

int main(int argc, char **argv)
{
	static const int deaths[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM};
	struct seed *seed = calloc((size_t)argc, sizeof *seed);
	long runs = 0, start = 1, only = -1, v;
	size_t n = 0;

	if (!seed)
		harness_breach("no memory");
	for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++)
		signal(deaths[i], on_death);
	for (int i = 1; i < argc; i++) {
		if ((v = option(argv[i], "-runs=")) >= 0)
			runs = v;
		else if ((v = option(argv[i], "-seed=")) >= 0)
			start = v;
		else if ((v = option(argv[i], "-only=")) >= 0)
			only = v;
		else
			seed[n++] = read_seed(argv[i]);
	}
	for (size_t i = 0; i < n; i++, current++) {
		alarm(20);
		if (only < 0 || only == current)
			LLVMFuzzerTestOneInput(seed[i].p, seed[i].n);
	}
	for (long i = 0; n && i < runs; i++, current++) {
		struct rng r = {((uint64_t)start << 32 | (uint64_t)i) * 0x9e3779b97f4a7c15u | 1};
		alarm(20); /* an endless loop is a finding too */
		if (only < 0 || only == current)
			run_mutation(r, seed, n, only >= 0);
	}
	if (only < 0)
		printf("%zu seeds, %ld mutations\n", n, n ? runs : 0);
	for (size_t i = 0; i < n; i++)
		free(seed[i].p);
	free(seed);
	return 0;
}

#endif
