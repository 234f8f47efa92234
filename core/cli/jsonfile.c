/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/jsonfile.h"

#include "core/cli/print.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_LIMIT ((off_t)64 << 20)
#define DEPTH_LIMIT 512

static int read_all(int fd, size_t n, struct buf *out, struct deid_error *err)
{
	if (!buf_reserve(out, n + 1))
		return error_nomem(err);
	while (out->n < n) {
		ssize_t got = read(fd, out->p + out->n, n - out->n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, DEID_FAILED, "cannot be read");
		if (got == 0)
			return error_fail(
			    err, DEID_FAILED, DEID_E_TRUNCATED, "became shorter while it was read");
		out->n += (size_t)got;
	}
	return buf_cstr(out) ? DEID_OK : error_nomem(err);
}

/* What the parser would take, and its tree could not: see the head of jsonfile.h. */
static int check_text(const struct buf *text, struct deid_error *err)
{
	size_t depth = 0;
	bool quoted = false;

	if (memchr(text->p, '\0', text->n))
		return error_fail(err, DEID_FAILED, DEID_E_FORMAT, "is not JSON: it holds NUL characters");
	for (size_t i = 0; i < text->n; i++) {
		char c = text->p[i];

		if (quoted && c == '\\') {
			if (text->n - i > 6 && !memcmp(text->p + i, "\\u0000", 6))
				return error_fail(
				    err, DEID_FAILED, DEID_E_UNSUPPORTED, "has a NUL character in a text");
			i++;
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted && (c == '{' || c == '[')) {
			if (++depth > DEPTH_LIMIT)
				return error_fail(err, DEID_FAILED, DEID_E_LIMIT,
				    "is nested more than %d deep", DEPTH_LIMIT);
		} else if (!quoted && (c == '}' || c == ']') && depth) {
			depth--;
		}
	}
	return DEID_OK;
}

static int load(struct jsonfile *f, struct deid_error *err)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), rc;
	struct stat st;

	if (fd < 0)
		return error_errno(err, DEID_FAILED, "cannot be read");
	if (fstat(fd, &st) != 0)
		rc = error_errno(err, DEID_FAILED, "cannot be read");
	else if (!S_ISREG(st.st_mode))
		rc = error_fail(err, DEID_FAILED, DEID_E_IO, "is no file");
	else if (st.st_size > SIZE_LIMIT)
		rc = error_fail(err, DEID_FAILED, DEID_E_LIMIT, "is larger than 64 MiB");
	else
		rc = read_all(fd, (size_t)st.st_size, &f->text, err);
	close(fd);
	if (rc == DEID_OK && f->text.n >= 3 && !memcmp(f->text.p, "\xEF\xBB\xBF", 3)) {
		f->text.n -= 3;
		memmove(f->text.p, f->text.p + 3, f->text.n + 1);
	}
	return rc == DEID_OK ? check_text(&f->text, err) : rc;
}

/* Parses what load() or a caller gave, if that went well; why is freed. */
static int finish(struct jsonfile *f, int rc, struct deid_error *why, struct deid_error *err)
{
	if (rc == DEID_OK) {
		/* Its own message would show what it could not read. */
		f->root = yajl_tree_parse(f->text.p, NULL, 0);
		if (!f->root)
			rc = error_fail(why, DEID_FAILED, DEID_E_FORMAT, "is not JSON");
	}
	if (rc != DEID_OK) {
		error_fail(
		    err, rc, why->code, "%s %.*s", f->path, (int)why->msg.n, why->msg.n ? why->msg.p : "");
		jsonfile_free(f);
	}
	error_free(why);
	return rc;
}

int jsonfile_read(struct jsonfile *f, const char *path, struct deid_error *err)
{
	struct deid_error why;

	*f = (struct jsonfile){.path = path};
	error_init(&why);
	return finish(f, load(f, &why), &why, err);
}

int jsonfile_take(struct jsonfile *f, const char *path, struct buf *text, struct deid_error *err)
{
	struct deid_error why;

	*f = (struct jsonfile){.path = path, .text = *text};
	*text = (struct buf){0};
	error_init(&why);
	return finish(f, buf_cstr(&f->text) ? check_text(&f->text, &why) : error_nomem(&why), &why, err);
}

void jsonfile_free(struct jsonfile *f)
{
	yajl_tree_free(f->root);
	buf_free(&f->text);
	f->root = NULL;
}

yajl_val json_member(yajl_val v, const char *key)
{
	if (!YAJL_IS_OBJECT(v))
		return NULL;
	for (size_t i = 0; i < YAJL_GET_OBJECT(v)->len; i++)
		if (!strcmp(YAJL_GET_OBJECT(v)->keys[i], key))
			return YAJL_GET_OBJECT(v)->values[i];
	return NULL;
}

yajl_val json_at_path(yajl_val v, const char *path)
{
	struct deid_str rest = str_of(path), part;

	while (v && str_split(&rest, '/', &part)) {
		yajl_val next = NULL;

		for (size_t i = 0; YAJL_IS_OBJECT(v) && i < YAJL_GET_OBJECT(v)->len && !next; i++)
			if (str_eqz(part, YAJL_GET_OBJECT(v)->keys[i]))
				next = YAJL_GET_OBJECT(v)->values[i];
		v = next;
	}
	return v;
}

const char *json_text(yajl_val v)
{
	return YAJL_GET_STRING(v);
}

bool json_put(struct buf *out, struct deid_str text)
{
	char *p = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&p, &n);
	bool good = f != NULL;

	if (f)
		print_json(f, text);
	if (f && fclose(f) != 0)
		good = false;
	good = good && buf_add(out, p, n);
	free(p);
	return good;
}

static bool put_members(struct buf *out, yajl_val v)
{
	bool object = YAJL_IS_OBJECT(v), good = buf_c(out, object ? '{' : '[');
	size_t n = object ? YAJL_GET_OBJECT(v)->len : YAJL_GET_ARRAY(v)->len;

	for (size_t i = 0; i < n && good; i++) {
		good = i == 0 || buf_z(out, ", ");
		if (good && object)
			good = json_put(out, str_of(YAJL_GET_OBJECT(v)->keys[i])) && buf_z(out, ": ");
		good = good && json_put_value(out,
				   object ? YAJL_GET_OBJECT(v)->values[i] : YAJL_GET_ARRAY(v)->values[i]);
	}
	return good && buf_c(out, object ? '}' : ']');
}

/* No deeper than DEPTH_LIMIT. */
bool json_put_value(struct buf *out, yajl_val v)
{
	switch (v->type) {
	case yajl_t_object:
	case yajl_t_array:
		return put_members(out, v);
	case yajl_t_string:
		return json_put(out, str_of(YAJL_GET_STRING(v)));
	case yajl_t_number:
		return buf_z(out, YAJL_GET_NUMBER(v));
	case yajl_t_true:
		return buf_z(out, "true");
	case yajl_t_false:
		return buf_z(out, "false");
	default:
		return buf_z(out, "null");
	}
}
