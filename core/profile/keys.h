/* SPDX-License-Identifier: MIT */
/*
 * Keys: the bytes of a secret key, and what a command line says of keys (profile language, sections 2 and
 * 4.11). Whoever holds a secret wipes it; none is ever printed.
 */
#ifndef DEID_PROFILE_KEYS_H
#define DEID_PROFILE_KEYS_H

#include "core/util/error.h"
#include <deid/plugin.h>

#define SECRET_MAX 32

struct secret {
	uint8_t byte[SECRET_MAX];
	size_t n; /* 16, 24 or 32; 0: none */
};

/* Hexadecimal digits of either case; blanks around them are dropped, and nothing is no key. False: anything
 * else. */
bool secret_parse(struct deid_str hex, struct secret *);
void secret_wipe(struct secret *);

/* What the command line names; it goes over what a profile says. */
struct keys {
	struct secret secret;
	char *secret_hex;   /* as it was read, for templates; NULL: none */
	char *public_key;   /* paths, ", " between them; NULL: none */
	char *private_key;  /* a path; NULL: none */
	char **public_file; /* the same paths, one by one */
	size_t npublic;
};

/* Read a key file, or see that it can be read. A regular file of a key's size is wanted; a file that others
 * may read gives an advice. What is wrong becomes a diagnostic of the file, whose name must outlive err.
 * False: no memory. */
bool keys_secret(struct keys *, const char *path, struct deid_error *);
bool keys_public(struct keys *, const char *path, struct deid_error *); /* may be repeated */
bool keys_private(struct keys *, const char *path, struct deid_error *);
void keys_free(struct keys *);

/* The content of a key file, from malloc(). False: *why says what is wrong (a constant, or good until the
 * next call of strerror()), or is NULL without memory. */
bool keys_read(const char *path, uint8_t **p, size_t *n, const char **why);

#endif
