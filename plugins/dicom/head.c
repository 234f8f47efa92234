/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/head.h"
#include "core/util/bytes.h"
#include "core/util/str.h"
#include "plugins/dicom/deflate.h"
#include "plugins/dicom/dict.h"
#include "plugins/dicom/walk.h"

#define TAG_SYNTAX 0x00020010u
#define SYNTAX_UNKNOWN ((unsigned)-1)

/* PS3.5 annex A; all that is not in this list and in the standard's root is explicit VR, little endian. */
static const struct {
	const char *uid;
	unsigned in;
	bool deflated;
} syntaxes[] = {
    {"1.2.840.10008.1.2", NODE_IN_IMPLICIT, false}, {"1.2.840.10008.1.2.2", NODE_IN_BIG, false},
    {"1.2.840.10008.1.2.1.99", 0, true}, {"1.2.840.10008.1.2.4.95", 0, true}, /* JPIP Referenced Deflate */
    {"1.2.840.10008.1.2.4.205", 0, true},            /* JPIP HTJ2K Referenced Deflate */
    {"1.2.840.113619.5.2", NODE_IN_IMPLICIT, false}, /* GE: only the pixels are big endian */
};

unsigned head_syntax(struct deid_str uid, bool *deflated)
{
	*deflated = false;
	for (size_t i = 0; i < sizeof syntaxes / sizeof *syntaxes; i++) {
		if (str_eqz(uid, syntaxes[i].uid)) {
			*deflated = syntaxes[i].deflated;
			return syntaxes[i].in;
		}
	}
	return str_prefix(uid, "1.2.840.10008.1.2.") ? 0 : SYNTAX_UNKNOWN;
}

/* The value of Transfer Syntax UID without its padding; empty when the file meta has none. */
static int read_syntax(struct tree *t, char buf[64], struct deid_str *uid, struct deid_error *err)
{
	*uid = (struct deid_str){buf, 0};
	for (uint32_t i = 0; i < t->meta; i++) {
		const struct node *n = tree_node(t, i);
		size_t len;

		if (n->tag != TAG_SYNTAX)
			continue;
		len = n->len < 64 ? (size_t)n->len : 64;
		if (t->host->src_read(t->file, node_value(n), buf, len, err) != DEID_OK)
			return DEID_FAILED;
		while (len && (buf[len - 1] == '\0' || buf[len - 1] == ' '))
			len--;
		uid->n = len;
	}
	return DEID_OK;
}

static bool printable(uint8_t c)
{
	return c >= 0x20 && c < 0x7F;
}

static bool fits(const uint8_t *p, size_t n, unsigned in, uint64_t left)
{
	struct walk_header h;

	return walk_header(p, n, in, &h) &&
	       (h.len == WALK_UNDEFINED || h.len + (h.flags & NODE_LONG ? 12u : 8u) <= left);
}

/* Whether the tag at p, read in this order, is one of the data dictionary, or a group length. */
static bool known_tag(const uint8_t *p, bool big)
{
	uint32_t tag = big ? (uint32_t)get_be16(p) << 16 | get_be16(p + 2)
			   : (uint32_t)get_le16(p) << 16 | get_le16(p + 2);
	struct dict_entry e;

	return dict_find(tag, &e) || (tag & 0xFFFF) == 0;
}

/* A data set's first group is low, so its two bytes tell the order, unless the dictionary knows better. What
 * the file names holds where both orders make sense, or none. */
static bool reads_big(const uint8_t *p, unsigned named)
{
	bool as_big = known_tag(p, true), as_little = known_tag(p, false);

	if (as_big != as_little)
		return as_big;
	if (named != SYNTAX_UNKNOWN)
		return named & NODE_IN_BIG;
	return get_le16(p) >= 0x0400 && get_be16(p) < 0x0400;
}

/* What the first element says about the syntax. */
static unsigned syntax_seen(const uint8_t *p, size_t n, uint64_t left, unsigned named)
{
	unsigned in = SYNTAX_UNKNOWN;

	if (n < 8)
		return SYNTAX_UNKNOWN;
	if (vr_of_letters(p[4], p[5]) != VR_NONE)
		in = reads_big(p, named) ? NODE_IN_BIG : 0;
	else if (named == SYNTAX_UNKNOWN || !printable(p[4]) || !printable(p[5]))
		in = NODE_IN_IMPLICIT;
	return in != SYNTAX_UNKNOWN && fits(p, n, in, left) ? in : SYNTAX_UNKNOWN;
}

/* The syntax the data set is really in; real files are mislabelled. */
static int settle_syntax(
    struct tree *t, uint64_t at, unsigned named, struct head *head, struct deid_error *err)
{
	const struct deid_host *h = t->host;
	uint64_t size = h->src_size(t->data);
	const void *p;
	size_t n;
	unsigned seen;

	if (h->src_peek(t->data, at, 16, &p, &n, err) != DEID_OK)
		return DEID_FAILED;
	if (n == 0) {
		h->fail(err, DEID_FAILED, DEID_E_TRUNCATED, "the file ends before its data set");
		h->at(err, (struct deid_str){NULL, 0}, at);
		return DEID_FAILED;
	}
	seen = syntax_seen(p, n, size - at, named);
	t->syntax = seen != SYNTAX_UNKNOWN ? seen : named;
	head->named = named;
	head->guessed = named != SYNTAX_UNKNOWN && t->syntax != named;
	/* Something that fits no syntax: the walker says what is wrong with it. */
	if (t->syntax == SYNTAX_UNKNOWN)
		t->syntax = 0;
	return DEID_OK;
}

static bool looks_like_element(const struct walk_header *h)
{
	enum vr known = dict_vr(h->tag);

	if (h->tag >> 16 == 0xFFFE || h->tag >> 16 == 0)
		return false;
	return h->flags & NODE_IMPLICIT ? known != VR_NONE && known != VR_P_NA : !(h->flags & NODE_UN);
}

bool head_plausible(const uint8_t *p, size_t n, uint64_t size, bool strict)
{
	unsigned in = syntax_seen(p, n, size, SYNTAX_UNKNOWN);
	struct walk_header h;
	uint32_t last = 0;
	uint64_t at = 0;
	size_t found = 0;

	if (in == SYNTAX_UNKNOWN)
		return false;
	/* The first element is the best witness: by chance hardly anything has a known VR, or tag, and a
	 * length that fits. Where that is not enough, those behind it have to hold together in ascending
	 * order. */
	if (!walk_header(p, n, in, &h) || !looks_like_element(&h))
		return false;
	if (!strict || h.tag >> 16 == 2) /* the file meta is explicit whatever follows it */
		return h.tag >> 16 != 2 || !(h.flags & NODE_IMPLICIT);
	if (h.tag >> 16 > 0x0010 || h.len == WALK_UNDEFINED)
		return false;
	for (; found < 4 && at < n && walk_header(p + at, n - (size_t)at, in, &h); found++) {
		if (h.tag <= last || h.tag >> 16 == 0xFFFE ||
		    (h.flags & NODE_IMPLICIT && !(in & NODE_IN_IMPLICIT)))
			return false;
		if (h.len == WALK_UNDEFINED)
			return true;
		at += h.len + (h.flags & NODE_LONG ? 12u : 8u);
		if (at > size)
			return false;
		last = h.tag;
	}
	return found >= 2 || (found == 1 && at == size);
}

bool head_accepts(const struct head *head, const struct tree *t, const uint8_t *p, size_t n, uint64_t left)
{
	unsigned seen = syntax_seen(p, n, left, head->named);

	if (!head->marked && !t->meta && !head_plausible(p, n, left, false))
		return false;
	return (seen != SYNTAX_UNKNOWN ? seen : head->named) == t->syntax;
}

int head_read(struct tree *t, struct deid_source *src, struct head *head, struct deid_error *err)
{
	const struct deid_host *h = t->host;
	uint64_t size = h->src_size(src), at;
	struct deid_str uid;
	const void *p;
	const uint8_t *b;
	size_t n;
	unsigned named;

	*head = (struct head){0};
	t->file = t->data = src;
	if (h->src_peek(src, 0, 1024, &p, &n, err) != DEID_OK)
		return DEID_FAILED;
	b = p;
	if (n >= HEAD_MARK && memcmp(b + HEAD_PREAMBLE, "DICM", 4) == 0) {
		head->marked = true;
		head->meta_at = HEAD_MARK;
		head->tiff = memcmp(b, "II*\0", 4) == 0 || memcmp(b, "MM\0*", 4) == 0;
	} else if (!head_plausible(b, n, size, false)) {
		return h->fail(err, DEID_FAILED, DEID_E_FORMAT,
		    "neither the mark DICM nor the beginning of a data set: this is no DICOM file");
	}
	if (walk_meta(t, head->meta_at, &at, err) != DEID_OK ||
	    read_syntax(t, head->uid, &uid, err) != DEID_OK)
		return DEID_FAILED;
	head->data_at = at;
	head->nuid = uid.n;
	named = head_syntax(uid, &head->deflated);
	if (head->deflated) {
		if (deflate_open(h, t->job, src, at, &t->data, err) != DEID_OK)
			return DEID_FAILED;
		at = 0;
	}
	return settle_syntax(t, at, named, head, err);
}
