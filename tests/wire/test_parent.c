/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "envelope/addressing.h"
#include "wire/parent.h"
#include "wire/vault.h"

/* Who may say what: each word has one speaker and one length. */
static void
test_permits(void **state)
{
	static const struct {
		uint8_t type;
		enum role sender;
		size_t len;
	} words[] = {
		{PARENT_UNLOCKED, ROLE_CUSTODY, 1},
		{PARENT_SERVES, ROLE_FRONT, 0},
		{PARENT_READY, ROLE_STORE, 0},
		{PARENT_NOTIFY, ROLE_STORE, 9},
	};
	size_t permitted = 0;

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		assert_true(parent_may(words[i].sender, words[i].type, words[i].len));
	for (int role = ROLE_PARENT; role <= ROLE_CUSTODY; role++)
		for (unsigned type = 0; type < 256; type++)
			for (size_t len = 0; len <= PARENT_MESSAGE_MAX; len++)
				permitted +=
					parent_may((enum role)role, (uint8_t)type, len);
	assert_int_equal(permitted, sizeof words / sizeof words[0]);
}

static void
test_bodies(void **state)
{
	const struct parent_notify said = {.precedence = PRECEDENCE_FLASH, .number = 17};
	struct parent_unlocked unlocked;
	struct parent_notify heard;
	struct buf out;

	(void)state;
	buf_init(&out, PARENT_MESSAGE_MAX);
	codec_write(&parent_notify_codec, &said, &out);
	assert_int_equal(buf_error(&out), 0);
	assert_int_equal(out.len, 9);
	assert_int_equal(
		codec_parse_whole(&parent_notify_codec, rd_of(out.data, out.len), &heard),
		0);
	assert_int_equal(heard.number, 17);
	/* A precedence that is none would be an index into names. */
	out.data[0] = PRECEDENCE_FLASH + 1;
	assert_int_equal(
		codec_parse_whole(&parent_notify_codec, rd_of(out.data, out.len), &heard),
		FAIL_FORMAT);
	assert_int_equal(
		codec_parse_whole(&parent_unlocked_codec, rd_of("\x00", 1), &unlocked),
		FAIL_FORMAT);
	assert_int_equal(
		codec_parse_whole(&parent_unlocked_codec, rd_of("\x02", 1), &unlocked),
		0);
	assert_int_equal(unlocked.by, VAULT_BY_FILE);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_permits),
		cmocka_unit_test(test_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
