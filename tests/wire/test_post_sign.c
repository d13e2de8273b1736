/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/crypto.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "wire/post_sign.h"

static const uint8_t key_id[32] = {7}, nonce[16] = {9};

static struct post_signed
request(void)
{
	return (struct post_signed){.version = 1,
		.key_kind = POST_BY_CREDENTIAL,
		.key_id = key_id,
		.time_s = 0x0102030405060708,
		.nonce = nonce,
		.body = rd_of("body", 4)};
}

static void
message(const char *path, const struct post_signed *s, uint8_t *ret_hash)
{
	struct buf out;

	buf_init(&out, POST_SIGNED_MESSAGE_MAX);
	post_signed_message(rd_of(path, strlen(path)), s, &out);
	assert_int_equal(buf_error(&out), 0);
	hash_sha256(out.data, out.len, ret_hash);
	buf_done(&out);
}

/* The layout, byte by byte: client and station may be of different versions. */
static void
test_layout(void **ctx)
{
	static const char head[] = "valise/v1 client\0\005inbox\001\007";
	const struct post_signed s = request();
	uint8_t body[HASH_LEN];
	struct buf out;

	(void)ctx;
	hash_sha256("body", 4, body);
	buf_init(&out, POST_SIGNED_MESSAGE_MAX);
	post_signed_message(rd_of("inbox", 5), &s, &out);
	assert_int_equal(buf_error(&out), 0);
	assert_int_equal(out.len, 17 + 6 + 1 + 32 + 8 + 16 + 32);
	assert_memory_equal(out.data, head, sizeof head - 1);
	assert_memory_equal(out.data + 56, "\001\002\003\004\005\006\007\010", 8);
	assert_memory_equal(out.data + 64, nonce, sizeof nonce);
	assert_memory_equal(out.data + 80, body, sizeof body);
	buf_done(&out);
}

/* Whatever changes, the signature is of something else. */
static void
test_everything_is_signed(void **ctx)
{
	static const uint8_t other[32] = {8};
	struct post_signed s = request();
	uint8_t base[HASH_LEN], changed[6][HASH_LEN];

	(void)ctx;
	message("inbox", &s, base);
	message("state", &s, changed[0]);
	s.key_kind = POST_BY_ENROL_KEY;
	message("inbox", &s, changed[1]);
	s = request();
	s.key_id = other;
	message("inbox", &s, changed[2]);
	s = request();
	s.time_s++;
	message("inbox", &s, changed[3]);
	s = request();
	s.nonce = other;
	message("inbox", &s, changed[4]);
	s = request();
	s.body = rd_of("bodY", 4);
	message("inbox", &s, changed[5]);
	for (size_t i = 0; i < 6; i++)
		assert_memory_not_equal(base, changed[i], HASH_LEN);
}

static void
test_paths_and_room(void **ctx)
{
	char path[FRONT_PATH_MAX + 1];
	const struct post_signed s = request();
	struct buf out;

	(void)ctx;
	memset(path, 'a', sizeof path);
	buf_init(&out, POST_SIGNED_MESSAGE_MAX);
	post_signed_message(rd_of(path, 0), &s, &out);
	assert_int_equal(buf_error(&out), FAIL_FORMAT);
	buf_clear(&out);
	post_signed_message(rd_of(path, sizeof path), &s, &out);
	assert_int_equal(buf_error(&out), FAIL_FORMAT);
	buf_clear(&out);
	post_signed_message(rd_of(path, FRONT_PATH_MAX), &s, &out);
	assert_int_equal(buf_error(&out), 0);
	assert_int_equal(out.len, POST_SIGNED_MESSAGE_MAX);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_everything_is_signed),
		cmocka_unit_test(test_paths_and_room),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
