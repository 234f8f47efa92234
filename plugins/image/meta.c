/* SPDX-License-Identifier: MIT */
#include "plugins/image/meta.h"

#include "plugins/image/jpg_scan.h"
#include "plugins/image/mirror.h"
#include <stdlib.h>
#include <string.h>

/* ---- profile time -------------------------------------------------------------------------------- */

void meta_read_settings(struct meta_conf *c)
{
	const struct deid_host *h = c->host;
	const struct {
		const char *key;
		bool *on;
	} keys[] = {{"strip", &c->strip}, {"remove-exif", &c->exif}, {"remove-gps", &c->gps},
	    {"remove-xmp", &c->xmp}, {"remove-iptc", &c->iptc}, {"remove-thumbnail", &c->thumbnail}};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		*keys[i].on = c->section && h->node_bool(h->node_get(c->section, keys[i].key));
		c->acts |= *keys[i].on;
	}
}

static bool begins(struct deid_str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n > n && str_caseeq(str_sub(s, 0, n), str_of(prefix));
}

bool meta_path_parse(const struct deid_str text, bool exif_prefix, struct meta_path *p)
{
	p->space = META_NONE;
	p->whole = true;
	if (str_caseeq(text, STR("EXIF")))
		p->space = META_EXIF;
	else if (str_caseeq(text, STR("XMP")))
		p->space = META_XMP;
	else if (str_caseeq(text, STR("IPTC")))
		p->space = META_IPTC;
	if (p->space != META_NONE)
		return true;
	p->whole = false;
	if (begins(text, "XMP:"))
		p->space = xmp_name_parse(str_sub(text, 4, text.n), &p->xmp) ? META_XMP : META_NONE;
	else if (begins(text, "IPTC:"))
		p->space = iptc_name_parse(str_sub(text, 5, text.n), &p->iptc) ? META_IPTC : META_NONE;
	else if (!exif_prefix || str_find(text, ':', 0) < text.n)
		p->space = ifd_name_parse(text, &p->exif) ? META_EXIF : META_NONE;
	return p->space != META_NONE;
}

void meta_path_info(const struct meta_path *p, struct deid_path_info *info)
{
	info->flags = 0; /* not wild: an entry that names a structure means it */
	info->kind = -1;
	if (p->whole)
		info->kind = DEID_BYTES;
	else if (p->space == META_EXIF)
		info->kind = ifd_name_kind(&p->exif);
	else if (p->space == META_IPTC)
		info->kind = iptc_name_kind(p->iptc);
	if (p->whole)
		return;
	if (p->space == META_EXIF  ? ifd_name_creates(&p->exif)
	    : p->space == META_XMP ? p->xmp.creates
				   : info->kind != DEID_BYTES)
		info->flags = DEID_PATH_CREATE;
}

bool meta_entry_acts(const struct deid_entry *e)
{
	return !(e->flags & (DEID_ENTRY_OFF | DEID_ENTRY_QUERY)) && strcmp(e->action, "keep") != 0;
}

int meta_seal(struct meta_conf *c, const struct deid_entry *entry, size_t n, struct deid_error *err)
{
	int rc = DEID_OK;

	c->entry = entry;
	c->nentry = n;
	for (size_t i = 0; i < n; i++) {
		const struct deid_entry *e = &entry[i];
		const struct meta_path *p = e->path;

		if (!meta_entry_acts(e))
			continue;
		c->acts = true;
		if (p && p->space == META_EXIF && !p->whole && p->exif.info &&
		    p->exif.info->flags & (TAG_F_STRUCTURE | TAG_F_POINTER))
			rc = c->host->complain(err, e->node,
			    "'%.*s' is part of the image's structure: no entry can change it", (int)e->text.n,
			    e->text.p);
		else if (p && p->whole && strcmp(e->action, "remove") != 0)
			rc = c->host->complain(err, e->node,
			    "'%.*s' is a whole block of metadata: it can be removed, and kept",
			    (int)e->text.n, e->text.p);
	}
	return rc;
}

/* ---- blocks -------------------------------------------------------------------------------------- */

static int nomem(const struct meta *m, struct deid_error *err)
{
	return m->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the metadata");
}

void meta_init(struct meta *m, struct deid_job *job, const struct meta_conf *conf)
{
	*m = (struct meta){.host = conf->host, .job = job, .conf = conf};
	m->last = &m->first;
}

void meta_free(struct meta *m)
{
	for (struct meta_block *b = m->first; b; b = b->next)
		ifd_close(b->exif);
	free(m->tag);
	m->tag = NULL;
}

struct meta_block *meta_push(struct meta *m, enum meta_space space)
{
	struct meta_block *b = m->host->alloc(m->job, sizeof *b);

	if (!b)
		return NULL;
	*b = (struct meta_block){.space = space};
	*m->last = b;
	m->last = &b->next;
	return b;
}

static int parse(struct meta *m, struct meta_block *b, struct deid_error *err)
{
	if (b->space == META_EXIF && !b->exif)
		return ifd_open(m->host, m->job, b->src, b->off, b->len, IFD_BLOCK, &b->exif, err);
	if (b->space == META_XMP && !b->xmp)
		return xmp_open(m->host, m->job, b->bytes, &b->xmp, err);
	if (b->space == META_IPTC && !b->iptc)
		return iptc_open(m->host, m->job, b->bytes, &b->iptc, err);
	return DEID_OK;
}

static int make(struct meta *m, enum meta_space space, struct meta_block **out, struct deid_error *err)
{
	struct meta_block *b = meta_push(m, space);
	int rc = DEID_OK;

	if (!b)
		return nomem(m, err);
	b->fresh = true;
	if (space == META_EXIF)
		rc = ifd_new(m->host, m->job, &b->exif, err);
	else if (space == META_XMP)
		rc = xmp_new(m->host, m->job, &b->xmp, err);
	else
		rc = iptc_open(m->host, m->job, (struct deid_str){"", 0}, &b->iptc, err);
	*out = b;
	return rc;
}

/* ---- fields -------------------------------------------------------------------------------------- */

#define WHOLE ((uintptr_t)1) /* in h[0]: the block itself */

static struct meta_block *block_of(const struct deid_field *f)
{
	return (struct meta_block *)(f->h[0] & ~WHOLE);
}

static int visit_whole(struct meta_block *b, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct deid_field f = {.size = sizeof f, .kind = DEID_BYTES, .h = {(uintptr_t)b | WHOLE, 0}};

	f.name = b->space == META_EXIF ? STR("EXIF") : b->space == META_XMP ? STR("XMP") : STR("IPTC");
	return visit(arg, &f, err);
}

static int find_in(
    struct meta_block *b, const struct meta_path *p, deid_visit *visit, void *arg, struct deid_error *err)
{
	if (b->space == META_EXIF)
		return ifd_find(b->exif, &p->exif, (uintptr_t)b, visit, arg, err);
	if (b->space == META_XMP)
		return xmp_find(b->xmp, &p->xmp, (uintptr_t)b, visit, arg, err);
	return iptc_find(b->iptc, p->iptc, (uintptr_t)b, visit, arg, err);
}

int meta_find(struct meta *m, const struct meta_path *p, deid_visit *visit, void *arg, struct deid_error *err)
{
	int rc = DEID_OK;

	for (struct meta_block *b = m->first; b && rc == DEID_OK; b = b->next) {
		if (b->space != p->space || b->removed)
			continue;
		if (p->whole) {
			rc = visit_whole(b, visit, arg, err);
			continue;
		}
		rc = parse(m, b, err);
		if (rc == DEID_OK)
			rc = find_in(b, p, visit, arg, err);
	}
	return rc;
}

static int each_in(struct meta *m, struct meta_block *b, deid_visit *visit, void *arg, struct deid_error *err)
{
	if (b->space == META_EXIF)
		return ifd_each(b->exif, !m->conf->section, (uintptr_t)b, visit, arg, err);
	if (b->space == META_XMP)
		return xmp_each(b->xmp, (uintptr_t)b, visit, arg, err);
	return iptc_each(b->iptc, (uintptr_t)b, visit, arg, err);
}

int meta_each(struct meta *m, deid_visit *visit, void *arg, struct deid_error *err)
{
	int rc = DEID_OK;

	for (struct meta_block *b = m->first; b && rc == DEID_OK; b = b->next) {
		if (b->removed)
			continue;
		rc = parse(m, b, err);
		if (rc == DEID_OK)
			rc = each_in(m, b, visit, arg, err);
	}
	return rc;
}

static int get_whole(struct meta *m, struct meta_block *b, struct deid_value *v, struct deid_error *err)
{
	struct deid_str *one = m->host->scratch(m->job, sizeof *one);

	if (!one)
		return nomem(m, err);
	*one = b->bytes;
	if (b->space == META_EXIF && b->src) {
		char *p = m->host->alloc(m->job, (size_t)b->len);

		if (!p)
			return nomem(m, err);
		if (m->host->src_read(b->src, b->off, p, (size_t)b->len, err) != DEID_OK)
			return DEID_FAILED;
		*one = (struct deid_str){p, (size_t)b->len};
	}
	*v = (struct deid_value){.size = sizeof *v, .kind = DEID_BYTES, .lo = 1, .v = one, .n = one->n > 0};
	return DEID_OK;
}

int meta_get(struct meta *m, const struct deid_field *f, struct deid_value *v, struct deid_error *err)
{
	struct meta_block *b = block_of(f);

	if (f->h[0] & WHOLE)
		return get_whole(m, b, v, err);
	if (b->space == META_EXIF)
		return ifd_get(b->exif, f, v, err);
	if (b->space == META_XMP)
		return xmp_get(b->xmp, f, v, err);
	return iptc_get(b->iptc, f, v, err);
}

int meta_set(struct meta *m, const struct deid_field *f, const struct deid_value *v, struct deid_error *err)
{
	struct meta_block *b = block_of(f);
	int rc;

	if (f->h[0] & WHOLE)
		return m->host->fail(err, DEID_FAILED, DEID_E_FIELD, "a block of metadata takes no text");
	if (b->space == META_EXIF)
		rc = ifd_set(b->exif, f, v, err);
	else if (b->space == META_XMP)
		rc = xmp_set(b->xmp, f, v, err);
	else
		rc = iptc_set(b->iptc, f, v, err);
	return rc == DEID_OK ? mirror_note_field(m, b, f, err) : rc;
}

static int note_visit(void *arg, const struct deid_field *f, struct deid_error *err)
{
	return mirror_note_field(arg, block_of(f), f, err);
}

/* What cannot be read can have no mirrors that we know of. */
static int remove_whole(struct meta *m, struct meta_block *b, struct deid_error *err)
{
	int rc = DEID_OK;

	b->removed = true;
	if (parse(m, b, NULL) == DEID_OK)
		rc = each_in(m, b, note_visit, m, err);
	return rc;
}

int meta_remove(struct meta *m, const struct deid_field *f, struct deid_error *err)
{
	struct meta_block *b = block_of(f);
	int rc;

	if (f->h[0] & WHOLE)
		return remove_whole(m, b, err);
	rc = mirror_note_field(m, b, f, err);
	if (rc != DEID_OK)
		return rc;
	if (b->space == META_EXIF)
		return ifd_remove(b->exif, f, err);
	return b->space == META_XMP ? xmp_remove(b->xmp, f, err) : iptc_remove(b->iptc, f, err);
}

int meta_add(struct meta *m, const struct meta_path *p, const struct deid_value *v, struct deid_error *err)
{
	struct meta_block *b = m->first;
	int rc;

	while (b && (b->space != p->space || b->removed))
		b = b->next;
	rc = b ? parse(m, b, err) : DEID_OK;
	if (rc == DEID_OK && b && b->exif && ifd_empty(b->exif)) {
		b->removed = true; /* there may not even be an IFD to put it into */
		b = NULL;
	}
	if (rc == DEID_OK && !b)
		rc = make(m, p->space, &b, err);
	if (rc != DEID_OK)
		return rc;
	if (b->space == META_EXIF)
		return ifd_add(b->exif, &p->exif, v, err);
	return b->space == META_XMP ? xmp_add(b->xmp, &p->xmp, v, err) : iptc_add(b->iptc, p->iptc, v, err);
}

/* ---- settings ------------------------------------------------------------------------------------ */

static int remove_all(struct meta *m, enum meta_space space, struct deid_error *err)
{
	int rc = DEID_OK;

	for (struct meta_block *b = m->first; b && rc == DEID_OK; b = b->next)
		if (b->space == space && !b->removed)
			rc = remove_whole(m, b, err);
	return rc;
}

static int remove_visit(void *arg, const struct deid_field *f, struct deid_error *err)
{
	(void)arg;
	return xmp_remove(block_of(f)->xmp, f, err);
}

static int visit_gps(void *arg, const struct deid_field *f, struct deid_error *err)
{
	bool gps = str_prefix(f->name, "XMP:exif:GPS");

	return gps ? remove_visit(arg, f, err) : DEID_OK;
}

static int remove_gps(struct meta *m, struct deid_error *err)
{
	int rc = DEID_OK;

	for (struct meta_block *b = m->first; b && rc == DEID_OK; b = b->next) {
		if (b->removed || b->space == META_IPTC)
			continue;
		rc = parse(m, b, err);
		if (rc != DEID_OK)
			return rc;
		if (b->space == META_EXIF)
			ifd_drop(b->exif, IFD_GPS);
		else
			rc = xmp_each(b->xmp, (uintptr_t)b, visit_gps, m, err);
	}
	return rc;
}

static int remove_thumbnails(struct meta *m, struct deid_error *err)
{
	static const char *const in_xmp[] = {
	    "xmp:Thumbnails", "xmpGImg:image", "xmp:Thumbnails/xmpGImg:image", "GImage:Data"};
	int rc = DEID_OK;

	for (struct meta_block *b = m->first; b && rc == DEID_OK; b = b->next) {
		if (b->removed || b->space == META_IPTC)
			continue;
		rc = parse(m, b, err);
		if (rc == DEID_OK && b->space == META_EXIF)
			ifd_drop_thumbnail(b->exif);
		for (size_t i = 0; i < 4 && rc == DEID_OK && b->space == META_XMP; i++) {
			struct xmp_name name;

			xmp_name_parse(str_of(in_xmp[i]), &name);
			rc = xmp_find(b->xmp, &name, (uintptr_t)b, remove_visit, m, err);
		}
	}
	return rc;
}

int meta_prepare(struct meta *m, struct deid_error *err)
{
	const struct meta_conf *c = m->conf;
	int rc = DEID_OK;

	if (c->exif)
		rc = remove_all(m, META_EXIF, err);
	if (rc == DEID_OK && c->xmp)
		rc = remove_all(m, META_XMP, err);
	if (rc == DEID_OK && c->iptc)
		rc = remove_all(m, META_IPTC, err);
	if (rc == DEID_OK && c->gps)
		rc = remove_gps(m, err);
	if (rc == DEID_OK && c->thumbnail)
		rc = remove_thumbnails(m, err);
	return rc;
}

/* ---- the end ------------------------------------------------------------------------------------- */

/* Where the thumbnail of an EXIF block is, within the block as it was read. */
static int visit_number(void *arg, const struct deid_field *f, struct deid_error *err)
{
	struct {
		struct meta_block *b;
		uint64_t value;
	} *a = arg;
	struct deid_value v = {.size = sizeof v};

	if (ifd_get(a->b->exif, f, &v, err) != DEID_OK)
		return DEID_FAILED;
	if (v.n == 1 && !str_u64(v.v[0], &a->value))
		a->value = 0;
	return DEID_OK;
}

static int number(struct meta_block *b, const char *tag, uint64_t *out, struct deid_error *err)
{
	struct {
		struct meta_block *b;
		uint64_t value;
	} a = {b, 0};
	struct ifd_name name;
	int rc = ifd_name_parse(str_of(tag), &name)
		     ? ifd_find(b->exif, &name, (uintptr_t)b, visit_number, &a, err)
		     : DEID_OK;

	*out = a.value;
	return rc;
}

/* A thumbnail is an image with a head of its own, which no entry reaches. */
static int check_thumbnail(struct meta *m, struct meta_block *b, struct deid_error *err)
{
	uint64_t off, len;
	char *p;

	if (number(b, "0x0201", &off, err) != DEID_OK || number(b, "0x0202", &len, err) != DEID_OK)
		return DEID_FAILED;
	if (!off || off > b->len || len > b->len - off)
		return DEID_OK;
	p = m->host->alloc(m->job, (size_t)len);
	if (!p)
		return nomem(m, err);
	if (m->host->src_read(b->src, b->off + off, p, (size_t)len, err) != DEID_OK)
		return DEID_FAILED;
	if (!jpg_speaks((struct deid_str){p, (size_t)len}))
		return DEID_OK;
	m->host->warn(m->job, STR("EXIF"), "the thumbnail has metadata of its own: it is removed");
	ifd_drop_thumbnail(b->exif);
	return DEID_OK;
}

static int check_thumbnails(struct meta *m, struct deid_error *err)
{
	int rc = DEID_OK;

	for (struct meta_block *b = m->first; b && rc == DEID_OK; b = b->next) {
		if (b->space != META_EXIF || b->removed || b->fresh)
			continue;
		rc = parse(m, b, err);
		if (rc == DEID_OK)
			rc = check_thumbnail(m, b, err);
	}
	return rc;
}

int meta_finish(struct meta *m, struct deid_error *err)
{
	int rc = m->conf->acts ? mirror_apply(m, err) : DEID_OK;

	return rc == DEID_OK && m->conf->acts ? check_thumbnails(m, err) : rc;
}

int meta_fate(struct meta *m, struct meta_block *b, enum meta_fate *fate, struct deid_str *bytes,
    struct deid_error *err)
{
	bool changed = b->fresh;

	(void)m;
	*fate = META_GOES;
	if (b->removed || (b->exif && ifd_changed(b->exif) && ifd_empty(b->exif)) ||
	    (b->iptc && iptc_changed(b->iptc) && iptc_empty(b->iptc)))
		return DEID_OK;
	changed |= b->exif  ? ifd_changed(b->exif)
		   : b->xmp ? xmp_changed(b->xmp)
			    : b->iptc && iptc_changed(b->iptc);
	*fate = changed ? META_CHANGED : META_STAYS;
	if (!changed)
		return DEID_OK;
	if (b->exif)
		return ifd_bytes(b->exif, bytes, err);
	return b->xmp ? xmp_bytes(b->xmp, bytes, err) : iptc_bytes(b->iptc, bytes, err);
}

int meta_strip(struct meta *m, struct deid_error *err)
{
	uint8_t *bytes = m->host->alloc(m->job, IFD_ORIENTATION_SIZE);
	unsigned orientation = 0;
	struct meta_block *b;

	for (b = m->first; b; b = b->next) {
		if (!orientation && b->space == META_EXIF && parse(m, b, NULL) == DEID_OK)
			orientation = ifd_orientation(b->exif);
		b->removed = true;
	}
	if (!orientation)
		return DEID_OK;
	b = bytes ? meta_push(m, META_EXIF) : NULL;
	if (!b)
		return nomem(m, err);
	ifd_orientation_block(orientation, bytes);
	b->fresh = true;
	b->len = IFD_ORIENTATION_SIZE;
	b->src = m->host->src_mem(m->job, bytes, IFD_ORIENTATION_SIZE);
	return b->src ? parse(m, b, err) : nomem(m, err);
}
