/* SPDX-License-Identifier: MIT */
/*
 * AES-EAX (Bellare, Rogaway, Wagner: "The EAX Mode of Operation", FSE 2004) from OpenSSL's AES-CTR and
 * CMAC, which has no EAX of its own. Keys of 16, 24 or 32 bytes, tags of 16.
 *
 * Constant state, no globals: any thread may call. What held key material is cleansed before return.
 */
#ifndef DEID_TRANSFORM_EAX_H
#define DEID_TRANSFORM_EAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EAX_TAG 16

struct eax_text {
	const uint8_t *p;
	size_t n;
};

enum eax_rc {
	EAX_OK,
	EAX_FORGED, /* open: the tag does not fit key, nonce, header and text */
	EAX_ERROR,  /* a key of another length, or OpenSSL refused */
};

/* Writes text.n bytes to out and the tag. in-place (out == text.p) is fine. */
enum eax_rc eax_seal(struct eax_text key, struct eax_text nonce, struct eax_text header, struct eax_text text,
    uint8_t *out, uint8_t tag[EAX_TAG]);
/* The reverse. The tag is checked, in constant time, before a byte is written to out. */
enum eax_rc eax_open(struct eax_text key, struct eax_text nonce, struct eax_text header, struct eax_text text,
    const uint8_t tag[EAX_TAG], uint8_t *out);

#endif
