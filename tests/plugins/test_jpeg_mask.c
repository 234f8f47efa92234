/* SPDX-License-Identifier: MIT */
/*
 * Masks in JPEG images: coefficients outside of the boxes are what they were, pixels inside are black, the
 * rest of the stream's make is kept, and what is damaged is refused.
 */
#include <config.h>

#include "core/engine/host.h"
#include "core/util/error.h"
#include "plugins/common/jpeg-lib.h"
#include "plugins/common/jpeg-mask.h"
#include <criterion/criterion.h>
#include <string.h>

#define WIDTH 83
#define HEIGHT 61

struct make {
	const char *name;
	int components;
	J_COLOR_SPACE space;
	int h, v; /* sampling of the first component; of the last, for YCCK */
	bool progressive, arithmetic, optimize, separate;
	unsigned restart;
	int quality;
	bool bare; /* neither JFIF's nor Adobe's marker */
	enum jpeg_color color;
};

static const struct make makes[] = {
    {"grey", 1, JCS_GRAYSCALE, 1, 1, .quality = 90},
    {"grey, MONOCHROME1", 1, JCS_GRAYSCALE, 1, 1, .quality = 90, .color = JPEG_COLOR_HIGH},
    {"grey, 2x2", 1, JCS_GRAYSCALE, 2, 2, .quality = 90},
    {"4:4:4", 3, JCS_YCbCr, 1, 1, .quality = 90},
    {"4:2:2", 3, JCS_YCbCr, 2, 1, .quality = 75},
    {"4:4:0", 3, JCS_YCbCr, 1, 2, .quality = 75},
    {"4:2:0", 3, JCS_YCbCr, 2, 2, .quality = 75},
    {"4:1:1", 3, JCS_YCbCr, 4, 1, .quality = 75},
    {"4:2:0, restart", 3, JCS_YCbCr, 2, 2, .quality = 75, .restart = 3},
    {"4:2:0, best", 3, JCS_YCbCr, 2, 2, .quality = 100},
    {"4:2:0, worst", 3, JCS_YCbCr, 2, 2, .quality = 1},
    {"4:2:0, progressive", 3, JCS_YCbCr, 2, 2, .quality = 75, .progressive = true},
    {"4:2:2, progressive, restart", 3, JCS_YCbCr, 2, 1, .quality = 75, .progressive = true, .restart = 5},
    {"grey, progressive", 1, JCS_GRAYSCALE, 1, 1, .quality = 80, .progressive = true},
    {"4:2:0, a scan for each component", 3, JCS_YCbCr, 2, 2, .quality = 80, .separate = true},
    {"4:2:0, own Huffman tables", 3, JCS_YCbCr, 2, 2, .quality = 80, .optimize = true},
    {"4:2:0, arithmetic", 3, JCS_YCbCr, 2, 2, .quality = 80, .arithmetic = true},
    {"4:2:0, arithmetic, progressive, restart", 3, JCS_YCbCr, 2, 2, .quality = 80, .arithmetic = true,
	.progressive = true, .restart = 4},
    {"RGB", 3, JCS_RGB, 1, 1, .quality = 90},
    {"RGB, said by the container", 3, JCS_RGB, 1, 1, .quality = 90, .bare = true, .color = JPEG_COLOR_LOW},
    {"YBR, said by the container", 3, JCS_YCbCr, 2, 1, .quality = 90, .bare = true, .color = JPEG_COLOR_YBR},
    {"CMYK", 4, JCS_CMYK, 1, 1, .quality = 90},
    {"CMYK without marker", 4, JCS_CMYK, 1, 1, .quality = 90, .bare = true},
    {"YCCK", 4, JCS_YCCK, 2, 2, .quality = 90},
};

struct bytes {
	unsigned char *p;
	size_t n;
};

static unsigned noise(unsigned *state)
{
	*state = *state * 1103515245u + 12345u;
	return *state >> 16;
}

static void set_make(struct jpeg_compress_struct *c, const struct make *m)
{
	static const jpeg_scan_info scans[] = {
	    {1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};

	jpeg_set_defaults(c);
	jpeg_set_colorspace(c, m->space);
	jpeg_set_quality(c, m->quality, FALSE);
	c->comp_info[0].h_samp_factor = m->h;
	c->comp_info[0].v_samp_factor = m->v;
	if (m->space == JCS_YCCK) {
		c->comp_info[3].h_samp_factor = m->h;
		c->comp_info[3].v_samp_factor = m->v;
	}
	c->arith_code = m->arithmetic;
	c->optimize_coding = m->optimize;
	c->restart_interval = m->restart;
	if (m->progressive)
		jpeg_simple_progression(c);
	if (m->separate) {
		c->scan_info = scans;
		c->num_scans = 3;
	}
	if (m->bare)
		c->write_JFIF_header = c->write_Adobe_marker = FALSE;
}

/* Bright noise over a ramp, so that no block is black or even by itself. */
static struct bytes make_image(const struct make *m, const char *comment)
{
	struct jpeg_compress_struct c = {0};
	struct jpeg_error_mgr mgr;
	struct jpeg_output out;
	unsigned state = 7;
	unsigned char row[WIDTH * 4];
	JSAMPROW rows = row;

	c.err = jpeg_std_error(&mgr);
	jpeg_create_compress(&c);
	jpeg_output_init(&out);
	c.dest = &out.mgr;
	c.image_width = WIDTH;
	c.image_height = HEIGHT;
	c.input_components = m->components;
	c.in_color_space = m->components == 1 ? JCS_GRAYSCALE : m->components == 3 ? JCS_RGB : JCS_CMYK;
	set_make(&c, m);
	jpeg_start_compress(&c, TRUE);
	if (comment)
		jpeg_write_marker(&c, JPEG_COM, (const JOCTET *)comment, (unsigned)strlen(comment));
	for (int y = 0; y < HEIGHT; y++) {
		for (int i = 0; i < WIDTH * m->components; i++)
			row[i] = (unsigned char)(100 + y + noise(&state) % 90);
		jpeg_write_scanlines(&c, &rows, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	return (struct bytes){out.p, out.n};
}

static struct region_box boxes[] = {{8, 0, 24, 8}, {17, 20, 18, 21}, {30, 40, WIDTH, HEIGHT}};
static const struct region region = {.box = boxes, .n = 3};

static bool in_region(int64_t x, int64_t y)
{
	for (size_t i = 0; i < region.n; i++)
		if (x >= boxes[i].x0 && x < boxes[i].x1 && y >= boxes[i].y0 && y < boxes[i].y1)
			return true;
	return false;
}

static int mask_it(struct bytes in, const struct make *m, struct bytes *out, struct deid_error *err)
{
	struct jpeg_mask mask = {.in = in.p, .n = in.n, .region = &region, .width = WIDTH, .height = HEIGHT};
	void *p;
	size_t used;
	int rc;

	mask.color = m ? m->color : JPEG_COLOR_STREAM;
	rc = jpeg_mask(&host_services, &mask, &p, &out->n, &used, err);
	out->p = p;
	if (rc == DEID_OK)
		cr_assert_eq(used, in.n);
	return rc;
}

static struct bytes mask_well(struct bytes in, const struct make *m)
{
	struct deid_error err;
	struct bytes out;
	error_init(&err);
	int rc = mask_it(in, m, &out, &err);
	cr_assert_eq(rc, DEID_OK, "%s: %.*s", m ? m->name : "", (int)err.msg.n, err.msg.p);
	error_free(&err);
	return out;
}

struct reader {
	struct jpeg_decompress_struct c;
	struct jpeg_error_mgr mgr;
	jvirt_barray_ptr *coef;
};

static void reader_open(struct reader *r, struct bytes b)
{
	r->c.err = jpeg_std_error(&r->mgr);
	jpeg_create_decompress(&r->c);
	jpeg_mem_src(&r->c, b.p, b.n);
	jpeg_save_markers(&r->c, JPEG_COM, 0xffff);
	jpeg_save_markers(&r->c, JPEG_APP0, 0xffff);
	jpeg_read_header(&r->c, TRUE);
}

static const JCOEF *block_at(struct reader *r, int component, JDIMENSION x, JDIMENSION y)
{
	return r->c.mem->access_virt_barray((j_common_ptr)&r->c, r->coef[component], y, 1, FALSE)[0][x];
}

/* Whether any masked pixel has its sample in this block: counted pixel by pixel. */
static bool block_is_cut(const struct reader *r, const jpeg_component_info *c, JDIMENSION bx, JDIMENSION by)
{
	for (int64_t y = 0; y < HEIGHT; y++) {
		if (y * c->v_samp_factor / r->c.max_v_samp_factor / 8 != (int64_t)by)
			continue;
		for (int64_t x = 0; x < WIDTH; x++)
			if (x * c->h_samp_factor / r->c.max_h_samp_factor / 8 == (int64_t)bx &&
			    in_region(x, y))
				return true;
	}
	return false;
}

static void compare_blocks(struct bytes before, struct bytes after, const char *name)
{
	struct reader a, b;
	size_t cut = 0, equal = 0;

	reader_open(&a, before);
	reader_open(&b, after);
	a.coef = jpeg_read_coefficients(&a.c);
	b.coef = jpeg_read_coefficients(&b.c);
	cr_assert_eq(a.c.num_components, b.c.num_components);
	for (int i = 0; i < a.c.num_components; i++) {
		const jpeg_component_info *c = &a.c.comp_info[i];
		cr_assert_eq(c->h_samp_factor, b.c.comp_info[i].h_samp_factor);
		cr_assert_eq(c->component_id, b.c.comp_info[i].component_id);
		cr_assert_arr_eq(c->quant_table->quantval, b.c.comp_info[i].quant_table->quantval,
		    sizeof c->quant_table->quantval);
		for (JDIMENSION y = 0; y < c->height_in_blocks; y++) {
			for (JDIMENSION x = 0; x < c->width_in_blocks; x++) {
				const JCOEF *old = block_at(&a, i, x, y), *new = block_at(&b, i, x, y);
				if (!block_is_cut(&a, c, x, y)) {
					equal++;
					cr_assert_arr_eq(
					    old, new, sizeof(JBLOCK), "%s: block %u %u of %d", name, x, y, i);
					continue;
				}
				cut++;
				for (int k = 1; k < DCTSIZE2; k++)
					cr_assert_eq(new[k], 0, "%s: block %u %u of %d", name, x, y, i);
			}
		}
	}
	cr_assert(cut > 0 && equal > 0);
	jpeg_destroy_decompress(&a.c);
	jpeg_destroy_decompress(&b.c);
}

/* The samples of black as the decoder gives them: RGB, grey, or CMYK as stored. */
static int black_sample(const struct make *m, int component)
{
	if (m->components == 1)
		return m->color == JPEG_COLOR_HIGH ? 255 : 0;
	if (m->components == 3)
		return 0;
	(void)component;
	return m->bare ? 255 : 0;
}

static void check_pixels(struct bytes after, const struct make *m)
{
	struct reader r;
	unsigned char row[WIDTH * 4];
	JSAMPROW rows = row;

	reader_open(&r, after);
	r.c.do_fancy_upsampling = FALSE;
	if (m->bare && m->components == 3)
		r.c.jpeg_color_space = m->space;
	r.c.out_color_space = m->components == 1 ? JCS_GRAYSCALE : m->components == 3 ? JCS_RGB : JCS_CMYK;
	jpeg_start_decompress(&r.c);
	for (int y = 0; y < HEIGHT; y++) {
		jpeg_read_scanlines(&r.c, &rows, 1);
		for (int x = 0; x < WIDTH; x++)
			for (int i = 0; in_region(x, y) && i < m->components; i++)
				cr_assert_eq(row[x * m->components + i], black_sample(m, i),
				    "%s: sample %d of %d,%d is %d", m->name, i, x, y,
				    row[x * m->components + i]);
	}
	jpeg_destroy_decompress(&r.c);
}

static void check_make(struct bytes before, struct bytes after, const char *name)
{
	struct reader a, b;

	reader_open(&a, before);
	reader_open(&b, after);
	cr_assert_eq(a.c.progressive_mode, b.c.progressive_mode, "%s", name);
	cr_assert_eq(a.c.arith_code, b.c.arith_code, "%s", name);
	cr_assert_eq(a.c.restart_interval, b.c.restart_interval, "%s", name);
	cr_assert_eq(a.c.jpeg_color_space, b.c.jpeg_color_space, "%s", name);
	cr_assert_eq(a.c.comps_in_scan, b.c.comps_in_scan, "%s", name);
	cr_assert_eq(a.c.saw_JFIF_marker, b.c.saw_JFIF_marker, "%s", name);
	jpeg_destroy_decompress(&a.c);
	jpeg_destroy_decompress(&b.c);
}

Test(jpeg_mask, every_make)
{
	for (size_t i = 0; i < sizeof makes / sizeof *makes; i++) {
		struct bytes before = make_image(&makes[i], NULL), after = mask_well(before, &makes[i]);
		compare_blocks(before, after, makes[i].name);
		check_pixels(after, &makes[i]);
		check_make(before, after, makes[i].name);
		free(before.p);
		free(after.p);
	}
}

Test(jpeg_mask, the_scans_are_as_they_were)
{
	const struct make *m = &makes[11];
	struct bytes before = make_image(m, NULL), after = mask_well(before, m);
	size_t n[2] = {0, 0};
	for (size_t i = 0; i + 1 < before.n; i++)
		n[0] += before.p[i] == 0xff && before.p[i + 1] == 0xda;
	for (size_t i = 0; i + 1 < after.n; i++)
		n[1] += after.p[i] == 0xff && after.p[i + 1] == 0xda;
	cr_assert(m->progressive);
	cr_assert(n[0] > 5);
	cr_assert_eq(n[0], n[1]);
	free(before.p);
	free(after.p);
}

/* A segment right after SOI. */
static struct bytes with_segment(struct bytes b, int marker, const void *data, size_t n)
{
	struct bytes out = {malloc(b.n + n + 4), b.n + n + 4};
	memcpy(out.p, b.p, 2);
	out.p[2] = 0xff;
	out.p[3] = (unsigned char)marker;
	out.p[4] = (unsigned char)((n + 2) >> 8);
	out.p[5] = (unsigned char)(n + 2);
	memcpy(out.p + 6, data, n);
	memcpy(out.p + 6 + n, b.p + 2, b.n - 2);
	free(b.p);
	return out;
}

static const char thumb[] = "JFIF\0\1\2\0\0\1\0\1\1\1ABC"; /* a thumbnail of one pixel */

Test(jpeg_mask, segments)
{
	struct make m = makes[3];
	struct deid_error err;
	struct bytes in, out;
	struct jpeg_mask mask = {.region = &region};
	void *p;

	m.bare = true;
	error_init(&err);
	in = make_image(&m, "a comment");
	in = with_segment(in, 0xe1, "Exif\0\0with a picture", 20);
	in = with_segment(in, 0xe0, thumb, sizeof thumb - 1);
	in = with_segment(in, 0xe2, "ICC_PROFILE\0\1\1colours", 21);
	mask.in = in.p;
	mask.n = in.n;
	cr_assert_eq(jpeg_mask(&host_services, &mask, &p, &out.n, NULL, &err), DEID_OK);
	out.p = p;
	cr_assert(
	    memcmp(in.p, out.p, 4 + 23 + 4 + 19 + 4 + 22) == 0, "all segments, in order, byte for byte");
	cr_assert(memmem(out.p, out.n, "a comment", 9));
	free(out.p);
	mask.markers = JPEG_MARKERS_PLAIN;
	cr_assert_eq(jpeg_mask(&host_services, &mask, &p, &out.n, NULL, &err), DEID_OK);
	out.p = p;
	cr_assert(memmem(out.p, out.n, "a comment", 9));
	cr_assert(memmem(out.p, out.n, "colours", 7));
	cr_assert(memmem(out.p, out.n, "JFIF\0\1\2\0\0\1\0\1\0\0", 14));
	cr_assert(!memmem(out.p, out.n, "ABC", 3));
	cr_assert(!memmem(out.p, out.n, "Exif", 4));
	free(out.p);
	free(in.p);
	error_free(&err);
}

static void expect(struct bytes in, enum deid_code code, const char *what)
{
	struct deid_error err;
	struct bytes out;
	error_init(&err);
	int rc = mask_it(in, NULL, &out, &err);
	cr_assert_eq(rc, DEID_FAILED, "%s", what);
	cr_assert_eq(err.code, code, "%s: %.*s", what, (int)err.msg.n, err.msg.p);
	cr_assert(out.p == NULL);
	error_free(&err);
}

Test(jpeg_mask, cut_at_every_byte)
{
	static const int which[] = {6, 11, 16};
	for (size_t i = 0; i < 3; i++) {
		struct bytes b = make_image(&makes[which[i]], NULL);
		for (size_t n = 0; n < b.n; n++) {
			struct deid_error err;
			struct bytes out;
			error_init(&err);
			cr_assert_eq(mask_it((struct bytes){b.p, n}, NULL, &out, &err), DEID_FAILED,
			    "%s: %zu", makes[which[i]].name, n);
			error_free(&err);
		}
		free(b.p);
	}
}

static size_t find_marker(struct bytes b, int marker)
{
	for (size_t i = 0; i + 1 < b.n; i++)
		if (b.p[i] == 0xff && b.p[i + 1] == marker)
			return i;
	cr_assert_fail("no marker %x", marker);
	return 0;
}

Test(jpeg_mask, lies)
{
	struct bytes b = make_image(&makes[6], NULL);
	struct deid_error err;
	struct jpeg_mask mask = {
	    .in = b.p, .n = b.n, .region = &region, .width = WIDTH + 1, .height = HEIGHT};
	size_t sof = find_marker(b, 0xc0), n;
	unsigned char old[17];
	void *p;

	error_init(&err);
	cr_assert_eq(jpeg_mask(&host_services, &mask, &p, &n, NULL, &err), DEID_FAILED);
	cr_assert_eq(err.code, DEID_E_FORMAT);
	error_clear(&err);
	mask.width = WIDTH;
	mask.components = 1;
	cr_assert_eq(jpeg_mask(&host_services, &mask, &p, &n, NULL, &err), DEID_FAILED);
	cr_assert_eq(err.code, DEID_E_FORMAT);
	error_clear(&err);
	mask.components = 3;
	mask.max_memory = 1000;
	cr_assert_eq(jpeg_mask(&host_services, &mask, &p, &n, NULL, &err), DEID_FAILED);
	cr_assert_eq(err.code, DEID_E_LIMIT);
	error_clear(&err);

	/* A huge image of little data, in 1 GiB of memory at most. */
	memcpy(old, b.p + sof, sizeof old);
	memcpy(b.p + sof + 5, "\xff\xdc\xff\xdc", 4);
	mask = (struct jpeg_mask){.in = b.p, .n = b.n, .region = &region};
	cr_assert_eq(jpeg_mask(&host_services, &mask, &p, &n, NULL, &err), DEID_FAILED);
	cr_assert_eq(err.code, DEID_E_TRUNCATED);
	error_clear(&err);
	b.p[sof + 1] = 0xc9; /* arithmetic: there a bit may be many blocks */
	cr_assert_eq(jpeg_mask(&host_services, &mask, &p, &n, NULL, &err), DEID_FAILED);
	cr_assert_eq(err.code, DEID_E_LIMIT);
	error_free(&err);
	memcpy(b.p + sof, old, sizeof old);

	b.p[sof + 4] = 12;
	expect(b, DEID_E_UNSUPPORTED, "12 bits");
	b.p[sof + 4] = 8;
	b.p[sof + 1] = 0xc3;
	expect(b, DEID_E_UNSUPPORTED, "lossless");
	b.p[sof + 1] = 0xc5;
	expect(b, DEID_E_UNSUPPORTED, "hierarchical");
	b.p[sof + 1] = 0xc0;
	expect((struct bytes){b.p, 0}, DEID_E_TRUNCATED, "nothing");
	expect((struct bytes){b.p + 2, b.n - 2}, DEID_E_FORMAT, "no SOI");
	free(b.p);
}

Test(jpeg_mask, damage)
{
	struct bytes b = make_image(&makes[8], NULL);
	size_t sos = find_marker(b, 0xda), rst = find_marker(b, 0xd0);
	unsigned char old = b.p[rst + 1];

	b.p[rst + 1] = 0xd5;
	expect(b, DEID_E_FORMAT, "a restart marker out of turn");
	b.p[rst + 1] = 0x00;
	struct deid_error err;
	struct bytes out;
	error_init(&err);
	cr_assert_eq(mask_it(b, NULL, &out, &err), DEID_FAILED, "a restart marker is missing");
	error_free(&err);
	b.p[rst + 1] = old;
	b.p[sos + 5] = 99;
	expect(b, DEID_E_FORMAT, "a component that is not there");
	free(b.p);
}

Test(jpeg_mask, black_that_cannot_be_coded)
{
	struct make m = makes[0];
	struct bytes b = make_image(&m, NULL);
	size_t dqt = find_marker(b, 0xdb);
	struct bytes big = {malloc(b.n + 64), 0};
	size_t tail = dqt + 2 + 67;

	/* The table anew with 16 bits, its first step 4000. */
	memcpy(big.p, b.p, dqt);
	memcpy(big.p + dqt, "\xff\xdb\x00\x83\x10", 5);
	for (int i = 0; i < 64; i++) {
		big.p[dqt + 5 + 2 * i] = i ? 0 : 4000 >> 8;
		big.p[dqt + 6 + 2 * i] = i ? b.p[dqt + 5 + i] : 4000 & 255;
	}
	memcpy(big.p + dqt + 5 + 128, b.p + tail, b.n - tail);
	big.n = dqt + 5 + 128 + b.n - tail;
	expect(big, DEID_E_UNSUPPORTED, "too coarse");
	big.p[dqt + 5] = 2999 >> 8;
	big.p[dqt + 6] = 2999 & 255;
	struct bytes out = mask_well(big, NULL);
	check_pixels(out, &m);
	free(out.p);
	free(big.p);
	free(b.p);
}

Test(jpeg_mask, too_many_scans)
{
	struct bytes b = make_image(&makes[14], NULL);
	size_t at = b.n - 2, step, n = 600;
	const char *last = memrchr(b.p, 0xda, b.n);
	step = at - (size_t)((const unsigned char *)last - 1 - b.p);
	struct bytes big = {malloc(b.n + n * step), b.n + n * step};
	memcpy(big.p, b.p, at);
	for (size_t i = 0; i < n; i++)
		memcpy(big.p + at + i * step, b.p + at - step, step);
	memcpy(big.p + at + n * step, b.p + at, 2);
	struct deid_error err;
	struct bytes out;
	error_init(&err);
	cr_assert_eq(mask_it(big, NULL, &out, &err), DEID_FAILED);
	cr_assert_eq(err.code, DEID_E_LIMIT, "%.*s", (int)err.msg.n, err.msg.p);
	error_free(&err);
	free(big.p);
	free(b.p);
}
