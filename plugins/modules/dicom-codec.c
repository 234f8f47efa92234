/* SPDX-License-Identifier: MIT */
#include "plugins/modules/dicom-codec.h"

static int decode(const struct deid_host *host, enum lossless_coding coding,
    const struct lossless_shape *shape, const uint8_t *in, size_t nin, uint8_t *cells, size_t n,
    unsigned *precision, struct deid_error *err)
{
	if (coding == LOSSLESS_JPEG_LS)
		return jpeg_ls_decode(host, shape, in, nin, cells, n, precision, err);
	return lossless_jpeg_decode(
	    host, shape, coding == LOSSLESS_JPEG_12, in, nin, cells, n, precision, err);
}

static int encode(const struct deid_host *host, enum lossless_coding coding,
    const struct lossless_shape *shape, const uint8_t *model, size_t nmodel, const uint8_t *cells, size_t n,
    uint8_t **out, size_t *nout, struct deid_error *err)
{
	*out = NULL;
	*nout = 0;
	if (coding == LOSSLESS_JPEG_LS)
		return jpeg_ls_encode(host, shape, model, nmodel, cells, n, out, nout, err);
	return lossless_jpeg_encode(host, shape, model, nmodel, cells, n, out, nout, err);
}

extern DEID_EXPORT const struct lossless_module deid_module;
const struct lossless_module deid_module = {
    .head = {sizeof(struct lossless_module), LOSSLESS_VERSION, LOSSLESS_MODULE},
    .decode = decode,
    .encode = encode,
};
