/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/builtin.h"
#include "core/transform/change.h"
#include "core/transform/digest.h"
#include "core/util/str.h"
#include "core/util/utf8.h"
#include <stdlib.h>
#include <string.h>

#define UID_MAX 64 /* ISO/IEC 9834-8 leaves it open; every format with UIDs stops here */
#define GROUPS 6
#define GROUP_LEN 6
#define SUFFIX_LEN 6
/* 32 bytes of at most three digits each. */
#define DIGITS_MAX (3 * (size_t)DIGEST_SIZE)
/* UIDs of the standard itself: transfer syntaxes, classes. */
#define STANDARD_ROOT "1.2.840.10008."

struct state {
	const struct deid_host *host;
	struct digest *digest;
	struct deid_str salt, root; /* the profile's; root: the numeric name or empty */
	size_t prefix, suffix;
	bool by_regex;
};

static const struct deid_setting settings[] = {
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_STR,
	.key = "salt",
	.help = "a secret text that is mixed in"},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_INT,
	.key = "uid-prefix-fields",
	.dflt = "4",
	.help = "leading components that hashuid keeps",
	.lo = 1,
	.hi = INT32_MAX},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_INT,
	.key = "uid-suffix-fields",
	.dflt = "1",
	.help = "trailing components that hashuid keeps",
	.lo = 0,
	.hi = INT32_MAX},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_STR,
	.key = "uid-numeric-name",
	.help = "a registered root that takes the place of the leading components"},
    {.size = sizeof(struct deid_setting)},
};

/* ---- profile time ------------------------------------------------------------------------------ */

/* How many components an object identifier has; 0: it is none. */
static size_t count_oid(struct deid_str s)
{
	struct deid_str part;
	size_t n = 0;

	for (; str_split(&s, '.', &part); n++) {
		if (!part.n || (part.n > 1 && part.p[0] == '0'))
			return 0;
		for (size_t i = 0; i < part.n; i++)
			if (part.p[i] < '0' || part.p[i] > '9')
				return 0;
	}
	return n;
}

static int check_root(const struct state *st, const struct deid_node *node, struct deid_error *err)
{
	size_t n = count_oid(st->root);

	if (!st->root.n)
		return DEID_OK;
	if (!n)
		return st->host->complain(
		    err, node, "\"uid-numeric-name\" is numbers with dots between them");
	if (n != st->prefix)
		return st->host->complain(err, node,
		    "\"uid-numeric-name\" has %zu components, \"uid-prefix-fields\" asks for %zu", n,
		    st->prefix);
	return DEID_OK;
}

static void state_free(void *p)
{
	struct state *st = p;

	digest_free(st->digest);
	free(st);
}

static int compile(
    const struct deid_host *host, const struct deid_rule *rule, void **state, struct deid_error *err)
{
	const struct deid_node *root = host->rule_opt(rule, "uid-numeric-name");
	struct state *st = calloc(1, sizeof *st);

	if (st)
		st->digest = digest_new();
	if (!st || !st->digest) {
		free(st);
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory for SHA-256");
	}
	*state = st;
	st->host = host;
	st->salt = host->node_str(host->rule_opt(rule, "salt"));
	st->root = host->node_str(root);
	st->prefix = (size_t)host->node_int(host->rule_opt(rule, "uid-prefix-fields"));
	st->suffix = (size_t)host->node_int(host->rule_opt(rule, "uid-suffix-fields"));
	st->by_regex = host->rule_by_regex(rule);
	return check_root(st, root, err);
}

/* ---- file time --------------------------------------------------------------------------------- */

/* The digest's bytes in decimal, without padding; how many digits. */
static size_t digest_digits(const struct state *st, struct deid_str uid, char out[DIGITS_MAX])
{
	EVP_MD_CTX *ctx = digest_begin(st->digest);
	unsigned char md[DIGEST_SIZE];
	size_t n = 0;
	bool ok;

	if (!ctx)
		return 0;
	ok = digest_add(ctx, st->salt) && digest_add(ctx, uid);
	if (!digest_end(st->digest, ctx, md) || !ok)
		return 0;
	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		if (md[i] >= 100)
			out[n++] = (char)('0' + md[i] / 100);
		if (md[i] >= 10)
			out[n++] = (char)('0' + md[i] / 10 % 10);
		out[n++] = (char)('0' + md[i] % 10);
	}
	return n;
}

static size_t count_parts(struct deid_str s)
{
	size_t n = 1;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '.';
	return n;
}

/* The first n components with the dots between them. */
static struct deid_str head(struct deid_str s, size_t n)
{
	size_t i = 0;

	for (; i < s.n; i++)
		if (s.p[i] == '.' && !--n)
			break;
	return str_sub(s, 0, i);
}

/* The last n components. */
static struct deid_str tail(struct deid_str s, size_t n)
{
	size_t i = s.n;

	if (!n)
		return STR("");
	for (; i > 0; i--)
		if (s.p[i - 1] == '.' && !--n)
			break;
	return str_sub(s, i, s.n);
}

/* Where the character before i begins. */
static size_t back(const char *p, size_t i)
{
	do
		i--;
	while (i > 0 && ((unsigned char)p[i] & 0xc0) == 0x80);
	return i;
}

/* A kept component: its last six characters, without zeros that no number begins with. */
static struct deid_str shorten(struct deid_str part)
{
	size_t from = part.n;

	for (size_t n = 0; from > 0 && n < SUFFIX_LEN; n++)
		from = back(part.p, from);
	part = str_sub(part, from, part.n);
	while (part.n > 1 && part.p[0] == '0')
		part = str_sub(part, 1, part.n);
	return part;
}

static size_t put(char *out, size_t n, struct deid_str s)
{
	if (s.n)
		memcpy(out + n, s.p, s.n);
	return n + s.n;
}

/* Drops the last character of the component before the last, or that component when it has no other, until
 * the whole is short enough. False: there is no such component. */
static bool fit(char *p, size_t *n)
{
	while (utf8_count((struct deid_str){p, *n}) > UID_MAX) {
		size_t last = *n, from, to;

		while (last > 0 && p[last - 1] != '.')
			last--;
		if (!last)
			return false;
		to = last - 1;
		from = to;
		if (from > 0 && p[from - 1] != '.')
			from = back(p, from);
		if (from == 0 || p[from - 1] == '.')
			to = last; /* nothing is left of it: its dot goes too */
		memmove(p + from, p + to, *n - to);
		*n -= to - from;
	}
	return true;
}

/* prefix . six groups . suffix, into out, which has room for uid.n + root.n + 64 more bytes. */
static int hash_uid(
    const struct state *st, struct deid_str uid, char *out, size_t *len, struct deid_error *err)
{
	size_t parts = count_parts(uid), n, nd;
	char digits[DIGITS_MAX];

	if (st->suffix > parts || (!st->root.n && st->prefix + st->suffix > parts))
		return st->host->fail(err, DEID_FAILED, DEID_E_VALUE, "the UID has too few components");
	nd = digest_digits(st, uid, digits);
	if (!nd)
		return st->host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "SHA-256 failed");
	if (nd < GROUPS * GROUP_LEN)
		return st->host->fail(err, DEID_FAILED, DEID_E_VALUE, "the UID's digest has too few digits");
	n = put(out, 0, st->root.n ? st->root : head(uid, st->prefix));
	for (size_t i = 0; i < GROUPS; i++) {
		struct deid_str group = {digits + i * GROUP_LEN, GROUP_LEN};

		if (group.p[0] == '0')
			digits[i * GROUP_LEN] = '1';
		out[n++] = '.';
		n = put(out, n, group);
	}
	for (size_t i = st->suffix; i > 0; i--) {
		out[n++] = '.';
		n = put(out, n, shorten(head(tail(uid, i), 1)));
	}
	if (!fit(out, &n))
		return st->host->fail(err, DEID_FAILED, DEID_E_VALUE, "the new UID would be too long");
	*len = n;
	return DEID_OK;
}

static int run_one(const struct state *st, struct deid_job *job, const struct deid_value *in,
    struct deid_str uid, struct deid_str *new, struct deid_error *err)
{
	char *p;
	int rc;

	*new = uid;
	if (!uid.n || (st->by_regex && str_prefix(uid, STANDARD_ROOT)))
		return DEID_OK;
	p = st->host->scratch(job, uid.n + st->root.n + GROUPS * (GROUP_LEN + 1) + 8);
	if (!p)
		return st->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	rc = hash_uid(st, uid, p, &new->n, err);
	if (rc == DEID_OK && in->max && new->n > in->max)
		rc = st->host->fail(err, DEID_FAILED, DEID_E_VALUE, "the new UID is too long for the field");
	new->p = p;
	return rc;
}

static int run(const void *state, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	const struct state *st = state;
	struct deid_str *v;
	bool changed = false;

	(void)field;
	if (in->kind == DEID_BYTES ||
	    (in->kind != DEID_UID && !(in->flags & DEID_V_FREE) && !change_takes_text(in->kind)))
		return st->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "a field of this type cannot hold a UID");
	v = st->host->scratch(job, in->n * sizeof *v);
	if (!v)
		return st->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	for (size_t i = 0; i < in->n; i++) {
		int rc = run_one(st, job, in, in->v[i], &v[i], err);

		if (rc != DEID_OK)
			return rc;
		changed = changed || v[i].p != in->v[i].p;
	}
	if (changed)
		change_text(out, v, in->n);
	return DEID_OK;
}

const struct deid_transform transform_hashuid = {
    .size = sizeof(struct deid_transform),
    .action = "hashuid",
    .summary = "replace a UID by one that is made from its SHA-256",
    .arg = DEID_T_BOOL,
    .settings = settings,
    .compile = compile,
    .state_free = state_free,
    .run = run,
};
