/* SPDX-License-Identifier: MIT */
/*
 * An archive is read from its end (APP 4.3): the end record says where the central directory is, each of its
 * entries where a local header is. Readers differ in what they believe when these contradict each other, and
 * what one does not see another may. So here nothing may be left over: local headers, members and their
 * descriptors, the directory and the end records lie one behind the other without a gap, and say the same.
 */
#include "plugins/zip/zip.h"

#include "core/util/bytes.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SIG_LOCAL 0x04034b50u
#define SIG_ENTRY 0x02014b50u
#define SIG_END 0x06054b50u
#define SIG_END64 0x06064b50u
#define SIG_LOCATOR 0x07064b50u
#define SIG_DESCRIPTOR 0x08074b50u
#define LOCAL_SIZE 30u
#define ENTRY_SIZE 46u
#define END_SIZE 22u
#define END64_SIZE 56u
#define LOCATOR_SIZE 20u
#define COMMENT_MAX 0xffffu
#define MAX16 0xffffu
#define MAX32 0xffffffffu
#define EXTRA_ZIP64 0x0001
#define METHOD_AES 99

struct reader {
	const struct deid_host *host;
	struct deid_source *src;
	uint64_t size;
	/* What the end records say. */
	uint64_t n, at, end; /* the central directory: entries, from, to */
	uint64_t comment;
	size_t ncomment;
};

static int bad(
    const struct reader *r, enum deid_code code, uint64_t off, const char *what, struct deid_error *err)
{
	r->host->fail(err, DEID_FAILED, code, "%s", what);
	r->host->at(err, (struct deid_str){NULL, 0}, off);
	return DEID_FAILED;
}

static int format(const struct reader *r, uint64_t off, const char *what, struct deid_error *err)
{
	return bad(r, DEID_E_FORMAT, off, what, err);
}

static int bad_entry(const struct reader *r, const struct zip_entry *e, enum deid_code code, uint64_t off,
    const char *what, struct deid_error *err)
{
	struct deid_str name = e->path.n ? e->path : STR("a member");

	r->host->fail(err, DEID_FAILED, code, "%.*s: %s", (int)(name.n < 1000 ? name.n : 1000), name.p, what);
	r->host->at(err, (struct deid_str){NULL, 0}, off);
	return DEID_FAILED;
}

/* n bytes at off, good until the next call. */
static int fetch(const struct reader *r, uint64_t off, size_t n, const uint8_t **p, struct deid_error *err)
{
	const void *at;
	size_t got;
	int rc = r->host->src_peek(r->src, off, n, &at, &got, err);

	*p = at;
	if (rc != DEID_OK || got == n)
		return rc;
	return bad(r, DEID_E_TRUNCATED, r->size, "the archive ends before it is complete", err);
}

/* ---- end records ------------------------------------------------------------------------------- */

/* The end record is the one whose comment reaches to the end of the archive. */
static int find_end(struct reader *r, uint64_t *off, struct deid_error *err)
{
	size_t n = r->size < END_SIZE + COMMENT_MAX ? (size_t)r->size : END_SIZE + COMMENT_MAX;
	size_t found = 0;
	const uint8_t *p;
	int rc = fetch(r, r->size - n, n, &p, err);

	if (rc != DEID_OK)
		return rc;
	for (size_t i = 0; i + END_SIZE <= n; i++) {
		if (get_le32(p + i) != SIG_END || get_le16(p + i + 20) != n - i - END_SIZE)
			continue;
		*off = r->size - n + i;
		if (found++)
			return format(r, *off, "the archive has two ends", err);
	}
	return found ? DEID_OK
		     : bad(r, DEID_E_TRUNCATED, r->size,
			   "no zip archive, one that is cut, or bytes after its end", err);
}

/* APP 4.3.14; *off: of the end record, then of what is before it. */
static int read_end64(struct reader *r, uint64_t *off, struct deid_error *err)
{
	const uint8_t *p;
	uint64_t at;
	int rc = fetch(r, *off - LOCATOR_SIZE, LOCATOR_SIZE, &p, err);

	if (rc != DEID_OK)
		return rc;
	at = get_le64(p + 8);
	if (get_le32(p + 4) != 0 || get_le32(p + 16) > 1)
		return bad(r, DEID_E_UNSUPPORTED, *off - LOCATOR_SIZE, "an archive in several parts", err);
	if (*off < END64_SIZE + LOCATOR_SIZE || at != *off - LOCATOR_SIZE - END64_SIZE)
		return format(r, *off - LOCATOR_SIZE, "the ZIP64 end record is not where it should be", err);
	rc = fetch(r, at, END64_SIZE, &p, err);
	if (rc != DEID_OK)
		return rc;
	if (get_le32(p) != SIG_END64 || get_le64(p + 4) != END64_SIZE - 12)
		return format(r, at, "no ZIP64 end record, or one of another version", err);
	if (get_le32(p + 16) != 0 || get_le32(p + 20) != 0 || get_le64(p + 24) != get_le64(p + 32))
		return bad(r, DEID_E_UNSUPPORTED, at, "an archive in several parts", err);
	r->n = get_le64(p + 32);
	r->end = get_le64(p + 40);
	r->at = get_le64(p + 48);
	*off = at;
	return DEID_OK;
}

/* What the end record says must be what the ZIP64 one says, where it can say it. */
static bool ends_agree(const struct reader *r, uint64_t n, uint64_t size, uint64_t at)
{
	return (n == MAX16 || n == r->n) && (size == MAX32 || size == r->end) && (at == MAX32 || at == r->at);
}

static int read_end(struct reader *r, struct deid_error *err)
{
	const uint8_t *p;
	uint64_t off = 0, n, size, at;
	unsigned disk, first, here;
	int rc = find_end(r, &off, err);

	if (rc == DEID_OK)
		rc = fetch(r, off, END_SIZE, &p, err);
	if (rc != DEID_OK)
		return rc;
	disk = get_le16(p + 4);
	first = get_le16(p + 6);
	here = get_le16(p + 8);
	n = get_le16(p + 10);
	size = get_le32(p + 12);
	at = get_le32(p + 16);
	r->ncomment = get_le16(p + 20);
	r->comment = off + END_SIZE;
	r->n = n;
	r->end = size;
	r->at = at;
	if (off >= LOCATOR_SIZE) {
		rc = fetch(r, off - LOCATOR_SIZE, 4, &p, err);
		if (rc == DEID_OK && get_le32(p) == SIG_LOCATOR) {
			rc = read_end64(r, &off, err);
			disk = disk == MAX16 ? 0 : disk;
			first = first == MAX16 ? 0 : first;
		}
		if (rc != DEID_OK)
			return rc;
	}
	if (disk != 0 || first != 0 || here != n)
		return bad(r, DEID_E_UNSUPPORTED, off, "an archive in several parts", err);
	if (!ends_agree(r, n, size, at))
		return format(r, off, "the two end records contradict each other", err);
	if (r->at > off || r->end != off - r->at)
		return format(
		    r, off, "the central directory is not where the end record says (bytes before it?)", err);
	r->end = off;
	return DEID_OK;
}

/* ---- the central directory --------------------------------------------------------------------- */

/* The next number of a ZIP64 field, where the 32 bits have no room for it. */
static bool widen(uint64_t *v, struct deid_str *wide)
{
	if (*v != MAX32)
		return true;
	if (wide->n < 8)
		return false;
	*v = get_le64(wide->p);
	*wide = str_sub(*wide, 8, wide->n);
	return true;
}

/* Numbers and extra fields of the entry at off; its length in the directory. p holds all of it. */
static int read_numbers(const struct reader *r, uint64_t off, const uint8_t *p, struct zip_entry *e,
    struct deid_str *extra, struct deid_error *err)
{
	size_t nname = get_le16(p + 28);
	struct deid_str wide = {"", 0};

	e->made_by = get_le16(p + 4);
	e->flags = get_le16(p + 8);
	e->method = get_le16(p + 10);
	e->time = get_le16(p + 12);
	e->date = get_le16(p + 14);
	e->crc = get_le32(p + 16);
	e->packed = get_le32(p + 20);
	e->size = get_le32(p + 24);
	e->internal = get_le16(p + 36);
	e->external = get_le32(p + 38);
	e->header = get_le32(p + 42);
	*extra = (struct deid_str){(const char *)p + ENTRY_SIZE + nname, get_le16(p + 30)};
	extra_find(*extra, EXTRA_ZIP64, &wide);
	if (!widen(&e->size, &wide) || !widen(&e->packed, &wide) || !widen(&e->header, &wide))
		return format(r, off, "an entry of the directory lacks its ZIP64 numbers", err);
	if (get_le16(p + 34) != 0 && get_le16(p + 34) != MAX16)
		return bad(r, DEID_E_UNSUPPORTED, off, "an archive in several parts", err);
	return DEID_OK;
}

/* The bytes of the entry at off, and how many they are. */
static int fetch_entry(
    const struct reader *r, uint64_t off, const uint8_t **p, size_t *n, struct deid_error *err)
{
	int rc;

	if (r->end - off < ENTRY_SIZE)
		return format(r, off, "the central directory ends before its last entry", err);
	rc = fetch(r, off, ENTRY_SIZE, p, err);
	if (rc != DEID_OK)
		return rc;
	*n = (size_t)ENTRY_SIZE + get_le16(*p + 28) + get_le16(*p + 30) + get_le16(*p + 32);
	if (get_le32(*p) != SIG_ENTRY)
		return format(r, off, "no entry of the central directory", err);
	if (*n > r->end - off)
		return format(r, off, "an entry is longer than the central directory", err);
	return fetch(r, off, *n, p, err);
}

/* Why a member cannot be taken; NULL: it can. */
static const char *objection(const struct zip_entry *e)
{
	unsigned type = e->external >> 28; /* the type of a Unix mode; other systems have 0 there */

	if (e->flags & (ZIP_FLAG_ENCRYPTED | ZIP_FLAG_STRONG | ZIP_FLAG_MASKED) || e->method == METHOD_AES)
		return "it is encrypted";
	if (e->flags & ZIP_FLAG_PATCH)
		return "it is a patch";
	if (type == 0xa)
		return "it is a symbolic link";
	if ((type != 0 && type != 4 && type != 8) || (e->external & 8 && type == 0))
		return "it is neither a file nor a folder";
	if (e->folder ? type == 8 : type == 4 || e->external & 0x10)
		return "it is a file by its name and a folder by its attributes, or the other way round";
	if (e->folder && (e->size || e->packed > 2))
		return "it is a folder, and has content";
	if (e->method == ZIP_METHOD_STORE && e->packed != e->size)
		return "its sizes contradict each other";
	return NULL;
}

static int read_entry(
    const struct reader *r, struct deid_job *job, uint64_t *off, struct zip_entry *e, struct deid_error *err)
{
	struct deid_str extra;
	const uint8_t *p;
	const char *why;
	size_t n;
	int rc = fetch_entry(r, *off, &p, &n, err);

	*e = (struct zip_entry){0};
	if (rc == DEID_OK)
		rc = read_numbers(r, *off, p, e, &extra, err);
	if (rc != DEID_OK)
		return rc;
	e->raw = r->host->dup(job, (struct deid_str){(const char *)p + ENTRY_SIZE, get_le16(p + 28)});
	if (!e->raw.p || !name_read(r->host, job, e, extra, &why))
		return r->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	if (!why)
		why = objection(e);
	if (why)
		return bad_entry(r, e, DEID_E_UNSUPPORTED, *off, why, err);
	*off += n;
	return DEID_OK;
}

/* ---- local headers ----------------------------------------------------------------------------- */

static bool descriptor_is(const struct zip_entry *e, const uint8_t *p, size_t n)
{
	bool wide = n >= 20;

	if (n % 8 == 0) { /* 16, 24: with a signature */
		if (get_le32(p) != SIG_DESCRIPTOR)
			return false;
		p += 4;
	}
	return get_le32(p) == e->crc && (wide ? get_le64(p + 4) : get_le32(p + 4)) == e->packed &&
	       (wide ? get_le64(p + 12) : get_le32(p + 8)) == e->size;
}

/* Between a member's bytes and what follows at `next` there is its descriptor (APP 4.3.9), or nothing. */
static int check_tail(
    const struct reader *r, const struct zip_entry *e, uint64_t next, bool exact, struct deid_error *err)
{
	uint64_t end = e->data + e->packed, n = next - end;
	const uint8_t *p;
	int rc;

	if (e->data > next || e->packed > next - e->data)
		return bad_entry(r, e, DEID_E_FORMAT, e->header, "it overlaps with what follows it", err);
	if (n == 0 && exact)
		return DEID_OK;
	if (!(e->flags & ZIP_FLAG_DESCRIPTOR) || (n != 12 && n != 16 && n != 20 && n != 24))
		return bad_entry(r, e, DEID_E_FORMAT, end, "bytes after it that belong to no member", err);
	rc = fetch(r, end, (size_t)n, &p, err);
	if (rc != DEID_OK)
		return rc;
	return descriptor_is(e, p, (size_t)n) ? DEID_OK
					      : bad_entry(r, e, DEID_E_FORMAT, end,
						    "its data descriptor contradicts the directory", err);
}

/* A number of the local header: the directory's. Where a descriptor follows it may be left open. */
static bool agrees(uint64_t local, uint64_t central, bool open, bool *exact)
{
	*exact = *exact && local == central;
	return local == central || (open && local == 0);
}

/* The local header of e, which `next` follows. */
static int check_local(const struct reader *r, struct zip_entry *e, uint64_t next, struct deid_error *err)
{
	static const char differs[] = "its local header contradicts the central directory";
	const unsigned same = ZIP_FLAG_ENCRYPTED | ZIP_FLAG_STRONG | ZIP_FLAG_UTF8 | ZIP_FLAG_MASKED;
	bool open, exact = true;
	struct deid_str extra, wide = {"", 0};
	uint64_t packed, size;
	size_t nname, n;
	const uint8_t *p;
	int rc;

	if (next < e->header || next - e->header < LOCAL_SIZE)
		return bad_entry(r, e, DEID_E_FORMAT, e->header, "it overlaps with what follows it", err);
	rc = fetch(r, e->header, LOCAL_SIZE, &p, err);
	if (rc != DEID_OK)
		return rc;
	nname = get_le16(p + 26);
	n = LOCAL_SIZE + nname + get_le16(p + 28);
	if (get_le32(p) != SIG_LOCAL)
		return bad_entry(r, e, DEID_E_FORMAT, e->header, "it has no local header", err);
	if (n > next - e->header)
		return bad_entry(r, e, DEID_E_FORMAT, e->header, "it overlaps with what follows it", err);
	rc = fetch(r, e->header, n, &p, err);
	if (rc != DEID_OK)
		return rc;
	e->data = e->header + n;
	e->flags |= get_le16(p + 6) & ZIP_FLAG_DESCRIPTOR;
	open = e->flags & ZIP_FLAG_DESCRIPTOR;
	packed = get_le32(p + 18);
	size = get_le32(p + 22);
	extra = (struct deid_str){(const char *)p + LOCAL_SIZE + nname, get_le16(p + 28)};
	extra_find(extra, EXTRA_ZIP64, &wide);
	if (!widen(&size, &wide) || !widen(&packed, &wide) || (e->flags ^ get_le16(p + 6)) & same ||
	    get_le16(p + 8) != e->method ||
	    !str_eq((struct deid_str){(const char *)p + LOCAL_SIZE, nname}, e->raw) ||
	    !agrees(get_le32(p + 14), e->crc, open, &exact) || !agrees(packed, e->packed, open, &exact) ||
	    !agrees(size, e->size, open, &exact))
		return bad_entry(r, e, DEID_E_FORMAT, e->header, differs, err);
	return check_tail(r, e, next, exact, err);
}

static int by_header(const void *a, const void *b)
{
	const struct zip_entry *const *x = a, *const *y = b;

	return ((*x)->header > (*y)->header) - ((*x)->header < (*y)->header);
}

/* One behind the other, from the first byte to the directory. */
static int check_locals(
    const struct reader *r, struct deid_job *job, struct zip_directory *d, struct deid_error *err)
{
	struct zip_entry **order = r->host->alloc(job, d->n * sizeof *order);
	int rc = DEID_OK;

	if (!order)
		return r->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	for (size_t i = 0; i < d->n; i++)
		order[i] = &d->entry[i];
	if (d->n)
		qsort(order, d->n, sizeof *order, by_header);
	if (d->n ? order[0]->header != 0 : r->at != 0)
		return format(r, 0, "bytes before the first member (does the archive unpack itself?)", err);
	for (size_t i = 0; i < d->n && rc == DEID_OK; i++)
		rc = check_local(r, order[i], i + 1 < d->n ? order[i + 1]->header : r->at, err);
	return rc;
}

/* ---- all of it --------------------------------------------------------------------------------- */

static int read_comment(
    const struct reader *r, struct deid_job *job, struct zip_directory *d, struct deid_error *err)
{
	const uint8_t *p;
	int rc = fetch(r, r->comment, r->ncomment, &p, err);

	if (rc != DEID_OK)
		return rc;
	d->comment = r->host->dup(job, (struct deid_str){(const char *)p, r->ncomment});
	return d->comment.p ? DEID_OK : r->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
}

int directory_read(const struct deid_host *host, struct deid_job *job, struct deid_source *src,
    struct zip_directory *d, struct deid_error *err)
{
	struct reader r = {.host = host, .src = src, .size = host->src_size(src)};
	uint64_t off;
	size_t bytes;
	int rc = read_end(&r, err);

	*d = (struct zip_directory){0};
	if (rc != DEID_OK)
		return rc;
	if (r.n > (r.end - r.at) / ENTRY_SIZE)
		return format(&r, r.at, "the end record counts more members than there are", err);
	d->n = (size_t)r.n;
	d->entry = mul_size(d->n, sizeof *d->entry, &bytes) ? host->alloc(job, bytes) : NULL;
	if (!d->entry)
		return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	off = r.at;
	for (size_t i = 0; i < d->n && rc == DEID_OK; i++)
		rc = read_entry(&r, job, &off, &d->entry[i], err);
	if (rc == DEID_OK && off != r.end)
		rc = format(&r, off, "bytes after the last entry of the central directory", err);
	if (rc == DEID_OK)
		rc = check_locals(&r, job, d, err);
	return rc == DEID_OK ? read_comment(&r, job, d, err) : rc;
}

int directory_read_one(
    const struct deid_host *host, struct deid_source *src, struct zip_entry *e, struct deid_error *err)
{
	struct reader r = {.host = host, .src = src, .size = host->src_size(src)};
	struct deid_str extra;
	const uint8_t *p;
	size_t n;
	int rc = read_end(&r, err);

	*e = (struct zip_entry){0};
	if (rc == DEID_OK && r.n != 1)
		rc = host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "the library wrote no single member");
	if (rc == DEID_OK)
		rc = fetch_entry(&r, r.at, &p, &n, err);
	if (rc == DEID_OK)
		rc = read_numbers(&r, r.at, p, e, &extra, err);
	if (rc == DEID_OK)
		rc = fetch(&r, e->header, LOCAL_SIZE, &p, err);
	if (rc != DEID_OK)
		return rc;
	e->data = e->header + LOCAL_SIZE + get_le16(p + 26) + get_le16(p + 28);
	if (get_le32(p) != SIG_LOCAL || e->data > r.at || e->packed > r.at - e->data)
		return host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "the library wrote no local header");
	return DEID_OK;
}
