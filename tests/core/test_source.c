/* SPDX-License-Identifier: MIT */
#include "core/io/source.h"
#include "core/util/error.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* An open file without a name that holds n bytes: byte i depends on i alone. */
static unsigned char byte_at(uint64_t i)
{
	return (unsigned char)(i * 2654435761u >> 13);
}

static int new_file(size_t n)
{
	char name[] = "/tmp/deid-source-XXXXXX";
	int fd = mkstemp(name);
	unsigned char *p = malloc(n + 1);

	cr_assert_geq(fd, 0);
	cr_assert_not_null(p);
	unlink(name);
	for (size_t i = 0; i < n; i++)
		p[i] = byte_at(i);
	cr_assert_eq(write(fd, p, n), (ssize_t)n);
	free(p);
	return fd;
}

/* The library's pread(): counted, and with trouble in front when asked for. */
static bool trouble;
static size_t reads, bytes_read;

ssize_t pread(int fd, void *p, size_t n, off_t off)
{
	ssize_t got;

	if (trouble && rand() % 4 == 0) {
		errno = EINTR;
		return -1;
	}
	if (trouble && rand() % 3 == 0)
		n = n / 2 + 1;
	got = (ssize_t)syscall(SYS_pread64, fd, p, n, off);
	reads++;
	bytes_read += got > 0 ? (size_t)got : 0;
	return got;
}

static void check_bytes(const void *p, uint64_t off, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((const unsigned char *)p)[i] != byte_at(off + i))
			cr_assert_fail("byte %zu of %zu from %zu is wrong", i, n, (size_t)off);
}

/* Random peeks and reads, near the last place and far away, small and large. */
static void wander(struct deid_source *s, uint64_t size, struct deid_error *err)
{
	static unsigned char buf[1 << 20];
	uint64_t off = 0;

	for (int i = 0; i < 3000; i++) {
		size_t n = (size_t)rand() % (rand() % 20 ? 2000 : DEID_PEEK_MAX + 1), got = 77;
		uint64_t want;
		const void *p = NULL;

		if (rand() % 3 == 0)
			off = (uint64_t)rand() % (size + 100);
		want = off >= size ? 0 : n < size - off ? n : size - off;
		if (rand() % 2) {
			cr_assert_eq(source_peek(s, off, n, &p, &got, err), DEID_OK);
			cr_assert_eq(got, want);
			check_bytes(p, off, got);
			if (got) {
				got = source_window(s, off, &p);
				cr_assert_geq(got, want);
				check_bytes(p, off, got);
			}
		} else if (want == n) {
			cr_assert_eq(source_read(s, off, buf, n, err), DEID_OK);
			check_bytes(buf, off, n);
		} else {
			cr_assert_eq(source_read(s, off, buf, n, err), n ? DEID_FAILED : DEID_OK);
			cr_assert_eq(err->code, n ? DEID_E_TRUNCATED : DEID_E_NONE);
			error_clear(err);
		}
		off += want;
	}
}

Test(source, at_random)
{
	static const size_t sizes[] = {1, 100, 16384, 16385, 70000, 3000000};
	struct deid_error err;
	struct deid_source *s;

	error_init(&err);
	srand(31);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		unsigned char *p = malloc(sizes[i]);

		cr_assert_eq(source_open_fd(&s, new_file(sizes[i]), &err), DEID_OK);
		cr_assert_eq(source_size(s), sizes[i]);
		cr_assert_geq(source_fd(s), 0);
		trouble = i % 2;
		wander(s, sizes[i], &err);
		cr_assert_eq(source_unchanged(s, &err), DEID_OK);
		source_close(s);

		for (size_t k = 0; k < sizes[i]; k++)
			p[k] = byte_at(k);
		cr_assert_eq(source_open_mem(&s, p, sizes[i], &err), DEID_OK);
		cr_assert_eq(source_fd(s), -1);
		wander(s, sizes[i], &err);
		cr_assert_eq(source_unchanged(s, &err), DEID_OK);
		source_close(s);
		free(p);
	}
	error_free(&err);
}

/* Reading on costs few system calls and reads nothing twice; jumping about reads little. */
Test(source, what_it_costs)
{
	enum { SIZE = 4 << 20 };
	struct deid_error err;
	struct deid_source *s;
	const void *p;
	size_t got;
	char c;

	error_init(&err);
	cr_assert_eq(source_open_fd(&s, new_file(SIZE), &err), DEID_OK);
	cr_assert_eq(source_peek(s, 0, 132, &p, &got, &err), DEID_OK);
	cr_assert(reads == 1 && bytes_read == 16384);
	for (uint64_t off = 0; off < SIZE; off += 60)
		cr_assert_eq(source_peek(s, off, 100, &p, &got, &err), DEID_OK);
	cr_assert_lt(reads, 25);
	cr_assert_eq(bytes_read, SIZE);
	reads = bytes_read = 0;
	for (uint64_t off = 0; off < SIZE; off += SIZE / 8)
		cr_assert_eq(source_read(s, off, &c, 1, &err), DEID_OK);
	cr_assert_eq(reads, 8);
	cr_assert_leq(bytes_read, 8 * 16384);
	source_close(s);
	error_free(&err);
}

Test(source, nothing_in_it)
{
	struct deid_error err;
	struct deid_source *s;
	const void *p;
	size_t got;
	char c;

	error_init(&err);
	for (int i = 0; i < 2; i++) {
		if (i)
			cr_assert_eq(source_open_mem(&s, NULL, 0, &err), DEID_OK);
		else
			cr_assert_eq(source_open_fd(&s, new_file(0), &err), DEID_OK);
		cr_assert_eq(source_size(s), 0);
		cr_assert_eq(source_peek(s, 0, 10, &p, &got, &err), DEID_OK);
		cr_assert_eq(got, 0);
		cr_assert_eq(source_read(s, 0, &c, 0, &err), DEID_OK);
		cr_assert_eq(source_read(s, 0, &c, 1, &err), DEID_FAILED);
		error_clear(&err);
		cr_assert_eq(source_read(s, UINT64_MAX, &c, 1, &err), DEID_FAILED);
		error_clear(&err);
		source_close(s);
	}
	source_close(NULL);
	error_free(&err);
}

/* However large a file claims to be in its fields, no more is asked of memory than is left of the file. */
Test(source, a_peek_takes_no_more_than_there_is)
{
	struct deid_error err;
	struct deid_source *s;
	const void *p;
	size_t got;

	error_init(&err);
	cr_assert_eq(source_open_fd(&s, new_file(1000), &err), DEID_OK);
	cr_assert_eq(source_peek(s, 990, DEID_PEEK_MAX, &p, &got, &err), DEID_OK);
	cr_assert_eq(got, 10);
	cr_assert_eq(source_peek(s, UINT64_MAX, 1, &p, &got, &err), DEID_OK);
	cr_assert_eq(got, 0);
	cr_assert_eq(source_peek(s, 0, DEID_PEEK_MAX + 1, &p, &got, &err), DEID_FAILED);
	cr_assert_eq(err.code, DEID_E_INTERNAL);
	source_close(s);
	error_free(&err);
}

static void expect_io(int rc, struct deid_error *err)
{
	cr_expect_eq(rc, DEID_FAILED);
	cr_expect_eq(err->code, DEID_E_IO);
	error_clear(err);
}

Test(source, a_file_that_is_cut_under_us_is_no_end)
{
	static unsigned char buf[200000];
	struct deid_error err;
	struct deid_source *s;
	const void *p;
	size_t got;
	int fd = new_file(400000);

	error_init(&err);
	cr_assert_eq(source_open_fd(&s, fd, &err), DEID_OK);
	cr_assert_eq(source_peek(s, 0, 1000, &p, &got, &err), DEID_OK);
	cr_assert_eq(ftruncate(fd, 100000), 0);
	/* What is there can still be read, what is gone never looks like the end. */
	cr_expect_eq(source_read(s, 50000, buf, 50000, &err), DEID_OK);
	expect_io(source_peek(s, 99000, 5000, &p, &got, &err), &err);
	cr_expect_eq(got, 0);
	expect_io(source_peek(s, 350000, 10, &p, &got, &err), &err);
	expect_io(source_read(s, 99999, buf, 2, &err), &err);
	expect_io(source_read(s, 50000, buf, 200000, &err), &err);
	expect_io(source_unchanged(s, &err), &err);
	source_close(s);
	error_free(&err);
}

Test(source, a_change_is_noticed)
{
	struct timespec then[2] = {{0, UTIME_OMIT}, {1000000, 5}};
	struct deid_error err;
	struct deid_source *s;
	int fd = new_file(100);

	error_init(&err);
	cr_assert_eq(futimens(fd, then), 0);
	cr_assert_eq(source_open_fd(&s, fd, &err), DEID_OK);
	cr_assert_eq(source_unchanged(s, &err), DEID_OK);
	cr_assert_eq(pwrite(fd, "x", 1, 5), 1);
	expect_io(source_unchanged(s, &err), &err);
	cr_assert_eq(futimens(fd, then), 0);
	cr_assert_eq(source_unchanged(s, &err), DEID_OK);
	then[1].tv_nsec++;
	cr_assert_eq(futimens(fd, then), 0);
	expect_io(source_unchanged(s, &err), &err);
	source_close(s);
	error_free(&err);
}

Test(source, only_regular_files)
{
	struct deid_error err;
	struct deid_source *s;
	int fd = open("/dev/zero", O_RDONLY), dir = open("/tmp", O_RDONLY);

	error_init(&err);
	cr_assert_eq(source_open_fd(&s, fd, &err), DEID_FAILED);
	cr_assert_null(s);
	cr_assert_eq(err.code, DEID_E_UNSUPPORTED);
	cr_assert_eq(fcntl(fd, F_GETFD), -1, "it was to be closed");
	error_clear(&err);
	cr_assert_eq(source_open_fd(&s, dir, &err), DEID_FAILED);
	error_clear(&err);
	cr_assert_eq(source_open_fd(&s, -1, &err), DEID_FAILED);
	cr_assert_eq(err.code, DEID_E_IO);
	error_free(&err);
}
