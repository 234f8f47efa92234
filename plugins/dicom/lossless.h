/* SPDX-License-Identifier: MIT */
/*
 * Lossless codecs: the module `dicom-codec`, over DCMTK's (JPEG, processes 1 to 14) and CharLS (JPEG-LS).
 *
 * A frame's cells are its samples pixel by pixel, row by row, in `bytes` bytes each, little endian. What a
 * stream says of itself must fit the shape: width, height, components, and a precision that fits a cell.
 */
#ifndef DICOM_LOSSLESS_H
#define DICOM_LOSSLESS_H

#include <deid/plugin.h>

enum lossless_coding {
	LOSSLESS_JPEG,    /* ITU-T T.81, process 14: SOF3 */
	LOSSLESS_JPEG_LS, /* ITU-T T.87; near-lossless streams are decoded too */
	LOSSLESS_JPEG_12, /* ITU-T T.81 with 12 bits, lossy: decode() only */
};

struct lossless_shape {
	uint32_t width, height;
	unsigned components, bytes; /* 1 or 2 bytes */
	unsigned bits; /* of a sample that count; more than the stream's precision only if unsigned */
	bool is_signed;
};

#define LOSSLESS_MODULE "dicom-codec"
#define LOSSLESS_VERSION 1

struct lossless_module {
	struct deid_module head;
	/* n is the size of all cells. A padding byte may follow the image. *precision: bits that were coded.
	 */
	int (*decode)(const struct deid_host *, enum lossless_coding, const struct lossless_shape *,
	    const uint8_t *in, size_t nin, uint8_t *cells, size_t n, unsigned *precision,
	    struct deid_error *);
	/* Codes the cells as `model`, a stream that decode() took, was coded: precision, predictor and point
	 * transform, or interleaving, transform and presets; and with its segments that hold no image (COM,
	 * JFIF without thumbnail, Adobe, ICC). JPEG-LS is always coded with NEAR = 0. What was coded is
	 * decoded again and compared. *out is malloc()ed. */
	int (*encode)(const struct deid_host *, enum lossless_coding, const struct lossless_shape *,
	    const uint8_t *model, size_t nmodel, const uint8_t *cells, size_t n, uint8_t **out, size_t *nout,
	    struct deid_error *);
};

#endif
