/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "envelope/box.h"
#include "fixture.h"

static const uint8_t header_hash[HASH_LEN] = {0x4e};
static const uint8_t prk[SCHEDULE_LEN] = {0x01}, other_prk[SCHEDULE_LEN] = {0x02};
static uint8_t text[BOX_TEXT_MAX + 1];

static void
opens_to_what_was_sealed(void **state)
{
	static const size_t sizes[][2] = {{0, 0}, {0, 1}, {1, 1}, {5, 9}, {300, 70},
		{BOX_TEXT_MAX, BOX_TEXT_MAX}, {1, BOX_TEXT_MAX}};
	struct box_at at = {.header_hash = header_hash, .pair = 7, .b = 1};

	(void)state;
	memset(text, 'w', sizeof text);
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		size_t max = sizes[i][0] > sizes[i][1] ? sizes[i][0] : sizes[i][1];
		struct buf box, out;

		buf_init(&box, BOX_LEN_MAX);
		buf_init(&out, BOX_TEXT_MAX);
		assert_int_equal(
			box_seal(at, prk, rd_of(text, sizes[i][0]), max, &box), 0);
		assert_int_equal(box.len, BOX_LEN_MIN + max);
		assert_int_equal(box_open(at, prk, bytes_of(&box), &out), 0);
		assert_same_bytes(bytes_of(&out), rd_of(text, sizes[i][0]));
		buf_done(&box);
		buf_done(&out);
	}
}

static void
opens_only_in_its_place(void **state)
{
	struct box_at at = {.header_hash = header_hash, .pair = 7, .b = 1}, wrong;
	struct buf box, out;

	(void)state;
	buf_init(&box, BOX_LEN_MAX);
	buf_init(&out, BOX_TEXT_MAX);
	assert_int_equal(box_seal(at, prk, TEXT("at once"), 20, &box), 0);
	wrong = at;
	wrong.pair = 8;
	assert_int_equal(box_open(wrong, prk, bytes_of(&box), &out), FAIL_ALTERED);
	wrong = at;
	wrong.b = 0;
	assert_int_equal(box_open(wrong, prk, bytes_of(&box), &out), FAIL_ALTERED);
	wrong = at;
	wrong.header_hash = text;
	assert_int_equal(box_open(wrong, prk, bytes_of(&box), &out), FAIL_ALTERED);
	assert_int_equal(box_open(at, other_prk, bytes_of(&box), &out), FAIL_COMMITMENT);
	assert_int_equal(out.len, 0);
	buf_done(&box);
	buf_done(&out);
}

static void
every_altered_byte_is_refused(void **state)
{
	struct box_at at = {.header_hash = header_hash};
	struct buf box, out;

	(void)state;
	buf_init(&box, BOX_LEN_MAX);
	buf_init(&out, BOX_TEXT_MAX);
	assert_int_equal(box_seal(at, prk, TEXT("at once"), 20, &box), 0);
	for (size_t i = 0; i < box.len; i++) {
		box.data[i] ^= 0x10;
		assert_int_equal(box_open(at, prk, bytes_of(&box), &out),
			i < HASH_LEN ? FAIL_COMMITMENT : FAIL_ALTERED);
		box.data[i] ^= 0x10;
	}
	for (size_t len = 0; len < box.len; len++)
		assert_int_equal(box_open(at, prk, rd_of(box.data, len), &out),
			len < BOX_LEN_MIN ? FAIL_FORMAT : FAIL_ALTERED);
	assert_int_equal(out.len, 0);
	buf_done(&box);
	buf_done(&out);
}

/* A box as an author makes it who pads with something else, or lies about the length. */
static void
seal_plain(const uint8_t *key_prk, const uint8_t *plain, size_t len, struct buf *out)
{
	uint8_t commitment[HASH_LEN], key[SCHEDULE_LEN], aad[HASH_LEN + 5] = {0};
	const uint8_t nonce[AEAD_NONCE_LEN] = {0};
	struct aead *aead = NULL;
	uint8_t *at;

	memcpy(aad, header_hash, HASH_LEN);
	assert_int_equal(schedule_key(key_prk, "commit", commitment), 0);
	assert_int_equal(schedule_key(key_prk, "box", key), 0);
	assert_int_equal(aead_new(key, &aead), 0);
	buf_bytes(out, commitment, HASH_LEN);
	at = buf_extend(out, len + AEAD_TAG_LEN);
	assert_non_null(at);
	assert_int_equal(aead_seal(aead, nonce, aad, sizeof aad, plain, len, at), 0);
	aead_free(aead);
}

static void
refuses_padding_that_is_not_zero(void **state)
{
	static const struct {
		const char *plain;
		size_t len;
		int want;
	} rows[] = {{"\0\0\3now\0\0", 8, 0}, {"\0\0\3now\0x", 8, FAIL_FORMAT},
		{"\0\0\3now\1\0", 8, FAIL_FORMAT}, {"\0\0\6now\0\0", 8, FAIL_FORMAT},
		{"\xff\xff\xffnow\0\0", 8, FAIL_FORMAT}, {"\0\0\0", 3, 0},
		{"\0\0\1", 3, FAIL_FORMAT}, {"\0\0\5now\0\0", 8, 0}};
	struct box_at at = {.header_hash = header_hash};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf box, out;

		buf_init(&box, BOX_LEN_MAX);
		buf_init(&out, BOX_TEXT_MAX);
		seal_plain(prk, (const uint8_t *)rows[i].plain, rows[i].len, &box);
		assert_int_equal(box_open(at, prk, bytes_of(&box), &out), rows[i].want);
		buf_done(&box);
		buf_done(&out);
	}
}

/*
 * GCM alone would let an author make one ciphertext that opens under two keys.  Here the
 * bytes under another key's commitment are genuine ciphertext of the first: whichever of the
 * two commitments stands before it, only one key gets past.
 */
static void
opens_one_way_only(void **state)
{
	struct box_at at = {.header_hash = header_hash};
	struct buf box, other, out;

	(void)state;
	buf_init(&box, BOX_LEN_MAX);
	buf_init(&other, BOX_LEN_MAX);
	buf_init(&out, BOX_TEXT_MAX);
	assert_int_equal(box_seal(at, prk, TEXT("at once"), 7, &box), 0);
	assert_int_equal(box_seal(at, other_prk, TEXT("never  "), 7, &other), 0);
	assert_int_equal(box_open(at, other_prk, bytes_of(&box), &out), FAIL_COMMITMENT);
	memcpy(box.data, other.data, HASH_LEN); /* the other key's commitment */
	assert_int_equal(box_open(at, prk, bytes_of(&box), &out), FAIL_COMMITMENT);
	assert_int_equal(box_open(at, other_prk, bytes_of(&box), &out), FAIL_ALTERED);
	buf_done(&box);
	buf_done(&other);
	buf_done(&out);
}

static void
keeps_its_limits(void **state)
{
	struct box_at at = {.header_hash = header_hash};
	struct buf box;

	(void)state;
	buf_init(&box, BOX_LEN_MAX + 10);
	assert_int_equal(box_seal(at, prk, rd_of(text, 5), 4, &box), FAIL_LIMIT);
	assert_int_equal(
		box_seal(at, prk, rd_of(text, 5), BOX_TEXT_MAX + 1, &box), FAIL_LIMIT);
	assert_int_equal(box.len, 0);
	buf_done(&box);
	buf_init(&box, 40); /* no room */
	assert_int_equal(box_seal(at, prk, rd_of(text, 5), 5, &box), FAIL_LIMIT);
	buf_done(&box);
}

static int
parse_pair(size_t len0, size_t len1, size_t cut)
{
	static uint8_t file[2 * (BOX_LEN_MAX + 8)];
	struct rd boxes[2], in;
	struct buf out;
	int r;

	buf_init(&out, sizeof file);
	buf_vec(&out, 3, file, len0);
	buf_vec(&out, 3, file, len1);
	in = rd_of(out.data, out.len - cut);
	r = box_parse_pair(&in, boxes);
	if (r == 0) {
		struct buf again;

		buf_init(&again, sizeof file);
		box_write_pair(boxes, &again);
		assert_same_bytes(bytes_of(&again), bytes_of(&out));
		buf_done(&again);
	}
	assert_int_equal(in.len, r == 0 ? 0 : out.len - cut);
	buf_done(&out);
	return r;
}

static void
pairs_are_equally_long(void **state)
{
	(void)state;
	assert_int_equal(parse_pair(BOX_LEN_MIN, BOX_LEN_MIN, 0), 0);
	assert_int_equal(parse_pair(BOX_LEN_MAX, BOX_LEN_MAX, 0), 0);
	assert_int_equal(parse_pair(BOX_LEN_MIN, BOX_LEN_MIN + 1, 0), FAIL_FORMAT);
	assert_int_equal(parse_pair(BOX_LEN_MIN - 1, BOX_LEN_MIN - 1, 0), FAIL_FORMAT);
	assert_int_equal(parse_pair(BOX_LEN_MAX + 1, BOX_LEN_MAX + 1, 0), FAIL_FORMAT);
	for (size_t cut = 1; cut <= 2 * (3 + BOX_LEN_MIN); cut++)
		assert_int_equal(
			parse_pair(BOX_LEN_MIN, BOX_LEN_MIN, cut), FAIL_TRUNCATED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_to_what_was_sealed),
		cmocka_unit_test(opens_only_in_its_place),
		cmocka_unit_test(every_altered_byte_is_refused),
		cmocka_unit_test(refuses_padding_that_is_not_zero),
		cmocka_unit_test(opens_one_way_only),
		cmocka_unit_test(keeps_its_limits),
		cmocka_unit_test(pairs_are_equally_long),
	};

	return cmocka_run_group_tests(tests, crypto_setup, NULL);
}
