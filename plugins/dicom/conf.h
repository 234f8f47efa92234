/* SPDX-License-Identifier: MIT */
/* What a profile's `dicom` section says, compiled. */
#ifndef DICOM_CONF_H
#define DICOM_CONF_H

#include <deid/plugin.h>

enum document { DOCUMENT_REFUSE, DOCUMENT_KEEP, DOCUMENT_REMOVE };

struct conf {
	const struct deid_host *host;
	const struct deid_node *section; /* NULL: no profile */
	const struct deid_entry *entry;
	size_t nentry;
	bool remove_private; /* `remove-private-tags` */
	bool recurse;        /* `recurse-sequence` */
	bool defined_only;   /* `remove-undefined` */
	bool age;            /* `patient-age-from-birthdate` */
	char age_unit;       /* `patient-age-units`: the finest that is tried, D, M or Y */
	enum document document;
	struct alter *alter; /* `alter-pixels`; NULL: none */
	bool transcode;
	bool retain;              /* what is changed is kept, encrypted */
	bool asymmetric;          /* `asymmetric-encryption`: for certificates */
	struct crypt_conf *crypt; /* crypt.h; NULL: nothing is encrypted or decrypted */
};

extern const struct deid_setting conf_settings[];

int conf_new(const struct deid_host *, const struct deid_node *section, void **conf, struct deid_error *);
void conf_free(void *conf);
int conf_path(void *conf, struct deid_str text, const struct deid_node *, void **path,
    struct deid_path_info *, struct deid_error *);
/* Whether the entry creates the field where it is missing. */
bool conf_creates(const struct conf *, const struct deid_entry *);
int conf_seal(void *conf, const struct deid_entry *, size_t n, struct deid_error *);
int conf_judge(const void *conf, const struct deid_entry *, struct deid_error *);

#endif
