/* SPDX-License-Identifier: MIT */
#include "core/io/sink.h"
#include "core/io/source.h"
#include "core/util/error.h"
#include "core/util/splice.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct deid_host host = {
    .size = sizeof(struct deid_host),
    .fail = error_fail,
    .at = error_at,
    .sink_splice = sink_splice,
};

/* Writes text [from, to) with the edits into out; gives splice_write()'s result. */
static int run(struct splice *s, struct deid_str text, uint64_t from, uint64_t to, struct buf *out,
    struct deid_error *err)
{
	struct deid_source *in, *back;
	struct deid_sink *sink;
	const void *p;
	size_t n;
	int rc;

	cr_assert_eq(source_open_mem(&in, text.p, text.n, err), DEID_OK);
	cr_assert_eq(sink_open_spool(&sink, -1, 1 << 16, err), DEID_OK);
	rc = splice_write(s, &host, in, sink, from, to, err);
	if (rc == DEID_OK) {
		cr_assert_eq(sink_spool_source(sink, &back, err), DEID_OK);
		cr_assert_eq(source_peek(back, 0, 1 << 16, &p, &n, err), DEID_OK);
		out->n = 0;
		buf_add(out, p, n);
	}
	sink_close(sink);
	source_close(in);
	return rc;
}

/* Edits at random that do not overlap, added in random order, against text put together front to back. */
static void random_round(struct buf *want, struct buf *got, struct deid_error *err)
{
	static char text[60], data[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct {
		uint64_t off, len;
		size_t at, n;
	} edit[40];
	size_t n = 0, order[40], size = (size_t)(rand() % 60);
	struct splice s = {0};

	for (size_t i = 0; i < size; i++)
		text[i] = (char)('a' + rand() % 26);
	want->n = 0;
	for (size_t pos = 0; pos <= size && n < 40;) {
		size_t len = rand() % 3 ? 0 : (size_t)(rand() % 6);

		if (rand() % 2 && pos + len <= size) {
			edit[n].off = pos;
			edit[n].len = len;
			edit[n].at = (size_t)(rand() % 20);
			edit[n].n = (size_t)(rand() % 5);
			buf_add(want, data + edit[n].at, edit[n].n);
			pos += len;
			n++;
		} else {
			if (pos < size)
				buf_c(want, text[pos]);
			pos++;
		}
	}
	if (n == 40) {
		size_t pos = (size_t)(edit[39].off + edit[39].len);

		buf_add(want, text + pos, size - pos);
	}
	/* Insertions at one place keep their order: shuffle by swapping neighbours of different places. */
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t k = 0; k < n * n; k++) {
		size_t i = (size_t)(rand() % (int)n), t = order[i];

		if (i + 1 < n && edit[t].off != edit[order[i + 1]].off) {
			order[i] = order[i + 1];
			order[i + 1] = t;
		}
	}
	for (size_t i = 0; i < n; i++) {
		size_t k = order[i];

		cr_assert(splice_add(&s, edit[k].off, edit[k].len, data + edit[k].at, edit[k].n));
	}
	cr_assert_eq(run(&s, (struct deid_str){text, size}, 0, size, got, err), DEID_OK);
	cr_assert(str_eq(buf_view(got), buf_view(want)), "got  %s\nwant %s", buf_cstr(got), buf_cstr(want));
	/* The list can be written again. */
	cr_assert_eq(run(&s, (struct deid_str){text, size}, 0, size, got, err), DEID_OK);
	cr_assert(str_eq(buf_view(got), buf_view(want)));
	splice_free(&s);
}

Test(splice, at_random_as_the_model)
{
	struct buf want = {0}, got = {0};
	struct deid_error err;

	error_init(&err);
	srand(21);
	for (int i = 0; i < 20000; i++)
		random_round(&want, &got, &err);
	buf_free(&want);
	buf_free(&got);
	error_free(&err);
}

Test(splice, insertions_come_before_the_replacement_at_their_place)
{
	struct splice s = {0};
	struct buf got = {0};
	struct deid_error err;

	error_init(&err);
	splice_add(&s, 2, 2, "R", 1);
	splice_add(&s, 2, 0, "1", 1);
	splice_add(&s, 4, 0, "3", 1);
	splice_add(&s, 2, 0, "2", 1);
	splice_add(&s, 6, 0, "end", 3);
	splice_add(&s, 0, 0, "start", 5);
	cr_assert_eq(run(&s, STR("abcdef"), 0, 6, &got, &err), DEID_OK);
	cr_assert_str_eq(buf_cstr(&got), "startab12R3efend");
	splice_free(&s);
	buf_free(&got);
	error_free(&err);
}

static void refuses(uint64_t from, uint64_t to, const uint64_t (*edit)[2], size_t n)
{
	struct splice s = {0};
	struct buf got = {0};
	struct deid_error err;

	error_init(&err);
	for (size_t i = 0; i < n; i++)
		cr_assert(splice_add(&s, edit[i][0], edit[i][1], "x", 1));
	cr_expect_eq(run(&s, STR("0123456789"), from, to, &got, &err), DEID_FAILED);
	cr_expect_eq(err.code, DEID_E_INTERNAL);
	splice_free(&s);
	buf_free(&got);
	error_free(&err);
}

Test(splice, refuses_what_makes_no_sense)
{
	refuses(0, 10, (const uint64_t[][2]){{2, 3}, {4, 1}}, 2);
	refuses(0, 10, (const uint64_t[][2]){{2, 3}, {2, 1}}, 2);
	refuses(0, 10, (const uint64_t[][2]){{4, 1}, {2, 3}}, 2);
	refuses(0, 10, (const uint64_t[][2]){{2, 3}, {3, 0}}, 2);
	refuses(2, 8, (const uint64_t[][2]){{1, 1}}, 1);
	refuses(2, 8, (const uint64_t[][2]){{7, 2}}, 1);
	refuses(2, 8, (const uint64_t[][2]){{9, 0}}, 1);
	refuses(0, 10, (const uint64_t[][2]){{1, UINT64_MAX}}, 1);
	refuses(8, 2, NULL, 0);
}

Test(splice, part_of_the_input)
{
	struct splice s = {0};
	struct buf got = {0};
	struct deid_error err;

	error_init(&err);
	cr_assert_eq(run(&s, STR("0123456789"), 3, 3, &got, &err), DEID_OK);
	cr_assert_eq(got.n, 0);
	splice_add(&s, 3, 1, NULL, 0);
	cr_assert_eq(run(&s, STR("0123456789"), 2, 6, &got, &err), DEID_OK);
	cr_assert_str_eq(buf_cstr(&got), "245");
	/* The input is shorter than we were told. */
	cr_assert_eq(run(&s, STR("0123"), 2, 6, &got, &err), DEID_FAILED);
	cr_assert_eq(err.code, DEID_E_TRUNCATED);
	splice_free(&s);
	buf_free(&got);
	error_free(&err);
}

/* Many edits close together and far apart, from a file to a file: gaps are read many at once there. */
static void file_round(struct deid_source *in, const uint8_t *text, size_t size, size_t far)
{
	struct deid_source *back;
	struct deid_sink *sink;
	struct deid_error err;
	struct splice s = {0};
	struct buf want = {0};
	int dir = open("/tmp", O_RDONLY | O_DIRECTORY);
	uint8_t *got = malloc(2 * size);
	size_t pos = 0;

	error_init(&err);
	while (pos < size) {
		size_t gap = (size_t)rand() % (rand() % 20 ? 60 : far), len = (size_t)rand() % 12;
		size_t n = (size_t)rand() % 12;

		if (gap + len > size - pos)
			break;
		buf_add(&want, text + pos, gap);
		pos += gap;
		buf_add(&want, "0123456789ab", n);
		splice_add(&s, pos, len, "0123456789ab", n);
		pos += len;
	}
	buf_add(&want, text + pos, size - pos);
	cr_assert_eq(sink_open_spool(&sink, dir, 1 << 12, &err), DEID_OK);
	cr_assert_eq(splice_write(&s, &host, in, sink, 0, size, &err), DEID_OK);
	cr_assert_eq(sink_spool_source(sink, &back, &err), DEID_OK);
	cr_assert_eq(source_size(back), want.n);
	cr_assert_eq(source_read(back, 0, got, want.n, &err), DEID_OK);
	cr_expect(memcmp(got, want.p, want.n) == 0);
	sink_close(sink);
	splice_free(&s);
	buf_free(&want);
	error_free(&err);
	free(got);
	close(dir);
}

Test(splice, file_to_file)
{
	size_t size = 3000000;
	uint8_t *text = malloc(size);
	FILE *f = tmpfile();
	struct deid_source *in;
	struct deid_error err;

	srand(7);
	for (size_t i = 0; i < size; i++)
		text[i] = (uint8_t)rand();
	cr_assert_eq(fwrite(text, 1, size, f), size);
	fflush(f);
	error_init(&err);
	cr_assert_eq(source_open_fd(&in, dup(fileno(f)), &err), DEID_OK);
	file_round(in, text, size, 2000);
	file_round(in, text, size, 100000);
	/* What was read when it was cut is an error, not zeros. */
	cr_assert_eq(ftruncate(fileno(f), 1000000), 0);
	{
		struct splice s = {0};
		struct deid_sink *sink;

		for (size_t i = 0; i < 1500; i++)
			splice_add(&s, i * 2000, 1, "x", 1);
		cr_assert_eq(sink_open_spool(&sink, -1, 1 << 23, &err), DEID_OK);
		cr_expect_eq(splice_write(&s, &host, in, sink, 0, size, &err), DEID_FAILED);
		cr_expect_eq(err.code, DEID_E_IO);
		sink_close(sink);
		splice_free(&s);
	}
	source_close(in);
	error_free(&err);
	fclose(f);
	free(text);
}
