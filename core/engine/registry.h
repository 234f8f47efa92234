/* SPDX-License-Identifier: MIT */
/*
 * What plugins have registered: formats by section, transforms by action. Not a global: it belongs to the
 * loader, and a test may have as many as it likes.
 *
 * A plugin's registrations count together or not at all: registry_mark() before init(), and
 * registry_rollback() when anything went wrong, as often as a plugin is refused.
 */
#ifndef DEID_ENGINE_REGISTRY_H
#define DEID_ENGINE_REGISTRY_H

#include "core/util/error.h"
#include <deid/plugin.h>

struct registry_format {
	const struct deid_format *format;
	size_t plugin; /* index in the loader */
};

#define REGISTRY_BUILTIN SIZE_MAX

struct registry {
	struct registry_format *format;
	size_t nformat, format_cap;
	const struct deid_transform **transform; /* in the order of registration */
	size_t *transform_plugin;                /* the plugin of each; REGISTRY_BUILTIN: the core's own */
	size_t ntransform, transform_cap;
};

struct registry_mark {
	size_t nformat, ntransform;
};

/* What init() gets: which plugin is speaking, and whether it was refused (then init()'s own result does
 * not matter). */
struct deid_registrar {
	struct registry *registry;
	size_t plugin;
	bool refused;
};

void registry_init(struct registry *);
void registry_free(struct registry *);
/* The core's own transforms: a NULL-terminated list. */
int registry_builtin(struct registry *, const struct deid_transform *const *, struct deid_error *);

struct registry_mark registry_mark(const struct registry *);
void registry_rollback(struct registry *, struct registry_mark);

/* The services of init(): refuse what is incomplete for ABI 1.0, badly named or registered already. */
int registrar_format(struct deid_registrar *, const struct deid_format *, struct deid_error *);
int registrar_transform(struct deid_registrar *, const struct deid_transform *, struct deid_error *);

const struct registry_format *registry_find_format(const struct registry *, struct deid_str section);
/* Is there a section `group`.SOMETHING? */
bool registry_group(const struct registry *, struct deid_str group);
/* By action or alias. */
const struct deid_transform *registry_find_transform(const struct registry *, struct deid_str action);

#endif
