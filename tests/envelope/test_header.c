/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include <stdbool.h>

#include "envelope/segment.h"
#include "fixture.h"
#include "verifier.h"

/*
 * Headers and whole envelopes, honest ones: what is sealed opens again, in every shape that
 * the format has, and header_seal() writes what docs/format/envelope.md says, which the
 * fixture's own assembly repeats from the page.
 */

static struct verdict
seal_and_open(const struct fixture_spec *spec)
{
	struct verdict verdict;
	struct verifier v;
	struct sealed sealed;

	fixture_sealed(spec, &sealed);
	verifier_init(&v);
	v.is_raw = spec->is_raw;
	verdict = verifier_run(&v, bytes_of(&sealed.bytes));
	if (verdict.r == 0 && spec->body_len > 0)
		assert_int_equal(v.plain.len, spec->body_len);
	if (verdict.r == 0 && !spec->is_raw)
		assert_non_null(memmem(v.plain.data, v.plain.len, spec->text, 16));
	verifier_done(&v);
	sealed_done(&sealed);
	return verdict;
}

static void
assert_opens(const struct fixture_spec *spec)
{
	struct verdict verdict = seal_and_open(spec);

	assert_answer(stage_text(verdict.stage), "opening", verdict.r, 0);
}

static void
bodies_of_every_size(uint16_t suite)
{
	static const size_t sizes[] = {0, 1, 100, SEGMENT_PLAIN_MAX - 1,
		SEGMENT_PLAIN_MAX, SEGMENT_PLAIN_MAX + 1, 2 * SEGMENT_PLAIN_MAX,
		3 * SEGMENT_PLAIN_MAX + 77};
	struct fixture_spec spec = fixture_solo();

	spec.suite = suite;
	assert_opens(&spec);
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		spec.body_len = sizes[i];
		spec.is_raw = sizes[i] < 100;
		assert_opens(&spec);
	}
}

static void
opens_solo_bodies_of_every_size(void **state)
{
	(void)state;
	bodies_of_every_size(SUITE_1);
}

static void
opens_solo_in_suite_2(void **state)
{
	(void)state;
	if (!crypto_has_suite(SUITE_2))
		skip();
	bodies_of_every_size(SUITE_2);
}

static void
communities(uint16_t suite)
{
	for (uint8_t n = 1; n <= CORE_CUSTODIANS_MAX; n++) {
		struct fixture_spec spec = fixture_members((uint8_t)((n + 1) / 2), n);

		spec.suite = suite;
		spec.pairs = n % 3;
		assert_opens(&spec);
	}
}

static void
opens_with_1_to_16_custodians(void **state)
{
	(void)state;
	communities(SUITE_1);
}

static void
opens_communities_in_suite_2(void **state)
{
	(void)state;
	if (!crypto_has_suite(SUITE_2))
		skip();
	communities(SUITE_2);
}

/* Suite 2 without its library is refused when sealing, and nothing is half written. */
static void
refuses_a_suite_it_lacks(void **state)
{
	struct fixture_spec spec = fixture_solo();
	struct kem_public key;

	(void)state;
	if (crypto_has_suite(SUITE_2))
		skip();
	fixture_seed("reader", 0, key.bytes);
	assert_int_equal(kem_public_of_seed(SUITE_2, key.bytes, &key), FAIL_SUITE);
	spec.suite = SUITE_1;
	assert_opens(&spec);
}

static void
opens_with_subject_parts_and_boxes(void **state)
{
	struct fixture_spec spec = fixture_members(2, 3);

	(void)state;
	spec.attachments = 26;
	spec.pairs = 40;
	spec.flags = CORE_FLASH | CORE_CONTROLLED;
	spec.precedence = PRECEDENCE_FLASH;
	assert_opens(&spec);
	spec = fixture_solo();
	spec.pairs = 3;
	assert_opens(&spec);
	spec = fixture_members(1, 1);
	spec.rule = CORE_RULE_INTERNAL;
	spec.signers = 1;
	assert_opens(&spec);
}

static void
each_copy_gets_the_wordings_of_its_keys(void **state)
{
	struct fixture_spec spec = fixture_members(2, 3);
	char text[FIXTURE_WORDING_MAX];
	struct verifier v;
	struct sealed sealed;
	struct rd in, one;

	(void)state;
	spec.pairs = BOX_PAIRS_MAX;
	fixture_sealed(&spec, &sealed);
	verifier_init(&v);
	assert_int_equal(verifier_run(&v, bytes_of(&sealed.bytes)).r, 0);
	in = bytes_of(&v.wordings);
	for (uint32_t i = 0; i < spec.pairs; i++) {
		assert_int_equal(rd_vec16(&in, 1, FIXTURE_WORDING_MAX, &one), 0);
		assert_same_bytes(one, rd_of(text, fixture_wording(i, i % 2, text)));
	}
	assert_int_equal(in.len, 0);
	verifier_done(&v);
	sealed_done(&sealed);
}

static void
every_reader_opens(void **state)
{
	struct fixture_spec spec = fixture_members(2, 2);
	struct verifier v;
	struct sealed sealed;

	(void)state;
	spec.readers = 40;
	fixture_sealed(&spec, &sealed);
	verifier_init(&v);
	for (v.reader = 0; v.reader < spec.readers; v.reader++)
		assert_int_equal(verifier_run(&v, bytes_of(&sealed.bytes)).r, 0);
	assert_int_equal(verifier_run(&v, bytes_of(&sealed.bytes)).r, FAIL_NO_KEY);
	verifier_done(&v);
	sealed_done(&sealed);
}

static void
takes_4096_readers(void **state)
{
	struct fixture_spec spec = fixture_solo();
	struct verifier v;
	struct sealed sealed;
	struct fixture_rng rng;

	(void)state;
	spec.readers = SLOT_READERS_MAX;
	fixture_sealed(&spec, &sealed);
	assert_int_equal(sealed.at[PART_SV] - sealed.at[PART_R],
		3 + SLOT_READERS_MAX * slot_len(SUITE_1));
	verifier_init(&v);
	v.reader = 4095;
	assert_int_equal(verifier_run(&v, bytes_of(&sealed.bytes)).r, 0);
	verifier_done(&v);
	sealed_done(&sealed);

	sealed_init(&sealed);
	fixture_rng_init(&rng, "one too many");
	spec.readers++;
	assert_int_equal(fixture_header(&spec, &rng.rng, &sealed.bytes, &sealed.secrets),
		FAIL_LIMIT);
	spec.readers = 0;
	assert_int_equal(fixture_header(&spec, &rng.rng, &sealed.bytes, &sealed.secrets),
		FAIL_LIMIT);
	assert_int_equal(sealed.bytes.len, 0);
	sealed_done(&sealed);
}

/* The page and the code agree on every byte. */
static void
is_the_header_of_the_page(void **state)
{
	struct fixture_spec specs[] = {
		fixture_solo(), fixture_members(1, 1), fixture_members(3, 5)};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(specs); i++) {
		struct sealed room, hand;

		fixture_sealed(&specs[i], &room);
		specs[i].is_by_hand = true;
		fixture_sealed(&specs[i], &hand);
		assert_same_bytes(bytes_of(&room.bytes), bytes_of(&hand.bytes));
		assert_memory_equal(&room.secrets, &hand.secrets, sizeof room.secrets);
		sealed_done(&room);
		sealed_done(&hand);
	}
}

static void
a_reader_given_twice_counts_once(void **state)
{
	struct kem_public keys[3], solo;
	struct header_plan plan = {.readers = keys,
		.reader_count = 3,
		.custodians = &solo,
		.originator = &solo,
		.core = {.suite = SUITE_1, .threshold = 1, .custodian_count = 1}};
	struct fixture_spec spec = fixture_solo();
	struct header_secrets secrets;
	struct buf label, addressing, out;
	struct fixture_rng rng;
	struct header header;
	size_t len;

	(void)state;
	buf_init(&label, CORE_LABEL_MAX);
	buf_init(&addressing, ADDRESSING_LEN_MAX);
	buf_init(&out, HEADER_LEN_MAX);
	fixture_rng_init(&rng, "twice");
	assert_int_equal(fixture_label(&label), 0);
	assert_int_equal(fixture_addressing(&spec, &addressing), 0);
	plan.core.label = bytes_of(&label);
	plan.addressing = bytes_of(&addressing);
	fixture_key(SUITE_1, "solo", 0, &solo);
	fixture_key(SUITE_1, "reader", 0, &keys[0]);
	fixture_key(SUITE_1, "reader", 1, &keys[1]);
	keys[2] = keys[0];
	assert_int_equal(header_seal(&plan, &rng.rng, &out, &secrets), 0);
	assert_int_equal(header_parse(bytes_of(&out), &header, &len), 0);
	assert_int_equal(header.r.count, 2);
	assert_int_equal(len, out.len);

	/* What could never be read again is not sealed. */
	buf_clear(&out);
	plan.core.flags = CORE_FLASH;
	assert_int_equal(header_seal(&plan, &rng.rng, &out, &secrets), FAIL_FORMAT);
	plan.core.flags = 0;
	plan.addressing.len--;
	assert_int_equal(header_seal(&plan, &rng.rng, &out, &secrets), FAIL_FORMAT);
	plan.addressing.len++;
	plan.core.custodian_count = 0;
	assert_int_equal(header_seal(&plan, &rng.rng, &out, &secrets), FAIL_LIMIT);
	plan.core.custodian_count = CORE_CUSTODIANS_MAX + 1;
	assert_true(header_seal(&plan, &rng.rng, &out, &secrets) != 0);
	plan.core.custodian_count = 1;
	keys[1].suite = SUITE_2;
	assert_int_equal(header_seal(&plan, &rng.rng, &out, &secrets), FAIL_SUITE);
	header_secrets_wipe(&secrets);
	buf_done(&label);
	buf_done(&addressing);
	buf_done(&out);
}

/* In pieces of any size the answer is "more", until it is the whole. */
static void
parses_a_header_that_arrives_in_pieces(void **state)
{
	struct fixture_spec spec = fixture_members(2, 3);
	struct header header;
	struct sealed sealed;
	size_t len;

	(void)state;
	fixture_sealed(&spec, &sealed);
	for (size_t have = 0; have < sealed.at[PART_SEGMENTS]; have++)
		assert_int_equal(
			header_parse(rd_of(sealed.bytes.data, have), &header, &len),
			FAIL_TRUNCATED);
	for (size_t more = 0; more < 3; more++) {
		size_t have = sealed.at[PART_SEGMENTS] + more;

		assert_int_equal(
			header_parse(rd_of(sealed.bytes.data, have), &header, &len), 0);
		assert_int_equal(len, sealed.at[PART_SEGMENTS]);
		assert_memory_equal(header.hash, sealed.secrets.hash, HASH_LEN);
	}
	sealed_done(&sealed);
}

static int
solo_key(const char *reader, const char *custody, const struct header *header)
{
	struct header_keyring ring = {.reader_count = 1};
	uint8_t reader_id[1][KEM_ID_LEN], custody_id[KEM_ID_LEN], key[SCHEDULE_LEN];
	struct kem_public public_key;

	fixture_key(SUITE_1, reader, 0, &public_key);
	kem_id(&public_key, reader_id[0]);
	fixture_key(SUITE_1, custody, 0, &public_key);
	kem_id(&public_key, custody_id);
	ring.reader_ids = reader_id;
	ring.custody_id = custody_id;
	return header_open_solo(header, &ring, key);
}

/* No key is asked to unwrap what is not its own: unwrap is NULL and never called. */
static void
solo_keys_open_solo_only(void **state)
{
	struct fixture_spec spec = fixture_members(1, 1);
	struct header header;
	struct sealed sealed;
	size_t len;

	(void)state;
	fixture_sealed(&spec, &sealed);
	assert_int_equal(header_parse(bytes_of(&sealed.bytes), &header, &len), 0);
	assert_int_equal(solo_key("reader", "originator", &header), FAIL_REFUSED);
	sealed_done(&sealed);
	spec = fixture_solo();
	fixture_sealed(&spec, &sealed);
	assert_int_equal(header_parse(bytes_of(&sealed.bytes), &header, &len), 0);
	assert_int_equal(solo_key("stranger", "solo", &header), FAIL_NO_KEY);
	sealed_done(&sealed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_solo_bodies_of_every_size),
		cmocka_unit_test(opens_solo_in_suite_2),
		cmocka_unit_test(opens_with_1_to_16_custodians),
		cmocka_unit_test(opens_communities_in_suite_2),
		cmocka_unit_test(refuses_a_suite_it_lacks),
		cmocka_unit_test(opens_with_subject_parts_and_boxes),
		cmocka_unit_test(each_copy_gets_the_wordings_of_its_keys),
		cmocka_unit_test(every_reader_opens),
		cmocka_unit_test(takes_4096_readers),
		cmocka_unit_test(is_the_header_of_the_page),
		cmocka_unit_test(a_reader_given_twice_counts_once),
		cmocka_unit_test(parses_a_header_that_arrives_in_pieces),
		cmocka_unit_test(solo_keys_open_solo_only),
	};

	return cmocka_run_group_tests(tests, crypto_setup, NULL);
}
