/* SPDX-License-Identifier: MIT */
/* Shell globs as Python's fnmatch.fnmatchcase has them: * ? [seq] [!seq], no escapes, `*` matches a
 * leading dot and any character; `[` without `]` is itself; characters are code points, of UTF-8. */
#ifndef DEID_UTIL_GLOB_H
#define DEID_UTIL_GLOB_H

#include <deid/plugin.h>

bool glob_match(struct deid_str pattern, struct deid_str name);

#endif
