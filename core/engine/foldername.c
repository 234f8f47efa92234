/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/foldername.h"

#include "core/profile/filename.h"
#include <openssl/evp.h>

#define HASH_DIGITS 16

static bool add_hash(struct deid_str name, struct deid_str salt, struct buf *out)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) &&
		    EVP_DigestUpdate(ctx, salt.p, salt.n) && EVP_DigestUpdate(ctx, name.p, name.n) &&
		    EVP_DigestFinal_ex(ctx, digest, &n);
	EVP_MD_CTX_free(ctx);
	for (size_t i = 0; good && i < HASH_DIGITS / 2; i++)
		good = buf_printf(out, "%02x", digest[i]);
	return good;
}

bool folder_name(enum folder_names how, struct deid_str from, struct deid_str salt, struct buf *out)
{
	struct deid_str part;
	struct buf safe = {0};
	bool good = true;
	if (how == FOLDERS_FLAT)
		return true;
	while (good && from.n && str_split(&from, '/', &part)) {
		if (out->n)
			good = buf_c(out, '/');
		if (how == FOLDERS_HASH) {
			good = good && add_hash(part, salt, out);
		} else {
			safe.n = 0;
			good = good && filename_safe(part, &safe) && buf_str(out, buf_view(&safe));
		}
	}
	buf_free(&safe);
	return good;
}
