/* SPDX-License-Identifier: MIT */
#include "core/transform/eax.h"
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

/* The three uses of one MAC in EAX: OMAC^t prefixes the text with t as a block. */
enum { OMAC_NONCE, OMAC_HEADER, OMAC_CIPHER };

static const char *cbc_name(size_t keylen)
{
	return keylen == 16   ? "AES-128-CBC"
	       : keylen == 24 ? "AES-192-CBC"
	       : keylen == 32 ? "AES-256-CBC"
			      : NULL;
}

static const char *ctr_name(size_t keylen)
{
	return keylen == 16   ? "AES-128-CTR"
	       : keylen == 24 ? "AES-192-CTR"
	       : keylen == 32 ? "AES-256-CTR"
			      : NULL;
}

static bool omac(struct eax_text key, int use, struct eax_text text, uint8_t out[EAX_TAG])
{
	uint8_t prefix[EAX_TAG] = {0};
	char *cipher = (char *)(uintptr_t)cbc_name(key.n); /* OSSL_PARAM takes no const */
	OSSL_PARAM params[2] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0), OSSL_PARAM_construct_end()};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
	size_t n = 0;
	bool done;

	prefix[EAX_TAG - 1] = (uint8_t)use;
	done = ctx && EVP_MAC_init(ctx, key.p, key.n, params) == 1 &&
	       EVP_MAC_update(ctx, prefix, sizeof prefix) == 1 &&
	       (text.n == 0 || EVP_MAC_update(ctx, text.p, text.n) == 1) &&
	       EVP_MAC_final(ctx, out, &n, EAX_TAG) == 1 && n == EAX_TAG;
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return done;
}

/* CTR is its own inverse. EVP counts in int, so long texts go in pieces. */
static bool ctr(struct eax_text key, const uint8_t counter[EAX_TAG], struct eax_text text, uint8_t *out)
{
	const size_t piece = INT_MAX & ~(size_t)0xffff;
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, ctr_name(key.n), NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool done = cipher && ctx && EVP_EncryptInit_ex2(ctx, cipher, key.p, counter, NULL) == 1;

	for (size_t at = 0; done && at < text.n;) {
		size_t n = text.n - at < piece ? text.n - at : piece;
		int put = 0;

		done = EVP_EncryptUpdate(ctx, out + at, &put, text.p + at, (int)n) == 1 && (size_t)put == n;
		at += n;
	}
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return done;
}

static bool tag_of(struct eax_text key, const uint8_t nonce_mac[EAX_TAG], struct eax_text header,
    struct eax_text cipher, uint8_t tag[EAX_TAG])
{
	uint8_t h[EAX_TAG], c[EAX_TAG];

	if (!omac(key, OMAC_HEADER, header, h) || !omac(key, OMAC_CIPHER, cipher, c))
		return false;
	for (size_t i = 0; i < EAX_TAG; i++)
		tag[i] = nonce_mac[i] ^ h[i] ^ c[i];
	return true;
}

enum eax_rc eax_seal(struct eax_text key, struct eax_text nonce, struct eax_text header, struct eax_text text,
    uint8_t *out, uint8_t tag[EAX_TAG])
{
	uint8_t counter[EAX_TAG];

	if (!ctr_name(key.n) || !omac(key, OMAC_NONCE, nonce, counter) || !ctr(key, counter, text, out))
		return EAX_ERROR;
	return tag_of(key, counter, header, (struct eax_text){out, text.n}, tag) ? EAX_OK : EAX_ERROR;
}

enum eax_rc eax_open(struct eax_text key, struct eax_text nonce, struct eax_text header, struct eax_text text,
    const uint8_t tag[EAX_TAG], uint8_t *out)
{
	uint8_t counter[EAX_TAG], want[EAX_TAG];

	if (!ctr_name(key.n) || !omac(key, OMAC_NONCE, nonce, counter) ||
	    !tag_of(key, counter, header, text, want))
		return EAX_ERROR;
	if (CRYPTO_memcmp(want, tag, EAX_TAG) != 0)
		return EAX_FORGED;
	return ctr(key, counter, text, out) ? EAX_OK : EAX_ERROR;
}
