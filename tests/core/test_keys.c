/* SPDX-License-Identifier: MIT */
#include "core/profile/keys.h"
#include "core/util/str.h"
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEX32 "000102030405060708090a0b0c0d0e0f"

Test(keys, parse)
{
	static const struct {
		const char *text;
		size_t n; /* 0: none; SIZE_MAX: refused */
	} cases[] = {{HEX32, 16}, {"  " HEX32 "\r\n", 16}, {"000102030405060708090A0B0C0D0E0F", 16},
	    {HEX32 "1011121314151617", 24}, {HEX32 "101112131415161718191a1b1c1d1e1f", 32}, {"", 0},
	    {" \n", 0}, {"00", SIZE_MAX}, {HEX32 "00", SIZE_MAX},
	    {"000102030405060708090a0b0c0d0e0", SIZE_MAX}, {"000102030405060708090a0b0c0d0e0g", SIZE_MAX},
	    {"00010203 0405060708090a0b0c0d0e0f", SIZE_MAX}, {"0001020304050607 08090a0b0c0d0e0", SIZE_MAX},
	    {HEX32 HEX32 HEX32, SIZE_MAX}, {"0x0102030405060708090a0b0c0d0e0f", SIZE_MAX}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct secret s;
		bool good = secret_parse(str_of(cases[i].text), &s);

		cr_assert_eq(good, cases[i].n != SIZE_MAX, "%s", cases[i].text);
		cr_assert_eq(s.n, good ? cases[i].n : 0, "%s", cases[i].text);
		for (size_t k = 0; k < s.n; k++)
			cr_assert_eq(s.byte[k], k);
	}
}

static char folder[] = "/tmp/deid-keys-XXXXXX";

static void make_folder(void)
{
	strcpy(folder + sizeof folder - 7, "XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
}

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static const char *make_file(const char *text, size_t n, mode_t mode)
{
	const char *path = path_of("key");
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	cr_assert(fd >= 0);
	cr_assert_eq(write(fd, text, n), (ssize_t)n);
	cr_assert_eq(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static void remove_folder(void)
{
	unlink(path_of("key"));
	cr_assert_eq(rmdir(folder), 0);
}

TestSuite(key_file, .init = make_folder, .fini = remove_folder);

static void read_file(const char *text, size_t n, mode_t mode, size_t want, size_t errors, size_t said)
{
	struct keys k = {.secret_hex = NULL};
	struct deid_error err;

	error_init(&err);
	cr_assert(keys_secret(&k, make_file(text, n, mode), &err));
	cr_assert_eq(k.secret.n, want);
	cr_assert_eq(k.secret_hex != NULL, want != 0);
	cr_assert_eq(err.nerrors, errors);
	cr_assert_eq(err.ndiag, said, "%zu", err.ndiag);
	for (size_t i = 0; i < err.ndiag; i++)
		cr_assert_null(strstr(err.diag[i].text, "0001"), "a key is never told");
	keys_free(&k);
	cr_assert_eq(k.secret.n, 0);
	error_free(&err);
}

Test(key_file, secret)
{
	char large[4096];

	memset(large, ' ', sizeof large);
	memcpy(large, HEX32, 32);
	read_file(HEX32 "\n", 33, 0600, 16, 0, 0);
	read_file(HEX32 "\n", 33, 0400, 16, 0, 0);
	read_file(HEX32, 32, 0640, 16, 0, 1);
	read_file(HEX32, 32, 0604, 16, 0, 1);
	read_file("", 0, 0600, 0, 0, 0);
	read_file("\n", 1, 0600, 0, 0, 0);
	read_file("0001", 4, 0600, 0, 1, 1);
	read_file(HEX32 "\0", 33, 0600, 0, 1, 1);
	read_file(large, 1024, 0600, 16, 0, 0);
	read_file(large, 1025, 0600, 0, 1, 1);
	read_file(large, sizeof large, 0600, 0, 1, 1);
}

static void refused(const char *path, const char *says)
{
	struct keys k = {.secret_hex = NULL};
	struct deid_error err;

	error_init(&err);
	cr_assert(keys_secret(&k, path, &err));
	cr_assert(keys_public(&k, path, &err));
	cr_assert(keys_private(&k, path, &err));
	cr_assert_eq(err.nerrors, 3);
	for (size_t i = 0; i < 3; i++)
		cr_assert_not_null(strstr(err.diag[i].text, says), "%s", err.diag[i].text);
	cr_assert(!k.secret.n && !k.secret_hex && !k.public_key && !k.private_key);
	keys_free(&k);
	error_free(&err);
}

/* A pipe that nobody writes to must not stop the program. */
Test(key_file, no_regular_file, .timeout = 20)
{
	refused(path_of("none"), "No such file");
	refused(folder, "regular file");
	refused("/dev/zero", "regular file");
	cr_assert_eq(mkfifo(path_of("key"), 0600), 0);
	refused(path_of("key"), "regular file");
}

Test(key_file, the_last_secret_holds)
{
	struct keys k = {.secret_hex = NULL};
	struct deid_error err;
	const char *path;

	error_init(&err);
	cr_assert(keys_secret(&k, make_file(HEX32, 32, 0600), &err));
	cr_assert(keys_secret(&k, make_file(HEX32 HEX32, 64, 0600), &err));
	cr_assert_eq(k.secret.n, 32);
	cr_assert_str_eq(k.secret_hex, HEX32 HEX32);
	path = make_file("x", 1, 0600);
	cr_assert(keys_public(&k, path, &err));
	cr_assert(keys_public(&k, path, &err));
	cr_assert(keys_private(&k, path, &err));
	cr_assert(strlen(k.public_key) == 2 * strlen(path) + 2 && strstr(k.public_key, ", "));
	cr_assert_str_eq(k.private_key, path);
	cr_assert_eq(err.ndiag, 0);
	keys_free(&k);
	error_free(&err);
}
