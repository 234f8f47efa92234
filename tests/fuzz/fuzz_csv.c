/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/harness.h"

static const char rules[] = "csv:\n"
			    "  date-increment: 3\n"
			    "  salt: s\n"
			    "  on-error: remove\n"
			    "  fields:\n"
			    "  - {name: name, hash: true}\n"
			    "  - {name: id, remove: true}\n"
			    "  - {name: note, replace-with: 'a \"b\", c'}\n"
			    "  - {regex: \".*[Dd]ate$\", increment-date: true}\n"
			    "  - {regex: \"x.*\", remove: true}\n";
static const char identity[] = "csv: {fields: [{name: name}]}\n";

/* Empty lines before the header may stay, but not where rules leave one column: an empty line is a row there.
 */
static bool begins_with_line_end(const uint8_t *p, size_t n)
{
	if (n >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf)
		p += 3, n -= 3;
	return n && (*p == '\n' || *p == '\r');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct harness h;
	if (!h.job)
		harness_open(&h, rules, identity);
	harness_file(&h, data, size, NULL, harness_plain(data, size) && !begins_with_line_end(data, size));
	return 0;
}
