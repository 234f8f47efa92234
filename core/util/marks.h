/* SPDX-License-Identifier: MIT */
/*
 * Finds single bytes of a small set in long texts, 64 bytes at a time.
 *
 * A block of text becomes a word with a bit for each byte, the first byte in the lowest bit. Where the
 * processor has SSE2 (every x86-64) it compares 16 bytes at once, else eight are compared in a register.
 */
#ifndef DEID_UTIL_MARKS_H
#define DEID_UTIL_MARKS_H

#include <deid/plugin.h>
#include <string.h>

#if defined(__SSE2__) && !defined(DEID_MARKS_PLAIN)
#include <emmintrin.h>
#define MARKS_SSE2 1
#else
#define MARKS_SSE2 0
#endif

#define MARKS_BLOCK 64

/* A walk over text from mark to mark. */
struct marks {
	struct deid_str text;
	unsigned char set[4]; /* the marks; any of them may be there twice */
	size_t base;          /* of the block in work */
	uint64_t bits;        /* its marks that are still to come */
	uint64_t high;        /* its bytes above ASCII */
	bool seen_high;       /* there is one in a block before */
};

#if MARKS_SSE2
static inline void marks_block(struct marks *m, const char *p)
{
	const __m128i a = _mm_set1_epi8((char)m->set[0]), b = _mm_set1_epi8((char)m->set[1]);
	const __m128i c = _mm_set1_epi8((char)m->set[2]), d = _mm_set1_epi8((char)m->set[3]);
	uint64_t bits = 0, high = 0;

	for (int i = 0; i < 4; i++) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
		__m128i ab = _mm_or_si128(_mm_cmpeq_epi8(v, a), _mm_cmpeq_epi8(v, b));
		__m128i cd = _mm_or_si128(_mm_cmpeq_epi8(v, c), _mm_cmpeq_epi8(v, d));

		bits |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(ab, cd)) << 16 * i;
		high |= (uint64_t)(unsigned)_mm_movemask_epi8(v) << 16 * i;
	}
	m->bits = bits;
	m->high = high;
}
#else
#define MARKS_ONES UINT64_C(0x0101010101010101)
#define MARKS_LOW7 UINT64_C(0x7f7f7f7f7f7f7f7f)

/* The top bit of each byte of x that is zero, and of no other. */
static inline uint64_t marks_zero(uint64_t x)
{
	return ~(((x & MARKS_LOW7) + MARKS_LOW7) | x | MARKS_LOW7);
}

/* The top bits of the eight bytes, the lowest byte's first: each is moved to the top byte by its own term. */
static inline uint64_t marks_gather(uint64_t x)
{
	return ((x >> 7 & MARKS_ONES) * UINT64_C(0x0102040810204080)) >> 56;
}

static inline void marks_block(struct marks *m, const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	m->bits = m->high = 0;
	for (int i = 0; i < 8; i++, b += 8) {
		uint64_t x = 0, hit = 0;

		for (int k = 0; k < 8; k++)
			x |= (uint64_t)b[k] << 8 * k;
		for (int k = 0; k < 4; k++)
			hit |= marks_zero(x ^ MARKS_ONES * m->set[k]);
		m->bits |= marks_gather(hit) << 8 * i;
		m->high |= marks_gather(x) << 8 * i;
	}
}
#endif

/* The block at m->base, which begins before the end of the text. */
static inline void marks_load(struct marks *m)
{
	size_t rest = m->text.n - m->base;
	char end[MARKS_BLOCK];

	if (rest >= MARKS_BLOCK) {
		marks_block(m, m->text.p + m->base);
		return;
	}
	memset(end, 0, sizeof(end));
	memcpy(end, m->text.p + m->base, rest);
	marks_block(m, end);
	m->bits &= (UINT64_C(1) << rest) - 1; /* zero may be a mark */
}

static inline void marks_begin(struct marks *m)
{
	m->base = 0;
	m->bits = m->high = 0;
	m->seen_high = false;
	if (m->text.n)
		marks_load(m);
}

/* The place of the next mark; text.n: there is none. */
static inline size_t marks_next(struct marks *m)
{
	size_t at;

	while (!m->bits) {
		if (m->text.n - m->base <= MARKS_BLOCK)
			return m->text.n;
		m->seen_high |= m->high != 0;
		m->base += MARKS_BLOCK;
		marks_load(m);
	}
	at = m->base + (size_t)__builtin_ctzll(m->bits);
	m->bits &= m->bits - 1;
	return at;
}

/* Whether all bytes before `to` are ASCII: `to` lies in the block in work, or at its end. */
static inline bool marks_ascii(const struct marks *m, size_t to)
{
	size_t n = to - m->base;

	return !m->seen_high && !(n < MARKS_BLOCK ? m->high & ((UINT64_C(1) << n) - 1) : m->high);
}

#endif
