/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/builtin.h"
#include "core/transform/change.h"
#include "core/transform/digest.h"
#include "core/util/str.h"
#include <stdlib.h>

struct state {
	const struct deid_host *host;
	struct digest *digest;
	struct deid_str salt; /* the profile's */
	size_t digits;
};

static const struct deid_setting settings[] = {
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_STR,
	.key = "salt",
	.help = "a secret text that is mixed in"},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_INT,
	.key = "hash-digits",
	.dflt = "16",
	.help = "length of a hash; 0: all 64 digits",
	.lo = 0,
	.hi = 64},
    {.size = sizeof(struct deid_setting)},
};

static void state_free(void *p)
{
	struct state *st = p;

	digest_free(st->digest);
	free(st);
}

static int compile(
    const struct deid_host *host, const struct deid_rule *rule, void **state, struct deid_error *err)
{
	int kind = host->rule_kind(rule);
	struct state *st;

	if (kind >= 0 && !change_takes_text(kind) && !host->rule_by_regex(rule))
		return host->complain(
		    err, host->rule_arg(rule), "\"hash\": a field of this type cannot hold a hash");
	st = calloc(1, sizeof *st);
	if (st)
		st->digest = digest_new();
	if (!st || !st->digest) {
		free(st);
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory for SHA-256");
	}
	st->host = host;
	st->salt = host->node_str(host->rule_opt(rule, "salt"));
	st->digits = (size_t)host->node_int(host->rule_opt(rule, "hash-digits"));
	if (!st->digits)
		st->digits = 2 * (size_t)DIGEST_SIZE;
	*state = st;
	return DEID_OK;
}

/* Components are one text, joined with commas. */
static bool digest_value(const struct state *st, const struct deid_value *in, unsigned char md[DIGEST_SIZE])
{
	EVP_MD_CTX *ctx = digest_begin(st->digest);
	bool ok;

	if (!ctx)
		return false;
	ok = digest_add(ctx, st->salt);
	for (size_t i = 0; i < in->n; i++)
		ok = ok && (!i || digest_add(ctx, STR(","))) && digest_add(ctx, in->v[i]);
	return digest_end(st->digest, ctx, md) && ok;
}

static int run(const void *state, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	const struct state *st = state;
	const char *digits = in->flags & DEID_V_UPPER ? "0123456789ABCDEF" : "0123456789abcdef";
	size_t n = in->max && in->max < st->digits ? in->max : st->digits;
	unsigned char md[DIGEST_SIZE];
	struct deid_str *v;
	char *hex;

	(void)field;
	if (in->kind == DEID_BYTES)
		return st->host->fail(err, DEID_FAILED, DEID_E_VALUE,
		    "the value is binary, or text that cannot be decoded: it has no hash");
	if (!(in->flags & DEID_V_FREE) && !change_takes_text(in->kind))
		return st->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "a field of this type cannot hold a hash");
	v = st->host->scratch(job, sizeof *v + n);
	if (!v)
		return st->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
	if (!digest_value(st, in, md))
		return st->host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "SHA-256 failed");
	hex = (char *)(v + 1);
	for (size_t i = 0; i < n; i++)
		hex[i] = digits[i % 2 ? md[i / 2] & 15 : md[i / 2] >> 4];
	*v = (struct deid_str){hex, n};
	change_text(out, v, 1);
	return DEID_OK;
}

const struct deid_transform transform_hash = {
    .size = sizeof(struct deid_transform),
    .action = "hash",
    .summary = "replace the value by its SHA-256, in hexadecimal",
    .arg = DEID_T_BOOL,
    .settings = settings,
    .compile = compile,
    .state_free = state_free,
    .run = run,
};
