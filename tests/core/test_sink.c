/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/io/sink.h"
#include "core/io/source.h"
#include "core/util/error.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

/* A folder of its own for each test, which runs in a process of its own. */
static int dir = -1;
static char dir_name[] = "/tmp/deid-sink-XXXXXX";
static struct deid_error err;

static void setup(void)
{
	cr_assert_not_null(mkdtemp(dir_name));
	dir = open(dir_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(dir, 0);
	error_init(&err);
}

/* How many names the folder holds; `remove` takes them away. */
static size_t count(bool remove)
{
	DIR *d = opendir(dir_name);
	struct dirent *e;
	size_t n = 0;

	cr_assert_not_null(d);
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
			n++;
			if (remove)
				unlinkat(dir, e->d_name, 0);
		}
	closedir(d);
	return n;
}

/* Those among them that are no temporary file's. */
static size_t shown(void)
{
	DIR *d = opendir(dir_name);
	struct dirent *e;
	size_t n = 0;

	cr_assert_not_null(d);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void teardown(void)
{
	count(true);
	close(dir);
	rmdir(dir_name);
	error_free(&err);
}

TestSuite(sink, .init = setup, .fini = teardown);

static void ok(int rc)
{
	cr_assert_eq(rc, DEID_OK, "%s", buf_cstr(&err.msg));
}

static void fails(int rc, enum deid_code code)
{
	cr_expect_eq(rc, DEID_FAILED);
	cr_expect_eq(err.code, code, "%s: %s", error_code_name(err.code), buf_cstr(&err.msg));
	error_clear(&err);
}

static void put(const char *name, const void *p, size_t n)
{
	int fd = openat(dir, name, O_CREAT | O_WRONLY | O_TRUNC, 0666);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, p, n), (ssize_t)n);
	close(fd);
}

static void check_file(const char *name, const void *want, size_t n)
{
	int fd = openat(dir, name, O_RDONLY);
	struct stat st;
	char *got = malloc(n + 1);

	cr_assert_geq(fd, 0, "%s", name);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert_eq(st.st_size, (off_t)n);
	cr_assert_eq(read(fd, got, n), (ssize_t)n);
	cr_assert_eq(memcmp(got, want, n), 0, "%s has other bytes", name);
	close(fd);
	free(got);
}

static struct deid_source *open_input(const char *name)
{
	struct deid_source *s;

	ok(source_open_fd(&s, openat(dir, name, O_RDWR | O_CLOEXEC), &err));
	return s;
}

static char *noise(size_t n)
{
	char *p = malloc(n);

	cr_assert_not_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(rand() >> 8);
	return p;
}

/* As on a system where a file that has no name can get none. */
static bool named;

int faccessat(int fd, const char *path, int mode, int flags)
{
	if (named && strcmp(path, "/proc/self") == 0) {
		errno = ENOENT;
		return -1;
	}
	(void)flags;
	return (int)syscall(SYS_faccessat, fd, path, mode);
}

/*
 * The library's calls, with trouble in front when asked for: interrupted, short, and copying that the file
 * system cannot do, or does for a while only.
 */
static bool trouble;
static size_t kernel_copies;

static bool interrupted(size_t *n)
{
	if (!trouble)
		return false;
	if (rand() % 4 == 0) {
		errno = EINTR;
		return true;
	}
	if (rand() % 3 == 0)
		*n = *n / 2 + 1;
	return false;
}

ssize_t pread(int fd, void *p, size_t n, off_t off)
{
	return interrupted(&n) ? -1 : (ssize_t)syscall(SYS_pread64, fd, p, n, off);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t off)
{
	return interrupted(&n) ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, p, n, off);
}

ssize_t copy_file_range(int in, off64_t *in_off, int out, off64_t *out_off, size_t n, unsigned flags)
{
	static const int numbers[] = {EXDEV, EINVAL, ENOSYS, EOPNOTSUPP};

	kernel_copies++;
	if (interrupted(&n))
		return -1;
	if (trouble && rand() % 8 == 0) {
		errno = numbers[rand() % 4];
		return -1;
	}
	if (trouble && rand() % 8 == 0)
		return 0;
	return (ssize_t)syscall(SYS_copy_file_range, in, in_off, out, out_off, n, flags);
}

/* Lengths around all borders: of buffers and of the ways to copy. */
static size_t some_length(void)
{
	static const size_t border[] = {1, 16 << 10, 32 << 10, 64 << 10, 256 << 10, 1 << 20, 1300 << 10};
	size_t n = (size_t)rand() % 3000;

	if (rand() % 3 == 0)
		n = border[rand() % 7] + (size_t)(rand() % 3) - 1;
	return n;
}

/* Writes, copies and patches at random into sink and into memory. */
static size_t scribble(struct deid_sink *sink, struct deid_source *in, const char *input, size_t size,
    char *want, size_t cap, int steps)
{
	size_t at = 0;

	for (int i = 0; i < steps; i++) {
		size_t n = some_length(), from = (size_t)rand() % (size - n);

		if (at + n > cap)
			n = cap - at;
		switch (rand() % 3) {
		case 0:
			ok(sink_write(sink, input + from, n, &err));
			memcpy(want + at, input + from, n);
			at += n;
			break;
		case 1:
			/* Most of them to the place in a page where they come from. */
			if (rand() % 4 && from >= 4096)
				from -= (from - at) % 4096;
			ok(sink_copy(sink, in, from, n, &err));
			memcpy(want + at, input + from, n);
			at += n;
			break;
		default:
			if (n > at)
				n = at;
			/* Half of them near the end, where file and buffer meet. */
			if (rand() % 2)
				from = at - n - (size_t)rand() % (at - n < 300000 ? at - n + 1 : 300000);
			else
				from = (size_t)rand() % (at - n + 1);
			ok(sink_patch(sink, from, input + (size - n), n, &err));
			memcpy(want + from, input + (size - n), n);
		}
		cr_assert_eq(sink_tell(sink), at);
	}
	return at;
}

#define INPUT ((size_t)2 << 20)
#define OUTPUT ((size_t)40 << 20)

Test(sink, at_random_into_a_file)
{
	char *input, *want = malloc(OUTPUT);

	srand(41);
	input = noise(INPUT);
	put("in", input, INPUT);
	for (int round = 0; round < 20; round++) {
		struct deid_source *in = open_input("in");
		struct deid_sink *sink;
		size_t n;

		trouble = round % 2;
		named = round % 4 / 2;
		ok(sink_open_file(&sink, dir, &err));
		n = scribble(sink, in, input, INPUT, want, OUTPUT, 1 + round * 5);
		ok(sink_flush(sink, &err));
		sink_start_sync(sink);
		ok(sink_sync(sink, &err));
		cr_assert_eq(shown(), round ? 2 : 1);
		ok(sink_commit(sink, "out", round ? SINK_REPLACE : SINK_NEW, &err));
		ok(sink_sync_dir(dir, &err));
		sink_close(sink);
		source_close(in);
		check_file("out", want, n);
		cr_assert_eq(count(false), 2);
	}
	cr_assert_gt(kernel_copies, 10);
	free(input);
	free(want);
}

static void check_spool(int fd, size_t keep, int steps, char *input, char *want)
{
	struct deid_source *in = open_input("in"), *back, *again;
	struct deid_sink *sink, *out;
	size_t n;

	ok(sink_open_spool(&sink, fd, keep, &err));
	n = scribble(sink, in, input, INPUT, want, OUTPUT, steps);
	ok(sink_spool_source(sink, &back, &err));
	ok(sink_spool_source(sink, &again, &err));
	cr_assert_eq(back, again);
	cr_assert_eq(source_size(back), n);
	cr_assert_eq(count(false), 1, "a spool has no name");
	fails(sink_write(sink, "x", 1, &err), DEID_E_INTERNAL);
	ok(sink_open_file(&out, dir, &err));
	ok(sink_copy(out, back, 0, n, &err));
	ok(sink_flush(out, &err));
	ok(sink_commit(out, "out", SINK_NEW, &err));
	sink_close(out);
	sink_close(sink);
	source_close(in);
	check_file("out", want, n);
	unlinkat(dir, "out", 0);
}

Test(sink, at_random_into_a_spool)
{
	static const size_t keep[] = {0, 1, 1000, 100000, 1 << 20, 64 << 20};
	char *input, *want = malloc(OUTPUT);

	srand(42);
	input = noise(INPUT);
	put("in", input, INPUT);
	for (size_t i = 0; i < 6; i++)
		for (int steps = 0; steps < 60; steps += 7)
			check_spool(dir, keep[i], steps, input, want);
	trouble = true;
	check_spool(dir, 100000, 60, input, want);
	check_spool(-1, 64 << 20, 60, input, want);
	free(input);
	free(want);
}

Test(sink, spool_in_memory_only_has_a_limit)
{
	struct deid_source *back;
	struct deid_sink *sink;
	char bytes[101] = {0};

	ok(sink_open_spool(&sink, -1, 100, &err));
	ok(sink_write(sink, bytes, 100, &err));
	fails(sink_write(sink, bytes, 1, &err), DEID_E_LIMIT);
	fails(sink_spool_source(sink, &back, &err), DEID_E_INTERNAL);
	cr_expect_null(back);
	sink_close(sink);
	ok(sink_open_spool(&sink, -1, 100, &err));
	fails(sink_write(sink, bytes, 101, &err), DEID_E_LIMIT);
	sink_close(sink);
	/* A spool can never take a name. */
	ok(sink_open_spool(&sink, dir, 100, &err));
	fails(sink_flush(sink, &err), DEID_E_INTERNAL);
	fails(sink_commit(sink, "out", SINK_NEW, &err), DEID_E_INTERNAL);
	sink_close(sink);
	cr_expect_eq(count(false), 0);
}

static void nothing_shows(void)
{
	struct deid_sink *sink;
	struct stat st;

	ok(sink_open_file(&sink, dir, &err));
	ok(sink_write(sink, "half", 4, &err));
	cr_expect_eq(shown(), 0);
	fails(sink_commit(sink, "out", SINK_NEW, &err), DEID_E_INTERNAL); /* not flushed */
	cr_expect_lt(fstatat(dir, "out", &st, 0), 0);
	sink_close(sink);
	cr_expect_eq(count(false), 0);
	sink_close(NULL);
}

Test(sink, nothing_shows_before_commit_and_nothing_stays_without)
{
	nothing_shows();
	named = true;
	nothing_shows();
}

Test(sink, without_a_name)
{
	struct deid_sink *sink;
	int fd = openat(dir, ".", O_TMPFILE | O_RDWR, 0600);

	if (fd < 0)
		cr_skip_test("this file system has no files without a name");
	close(fd);
	put("out", "old", 3);
	ok(sink_open_file(&sink, dir, &err));
	cr_expect_eq(count(false), 1);
	ok(sink_write(sink, "new", 3, &err));
	ok(sink_flush(sink, &err));
	fails(sink_commit(sink, "out", SINK_NEW, &err), DEID_E_CONFLICT);
	cr_expect_eq(count(false), 1);
	ok(sink_commit(sink, "out", SINK_REPLACE, &err));
	cr_expect_eq(count(false), 1);
	check_file("out", "new", 3);
	sink_close(sink);
	/* What cannot take the place it wants leaves no name behind. */
	cr_assert_eq(mkdirat(dir, "folder", 0700), 0);
	ok(sink_open_file(&sink, dir, &err));
	ok(sink_flush(sink, &err));
	fails(sink_commit(sink, "folder", SINK_REPLACE, &err), DEID_E_IO);
	sink_close(sink);
	cr_expect_eq(count(false), 2);
	unlinkat(dir, "folder", AT_REMOVEDIR);
}

Test(sink, commit_does_not_replace_unless_told)
{
	struct deid_sink *sink;

	put("out", "old", 3);
	ok(sink_open_file(&sink, dir, &err));
	ok(sink_write(sink, "new", 3, &err));
	ok(sink_flush(sink, &err));
	fails(sink_write(sink, "x", 1, &err), DEID_E_INTERNAL);
	fails(sink_commit(sink, "out", SINK_NEW, &err), DEID_E_CONFLICT);
	check_file("out", "old", 3);
	fails(sink_commit(sink, "../out", SINK_NEW, &err), DEID_E_INTERNAL);
	fails(sink_commit(sink, "", SINK_NEW, &err), DEID_E_INTERNAL);
	fails(sink_commit(sink, "..", SINK_REPLACE, &err), DEID_E_INTERNAL);
	/* After a conflict another name is possible. */
	ok(sink_commit(sink, "out2", SINK_NEW, &err));
	check_file("out2", "new", 3);
	fails(sink_commit(sink, "out3", SINK_NEW, &err), DEID_E_INTERNAL);
	sink_close(sink);
	check_file("out2", "new", 3);
	cr_expect_eq(count(false), 2);
	ok(sink_open_file(&sink, dir, &err));
	ok(sink_flush(sink, &err));
	ok(sink_commit(sink, "out", SINK_REPLACE, &err));
	sink_close(sink);
	check_file("out", "", 0);
	/* A link that leads nowhere is a name that is taken, too. */
	cr_assert_eq(symlinkat("/nowhere", dir, "link"), 0);
	ok(sink_open_file(&sink, dir, &err));
	ok(sink_flush(sink, &err));
	fails(sink_commit(sink, "link", SINK_NEW, &err), DEID_E_CONFLICT);
	sink_close(sink);
}

Test(sink, ranges_that_do_not_exist)
{
	struct deid_source *in;
	struct deid_sink *sink;

	ok(source_open_mem(&in, "0123456789", 10, &err));
	ok(sink_open_file(&sink, dir, &err));
	ok(sink_write(sink, "abc", 3, &err));
	ok(sink_patch(sink, 3, "", 0, &err));
	fails(sink_patch(sink, 2, "xy", 2, &err), DEID_E_INTERNAL);
	fails(sink_flush(sink, &err), DEID_E_INTERNAL); /* after a failure there is no output */
	sink_close(sink);
	ok(sink_open_file(&sink, dir, &err));
	fails(sink_patch(sink, UINT64_MAX, "x", 1, &err), DEID_E_INTERNAL);
	sink_close(sink);
	ok(sink_open_file(&sink, dir, &err));
	ok(sink_copy(sink, in, 10, 0, &err));
	fails(sink_copy(sink, in, 5, 6, &err), DEID_E_TRUNCATED);
	fails(sink_write(sink, "x", 1, &err), DEID_E_INTERNAL);
	sink_close(sink);
	source_close(in);
	cr_expect_eq(count(false), 0);
}

Test(sink, an_input_that_gets_shorter_fails_every_way_of_copying)
{
	static const size_t lengths[] = {1000, 50000, 100000, 1900000};
	char *input = noise(2000000);

	for (size_t i = 0; i < 5; i++) {
		size_t at = i == 4 ? 10000 : 2000000 - lengths[i], n = i == 4 ? 1990000 : lengths[i];
		struct deid_source *in;
		struct deid_sink *sink;

		put("in", input, 2000000);
		in = open_input("in");
		ok(sink_open_file(&sink, dir, &err));
		ok(sink_copy(sink, in, 0, 10000, &err));
		cr_assert_eq(ftruncate(source_fd(in), 700000), 0);
		fails(sink_copy(sink, in, at, n, &err), DEID_E_IO);
		fails(sink_flush(sink, &err), DEID_E_INTERNAL);
		sink_close(sink);
		source_close(in);
	}
	cr_assert_gt(kernel_copies, 0);
	free(input);
}

/* A limit on the size of files stands for a full disk: writes come back short, then fail. */
static void full(size_t limit, int how)
{
	struct rlimit rl = {limit, RLIM_INFINITY};
	char *bytes = noise(1400000);
	struct deid_source *in;
	struct deid_sink *sink;
	int rc = DEID_OK;

	put("in", bytes, 1400000);
	in = open_input("in");
	ok(sink_open_file(&sink, dir, &err));
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &rl), 0);
	if (how == 0)
		rc = sink_write(sink, bytes, 1400000, &err);
	else if (how == 1)
		rc = sink_copy(sink, in, 0, 1400000, &err);
	else
		for (size_t at = 0; at < 1400000 && rc == DEID_OK; at += 1000)
			rc = sink_copy(sink, in, at, 1000, &err);
	if (rc == DEID_OK)
		rc = sink_flush(sink, &err);
	fails(rc, DEID_E_IO);
	fails(sink_flush(sink, &err), DEID_E_INTERNAL);
	fails(sink_commit(sink, "out", SINK_NEW, &err), DEID_E_INTERNAL);
	rl.rlim_cur = RLIM_INFINITY;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &rl), 0);
	sink_close(sink);
	source_close(in);
	cr_expect_eq(count(false), 1);
	free(bytes);
}

Test(sink, no_room_left)
{
	signal(SIGXFSZ, SIG_IGN);
	for (int how = 0; how < 3; how++) {
		full(0, how);
		full(5000, how);
		full(300001, how);
		full(1 << 20, how);
		full(1399999, how);
	}
	cr_assert_gt(kernel_copies, 0);
}

Test(sink, no_folder_to_write_in)
{
	struct deid_sink *sink;
	int closed = dup(dir);

	close(closed);
	fails(sink_open_file(&sink, closed, &err), DEID_E_IO);
	cr_expect_null(sink);
	ok(sink_open_spool(&sink, closed, 0, &err));
	fails(sink_write(sink, "x", 1, &err), DEID_E_IO);
	sink_close(sink);
	fails(sink_sync_dir(closed, &err), DEID_E_IO);
}

Test(sink, modes)
{
	struct deid_sink *sink;
	struct stat st;
	DIR *d;
	struct dirent *e;

	named = true;
	umask(0);
	ok(sink_open_file(&sink, dir, &err));
	d = opendir(dir_name);
	while ((e = readdir(d)))
		if (strncmp(e->d_name, TEMP_PREFIX, strlen(TEMP_PREFIX)) == 0) {
			cr_expect_eq(strlen(e->d_name), TEMP_NAME_SIZE - 1);
			cr_assert_eq(fstatat(dir, e->d_name, &st, 0), 0);
			cr_expect_eq(st.st_mode & 07777, 0600);
		}
	closedir(d);
	ok(sink_flush(sink, &err));
	ok(sink_set_mode(sink, 0640, &err));
	ok(sink_commit(sink, "out", SINK_NEW, &err));
	sink_close(sink);
	cr_assert_eq(fstatat(dir, "out", &st, 0), 0);
	cr_expect_eq(st.st_mode & 07777, 0640);
}

Test(sink, preserve)
{
	struct timespec then[2] = {{1000000000, 123456789}, {900000000, 987654321}};
	struct deid_sink *sink;
	struct stat st;
	char value[100];
	bool xattrs;
	int fd;

	put("in", "x", 1);
	fd = openat(dir, "in", O_RDWR);
	cr_assert_eq(fchmod(fd, 02751), 0);
	xattrs = fsetxattr(fd, "user.note", "kept", 4, 0) == 0 && fsetxattr(fd, "user.empty", "", 0, 0) == 0;
	cr_assert_eq(futimens(fd, then), 0);
	ok(sink_open_file(&sink, dir, &err));
	ok(sink_write(sink, "new", 3, &err));
	ok(sink_flush(sink, &err));
	ok(sink_preserve(sink, fd, &err));
	ok(sink_commit(sink, "out", SINK_NEW, &err));
	sink_close(sink);
	close(fd);
	fd = openat(dir, "out", O_RDONLY);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 02751);
	cr_expect(st.st_mtim.tv_sec == 900000000 && st.st_mtim.tv_nsec == 987654321);
	cr_expect_eq(st.st_atim.tv_sec, 1000000000);
	if (xattrs) {
		cr_expect_eq(fgetxattr(fd, "user.note", value, sizeof(value)), 4);
		cr_expect_eq(fgetxattr(fd, "user.empty", value, sizeof(value)), 0);
	}
	close(fd);
}

#define LEFT TEMP_PREFIX "0123456789abcdef"

Test(sink, sweep_takes_what_nobody_holds)
{
	struct deid_sink *sink;
	struct stat st;

	named = true;
	put(LEFT, "left by a killed run", 20);
	put(TEMP_PREFIX "0123456789abcdeg", "not ours", 8);
	put(TEMP_PREFIX "0123", "not ours", 8);
	put("data", "data", 4);
	cr_assert_eq(symlinkat("data", dir, TEMP_PREFIX "aaaaaaaaaaaaaaaa"), 0);
	cr_assert_eq(mkfifoat(dir, TEMP_PREFIX "bbbbbbbbbbbbbbbb", 0600), 0);
	cr_assert_eq(mkdirat(dir, TEMP_PREFIX "cccccccccccccccc", 0700), 0);
	ok(sink_open_file(&sink, dir, &err));
	cr_assert_eq(count(false), 8);
	sink_sweep(dir);
	cr_expect_eq(count(false), 7);
	cr_expect_lt(fstatat(dir, LEFT, &st, 0), 0);
	/* Ours was not touched. */
	ok(sink_write(sink, "whole", 5, &err));
	ok(sink_flush(sink, &err));
	ok(sink_commit(sink, "out", SINK_NEW, &err));
	sink_sweep(dir);
	sink_close(sink);
	check_file("out", "whole", 5);
	unlinkat(dir, TEMP_PREFIX "cccccccccccccccc", AT_REMOVEDIR);
	sink_sweep(-1);
}

Test(sink, sweep_leaves_the_files_of_other_processes)
{
	int ready[2], finish[2], status;
	char c;
	pid_t pid;

	named = true;
	cr_assert_eq(pipe(ready), 0);
	cr_assert_eq(pipe(finish), 0);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0) {
		struct deid_sink *sink;
		bool fine = sink_open_file(&sink, dir, &err) == DEID_OK && write(ready[1], "r", 1) == 1 &&
			    read(finish[0], &c, 1) == 1 && sink_write(sink, "whole", 5, &err) == DEID_OK &&
			    sink_flush(sink, &err) == DEID_OK &&
			    sink_commit(sink, "out", SINK_NEW, &err) == DEID_OK;

		/* Another is left behind, as by a kill. */
		_exit(fine && sink_open_file(&sink, dir, &err) == DEID_OK ? 0 : 1);
	}
	cr_assert_eq(read(ready[0], &c, 1), 1);
	sink_sweep(dir);
	cr_expect_eq(count(false), 1);
	cr_assert_eq(write(finish[1], "f", 1), 1);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0);
	cr_expect_eq(count(false), 2);
	sink_sweep(dir);
	cr_expect_eq(count(false), 1);
	check_file("out", "whole", 5);
}

/* The library's flock(), with something in front of it: what another process does at the worst moment. */
static void (*before_lock)(void);
static int held = -1;

int flock(int fd, int operation)
{
	void (*hook)(void) = before_lock;

	before_lock = NULL;
	if (hook)
		hook();
	return (int)syscall(SYS_flock, fd, operation);
}

static void sweep_now(void)
{
	cr_assert_eq(count(false), 1);
	sink_sweep(dir);
	cr_assert_eq(count(false), 0, "nothing locked it yet");
}

static void hold_now(void)
{
	DIR *d = opendir(dir_name);
	struct dirent *e;

	while ((e = readdir(d)))
		if (strncmp(e->d_name, TEMP_PREFIX, strlen(TEMP_PREFIX)) == 0)
			held = openat(dir, e->d_name, O_RDONLY);
	closedir(d);
	cr_assert_eq(flock(held, LOCK_EX | LOCK_NB), 0);
}

/* A sweep between the making of a file and its lock: another file is made. */
static void disturbed(void (*hook)(void))
{
	struct deid_sink *sink;

	named = true;
	before_lock = hook;
	ok(sink_open_file(&sink, dir, &err));
	cr_assert_null(before_lock);
	cr_expect_eq(count(false), 1);
	if (held >= 0)
		close(held);
	sink_sweep(dir);
	cr_expect_eq(count(false), 1);
	ok(sink_write(sink, "whole", 5, &err));
	ok(sink_flush(sink, &err));
	ok(sink_commit(sink, "out", SINK_REPLACE, &err));
	sink_close(sink);
	check_file("out", "whole", 5);
	cr_expect_eq(count(false), 1);
	unlinkat(dir, "out", 0);
}

Test(sink, swept_before_it_is_locked)
{
	disturbed(sweep_now);
}

Test(sink, a_sweeper_holds_the_lock)
{
	disturbed(hold_now);
}

static void commit_now(void)
{
	cr_assert_eq(renameat(dir, LEFT, dir, "out"), 0);
}

/* What a sweep found may take its name and end before the sweep has the lock. */
Test(sink, committed_while_a_sweep_looks)
{
	put(LEFT, "whole", 5);
	before_lock = commit_now;
	sink_sweep(dir);
	check_file("out", "whole", 5);
}

/* Sweepers that never rest, while outputs are made: none may be lost, and none may stay without a name. */
Test(sink, sweeping_all_the_time, .timeout = 120)
{
	enum { SWEEPERS = 2, OUTPUTS = 500 };
	pid_t pid[SWEEPERS], parent = getpid();

	for (int i = 0; i < SWEEPERS; i++) {
		pid[i] = fork();
		cr_assert_geq(pid[i], 0);
		/* Not beyond the end of a test that failed. */
		while (pid[i] == 0 && getppid() == parent)
			sink_sweep(dir);
		if (pid[i] == 0)
			_exit(0);
	}
	for (int i = 0; i < OUTPUTS; i++) {
		struct deid_sink *sink;
		char name[16];

		snprintf(name, sizeof(name), "%d", i);
		named = i % 2;
		ok(sink_open_file(&sink, dir, &err));
		ok(sink_write(sink, name, strlen(name), &err));
		ok(sink_flush(sink, &err));
		ok(sink_commit(sink, name, i % 4 < 2 ? SINK_NEW : SINK_REPLACE, &err));
		sink_close(sink);
		if (i % 100 == 99)
			for (int k = i - 99; k <= i; k++) {
				snprintf(name, sizeof(name), "%d", k);
				check_file(name, name, strlen(name));
				unlinkat(dir, name, 0);
			}
	}
	for (int i = 0; i < SWEEPERS; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	cr_expect_eq(count(false), 0);
}
