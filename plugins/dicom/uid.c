/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/uid.h"
#include "core/util/str.h"
#include <openssl/evp.h>
#include <string.h>

#define GROUPS 6
#define GROUP_DIGITS 6

static const struct deid_node *option(const struct conf *c, const char *key)
{
	return c->section ? c->host->node_get(c->section, key) : NULL;
}

static size_t count_option(const struct conf *c, const char *key, size_t dflt)
{
	const struct deid_node *n = option(c, key);

	return n ? (size_t)c->host->node_int(n) : dflt;
}

/* Part number i, counted from 0. */
static struct deid_str part_of(struct deid_str uid, size_t i)
{
	struct deid_str part = {NULL, 0};

	for (; str_split(&uid, '.', &part) && i; i--)
		;
	return part;
}

static size_t count_parts(struct deid_str uid)
{
	struct deid_str part;
	size_t n = 0;

	while (str_split(&uid, '.', &part))
		n++;
	return n;
}

/* A suffix part: its last six characters, without the zeros that a UID may not begin a part with. */
static bool add_suffix(struct buf *out, struct deid_str part)
{
	if (part.n > GROUP_DIGITS)
		part = str_sub(part, part.n - GROUP_DIGITS, GROUP_DIGITS);
	while (part.n > 1 && part.p[0] == '0')
		part = str_sub(part, 1, part.n);
	return buf_c(out, '.') && buf_str(out, part);
}

/* Over 64 characters: the part before the last one loses its last characters. */
static void shorten(struct buf *out)
{
	while (out->n > 64) {
		size_t dot = out->n;

		while (dot > 0 && out->p[dot - 1] != '.')
			dot--;
		dot--; /* the dot before the last part */
		/* A part of one character goes with its dot. */
		size_t cut = dot >= 2 && out->p[dot - 2] == '.' ? 2 : 1;

		memmove(out->p + dot - cut, out->p + dot, out->n - dot);
		out->n -= cut;
	}
}

/* False when the UID is too short for it, or memory is spent (*spent). */
static bool hashed(
    const struct conf *c, struct deid_str uid, struct deid_str digits, struct buf *out, bool *spent)
{
	struct deid_str root = {NULL, 0};
	size_t prefix = count_option(c, "uid-prefix-fields", 4),
	       suffix = count_option(c, "uid-suffix-fields", 1);
	size_t parts = count_parts(uid);
	bool ok = true;

	if (option(c, "uid-numeric-name"))
		root = c->host->node_str(option(c, "uid-numeric-name"));
	if (digits.n < GROUPS * GROUP_DIGITS || suffix > parts || (!root.n && prefix + suffix > parts))
		return false;
	if (root.n)
		ok = buf_str(out, root);
	for (size_t i = 0; !root.n && i < prefix && ok; i++)
		ok = (i == 0 || buf_c(out, '.')) && buf_str(out, part_of(uid, i));
	for (size_t i = 0; i < GROUPS && ok; i++) {
		struct deid_str group = str_sub(digits, i * GROUP_DIGITS, GROUP_DIGITS);

		ok = buf_c(out, '.') && buf_c(out, group.p[0] == '0' ? '1' : group.p[0]) &&
		     buf_str(out, str_sub(group, 1, group.n));
	}
	for (size_t i = parts - suffix; i < parts && ok; i++)
		ok = add_suffix(out, part_of(uid, i));
	*spent = !ok;
	if (ok)
		shorten(out);
	return ok;
}

/* 2.25 and a number of 128 bits: PS3.5 section B.2. */
static bool decimal(const unsigned char digest[16], struct buf *out)
{
	unsigned char n[16];
	char text[40];
	size_t at = sizeof text;
	bool more = true;

	memcpy(n, digest, sizeof n);
	while (more) {
		unsigned rest = 0;

		more = false;
		for (size_t i = 0; i < sizeof n; i++) {
			rest = rest << 8 | n[i];
			n[i] = (unsigned char)(rest / 10);
			rest %= 10;
			more |= n[i] != 0;
		}
		text[--at] = (char)('0' + rest);
	}
	return buf_z(out, "2.25.") && buf_add(out, text + at, sizeof text - at);
}

int uid_replacement(const struct conf *c, struct deid_str uid, char buf[UID_MAX], struct deid_str *out,
    struct deid_error *err)
{
	struct buf text = {0}, digits = {0}, result = {0};
	unsigned char digest[EVP_MAX_MD_SIZE];
	const struct deid_node *salt = option(c, "salt");
	bool ok, spent = false;

	ok = (!salt || buf_str(&text, c->host->node_str(salt))) && buf_str(&text, uid) &&
	     EVP_Digest(text.p, text.n, digest, NULL, EVP_sha256(), NULL) == 1;
	for (size_t i = 0; i < 32 && ok; i++)
		ok = buf_printf(&digits, "%u", digest[i]);
	if (ok && !hashed(c, uid, buf_view(&digits), &result, &spent)) {
		result.n = 0;
		ok = !spent && decimal(digest, &result);
	}
	ok = ok && result.n < UID_MAX;
	if (ok) {
		memcpy(buf, result.p, result.n);
		*out = (struct deid_str){buf, result.n};
	}
	buf_free(&text);
	buf_free(&digits);
	buf_free(&result);
	return ok ? DEID_OK : c->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for a UID");
}
