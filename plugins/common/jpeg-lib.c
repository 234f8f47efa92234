/* SPDX-License-Identifier: MIT */
#include "plugins/common/jpeg-lib.h"

#include "core/util/grow.h"
#include <jerror.h>

#define OUTPUT_STEP ((size_t)1 << 16)

/* ---- errors ------------------------------------------------------------------------------------ */

static void error_exit(j_common_ptr cinfo)
{
	struct jpeg_guard *g = (struct jpeg_guard *)cinfo->err;
	longjmp(g->again, 1);
}

/* What is only unusual, and loses nothing. */
static bool harmless(int code)
{
	return code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR || code == JWRN_NOT_SEQUENTIAL;
}

static void emit_message(j_common_ptr cinfo, int level)
{
	if (level < 0 && !harmless(cinfo->err->msg_code))
		error_exit(cinfo);
}

static void output_message(j_common_ptr cinfo)
{
	(void)cinfo;
}

struct jpeg_error_mgr *jpeg_guard_init(struct jpeg_guard *g)
{
	jpeg_std_error(&g->mgr);
	g->mgr.error_exit = error_exit;
	g->mgr.emit_message = emit_message;
	g->mgr.output_message = output_message;
	g->why = NULL;
	return &g->mgr;
}

void jpeg_give_up(j_common_ptr cinfo, enum deid_code code, const char *why)
{
	struct jpeg_guard *g = (struct jpeg_guard *)cinfo->err;
	g->why = why;
	g->code = code;
	longjmp(g->again, 1);
}

static enum deid_code code_of(int msg)
{
	switch (msg) {
	case JERR_OUT_OF_MEMORY:
		return DEID_E_NOMEM;
	case JERR_NO_BACKING_STORE: /* the bound on memory: it would have used a file */
	case JERR_IMAGE_TOO_BIG:
	case JERR_WIDTH_OVERFLOW:
		return DEID_E_LIMIT;
	case JERR_ARITH_NOTIMPL:
	case JERR_BAD_PRECISION:
	case JERR_CCIR601_NOTIMPL:
	case JERR_COMPONENT_COUNT:
	case JERR_CONVERSION_NOTIMPL:
	case JERR_FRACT_SAMPLE_NOTIMPL:
	case JERR_MISMATCHED_QUANT_TABLE: /* a table redefined between scans */
	case JERR_NOT_COMPILED:
	case JERR_NOTIMPL:
	case JERR_SOF_UNSUPPORTED:
		return DEID_E_UNSUPPORTED;
	case JERR_INPUT_EMPTY:
	case JERR_INPUT_EOF:
	case JWRN_HIT_MARKER:
	case JWRN_JPEG_EOF:
		return DEID_E_TRUNCATED;
	default:
		return DEID_E_FORMAT;
	}
}

int jpeg_guard_fail(const struct jpeg_guard *g, const struct deid_host *host, struct deid_error *err)
{
	char text[JMSG_LENGTH_MAX] = "";
	struct jpeg_error_mgr mgr = g->mgr;
	struct jpeg_common_struct cinfo = {.err = &mgr};

	if (g->why)
		return host->fail(err, DEID_FAILED, g->code, "JPEG: %s", g->why);
	mgr.format_message(&cinfo, text);
	return host->fail(err, DEID_FAILED, code_of(mgr.msg_code), "JPEG: %s", text);
}

/* ---- output ------------------------------------------------------------------------------------ */

static boolean more_room(j_compress_ptr cinfo)
{
	struct jpeg_output *o = (struct jpeg_output *)cinfo->dest;
	unsigned char *p;

	o->n = o->cap; /* libjpeg calls this when all of it is written */
	p = grow(o->p, &o->cap, o->n + OUTPUT_STEP, 1);
	if (!p)
		jpeg_give_up((j_common_ptr)cinfo, DEID_E_NOMEM, "no memory");
	o->p = p;
	o->mgr.next_output_byte = p + o->n;
	o->mgr.free_in_buffer = o->cap - o->n;
	return TRUE;
}

static void output_start(j_compress_ptr cinfo)
{
	struct jpeg_output *o = (struct jpeg_output *)cinfo->dest;

	free(o->p);
	o->p = NULL;
	o->n = o->cap = 0;
	more_room(cinfo);
}

static void output_end(j_compress_ptr cinfo)
{
	struct jpeg_output *o = (struct jpeg_output *)cinfo->dest;

	o->n = o->cap - o->mgr.free_in_buffer;
}

void jpeg_output_init(struct jpeg_output *o)
{
	*o = (struct jpeg_output){
	    .mgr = {.init_destination = output_start,
		.empty_output_buffer = more_room,
		.term_destination = output_end},
	};
}
