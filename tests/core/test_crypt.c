/* SPDX-License-Identifier: MIT */
#include "core/transform/eax.h"
#include "core/util/base64.h"
#include "core/util/str.h"
#include "tests/support/fakehost.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY "000102030405060708090a0b0c0d0e0f"
#define OTHER "000102030405060708090a0b0c0d0e10"

static void open_with(struct fake *f, const char *action, const char *key)
{
	char yaml[256];

	snprintf(
	    yaml, sizeof yaml, "fake:\n  secret-key: %s\n  fields:\n  - {name: v, %s: true}\n", key, action);
	fake_open(f, yaml);
	cr_assert_eq(f->err.ndiag, 0, "%s", fake_diags(f));
}

static struct deid_value value(enum deid_kind kind, const struct deid_str *text)
{
	struct deid_value v = fake_components(kind, text, 1);

	v.flags = DEID_V_FREE | DEID_V_TYPED;
	return v;
}

/* The plain text inside, by EAX itself. */
static void plain_of(const char *text, char *out, size_t room)
{
	uint8_t key[16], box[512];
	size_t n;

	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)i;
	cr_assert(strlen(text) <= sizeof box);
	cr_assert(base64_decode(str_of(text), box, &n) && n >= 32 && n - 32 < room);
	cr_assert_eq(
	    eax_open((struct eax_text){key, 16}, (struct eax_text){box, 16}, (struct eax_text){key, 0},
		(struct eax_text){box + 32, n - 32}, box + 16, (uint8_t *)out),
	    EAX_OK);
	out[n - 32] = '\0';
}

/* What is encrypted, and what comes back: the same text with the same type. */
Test(crypt, typed_values)
{
	static const struct {
		enum deid_kind kind;
		const char *text, *plain;
	} cases[] = {{DEID_TEXT, "hello", "hello"}, {DEID_TEXT, "12", "\"12\""},
	    {DEID_TEXT, "true", "\"true\""}, {DEID_TEXT, "null", "\"null\""}, {DEID_TEXT, " 12 ", "\" 12 \""},
	    {DEID_TEXT, "12a", "12a"}, {DEID_TEXT, "\"x\"", "\"\\\"x\\\"\""},
	    {DEID_TEXT, "[1]\n", "\"[1]\\n\""}, {DEID_TEXT, "[1", "[1"},
	    {DEID_TEXT, "gr\xc3\xb6\xc3\x9f\x65", "gr\xc3\xb6\xc3\x9f\x65"}, {DEID_INT, "12", "12"},
	    {DEID_REAL, "-1.50e3", "-1.50e3"}, {DEID_BOOL, "false", "false"},
	    {DEID_TREE, "{\"a\": [1,  2]}", "{\"a\": [1,  2]}"}, {DEID_TREE, "[]", "[]"}};
	struct fake enc, dec;

	open_with(&enc, "encrypt", KEY);
	open_with(&dec, "decrypt", KEY);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct deid_str text = str_of(cases[i].text), closed;
		struct deid_value in = value(cases[i].kind, &text);
		struct deid_result out, back;
		char plain[256];

		cr_assert_eq(fake_run(&enc, 0, &in, &out), DEID_OK, "%s", cases[i].text);
		cr_assert_eq(out.value.kind, DEID_TEXT);
		closed = out.value.v[0];
		plain_of(fake_value(&enc, &in), plain, sizeof plain);
		cr_assert_str_eq(plain, cases[i].plain);
		in = value(DEID_TEXT, &closed);
		cr_assert_eq(fake_run(&dec, 0, &in, &back), DEID_OK, "%s", cases[i].text);
		cr_assert_eq(back.value.kind, cases[i].kind, "%s", cases[i].text);
		cr_assert(str_eqz(back.value.v[0], cases[i].text), "%s", cases[i].text);
	}
	fake_close(&enc);
	fake_close(&dec);
}

/* Where a field has no types the text is what it is. */
Test(crypt, untyped_values)
{
	static const char *const cases[] = {"12", "\"x\"", "{}", "a,b"};
	struct fake enc, dec;

	open_with(&enc, "encrypt", KEY);
	open_with(&dec, "decrypt", KEY);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char plain[64];
		const char *closed = fake_text(&enc, cases[i]);

		plain_of(closed, plain, sizeof plain);
		cr_assert_str_eq(plain, cases[i]);
		cr_assert_str_eq(fake_text(&dec, closed), cases[i]);
	}
	fake_close(&enc);
	fake_close(&dec);
}

Test(crypt, a_nonce_for_each_value)
{
	struct fake f;
	char first[128];

	open_with(&f, "encrypt", KEY);
	snprintf(first, sizeof first, "%s", fake_text(&f, "same"));
	for (int i = 0; i < 50; i++)
		cr_assert_neq(memcmp(fake_text(&f, "same"), first, 20), 0);
	fake_close(&f);
}

/* Every bit of nonce, tag and ciphertext counts, and so does the key. */
Test(crypt, never_garbage)
{
	struct fake enc, dec, wrong;
	const char *closed;
	uint8_t box[64];
	size_t n;

	open_with(&enc, "encrypt", KEY);
	open_with(&dec, "decrypt", KEY);
	open_with(&wrong, "decrypt", OTHER);
	closed = fake_text(&enc, "a secret");
	cr_assert_null(fake_text(&wrong, closed));
	cr_assert_eq(wrong.run_err.code, DEID_E_KEY);
	cr_assert(base64_decode(str_of(closed), box, &n));
	for (size_t bit = 0; bit < 8 * n; bit++) {
		char text[BASE64_SIZE(64) + 1] = {0};

		box[bit / 8] ^= (uint8_t)(1 << bit % 8);
		base64_encode(box, n, text);
		cr_assert_null(fake_text(&dec, text), "bit %zu", bit);
		cr_assert_eq(dec.run_err.code, DEID_E_KEY);
		box[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t cut = 0; cut < n; cut++) {
		char text[BASE64_SIZE(64) + 1] = {0};

		base64_encode(box, cut, text);
		if (*text)
			cr_assert_null(fake_text(&dec, text), "%zu bytes", cut);
	}
	cr_assert_null(fake_text(&dec, "plain text"));
	cr_assert_str_eq(fake_text(&dec, closed), "a secret");
	fake_close(&enc);
	fake_close(&dec);
	fake_close(&wrong);
}

Test(crypt, what_cannot_be_encrypted)
{
	struct deid_str text = STR("x");
	struct deid_value in = value(DEID_BYTES, &text);
	struct fake f;

	open_with(&f, "encrypt", KEY);
	cr_assert_null(fake_value(&f, &in));
	cr_assert_eq(f.run_err.code, DEID_E_VALUE);
	in = value(DEID_TREE, &text);
	in.n = 0;
	cr_assert_null(fake_value(&f, &in));
	fake_close(&f);
}

/* ---- which key --------------------------------------------------------------------------------- */

static const char *opens(const char *yaml, const char *closed)
{
	struct fake f;
	const char *got;

	fake_open(&f, yaml);
	cr_assert_eq(f.err.nerrors, 0, "%s", fake_diags(&f));
	got = fake_text(&f, closed) ? "yes" : "no";
	fake_close(&f);
	return got;
}

Test(crypt, the_nearest_key_holds)
{
	struct fake f;
	const char *closed;

	open_with(&f, "encrypt", KEY);
	closed = fake_text(&f, "x");
	cr_assert_str_eq(
	    opens("secret-key: " KEY "\nfake:\n  fields:\n  - {name: v, decrypt: true}\n", closed), "yes");
	cr_assert_str_eq(opens("secret-key: " OTHER "\nfake:\n  secret-key: " KEY
			       "\n  fields:\n  - {name: v, decrypt: true}\n",
			     closed),
	    "yes");
	cr_assert_str_eq(opens("secret-key: " KEY "\nfake:\n  secret-key: " OTHER
			       "\n  fields:\n  - {name: v, decrypt: true}\n",
			     closed),
	    "no");
	cr_assert_str_eq(
	    opens("secret-key: " KEY "\nfake:\n  secret-key: \"\"\n  fields:\n  - {name: v, decrypt: true}\n",
		closed),
	    "yes");
	cr_assert_str_eq(opens("fake:\n  secret-key: " OTHER "\n  fields:\n  - {name: v, decrypt: true, "
			       "secret-key: " KEY "}\n",
			     closed),
	    "yes");
	fake_close(&f);
}

Test(crypt, no_key)
{
	static const char *const cases[] = {"fake:\n  fields:\n  - {name: v, encrypt: true}\n",
	    "fake:\n  secret-key: \"\"\n  fields:\n  - {name: v, decrypt: true}\n",
	    "secret-key: null\nfake:\n  fields:\n  - {name: v, encrypt: true}\n",
	    "typed:\n  secret-key: " KEY "\nfake:\n  fields:\n  - {name: v, encrypt: true}\n"};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake f;

		fake_open(&f, cases[i]);
		cr_assert_eq(f.err.nerrors, 1, "%s", fake_diags(&f));
		cr_assert_not_null(strstr(fake_diags(&f), "has no key"));
		fake_close(&f);
	}
}
