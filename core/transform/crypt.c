/* SPDX-License-Identifier: MIT */
#include <config.h>

/* encrypt and decrypt (profile language, section 4.11): base64( nonce | tag | ciphertext ) by AES-EAX, with a
 * fresh nonce from the system for each value; a nonce that comes twice would lay the key's stream bare. */
#include "core/transform/builtin.h"
#include "core/transform/change.h"
#include "core/transform/eax.h"
#include "core/util/base64.h"
#include "core/util/json.h"
#include "core/util/utf8.h"
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define NONCE 16
#define HEAD (NONCE + EAX_TAG)

struct state {
	const struct deid_host *host;
	struct eax_text key; /* the core's */
};

static const struct deid_setting settings[] = {
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_STR,
	.key = "secret-key",
	.help = "the key of encrypt and decrypt: 32, 48 or 64 hexadecimal digits"},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_STRS,
	.key = "public-key",
	.help = "files of certificates"},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_STR,
	.key = "private-key",
	.help = "a file with a private key"},
    {.size = sizeof(struct deid_setting)},
};

static int compile(
    const struct deid_host *host, const struct deid_rule *rule, void **state, struct deid_error *err)
{
	struct state *st = calloc(1, sizeof *st);
	const void *key = NULL;
	int rc;

	if (!st)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	*state = st;
	st->host = host;
	rc = host->rule_key(rule, &key, &st->key.n, err);
	st->key.p = key;
	return rc;
}

static int fail_memory(const struct state *st, struct deid_error *err)
{
	return st->host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
}

/* ---- encrypt ----------------------------------------------------------------------------------- */

/* The plain text: components are one text, joined with commas. In a field with types, what would come back as
 * something else than a string is written as one. */
static int plain_text(
    const struct state *st, const struct deid_value *in, struct buf *plain, struct deid_error *err)
{
	bool string =
	    in->kind != DEID_INT && in->kind != DEID_REAL && in->kind != DEID_BOOL && in->kind != DEID_TREE;
	bool good = true;

	if (in->kind == DEID_BYTES || (in->kind == DEID_TREE && !in->n) || (in->tree && in->n > 1))
		return st->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "a value of this type cannot be encrypted");
	for (size_t i = 0; i < in->n && good; i++)
		good = (!i || buf_c(plain, ',')) && buf_str(plain, in->v[i]);
	if (good && in->flags & DEID_V_TYPED && string && json_type_of(buf_view(plain)) != JSON_NONE) {
		struct buf bare = *plain;

		*plain = (struct buf){0};
		good = json_put_string(plain, buf_view(&bare));
		buf_free(&bare);
	}
	return good ? DEID_OK : fail_memory(st, err);
}

static int seal(const struct state *st, struct deid_job *job, struct deid_str plain, struct deid_str *out,
    struct deid_error *err)
{
	size_t n = HEAD + plain.n;
	uint8_t *box = st->host->scratch(job, n);
	char *text = st->host->scratch(job, BASE64_SIZE(n));
	const struct eax_text nothing = {(const uint8_t *)"", 0};

	if (!box || !text)
		return fail_memory(st, err);
	if (RAND_bytes(box, NONCE) != 1)
		return st->host->fail(err, DEID_FAILED, DEID_E_KEY, "the system gives no random numbers");
	if (eax_seal(st->key, (struct eax_text){box, NONCE}, nothing,
		(struct eax_text){(const uint8_t *)plain.p, plain.n}, box + HEAD, box + NONCE) != EAX_OK)
		return st->host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "AES-EAX failed");
	base64_encode(box, n, text);
	*out = (struct deid_str){text, BASE64_SIZE(n)};
	return DEID_OK;
}

static int run_encrypt(const void *state, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	const struct state *st = state;
	struct deid_str *v = st->host->scratch(job, sizeof *v);
	struct buf plain = {0};
	int rc;

	(void)field;
	if (!v)
		return fail_memory(st, err);
	rc = plain_text(st, in, &plain, err);
	if (rc == DEID_OK)
		rc = seal(st, job, buf_view(&plain), v, err);
	if (rc == DEID_OK)
		change_text(out, v, 1);
	buf_free(&plain);
	return rc;
}

/* ---- decrypt ----------------------------------------------------------------------------------- */

static int open_box(const struct state *st, struct deid_job *job, struct deid_str text, struct deid_str *out,
    struct deid_error *err)
{
	uint8_t *box = st->host->scratch(job, BASE64_ROOM(text.n));
	const struct eax_text nothing = {(const uint8_t *)"", 0};
	char *plain;
	size_t n;

	if (!box)
		return fail_memory(st, err);
	if (!base64_decode(text, box, &n) || n < HEAD)
		return st->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "the value is nothing that encrypt has written");
	n -= HEAD;
	plain = st->host->scratch(job, n);
	if (!plain)
		return fail_memory(st, err);
	switch (eax_open(st->key, (struct eax_text){box, NONCE}, nothing, (struct eax_text){box + HEAD, n},
	    box + NONCE, (uint8_t *)plain)) {
	case EAX_OK:
		break;
	case EAX_FORGED:
		return st->host->fail(
		    err, DEID_FAILED, DEID_E_KEY, "the key is another one, or the value was changed");
	default:
		return st->host->fail(err, DEID_FAILED, DEID_E_INTERNAL, "AES-EAX failed");
	}
	*out = (struct deid_str){plain, n};
	if (!utf8_valid(*out))
		return st->host->fail(err, DEID_FAILED, DEID_E_VALUE, "what was encrypted is no text");
	return DEID_OK;
}

static int unquote(const struct state *st, struct deid_job *job, struct deid_str *v, struct deid_error *err)
{
	struct deid_str s = str_trim(*v);
	struct buf text = {0};
	char *p = NULL;

	if (json_unescape(str_sub(s, 1, s.n - 2), &text))
		p = st->host->scratch(job, text.n);
	if (p && text.n)
		memcpy(p, text.p, text.n);
	*v = (struct deid_str){p, text.n};
	buf_free(&text);
	return p ? DEID_OK : fail_memory(st, err);
}

/* In a field with types: the value that the text spells. */
static int take_type(const struct state *st, struct deid_job *job, struct deid_str *v,
    struct deid_result *out, struct deid_error *err)
{
	switch (json_type_of(*v)) {
	case JSON_STRING:
		return unquote(st, job, v, err);
	case JSON_NULL:
		out->value.kind = DEID_NULL;
		break;
	case JSON_BOOL:
		out->value.kind = DEID_BOOL;
		break;
	case JSON_INT:
		out->value.kind = DEID_INT;
		break;
	case JSON_REAL:
		out->value.kind = DEID_REAL;
		break;
	case JSON_LIST:
	case JSON_OBJECT:
		out->value.kind = DEID_TREE;
		break;
	default:
		return DEID_OK;
	}
	*v = str_trim(*v);
	return DEID_OK;
}

static int run_decrypt(const void *state, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	const struct state *st = state;
	struct deid_str *v = st->host->scratch(job, sizeof *v);
	int rc;

	(void)field;
	if (!v)
		return fail_memory(st, err);
	if (in->n != 1 || in->kind == DEID_BYTES)
		return st->host->fail(
		    err, DEID_FAILED, DEID_E_VALUE, "the value is nothing that encrypt has written");
	rc = open_box(st, job, in->v[0], v, err);
	if (rc != DEID_OK)
		return rc;
	change_text(out, v, 1);
	return in->flags & DEID_V_TYPED ? take_type(st, job, v, out, err) : DEID_OK;
}

const struct deid_transform transform_encrypt = {
    .size = sizeof(struct deid_transform),
    .flags = DEID_TF_TREE | DEID_TF_RAW,
    .action = "encrypt",
    .summary = "replace the value by its encrypted form (AES-EAX)",
    .arg = DEID_T_BOOL,
    .settings = settings,
    .compile = compile,
    .state_free = free,
    .run = run_encrypt,
};

const struct deid_transform transform_decrypt = {
    .size = sizeof(struct deid_transform),
    .flags = DEID_TF_RAW,
    .action = "decrypt",
    .summary = "bring back what encrypt has made",
    .arg = DEID_T_BOOL,
    .settings = settings,
    .compile = compile,
    .state_free = free,
    .run = run_decrypt,
};
