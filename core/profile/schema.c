/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/expression.h"
#include "core/profile/output.h"
#include "core/profile/schema.h"
#include "core/profile/settings.h"
#include "core/profile/suggest.h"
#include "core/util/utf8.h"
#include <string.h>

static const struct deid_setting document_keys[] = {
    {.size = sizeof(struct deid_setting), .type = DEID_T_INT, .key = "version"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_STR, .key = "name"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_STR, .key = "description"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_BOOL, .key = "only-config-profiles"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_STR, .key = "deid-log"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_STR, .key = "secret-key"},
    {.size = sizeof(struct deid_setting)},
};

static const struct deid_setting section_keys[] = {
    {.size = sizeof(struct deid_setting), .type = DEID_T_ANY, .key = "fields"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_STRS, .key = "file-filter"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_MAPS, .key = "filenames", .sub = output_keys},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_ENUM,
	.key = "on-error",
	.values = "fail|remove|keep"},
    {.size = sizeof(struct deid_setting)},
};

static const struct deid_setting entry_keys[] = {
    {.size = sizeof(struct deid_setting), .type = DEID_T_STR, .key = "name"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_STR, .key = "regex"},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_ENUM,
	.key = "on-error",
	.values = "fail|remove|keep"},
    {.size = sizeof(struct deid_setting)},
};

/* Keys of the language that older tools read and that mean nothing here. */
static const char *const old_keys[] = {"export", "map-subjects", "profile", NULL};

static bool listed(const char *const *list, struct deid_str key)
{
	for (; *list; list++)
		if (str_eqz(key, *list))
			return true;
	return false;
}

static size_t transforms(const struct schema *s, const struct deid_transform *const **list)
{
	return s->provider->transforms(s->provider->arg, list);
}

static const struct deid_setting *transform_setting(const struct schema *s, struct deid_str key)
{
	const struct deid_transform *const *list;
	size_t n = transforms(s, &list);

	for (size_t i = 0; i < n; i++) {
		const struct deid_setting *found = setting_find(list[i]->settings, key);

		if (found)
			return found;
	}
	return NULL;
}

static void suggest_settings(const struct schema *s, struct suggest *near)
{
	const struct deid_transform *const *list;
	size_t n = transforms(s, &list);

	for (size_t i = 0; i < n; i++)
		setting_suggest(list[i]->settings, near);
}

/* A setting of any level. */
static bool check_setting(
    const struct schema *s, const struct deid_setting *known, const struct deid_node *value)
{
	struct secret secret;
	bool good = setting_check(known, value, s->err);

	if (!good || strcmp(known->key, "secret-key") != 0 || node_kind(value) == DEID_N_NULL)
		return good;
	good = secret_parse(node_str(value), &secret);
	secret_wipe(&secret);
	if (!good)
		node_complain(s->err, value, "\"secret-key\" takes 32, 48 or 64 hexadecimal digits");
	return good;
}

/* ---- variables --------------------------------------------------------------------------------- */

/* Text with a variable must never be taken as it stands: whoever compiles a document fills it in first, or at
 * least looks for what is no template (template.h). Depth is bounded by the document's. */
static void check_variables(const struct schema *s, const struct deid_node *n)
{
	if (n->type == NODE_SCALAR) {
		if (!n->varies && expression_in(n->text) && memmem(n->text.p, n->text.n, "{{", 2))
			node_complain(s->err, n, "variables ({{ … }}) are not filled in here");
		return;
	}
	for (size_t i = 0; i < n->n; i++)
		check_variables(s, n->type == NODE_LIST ? n->item[i] : n->pair[i].value);
}

/* ---- document ---------------------------------------------------------------------------------- */

static void check_version(const struct schema *s, const struct deid_node *value)
{
	if (node_kind(value) != DEID_N_NULL && node_int(value) != 1)
		node_complain(s->err, value, "this version of the profile language is not known; it is 1");
}

/* Could the name be a plugin's? What else stands there is never looked for on disk. */
static bool plugin_name(struct deid_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-' &&
		    s.p[i] != '_')
			return false;
	return s.n > 0 && s.n <= 64 && s.p[0] >= 'a';
}

/* A section of some other format has what every section has. */
static bool like_section(const struct deid_node *value)
{
	if (value->type != NODE_MAP)
		return false;
	for (size_t i = 0; i < value->n; i++)
		if (setting_find(section_keys, value->pair[i].key->text))
			return true;
	return value->n == 0;
}

static void suggest_sections(const struct schema *s, struct suggest *near)
{
	const char *const *list;
	size_t n = s->provider->sections(s->provider->arg, &list);

	setting_suggest(document_keys, near);
	for (size_t i = 0; i < n; i++)
		if (!strchr(list[i], '.'))
			suggest_try(near, list[i]);
}

/* A key that no plugin serves: a slip of the pen, or a section for which nobody has installed a plugin.
 * The latter only leaves its files unmatched, so a document written for more formats than these can run. */
static void without_format(
    const struct schema *s, const struct deid_node *key, const struct deid_node *value, const char *why)
{
	struct suggest near;

	suggest_init(&near, key->text);
	suggest_sections(s, &near);
	if (why)
		node_complain(s->err, key, "section \"%s\": %s", key->text.p, why);
	else if (!near.best && plugin_name(key->text) && like_section(value))
		node_caution(s->err, key,
		    "no plugin \"%s\" is installed: files of this section are unmatched", key->text.p);
	else
		setting_unknown(key, &near, s->err);
}

/* ---- groups of sections ------------------------------------------------------------------------ */

/* Keys that are about files: what a section of a group is run over has no name. */
static const char *const file_keys[] = {"file-filter", "filenames", NULL};

/* "GROUP.KEY"; NULL: no memory. */
static const struct deid_node *member_name(
    const struct schema *s, const struct deid_node *group, const struct deid_node *key)
{
	struct deid_node *n = arena_alloc(s->arena, sizeof *n);
	const char *name = arena_printf(s->arena, "%s.%s", group->text.p, key->text.p);

	if (!n || !name)
		return NULL;
	*n = *key;
	n->text = str_of(name);
	return n;
}

static void suggest_members(const struct schema *s, const struct deid_node *group, struct suggest *near)
{
	const char *const *list;
	size_t n = s->provider->sections(s->provider->arg, &list);

	for (size_t i = 0; i < n; i++)
		if (str_prefix(str_of(list[i]), group->text.p) && list[i][group->text.n] == '.')
			suggest_try(near, list[i] + group->text.n + 1);
}

/* What stands directly under the group and is no section: an option, for all of its sections. */
static bool group_option(const struct schema *s, const struct deid_node *group, const struct deid_node *key,
    const struct deid_node *value)
{
	const struct deid_setting *known = setting_find(section_keys, key->text);
	struct suggest near;

	if (known && !str_eqz(key->text, "on-error"))
		known = NULL;
	if (!known)
		known = transform_setting(s, key->text);
	if (known)
		return setting_check(known, value, s->err);
	suggest_init(&near, key->text);
	suggest_members(s, group, &near);
	suggest_settings(s, &near);
	setting_unknown(key, &near, s->err);
	return false;
}

/* The section, with the group's options behind its own. NULL: no memory. */
static const struct deid_node *member_value(
    const struct schema *s, const struct deid_node *value, const struct node_pair *option, size_t n)
{
	bool none = node_kind(value) == DEID_N_NULL && !value->unknown;
	struct deid_node *m = arena_alloc(s->arena, sizeof *m);

	if (!m || (value->type != NODE_MAP && !none))
		return m ? value : NULL;
	*m = *value;
	m->type = NODE_MAP;
	m->n = 0;
	m->pair = arena_array(s->arena, value->n + n, sizeof *m->pair);
	if (!m->pair)
		return NULL;
	for (size_t i = 0; !none && i < value->n; i++) {
		if (!listed(file_keys, value->pair[i].key->text))
			m->pair[m->n++] = value->pair[i];
		else
			node_caution(s->err, value->pair[i].key, "\"%s\" has no effect here",
			    value->pair[i].key->text.p);
	}
	for (size_t i = 0; i < n; i++) {
		if (node_given(value, option[i].key->text.p))
			continue;
		m->pair[m->n++] = option[i];
		m->partial = m->partial || option[i].value->partial;
	}
	return m;
}

struct member {
	const struct deid_node *name, *value;
	const struct deid_format *format;
};

/* Sorts what stands under the group into its sections and the options for all of them. */
static bool sort_group(const struct schema *s, const struct deid_node *key, const struct deid_node *value,
    struct member *member, size_t *nmember, struct node_pair *option, size_t *noption)
{
	const char *why;

	*nmember = *noption = 0;
	for (size_t i = 0; i < value->n; i++) {
		const struct node_pair *p = &value->pair[i];
		struct member *m = &member[*nmember];

		*m = (struct member){.name = member_name(s, key, p->key), .value = p->value};
		if (!m->name)
			return false;
		if (plugin_name(p->key->text))
			m->format = s->provider->format(s->provider->arg, m->name->text.p, &why);
		if (m->format)
			(*nmember)++;
		else if (group_option(s, key, p->key, p->value))
			option[(*noption)++] = *p;
	}
	return true;
}

static bool group(struct schema *s, const struct deid_node *key, const struct deid_node *value,
    schema_take *take, void *arg)
{
	struct member *member;
	struct node_pair *option;
	size_t n, noption;

	if (node_kind(value) == DEID_N_NULL)
		return true;
	if (value->type != NODE_MAP) {
		node_complain(s->err, value, "\"%s\" is a mapping of sections", key->text.p);
		return true;
	}
	member = arena_array(s->arena, value->n, sizeof *member);
	option = arena_array(s->arena, value->n, sizeof *option);
	if (!member || !option || !sort_group(s, key, value, member, &n, option, &noption))
		return error_nomem(s->err) == DEID_OK;
	for (size_t i = 0; i < n; i++) {
		const struct deid_node *v = member_value(s, member[i].value, option, noption);

		if (!v)
			return error_nomem(s->err) == DEID_OK;
		if (!take(arg, member[i].name, v, member[i].format))
			return false;
	}
	return true;
}

static bool document_key(struct schema *s, const struct deid_node *key, const struct deid_node *value,
    schema_take *take, void *arg)
{
	const struct deid_setting *known = setting_find(document_keys, key->text);
	const struct deid_format *format = NULL;
	const char *why = NULL;

	if (known) {
		check_variables(s, value);
		if (check_setting(s, known, value) && known == document_keys)
			check_version(s, value);
		return true;
	}
	if (listed(old_keys, key->text)) {
		node_caution(s->err, key, "\"%s\" has no effect", key->text.p);
		return true;
	}
	check_variables(s, value);
	if (plugin_name(key->text))
		format = s->provider->format(s->provider->arg, key->text.p, &why);
	if (format)
		return take(arg, key, value, format);
	if (!why && plugin_name(key->text) && s->provider->group &&
	    s->provider->group(s->provider->arg, key->text.p))
		return group(s, key, value, take, arg);
	without_format(s, key, value, why);
	return true;
}

bool schema_document(struct schema *s, const struct deid_node *root, schema_take *take, void *arg)
{
	if (root->type != NODE_MAP) {
		if (node_kind(root) == DEID_N_NULL)
			node_complain(s->err, root, "the document is empty");
		else
			node_complain(s->err, root, "a profile is a mapping of sections");
		return true;
	}
	for (size_t i = 0; i < root->n; i++)
		if (!document_key(s, root->pair[i].key, root->pair[i].value, take, arg))
			return false;
	return true;
}

/* ---- section ----------------------------------------------------------------------------------- */

static bool section_key(struct schema *s, const struct deid_node *key, const struct deid_node *value,
    const struct deid_format *format)
{
	const struct deid_setting *known = setting_find(section_keys, key->text);
	struct suggest near;

	if (str_eqz(key->text, "fields")) {
		if (value->type == NODE_LIST || node_kind(value) == DEID_N_NULL)
			return true;
		node_complain(s->err, value, "\"fields\" takes a list of field entries");
		return false;
	}
	if (str_eqz(key->text, "filenames") &&
	    (node_kind(value) == DEID_N_NULL || (value->type == NODE_LIST && !value->n)))
		return true;
	if (!known)
		known = setting_find(format->settings, key->text);
	if (!known)
		known = transform_setting(s, key->text);
	if (known)
		return check_setting(s, known, value);
	suggest_init(&near, key->text);
	setting_suggest(section_keys, &near);
	setting_suggest(format->settings, &near);
	suggest_settings(s, &near);
	setting_unknown(key, &near, s->err);
	return false;
}

bool schema_section(struct schema *s, const struct deid_node *section, const struct deid_format *format)
{
	bool ok = true;

	if (node_kind(section) == DEID_N_NULL)
		return true;
	if (section->type != NODE_MAP) {
		node_complain(s->err, section, "a section is a mapping");
		return false;
	}
	for (size_t i = 0; i < section->n; i++)
		ok = section_key(s, section->pair[i].key, section->pair[i].value, format) && ok;
	return ok;
}

/* ---- field entry ------------------------------------------------------------------------------- */

/* What is known of an entry while its keys are read. */
struct reading {
	struct schema_entry *out;
	size_t actions, on; /* actions named, actions switched on */
	bool options;       /* keys that only go with an action */
	bool ok;
};

static bool switched_on(const struct deid_transform *t, const struct deid_node *arg)
{
	return t->arg == DEID_T_BOOL ? node_bool(arg) : node_kind(arg) != DEID_N_NULL;
}

static void read_action(const struct schema *s, struct reading *r, const struct deid_node *key,
    const struct deid_node *value, const struct deid_transform *t)
{
	struct deid_setting arg = {.size = sizeof arg, .type = t->arg, .key = key->text.p};
	bool on;

	if (t->arg == DEID_T_MAPS || t->arg == DEID_T_MAP)
		arg.type = DEID_T_ANY; /* compile() knows the members */
	if (!setting_check(&arg, value, s->err)) {
		r->ok = false;
		return;
	}
	r->out->partial = r->out->partial || value->partial;
	on = switched_on(t, value);
	if (t->arg != DEID_T_BOOL && !on && !value->unknown)
		node_caution(s->err, value, "\"%s\" without a value does nothing", key->text.p);
	if (on && r->on) {
		node_complain(s->err, key, "a second action in one entry; write one entry for each");
		r->ok = false;
	}
	if (!r->actions || on) {
		r->out->transform = t;
		r->out->arg = value;
	}
	r->actions++;
	r->on += on;
}

static void read_selector(
    const struct schema *s, struct reading *r, const struct deid_node *key, const struct deid_node *value)
{
	r->out->partial = r->out->partial || value->partial;
	if (!value->unknown && (!value->text.n || node_kind(value) == DEID_N_NULL)) {
		node_complain(s->err, value, "\"%s\" is empty", key->text.p);
		r->ok = false;
	} else if (r->out->selector) {
		node_complain(s->err, key, "an entry has either \"name\" or \"regex\"");
		r->ok = false;
	}
	r->out->selector = value;
	r->out->by_regex = str_eqz(key->text, "regex");
}

static void entry_unknown(
    const struct schema *s, struct reading *r, const struct deid_node *key, const char *why)
{
	const struct deid_transform *const *list;
	size_t n = transforms(s, &list);
	struct suggest near;

	r->ok = false;
	if (why) {
		node_complain(s->err, key, "action \"%s\": %s", key->text.p, why);
		return;
	}
	suggest_init(&near, key->text);
	setting_suggest(entry_keys, &near);
	for (size_t i = 0; i < n; i++) {
		suggest_try(&near, list[i]->action);
		if (list[i]->alias)
			suggest_try(&near, list[i]->alias);
	}
	suggest_settings(s, &near);
	setting_unknown(key, &near, s->err);
}

static void entry_key(
    const struct schema *s, struct reading *r, const struct deid_node *key, const struct deid_node *value)
{
	const struct deid_setting *known = setting_find(entry_keys, key->text);
	const struct deid_transform *t = NULL;
	const char *why = NULL;

	if (known && known < &entry_keys[2]) {
		if (setting_check(known, value, s->err))
			read_selector(s, r, key, value);
		else
			r->ok = false;
		r->out->selector = r->out->selector ? r->out->selector : value;
		return;
	}
	if (!known && plugin_name(key->text))
		t = s->provider->transform(s->provider->arg, key->text.p, &why);
	if (t) {
		read_action(s, r, key, value, t);
		return;
	}
	if (!known)
		known = transform_setting(s, key->text);
	if (!known) {
		entry_unknown(s, r, key, why);
		return;
	}
	r->options = true;
	r->out->partial = r->out->partial || value->partial;
	r->ok = setting_check(known, value, s->err) && r->ok;
}

/* An option that the entry's action does not read is a misunderstanding, but changes nothing. */
static void check_options(const struct schema *s, const struct schema_entry *e)
{
	const char *why = NULL;

	for (size_t i = 0; i < e->node->n && !e->off; i++) {
		const struct deid_node *key = e->node->pair[i].key;

		if (setting_find(entry_keys, key->text) || setting_find(e->transform->settings, key->text) ||
		    s->provider->transform(s->provider->arg, key->text.p, &why))
			continue;
		node_caution(
		    s->err, key, "\"%s\" has no effect on \"%s\"", key->text.p, e->transform->action);
	}
}

bool schema_entry(struct schema *s, const struct deid_node *entry, struct schema_entry *out)
{
	struct reading r = {.out = out, .ok = true};
	const char *why = NULL;

	*out = (struct schema_entry){.node = entry};
	if (entry->type != NODE_MAP) {
		node_complain(s->err, entry, "a field entry is a mapping");
		return false;
	}
	for (size_t i = 0; i < entry->n; i++)
		entry_key(s, &r, entry->pair[i].key, entry->pair[i].value);
	if (!out->selector) {
		node_complain(s->err, entry, "a field entry needs \"name\" or \"regex\"");
		r.ok = false;
	}
	if (!r.ok)
		return false;
	if (!r.actions && r.options) {
		node_complain(s->err, entry, "a field entry with options but without an action");
		return false;
	}
	if (!r.actions) {
		out->transform = s->provider->transform(s->provider->arg, "keep", &why);
		return out->transform != NULL;
	}
	out->off = !r.on && !out->partial;
	check_options(s, out);
	/* A regex entry that is switched off only names fields: what `keep` does. */
	if (out->off && out->by_regex) {
		out->transform = s->provider->transform(s->provider->arg, "keep", &why);
		out->off = out->transform == NULL;
	}
	return out->transform != NULL;
}
