/* SPDX-License-Identifier: MIT */
/* Masks of native data, RLE and overlays, filters, and the header that they believe. */
#include "tests/fuzz/harness.h"
#include <string.h>

static const char masks[] = "dicom:\n"
			    "  alter-pixels:\n"
			    "    pixels:\n"
			    "    - {remove: [[1, 1, 5, 3], [0, 4, 100000, 6]]}\n"
			    "    - {when: contains Modality CT + equals Rows 64 || missing Modality, keep: "
			    "[[2, 0, 9, 9], [20, 20, 30, 3000]]}\n"
			    "    - {when: notequals SOPClassUID 1.2 + present ImageType || empty "
			    "PixelSpacing, remove: [3, 0, 4, 70]}\n"
			    "  fields: []\n";
static const char identity[] = "dicom: {fields: [{name: PatientID}]}\n";

/* fuzz_dicom compares what a profile without masks gives. */
static const unsigned char *expect(
    const unsigned char *in, size_t size, const unsigned char *out, size_t nout, size_t *n)
{
	(void)in, (void)size, (void)out, (void)nout, (void)n;
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct harness h;
	bool marked = size >= 132 && memcmp(data + 128, "DICM", 4) == 0;

	if (!h.job)
		harness_open(&h, masks, identity);
	harness_file(&h, data, size, expect, marked);
	return 0;
}
