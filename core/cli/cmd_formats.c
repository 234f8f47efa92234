/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/command.h"
#include "core/cli/print.h"
#include <string.h>

static const char *type_name(enum deid_type t)
{
	static const char *const names[] = {"true or false", "integer", "number", "text",
	    "text or list of texts", "word", "regular expression", "mapping", "list of mappings",
	    "any value"};
	return (size_t)t < sizeof names / sizeof *names ? names[t] : "value";
}

/* The core steps by the size that the array's owner was built with. */
static const struct deid_setting *next_setting(const struct deid_setting *s, uint32_t size)
{
	return (const struct deid_setting *)(const void *)((const char *)s + size);
}

static void show_settings(const struct deid_setting *s)
{
	if (!s)
		return;
	for (uint32_t size = s->size; s->key; s = next_setting(s, size)) {
		printf(
		    "  %s: %s", s->key, s->type == DEID_T_ENUM && s->values ? s->values : type_name(s->type));
		if (s->dflt)
			printf(" (default %s)", s->dflt);
		if (s->help)
			printf("; %s", s->help);
		putchar('\n');
	}
}

static void show_action(const struct loader *l, size_t i)
{
	const struct registry *r = &l->registry;
	const struct deid_transform *t = r->transform[i];
	printf("%s", t->action);
	if (t->alias)
		printf(" (or %s)", t->alias);
	printf(": %s", t->summary);
	if (r->transform_plugin[i] != REGISTRY_BUILTIN)
		printf(" (plugin %s)", l->plugin[r->transform_plugin[i]]->name);
	putchar('\n');
	show_settings(t->settings);
}

static int show_one(struct session *s, const char *name)
{
	const struct loader *l = &s->loader;
	const char *why;
	const struct deid_format *f = loader_format(&s->loader, name, &why);
	if (!f) {
		fputs("deid formats: ", stderr);
		print_text(stderr, str_of(name));
		fprintf(stderr, ": %s\n", why ? why : "no plugin has a format of this name");
		return EXIT_NOTHING_TOUCHED;
	}
	const struct registry_format *rf = registry_find_format(&l->registry, str_of(name));
	const struct plugin *p = l->plugin[rf->plugin];
	printf("%s: %s\nplugin: %s %s (%s), ABI %u.%u\npath: %s\nrecognised by: %s\nfile-filter:", f->section,
	    f->summary, p->name, p->descriptor->version, p->descriptor->license, p->descriptor->abi_major,
	    p->descriptor->abi_minor, p->path, f->mark ? f->mark : "its name only");
	for (size_t i = 0; f->filters[i]; i++)
		printf(" %s", f->filters[i]);
	fputs(f->filters[0] ? "\n" : " none\n", stdout);
	if (f->settings) {
		puts("settings:");
		show_settings(f->settings);
	}
	if (f->defaults && f->defaults->key) {
		puts("defaults:");
		for (const struct deid_default *d = f->defaults; d->key; d++)
			printf("  %s: %s\n", d->key, d->value);
	}
	puts("\nactions, with the options they read:");
	for (size_t i = 0; i < l->registry.ntransform; i++)
		show_action(l, i);
	return EXIT_DONE;
}

static void show_plugin(const struct loader *l, size_t i)
{
	const struct registry *r = &l->registry;
	const struct plugin *p = l->plugin[i];
	if (p->refused)
		return;
	printf("%s %s, ABI %u.%u, %s\n", p->name, p->descriptor->version, p->descriptor->abi_major,
	    p->descriptor->abi_minor, p->path);
	for (size_t k = 0; k < r->nformat; k++)
		if (r->format[k].plugin == i)
			printf(
			    "  format %s: %s\n", r->format[k].format->section, r->format[k].format->summary);
	for (size_t k = 0; k < r->ntransform; k++)
		if (r->transform_plugin[k] == i)
			printf("  action %s: %s\n", r->transform[k]->action, r->transform[k]->summary);
}

static void show_all(struct session *s)
{
	struct loader *l = &s->loader;
	bool refused = false;
	loader_all(l);
	for (size_t i = 0; i < l->nplugin; i++)
		show_plugin(l, i);
	if (l->nplugin == 0)
		puts("no plugin was found");
	for (size_t i = 0; i < l->nplugin; i++) {
		const struct plugin *p = l->plugin[i];
		if (!p->refused)
			continue;
		if (!refused)
			puts("refused:");
		refused = true;
		printf("  %s: %s\n", p->name, p->refused);
	}
}

static int run(struct session *s, int argc, char **argv)
{
	static const struct option options[] = {COMMON_OPTIONS, {0}};
	int c, status;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (option_common(s, &command_formats, c, optarg, &status) && status >= 0)
			return status;
	if (argc - optind > 1)
		return usage_error(&command_formats, "'%s' is not expected", argv[optind + 1]);
	status = session_start(s);
	if (status >= 0)
		return status;
	status = EXIT_DONE;
	if (optind < argc)
		status = show_one(s, argv[optind]);
	else
		show_all(s);
	return print_flush() ? status : EXIT_SOME_FAILED;
}

const struct command command_formats = {"formats", "list the plugins found, or one format's settings", run,
    "Usage: deid formats [NAME]\n"
    "Lists the plugins that are found, with their formats, versions and paths, and those that are refused\n"
    "with the reason. With NAME: the settings of that format, its defaults, and the options of actions.\n"
    "Exit status: 0, or 2 when no plugin has a format NAME.\n\n"
    "      --plugin-dir DIR  search DIR before DEID_PLUGIN_PATH and the installed plugins (repeatable)\n"
    "      --help\n"};
