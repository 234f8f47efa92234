/* SPDX-License-Identifier: MIT */
/* Keys that formats and transforms declare (struct deid_setting): checked, and given their defaults. */
#ifndef DEID_PROFILE_SETTINGS_H
#define DEID_PROFILE_SETTINGS_H

#include "core/profile/document.h"
#include <deid/plugin.h>

struct suggest;

const struct deid_setting *setting_next(const struct deid_setting *);
const struct deid_setting *setting_find(
    const struct deid_setting *list, struct deid_str key); /* list: or NULL */
/* Is one of these keys of the mapping unknown yet (document.h)? */
bool setting_partial(const struct deid_node *map, const struct deid_setting *);
void setting_suggest(const struct deid_setting *list, struct suggest *);
/* Does the value fit? Says at the value what would. null fits everywhere but a DEID_T_BOOL: it is nothing. */
bool setting_check(const struct deid_setting *, const struct deid_node *value, struct deid_error *);
/* "unknown key", with a suggestion if there is one. */
void setting_unknown(const struct deid_node *key, const struct suggest *, struct deid_error *);

/* A plain scalar that no document holds. NULL: no memory. */
const struct deid_node *setting_default(struct arena *, const char *text);
/* A copy of a mapping (or of nothing: an empty one) for which node_get() knows the defaults; mappings below
 * it that have settings of their own are copied likewise. home: of a section's mapping, or NULL. NULL: no
 * memory. */
const struct deid_node *setting_bind(struct arena *, const struct deid_node *map, const struct deid_setting *,
    const struct deid_default *, const struct section_home *home);

#endif
