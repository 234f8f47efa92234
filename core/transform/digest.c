/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/digest.h"
#include <stdatomic.h>
#include <stdlib.h>

#define SLOTS 8

/* Looking an algorithm up, and making a context, each take OpenSSL 3 longer than hashing a short text: the
 * one is done once, the other is kept for the next call. A thread takes a context out and puts it back. */
struct digest {
	EVP_MD *md;
	_Atomic(EVP_MD_CTX *) spare[SLOTS];
};

struct digest *digest_new(void)
{
	struct digest *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!d->md) {
		free(d);
		return NULL;
	}
	return d;
}

void digest_free(struct digest *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		EVP_MD_CTX_free(atomic_load(&d->spare[i]));
	EVP_MD_free(d->md);
	free(d);
}

EVP_MD_CTX *digest_begin(struct digest *d)
{
	EVP_MD_CTX *ctx = NULL;

	for (size_t i = 0; i < SLOTS && !ctx; i++)
		if (atomic_load_explicit(&d->spare[i], memory_order_relaxed))
			ctx = atomic_exchange(&d->spare[i], NULL);
	if (!ctx)
		ctx = EVP_MD_CTX_new();
	if (ctx && !EVP_DigestInit_ex2(ctx, d->md, NULL)) {
		EVP_MD_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

bool digest_add(EVP_MD_CTX *ctx, struct deid_str s)
{
	return !s.n || EVP_DigestUpdate(ctx, s.p, s.n);
}

bool digest_end(struct digest *d, EVP_MD_CTX *ctx, unsigned char out[DIGEST_SIZE])
{
	unsigned n = 0;
	bool ok = EVP_DigestFinal_ex(ctx, out, &n) && n == DIGEST_SIZE;

	for (size_t i = 0; i < SLOTS && ctx; i++)
		if (!atomic_load_explicit(&d->spare[i], memory_order_relaxed))
			ctx = atomic_exchange(&d->spare[i], ctx);
	EVP_MD_CTX_free(ctx);
	return ok;
}
