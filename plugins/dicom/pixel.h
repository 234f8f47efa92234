/* SPDX-License-Identifier: MIT */
/*
 * Masking of pixel data (`alter-pixels`): what the parts of it share.
 *
 *   filter.c     whether a `when` holds for a file
 *   alter.c      the section's setting; which masks apply to a file (by what the file held before the
 * entries) image.c      the image as its header describes it; what black is paint.c      native data,
 * overlays: copies what stays, writes what goes black fragments.c  encapsulated data: fragments to frames and
 * back, with their offset tables rle.c        RLE Lossless codec.c      every other encapsulated syntax, one
 * frame at a time; what needs a library is loaded then mask.c       puts it together for a file, when the
 * entries are done
 */
#ifndef DICOM_PIXEL_H
#define DICOM_PIXEL_H

#include "plugins/common/region.h"

/* PS3.3 section C.7.6.3.1.2. */
enum pixel_color {
	PIXEL_OTHER,
	PIXEL_MONOCHROME1,
	PIXEL_MONOCHROME2,
	PIXEL_PALETTE,
	PIXEL_RGB,
	PIXEL_ARGB,
	PIXEL_CMYK,
	PIXEL_HSV,
	PIXEL_YBR_FULL,
	PIXEL_YBR_FULL_422,
	PIXEL_YBR_PARTIAL_422,
	PIXEL_YBR_PARTIAL_420,
	PIXEL_YBR_ICT,
	PIXEL_YBR_RCT,
};

#define PIXEL_SAMPLES_MAX 4

/* The image as the file came. All numbers are checked: rows, columns, frames, samples are at least 1;
 * allocated is 1 or 8, 16, 24 … 64; 1 <= stored <= allocated; stored - 1 <= high < allocated. */
struct pixel_image {
	const struct deid_host *host;
	struct deid_job *job;
	struct deid_str syntax; /* Transfer Syntax UID, without padding */
	uint32_t rows, columns, frames;
	uint16_t samples;
	uint16_t allocated, stored, high; /* bits */
	bool is_signed;
	bool planar;    /* Planar Configuration 1; encapsulated syntaxes have their own order */
	bool is_float;  /* Float or Double Float Pixel Data: IEEE 754 numbers */
	bool transcode; /* the profile allows another transfer syntax where this one cannot be kept */
	enum pixel_color color;
	/* What black is for each sample: the bits of a cell, `allocated` of them. The stored bits sit where
	 * High Bit says; above them a negative number has its sign, the other bits are 0. */
	uint64_t black[PIXEL_SAMPLES_MAX];
	struct region region; /* what goes black in every frame, never empty */
};

/* Sets image->black for its color and bits. For PALETTE COLOR it stays as it is: that needs the file. */
bool pixel_black(struct pixel_image *);
/* A sample's value as the bits of a cell. */
uint64_t pixel_cell(const struct pixel_image *, uint64_t value);

/*
 * ---- codec.c: encapsulated syntaxes but RLE ----
 *
 * One codec for a file; frames come in their order, each as a whole compressed stream (its fragments put
 * together; a padding byte may follow the end of the image). A stream that contradicts the image (rows,
 * columns, samples, precision) fails with DEID_E_FORMAT; what cannot be done, with DEID_E_UNSUPPORTED and the
 * reason. The caller adds tag and offset.
 */
struct codec;

enum codec_way {
	CODEC_MASK,   /* the syntax is kept: codec_mask() */
	CODEC_DECODE, /* only when image->transcode: codec_decode() gives native cells, the caller masks them
		       */
};

/* The image must stay valid until codec_close(). DEID_E_UNSUPPORTED: nothing can be done in this syntax (or
 * only with `transcode`, then the reason says so). */
int codec_open(const struct pixel_image *, struct codec **, enum codec_way *, struct deid_error *);
/* Appends the masked stream of one frame to `out`; padding to an even length is the caller's. */
int codec_mask(struct codec *, const uint8_t *frame, size_t n, struct deid_sink *out, struct deid_error *);
/* The image that codec_decode() gives: never planar, its `color` as decoded (RGB or YBR_FULL for what was
 * compressed as YBR_…), allocated 8, 16 … as before. */
const struct pixel_image *codec_native(const struct codec *);
/* Fills rows * columns * samples cells, little endian, sample by sample, row by row; n is their size in
 * bytes. */
int codec_decode(
    struct codec *, const uint8_t *frame, size_t nframe, uint8_t *cells, size_t n, struct deid_error *);
void codec_close(struct codec *);

#endif
