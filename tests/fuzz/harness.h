/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share: the real engine with the real plugins, over memory instead of files.
 *
 * A target is LLVMFuzzerTestOneInput(), which libFuzzer calls, or the main() of main.c. What a run must hold
 * (see harness_file()) is checked here, and a breach ends the process: the input is the finding.
 */
#ifndef DEID_FUZZ_HARNESS_H
#define DEID_FUZZ_HARNESS_H

#include "core/engine/job.h"
#include "core/engine/loader.h"
#include "core/profile/profile.h"

struct harness {
	struct loader loader;
	struct provider provider;
	struct profile *rules;    /* changes things */
	struct profile *identity; /* changes nothing */
	struct deid_job *job;
	const char *name; /* of the input: formats may go by it */
};

/* Loads the plugins of the build (or DEID_TEST_PLUGIN_DIR) and compiles two profiles. NULL for both: only
 * the loader. Ends the process when that cannot be done. */
void harness_open(struct harness *, const char *rules, const char *identity);

/* The bytes that an identity run must give for this input: *n and the return value; NULL: not to be compared.
 */
typedef const unsigned char *harness_expect(
    const unsigned char *in, size_t size, const unsigned char *out, size_t nout, size_t *n);

/*
 * One file through both profiles. Whatever the bytes are:
 *   the run ends with an output or with an error that has a reason;
 *   the identity profile gives what `expect` says (NULL: the input);
 *   what the rules' run has written is read again without an error, and comes out as it went in (with
 * `again`).
 */
void harness_file(
    struct harness *, const unsigned char *data, size_t size, harness_expect *expect, bool again);

/* Text whose head does not change its meaning when something before it goes: no NUL, which looks like UTF-16,
 * and no byte order mark inside. */
bool harness_plain(const unsigned char *data, size_t size);

_Noreturn void harness_breach(const char *what);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
