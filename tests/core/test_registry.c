/* SPDX-License-Identifier: MIT */
#include "core/engine/host.h"
#include "core/engine/registry.h"
#include "core/transform/builtin.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static int conf_new(
    const struct deid_host *host, const struct deid_node *n, void **conf, struct deid_error *err)
{
	(void)host, (void)n, (void)conf, (void)err;
	return DEID_OK;
}

static void nothing(void *p)
{
	(void)p;
}

static int path_new(void *conf, struct deid_str text, const struct deid_node *n, void **path,
    struct deid_path_info *info, struct deid_error *err)
{
	(void)conf, (void)text, (void)n, (void)path, (void)info, (void)err;
	return DEID_OK;
}

static int stream(
    struct deid_job *job, void *conf, struct deid_source *src, struct deid_sink *sink, struct deid_error *err)
{
	(void)job, (void)conf, (void)src, (void)sink, (void)err;
	return DEID_OK;
}

static int finish(void *rec, struct deid_error *err)
{
	(void)rec, (void)err;
	return DEID_OK;
}

static const char *const filters[] = {"*.x", NULL};

static struct deid_format sound(const char *section)
{
	return (struct deid_format){.size = sizeof(struct deid_format),
	    .section = section,
	    .summary = "a format",
	    .filters = filters,
	    .conf_new = conf_new,
	    .conf_free = nothing,
	    .path_new = path_new,
	    .path_free = nothing,
	    .stream = stream};
}

static struct registry registry;
static struct deid_error err;

static void setup(void)
{
	registry_init(&registry);
	error_init(&err);
	cr_assert_eq(registry_builtin(&registry, transform_builtin, &err), DEID_OK);
}

static void teardown(void)
{
	registry_free(&registry);
	error_free(&err);
}

TestSuite(registry, .init = setup, .fini = teardown);

static void refused(const struct deid_format *f, const char *why)
{
	struct deid_registrar by = {&registry, 0, false};
	size_t before = registry.nformat;
	error_clear(&err);
	cr_expect_eq(registrar_format(&by, f, &err), DEID_FAILED);
	cr_expect(by.refused);
	cr_expect_eq(err.code, DEID_E_PLUGIN);
	cr_expect(strstr(buf_cstr(&err.msg), why), "%s", err.msg.p);
	cr_expect_eq(registry.nformat, before);
}

Test(registry, builtin_actions_by_name_and_alias)
{
	cr_expect_eq(registry_find_transform(&registry, STR("remove")), &transform_remove);
	cr_expect_eq(registry_find_transform(&registry, STR("keep")),
	    registry_find_transform(&registry, STR("identity")));
	cr_expect_not_null(registry_find_transform(&registry, STR("keep")));
	cr_expect_null(registry_find_transform(&registry, STR("Remove")));
	cr_expect_null(registry_find_transform(&registry, STR("")));
}

Test(registry, formats_are_found_by_section)
{
	struct deid_format f = sound("one"), g = sound("two-2");
	struct deid_registrar by = {&registry, 3, false};
	cr_assert_eq(registrar_format(&by, &f, &err), DEID_OK);
	cr_assert_eq(registrar_format(&by, &g, &err), DEID_OK);
	cr_expect_not(by.refused);
	cr_expect_eq(registry_find_format(&registry, STR("two-2"))->format, &g);
	cr_expect_eq(registry_find_format(&registry, STR("two-2"))->plugin, 3);
	cr_expect_null(registry_find_format(&registry, STR("two")));
}

Test(registry, what_is_incomplete_is_refused)
{
	struct deid_format f = sound("x");
	refused(NULL, "size is 0");
	f.size = 8;
	refused(&f, "size is 8");
	f = sound("");
	refused(&f, "its section");
	f = sound(NULL);
	refused(&f, "its section");
	f = sound("Upper");
	refused(&f, "its section");
	f = sound("a/../b");
	refused(&f, "its section");
	f = sound("x");
	f.filters = NULL;
	refused(&f, "filters");
	f = sound("x");
	f.path_free = NULL;
	refused(&f, "path_free");
	f = sound("x");
	f.stream = NULL;
	refused(&f, "neither stream");
	f = sound("x");
	f.finish = finish;
	refused(&f, "both stream");
	f = sound("x");
	f.stream = NULL;
	f.finish = finish;
	refused(&f, "neither stream");
}

Test(registry, a_rollback_takes_all_of_a_plugin)
{
	struct deid_format f = sound("one"), g = sound("two"), again = sound("one");
	struct deid_transform t = transform_remove;
	struct deid_registrar by = {&registry, 0, false};
	cr_assert_eq(registrar_format(&by, &f, &err), DEID_OK);
	struct registry_mark mark = registry_mark(&registry);
	t.action = "vanish";
	t.alias = NULL;
	by.plugin = 1;
	cr_assert_eq(registrar_format(&by, &g, &err), DEID_OK);
	cr_assert_eq(registrar_transform(&by, &t, &err), DEID_OK);
	refused(&again, "registered already");
	registry_rollback(&registry, mark);
	cr_expect_null(registry_find_format(&registry, STR("two")));
	cr_expect_null(registry_find_transform(&registry, STR("vanish")));
	cr_expect_eq(registry_find_format(&registry, STR("one"))->format, &f);
	cr_expect_eq(registrar_format(&by, &g, &err), DEID_OK);
}

Test(registry, an_action_that_is_taken_is_refused)
{
	struct deid_transform t = transform_remove;
	struct deid_registrar by = {&registry, 0, false};
	cr_expect_eq(registrar_transform(&by, &t, &err), DEID_FAILED);
	t.action = "other";
	t.alias = "identity";
	cr_expect_eq(registrar_transform(&by, &t, &err), DEID_FAILED);
	t.alias = NULL;
	t.run = NULL;
	cr_expect_eq(registrar_transform(&by, &t, &err), DEID_FAILED);
	t.run = transform_remove.run;
	t.size = 16;
	cr_expect_eq(registrar_transform(&by, &t, &err), DEID_FAILED);
	cr_expect_null(registry_find_transform(&registry, STR("other")));
}

Test(registry, many_grow)
{
	struct deid_transform t[100];
	char name[100][8];
	struct deid_registrar by = {&registry, 0, false};
	for (int i = 0; i < 100; i++) {
		snprintf(name[i], sizeof name[i], "t%d", i);
		t[i] = transform_remove;
		t[i].action = name[i];
		t[i].alias = NULL;
		cr_assert_eq(registrar_transform(&by, &t[i], &err), DEID_OK);
	}
	cr_expect_eq(registry_find_transform(&registry, STR("t99")), &t[99]);
	cr_expect_eq(registry_find_transform(&registry, STR("remove")), &transform_remove);
}

Test(registry, the_table_of_services_is_as_long_as_it_says)
{
	/* Every member after the numbers is a pointer. */
	size_t from = offsetof(struct deid_host, version);
	const void *const *p = (const void *const *)(const void *)((const char *)&host_services + from);
	for (size_t i = 0; from + i * sizeof *p < sizeof host_services; i++)
		cr_expect_eq(p[i] != NULL, from + i * sizeof *p < host_services.size, "member %zu", i);
	cr_expect(DEID_HAS(&host_services, refuse));
}
