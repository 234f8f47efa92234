/* SPDX-License-Identifier: MIT */
/* The table of the modules that the plugin `owner` loads. */
#ifndef DEID_TESTS_COMPANION_H
#define DEID_TESTS_COMPANION_H

#include <deid/plugin.h>

#define COMPANION_TABLE_VERSION 7

struct companion {
	struct deid_module head;
	const char *(*text)(void);
};

#endif
