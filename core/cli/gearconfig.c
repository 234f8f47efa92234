/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/gearconfig.h"

#include "core/cli/print.h"
#include "core/cli/report.h"
#include <stdlib.h>
#include <string.h>

/* Where the platform mounts a gear; paths in config.json begin with it wherever the root is. */
#define PLATFORM_ROOT "/flywheel/v0/"

static int wrong(const struct gear_config *c, struct deid_error *err, const char *key, const char *what)
{
	return error_fail(err, DEID_FAILED, DEID_E_FORMAT, "%s: \"%s\" %s", c->path, key, what);
}

/* ---- inputs ------------------------------------------------------------------------------------ */

/* A path of config.json below the root; NULL: no memory. */
static char *below_root(const char *root, const char *path)
{
	struct buf b = {0};
	size_t cut = strlen(PLATFORM_ROOT);
	bool good;

	if (!strncmp(path, PLATFORM_ROOT, cut))
		good = buf_printf(&b, "%s/%s", root, path + cut);
	else if (path[0] == '/')
		good = buf_z(&b, path);
	else
		good = buf_printf(&b, "%s/%s", root, path);
	if (good && buf_cstr(&b))
		return b.p;
	buf_free(&b);
	return NULL;
}

/* The path of an input; NULL where there is no such input and none is needed. */
static int read_input(struct gear_config *c, const char *root, const char *input, bool needed, char **path,
    struct deid_error *err)
{
	yajl_val v = json_member(json_member(c->file.root, "inputs"), input);
	const char *base = json_text(json_member(v, "base"));
	const char *given = json_text(json_at_path(v, "location/path"));
	const char *name = json_text(json_at_path(v, "location/name"));
	struct buf b = {0};

	if (!v || YAJL_IS_NULL(v))
		return needed ? wrong(c, err, input, "is missing among the inputs") : DEID_OK;
	if (YAJL_IS_ARRAY(v))
		return wrong(c, err, input, "names several files; it takes one");
	if (!YAJL_IS_OBJECT(v) || (base && strcmp(base, "file") != 0))
		return wrong(c, err, input, "is no file");
	if (given && *given) {
		*path = below_root(root, given);
	} else if (name && *name && !strchr(name, '/')) {
		if (buf_printf(&b, "%s/input/%s/%s", root, input, name) && buf_cstr(&b))
			*path = b.p;
	} else {
		return wrong(c, err, input, "has no path");
	}
	return *path ? DEID_OK : error_nomem(err);
}

/* Labels are texts called so. What stands for a container itself is its id, and no label. */
static const char *label_in(yajl_val where, const char *container)
{
	const char *type = json_text(json_member(where, "type"));
	const char *label = json_text(json_member(json_member(where, container), "label"));

	if (!label && type && !strcmp(type, container))
		label = json_text(json_member(where, "label"));
	return label && *label ? label : NULL;
}

static const char *find_label(const struct gear_config *c, const char *container)
{
	static const char *const places[] = {"inputs/input-file/hierarchy",
	    "inputs/input-file/hierarchy/parents", "inputs/input-file/parents",
	    "inputs/input-file/object/parents", "hierarchy", "parents", NULL};
	const char *label = NULL;

	for (size_t i = 0; places[i] && !label; i++)
		label = label_in(json_at_path(c->file.root, places[i]), container);
	return label;
}

static int read_inputs(struct gear_config *c, const char *root, struct deid_error *err)
{
	static const char *const kinds[] = {"project", "subject", "session", "acquisition", "analysis", NULL};
	yajl_val v = json_at_path(c->file.root, "inputs/input-file");
	const char *type = json_text(json_at_path(v, "hierarchy/type")), *slash;
	int rc = read_input(c, root, "input-file", true, &c->input, err);

	if (rc != DEID_OK)
		return rc;
	c->name = json_text(json_at_path(v, "location/name"));
	slash = strrchr(c->input, '/');
	if (!c->name || !*c->name)
		c->name = slash ? slash + 1 : c->input;
	c->object = json_member(v, "object");
	c->container = "acquisition";
	for (size_t i = 0; type && kinds[i]; i++)
		if (!strcmp(type, kinds[i]))
			c->container = kinds[i];
	rc = read_input(c, root, "deid-profile", true, &c->profile, err);
	if (rc == DEID_OK)
		rc = read_input(c, root, "subject-csv", false, &c->table, err);
	return rc;
}

/* ---- config ------------------------------------------------------------------------------------ */

static int read_bool(const struct gear_config *c, const char *key, bool *out, struct deid_error *err)
{
	yajl_val v = json_member(json_member(c->file.root, "config"), key);

	if (!v || YAJL_IS_NULL(v))
		return DEID_OK;
	if (!YAJL_IS_TRUE(v) && !YAJL_IS_FALSE(v))
		return wrong(c, err, key, "takes true or false");
	*out = YAJL_IS_TRUE(v);
	return DEID_OK;
}

/* An empty text is none. */
static int read_text(const struct gear_config *c, const char *key, const char **out, struct deid_error *err)
{
	yajl_val v = json_member(json_member(c->file.root, "config"), key);

	if (!v || YAJL_IS_NULL(v))
		return DEID_OK;
	if (!json_text(v))
		return wrong(c, err, key, "takes text");
	if (*json_text(v))
		*out = json_text(v);
	return DEID_OK;
}

static int read_config(struct gear_config *c, struct deid_error *err)
{
	const struct {
		const char *key, **text;
	} texts[] = {{"tag", &c->tag}, {"private_key", &c->private_key}, {"public_key", &c->public_key},
	    {"secret_key", &c->secret_key}, {"subject-label", &c->subject}, {"session-label", &c->session}};
	const struct {
		const char *key;
		bool *flag;
	} flags[] = {{"debug", &c->debug}, {"delete-original", &c->delete_original},
	    {"session-level-profile", &c->sessions}};
	int rc = DEID_OK;

	for (size_t i = 0; rc == DEID_OK && i < sizeof texts / sizeof *texts; i++)
		rc = read_text(c, texts[i].key, texts[i].text, err);
	for (size_t i = 0; rc == DEID_OK && i < sizeof flags / sizeof *flags; i++)
		rc = read_bool(c, flags[i].key, flags[i].flag, err);
	if (!c->subject)
		c->subject = find_label(c, "subject");
	if (!c->session)
		c->session = find_label(c, "session");
	return rc;
}

/* Inputs that the platform has put there and nobody reads: whoever expects otherwise should hear of it. */
static void tell_unused(const struct gear_config *c)
{
	yajl_val inputs = json_member(c->file.root, "inputs");

	for (size_t i = 0; YAJL_IS_OBJECT(inputs) && i < YAJL_GET_OBJECT(inputs)->len; i++) {
		const char *key = YAJL_GET_OBJECT(inputs)->keys[i];
		const char *base = json_text(json_member(YAJL_GET_OBJECT(inputs)->values[i], "base"));

		if (!base || strcmp(base, "file") != 0 || !strcmp(key, "input-file") ||
		    !strcmp(key, "deid-profile") || !strcmp(key, "subject-csv"))
			continue;
		fprintf(stderr, "deid: %s: the input ", c->path);
		print_json(stderr, str_of(key));
		fputs(" is not used: the gear de-identifies \"input-file\"\n", stderr);
	}
}

int gear_config_read(struct gear_config *c, const char *root, struct deid_error *err)
{
	struct buf path = {0};
	int rc;

	*c = (struct gear_config){.tag = TAG_DEFAULT, .delete_original = true, .container = "acquisition"};
	if (!buf_printf(&path, "%s/config.json", root) || !buf_cstr(&path))
		return error_nomem(err);
	c->path = path.p;
	rc = jsonfile_read(&c->file, c->path, err);
	if (rc == DEID_OK && !YAJL_IS_OBJECT(c->file.root))
		rc = error_fail(err, DEID_FAILED, DEID_E_FORMAT, "%s is no mapping", c->path);
	if (rc != DEID_OK)
		return rc;
	rc = read_inputs(c, root, err);
	if (read_config(c, rc == DEID_OK ? err : NULL) != DEID_OK)
		rc = DEID_FAILED;
	if (rc == DEID_OK)
		tell_unused(c);
	return rc;
}

void gear_config_free(struct gear_config *c)
{
	jsonfile_free(&c->file);
	free(c->path);
	free(c->input);
	free(c->profile);
	free(c->table);
}

/* ---- keys -------------------------------------------------------------------------------------- */

/* GROUP/PROJECT/files/NAME, GROUP/PROJECT/SUBJECT/files/NAME, GROUP/PROJECT/SUBJECT/SESSION/ACQUISITION/NAME.
 */
static bool resolver_good(struct deid_str s)
{
	struct deid_str rest = s, part;
	bool files = false;
	size_t n = 0;

	while (str_split(&rest, '/', &part)) {
		if (!part.n || str_eqz(part, ".") || str_eqz(part, ".."))
			return false;
		n++;
		files = files || ((n == 3 || n == 4) && str_eqz(part, "files") && rest.p &&
				     str_find(rest, '/', 0) == rest.n);
	}
	return n == 6 || ((n == 4 || n == 5) && files);
}

int gear_key_path(const char *key_root, const char *config, struct deid_str resolver, struct buf *out,
    struct deid_error *err)
{
	resolver = str_trim(resolver);
	if (!key_root)
		return error_fail(err, DEID_FAILED, DEID_E_KEY,
		    "the config key \"%s\" needs --key-root: the folder where keys are looked up", config);
	if (!resolver_good(resolver))
		return error_fail(err, DEID_FAILED, DEID_E_KEY,
		    "the config key \"%s\" is no resolver path: GROUP/PROJECT/files/NAME, "
		    "GROUP/PROJECT/SUBJECT/files/NAME or GROUP/PROJECT/SUBJECT/SESSION/ACQUISITION/NAME",
		    config);
	out->n = 0;
	if (!buf_printf(out, "%s/%.*s", key_root, (int)resolver.n, resolver.p) || !buf_cstr(out))
		return error_nomem(err);
	return DEID_OK;
}
