/* SPDX-License-Identifier: MIT */
/* `filenames` (profile language, section 6): what an output is called, by the input's name and the record's
 * fields. */
#ifndef DEID_PROFILE_FILENAME_RULE_H
#define DEID_PROFILE_FILENAME_RULE_H

#include "core/profile/output.h"
#include "core/profile/profile.h"

/* What a variable stands for. */
struct filename_place {
	size_t capture; /* a group of the expression; 0: a field */
	bool own;       /* … of the record; else, in a container, only of what it holds */
	uint32_t query; /* … whose final value it is */
};

struct filename_rule {
	struct output output;
	struct filename_place *place; /* one for each piece of the output */
};

/* The rules of section->node into the section, after its fields. What is wrong is said (complain). */
int filename_rules_new(struct section *, struct profile *, const struct provider *, struct deid_error *);
/* Once all sections are there: variables of a container's names are read from what it holds, too. False: no
 * memory. */
bool filename_rules_members(struct section *, struct profile *, struct deid_error *);
void filename_rules_free(struct section *);

#endif
