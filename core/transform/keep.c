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
	out->verdict = DEID_KEEP;
	return DEID_OK;
}

const struct deid_transform transform_keep = {
    .size = sizeof(struct deid_transform),
    .flags = DEID_TF_EMPTY | DEID_TF_TREE,
    .action = "keep",
    .alias = "identity",
    .summary = "leave the field as it is, and protect it from what removes fields without an entry",
    .arg = DEID_T_BOOL,
    .run = run,
};
