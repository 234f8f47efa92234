/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/command.h"
#include "core/profile/keys.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t put = write(fd, p, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

static int fail(const char *path)
{
	return usage_error(&command_keygen, "%s: %s", path, strerror(errno));
}

/* A key that was there is never written over: what it has encrypted would be lost. */
static int write_key(const char *path, const char *text, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return fail(path);
	/* Whatever the umask says, the owner can use it. */
	bool good = fchmod(fd, S_IRUSR | S_IWUSR) == 0 && write_all(fd, text, n) && fsync(fd) == 0;
	int why = errno;
	good = close(fd) == 0 && good;
	if (good)
		return EXIT_DONE;
	unlink(path);
	errno = why;
	return fail(path);
}

static int make_key(const char *path, size_t bytes)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char key[SECRET_MAX];
	char text[2 * SECRET_MAX + 1];
	int status = EXIT_NOTHING_TOUCHED;
	if (RAND_priv_bytes(key, (int)bytes) != 1) {
		usage_error(&command_keygen, "the system gives no random numbers");
	} else {
		for (size_t i = 0; i < 2 * bytes; i++)
			text[i] = digits[i % 2 ? key[i / 2] & 15 : key[i / 2] >> 4];
		text[2 * bytes] = '\n';
		status = write_key(path, text, 2 * bytes + 1);
	}
	OPENSSL_cleanse(key, sizeof key);
	OPENSSL_cleanse(text, sizeof text);
	return status;
}

static int run(struct session *s, int argc, char **argv)
{
	static const struct option options[] = {
	    COMMON_OPTIONS, {"bits", required_argument, NULL, OPTION_FIRST_OWN}, {0}};
	const char *const sizes = "128|192|256";
	int c, status, size = 2;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option_common(s, &command_keygen, c, optarg, &status)) {
			if (status >= 0)
				return status;
			continue;
		}
		size = option_word(sizes, optarg);
		if (size < 0)
			return usage_error(&command_keygen, "--bits: '%s' is none of %s", optarg, sizes);
	}
	if (optind + 1 != argc)
		return usage_error(&command_keygen,
		    optind == argc ? "the file for the key is missing" : "one file is expected");
	return make_key(argv[optind], 16 + 8 * (size_t)size);
}

const struct command command_keygen = {"keygen", "make a secret key file", run,
    "Usage: deid keygen [--bits 128|192|256] FILE\n"
    "Writes a new random key for encrypt and decrypt to FILE, as hexadecimal text, with mode 0600. A file "
    "that\n"
    "exists is left alone.\n"
    "Exit status: 0 done; 2 not.\n\n"
    "      --bits 128|192|256      its size (default 256)\n"
    "      --plugin-dir DIR\n"
    "      --help\n"};
