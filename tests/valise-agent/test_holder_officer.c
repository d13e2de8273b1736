/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "custody/opening.h"
#include "envelope/grant.h"
#include "member/enrol.h"
#include "officers.h"
#include "sys/random.h"
#include "wire/post_sign.h"

/*
 * What an officer's keys answer: each kind of request, who may make it, and that nothing is
 * signed but what the request says it is.
 */

static const uint8_t secret_key[SLOT_SECRET_LEN] = {7, 7, 7};

static void
test_subject(void **state)
{
	struct agent_request request = {.type = AGENT_SUBJECT};
	struct agent_answer answer;
	struct subject subject;
	struct rd in;

	(void)state;
	assert_int_equal(officers_ask(officers[SUBJECT_REGISTRAR], &request, &answer), 0);
	in = rd_of(answer.object, answer.object_len);
	assert_int_equal(subject_parse(&in, &subject), 0);
	assert_int_equal(in.len, 0);
	assert_true(subject_equal(&subject, &officers[SUBJECT_REGISTRAR]->subject));
	request.type = AGENT_PUBLIC;
	assert_int_equal(officers_ask(officers[SUBJECT_REGISTRAR], &request, &answer),
		FAIL_MISMATCH);
}

static void
test_hello_says_the_kind(void **state)
{
	struct holder h = {.keys = {.officer = officers[SUBJECT_OFFICER]}};
	struct agent_request request = {.type = AGENT_HELLO, .version = AGENT_VERSION};
	struct session session = {SESSION_NEW};
	struct agent_answer answer;
	struct buf question, out;

	(void)state;
	buf_init(&question, AGENT_MESSAGE_MAX);
	buf_init(&out, AGENT_MESSAGE_MAX);
	agent_write_request(&request, &question);
	assert_int_equal(
		holder_handle(&h, &session, question.data, question.len, &out), 0);
	assert_int_equal(agent_parse_answer(out.data, out.len, AGENT_HELLO, &answer), 0);
	assert_int_equal(answer.kind, KEYFILE_KIND_OFFICER);
	buf_done(&question);
	buf_done(&out);
}

static void
test_sign_envelope(void **state)
{
	struct agent_request request = {.type = AGENT_SIGN_ENVELOPE,
		.signing = {.sums = {.body_len = 9, .segments = 1}}};
	const struct own_officer *officer = officers[SUBJECT_OFFICER];
	uint8_t bytes[TRAILER_SIGNED_LEN];
	struct agent_answer answer;

	(void)state;
	assert_int_equal(officers_ask(officer, &request, &answer), 0);
	trailer_signed(request.signing.header_hash, &request.signing.sums, bytes);
	assert_int_equal(
		sign_verify(officer->subject.sign, bytes, sizeof bytes, answer.signature),
		0);
}

/* Wrapped to a key under a role. */
static struct own_slot
wrap(const struct kem_public *to, enum own_role role, const char *name)
{
	struct own_slot slot = {.role = (char)role, .suite = to->suite, .index = 3};
	struct slot_place place = {.role = name,
		.suite = to->suite,
		.index = 3,
		.core_hash = slot.core_hash,
		.credential_hash = role == OWN_ROLE_GRANT ? slot.credential_hash : NULL};
	struct buf b;

	memset(slot.core_hash, 5, sizeof slot.core_hash);
	memset(slot.credential_hash, role == OWN_ROLE_GRANT ? 6 : 0,
		sizeof slot.credential_hash);
	buf_init(&b, SLOT_LEN_MAX);
	assert_int_equal(slot_seal(&place, to, random_system(), secret_key, &b), 0);
	slot.enc_len = (uint16_t)kem_enc_len(to->suite);
	memcpy(slot.key_id, b.data, KEM_ID_LEN);
	memcpy(slot.enc, b.data + KEM_ID_LEN, slot.enc_len);
	memcpy(slot.sealed, b.data + KEM_ID_LEN + slot.enc_len, SLOT_SEALED_LEN);
	buf_done(&b);
	return slot;
}

static void
test_unwrap(void **state)
{
	static const struct {
		enum own_role role;
		const char *name;
		int wanted;
	} cases[] = {
		{OWN_ROLE_READER, "R", 0},
		{OWN_ROLE_GRANT, "grant", 0},
		{OWN_ROLE_KEPT, "kept", 0},
		{OWN_ROLE_SHARE, "S", FAIL_REFUSED},
		{OWN_ROLE_BODY, "V", FAIL_REFUSED},
		{OWN_ROLE_GRAMS, "grams", FAIL_REFUSED},
	};
	const struct own_officer *officer = officers[SUBJECT_OFFICER];
	struct agent_request request = {.type = AGENT_UNWRAP};
	struct agent_answer answer;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		request.slot =
			wrap(&officer->subject.reader, cases[i].role, cases[i].name);
		assert_int_equal(
			officers_ask(officer, &request, &answer), cases[i].wanted);
		if (cases[i].wanted == 0)
			assert_memory_equal(answer.key, secret_key, SLOT_SECRET_LEN);
		/* One role does not open what was wrapped for another. */
		request.slot.role = cases[i].role == OWN_ROLE_READER ? OWN_ROLE_KEPT
								     : OWN_ROLE_READER;
		memset(request.slot.credential_hash, 0, HASH_LEN);
		assert_int_equal(officers_ask(officer, &request, &answer), FAIL_ALTERED);
	}
	request.slot = wrap(&stranger->subject.reader, OWN_ROLE_READER, "R");
	assert_int_equal(officers_ask(officer, &request, &answer), FAIL_NO_KEY);
	/* A grant names the credential that it is for. */
	request.slot = wrap(&officer->subject.reader, OWN_ROLE_GRANT, "grant");
	request.slot.credential_hash[0] ^= 1;
	assert_int_equal(officers_ask(officer, &request, &answer), FAIL_ALTERED);
}

/* Text for an index opens under an index host's key, and as nothing else. */
static void
test_unwrap_grams(void **state)
{
	const struct own_officer *host = officers[SUBJECT_INDEX_HOST];
	struct agent_request request = {.type = AGENT_UNWRAP};
	struct agent_answer answer;

	(void)state;
	request.slot = wrap(&host->subject.reader, OWN_ROLE_GRAMS, "grams");
	assert_int_equal(officers_ask(host, &request, &answer), 0);
	assert_memory_equal(answer.key, secret_key, SLOT_SECRET_LEN);
	request.slot.role = OWN_ROLE_READER;
	assert_int_equal(officers_ask(host, &request, &answer), FAIL_ALTERED);
}

static struct agent_request
client_request(uint8_t key_kind)
{
	struct agent_request request = {.type = AGENT_SIGN_CLIENT,
		.client = {
			.path = rd_of("inbox", 5), .key_kind = key_kind, .time_s = 77}};

	memset(request.client.nonce, 3, sizeof request.client.nonce);
	memset(request.client.body_hash, 4, sizeof request.client.body_hash);
	return request;
}

static void
verify_client(const struct agent_client *c, const uint8_t *public_key,
	const uint8_t *signature, int wanted)
{
	struct post_signed message = {.key_kind = c->key_kind,
		.key_id = c->key_id,
		.time_s = c->time_s,
		.nonce = c->nonce};
	struct buf b;

	buf_init(&b, POST_SIGNED_MESSAGE_MAX);
	post_signed_message_hashed(c->path, &message, c->body_hash, &b);
	assert_int_equal(buf_error(&b), 0);
	assert_int_equal(sign_verify(public_key, b.data, b.len, signature), wanted);
	buf_done(&b);
}

static void
test_sign_client(void **state)
{
	const struct own_officer *rita = officers[SUBJECT_REGISTRAR];
	struct agent_request request = client_request(POST_BY_CREDENTIAL);
	struct agent_answer answer;

	(void)state;
	assert_int_equal(officers_ask(rita, &request, &answer), 0);
	verify_client(&request.client, rita->subject.sign, answer.signature, 0);
	request.client.time_s++;
	verify_client(
		&request.client, rita->subject.sign, answer.signature, FAIL_SIGNATURE);

	/* By the enrol key: only under its own id, and only who has one. */
	request = client_request(POST_BY_ENROL_KEY);
	assert_int_equal(officers_ask(rita, &request, &answer), FAIL_REFUSED);
	hash_sha256(rita->subject.enrol, SIGN_PUBLIC_LEN, request.client.key_id);
	assert_int_equal(officers_ask(rita, &request, &answer), 0);
	verify_client(&request.client, rita->subject.enrol, answer.signature, 0);
	hash_sha256(officers[SUBJECT_OFFICER]->subject.enrol, SIGN_PUBLIC_LEN,
		request.client.key_id);
	assert_int_equal(
		officers_ask(officers[SUBJECT_OFFICER], &request, &answer), FAIL_REFUSED);
}

/* A REQUEST of that officer's device, written with an empty signature. */
static void
request_of(const struct own_officer *officer, struct buf *ret_bytes)
{
	struct opening_request q = {
		.log_origin = rd_of("pt.example/openings/1", 21), .not_after_s = 99};
	struct buf credential;

	officers_credential(officer, &credential);
	q.credential = rd_of(credential.data, credential.len);
	q.ephemeral = officer->subject.reader;
	buf_init(ret_bytes, OPENING_LEN_MAX);
	assert_int_equal(opening_request_write(&q, ret_bytes), 0);
	buf_done(&credential);
}

static void
test_sign_request(void **state)
{
	const struct own_officer *officer = officers[SUBJECT_OFFICER];
	struct agent_request request = {.type = AGENT_SIGN_REQUEST};
	struct opening_request q;
	struct agent_answer answer;
	struct buf b;

	(void)state;
	request_of(officer, &b);
	request.bytes = rd_of(b.data, b.len - SIGN_LEN);
	assert_int_equal(officers_ask(officer, &request, &answer), 0);
	memcpy(b.data + b.len - SIGN_LEN, answer.signature, SIGN_LEN);
	assert_int_equal(opening_request_parse(rd_of(b.data, b.len), &q), 0);
	assert_int_equal(opening_request_verify(&q, officer->subject.sign), 0);
	/* Every cut, and one byte more, is no REQUEST. */
	for (size_t len = 1; len < b.len - SIGN_LEN; len += 7) {
		request.bytes = rd_of(b.data, len);
		assert_int_not_equal(officers_ask(officer, &request, &answer), 0);
	}
	request.bytes = rd_of(b.data, b.len - SIGN_LEN + 1);
	assert_int_not_equal(officers_ask(officer, &request, &answer), 0);
	buf_done(&b);
	/* Another device's. */
	request_of(stranger, &b);
	request.bytes = rd_of(b.data, b.len - SIGN_LEN);
	assert_int_equal(officers_ask(officer, &request, &answer), FAIL_REFUSED);
	buf_done(&b);
}

static void
begin_grant(struct buf *credential, struct buf *ret_bytes)
{
	static const uint8_t hash[HASH_LEN];
	struct grant_plan plan = {.suite = SUITE_1,
		.envelope_hash = hash,
		.core_hash = hash,
		.device = &stranger->subject.reader};

	officers_credential(stranger, credential);
	plan.credential = rd_of(credential->data, credential->len);
	buf_init(ret_bytes, GRANT_LEN_MAX);
	assert_int_equal(grant_begin(&plan, random_system(), secret_key, ret_bytes), 0);
}

static void
test_sign_grant(void **state)
{
	const struct own_officer *officer = officers[SUBJECT_OFFICER];
	struct agent_request request = {.type = AGENT_SIGN_GRANT};
	struct buf credential, begun, message;
	struct agent_answer answer;

	(void)state;
	begin_grant(&credential, &begun);
	request.bytes = rd_of(begun.data, begun.len);
	assert_int_equal(officers_ask(officer, &request, &answer), 0);
	buf_init(&message, GRANT_LEN_MAX);
	assert_int_equal(grant_signed(request.bytes, &message), 0);
	assert_int_equal(sign_verify(officer->subject.sign, message.data, message.len,
				 answer.signature),
		0);
	request.bytes.len--;
	assert_int_not_equal(officers_ask(officer, &request, &answer), 0);
	/* A whole grant is not the beginning of one. */
	buf_u8(&begun, 0);
	request.bytes = rd_of(begun.data, begun.len);
	assert_int_not_equal(officers_ask(officer, &request, &answer), 0);
	buf_done(&message);
	buf_done(&begun);
	buf_done(&credential);
}

static void
test_sign_enrol(void **state)
{
	const struct own_officer *rita = officers[SUBJECT_REGISTRAR];
	struct agent_request request = {.type = AGENT_SIGN_ENROL};
	struct agent_answer answer;
	struct enrol enrol;
	struct buf b;

	(void)state;
	officers_credential(officers[SUBJECT_OFFICER], &b);
	request.bytes = rd_of(b.data, b.len);
	assert_int_equal(officers_ask(rita, &request, &answer), 0);
	/* What enrol_sign() would have made. */
	enrol = (struct enrol){.credential = request.bytes};
	assert_int_equal(enrol_sign(&enrol, own_officer_seed(rita, OWN_ENROL)), 0);
	assert_memory_equal(enrol.signatures[0].bytes, answer.signature, SIGN_LEN);
	for (size_t kind = 1; kind < KINDS; kind++)
		assert_int_equal(officers_ask(officers[kind], &request, &answer),
			kind == SUBJECT_REGISTRAR || kind == SUBJECT_SECURITY
				? 0
				: FAIL_REFUSED);
	/* Possession that is not proven: somebody else's key under this name. */
	b.data[b.len - 30] ^= 1;
	assert_int_not_equal(officers_ask(rita, &request, &answer), 0);
	buf_done(&b);
	officers_credential(stranger, &b);
	request.bytes = rd_of(b.data, b.len);
	assert_int_equal(officers_ask(rita, &request, &answer), FAIL_REFUSED);
	buf_done(&b);
}

static void
test_sign_order(void **state)
{
	const struct own_officer *sergio = officers[SUBJECT_SECURITY];
	struct agent_request request = {.type = AGENT_SIGN_ORDER,
		.order = {.type = ORDER_HOLD,
			.target = rd_of("CY/duty", 7),
			.at_s = 5,
			.reason = rd_of("A drill.", 8)}};
	struct agent_answer answer;
	struct order order;

	(void)state;
	assert_int_equal(officers_ask(sergio, &request, &answer), 0);
	assert_int_equal(order_parse(answer.object, answer.object_len, &order), 0);
	assert_int_equal(order_verify(&order, sergio->subject.enrol), 0);
	assert_int_equal(address_compare(order.member, address_of("PT")), 0);
	assert_int_equal(address_compare(order.target, address_of("CY/duty")), 0);
	for (size_t kind = 1; kind < KINDS; kind++)
		assert_int_equal(officers_ask(officers[kind], &request, &answer),
			kind == SUBJECT_SECURITY ? 0 : FAIL_REFUSED);
	request.order.target = rd_of("nowhere", 7);
	assert_int_equal(officers_ask(sergio, &request, &answer), FAIL_FORMAT);
	request.order.type = 9;
	assert_int_equal(officers_ask(sergio, &request, &answer), FAIL_FORMAT);
}

/* One well-formed request of each type, and its bytes. */
struct sample {
	struct agent_request request;
	struct buf credential, bytes, question;
};

static void
sample_init(struct sample *s, enum agent_type type)
{
	const struct own_officer *sergio = officers[SUBJECT_SECURITY];

	*s = (struct sample){.request = {.type = type}};
	if (type == AGENT_SIGN_CLIENT)
		s->request = client_request(POST_BY_CREDENTIAL);
	else if (type == AGENT_UNWRAP)
		s->request.slot = wrap(&sergio->subject.reader, OWN_ROLE_READER, "R");
	else if (type == AGENT_SIGN_ORDER)
		s->request.order =
			(struct order){.type = ORDER_HOLD, .target = rd_of("CY", 2)};
	else if (type == AGENT_SIGN_GRANT)
		begin_grant(&s->credential, &s->bytes);
	else if (type == AGENT_SIGN_ENROL)
		officers_credential(sergio, &s->bytes);
	else if (type == AGENT_SIGN_REQUEST)
		request_of(sergio, &s->bytes);
	s->request.bytes = rd_of(s->bytes.data,
		type == AGENT_SIGN_REQUEST ? s->bytes.len - SIGN_LEN : s->bytes.len);
	buf_init(&s->question, AGENT_MESSAGE_MAX);
	agent_write_request(&s->request, &s->question);
	assert_int_equal(buf_error(&s->question), 0);
}

static void
sample_done(struct sample *s)
{
	buf_done(&s->credential);
	buf_done(&s->bytes);
	buf_done(&s->question);
}

/* The permit table: each type before the greeting ends the connection, after it is answered. */
static void
test_permits(void **state)
{
	struct holder h = {.keys = {.officer = officers[SUBJECT_SECURITY]}};
	struct agent_answer answer;
	struct sample s;
	struct buf out;

	(void)state;
	buf_init(&out, AGENT_MESSAGE_MAX);
	for (enum agent_type type = AGENT_PUBLIC; type < AGENT_TYPES; type++) {
		struct session session = {SESSION_NEW};

		sample_init(&s, type);
		assert_int_equal(holder_handle(&h, &session, s.question.data,
					 s.question.len, &out),
			FAIL_REFUSED);
		assert_int_equal(out.len, 0);
		assert_int_equal(officers_ask_bytes(officers[SUBJECT_SECURITY],
					 &s.question, type, &answer),
			0);
		assert_int_equal(
			answer.refusal, type == AGENT_PUBLIC ? FAIL_MISMATCH : 0);
		sample_done(&s);
	}
	buf_done(&out);
}

/* Solo keys have none of an officer's requests. */
static void
test_solo_has_none(void **state)
{
	static const uint8_t secret[SOLO_SECRET_LEN] = {9};
	struct session session = {SESSION_GREETED};
	struct agent_answer answer;
	struct holder h = {0};
	struct solo *solo = NULL;
	struct sample s;
	struct buf out;

	(void)state;
	assert_int_equal(solo_new(SUITE_1, secret, false, 5, random_system(), &solo), 0);
	h.keys.solo = solo;
	for (enum agent_type type = AGENT_SUBJECT; type < AGENT_TYPES; type++) {
		sample_init(&s, type);
		buf_init(&out, AGENT_MESSAGE_MAX);
		assert_int_equal(holder_handle(&h, &session, s.question.data,
					 s.question.len, &out),
			0);
		assert_int_equal(agent_parse_answer(out.data, out.len, type, &answer), 0);
		assert_int_equal(answer.refusal, FAIL_MISMATCH);
		buf_done(&out);
		sample_done(&s);
	}
	solo_free(solo);
}

/* Every cut and every longer form of every message is malformed, and what parses is the same. */
static void
test_malformed(void **state)
{
	struct agent_request parsed;
	struct sample s;
	struct buf again;

	(void)state;
	for (enum agent_type type = AGENT_HELLO; type < AGENT_TYPES; type++) {
		sample_init(&s, type);
		buf_init(&again, AGENT_MESSAGE_MAX);
		for (size_t len = 0; len < s.question.len; len++)
			assert_int_not_equal(
				agent_parse_request(s.question.data, len, &parsed), 0);
		assert_int_equal(
			agent_parse_request(s.question.data, s.question.len, &parsed), 0);
		agent_write_request(&parsed, &again);
		assert_int_equal(again.len, s.question.len);
		assert_memory_equal(again.data, s.question.data, again.len);
		buf_u8(&s.question, 0);
		assert_int_equal(
			agent_parse_request(s.question.data, s.question.len, &parsed),
			FAIL_FORMAT);
		buf_done(&again);
		sample_done(&s);
	}
}

/* No memory at any point: a refusal or an error, never a signature that is none. */
static void
run_out_of_memory(const struct sample *s)
{
	struct holder h = {.keys = {.officer = officers[SUBJECT_SECURITY]}};
	struct session session = {SESSION_GREETED};
	struct agent_answer answer = {.refusal = FAIL_NOMEM};
	struct buf out;
	int r = FAIL_NOMEM;

	for (long n = 0; r != 0 || answer.refusal != 0; n++) {
		assert_in_range(n, 0, 200);
		buf_init(&out, AGENT_MESSAGE_MAX);
		mem_fail_after(n, false);
		r = holder_handle(&h, &session, s->question.data, s->question.len, &out);
		mem_fail_never();
		if (r == 0)
			assert_int_equal(agent_parse_answer(out.data, out.len,
						 s->request.type, &answer),
				0);
		else
			assert_int_equal(r, FAIL_NOMEM);
		if (r == 0 && answer.refusal != 0)
			assert_int_equal(answer.refusal, FAIL_NOMEM);
		buf_done(&out);
	}
}

static void
test_out_of_memory(void **state)
{
	struct sample s;

	(void)state;
	for (enum agent_type type = AGENT_UNWRAP; type < AGENT_TYPES; type++) {
		sample_init(&s, type);
		run_out_of_memory(&s);
		sample_done(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subject),
		cmocka_unit_test(test_hello_says_the_kind),
		cmocka_unit_test(test_sign_envelope),
		cmocka_unit_test(test_unwrap),
		cmocka_unit_test(test_unwrap_grams),
		cmocka_unit_test(test_sign_client),
		cmocka_unit_test(test_sign_request),
		cmocka_unit_test(test_sign_grant),
		cmocka_unit_test(test_sign_enrol),
		cmocka_unit_test(test_sign_order),
		cmocka_unit_test(test_permits),
		cmocka_unit_test(test_solo_has_none),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_out_of_memory),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, officers_make, officers_drop);
}
