/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "crypto/crypto.h"

static const uint8_t seed[SIGN_SEED_LEN] = {1, 2, 3};

static struct rd
span(const char *text)
{
	return rd_of(text, strlen(text));
}

/* An acknowledgement: Ana Silva of PT will comply. */
static struct receipt
example(void)
{
	struct receipt r = {.kind = RECEIPT_ACKNOWLEDGED,
		.answer = RECEIPT_WILL_COMPLY,
		.document_id = {7},
		.envelope_hash = {8},
		.member = span("PT"),
		.addressee = span("PT/defence-policy"),
		.officer = span("PT/ana.silva"),
		.time_s = 1795343400,
		.text = span("Wird erledigt: café")};

	return r;
}

static void
write_to(const struct receipt *r, struct buf *b)
{
	buf_init(b, RECEIPT_LEN_MAX);
	assert_int_equal(receipt_write(r, b), 0);
}

static void
test_sign_write_parse_verify(void **state)
{
	uint8_t public_key[SIGN_PUBLIC_LEN], other[SIGN_PUBLIC_LEN] = {0};
	struct receipt r = example(), again;
	struct buf b;

	(void)state;
	sign_public(seed, public_key);
	assert_int_equal(receipt_sign(&r, seed), 0);
	write_to(&r, &b);
	assert_int_equal(receipt_parse(rd_of(b.data, b.len), &again), 0);
	assert_int_equal(again.answer, RECEIPT_WILL_COMPLY);
	assert_memory_equal(again.officer.ptr, "PT/ana.silva", again.officer.len);
	assert_int_equal(receipt_verify(&again, public_key), 0);
	assert_int_equal(receipt_verify(&again, other), FAIL_SIGNER);
	buf_done(&b);
}

/* No bit of a receipt can be turned without notice. */
static void
test_every_bit_counts(void **state)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct receipt r = example(), again;
	struct buf b;

	(void)state;
	sign_public(seed, public_key);
	assert_int_equal(receipt_sign(&r, seed), 0);
	write_to(&r, &b);
	for (size_t i = 0; i < 8 * b.len; i++) {
		b.data[i / 8] ^= (uint8_t)(1u << i % 8);
		if (receipt_parse(rd_of(b.data, b.len), &again) == 0)
			assert_int_not_equal(receipt_verify(&again, public_key), 0);
		b.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (size_t len = 0; len < b.len; len++)
		assert_int_not_equal(receipt_parse(rd_of(b.data, len), &again), 0);
	buf_done(&b);
}

static void
assert_refused(struct receipt r, const char *why)
{
	struct buf b;

	buf_init(&b, RECEIPT_LEN_MAX);
	if (receipt_write(&r, &b) != FAIL_FORMAT || receipt_sign(&r, seed) != FAIL_FORMAT)
		fail_msg("accepted: %s", why);
	buf_done(&b);
}

#define REFUSED(why, field, value)                                                       \
	do {                                                                             \
		struct receipt r = example();                                            \
		r.field = value;                                                         \
		assert_refused(r, why);                                                  \
	} while (0)

static void
test_rules(void **state)
{
	(void)state;
	REFUSED("kind 0", kind, 0);
	REFUSED("kind 6", kind, 6);
	REFUSED("answer 3", answer, 3);
	REFUSED("read with an answer", kind, RECEIPT_READ);
	REFUSED("refused by an officer", kind, RECEIPT_REFUSED);
	REFUSED("no member", member, span(""));
	REFUSED("of another member", member, span("FR"));
	REFUSED("a member that only begins alike", member, span("P"));
	REFUSED("no addressee", addressee, span("PT"));
	REFUSED("addressee elsewhere", addressee, span("FR/duty"));
	REFUSED("nobody acknowledged", officer, span(""));
	REFUSED("an officer of others", officer, span("FR/luc"));
	REFUSED("no time", time_s, 0);
	REFUSED("no such time", time_s, TIME_S_MAX + 1);
	REFUSED("two lines", text, span("a\nb"));
}

/* Every kind with every answer it has, and none beside them. */
static void
test_kinds(void **state)
{
	static const struct {
		const char *text;
		uint8_t first, last;
	} kinds[] = {{NULL, 1, 0}, {"delivered", 0, 0}, {"read", 0, 0},
		{"acknowledged", 0, 2}, {"refused", 1, 7}, {"non-receipt", 1, 3}};

	(void)state;
	assert_null(receipt_kind_text(6));
	for (uint8_t kind = 0; kind < 6; kind++)
		for (uint8_t answer = 0; answer < 9; answer++) {
			bool is_good =
				answer >= kinds[kind].first && answer <= kinds[kind].last;
			struct receipt r = example();
			struct buf b;

			r.kind = kind;
			r.answer = answer;
			if (kind != RECEIPT_READ && kind != RECEIPT_ACKNOWLEDGED)
				r.officer = span("");
			buf_init(&b, RECEIPT_LEN_MAX);
			assert_int_equal(receipt_write(&r, &b) == 0, is_good);
			buf_done(&b);
			if (kinds[kind].text != NULL)
				assert_string_equal(
					receipt_kind_text(kind), kinds[kind].text);
		}
}

/* The clock that ran out may be the originator's. */
static void
test_non_receipt_from_elsewhere(void **state)
{
	struct receipt r = example();

	(void)state;
	r.kind = RECEIPT_NON_RECEIPT;
	r.answer = RECEIPT_NOT_DELIVERED;
	r.officer = span("");
	r.member = span("FR");
	assert_int_equal(receipt_sign(&r, seed), 0);
}

static void
test_largest(void **state)
{
	char member[33], name[65], text[RECEIPT_TEXT_MAX + 2], address[98];
	struct receipt r = example(), again;
	struct buf b;

	(void)state;
	memset(member, 'M', 32);
	memset(name, 'n', 64);
	memset(text, 't', sizeof text);
	memcpy(address, member, 32);
	address[32] = '/';
	memcpy(address + 33, name, 64);
	r.member = rd_of(member, 32);
	r.addressee = rd_of(address, 97);
	r.officer = rd_of(address, 97);
	r.text = rd_of(text, RECEIPT_TEXT_MAX);
	assert_int_equal(receipt_sign(&r, seed), 0);
	write_to(&r, &b);
	assert_int_equal(b.len, RECEIPT_LEN_MAX);
	assert_int_equal(receipt_parse(rd_of(b.data, b.len), &again), 0);
	buf_u8(&b, 0);
	buf_done(&b);
	r.text = rd_of(text, RECEIPT_TEXT_MAX + 1);
	assert_refused(r, "text too long");
}

static void
test_version_and_memory(void **state)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct receipt r = example(), again;
	struct buf b;

	(void)state;
	sign_public(seed, public_key);
	assert_int_equal(receipt_sign(&r, seed), 0);
	write_to(&r, &b);
	b.data[9] = 2;
	assert_int_equal(receipt_parse(rd_of(b.data, b.len), &again), FAIL_VERSION);
	buf_done(&b);
	mem_fail_after(0, true);
	assert_int_equal(receipt_sign(&r, seed), FAIL_NOMEM);
	mem_fail_after(0, true);
	assert_int_equal(receipt_verify(&r, public_key), FAIL_NOMEM);
	mem_fail_never();
}

static int
set_up(void **state)
{
	(void)state;
	return crypto_init();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sign_write_parse_verify),
		cmocka_unit_test(test_every_bit_counts),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_non_receipt_from_elsewhere),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_version_and_memory),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
