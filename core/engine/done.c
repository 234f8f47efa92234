/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/done.h"

#include "core/io/range.h"
#include "core/io/source.h"
#include "core/util/error.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE (2 * DONE_DIGEST + 1)
#define PIECE ((size_t)64 << 10)

/* ---- the file ---------------------------------------------------------------------------------- */

static int lock(const struct done *d, int how, struct deid_error *err)
{
	while (flock(d->fd, how) != 0)
		if (errno != EINTR)
			return error_errno(err, DEID_FATAL, "--done: cannot lock %s", d->path);
	return DEID_OK;
}

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_line(const char line[LINE], unsigned char digest[DONE_DIGEST])
{
	for (size_t i = 0; i < DONE_DIGEST; i++) {
		int high = nibble(line[2 * i]), low = nibble(line[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		digest[i] = (unsigned char)(high << 4 | low);
	}
	return line[LINE - 1] == '\n';
}

static void put_line(const struct done_digest *digest, char line[LINE])
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < DONE_DIGEST; i++) {
		line[2 * i] = digits[digest->b[i] >> 4];
		line[2 * i + 1] = digits[digest->b[i] & 15];
	}
	line[LINE - 1] = '\n';
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, DONE_DIGEST);
}

/* What is left of a line at the end belongs to no output. A beginning that is none of ours is another file.
 */
static int read_lines(struct done *d, struct deid_source *src, struct deid_error *err)
{
	uint64_t size = source_size(src), n = size / LINE;
	char line[LINE];
	if (n > SIZE_MAX / LINE)
		return error_nomem(err);
	d->known = malloc(n ? (size_t)n * DONE_DIGEST : 1);
	if (!d->known)
		return error_nomem(err);
	for (; d->n < n; d->n++) {
		int rc = source_read(src, (uint64_t)d->n * LINE, line, LINE, err);
		if (rc != DEID_OK)
			return rc;
		if (!parse_line(line, d->known + d->n * DONE_DIGEST))
			return error_fail(err, DEID_FATAL, DEID_E_CONFLICT,
			    "--done: %s, line %zu: this is no SHA-256 of an output; is it another file?",
			    d->path, d->n + 1);
	}
	if (n == 0 && size) {
		int rc = source_read(src, 0, line, (size_t)size, err);
		for (size_t i = 0; rc == DEID_OK && i < size; i++)
			if (nibble(line[i]) < 0)
				rc = error_fail(err, DEID_FATAL, DEID_E_CONFLICT,
				    "--done: %s is no list of outputs of earlier runs", d->path);
		return rc;
	}
	qsort(d->known, d->n, DONE_DIGEST, compare);
	return DEID_OK;
}

static int load(struct done *d, struct deid_error *err)
{
	struct deid_source *src = NULL;
	int fd, rc = lock(d, LOCK_SH, err);
	if (rc != DEID_OK)
		return rc;
	fd = fcntl(d->fd, F_DUPFD_CLOEXEC, 0);
	rc = fd < 0 ? error_errno(err, DEID_FATAL, "--done: cannot read %s", d->path)
		    : source_open_fd(&src, fd, err);
	if (rc == DEID_OK)
		rc = read_lines(d, src, err);
	source_close(src);
	flock(d->fd, LOCK_UN);
	return rc;
}

/* A file that was just made must outlive a power cut as its lines do. */
static int sync_folder(const char *path, struct deid_error *err)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash == path ? strdup("/")
		       : slash       ? strndup(path, (size_t)(slash - path))
				     : strdup(".");
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1, rc = DEID_OK;
	if (!folder)
		rc = error_nomem(err);
	else if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		rc = error_errno(err, DEID_FATAL, "--done: cannot write the folder of %s", path);
	if (fd >= 0)
		close(fd);
	free(folder);
	return rc;
}

int done_open(struct done *d, const char *path, bool dry, struct deid_error *err)
{
	int flags = dry ? O_RDONLY : O_RDWR | O_CREAT;
	struct stat st;
	d->path = path;
	d->fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW, 0600);
	if (d->fd < 0 && dry && errno == ENOENT)
		return DEID_OK;
	if (d->fd < 0 || fstat(d->fd, &st) != 0)
		return error_errno(err, DEID_FATAL, "--done: cannot open %s", path);
	if (!S_ISREG(st.st_mode))
		return error_fail(err, DEID_FATAL, DEID_E_IO, "--done: %s is no plain file", path);
	int rc = load(d, err);
	return rc == DEID_OK && !dry && st.st_size == 0 ? sync_folder(path, err) : rc;
}

void done_close(struct done *d)
{
	if (d->path && d->fd >= 0)
		close(d->fd);
	free(d->known);
	*d = (struct done){.fd = -1};
}

static int add_lines(const struct done *d, const char *lines, size_t n, bool sync, struct deid_error *err)
{
	struct stat st;
	if (fstat(d->fd, &st) != 0)
		return error_errno(err, DEID_FAILED, "--done: cannot write %s", d->path);
	off_t end = st.st_size - st.st_size % LINE;
	int rc = range_write(d->fd, (uint64_t)end, lines, n, err);
	if (rc == DEID_OK && sync && fdatasync(d->fd) != 0)
		rc = error_errno(err, DEID_FAILED, "--done: cannot write %s", d->path);
	/* Also what stands behind it of an interrupted write that was longer. */
	if (ftruncate(d->fd, rc == DEID_OK ? end + (off_t)n : end) != 0 && rc == DEID_OK)
		rc = error_errno(err, DEID_FAILED, "--done: cannot write %s", d->path);
	return rc;
}

int done_add(
    const struct done *d, const struct done_digest *digest, size_t n, bool sync, struct deid_error *err)
{
	char *lines = n ? malloc(n * LINE) : NULL;
	if (n == 0)
		return DEID_OK;
	if (!lines)
		return error_nomem(err);
	for (size_t i = 0; i < n; i++)
		put_line(&digest[i], lines + i * LINE);
	int rc = lock(d, LOCK_EX, err);
	if (rc == DEID_OK) {
		rc = add_lines(d, lines, n * LINE, sync, err);
		flock(d->fd, LOCK_UN);
	}
	free(lines);
	return rc;
}

/* ---- files ------------------------------------------------------------------------------------- */

static int digest_pieces(
    struct deid_source *src, EVP_MD_CTX *ctx, unsigned char *piece, struct deid_error *err)
{
	uint64_t size = source_size(src);
	for (uint64_t at = 0; at < size;) {
		size_t n = size - at < PIECE ? (size_t)(size - at) : PIECE;
		int rc = source_read(src, at, piece, n, err);
		if (rc != DEID_OK)
			return rc;
		if (EVP_DigestUpdate(ctx, piece, n) != 1)
			return error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "SHA-256 failed");
		at += n;
	}
	return DEID_OK;
}

int done_digest(struct deid_source *src, struct done_digest *out, struct deid_error *err)
{
	unsigned char *piece = malloc(PIECE);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = DEID_OK;
	if (!piece || !ctx)
		rc = error_nomem(err);
	else if (EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		rc = error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "SHA-256 failed");
	if (rc == DEID_OK)
		rc = digest_pieces(src, ctx, piece, err);
	if (rc == DEID_OK && EVP_DigestFinal_ex(ctx, out->b, NULL) != 1)
		rc = error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "SHA-256 failed");
	EVP_MD_CTX_free(ctx);
	free(piece);
	return rc;
}

int done_check(const struct done *d, struct deid_source *src, struct deid_error *err)
{
	struct done_digest digest;
	if (d->again || d->n == 0)
		return DEID_OK;
	int rc = done_digest(src, &digest, err);
	if (rc == DEID_OK && bsearch(digest.b, d->known, d->n, DONE_DIGEST, compare))
		rc = error_fail(err, DEID_FAILED, DEID_E_CONFLICT,
		    "it is the output of an earlier run (--done): --again de-identifies it once more");
	return rc;
}
