/* SPDX-License-Identifier: MIT */
#include "core/util/grow.h"
#include "plugins/xml/walk.h"

#include <string.h>

int xml_nomem(struct xml_walk *w)
{
	return w->host->fail(w->err, DEID_FAILED, DEID_E_NOMEM, "out of memory");
}

int xml_emit(struct xml_walk *w, uint64_t to)
{
	uint64_t from = w->done;

	if (w->mute || from == to)
		return DEID_OK;
	w->done = to;
	return w->host->sink_copy(w->sink, w->src, from, to - from, w->err);
}

static int write_fresh(struct xml_walk *w)
{
	if (w->mute || !w->fresh.n)
		return DEID_OK;
	return w->host->sink_write(w->sink, w->fresh.p, w->fresh.n, w->err);
}

static struct xml_frame *top(struct xml_walk *w)
{
	return &w->frame[w->nframe - 1];
}

/* The ids are ascending: those below hi. */
static size_t below(const uint32_t *id, size_t n, uint32_t hi)
{
	while (n && id[n - 1] >= hi)
		n--;
	return n;
}

/* In a listing a name that denotes all of a kind is what a profile would say. */
static struct deid_field field_of(const struct xml_walk *w, enum deid_kind kind)
{
	struct deid_field f = {.size = sizeof(f), .kind = kind, .name = buf_view(&w->path)};

	f.alt = buf_view(&w->plain);
	if (w->listing) {
		f.name = f.alt;
		f.alt = (struct deid_str){NULL, 0};
	}
	return f;
}

static struct deid_value value_of(const struct deid_str *text, enum deid_kind kind)
{
	return (struct deid_value){.size = sizeof(struct deid_value),
	    .kind = kind,
	    .lo = 1,
	    .v = text,
	    .n = kind != DEID_TREE && text->n > 0};
}

static int match_field(struct xml_walk *w, enum deid_kind kind, const uint32_t **all, size_t *nall)
{
	struct deid_field f = field_of(w, kind);
	int rc;

	*nall = 0;
	if (!w->all && !w->match.nid)
		return DEID_OK;
	rc = w->host->match(w->job, &f, w->match.id, w->match.nid, all, nall, w->err);
	*nall = below(*all, *nall, top(w)->hi);
	return rc;
}

/* The ids of queries among those that mean the place. */
static int keep_queries(struct xml_walk *w)
{
	w->nobserved = 0;
	for (size_t i = 0; i < w->match.nid; i++) {
		uint32_t *p;

		if (w->match.id[i] < w->nentry)
			continue;
		p = grow(w->observed, &w->observed_cap, w->nobserved + 1, sizeof(*p));
		if (!p)
			return xml_nomem(w);
		w->observed = p;
		p[w->nobserved++] = w->match.id[i];
	}
	return DEID_OK;
}

int xml_hold(struct xml_walk *w)
{
	int rc;

	w->text.n = 0;
	if (w->pass == XML_OBSERVE) {
		rc = keep_queries(w);
		w->held = !rc && w->nobserved;
		return rc;
	}
	rc = match_field(w, DEID_TEXT, &w->all_ids, &w->nall);
	w->held = !rc && w->nall;
	return rc;
}

/* ---- what apply() gave --------------------------------------------------------------------------- */

/* Makes w->fresh of a new value; a value that XML cannot hold is refused. */
static int spell(struct xml_walk *w, const struct deid_field *f, struct deid_result *r, char quote)
{
	struct deid_str text = r->value.n ? r->value.v[0] : (struct deid_str){"", 0};

	w->fresh.n = 0;
	if (r->value.n > 1)
		return w->host->refuse(w->job, f, r, "an element or attribute holds one text", w->err);
	if (!xml_allowed(text))
		return w->host->refuse(w->job, f, r, "XML has no such character", w->err);
	return xml_put_text(&w->encoding, text, quote, &w->fresh) ? DEID_OK : xml_nomem(w);
}

static int refuse_root(struct xml_walk *w, const struct deid_field *f, struct deid_result *r)
{
	static const char why[] = "a document must have a root element";
	int rc = w->host->refuse(w->job, f, r, why, w->err);

	if (!rc && r->verdict == DEID_REMOVE)
		rc = w->host->fail(w->err, DEID_FAILED, DEID_E_FIELD, "%s", why);
	return rc;
}

/* ---- attributes ---------------------------------------------------------------------------------- */

static bool push_attr(struct xml_walk *w, struct deid_str name)
{
	return buf_z(&w->path, "/@") && buf_str(&w->path, name) && buf_z(&w->plain, "/@") &&
	       buf_str(&w->plain, name);
}

static int act_on_attr(struct xml_walk *w, const struct xml_held_attr *a, uint32_t hi)
{
	size_t path = w->path.n, plain = w->plain.n, n = below(a->all, a->nall, hi);
	struct deid_str name = {w->attr_text.p + a->name, a->name_len};
	struct deid_str text = {w->attr_text.p + a->value, a->value_len};
	struct deid_value v = value_of(&text, DEID_TEXT);
	struct deid_result r = {.verdict = DEID_KEEP};
	struct deid_field f;
	int rc;

	if (!n)
		return DEID_OK;
	if (!push_attr(w, name))
		return xml_nomem(w);
	f = field_of(w, DEID_TEXT);
	rc = w->host->apply(w->job, &f, a->all, n, &v, &r, w->err);
	if (!rc && r.verdict == DEID_CHANGE)
		rc = spell(w, &f, &r, a->at.quote);
	if (!rc && r.verdict == DEID_CHANGE) {
		rc = xml_emit(w, a->tag + a->at.value);
		if (!rc)
			rc = write_fresh(w);
		if (!w->mute)
			w->done = a->tag + a->at.close;
	} else if (!rc && r.verdict == DEID_REMOVE) {
		rc = xml_emit(w, a->tag + a->at.gap);
		if (!w->mute)
			w->done = a->tag + a->at.end;
	}
	w->path.n = path;
	w->plain.n = plain;
	return rc;
}

static int act_on_attrs(struct xml_walk *w, uint32_t hi)
{
	int rc = DEID_OK;

	for (size_t i = 0; !rc && i < w->nattr; i++)
		rc = act_on_attr(w, &w->attr[i], hi);
	w->nattr = 0;
	return rc;
}

static int observe_attr(struct xml_walk *w, const char *value)
{
	struct deid_str text = str_of(value);
	struct deid_value v = value_of(&text, DEID_TEXT);
	/* The list for the element is in use while that is held. */
	uint32_t *kept = w->observed;
	size_t n = w->nobserved, cap = w->observed_cap;
	int rc;

	w->observed = NULL;
	w->observed_cap = 0;
	rc = keep_queries(w);
	if (!rc && w->nobserved)
		rc = w->host->observe(w->job, w->observed, w->nobserved, &v, w->err);
	free(w->observed);
	w->observed = kept;
	w->nobserved = n;
	w->observed_cap = cap;
	return rc;
}

static int keep_attr(
    struct xml_walk *w, const char **attr, const struct xml_spot_in_tag *at, const uint32_t *all, size_t nall)
{
	struct xml_held_attr *p = grow(w->attr, &w->attr_cap, w->nattr + 1, sizeof(*p));
	struct deid_str name = str_of(attr[0]), value = str_of(attr[1]);
	size_t from = w->attr_text.n;

	if (p)
		w->attr = p;
	if (!p || !buf_str(&w->attr_text, name) || !buf_str(&w->attr_text, value))
		return xml_nomem(w);
	p[w->nattr++] = (struct xml_held_attr){.tag = top(w)->start,
	    .at = *at,
	    .name = from,
	    .name_len = name.n,
	    .value = from + name.n,
	    .value_len = value.n,
	    .all = all,
	    .nall = nall};
	return DEID_OK;
}

static int match_attr(struct xml_walk *w, const char *name, const uint32_t **all, size_t *nall)
{
	size_t path = w->path.n, plain = w->plain.n;
	int rc;

	*nall = 0;
	if (!w->match.nid && (!w->all || xml_is_xmlns(str_of(name))))
		return DEID_OK;
	if (!push_attr(w, str_of(name)))
		return xml_nomem(w);
	rc = match_field(w, DEID_TEXT, all, nall);
	w->path.n = path;
	w->plain.n = plain;
	return rc;
}

static int one_attr(struct xml_walk *w, const char **attr, struct deid_str tag, size_t *at)
{
	struct xml_spot_in_tag spot;
	const uint32_t *all;
	size_t nall = 0;
	int rc;

	if (!xml_next_attr(&w->encoding, tag, at, &spot))
		return w->host->fail(
		    w->err, DEID_FAILED, DEID_E_INTERNAL, "an attribute is not where it should be");
	if (xml_match_attr(&w->match, str_of(attr[0])))
		return xml_nomem(w);
	/* An entity that is not declared where we look is nothing to expat, and hides text from us. */
	if (spot.entity && w->conf->table.attrs)
		return w->host->fail(w->err, DEID_FAILED, DEID_E_UNSUPPORTED,
		    "an attribute with a reference to an entity of the DTD");
	if (w->pass == XML_OBSERVE)
		return w->match.nid ? observe_attr(w, attr[1]) : DEID_OK;
	rc = match_attr(w, attr[0], &all, &nall);
	return rc || !nall ? rc : keep_attr(w, attr, &spot, all, nall);
}

int xml_attributes(struct xml_walk *w, const char **attrs)
{
	int offset, size, n = XML_GetSpecifiedAttributeCount(w->parser), rc = DEID_OK;
	const char *context = XML_GetInputContext(w->parser, &offset, &size);
	struct deid_str tag;
	size_t at = 0;

	w->nattr = 0;
	w->attr_text.n = 0;
	if (!context)
		return w->host->fail(
		    w->err, DEID_FAILED, DEID_E_INTERNAL, "expat was built without XML_CONTEXT_BYTES");
	tag = (struct deid_str){context + offset, (size_t)XML_GetCurrentByteCount(w->parser)};
	for (int i = 0; !rc && i < n; i += 2)
		rc = one_attr(w, attrs + i, tag, &at);
	if (!rc && !w->held)
		rc = act_on_attrs(w, UINT32_MAX);
	return rc;
}

/* ---- elements ------------------------------------------------------------------------------------ */

static int remove_element(struct xml_walk *w, uint32_t by)
{
	struct xml_frame *f = top(w);
	int rc = xml_emit(w, f->start);

	w->mute++;
	f->fate = XML_GOES;
	if (by < f->hi)
		f->hi = by;
	return rc ? rc : act_on_attrs(w, f->hi);
}

/* new: what spell() made, kept while attributes use w->fresh. closing: see xml_settle(). */
static int replace_content(struct xml_walk *w, uint32_t by, struct buf *new, const char *closing)
{
	struct xml_frame *f = top(w);
	bool open = f->empty && new->n;
	int rc = act_on_attrs(w, UINT32_MAX);

	/* <a/> becomes <a>new</a> */
	if (!rc)
		rc = xml_emit(w, f->content - (open ? 2 * w->encoding.unit : 0));
	w->fresh.n = 0;
	if (open && !xml_put(&w->encoding, STR(">"), &w->fresh))
		return xml_nomem(w);
	if (!buf_str(&w->fresh, buf_view(new)))
		return xml_nomem(w);
	if (open && (!xml_put(&w->encoding, STR("</"), &w->fresh) ||
			!xml_put(&w->encoding, str_of(closing), &w->fresh) ||
			!xml_put(&w->encoding, STR(">"), &w->fresh)))
		return xml_nomem(w);
	if (!rc)
		rc = write_fresh(w);
	w->mute++;
	f->fate = XML_IS_REPLACED;
	if (by < f->hi)
		f->hi = by;
	return rc;
}

int xml_settle(struct xml_walk *w, const char *closing)
{
	enum deid_kind kind = closing ? DEID_TEXT : DEID_TREE;
	struct deid_str text = buf_view(&w->text);
	struct deid_value v = value_of(&text, kind);
	struct deid_field f = field_of(w, kind);
	struct deid_result r = {.verdict = DEID_KEEP};
	struct buf new;
	int rc;

	w->held = false;
	if (w->pass == XML_OBSERVE)
		return w->host->observe(w->job, w->observed, w->nobserved, &v, w->err);
	rc = w->host->apply(w->job, &f, w->all_ids, w->nall, &v, &r, w->err);
	if (!rc && r.verdict == DEID_CHANGE)
		rc = spell(w, &f, &r, 0);
	if (!rc && r.verdict == DEID_REMOVE && w->nframe == 1)
		rc = refuse_root(w, &f, &r);
	if (rc)
		return rc;
	if (r.verdict == DEID_REMOVE)
		return remove_element(w, r.by);
	if (r.verdict == DEID_KEEP)
		return act_on_attrs(w, UINT32_MAX);
	new = w->fresh;
	w->fresh = (struct buf){0};
	rc = replace_content(w, r.by, &new, closing);
	buf_free(&new);
	return rc;
}
