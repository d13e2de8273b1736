/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "envelope/schedule.h"
#include "envelope/slot.h"
#include "fixture.h"

static const uint8_t core_hash_a[HASH_LEN] = {1}, core_hash_b[HASH_LEN] = {2};
static const uint8_t secret[SLOT_SECRET_LEN] = {0x5e};

static void
seal(const struct slot_place *place, struct buf *out)
{
	struct kem_public key;
	struct fixture_rng rng;

	fixture_rng_init(&rng, "slot");
	fixture_key(place->suite, "reader", 0, &key);
	assert_int_equal(slot_seal(place, &key, &rng.rng, secret, out), 0);
	assert_int_equal(out->len, slot_len(place->suite));
}

static int
open_as(const struct slot_place *place, const struct buf *slot_bytes, size_t reader)
{
	uint8_t seed[KEM_SEED_LEN], got[SLOT_SECRET_LEN];
	struct slots slots;
	struct slot slot;
	int r;

	assert_int_equal(slots_of(SUITE_1, bytes_of(slot_bytes), 1, 1, &slots), 0);
	slots_at(&slots, 0, &slot);
	fixture_seed("reader", reader, seed);
	if ((r = slot_open(place, &slot, seed, got)) == 0)
		assert_memory_equal(got, secret, sizeof secret);
	return r;
}

static void
opens_in_its_place_only(void **state)
{
	const struct slot_place place = {
		.role = "R", .suite = SUITE_1, .index = 3, .core_hash = core_hash_a};
	struct slot_place wrong;
	struct buf slot;

	(void)state;
	buf_init(&slot, SLOT_LEN_MAX);
	seal(&place, &slot);
	assert_int_equal(open_as(&place, &slot, 0), 0);
	assert_int_equal(open_as(&place, &slot, 1), FAIL_ALTERED);
	wrong = place;
	wrong.role = "S";
	assert_int_equal(open_as(&wrong, &slot, 0), FAIL_ALTERED);
	wrong = place;
	wrong.index = 4;
	assert_int_equal(open_as(&wrong, &slot, 0), FAIL_ALTERED);
	wrong = place;
	wrong.index = 3u << 24;
	assert_int_equal(open_as(&wrong, &slot, 0), FAIL_ALTERED);
	wrong = place;
	wrong.core_hash = core_hash_b;
	assert_int_equal(open_as(&wrong, &slot, 0), FAIL_ALTERED);
	wrong = place;
	wrong.credential_hash = core_hash_b;
	assert_int_equal(open_as(&wrong, &slot, 0), FAIL_ALTERED);
	buf_done(&slot);
}

static void
every_altered_byte_is_refused(void **state)
{
	const struct slot_place place = {
		.role = "S", .suite = SUITE_1, .core_hash = core_hash_a};
	struct buf slot;

	(void)state;
	buf_init(&slot, SLOT_LEN_MAX);
	seal(&place, &slot);
	for (size_t i = 0; i < slot.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			slot.data[i] ^= (uint8_t)(1u << bit);
			assert_int_equal(open_as(&place, &slot, 0), FAIL_ALTERED);
			slot.data[i] ^= (uint8_t)(1u << bit);
		}
	}
	buf_done(&slot);
}

/* An encapsulated key of small order gives a secret that everyone knows. */
static void
refuses_a_point_of_small_order(void **state)
{
	const struct slot_place place = {
		.role = "S", .suite = SUITE_1, .core_hash = core_hash_a};
	struct buf slot;

	(void)state;
	buf_init(&slot, SLOT_LEN_MAX);
	seal(&place, &slot);
	memset(slot.data + KEM_ID_LEN, 0, 32);
	assert_int_equal(open_as(&place, &slot, 0), FAIL_FORMAT);
	slot.data[KEM_ID_LEN] = 1;
	assert_int_equal(open_as(&place, &slot, 0), FAIL_FORMAT);
	buf_done(&slot);
}

static void
vectors_hold_whole_slots(void **state)
{
	static uint8_t bytes[5 * SLOT_LEN_MAX];
	struct slots slots;
	size_t one = slot_len(SUITE_1);

	(void)state;
	assert_int_equal(slot_len(SUITE_1), 112);
	assert_int_equal(slot_len(SUITE_2), 1200);
	assert_int_equal(slots_of(SUITE_1, rd_of(bytes, 3 * one), 1, 3, &slots), 0);
	assert_int_equal(slots.count, 3);
	assert_int_equal(
		slots_of(SUITE_1, rd_of(bytes, 4 * one), 1, 3, &slots), FAIL_FORMAT);
	assert_int_equal(slots_of(SUITE_1, rd_of(bytes, 0), 1, 3, &slots), FAIL_FORMAT);
	assert_int_equal(
		slots_of(SUITE_1, rd_of(bytes, one - 1), 1, 3, &slots), FAIL_FORMAT);
	assert_int_equal(
		slots_of(SUITE_1, rd_of(bytes, one + 1), 1, 3, &slots), FAIL_FORMAT);
	assert_int_equal(
		slots_of(SUITE_2, rd_of(bytes, 3 * one), 1, 3, &slots), FAIL_FORMAT);
	assert_int_equal(slots_of(SUITE_2, rd_of(bytes, 1200), 1, 3, &slots), 0);
	assert_int_equal(slots_of(3, rd_of(bytes, 80), 1, 3, &slots), FAIL_SUITE);
	assert_int_equal(slots_of(0, rd_of(bytes, 80), 1, 3, &slots), FAIL_SUITE);
}

static void
finds_by_halves(void **state)
{
	static uint8_t bytes[9 * 112];
	uint8_t id[KEM_ID_LEN] = {0};
	struct slots slots;
	size_t at;

	(void)state;
	for (size_t i = 0; i < 9; i++)
		bytes[i * 112] = (uint8_t)(10 * i + 5);
	for (size_t n = 1; n <= 9; n++) {
		assert_int_equal(
			slots_of(SUITE_1, rd_of(bytes, n * 112), 1, 9, &slots), 0);
		assert_true(slots_are_ascending(&slots));
		for (unsigned v = 0; v < 100; v++) {
			id[0] = (uint8_t)v;
			if (v % 10 == 5 && v / 10 < n) {
				assert_int_equal(slots_find(&slots, id, &at), 0);
				assert_int_equal(at, v / 10);
			} else {
				assert_int_equal(
					slots_find(&slots, id, &at), FAIL_NO_KEY);
			}
		}
	}
	bytes[3 * 112] = bytes[2 * 112];
	assert_false(slots_are_ascending(&slots));
	bytes[3 * 112]--;
	assert_false(slots_are_ascending(&slots));
}

static void
refuses_a_key_of_another_suite(void **state)
{
	const struct slot_place place = {
		.role = "R", .suite = SUITE_2, .core_hash = core_hash_a};
	struct kem_public key;
	struct fixture_rng rng;
	struct buf out;

	(void)state;
	buf_init(&out, SLOT_LEN_MAX);
	fixture_rng_init(&rng, "slot");
	fixture_key(SUITE_1, "reader", 0, &key);
	assert_int_equal(slot_seal(&place, &key, &rng.rng, secret, &out), FAIL_SUITE);
	assert_int_equal(out.len, 0);
	buf_done(&out);
}

/* Every input of the schedule changes every key, and box keys differ from one another. */
static void
every_secret_counts_in_the_schedule(void **state)
{
	uint8_t id[CORE_DOCUMENT_ID_LEN] = {0}, prk[6][SCHEDULE_LEN],
		v_x[4][SCHEDULE_LEN];
	struct schedule_secrets three = {{1}, {2}, {3}};

	(void)state;
	assert_int_equal(schedule_prk(SUITE_1, id, &three, prk[0]), 0);
	assert_int_equal(schedule_prk(SUITE_2, id, &three, prk[1]), 0);
	id[15] = 1;
	assert_int_equal(schedule_prk(SUITE_1, id, &three, prk[2]), 0);
	id[15] = 0;
	three.r[31] ^= 1;
	assert_int_equal(schedule_prk(SUITE_1, id, &three, prk[3]), 0);
	three.r[31] ^= 1;
	three.s[31] ^= 1;
	assert_int_equal(schedule_prk(SUITE_1, id, &three, prk[4]), 0);
	three.s[31] ^= 1;
	three.v_x[31] ^= 1;
	assert_int_equal(schedule_prk(SUITE_1, id, &three, prk[5]), 0);
	for (size_t i = 0; i < COUNT_OF(prk); i++)
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(prk[i], prk[k], SCHEDULE_LEN);
	assert_int_equal(schedule_v_body(secret, v_x[0]), 0);
	assert_int_equal(schedule_v_box(secret, 0, 0, v_x[1]), 0);
	assert_int_equal(schedule_v_box(secret, 0, 1, v_x[2]), 0);
	assert_int_equal(schedule_v_box(secret, 1u << 24, 0, v_x[3]), 0);
	for (size_t i = 0; i < COUNT_OF(v_x); i++)
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(v_x[i], v_x[k], SCHEDULE_LEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_in_its_place_only),
		cmocka_unit_test(every_altered_byte_is_refused),
		cmocka_unit_test(refuses_a_point_of_small_order),
		cmocka_unit_test(vectors_hold_whole_slots),
		cmocka_unit_test(finds_by_halves),
		cmocka_unit_test(refuses_a_key_of_another_suite),
		cmocka_unit_test(every_secret_counts_in_the_schedule),
	};

	return cmocka_run_group_tests(tests, crypto_setup, NULL);
}
