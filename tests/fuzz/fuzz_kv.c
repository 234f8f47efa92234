/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/harness.h"

static const char rules[] = "key-value-text-file:\n"
			    "  delimiter: ' *= *'\n"
			    "  ignore-bad-lines: true\n"
			    "  date-increment: 3\n"
			    "  salt: s\n"
			    "  on-error: remove\n"
			    "  fields:\n"
			    "  - {name: Name, hash: true}\n"
			    "  - {name: ID, remove: true}\n"
			    "  - {name: Note, replace-with: 'a b'}\n"
			    "  - {regex: \".*[Dd]ate$\", increment-date: true}\n"
			    "  - {regex: \"x.*\", remove: true}\n";
static const char identity[] =
    "key-value-text-file: {delimiter: ' *= *', ignore-bad-lines: true, fields: [{name: Name}]}\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct harness h;
	if (!h.job)
		harness_open(&h, rules, identity);
	harness_file(&h, data, size, NULL, harness_plain(data, size));
	return 0;
}
