/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/harness.h"

static const char rules[] = "zip:\n"
			    "  fields:\n"
			    "  - {name: comment, replace-with: c}\n"
			    "json:\n"
			    "  on-error: remove\n"
			    "  fields:\n"
			    "  - {name: name, replace-with: x}\n"
			    "  - {name: a.b, remove: true}\n";
static const char identity[] = "zip: {}\n"
			       "json: {fields: [{name: name}]}\n";

/* Headers are written anew: what an archive holds is compared by the second run over its output. */
static const unsigned char *expect(
    const unsigned char *in, size_t size, const unsigned char *out, size_t nout, size_t *n)
{
	(void)in;
	(void)size;
	(void)out;
	*n = nout;
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct harness h;

	if (!h.job)
		harness_open(&h, rules, identity);
	harness_file(&h, data, size, expect, true);
	return 0;
}
