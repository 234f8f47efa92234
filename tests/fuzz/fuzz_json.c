/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/harness.h"

static const char rules[] = "json:\n"
			    "  date-increment: 3\n"
			    "  salt: s\n"
			    "  on-error: remove\n"
			    "  fields:\n"
			    "  - {name: name, hash: true}\n"
			    "  - {name: a.b, replace-with: {x: [1, \"\\u00e9\"]}}\n"
			    "  - {name: list.1, remove: true}\n"
			    "  - {name: \"*.id\", replace-with: 7}\n"
			    "  - {regex: \".*[Dd]ate$\", increment-date: true}\n"
			    "  - {regex: \"x.*\", remove: true}\n";
static const char identity[] = "json: {fields: [{name: name}]}\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct harness h;
	if (!h.job)
		harness_open(&h, rules, identity);
	h.name = "fuzz.json";
	harness_file(&h, data, size, NULL, true);
	h.name = "fuzz.jsonl"; /* one document a line */
	harness_file(&h, data, size, NULL, true);
	return 0;
}
