/* SPDX-License-Identifier: MIT */
#include "plugins/flywheel/container.h"

#include "plugins/flywheel/cursor.h"
#include "plugins/json/text.h"

static const struct container_key project_keys[] = {
    {"info", KEY_TREE, NULL}, {"description", KEY_TEXT, NULL}, {"tags", KEY_TEXTS, NULL}, {NULL, 0, NULL}};

static const struct container_key subject_keys[] = {{"firstname", KEY_TEXT, NULL},
    {"lastname", KEY_TEXT, NULL}, {"date_of_birth", KEY_DATE, NULL},
    {"sex", KEY_WORD, "male|female|other|unknown"}, {"cohort", KEY_WORD, "Control|Study"},
    {"mlset", KEY_WORD, "Training|Test|Validation"}, {"ethnicity", KEY_TEXT, NULL}, {"race", KEY_TEXT, NULL},
    {"species", KEY_TEXT, NULL}, {"strain", KEY_TEXT, NULL}, {"info", KEY_TREE, NULL},
    {"type", KEY_WORD, "human|animal|phantom"}, {"label", KEY_TEXT, NULL}, {"tags", KEY_TEXTS, NULL},
    {NULL, 0, NULL}};

static const struct container_key session_keys[] = {{"age", KEY_INTEGER, NULL}, {"operator", KEY_TEXT, NULL},
    {"timestamp", KEY_TIME, NULL}, {"timezone", KEY_TEXT, NULL}, {"uid", KEY_TEXT, NULL},
    {"weight", KEY_NUMBER, NULL}, {"info", KEY_TREE, NULL}, {"label", KEY_TEXT, NULL},
    {"tags", KEY_TEXTS, NULL}, {NULL, 0, NULL}};

static const struct container_key acquisition_keys[] = {{"timestamp", KEY_TIME, NULL},
    {"timezone", KEY_TEXT, NULL}, {"uid", KEY_TEXT, NULL}, {"info", KEY_TREE, NULL},
    {"label", KEY_TEXT, NULL}, {"tags", KEY_TEXTS, NULL}, {NULL, 0, NULL}};

static const struct container_key file_keys[] = {{"classification", KEY_TREE, NULL}, {"info", KEY_TREE, NULL},
    {"modality", KEY_TEXT, NULL}, {"type", KEY_TEXT, NULL}, {NULL, 0, NULL}};

const struct container containers[] = {
    [CONTAINER_PROJECT] = {"project", project_keys, false},
    [CONTAINER_SUBJECT] = {"subject", subject_keys, false},
    [CONTAINER_SESSION] = {"session", session_keys, false},
    [CONTAINER_ACQUISITION] = {"acquisition", acquisition_keys, false},
    [CONTAINER_FILE] = {"file", file_keys, true},
};

const struct container_key *container_key(const struct container *c, struct deid_str name)
{
	for (const struct container_key *k = c->key; k->name; k++)
		if (str_eqz(name, k->name))
			return k;
	return NULL;
}

bool container_other_key(struct deid_str name)
{
	static const char words[] =
	    "_id|id|code|created|modified|revision|parent|parents|permissions|group|project|subject|session|"
	    "acquisition|files|notes|analyses|info_exists|join-origin|join_origin|origin|provider_id|version|"
	    "file_id|name|mimetype|size|hash|tags|zip_member_count|measurements|instrument|master_code|"
	    "public|"
	    "archived|satisfies_template|project_has_template";
	struct deid_str rest = str_of(words), one;

	while (str_split(&rest, '|', &one))
		if (str_eq(one, name))
			return true;
	return false;
}

/* ---- values -------------------------------------------------------------------------------------- */

/* The digits at the places of `form` that say '0'; the other characters as they stand. */
static bool shaped(struct deid_str s, const char *form)
{
	size_t n = str_of(form).n;

	if (s.n < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == '0' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != form[i])
			return false;
	return true;
}

static bool is_date(struct deid_str s)
{
	return s.n == 10 && shaped(s, "0000-00-00");
}

bool container_is_time(struct deid_str s, char between)
{
	if (!shaped(s, "0000-00-00") || s.n < 19 || s.p[10] != between ||
	    !shaped(str_sub(s, 11, 8), "00:00:00"))
		return false;
	s = str_sub(s, 19, s.n);
	if (s.n > 1 && s.p[0] == '.') {
		size_t i = 1;

		while (i < s.n && i < 7 && s.p[i] >= '0' && s.p[i] <= '9')
			i++;
		if (i == 1)
			return false;
		s = str_sub(s, i, s.n);
	}
	if (s.n == 0 || str_eqz(s, "Z"))
		return true;
	if (s.p[0] != '+' && s.p[0] != '-')
		return false;
	s = str_sub(s, 1, s.n);
	return (s.n == 5 && shaped(s, "00:00")) || (s.n == 4 && shaped(s, "0000"));
}

static bool one_of(struct deid_str s, const char *words)
{
	struct deid_str rest = str_of(words), one;

	while (str_split(&rest, '|', &one))
		if (str_eq(one, s))
			return true;
	return false;
}

/* A number, however it was spelled: with a point where it may have a fraction, without where it may not. */
static const char *cast_number(struct deid_str s, bool whole, struct buf *out, bool *good)
{
	size_t point = str_find(s, '.', 0), end = point;

	if (!json_is_number(s))
		return whole ? "a whole number" : "a number";
	if (str_find(s, 'e', 0) < s.n || str_find(s, 'E', 0) < s.n) {
		if (!whole)
			*good = buf_str(out, s);
		return whole ? "a whole number" : NULL;
	}
	if (!whole) {
		*good = buf_str(out, s) && (point < s.n || buf_z(out, ".0"));
		return NULL;
	}
	for (end += point < s.n; end < s.n; end++)
		if (s.p[end] != '0')
			return "a whole number";
	*good = buf_str(out, str_sub(s, 0, point));
	return NULL;
}

static bool is_text(struct deid_str value)
{
	return value.p[0] == '"';
}

/* A scalar that is no text becomes one by its spelling. */
static const char *cast_text(struct deid_str value, struct buf *out, bool *good)
{
	if (cursor_is_tree(value))
		return "text";
	*good = is_text(value) ? buf_str(out, value) : json_put_string(out, value);
	return NULL;
}

static const char *cast_texts(struct deid_str value, struct buf *out, bool *good)
{
	struct cursor c;
	struct deid_str key, item;
	const char *why = NULL;
	bool first = true;

	if (value.p[0] == '{')
		return "a list of texts";
	if (value.p[0] != '[') {
		*good = buf_c(out, '[');
		why = *good ? cast_text(value, out, good) : NULL;
		*good = *good && buf_c(out, ']');
		return why;
	}
	*good = buf_c(out, '[');
	for (c = cursor_open(value); *good && !why && cursor_next(&c, &key, &item);) {
		if (str_eqz(item, "null"))
			continue;
		*good = first || buf_z(out, ", ");
		first = false;
		if (*good)
			why = cast_text(item, out, good);
	}
	*good = *good && buf_c(out, ']');
	return why ? "a list of texts" : NULL;
}

static const char *cast_by_text(
    const struct container_key *k, struct deid_str value, struct deid_str text, struct buf *out, bool *good)
{
	switch (k->type) {
	case KEY_WORD:
		if (!is_text(value) || !one_of(text, k->words))
			return k->words;
		break;
	case KEY_TIME:
	case KEY_DATE:
		if (is_text(value) && k->type == KEY_DATE && is_date(text))
			break;
		if (!is_text(value) || !(container_is_time(text, ' ') || container_is_time(text, 'T')))
			return k->type == KEY_DATE ? "a date" : "a time such as 2020-02-20 10:30:00+00:00";
		break;
	default:
		return cast_number(str_trim(text), k->type == KEY_INTEGER, out, good);
	}
	*good = buf_str(out, value);
	return NULL;
}

const char *container_cast(const struct container_key *k, struct deid_str value, struct buf *out, bool *good)
{
	struct buf text = {0};
	const char *why;

	*good = true;
	switch (k->type) {
	case KEY_TEXT:
		return cast_text(value, out, good);
	case KEY_TEXTS:
		return cast_texts(value, out, good);
	case KEY_TREE:
		if (!cursor_is_tree(value))
			return "a mapping";
		*good = buf_str(out, value);
		return NULL;
	default:
		break;
	}
	if (cursor_is_tree(value))
		return k->words ? k->words : "one value";
	*good = is_text(value) ? json_unescape(str_sub(value, 1, value.n - 2), &text) : buf_str(&text, value);
	why = *good && text.n ? cast_by_text(k, value, buf_view(&text), out, good) : NULL;
	buf_free(&text);
	return why;
}
