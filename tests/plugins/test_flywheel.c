/* SPDX-License-Identifier: MIT */
/* Types of containers' keys, and the cursor over checked JSON. */
#include "plugins/flywheel/container.h"
#include "plugins/flywheel/cursor.h"

#include <criterion/criterion.h>
#include <stdio.h>

static void casts(int container, const char *key, const char *value, const char *want)
{
	const struct container_key *k = container_key(&containers[container], str_of(key));
	struct buf out = {0};
	bool good;
	const char *why;

	cr_assert(k, "%s", key);
	why = container_cast(k, str_of(value), &out, &good);
	cr_assert(good);
	cr_expect_eq(why == NULL, want != NULL, "%s: %s: %s", key, value, why);
	if (!why && want)
		cr_expect_str_eq(buf_cstr(&out), want, "%s: %s: %s", key, value, out.p);
	buf_free(&out);
}

Test(flywheel, numbers)
{
	static const char *const cases[][3] = {{"7", "7", "7.0"}, {"-7", "-7", "-7.0"}, {"7.0", "7", "7.0"},
	    {"7.50", NULL, "7.50"}, {"0.5", NULL, "0.5"}, {"1e3", NULL, "1e3"}, {"\"7\"", "7", "7.0"},
	    {"\" 7 \"", "7", "7.0"}, {"\"7.25\"", NULL, "7.25"}, {"\"007\"", NULL, NULL}, {"\"\"", "", ""},
	    {"\"x\"", NULL, NULL}, {"true", NULL, NULL}, {"[7]", NULL, NULL}, {"{}", NULL, NULL},
	    {"\"\\u0037\"", "7", "7.0"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		casts(CONTAINER_SESSION, "age", cases[i][0], cases[i][1]);
		casts(CONTAINER_SESSION, "weight", cases[i][0], cases[i][2]);
	}
}

Test(flywheel, words_and_texts)
{
	casts(CONTAINER_SUBJECT, "sex", "\"male\"", "\"male\"");
	casts(CONTAINER_SUBJECT, "sex", "\"m\"", NULL);
	casts(CONTAINER_SUBJECT, "sex", "\"male|female\"", NULL);
	casts(CONTAINER_SUBJECT, "sex", "true", NULL);
	casts(CONTAINER_SUBJECT, "sex", "\"\"", "");
	casts(CONTAINER_SUBJECT, "label", "\"\"", "\"\"");
	casts(CONTAINER_SUBJECT, "label", "007", "\"007\"");
	casts(CONTAINER_SUBJECT, "label", "[]", NULL);
	casts(CONTAINER_SUBJECT, "tags", "[]", "[]");
	casts(CONTAINER_SUBJECT, "tags", "[ \"a\",1 , null, true]", "[\"a\", \"1\", \"true\"]");
	casts(CONTAINER_SUBJECT, "tags", "\"a\"", "[\"a\"]");
	casts(CONTAINER_SUBJECT, "tags", "[{}]", NULL);
	casts(CONTAINER_FILE, "classification", "{\"a\": [1]}", "{\"a\": [1]}");
	casts(CONTAINER_FILE, "info", "7", NULL);
	cr_assert_null(container_key(&containers[CONTAINER_FILE], STR("tags")));
	cr_assert(container_other_key(STR("tags")) && !container_other_key(STR("label|")));
}

Test(flywheel, times)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {{"2020-02-20 10:30:00", true}, {"2020-02-20 10:30:00.5", true},
	    {"2020-02-20 10:30:00.123456", true}, {"2020-02-20 10:30:00.1234567", false},
	    {"2020-02-20 10:30:00.", false}, {"2020-02-20 10:30:00+00:00", true},
	    {"2020-02-20 10:30:00.5-0500", true}, {"2020-02-20 10:30:00Z", true},
	    {"2020-02-20 10:30:00z", false}, {"2020-02-20 10:30:00+0", false}, {"2020-02-20 10:30", false},
	    {"2020-02-20", false}, {"2020-02-20 10:30:00 x", false}, {"2020/02/20 10:30:00", false},
	    {"", false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_eq(
		    container_is_time(str_of(cases[i].text), ' '), cases[i].good, "%s", cases[i].text);
	cr_expect(container_is_time(STR("2020-02-20T10:30:00"), 'T'));
	cr_expect_not(container_is_time(STR("2020-02-20 10:30:00"), 'T'));
}

/* What the cursor meets, as "key=value;". */
static void meets(const char *json, const char *want)
{
	struct cursor c = cursor_open(cursor_value(str_of(json)));
	struct deid_str key, value;
	struct buf out = {0};

	while (cursor_next(&c, &key, &value))
		cr_assert(buf_printf(&out, "%.*s=%.*s;", (int)key.n, key.p, (int)value.n, value.p));
	cr_expect_str_eq(out.n ? buf_cstr(&out) : "", want, "%s", json);
	buf_free(&out);
}

Test(flywheel, cursor)
{
	meets("{}", "");
	meets(" [ ] ", "");
	meets("[1, \"a,]\" ,null]", "=1;=\"a,]\";=null;");
	meets("{\"a\":{\"b\":[1,{}]},\"c\\\"\" : -1.5e3}", "\"a\"={\"b\":[1,{}]};\"c\\\"\"=-1.5e3;");
	meets("\n{\n\t\"a\" :\r\n true }\n", "\"a\"=true;");
	meets("[[],[[]],{}]", "=[];=[[]];={};");
	meets("[\"\\\\\",\"\\u005d\"]", "=\"\\\\\";=\"\\u005d\";");
}
