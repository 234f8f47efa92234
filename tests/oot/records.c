/* SPDX-License-Identifier: MIT */
/*
 * A complete plugin, built with nothing but the installed header:
 *
 *     cc $(pkg-config --cflags deid) -shared -fPIC -o records.so records.c
 *     deid --plugin-dir . run -p profile.yaml -o out data.lpr
 *
 * It teaches deid a format (section `records`) and an action (`redact`). Read it from the bottom up: the
 * descriptor, init(), the two structs that say what there is, then the functions they name.
 *
 * The format. "LPR1", then records, then the end mark; nothing follows it. A record is
 *
 *     u32  length of the key, 1 to 255        (all numbers big endian)
 *     ...  key, UTF-8
 *     u32  length of the value
 *     ...  value, any bytes
 *
 * and the end mark is ff ff ff ff where the next key's length would stand. The mark is what makes a cut file
 * evident: a format without one has to find another way to tell.
 */
#include <deid/plugin.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAGIC "LPR1"
#define END_MARK UINT32_MAX
#define KEY_MAX 255
/* A value that a rule asks for is looked at as a whole, so it has to have a bound. Others are only copied. */
#define VALUE_MAX DEID_PEEK_MAX

/* ---- profile time: from the section's text to constant objects ------------------------------------ */

/* What the section `records` of a profile comes to. Made once, then shared by all threads: nothing here
 * changes while files are read. */
struct conf {
	const struct deid_host *host;
	bool fold_case;
	const struct deid_entry *entry; /* all entries of the section, from seal() */
	size_t n;
};

/* A compiled field name. */
struct path {
	size_t n;
	char key[];
};

static int records_conf_new(
    const struct deid_host *host, const struct deid_node *section, void **out, struct deid_error *err)
{
	struct conf *conf = calloc(1, sizeof *conf);

	if (!conf)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	conf->host = host;
	/* No test for a missing key or a missing section: both read as the setting's default, or null. */
	conf->fold_case = host->node_bool(host->node_get(section, "fold-case"));
	*out = conf;
	return DEID_OK;
}

static void records_conf_free(void *conf)
{
	free(conf);
}

static int records_path_new(void *confp, struct deid_str text, const struct deid_node *node, void **out,
    struct deid_path_info *info, struct deid_error *err)
{
	const struct conf *conf = confp;
	struct path *path;

	if (!text.n || text.n > KEY_MAX)
		return conf->host->complain(err, node, "a key has 1 to %d bytes", KEY_MAX);
	path = malloc(sizeof *path + text.n);
	if (!path)
		return conf->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	path->n = text.n;
	memcpy(path->key, text.p, text.n);
	info->flags = DEID_PATH_CREATE;
	info->kind = -1; /* a key does not tell what its value is */
	*out = path;
	return DEID_OK;
}

static void records_path_free(void *path)
{
	free(path);
}

/* The place to check entries against each other, or a constant against what the format can hold: what is
 * wrong for every file should be said before the first one is opened. */
static int records_seal(void *confp, const struct deid_entry *entry, size_t n, struct deid_error *err)
{
	struct conf *conf = confp;
	int rc = DEID_OK;

	conf->entry = entry;
	conf->n = n;
	for (size_t i = 0; i < n; i++) {
		const struct deid_value *constant = entry[i].constant;

		if (constant && (constant->n > 1 || constant->kind == DEID_TREE))
			rc = conf->host->complain(err, entry[i].node, "a record holds one text, not a list");
	}
	return rc;
}

/* ---- file time ------------------------------------------------------------------------------------ */

static int records_claim(
    const struct deid_host *host, struct deid_source *src, int *score, struct deid_error *err)
{
	const void *p;
	size_t got;
	int rc = host->src_peek(src, 0, strlen(MAGIC), &p, &got, err);

	if (rc == DEID_OK)
		*score = got == strlen(MAGIC) && !memcmp(p, MAGIC, got) ? DEID_CLAIM_MAGIC : DEID_CLAIM_NO;
	return rc;
}

/* One run over one file. Input up to `off` has been read, up to `done` it has been written: what lies
 * between goes out unchanged, in one copy, when the next change or the end comes. */
struct run {
	const struct deid_host *host;
	const struct conf *conf;
	struct deid_job *job;
	struct deid_source *src;
	struct deid_sink *sink; /* NULL: a listing */
	uint64_t off, done;
	uint32_t *ids; /* room for all entries */
	bool *found;   /* by entry: its key was seen */
};

static int read_u32(struct run *r, uint32_t *v, struct deid_error *err)
{
	unsigned char b[4];
	int rc = r->host->src_read(r->src, r->off, b, sizeof b, err); /* all of it, or an error */

	if (rc != DEID_OK)
		return rc;
	*v = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	r->off += sizeof b;
	return DEID_OK;
}

/* A length that the file claims, against what the file has. */
static int check_length(struct run *r, uint64_t len, struct deid_error *err)
{
	if (len <= r->host->src_size(r->src) - r->off)
		return DEID_OK;
	return r->host->fail(err, DEID_FAILED, DEID_E_TRUNCATED, "the file ends inside a record");
}

static bool is_utf8(const unsigned char *p, size_t n)
{
	for (size_t i = 0, more; i < n; i += more + 1) {
		uint32_t c = p[i];

		more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
		if ((c >= 0x80 && c < 0xc2) || c > 0xf4 || more > n - i - 1)
			return false;
		c = more == 0 ? c : c & (0x3fu >> more);
		for (size_t k = 1; k <= more; k++) {
			if ((p[i + k] & 0xc0) != 0x80)
				return false;
			c = c << 6 | (p[i + k] & 0x3f);
		}
		if ((more == 2 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) ||
		    (more == 3 && (c < 0x10000 || c > 0x10ffff)))
			return false;
	}
	return true;
}

/* The entries that name this key, in r->ids; a regex entry has no path and is the core's to match. */
static size_t name_entries(struct run *r, struct deid_str key)
{
	size_t n = 0;

	for (size_t i = 0; i < r->conf->n; i++) {
		const struct path *path = r->conf->entry[i].path;

		if (!path || path->n != key.n)
			continue;
		if (r->conf->fold_case ? strncasecmp(path->key, key.p, key.n)
				       : memcmp(path->key, key.p, key.n))
			continue;
		r->ids[n++] = r->conf->entry[i].id;
		r->found[i] = true;
	}
	return n;
}

static struct deid_field make_field(struct deid_str key)
{
	return (struct deid_field){.size = sizeof(struct deid_field), .kind = DEID_TEXT, .name = key};
}

/* What was read but not yet written, as it stands in the input, up to `end`. */
static int copy_until(struct run *r, uint64_t end, struct deid_error *err)
{
	int rc = DEID_OK;

	if (r->sink && end > r->done)
		rc = r->host->sink_copy(r->sink, r->src, r->done, end - r->done, err);
	r->done = end;
	return rc;
}

static int write_text(struct run *r, struct deid_str text, struct deid_error *err)
{
	unsigned char b[4] = {(unsigned char)(text.n >> 24), (unsigned char)(text.n >> 16),
	    (unsigned char)(text.n >> 8), (unsigned char)text.n};
	int rc = r->host->sink_write(r->sink, b, sizeof b, err);

	return rc == DEID_OK ? r->host->sink_write(r->sink, text.p, text.n, err) : rc;
}

static int write_record(
    struct run *r, struct deid_str key, const struct deid_value *value, struct deid_error *err)
{
	struct deid_str text = value->n ? value->v[0] : (struct deid_str){"", 0};
	int rc;

	if (!r->sink)
		return DEID_OK;
	rc = write_text(r, key, err);
	return rc == DEID_OK ? write_text(r, text, err) : rc;
}

/* What the entries made of a field. Where the file cannot hold it, the entry's on-error has the say. */
static int apply(struct run *r, const struct deid_field *field, const uint32_t *all, size_t nall,
    const struct deid_value *in, struct deid_result *res, struct deid_error *err)
{
	int rc = r->host->apply(r->job, field, all, nall, in, res, err);

	if (rc == DEID_OK && res->verdict == DEID_CHANGE &&
	    (res->value.n > 1 || (res->value.n && res->value.v[0].n >= END_MARK)))
		rc = r->host->refuse(r->job, field, res, "a record cannot hold the new value", err);
	return rc;
}

/* A record from `start` whose value begins at r->off, and the entries that ask for it. */
static int act(struct run *r, uint64_t start, struct deid_str key, size_t len, const uint32_t *all,
    size_t nall, struct deid_error *err)
{
	struct deid_field field = make_field(key);
	struct deid_str text;
	struct deid_value in = {
	    .size = sizeof in, .flags = DEID_V_FREE, .v = &text, .n = len ? 1 : 0, .lo = 1};
	struct deid_result res = {.size = sizeof res};
	const void *value;
	size_t got;
	int rc;

	if (len > VALUE_MAX)
		return r->host->fail(err, DEID_FAILED, DEID_E_LIMIT, "the value is too long to be acted on");
	/* Copying reads the source and so ends what peek() gave: what goes before is copied first. */
	rc = copy_until(r, start, err);
	if (rc == DEID_OK)
		rc = r->host->src_peek(r->src, r->off, len, &value, &got, err);
	if (rc != DEID_OK)
		return rc;
	if (got < len)
		return r->host->fail(err, DEID_FAILED, DEID_E_TRUNCATED, "the file ends inside a record");
	text = (struct deid_str){value, len};
	in.kind = field.kind = is_utf8(value, len) ? DEID_TEXT : DEID_BYTES;
	rc = apply(r, &field, all, nall, &in, &res, err);
	if (rc != DEID_OK || res.verdict == DEID_KEEP)
		return rc;
	r->done = r->off + len; /* what stood here is replaced */
	return res.verdict == DEID_CHANGE ? write_record(r, key, &res.value, err) : DEID_OK;
}

/* One record, or the end mark. */
static int step(struct run *r, bool *end, struct deid_error *err)
{
	uint64_t start = r->off;
	char buf[KEY_MAX];
	struct deid_str key = {buf, 0};
	struct deid_field field;
	const uint32_t *all;
	uint32_t klen, vlen;
	size_t n, nall = 0;
	int rc = read_u32(r, &klen, err);

	if (rc != DEID_OK)
		return rc;
	*end = klen == END_MARK;
	if (*end)
		return DEID_OK;
	if (!klen || klen > KEY_MAX)
		return r->host->fail(err, DEID_FAILED, DEID_E_FORMAT, "a key has 1 to %d bytes", KEY_MAX);
	if ((rc = r->host->src_read(r->src, r->off, buf, klen, err)) != DEID_OK)
		return rc;
	r->off += klen;
	key.n = klen;
	if (!is_utf8((const unsigned char *)buf, klen))
		return r->host->fail(err, DEID_FAILED, DEID_E_FORMAT, "a key is not UTF-8");
	if ((rc = read_u32(r, &vlen, err)) != DEID_OK || (rc = check_length(r, vlen, err)) != DEID_OK)
		return rc;

	n = name_entries(r, key);
	field = make_field(key);
	/* Without regex entries, a key that no entry names need not trouble the core. */
	if (n || r->host->wants(r->job) & DEID_WANT_ALL)
		rc = r->host->match(r->job, &field, r->ids, n, &all, &nall, err);
	if (rc == DEID_OK && nall)
		rc = act(r, start, key, vlen, all, nall, err);
	r->off += vlen;
	return rc;
}

/* Entries whose key the file does not have: one of them may create it, as the last record. Entries of one
 * key go to apply() together, because a later one may act on what an earlier one created. */
static int create_missing(struct run *r, struct deid_error *err)
{
	int rc = DEID_OK;

	for (size_t i = 0; i < r->conf->n && rc == DEID_OK; i++) {
		const struct path *path = r->conf->entry[i].path;
		struct deid_result res = {.size = sizeof res};
		struct deid_field field;
		const uint32_t *all;
		size_t n, nall;

		if (!path || r->found[i])
			continue;
		field = make_field((struct deid_str){path->key, path->n});
		n = name_entries(r, field.name);
		rc = r->host->match(r->job, &field, r->ids, n, &all, &nall, err);
		if (rc == DEID_OK && nall)
			rc = apply(r, &field, all, nall, NULL, &res, err);
		if (rc == DEID_OK && nall && res.verdict == DEID_CHANGE)
			rc = write_record(r, field.name, &res.value, err);
	}
	return rc;
}

/* The whole file, front to back, in constant memory. */
static int records_stream(struct deid_job *job, void *confp, struct deid_source *src, struct deid_sink *sink,
    struct deid_error *err)
{
	const struct conf *conf = confp;
	struct run r = {.host = conf->host, .conf = conf, .job = job, .src = src, .sink = sink};
	char magic[sizeof MAGIC - 1];
	uint64_t mark = 0;
	bool end = false;
	int rc;

	r.ids = r.host->alloc(job, conf->n * sizeof *r.ids);
	r.found = r.host->alloc(job, conf->n * sizeof *r.found);
	if (!r.ids || !r.found)
		return r.host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	memset(r.found, 0, conf->n * sizeof *r.found);

	rc = r.host->src_read(src, 0, magic, sizeof magic, err);
	if (rc != DEID_OK)
		return rc;
	if (memcmp(magic, MAGIC, sizeof magic) != 0)
		return r.host->fail(err, DEID_FAILED, DEID_E_FORMAT, "does not begin with " MAGIC);
	r.off = sizeof magic;
	while (rc == DEID_OK && !end) {
		mark = r.off;
		rc = step(&r, &end, err);
	}
	if (rc != DEID_OK) {
		r.host->at(err, (struct deid_str){NULL, 0}, mark); /* where, for the report */
		return rc;
	}
	if (r.off != r.host->src_size(src))
		return r.host->fail(err, DEID_FAILED, DEID_E_FORMAT, "bytes follow the end mark");
	if ((rc = copy_until(&r, mark, err)) != DEID_OK || (rc = create_missing(&r, err)) != DEID_OK)
		return rc;
	return copy_until(&r, r.off, err);
}

/* ---- the action `redact: X` ------------------------------------------------------------------------ */

/*
 * Overwrites each letter with X; a value keeps its number of characters. With `redact-digits: true`, which
 * may stand in the entry or in the section, digits too. It looks at values only and never asks which format
 * they came from, so it works in every section of every plugin.
 */
struct redact {
	const struct deid_host *host;
	char with;
	bool digits;
};

static int redact_compile(
    const struct deid_host *host, const struct deid_rule *rule, void **state, struct deid_error *err)
{
	const struct deid_node *arg = host->rule_arg(rule);
	struct deid_str with = host->node_str(arg);
	struct redact *redact;

	if (with.n != 1 || with.p[0] < ' ' || with.p[0] > '~')
		return host->complain(err, arg, "redact takes one ASCII character");
	redact = malloc(sizeof *redact);
	if (!redact)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	*redact = (struct redact){host, with.p[0], host->node_bool(host->rule_opt(rule, "redact-digits"))};
	*state = redact;
	return DEID_OK;
}

static void redact_free(void *state)
{
	free(state);
}

static struct deid_str redact_text(const struct redact *redact, char *to, struct deid_str from)
{
	size_t n = 0;

	for (size_t i = 0; i < from.n; i++) {
		unsigned char c = (unsigned char)from.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xc0;

		if (c >= 0x80 && c < 0xc0)
			continue; /* a later byte of a character that has been counted */
		if (letter || (redact->digits && c >= '0' && c <= '9'))
			to[n++] = redact->with;
		else
			to[n++] = (char)c;
	}
	return (struct deid_str){to, n};
}

static int redact_run(const void *state, struct deid_job *job, const struct deid_field *field,
    const struct deid_value *in, struct deid_result *out, struct deid_error *err)
{
	const struct redact *redact = state;
	struct deid_str *v;

	(void)field;
	if (in->kind == DEID_BYTES)
		return redact->host->fail(err, DEID_FAILED, DEID_E_VALUE, "redact needs text");
	v = redact->host->scratch(job, in->n * sizeof *v);
	if (!v)
		return redact->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
	for (size_t i = 0; i < in->n; i++) {
		char *to = redact->host->scratch(job, in->v[i].n);

		if (!to)
			return redact->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "no memory");
		v[i] = redact_text(redact, to, in->v[i]);
	}
	out->verdict = DEID_CHANGE; /* kind, flags and count are the input's already */
	out->value.v = v;
	return DEID_OK;
}

/* ---- what the core is told ------------------------------------------------------------------------- */

static const char *const records_filters[] = {"*.lpr", "*.LPR", NULL};

static const struct deid_setting records_settings[] = {
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_BOOL,
	.key = "fold-case",
	.dflt = "false",
	.help = "names match keys whatever the case of their ASCII letters"},
    {.key = NULL},
};

static const struct deid_format records_format = {
    .size = sizeof(struct deid_format),
    .section = "records",
    .summary = "length-prefixed records (LPR1)",
    .mark = "LPR1",
    .filters = records_filters,
    .settings = records_settings,
    .claim = records_claim,
    .conf_new = records_conf_new,
    .conf_free = records_conf_free,
    .path_new = records_path_new,
    .path_free = records_path_free,
    .seal = records_seal,
    .stream = records_stream,
};

static const struct deid_setting redact_settings[] = {
    {.size = sizeof(struct deid_setting),
	.type = DEID_T_BOOL,
	.key = "redact-digits",
	.dflt = "false",
	.help = "redact overwrites digits too"},
    {.key = NULL},
};

static const struct deid_transform redact_transform = {
    .size = sizeof(struct deid_transform),
    .action = "redact",
    .summary = "overwrite each letter with one character",
    .arg = DEID_T_STR,
    .settings = redact_settings,
    .compile = redact_compile,
    .state_free = redact_free,
    .run = redact_run,
};

static int records_init(const struct deid_host *host, struct deid_registrar *reg, struct deid_error *err)
{
	int rc = host->register_format(reg, &records_format, err);

	return rc == DEID_OK ? host->register_transform(reg, &redact_transform, err) : rc;
}

DEID_PLUGIN("records", "1.0", "MIT", records_init, NULL);
