/* SPDX-License-Identifier: MIT */
/*
 * A field's name in a profile, compiled: a chain of selectors, one for each level of sequences.
 *
 *   PatientID   (0010,0020)   00100020   0x00100020   (0009,"GEMS_IDEN_01",01)   (60xx,3000)
 *   OtherPatientIDsSequence.*.PatientID   00101002.0.00100020
 */
#ifndef DICOM_PATH_H
#define DICOM_PATH_H

#include "plugins/dicom/dict.h"
#include "plugins/dicom/walk.h"

#define SELECT_ALL (-1)

struct selector {
	uint32_t tag, mask;      /* of a private one: group, and the last two digits of the element */
	struct deid_str creator; /* a private block; n = 0: none */
	uint8_t vr;              /* as the dictionary has it; VR_NONE: unknown */
	int64_t item;            /* which item of this sequence goes on; SELECT_ALL; the last one has none */
};

struct path {
	const struct deid_host *host;
	size_t n;
	bool meta;    /* in the file meta */
	bool recurse; /* at every level (`recurse-sequence`) */
	bool wild;    /* may denote several places */
	char *text;   /* owned; creators point into it */
	char *place;  /* owned; path_place() */
	struct selector s[];
};

/* Reads a name; what is wrong with it goes to complain(). free() of it is path_free(). */
int path_parse(const struct deid_host *, struct deid_str text, const struct deid_node *, struct path **,
    struct deid_error *);
void path_free(void *);
/* The same text for every spelling of a name (struct deid_path_info). False: no memory. */
bool path_place(struct path *, struct deid_str *);
/* Whether a missing element can be made from the name alone. */
bool path_creates(const struct path *);

static inline const struct selector *path_last(const struct path *p)
{
	return &p->s[p->n - 1];
}

#endif
