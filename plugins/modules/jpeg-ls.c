/* SPDX-License-Identifier: MIT */
/* JPEG-LS (ITU-T T.87) through CharLS. */
#include "core/util/bytes.h"
#include "plugins/modules/dicom-codec.h"
#include <charls/charls.h>
#include <stdlib.h>
#include <string.h>

/* How a stream is coded. */
struct how {
	charls_frame_info info;
	charls_interleave_mode interleave;
	charls_color_transformation transform;
	charls_jpegls_pc_parameters presets;
	int32_t near;
};

static int bad(const struct deid_host *host, enum deid_code code, const char *why, struct deid_error *err)
{
	return host->fail(err, DEID_FAILED, code, "JPEG-LS: %s", why);
}

static int charls_bad(const struct deid_host *host, charls_jpegls_errc e, struct deid_error *err)
{
	enum deid_code code = DEID_E_FORMAT;

	if (e == CHARLS_JPEGLS_ERRC_NOT_ENOUGH_MEMORY)
		code = DEID_E_NOMEM;
	else if (e == CHARLS_JPEGLS_ERRC_SOURCE_BUFFER_TOO_SMALL)
		code = DEID_E_TRUNCATED;
	return bad(host, code, charls_get_error_message(e), err);
}

static charls_jpegls_errc read_how(charls_jpegls_decoder *d, const uint8_t *in, size_t n, struct how *h)
{
	charls_spiff_header spiff;
	int32_t found;
	charls_jpegls_errc e = charls_jpegls_decoder_set_source_buffer(d, in, n);

	if (!e)
		e = charls_jpegls_decoder_read_spiff_header(d, &spiff, &found);
	if (!e)
		e = charls_jpegls_decoder_read_header(d);
	if (!e)
		e = charls_jpegls_decoder_get_frame_info(d, &h->info);
	if (!e)
		e = charls_jpegls_decoder_get_near_lossless(d, 0, &h->near);
	if (!e)
		e = charls_jpegls_decoder_get_interleave_mode(d, &h->interleave);
	if (!e)
		e = charls_jpegls_decoder_get_preset_coding_parameters(d, 0, &h->presets);
	if (!e)
		e = charls_jpegls_decoder_get_color_transformation(d, &h->transform);
	return e;
}

static int check_how(const struct deid_host *host, const struct lossless_shape *shape, const struct how *h,
    struct deid_error *err)
{
	int bits = h->info.bits_per_sample;

	if (h->info.width != shape->width || h->info.height != shape->height)
		return bad(host, DEID_E_FORMAT, "its width and height are not those of the image", err);
	if ((unsigned)h->info.component_count != shape->components)
		return bad(host, DEID_E_FORMAT, "its number of components is not that of the image", err);
	if (bits > 8 * (int)shape->bytes || (bits <= 8 && shape->bytes != 1) ||
	    (shape->is_signed && bits < (int)shape->bits))
		return bad(host, DEID_E_FORMAT, "its precision does not fit the image", err);
	return DEID_OK;
}

/* Between planes, as they are without interleaving, and pixels. */
static void arrange(const struct lossless_shape *s, const uint8_t *from, uint8_t *to, bool to_pixels)
{
	size_t pixels = (size_t)s->width * s->height;

	for (size_t i = 0; i < pixels; i++)
		for (size_t c = 0; c < s->components; c++) {
			size_t plane = (c * pixels + i) * s->bytes,
			       pixel = (i * s->components + c) * s->bytes;
			memcpy(
			    to + (to_pixels ? pixel : plane), from + (to_pixels ? plane : pixel), s->bytes);
		}
}

/* CharLS has samples in the machine's order. */
static void swap_cells(const struct lossless_shape *shape, uint8_t *cells, size_t n)
{
	static const uint16_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	for (size_t i = 0; shape->bytes == 2 && !first && i + 1 < n; i += 2) {
		uint8_t b = cells[i];
		cells[i] = cells[i + 1];
		cells[i + 1] = b;
	}
}

static bool is_planar(const struct how *h)
{
	return h->info.component_count > 1 && h->interleave == CHARLS_INTERLEAVE_MODE_NONE;
}

static int decode(const struct deid_host *host, const struct lossless_shape *shape, const uint8_t *in,
    size_t nin, struct how *h, uint8_t *cells, size_t n, struct deid_error *err)
{
	charls_jpegls_decoder *d = charls_jpegls_decoder_create();
	uint8_t *planes = NULL;
	charls_jpegls_errc e;
	int rc = DEID_OK;

	if (!d)
		return bad(host, DEID_E_NOMEM, "no memory", err);
	e = read_how(d, in, nin, h);
	if (!e)
		rc = check_how(host, shape, h, err);
	if (e || rc != DEID_OK)
		goto out;
	if (is_planar(h)) {
		planes = malloc(n);
		if (!planes) {
			rc = bad(host, DEID_E_NOMEM, "no memory", err);
			goto out;
		}
	}
	e = charls_jpegls_decoder_decode_to_buffer(d, planes ? planes : cells, n, 0);
	if (!e && planes)
		arrange(shape, planes, cells, true);
	swap_cells(shape, cells, n);
out:
	if (e)
		rc = charls_bad(host, e, err);
	charls_jpegls_decoder_destroy(d);
	free(planes);
	return rc;
}

int jpeg_ls_decode(const struct deid_host *host, const struct lossless_shape *shape, const uint8_t *in,
    size_t nin, uint8_t *cells, size_t n, unsigned *precision, struct deid_error *err)
{
	struct how h = {0};
	int rc = decode(host, shape, in, nin, &h, cells, n, err);

	*precision = (unsigned)h.info.bits_per_sample;
	return rc;
}

/* ---- coding ------------------------------------------------------------------------------------ */

static charls_jpegls_errc code(charls_jpegls_encoder *c, const struct how *h, const uint8_t *cells, size_t n,
    uint8_t **out, size_t *nout)
{
	charls_jpegls_pc_parameters presets = h->presets;
	size_t room = 0;
	charls_jpegls_errc e = charls_jpegls_encoder_set_frame_info(c, &h->info);

	/* The default thresholds depend on NEAR (T.87 C.2.4.1.1). */
	if (h->near)
		presets = (charls_jpegls_pc_parameters){.maximum_sample_value = presets.maximum_sample_value};
	if (!e)
		e = charls_jpegls_encoder_set_near_lossless(c, 0);
	if (!e)
		e = charls_jpegls_encoder_set_interleave_mode(c, h->interleave);
	if (!e)
		e = charls_jpegls_encoder_set_preset_coding_parameters(c, &presets);
	if (!e)
		e = charls_jpegls_encoder_set_color_transformation(c, h->transform);
	if (!e)
		e = charls_jpegls_encoder_get_estimated_destination_size(c, &room);
	if (!e) {
		/* The estimate is the size of the image; noise may need more, up to four times of it in
		 * theory. */
		room = room < SIZE_MAX / 4 ? 4 * room : room;
		*out = malloc(room);
		if (!*out)
			return CHARLS_JPEGLS_ERRC_NOT_ENOUGH_MEMORY;
		e = charls_jpegls_encoder_set_destination_buffer(c, *out, room);
	}
	if (!e)
		e = charls_jpegls_encoder_encode_from_buffer(c, cells, n, 0);
	if (!e)
		e = charls_jpegls_encoder_get_bytes_written(c, nout);
	return e;
}

static int read_model(const struct deid_host *host, const struct lossless_shape *shape, const uint8_t *model,
    size_t n, struct how *h, struct deid_error *err)
{
	charls_jpegls_decoder *d = charls_jpegls_decoder_create();
	charls_jpegls_errc e;

	if (!d)
		return bad(host, DEID_E_NOMEM, "no memory", err);
	e = read_how(d, model, n, h);
	charls_jpegls_decoder_destroy(d);
	return e ? charls_bad(host, e, err) : check_how(host, shape, h, err);
}

static int verify(const struct deid_host *host, const struct lossless_shape *shape, const uint8_t *in,
    size_t nin, const uint8_t *cells, size_t n, struct deid_error *err)
{
	uint8_t *again = malloc(n);
	unsigned precision;
	int rc;

	if (!again)
		return bad(host, DEID_E_NOMEM, "no memory", err);
	rc = jpeg_ls_decode(host, shape, in, nin, again, n, &precision, err);
	if (rc == DEID_OK && memcmp(again, cells, n) != 0)
		rc = bad(host, DEID_E_INTERNAL, "what was coded does not decode to the same image", err);
	free(again);
	return rc;
}

int jpeg_ls_encode(const struct deid_host *host, const struct lossless_shape *shape, const uint8_t *model,
    size_t nmodel, const uint8_t *cells, size_t n, uint8_t **out, size_t *nout, struct deid_error *err)
{
	struct how h;
	uint8_t *native = NULL, *coded = NULL;
	charls_jpegls_encoder *c = NULL;
	charls_jpegls_errc e;
	int rc = read_model(host, shape, model, nmodel, &h, err);

	if (rc != DEID_OK)
		return rc;
	native = malloc(n);
	c = charls_jpegls_encoder_create();
	if (!native || !c) {
		rc = bad(host, DEID_E_NOMEM, "no memory", err);
		goto out;
	}
	if (is_planar(&h))
		arrange(shape, cells, native, false);
	else
		memcpy(native, cells, n);
	swap_cells(shape, native, n);
	e = code(c, &h, native, n, &coded, nout);
	rc = e ? charls_bad(host, e, err) : verify(host, shape, coded, *nout, cells, n, err);
	if (rc == DEID_OK) {
		*out = coded;
		coded = NULL;
	}
out:
	charls_jpegls_encoder_destroy(c);
	free(coded);
	free(native);
	return rc;
}
