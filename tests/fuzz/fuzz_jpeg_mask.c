/* SPDX-License-Identifier: MIT */
/* JPEG images with boxes made black in their coefficients. What comes out is an image, and stays as it is
 * when it is masked again. */
#include "core/engine/host.h"
#include "core/util/error.h"
#include "plugins/common/jpeg-mask.h"
#include "tests/fuzz/harness.h"
#include <stdlib.h>
#include <string.h>

static int mask(const void *in, size_t n, enum jpeg_color color, void **out, size_t *nout, bool tell)
{
	struct region_box box[] = {{3, 2, 20, 9}, {30, 40, 33, 200}};
	struct region region = {.box = box, .n = 2};
	struct jpeg_mask m = {
	    .in = in, .n = n, .region = &region, .color = color, .max_memory = (size_t)64 << 20};
	struct deid_error err;
	size_t used = 0;
	error_init(&err);
	int rc = jpeg_mask(&host_services, &m, out, nout, &used, &err);
	if ((rc == DEID_OK) != (*out != NULL) || (rc != DEID_OK && err.msg.n == 0) || used > n)
		harness_breach("neither an image nor a reason");
	if (tell && rc != DEID_OK)
		harness_breach("what was written is no image");
	error_free(&err);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum jpeg_color color = size ? (enum jpeg_color)(data[size - 1] % 4) : JPEG_COLOR_STREAM;
	void *once, *twice;
	size_t n, n2;
	if (mask(data, size, color, &once, &n, false) == DEID_OK) {
		mask(once, n, color, &twice, &n2, true);
		if (n != n2 || memcmp(once, twice, n) != 0)
			harness_breach("masked again it changes");
		free(twice);
		free(once);
	}
	return 0;
}
