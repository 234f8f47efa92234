/* SPDX-License-Identifier: MIT */
/*
 * What a profile that has no error may still have got wrong: entries that can never act, entries that undo
 * what others did, sections that no file ever belongs to, pseudonyms that anyone can turn back. Only what is
 * certain from the document alone is said, as advice (error.h).
 */
#ifndef DEID_PROFILE_ADVICE_H
#define DEID_PROFILE_ADVICE_H

#include "core/profile/profile.h"

/* One compiled section. False: no memory. */
bool advise_section(const struct section *, struct deid_error *);
/* How the sections share files. */
void advise_files(const struct profile *, struct deid_error *);
/* An action at a node that mixes in a salt, and there is none: said once in a section. */
void advise_salt(
    struct section *, const struct deid_node *entry, const struct deid_transform *, struct deid_error *);

#endif
