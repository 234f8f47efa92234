/* SPDX-License-Identifier: MIT */
#include "core/engine/folder.h"
#include "core/engine/walk.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char top[] = "/tmp/deid-walk-XXXXXX";

static void setup(void)
{
	cr_assert_not_null(mkdtemp(top));
	cr_assert_eq(chdir(top), 0);
}

static void teardown(void)
{
	char command[sizeof top + 16];
	cr_assert_eq(chdir("/"), 0);
	snprintf(command, sizeof command, "rm -rf %s", top);
	cr_assert_eq(system(command), 0);
}

TestSuite(walk, .init = setup, .fini = teardown);

static void make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);
	cr_assert_geq(fd, 0, "%s", path);
	close(fd);
}

static bool is(struct deid_str s, const char *z)
{
	return str_eqz(s, z);
}

Test(walk, parts_of_an_input)
{
	struct walk w;
	struct deid_error err;
	error_init(&err);
	walk_init(&w);
	mkdir("d", 0755);
	mkdir("d/e", 0755);
	make("d/e/f");
	make("g");
	cr_assert_eq(symlink("d/e/f", "link"), 0);
	cr_assert_eq(walk_add(&w, "d", &err), DEID_OK);
	cr_assert_eq(walk_add(&w, "g", &err), DEID_OK);
	cr_assert_eq(walk_add(&w, "link", &err), DEID_OK); /* d/e/f again */
	cr_assert_eq(w.n, 2);
	cr_expect_eq(w.repeated, 1);
	cr_expect_str_eq(input_name(&w.input[0]), "f");
	cr_expect(is(input_folders(&w.input[0]), "e"));
	cr_expect(is(input_parent(&w.input[0]), "d/e"));
	cr_expect_str_eq(input_name(&w.input[1]), "g");
	cr_expect(is(input_folders(&w.input[1]), ""));
	cr_expect(is(input_parent(&w.input[1]), "."));
	walk_free(&w);
	error_free(&err);
}

Test(walk, a_folder_that_became_a_link_is_not_entered)
{
	struct walk w;
	struct deid_error err;
	error_init(&err);
	walk_init(&w);
	mkdir("d", 0755);
	mkdir("d/e", 0755);
	mkdir("away", 0755);
	make("d/e/f");
	make("away/f");
	cr_assert_eq(walk_add(&w, "d", &err), DEID_OK);
	cr_assert_eq(w.n, 1);
	int fd = input_open(&w.input[0]);
	cr_expect_geq(fd, 0);
	close(fd);
	cr_assert_eq(rename("d/e", "gone"), 0);
	cr_assert_eq(symlink("../away", "d/e"), 0);
	cr_expect_eq(input_open(&w.input[0]), -1);
	cr_assert_eq(unlink("d/e"), 0);
	mkdir("d/e", 0755);
	cr_assert_eq(symlink("../../away/f", "d/e/f"), 0);
	cr_expect_eq(input_open(&w.input[0]), -1);
	walk_free(&w);
	error_free(&err);
}

Test(walk, a_tree_of_any_depth)
{
	struct walk w;
	struct deid_error err;
	struct buf path = {0};
	error_init(&err);
	walk_init(&w);
	buf_z(&path, "d");
	for (int i = 0; i < 500; i++) {
		cr_assert_eq(mkdir(buf_cstr(&path), 0755), 0);
		buf_z(&path, "/d");
	}
	make(buf_cstr(&path));
	cr_assert_eq(walk_add(&w, "d", &err), DEID_OK);
	cr_expect_eq(w.n, 1);
	cr_expect_str_eq(w.input[0].path, path.p);
	walk_free(&w);
	error_free(&err);
	buf_free(&path);
}

Test(walk, output_folders_stay_only_when_something_came_in)
{
	struct folders f;
	struct folder *a, *b, *again;
	struct deid_error err;
	error_init(&err);
	cr_assert_eq(folders_init(&f), DEID_OK);
	cr_assert_eq(folders_open_top(&f, "x/out", &err), DEID_OK);
	cr_assert_eq(folder_hold(&f, STR("p/q"), &a, &err), DEID_OK);
	cr_assert_eq(folder_hold(&f, STR("p/r"), &b, &err), DEID_OK);
	cr_assert_eq(folder_hold(&f, STR("p/q"), &again, &err), DEID_OK);
	cr_expect_eq(a, again);
	cr_expect_str_eq(a->path, "x/out/p/q");
	cr_expect_eq(access("x/out/p/r", F_OK), 0);
	make("x/out/p/q/file");
	folder_touch(&f, a);
	cr_expect_eq(folder_sync(&f, a, &err), DEID_OK);
	cr_expect_not(a->dirty || f.top->dirty);
	folder_drop(&f, a);
	folder_drop(&f, again);
	cr_expect_eq(a->fd, -1);
	cr_assert_eq(folder_hold(&f, STR("p/q"), &a, &err), DEID_OK);
	cr_expect_geq(a->fd, 0);
	folder_drop(&f, a);
	folder_drop(&f, b);
	folders_free(&f);
	cr_expect_eq(access("x/out/p/q/file", F_OK), 0);
	cr_expect_neq(access("x/out/p/r", F_OK), 0);
	error_free(&err);
}

Test(walk, an_output_tree_that_stayed_empty_goes)
{
	struct folders f;
	struct folder *a;
	struct deid_error err;
	error_init(&err);
	mkdir("x", 0755);
	cr_assert_eq(folders_init(&f), DEID_OK);
	cr_assert_eq(folders_open_top(&f, "x/y/out", &err), DEID_OK);
	cr_assert_eq(folder_hold(&f, STR("p/q"), &a, &err), DEID_OK);
	folder_drop(&f, a);
	folders_free(&f);
	cr_expect_neq(access("x/y", F_OK), 0);
	cr_expect_eq(access("x", F_OK), 0);
	error_free(&err);
}
