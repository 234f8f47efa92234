/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/profile/expression.h"

#include "core/profile/casing.h"
#include "core/profile/template.h"
#include "core/util/utf8.h"
#include <string.h>

static const struct {
	const char *name;
	enum filter_kind kind;
} filters[] = {
    {"upper", FILTER_UPPER},
    {"lower", FILTER_LOWER},
    {"trim", FILTER_TRIM},
    {"int", FILTER_INT},
    {"default", FILTER_DEFAULT},
};

#define NFILTER (sizeof(filters) / sizeof(*filters))

/* ---- parsing ----------------------------------------------------------------------------------- */

struct parser {
	const struct deid_node *node;
	struct deid_str text;
	size_t at;
	struct arena *arena;
	struct deid_error *err;
	struct piece **tail;
	bool nomem;
};

static bool spent(struct parser *p)
{
	p->nomem = true;
	return false;
}

/* An error at a byte of the text. The scalar's line and column say where it begins; quotes, escapes and
 * folding keep us from knowing more of the file than that. */
static bool wrong(struct parser *p, size_t at, const char *what)
{
	size_t character = utf8_count(str_sub(p->text, 0, at)) + 1;

	node_complain(p->err, p->node, "%s (at character %zu of it)", what, character);
	return false;
}

static char peek(const struct parser *p, size_t ahead)
{
	return p->at + ahead < p->text.n ? p->text.p[p->at + ahead] : '\0';
}

static bool at_blank(const struct parser *p)
{
	char c = peek(p, 0);

	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct parser *p)
{
	while (at_blank(p))
		p->at++;
}

static bool name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static size_t name_length(struct deid_str s)
{
	size_t i = 0;

	for (;;) {
		if (i >= s.n || !name_start(s.p[i]))
			return 0;
		while (i < s.n && (name_start(s.p[i]) || (s.p[i] >= '0' && s.p[i] <= '9')))
			i++;
		if (i >= s.n || s.p[i] != '.')
			return i;
		i++;
	}
}

bool template_name_valid(struct deid_str name)
{
	return name.n && name_length(name) == name.n;
}

static struct piece *add_piece(struct parser *p)
{
	struct piece *piece = arena_zalloc(p->arena, sizeof(*piece));

	if (!piece) {
		spent(p);
		return NULL;
	}
	*p->tail = piece;
	p->tail = &piece->next;
	return piece;
}

static bool add_text(struct parser *p, size_t from, size_t end)
{
	struct piece *piece;

	if (from == end)
		return true;
	piece = add_piece(p);
	if (piece)
		piece->text = str_sub(p->text, from, end - from);
	return piece != NULL;
}

/* p->at is behind "default": its one quoted text. */
static bool parse_default(struct parser *p, struct deid_str *out)
{
	static const char usage[] = "default takes one quoted text, as in default(\"x\")";
	size_t from = p->at, n = 0;
	char quote, *text;

	skip_blanks(p);
	if (peek(p, 0) != '(')
		return wrong(p, from, usage);
	p->at++;
	skip_blanks(p);
	quote = peek(p, 0);
	if (quote != '"' && quote != '\'')
		return wrong(p, from, usage);
	text = arena_alloc(p->arena, p->text.n - p->at);
	if (!text)
		return spent(p);
	for (p->at++; p->at < p->text.n && peek(p, 0) != quote; p->at++) {
		if (peek(p, 0) == '\\') {
			p->at++;
			if (peek(p, 0) != '\\' && peek(p, 0) != '"' && peek(p, 0) != '\'')
				return wrong(p, p->at,
				    "in the text of default, \"\\\" stands only before a quote or another "
				    "\"\\\"");
		}
		text[n++] = peek(p, 0);
	}
	p->at++;
	skip_blanks(p);
	if (peek(p, 0) != ')')
		return wrong(p, from, usage);
	p->at++;
	*out = (struct deid_str){text, n};
	return true;
}

static bool parse_filter(struct parser *p, struct piece *piece, const struct filter ***tail)
{
	struct deid_str rest = str_sub(p->text, p->at, p->text.n);
	struct deid_str name = str_sub(rest, 0, name_length(rest));
	struct filter *filter;
	size_t k = 0;

	if (!name.n)
		return wrong(
		    p, p->at, "\"|\" is followed by a filter: upper, lower, trim, int or default(\"x\")");
	while (k < NFILTER && !str_eqz(name, filters[k].name))
		k++;
	if (k == NFILTER)
		return wrong(
		    p, p->at, "unknown filter; there are upper, lower, trim, int and default(\"x\")");
	p->at += name.n;
	filter = arena_zalloc(p->arena, sizeof(*filter));
	if (!filter)
		return spent(p);
	filter->kind = filters[k].kind;
	if (filter->kind == FILTER_DEFAULT && !parse_default(p, &filter->text))
		return false;
	piece->served = piece->served || filter->kind == FILTER_DEFAULT;
	piece->number = filter->kind == FILTER_INT;
	**tail = filter;
	*tail = &filter->next;
	return true;
}

/* p->at is at "{{". */
static bool parse_variable(struct parser *p)
{
	static const char usage[] =
	    "a variable is written {{ NAME }} or {{ NAME | filter }}; no other template syntax is understood";
	size_t open = p->at;
	struct piece *piece = add_piece(p);
	const struct filter **tail;
	struct deid_str rest;

	if (!piece)
		return false;
	tail = &piece->filter;
	p->at += 2;
	skip_blanks(p);
	rest = str_sub(p->text, p->at, p->text.n);
	rest = arena_dup(p->arena, str_sub(rest, 0, name_length(rest)));
	if (!rest.p)
		return spent(p);
	if (!rest.n)
		return wrong(p, p->at < p->text.n ? p->at : open, usage);
	piece->name = rest;
	p->at += rest.n;
	for (skip_blanks(p); peek(p, 0) == '|'; skip_blanks(p)) {
		p->at++;
		skip_blanks(p);
		if (!parse_filter(p, piece, &tail))
			return false;
	}
	if (p->at >= p->text.n)
		return wrong(p, open, "\"{{\" is never closed");
	if (peek(p, 0) != '}' || peek(p, 1) != '}')
		return wrong(p, p->at, usage);
	p->at += 2;
	return true;
}

static bool parse(struct parser *p)
{
	size_t from = 0, open = 0; /* single braces: those of a pattern, of an output, of JSON text */

	while (p->at < p->text.n) {
		char c = peek(p, 0), next = peek(p, 1);

		if (c == '{' && (next == '%' || next == '#'))
			return wrong(p, p->at,
			    "\"{%\" and \"{#\" are template syntax that is not understood; there are only "
			    "variables, as {{ NAME }}");
		if (c == '}' && next == '}' && open < 2)
			return wrong(p, p->at, "\"}}\" closes nothing");
		if (c == '{' && next == '{') {
			if (!add_text(p, from, p->at) || !parse_variable(p))
				return false;
			from = p->at;
			continue;
		}
		if (c == '{')
			open++;
		else if (c == '}' && open)
			open--;
		p->at++;
	}
	return add_text(p, from, p->at);
}

bool expression_in(struct deid_str s)
{
	for (size_t i = str_find(s, '{', 0); i + 1 < s.n; i = str_find(s, '{', i + 1))
		if (s.p[i + 1] == '{' || s.p[i + 1] == '%' || s.p[i + 1] == '#')
			return true;
	return s.n >= 2 && memmem(s.p, s.n, "}}", 2);
}

bool expression_parse(
    const struct deid_node *scalar, struct arena *arena, struct piece **out, struct deid_error *err)
{
	struct parser p = {.node = scalar, .text = scalar->text, .arena = arena, .err = err, .tail = out};

	*out = NULL;
	(void)parse(&p);
	return !p.nomem;
}

/* ---- values ------------------------------------------------------------------------------------ */

/* White space of Unicode (property White_Space) and the separators 1C to 1F, as Python strips them. */
static bool is_space(uint32_t cp)
{
	return (cp >= 0x09 && cp <= 0x0d) || (cp >= 0x1c && cp <= 0x20) || cp == 0x85 || cp == 0xa0 ||
	       cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 ||
	       cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

static struct deid_str trim(struct deid_str s)
{
	size_t end = 0, i, n;
	uint32_t cp;

	while ((n = utf8_next(s, 0, &cp)) && is_space(cp))
		s = str_sub(s, n, s.n);
	for (i = 0; i < s.n; i += n) {
		n = utf8_next(s, i, &cp);
		if (!n)
			return s;
		if (!is_space(cp))
			end = i + n;
	}
	return str_sub(s, 0, end);
}

static size_t digits(struct deid_str s, size_t from)
{
	size_t i = from;

	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i - from;
}

/* "+007" is 7, "-15.0" is -15 and "0.9" is 0: programs write whole numbers with a fraction when some cell is
 * empty. */
static enum expression_result to_int(struct deid_str *s, struct arena *a)
{
	struct deid_str t = trim(*s);
	size_t sign = t.n && (t.p[0] == '-' || t.p[0] == '+'), whole = digits(t, sign), zeros = 0;
	size_t end = sign + whole, fraction = 0;
	bool minus = sign && t.p[0] == '-';
	char *text;

	if (end < t.n && t.p[end] == '.') {
		fraction = digits(t, end + 1);
		end += 1 + fraction;
	}
	if (end != t.n || (!whole && !fraction))
		return EXPRESSION_NO_INT;
	while (zeros < whole && t.p[sign + zeros] == '0')
		zeros++;
	t = zeros == whole ? STR("0") : str_sub(t, sign + zeros, whole - zeros);
	if (zeros == whole || !minus) {
		*s = t;
		return EXPRESSION_OK;
	}
	text = arena_alloc(a, t.n + 1);
	if (!text)
		return EXPRESSION_NOMEM;
	text[0] = '-';
	memcpy(text + 1, t.p, t.n);
	*s = (struct deid_str){text, t.n + 1};
	return EXPRESSION_OK;
}

static enum expression_result change_case(struct deid_str *s, bool up, struct arena *a)
{
	struct buf text = {0};
	bool ok = up ? case_upper(*s, &text) : case_lower(*s, &text);

	*s = ok ? arena_dup(a, buf_view(&text)) : (struct deid_str){NULL, 0};
	buf_free(&text);
	return s->p ? EXPRESSION_OK : EXPRESSION_NOMEM;
}

enum expression_result expression_value(
    const struct piece *piece, struct deid_str value, struct arena *a, struct deid_str *text)
{
	enum expression_result rc = EXPRESSION_OK;
	bool no_int = false;

	for (const struct filter *f = piece->filter; f && rc == EXPRESSION_OK; f = f->next) {
		if (f->kind == FILTER_DEFAULT && !value.n) {
			value = f->text;
			no_int = false;
		} else if (f->kind == FILTER_INT && !value.n) {
			no_int = true;
		} else if (f->kind == FILTER_TRIM) {
			value = trim(value);
		} else if (value.n && f->kind == FILTER_INT) {
			rc = to_int(&value, a);
		} else if (value.n && f->kind != FILTER_DEFAULT) {
			rc = change_case(&value, f->kind == FILTER_UPPER, a);
		}
	}
	*text = value;
	if (rc == EXPRESSION_OK && !value.p)
		rc = EXPRESSION_MISSING;
	return rc == EXPRESSION_OK && no_int ? EXPRESSION_NO_INT : rc;
}
