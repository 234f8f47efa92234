/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/harness.h"

static const char rules[] = "jpg:\n"
			    "  date-increment: 3\n"
			    "  salt: s\n"
			    "  on-error: remove\n"
			    "  remove-trailer: true\n"
			    "  fields:\n"
			    "  - {name: Artist, hash: true}\n"
			    "  - {name: Copyright, replace-with: C}\n"
			    "  - {name: DateTimeOriginal, increment-datetime: true}\n"
			    "  - {name: \"XMP:creator\", replace-with: \"<\"}\n"
			    "  - {name: \"XMP:photoshop:City\", replace-with: X}\n"
			    "  - {name: \"IPTC:By-line\", hash: true}\n"
			    "  - {name: \"IPTC:Headline\", replace-with: H}\n"
			    "  - {name: Comment, hash: true}\n"
			    "  - {regex: \".*(Date|Label|Key|Photoshop).*\", remove: true}\n";
static const char strip[] = "jpg: {strip: true, fields: [{name: Artist, replace-with: A}]}\n";
static const char identity[] = "jpg: {fields: []}\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct harness h, s;

	if (!h.job) {
		harness_open(&h, rules, identity);
		harness_open(&s, strip, identity);
	}
	harness_file(&h, data, size, NULL, true);
	harness_file(&s, data, size, NULL, true);
	return 0;
}
