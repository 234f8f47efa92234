/* SPDX-License-Identifier: MIT */
#include "core/util/base64.h"
#include "core/util/str.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* RFC 4648, section 10. */
Test(base64, vectors)
{
	static const char *const cases[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
	    {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n = strlen(cases[i][0]), back;
		char text[16], bytes[16];

		cr_assert_eq(BASE64_SIZE(n), strlen(cases[i][1]));
		base64_encode(cases[i][0], n, text);
		cr_assert_eq(memcmp(text, cases[i][1], BASE64_SIZE(n)), 0, "%s", cases[i][0]);
		cr_assert(base64_decode(str_of(cases[i][1]), bytes, &back));
		cr_assert_eq(back, n);
		cr_assert_eq(memcmp(bytes, cases[i][0], n), 0);
	}
}

Test(base64, every_byte_comes_back)
{
	unsigned char bytes[259], back[262];
	char text[BASE64_SIZE(259)];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * 7);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		size_t got;

		base64_encode(bytes, n, text);
		cr_assert(base64_decode((struct deid_str){text, BASE64_SIZE(n)}, back, &got));
		cr_assert_eq(got, n);
		cr_assert_eq(memcmp(bytes, back, n), 0);
	}
}

/* What has no bytes, and second spellings of some. */
Test(base64, refused)
{
	static const char *const cases[] = {"Zg", "Zg=", "Zm9v=", "=", "====", "Z===", "Zg==Zg==", "Zm9v\n",
	    " Zm9v", "Zm-v", "Zm_v", "Zh==", "Zm9=", "Zm\0v", "Z=9v", "not base64!"};
	char out[16];
	size_t n;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_assert_not(base64_decode(str_of(cases[i]), out, &n), "%s", cases[i]);
	cr_assert_not(base64_decode((struct deid_str){"Zm\0v", 4}, out, &n));
}
