/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/harness.h"

static const char rules[] = "xml:\n"
			    "  date-increment: 3\n"
			    "  salt: s\n"
			    "  on-error: remove\n"
			    "  fields:\n"
			    "  - {name: '//p[v=\"1\"]/v[last()]', hash: true}\n"
			    "  - {name: '//p[last()-1]/@*', remove: true}\n"
			    "  - {name: '/r/p[@k=\"n\"][2] | //x', replace-with: 'a<b'}\n"
			    "  - {regex: '.*/v\\[1\\]', increment-date: true}\n"
			    "  - {name: '//*[local-name()=\"v\"][2]', remove: true}\n";
static const char identity[] = "xml: {fields: [{name: '//v[last()]/@k'}, {regex: '.*'}]}\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct harness h;
	if (!h.job)
		harness_open(&h, rules, identity);
	harness_file(&h, data, size, NULL, harness_plain(data, size));
	return 0;
}
