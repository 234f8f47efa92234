/* SPDX-License-Identifier: MIT */
#include "plugins/dicom/cms.h"
#include "core/util/str.h"
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

/* Has functions for PEM only where that is there already. */
#include <openssl/cms.h>

/* ---- keys --------------------------------------------------------------------------------------- */

static BIO *bio_of(struct deid_str s)
{
	return s.n <= INT_MAX ? BIO_new_mem_buf(s.n ? s.p : "", (int)s.n) : NULL;
}

/* Nobody is asked for a passphrase. */
static int no_passphrase(char *buf, int size, int writing, void *asked)
{
	(void)buf;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static int refuse(
    const struct deid_host *h, const struct deid_key *k, const char *why, struct deid_error *err)
{
	ERR_clear_error();
	return h->complain(err, k->node, "%.*s: %s", (int)k->path.n, k->path.p, why);
}

static X509 *read_certificate(const struct deid_key *k, const char **why)
{
	BIO *bio = bio_of((struct deid_str){k->p, k->n});
	bool asked = false;
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, no_passphrase, &asked) : NULL, *second;
	const unsigned char *p = k->p;

	*why = "no X.509 certificate, in PEM or DER";
	if (cert) {
		/* A chain, or several recipients: that only the author of the profile knows. */
		second = PEM_read_bio_X509(bio, NULL, no_passphrase, &asked);
		if (second) {
			*why = "holds more than one certificate; each recipient has a file of its own";
			X509_free(second);
			X509_free(cert);
			cert = NULL;
		}
	} else if (k->n && k->n <= LONG_MAX) {
		cert = d2i_X509(NULL, &p, (long)k->n);
	}
	BIO_free(bio);
	ERR_clear_error();
	return cert;
}

static CMS_ContentInfo *envelope(const struct cms_keys *, struct deid_str plain);

/* Whether something can be encrypted for it: not for a key that only signs. */
static bool can_receive(X509 *cert)
{
	const struct cms_keys one = {.cert = &cert, .ncert = 1};
	CMS_ContentInfo *cms = envelope(&one, (struct deid_str){"", 0});

	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return cms != NULL;
}

static int take_certificate(
    const struct deid_host *h, const struct deid_key *k, struct cms_keys *keys, struct deid_error *err)
{
	const char *why;
	X509 *cert = read_certificate(k, &why);

	if (!cert)
		return refuse(h, k, why, err);
	keys->cert[keys->ncert] = cert;
	keys->cert_of[keys->ncert++] = k->p;
	if (!can_receive(cert))
		return refuse(
		    h, k, "nothing can be encrypted for the kind of key that the certificate holds", err);
	return DEID_OK;
}

static int take_private(
    const struct deid_host *h, const struct deid_key *k, struct cms_keys *keys, struct deid_error *err)
{
	BIO *bio = bio_of((struct deid_str){k->p, k->n});
	bool asked = false;
	const unsigned char *p = k->p;

	keys->private_of = k->p;
	keys->private_key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked) : NULL;
	BIO_free(bio);
	if (!keys->private_key && !asked && k->n && k->n <= LONG_MAX)
		keys->private_key = d2i_AutoPrivateKey(NULL, &p, (long)k->n);
	ERR_clear_error();
	if (asked)
		return refuse(
		    h, k, "the private key is protected by a passphrase; one without is needed", err);
	if (!keys->private_key)
		return refuse(h, k, "no private key, in PEM or DER", err);
	if (EVP_PKEY_get_base_id(keys->private_key) != EVP_PKEY_RSA &&
	    EVP_PKEY_get_base_id(keys->private_key) != EVP_PKEY_EC)
		return refuse(h, k, "the private key is neither of RSA nor of an elliptic curve", err);
	return DEID_OK;
}

int cms_keys_read(const struct deid_host *h, const struct deid_key *k, size_t n, struct cms_keys *out,
    struct deid_error *err)
{
	int rc = DEID_OK;

	*out = (struct cms_keys){
	    .cert = calloc(n + 1, sizeof(void *)), .cert_of = calloc(n + 1, sizeof(void *))};
	if (!out->cert || !out->cert_of)
		return h->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	for (size_t i = 0; i < n; i++) {
		int one = DEID_OK;

		if (k[i].kind == DEID_KEY_SECRET) {
			out->secret = k[i].p;
			out->nsecret = k[i].n;
		} else if (k[i].kind == DEID_KEY_PUBLIC) {
			one = take_certificate(h, &k[i], out, err);
		} else if (k[i].kind == DEID_KEY_PRIVATE && !out->private_of) {
			one = take_private(h, &k[i], out, err);
		}
		rc = one == DEID_OK ? rc : one;
	}
	return rc;
}

void cms_keys_free(struct cms_keys *k)
{
	for (size_t i = 0; i < k->ncert; i++)
		X509_free(k->cert[i]);
	free(k->cert);
	free(k->cert_of);
	EVP_PKEY_free(k->private_key);
	*k = (struct cms_keys){.secret = NULL};
}

bool cms_keys_equal(const struct cms_keys *a, const struct cms_keys *b)
{
	return a->secret == b->secret && a->private_of == b->private_of && a->ncert == b->ncert &&
	       (!a->ncert || !memcmp(a->cert_of, b->cert_of, a->ncert * sizeof *a->cert_of));
}

/* ---- sealing ------------------------------------------------------------------------------------ */

/* The key and its identifier become the recipient's. */
static bool add_secret(CMS_ContentInfo *cms, const struct cms_keys *k)
{
	unsigned char *key = OPENSSL_memdup(k->secret, k->nsecret), *id = OPENSSL_zalloc(1);

	/* The length of the key says which wrap it is. */
	if (key && id && CMS_add0_recipient_key(cms, NID_undef, key, k->nsecret, id, 1, NULL, NULL, NULL))
		return true;
	OPENSSL_clear_free(key, k->nsecret);
	OPENSSL_free(id);
	return false;
}

static CMS_ContentInfo *envelope(const struct cms_keys *k, struct deid_str plain)
{
	CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, EVP_aes_256_cbc(), CMS_PARTIAL | CMS_BINARY);
	BIO *in = cms ? bio_of(plain) : NULL;
	bool ok = in && (!k->secret || add_secret(cms, k));

	for (size_t i = 0; i < k->ncert && ok; i++)
		ok = CMS_add1_recipient_cert(cms, k->cert[i], 0) != NULL;
	ok = ok && CMS_final(cms, in, NULL, CMS_BINARY) == 1;
	BIO_free(in);
	if (ok)
		return cms;
	CMS_ContentInfo_free(cms);
	return NULL;
}

int cms_seal(const struct deid_host *h, struct deid_job *job, const struct cms_keys *k, struct deid_str plain,
    struct deid_str *der, struct deid_error *err)
{
	CMS_ContentInfo *cms;
	unsigned char *p = NULL, *end;
	int n = -1;

	/* OpenSSL counts in int, and the envelope is a little longer. */
	if (plain.n > INT_MAX / 2)
		return h->fail(err, DEID_FAILED, DEID_E_LIMIT, "what is to be encrypted is too long");
	cms = envelope(k, plain);
	if (cms)
		n = i2d_CMS_ContentInfo(cms, NULL);
	if (n > 0)
		p = end = h->alloc(job, (size_t)n);
	if (p && i2d_CMS_ContentInfo(cms, &end) != n)
		n = -1;
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	if (n > 0 && !p)
		return h->fail(err, DEID_FAILED, DEID_E_NOMEM, "no memory for the encrypted attributes");
	if (n <= 0)
		return h->fail(err, DEID_FAILED, DEID_E_KEY, "OpenSSL cannot encrypt with these keys");
	*der = (struct deid_str){(const char *)p, (size_t)n};
	return DEID_OK;
}

/* ---- opening ------------------------------------------------------------------------------------ */

static CMS_ContentInfo *parse(struct deid_str s)
{
	const unsigned char *p = (const unsigned char *)s.p, *end = p + s.n;
	CMS_ContentInfo *cms;
	bool asked = false;
	BIO *bio;

	if (!s.n || s.n > INT_MAX)
		return NULL;
	if (str_prefix(s, "-----BEGIN")) {
		bio = bio_of(s);
		cms = bio ? PEM_read_bio_CMS(bio, NULL, no_passphrase, &asked) : NULL;
		BIO_free(bio);
	} else {
		cms = d2i_CMS_ContentInfo(NULL, &p, (long)s.n);
		/* Behind it there is room for a byte of padding. */
		while (cms && p < end && *p == 0)
			p++;
		if (cms && p < end) {
			CMS_ContentInfo_free(cms);
			cms = NULL;
		}
	}
	if (cms && OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_enveloped) {
		CMS_ContentInfo_free(cms);
		cms = NULL;
	}
	return cms;
}

/* Finds the recipient that a key is of. Failures are told apart, which only matters where somebody could ask
 * many times what they are; here whoever has the file and the key needs no such help. */
static bool find_key(CMS_ContentInfo *cms, const struct cms_keys *k)
{
	unsigned char *secret;

	if (k->secret) {
		secret = OPENSSL_memdup(k->secret, k->nsecret);
		if (secret && CMS_decrypt_set1_key(cms, secret, k->nsecret, NULL, 0) == 1) {
			OPENSSL_clear_free(secret, k->nsecret);
			return true;
		}
		OPENSSL_clear_free(secret, k->nsecret);
	}
	CMS_decrypt(cms, NULL, NULL, NULL, NULL, CMS_DEBUG_DECRYPT);
	return k->private_key && CMS_decrypt_set1_pkey(cms, k->private_key, NULL) == 1;
}

static enum cms_rc unseal(
    const struct deid_host *h, struct deid_job *job, CMS_ContentInfo *cms, struct deid_str *plain)
{
	BIO *out = BIO_new(BIO_s_mem());
	enum cms_rc rc = CMS_NO_MEMORY;
	char *data, *copy;
	long n;

	if (out && CMS_decrypt(cms, NULL, NULL, NULL, out, CMS_BINARY | CMS_DEBUG_DECRYPT) != 1) {
		rc = CMS_CHANGED;
	} else if (out) {
		n = BIO_get_mem_data(out, &data);
		copy = h->alloc(job, n > 0 ? (size_t)n : 0);
		if (copy && n > 0) {
			memcpy(copy, data, (size_t)n);
			OPENSSL_cleanse(data, (size_t)n);
		}
		*plain = (struct deid_str){copy, n > 0 ? (size_t)n : 0};
		rc = copy ? CMS_OPENED : CMS_NO_MEMORY;
	}
	BIO_free(out);
	return rc;
}

enum cms_rc cms_open(const struct deid_host *h, struct deid_job *job, const struct cms_keys *k,
    struct deid_str content, struct deid_str *plain)
{
	CMS_ContentInfo *cms = parse(content);
	enum cms_rc rc = CMS_NOT_CMS;

	if (cms)
		rc = find_key(cms, k) ? unseal(h, job, cms, plain) : CMS_NO_KEY;
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return rc;
}
