/* SPDX-License-Identifier: MIT */
/*
 * Encrypted content: CMS EnvelopedData (RFC 5652), as PS3.15 section E.1 and PS3.3 section C.12.1.1.4 want
 * it.
 *
 * Written: DER; content by AES-256-CBC; for a secret key one recipient with AES key wrap (RFC 3394) of the
 * key's length and key identifier 00, for certificates one recipient each (RSA key transport; elliptic curves
 * by key agreement). Read: DER, BER and PEM, with any content cipher that OpenSSL has.
 */
#ifndef DICOM_CMS_H
#define DICOM_CMS_H

#include <deid/plugin.h>

struct x509_st;
struct evp_pkey_st;

/* What one entry may encrypt or decrypt with. */
struct cms_keys {
	const void *secret; /* the core's; NULL: none */
	size_t nsecret;
	struct x509_st **cert;
	const void **cert_of; /* which key each was made from */
	size_t ncert;
	struct evp_pkey_st *private_key;
	const void *private_of;
};

/* Reads what host->keys() gave. What is no certificate or private key, or none that can be used, goes to
 * complain(). */
int cms_keys_read(
    const struct deid_host *, const struct deid_key *, size_t n, struct cms_keys *, struct deid_error *);
void cms_keys_free(struct cms_keys *);
bool cms_keys_equal(const struct cms_keys *, const struct cms_keys *);

/* The DER of `plain` for all recipients; memory of the job. */
int cms_seal(const struct deid_host *, struct deid_job *, const struct cms_keys *, struct deid_str plain,
    struct deid_str *der, struct deid_error *);

enum cms_rc {
	CMS_OPENED,
	CMS_NOT_CMS, /* no CMS EnvelopedData */
	CMS_NO_KEY,  /* these keys are of none of its recipients */
	CMS_CHANGED, /* a key fits, but not the content, or the key is another one */
	CMS_NO_MEMORY,
};

/* plain: memory of the job. */
enum cms_rc cms_open(const struct deid_host *, struct deid_job *, const struct cms_keys *,
    struct deid_str content, struct deid_str *plain);

#endif
