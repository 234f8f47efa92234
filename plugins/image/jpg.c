/* SPDX-License-Identifier: MIT */
#include "plugins/image/jpg.h"

#include "core/util/utf8.h"
#include "plugins/image/plugin.h"
#include <stdlib.h>
#include <string.h>

/* ---- names --------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum jpg_what what;
} whats[] = {
    {"JFIF", JPG_JFIF},
    {"JFXX", JPG_JFXX},
    {"Adobe", JPG_ADOBE},
    {"ICC_Profile", JPG_ICC},
    {"Photoshop", JPG_PHOTOSHOP},
    {"MPF", JPG_MPF},
    {"FlashPix", JPG_FLASHPIX},
};

static bool number_after(struct deid_str text, const char *prefix, unsigned max, unsigned *out)
{
	size_t n = strlen(prefix);
	unsigned v = 0;
	bool hex;

	if (text.n <= n || !str_caseeq(str_sub(text, 0, n), str_of(prefix)))
		return false;
	text = str_sub(text, n, text.n);
	hex = text.n > 2 && text.p[0] == '0' && (text.p[1] | 0x20) == 'x';
	for (size_t i = hex ? 2 : 0; i < text.n; i++) {
		char c = (char)(text.p[i] | (text.p[i] >= 'A' ? 0x20 : 0));
		unsigned d = c >= '0' && c <= '9'          ? (unsigned)(c - '0')
			     : hex && c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
							   : 99;

		if (d == 99 || v > 0xFFFF)
			return false;
		v = v * (hex ? 16 : 10) + d;
	}
	*out = v;
	return v <= max;
}

static bool parse_name(struct jpg_path *p)
{
	struct deid_str text = p->meta.text;

	if (str_caseeq(text, STR("Comment"))) {
		p->kind = JPG_NAME_COMMENT;
		return true;
	}
	if (str_caseeq(text, STR("Trailer"))) {
		p->kind = JPG_NAME_TRAILER;
		return true;
	}
	for (size_t i = 0; i < sizeof whats / sizeof *whats; i++)
		if (str_caseeq(text, str_of(whats[i].name))) {
			p->kind = JPG_NAME_WHAT;
			p->n = whats[i].what;
			return true;
		}
	p->kind = JPG_NAME_APP;
	if (number_after(text, "APP", 15, &p->n))
		return true;
	p->kind = JPG_NAME_RESOURCE;
	if (number_after(text, "Photoshop:", 0xFFFF, &p->n))
		return p->n != RESOURCE_IPTC;
	p->kind = JPG_NAME_META;
	return meta_path_parse(text, false, &p->meta);
}

static void path_free(void *path)
{
	struct jpg_path *p = path;

	if (p)
		free(p->meta.place);
	free(p);
}

static int path_new(void *conf, struct deid_str text, const struct deid_node *node, void **out,
    struct deid_path_info *info, struct deid_error *err)
{
	const struct jpg_conf *c = conf;
	const struct deid_host *h = c->meta.host;
	struct jpg_path *p = calloc(1, sizeof *p);

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
		    "'%.*s' is no name in jpg: an EXIF tag, XMP:…, IPTC:…, Comment, APPn, Trailer …",
		    (int)text.n, text.p);
		path_free(p);
		return DEID_FAILED;
	}
	info->kind = p->kind == JPG_NAME_COMMENT ? -1 : (int)DEID_BYTES;
	info->flags = p->kind == JPG_NAME_COMMENT ? DEID_PATH_CREATE : DEID_PATH_WILD;
	if (p->kind == JPG_NAME_META)
		meta_path_info(&p->meta, info);
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
    META_SETTING("remove-comments", "take out comments"),
    META_SETTING("remove-trailer", "take out what is behind the image: further pictures, films"),
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_MAPS,
	.key = "mask",
	.sub = mask_keys,
	.help = "boxes of pixels to blacken"},
    {.size = sizeof(struct deid_setting)},
};

static void conf_free(void *conf)
{
	struct jpg_conf *c = conf;

	for (size_t i = 0; c && i < c->nmask; i++)
		region_mask_free(&c->mask[i]);
	if (c)
		free(c->mask);
	free(c);
}

static int read_masks(struct jpg_conf *c, struct deid_error *err)
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
	/* A thumbnail shows what the mask hides, and so does what is behind the image. */
	c->meta.thumbnail |= n > 0;
	c->meta.acts |= n > 0;
	return DEID_OK;
}

static int conf_new(
    const struct deid_host *host, const struct deid_node *section, void **out, struct deid_error *err)
{
	struct jpg_conf *c = calloc(1, sizeof *c);

	if (!c)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	c->meta.host = host;
	c->meta.section = section;
	if (section) {
		meta_read_settings(&c->meta);
		c->comments = host->node_bool(host->node_get(section, "remove-comments"));
		c->trailer = host->node_bool(host->node_get(section, "remove-trailer"));
		c->meta.acts |= c->comments || c->trailer;
		if (read_masks(c, err) != DEID_OK) {
			conf_free(c);
			return DEID_FAILED;
		}
	}
	*out = c;
	return DEID_OK;
}

static int seal(void *conf, const struct deid_entry *entry, size_t n, struct deid_error *err)
{
	struct jpg_conf *c = conf;
	int rc = meta_seal(&c->meta, entry, n, err);

	for (size_t i = 0; i < n; i++) {
		const struct jpg_path *p = entry[i].path;

		if (!p || entry[i].flags & DEID_ENTRY_QUERY)
			continue;
		c->keep_trailer |= p->kind == JPG_NAME_TRAILER && !c->nmask;
		if (meta_entry_acts(&entry[i]) && strcmp(entry[i].action, "remove") != 0 &&
		    p->kind != JPG_NAME_META && p->kind != JPG_NAME_COMMENT)
			rc = c->meta.host->complain(err, entry[i].node, "'%.*s' can be removed, and kept",
			    (int)entry[i].text.n, entry[i].text.p);
	}
	return rc;
}

static int claim(const struct deid_host *host, struct deid_source *src, int *score, struct deid_error *err)
{
	const void *p;
	size_t n;

	*score = DEID_CLAIM_NO;
	if (host->src_peek(src, 0, 3, &p, &n, err) != DEID_OK)
		return DEID_FAILED;
	if (n == 3 && memcmp(p, "\xFF\xD8\xFF", 3) == 0)
		*score = DEID_CLAIM_MAGIC;
	return DEID_OK;
}

/* ---- reading ------------------------------------------------------------------------------------- */

static void jpg_close(void *rec)
{
	struct jpg *j = rec;

	meta_free(&j->meta);
}

static int jpg_open(
    struct deid_job *job, void *conf, struct deid_source *src, void **rec, struct deid_error *err)
{
	const struct jpg_conf *c = conf;
	struct jpg *j = c->meta.host->alloc(job, sizeof *j);
	int rc;

	*rec = NULL;
	if (!j)
		return c->meta.host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the file");
	*j = (struct jpg){.host = c->meta.host, .job = job, .conf = c, .src = src};
	meta_init(&j->meta, job, &c->meta);
	rc = jpg_walk(j, err);
	if (rc == DEID_OK)
		rc = jpg_assemble(j, err);
	if (rc == DEID_OK)
		rc = jpg_prepare(j, err);
	if (rc == DEID_OK)
		*rec = j;
	else
		jpg_close(j);
	return rc;
}

/* ---- fields -------------------------------------------------------------------------------------- */

/* h[1] of a field of our own: its sort, and its rank among them. */
enum { OWN_PART, OWN_RESOURCE, OWN_TRAILER, OWN_COMMENT, OWN_SORTS };
#define OWN(sort, i) ((i)*OWN_SORTS + (sort))

static struct deid_str part_name(const struct jpg *j, const struct jpg_part *p)
{
	static const char apps[16][6] = {"APP0", "APP1", "APP2", "APP3", "APP4", "APP5", "APP6", "APP7",
	    "APP8", "APP9", "APP10", "APP11", "APP12", "APP13", "APP14", "APP15"};

	(void)j;
	if (p->what == JPG_COMMENT)
		return STR("Comment");
	for (size_t i = 0; i < sizeof whats / sizeof *whats; i++)
		if (whats[i].what == p->what)
			return str_of(whats[i].name);
	return str_of(apps[p->marker & 15]);
}

static int visit_part(struct jpg *j, size_t i, deid_visit *visit, void *arg, struct deid_error *err)
{
	const struct jpg_part *p = &j->part[i];
	struct deid_field f = {.size = sizeof f,
	    .kind = p->what == JPG_COMMENT ? DEID_TEXT : DEID_BYTES,
	    .h = {0, OWN(OWN_PART, i)},
	    .name = part_name(j, p)};

	return visit(arg, &f, err);
}

static int visit_resource(struct jpg *j, size_t i, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct deid_field f = {.size = sizeof f, .kind = DEID_BYTES, .h = {0, OWN(OWN_RESOURCE, i)}};
	struct buf b = {0};

	if (buf_printf(&b, "Photoshop:0x%04X", j->resource[i].id))
		f.name = j->host->dup(j->job, buf_view(&b));
	buf_free(&b);
	return f.name.p ? visit(arg, &f, err)
			: j->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a name");
}

static int visit_own(
    struct jpg *j, int sort, const char *name, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct deid_field f = {.size = sizeof f,
	    .kind = sort == OWN_COMMENT ? DEID_TEXT : DEID_BYTES,
	    .h = {0, OWN((size_t)sort, 0)},
	    .name = str_of(name)};
	bool there = sort == OWN_COMMENT ? j->comment.p != NULL : j->end < j->size && !j->drop_trailer;

	return there ? visit(arg, &f, err) : DEID_OK;
}

static bool part_fits(const struct jpg_part *p, const struct jpg_path *path)
{
	if (p->removed || (p->group && p->group->removed))
		return false;
	if (path->kind == JPG_NAME_COMMENT)
		return p->what == JPG_COMMENT;
	if (path->kind == JPG_NAME_APP)
		return p->marker == JPG_APP0 + path->n;
	return path->kind == JPG_NAME_WHAT && p->what == (enum jpg_what)path->n;
}

static int jpg_find(void *rec, const void *name, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct jpg *j = rec;
	const struct jpg_path *path = name;
	int rc = DEID_OK;

	if (path->kind == JPG_NAME_META)
		return meta_find(&j->meta, &path->meta, visit, arg, err);
	if (path->kind == JPG_NAME_TRAILER)
		return visit_own(j, OWN_TRAILER, "Trailer", visit, arg, err);
	for (size_t i = 0; i < j->n && rc == DEID_OK; i++)
		if (part_fits(&j->part[i], path))
			rc = visit_part(j, i, visit, arg, err);
	for (size_t i = 0; i < j->nresource && rc == DEID_OK; i++)
		if (path->kind == JPG_NAME_RESOURCE && j->resource[i].id == path->n &&
		    !j->resource[i].removed)
			rc = visit_resource(j, i, visit, arg, err);
	if (rc == DEID_OK && path->kind == JPG_NAME_COMMENT)
		rc = visit_own(j, OWN_COMMENT, "Comment", visit, arg, err);
	return rc;
}

/* An expression does not reach what the image needs, nor a segment of which it reaches what is in it. */
static bool is_listed(const struct jpg *j, const struct jpg_part *p)
{
	if (p->removed || (p->group && (p->group->removed || p->group->first != p)))
		return false;
	if (p->what == JPG_JFIF || p->what == JPG_ADOBE || p->what == JPG_ICC)
		return !j->conf->meta.section;
	return !p->block && !p->group;
}

static int jpg_each(void *rec, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct jpg *j = rec;
	int rc = DEID_OK;

	for (size_t i = 0; i < j->n && rc == DEID_OK; i++)
		if (is_listed(j, &j->part[i]))
			rc = visit_part(j, i, visit, arg, err);
	if (rc == DEID_OK)
		rc = meta_each(&j->meta, visit, arg, err);
	for (size_t i = 0; i < j->nresource && rc == DEID_OK; i++)
		if (!j->resource[i].removed && !j->resource[i].block)
			rc = visit_resource(j, i, visit, arg, err);
	if (rc == DEID_OK)
		rc = visit_own(j, OWN_COMMENT, "Comment", visit, arg, err);
	return rc == DEID_OK ? visit_own(j, OWN_TRAILER, "Trailer", visit, arg, err) : rc;
}

/* Comments have no character set: UTF-8, where it can be that, else Latin-1. Some end with a NUL. */
static int decode_comment(struct jpg *j, struct deid_str s, struct deid_str *out, struct deid_error *err)
{
	size_t n = 0;
	char *b;

	while (s.n && !s.p[s.n - 1])
		s.n--;
	*out = s;
	if (utf8_valid(s))
		return DEID_OK;
	b = j->host->alloc(j->job, 2 * s.n);
	if (!b)
		return j->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a comment");
	for (size_t i = 0; i < s.n; i++)
		n += utf8_put(b + n, (uint8_t)s.p[i]);
	*out = (struct deid_str){b, n};
	return DEID_OK;
}

static int get_own(struct jpg *j, const struct deid_field *f, struct deid_str *one, struct deid_error *err)
{
	size_t i = f->h[1] / OWN_SORTS;

	switch (f->h[1] % OWN_SORTS) {
	case OWN_PART:
		if (jpg_load(j, &j->part[i], err) != DEID_OK)
			return DEID_FAILED;
		*one = j->part[i].data;
		return j->part[i].what == JPG_COMMENT ? decode_comment(j, *one, one, err) : DEID_OK;
	case OWN_RESOURCE:
		*one = j->resource[i].data;
		return DEID_OK;
	case OWN_COMMENT:
		*one = j->comment;
		return DEID_OK;
	default:
		return DEID_OK;
	}
}

static int jpg_get(void *rec, const struct deid_field *f, struct deid_value *v, struct deid_error *err)
{
	struct jpg *j = rec;
	struct deid_str *one;
	int rc;

	if (META_IS_OURS(f))
		return meta_get(&j->meta, f, v, err);
	one = j->host->scratch(j->job, sizeof *one);
	if (!one)
		return j->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a value");
	*one = (struct deid_str){"", 0};
	rc = get_own(j, f, one, err);
	*v = (struct deid_value){.size = sizeof *v,
	    .flags = f->kind == DEID_TEXT ? DEID_V_FREE : 0,
	    .kind = f->kind,
	    .lo = 1,
	    .v = one,
	    .n = one->n > 0};
	return rc;
}

static int make_comment(
    struct jpg *j, const struct deid_value *v, struct deid_str *out, struct deid_error *err)
{
	struct deid_str text = v->n ? v->v[0] : (struct deid_str){"", 0};

	if (v->n > 1 || v->kind == DEID_TREE)
		return j->host->fail(err, DEID_FAILED, DEID_E_VALUE, "a comment is one text");
	if (text.n > JPG_BODY_MAX)
		return j->host->fail(err, DEID_FAILED, DEID_E_VALUE, "a comment that no segment can hold");
	*out = j->host->dup(j->job, text);
	return out->p ? DEID_OK : j->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a comment");
}

static int jpg_set(void *rec, const struct deid_field *f, const struct deid_value *v, struct deid_error *err)
{
	struct jpg *j = rec;
	size_t sort = f->h[1] % OWN_SORTS, i = f->h[1] / OWN_SORTS;

	if (META_IS_OURS(f))
		return meta_set(&j->meta, f, v, err);
	if (sort == OWN_COMMENT)
		return make_comment(j, v, &j->comment, err);
	if (sort != OWN_PART || j->part[i].what != JPG_COMMENT)
		return j->host->fail(err, DEID_FAILED, DEID_E_FIELD, "it can only be removed");
	j->part[i].changed = true;
	return make_comment(j, v, &j->part[i].data, err);
}

static void remove_part(struct jpg *j, struct jpg_part *p)
{
	p->removed = true;
	if (p->block)
		p->block->removed = true;
	if (!p->group)
		return;
	p->group->removed = true;
	if (p->group->block)
		p->group->block->removed = true;
	for (size_t i = 0; i < j->n; i++)
		if (j->part[i].group == p->group)
			j->part[i].removed = true;
	for (size_t i = 0; i < j->nresource && p->group->what == JPG_PHOTOSHOP; i++) {
		j->resource[i].removed = true;
		if (j->resource[i].block)
			j->resource[i].block->removed = true;
	}
}

static int jpg_remove(void *rec, const struct deid_field *f, struct deid_error *err)
{
	struct jpg *j = rec;
	size_t i = f->h[1] / OWN_SORTS;

	if (META_IS_OURS(f))
		return meta_remove(&j->meta, f, err);
	switch (f->h[1] % OWN_SORTS) {
	case OWN_PART:
		remove_part(j, &j->part[i]);
		break;
	case OWN_RESOURCE:
		j->resource[i].removed = true;
		break;
	case OWN_TRAILER:
		j->drop_trailer = true;
		break;
	default:
		j->comment.p = NULL;
	}
	return DEID_OK;
}

static int jpg_add(void *rec, const void *name, const struct deid_value *v, struct deid_error *err)
{
	struct jpg *j = rec;
	const struct jpg_path *path = name;

	if (path->kind == JPG_NAME_META)
		return meta_add(&j->meta, &path->meta, v, err);
	return make_comment(j, v, &j->comment, err);
}

static const char *const filters[] = {"*.jpg", "*.jpeg", "*.JPG", "*.JPEG", NULL};
static const struct deid_default defaults[] = {{"datetime-format", "%Y:%m:%d %H:%M:%S"}, {NULL, NULL}};

const struct deid_format jpg_format = {
    .size = sizeof jpg_format,
    .section = "jpg",
    .summary = "JPEG images, as JFIF and EXIF have them",
    .mark = "the SOI marker of JPEG",
    .filters = filters,
    .settings = settings,
    .defaults = defaults,
    .claim = claim,
    .conf_new = conf_new,
    .conf_free = conf_free,
    .path_new = path_new,
    .path_free = path_free,
    .seal = seal,
    .open = jpg_open,
    .find = jpg_find,
    .each = jpg_each,
    .get = jpg_get,
    .set = jpg_set,
    .remove = jpg_remove,
    .add = jpg_add,
    .finish = jpg_finish,
    .write = jpg_write,
    .close = jpg_close,
};
