/* SPDX-License-Identifier: MIT */
#include "plugins/image/png.h"

#include "core/util/bytes.h"
#include "core/util/civil.h"
#include "plugins/image/plugin.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names --------------------------------------------------------------------------------------- */

/* Types that the specification and its registered extensions name: their letters may be in any case. */
static const char public[][5] = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT",
    "sRGB", "cICP", "mDCV", "cLLI", "tEXt", "zTXt", "iTXt", "bKGD", "hIST", "pHYs", "sPLT", "eXIf", "tIME",
    "acTL", "fcTL", "fdAT", "oFFs", "pCAL", "sCAL", "gIFg", "gIFt", "gIFx", "sTER", "dSIG"};

/* 0: no type. The third letter of each is upper case. */
static uint32_t type_of(struct deid_str s)
{
	if (s.n != 4)
		return 0;
	for (size_t i = 0; i < sizeof public / sizeof *public; i++)
		if (str_caseeq(s, str_of(public[i])))
			return get_be32(public[i]);
	for (size_t i = 0; i < 4; i++)
		if ((s.p[i] | 0x20) < 'a' || (s.p[i] | 0x20) > 'z')
			return 0;
	return s.p[2] & 0x20 ? 0 : get_be32(s.p);
}

static bool parse_name(struct png_path *p)
{
	struct deid_str text = p->meta.text;
	size_t colon = str_find(text, ':', 0);
	uint32_t type = type_of(str_sub(text, 0, colon));

	if (str_caseeq(text, STR("Trailer"))) {
		p->trailer = true;
		return true;
	}
	p->type = type;
	if (type && colon == text.n)
		return true;
	if (png_is_text(type)) {
		p->by_keyword = true;
		p->keyword = str_sub(text, colon + 1, text.n);
		return p->keyword.n > 0;
	}
	p->type = 0;
	return meta_path_parse(text, false, &p->meta) && p->meta.space != META_IPTC;
}

static void path_free(void *path)
{
	struct png_path *p = path;

	if (p)
		free(p->meta.place);
	free(p);
}

static void describe(const struct png_path *p, struct deid_path_info *info)
{
	if (p->meta.space != META_NONE) {
		meta_path_info(&p->meta, info);
		return;
	}
	info->kind = p->type == PNG_TIME ? (int)DEID_DATETIME : png_is_text(p->type) ? -1 : (int)DEID_BYTES;
	info->flags = p->by_keyword || p->type == PNG_TIME ? DEID_PATH_CREATE : DEID_PATH_WILD;
}

static int path_new(void *conf, struct deid_str text, const struct deid_node *node, void **out,
    struct deid_path_info *info, struct deid_error *err)
{
	const struct png_conf *c = conf;
	const struct deid_host *h = c->meta.host;
	struct png_path *p = calloc(1, sizeof *p);

	if (p)
		p->meta.place = malloc(text.n + 1);
	if (!p || !p->meta.place) {
		path_free(p);
		return h->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	}
	memcpy(p->meta.place, text.p, text.n);
	p->meta.text = (struct deid_str){p->meta.place, text.n};
	if (!parse_name(p)) {
		h->complain(err, node,
		    "'%.*s' is no name in png: a chunk's type, tEXt:KEYWORD (zTXt, iTXt), an EXIF tag, "
		    "XMP:…, Trailer",
		    (int)text.n, text.p);
		path_free(p);
		return DEID_FAILED;
	}
	describe(p, info);
	*out = p;
	return DEID_OK;
}

/* ---- the section --------------------------------------------------------------------------------- */

static const struct deid_setting mask_keys[] = {
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_ANY,
	.key = "remove",
	.help = "boxes that are blackened"},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_ANY,
	.key = "keep",
	.help = "boxes outside of which all is blackened"},
    {.size = sizeof(struct deid_setting)},
};

static const struct deid_setting settings[] = {
    META_SETTINGS,
    META_SETTING("remove-private-chunks", "take out chunks of private types that no entry names"),
    META_SETTING("remove-trailer", "take out what is behind the image"),
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_MAPS,
	.key = "mask",
	.sub = mask_keys,
	.help = "boxes of pixels to blacken"},
    {.size = sizeof(struct deid_setting)},
};

static void conf_free(void *conf)
{
	struct png_conf *c = conf;

	for (size_t i = 0; c && i < c->nmask; i++)
		region_mask_free(&c->mask[i]);
	if (c)
		free(c->mask);
	free(c);
}

static int read_masks(struct png_conf *c, struct deid_error *err)
{
	const struct deid_host *h = c->meta.host;
	const struct deid_node *list = h->node_get(c->meta.section, "mask");
	size_t n = list ? h->node_count(list) : 0;

	c->mask = n ? calloc(n, sizeof *c->mask) : NULL;
	if (n && !c->mask)
		return h->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	for (size_t i = 0; i < n; i++, c->nmask++)
		if (region_read_mask(h, h->node_at(list, i), "mask", &c->mask[i], err) != DEID_OK)
			return DEID_FAILED;
	/* A thumbnail shows what the mask hides. */
	c->meta.thumbnail |= n > 0;
	c->meta.acts |= n > 0;
	return DEID_OK;
}

static int conf_new(
    const struct deid_host *host, const struct deid_node *section, void **out, struct deid_error *err)
{
	struct png_conf *c = calloc(1, sizeof *c);

	if (!c)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	c->meta.host = host;
	c->meta.section = section;
	if (section) {
		meta_read_settings(&c->meta);
		c->private = host->node_bool(host->node_get(section, "remove-private-chunks"));
		c->trailer = host->node_bool(host->node_get(section, "remove-trailer"));
		c->meta.acts |= c->private || c->trailer;
		if (read_masks(c, err) != DEID_OK) {
			conf_free(c);
			return DEID_FAILED;
		}
	}
	*out = c;
	return DEID_OK;
}

static bool can_change(uint32_t type)
{
	return png_is_text(type) || type == PNG_TIME ||
	       (!PNG_CRITICAL(type) && !png_shows(type) && type != PNG_ICCP && type != PNG_EXIF);
}

static int check_entry(const struct png_conf *c, const struct deid_entry *e, struct deid_error *err)
{
	const struct png_path *p = e->path;
	bool remove = strcmp(e->action, "remove") == 0;

	if (!p || p->meta.space != META_NONE || !meta_entry_acts(e))
		return DEID_OK;
	if (p->trailer && !remove)
		return c->meta.host->complain(
		    err, e->node, "what is behind the image can be removed, and kept");
	if (PNG_CRITICAL(p->type) || p->type == PNG_ACTL || p->type == PNG_FCTL || p->type == PNG_FDAT)
		return p->trailer ? DEID_OK
				  : c->meta.host->complain(err, e->node,
					"'%.*s': the image cannot be read without these chunks",
					(int)e->text.n, e->text.p);
	if (!remove && !can_change(p->type))
		return c->meta.host->complain(
		    err, e->node, "'%.*s': this chunk can be removed, and kept", (int)e->text.n, e->text.p);
	return DEID_OK;
}

static int seal(void *conf, const struct deid_entry *entry, size_t n, struct deid_error *err)
{
	struct png_conf *c = conf;
	int rc = meta_seal(&c->meta, entry, n, err);

	for (size_t i = 0; i < n; i++) {
		const struct png_path *p = entry[i].path;

		if (p && p->trailer && !(entry[i].flags & DEID_ENTRY_QUERY))
			c->keep_trailer = !c->nmask; /* it may show what the mask hides */
		if (check_entry(c, &entry[i], err) != DEID_OK)
			rc = DEID_FAILED;
	}
	return rc;
}

static int claim(const struct deid_host *host, struct deid_source *src, int *score, struct deid_error *err)
{
	const void *p;
	size_t n;

	*score = DEID_CLAIM_NO;
	if (host->src_peek(src, 0, 8, &p, &n, err) != DEID_OK)
		return DEID_FAILED;
	if (n == 8 && memcmp(p, PNG_SIGNATURE, 8) == 0)
		*score = DEID_CLAIM_MAGIC;
	return DEID_OK;
}

/* ---- reading ------------------------------------------------------------------------------------- */

/* Names one by one protect; an expression does not. */
static bool is_named(const struct png *p, uint32_t type)
{
	const struct meta_conf *m = &p->conf->meta;

	for (size_t i = 0; i < m->nentry; i++) {
		const struct png_path *path = m->entry[i].path;

		if (path && path->type == type && !(m->entry[i].flags & DEID_ENTRY_QUERY))
			return true;
	}
	return false;
}

static int strip_chunk(struct png *p, struct png_chunk *c, struct deid_error *err)
{
	struct deid_str data;

	if (c->type != PNG_ICCP) {
		/* A decoder passes over an ancillary chunk of a wrong length: the image does not need it. */
		c->removed |= !png_shows(c->type) || !png_length_fits(c->type, c->len);
		return DEID_OK;
	}
	if (png_blank_profile(p, c, &data, err) != DEID_OK)
		return DEID_FAILED;
	c->removed = !data.n;
	c->changed = data.n != 0;
	if (data.n)
		c->data = data;
	return DEID_OK;
}

static int prepare(struct png *p, struct deid_error *err)
{
	const struct png_conf *c = p->conf;
	int rc = DEID_OK;

	p->drop_trailer = c->trailer || c->meta.strip;
	if (c->meta.strip)
		rc = meta_strip(&p->meta, err);
	for (size_t i = 0; i < p->n && rc == DEID_OK; i++) {
		struct png_chunk *k = &p->chunk[i];

		if (c->private && PNG_PRIVATE(k->type) && !is_named(p, k->type))
			k->removed = true;
		if (c->meta.strip)
			rc = strip_chunk(p, k, err);
	}
	return rc == DEID_OK ? meta_prepare(&p->meta, err) : rc;
}

/* Only where somebody asks: what is packed may be a bomb. */
static int load_xmp(struct png *p, struct deid_error *err)
{
	const struct meta_conf *m = &p->conf->meta;

	if (m->strip || (m->section && !m->nentry && !m->acts))
		return DEID_OK;
	for (size_t i = 0; i < p->n; i++) {
		struct png_chunk *c = &p->chunk[i];

		if (c->type != PNG_ITXT || !str_eqz(c->keyword, PNG_XMP_KEYWORD))
			continue;
		c->block = meta_push(&p->meta, META_XMP);
		if (!c->block)
			return p->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the metadata");
		if (png_text_get(p, c, &c->block->bytes, err) != DEID_OK)
			return DEID_FAILED;
	}
	return DEID_OK;
}

static void png_close(void *rec)
{
	struct png *p = rec;

	meta_free(&p->meta);
}

static int png_open(
    struct deid_job *job, void *conf, struct deid_source *src, void **rec, struct deid_error *err)
{
	const struct png_conf *c = conf;
	struct png *p = c->meta.host->alloc(job, sizeof *p);
	int rc;

	*rec = NULL;
	if (!p)
		return c->meta.host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the file");
	*p = (struct png){.host = c->meta.host, .job = job, .conf = c, .src = src};
	meta_init(&p->meta, job, &c->meta);
	rc = png_walk(p, err);
	if (rc == DEID_OK)
		rc = load_xmp(p, err);
	if (rc == DEID_OK)
		rc = prepare(p, err);
	if (rc == DEID_OK)
		*rec = p;
	else
		png_close(p);
	return rc;
}

/* ---- fields -------------------------------------------------------------------------------------- */

/* h[1] of a chunk's field: its rank from 1, those that were made behind those of the file; 0: the trailer. */
static struct png_chunk *chunk_of(struct png *p, const struct deid_field *f)
{
	size_t i = f->h[1];

	return i == 0 ? NULL : i <= p->n ? &p->chunk[i - 1] : &p->fresh[i - 1 - p->n];
}

static int visit_chunk(struct png *p, size_t i, deid_visit *visit, void *arg, struct deid_error *err)
{
	const struct png_chunk *c = i < p->n ? &p->chunk[i] : &p->fresh[i - p->n];
	struct deid_field f = {.size = sizeof f, .kind = DEID_BYTES, .h = {0, i + 1}};
	struct deid_str keyword =
	    png_is_text(c->type) ? png_keyword(p, c->keyword) : (struct deid_str){"", 0};
	char type[5], *name = p->host->alloc(p->job, keyword.n + 6);

	if (!name || !keyword.p)
		return p->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a name");
	png_type_name(c->type, type);
	memcpy(name, type, 4);
	f.name = (struct deid_str){name, 4};
	if (png_is_text(c->type)) {
		name[4] = ':';
		memcpy(name + 5, keyword.p, keyword.n);
		f.name.n = 5 + keyword.n;
		f.kind = c->block ? DEID_BYTES : DEID_TEXT;
	} else if (c->type == PNG_TIME) {
		f.kind = DEID_DATETIME;
	}
	return visit(arg, &f, err);
}

static int visit_trailer(struct png *p, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct deid_field f = {.size = sizeof f, .kind = DEID_BYTES, .name = STR("Trailer")};

	return p->end < p->size && !p->drop_trailer ? visit(arg, &f, err) : DEID_OK;
}

static bool fits(struct png *p, const struct png_chunk *c, const struct png_path *path)
{
	if (c->removed || c->type != path->type)
		return false;
	return !path->by_keyword || str_caseeq(png_keyword(p, c->keyword), path->keyword);
}

static int png_find(void *rec, const void *name, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct png *p = rec;
	const struct png_path *path = name;
	int rc = DEID_OK;

	if (path->meta.space != META_NONE)
		return meta_find(&p->meta, &path->meta, visit, arg, err);
	if (path->trailer)
		return visit_trailer(p, visit, arg, err);
	for (size_t i = 0; i < p->n + p->nfresh && rc == DEID_OK; i++)
		if (fits(p, i < p->n ? &p->chunk[i] : &p->fresh[i - p->n], path))
			rc = visit_chunk(p, i, visit, arg, err);
	return rc;
}

/* An expression does not reach what the image needs, nor a chunk of which it reaches what is in it. */
static bool by_name_only(const struct png *p, const struct png_chunk *c)
{
	return p->conf->meta.section && (png_shows(c->type) || c->type == PNG_ICCP || c->block);
}

static int png_each(void *rec, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct png *p = rec;
	int rc = DEID_OK;

	for (size_t i = 0; i < p->n + p->nfresh && rc == DEID_OK; i++) {
		const struct png_chunk *c = i < p->n ? &p->chunk[i] : &p->fresh[i - p->n];

		if (!c->removed && !by_name_only(p, c))
			rc = visit_chunk(p, i, visit, arg, err);
	}
	if (rc == DEID_OK)
		rc = meta_each(&p->meta, visit, arg, err);
	return rc == DEID_OK ? visit_trailer(p, visit, arg, err) : rc;
}

static bool time_text(struct deid_str data, char out[15])
{
	const uint8_t *b = (const uint8_t *)data.p;

	if (data.n != 7)
		return false;
	return snprintf(out, 15, "%04u%02u%02u%02u%02u%02u", get_be16(b) % 10000u, b[2] % 100u, b[3] % 100u,
		   b[4] % 100u, b[5] % 100u, b[6] % 100u) == 14 &&
	       get_be16(b) < 10000;
}

/* Digits, with or without what people put between them. */
static bool time_data(struct deid_str s, uint8_t out[7])
{
	int d[14], n = 0;
	struct civil c;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9' && n < 14)
			d[n++] = s.p[i] - '0';
		else if (!memchr("-: T", s.p[i], 4))
			return false;
	}
	if (n == 8)
		memset(d + n, 0, 6 * sizeof *d);
	else if (n != 14)
		return false;
	c = (struct civil){.year = d[0] * 1000 + d[1] * 100 + d[2] * 10 + d[3],
	    .month = d[4] * 10 + d[5],
	    .day = d[6] * 10 + d[7],
	    .hour = d[8] * 10 + d[9],
	    .minute = d[10] * 10 + d[11],
	    .second = d[12] * 10 + d[13]};
	put_be16(out, (uint16_t)c.year);
	out[2] = (uint8_t)c.month;
	out[3] = (uint8_t)c.day;
	out[4] = (uint8_t)c.hour;
	out[5] = (uint8_t)c.minute;
	out[6] = (uint8_t)c.second;
	return civil_valid(&c);
}

static int get_chunk(struct png *p, struct png_chunk *c, struct deid_field const *f, struct deid_value *v,
    struct deid_str *one, struct deid_error *err)
{
	char text[15];

	if (f->kind == DEID_TEXT) {
		v->flags = DEID_V_FREE;
		return png_text_get(p, c, one, err);
	}
	if (c->type == PNG_IDAT || c->type == PNG_FDAT) {
		*one = (struct deid_str){"", 0};
		return DEID_OK;
	}
	if (png_load(p, c, err) != DEID_OK)
		return DEID_FAILED;
	*one = c->data;
	if (f->kind != DEID_DATETIME)
		return DEID_OK;
	v->flags = DEID_V_BASIC;
	if (!time_text(c->data, text))
		return p->host->fail(err, DEID_FAILED, DEID_E_VALUE, "a time that is none");
	*one = p->host->dup(p->job, (struct deid_str){text, 14});
	return one->p ? DEID_OK : p->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a value");
}

static int png_get(void *rec, const struct deid_field *f, struct deid_value *v, struct deid_error *err)
{
	struct png *p = rec;
	struct png_chunk *c = chunk_of(p, f);
	struct deid_str *one;
	int rc = DEID_OK;

	if (META_IS_OURS(f))
		return meta_get(&p->meta, f, v, err);
	one = p->host->scratch(p->job, sizeof *one);
	if (!one)
		return p->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a value");
	*one = (struct deid_str){"", 0};
	*v = (struct deid_value){.size = sizeof *v, .kind = f->kind, .lo = 1, .v = one};
	if (c)
		rc = get_chunk(p, c, f, v, one, err);
	v->n = one->n > 0;
	return rc;
}

static int set_data(struct png *p, struct png_chunk *c, struct deid_str data, struct deid_error *err)
{
	c->data = p->host->dup(p->job, data);
	c->changed = true;
	return c->data.p ? DEID_OK : p->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a value");
}

static int png_set(void *rec, const struct deid_field *f, const struct deid_value *v, struct deid_error *err)
{
	struct png *p = rec;
	struct png_chunk *c = chunk_of(p, f);
	struct deid_str text = v->n ? v->v[0] : (struct deid_str){"", 0};
	uint8_t time[7];

	if (META_IS_OURS(f))
		return meta_set(&p->meta, f, v, err);
	if (v->n > 1 || v->kind == DEID_TREE)
		return p->host->fail(err, DEID_FAILED, DEID_E_VALUE, "a chunk takes one text");
	if (!c || c->block || !can_change(c->type))
		return p->host->fail(err, DEID_FAILED, DEID_E_FIELD, "it can only be removed");
	if (f->kind == DEID_TEXT)
		return png_text_set(p, c, text, err);
	if (f->kind != DEID_DATETIME)
		return set_data(p, c, text, err);
	if (!time_data(text, time))
		return p->host->fail(err, DEID_FAILED, DEID_E_VALUE, "no date and time");
	return set_data(p, c, (struct deid_str){(const char *)time, 7}, err);
}

static int png_remove(void *rec, const struct deid_field *f, struct deid_error *err)
{
	struct png *p = rec;
	struct png_chunk *c = chunk_of(p, f);

	if (META_IS_OURS(f))
		return meta_remove(&p->meta, f, err);
	if (!c) {
		p->drop_trailer = true;
		return DEID_OK;
	}
	if (c->block)
		c->block->removed = true;
	c->removed = true;
	return DEID_OK;
}

static int png_add(void *rec, const void *name, const struct deid_value *v, struct deid_error *err)
{
	struct png *p = rec;
	const struct png_path *path = name;
	struct deid_str text = v->n ? v->v[0] : (struct deid_str){"", 0}, data, keyword = {"", 0};
	uint8_t time[7];
	struct png_chunk *c;

	if (path->meta.space != META_NONE)
		return meta_add(&p->meta, &path->meta, v, err);
	if (v->n > 1 || v->kind == DEID_TREE)
		return p->host->fail(err, DEID_FAILED, DEID_E_VALUE, "a chunk takes one text");
	if (path->type == PNG_TIME) {
		if (!time_data(text, time))
			return p->host->fail(err, DEID_FAILED, DEID_E_VALUE, "no date and time");
		data = p->host->dup(p->job, (struct deid_str){(const char *)time, 7});
		if (!data.p)
			return p->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a value");
	} else if (png_text_new(p, path->type, path->keyword, text, &data, err) != DEID_OK ||
		   !png_latin1(p, path->keyword, &keyword)) {
		return DEID_FAILED;
	}
	c = png_push(p, &p->fresh, &p->nfresh, &p->fresh_cap, path->type, err);
	if (!c)
		return DEID_FAILED;
	c->data = data;
	c->keyword = keyword;
	return DEID_OK;
}

static const char *const filters[] = {"*.png", "*.PNG", NULL};

const struct deid_format png_format = {
    .size = sizeof png_format,
    .section = "png",
    .summary = "PNG images, animated ones too",
    .mark = "the signature of PNG",
    .filters = filters,
    .settings = settings,
    .claim = claim,
    .conf_new = conf_new,
    .conf_free = conf_free,
    .path_new = path_new,
    .path_free = path_free,
    .seal = seal,
    .open = png_open,
    .find = png_find,
    .each = png_each,
    .get = png_get,
    .set = png_set,
    .remove = png_remove,
    .add = png_add,
    .finish = png_finish,
    .write = png_write,
    .close = png_close,
};
