/* SPDX-License-Identifier: MIT */
/*
 * The front of a file: preamble, file meta information (PS3.10 section 7.1), transfer syntax. Files without
 * the first two, or with one only, are read as other readers do: by what the first elements look like.
 */
#ifndef DICOM_HEAD_H
#define DICOM_HEAD_H

#include "plugins/dicom/tree.h"

#define HEAD_PREAMBLE 128u
#define HEAD_MARK 132u /* the preamble and "DICM" */

struct head {
	uint64_t meta_at; /* HEAD_MARK or 0 */
	uint64_t data_at; /* in the file */
	bool marked;      /* preamble and mark are there */
	bool deflated;
	bool tiff;      /* the preamble is the head of a TIFF */
	unsigned named; /* NODE_IN_… by the file meta; all bits: it says nothing */
	bool guessed;   /* the data set is not in the syntax that the file meta names */
	char uid[64];   /* the transfer syntax that the file meta names */
	size_t nuid;
};

/* Sets t->file, t->data, t->syntax and walks the file meta. */
int head_read(struct tree *, struct deid_source *, struct head *, struct deid_error *);

/* NODE_IN_… of the data sets of a transfer syntax; all bits: it is none that we know. */
unsigned head_syntax(struct deid_str uid, bool *deflated);

/* Whether a file with this front would be read in the same syntax if its data set began with the element at
 * p. */
bool head_accepts(const struct head *, const struct tree *, const uint8_t *p, size_t n, uint64_t left);

/* Whether the bytes look like the beginning of a file without preamble. `size`: of the whole file. `strict`:
 * nothing else says that it is DICOM, so one element that looks right is not enough. */
bool head_plausible(const uint8_t *p, size_t n, uint64_t size, bool strict);

#endif
