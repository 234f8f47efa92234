/* SPDX-License-Identifier: MIT */
#include "plugins/xml/walk.h"

#include "core/util/grow.h"

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#define CHUNK ((size_t)256 << 10)

static void stop(struct xml_walk *w, int rc)
{
	if (!rc || w->rc)
		return;
	w->rc = rc;
	w->host->at(w->err, (struct deid_str){NULL, 0}, (uint64_t)XML_GetCurrentByteIndex(w->parser));
	XML_StopParser(w->parser, XML_FALSE);
}

static int limit(struct xml_walk *w, const char *what)
{
	return w->host->fail(w->err, DEID_FAILED, DEID_E_LIMIT, "%s", what);
}

static int match_rc(struct xml_walk *w, enum xml_rc rc)
{
	return rc == XML_DONE ? DEID_OK
	       : rc == XML_SPENT
		   ? xml_nomem(w)
		   : limit(w, "more than 134217728 elements that [last()] or [name=…] ask about");
}

/* ---- text ---------------------------------------------------------------------------------------- */

static void on_text(void *arg, const char *p, int n)
{
	struct xml_walk *w = arg;
	struct deid_str text = {p, (size_t)n};

	if (w->rc)
		return;
	if (w->pass == XML_ASK) {
		xml_match_text(&w->match, text);
		return;
	}
	if (w->text.n + text.n > XML_TEXT_MAX) {
		if (!w->listing)
			stop(w, limit(w, "a value that an entry names is longer than 8 MiB"));
	} else if (!buf_str(&w->text, text)) {
		stop(w, xml_nomem(w));
	}
}

/* A reference to an entity that expat does not know, as the DTD is not read. */
static void on_skipped(void *arg, const char *name, int is_parameter)
{
	struct xml_walk *w = arg;

	(void)name;
	if (w->rc || is_parameter)
		return;
	if (w->held || w->match.non)
		stop(w, w->host->fail(w->err, DEID_FAILED, DEID_E_UNSUPPORTED,
			    "a value with a reference to an entity of the DTD"));
}

/* Text is only asked for where it is used. */
static void listen(struct xml_walk *w)
{
	bool on = w->pass == XML_ASK ? w->match.non > 0 : w->held;

	XML_SetCharacterDataHandler(w->parser, on ? on_text : NULL);
}

/* ---- elements ------------------------------------------------------------------------------------ */

/* Bounds what expat keeps: each name once, until the end. */
static int know(struct xml_walk *w, struct deid_str name)
{
	size_t mix = (unsigned char)name.p[0] * 31u + (unsigned char)name.p[name.n - 1] * 7u + name.n;
	struct xml_word *r = &w->recent[mix % XML_RECENT];
	uint64_t n;

	if (r->n == name.n && memcmp(r->text, name.p, name.n) == 0)
		return DEID_OK;
	n = xml_siblings_count(&w->words, 0, name);
	if (n == UINT64_MAX)
		return limit(w, "more than 100000 names of elements and attributes");
	if (name.n <= sizeof(r->text)) {
		memcpy(r->text, name.p, name.n);
		r->n = (unsigned char)name.n;
	}
	return n ? DEID_OK : xml_nomem(w);
}

static int know_all(struct xml_walk *w, struct deid_str name, const char **attrs)
{
	int rc = know(w, name);

	for (; !rc && *attrs; attrs += 2)
		rc = know(w, str_of(attrs[0]));
	return rc;
}

static int push_frame(struct xml_walk *w, struct deid_str name)
{
	uint32_t hi = w->nframe ? w->frame[w->nframe - 1].hi : UINT32_MAX;
	uint64_t start = (uint64_t)XML_GetCurrentByteIndex(w->parser);
	struct xml_frame *p;

	if (w->nframe == XML_DEPTH)
		return limit(w, "elements nested more than 1000 deep");
	if (name.n > XML_OPEN_MAX - w->open)
		return limit(w, "names of open elements of more than 4 MiB");
	p = grow(w->frame, &w->frame_cap, w->nframe + 1, sizeof(*p));
	if (!p)
		return xml_nomem(w);
	w->frame = p;
	w->open += name.n;
	p[w->nframe++] = (struct xml_frame){.start = start,
	    .content = start + (uint64_t)XML_GetCurrentByteCount(w->parser),
	    .hi = hi,
	    .path = w->path.n,
	    .plain = w->plain.n,
	    .name = name.n};
	return DEID_OK;
}

static bool put_position(struct buf *b, uint64_t n)
{
	char text[24];
	size_t i = sizeof(text);

	text[--i] = ']';
	do
		text[--i] = (char)('0' + n % 10);
	while (n /= 10);
	text[--i] = '[';
	return buf_add(b, text + i, sizeof(text) - i);
}

/* The root needs no position. */
static int push_name(struct xml_walk *w, struct deid_str name)
{
	uint64_t n;

	if (!buf_c(&w->path, '/') || !buf_str(&w->path, name) || !buf_c(&w->plain, '/') ||
	    !buf_str(&w->plain, name))
		return xml_nomem(w);
	if (w->nframe == 1 || w->pass != XML_ACT)
		return DEID_OK;
	n = xml_siblings_count(&w->siblings, w->nframe, name);
	if (n == UINT64_MAX)
		return limit(w, "more names of elements than can be counted");
	return n && put_position(&w->path, n) ? DEID_OK : xml_nomem(w);
}

static bool ends_empty(const struct xml_walk *w)
{
	int offset, size;
	const char *p = XML_GetInputContext(w->parser, &offset, &size);
	size_t n = (size_t)XML_GetCurrentByteCount(w->parser), unit = w->encoding.unit;
	size_t low = unit == 2 && w->encoding.big ? 1 : 0;

	return p && n >= 2 * unit && p[(size_t)offset + n - 2 * unit + low] == '/';
}

/* An element that may be a field, or hold some; where there is a DTD, each that was tried is looked at. */
static int follow(struct xml_walk *w, const char **attrs)
{
	int rc;

	if (!w->all && !w->match.nid && xml_match_idle(&w->match) && !w->doctype)
		return DEID_OK;
	w->frame[w->nframe - 1].empty = ends_empty(w);
	rc = xml_hold(w);
	if (!rc && *attrs)
		rc = xml_attributes(w, attrs);
	return rc;
}

static void on_start(void *arg, const char *name, const char **attrs)
{
	struct xml_walk *w = arg;
	bool near;
	int rc = DEID_OK;

	if (w->rc)
		return;
	if (w->held)
		rc = xml_settle(w, NULL);
	near = w->pass != XML_ASK && (w->all || !xml_match_idle(&w->match));
	w->nattr = 0;
	if (!rc)
		rc = know_all(w, str_of(name), attrs);
	if (!rc)
		rc = push_frame(w, str_of(name));
	if (!rc)
		rc = match_rc(w, xml_match_open(&w->match, str_of(name), attrs));
	if (!rc && near) {
		w->frame[w->nframe - 1].followed = true;
		rc = push_name(w, str_of(name));
	}
	if (!rc && near)
		rc = follow(w, attrs);
	listen(w);
	stop(w, rc);
}

static void end_frame(struct xml_walk *w, uint64_t from, uint64_t to)
{
	const struct xml_frame *f = &w->frame[w->nframe - 1];

	if (f->fate != XML_STAYS) {
		w->mute--;
		w->done = f->fate == XML_GOES ? to : from;
	}
	if (f->followed)
		xml_siblings_drop(&w->siblings, w->nframe + 1);
	w->path.n = f->path;
	w->plain.n = f->plain;
	w->open -= f->name;
	w->nframe--;
	xml_match_close(&w->match);
}

static void on_end(void *arg, const char *name)
{
	struct xml_walk *w = arg;
	uint64_t from;

	if (w->rc)
		return;
	from = (uint64_t)XML_GetCurrentByteIndex(w->parser);
	if (w->held)
		stop(w, xml_settle(w, name));
	end_frame(w, from, from + (uint64_t)XML_GetCurrentByteCount(w->parser));
	listen(w);
}

/* ---- declarations -------------------------------------------------------------------------------- */

static void on_declaration(void *arg, const char *version, const char *encoding, int standalone)
{
	struct xml_walk *w = arg;
	struct charset cs;

	(void)version;
	(void)standalone;
	if (w->rc || !encoding || w->encoding.unit == 2)
		return;
	if (!charset_init(&cs, str_of(encoding)))
		return; /* on_encoding() is next, or expat refuses */
	if (w->mark && !cs.utf8)
		stop(w, w->host->fail(w->err, DEID_FAILED, DEID_E_FORMAT,
			    "a byte order mark of UTF-8, and another encoding declared"));
	w->encoding.charset = cs;
}

/* Encodings that expat does not know: those of one byte a character. */
static int on_encoding(void *arg, const char *name, XML_Encoding *info)
{
	struct charset cs;

	(void)arg;
	if (!charset_init(&cs, str_of(name)) || cs.utf8)
		return XML_STATUS_ERROR;
	for (int i = 0; i < 256; i++)
		info->map[i] = cs.cp[i] > 0xFFFF ? -1 : (int)cs.cp[i];
	info->data = NULL;
	info->convert = NULL;
	info->release = NULL;
	return XML_STATUS_OK;
}

static void on_doctype(void *arg, const char *name, const char *system, const char *public, int has_internal)
{
	struct xml_walk *w = arg;

	(void)name, (void)system, (void)public, (void)has_internal;
	w->doctype = true;
}

static void on_entity(void *arg, const char *name, int is_parameter, const char *value, int n,
    const char *base, const char *system, const char *public, const char *notation)
{
	struct xml_walk *w = arg;

	(void)name, (void)is_parameter, (void)value, (void)n;
	(void)base, (void)system, (void)public, (void)notation;
	if (!w->rc)
		stop(w, w->host->fail(w->err, DEID_FAILED, DEID_E_UNSUPPORTED, "a DOCTYPE with entities"));
}

/* A value that stands in the DTD would stay there. */
static void on_attlist(
    void *arg, const char *element, const char *name, const char *type, const char *value, int required)
{
	struct xml_walk *w = arg;

	(void)element, (void)name, (void)type, (void)required;
	if (!w->rc && value && w->conf->table.attrs)
		stop(w, w->host->fail(w->err, DEID_FAILED, DEID_E_UNSUPPORTED,
			    "a DOCTYPE that gives attributes values, while entries name attributes"));
}

/* ---- passes -------------------------------------------------------------------------------------- */

static int parse_error(struct xml_walk *w, bool last)
{
	enum XML_Error code = XML_GetErrorCode(w->parser);
	enum deid_code why = DEID_E_FORMAT;
	int rc;

	if (code == XML_ERROR_NO_MEMORY)
		return xml_nomem(w);
	if (code == XML_ERROR_UNKNOWN_ENCODING)
		why = DEID_E_UNSUPPORTED;
	else if (last && (code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN ||
			     code == XML_ERROR_PARTIAL_CHAR || code == XML_ERROR_UNCLOSED_CDATA_SECTION))
		why = DEID_E_TRUNCATED;
	rc = w->host->fail(w->err, DEID_FAILED, why, "line %lu: not XML: %s",
	    (unsigned long)XML_GetCurrentLineNumber(w->parser), XML_ErrorString(code));
	w->host->at(w->err, (struct deid_str){NULL, 0}, (uint64_t)XML_GetCurrentByteIndex(w->parser));
	return rc;
}

/* One chunk; *off moves on. */
static int feed(struct xml_walk *w, uint64_t *off, bool *last)
{
	const void *p;
	XML_Index begun;
	size_t got;
	void *room;
	int rc = w->host->src_peek(w->src, *off, CHUNK, &p, &got, w->err);

	if (rc)
		return rc;
	room = XML_GetBuffer(w->parser, (int)CHUNK);
	if (!room)
		return xml_nomem(w);
	if (got)
		memcpy(room, p, got);
	*last = got < CHUNK;
	*off += got;
	if (XML_ParseBuffer(w->parser, (int)got, *last) != XML_STATUS_OK)
		return w->rc ? w->rc : parse_error(w, *last);
	/* What expat could not finish it keeps; it may wait for more than a chunk before it looks again, and
	 * then does not know where it is. */
	begun = XML_GetCurrentByteIndex(w->parser);
	if (begun >= 0)
		w->begun = (uint64_t)begun;
	if (!*last && *off - w->begun > XML_TOKEN_MAX) {
		rc = limit(w, "a tag, comment or declaration longer than 4 MiB");
		w->host->at(w->err, (struct deid_str){NULL, 0}, w->begun);
	}
	return rc;
}

static void set_handlers(struct xml_walk *w)
{
	XML_Parser p = w->parser;

	XML_SetUserData(p, w);
	XML_SetElementHandler(p, on_start, on_end);
	XML_SetSkippedEntityHandler(p, on_skipped);
	XML_SetXmlDeclHandler(p, on_declaration);
	XML_SetUnknownEncodingHandler(p, on_encoding, w);
	XML_SetStartDoctypeDeclHandler(p, on_doctype);
	XML_SetEntityDeclHandler(p, on_entity);
	XML_SetAttlistDeclHandler(p, on_attlist);
	XML_SetParamEntityParsing(p, XML_PARAM_ENTITY_PARSING_NEVER);
}

static int run_pass(struct xml_walk *w, enum xml_pass pass)
{
	uint64_t off = 0;
	bool last = false;
	int rc;

	w->pass = pass;
	w->rc = DEID_OK;
	w->held = false;
	w->nframe = 0;
	w->open = 0;
	w->begun = 0;
	w->path.n = w->plain.n = 0;
	rc = match_rc(w, xml_match_begin(&w->match, &w->conf->table, pass == XML_ASK));
	if (rc)
		return rc;
	w->parser = XML_ParserCreate(NULL);
	if (!w->parser)
		return xml_nomem(w);
	set_handlers(w);
	while (!rc && !last)
		rc = feed(w, &off, &last);
	if (!rc)
		xml_match_close(&w->match);
	if (!rc && pass == XML_ACT)
		rc = xml_emit(w, off);
	XML_ParserFree(w->parser);
	w->parser = NULL;
	return rc;
}

static int run(struct xml_walk *w)
{
	uint32_t wants = w->host->wants(w->job);
	const void *p;
	size_t got;
	int rc = w->host->src_peek(w->src, 0, 4, &p, &got, w->err);

	w->all = wants & DEID_WANT_ALL;
	w->listing = wants & DEID_WANT_NAMES;
	if (rc)
		return rc;
	if (!xml_encoding_head(&w->encoding, (struct deid_str){p, got}, &w->mark))
		return xml_nomem(w);
	if (w->conf->table.ahead)
		rc = run_pass(w, XML_ASK);
	if (!rc && wants & DEID_WANT_ORIGINALS) {
		rc = w->host->record(w->job, w->err);
		if (!rc)
			rc = run_pass(w, XML_OBSERVE);
	}
	return rc ? rc : run_pass(w, XML_ACT);
}

static uint32_t count_entries(const struct xml_conf *conf)
{
	for (size_t i = 0; i < conf->nentry; i++)
		if (conf->entry[i].flags & DEID_ENTRY_QUERY)
			return conf->entry[i].id;
	return UINT32_MAX;
}

int xml_stream(const struct xml_conf *conf, struct deid_job *job, struct deid_source *src,
    struct deid_sink *sink, struct deid_error *err)
{
	struct xml_walk w = {.host = conf->host,
	    .job = job,
	    .conf = conf,
	    .src = src,
	    .sink = sink,
	    .err = err,
	    .mute = !sink,
	    .nentry = count_entries(conf)};
	int rc;

	/* Without a seed counting is only open to being made slow. */
	if (getrandom(w.siblings.seed, sizeof(w.siblings.seed), GRND_NONBLOCK) < 0)
		w.siblings.seed[0] = (uint64_t)(uintptr_t)&w;
	memcpy(w.words.seed, w.siblings.seed, sizeof(w.words.seed));
	rc = run(&w);
	xml_match_free(&w.match);
	xml_siblings_free(&w.siblings);
	xml_siblings_free(&w.words);
	free(w.frame);
	free(w.observed);
	free(w.attr);
	buf_free(&w.path);
	buf_free(&w.plain);
	buf_free(&w.text);
	buf_free(&w.attr_text);
	buf_free(&w.fresh);
	return rc;
}
