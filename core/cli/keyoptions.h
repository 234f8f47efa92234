/* SPDX-License-Identifier: MIT */
/* The options about keys that run and check share. */
#ifndef DEID_CLI_KEYOPTIONS_H
#define DEID_CLI_KEYOPTIONS_H

#include "core/cli/command.h"

enum { OPTION_SECRET_KEY = 270, OPTION_PUBLIC_KEY, OPTION_PRIVATE_KEY };

#define KEY_OPTIONS                                                                                          \
	{"secret-key", required_argument, NULL, OPTION_SECRET_KEY},                                          \
	    {"public-key", required_argument, NULL, OPTION_PUBLIC_KEY},                                      \
	{                                                                                                    \
		"private-key", required_argument, NULL, OPTION_PRIVATE_KEY                                   \
	}

#define KEY_HELP                                                                                             \
	"      --secret-key FILE       the key of encrypt and decrypt, over those of the profile\n"          \
	"      --public-key FILE       a certificate (repeatable)\n"                                         \
	"      --private-key FILE      a private key\n"

/* True when the option is one of KEY_OPTIONS: the key is then in session->keys, or *status >= 0 says with
 * what to leave. */
bool key_option(struct session *, const struct command *, int option, const char *value, int *status);

#endif
