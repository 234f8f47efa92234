/* SPDX-License-Identifier: MIT */
/*
 * What a gear is told: ROOT/config.json, as the platform writes it (Flywheel gear specification, "The input
 * configuration"), with the keys of deid-inplace.
 */
#ifndef DEID_CLI_GEARCONFIG_H
#define DEID_CLI_GEARCONFIG_H

#include "core/cli/jsonfile.h"

struct gear_config {
	struct jsonfile file;
	char *path;                    /* of config.json */
	char *input, *profile, *table; /* paths; table NULL: none */
	const char *name;              /* of the input, as the platform calls it; NULL: not known */
	const char *container;         /* what the input hangs on */
	yajl_val object;               /* what the platform knows of it; may be NULL */
	const char *subject, *session; /* labels; NULL: config.json has none */
	const char *tag;
	const char *secret_key, *public_key, *private_key; /* resolver paths; NULL: none */
	bool debug, delete_original, sessions;
};

/* Fails with a message that names the key and shows no value; what was read before that is there, so that the
 * name of the input may be known. To be freed in any case. */
int gear_config_read(struct gear_config *, const char *root, struct deid_error *);
void gear_config_free(struct gear_config *);

/* Where below key_root the key with this resolver path is, in out. Fails with DEID_FAILED when that is none:
 * config is the key of config.json. */
int gear_key_path(
    const char *key_root, const char *config, struct deid_str resolver, struct buf *out, struct deid_error *);

#endif
