/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"
#include "cable/receipt.h"
#include "custody/recall.h"
#include "custody/send.h"
#include "member/order.h"
#include "valised/vault_impl.h"
#include "world.h"

/* What the addressees' stations say: delivered, refused, read, acknowledged; and recalls. */

static void
test_acknowledged(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable cable;
	struct receipt receipt;

	world_send(w, &cable);
	world_receipt(w, &cable, "CY/duty", &receipt);
	assert_int_equal(receipt.kind, RECEIPT_DELIVERED);
	world_expect(w, world_ack(w, w->eleni, &cable, RECEIPT_WILL_COMPLY), 403,
		"has not been read yet");
	world_expect(w, world_ack(w, w->nikos, &cable, RECEIPT_WILL_COMPLY), 403,
		"not addressed to you");
	world_expect(w, world_ack(w, w->ana, &cable, RECEIPT_WILL_COMPLY), 403,
		"not addressed to you");
	world_opens(w, w->eleni, &cable);
	/* At once: her read receipt may still be on its way. */
	assert_int_equal(world_ack(w, w->eleni, &cable, RECEIPT_WILL_COMPLY), 200);
	world_state(w, &cable, "CY/duty", DELIVERY_ACKNOWLEDGED);
	world_receipt(w, &cable, "CY/duty", &receipt);
	assert_int_equal(receipt.kind, RECEIPT_ACKNOWLEDGED);
	assert_int_equal(receipt.answer, RECEIPT_WILL_COMPLY);
	assert_memory_equal(receipt.officer.ptr, "CY/eleni.k", receipt.officer.len);
	assert_memory_equal(receipt.text.ptr, "understood", receipt.text.len);
	assert_int_equal(world_ack(w, w->eleni, &cable, RECEIPT_RECEIVED), 200);
	world_state(w, &cable, "CY/duty", DELIVERY_ACKNOWLEDGED);
	world_state(w, &cable, "FR/claire.m", DELIVERY_DELIVERED);
	sim_cable_done(&cable);
}

/* PT is away while CY reads and answers: all receipts come later, and in order. */
static void
test_later(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable cable;

	world_send(w, &cable);
	world_opens(w, w->eleni, &cable);
	w->sim->stations[SIM_PT].is_down = true;
	assert_int_equal(world_ack(w, w->eleni, &cable, RECEIPT_RECEIVED), 200);
	sim_pass(w->sim, 10 * 1000);
	w->sim->stations[SIM_PT].is_down = false;
	sim_pass(w->sim, 120 * 1000);
	sim_pass(w->sim, 120 * 1000);
	world_state(w, &cable, "CY/duty", DELIVERY_ACKNOWLEDGED);
	sim_cable_done(&cable);
}

static void
expect_refused(struct world *w, const struct sim_cable_plan *plan, const char *address,
	uint8_t answer, const char *sentence)
{
	struct sim_cable cable;
	struct receipt receipt;
	char text[RECEIPT_TEXT_MAX + 1];

	sim_send(w->sim, plan, &cable);
	world_state(w, &cable, address, DELIVERY_REFUSED);
	world_receipt(w, &cable, address, &receipt);
	assert_int_equal(receipt.kind, RECEIPT_REFUSED);
	assert_int_equal(receipt.answer, answer);
	memcpy(text, receipt.text.ptr, receipt.text.len);
	text[receipt.text.len] = '\0';
	if (strstr(text, sentence) == NULL)
		print_message("%s\n", text);
	assert_non_null(strstr(text, sentence));
	sim_cable_done(&cable);
}

static void
test_refused(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable_plan plan = world_plan(w);

	plan.to[0] = "CY/night";
	plan.info[0] = NULL;
	expect_refused(w, &plan, "CY/night", RECEIPT_NOT_CLEARED,
		"CY/nikos.p: The clearance does not include class SECRET");
	plan.to[0] = "EU/otto.w";
	expect_refused(w, &plan, "EU/otto.w", RECEIPT_NOT_CLEARED,
		"the station of EU: The clearance does not include class SECRET");
	plan.to[0] = "CY/duty";
	plan.readers[0] = w->nikos;
	expect_refused(w, &plan, "CY/duty", RECEIPT_NOT_VALID,
		"sealed to none of those who read");
	plan.readers[0] = NULL;
	assert_int_equal(sim_order(w->sim, SIM_PT, ORDER_HOLD, "CY/duty"), 200);
	sim_run(w->sim);
	expect_refused(w, &plan, "CY/duty", RECEIPT_ON_HOLD, "on hold");
}

/* One addressee of a station may be refused and another not. */
static void
test_each(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable_plan plan = world_plan(w);
	struct sim_cable cable;

	plan.to[1] = "CY/night";
	plan.info[0] = "CY/eleni.k";
	sim_send(w->sim, &plan, &cable);
	world_state(w, &cable, "CY/duty", DELIVERY_DELIVERED);
	world_state(w, &cable, "CY/night", DELIVERY_REFUSED);
	world_state(w, &cable, "CY/eleni.k", DELIVERY_DELIVERED);
	world_opens(w, w->eleni, &cable);
	sim_run(w->sim);
	/* She reads for the desk and for herself. */
	world_state(w, &cable, "CY/duty", DELIVERY_READ);
	world_state(w, &cable, "CY/eleni.k", DELIVERY_READ);
	world_expect(w, world_ack(w, w->nikos, &cable, RECEIPT_RECEIVED), 403,
		"has refused it for you");
	sim_cable_done(&cable);
}

static void
test_expired(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable_plan plan = world_plan(w);
	struct sim_cable cable;

	plan.expiry_s = w->sim->now_ms / 1000 + 60;
	w->sim->stations[SIM_CY].is_down = true;
	sim_send(w->sim, &plan, &cable);
	sim_pass(w->sim, 120 * 1000);
	w->sim->stations[SIM_CY].is_down = false;
	sim_pass(w->sim, 120 * 1000);
	world_state(w, &cable, "CY/duty", DELIVERY_EXPIRED);
	sim_cable_done(&cable);
}

static void
test_recall(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable cable;

	world_send(w, &cable);
	world_opens(w, w->claire, &cable);
	sim_run(w->sim);
	world_expect(w, world_end_cable(w, w->joao, &cable, "recall"), 403,
		"shares a desk with its author");
	world_expect(w, world_end_cable(w, w->eleni, &cable, "recall"), 403,
		"where it was sent from");
	world_opens(w, w->eleni, &cable);
	/* Whoever shares the author's desk may. */
	assert_int_equal(world_end_cable(w, w->rui, &cable, "recall"), 200);
	assert_int_equal(world_end_cable(w, w->ana, &cable, "recall"), 200);
	world_state(w, &cable, "CY/duty", DELIVERY_RECALLED);
	world_state(w, &cable, "FR/claire.m", DELIVERY_RECALLED);
	world_refused(w, w->eleni, &cable, 403, "recalled by PT on 2026-");
	world_refused(w, w->ana, &cable, 403, "wrong annex");
	/* Who had it before is listed still. */
	world_holders(w, &cable, "1 FR/claire.m;2 CY/eleni.k;");
	sim_cable_done(&cable);
}

/* CY is away; PT recalls; CY hears of both in any order, and lets nobody in. */
static void
test_recall_first(void **ctx)
{
	struct world *w = *ctx;
	const struct sim_cable_plan plan = world_plan(w);
	struct sim_cable cable;

	w->sim->stations[SIM_CY].is_down = true;
	sim_send(w->sim, &plan, &cable);
	world_state(w, &cable, "FR/claire.m", DELIVERY_DELIVERED);
	assert_int_equal(world_end_cable(w, w->ana, &cable, "recall"), 200);
	w->sim->stations[SIM_CY].is_down = false;
	for (int i = 0; i < 5; i++)
		sim_pass(w->sim, 120 * 1000);
	world_state(w, &cable, "CY/duty", DELIVERY_RECALLED);
	world_refused(w, w->eleni, &cable, 403, "recalled by PT");
	sim_cable_done(&cable);
}

/* The recall comes while custody is at work on the opening: nothing is handed out. */
static void
test_recall_between(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable_plan plan = world_plan(w);
	struct sim_opening opening = {0};
	struct post_recall recall = {.reason = rd_of("", 0)};
	struct sim_cable cable;
	struct buf body;

	buf_init(&body, 1024);
	plan.to[0] = "PT/treaties";
	sim_send(w->sim, &plan, &cable);
	recall.document_id = cable.document_id;
	codec_write(&post_recall_codec, &recall, &body);
	sim_opening_begin(w->sim, w->joao, &cable, &opening);
	sim_ask_begin(w->sim, w->ana, "recall", rd_of(body.data, body.len));
	world_expect(w, sim_opening_ask(w->sim, &opening, SIM_PT), 403, "recalled by PT");
	world_holders(w, &cable, "");
	sim_run(w->sim);
	world_state(w, &cable, "PT/treaties", DELIVERY_RECALLED);
	sim_opening_done(&opening);
	sim_cable_done(&cable);
	buf_done(&body);
}

static void
recall_body(const struct sim_station *by, const struct sim_cable *cable, uint8_t kind,
	struct buf *out)
{
	struct recall recall = {.kind = kind,
		.time_s = by->sim->now_ms / 1000,
		.reason = rd_of("", 0),
		.officer = rd_of("", 0)};
	struct post_object object;
	struct buf bytes;

	memcpy(recall.document_id, cable->document_id, sizeof recall.document_id);
	memcpy(recall.envelope_hash, cable->envelope_hash, HASH_LEN);
	buf_init(&bytes, RECALL_LEN_MAX);
	assert_int_equal(
		recall_sign(&recall, own_station_seed(by->keys, STATION_SIGN)), 0);
	assert_int_equal(recall_write(&recall, &bytes), 0);
	object.object = rd_of(bytes.data, bytes.len);
	codec_write(&post_object_codec, &object, out);
	buf_done(&bytes);
}

/* Only the originator's counts, for its own documents, signed by it, under its own path. */
static void
test_recall_false(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable cable;
	struct buf body;

	buf_init(&body, 4096);
	world_send(w, &cable);
	recall_body(&w->sim->stations[SIM_FR], &cable, RECALL_RECALL, &body);
	for (size_t i = 0; i < SIM_STATIONS; i++)
		if (i != SIM_FR)
			assert_int_equal(sim_peer(w->sim, SIM_FR, i, "recall",
						 rd_of(body.data, body.len)),
				200);
	world_expect(w,
		sim_peer(w->sim, SIM_EU, SIM_CY, "recall", rd_of(body.data, body.len)),
		401, "not signed by EU");
	world_expect(w,
		sim_peer(w->sim, SIM_FR, SIM_CY, "destroy", rd_of(body.data, body.len)),
		409, "another kind");
	buf_clear(&body);
	recall_body(&w->sim->stations[SIM_FR], &cable, RECALL_DESTROY, &body);
	for (size_t i = 0; i < SIM_STATIONS; i++)
		if (i != SIM_FR)
			assert_int_equal(sim_peer(w->sim, SIM_FR, i, "destroy",
						 rd_of(body.data, body.len)),
				200);
	world_opens(w, w->eleni, &cable);
	sim_run(w->sim);
	world_state(w, &cable, "CY/duty", DELIVERY_READ);
	buf_done(&body);
	sim_cable_done(&cable);
}

/* At how many stations custody has a key of this document: V at one, shares at three. */
static size_t
count_keys(const struct world *w, const struct sim_cable *cable)
{
	struct vault_document document;
	size_t count = 0;

	for (size_t i = 0; i < SIM_STATIONS; i++)
		count += documents_find(state_documents(w->sim->stations[i].vault->state),
				 cable->document_id, &document) == 0;
	mem_wipe(&document, sizeof document);
	return count;
}

/* The rows say so, and the keys are gone: a station that forgot its rows cannot open it. */
static void
test_destroy(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable cable;

	world_send(w, &cable);
	world_expect(w, world_end_cable(w, w->joao, &cable, "destroy"), 403,
		"shares a desk with its author");
	assert_int_equal(count_keys(w, &cable), SIM_STATIONS);
	assert_int_equal(world_end_cable(w, w->ana, &cable, "destroy"), 200);
	world_state(w, &cable, "CY/duty", DELIVERY_RECALLED);
	world_refused(w, w->eleni, &cable, 403, "destroyed by PT on 2026-");
	assert_int_equal(world_end_cable(w, w->ana, &cable, "destroy"), 200);
	assert_int_equal(count_keys(w, &cable), 0);
	/* There is nothing left to recall, and it is no error. */
	assert_int_equal(world_end_cable(w, w->ana, &cable, "recall"), 200);
	sim_cable_done(&cable);
}

/* Receipts that somebody else makes up, or that are about nothing of ours. */
static void
receipt_body(const struct sim_station *by, const struct receipt *receipt, struct buf *out)
{
	struct receipt made = *receipt;
	struct post_object object;
	struct buf bytes;

	buf_init(&bytes, RECEIPT_LEN_MAX);
	assert_int_equal(
		receipt_sign(&made, own_station_seed(by->keys, STATION_SIGN)), 0);
	assert_int_equal(receipt_write(&made, &bytes), 0);
	object.object = rd_of(bytes.data, bytes.len);
	buf_clear(out);
	codec_write(&post_object_codec, &object, out);
	buf_done(&bytes);
}

static void
test_receipts_false(void **ctx)
{
	struct world *w = *ctx;
	struct receipt receipt = {.kind = RECEIPT_READ,
		.member = address_of("CY"),
		.addressee = address_of("CY/duty"),
		.officer = address_of("CY/eleni.k"),
		.time_s = SIM_START_S,
		.text = rd_of("", 0)};
	const struct sim_station *fr = &w->sim->stations[SIM_FR];
	const struct sim_station *cy = &w->sim->stations[SIM_CY];
	struct sim_cable cable;
	struct buf body;

	buf_init(&body, 4096);
	world_send(w, &cable);
	memcpy(receipt.document_id, cable.document_id, sizeof receipt.document_id);
	memcpy(receipt.envelope_hash, cable.envelope_hash, HASH_LEN);
	receipt_body(fr, &receipt, &body);
	world_expect(w,
		sim_peer(w->sim, SIM_FR, SIM_PT, "receipt", rd_of(body.data, body.len)),
		403, "its own receipts");
	assert_int_not_equal(
		sim_peer(w->sim, SIM_CY, SIM_PT, "receipt", rd_of(body.data, body.len)),
		200);
	world_state(w, &cable, "CY/duty", DELIVERY_DELIVERED);
	receipt.envelope_hash[1] ^= 1;
	receipt_body(cy, &receipt, &body);
	assert_int_not_equal(
		sim_peer(w->sim, SIM_CY, SIM_PT, "receipt", rd_of(body.data, body.len)),
		200);
	world_state(w, &cable, "CY/duty", DELIVERY_DELIVERED);
	receipt.document_id[1] ^= 1;
	receipt_body(cy, &receipt, &body);
	world_expect(w,
		sim_peer(w->sim, SIM_CY, SIM_PT, "receipt", rd_of(body.data, body.len)),
		404, "");
	receipt.document_id[1] ^= 1;
	receipt.envelope_hash[1] ^= 1;
	receipt_body(cy, &receipt, &body);
	for (int i = 0; i < 2; i++)
		assert_int_equal(sim_peer(w->sim, SIM_CY, SIM_PT, "receipt",
					 rd_of(body.data, body.len)),
			200);
	world_state(w, &cable, "CY/duty", DELIVERY_READ);
	buf_done(&body);
	sim_cable_done(&cable);
}

/*
 * Custody cannot sign just then: the cable is there all the same, and its receipts follow when
 * custody can.  So they do when the process ended between the two.
 */
static void
test_owed(void **ctx)
{
	struct world *w = *ctx;
	const struct sim_cable_plan plan = world_plan(w);
	struct sim_station *cy = &w->sim->stations[SIM_CY];
	struct sim_cable cable;

	sim_seal(w->sim, &plan, &cable);
	cy->is_down = true;
	assert_int_equal(sim_announce(w->sim, w->ana, &cable), 200);
	sim_run(w->sim);
	cy->is_custody_busy = true;
	cy->is_down = false;
	sim_pass(w->sim, 120 * 1000);
	world_state(w, &cable, "CY/duty", DELIVERY_KEPT);
	world_state(w, &cable, "FR/claire.m", DELIVERY_DELIVERED);
	cy->is_custody_busy = false;
	sim_pass(w->sim, 31 * 1000);
	world_state(w, &cable, "CY/duty", DELIVERY_DELIVERED);
	/* The same for a reading: FR and EU give the shares, CY only passes on. */
	cy->is_custody_busy = true;
	{
		struct sim_opening opening = {0};

		sim_opening_begin(w->sim, w->eleni, &cable, &opening);
		assert_int_equal(sim_opening_ask(w->sim, &opening, SIM_PT), 200);
		sim_opening_done(&opening);
	}
	sim_run(w->sim);
	world_state(w, &cable, "CY/duty", DELIVERY_DELIVERED);
	world_expect(w, world_ack(w, w->eleni, &cable, RECEIPT_RECEIVED), 503,
		"custody is busy");
	cy->is_custody_busy = false;
	sim_pass(w->sim, 31 * 1000);
	world_state(w, &cable, "CY/duty", DELIVERY_READ);
	assert_int_equal(world_ack(w, w->eleni, &cable, RECEIPT_RECEIVED), 200);
	world_state(w, &cable, "CY/duty", DELIVERY_ACKNOWLEDGED);
	sim_cable_done(&cable);
}

/* Want of memory in every message of an acknowledgement: it comes through in the end, once. */
static void
test_memory(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable cable;
	uint16_t status = 0;
	long n, refused = 0;

	world_send(w, &cable);
	world_opens(w, w->eleni, &cable);
	for (n = 0; n < 400 && status != 200; n++) {
		const struct post_ack ack = {.document_id = cable.document_id,
			.answer = RECEIPT_CANNOT_COMPLY,
			.text = rd_of("", 0)};

		w->sim->fail_at = n;
		status = sim_ask(w->sim, w->eleni, "ack", &post_ack_codec, &ack);
		w->sim->fail_at = -1;
		assert_true(status == 200 || status == 503);
		refused += status != 200;
	}
	assert_int_equal(status, 200);
	assert_true(refused > 5);
	for (int i = 0; i < 5; i++)
		sim_pass(w->sim, 120 * 1000);
	world_state(w, &cable, "CY/duty", DELIVERY_ACKNOWLEDGED);
	sim_cable_done(&cable);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_acknowledged, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_later, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_refused, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_each, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_expired, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_recall, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_recall_first, world_make, world_end),
		cmocka_unit_test_setup_teardown(
			test_recall_between, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_recall_false, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_destroy, world_make, world_end),
		cmocka_unit_test_setup_teardown(
			test_receipts_false, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_owed, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_memory, world_make, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
