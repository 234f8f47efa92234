/* SPDX-License-Identifier: MIT */
/*
 * A profile, compiled: sections with their formats, and rules with compiled selectors and bound
 * transforms. Made once before the first file; constant afterwards and shared by all threads.
 */
#ifndef DEID_PROFILE_PROFILE_H
#define DEID_PROFILE_PROFILE_H

#include "core/profile/document.h"
#include "core/profile/keys.h"
#include "core/profile/regex.h"
#include "core/util/error.h"
#include <deid/plugin.h>

enum on_error { ON_ERROR_FAIL, ON_ERROR_REMOVE, ON_ERROR_KEEP };

/* One field entry. */
struct rule {
	uint32_t id; /* its rank in the order of execution, and its index in section.rule */
	const struct deid_node *node;
	struct deid_str text;     /* name or regex as written */
	struct regex *regex;      /* a regex entry; path is NULL */
	struct deid_sieve *sieve; /* of the regex, for formats that use it; or NULL */
	void *path;               /* a name entry */
	struct deid_path_info info;
	const struct deid_transform *transform;
	const struct deid_node *arg;
	void *state;
	bool own_state; /* it goes with this rule; else with that of another profile (derive.h) */
	bool owned;     /* the format carries the action out: deid_format.owns */
	bool off;       /* switched off, or named only: acts on nothing */
	bool wrong;     /* the profile is refused for it */
	enum on_error on_error;
};

/* What a section's bound mapping knows of its home (deid_node.home). */
struct section_home {
	struct profile *profile;
	const struct provider *provider; /* while the profile is compiled */
};

struct section {
	const char *name; /* the key in the document; GROUP.KEY in a group of sections */
	bool own_rules;   /* shared: the rules are a copy, some with a state of their own */
	bool shared;      /* all but node and rules belong to another profile (derive.h) */
	bool member;      /* in a group: run over metadata that it is handed, never over a file */
	const struct deid_node *node;
	const struct deid_format *format;
	void *conf;
	void *plain; /* a conf without settings, to read values for a log (record formats); or NULL */
	struct deid_str *filter; /* globs: the document's, else the format's */
	size_t nfilter;
	struct rule *rule;
	size_t nrule;
	bool to_seal, whole;      /* while it is compiled: seal() is due; no entry is wrong */
	bool has_regex;           /* some rule that is not off has a regex */
	struct deid_entry *entry; /* what seal() saw; lives as long as conf */
	struct query *query; /* fields that are read for something else (query.h); ids follow the rules' */
	size_t nquery, query_cap;
	bool reads_originals, reads_finals; /* some query does */
	bool salt_advised;
	struct filename_rule
	    *filename; /* how outputs are called; none: as their inputs, or as the format says */
	size_t nfilename;
};

/* A key that the profile spells or names, for as long as the profile. */
struct profile_key {
	struct profile_key *next;
	struct secret secret;
	const char *path; /* of a file; NULL: it is `secret` */
	uint8_t *file;    /* what that holds, from malloc() */
	size_t nfile;
};

struct profile {
	struct document *doc;    /* owned */
	char *name;              /* the document's `name`, else its file's stem */
	struct section *section; /* in the document's order */
	size_t nsection;
	struct deid_str first_salt;  /* n = 0: none */
	bool salt_unknown;           /* … yet: it is a variable */
	const struct deid_node *log; /* `deid-log`; NULL: none */
	struct profile_key *key;     /* those that rules have asked for; wiped when the profile goes */
	struct arena arena;
};

/* How the profile finds what plugins provide; the engine implements it. A format or transform that is not
 * found gives NULL and, when a plugin was there and could not be loaded, its reason in *why (arena text). */
struct provider {
	void *arg;
	const struct deid_host *host;
	const struct keys *keys; /* of the command line; NULL: none. Lives longer than the profile */
	bool log;                /* values are to be logged, whether or not the document says so */
	bool check; /* nothing will be run: what a command line could still give is only a warning */
	const struct deid_format *(*format)(void *arg, const char *section, const char **why);
	/* A group of sections: `group`.SOMETHING is a format. NULL: there are no groups. */
	bool (*group)(void *arg, const char *group);
	const struct deid_transform *(*transform)(void *arg, const char *action, const char **why);
	/* All transforms known now, for option keys and suggestions. */
	size_t (*transforms)(void *arg, const struct deid_transform *const **list);
	/* Names of sections that some plugin provides, for suggestions. */
	size_t (*sections)(void *arg, const char *const **list);
};

/* Validates and compiles. Takes doc over. Every error of the document goes to err as a diagnostic; with
 * err->nerrors > 0 the result must not be run, but is still to be freed. NULL: no memory. */
struct profile *profile_compile(struct document *doc, const struct provider *, struct deid_error *);
void profile_free(struct profile *);
/* Learns first_salt from the sections. */
void profile_take_salt(struct profile *);

/* The services that a transform's compile() uses. */
const struct deid_node *rule_arg(const struct deid_rule *);
const struct deid_node *rule_opt(const struct deid_rule *, const char *key);
bool rule_given(const struct deid_rule *, const char *key);
int rule_kind(const struct deid_rule *);
bool rule_by_regex(const struct deid_rule *);
int rule_query(const struct deid_rule *, struct deid_str name, const struct deid_node *, uint32_t *id,
    struct deid_error *);
int rule_key(const struct deid_rule *, const void **, size_t *, struct deid_error *);
/* … and one that seal() uses. */
int keyring_get(const struct deid_node *section, const struct deid_node *entry, uint32_t kinds,
    const char *what, const struct deid_key **, size_t *n, struct deid_error *);
void keyring_wipe(struct profile *);

#endif
