/* SPDX-License-Identifier: MIT */
/*
 * The formats csv, tsv and table: rows of separated values (RFC 4180). A field is a column, named by its
 * header, or by its number from 1 where there is no header. Every cell is text.
 *
 * Only rows with a wrong number of cells are "bad lines": after a broken quote nobody can tell where the next
 * row begins, so that such a file fails in any case.
 */
#include "plugins/common/entries.h"
#include "plugins/csv/table.h"

#include <stdlib.h>

/* One ASCII character; `\t` in two letters is a tab. */
static bool one_char(struct deid_str s, char *c)
{
	if (str_eqz(s, "\\t"))
		s = STR("\t");
	if (s.n != 1 || (unsigned char)s.p[0] >= 0x80 || s.p[0] == '\n' || s.p[0] == '\r' || !s.p[0])
		return false;
	*c = s.p[0];
	return true;
}

static int read_marks(struct table_conf *c, const struct deid_node *section, struct deid_error *err)
{
	const struct deid_host *host = c->host;
	const struct deid_node *delimiter = host->node_get(section, "delimiter");
	const struct deid_node *quote = host->node_get(section, "quote");
	int rc = DEID_OK;

	if (delimiter && !one_char(host->node_str(delimiter), &c->delimiter))
		rc = host->complain(err, delimiter, "delimiter: must be one character");
	if (quote && host->node_str(quote).n == 0)
		c->quote = 0;
	else if (quote && !one_char(host->node_str(quote), &c->quote))
		rc = host->complain(err, quote, "quote: must be one character, or empty for none");
	if (!rc && c->quote == c->delimiter)
		rc = host->complain(err, quote ? quote : delimiter, "quote: must differ from the delimiter");
	return rc;
}

static int read_section(struct table_conf *c, const struct deid_node *section, struct deid_error *err)
{
	const struct deid_host *host = c->host;
	const struct deid_node *encoding = host->node_get(section, "encoding");
	int rc = read_marks(c, section, err);

	c->header = !host->node_get(section, "header") || host->node_bool(host->node_get(section, "header"));
	c->ignore_bad = host->node_bool(host->node_get(section, "ignore-bad-lines"));
	if (!charset_init(&c->charset, encoding ? host->node_str(encoding) : STR("utf-8")))
		rc = host->complain(
		    err, encoding, "encoding: must be utf-8 or one of single bytes above ASCII");
	return rc;
}

static int conf_new(const struct deid_host *host, const struct deid_node *section, char delimiter,
    void **conf, struct deid_error *err)
{
	struct table_conf *c = calloc(1, sizeof(*c));
	int rc;

	*conf = c;
	if (!c)
		return host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	c->host = host;
	c->delimiter = delimiter;
	c->quote = '"';
	rc = read_section(c, section, err);
	if (rc) {
		free(c);
		*conf = NULL;
	}
	return rc;
}

static int csv_conf_new(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	return conf_new(host, section, ',', conf, err);
}

static int tsv_conf_new(
    const struct deid_host *host, const struct deid_node *section, void **conf, struct deid_error *err)
{
	return conf_new(host, section, '\t', conf, err);
}

static void conf_free(void *conf)
{
	free(conf);
}

static bool is_number(struct deid_str s)
{
	uint64_t n;

	return str_u64(s, &n) && n > 0 && s.p[0] != '0';
}

static int path_new(void *conf, struct deid_str text, const struct deid_node *node, void **path,
    struct deid_path_info *info, struct deid_error *err)
{
	const struct table_conf *c = conf;
	*path = NULL;
	if (!c->header && !is_number(text))
		return c->host->complain(err, node, "name: without a header columns are named 1, 2, …");
	*path = entry_name_new(text);
	if (!*path)
		return c->host->fail(err, DEID_FATAL, DEID_E_NOMEM, "out of memory");
	info->flags = 0;
	info->kind = -1;
	return DEID_OK;
}

static void path_free(void *path)
{
	free(path);
}

static int seal(void *conf, const struct deid_entry *e, size_t n, struct deid_error *err)
{
	struct table_conf *c = conf;

	c->entry = e;
	c->nentry = n;
	return entry_check_plain(c->host, e, n, "a cell", err);
}

static int judge(const void *conf, const struct deid_entry *e, struct deid_error *err)
{
	const struct table_conf *c = conf;

	return entry_check_plain(c->host, e, 1, "a cell", err);
}

static int stream(
    struct deid_job *job, void *conf, struct deid_source *src, struct deid_sink *sink, struct deid_error *err)
{
	return table_stream(job, conf, src, sink, err);
}

static const char *const csv_filters[] = {"*.csv", "*.CSV", NULL};
static const char *const tsv_filters[] = {"*.tsv", "*.TSV", NULL};
static const char *const no_filters[] = {NULL};

#define SIZE .size = sizeof(struct deid_setting)

/* What differs between csv and tsv is the default delimiter alone; arrays cannot share the rest. */
#define SETTINGS(delimiter_)                                                                                 \
	{                                                                                                    \
		{SIZE, .type = DEID_T_STR, .key = "delimiter", .dflt = delimiter_,                           \
		    .help = "the character between cells"},                                                  \
		    {SIZE, .type = DEID_T_STR, .key = "quote", .dflt = "\"",                                 \
			.help = "the character around cells that need it; empty: none"},                     \
		    {SIZE, .type = DEID_T_BOOL, .key = "header", .dflt = "true",                             \
			.help = "the first row names the columns; else they are 1, 2, …"},                   \
		    {SIZE, .type = DEID_T_STR, .key = "encoding", .dflt = "utf-8",                           \
			.help = "utf-8, or an encoding of single bytes such as latin-1"},                    \
		    {SIZE, .type = DEID_T_BOOL, .key = "ignore-bad-lines", .dflt = "false",                  \
			.help = "leave out rows with a wrong number of cells"},                              \
		{                                                                                            \
			SIZE                                                                                 \
		}                                                                                            \
	}

static const struct deid_setting comma_settings[] = SETTINGS(",");
static const struct deid_setting tab_settings[] = SETTINGS("\\t");

#define FORMAT(section_, summary_, filters_, settings_, conf_new_)                                           \
	{                                                                                                    \
		.size = sizeof(struct deid_format), .section = section_, .summary = summary_,                \
		.filters = filters_, .settings = settings_, .conf_new = conf_new_, .conf_free = conf_free,   \
		.path_new = path_new, .path_free = path_free, .seal = seal, .stream = stream, .judge = judge \
	}

static const struct deid_format formats[] = {
    FORMAT("csv", "tables of comma-separated values", csv_filters, comma_settings, csv_conf_new),
    FORMAT("tsv", "tables of tab-separated values", tsv_filters, tab_settings, tsv_conf_new),
    FORMAT("table", "tables with a delimiter of their own", no_filters, comma_settings, csv_conf_new),
};

static int init(const struct deid_host *host, struct deid_registrar *r, struct deid_error *err)
{
	int rc = DEID_OK;

	for (size_t i = 0; !rc && i < sizeof(formats) / sizeof(*formats); i++)
		rc = host->register_format(r, &formats[i], err);
	return rc;
}

DEID_PLUGIN("csv", "0.1.0", "MIT", init, NULL);
