/* SPDX-License-Identifier: MIT */
#include "plugins/zip/folder.h"

#include <openssl/evp.h>

/* Lower-case hexadecimal of SHA-256(salt, name), the first `digits` of it. */
static bool add_hash(const struct zip_conf *c, struct deid_str name, struct buf *out)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	size_t from = out->n;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
		    EVP_DigestUpdate(ctx, c->salt.p, c->salt.n) == 1 &&
		    EVP_DigestUpdate(ctx, name.p, name.n) == 1 && EVP_DigestFinal_ex(ctx, digest, &n) == 1;

	EVP_MD_CTX_free(ctx);
	for (size_t i = 0; good && i < n; i++)
		good = buf_printf(out, "%02x", digest[i]);
	if (good && out->n > from + c->digits)
		out->n = from + c->digits;
	return good;
}

static bool add_part(const struct zip_conf *c, struct deid_job *job, struct deid_str part, struct buf *out)
{
	struct deid_str safe;

	if (c->hash_folders)
		return add_hash(c, part, out);
	safe = c->host->safe_name(job, part);
	return safe.p && buf_str(out, safe);
}

bool folder_path(
    const struct zip_conf *c, struct deid_job *job, struct deid_str path, bool but_last, struct buf *out)
{
	struct deid_str part;
	bool good = true;

	while (good && str_split(&path, '/', &part)) {
		if (but_last && !path.p)
			break;
		good = (!out->n || buf_c(out, '/')) && add_part(c, job, part, out);
	}
	return good;
}
