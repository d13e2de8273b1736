/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "crypto/hpke.h"
#include "member/solo.h"
#include "sys/random.h"
#include "valise-agent/holder.h"
#include "wire/agent.h"

static struct solo *keys;
static const uint8_t secret_key[SLOT_SECRET_LEN] = {7, 7, 7};

static int
make_keys(void **state)
{
	static const uint8_t secret[SOLO_SECRET_LEN] = {9};

	(void)state;
	return solo_new(SUITE_1, secret, true, 5, random_system(), &keys);
}

static int
drop_keys(void **state)
{
	(void)state;
	solo_free(keys);
	return 0;
}

/* One request through bytes, as over the socket. */
static int
ask(struct holder *h, struct session *session, const struct agent_request *request,
	struct agent_answer *ret_answer)
{
	struct buf question, out;
	int r;

	buf_init(&question, AGENT_MESSAGE_MAX);
	buf_init(&out, AGENT_MESSAGE_MAX);
	agent_write_request(request, &question);
	assert_int_equal(buf_error(&question), 0);
	r = holder_handle(h, session, question.data, question.len, &out);
	if (r == 0)
		assert_int_equal(
			agent_parse_answer(out.data, out.len, request->type, ret_answer),
			0);
	buf_done(&question);
	buf_done(&out);
	return r;
}

static int
ask_type(struct holder *h, struct session *session, enum agent_type type,
	struct agent_answer *ret_answer)
{
	const struct agent_request request = {.type = type, .version = AGENT_VERSION};

	return ask(h, session, &request, ret_answer);
}

/* A slot as docs/format/envelope.md, section 3, wraps it. */
static struct own_slot
wrap(const struct kem_public *to, char role)
{
	struct own_slot slot = {
		.role = role, .suite = SUITE_1, .index = 3, .enc_len = 32};
	uint8_t info[] = {
		'v', 'a', 'l', 'i', 's', 'e', '/', 'v', '1', ' ', (uint8_t)role, 0, 0, 1};
	uint8_t aad[HASH_LEN + KEM_ID_LEN + 4] = {0};

	memset(slot.core_hash, 0x55, HASH_LEN);
	kem_id(to, slot.key_id);
	memcpy(aad, slot.core_hash, HASH_LEN);
	memcpy(aad + HASH_LEN, slot.key_id, KEM_ID_LEN);
	aad[sizeof aad - 1] = 3;
	assert_int_equal(
		hpke_seal(to, random_system(), (struct hpke_bytes){info, sizeof info},
			(struct hpke_bytes){aad, sizeof aad},
			(struct hpke_bytes){secret_key, sizeof secret_key}, slot.enc,
			slot.sealed),
		0);
	return slot;
}

/* The answer to an UNWRAP in a greeted session. */
static struct agent_answer
unwrap(const struct own_slot *slot)
{
	struct agent_request request = {.type = AGENT_UNWRAP, .slot = *slot};
	struct session session = {SESSION_GREETED};
	struct holder h = {.keys = {.solo = keys}};
	struct agent_answer answer;

	assert_int_equal(ask(&h, &session, &request, &answer), 0);
	return answer;
}

static void
test_a_conversation(void **state)
{
	struct own_signing signing = {
		.sums = {.body_len = 1ull << 40, .segments = 2, .boxes = 3}};
	struct agent_request request = {.type = AGENT_SIGN_ENVELOPE};
	struct holder h = {.keys = {.solo = keys}, .until_s = 99};
	struct session session = {SESSION_NEW};
	uint8_t bytes[TRAILER_SIGNED_LEN];
	struct agent_answer answer;

	(void)state;
	assert_int_equal(ask_type(&h, &session, AGENT_HELLO, &answer), 0);
	assert_int_equal(answer.version, AGENT_VERSION);
	assert_int_equal(ask_type(&h, &session, AGENT_STATUS, &answer), 0);
	assert_int_equal(answer.until_s, 99);

	request.signing = signing;
	assert_int_equal(ask(&h, &session, &request, &answer), 0);
	trailer_signed(signing.header_hash, &signing.sums, bytes);
	assert_memory_equal(bytes, "valise/v1 envelope", 19);
	assert_int_equal(
		sign_verify(keys->public.sign, bytes, sizeof bytes, answer.signature), 0);
	bytes[sizeof bytes - 1] ^= 1;
	assert_int_equal(
		sign_verify(keys->public.sign, bytes, sizeof bytes, answer.signature),
		FAIL_SIGNATURE);

	assert_int_equal(ask_type(&h, &session, AGENT_PUBLIC, &answer), 0);
	assert_memory_equal(answer.public.sign, keys->public.sign, SIGN_PUBLIC_LEN);
	assert_memory_equal(
		answer.public.recovery.bytes, keys->public.recovery.bytes, 32);
	assert_false(h.is_locked);
	assert_int_equal(ask_type(&h, &session, AGENT_LOCK, &answer), 0);
	assert_true(h.is_locked);
}

static void
test_unwrap(void **state)
{
	struct own_slot slot;

	(void)state;
	slot = wrap(&keys->public.reader, 'R');
	assert_int_equal(unwrap(&slot).refusal, 0);
	assert_memory_equal(unwrap(&slot).key, secret_key, SLOT_SECRET_LEN);
	slot.index++;
	assert_int_equal(unwrap(&slot).refusal, FAIL_ALTERED);
	slot.index--;
	slot.core_hash[0] ^= 1;
	assert_int_equal(unwrap(&slot).refusal, FAIL_ALTERED);

	slot = wrap(&keys->public.recovery, 'R');
	assert_int_equal(unwrap(&slot).refusal, 0);
	slot = wrap(&keys->public.solo, 'S');
	assert_int_equal(unwrap(&slot).refusal, 0);
	slot.role = 'V';
	assert_int_equal(unwrap(&slot).refusal, FAIL_ALTERED);
}

static void
test_a_key_for_its_role_only(void **state)
{
	struct own_slot slot;

	(void)state;
	slot = wrap(&keys->public.reader, 'S');
	assert_int_equal(unwrap(&slot).refusal, FAIL_REFUSED);
	slot = wrap(&keys->public.solo, 'R');
	assert_int_equal(unwrap(&slot).refusal, FAIL_REFUSED);
	slot.key_id[0] ^= 1;
	assert_int_equal(unwrap(&slot).refusal, FAIL_NO_KEY);
}

/* The permit table, asked in full: type by state. */
static void
test_permits(void **state)
{
	(void)state;
	for (enum agent_type type = AGENT_HELLO; type < AGENT_TYPES; type++) {
		struct session session = {SESSION_NEW};
		struct holder h = {.keys = {.solo = keys}};
		struct agent_answer answer;
		int want = type == AGENT_HELLO ? 0 : FAIL_REFUSED;

		/* These must hold something to be well formed: test_holder_officer.c. */
		if (type == AGENT_UNWRAP || type >= AGENT_SIGN_CLIENT)
			continue;
		assert_int_equal(ask_type(&h, &session, type, &answer), want);
		session.state = SESSION_GREETED;
		want = type == AGENT_HELLO ? FAIL_REFUSED : 0;
		assert_int_equal(ask_type(&h, &session, type, &answer), want);
		/* What only an officer's keys have is a refusal, not the end. */
		if (type == AGENT_SUBJECT)
			assert_int_equal(answer.refusal, FAIL_MISMATCH);
	}
}

static void
test_other_version(void **state)
{
	struct agent_request request = {
		.type = AGENT_HELLO, .version = AGENT_VERSION + 1};
	struct session session = {SESSION_NEW};
	struct holder h = {.keys = {.solo = keys}};
	struct agent_answer answer;

	(void)state;
	assert_int_equal(ask(&h, &session, &request, &answer), 0);
	assert_int_equal(answer.refusal, FAIL_VERSION);
	assert_int_equal(session.state, SESSION_NEW);
}

/* Every truncation, one byte more, and every unknown type. */
static void
test_malformed(void **state)
{
	struct agent_request request = {.type = AGENT_UNWRAP}, parsed;
	struct buf b;

	(void)state;
	request.slot = wrap(&keys->public.reader, 'R');
	buf_init(&b, AGENT_MESSAGE_MAX);
	agent_write_request(&request, &b);
	for (size_t len = 0; len < b.len; len++)
		assert_int_not_equal(agent_parse_request(b.data, len, &parsed), 0);
	assert_int_equal(agent_parse_request(b.data, b.len, &parsed), 0);
	assert_memory_equal(&parsed.slot, &request.slot, sizeof parsed.slot);
	buf_u8(&b, 0);
	assert_int_equal(agent_parse_request(b.data, b.len, &parsed), FAIL_FORMAT);
	b.data[1] = 'X';
	assert_int_equal(agent_parse_request(b.data, b.len - 1, &parsed), FAIL_FORMAT);
	for (int type = 0; type < 256; type++) {
		uint8_t byte = (uint8_t)type;

		if (type < AGENT_HELLO || type >= AGENT_TYPES)
			assert_int_equal(
				agent_parse_request(&byte, 1, &parsed), FAIL_FORMAT);
	}
	buf_done(&b);
}

static void
test_false_answers(void **state)
{
	static const uint8_t zero_refusal[] = {255, 0},
			     other[] = {AGENT_ANSWER | AGENT_LOCK}, refusal[] = {255, 8},
			     more[] = {255, 8, 0};
	struct agent_answer answer;

	(void)state;
	assert_int_equal(agent_parse_answer(refusal, 2, AGENT_STATUS, &answer), 0);
	assert_int_equal(answer.refusal, FAIL_SIGNATURE);
	assert_int_equal(
		agent_parse_answer(zero_refusal, 2, AGENT_STATUS, &answer), FAIL_FORMAT);
	assert_int_equal(
		agent_parse_answer(other, 1, AGENT_STATUS, &answer), FAIL_FORMAT);
	assert_int_equal(agent_parse_answer(more, 3, AGENT_STATUS, &answer), FAIL_FORMAT);
	assert_int_equal(
		agent_parse_answer(refusal, 0, AGENT_STATUS, &answer), FAIL_TRUNCATED);
}

static void
test_out_of_memory(void **state)
{
	struct session session = {SESSION_GREETED};
	struct holder h = {.keys = {.solo = keys}};
	const uint8_t status[] = {AGENT_STATUS};
	struct buf out;

	(void)state;
	buf_init(&out, AGENT_MESSAGE_MAX);
	mem_fail_after(0, false);
	assert_int_equal(holder_handle(&h, &session, status, 1, &out), FAIL_NOMEM);
	mem_fail_never();
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_conversation),
		cmocka_unit_test(test_unwrap),
		cmocka_unit_test(test_a_key_for_its_role_only),
		cmocka_unit_test(test_permits),
		cmocka_unit_test(test_other_version),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_false_answers),
		cmocka_unit_test(test_out_of_memory),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
