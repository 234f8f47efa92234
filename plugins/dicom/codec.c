/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/pixel.h"

int codec_open(
    const struct pixel_image *image, struct codec **codec, enum codec_way *way, struct deid_error *err)
{
	*codec = NULL;
	*way = CODEC_MASK;
	return image->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED,
	    "pixel data of the transfer syntax %.*s cannot be masked", (int)image->syntax.n, image->syntax.p);
}

int codec_mask(
    struct codec *codec, const uint8_t *frame, size_t n, struct deid_sink *out, struct deid_error *err)
{
	(void)codec, (void)frame, (void)n, (void)out, (void)err;
	return DEID_FAILED;
}

const struct pixel_image *codec_native(const struct codec *codec)
{
	(void)codec;
	return NULL;
}

int codec_decode(struct codec *codec, const uint8_t *frame, size_t nframe, uint8_t *cells, size_t n,
    struct deid_error *err)
{
	(void)codec, (void)frame, (void)nframe, (void)cells, (void)n, (void)err;
	return DEID_FAILED;
}

void codec_close(struct codec *codec)
{
	(void)codec;
}
