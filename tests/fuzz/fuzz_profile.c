/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/harness.h"

/* A document, and the profile it compiles to: errors or a profile, never neither. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct harness h;
	struct deid_error err;

	if (!h.job)
		harness_open(&h, NULL, NULL);
	error_init(&err);
	struct document *doc = document_parse((struct deid_str){(const char *)data, size}, "fuzz.yaml", &err);
	if (!doc)
		harness_breach("no document");
	struct profile *p = profile_compile(doc, &h.provider, &err);
	if (!p)
		harness_breach("no profile");
	if (!doc->root && !err.ndiag)
		harness_breach("nothing was read, and nothing was said");
	for (size_t i = 0; i < err.ndiag; i++)
		if (!err.diag[i].text || !err.diag[i].text[0])
			harness_breach("a diagnostic without text");
	profile_free(p);
	error_free(&err);
	return 0;
}
