/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/harness.h"

#include "core/engine/host.h"
#include "core/engine/member.h"
#include "core/io/sink.h"
#include "core/io/source.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY ((size_t)64 << 20) /* for a job, and for an output */

_Noreturn void harness_breach(const char *what)
{
	fprintf(stderr, "breach: %s\n", what);
	abort();
}

static struct profile *compile(struct harness *h, const char *text)
{
	struct deid_error err;
	error_init(&err);
	struct document *doc = document_parse((struct deid_str){text, strlen(text)}, "fuzz.yaml", &err);
	struct profile *p = doc ? profile_compile(doc, &h->provider, &err) : NULL;
	for (size_t i = 0; i < err.ndiag; i++)
		fprintf(stderr, "fuzz.yaml:%zu: %s\n", err.diag[i].line, err.diag[i].text);
	if (!p || err.nerrors || !p->nsection)
		harness_breach("the target's own profile does not compile");
	error_free(&err);
	return p;
}

void harness_open(struct harness *h, const char *rules, const char *identity)
{
	const char *folder = getenv("DEID_TEST_PLUGIN_DIR");
	struct deid_error err;
	error_init(&err);
	if (loader_init(&h->loader, &host_services, &err) != DEID_OK ||
	    loader_add_folder(&h->loader, folder ? folder : FUZZ_PLUGIN_DIR, true, &err) != DEID_OK)
		harness_breach(err.msg.n ? buf_cstr(&err.msg) : "no plugins");
	error_free(&err);
	h->provider = loader_provider(&h->loader);
	h->name = "fuzz";
	h->rules = rules ? compile(h, rules) : NULL;
	h->identity = identity ? compile(h, identity) : NULL;
	h->job = job_new(&(struct job_options){.host = &host_services, .memory = MEMORY});
	if (!h->job)
		harness_breach("no memory");
}

/* An output in memory. */
struct output {
	struct deid_sink *sink;
	unsigned char *p;
	size_t n;
};

static int give_sink(void *arg, struct deid_sink **sink, struct deid_error *err)
{
	struct output *out = arg;
	int rc = out->sink ? DEID_OK : sink_open_spool(&out->sink, -1, MEMORY, err);
	*sink = out->sink;
	return rc;
}

static int give_folder(void *arg, int *dirfd, struct deid_error *err)
{
	(void)arg;
	(void)err;
	*dirfd = -1;
	return DEID_OK;
}

static void take(struct output *out, struct deid_error *err)
{
	struct deid_source *src;
	if (!out->sink || sink_spool_source(out->sink, &src, err) != DEID_OK)
		harness_breach("a run that went well has no output");
	out->n = (size_t)source_size(src);
	out->p = malloc(out->n ? out->n : 1);
	if (!out->p || source_read(src, 0, out->p, out->n, err) != DEID_OK)
		harness_breach("the output cannot be read");
}

/* True: done, with the output in *out. False: refused. */
static bool run(
    struct harness *h, const struct profile *profile, const void *data, size_t size, struct output *out)
{
	struct job_target target = {give_sink, give_folder, out};
	struct deid_source *src;
	struct deid_error err;
	struct deid_str name;

	*out = (struct output){0};
	error_init(&err);
	if (source_open_mem(&src, data, size, &err) != DEID_OK)
		harness_breach("no memory");
	const struct run with = {.options = {.memory = MEMORY}, .profile = profile, .host = &host_services};
	job_begin(h->job, h->name, (struct deid_str){h->name, strlen(h->name)});
	member_allow(h->job, &with, profile, size, NULL);
	int rc = job_process(h->job, &profile->section[0], src, &target, &name, &err);
	if (rc == DEID_OK)
		take(out, &err);
	else if (err.rc == DEID_OK || err.code == DEID_E_NONE || !err.msg.n)
		harness_breach("refused without a reason");
	else if (err.code == DEID_E_INTERNAL)
		harness_breach("an internal error");
	job_end(h->job);
	sink_close(out->sink);
	source_close(src);
	error_free(&err);
	return rc == DEID_OK;
}

void harness_file(
    struct harness *h, const unsigned char *data, size_t size, harness_expect *expect, bool again)
{
	struct output same, changed, second;

	bool readable = run(h, h->identity, data, size, &same);
	if (readable) {
		size_t n = size;
		const unsigned char *want = expect ? expect(data, size, same.p, same.n, &n) : data;
		if (want && (n != same.n || memcmp(want, same.p, n) != 0))
			harness_breach("a profile that changes nothing changed the file");
	}
	if (run(h, h->rules, data, size, &changed)) {
		if (!readable)
			harness_breach("with rules a file is read that is refused without");
		if (again && !run(h, h->identity, changed.p, changed.n, &second))
			harness_breach("we refuse what we have written");
		if (again && (second.n != changed.n || memcmp(second.p, changed.p, second.n) != 0))
			harness_breach("what we have written is not stable");
		if (again)
			free(second.p);
	}
	free(changed.p);
	free(same.p);
}

bool harness_plain(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!p[i] || (i && i + 3 <= n && memcmp(p + i, "\xef\xbb\xbf", 3) == 0))
			return false;
	return true;
}
