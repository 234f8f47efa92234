/* SPDX-License-Identifier: MIT */
/*
 * The flywheel plugin: the sections flywheel.subject, flywheel.session, … Each reads a document of containers
 * ({"subject": {…}, "session": {…}}), and writes its own container as JSON: what may be edited and is let
 * through (pick.c), as the entries leave it, with values of the container's types.
 *
 * Queries see the container itself, and then the whole document: `{operator}`, `{subject.label}`.
 */
#include "plugins/flywheel/flywheel.h"

#include "plugins/flywheel/cursor.h"
#include "plugins/json/text.h"

#include <stdlib.h>
#include <string.h>

/* A document of containers is held in memory. */
#define DOCUMENT_MAX ((uint64_t)64 << 20)

/* ---- the section --------------------------------------------------------------------------------- */

static int conf_new(const struct deid_host *host, const struct deid_node *section,
    const struct container *container, void **conf, struct deid_error *err)
{
	struct flywheel_conf *c = calloc(1, sizeof(*c));
	int rc = c ? json_conf_init(&c->json, host, section, err)
		   : host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");

	*conf = rc ? NULL : c;
	if (rc) {
		free(c);
		return rc;
	}
	c->container = container;
	c->all = host->node_bool(host->node_get(section, "all"));
	c->header = host->node_bool(host->node_get(section, "include-info-header"));
	return DEID_OK;
}

static int conf_project(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	return conf_new(host, section, &containers[CONTAINER_PROJECT], conf, err);
}

static int conf_subject(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	return conf_new(host, section, &containers[CONTAINER_SUBJECT], conf, err);
}

static int conf_session(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	return conf_new(host, section, &containers[CONTAINER_SESSION], conf, err);
}

static int conf_acquisition(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	return conf_new(host, section, &containers[CONTAINER_ACQUISITION], conf, err);
}

static int conf_file(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	return conf_new(host, section, &containers[CONTAINER_FILE], conf, err);
}

static void conf_free(void *conf)
{
	struct flywheel_conf *c = conf;

	json_conf_clear(&c->json);
	free(c);
}

static int path_new(void *conf, struct deid_str text, const struct deid_node *node, void **path,
    struct deid_path_info *info, struct deid_error *err)
{
	const struct flywheel_conf *c = conf;

	return json_name_new(&c->json, text, node, path, info, err);
}

static void path_free(void *path)
{
	free(path);
}

/* ---- entries ------------------------------------------------------------------------------------- */

static int complain_key(const struct flywheel_conf *c, const struct deid_entry *e, struct deid_error *err)
{
	struct buf list = {0};
	bool good = true;
	int rc;

	for (const struct container_key *k = c->container->key; good && k->name; k++)
		good = buf_z(&list, k == c->container->key ? "" : ", ") && buf_z(&list, k->name);
	rc = good && buf_cstr(&list)
		 ? c->json.host->complain(err, e->node, "\"%.*s\" is no key of a %s; it has %s",
		       (int)e->text.n, e->text.p, c->container->name, list.p)
		 : c->json.host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	buf_free(&list);
	return rc;
}

/* A misspelt name would let the value through that it was to change. */
static int check_name(const struct flywheel_conf *c, const struct deid_entry *e, struct deid_error *err)
{
	const struct deid_host *host = c->json.host;
	const struct json_path *p = e->path;
	struct deid_str first = p->step[0];

	if (str_eqz(first, "*"))
		return DEID_OK;
	if (!container_key(c->container, first)) {
		if (!container_other_key(first))
			return complain_key(c, e, err);
		host->caution(err, e->node, "\"%.*s\" cannot be edited in a %s: it is left out in any case",
		    (int)e->text.n, e->text.p, c->container->name);
	} else if (c->container->header && !c->header && p->n > 1 && str_eqz(first, "info") &&
		   str_eqz(p->step[1], "header")) {
		host->caution(err, e->node, "info.header is left out without include-info-header");
	}
	return DEID_OK;
}

static int check_constant(const struct flywheel_conf *c, const struct deid_entry *e, struct deid_error *err)
{
	const struct json_path *p = e->path;
	const struct container_key *k = p->n == 1 ? container_key(c->container, p->step[0]) : NULL;
	const struct deid_host *host = c->json.host;
	struct buf text = {0}, cast = {0};
	const char *bad = NULL, *why = NULL;
	bool good = true;

	if (!k || !e->constant || !e->constant->tree || host->node_kind(e->constant->tree) == DEID_N_NULL)
		return DEID_OK;
	/* What JSON cannot say is complained about by json_seal(). */
	if (json_put_node(&text, host, e->constant->tree, &bad))
		why = container_cast(k, buf_view(&text), &cast, &good);
	else
		good = bad != NULL;
	if (good && !why && !bad && !cast.n)
		why = k->words ? k->words : "a value";
	buf_free(&text);
	buf_free(&cast);
	if (!good)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	return why ? host->complain(err, e->node, "\"%s\" of a %s takes %s", k->name, c->container->name, why)
		   : DEID_OK;
}

static int seal(void *conf, const struct deid_entry *e, size_t n, struct deid_error *err)
{
	struct flywheel_conf *c = conf;
	int rc = DEID_OK, bad = DEID_OK;

	c->entry = e;
	for (size_t i = 0; i < n && rc != DEID_FATAL && !(e[i].flags & DEID_ENTRY_QUERY); i++) {
		c->n = i + 1;
		c->regex = c->regex || !e[i].path;
		if (!e[i].path)
			continue;
		rc = check_name(c, &e[i], err);
		if (rc == DEID_OK)
			rc = check_constant(c, &e[i], err);
		bad = rc ? rc : bad;
	}
	rc = bad == DEID_FATAL ? bad : json_seal(&c->json, e, n, err);
	return rc ? rc : bad;
}

/* ---- a document ---------------------------------------------------------------------------------- */

static int nomem(const struct deid_host *host, struct deid_error *err)
{
	return host->fail(err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
}

/* The document as a whole, checked. */
static int read_document(const struct deid_host *host, struct deid_job *job, struct deid_source *src,
    struct deid_str *out, struct deid_error *err)
{
	struct spans none = {.host = host, .mute = 1};
	struct json_in in;
	uint64_t n = host->src_size(src);
	char *p = n <= DOCUMENT_MAX ? host->alloc(job, (size_t)n) : NULL;
	int c, rc;

	if (n > DOCUMENT_MAX)
		return host->fail(err, DEID_FAILED, DEID_E_LIMIT, "the metadata are larger than 64 MiB");
	if (!p)
		return nomem(host, err);
	rc = host->src_read(src, 0, p, (size_t)n, err);
	if (rc)
		return rc;
	*out = (struct deid_str){p, (size_t)n};
	if (str_prefix(*out, "\xEF\xBB\xBF"))
		*out = str_sub(*out, 3, out->n);
	json_open_text(&in, host, *out, &none);
	rc = json_blank(&in, &c, err);
	if (!rc)
		rc = json_skip(&in, 0, err);
	if (!rc)
		rc = json_blank(&in, &c, err);
	if (!rc && c >= 0)
		rc = json_bad(&in, DEID_E_FORMAT, "not JSON: text after the end of the document", err);
	if (!rc)
		*out = cursor_value(*out);
	return rc;
}

static int find_container(
    const struct flywheel_conf *c, struct deid_str document, struct deid_str *out, struct deid_error *err)
{
	const struct deid_host *host = c->json.host;
	const char *name = c->container->name;
	struct deid_str token, value;
	struct cursor at;

	*out = (struct deid_str){"", 0};
	if (document.p[0] != '{')
		return host->fail(
		    err, DEID_FAILED, DEID_E_FORMAT, "the metadata are no mapping of containers");
	for (at = cursor_open(document); cursor_next(&at, &token, &value);) {
		/* Whoever spells it with escapes has no such container. */
		if (!str_eqz(str_sub(token, 1, token.n - 2), name))
			continue;
		if (out->n)
			return host->fail(
			    err, DEID_FAILED, DEID_E_FORMAT, "the container '%s' is there twice", name);
		*out = value;
	}
	if (!out->n || out->p[0] != '{')
		return host->fail(err, DEID_FAILED, DEID_E_FORMAT, "the container '%s' is %s", name,
		    out->n ? "no mapping" : "missing");
	return DEID_OK;
}

static int observe(const struct flywheel_conf *c, struct deid_job *job, struct deid_str container,
    struct deid_str document, struct deid_error *err)
{
	const struct deid_host *host = c->json.host;
	struct deid_str text[2] = {container, document};
	int rc = host->record(job, err);

	for (size_t i = 0; !rc && i < 2; i++) {
		struct deid_source *src = host->src_mem(job, text[i].p, text[i].n);

		rc = src ? json_observe(&c->json, job, src, err) : nomem(host, err);
	}
	return rc;
}

/* One member of what the entries left, as the container's type wants it. */
static int finish_member(const struct flywheel_conf *c, struct deid_str token, struct deid_str value,
    uint32_t with_t, struct buf *out, struct deid_error *err)
{
	const struct deid_host *host = c->json.host;
	const struct container_key *k = container_key(c->container, str_sub(token, 1, token.n - 2));
	size_t before = out->n, start;
	const char *why;
	bool good;

	if (!k || str_eqz(value, "null"))
		return DEID_OK;
	if ((before > 1 && !buf_z(out, ", ")) || !buf_str(out, token) || !buf_z(out, ": "))
		return nomem(host, err);
	start = out->n;
	why = container_cast(k, value, out, &good);
	if (!good)
		return nomem(host, err);
	if (why) {
		host->fail(err, DEID_FAILED, DEID_E_VALUE, "the %s takes %s", c->container->name, why);
		host->at(err, str_of(k->name), UINT64_MAX);
		return DEID_FAILED;
	}
	if (out->n == start)
		out->n = before;
	else if (with_t & UINT32_C(1) << (k - c->container->key) && out->n > start + 11 &&
		 out->p[start + 11] == ' ')
		out->p[start + 11] = 'T';
	return DEID_OK;
}

static int finish(const struct flywheel_conf *c, struct deid_str left, uint32_t with_t, struct buf *out,
    struct deid_error *err)
{
	struct cursor at = cursor_open(cursor_value(left));
	struct deid_str token, value;
	int rc = buf_c(out, '{') ? DEID_OK : nomem(c->json.host, err);

	while (!rc && cursor_next(&at, &token, &value))
		rc = finish_member(c, token, value, with_t, out, err);
	if (!rc && !buf_c(out, '}'))
		rc = nomem(c->json.host, err);
	return rc;
}

static int one_container(const struct flywheel_conf *c, struct deid_job *job, struct deid_str document,
    struct buf *picked, struct buf *left, struct buf *out, struct deid_error *err)
{
	const struct deid_host *host = c->json.host;
	struct spans spans = {.host = host, .mem = left};
	struct deid_source *src = NULL;
	struct deid_str container;
	uint32_t with_t = 0;
	int rc = find_container(c, document, &container, err);

	if (!rc && host->wants(job) & DEID_WANT_ORIGINALS)
		rc = observe(c, job, container, document, err);
	if (!rc)
		rc = flywheel_pick(c, job, container, picked, &with_t, err);
	if (!rc && !(src = host->src_mem(job, picked->p, picked->n)))
		rc = nomem(host, err);
	if (!rc)
		rc = json_process(&c->json, job, src, &spans, JSON_OBSERVED, err);
	return rc ? rc : finish(c, buf_view(left), with_t, out, err);
}

static int stream(
    struct deid_job *job, void *conf, struct deid_source *src, struct deid_sink *sink, struct deid_error *err)
{
	const struct flywheel_conf *c = conf;
	const struct deid_host *host = c->json.host;
	struct buf picked = {0}, left = {0}, out = {0};
	struct deid_str document;
	int rc = read_document(host, job, src, &document, err);

	if (!rc && !sink)
		return host->fail(err, DEID_FAILED, DEID_E_UNSUPPORTED, "metadata are no file to be listed");
	if (!rc)
		rc = one_container(c, job, document, &picked, &left, &out, err);
	if (!rc)
		rc = host->sink_write(sink, out.p, out.n, err);
	buf_free(&picked);
	buf_free(&left);
	buf_free(&out);
	return rc;
}

/* ---- the formats --------------------------------------------------------------------------------- */

static const char *const no_files[] = {NULL};

#define SEPARATOR                                                                                            \
	{                                                                                                    \
		.size = sizeof(struct deid_setting), .type = DEID_T_STR, .key = "separator", .dflt = ".",    \
		.help = "what stands between the steps of a name"                                            \
	}
#define ALL                                                                                                  \
	{                                                                                                    \
		.size = sizeof(struct deid_setting), .type = DEID_T_BOOL, .key = "all", .dflt = "false",     \
		.help = "keep every key that can be edited, not only those that entries name"                \
	}
#define HEADER                                                                                               \
	{                                                                                                    \
		.size = sizeof(struct deid_setting), .type = DEID_T_BOOL, .key = "include-info-header",      \
		.dflt = "false", .help = "keep info.header too: what was read from the file"                 \
	}

static const struct deid_setting settings[] = {ALL, SEPARATOR, {.size = sizeof(struct deid_setting)}};
static const struct deid_setting file_settings[] = {
    ALL, HEADER, SEPARATOR, {.size = sizeof(struct deid_setting)}};

static const struct deid_default defaults[] = {
    {"date-format", "%Y-%m-%d"},
    {"datetime-format", "%Y-%m-%d %H:%M:%S.%f"},
    {NULL, NULL},
};

#define FORMAT(name, conf, settings_)                                                                        \
	{                                                                                                    \
		.size = sizeof(struct deid_format), .flags = DEID_FORMAT_TYPED, .section = "flywheel." name, \
		.summary = "metadata of the " name, .filters = no_files, .settings = settings_,              \
		.defaults = defaults, .conf_new = conf, .conf_free = conf_free, .path_new = path_new,        \
		.path_free = path_free, .seal = seal, .stream = stream                                       \
	}

static const struct deid_format formats[] = {
    FORMAT("project", conf_project, settings),
    FORMAT("subject", conf_subject, settings),
    FORMAT("session", conf_session, settings),
    FORMAT("acquisition", conf_acquisition, settings),
    FORMAT("file", conf_file, file_settings),
};

static int init(const struct deid_host *host, struct deid_registrar *r, struct deid_error *err)
{
	int rc = DEID_OK;

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats) && !rc; i++)
		rc = host->register_format(r, &formats[i], err);
	return rc;
}

DEID_PLUGIN("flywheel", "0.1.0", "MIT", init, NULL);
