/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/transform/builtin.h"

static int run(const void *state, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	(void)state;
	(void)job;
	(void)field;
	(void)in;
	(void)err;
	out->verdict = DEID_REMOVE;
	return DEID_OK;
}

const struct deid_transform transform_remove = {
    .size = sizeof(struct deid_transform),
    .flags = DEID_TF_EMPTY | DEID_TF_TREE,
    .action = "remove",
    .summary = "take the field out",
    .arg = DEID_T_BOOL,
    .run = run,
};
