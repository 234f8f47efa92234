/* SPDX-License-Identifier: MIT */
/*
 * encrypt, decrypt and `retain`: PS3.15 section E.1, PS3.3 section C.12.1.1.4.
 *
 * What is encrypted goes into a data set of its own, in the one item of its Modified Attributes Sequence;
 * that data set is one item of Encrypted Attributes Sequence. Other software puts back the top-level elements
 * of that item as a whole, so of a nested element the whole sequence around it goes in: as it finally stands
 * in the file, with the encrypted elements put back.
 *
 * EnvelopedData does not show whether its content was changed. So we put a digest beside the sequence, in a
 * private block that others pass over, and check it where there is one.
 */
#ifndef DICOM_CRYPT_H
#define DICOM_CRYPT_H

#include "plugins/dicom/cms.h"
#include "plugins/dicom/record.h"

#define TAG_ENCRYPTED 0x04000500u         /* Encrypted Attributes Sequence */
#define TAG_ENCRYPTED_SYNTAX 0x04000510u  /* Encrypted Content Transfer Syntax UID */
#define TAG_ENCRYPTED_CONTENT 0x04000520u /* Encrypted Content */
#define TAG_MODIFIED 0x04000550u          /* Modified Attributes Sequence */

/* A private block of the encrypted data set: SHA-256 of all of (0400,0550), header included. */
#define DIGEST_CREATOR "DEID DIGEST "
#define TAG_DIGEST_CREATOR 0x04010010u
#define TAG_DIGEST 0x04011000u
#define DIGEST_SIZE 32

/* ---- crypt.c: keys of entries ---- */
struct crypt_conf;
/* From seal(), when all entries are known. */
int crypt_seal(struct conf *, struct deid_error *);
void crypt_free(struct conf *);
/* Of an entry; NULL: of `retain`. */
const struct cms_keys *crypt_keys(const struct conf *, const struct deid_entry *);
extern const char *const crypt_owns[];
bool crypt_decrypts(const struct conf *); /* some entry does */
int record_act(void *rec, uint32_t id, struct deid_error *);

/* Calls `visit` for each field of the record that the entry names. */
int crypt_each(struct record *, const struct deid_entry *, deid_visit *, void *arg, struct deid_error *);

/* ---- envelope.c ---- */
int envelope_take(struct record *, const struct deid_entry *, struct deid_error *);
/* Adds the items to Encrypted Attributes Sequence; after all other changes. */
int envelope_finish(struct record *, struct deid_error *);

/* ---- restore.c ---- */
int restore_entry(struct record *, const struct deid_entry *, struct deid_error *);
/* Takes out the items of which nothing is left to restore. */
int restore_finish(struct record *, struct deid_error *);
void restore_free(struct record *);
void envelope_free(struct record *);

#endif
