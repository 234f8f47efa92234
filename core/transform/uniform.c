/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/uniform.h"

int uniform_below(const struct deid_host *host, struct deid_job *job, const struct deid_field *field,
    uint64_t n, uint64_t *out, struct deid_error *err)
{
	/* 2^64 mod n values would be met once more than the others: they are drawn again. */
	const uint64_t skip = (0 - n) % n;
	uint64_t v;

	do {
		int rc = host->random(job, field, &v, sizeof v, err);

		if (rc != DEID_OK)
			return rc;
	} while (v < skip);
	*out = v % n;
	return DEID_OK;
}
