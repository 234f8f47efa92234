/* SPDX-License-Identifier: MIT */
/* SHA-256 for many short texts, from any number of threads. */
#ifndef DEID_TRANSFORM_DIGEST_H
#define DEID_TRANSFORM_DIGEST_H

#include <deid/plugin.h>
#include <openssl/evp.h>

#define DIGEST_SIZE 32

struct digest;

struct digest *digest_new(void); /* NULL: no memory, or a libcrypto without SHA-256 */
void digest_free(struct digest *);

/* One digest: begin, add any number of times, end. begin gives NULL on failure; end is called in any case
 * after it, and says whether all went well. */
EVP_MD_CTX *digest_begin(struct digest *);
bool digest_add(EVP_MD_CTX *, struct deid_str);
bool digest_end(struct digest *, EVP_MD_CTX *, unsigned char out[DIGEST_SIZE]);

#endif
