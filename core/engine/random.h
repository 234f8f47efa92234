/* SPDX-License-Identifier: MIT */
/* Random bytes for jitter (host->random): the system's, or under --seed a repeatable draw. */
#ifndef DEID_ENGINE_RANDOM_H
#define DEID_ENGINE_RANDOM_H

#include "core/util/map.h"
#include <deid/plugin.h>

#define RANDOM_WHOLE 32 /* bytes for the file as a whole */

/* What a job keeps of its draws. */
struct draws {
	bool seeded;
	uint64_t seed;
	unsigned char whole[RANDOM_WHOLE];
	bool whole_drawn;
	struct map count; /* under a seed: how often each field has drawn, by its name */
};

void draws_begin(struct draws *); /* another file */
void draws_free(struct draws *);
/* See struct deid_host. path: the input's, as given. */
int draws_bytes(
    struct draws *, const char *path, const struct deid_field *, void *, size_t n, struct deid_error *);

#endif
