/* SPDX-License-Identifier: MIT */
/* AES-EAX against the test vectors of the paper (appendix G), and what must be refused. */
#include "core/transform/eax.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct { const char *msg, *key, *nonce, *header, *cipher; } vector[] = {
	{"", "233952DEE4D5ED5F9B9C6D6FF80FF478", "62EC67F9C3A4A407FCB2A8C49031A8B3", "6BFB914FD07EAE6B",
	 "E037830E8389F27B025A2D6527E79D01"},
	{"F7FB", "91945D3F4DCBEE0BF45EF52255F095A4", "BECAF043B0A23D843194BA972C66DEBD", "FA3BFD4806EB53FA",
	 "19DD5C4C9331049D0BDAB0277408F67967E5"},
	{"1A47CB4933", "01F74AD64077F2E704C0F60ADA3DD523", "70C3DB4F0D26368400A10ED05D2BFF5E", "234A3463C1264AC6",
	 "D851D5BAE03A59F238A23E39199DC9266626C40F80"},
	{"481C9E39B1", "D07CF6CBB7F313BDDE66B727AFD3C5E8", "8408DFFF3C1A2B1292DC199E46B7D617", "33CCE2EABFF5A79D",
	 "632A9D131AD4C168A4225D8E1FF755939974A7BEDE"},
	{"40D0C07DA5E4", "35B6D0580005BBC12B0587124557D2C2", "FDB6B06676EEDC5C61D74276E1F8E816", "AEB96EAEBE2970E9",
	 "071DFE16C675CB0677E536F73AFE6A14B74EE49844DD"},
	{"4DE3B35C3FC039245BD1FB7D", "BD8E6E11475E60B268784C38C62FEB22", "6EAC5C93072D8E8513F750935E46DA1B",
	 "D4482D1CA78DCE0F", "835BB4F15D743E350E728414ABB8644FD6CCB86947C5E10590210A4F"},
	{"8B0A79306C9CE7ED99DAE4F87F8DD61636", "7C77D6E813BED5AC98BAA417477A2E7D",
	 "1A8C98DCD73D38393B2BF1569DEEFC19", "65D2017990D62528",
	 "02083E3979DA014812F59F11D52630DA30137327D10649B0AA6E1C181DB617D7F2"},
	{"1BDA122BCE8A8DBAF1877D962B8592DD2D56", "5FFF20CAFAB119CA2FC73549E20F5B0D",
	 "DDE59B97D722156D4D9AFF2BC7559826", "54B9F04E6A09189A",
	 "2EC47B2C4954A489AFC7BA4897EDCDAE8CC33B60450599BD02C96382902AEF7F832A"},
	{"6CF36720872B8513F6EAB1A8A44438D5EF11", "A4A4782BCFFD3EC5E7EF6D8C34A56123",
	 "B781FCF2F75FA5A8DE97A9CA48E522EC", "899A175897561D7E",
	 "0DE18FD0FDD91E7AF19F1D8EE8733938B1E8E7F6D2231618102FDB7FE55FF1991700"},
	{"CA40D7446E545FFAED3BD12A740A659FFBBB3CEAB7", "8395FCF1E95BEBD697BD010BC766AAC3",
	 "22E7ADD93CFC6393C57EC0B3C17D6B44", "126735FCC320D25A",
	 "CB8920F87A6C75CFF39627B56E3ED197C552D295A7CFC46AFC253B4652B1AF3795B124AB6E"},
};
/* clang-format on */

struct bytes {
	uint8_t p[64];
	size_t n;
};

static struct bytes unhex(const char *hex)
{
	struct bytes b = {.n = strlen(hex) / 2};

	cr_assert(b.n <= sizeof b.p);
	for (size_t i = 0; i < b.n; i++) {
		char two[3] = {hex[2 * i], hex[2 * i + 1], 0};

		b.p[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	return b;
}

static struct eax_text text(const struct bytes *b)
{
	return (struct eax_text){b->p, b->n};
}

Test(eax, vectors_of_the_paper_both_ways)
{
	for (size_t i = 0; i < sizeof vector / sizeof vector[0]; i++) {
		struct bytes msg = unhex(vector[i].msg), key = unhex(vector[i].key),
			     nonce = unhex(vector[i].nonce);
		struct bytes header = unhex(vector[i].header), want = unhex(vector[i].cipher),
			     got = {.n = msg.n};
		uint8_t tag[EAX_TAG], back[64];

		cr_assert_eq(
		    eax_seal(text(&key), text(&nonce), text(&header), text(&msg), got.p, tag), EAX_OK);
		cr_assert_arr_eq(got.p, want.p, msg.n, "vector %zu", i);
		cr_assert_arr_eq(tag, want.p + msg.n, EAX_TAG, "tag of vector %zu", i);
		cr_assert_eq(
		    eax_open(text(&key), text(&nonce), text(&header), text(&got), tag, back), EAX_OK);
		cr_assert_arr_eq(back, msg.p, msg.n);
	}
}

Test(eax, any_changed_bit_is_forged_and_nothing_is_written)
{
	struct bytes msg = unhex("00112233445566778899"),
		     key = unhex("000102030405060708090A0B0C0D0E0F1011121314151617");
	struct bytes nonce = unhex("FFEEDDCCBBAA99887766554433221100"), header = {.n = 0}, c = {.n = msg.n};
	uint8_t tag[EAX_TAG], out[16];

	cr_assert_eq(eax_seal(text(&key), text(&nonce), text(&header), text(&msg), c.p, tag), EAX_OK);
	for (size_t bit = 0; bit < 8 * (c.n + EAX_TAG); bit++) {
		uint8_t *byte = bit / 8 < c.n ? &c.p[bit / 8] : &tag[bit / 8 - c.n];

		memset(out, 0xA5, sizeof out);
		*byte ^= (uint8_t)(1u << bit % 8);
		cr_assert_eq(
		    eax_open(text(&key), text(&nonce), text(&header), text(&c), tag, out), EAX_FORGED);
		*byte ^= (uint8_t)(1u << bit % 8);
		for (size_t i = 0; i < sizeof out; i++)
			cr_assert_eq(out[i], 0xA5);
	}
	key.p[0] ^= 1;
	cr_assert_eq(eax_open(text(&key), text(&nonce), text(&header), text(&c), tag, out), EAX_FORGED);
}

Test(eax, a_key_of_another_length_is_refused)
{
	struct bytes k = {.n = 0}, none = {.n = 0};
	uint8_t out[1], tag[EAX_TAG];

	for (k.n = 0; k.n <= 40; k.n++)
		cr_assert_eq(eax_seal(text(&k), text(&k), text(&none), text(&none), out, tag),
		    k.n == 16 || k.n == 24 || k.n == 32 ? EAX_OK : EAX_ERROR);
}
