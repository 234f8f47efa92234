/* SPDX-License-Identifier: MIT */
#include "plugins/image/mirror.h"

#include "core/util/grow.h"
#include <string.h>

/*
 * EXIF 2.32 annex, CIPA DC-010 (EXIF in XMP), the Metadata Working Group's guidelines and IPTC's mapping.
 * What has the tag's own name in XMP (tiff:Make) needs no row.
 */
#define ROW 7
static const char *const table[][ROW] = {
    {"Artist", "XPAuthor", "XMP:dc:creator", "XMP:tiff:Artist", "IPTC:By-line"},
    {"ImageDescription", "XPComment", "XMP:dc:description", "XMP:tiff:ImageDescription",
	"IPTC:Caption-Abstract"},
    {"Copyright", "XMP:dc:rights", "XMP:tiff:Copyright", "IPTC:CopyrightNotice"},
    {"XPTitle", "XMP:dc:title", "IPTC:ObjectName"},
    {"XPKeywords", "XMP:dc:subject", "IPTC:Keywords", "XMP:lr:hierarchicalSubject", "XMP:digiKam:TagsList",
	"XMP:MicrosoftPhoto:LastKeywordXMP"},
    {"DateTime", "XMP:xmp:ModifyDate", "XMP:tiff:DateTime", "XMP:xmp:MetadataDate"},
    {"DateTimeOriginal", "XMP:exif:DateTimeOriginal", "XMP:photoshop:DateCreated", "IPTC:DateCreated",
	"IPTC:TimeCreated", "XMP:dc:date"},
    {"DateTimeDigitized", "XMP:xmp:CreateDate", "XMP:exif:DateTimeDigitized", "IPTC:DigitalCreationDate",
	"IPTC:DigitalCreationTime"},
    {"Software", "XMP:xmp:CreatorTool", "XMP:tiff:Software", "IPTC:OriginatingProgram"},
    {"CameraOwnerName", "XMP:exifEX:CameraOwnerName", "XMP:aux:OwnerName", "XMP:xmpRights:Owner"},
    {"BodySerialNumber", "XMP:exifEX:BodySerialNumber", "XMP:aux:SerialNumber"},
    {"LensModel", "XMP:exifEX:LensModel", "XMP:aux:Lens"},
    {"LensSerialNumber", "XMP:exifEX:LensSerialNumber", "XMP:aux:LensSerialNumber"},
    {"XMP:photoshop:City", "IPTC:City"},
    {"XMP:photoshop:State", "IPTC:Province-State"},
    {"XMP:photoshop:Country", "IPTC:Country-PrimaryLocationName"},
    {"XMP:Iptc4xmpCore:CountryCode", "IPTC:Country-PrimaryLocationCode"},
    {"XMP:Iptc4xmpCore:Location", "IPTC:Sub-location"},
    {"XMP:photoshop:Headline", "IPTC:Headline"},
    {"XMP:photoshop:Credit", "IPTC:Credit"},
    {"XMP:photoshop:Source", "IPTC:Source"},
    {"XMP:photoshop:Instructions", "IPTC:SpecialInstructions"},
    {"XMP:photoshop:TransmissionReference", "IPTC:OriginalTransmissionReference"},
    {"XMP:photoshop:CaptionWriter", "IPTC:Writer-Editor"},
    {"XMP:photoshop:AuthorsPosition", "IPTC:By-lineTitle"},
    {"XMP:photoshop:Category", "IPTC:Category"},
    {"XMP:photoshop:SupplementalCategories", "IPTC:SupplementalCategories"},
    {"XMP:photoshop:Urgency", "IPTC:Urgency"},
    {"XMP:Iptc4xmpCore:IntellectualGenre", "IPTC:ObjectAttributeReference"},
    {"XMP:Iptc4xmpCore:SubjectCode", "IPTC:SubjectReference"},
};
#define ROWS (sizeof table / sizeof *table)
_Static_assert(ROWS <= 64, "rows are bits of meta.rows");

static const char *const same_name[] = {"tiff", "exif", "exifEX", "aux"};

/* ---- noting -------------------------------------------------------------------------------------- */

static int note_tag(struct meta *m, const struct tag_info *tag, struct deid_error *err)
{
	const struct tag_info **p;

	for (size_t i = 0; i < m->ntag; i++)
		if (m->tag[i] == tag)
			return DEID_OK;
	p = grow(m->tag, &m->tag_cap, m->ntag + 1, sizeof *p);
	if (!p)
		return m->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the metadata");
	m->tag = p;
	p[m->ntag++] = tag;
	return DEID_OK;
}

/* Whether a row's XMP property is meant by a name with or without prefix. */
static bool names_property(const char *target, struct deid_str prefix, struct deid_str local)
{
	struct deid_str t = str_of(target);
	size_t colon;

	if (!str_prefix(t, "XMP:"))
		return false;
	t = str_sub(t, 4, t.n);
	colon = str_find(t, ':', 0);
	return str_caseeq(str_sub(t, colon + 1, t.n), local) &&
	       (!prefix.n || str_caseeq(str_sub(t, 0, colon), prefix));
}

static void note_row(struct meta *m, enum meta_space space, struct deid_str prefix, struct deid_str name)
{
	for (size_t i = 0; i < ROWS; i++)
		for (size_t k = 0; k < ROW && table[i][k]; k++) {
			const char *t = table[i][k];
			bool hit = space == META_XMP    ? names_property(t, prefix, name)
				   : space == META_IPTC ? str_eqz(name, t)
							: str_eqz(name, t);

			if (hit)
				m->rows |= (uint64_t)1 << i;
		}
}

static int note_exif(struct meta *m, const struct tag_info *tag, struct deid_error *err)
{
	if (!tag)
		return DEID_OK;
	note_row(m, META_EXIF, (struct deid_str){NULL, 0}, str_of(tag->name));
	return note_tag(m, tag, err);
}

static int note_xmp(struct meta *m, struct deid_str prefix, struct deid_str local, struct deid_error *err)
{
	const struct tag_info *tag = NULL;

	note_row(m, META_XMP, prefix, local);
	for (size_t i = 0; i < sizeof same_name / sizeof *same_name; i++)
		if (!prefix.n || str_caseeq(prefix, str_of(same_name[i])))
			tag = tag_by_name(local);
	return tag ? note_tag(m, tag, err) : DEID_OK;
}

int mirror_note_field(
    struct meta *m, const struct meta_block *b, const struct deid_field *f, struct deid_error *err)
{
	struct deid_str name, prefix;
	size_t colon;

	if (b->space == META_EXIF) {
		m->touched = true;
		return note_exif(m, ifd_field_name(b->exif, f).info, err);
	}
	if (b->space == META_IPTC) {
		note_row(m, META_IPTC, (struct deid_str){NULL, 0}, f->name);
		return DEID_OK;
	}
	name = str_sub(f->name, 4, f->name.n);
	name = str_sub(name, 0, str_find(name, '/', 0));
	colon = str_find(name, ':', 0);
	prefix = colon < name.n ? str_sub(name, 0, colon) : (struct deid_str){NULL, 0};
	return note_xmp(m, prefix, colon < name.n ? str_sub(name, colon + 1, name.n) : name, err);
}

/* A property that an entry names is not left in a mirror, where the field itself is missing. */
static int note_entry(struct meta *m, const struct meta_path *p, struct deid_error *err)
{
	struct iptc_name iptc;

	if (p->space == META_EXIF)
		return note_exif(m, p->exif.info, err);
	if (p->space == META_XMP)
		return note_xmp(m, p->xmp.step[0].prefix, p->xmp.step[0].local, err);
	for (size_t i = 0; i < ROWS; i++)
		for (size_t k = 0; k < ROW && table[i][k]; k++)
			if (strncmp(table[i][k], "IPTC:", 5) == 0 &&
			    iptc_name_parse(str_of(table[i][k] + 5), &iptc) &&
			    iptc.record == p->iptc.record && iptc.dataset == p->iptc.dataset)
				m->rows |= (uint64_t)1 << i;
	return DEID_OK;
}

/* ---- taking out ---------------------------------------------------------------------------------- */

static bool path_names(const struct meta_path *p, const struct meta_block *b, const struct deid_field *f)
{
	if (p->space != b->space || p->whole)
		return false;
	if (p->space == META_EXIF) {
		struct ifd_name n = ifd_field_name(b->exif, f);

		return n.tag == p->exif.tag && n.set == p->exif.set;
	}
	if (p->space == META_XMP)
		return xmp_names(b->xmp, &p->xmp, f);
	return iptc_field_name(f).record == p->iptc.record && iptc_field_name(f).dataset == p->iptc.dataset;
}

static int named(
    struct meta *m, const struct meta_block *b, const struct deid_field *f, bool *hit, struct deid_error *err)
{
	const struct meta_conf *c = m->conf;

	*hit = false;
	for (size_t i = 0; i < c->nentry && !*hit; i++) {
		const struct deid_entry *e = &c->entry[i];

		if (e->flags & DEID_ENTRY_QUERY)
			continue;
		if (e->path)
			*hit = path_names(e->path, b, f);
		else if (m->host->names(m->job, e->id, f, hit, err) != DEID_OK)
			return DEID_FAILED;
	}
	return DEID_OK;
}

static int take_out(void *arg, const struct deid_field *f, struct deid_error *err)
{
	struct meta *m = arg;
	struct meta_block *b = (struct meta_block *)f->h[0];
	bool hit;

	if (named(m, b, f, &hit, err) != DEID_OK)
		return DEID_FAILED;
	if (hit)
		return DEID_OK;
	m->host->log(
	    m->job, DEID_LOG_DEBUG, "%.*s goes: it mirrors what was changed", (int)f->name.n, f->name.p);
	if (b->space == META_EXIF) {
		m->touched = true;
		return ifd_remove(b->exif, f, err);
	}
	return b->space == META_XMP ? xmp_remove(b->xmp, f, err) : iptc_remove(b->iptc, f, err);
}

static int drop_target(struct meta *m, const char *text, struct deid_error *err)
{
	struct meta_path p = {.space = META_NONE};

	return meta_path_parse(str_of(text), false, &p) ? meta_find(m, &p, take_out, m, err) : DEID_OK;
}

static int drop_tag(struct meta *m, const struct tag_info *tag, struct deid_error *err)
{
	struct meta_path p = {.space = META_XMP};
	struct meta_path exif = {.space = META_EXIF};
	int rc = DEID_OK;

	p.xmp.n = 1;
	p.xmp.step[0].local = str_of(tag->name);
	for (size_t i = 0; i < sizeof same_name / sizeof *same_name && rc == DEID_OK; i++) {
		p.xmp.step[0].prefix = str_of(same_name[i]);
		rc = meta_find(m, &p, take_out, m, err);
	}
	/* Orientation and the like are structure: they stay. */
	if (rc == DEID_OK && !(tag->flags & (TAG_F_STRUCTURE | TAG_F_POINTER | TAG_F_SHOW)) &&
	    ifd_name_parse(str_of(tag->name), &exif.exif))
		rc = meta_find(m, &exif, take_out, m, err);
	return rc;
}

static int count(void *arg, const struct deid_field *f, struct deid_error *err)
{
	struct meta *m = arg;
	bool hit;

	if (named(m, (struct meta_block *)f->h[0], f, &hit, err) != DEID_OK)
		return DEID_FAILED;
	if (!hit)
		m->host->warn(
		    m->job, f->name, "it may repeat what was changed: name it, to remove or to keep it");
	return DEID_OK;
}

int mirror_apply(struct meta *m, struct deid_error *err)
{
	const struct meta_conf *c = m->conf;
	struct meta_path note = {.space = META_EXIF};
	int rc = DEID_OK;

	for (size_t i = 0; i < c->nentry && rc == DEID_OK; i++) {
		const struct meta_path *p = c->entry[i].path;

		if (p && p->space != META_NONE && !p->whole && meta_entry_acts(&c->entry[i]))
			rc = note_entry(m, p, err);
	}
	for (size_t i = 0; i < ROWS && rc == DEID_OK; i++)
		for (size_t k = 0; k < ROW && table[i][k] && m->rows >> i & 1 && rc == DEID_OK; k++)
			rc = drop_target(m, table[i][k], err);
	for (size_t i = 0; i < m->ntag && rc == DEID_OK; i++)
		rc = drop_tag(m, m->tag[i], err);
	if (rc == DEID_OK && m->touched && ifd_name_parse(STR("MakerNote"), &note.exif))
		rc = meta_find(m, &note, count, m, err);
	return rc;
}
