/* SPDX-License-Identifier: MIT */
#include "plugins/common/jpeg-mask.h"

#include "plugins/common/jpeg-lib.h"
#include <jerror.h>
#include <stdlib.h>
#include <string.h>

/* No sensible file has more; each scan may cost as much as the whole image. */
#define SCANS_MAX 500

/* Black blocks are one DC coefficient. A level of 8 bits is DC * quant / 8 + 128 (ITU-T T.81 A.3.3), cut to 0
 * … 255 by the decoder; what libjpeg's decoders still cut and not wrap around ends at 3 * 128 from the
 * middle. */
#define LOW_LEVEL (-1024)
#define HIGH_LEVEL 1016
#define WRAP_LEVEL (3 * 1024)

enum level { LEVEL_LOW, LEVEL_MIDDLE, LEVEL_HIGH };

struct work {
	const struct deid_host *host;
	const struct jpeg_mask *mask;
	struct jpeg_guard guard;
	struct jpeg_decompress_struct src;
	struct jpeg_compress_struct dst;
	struct jpeg_progress_mgr progress;
	struct jpeg_output out;
	jvirt_barray_ptr *coef;
	size_t used;
	/* The scans as the stream has them. */
	jpeg_scan_info scan[SCANS_MAX];
	int nscan;
};

/* ---- reading ----------------------------------------------------------------------------------- */

/* libjpeg calls this between rows, and once at least in each scan. */
static void note_scan(j_common_ptr cinfo)
{
	struct work *w = cinfo->client_data;
	const struct jpeg_decompress_struct *src = &w->src;
	jpeg_scan_info *s;

	if (src->input_scan_number <= w->nscan)
		return;
	if (w->nscan == SCANS_MAX)
		jpeg_give_up(cinfo, DEID_E_LIMIT, "more scans than any image needs");
	s = &w->scan[w->nscan++];
	s->comps_in_scan = src->comps_in_scan;
	for (int i = 0; i < src->comps_in_scan; i++)
		s->component_index[i] = src->cur_comp_info[i]->component_index;
	s->Ss = src->progressive_mode ? src->Ss : 0;
	s->Se = src->progressive_mode ? src->Se : DCTSIZE2 - 1;
	s->Ah = src->progressive_mode ? src->Ah : 0;
	s->Al = src->progressive_mode ? src->Al : 0;
}

static void check_header(struct work *w)
{
	const struct jpeg_mask *m = w->mask;
	j_common_ptr cinfo = (j_common_ptr)&w->src;
	size_t limit = m->max_memory ? m->max_memory : JPEG_MASK_MEMORY;
	uint64_t blocks = 0;

	if ((m->width && m->width != w->src.image_width) || (m->height && m->height != w->src.image_height))
		jpeg_give_up(cinfo, DEID_E_FORMAT, "its width and height are not those of the image");
	if (m->components && (int)m->components != w->src.num_components)
		jpeg_give_up(cinfo, DEID_E_FORMAT, "its number of components is not that of the image");
	for (int i = 0; i < w->src.num_components; i++)
		blocks +=
		    (uint64_t)w->src.comp_info[i].width_in_blocks * w->src.comp_info[i].height_in_blocks;
	/* A Huffman code has a bit at least, and each block has one. */
	if (!w->src.arith_code && blocks / 8 > m->n)
		jpeg_give_up(cinfo, DEID_E_TRUNCATED, "too little data for an image of this size");
	if (blocks > limit / sizeof(JBLOCK))
		jpeg_give_up(cinfo, DEID_E_LIMIT, "its coefficients need more memory than is allowed");
	w->src.mem->max_memory_to_use = limit > INT64_MAX ? INT64_MAX : (long)limit;
}

static int read_coefficients(struct work *w, struct deid_error *err)
{
	struct jpeg_decompress_struct *src = &w->src;
	const struct jpeg_mask *m = w->mask;

	if (setjmp(w->guard.again))
		return jpeg_guard_fail(&w->guard, w->host, err);
	jpeg_create_decompress(src);
	if (m->ntables) {
		jpeg_mem_src(src, m->tables, (unsigned long)m->ntables);
		if (jpeg_read_header(src, FALSE) != JPEG_HEADER_TABLES_ONLY)
			jpeg_give_up((j_common_ptr)src, DEID_E_FORMAT, "its tables hold an image");
	}
	jpeg_mem_src(src, m->in, (unsigned long)m->n);
	jpeg_save_markers(src, JPEG_COM, 0xffff);
	for (int i = 0; i < 16; i++)
		jpeg_save_markers(src, JPEG_APP0 + i, 0xffff);
	w->progress.progress_monitor = note_scan;
	src->progress = &w->progress;
	jpeg_read_header(src, TRUE);
	check_header(w);
	w->coef = jpeg_read_coefficients(src);
	if (!w->coef) /* the whole of the input is there, so this would be a bug */
		jpeg_give_up((j_common_ptr)src, DEID_E_INTERNAL, "reading stopped");
	w->used = m->n - src->src->bytes_in_buffer;
	return DEID_OK;
}

/* ---- black ------------------------------------------------------------------------------------- */

static bool is_ybr(const struct work *w)
{
	const struct jpeg_decompress_struct *src = &w->src;

	if (w->mask->color == JPEG_COLOR_STREAM || src->saw_Adobe_marker)
		return src->jpeg_color_space == JCS_YCbCr;
	return w->mask->color == JPEG_COLOR_YBR;
}

static enum level level_of(const struct work *w, int component)
{
	const struct jpeg_decompress_struct *src = &w->src;

	if (src->num_components == 3 && w->mask->color != JPEG_COLOR_HIGH)
		return is_ybr(w) && component > 0 ? LEVEL_MIDDLE : LEVEL_LOW;
	if (w->mask->color == JPEG_COLOR_HIGH)
		return LEVEL_HIGH;
	if (w->mask->color == JPEG_COLOR_STREAM && src->jpeg_color_space == JCS_CMYK)
		return src->saw_Adobe_marker ? LEVEL_LOW : LEVEL_HIGH;
	/* Adobe's inks are inverted, 0 is the most; and YCbCr gives them inverted once more: the most of
	 * cyan, magenta and yellow is the largest Y. */
	if (w->mask->color == JPEG_COLOR_STREAM && src->jpeg_color_space == JCS_YCCK)
		return component == 0 ? LEVEL_HIGH : component < 3 ? LEVEL_MIDDLE : LEVEL_LOW;
	return LEVEL_LOW;
}

static JCOEF black_of(struct work *w, int component)
{
	const JQUANT_TBL *table = w->src.comp_info[component].quant_table;
	enum level level = level_of(w, component);
	int want = level == LEVEL_LOW ? -LOW_LEVEL : HIGH_LEVEL, q, dc;

	if (level == LEVEL_MIDDLE)
		return 0;
	q = table ? table->quantval[0] : 0;
	if (q == 0)
		jpeg_give_up((j_common_ptr)&w->src, DEID_E_FORMAT, "a quantization table holds a zero");
	dc = (want + q - 1) / q;
	if (dc * q > WRAP_LEVEL)
		jpeg_give_up((j_common_ptr)&w->src, DEID_E_UNSUPPORTED,
		    "it is quantized so coarsely that black cannot be coded");
	return (JCOEF)(level == LEVEL_LOW ? -dc : dc);
}

/* Blocks from floor(from) to ceil(to) of a component that has `samp` samples where the image has `max`. */
static JDIMENSION first_block(int64_t from, int samp, int max)
{
	return (JDIMENSION)(from * samp / (DCTSIZE * (int64_t)max));
}

static JDIMENSION end_block(int64_t to, int64_t size, int samp, int max, JDIMENSION blocks)
{
	int64_t per = DCTSIZE * (int64_t)max, n = (to * samp + per - 1) / per;

	return to >= size || n > blocks ? blocks : (JDIMENSION)n;
}

static void blacken_box(struct work *w, int component, const struct region_box *box, JCOEF black)
{
	struct jpeg_decompress_struct *src = &w->src;
	const jpeg_component_info *c = &src->comp_info[component];
	JDIMENSION x0 = first_block(box->x0, c->h_samp_factor, src->max_h_samp_factor);
	JDIMENSION y0 = first_block(box->y0, c->v_samp_factor, src->max_v_samp_factor);
	JDIMENSION x1 = end_block(
	    box->x1, src->image_width, c->h_samp_factor, src->max_h_samp_factor, c->width_in_blocks);
	JDIMENSION y1 = end_block(
	    box->y1, src->image_height, c->v_samp_factor, src->max_v_samp_factor, c->height_in_blocks);

	for (JDIMENSION y = y0; y < y1; y++) {
		JBLOCKARRAY row =
		    src->mem->access_virt_barray((j_common_ptr)src, w->coef[component], y, 1, TRUE);
		for (JDIMENSION x = x0; x < x1; x++) {
			memset(row[0][x], 0, sizeof(JBLOCK));
			row[0][x][0] = black;
		}
	}
}

static int blacken(struct work *w, struct deid_error *err)
{
	if (setjmp(w->guard.again))
		return jpeg_guard_fail(&w->guard, w->host, err);
	for (int c = 0; c < w->src.num_components; c++) {
		JCOEF black = black_of(w, c);
		for (size_t i = 0; i < w->mask->region->n; i++)
			blacken_box(w, c, &w->mask->region->box[i], black);
	}
	return DEID_OK;
}

/* ---- writing ----------------------------------------------------------------------------------- */

/* Bytes of a marker segment that are kept. PLAIN: none of those that can hold an image. */
static unsigned kept_of(const struct work *w, const struct jpeg_marker_struct *m)
{
	static const char jfif[] = "JFIF", adobe[] = "Adobe", icc[] = "ICC_PROFILE";

	if (w->mask->markers == JPEG_MARKERS_ALL || m->marker == JPEG_COM)
		return m->data_length;
	/* 14: up to the size of the thumbnail, which follows (JFIF 1.02). */
	if (m->marker == JPEG_APP0 && m->data_length >= 14 && memcmp(m->data, jfif, sizeof jfif) == 0)
		return 14;
	/* 12: all of it. */
	if (m->marker == JPEG_APP0 + 14 && m->data_length >= 12 && memcmp(m->data, adobe, 5) == 0)
		return 12;
	if (m->marker == JPEG_APP0 + 2 && m->data_length >= 14 && memcmp(m->data, icc, sizeof icc) == 0)
		return m->data_length;
	return 0;
}

static void write_markers(struct work *w)
{
	for (jpeg_saved_marker_ptr m = w->src.marker_list; m; m = m->next) {
		unsigned n = kept_of(w, m);
		bool cut = n < m->data_length && m->marker == JPEG_APP0;

		if (n == 0 && w->mask->markers == JPEG_MARKERS_PLAIN && m->marker != JPEG_COM)
			continue;
		jpeg_write_m_header(&w->dst, m->marker, n);
		for (unsigned i = 0; i < n; i++) /* 12, 13: width and height of JFIF's thumbnail */
			jpeg_write_m_byte(&w->dst, cut && i >= 12 ? 0 : m->data[i]);
	}
}

/* Can the scans be repeated? All of the DC coefficients must be in them, since black may need every bit. */
static bool script_usable(const struct work *w)
{
	bool whole[MAX_COMPONENTS] = {false};

	for (int i = 0; i < w->nscan; i++)
		for (int k = 0; k < w->scan[i].comps_in_scan; k++)
			if (w->scan[i].Ss == 0 && w->scan[i].Al == 0)
				whole[w->scan[i].component_index[k]] = true;
	for (int i = 0; i < w->src.num_components; i++)
		if (!whole[i])
			return false;
	return true;
}

static void set_scans(struct work *w, bool as_it_was)
{
	bool one = w->nscan == 1 && w->scan[0].comps_in_scan == w->src.num_components;

	if (as_it_was && (w->src.progressive_mode || !one)) {
		w->dst.scan_info = w->scan;
		w->dst.num_scans = w->nscan;
	} else if (w->src.progressive_mode) {
		jpeg_simple_progression(&w->dst);
	}
}

static int write_image(struct work *w, bool as_it_was, struct deid_error *err)
{
	struct jpeg_compress_struct *dst = &w->dst;

	if (setjmp(w->guard.again)) {
		jpeg_destroy_compress(dst);
		return err ? jpeg_guard_fail(&w->guard, w->host, err) : DEID_FAILED;
	}
	jpeg_create_compress(dst);
	dst->dest = &w->out.mgr;
	jpeg_copy_critical_parameters(&w->src, dst);
	/* These come from the saved markers. */
	dst->write_JFIF_header = FALSE;
	dst->write_Adobe_marker = FALSE;
	dst->restart_interval = w->src.restart_interval;
	dst->restart_in_rows = 0;
	dst->arith_code = w->src.arith_code;
	memcpy(dst->arith_dc_L, w->src.arith_dc_L, sizeof dst->arith_dc_L);
	memcpy(dst->arith_dc_U, w->src.arith_dc_U, sizeof dst->arith_dc_U);
	memcpy(dst->arith_ac_K, w->src.arith_ac_K, sizeof dst->arith_ac_K);
	/* The old codes may have none for the new coefficients. */
	dst->optimize_coding = !dst->arith_code;
	set_scans(w, as_it_was);
	jpeg_write_coefficients(dst, w->coef);
	write_markers(w);
	jpeg_finish_compress(dst);
	jpeg_destroy_compress(dst);
	return DEID_OK;
}

int jpeg_mask(const struct deid_host *host, const struct jpeg_mask *m, void **out, size_t *nout, size_t *used,
    struct deid_error *err)
{
	struct work *w = calloc(1, sizeof *w);
	int rc;

	*out = NULL;
	*nout = 0;
	if (!w)
		return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory");
	w->host = host;
	w->mask = m;
	w->src.client_data = w;
	w->src.err = w->dst.err = jpeg_guard_init(&w->guard);
	jpeg_output_init(&w->out);
	rc = read_coefficients(w, err);
	if (rc == DEID_OK)
		rc = blacken(w, err);
	/* libjpeg reads scans in an order that it does not write; then one of its own carries the same. */
	if (rc == DEID_OK && (!script_usable(w) || write_image(w, true, NULL) != DEID_OK)) {
		w->guard.why = NULL;
		rc = write_image(w, false, err);
	}
	jpeg_destroy_decompress(&w->src);
	if (rc == DEID_OK) {
		*out = w->out.p;
		*nout = w->out.n;
		if (used)
			*used = w->used;
	} else {
		free(w->out.p);
	}
	free(w);
	return rc;
}
