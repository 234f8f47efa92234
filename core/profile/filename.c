/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/filename.h"
#include "core/util/utf8.h"

#define NAME_LEN_MAX 255 /* bytes of one component: ext4, xfs, btrfs, NTFS (there in UTF-16 units) */
#define EXT_LEN_MAX 16   /* with its dot */

static bool forbidden(unsigned char c)
{
	return c < 32 || c == 127 || (c < 128 && str_find(STR("/\\:*?\"<>|"), (char)c, 0) < 9);
}

/* Length of "t2*", "t2 *", "t2_*" at i, any case; 0: something else. */
static size_t t2_star(struct deid_str s, size_t i)
{
	size_t k = i + 2;

	if (i + 2 >= s.n || (s.p[i] != 't' && s.p[i] != 'T') || s.p[i + 1] != '2')
		return 0;
	if (s.p[k] == ' ' || s.p[k] == '_')
		k++;
	return k < s.n && s.p[k] == '*' ? k + 1 - i : 0;
}

/* Replaces what a file system, or a shell user, would stumble over. */
static bool add_safe(struct deid_str s, struct buf *out)
{
	bool ok = true;

	for (size_t i = 0; ok && i < s.n;) {
		size_t star = t2_star(s, i);
		uint32_t cp;
		size_t n = utf8_next(s, i, &cp);

		if (star) {
			ok = buf_add(out, s.p + i, star - 1) && buf_z(out, "star");
			i += star;
		} else if (!n || (n == 1 && forbidden((unsigned char)s.p[i])) || (cp >= 0x80 && cp < 0xa0)) {
			ok = buf_c(out, '_');
			i += n ? n : 1;
		} else {
			ok = buf_add(out, s.p + i, n);
			i += n;
		}
	}
	return ok;
}

static void cut_tail(struct buf *b)
{
	while (b->n && (b->p[b->n - 1] == '.' || b->p[b->n - 1] == ' '))
		b->n--;
}

/* CON, COM1 and their like open a device on Windows, with any extension. */
static bool reserved(struct deid_str stem)
{
	static const char *const names[] = {"con", "prn", "aux", "nul", NULL};

	for (const char *const *n = names; *n; n++)
		if (str_caseeq(stem, str_of(*n)))
			return true;
	if (stem.n != 4 || stem.p[3] < '1' || stem.p[3] > '9')
		return false;
	return str_caseeq(str_sub(stem, 0, 3), STR("com")) || str_caseeq(str_sub(stem, 0, 3), STR("lpt"));
}

static bool guard_reserved(struct buf *b)
{
	struct buf old = *b;
	size_t dot = str_find(buf_view(b), '.', 0);
	bool ok;

	if (!reserved(str_trim(str_sub(buf_view(b), 0, dot))))
		return true;
	*b = (struct buf){0};
	ok = buf_add(b, old.p, dot) && buf_c(b, '_') && buf_add(b, old.p + dot, old.n - dot);
	buf_free(&old);
	return ok;
}

/* Shortens the stem, so that what programs go by stays. */
static bool cut_length(struct buf *b, size_t max)
{
	struct deid_str all = buf_view(b), stem, ext = STR("");
	struct buf shorter = {0};
	size_t dot = all.n;
	bool ok;

	if (all.n <= max)
		return true;
	while (dot > 0 && all.p[dot - 1] != '.')
		dot--;
	if (dot > 1 && all.n - (dot - 1) <= EXT_LEN_MAX)
		ext = str_sub(all, dot - 1, all.n);
	stem = utf8_cut(str_sub(all, 0, all.n - ext.n), max - ext.n);
	ok = buf_str(&shorter, stem);
	if (ok && !ext.n)
		cut_tail(&shorter);
	ok = ok && buf_str(&shorter, ext);
	buf_free(b);
	*b = shorter;
	return ok;
}

bool filename_safe(struct deid_str name, struct buf *out)
{
	return filename_safe_with(name, STR(""), out);
}

bool filename_safe_with(struct deid_str name, struct deid_str suffix, struct buf *out)
{
	struct buf b = {0};
	bool ok = add_safe(name, &b);

	cut_tail(&b);
	ok = ok && guard_reserved(&b) && cut_length(&b, NAME_LEN_MAX - suffix.n);
	cut_tail(&b);
	/* "." and ".." are gone with the trailing dots. */
	if (ok && !b.n)
		ok = buf_c(&b, '_');
	ok = ok && buf_str(out, buf_view(&b)) && buf_str(out, suffix);
	buf_free(&b);
	return ok;
}
