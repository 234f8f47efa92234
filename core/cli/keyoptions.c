/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/keyoptions.h"

#include "core/cli/print.h"

static bool read_key(struct session *s, int option, const char *path)
{
	switch (option) {
	case OPTION_SECRET_KEY:
		return keys_secret(&s->keys, path, &s->err);
	case OPTION_PUBLIC_KEY:
		return keys_public(&s->keys, path, &s->err);
	default:
		return keys_private(&s->keys, path, &s->err);
	}
}

bool key_option(struct session *s, const struct command *c, int option, const char *value, int *status)
{
	*status = -1;
	if (option < OPTION_SECRET_KEY || option > OPTION_PRIVATE_KEY)
		return false;
	if (!read_key(s, option, value)) {
		*status = usage_error(c, "no memory");
	} else if (s->err.nerrors) {
		for (size_t i = 0; i < s->err.ndiag; i++)
			print_diag(stderr, &s->err.diag[i]);
		*status = EXIT_NOTHING_TOUCHED;
	}
	return true;
}
