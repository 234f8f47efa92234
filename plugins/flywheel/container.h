/* SPDX-License-Identifier: MIT */
/* The containers of the platform, and what of each may be edited (profile language, section 10). */
#ifndef DEID_PLUGINS_FLYWHEEL_CONTAINER_H
#define DEID_PLUGINS_FLYWHEEL_CONTAINER_H

#include "core/util/str.h"

enum key_type {
	KEY_TEXT,
	KEY_WORD, /* one of `words` */
	KEY_INTEGER,
	KEY_NUMBER,
	KEY_TIME, /* YYYY-MM-DD HH:MM:SS[.f…][zone], also with T between date and time */
	KEY_DATE, /* … or the date alone */
	KEY_TEXTS,
	KEY_TREE,
};

struct container_key {
	const char *name; /* NULL: the end of the table */
	enum key_type type;
	const char *words; /* "a|b|c" */
};

struct container {
	const char *name;
	const struct container_key *key; /* fewer than 32 */
	bool header;                     /* info.header is what was read from the file itself */
};

enum { CONTAINER_PROJECT, CONTAINER_SUBJECT, CONTAINER_SESSION, CONTAINER_ACQUISITION, CONTAINER_FILE };
extern const struct container containers[];

/* NULL: it is not one that can be edited. */
const struct container_key *container_key(const struct container *, struct deid_str name);
/* Does the platform have such a key, that cannot be edited? */
bool container_other_key(struct deid_str name);
bool container_is_time(struct deid_str text, char between);

/* Adds a JSON value as one of the key's type to out; nothing when it is empty. Gives what the key takes when
 * it is no such value, else NULL. *good: false when memory is spent. */
const char *container_cast(const struct container_key *, struct deid_str value, struct buf *out, bool *good);

#endif
