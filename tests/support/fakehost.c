/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/random.h"
#include "core/profile/query.h"
#include "core/transform/builtin.h"
#include "tests/support/fakehost.h"
#include <stdlib.h>
#include <string.h>

struct deid_job {
	struct arena arena;
	struct draws draws;
	const struct fake *fake;
};

static void *fake_alloc(struct deid_job *job, size_t n)
{
	return arena_alloc(&job->arena, n ? n : 1);
}

static int fake_random(
    struct deid_job *job, const struct deid_field *field, void *out, size_t n, struct deid_error *err)
{
	return draws_bytes(&job->draws, "fake", field, out, n, err);
}

static void fake_warn(struct deid_job *job, struct deid_str field, const char *fmt, ...)
{
	(void)job;
	(void)field;
	(void)fmt;
}

/* A field is "value of NAME"; those whose name begins with "no" are missing, with "many" have two values. */
static int fake_original(
    struct deid_job *job, uint32_t id, bool *found, struct deid_value *out, struct deid_error *err)
{
	const struct section *sec = &job->fake->profile->section[0];
	struct deid_str *v = fake_alloc(job, 2 * sizeof *v);
	struct deid_str name;

	if (id < sec->nrule || id - sec->nrule >= sec->nquery || !v)
		return error_fail(err, DEID_FAILED, DEID_E_INTERNAL, "no such query");
	name = sec->query[id - sec->nrule].name;
	*found = !str_prefix(name, "no");
	v[0] = str_of(arena_printf(&job->arena, "value of %.*s", (int)name.n, name.p));
	v[1] = STR("other");
	*out = fake_components(DEID_TEXT, v, str_prefix(name, "many") ? 2 : 1);
	return DEID_OK;
}

static const struct deid_host host = {
    .size = sizeof(struct deid_host),
    .abi_major = DEID_ABI_MAJOR,
    .abi_minor = DEID_ABI_MINOR,
    .version = "test",
    .fail = error_fail,
    .at = error_at,
    .complain = node_complain,
    .caution = node_caution,
    .alloc = fake_alloc,
    .scratch = fake_alloc,
    .node_get = node_get,
    .node_given = node_given,
    .node_count = node_count,
    .node_at = node_at,
    .node_key = node_key,
    .node_kind = node_kind,
    .node_str = node_str,
    .node_int = node_int,
    .node_real = node_real,
    .node_bool = node_bool,
    .rule_arg = rule_arg,
    .rule_opt = rule_opt,
    .rule_given = rule_given,
    .rule_kind = rule_kind,
    .rule_by_regex = rule_by_regex,
    .rule_key = rule_key,
    .rule_query = rule_query,
    .original = fake_original,
    .random = fake_random,
    .warn = fake_warn,
};

/* ---- the formats ------------------------------------------------------------------------------- */

struct conf {
	struct fake *fake;
	const struct deid_node *section;
};

/* A path is the name, so that a test can see which rule has which. */
struct path {
	char *name;
};

static const struct deid_setting sub_settings[] = {
    {.size = sizeof(struct deid_setting), .type = DEID_T_INT, .key = "width", .dflt = "3"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_STR, .key = "label"},
    {.size = sizeof(struct deid_setting)},
};

static const struct deid_setting settings[] = {
    {.size = sizeof(struct deid_setting), .type = DEID_T_INT, .key = "size", .dflt = "5", .lo = 1, .hi = 10},
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_ENUM,
	.key = "mode",
	.values = "left|right",
	.dflt = "left"},
    {.size = sizeof(struct deid_setting), .type = DEID_T_MAP, .key = "sub", .sub = sub_settings},
    {.size = sizeof(struct deid_setting), .type = DEID_T_MAPS, .key = "list", .sub = sub_settings},
    {.size = sizeof(struct deid_setting), .type = DEID_T_REGEX, .key = "pattern"},
    {.size = sizeof(struct deid_setting)},
};

static const struct deid_default defaults[] = {
    {"date-format", "%Y-%m-%d"},
    {"datetime-format", "%Y-%m-%d %H:%M:%S"},
    {NULL, NULL},
};

static const char *const typed_filters[] = {"*.typed", NULL};
static const char *const filters[] = {"*.fake", "*.FAKE", NULL};

/* Only a test's own thread compiles; the formats have no other way to know whose profile it is. */
static _Thread_local struct fake *current;

static int conf_new(
    const struct deid_host *h, const struct deid_node *section, void **out, struct deid_error *err)
{
	struct conf *c = calloc(1, sizeof *c);

	(void)h;
	if (!c)
		return error_nomem(err);
	current->confs++;
	c->fake = current;
	c->section = section;
	*out = c;
	return DEID_OK;
}

static int path_new(void *conf, struct deid_str text, const struct deid_node *node, void **out,
    struct deid_path_info *info, struct deid_error *err)
{
	static const struct {
		const char *name;
		int kind;
	} kinds[] = {{"uid", DEID_UID}, {"date", DEID_DATE}, {"time", DEID_TIME}, {"count", DEID_INT},
	    {"age", DEID_AGE}, {"opaque", DEID_BYTES}, {"text", DEID_TEXT}};
	struct path *p;

	((struct conf *)conf)->fake->paths++;
	if (str_prefix(text, "unknown"))
		return node_complain(err, node, "no such field");
	p = calloc(1, sizeof *p);
	if (p)
		p->name = strndup(text.p, text.n);
	if (!p || !p->name) {
		free(p);
		return error_nomem(err);
	}
	info->flags = DEID_PATH_CREATE;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_eqz(text, kinds[i].name))
			info->kind = kinds[i].kind;
	*out = p;
	return DEID_OK;
}

static void path_free(void *p)
{
	free(((struct path *)p)->name);
	free(p);
}

static int seal(void *conf, const struct deid_entry *entry, size_t n, struct deid_error *err)
{
	struct fake *f = ((struct conf *)conf)->fake;

	f->seals++;
	f->sealed += n;
	for (size_t i = 0; i < n; i++)
		if (str_eqz(entry[i].text, "sealed"))
			return node_complain(err, entry[i].node, "this field may not be acted on");
	return DEID_OK;
}

static const struct deid_format format_fake = {
    .size = sizeof(struct deid_format),
    .section = "fake",
    .summary = "for tests",
    .filters = filters,
    .settings = settings,
    .conf_new = conf_new,
    .conf_free = free,
    .path_new = path_new,
    .path_free = path_free,
    .seal = seal,
};

static const struct deid_format format_typed = {
    .size = sizeof(struct deid_format),
    .section = "typed",
    .summary = "for tests",
    .filters = typed_filters,
    .settings = settings,
    .defaults = defaults,
    .conf_new = conf_new,
    .conf_free = free,
    .path_new = path_new,
    .path_free = path_free,
    .seal = seal,
};

/* ---- the provider ------------------------------------------------------------------------------ */

static const struct deid_format *find_format(void *arg, const char *section, const char **why)
{
	(void)arg;
	if (!strcmp(section, "fake") || !strcmp(section, "pair.left") || !strcmp(section, "pair.right"))
		return &format_fake;
	if (!strcmp(section, "typed"))
		return &format_typed;
	if (!strcmp(section, "broken"))
		*why = "the plugin cannot be loaded";
	return NULL;
}

static bool find_group(void *arg, const char *group)
{
	(void)arg;
	return !strcmp(group, "pair");
}

static const struct deid_transform *find_transform(void *arg, const char *action, const char **why)
{
	(void)arg;
	for (const struct deid_transform *const *t = transform_builtin; *t; t++)
		if (!strcmp((*t)->action, action) || ((*t)->alias && !strcmp((*t)->alias, action)))
			return *t;
	if (!strcmp(action, "shattered"))
		*why = "the plugin cannot be loaded";
	return NULL;
}

static size_t list_transforms(void *arg, const struct deid_transform *const **list)
{
	size_t n = 0;

	(void)arg;
	while (transform_builtin[n])
		n++;
	*list = transform_builtin;
	return n;
}

static size_t list_sections(void *arg, const char *const **list)
{
	static const char *const names[] = {"fake", "typed", "pair.left", "pair.right"};

	(void)arg;
	*list = names;
	return 4;
}

void fake_open(struct fake *f, const char *yaml)
{
	static const struct provider provider = {
	    .host = &host,
	    .format = find_format,
	    .group = find_group,
	    .transform = find_transform,
	    .transforms = list_transforms,
	    .sections = list_sections,
	};
	struct document *doc;

	*f = (struct fake){0};
	error_init(&f->err);
	error_init(&f->run_err);
	current = f;
	f->job = calloc(1, sizeof *f->job);
	if (!f->job)
		abort();
	arena_init(&f->job->arena, 0);
	f->job->fake = f;
	doc = document_parse(str_of(yaml), "test.yaml", &f->err);
	if (doc)
		f->profile = profile_compile(doc, &provider, &f->err);
	if (!f->profile)
		abort();
	error_sort(&f->err);
}

void fake_close(struct fake *f)
{
	profile_free(f->profile);
	error_free(&f->err);
	error_free(&f->run_err);
	arena_free(&f->job->arena);
	draws_free(&f->job->draws);
	free(f->job);
}

/* ---- running ----------------------------------------------------------------------------------- */

struct deid_value fake_components(enum deid_kind kind, const struct deid_str *v, size_t n)
{
	return (struct deid_value){.size = sizeof(struct deid_value), .kind = kind, .lo = 1, .v = v, .n = n};
}

int fake_run(struct fake *f, size_t i, const struct deid_value *in, struct deid_result *out)
{
	static const struct deid_field field = {.size = sizeof field, .name = {"field", 5}};
	const struct rule *r = &f->profile->section[0].rule[i];

	error_clear(&f->run_err);
	*out = (struct deid_result){.size = sizeof *out, .verdict = DEID_KEEP};
	if (in)
		out->value = *in;
	return r->off ? DEID_OK : r->transform->run(r->state, f->job, &field, in, out, &f->run_err);
}

const char *fake_value(struct fake *f, const struct deid_value *in)
{
	struct deid_result out;
	struct buf joined = {0};
	const char *text;

	if (fake_run(f, 0, in, &out) != DEID_OK)
		return NULL;
	if (out.verdict == DEID_REMOVE)
		return "<removed>";
	for (size_t i = 0; i < out.value.n; i++)
		if ((i && !buf_c(&joined, '\\')) || !buf_str(&joined, out.value.v[i]))
			abort();
	text = arena_printf(&f->job->arena, "%.*s", (int)joined.n, joined.n ? joined.p : "");
	buf_free(&joined);
	return text;
}

const char *fake_text(struct fake *f, const char *text)
{
	struct deid_str one = str_of(text);
	struct deid_value in = fake_components(DEID_TEXT, &one, 1);

	in.flags = DEID_V_FREE;
	return fake_value(f, &in);
}

const char *fake_diags(struct fake *f)
{
	struct buf all = {0};
	const char *text;

	for (size_t i = 0; i < f->err.ndiag; i++) {
		const struct diag *d = &f->err.diag[i];

		if (!buf_printf(&all, "%zu:%zu: %s: %s\n", d->line, d->col,
			d->level == DIAG_ERROR ? "error" : "warning", d->text))
			abort();
	}
	text = arena_printf(&f->job->arena, "%.*s", (int)all.n, all.n ? all.p : "");
	buf_free(&all);
	return text;
}
