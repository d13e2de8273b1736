/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "envelope/segment.h"

static const uint8_t key[AEAD_KEY_LEN] = {7}, header_hash[HASH_LEN] = {8};
static uint8_t plain[SEGMENT_PLAIN_MAX], frame[SEGMENT_FRAME_MAX], out[SEGMENT_PLAIN_MAX];

static void
opens_at_its_number_only(void **state)
{
	const struct segment_at at = {.index = 0x01020304, .is_last = true};
	const struct segment_at wrong[] = {{0x01020304, false}, {0x01020305, true},
		{0x02020304, true}, {0, true}, {UINT32_MAX, true}};
	uint8_t other_hash[HASH_LEN] = {9};
	struct aead *aead = NULL;
	size_t len, sealed_len;
	bool is_last;

	(void)state;
	memcpy(plain, "at dawn", 7);
	assert_int_equal(aead_new(key, &aead), 0);
	assert_int_equal(segment_seal(aead, header_hash, at, plain, 7, frame, &len), 0);
	assert_int_equal(len, SEGMENT_FRAME_HEAD + 7 + AEAD_TAG_LEN);
	assert_int_equal(segment_head(frame, at.index, &is_last, &sealed_len), 0);
	assert_true(is_last);
	assert_int_equal(sealed_len, 7 + AEAD_TAG_LEN);
	assert_int_equal(segment_open(aead, header_hash, at, frame + SEGMENT_FRAME_HEAD,
				 sealed_len, out),
		0);
	assert_memory_equal(out, "at dawn", 7);
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_int_equal(segment_open(aead, header_hash, wrong[i],
					 frame + SEGMENT_FRAME_HEAD, sealed_len, out),
			FAIL_ALTERED);
	assert_int_equal(segment_open(aead, other_hash, at, frame + SEGMENT_FRAME_HEAD,
				 sealed_len, out),
		FAIL_ALTERED);
	aead_free(aead);
}

static int
head(uint8_t last, uint32_t len, uint32_t index)
{
	const uint8_t bytes[SEGMENT_FRAME_HEAD] = {
		last, (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
	size_t sealed_len = 0;
	bool is_last = false;
	int r = segment_head(bytes, index, &is_last, &sealed_len);

	if (r == 0) {
		assert_int_equal(sealed_len, len);
		assert_int_equal(is_last, last);
	}
	return r;
}

/* Full unless last; empty only when it is the only one. */
static void
refuses_lengths_that_cannot_be(void **state)
{
	const uint32_t full = SEGMENT_SEALED_MAX;

	(void)state;
	assert_int_equal(head(0, full, 0), 0);
	assert_int_equal(head(0, full, UINT32_MAX - 1), 0);
	assert_int_equal(head(1, full, 0), 0);
	assert_int_equal(head(1, AEAD_TAG_LEN, 0), 0);
	assert_int_equal(head(1, AEAD_TAG_LEN + 1, 5), 0);
	assert_int_equal(head(1, AEAD_TAG_LEN, 1), FAIL_FORMAT);
	assert_int_equal(head(1, AEAD_TAG_LEN - 1, 0), FAIL_FORMAT);
	assert_int_equal(head(1, 0, 0), FAIL_FORMAT);
	assert_int_equal(head(1, full + 1, 0), FAIL_FORMAT);
	assert_int_equal(head(1, 0xffffff, 0), FAIL_FORMAT);
	assert_int_equal(head(0, full - 1, 0), FAIL_FORMAT);
	assert_int_equal(head(0, AEAD_TAG_LEN, 0), FAIL_FORMAT);
	for (unsigned last = 2; last < 256; last++)
		assert_int_equal(head((uint8_t)last, full, 0), FAIL_FORMAT);
}

static void
seals_full_and_empty_segments(void **state)
{
	static const struct {
		struct segment_at at;
		size_t len;
	} rows[] = {{{0, true}, 0}, {{0, true}, SEGMENT_PLAIN_MAX},
		{{0, false}, SEGMENT_PLAIN_MAX}, {{9, true}, 1}};
	struct aead *aead = NULL;
	size_t len, sealed_len;
	bool is_last;

	(void)state;
	assert_int_equal(aead_new(key, &aead), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(segment_seal(aead, header_hash, rows[i].at, plain,
					 rows[i].len, frame, &len),
			0);
		assert_int_equal(
			segment_head(frame, rows[i].at.index, &is_last, &sealed_len), 0);
		assert_int_equal(is_last, rows[i].at.is_last);
		assert_int_equal(segment_open(aead, header_hash, rows[i].at,
					 frame + SEGMENT_FRAME_HEAD, sealed_len, out),
			0);
		assert_memory_equal(out, plain, rows[i].len);
	}
	aead_free(aead);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_at_its_number_only),
		cmocka_unit_test(refuses_lengths_that_cannot_be),
		cmocka_unit_test(seals_full_and_empty_segments),
	};

	return cmocka_run_group_tests(tests, crypto_setup, NULL);
}
