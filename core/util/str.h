/* SPDX-License-Identifier: MIT */
/*
 * Counted strings (struct deid_str, never owned) and a growing buffer (struct buf, owned).
 *
 * No function here allocates but buf_*; those return false when memory is spent and leave the buffer as
 * it was. A zeroed struct buf is empty and valid; buf_free() gives its memory back and zeroes it again.
 */
#ifndef DEID_UTIL_STR_H
#define DEID_UTIL_STR_H

#include <deid/plugin.h>
#include <stdarg.h>
#include <string.h>

/* A string literal as a struct deid_str. */
#define STR(lit) ((struct deid_str){(lit), sizeof(lit) - 1})

/* NUL-terminated; NULL gives an empty string. */
static inline struct deid_str str_of(const char *z)
{
	return z ? (struct deid_str){z, strlen(z)} : (struct deid_str){"", 0};
}
static inline bool str_eq(struct deid_str a, struct deid_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
bool str_eqz(struct deid_str a, const char *z);
bool str_caseeq(struct deid_str a, struct deid_str b);  /* ASCII only */
int str_cmp(struct deid_str a, struct deid_str b);      /* bytes, shorter first */
bool str_prefix(struct deid_str s, const char *prefix); /* s begins with prefix */
bool str_suffix(struct deid_str s, const char *suffix);
struct deid_str str_sub(struct deid_str s, size_t from, size_t n); /* clipped to s */
struct deid_str str_trim(struct deid_str s);                       /* ASCII blanks and tabs, CR, LF */
/* Position of c in s at or after from; s.n when absent. */
size_t str_find(struct deid_str s, char c, size_t from);
/* Cuts the next part up to sep off *rest; false when nothing is left, and then (and only then) rest->p is
 * NULL. "a..b" has three parts, "a." two, "" one. */
bool str_split(struct deid_str *rest, char sep, struct deid_str *part);
/* The whole of s as a decimal number, sign allowed for the signed form; false on anything else. */
bool str_u64(struct deid_str s, uint64_t *out);
bool str_i64(struct deid_str s, int64_t *out);

struct buf {
	char *p;
	size_t n, cap;
};

void buf_free(struct buf *);
bool buf_reserve(struct buf *, size_t more);
bool buf_grow_add(struct buf *, const void *p, size_t n); /* buf_add() that has no room yet */
bool buf_printf(struct buf *, const char *fmt, ...) DEID_PRINTF(2, 3);
bool buf_vprintf(struct buf *, const char *fmt, va_list) DEID_PRINTF(2, 0);
static inline bool buf_add(struct buf *b, const void *p, size_t n)
{
	if (n > b->cap - b->n)
		return buf_grow_add(b, p, n);
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	return true;
}
static inline bool buf_str(struct buf *b, struct deid_str s)
{
	return buf_add(b, s.p, s.n);
}
static inline bool buf_z(struct buf *b, const char *z)
{
	return buf_add(b, z, strlen(z));
}
static inline bool buf_c(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}
/* NUL-terminate without counting the NUL; NULL when memory is spent. */
const char *buf_cstr(struct buf *);
static inline struct deid_str buf_view(const struct buf *b)
{
	return (struct deid_str){b->p, b->n};
}

#endif
