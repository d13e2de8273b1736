/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "envelope/trailer.h"
#include "fixture.h"

static const uint8_t header_hash[HASH_LEN] = {0x4e};
static uint8_t identity[TRAILER_IDENTITY_MAX + 1];

static struct trailer
good(uint8_t signer_count)
{
	struct trailer t = {
		.sums = {.body_len = 4, .segments = 1, .boxes = 2, .root = {9}},
		.signer_count = signer_count};

	for (uint8_t i = 0; i < TRAILER_SIGNERS_MAX; i++)
		t.signers[i] = (struct signer){.role = (uint8_t)(SIGNER_AUTHOR + i),
			.kind = SIGNER_CREDENTIAL,
			.identity = rd_of(identity, 40)};
	return t;
}

/* Without a question; count may be any. */
static int
parse_raw(const struct trailer *t, size_t count)
{
	struct trailer parsed;
	struct buf raw, out;
	size_t mark;
	int r;

	buf_init(&raw, 2 * TRAILER_LEN_MAX);
	buf_init(&out, TRAILER_LEN_MAX);
	buf_u64(&raw, t->sums.body_len);
	buf_u32(&raw, t->sums.segments);
	buf_u32(&raw, t->sums.boxes);
	buf_bytes(&raw, t->sums.root, HASH_LEN);
	mark = buf_vec_begin(&raw, 2);
	for (size_t i = 0; i < count; i++) {
		const struct signer *s = &t->signers[i % TRAILER_SIGNERS_MAX];

		buf_u8(&raw, s->role);
		buf_u8(&raw, s->kind);
		buf_vec(&raw, 2, s->identity.ptr, s->identity.len);
		buf_bytes(&raw, s->signature, SIGN_LEN);
	}
	buf_vec_end(&raw, mark, 2);
	r = trailer_parse(bytes_of(&raw), &parsed);
	if (r == 0) {
		assert_int_equal(trailer_write(&parsed, &out), 0);
		assert_same_bytes(bytes_of(&out), bytes_of(&raw));
	}
	for (size_t len = 0; len < raw.len && r == 0; len++)
		assert_int_equal(
			trailer_parse(rd_of(raw.data, len), &parsed), FAIL_TRUNCATED);
	buf_u8(&raw, 0);
	assert_int_equal(trailer_parse(bytes_of(&raw), &parsed), FAIL_FORMAT);
	buf_done(&raw);
	buf_done(&out);
	return r;
}

static void
takes_one_or_two_signers(void **state)
{
	struct trailer t = good(2);

	(void)state;
	assert_int_equal(parse_raw(&t, 0), FAIL_FORMAT);
	assert_int_equal(parse_raw(&t, 1), 0);
	assert_int_equal(parse_raw(&t, 2), 0);
	assert_int_equal(parse_raw(&t, 3), FAIL_FORMAT);
	t.signers[0].kind = SIGNER_BARE_KEY;
	t.signers[0].identity.len = SIGN_PUBLIC_LEN;
	assert_int_equal(parse_raw(&t, 1), 0);
	assert_int_equal(parse_raw(&t, 2), FAIL_FORMAT); /* kinds mixed */
	t.signers[1].kind = SIGNER_BARE_KEY;
	t.signers[1].identity.len = SIGN_PUBLIC_LEN;
	assert_int_equal(parse_raw(&t, 2), FAIL_FORMAT); /* bare keys sign alone */
}

static void
refuses_what_a_signer_cannot_be(void **state)
{
	struct trailer t = good(1);

	(void)state;
	for (unsigned role = 0; role < 256; role++) {
		t.signers[0].role = (uint8_t)role;
		assert_int_equal(parse_raw(&t, 1), role == 1 ? 0 : FAIL_FORMAT);
	}
	t = good(2);
	for (unsigned role = 0; role < 256; role++) {
		t.signers[1].role = (uint8_t)role;
		assert_int_equal(parse_raw(&t, 2), role == 2 ? 0 : FAIL_FORMAT);
	}
	t = good(1);
	for (unsigned kind = 0; kind < 256; kind++) {
		t.signers[0].kind = (uint8_t)kind; /* a bare key has 32 bytes, not 40 */
		assert_int_equal(parse_raw(&t, 1), kind == 1 ? 0 : FAIL_FORMAT);
	}
	t = good(1);
	t.signers[0].identity = rd_of(identity, SIGN_PUBLIC_LEN - 1);
	assert_int_equal(parse_raw(&t, 1), FAIL_FORMAT);
	t.signers[0].identity = rd_of(identity, TRAILER_IDENTITY_MAX);
	assert_int_equal(parse_raw(&t, 1), 0);
	t.signers[0].identity = rd_of(identity, TRAILER_IDENTITY_MAX + 1);
	assert_int_equal(parse_raw(&t, 1), FAIL_FORMAT);
}

static void
refuses_counts_that_cannot_be(void **state)
{
	struct trailer t = good(1);
	struct buf out;

	(void)state;
	buf_init(&out, TRAILER_LEN_MAX);
	t.sums.boxes = 3;
	assert_int_equal(parse_raw(&t, 1), FAIL_FORMAT);
	assert_int_equal(trailer_write(&t, &out), FAIL_FORMAT);
	t.sums.boxes = 0;
	t.sums.segments = 0;
	assert_int_equal(parse_raw(&t, 1), FAIL_FORMAT);
	assert_int_equal(trailer_write(&t, &out), FAIL_FORMAT);
	t = good(0);
	assert_int_equal(trailer_write(&t, &out), FAIL_FORMAT);
	t = good(3);
	assert_int_equal(trailer_write(&t, &out), FAIL_FORMAT);
	assert_int_equal(out.len, 0);
	buf_done(&out);
}

static void
compares_every_sum(void **state)
{
	const struct trailer_sums a = good(1).sums;
	struct trailer_sums b = a;

	(void)state;
	assert_int_equal(trailer_compare(&a, &b), 0);
	b.body_len++;
	assert_int_equal(trailer_compare(&a, &b), FAIL_ALTERED);
	b = a;
	b.segments++;
	assert_int_equal(trailer_compare(&a, &b), FAIL_ALTERED);
	b = a;
	b.boxes += 2;
	assert_int_equal(trailer_compare(&a, &b), FAIL_ALTERED);
	for (size_t i = 0; i < HASH_LEN; i++) {
		b = a;
		b.root[i] ^= 0x80;
		assert_int_equal(trailer_compare(&a, &b), FAIL_ALTERED);
	}
}

/* Every byte that is signed counts: prefix apart, header hash, sums, root. */
static void
a_signature_covers_all(void **state)
{
	uint8_t seed[SIGN_SEED_LEN], key[SIGN_PUBLIC_LEN], message[TRAILER_SIGNED_LEN];
	uint8_t other_hash[HASH_LEN] = {0x4f}, envelope_hash[2][HASH_LEN];
	struct trailer t = good(1);

	(void)state;
	fixture_seed("author", 0, seed);
	sign_public(seed, key);
	t.signers[0].kind = SIGNER_BARE_KEY;
	t.signers[0].identity = rd_of(key, sizeof key);
	trailer_signed(header_hash, &t.sums, message);
	assert_memory_equal(message, "valise/v1 envelope", 19);
	sign_message(seed, message, sizeof message, t.signers[0].signature);
	assert_int_equal(trailer_verify_bare(&t, 0, header_hash), 0);
	assert_int_equal(trailer_verify_bare(&t, 0, other_hash), FAIL_SIGNATURE);
	trailer_envelope_hash(header_hash, &t.sums, envelope_hash[0]);
	t.sums.body_len ^= 1;
	assert_int_equal(trailer_verify_bare(&t, 0, header_hash), FAIL_SIGNATURE);
	trailer_envelope_hash(header_hash, &t.sums, envelope_hash[1]);
	assert_memory_not_equal(envelope_hash[0], envelope_hash[1], HASH_LEN);
	t.sums.body_len ^= 1;
	t.sums.root[31] ^= 1;
	assert_int_equal(trailer_verify_bare(&t, 0, header_hash), FAIL_SIGNATURE);
	t.sums.root[31] ^= 1;
	t.signers[0].kind = SIGNER_CREDENTIAL;
	assert_int_equal(trailer_verify_bare(&t, 0, header_hash), FAIL_SIGNATURE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_one_or_two_signers),
		cmocka_unit_test(refuses_what_a_signer_cannot_be),
		cmocka_unit_test(refuses_counts_that_cannot_be),
		cmocka_unit_test(compares_every_sum),
		cmocka_unit_test(a_signature_covers_all),
	};

	return cmocka_run_group_tests(tests, crypto_setup, NULL);
}
