/* SPDX-License-Identifier: MIT */
/*
 * Black boxes in a JPEG image without decoding it: the module `jpeg-mask`, over libjpeg.
 *
 * The quantized coefficients are read, blocks that a box touches become one even level, and all of them are
 * coded anew with the same quantization, sampling, restart interval and process (sequential or progressive,
 * Huffman or arithmetic; a progression as it was where it can be repeated). Blocks that lie outside of all
 * boxes keep their exact coefficients, in each component for itself: where chroma is subsampled its blocks
 * cover more of the image. A decoder that smooths chroma between blocks mixes a little of their colours at
 * the edge of a box.
 * A box at the image's right or lower edge also takes what is coded beyond it.
 *
 * Anything that libjpeg finds wrong in the data is a failure, so is an image that ends early.
 */
#ifndef DEID_COMMON_JPEG_MASK_H
#define DEID_COMMON_JPEG_MASK_H

#include "plugins/common/region.h"

/* What the components mean, where the container says it. */
enum jpeg_color {
	/* As the stream says: Adobe's marker, JFIF's, the ids of the components; CMYK with Adobe's marker is
	 * inverted. */
	JPEG_COLOR_STREAM,
	/* Black is the smallest value of each component (grey, RGB); the largest (MONOCHROME1, WhiteIsZero,
	 * CMYK as TIFF has it); the smallest luma and neutral chroma. Adobe's marker in a stream of three
	 * components is believed more. */
	JPEG_COLOR_LOW,
	JPEG_COLOR_HIGH,
	JPEG_COLOR_YBR,
};

enum jpeg_markers {
	/* All APPn and COM segments, byte for byte and in their order, now all before the frame header. What
	 * they hold is the caller's business: thumbnails too. */
	JPEG_MARKERS_ALL,
	/* Those that decoding needs and that can hold no image: JFIF without its thumbnail, Adobe, ICC; and
	 * COM. */
	JPEG_MARKERS_PLAIN,
};

struct jpeg_mask {
	const void *in; /* from SOI; what follows EOI is neither read nor written */
	size_t n;
	const void *tables; /* an abbreviated stream with tables for `in` (JPEGTables of TIFF), or NULL */
	size_t ntables;
	const struct region *region;
	/* What the frame header has to say; 0: whatever it says. */
	uint32_t width, height;
	unsigned components;
	enum jpeg_color color;
	enum jpeg_markers markers;
	size_t max_memory; /* for the coefficients, 2 bytes each; 0: JPEG_MASK_MEMORY */
};

#define JPEG_MASK_MEMORY ((size_t)1 << 30)

#define JPEG_MASK_MODULE "jpeg-mask"
#define JPEG_MASK_VERSION 1

struct jpeg_mask_module {
	struct deid_module head;
	/* *out is malloc()ed: the masked image from SOI to EOI. *used, unless NULL: how many bytes of the
	 * input up to and with EOI. */
	int (*mask)(const struct deid_host *, const struct jpeg_mask *, void **out, size_t *nout,
	    size_t *used, struct deid_error *);
};

/* Also for tests, which are linked with it. */
int jpeg_mask(const struct deid_host *, const struct jpeg_mask *, void **out, size_t *nout, size_t *used,
    struct deid_error *);

#endif
