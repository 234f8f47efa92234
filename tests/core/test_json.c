/* SPDX-License-Identifier: MIT */
#include "core/util/json.h"
#include <criterion/criterion.h>
#include <string.h>

Test(json, types)
{
	static const struct {
		const char *text;
		enum json_type type;
	} cases[] = {{"null", JSON_NULL}, {"true", JSON_BOOL}, {" false\n", JSON_BOOL}, {"0", JSON_INT},
	    {"-12", JSON_INT}, {"1.5", JSON_REAL}, {"1e5", JSON_REAL}, {"-0.1E-2", JSON_REAL},
	    {"\"\"", JSON_STRING}, {"\"a b\"", JSON_STRING},
	    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", JSON_STRING}, {"[]", JSON_LIST}, {"[ ]", JSON_LIST},
	    {"[1, [2], {}]", JSON_LIST}, {"{}", JSON_OBJECT},
	    {"{\"a\" : {\"b\":[{},[]]}, \"c\":null}", JSON_OBJECT}, {"\t[\r\n1\n]\n", JSON_LIST},
	    {"", JSON_NONE}, {" ", JSON_NONE}, {"nul", JSON_NONE}, {"nulll", JSON_NONE}, {"True", JSON_NONE},
	    {"01", JSON_NONE}, {"+1", JSON_NONE}, {"1.", JSON_NONE}, {".5", JSON_NONE}, {"1e", JSON_NONE},
	    {"-", JSON_NONE}, {"1 2", JSON_NONE}, {"\"", JSON_NONE}, {"\"a", JSON_NONE},
	    {"\"a\" b", JSON_NONE}, {"\"\\x\"", JSON_NONE}, {"\"\\u12\"", JSON_NONE},
	    {"\"\\u12g4\"", JSON_NONE}, {"\"a\nb\"", JSON_NONE}, {"\"\\", JSON_NONE}, {"[", JSON_NONE},
	    {"]", JSON_NONE}, {"[1", JSON_NONE}, {"[1,]", JSON_NONE}, {"[,1]", JSON_NONE},
	    {"[1 2]", JSON_NONE}, {"[1}", JSON_NONE}, {"{]", JSON_NONE}, {"{a:1}", JSON_NONE},
	    {"{\"a\"}", JSON_NONE}, {"{\"a\":}", JSON_NONE}, {"{\"a\":1,}", JSON_NONE},
	    {"{\"a\":1 \"b\":2}", JSON_NONE}, {"{}{}", JSON_NONE}, {"[]]", JSON_NONE}, {"Doe", JSON_NONE},
	    {"2020-02-20", JSON_NONE}, {"1,5", JSON_NONE}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_assert_eq(json_type_of(str_of(cases[i].text)), cases[i].type, "%s", cases[i].text);
	cr_assert_eq(json_type_of((struct deid_str){"\"\0\"", 3}), JSON_NONE);
	cr_assert_eq(json_type_of((struct deid_str){"\"\\\0\"", 4}), JSON_NONE);
}

/* No text is deep enough to take the stack, and one bracket more than the bound is none. */
Test(json, depth)
{
	char text[2 * JSON_TYPE_DEPTH + 2];

	memset(text, '[', JSON_TYPE_DEPTH);
	memset(text + JSON_TYPE_DEPTH, ']', JSON_TYPE_DEPTH);
	cr_assert_eq(json_type_of((struct deid_str){text, 2 * JSON_TYPE_DEPTH}), JSON_LIST);
	memset(text, '[', JSON_TYPE_DEPTH + 1);
	memset(text + JSON_TYPE_DEPTH + 1, ']', JSON_TYPE_DEPTH + 1);
	cr_assert_eq(json_type_of((struct deid_str){text, sizeof text}), JSON_NONE);
}

Test(json, strings)
{
	static const char *const cases[] = {"", "a", "\"", "\\", "a\nb\tc", "\x01", "gr\xc3\xb6\xc3\x9f\x65",
	    "\xf0\x9f\x98\x80", "12", "{\"a\": \"\\u0041\"}"};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf text = {0}, back = {0};

		cr_assert(json_put_string(&text, str_of(cases[i])));
		cr_assert_eq(json_type_of(buf_view(&text)), JSON_STRING, "%s", cases[i]);
		cr_assert(json_unescape(str_sub(buf_view(&text), 1, text.n - 2), &back));
		cr_assert(str_eqz(buf_view(&back), cases[i]), "%s", cases[i]);
		buf_free(&text);
		buf_free(&back);
	}
}

Test(json, numbers)
{
	static const char *const ints[][2] = {{"7", "7"}, {"007", "7"}, {"+5", "5"}, {"-0", "0"},
	    {"-000", "0"}, {"-012", "-12"},
	    {"123456789012345678901234567890", "123456789012345678901234567890"}};
	static const struct {
		double x;
		const char *text;
	} reals[] = {{0.0, "0.0"}, {-0.0, "-0.0"}, {1.5, "1.5"}, {100.0, "100.0"}, {0.1, "0.1"},
	    {1e16, "1e+16"}, {123456789012345.6, "123456789012345.6"}, {0.0001, "0.0001"}, {1e-5, "1e-05"},
	    {-2.5e-300, "-2.5e-300"}, {5e-324, "5e-324"},
	    {1.7976931348623157e308, "1.7976931348623157e+308"}};

	for (size_t i = 0; i < sizeof ints / sizeof *ints; i++) {
		struct buf b = {0};

		cr_assert(json_put_int(&b, str_of(ints[i][0])));
		cr_expect_str_eq(buf_cstr(&b), ints[i][1]);
		buf_free(&b);
	}
	for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
		struct buf b = {0};

		cr_assert(json_put_real(&b, reals[i].x));
		cr_expect_str_eq(buf_cstr(&b), reals[i].text);
		buf_free(&b);
	}
}
