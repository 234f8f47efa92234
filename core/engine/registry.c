/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/registry.h"

#include "core/util/str.h"
#include <stdlib.h>
#include <string.h>

/* What ABI 1.0 has of a struct; a plugin must bring at least that much. */
#define SIZE_1_0(type, last) (offsetof(type, last) + sizeof(((type *)0)->last))
#define FORMAT_SIZE SIZE_1_0(struct deid_format, stream)
#define TRANSFORM_SIZE SIZE_1_0(struct deid_transform, constant)

void registry_init(struct registry *r)
{
	*r = (struct registry){0};
}

void registry_free(struct registry *r)
{
	free(r->format);
	free(r->transform);
	free(r->transform_plugin);
	registry_init(r);
}

struct registry_mark registry_mark(const struct registry *r)
{
	return (struct registry_mark){r->nformat, r->ntransform};
}

void registry_rollback(struct registry *r, struct registry_mark m)
{
	r->nformat = m.nformat;
	r->ntransform = m.ntransform;
}

const struct registry_format *registry_find_format(const struct registry *r, struct deid_str section)
{
	for (size_t i = 0; i < r->nformat; i++)
		if (str_eqz(section, r->format[i].format->section))
			return &r->format[i];
	return NULL;
}

bool registry_group(const struct registry *r, struct deid_str group)
{
	for (size_t i = 0; i < r->nformat; i++) {
		struct deid_str s = str_of(r->format[i].format->section);
		size_t dot = str_find(s, '.', 0);

		if (dot < s.n && str_eq(str_sub(s, 0, dot), group))
			return true;
	}
	return false;
}

const struct deid_transform *registry_find_transform(const struct registry *r, struct deid_str action)
{
	for (size_t i = 0; i < r->ntransform; i++) {
		const struct deid_transform *t = r->transform[i];
		if (str_eqz(action, t->action) || (t->alias && str_eqz(action, t->alias)))
			return t;
	}
	return NULL;
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Lower-case words joined by single signs, as keys of a profile are. */
static bool name_good(const char *z)
{
	if (!z || z[0] < 'a' || z[0] > 'z')
		return false;
	for (; *z; z++)
		if (!name_char(*z))
			return false;
	return true;
}

static bool record_complete(const struct deid_format *f)
{
	return f->open && f->find && f->each && f->get && f->set && f->remove && f->add && f->finish &&
	       f->write && f->close;
}

static bool record_any(const struct deid_format *f)
{
	return f->open || f->find || f->each || f->get || f->set || f->remove || f->add || f->finish ||
	       f->write || f->close;
}

/* … or two such names with a dot between them: a section in a group of sections. */
static bool section_good(const char *z)
{
	const char *dot = z ? strchr(z, '.') : NULL;
	struct deid_str first = {z, dot ? (size_t)(dot - z) : 0};

	if (!dot)
		return name_good(z);
	for (size_t i = 0; i < first.n; i++)
		if (!name_char(first.p[i]))
			return false;
	return first.n && z[0] >= 'a' && z[0] <= 'z' && name_good(dot + 1);
}

/* Why a format cannot be used; NULL: it can. */
static const char *format_fault(const struct deid_format *f)
{
	if (!section_good(f->section))
		return "its section has no name of lower-case letters, digits and '-'";
	if (!f->summary || !f->filters)
		return "summary or filters is missing";
	if (!f->conf_new || !f->conf_free || !f->path_new || !f->path_free)
		return "conf_new, conf_free, path_new or path_free is missing";
	if (f->stream && record_any(f))
		return "it has both stream and functions of a record";
	if (!f->stream && !record_complete(f))
		return "it has neither stream nor all functions of a record";
	if (DEID_HAS(f, act) && f->owns && (f->stream || !f->act))
		return "it owns actions, but has no act";
	return NULL;
}

static const char *transform_fault(const struct deid_transform *t)
{
	if (!name_good(t->action))
		return "its action has no name of lower-case letters, digits and '-'";
	if (t->alias && !name_good(t->alias))
		return "its alias is no name of lower-case letters, digits and '-'";
	if (!t->summary)
		return "summary is missing";
	if (!t->run)
		return "run is missing";
	return NULL;
}

static int refuse(struct deid_registrar *by, int rc)
{
	by->refused = true;
	return rc;
}

int registrar_format(struct deid_registrar *by, const struct deid_format *f, struct deid_error *err)
{
	struct registry *r = by->registry;
	if (!f || f->size < FORMAT_SIZE)
		return refuse(by, error_fail(err, DEID_FAILED, DEID_E_PLUGIN,
				      "registers a format whose size is %u, less than the %zu of ABI 1.0",
				      f ? (unsigned)f->size : 0, FORMAT_SIZE));
	const char *fault = format_fault(f);
	if (fault)
		return refuse(by, error_fail(err, DEID_FAILED, DEID_E_PLUGIN, "registers format '%s', but %s",
				      section_good(f->section) ? f->section : "?", fault));
	if (registry_find_format(r, str_of(f->section)))
		return refuse(by, error_fail(err, DEID_FAILED, DEID_E_PLUGIN,
				      "registers format '%s', which is registered already", f->section));
	if (r->nformat == r->format_cap) {
		size_t cap = r->format_cap ? 2 * r->format_cap : 8;
		void *p = reallocarray(r->format, cap, sizeof *r->format);
		if (!p)
			return refuse(by, error_nomem(err));
		r->format = p;
		r->format_cap = cap;
	}
	r->format[r->nformat++] = (struct registry_format){f, by->plugin};
	return DEID_OK;
}

/* Both arrays grow together. */
static bool transform_room(struct registry *r)
{
	if (r->ntransform < r->transform_cap)
		return true;
	size_t cap = r->transform_cap ? 2 * r->transform_cap : 16;
	void *p = reallocarray(r->transform, cap, sizeof *r->transform);
	if (!p)
		return false;
	r->transform = p;
	p = reallocarray(r->transform_plugin, cap, sizeof *r->transform_plugin);
	if (!p)
		return false;
	r->transform_plugin = p;
	r->transform_cap = cap;
	return true;
}

int registrar_transform(struct deid_registrar *by, const struct deid_transform *t, struct deid_error *err)
{
	struct registry *r = by->registry;
	if (!t || t->size < TRANSFORM_SIZE)
		return refuse(by, error_fail(err, DEID_FAILED, DEID_E_PLUGIN,
				      "registers a transform whose size is %u, less than the %zu of ABI 1.0",
				      t ? (unsigned)t->size : 0, TRANSFORM_SIZE));
	const char *fault = transform_fault(t);
	if (fault)
		return refuse(
		    by, error_fail(err, DEID_FAILED, DEID_E_PLUGIN, "registers transform '%s', but %s",
			    name_good(t->action) ? t->action : "?", fault));
	if (registry_find_transform(r, str_of(t->action)) ||
	    (t->alias && registry_find_transform(r, str_of(t->alias))))
		return refuse(by, error_fail(err, DEID_FAILED, DEID_E_PLUGIN,
				      "registers transform '%s', which is registered already", t->action));
	if (!transform_room(r))
		return refuse(by, error_nomem(err));
	r->transform[r->ntransform] = t;
	r->transform_plugin[r->ntransform++] = by->plugin;
	return DEID_OK;
}

int registry_builtin(struct registry *r, const struct deid_transform *const *list, struct deid_error *err)
{
	struct deid_registrar by = {r, REGISTRY_BUILTIN, false};
	for (; *list; list++) {
		int rc = registrar_transform(&by, *list, err);
		if (rc)
			return rc;
	}
	return DEID_OK;
}
