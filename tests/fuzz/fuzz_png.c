/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/harness.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const char rules[] = "png:\n"
			    "  date-increment: 3\n"
			    "  salt: s\n"
			    "  on-error: remove\n"
			    "  remove-trailer: true\n"
			    "  remove-private-chunks: true\n"
			    "  fields:\n"
			    "  - {name: Artist, hash: true}\n"
			    "  - {name: \"tEXt:Author\", hash: true}\n"
			    "  - {name: \"zTXt:Comment\", replace-with: C}\n"
			    "  - {name: \"iTXt:Title\", hash: true}\n"
			    "  - {name: \"iTXt:New\", replace-with: N}\n"
			    "  - {name: tIME, increment-datetime: true}\n"
			    "  - {name: \"XMP:creator\", hash: true}\n"
			    "  - {regex: \".*(Date|Late).*\", remove: true}\n";
static const char strip[] = "png: {strip: true, fields: [{name: Artist, replace-with: A}]}\n";
static const char identity[] = "png: {fields: []}\n";

/* Mutations would all end at a checksum: they are made right wherever chunks can be followed. */
static void mend(uint8_t *p, size_t n)
{
	size_t at = 8;

	while (at < n && n - at >= 12) {
		size_t len =
		    (size_t)p[at] << 24 | (size_t)p[at + 1] << 16 | (size_t)p[at + 2] << 8 | p[at + 3];
		unsigned long sum;

		if (len > n - at - 12)
			return;
		sum = crc32(0, p + at + 4, (unsigned)len + 4);
		at += 8 + len;
		for (int i = 3; i >= 0; i--, sum >>= 8)
			p[at + (size_t)i] = (uint8_t)sum;
		at += 4;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct harness h, s;
	uint8_t *copy = malloc(size + 1);

	if (!h.job) {
		harness_open(&h, rules, identity);
		harness_open(&s, strip, identity);
	}
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	mend(copy, size);
	harness_file(&h, copy, size, NULL, true);
	harness_file(&s, copy, size, NULL, true);
	free(copy);
	return 0;
}
