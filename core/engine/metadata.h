/* SPDX-License-Identifier: MIT */
/* Sections of a group (profile.h, section.member): they are run over a document in memory. */
#ifndef DEID_ENGINE_METADATA_H
#define DEID_ENGINE_METADATA_H

#include "core/engine/run.h"

/* Adds what the section makes of the document to out. What is to be reported is added to *o: counts, warnings
 * and names that were not found, these with the section's name before them. label: the document's name, for
 * messages. */
int metadata_section(const struct run *, const struct section *, const char *label, struct deid_str document,
    struct buf *out, struct outcome *o, struct deid_error *);

#endif
