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
#include "member/order.h"
#include "store_rig.h"

/* REVOKE, HOLD, LIFT: at once here, and everywhere soon. */

static void
make_order(const char *member, const char *by, struct order *order, struct buf *out)
{
	uint8_t seed[32];

	order->member = address_of(member);
	if (order->credential.ptr == NULL)
		order->credential = rd_of("", 0);
	order->reason = rd_of("", 0);
	people_seed(member, by, "enrol", seed);
	buf_clear(out);
	assert_int_equal(order_sign(order, seed, out), 0);
}

static struct rig_reply
bring(struct rig *rig, const char *peer, const struct buf *order)
{
	const struct post_order message = {.order = rig_bytes(order)};

	return peer == NULL ? rig_open_ask(rig, "order", &post_order_codec, &message)
			    : rig_peer(rig, peer, "order", &post_order_codec, &message);
}

/* CY with eleni and nikos, who are known here by its directory. */
static void
begin(struct rig *rig)
{
	static const char *const officers[] = {"eleni", "nikos"};
	struct post_note message;
	struct buf note;

	rig_begin(rig, "PT");
	rig_join(rig);
	buf_init(&note, NOTE_BYTES_MAX);
	rig_directory("CY", 1, officers, 2, &note);
	message.note = rig_bytes(&note);
	assert_int_equal(
		rig_peer(rig, "CY", "directory", &post_note_codec, &message).status, 200);
	buf_done(&note);
	rig_forget(rig);
}

static const struct store_credential *
credential(struct rig *rig, const char *member, size_t i)
{
	const struct store_credential *c = NULL;
	const struct directory *d = store_directory(rig->store, address_of(member));

	assert_int_equal(
		store_credential_find(rig->store, d->credentials[i].hash, &c), 0);
	return c;
}

static void
test_revoke(void **ctx)
{
	struct order order = {.type = ORDER_REVOKE,
		.target = address_of("CY/eleni"),
		.at_s = RIG_NOW_S};
	struct buf bytes;
	struct rig rig;

	(void)ctx;
	begin(&rig);
	buf_init(&bytes, ORDER_BYTES_MAX);
	assert_false(credential(&rig, "CY", 0)->is_revoked);
	make_order("CY", "sergio", &order, &bytes);
	/* From the member: it tells the others itself. */
	assert_int_equal(bring(&rig, "CY", &bytes).status, 200);
	assert_int_equal(rig.outgoing_count, 0);
	assert_true(credential(&rig, "CY", 0)->is_revoked);
	assert_false(credential(&rig, "CY", 1)->is_revoked);
	assert_int_equal(bring(&rig, "CY", &bytes).status, 200);
	rig_restart(&rig);
	assert_true(credential(&rig, "CY", 0)->is_revoked);
	assert_false(credential(&rig, "CY", 1)->is_revoked);
	buf_done(&bytes);
	rig_end(&rig);
}

/* The device alone; the officer's directory says so soon. */
static void
test_revoke_own_device(void **ctx)
{
	struct order order = {
		.type = ORDER_REVOKE, .target = address_of("PT/ana"), .at_s = RIG_NOW_S};
	uint8_t hash[HASH_LEN];
	struct buf bytes;
	struct rig rig;

	(void)ctx;
	begin(&rig);
	rig_enrol(&rig, "ana", SUBJECT_OFFICER);
	rig_enrol(&rig, "ben", SUBJECT_OFFICER);
	memcpy(hash, credential(&rig, "PT", 0)->hash, sizeof hash);
	order.credential = rd_of(hash, sizeof hash);
	buf_init(&bytes, ORDER_BYTES_MAX);
	make_order("PT", "sergio", &order, &bytes);
	rig_forget(&rig);
	assert_int_equal(bring(&rig, NULL, &bytes).status, 200);
	assert_int_equal(rig_queued(&rig, "CY", "order"), 1);
	assert_int_equal(rig_queued(&rig, "FR", "order"), 1);
	assert_int_equal(rig.outgoing[0].urgency, 4);
	assert_int_equal(rig_queued(&rig, "CY", "directory"), 1);
	assert_int_equal(
		store_directory(rig.store, address_of("PT"))->credential_count, 1);
	/* Once is enough. */
	rig_forget(&rig);
	assert_int_equal(bring(&rig, NULL, &bytes).status, 200);
	assert_int_equal(rig.outgoing_count, 0);
	buf_done(&bytes);
	rig_end(&rig);
}

/* A security officer whose station would not pass the order on brings it here. */
static void
test_order_of_another_member(void **ctx)
{
	struct order order = {
		.type = ORDER_HOLD, .target = address_of("CY/nikos"), .at_s = RIG_NOW_S};
	struct buf bytes;
	struct rig rig;

	(void)ctx;
	begin(&rig);
	buf_init(&bytes, ORDER_BYTES_MAX);
	make_order("CY", "sergio", &order, &bytes);
	assert_int_equal(bring(&rig, NULL, &bytes).status, 200);
	assert_int_equal(rig_queued(&rig, "CY", "order"), 1);
	assert_int_equal(rig_queued(&rig, "FR", "order"), 1);
	buf_done(&bytes);
	rig_end(&rig);
}

static void
test_orders_refused(void **ctx)
{
	struct order order = {
		.type = ORDER_HOLD, .target = address_of("CY"), .at_s = RIG_NOW_S};
	struct rig_reply reply;
	struct buf bytes;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	buf_init(&bytes, ORDER_BYTES_MAX);
	make_order("PT", "sergio", &order, &bytes);
	reply = bring(&rig, NULL, &bytes);
	assert_int_equal(reply.status, 503);
	assert_string_equal(reply.text, "this member has no security officer yet");
	rig_end(&rig);

	begin(&rig);
	make_order("PT", "rita", &order, &bytes); /* a registrar */
	reply = bring(&rig, NULL, &bytes);
	assert_int_equal(reply.status, 401);
	assert_string_equal(reply.text, "the order is by no security officer of PT");
	make_order("EE", "sergio", &order, &bytes);
	assert_int_equal(bring(&rig, NULL, &bytes).status, 401);
	make_order("PT", "sergio", &order, &bytes);
	bytes.data[bytes.len - 1] ^= 1;
	reply = bring(&rig, NULL, &bytes);
	assert_int_equal(reply.status, 401);
	assert_string_equal(reply.text, "the signature under the order is false");
	bytes.data[0] ^= 1;
	assert_int_equal(bring(&rig, NULL, &bytes).status, 400);
	order.at_s = RIG_NOW_S + 121;
	make_order("PT", "sergio", &order, &bytes);
	assert_int_equal(bring(&rig, NULL, &bytes).status, 503);
	rig.now_ms += 1000;
	assert_int_equal(bring(&rig, NULL, &bytes).status, 200);
	buf_done(&bytes);
	rig_end(&rig);
}

/* Before the community exists, by the founding file. */
static void
test_order_before_joining(void **ctx)
{
	struct order order = {
		.type = ORDER_REVOKE, .target = address_of("PT/ana"), .at_s = RIG_NOW_S};
	struct buf bytes;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_found(&rig);
	rig_enrol(&rig, "ana", SUBJECT_OFFICER);
	buf_init(&bytes, ORDER_BYTES_MAX);
	make_order("PT", "sergio", &order, &bytes);
	assert_int_equal(bring(&rig, NULL, &bytes).status, 200);
	assert_int_equal(
		store_directory(rig.store, address_of("PT"))->credential_count, 0);
	buf_done(&bytes);
	rig_end(&rig);
}

static bool
is_held(struct rig *rig, const char *originator, size_t officer)
{
	return store_is_held(
		rig->store, address_of(originator), credential(rig, "CY", officer));
}

static void
test_holds(void **ctx)
{
	static const char *const targets[] = {"CY", "CY/duty", "CY/eleni"};
	struct order order = {.type = ORDER_HOLD};
	struct buf bytes;
	struct rig rig;

	(void)ctx;
	buf_init(&bytes, ORDER_BYTES_MAX);
	for (size_t i = 0; i < 3; i++) {
		begin(&rig);
		assert_false(is_held(&rig, "PT", 0));
		order.type = ORDER_HOLD;
		order.target = address_of(targets[i]);
		order.at_s = RIG_NOW_S;
		make_order("PT", "sergio", &order, &bytes);
		assert_int_equal(bring(&rig, NULL, &bytes).status, 200);
		assert_true(is_held(&rig, "PT", 0));
		assert_int_equal(is_held(&rig, "PT", 1), i < 2);
		/* For PT's documents; FR decides about its own. */
		assert_false(is_held(&rig, "FR", 0));
		/* Another target's LIFT ends nothing; nor does FR's. */
		order.type = ORDER_LIFT;
		order.target = address_of("CY/nikos");
		make_order("PT", "sergio", &order, &bytes);
		assert_int_equal(bring(&rig, NULL, &bytes).status, 200);
		order.target = address_of(targets[i]);
		make_order("FR", "sergio", &order, &bytes);
		assert_int_equal(bring(&rig, "FR", &bytes).status, 200);
		assert_true(is_held(&rig, "PT", 0));
		/* In the same second: what came later. */
		make_order("PT", "sergio", &order, &bytes);
		assert_int_equal(bring(&rig, NULL, &bytes).status, 200);
		assert_false(is_held(&rig, "PT", 0));
		rig_restart(&rig);
		assert_false(is_held(&rig, "PT", 0));
		/* Held again, by a later one. */
		order.type = ORDER_HOLD;
		order.at_s++;
		make_order("PT", "sergio", &order, &bytes);
		assert_int_equal(bring(&rig, NULL, &bytes).status, 200);
		assert_true(is_held(&rig, "PT", 0));
		rig_end(&rig);
	}
	buf_done(&bytes);
}

/* On its way the LIFT has overtaken the HOLD. */
static void
test_lift_overtakes(void **ctx)
{
	struct order order = {
		.type = ORDER_LIFT, .target = address_of("CY"), .at_s = RIG_NOW_S + 10};
	struct buf bytes;
	struct rig rig;

	(void)ctx;
	begin(&rig);
	buf_init(&bytes, ORDER_BYTES_MAX);
	make_order("FR", "sergio", &order, &bytes);
	assert_int_equal(bring(&rig, "FR", &bytes).status, 200);
	order.type = ORDER_HOLD;
	order.at_s = RIG_NOW_S;
	make_order("FR", "sergio", &order, &bytes);
	assert_int_equal(bring(&rig, "FR", &bytes).status, 200);
	assert_false(is_held(&rig, "FR", 0));
	buf_done(&bytes);
	rig_end(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_revoke),
		cmocka_unit_test(test_revoke_own_device),
		cmocka_unit_test(test_order_of_another_member),
		cmocka_unit_test(test_orders_refused),
		cmocka_unit_test(test_order_before_joining),
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_lift_overtakes),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
