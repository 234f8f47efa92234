/* SPDX-License-Identifier: MIT */
/*
 * deid/plugin.h - the one header a plugin includes, and the only ABI deid promises.
 *
 * A plugin is a shared object that exports one constant, `deid_plugin` (see DEID_PLUGIN at the end).
 * The core reads that constant before it runs any of the plugin's code, so a plugin built for another
 * ABI is refused with a message and never called. At run time a plugin needs no symbol of ours: all it
 * may ask of the core comes through `struct deid_host`, handed to init().
 *
 * ABI        Structs begin with `size` and grow at the end only. A member that the other side is too
 *            old to know reads as absent: test it with DEID_HAS(). Enumerations grow at the end too.
 * Results    Calls return DEID_OK or a negative enum deid_rc. A call that fails has filled *err.
 *            A plugin neither exits nor aborts nor prints. Any doubt about a file is DEID_FAILED:
 *            no output is better than an output that may still hold the patient.
 * Privacy    A field's value never goes into an error or a log line: name the field, give the offset,
 *            and stop there. The same holds for other text taken from a file.
 * Text       is UTF-8 and counted (struct deid_str); it is not NUL-terminated unless said.
 * Lifetimes  Three objects. `deid_format`/`deid_transform`: constant, for the life of the process.
 *            conf, path, state: made once while a profile is compiled, then constant and shared by all
 *            threads. rec: one file, one thread, from open() to close().
 * Memory     alloc() and dup() give memory of the job, freed when the file is done. scratch() memory
 *            is good until the next call of apply() (stream formats), or until the visit of the field
 *            ends (record formats). What a plugin gets from malloc() it frees itself.
 * Host       Every profile-time call hands over the services; keep the pointer in the conf or the state,
 *            not in a variable of the module.
 * Threads    Services may be called from any thread; those that take a job, a source or a sink only
 *            from the thread that runs that job. init() and all profile-time calls are made from one
 *            thread at a time: before the first file is opened, and for subjects that are met later also
 *            while other threads work on files.
 */
#ifndef DEID_PLUGIN_H
#define DEID_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DEID_ABI_MAJOR 1 /* differs: the plugin is refused */
#define DEID_ABI_MINOR 0 /* members added at a struct's end; a plugin newer than the core is refused */

#if defined(__GNUC__)
#define DEID_EXPORT __attribute__((visibility("default")))
#define DEID_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define DEID_EXPORT
#define DEID_PRINTF(f, a)
#endif

/* True if the struct that p points to is new enough to hold member m. */
#define DEID_HAS(p, m) ((p)->size >= offsetof(__typeof__(*(p)), m) + sizeof((p)->m))

/* ---- results and errors ------------------------------------------------------------------------ */

enum deid_rc {
	DEID_OK = 0,
	DEID_FAILED = -2, /* this file (at profile time: this entry) cannot be done; others can */
	DEID_FATAL = -3,  /* no file can be done: no memory, a broken installation */
};

/* Why, for the report's "code" member. A warning is host->warn(), not a result. */
enum deid_code {
	DEID_E_NONE,
	DEID_E_NOMEM,       /* "no-memory" */
	DEID_E_IO,          /* "io": the system refused */
	DEID_E_FORMAT,      /* "format": the content is not what the format demands */
	DEID_E_TRUNCATED,   /* "truncated": the input ends before it is complete */
	DEID_E_LIMIT,       /* "limit": a bound on depth, size, steps was hit */
	DEID_E_UNSUPPORTED, /* "unsupported": well-formed, but not something we can do */
	DEID_E_PROFILE,     /* "profile": the profile asks for something impossible */
	DEID_E_FIELD,       /* "field": a place that cannot be acted on */
	DEID_E_VALUE,       /* "value": a value that the action, or the field, cannot take */
	DEID_E_KEY,         /* "key": encryption keys */
	DEID_E_PLUGIN,      /* "plugin": a plugin cannot be used */
	DEID_E_CONFLICT,    /* "conflict": an output name is taken */
	DEID_E_UNMATCHED,   /* "unmatched": no section claims the file */
	DEID_E_INTERNAL,    /* "internal": a bug */
};

struct deid_error;     /* the core's; a plugin only passes it on */
struct deid_job;       /* one file being worked on, and its memory */
struct deid_source;    /* random-access input */
struct deid_sink;      /* append-only output */
struct deid_node;      /* a node of the validated profile */
struct deid_rule;      /* a field entry while its transform is compiled */
struct deid_registrar; /* valid during init() only */
struct deid_format;
struct deid_transform;
struct deid_member;
struct deid_member_result;
struct deid_module;

struct deid_str {
	const char *p;
	size_t n;
};

/* ---- field values ------------------------------------------------------------------------------ */

enum deid_kind {
	DEID_TEXT, /* anything with no kind of its own */
	DEID_DATE,
	DEID_TIME,
	DEID_DATETIME,
	DEID_AGE,
	DEID_INT,
	DEID_REAL,
	DEID_BOOL,
	DEID_NULL, /* a place that says it holds nothing (JSON null) */
	DEID_UID,
	DEID_NAME,
	DEID_BYTES, /* opaque: only remove, keep and replace-with make sense */
	DEID_TREE,  /* has children: a sequence, an object, an element */
};

/* The field takes any text whatever its kind is now (a JSON number may become a string). Without
 * this flag a result must be a value of the kind. */
#define DEID_V_FREE (1u << 0)
/* Letters must be upper case; hash writes upper-case hexadecimal. */
#define DEID_V_UPPER (1u << 1)
/* Dates are ISO 8601 basic form (YYYYMMDD; YYYY[MM[DD[HH[MM[SS[.f…]]]]]][±HHMM]): a date action reads
 * the profile's pattern, then this form, and writes this form with the precision it came with. */
#define DEID_V_BASIC (1u << 2)
/* A component may be a range of two dates, `a-b`, `a-` or `-b`. */
#define DEID_V_RANGE (1u << 3)
/* The field may hold any number of components: a backslash in a text that regex-sub writes parts them. */
#define DEID_V_MULTI (1u << 4)
/* Texts, numbers, truth values and containers are different values in this field, spelled as in JSON. A
 * DEID_TREE that is offered to a DEID_ENTRY_RAW entry has its JSON text in v[0]; so has a result that is
 * one, and a result DEID_NULL has the word. */
#define DEID_V_TYPED (1u << 5)
/* The text is part of a file name: a date action reads the profile's patterns, then the usual ways to write a
 * date, and writes the first pattern. */
#define DEID_V_USUAL (1u << 6)

/*
 * What a transform sees and gives. `v` holds `n` components: one, unless the format has multi-valued
 * fields; none for an empty value. Real numbers and integers are their text, as the file spells them.
 */
struct deid_value {
	uint32_t size;
	uint32_t flags; /* DEID_V_… */
	enum deid_kind kind;
	size_t max;     /* longest a component may be, in characters; 0: no limit */
	int64_t lo, hi; /* DEID_INT: the range a result must lie in; lo > hi: no limit */
	const struct deid_str *v;
	size_t n;
	/* Only in results of replace-with: the profile's node, for formats that keep types or structure.
	 * A scalar: `kind` is its type in the YAML core schema and `v` its spelling (of a plain 007,
	 * DEID_INT, "7" in a field with DEID_V_TYPED, else "007"); an empty text has n = 0. A list of
	 * scalars: kind DEID_TEXT and `v` their spellings. Anything deeper: kind DEID_TREE and n = 0. NULL
	 * otherwise.
	 */
	const struct deid_node *tree;
};

/* A place in a record. The handle is the plugin's; the core copies it and never reads it. */
struct deid_field {
	uint32_t size;
	enum deid_kind kind;
	uintptr_t h[2];
	struct deid_str name; /* as a profile spells it: matched by `regex` entries, used in reports */
	struct deid_str alt;  /* a second spelling that `regex` entries match too; n = 0: none */
};

enum deid_verdict {
	DEID_KEEP,   /* leave the bytes as they are (or: the missing field stays missing) */
	DEID_CHANGE, /* write `value` (or: create the field with it) */
	DEID_REMOVE, /* take the field out */
};

struct deid_result {
	uint32_t size;
	enum deid_verdict verdict;
	bool by_error; /* REMOVE because an action failed and `on-error: remove` says so */
	struct deid_value value;
	/* From apply(): the entry (its id) that had the last word, when the verdict is not DEID_KEEP. A
	 * format with fields inside fields needs it: entries after `by` act on what `by` left. */
	uint32_t by;
};

/* ---- what a profile may say: settings ---------------------------------------------------------- */

enum deid_type {
	DEID_T_BOOL,
	DEID_T_INT,  /* 64 bits */
	DEID_T_REAL, /* decimal; read it with node_str() when exactness counts */
	DEID_T_STR,
	DEID_T_STRS,  /* one text or a list of texts; always read as a list */
	DEID_T_ENUM,  /* one of `values` */
	DEID_T_REGEX, /* text that compiles as a regular expression */
	DEID_T_MAP,   /* a mapping with the keys of `sub` */
	DEID_T_MAPS,  /* a list of such mappings */
	DEID_T_ANY,   /* anything; the owner checks it */
};

/*
 * One key of a profile. The core refuses unknown keys, wrong types and numbers out of range, naming
 * line and column, before a plugin sees anything. Arrays end with a NULL key; the core steps by the
 * first element's `size`.
 */
struct deid_setting {
	uint32_t size; /* sizeof(struct deid_setting) */
	enum deid_type type;
	const char *key;
	const char *values;             /* DEID_T_ENUM: "left|right|both" */
	const char *dflt;               /* as a profile would spell it; NULL: absent stays absent */
	const char *help;               /* one line, for `deid formats NAME` */
	const struct deid_setting *sub; /* DEID_T_MAP, DEID_T_MAPS */
	int64_t lo, hi;                 /* DEID_T_INT: inclusive range when lo < hi */
};

/* A format's own default for a key that a transform declares ("date-format"). Ends with NULL key. */
struct deid_default {
	const char *key, *value;
};

enum deid_node_kind {
	DEID_N_NULL,
	DEID_N_BOOL,
	DEID_N_INT,
	DEID_N_REAL,
	DEID_N_STR,
	DEID_N_LIST,
	DEID_N_MAP
};

/* ---- keys -------------------------------------------------------------------------------------- */

#define DEID_KEY_SECRET (1u << 0)  /* the bytes of `secret-key`: 16, 24 or 32 */
#define DEID_KEY_PUBLIC (1u << 1)  /* what a file of `public-key` holds */
#define DEID_KEY_PRIVATE (1u << 2) /* what the file of `private-key` holds */

/* One key. Equal keys of one profile have equal pointers p. */
struct deid_key {
	uint32_t size;
	uint32_t kind; /* DEID_KEY_… */
	const void *p;
	size_t n;
	struct deid_str path;         /* of the file, for messages; n = 0: there is none */
	const struct deid_node *node; /* for complain() */
};

/* ---- the core's services ----------------------------------------------------------------------- */

enum deid_log { DEID_LOG_ERROR, DEID_LOG_WARN, DEID_LOG_INFO, DEID_LOG_DEBUG };

/* host->wants(): what a stream format has to offer to apply(). */
#define DEID_WANT_ALL (1u << 0)       /* every field, not only those that a path names (regex entries) */
#define DEID_WANT_NAMES (1u << 1)     /* a listing: one value for each name is enough, and no output */
#define DEID_WANT_ORIGINALS (1u << 2) /* some action reads other fields: observe() before apply() */

#define DEID_PEEK_MAX ((size_t)1 << 20)

/* A stretch of the input, and what comes in its place. */
struct deid_edit {
	uint64_t off, len; /* len = 0: something is put in */
	const void *data;
	size_t n;     /* n = 0: something goes */
	size_t order; /* the caller's own */
};

/* Good until the process ends. */
struct deid_host {
	uint32_t size;
	uint16_t abi_major, abi_minor;
	const char *version; /* of the program */

	/* During init(). What is registered must be constant and stay valid. A section or action that is
	 * registered already is an error, and then nothing of this plugin is used. */
	int (*register_format)(struct deid_registrar *, const struct deid_format *, struct deid_error *);
	int (*register_transform)(
	    struct deid_registrar *, const struct deid_transform *, struct deid_error *);

	/* Errors. fail() fills *err and returns rc, so that `return host->fail(…)` is the whole of an error
	 * path; a second failure does not replace the first. at() adds where. complain() is for profile time:
	 * it adds an error at a node's line and column and lets compilation go on, so that a profile's
	 * mistakes are all reported in one run; return DEID_FAILED after it. caution() adds a warning there.
	 */
	int (*fail)(struct deid_error *, int rc, enum deid_code, const char *fmt, ...) DEID_PRINTF(4, 5);
	void (*at)(struct deid_error *, struct deid_str field, uint64_t offset);
	int (*complain)(struct deid_error *, const struct deid_node *, const char *fmt, ...)
	    DEID_PRINTF(3, 4);
	void (*caution)(struct deid_error *, const struct deid_node *, const char *fmt, ...)
	    DEID_PRINTF(3, 4);
	/* A warning about the file in work: it goes on, and the report lists it (--strict: it fails). */
	void (*warn)(struct deid_job *, struct deid_str field, const char *fmt, ...) DEID_PRINTF(3, 4);
	void (*log)(struct deid_job *, enum deid_log, const char *fmt, ...) DEID_PRINTF(3, 4);

	/* Memory. NULL when spent (the limit of --max-memory counts it). n = 0 gives a valid pointer. */
	void *(*alloc)(struct deid_job *, size_t n);
	struct deid_str (*dup)(struct deid_job *, struct deid_str); /* p = NULL when spent */
	void *(*scratch)(struct deid_job *, size_t n);

	/* Input. peek() gives a pointer to at most n <= DEID_PEEK_MAX bytes at off, good until the next
	 * call on that source. *got < n only at the true end; past the end *got is 0. A read error, or a
	 * file that got shorter under us, is DEID_FAILED and never looks like the end. read() gives all of
	 * n or fails (DEID_E_TRUNCATED). A file that changes while it is read fails at the end of the job. */
	uint64_t (*src_size)(struct deid_source *);
	int (*src_peek)(
	    struct deid_source *, uint64_t off, size_t n, const void **p, size_t *got, struct deid_error *);
	int (*src_read)(struct deid_source *, uint64_t off, void *buf, size_t n, struct deid_error *);
	/* A source over memory that stays valid until the job ends. NULL when spent. */
	struct deid_source *(*src_mem)(struct deid_job *, const void *, size_t);

	/* Output. copy() moves a stretch of input unchanged and leaves long ones of plain files to the
	 * kernel: this is how pixel data travels. patch() overwrites n bytes written before at off. */
	int (*sink_write)(struct deid_sink *, const void *, size_t, struct deid_error *);
	int (*sink_copy)(
	    struct deid_sink *, struct deid_source *, uint64_t off, uint64_t len, struct deid_error *);
	int (*sink_patch)(struct deid_sink *, uint64_t off, const void *, size_t, struct deid_error *);
	uint64_t (*sink_tell)(struct deid_sink *);
	/* A sink for data of any size that never shows under a name: memory first, then an unlinked file
	 * beside the output. spool_source() ends writing and reads it back; it may be called again later
	 * and then gives the same source. Both are freed with the job. */
	struct deid_sink *(*spool)(struct deid_job *, struct deid_error *);
	struct deid_source *(*spool_source)(struct deid_sink *, struct deid_error *);

	/* Profile access. A NULL node is allowed everywhere and reads as null, so `node_bool(node_get(s,
	 * "x"))` needs no test. node_get() gives a key's value, or the setting's or format's default, or
	 * NULL. node_kind(): the YAML core schema's reading of a plain scalar; quoted ones are DEID_N_STR. */
	const struct deid_node *(*node_get)(const struct deid_node *, const char *key);
	bool (*node_given)(const struct deid_node *, const char *key); /* written in the document itself */
	size_t (*node_count)(const struct deid_node *);                /* of a list or mapping; a scalar: 1 */
	const struct deid_node *(*node_at)(const struct deid_node *, size_t); /* a scalar's [0] is itself */
	struct deid_str (*node_key)(const struct deid_node *, size_t);        /* of a mapping */
	enum deid_node_kind (*node_kind)(const struct deid_node *);
	struct deid_str (*node_str)(const struct deid_node *); /* also NUL-terminated */
	int64_t (*node_int)(const struct deid_node *);
	double (*node_real)(const struct deid_node *);
	bool (*node_bool)(const struct deid_node *);

	/* For a transform's compile(): the value of its own key in the entry, and an option that the entry,
	 * else its section, else the format, else the transform's setting gives; NULL when none does.
	 * rule_given(): the profile itself says it (entry or section). rule_kind(): the kind of the field
	 * where the format knows it from the name alone, else -1. */
	const struct deid_node *(*rule_arg)(const struct deid_rule *);
	const struct deid_node *(*rule_opt)(const struct deid_rule *, const char *key);
	bool (*rule_given)(const struct deid_rule *, const char *key);
	int (*rule_kind)(const struct deid_rule *);
	bool (*rule_by_regex)(const struct deid_rule *); /* a regex entry: no field is named outright */

	/* For stream formats, while a file is read (see struct deid_format). */
	uint32_t (*wants)(struct deid_job *);
	/* All entries that act on this field: the `n` ids whose paths the format matched (in any order)
	 * and the regex entries that match field->name or field->alt. *all is ascending, good until the
	 * job ends; *nall = 0: nobody asks. May be kept and used for many values of one name (a column). */
	int (*match)(struct deid_job *, const struct deid_field *, const uint32_t *ids, size_t n,
	    const uint32_t **all, size_t *nall, struct deid_error *);
	/* What becomes of the field under these entries, in the profile's order. in = NULL: the field is
	 * missing, and an entry that creates may say DEID_CHANGE. */
	int (*apply)(struct deid_job *, const struct deid_field *, const uint32_t *all, size_t nall,
	    const struct deid_value *in, struct deid_result *, struct deid_error *);

	/* Random bytes for jitter: the system's, or under --seed a draw that depends on nothing but the seed,
	 * the input's path, the field's name and how often that was asked. Field NULL: bytes (32 at most)
	 * that are drawn once for the file, and given at every call. Not for keys or nonces. */
	int (*random)(struct deid_job *, const struct deid_field *, void *, size_t, struct deid_error *);

	/* The base name of the input, without the .gz that was looked through. Good until the job ends. */
	struct deid_str (*job_name)(struct deid_job *);
	/* A stream format cannot carry out what apply() gave (a text that the file's encoding cannot hold, a
	 * place past the end of a list): the on-error of entry result->by decides. Gives DEID_OK with the
	 * verdict turned into KEEP or REMOVE (by_error), noted for the report; or fails with DEID_E_FIELD and
	 * `why`, which never holds a value. */
	int (*refuse)(struct deid_job *, const struct deid_field *, struct deid_result *, const char *why,
	    struct deid_error *);

	/* Values of other fields. In compile() a transform says that it will read the field `name` of the
	 * same record; seal() then sees an entry with DEID_ENTRY_QUERY for it. In run() original() gives the
	 * value that field had in the input (the first, where the name denotes several), good until the visit
	 * or apply() ends; *found = false: the record has no such field. node is for complain(). */
	int (*rule_query)(const struct deid_rule *, struct deid_str name, const struct deid_node *,
	    uint32_t *id, struct deid_error *);
	int (*original)(
	    struct deid_job *, uint32_t id, bool *found, struct deid_value *, struct deid_error *);
	/* For stream formats: a record (the document; a row; a line that is a document) begins, what was
	 * observed of the one before is forgotten. Under DEID_WANT_ORIGINALS the format then reads the record
	 * ahead and hands each field that a query entry names to observe(), before the first apply() of that
	 * record. Record formats need neither: the core reads the fields itself. */
	int (*record)(struct deid_job *, struct deid_error *);
	int (*observe)(
	    struct deid_job *, const uint32_t *ids, size_t n, const struct deid_value *, struct deid_error *);

	/* Keys: of the command line, else of the entry, its section, the document. rule_key(): bytes of the
	 * `secret-key`, good as long as the profile; not to be copied further than needed, and cleansed
	 * there. Without a key it complains, or, where the profile is only checked, cautions, and *n is 0. */
	int (*rule_key)(const struct deid_rule *, const void **, size_t *n, struct deid_error *);

	/* For record formats: whether the regex entry `id`, be it switched off, matches the field. For
	 * settings that ask which fields the entries name. */
	int (*names)(
	    struct deid_job *, uint32_t id, const struct deid_field *, bool *hit, struct deid_error *);

	/* A module of the plugin's own (struct deid_module at the end), for what costs too much to load in
	 * every run. `self` is the address of anything inside the plugin, and tells the folder. size and
	 * version are those of the table that the plugin was built with; both must be the module's. Same
	 * trust as a plugin: owner and mode of folders and file, a whole ELF object, descriptor read first.
	 * At profile time or later, from any thread, as often as wanted: it is loaded once and stays
	 * resident. Missing or refused: DEID_FAILED with DEID_E_PLUGIN, naming file and reason. */
	int (*module)(const void *self, const char *name, uint32_t size, uint32_t version,
	    const struct deid_module **, struct deid_error *);

	/* In seal(), for formats that carry out actions themselves (deid_format.owns): the keys of these
	 * kinds (DEID_KEY_…, or-ed) that an entry (NULL: the section) may use: of the command line, else of
	 * the entry, its section, for `secret-key` the document. Good as long as the profile; not to be
	 * copied further than needed, and cleansed there. Without any it complains that `what` has no key,
	 * or, where the profile is only checked, cautions, and *n is 0. */
	int (*keys)(const struct deid_node *section, const struct deid_node *entry, uint32_t kinds,
	    const char *what, const struct deid_key **, size_t *n, struct deid_error *);
	/* In act(): what entry `id` made of a field. was = NULL: it was missing; what it is now stands in the
	 * result. Ends the visit of the field. */
	void (*acted)(struct deid_job *, uint32_t id, const struct deid_field *, const struct deid_value *was,
	    const struct deid_result *);

	/* Profile time: a document that the profile refers to at node `at`: `folder`/NAME.yaml where profiles
	 * are looked for (DEID_PROFILE_PATH, then those that are installed; folder NULL: in the folder
	 * itself), or, with a `/` in its name, that file. It is a mapping with the keys of `settings`; use()
	 * gets it, and it is gone afterwards. What is wrong with it, also what use() complains of there, is
	 * reported at `at`. It has no variables. */
	int (*consult)(const struct deid_node *at, const char *folder, struct deid_str name,
	    const struct deid_setting *settings,
	    int (*use)(void *arg, const struct deid_node *root, struct deid_error *), void *arg,
	    struct deid_error *);

	/* Writes input [from, to) with n edits applied, which lie inside, in ascending order, and do not
	 * overlap. The same as copy() and write() in turn, and faster where edits lie close together. */
	int (*sink_splice)(struct deid_sink *, struct deid_source *, uint64_t from, uint64_t to,
	    const struct deid_edit *, size_t n, struct deid_error *);

	/* For formats with DEID_FORMAT_CONTAINER: a file inside the file in work goes through the section
	 * that claims it, as a file by itself would: gzip, rules, name, report. The result is good until the
	 * next call for this job. While fields are listed or looked for there is no result (not done). */
	int (*member)(
	    struct deid_job *, const struct deid_member *, struct deid_member_result *, struct deid_error *);
	/* A spool that is not needed any more, before the job ends; its source goes too. */
	void (*spool_drop)(struct deid_job *, struct deid_sink *);
	/* Text as one part of a path, made safe as names of outputs are: never empty, "." or "..", without a
	 * '/'. p = NULL when memory is spent. Good until the job ends. */
	struct deid_str (*safe_name)(struct deid_job *, struct deid_str);
};

/* ---- what a format provides -------------------------------------------------------------------- */

/* claim(): how sure the content is this format's. Only NO and the relative order count. */
#define DEID_CLAIM_NO 0
#define DEID_CLAIM_GUESS 50 /* looks right */
#define DEID_CLAIM_MAGIC 90 /* is marked */

#define DEID_PATH_WILD (1u << 0)   /* may denote several places (a wildcard, a repeating group) */
#define DEID_PATH_CREATE (1u << 1) /* a missing field can be created here */

struct deid_path_info {
	uint32_t size;
	uint32_t flags; /* DEID_PATH_… */
	/* The enum deid_kind when the name alone tells it and the field takes no other (no DEID_V_FREE); else
	 * -1. Transforms refuse at profile time what such a field can never hold. */
	int kind;
	/* For advice about entries that undo each other: names with equal texts here denote the same places.
	 * Steps from outside in, DEID_PLACE_STEP between them: what begins with another's text and a step
	 * lies inside of it. Lives as long as the path; n = 0: the name as it is written. */
	struct deid_str place;
};
#define DEID_PLACE_STEP '\x1f'

/* One compiled field entry, as seal() sees it. */
#define DEID_ENTRY_OFF (1u << 0)    /* switched off: only names the field */
#define DEID_ENTRY_QUERY (1u << 1)  /* no entry: the core reads the field for another entry or a file name */
#define DEID_ENTRY_CREATE (1u << 2) /* its action may create a missing field (DEID_TF_CREATE) */
#define DEID_ENTRY_FINAL (1u << 3)  /* with QUERY: its value after all entries goes into a file name */
#define DEID_ENTRY_RAW (1u << 4)    /* it wants the whole of a value (DEID_TF_RAW) */
#define DEID_ENTRY_TREE (1u << 5)   /* it acts on containers (DEID_TF_TREE) */
struct deid_entry {
	uint32_t size;
	uint32_t
	    id; /* what match() and apply() call it: its rank in the order of execution. Queries come after
		 * all entries; a stream format gives the ids of FINAL ones to apply() too, as the last */
	uint32_t flags; /* DEID_ENTRY_… */
	const char *action;
	const void *path;                  /* NULL for a regex entry */
	struct deid_str text;              /* the name or the regex as written */
	const struct deid_node *node;      /* the entry, for complain() */
	const struct deid_value *constant; /* what a replace-with will write, else NULL */
};

typedef int deid_visit(void *arg, const struct deid_field *, struct deid_error *);

/* Which names a regex entry may match, as a machine that reads them byte by byte: from DEID_SIEVE_START on,
 * the next state is next[state * nclass + class_of[byte]]. State 0: no name that begins so is wanted. A name
 * that ends in a state with wanted[state] is. Constant; the same for all files and threads. */
#define DEID_SIEVE_START 1
struct deid_sieve {
	uint32_t size;
	uint32_t nclass, nstate;
	const uint8_t *class_of;
	const uint16_t *next;
	const uint8_t *wanted;
};

/* It holds files that go through sections of their own: host->member(). Its section comes after all others
 * that claim a file, and variables of its `filenames` may be fields of what it holds. */
#define DEID_FORMAT_CONTAINER (1u << 0)
/* Its values have types (DEID_V_TYPED), those of fields that are created too. */
#define DEID_FORMAT_TYPED (1u << 1)

/* One that no section claims, or that fails, is left out and warned of; else the container fails. */
#define DEID_MEMBER_OPTIONAL (1u << 0)
struct deid_member {
	uint32_t size;
	uint32_t flags;       /* DEID_MEMBER_… */
	struct deid_str path; /* in the container, parts separated by '/'; the last is its name */
	uint64_t count;       /* of all members of the container, and … */
	uint64_t bytes;       /* … how much this one holds, by what it says: checked against the limits */
	/* Writes its content, all `bytes` of it. Called once at most, and not when it would be too much. */
	int (*unpack)(void *arg, struct deid_sink *, struct deid_error *);
	void *arg;
};
struct deid_member_result {
	uint32_t size;
	bool done;                          /* else it is left out */
	struct deid_str name;               /* of the output: one part of a path, safe */
	struct deid_source *before, *after; /* what it held, and what became of that */
};

/*
 * A format works in one of two ways.
 *
 * record: open() reads a header that fits in memory; for each entry in order the core calls find() (or
 *   each() and its regex), get()s the value, and set()s or remove()s the field; add() where an entry
 *   creates. set() and remove() are allowed inside a visit, on the field visited. get() gives the
 *   current value. Then finish() and write().
 *
 * stream: stream() reads the source front to back in constant memory, and for every field that a path
 *   names (and, under DEID_WANT_ALL, for every field) calls match() and apply(), then writes what it
 *   was told. At the end of each place where a field could be created it calls apply() with in = NULL
 *   for the entries that did not find theirs. It must read to the end and check it: a cut file fails.
 *   sink is NULL for a listing.
 *
 * Either way bytes that nobody asked to change are copied as they stand.
 */
struct deid_format {
	uint32_t size;
	uint32_t flags;             /* DEID_FORMAT_… */
	const char *section;        /* the profile's key; GROUP.NAME: the key NAME below the key GROUP */
	const char *summary;        /* one line */
	const char *mark;           /* how content is recognised, for messages; NULL: it is not */
	const char *const *filters; /* default file-filter globs, NULL-terminated */
	const struct deid_setting *settings; /* the section's own keys; may be NULL */
	const struct deid_default *defaults; /* may be NULL */
	const char *const *identifying;      /* fields that identify a record, for logs; may be NULL */

	/* DEID_CLAIM_… for the content. The name is the core's business and comes first. Cheap: looks at
	 * the head only, allocates nothing. An error means a read error. May be NULL: never by content. */
	int (*claim)(const struct deid_host *, struct deid_source *, int *score, struct deid_error *);

	/* Profile time. section = NULL: no profile (`deid fields`), use the defaults. */
	int (*conf_new)(
	    const struct deid_host *, const struct deid_node *section, void **conf, struct deid_error *);
	void (*conf_free)(void *conf);
	/* Compile a field's name. node is for complain(). */
	int (*path_new)(void *conf, struct deid_str text, const struct deid_node *node, void **path,
	    struct deid_path_info *, struct deid_error *);
	void (*path_free)(void *path);
	/* All entries of the section, once, after all are compiled: to build an index, to find exceptions to
	 * the format's own rules, to refuse an action on a name, to check constants. The array stays valid
	 * as long as conf does. May be NULL. */
	int (*seal)(void *conf, const struct deid_entry *, size_t n, struct deid_error *);

	/* File time, record formats. */
	int (*open)(struct deid_job *, void *conf, struct deid_source *, void **rec, struct deid_error *);
	int (*find)(void *rec, const void *path, deid_visit *, void *arg, struct deid_error *);
	int (*each)(void *rec, deid_visit *, void *arg, struct deid_error *);
	int (*get)(void *rec, const struct deid_field *, struct deid_value *, struct deid_error *);
	/* set() checks the value and refuses what the field cannot hold (DEID_E_VALUE): nothing is cut or
	 * changed silently. The value is scratch memory: keep a dup(). */
	int (*set)(void *rec, const struct deid_field *, const struct deid_value *, struct deid_error *);
	int (*remove)(void *rec, const struct deid_field *, struct deid_error *);
	/* Create what `path` denotes with this value: where it is a single place, that place; where it is
	 * wild, in every existing parent that lacks the field. */
	int (*add)(void *rec, const void *path, const struct deid_value *, struct deid_error *);
	int (*finish)(void *rec, struct deid_error *);
	int (*write)(void *rec, struct deid_sink *, struct deid_error *);
	void (*close)(void *rec);
	/* The format's own name for the output, after finish(); n = 0: the input's name. May be NULL. */
	int (*name)(void *rec, struct deid_str *, struct deid_error *);

	/* File time, stream formats; NULL for record formats. */
	int (*stream)(
	    struct deid_job *, void *conf, struct deid_source *, struct deid_sink *, struct deid_error *);

	/* Whether text is a name from the format's own vocabulary, in these very letters: no group of an
	 * expression over file names may be called so. NULL: there is no such vocabulary. */
	bool (*keyword)(const void *conf, struct deid_str text);

	/* One entry that seal() has seen, with another constant: the same checks of it. conf does not change.
	 * Lets the core share conf between profiles that differ in such constants. May be NULL. */
	int (*judge)(const void *conf, const struct deid_entry *, struct deid_error *);

	/* Record formats: names of actions that the format carries out itself, NULL-terminated; may be NULL.
	 * Of their entries neither compile() nor run() of the transform is called. Instead the core calls
	 * act() once a file, in the entry's turn; it finds the fields, acts on them, and tells each to
	 * host->acted(). Where it fails the entry's on-error decides; `remove` takes out what the entry
	 * names. Keys of these actions are the format's business: host->keys(). */
	const char *const *owns;
	int (*act)(void *rec, uint32_t id, struct deid_error *);

	/* For record formats: as each(), for the fields whose name or alt the sieve wants; it may visit
	 * others too. Nested names are read once for all that lies inside. NULL: each() is used. */
	int (*sift)(void *rec, const struct deid_sieve *, deid_visit *, void *arg, struct deid_error *);
};

/* ---- what a transform (an action) provides ----------------------------------------------------- */

#define DEID_TF_EMPTY (1u << 0)  /* acts on empty values and nulls too */
#define DEID_TF_TREE (1u << 1)   /* acts on containers too */
#define DEID_TF_CREATE (1u << 2) /* may create a missing field: run() with in = NULL */
#define DEID_TF_FIRST (1u << 3)  /* runs before the entries without this flag, wherever it is written */
/* Wants the whole of a value, however long; of a container, the text as the entries before have left it. */
#define DEID_TF_RAW (1u << 4)

/*
 * An action of field entries: `- {name: …, <action>: <argument>}`. The core calls run() with every value
 * the entry selects; it has taken care of empty values and containers (flags) and handles on-error.
 * A transform looks at the value's kind and flags, never at which format it came from.
 */
struct deid_transform {
	uint32_t size;
	uint32_t flags; /* DEID_TF_… */
	const char *action;
	const char *alias; /* another spelling; may be NULL */
	const char *summary;
	/* DEID_T_BOOL: `true` switches it on, `false` off. Any other: null switches it off, and compile()
	 * checks what is below a list or mapping. */
	enum deid_type arg;
	const struct deid_setting *settings; /* keys it reads, allowed in its entry and in any section */

	/* Profile time: check the argument and the options, make the constant state. NULL: there is neither.
	 */
	int (*compile)(const struct deid_host *, const struct deid_rule *, void **state, struct deid_error *);
	void (*state_free)(void *state); /* may be NULL */
	/* Fill *out, which comes as DEID_KEEP with value = *in: most transforms set verdict and value.v.
	 * Memory from scratch(). A value it cannot act on: fail with DEID_E_VALUE (never the value). */
	int (*run)(const void *state, struct deid_job *, const struct deid_field *,
	    const struct deid_value *in, struct deid_result *out, struct deid_error *);
	/* The value that run() will always write, for checks at profile time; NULL: it depends. */
	const struct deid_value *(*constant)(const void *state);
};

/* ---- the descriptor ---------------------------------------------------------------------------- */

struct deid_plugin {
	uint32_t size;
	uint16_t abi_major, abi_minor;
	const char *name; /* must be the file's name without ".so" */
	const char *version;
	const char *license; /* an SPDX expression */
	int (*init)(const struct deid_host *, struct deid_registrar *, struct deid_error *);
	void (*fini)(void); /* may be NULL */
};

/*
 * A module that belongs to a plugin: NAME.so in the folder `modules` below the plugin's. No profile names it,
 * and nothing loads it but host->module(). It exports one constant called deid_module, a struct of the
 * plugin's design that begins with this one; what follows are the functions it offers.
 */
struct deid_module {
	uint32_t size;    /* of the whole table */
	uint32_t version; /* of the table: changes whenever a member or its meaning does */
	const char *name; /* the file's name without ".so" */
};

#define DEID_PLUGIN(name_, version_, license_, init_, fini_)                                                 \
	extern DEID_EXPORT const struct deid_plugin deid_plugin;                                             \
	const struct deid_plugin deid_plugin = {sizeof(struct deid_plugin), DEID_ABI_MAJOR, DEID_ABI_MINOR,  \
	    name_, version_, license_, init_, fini_}

#ifdef __cplusplus
}
#endif

#endif
