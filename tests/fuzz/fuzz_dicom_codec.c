/* SPDX-License-Identifier: MIT */
/*
 * Lossless frames: what decodes is coded again as it was, and decodes to the same. The input begins with what
 * the header of the file would say: coding, components, bytes of a sample, width, height.
 */
#include "core/engine/host.h"
#include "core/util/bytes.h"
#include "core/util/error.h"
#include "plugins/modules/dicom-codec.h"
#include "tests/fuzz/harness.h"
#include <stdlib.h>

#define HEAD 7
#define SIDE_MAX 256

static void reasoned(int rc, const struct deid_error *err)
{
	if (rc != DEID_OK && err->msg.n == 0)
		harness_breach("a failure without a reason");
}

static int decode(unsigned coding, const struct lossless_shape *s, const uint8_t *in, size_t nin,
    uint8_t *cells, size_t n, struct deid_error *err)
{
	unsigned precision;
	return coding == LOSSLESS_JPEG_LS
		   ? jpeg_ls_decode(&host_services, s, in, nin, cells, n, &precision, err)
		   : lossless_jpeg_decode(
			 &host_services, s, coding == LOSSLESS_JPEG_12, in, nin, cells, n, &precision, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct deid_error err;
	if (size < HEAD)
		return 0;
	unsigned coding = data[0] % 3;
	struct lossless_shape s = {.components = data[1] % 4 + 1,
	    .bytes = data[2] % 2 + 1,
	    .bits = data[2] % 2 ? 16 : 8,
	    .width = get_le16(data + 3) % SIDE_MAX + 1,
	    .height = get_le16(data + 5) % SIDE_MAX + 1};
	size_t n = (size_t)s.width * s.height * s.components * s.bytes, nout = 0;
	uint8_t *cells = calloc(1, n), *out = NULL;
	if (!cells)
		harness_breach("no memory");
	error_init(&err);
	int rc = decode(coding, &s, data + HEAD, size - HEAD, cells, n, &err);
	reasoned(rc, &err);
	if (rc == DEID_OK && coding == LOSSLESS_JPEG)
		rc = lossless_jpeg_encode(
		    &host_services, &s, data + HEAD, size - HEAD, cells, n, &out, &nout, &err);
	else if (rc == DEID_OK && coding == LOSSLESS_JPEG_LS)
		rc =
		    jpeg_ls_encode(&host_services, &s, data + HEAD, size - HEAD, cells, n, &out, &nout, &err);
	reasoned(rc, &err);
	error_free(&err);
	free(out);
	free(cells);
	return 0;
}
