/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/command.h"

#include "core/cli/print.h"
#include "core/cli/subjects.h"
#include "core/engine/host.h"
#include "core/profile/consult.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int usage_error(const struct command *c, const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;
	va_start(ap, fmt);
	if (!buf_vprintf(&b, fmt, ap))
		b.n = 0;
	va_end(ap);
	fprintf(stderr, "deid%s%s: ", c ? " " : "", c ? c->name : "");
	print_text(stderr, buf_view(&b));
	fprintf(stderr, "\nTry 'deid%s%s --help'.\n", c ? " " : "", c ? c->name : "");
	buf_free(&b);
	return EXIT_NOTHING_TOUCHED;
}

bool option_common(struct session *s, const struct command *c, int option, const char *value, int *status)
{
	*status = -1;
	switch (option) {
	case OPTION_PLUGIN_DIR:
		if (!session_plugin_dir(s, value))
			*status = usage_error(c, "no memory");
		return true;
	case OPTION_HELP:
		fputs(c->help, stdout);
		*status = print_flush() ? EXIT_DONE : EXIT_SOME_FAILED;
		return true;
	case '?':
	case ':':
		/* getopt has said what is wrong. */
		fprintf(stderr, "Try 'deid %s --help'.\n", c->name);
		*status = EXIT_NOTHING_TOUCHED;
		return true;
	}
	return false;
}

int option_word(const char *words, const char *value)
{
	struct deid_str rest = str_of(words), word;
	for (int i = 0; str_split(&rest, '|', &word); i++)
		if (str_eqz(word, value))
			return i;
	return -1;
}

bool option_size(const char *value, size_t *out)
{
	static const char units[] = "KMGT";
	struct deid_str s = str_of(value);
	unsigned shift = 0;
	uint64_t n;
	const char *unit = s.n ? strchr(units, s.p[s.n - 1]) : NULL;
	if (unit && *unit) {
		shift = 10 * (unsigned)(unit - units + 1);
		s.n--;
	}
	if (!str_u64(s, &n) || n == 0 || n > (uint64_t)(SIZE_MAX >> shift))
		return false;
	*out = (size_t)n << shift;
	return true;
}

bool session_plugin_dir(struct session *s, const char *dir)
{
	void *p = reallocarray(s->plugin_dir, s->nplugin_dir + 1, sizeof *s->plugin_dir);
	if (!p)
		return false;
	s->plugin_dir = p;
	s->plugin_dir[s->nplugin_dir++] = dir;
	return true;
}

int session_start(struct session *s)
{
	/* Not for a program that runs with more rights than its user: its environment is not ours. */
	const char *path = secure_getenv("DEID_PLUGIN_PATH");
	int rc = loader_init(&s->loader, &host_services, &s->err);
	s->loader_ready = true;
	for (size_t i = 0; i < s->nplugin_dir && rc == DEID_OK; i++)
		rc = loader_add_folder(&s->loader, s->plugin_dir[i], true, &s->err);
	if (rc == DEID_OK && path)
		rc = loader_add_path(&s->loader, path, &s->err);
	if (rc == DEID_OK)
		rc = loader_add_folder(&s->loader, PLUGIN_DIR, false, &s->err);
	if (rc == DEID_OK)
		return -1;
	print_error(&s->err);
	return EXIT_NOTHING_TOUCHED;
}

void session_end(struct session *s)
{
	if (s->loader_ready)
		loader_free(&s->loader);
	error_free(&s->err);
	cohort_free(s->cohort);
	keys_free(&s->keys);
	free(s->plugin_dir);
}

/* A bare name is looked up where profiles are installed, when there is no such file here. */
static const char *find_profile(const char *name, struct buf *out)
{
	if (strchr(name, '/') || access(name, F_OK) == 0)
		return name;
	return consult_find(out, NULL, str_of(name)) ? out->p : name;
}

struct provider session_provider(struct session *s)
{
	struct provider provider = loader_provider(&s->loader);
	provider.keys = &s->keys;
	provider.check = s->checking;
	provider.log = s->logging;
	return provider;
}

bool session_cohort(struct session *s, const char *name, const struct subject_options *o, bool partial)
{
	struct buf found = {0};
	struct cohort_request q;
	subject_options_request(o, find_profile(name, &found), &q);
	q.known.partial = partial;
	q.known.secret_key = s->keys.secret_hex;
	q.known.public_key = s->keys.public_key;
	q.known.private_key = s->keys.private_key;
	s->cohort = cohort_new(&q, &s->err);
	if (!s->cohort && s->err.rc == DEID_OK)
		error_nomem(&s->err);
	buf_free(&found);
	return s->cohort != NULL;
}

struct profile *session_profile(struct session *s, const struct subject_options *o)
{
	struct provider provider = session_provider(s);
	struct profile *p = o->from_given ? cohort_outline(s->cohort, &provider, &s->err)
					  : cohort_profile(s->cohort, &provider, subject_label(o->subject),
						subject_label(o->session), &s->err);
	if (!p && s->err.rc == DEID_OK)
		error_nomem(&s->err);
	error_sort(&s->err);
	return p;
}
