/* SPDX-License-Identifier: MIT */
#include "plugins/zip/zip.h"

#include "core/util/bytes.h"
#include "core/util/utf8.h"
#include <zlib.h>

#define EXTRA_UNICODE_PATH 0x7075 /* APP 4.6.9 */

/* The upper half of code page 437. */
static const uint16_t cp437[128] = {0xc7, 0xfc, 0xe9, 0xe2, 0xe4, 0xe0, 0xe5, 0xe7, 0xea, 0xeb, 0xe8, 0xef,
    0xee, 0xec, 0xc4, 0xc5, 0xc9, 0xe6, 0xc6, 0xf4, 0xf6, 0xf2, 0xfb, 0xf9, 0xff, 0xd6, 0xdc, 0xa2, 0xa3,
    0xa5, 0x20a7, 0x192, 0xe1, 0xed, 0xf3, 0xfa, 0xf1, 0xd1, 0xaa, 0xba, 0xbf, 0x2310, 0xac, 0xbd, 0xbc, 0xa1,
    0xab, 0xbb, 0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551,
    0x2557, 0x255d, 0x255c, 0x255b, 0x2510, 0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f,
    0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558,
    0x2552, 0x2553, 0x256b, 0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x3b1, 0xdf,
    0x393, 0x3c0, 0x3a3, 0x3c3, 0xb5, 0x3c4, 0x3a6, 0x398, 0x3a9, 0x3b4, 0x221e, 0x3c6, 0x3b5, 0x2229, 0x2261,
    0xb1, 0x2265, 0x2264, 0x2320, 0x2321, 0xf7, 0x2248, 0xb0, 0x2219, 0xb7, 0x221a, 0x207f, 0xb2, 0x25a0,
    0xa0};

bool name_decode(struct deid_str raw, struct buf *out)
{
	if (utf8_valid(raw))
		return buf_str(out, raw);
	for (size_t i = 0; i < raw.n; i++) {
		unsigned char c = (unsigned char)raw.p[i];
		char text[4];

		if (!buf_add(out, text, utf8_put(text, c < 128 ? c : cp437[c - 128])))
			return false;
	}
	return true;
}

bool extra_find(struct deid_str extra, uint16_t id, struct deid_str *value)
{
	while (extra.n >= 4) {
		size_t n = get_le16(extra.p + 2);

		if (n > extra.n - 4)
			return false;
		if (get_le16(extra.p) == id) {
			*value = str_sub(extra, 4, n);
			return true;
		}
		extra = str_sub(extra, 4 + n, extra.n);
	}
	return false;
}

/* The name that stands beside the header's, if it is of this very one (its checksum says so). */
static bool unicode_path(struct deid_str raw, struct deid_str extra, struct deid_str *path)
{
	struct deid_str v;

	if (!extra_find(extra, EXTRA_UNICODE_PATH, &v) || v.n < 5 || v.p[0] != 1 ||
	    get_le32(v.p + 1) != crc32(0, (const Bytef *)raw.p, (uInt)raw.n))
		return false;
	*path = str_sub(v, 5, v.n);
	return utf8_valid(*path);
}

static bool absolute(struct deid_str s)
{
	unsigned char c = s.n ? (unsigned char)s.p[0] | 0x20 : 0;

	return s.n && (s.p[0] == '/' || (s.n > 1 && s.p[1] == ':' && c >= 'a' && c <= 'z'));
}

/* Parts with one '/' between them; "." and empty ones mean nothing. Gives why it cannot be used. */
static const char *split(struct deid_str rest, struct buf *out, bool *spent)
{
	struct deid_str part;

	while (!*spent && str_split(&rest, '/', &part)) {
		if (str_eqz(part, ".."))
			return "its path leads out of the archive";
		if (part.n && !str_eqz(part, "."))
			*spent = (out->n && !buf_c(out, '/')) || !buf_str(out, part);
	}
	return *spent || out->n ? NULL : "it has no name";
}

static const char *clean(struct zip_entry *e, struct buf *name, struct buf *path, bool *spent)
{
	if (memchr(name->p, '\0', name->n))
		return "its name holds a NUL";
	/* Some programs of Windows write it, and it parts folders there: a folder's name must not pass as a
	 * piece of a file's. */
	for (size_t i = 0; i < name->n; i++)
		if (name->p[i] == '\\')
			name->p[i] = '/';
	if (absolute(buf_view(name)))
		return "its path is absolute";
	e->folder = name->n && name->p[name->n - 1] == '/';
	return split(buf_view(name), path, spent);
}

bool name_read(const struct deid_host *host, struct deid_job *job, struct zip_entry *e, struct deid_str extra,
    const char **why)
{
	struct buf name = {0}, path = {0};
	struct deid_str other;
	bool spent = false;

	*why = NULL;
	if (e->flags & ZIP_FLAG_UTF8 && !utf8_valid(e->raw))
		*why = "its name is marked as UTF-8 and is not";
	if (!(e->flags & ZIP_FLAG_UTF8) && unicode_path(e->raw, extra, &other))
		spent = !buf_str(&name, other);
	else
		spent = !name_decode(e->raw, &name);
	if (!*why && !spent && !name.n)
		*why = "it has no name";
	if (!*why && !spent)
		*why = clean(e, &name, &path, &spent);
	/* Of one that cannot be used: to say which. */
	if (*why && !spent)
		e->path = host->dup(job, buf_view(&name));
	if (!*why && !spent) {
		/* As a rule it is the very same text. */
		if (path.n <= e->raw.n && memcmp(path.p, e->raw.p, path.n) == 0)
			e->path = str_sub(e->raw, 0, path.n);
		else
			e->path = host->dup(job, buf_view(&path));
	}
	spent = spent || !e->path.p;
	buf_free(&name);
	buf_free(&path);
	return !spent;
}
