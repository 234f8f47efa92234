/* SPDX-License-Identifier: MIT */
/* The marker segments of a JPEG file (ITU-T T.81 annex B). */
#ifndef IMAGE_JPG_SCAN_H
#define IMAGE_JPG_SCAN_H

#include <deid/plugin.h>

#define JPG_SOI 0xD8
#define JPG_EOI 0xD9
#define JPG_SOS 0xDA
#define JPG_APP0 0xE0
#define JPG_COM 0xFE

/* Whether a JPEG image in memory (a thumbnail) holds more than its image: segments with metadata, bytes
 * behind its end. What cannot be followed does. */
bool jpg_speaks(struct deid_str image);

struct jpg_segment {
	uint64_t off;  /* of the marker, fill bytes before it included */
	uint64_t body; /* of what follows the length; without one: where the next begins */
	size_t len;    /* of the body */
	uint8_t marker;
};

/*
 * The next segment at `off`, which moves on: past a segment's body, and past the entropy-coded data that
 * follow SOS. JPG_EOI is the last.
 */
int jpg_next(
    const struct deid_host *, struct deid_source *, uint64_t *off, struct jpg_segment *, struct deid_error *);

#endif
