/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/harness.h"
#include <string.h>

static const char rules[] = "dicom:\n"
			    "  date-increment: 3\n"
			    "  salt: s\n"
			    "  on-error: remove\n"
			    "  fields:\n"
			    "  - {name: PatientName, hash: true}\n"
			    "  - {name: PatientID, replace-with: P1}\n"
			    "  - {name: SOPInstanceUID, hashuid: true}\n"
			    "  - {name: ReferencedSeriesSequence.0.SeriesInstanceUID, replace-with: 1.2.3}\n"
			    "  - {name: \"SourceImageSequence.*.ReferencedSOPInstanceUID\", hashuid: true}\n"
			    "  - {name: StudyDescription, remove: true}\n"
			    "  - {regex: \".*Date$\", increment-date: true}\n"
			    "  - {regex: \".*(Code|Label|Comments).*\", remove: true}\n";
static const char whitelist[] =
    "dicom:\n"
    "  remove-undefined: true\n"
    "  remove-private-tags: true\n"
    "  recurse-sequence: true\n"
    "  patient-age-from-birthdate: true\n"
    "  salt: s\n"
    "  on-error: remove\n"
    "  fields:\n"
    "  - {name: PatientAge}\n"
    "  - {name: PatientName, replace-with: \"\u00fc\"}\n"
    "  - {name: SOPClassUID}\n"
    "  - {name: SOPInstanceUID, hashuid: true}\n"
    "  - {name: ReferencedSeriesSequence.0.SeriesInstanceUID, replace-with: 1.2.3}\n"
    "  - {name: SourceImageSequence, keep: true}\n"
    "  - {name: ReferencedSOPInstanceUID, remove: true}\n"
    "  - {name: \"(0009,10xx)\", replace-with: x, replace-with-insert: false}\n"
    "  - {regex: \".*(Date|Code).*\"}\n";
static const char identity[] = "dicom: {fields: [{name: PatientID}]}\n";

/* What comes out is the input with its preamble zeroed; bytes behind the data set may be dropped. A deflated
 * data set is compressed anew, and cannot be compared here. */
static const unsigned char *expect(
    const unsigned char *in, size_t size, const unsigned char *out, size_t nout, size_t *n)
{
	static const char deflated[] = "1.2.840.10008.1.2.1.99";
	static const unsigned char zero[128];

	for (size_t i = 0; i + sizeof deflated - 1 <= size && i < 4096; i++)
		if (memcmp(in + i, deflated, sizeof deflated - 1) == 0)
			return NULL;
	*n = nout;
	if (nout > size)
		harness_breach("a profile that changes nothing made the file longer");
	if (size >= 132 && memcmp(in + 128, "DICM", 4) == 0) {
		if (nout < 132 || memcmp(out, zero, sizeof zero) != 0)
			harness_breach("the preamble is not zeroed");
		if (memcmp(in + 128, out + 128, nout - 128) != 0)
			harness_breach("a profile that changes nothing changed the file");
		return out;
	}
	return in;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct harness h, w;
	bool marked = size >= 132 && memcmp(data + 128, "DICM", 4) == 0;

	if (!h.job) {
		harness_open(&h, rules, identity);
		harness_open(&w, whitelist, identity);
	}
	/* Without the mark a file is known by its first elements, which rules may have removed. */
	harness_file(&h, data, size, expect, marked);
	harness_file(&w, data, size, expect, marked);
	return 0;
}
