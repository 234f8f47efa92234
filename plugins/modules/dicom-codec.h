/* SPDX-License-Identifier: MIT */
/* The parts of the module `dicom-codec`. */
#ifndef MODULES_DICOM_CODEC_H
#define MODULES_DICOM_CODEC_H

#include "plugins/dicom/lossless.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- ijg.cc: DCMTK's coders of one frame ------------------------------------------------------------- */

#define IJG_TEXT 200

/* The coder for samples of 8, 12 or 16 bits. False: *truncated where data were missing, and why. */
struct ijg_error {
	bool truncated;
	char text[IJG_TEXT];
};
bool ijg_decode(unsigned bits, const uint8_t *in, size_t nin, uint8_t *cells, size_t n, struct ijg_error *);
struct ijg_lossless {
	unsigned bits; /* 8, 12, 16 */
	uint32_t width, height;
	unsigned components, predictor, point;
};
/* *out is malloc()ed. */
bool ijg_encode(
    const struct ijg_lossless *, const uint8_t *cells, uint8_t **out, size_t *nout, struct ijg_error *);

/* ---- lossless-jpeg.c, jpeg-ls.c -------------------------------------------------------------------- */

int lossless_jpeg_decode(const struct deid_host *, const struct lossless_shape *, bool lossy,
    const uint8_t *in, size_t nin, uint8_t *cells, size_t n, unsigned *precision, struct deid_error *);
int lossless_jpeg_encode(const struct deid_host *, const struct lossless_shape *, const uint8_t *model,
    size_t nmodel, const uint8_t *cells, size_t n, uint8_t **out, size_t *nout, struct deid_error *);
int jpeg_ls_decode(const struct deid_host *, const struct lossless_shape *, const uint8_t *in, size_t nin,
    uint8_t *cells, size_t n, unsigned *precision, struct deid_error *);
int jpeg_ls_encode(const struct deid_host *, const struct lossless_shape *, const uint8_t *model,
    size_t nmodel, const uint8_t *cells, size_t n, uint8_t **out, size_t *nout, struct deid_error *);

#ifdef __cplusplus
}
#endif

#endif
