/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/random.h"

#include "core/util/bytes.h"
#include "core/util/error.h"
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>

void draws_begin(struct draws *d)
{
	d->whole_drawn = false;
	map_clear(&d->count);
}

void draws_free(struct draws *d)
{
	map_free(&d->count);
}

static int from_system(unsigned char *p, size_t n, struct deid_error *err)
{
	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_errno(err, DEID_FAILED, "the system's random numbers");
		p += got;
		n -= (size_t)got;
	}
	return DEID_OK;
}

/* The how manieth draw of this field this is; SIZE_MAX: no memory. */
static uint64_t next_count(struct draws *d, struct deid_str name)
{
	struct map_entry *e = map_put_copy(&d->count, name, NULL);
	uint64_t n;
	if (!e)
		return UINT64_MAX;
	n = (uint64_t)(uintptr_t)e->value;
	e->value = (void *)(uintptr_t)(n + 1);
	return n;
}

static bool put_number(struct buf *b, uint64_t v)
{
	char le[8];
	for (size_t i = 0; i < sizeof le; i++)
		le[i] = (char)(v >> 8 * i);
	return buf_add(b, le, sizeof le);
}

/* Each length goes before its text, so that no two draws have one message. */
static bool message(
    const struct draws *d, struct deid_str path, const struct deid_str *field, uint64_t count, struct buf *b)
{
	const struct deid_str name = field ? *field : (struct deid_str){"", 0};
	return buf_z(b, "deid jitter") && put_number(b, d->seed) && put_number(b, path.n) &&
	       buf_str(b, path) && put_number(b, field != NULL) && put_number(b, name.n) &&
	       buf_str(b, name) && put_number(b, count);
}

/* SHA-256 of the message and a counter, block after block. */
static int from_seed(const struct draws *d, struct deid_str path, const struct deid_str *field,
    uint64_t count, unsigned char *p, size_t n, struct deid_error *err)
{
	unsigned char block[EVP_MAX_MD_SIZE];
	struct buf b = {0};
	bool good = message(d, path, field, count, &b);
	size_t head = b.n;
	unsigned len = 0;
	for (uint64_t i = 0; good && n > 0; i++) {
		b.n = head;
		good = put_number(&b, i) && EVP_Digest(b.p, b.n, block, &len, EVP_sha256(), NULL) == 1;
		size_t take = n < len ? n : len;
		memcpy(p, block, good ? take : 0);
		p += take;
		n -= take;
	}
	buf_free(&b);
	return good ? DEID_OK : error_nomem(err);
}

static int draw(struct draws *d, const char *path, const struct deid_str *field, void *out, size_t n,
    struct deid_error *err)
{
	uint64_t count = 0;
	if (!d->seeded)
		return from_system(out, n, err);
	if (field)
		count = next_count(d, *field);
	if (count == UINT64_MAX)
		return error_nomem(err);
	return from_seed(d, str_of(path), field, count, out, n, err);
}

int draws_bytes(struct draws *d, const char *path, const struct deid_field *field, void *out, size_t n,
    struct deid_error *err)
{
	if (field)
		return draw(d, path, &field->name, out, n, err);
	if (n > RANDOM_WHOLE)
		return error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "more random bytes than a file has");
	if (!d->whole_drawn) {
		int rc = draw(d, path, NULL, d->whole, RANDOM_WHOLE, err);
		if (rc != DEID_OK)
			return rc;
		d->whole_drawn = true;
	}
	memcpy(out, d->whole, n);
	return DEID_OK;
}
