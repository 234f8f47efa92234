/* SPDX-License-Identifier: MIT */
#include "plugins/image/jpg.h"

#include "core/util/bytes.h"
#include "plugins/image/icc.h"
#include <openssl/evp.h>
#include <string.h>

#define MORE_HEAD 75 /* name, 32 digits, length of all, offset */
#define ICC_PART_HEAD 14
#define PHOTOSHOP_PART_HEAD 14

static int nomem(struct jpg *j, struct deid_error *err)
{
	return j->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the metadata");
}

/* ---- putting pieces together --------------------------------------------------------------------- */

struct jpg_group *jpg_group(struct jpg *j, enum jpg_what what)
{
	struct jpg_group *g = j->group;

	while (g && (g->what != what || g->removed))
		g = g->next;
	return g;
}

static int join_group(struct jpg *j, struct jpg_part *p, struct deid_error *err)
{
	struct deid_str id = p->what == JPG_XMP_MORE ? str_sub(p->data, 35, 32) : (struct deid_str){"", 0};
	struct jpg_group *g = j->group, *last = NULL;

	for (; g && (g->what != p->what || !str_eq(g->id, id)); g = g->next)
		last = g;
	if (!g) {
		g = j->host->alloc(j->job, sizeof *g);
		if (!g)
			return nomem(j, err);
		*g = (struct jpg_group){.what = p->what, .id = id, .first = p};
		*(last ? &last->next : &j->group) = g;
	}
	p->group = g;
	return DEID_OK;
}

/* What a piece adds. A profile's pieces count from 1, those of a packet say where they belong. Pieces in
 * another order than their own do not exist in the wild. */
static bool add_piece(struct buf *b, const struct jpg_part *p, unsigned nth)
{
	struct deid_str d = p->data;

	if (p->what == JPG_PHOTOSHOP)
		return buf_str(b, str_sub(d, PHOTOSHOP_PART_HEAD, d.n));
	if (p->what == JPG_ICC)
		return d.n >= ICC_PART_HEAD && (uint8_t)d.p[12] == nth &&
		       buf_str(b, str_sub(d, ICC_PART_HEAD, d.n));
	return d.n >= MORE_HEAD && get_be32(d.p + 71) == b->n && b->n + d.n - MORE_HEAD <= XMP_MAX &&
	       buf_str(b, str_sub(d, MORE_HEAD, d.n));
}

static int assemble(struct jpg *j, struct jpg_group *g, struct deid_error *err)
{
	struct buf b = {0};
	unsigned nth = 0;

	for (size_t i = 0; i < j->n && !g->damaged; i++)
		if (j->part[i].group == g)
			g->damaged = !add_piece(&b, &j->part[i], ++nth);
	if (g->what == JPG_XMP_MORE)
		g->damaged |= g->first->data.n < MORE_HEAD || get_be32(g->first->data.p + 67) != b.n;
	g->bytes = j->host->dup(j->job, buf_view(&b));
	buf_free(&b);
	return g->bytes.p ? DEID_OK : nomem(j, err);
}

static struct jpg_resource *push_resource(struct jpg *j)
{
	if (j->nresource == j->resource_cap) {
		size_t cap = j->resource_cap ? 2 * j->resource_cap : 16;
		struct jpg_resource *q = j->host->alloc(j->job, cap * sizeof *q);

		if (!q)
			return NULL;
		if (j->nresource)
			memcpy(q, j->resource, j->nresource * sizeof *q);
		j->resource = q;
		j->resource_cap = cap;
	}
	return &j->resource[j->nresource++];
}

static int read_resources(struct jpg *j, struct jpg_group *g, struct deid_error *err)
{
	struct resource r;
	size_t pos = 0;

	while (resource_next(g->bytes, &pos, &r)) {
		struct jpg_resource *q = push_resource(j);

		if (!q)
			return nomem(j, err);
		*q = (struct jpg_resource){.id = r.id, .data = r.data, .start = r.start, .end = r.end};
		if (r.id != RESOURCE_IPTC)
			continue;
		q->block = meta_push(&j->meta, META_IPTC);
		if (!q->block)
			return nomem(j, err);
		q->block->bytes = r.data;
	}
	while (pos < g->bytes.n && !g->bytes.p[pos])
		pos++;
	g->damaged |= pos < g->bytes.n;
	return DEID_OK;
}

static int look_into(struct jpg *j, struct jpg_group *g, struct deid_error *err)
{
	const struct jpg_conf *c = j->conf;
	bool goes = c->meta.strip || (g->what == JPG_XMP_MORE && c->meta.xmp) ||
		    (g->what == JPG_PHOTOSHOP && c->meta.iptc);

	if (g->what == JPG_PHOTOSHOP && read_resources(j, g, err) != DEID_OK)
		return DEID_FAILED;
	if (g->damaged && c->meta.acts && !goes && g->what != JPG_ICC)
		return j->host->fail(err, DEID_FAILED, DEID_E_FORMAT,
		    g->what == JPG_PHOTOSHOP
			? "Photoshop's resources are damaged (remove-iptc: true takes them out)"
			: "the pieces of extended XMP do not fit together (remove-xmp: true takes them out)");
	if (g->what != JPG_XMP_MORE || g->damaged)
		return DEID_OK;
	g->block = meta_push(&j->meta, META_XMP);
	if (!g->block)
		return nomem(j, err);
	g->block->bytes = g->bytes;
	return DEID_OK;
}

int jpg_assemble(struct jpg *j, struct deid_error *err)
{
	int rc = DEID_OK;

	for (size_t i = 0; i < j->n && rc == DEID_OK; i++) {
		struct jpg_part *p = &j->part[i];

		if (p->what != JPG_XMP_MORE && p->what != JPG_PHOTOSHOP && p->what != JPG_ICC)
			continue;
		if (!jpg_asks(j))
			continue;
		rc = jpg_load(j, p, err);
		if (rc == DEID_OK)
			rc = join_group(j, p, err);
	}
	for (struct jpg_group *g = j->group; g && rc == DEID_OK; g = g->next) {
		rc = assemble(j, g, err);
		if (rc == DEID_OK)
			rc = look_into(j, g, err);
	}
	return rc;
}

/* ---- settings ------------------------------------------------------------------------------------ */

static void drop_group(struct jpg *j, struct jpg_group *g)
{
	g->removed = true;
	for (size_t i = 0; i < j->n; i++)
		if (j->part[i].group == g)
			j->part[i].removed = true;
}

/* JFIF without its thumbnail: version, density. Adobe's segment: what its transform needs. */
static int trim(struct jpg *j, struct jpg_part *p, size_t n, struct deid_error *err)
{
	char *b;

	if (jpg_load(j, p, err) != DEID_OK)
		return DEID_FAILED;
	if (p->data.n < n) {
		p->removed = true;
		return DEID_OK;
	}
	if (p->data.n == n && (n != 14 || (!p->data.p[12] && !p->data.p[13])))
		return DEID_OK;
	b = j->host->alloc(j->job, n);
	if (!b)
		return nomem(j, err);
	memcpy(b, p->data.p, n);
	if (p->what == JPG_JFIF)
		b[12] = b[13] = 0;
	p->data = (struct deid_str){b, n};
	p->changed = true;
	return DEID_OK;
}

static int blank_profile(struct jpg *j, struct jpg_group *g, struct deid_error *err)
{
	struct buf b = {0};

	if (g->damaged || !icc_blank(g->bytes, &b)) {
		drop_group(j, g);
	} else {
		g->now = j->host->dup(j->job, buf_view(&b));
		g->changed = true;
	}
	buf_free(&b);
	return g->changed && !g->now.p ? nomem(j, err) : DEID_OK;
}

static int strip(struct jpg *j, struct deid_error *err)
{
	int rc = meta_strip(&j->meta, err);

	for (size_t i = 0; i < j->n && rc == DEID_OK; i++) {
		struct jpg_part *p = &j->part[i];

		if (p->what == JPG_JFIF)
			rc = trim(j, p, 14, err);
		else if (p->what == JPG_ADOBE)
			rc = trim(j, p, 12, err);
		else
			p->removed = p->what != JPG_ICC;
	}
	for (struct jpg_group *g = j->group; g && rc == DEID_OK; g = g->next) {
		if (g->what == JPG_ICC)
			rc = blank_profile(j, g, err);
		else
			g->removed = true;
	}
	return rc;
}

static int drop_thumbnails(struct jpg *j, struct deid_error *err)
{
	int rc = DEID_OK;

	for (size_t i = 0; i < j->n && rc == DEID_OK; i++) {
		struct jpg_part *p = &j->part[i];

		if (p->what == JPG_JFXX || p->what == JPG_FLASHPIX)
			p->removed = true;
		else if (p->what == JPG_JFIF)
			rc = trim(j, p, 14, err);
	}
	for (size_t i = 0; i < j->nresource; i++)
		if (j->resource[i].id == RESOURCE_THUMBNAIL || j->resource[i].id == RESOURCE_THUMBNAIL_BGR)
			j->resource[i].removed = true;
	return rc;
}

int jpg_prepare(struct jpg *j, struct deid_error *err)
{
	const struct jpg_conf *c = j->conf;
	struct jpg_group *photoshop = jpg_group(j, JPG_PHOTOSHOP);
	int rc = DEID_OK;

	j->drop_trailer = c->trailer || c->meta.strip;
	if (c->meta.strip)
		rc = strip(j, err);
	for (size_t i = 0; i < j->n; i++)
		if (c->comments && j->part[i].what == JPG_COMMENT)
			j->part[i].removed = true;
	if (rc == DEID_OK && !c->meta.strip)
		rc = meta_prepare(&j->meta, err);
	if (rc == DEID_OK && c->meta.iptc && photoshop)
		drop_group(j, photoshop);
	if (rc == DEID_OK && c->meta.thumbnail && !c->meta.strip)
		rc = drop_thumbnails(j, err);
	return rc;
}

/* ---- what became of it --------------------------------------------------------------------------- */

static int with_head(struct jpg *j, const char *head, size_t n, struct deid_str bytes, struct deid_str *out,
    struct deid_error *err)
{
	char *b;

	if (bytes.n > JPG_BODY_MAX - n)
		return j->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "more metadata than a segment of 64 KiB can hold");
	b = j->host->alloc(j->job, bytes.n + n);
	if (!b)
		return nomem(j, err);
	memcpy(b, head, n);
	if (bytes.n)
		memcpy(b + n, bytes.p, bytes.n);
	*out = (struct deid_str){b, bytes.n + n};
	return DEID_OK;
}

static int settle_part(struct jpg *j, struct jpg_part *p, struct deid_error *err)
{
	struct deid_str bytes;
	enum meta_fate fate;

	if (!p->block || p->removed)
		return DEID_OK;
	if (meta_fate(&j->meta, p->block, &fate, &bytes, err) != DEID_OK)
		return DEID_FAILED;
	p->removed = fate == META_GOES;
	if (fate != META_CHANGED)
		return DEID_OK;
	p->changed = true;
	return p->what == JPG_EXIF ? with_head(j, JPG_EXIF_HEAD, 6, bytes, &p->data, err)
				   : with_head(j, JPG_XMP_HEAD, 29, bytes, &p->data, err);
}

/* A packet names its extension by the MD5 of that. */
static bool name_more(struct deid_str bytes, char out[32])
{
	static const char digit[] = "0123456789ABCDEF";
	unsigned char md[EVP_MAX_MD_SIZE];
	size_t n = 0;

	if (!EVP_Q_digest(NULL, "MD5", NULL, bytes.p, bytes.n, md, &n) || n != 16)
		return false;
	for (size_t i = 0; i < 16; i++) {
		out[2 * i] = digit[md[i] >> 4];
		out[2 * i + 1] = digit[md[i] & 15];
	}
	return true;
}

/* In the packets that refer to an extension: the new name, or (n = 0) none any more. */
static int refer(struct jpg *j, struct deid_str old, struct deid_str now, struct deid_error *err)
{
	struct xmp_name name;

	xmp_name_parse(STR("xmpNote:HasExtendedXMP"), &name);
	for (struct meta_block *b = j->meta.first; b; b = b->next) {
		if (b->space != META_XMP || b->removed || !b->xmp ||
		    !str_caseeq(xmp_text(b->xmp, &name), old))
			continue;
		if (!now.n)
			xmp_drop(b->xmp, &name);
		else if (!xmp_put(b->xmp, &name, now))
			return nomem(j, err);
	}
	return DEID_OK;
}

/* Where an extension changes, the packet has been parsed by the same entry. */
static int settle_more(struct jpg *j, struct jpg_group *g, struct deid_error *err)
{
	enum meta_fate fate;
	char *id = j->host->alloc(j->job, 32);

	if (!g->block || g->removed)
		return DEID_OK;
	if (!id)
		return nomem(j, err);
	if (meta_fate(&j->meta, g->block, &fate, &g->now, err) != DEID_OK)
		return DEID_FAILED;
	if (fate == META_STAYS)
		return DEID_OK;
	if (fate == META_GOES) {
		drop_group(j, g);
		return refer(j, g->id, (struct deid_str){"", 0}, err);
	}
	if (!name_more(g->now, id))
		return j->host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "no MD5");
	if (refer(j, g->id, (struct deid_str){id, 32}, err) != DEID_OK)
		return DEID_FAILED;
	g->id = (struct deid_str){id, 32};
	g->changed = true;
	return DEID_OK;
}

/* ---- Photoshop's resources ----------------------------------------------------------------------- */

static bool asks_for_meta(const struct jpg *j)
{
	const struct meta_conf *c = &j->conf->meta;

	for (size_t i = 0; i < c->nentry; i++) {
		const struct meta_path *path = c->entry[i].path;

		if (meta_entry_acts(&c->entry[i]) && (!path || path->space != META_NONE))
			return true;
	}
	return c->exif || c->gps || c->xmp;
}

static void judge_resource(struct jpg *j, struct jpg_resource *r)
{
	bool copy = r->id == RESOURCE_EXIF || r->id == RESOURCE_EXIF3 || r->id == RESOURCE_XMP;
	bool thumbnail = r->id == RESOURCE_THUMBNAIL || r->id == RESOURCE_THUMBNAIL_BGR;

	if (r->removed)
		return;
	if (copy && asks_for_meta(j)) {
		j->host->warn(j->job, STR("Photoshop"),
		    "a second copy of EXIF or XMP, which no entry reaches: it is removed");
		r->removed = true;
	}
	if (thumbnail && j->conf->meta.acts && jpg_speaks(str_sub(r->data, 28, r->data.n))) {
		j->host->warn(
		    j->job, STR("Photoshop"), "the thumbnail has metadata of its own: it is removed");
		r->removed = true;
	}
}

static int put_resource(struct jpg *j, struct jpg_group *g, const struct jpg_resource *r, bool iptc_changed,
    struct buf *b, struct deid_error *err)
{
	struct deid_str bytes = {NULL, 0};
	enum meta_fate fate = META_STAYS;

	if (r->block && meta_fate(&j->meta, r->block, &fate, &bytes, err) != DEID_OK)
		return DEID_FAILED;
	if (fate == META_GOES || r->removed || (r->id == RESOURCE_IPTC_DIGEST && iptc_changed))
		return DEID_OK;
	if (fate == META_CHANGED ? resource_put(b, RESOURCE_IPTC, bytes)
				 : buf_add(b, g->bytes.p + r->start, r->end - r->start))
		return DEID_OK;
	return nomem(j, err);
}

/* What else Photoshop has is empty: so is the segment. */
static int settle_photoshop(
    struct jpg *j, struct jpg_group *g, struct meta_block *fresh, struct deid_error *err)
{
	struct deid_str bytes;
	enum meta_fate fate;
	struct buf b = {0};
	bool iptc = fresh != NULL, any = false;
	int rc = DEID_OK;

	for (size_t i = 0; i < j->nresource && rc == DEID_OK; i++) {
		struct jpg_resource *r = &j->resource[i];

		judge_resource(j, r);
		any |= r->removed;
		if (r->block) {
			rc = meta_fate(&j->meta, r->block, &fate, &bytes, err);
			iptc |= rc == DEID_OK && fate != META_STAYS;
		}
	}
	if (rc != DEID_OK || (!iptc && !any))
		return rc;
	for (size_t i = 0; i < j->nresource && rc == DEID_OK; i++)
		rc = put_resource(j, g, &j->resource[i], iptc, &b, err);
	if (rc == DEID_OK && fresh) {
		rc = meta_fate(&j->meta, fresh, &fate, &bytes, err);
		if (rc == DEID_OK && fate == META_CHANGED && !resource_put(&b, RESOURCE_IPTC, bytes))
			rc = nomem(j, err);
	}
	g->now = j->host->dup(j->job, buf_view(&b));
	g->changed = true;
	buf_free(&b);
	if (rc == DEID_OK && !g->now.p)
		return nomem(j, err);
	if (!g->now.n)
		drop_group(j, g);
	return rc;
}

static struct meta_block *fresh_iptc(struct jpg *j)
{
	struct meta_block *b = j->meta.first;

	while (b && !(b->fresh && !b->removed && b->space == META_IPTC))
		b = b->next;
	return b;
}

/* ---- the end ------------------------------------------------------------------------------------- */

/* Padding says nothing. */
static int only_zeros(struct jpg *j, bool *zeros, struct deid_error *err)
{
	uint64_t off = j->end;

	*zeros = true;
	while (*zeros && off < j->size) {
		const void *p;
		const char *b;
		size_t got;

		if (j->host->src_peek(j->src, off, (size_t)256 << 10, &p, &got, err) != DEID_OK)
			return DEID_FAILED;
		b = p;
		if (!got)
			break;
		*zeros = !b[0] && (got == 1 || memcmp(b, b + 1, got - 1) == 0);
		off += got;
	}
	return DEID_OK;
}

static int check_trailer(struct jpg *j, struct deid_error *err)
{
	const struct jpg_conf *c = j->conf;
	bool zeros;

	if (j->end == j->size || j->drop_trailer || c->keep_trailer)
		return DEID_OK;
	if (only_zeros(j, &zeros, err) != DEID_OK)
		return DEID_FAILED;
	if (zeros)
		return DEID_OK;
	if (!c->meta.acts) {
		j->host->warn(
		    j->job, STR("Trailer"), "there are bytes after the image, which nobody looked at");
		return DEID_OK;
	}
	j->host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED,
	    "bytes after the end of the image (another image, a film), which no entry reaches: "
	    "remove-trailer: true takes them out");
	j->host->at(err, (struct deid_str){NULL, 0}, j->end);
	return DEID_FAILED;
}

/* Pictures that were behind the image are listed before it; thumbnails have heads of their own. */
static int settle_rest(struct jpg *j, struct deid_error *err)
{
	for (size_t i = 0; i < j->n; i++) {
		struct jpg_part *p = &j->part[i];

		if (p->what == JPG_MPF && j->drop_trailer)
			p->removed = true;
		if (p->what != JPG_JFXX || p->removed || !j->conf->meta.acts)
			continue;
		if (jpg_load(j, p, err) != DEID_OK)
			return DEID_FAILED;
		if (jpg_speaks(str_sub(p->data, 6, p->data.n))) {
			j->host->warn(
			    j->job, STR("JFXX"), "the thumbnail has metadata of its own: it is removed");
			p->removed = true;
		}
	}
	return DEID_OK;
}

int jpg_finish(void *rec, struct deid_error *err)
{
	struct jpg *j = rec;
	struct jpg_group *photoshop = jpg_group(j, JPG_PHOTOSHOP);
	int rc = check_trailer(j, err);

	if (rc == DEID_OK)
		rc = meta_finish(&j->meta, err);
	for (struct jpg_group *g = j->group; g && rc == DEID_OK; g = g->next)
		if (g->what == JPG_XMP_MORE)
			rc = settle_more(j, g, err);
	for (size_t i = 0; i < j->n && rc == DEID_OK; i++)
		rc = settle_part(j, &j->part[i], err);
	if (rc == DEID_OK && photoshop && !photoshop->damaged && j->conf->meta.acts)
		rc = settle_photoshop(j, photoshop, fresh_iptc(j), err);
	return rc == DEID_OK ? settle_rest(j, err) : rc;
}
