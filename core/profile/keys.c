/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/keys.h"
#include "core/util/str.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for a key in hexadecimal and a good deal of blanks. */
#define SECRET_FILE_MAX 1024
/* Certificates come in chains, but not in books. */
#define KEY_FILE_MAX ((off_t)1 << 20)

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool secret_parse(struct deid_str hex, struct secret *out)
{
	int bad = 0;

	hex = str_trim(hex);
	*out = (struct secret){.n = hex.n / 2};
	if (hex.n != 0 && hex.n != 32 && hex.n != 48 && hex.n != 64) {
		out->n = 0;
		return false;
	}
	for (size_t i = 0; i < out->n; i++) {
		int hi = hex_value(hex.p[2 * i]), lo = hex_value(hex.p[2 * i + 1]);

		bad |= hi < 0 || lo < 0;
		out->byte[i] = (uint8_t)((unsigned)hi << 4 | ((unsigned)lo & 15));
	}
	if (bad)
		secret_wipe(out);
	return !bad;
}

void secret_wipe(struct secret *s)
{
	OPENSSL_cleanse(s, sizeof *s);
}

/* ---- files -------------------------------------------------------------------------------------- */

static int refuse(struct deid_error *err, const char *path, const char *why)
{
	error_diag(err, DIAG_ERROR, path, 0, 0, "%s", why);
	return -1;
}

/* An open file of at most `max` bytes, or -1 and the reason. */
static int open_file(const char *path, off_t max, struct stat *st, const char **why)
{
	/* A pipe without a writer must not hold us up. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	*why = NULL;
	if (fd < 0 || fstat(fd, st) != 0)
		*why = strerror(errno);
	else if (!S_ISREG(st->st_mode))
		*why = "a key file must be a regular file";
	else if (st->st_size > max)
		*why = "too large for a key file";
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* … or -1 and a diagnostic. */
static int open_key(const char *path, off_t max, bool secret, struct deid_error *err)
{
	struct stat st;
	const char *why;
	int fd = open_file(path, max, &st, &why);

	if (fd < 0)
		return refuse(err, path, why);
	if (secret && st.st_mode & (S_IRWXG | S_IRWXO))
		error_diag(err, DIAG_ADVICE, path, 0, 0, "others may read this key file; chmod 600 it");
	return fd;
}

static bool read_all(int fd, char *p, size_t size, size_t *n)
{
	*n = 0;
	while (*n < size) {
		ssize_t got = read(fd, p + *n, size - *n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		*n += (size_t)got;
	}
	return true;
}

static void free_secret(struct keys *k)
{
	if (k->secret_hex)
		OPENSSL_cleanse(k->secret_hex, strlen(k->secret_hex));
	free(k->secret_hex);
	k->secret_hex = NULL;
	secret_wipe(&k->secret);
}

bool keys_secret(struct keys *k, const char *path, struct deid_error *err)
{
	char text[SECRET_FILE_MAX + 1];
	struct deid_str hex = {text, 0};
	int fd = open_key(path, SECRET_FILE_MAX, true, err);
	bool memory = true;

	if (fd < 0)
		return true;
	free_secret(k);
	if (!read_all(fd, text, sizeof text, &hex.n)) {
		refuse(err, path, strerror(errno));
	} else if (hex.n == sizeof text || !secret_parse(hex, &k->secret)) {
		refuse(err, path, "a secret key is 32, 48 or 64 hexadecimal digits");
	} else if (k->secret.n) {
		hex = str_trim(hex);
		k->secret_hex = strndup(hex.p, hex.n);
		memory = k->secret_hex != NULL;
	}
	OPENSSL_cleanse(text, sizeof text);
	close(fd);
	return memory;
}

static bool look(const char *path, bool secret, struct deid_error *err)
{
	int fd = open_key(path, KEY_FILE_MAX, secret, err);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool add_public(struct keys *k, const char *path)
{
	char **more = reallocarray(k->public_file, k->npublic + 1, sizeof *more);

	if (!more)
		return false;
	k->public_file = more;
	more[k->npublic] = strdup(path);
	if (!more[k->npublic])
		return false;
	k->npublic++;
	return true;
}

bool keys_public(struct keys *k, const char *path, struct deid_error *err)
{
	struct buf joined = {0};

	if (!look(path, false, err))
		return true;
	if (!add_public(k, path))
		return false;
	if ((k->public_key && (!buf_z(&joined, k->public_key) || !buf_z(&joined, ", "))) ||
	    !buf_z(&joined, path) || !buf_cstr(&joined)) {
		buf_free(&joined);
		return false;
	}
	free(k->public_key);
	k->public_key = joined.p;
	return true;
}

bool keys_read(const char *path, uint8_t **p, size_t *n, const char **why)
{
	struct stat st;
	int fd = open_file(path, KEY_FILE_MAX, &st, why);
	bool good;

	*p = NULL;
	*n = 0;
	if (fd < 0)
		return false;
	/* One byte more tells a file that grew. */
	*p = malloc((size_t)st.st_size + 1);
	good = *p && read_all(fd, (char *)*p, (size_t)st.st_size + 1, n);
	if (*p && !good)
		*why = strerror(errno);
	else if (*p && *n > (size_t)st.st_size)
		*why = "it grows while it is read";
	good = good && !*why;
	close(fd);
	if (!good && *p) {
		OPENSSL_cleanse(*p, *n);
		free(*p);
		*p = NULL;
	}
	return good;
}

bool keys_private(struct keys *k, const char *path, struct deid_error *err)
{
	if (!look(path, true, err))
		return true;
	free(k->private_key);
	k->private_key = strdup(path);
	return k->private_key != NULL;
}

void keys_free(struct keys *k)
{
	free_secret(k);
	free(k->public_key);
	free(k->private_key);
	for (size_t i = 0; i < k->npublic; i++)
		free(k->public_file[i]);
	free(k->public_file);
	*k = (struct keys){.secret_hex = NULL};
}
