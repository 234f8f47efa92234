/* SPDX-License-Identifier: MIT */
#include "plugins/image/iptc.h"

#include "core/util/bytes.h"
#include "core/util/utf8.h"
#include <string.h>

#define TAG_MARK 0x1C

/* IIM 4.2, records 1 and 2; `max` in bytes there. */
static const struct info {
	uint8_t record, dataset, kind;
	uint16_t max;
	const char *name;
} table[] = {
    {1, 0, DEID_BYTES, 2, "EnvelopeRecordVersion"},
    {1, 5, DEID_TEXT, 1024, "Destination"},
    {1, 20, DEID_BYTES, 2, "FileFormat"},
    {1, 22, DEID_BYTES, 2, "FileVersion"},
    {1, 30, DEID_TEXT, 10, "ServiceIdentifier"},
    {1, 40, DEID_TEXT, 8, "EnvelopeNumber"},
    {1, 50, DEID_TEXT, 32, "ProductID"},
    {1, 60, DEID_TEXT, 1, "EnvelopePriority"},
    {1, 70, DEID_DATE, 8, "DateSent"},
    {1, 80, DEID_TIME, 11, "TimeSent"},
    {1, 90, DEID_BYTES, 32, "CodedCharacterSet"},
    {1, 100, DEID_TEXT, 80, "UniqueObjectName"},
    {2, 0, DEID_BYTES, 2, "ApplicationRecordVersion"},
    {2, 3, DEID_TEXT, 67, "ObjectTypeReference"},
    {2, 4, DEID_TEXT, 68, "ObjectAttributeReference"},
    {2, 5, DEID_TEXT, 64, "ObjectName"},
    {2, 7, DEID_TEXT, 64, "EditStatus"},
    {2, 8, DEID_TEXT, 2, "EditorialUpdate"},
    {2, 10, DEID_TEXT, 1, "Urgency"},
    {2, 12, DEID_TEXT, 236, "SubjectReference"},
    {2, 15, DEID_TEXT, 3, "Category"},
    {2, 20, DEID_TEXT, 32, "SupplementalCategories"},
    {2, 22, DEID_TEXT, 32, "FixtureIdentifier"},
    {2, 25, DEID_TEXT, 64, "Keywords"},
    {2, 26, DEID_TEXT, 3, "ContentLocationCode"},
    {2, 27, DEID_TEXT, 64, "ContentLocationName"},
    {2, 30, DEID_DATE, 8, "ReleaseDate"},
    {2, 35, DEID_TIME, 11, "ReleaseTime"},
    {2, 37, DEID_DATE, 8, "ExpirationDate"},
    {2, 38, DEID_TIME, 11, "ExpirationTime"},
    {2, 40, DEID_TEXT, 256, "SpecialInstructions"},
    {2, 42, DEID_TEXT, 2, "ActionAdvised"},
    {2, 45, DEID_TEXT, 10, "ReferenceService"},
    {2, 47, DEID_DATE, 8, "ReferenceDate"},
    {2, 50, DEID_TEXT, 8, "ReferenceNumber"},
    {2, 55, DEID_DATE, 8, "DateCreated"},
    {2, 60, DEID_TIME, 11, "TimeCreated"},
    {2, 62, DEID_DATE, 8, "DigitalCreationDate"},
    {2, 63, DEID_TIME, 11, "DigitalCreationTime"},
    {2, 65, DEID_TEXT, 32, "OriginatingProgram"},
    {2, 70, DEID_TEXT, 10, "ProgramVersion"},
    {2, 75, DEID_TEXT, 1, "ObjectCycle"},
    {2, 80, DEID_TEXT, 32, "By-line"},
    {2, 85, DEID_TEXT, 32, "By-lineTitle"},
    {2, 90, DEID_TEXT, 32, "City"},
    {2, 92, DEID_TEXT, 32, "Sub-location"},
    {2, 95, DEID_TEXT, 32, "Province-State"},
    {2, 100, DEID_TEXT, 3, "Country-PrimaryLocationCode"},
    {2, 101, DEID_TEXT, 64, "Country-PrimaryLocationName"},
    {2, 103, DEID_TEXT, 32, "OriginalTransmissionReference"},
    {2, 105, DEID_TEXT, 256, "Headline"},
    {2, 110, DEID_TEXT, 32, "Credit"},
    {2, 115, DEID_TEXT, 32, "Source"},
    {2, 116, DEID_TEXT, 128, "CopyrightNotice"},
    {2, 118, DEID_TEXT, 128, "Contact"},
    {2, 120, DEID_TEXT, 2000, "Caption-Abstract"},
    {2, 121, DEID_TEXT, 32, "LocalCaption"},
    {2, 122, DEID_TEXT, 32, "Writer-Editor"},
    {2, 125, DEID_BYTES, 7360, "RasterizedCaption"},
    {2, 130, DEID_TEXT, 2, "ImageType"},
    {2, 131, DEID_TEXT, 1, "ImageOrientation"},
    {2, 135, DEID_TEXT, 3, "LanguageIdentifier"},
    {2, 150, DEID_TEXT, 2, "AudioType"},
    {2, 200, DEID_BYTES, 2, "ObjectPreviewFileFormat"},
    {2, 201, DEID_BYTES, 2, "ObjectPreviewFileVersion"},
    {2, 202, DEID_BYTES, 0, "ObjectPreviewData"},
    {2, 221, DEID_TEXT, 0, "Prefs"},
    {2, 230, DEID_TEXT, 0, "DocumentNotes"},
    {2, 231, DEID_TEXT, 0, "DocumentHistory"},
};

struct dataset {
	struct iptc_name name;
	bool removed, changed;
	struct deid_str data;
	struct dataset *next;
	size_t start, end; /* of it in the input; both 0: it is new */
};

struct iptc {
	const struct deid_host *host;
	struct deid_job *job;
	struct deid_str bytes;
	struct dataset *first, **last;
	size_t tail; /* where padding begins */
	bool utf8, changed;
};

/* ---- names --------------------------------------------------------------------------------------- */

static const struct info *info_of(struct iptc_name n)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].record == n.record && table[i].dataset == n.dataset)
			return &table[i];
	return NULL;
}

/* Letters without regard to case, and without hyphens. */
static bool alike(struct deid_str a, const char *b)
{
	size_t i = 0;

	for (;; i++, b++) {
		while (i < a.n && (a.p[i] == '-' || a.p[i] == '/'))
			i++;
		while (*b == '-')
			b++;
		if (i == a.n || !*b)
			return i == a.n && !*b;
		if ((a.p[i] | 0x20) != (*b | 0x20))
			return false;
	}
}

bool iptc_name_parse(struct deid_str text, struct iptc_name *out)
{
	size_t colon = str_find(text, ':', 0);
	uint64_t record, dataset;

	if (colon < text.n && str_u64(str_sub(text, 0, colon), &record) &&
	    str_u64(str_sub(text, colon + 1, text.n), &dataset)) {
		*out = (struct iptc_name){(uint8_t)record, (uint8_t)dataset};
		return record >= 1 && record <= 9 && dataset <= 255;
	}
	for (size_t i = 0; i < sizeof table / sizeof *table && text.n; i++)
		if (alike(text, table[i].name)) {
			*out = (struct iptc_name){table[i].record, table[i].dataset};
			return true;
		}
	return false;
}

static enum deid_kind kind_of(struct iptc_name n)
{
	const struct info *info = info_of(n);

	return info ? (enum deid_kind)info->kind : n.record == 2 ? DEID_TEXT : DEID_BYTES;
}

int iptc_name_kind(struct iptc_name n)
{
	return kind_of(n) == DEID_BYTES ? (int)DEID_BYTES : -1;
}

static struct deid_str name_of(struct iptc *t, struct iptc_name n)
{
	const struct info *info = info_of(n);
	struct buf b = {0};
	struct deid_str name = {NULL, 0};

	if (info ? buf_printf(&b, "IPTC:%s", info->name) : buf_printf(&b, "IPTC:%u:%u", n.record, n.dataset))
		name = t->host->dup(t->job, buf_view(&b));
	buf_free(&b);
	return name;
}

/* ---- reading ------------------------------------------------------------------------------------- */

static int nomem(const struct iptc *t, struct deid_error *err)
{
	return t->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the IPTC records");
}

static int damaged(const struct iptc *t, struct deid_error *err)
{
	return t->host->fail(err, DEID_FAILED, DEID_E_FORMAT, "the IPTC records are damaged");
}

static struct dataset *append(struct iptc *t, struct iptc_name name)
{
	struct dataset *d = t->host->alloc(t->job, sizeof *d);

	if (!d)
		return NULL;
	*d = (struct dataset){.name = name};
	*t->last = d;
	t->last = &d->next;
	return d;
}

/* IIM 1.6: a length with its highest bit set counts the bytes of the real one. */
static bool read_length(struct deid_str s, size_t *pos, size_t *len)
{
	size_t n = get_be16(s.p + *pos);

	*pos += 2;
	*len = n;
	if (!(n & 0x8000))
		return true;
	n &= 0x7FFF;
	*len = 0;
	if (n > 4 || n > s.n - *pos)
		return false;
	while (n-- > 0)
		*len = *len << 8 | (uint8_t)s.p[(*pos)++];
	return true;
}

static bool zeros(struct deid_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i])
			return false;
	return true;
}

static int read_all(struct iptc *t, struct deid_error *err)
{
	struct deid_str s = t->bytes;
	size_t pos = 0;

	while (s.n - pos >= 5 && s.p[pos] == TAG_MARK) {
		struct iptc_name name = {(uint8_t)s.p[pos + 1], (uint8_t)s.p[pos + 2]};
		size_t start = pos, len;
		struct dataset *d;

		pos += 3;
		if (!read_length(s, &pos, &len) || len > s.n - pos)
			return damaged(t, err);
		d = append(t, name);
		if (!d)
			return nomem(t, err);
		d->start = start;
		d->data = str_sub(s, pos, len);
		d->end = pos += len;
		if (name.record == 1 && name.dataset == 90)
			t->utf8 = len == 3 && memcmp(d->data.p, "\x1B%G", 3) == 0;
	}
	t->tail = pos;
	return zeros(str_sub(s, pos, s.n)) ? DEID_OK : damaged(t, err);
}

int iptc_open(const struct deid_host *host, struct deid_job *job, struct deid_str bytes, struct iptc **out,
    struct deid_error *err)
{
	struct iptc *t = host->alloc(job, sizeof *t);

	*out = NULL;
	if (!t)
		return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the IPTC records");
	*t = (struct iptc){.host = host, .job = job, .bytes = bytes, .last = &t->first};
	if (read_all(t, err) != DEID_OK)
		return DEID_FAILED;
	*out = t;
	return DEID_OK;
}

/* ---- fields -------------------------------------------------------------------------------------- */

static int visit_one(
    struct iptc *t, struct dataset *d, uintptr_t mark, deid_visit *visit, void *arg, struct deid_error *err)
{
	struct deid_field f = {.size = sizeof f,
	    .kind = kind_of(d->name),
	    .h = {mark, (uintptr_t)d},
	    .name = name_of(t, d->name)};

	return f.name.p ? visit(arg, &f, err) : nomem(t, err);
}

int iptc_find(struct iptc *t, struct iptc_name name, uintptr_t mark, deid_visit *visit, void *arg,
    struct deid_error *err)
{
	int rc = DEID_OK;

	for (struct dataset *d = t->first; d && rc == DEID_OK; d = d->next)
		if (!d->removed && d->name.record == name.record && d->name.dataset == name.dataset)
			rc = visit_one(t, d, mark, visit, arg, err);
	return rc;
}

int iptc_each(struct iptc *t, uintptr_t mark, deid_visit *visit, void *arg, struct deid_error *err)
{
	int rc = DEID_OK;

	for (struct dataset *d = t->first; d && rc == DEID_OK; d = d->next)
		if (!d->removed)
			rc = visit_one(t, d, mark, visit, arg, err);
	return rc;
}

static struct dataset *of(const struct deid_field *f)
{
	return (struct dataset *)f->h[1];
}

/* Text without a declared character set: ASCII mostly, UTF-8 often, Latin-1 else. */
static bool decode(const struct iptc *t, struct deid_str in, struct buf *out)
{
	bool utf8 = t->utf8 || utf8_valid(in);

	for (size_t i = 0; i < in.n; i++) {
		char c[4];

		if (!(utf8 ? buf_c(out, in.p[i]) : buf_add(out, c, utf8_put(c, (uint8_t)in.p[i]))))
			return false;
	}
	return true;
}

int iptc_get(struct iptc *t, const struct deid_field *f, struct deid_value *v, struct deid_error *err)
{
	const struct info *info = info_of(of(f)->name);
	struct deid_str *one = t->host->scratch(t->job, sizeof *one);
	struct buf b = {0};

	if (!one)
		return nomem(t, err);
	*one = of(f)->data;
	*v = (struct deid_value){.size = sizeof *v, .kind = f->kind, .lo = 1, .v = one, .n = one->n > 0};
	if (f->kind == DEID_BYTES)
		return DEID_OK;
	if (t->utf8 && !utf8_valid(*one))
		return t->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "the text is not the UTF-8 that it should be");
	v->flags = DEID_V_FREE | (f->kind == DEID_TEXT ? 0 : DEID_V_BASIC);
	v->max = info ? info->max : 0;
	if (decode(t, of(f)->data, &b))
		*one = t->host->dup(t->job, buf_view(&b));
	else
		one->p = NULL;
	buf_free(&b);
	return one->p ? DEID_OK : nomem(t, err);
}

static bool encode(bool utf8, struct deid_str in, struct buf *out, bool *fits)
{
	uint32_t cp;
	size_t n;

	*fits = true;
	if (utf8)
		return buf_str(out, in);
	for (size_t i = 0; i < in.n; i += n) {
		n = utf8_next(in, i, &cp);
		if (!n || cp > 0xFF) {
			*fits = false;
			return true;
		}
		if (!buf_c(out, (char)cp))
			return false;
	}
	return true;
}

static int make(struct iptc *t, struct iptc_name name, const struct deid_value *v, struct deid_str *out,
    struct deid_error *err)
{
	const struct info *info = info_of(name);
	struct buf b = {0};
	bool fits = true;
	bool bytes = kind_of(name) == DEID_BYTES;

	if (v->n > 1 || v->kind == DEID_TREE)
		return t->host->fail(err, DEID_FAILED, DEID_E_VALUE, "a dataset of IPTC takes one text");
	if (v->n && !encode(t->utf8 || bytes, v->v[0], &b, &fits)) {
		buf_free(&b);
		return nomem(t, err);
	}
	if (!fits || (info && info->max && b.n > info->max)) {
		buf_free(&b);
		return t->host->fail(err, DEID_FAILED, DEID_E_VALUE,
		    fits ? "the value is longer than the dataset may be"
			 : "the value has characters that the records cannot hold");
	}
	*out = t->host->dup(t->job, buf_view(&b));
	buf_free(&b);
	return out->p ? DEID_OK : nomem(t, err);
}

int iptc_set(struct iptc *t, const struct deid_field *f, const struct deid_value *v, struct deid_error *err)
{
	struct dataset *d = of(f);
	struct deid_str data;

	if (d->name.record == 1 && d->name.dataset == 90)
		return t->host->fail(
		    err, DEID_FAILED, DEID_E_FIELD, "the character set is what the texts are in");
	if (make(t, d->name, v, &data, err) != DEID_OK)
		return DEID_FAILED;
	if (str_eq(d->data, data))
		return DEID_OK;
	d->data = data;
	d->changed = t->changed = true;
	return DEID_OK;
}

int iptc_remove(struct iptc *t, const struct deid_field *f, struct deid_error *err)
{
	(void)err;
	of(f)->removed = t->changed = true;
	return DEID_OK;
}

int iptc_add(struct iptc *t, struct iptc_name name, const struct deid_value *v, struct deid_error *err)
{
	struct deid_str data;
	struct dataset *d;

	if (kind_of(name) == DEID_BYTES)
		return t->host->fail(
		    err, DEID_FAILED, DEID_E_FIELD, "this dataset of IPTC cannot be created");
	if (make(t, name, v, &data, err) != DEID_OK)
		return DEID_FAILED;
	d = append(t, name);
	if (!d)
		return nomem(t, err);
	d->data = data;
	d->changed = t->changed = true;
	return DEID_OK;
}

struct iptc_name iptc_field_name(const struct deid_field *f)
{
	return of(f)->name;
}

/* ---- output -------------------------------------------------------------------------------------- */

bool iptc_changed(const struct iptc *t)
{
	return t->changed;
}

/* Versions and character set say nothing by themselves. */
bool iptc_empty(const struct iptc *t)
{
	for (const struct dataset *d = t->first; d; d = d->next)
		if (!d->removed && d->name.dataset != 0 && (d->name.record != 1 || d->name.dataset != 90))
			return false;
	return true;
}

static bool put_dataset(struct buf *b, const struct dataset *d)
{
	uint8_t head[9] = {TAG_MARK, d->name.record, d->name.dataset};
	size_t n = 5;

	if (d->data.n < 0x8000) {
		put_be16(head + 3, (uint16_t)d->data.n);
	} else {
		put_be16(head + 3, 0x8004);
		put_be32(head + 5, (uint32_t)d->data.n);
		n = 9;
	}
	return buf_add(b, head, n) && buf_str(b, d->data);
}

/* What was there stays in its order, what is new comes behind it. */
static bool put_all(const struct iptc *t, struct buf *b)
{
	bool ok = true;

	for (const struct dataset *d = t->first; d && ok; d = d->next)
		if (!d->removed && !d->changed)
			ok = buf_add(b, t->bytes.p + d->start, d->end - d->start);
		else if (!d->removed)
			ok = put_dataset(b, d);
	return ok;
}

int iptc_bytes(struct iptc *t, struct deid_str *out, struct deid_error *err)
{
	struct buf b = {0};

	*out = t->bytes;
	if (!t->changed)
		return DEID_OK;
	*out = (struct deid_str){NULL, 0};
	if (put_all(t, &b))
		*out = t->host->dup(t->job, buf_view(&b));
	buf_free(&b);
	return out->p ? DEID_OK : nomem(t, err);
}

/* ---- Photoshop's image resources ----------------------------------------------------------------- */

bool resource_next(struct deid_str s, size_t *pos, struct resource *r)
{
	size_t i = *pos, len, name;

	if (s.n - i < 12 || memcmp(s.p + i, "8BIM", 4) != 0)
		return false;
	r->start = i;
	r->id = get_be16(s.p + i + 4);
	name = (uint8_t)s.p[i + 6] + (size_t)1; /* a Pascal string, padded to an even size */
	name += name & 1;
	i += 6;
	if (name > s.n - i || s.n - i - name < 4)
		return false;
	i += name;
	len = get_be32(s.p + i);
	i += 4;
	if (len > s.n - i)
		return false;
	r->data = str_sub(s, i, len);
	i += len;
	i += (len & 1) && i < s.n;
	r->end = *pos = i;
	return true;
}

bool resource_put(struct buf *b, uint16_t id, struct deid_str data)
{
	uint8_t head[12] = {'8', 'B', 'I', 'M'};

	put_be16(head + 4, id);
	put_be32(head + 8, (uint32_t)data.n);
	return buf_add(b, head, sizeof head) && buf_str(b, data) && (!(data.n & 1) || buf_c(b, 0));
}
