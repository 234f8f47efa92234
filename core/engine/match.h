/* SPDX-License-Identifier: MIT */
/* Which section of a profile a file belongs to (profile language, section 3). */
#ifndef DEID_ENGINE_MATCH_H
#define DEID_ENGINE_MATCH_H

#include "core/profile/profile.h"

/* Is it looked through as gzip? *inner: the name without the .gz, else the name. */
bool match_gzip(struct deid_str name, struct deid_str *inner);

/* The source is what the file holds: of a gzip'd one the unpacked head. Filters match its name with or
 * without the .gz. By name first: sections whose filter matches, and among several of them those whose
 * content mark matches too, the surest first, then the order in the document. Without a name that matches, by
 * content mark alone. Containers come after all others. *section = NULL: nobody claims it, and *why says so.
 * A failure is a read error. */
int match_section(const struct profile *, const struct deid_host *, struct deid_str name,
    struct deid_source *, const struct section **section, const char **why, struct deid_error *);

/* The same for a file of this name with all its bytes: looks into a gzip'd one, with memory of the arena. */
int match_file(const struct profile *, const struct deid_host *, struct deid_str name, struct deid_source *,
    struct arena *, const struct section **section, const char **why, struct deid_error *);

/* Does some filter match the name? */
bool match_by_name(const struct profile *, struct deid_str name);

/* For the message of a file that its section could not read: another section of the profile whose content
 * mark is there. NULL: none, or `section` itself has it. */
const struct section *match_mark(
    const struct profile *, const struct deid_host *, const struct section *, struct deid_source *);

#endif
