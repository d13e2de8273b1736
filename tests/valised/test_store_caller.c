/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../member/community.h"
#include "../member/people.h"
#include "crypto/crypto.h"
#include "crypto/sign.h"
#include "member/order.h"
#include "store_rig.h"

/* Who may ask: every way in which a signed request can be wrong. */

static struct post_ask_note own = {.member = {(const uint8_t *)"", 0}};

static void
begin(struct rig *rig)
{
	rig_begin(rig, "PT");
	rig_join(rig);
	rig_enrol(rig, "ana", SUBJECT_OFFICER);
}

/* A request for our own directory by ana, not signed yet. */
static void
request(struct rig *rig, struct rig_request *q)
{
	rig_request_by_officer(rig, "PT", "ana", SUBJECT_OFFICER, q);
	codec_write(&post_ask_note_codec, &own, &q->body);
	q->message.body = rig_bytes(&q->body);
}

static struct rig_reply
send_and_free(struct rig *rig, struct rig_request *q)
{
	struct rig_reply reply = rig_send(rig, "directory", q);

	buf_done(&q->body);
	return reply;
}

static void
test_good(void **ctx)
{
	struct rig rig;

	(void)ctx;
	begin(&rig);
	assert_int_equal(
		rig_officer(&rig, "ana", "directory", &post_ask_note_codec, &own).status,
		200);
	assert_int_equal(
		rig_enroller(&rig, "rita", "directory", &post_ask_note_codec, &own)
			.status,
		200);
	rig_end(&rig);
}

static void
expect(struct rig *rig, struct rig_request *q, int fail, const char *text)
{
	struct rig_reply reply = send_and_free(rig, q);

	assert_int_equal(reply.fail, fail);
	assert_int_equal(reply.status, 401);
	assert_string_equal(reply.text, text);
}

static void
test_signatures(void **ctx)
{
	static const char false_text[] = "the signature under the request is false";
	struct rig_request q;
	uint8_t other[8] = {1};
	struct rig rig;

	(void)ctx;
	begin(&rig);
	request(&rig, &q);
	rig_request_sign(&q, "directory");
	q.signature[63] ^= 1;
	expect(&rig, &q, FAIL_SIGNATURE, false_text);

	/* Signed for another path, another body, another time, another nonce. */
	request(&rig, &q);
	rig_request_sign(&q, "roster");
	expect(&rig, &q, FAIL_SIGNATURE, false_text);
	request(&rig, &q);
	rig_request_sign(&q, "directory");
	q.message.body = rd_of(other, sizeof other);
	expect(&rig, &q, FAIL_SIGNATURE, false_text);
	request(&rig, &q);
	rig_request_sign(&q, "directory");
	q.message.time_s++;
	expect(&rig, &q, FAIL_SIGNATURE, false_text);
	request(&rig, &q);
	rig_request_sign(&q, "directory");
	q.nonce[0] ^= 1;
	expect(&rig, &q, FAIL_SIGNATURE, false_text);

	/* By another key than the credential's. */
	request(&rig, &q);
	people_seed("PT", "rita", "sign", q.seed);
	rig_request_sign(&q, "directory");
	expect(&rig, &q, FAIL_SIGNATURE, false_text);

	/* No wrapping at all. */
	assert_int_equal(
		rig_open_ask(&rig, "directory", &post_ask_note_codec, &own).status, 400);
	rig_end(&rig);
}

static void
test_unknown_keys(void **ctx)
{
	static const char *const officers[] = {"eleni"};
	struct rig_request q;
	struct post_note message;
	struct buf note;
	struct rig rig;

	(void)ctx;
	begin(&rig);
	rig_request_by_officer(&rig, "PT", "nobody", SUBJECT_OFFICER, &q);
	rig_request_sign(&q, "directory");
	expect(&rig, &q, FAIL_SIGNER,
		"no credential of this member is known by that name");

	/* Known here, but of another member. */
	buf_init(&note, NOTE_BYTES_MAX);
	rig_directory("CY", 1, officers, 1, &note);
	message.note = rig_bytes(&note);
	assert_int_equal(
		rig_peer(&rig, "CY", "directory", &post_note_codec, &message).status,
		200);
	rig_request_by_officer(&rig, "CY", "eleni", SUBJECT_OFFICER, &q);
	rig_request_sign(&q, "directory");
	expect(&rig, &q, FAIL_SIGNER,
		"no credential of this member is known by that name");

	rig_request_by_enrol_key(&rig, "nobody", &q);
	rig_request_sign(&q, "directory");
	expect(&rig, &q, FAIL_SIGNER, "this is no enrol key of PT");
	rig_request_by_enrol_key(&rig, "rita", &q);
	rig_request_sign(&q, "directory");
	q.signature[0] ^= 1;
	expect(&rig, &q, FAIL_SIGNATURE, "the signature under the request is false");
	buf_done(&note);
	rig_end(&rig);
}

/* What only enrolment officers may do, and what is no path for anybody. */
static void
test_not_for_such_a_key(void **ctx)
{
	struct rig_reply reply;
	struct rig rig;

	(void)ctx;
	begin(&rig);
	reply = rig_officer(&rig, "ana", "pending", NULL, NULL);
	assert_int_equal(reply.status, 403);
	assert_string_equal(reply.text, "this is not for such a key");
	assert_int_equal(rig_enroller(&rig, "rita", "pending", NULL, NULL).status, 200);
	assert_int_equal(rig_open_ask(&rig, "nowhere", NULL, NULL).status, 404);
	assert_int_equal(rig_open_ask(&rig, "found", NULL, NULL).status, 404);
	assert_int_equal(rig_peer(&rig, "CY", "enrol", NULL, NULL).status, 404);
	assert_int_equal(rig_admin(&rig, "order", NULL, NULL).status, 404);
	rig_end(&rig);
}

static void
test_clocks(void **ctx)
{
	static const struct {
		int64_t off_s;
		const char *text;
	} cases[] = {
		{-120, NULL},
		{120, NULL},
		{-121, "your clock is 2 min 01 s behind the station's"},
		{121, "your clock is 2 min 01 s ahead of the station's"},
		{-86340, "your clock is 23 h 59 min behind the station's"},
		{86400, "your clock is 1 d 0 h ahead of the station's"},
	};
	struct rig_request q;
	struct rig rig;

	(void)ctx;
	begin(&rig);
	rig.now_ms += 600 * 1000;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		request(&rig, &q);
		q.message.time_s += (uint64_t)cases[i].off_s;
		rig_request_sign(&q, "directory");
		if (cases[i].text != NULL)
			expect(&rig, &q, FAIL_TIMEOUT, cases[i].text);
		else
			assert_int_equal(send_and_free(&rig, &q).status, 200);
	}
	/* Times that no clock shows. */
	request(&rig, &q);
	q.message.time_s = UINT64_MAX;
	rig_request_sign(&q, "directory");
	assert_int_equal(send_and_free(&rig, &q).status, 401);
	request(&rig, &q);
	q.message.time_s = 0;
	rig_request_sign(&q, "directory");
	assert_int_equal(send_and_free(&rig, &q).status, 401);
	rig_end(&rig);
}

static void
test_replays(void **ctx)
{
	struct rig_request q;
	struct rig_reply reply;
	struct rig rig;

	(void)ctx;
	begin(&rig);
	rig.now_ms += 5000;
	request(&rig, &q);
	rig_request_sign(&q, "directory");
	assert_int_equal(rig_send(&rig, "directory", &q).status, 200);
	for (int i = 0; i < 120; i += 40) {
		reply = rig_send(&rig, "directory", &q);
		assert_int_equal(reply.status, 401);
		assert_string_equal(reply.text, "this request was received before");
		rig.now_ms += 40 * 1000;
	}
	/* After its time the clock refuses it. */
	rig.now_ms += 1000;
	assert_int_equal(rig_send(&rig, "directory", &q).fail, FAIL_TIMEOUT);

	/* The next process has forgotten the nonces, and takes nothing that is older than it. */
	q.message.time_s = rig.now_ms / 1000;
	rig_request_sign(&q, "directory");
	rig.now_ms += 1000;
	rig_restart(&rig);
	reply = rig_send(&rig, "directory", &q);
	assert_int_equal(reply.status, 503);
	assert_string_equal(
		reply.text, "the station has just begun; try again in a moment");
	q.message.time_s = rig.now_ms / 1000;
	rig_request_sign(&q, "directory");
	assert_int_equal(rig_send(&rig, "directory", &q).status, 200);
	buf_done(&q.body);
	rig_end(&rig);
}

/* Far more requests than the table has places at first: each is still taken once. */
static void
test_many_nonces(void **ctx)
{
	enum { COUNT = 3000 };
	struct rig_request q;
	struct rig rig;

	(void)ctx;
	begin(&rig);
	for (uint32_t i = 0; i < 2 * COUNT; i++) {
		rig_request_by_enrol_key(&rig, "rita", &q);
		memset(q.nonce, 0, sizeof q.nonce);
		q.nonce[0] = (uint8_t)(i % COUNT >> 8);
		q.nonce[1] = (uint8_t)(i % COUNT);
		rig_request_sign(&q, "pending");
		assert_int_equal(
			rig_send(&rig, "pending", &q).status, i < COUNT ? 200 : 401);
		rig_forget(&rig);
	}
	/* They are forgotten when their time is over. */
	rig.now_ms += 121 * 1000;
	for (uint32_t i = 0; i < 2; i++) {
		rig_request_by_enrol_key(&rig, "rita", &q);
		rig_request_sign(&q, "pending");
		assert_int_equal(rig_send(&rig, "pending", &q).status, 200);
	}
	rig_end(&rig);
}

static void
test_validity(void **ctx)
{
	struct rig_request q;
	struct rig rig;

	(void)ctx;
	begin(&rig);
	rig.now_ms = (uint64_t)PEOPLE_UNTIL_S * 1000 - 1;
	request(&rig, &q);
	rig_request_sign(&q, "directory");
	assert_int_equal(send_and_free(&rig, &q).status, 200);
	rig.now_ms++;
	request(&rig, &q);
	rig_request_sign(&q, "directory");
	expect(&rig, &q, FAIL_SIGNER,
		"this credential ended at 2027-01-15T08:00:00Z; ask two enrolment "
		"officers for a new one");
	/* Within the hour our directory no longer has it. */
	rig.now_ms += 3600 * 1000;
	rig_settle(&rig);
	assert_int_equal(
		store_directory(rig.store, address_of("PT"))->credential_count, 0);
	rig_end(&rig);
}

static void
test_revoked(void **ctx)
{
	struct order order = {.type = ORDER_REVOKE,
		.member = address_of("PT"),
		.target = address_of("PT/ana"),
		.credential = rd_of("", 0),
		.at_s = RIG_NOW_S,
		.reason = rd_of("", 0)};
	struct post_order message;
	struct rig_request q;
	struct buf bytes;
	uint8_t seed[32];
	struct rig rig;

	(void)ctx;
	begin(&rig);
	buf_init(&bytes, ORDER_BYTES_MAX);
	people_seed("PT", "sergio", "enrol", seed);
	assert_int_equal(order_sign(&order, seed, &bytes), 0);
	message.order = rig_bytes(&bytes);
	assert_int_equal(
		rig_open_ask(&rig, "order", &post_order_codec, &message).status, 200);
	for (int i = 0; i < 2; i++) {
		request(&rig, &q);
		rig_request_sign(&q, "directory");
		expect(&rig, &q, FAIL_SIGNER, "this device was revoked");
		rig.now_ms += 1000;
		rig_restart(&rig);
	}
	buf_done(&bytes);
	rig_end(&rig);
}

/* Members are known by the key that front has seen. */
static void
test_members(void **ctx)
{
	const struct rig_asking no_key = {.source = FRONT_PEER, .path = "roster"};
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	assert_int_equal(rig_peer(&rig, "CY", "roster", NULL, NULL).status, 503);
	rig_join(&rig);
	assert_int_equal(rig_peer(&rig, "CY", "roster", NULL, NULL).status, 400);
	assert_int_equal(rig_peer(&rig, "EE", "roster", NULL, NULL).status, 503);
	assert_int_equal(rig_peer(&rig, "PT", "roster", NULL, NULL).status, 503);
	assert_int_equal(rig_ask(&rig, &no_key).status, 503);
	rig_end(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_unknown_keys),
		cmocka_unit_test(test_not_for_such_a_key),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_replays),
		cmocka_unit_test(test_many_nonces),
		cmocka_unit_test(test_validity),
		cmocka_unit_test(test_revoked),
		cmocka_unit_test(test_members),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
