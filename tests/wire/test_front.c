/* SPDX-License-Identifier: Apache-2.0 */
#include "messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/* The permit tables: who may say what to whom, and how much of it. */

static const enum role roles[] = {ROLE_PARENT, ROLE_FRONT, ROLE_STORE, ROLE_CUSTODY};

static const struct process_message *
find(bool is_vault, unsigned type)
{
	for (size_t i = 0; i < PROCESS_MESSAGES; i++)
		if (process_messages[i].is_vault == is_vault &&
			process_messages[i].type == type)
			return &process_messages[i];
	return NULL;
}

static bool
may(bool is_vault, enum role role, unsigned type, size_t len)
{
	return is_vault ? vault_may(role, (uint8_t)type, len)
			: front_may(role, (uint8_t)type, len);
}

static void
test_each_type_has_one_sender(void **state)
{
	(void)state;
	for (int is_vault = 0; is_vault <= 1; is_vault++)
		for (unsigned type = 0; type <= UINT8_MAX; type++)
			for (size_t i = 0; i < 4; i++) {
				const struct process_message *m = find(is_vault, type);

				assert_int_equal(may(is_vault, roles[i], type, 0),
					m != NULL && m->sender == roles[i]);
			}
}

/* The longest message that a table can write, saturated. */
static size_t
longest(const struct codec *codec)
{
	static const size_t widths[] = {[CODEC_U8] = 1,
		[CODEC_U16] = 2,
		[CODEC_U32] = 4,
		[CODEC_U64] = 8,
		[CODEC_V8] = 1,
		[CODEC_V16] = 2,
		[CODEC_V24] = 3,
		[CODEC_V32] = 4};
	size_t len = 0;

	for (size_t i = 0; codec != NULL && i < codec->count; i++)
		len += widths[codec->fields[i].type] +
			(codec->fields[i].type >= CODEC_FIXED ? codec->fields[i].max : 0);
	return len;
}

static void
test_no_body_is_longer_than_permitted(void **state)
{
	(void)state;
	for (size_t i = 0; i < PROCESS_MESSAGES; i++) {
		const struct process_message *m = &process_messages[i];

		assert_false(may(m->is_vault, m->sender, m->type, WIRE_BODY_MAX + 1));
		/* Whatever HTTP lets in, front can say; whatever store answers, too. */
		if (!m->is_vault)
			assert_true(may(false, m->sender, m->type, longest(m->codec)) ||
				m->type == FRONT_FIGURES);
		assert_true(longest(m->codec) <= WIRE_BODY_MAX);
	}
	assert_true(vault_may(ROLE_STORE, VAULT_DESTROY, 16));
	assert_false(vault_may(ROLE_STORE, VAULT_DESTROY, 17));
	assert_true(vault_may(ROLE_STORE, VAULT_TICK, 0));
	assert_false(vault_may(ROLE_STORE, VAULT_TICK, 1));
	assert_true(POST_BODY_MAX + 4096 <= FRONT_HTTP_MAX);
}

static void
test_head_and_body_come_back(void **state)
{
	struct wire_message m = {.type = FRONT_ASK,
				    .number = UINT64_C(0x0102030405060708),
				    .body = rd_of("body", 4)},
			    back;
	struct buf out;

	(void)state;
	buf_init(&out, 64);
	wire_write(&m, &out);
	assert_int_equal(buf_error(&out), 0);
	assert_memory_equal(out.data,
		"\x01\x01\x02\x03\x04\x05\x06\x07\x08"
		"body",
		13);
	assert_int_equal(wire_parse(rd_of(out.data, out.len), &back), 0);
	assert_int_equal(back.type, m.type);
	assert_true(back.number == m.number);
	assert_int_equal(back.body.len, 4);
	for (size_t len = 0; len < WIRE_HEAD_LEN; len++)
		assert_int_equal(wire_parse(rd_of(out.data, len), &back), FAIL_TRUNCATED);
	assert_int_equal(wire_parse(rd_of(out.data, WIRE_HEAD_LEN), &back), 0);
	assert_int_equal(back.body.len, 0);
	buf_done(&out);
}

static void
test_a_body_beyond_the_limit_is_refused(void **state)
{
	struct wire_message back;
	uint8_t *bytes = NULL;

	(void)state;
	assert_int_equal(mem_new(&bytes, WIRE_HEAD_LEN + WIRE_BODY_MAX + 1), 0);
	assert_int_equal(
		wire_parse(rd_of(bytes, WIRE_HEAD_LEN + WIRE_BODY_MAX), &back), 0);
	assert_int_equal(
		wire_parse(rd_of(bytes, WIRE_HEAD_LEN + WIRE_BODY_MAX + 1), &back),
		FAIL_FORMAT);
	mem_free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_type_has_one_sender),
		cmocka_unit_test(test_no_body_is_longer_than_permitted),
		cmocka_unit_test(test_head_and_body_come_back),
		cmocka_unit_test(test_a_body_beyond_the_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
