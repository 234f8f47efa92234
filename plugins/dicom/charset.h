/* SPDX-License-Identifier: MIT */
/*
 * Text and Specific Character Set: PS3.3 section C.12.1.1.2, PS3.5 section 6.1 and annexes H to K.
 *
 * A set is made from the values of (0008,0005) and keeps what decoding needs. Without (0008,0005), or with
 * ISO_IR 6, bytes above 127 are read as Latin 1, as other readers do, but not written.
 */
#ifndef DICOM_CHARSET_H
#define DICOM_CHARSET_H

#include "core/util/str.h"

#define CHARSET_TERMS 8

struct charset_term;
struct charset {
	const struct charset_term *term[CHARSET_TERMS];
	size_t n;
	bool unknown; /* a value is no defined term: only ASCII can be read and written */
	void
	    *conv[2][CHARSET_TERMS]; /* iconv_t from and to the coded sets of each term, opened when needed */
};

enum charset_rc {
	CHARSET_OK,
	CHARSET_CANNOT, /* bytes that are no text of the set; a character that it lacks */
	CHARSET_NOMEM,
};

/* From the raw value of (0008,0005). */
void charset_init(struct charset *, struct deid_str value);
void charset_free(struct charset *);
/* Whether every value is a defined term (or a known misspelling of one). */
bool charset_known(struct deid_str value);

/* Adds the text in UTF-8 to out. `names`: ^ and = delimit too (PN), as far as code extensions go. */
enum charset_rc charset_decode(struct charset *, struct deid_str raw, bool names, struct buf *out);
/* Adds the bytes of the UTF-8 text to out. */
enum charset_rc charset_encode(struct charset *, struct deid_str text, bool names, struct buf *out);

bool charset_same(const struct charset *, const struct charset *); /* bytes mean the same in both */
bool charset_is_ascii(struct deid_str);                            /* no byte above 127 and no escape */

#endif
