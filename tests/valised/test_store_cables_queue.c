/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "cable/receipt.h"
#include "allies.h"
#include "store/documents.h"
#include "store/outgoing.h"
#include "valised/store_core.h"

/*
 * The way of a cable when members are away, slow or false: states move only by signed things
 * and clocks, nothing is lost, nothing is tried for ever in vain.
 */

static void
down(struct allies *w, bool is_down, const char *which)
{
	for (size_t i = 0; i < SIM_STATIONS; i++)
		if (strstr(which, w->sim->stations[i].name) != NULL)
			w->sim->stations[i].is_down = is_down;
}

static enum delivery
state(struct allies *w, const struct sim_cable *cable, const char *to)
{
	return sim_state(w->sim, w->ana, cable->document_id, to);
}

static uint64_t
queued(struct allies *w, size_t station)
{
	uint64_t count = 0;

	assert_int_equal(outgoing_count(w->sim->stations[station].db, &count), 0);
	return count;
}

/* The newest receipt about an addressee, as the state answer has it. */
static void
newest_receipt(
	struct allies *w, const struct sim_cable *cable, struct receipt *ret_receipt)
{
	struct post_progress progress;
	struct post_state answer;

	assert_int_equal(allies_ask(w, w->ana, "state", cable->document_id, 0), 200);
	assert_int_equal(codec_parse_whole(&post_state_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &answer),
		0);
	assert_int_equal(
		codec_parse(&post_progress_codec, &answer.addressees, &progress), 0);
	assert_int_equal(receipt_parse(progress.receipt, ret_receipt), 0);
}

/* Fewer than t of three custodians in 60 s: "not kept".  Late answers still count. */
static void
test_not_kept(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable cable;

	down(w, true, "CY EU");
	allies_send(w, "CY/duty", NULL, &cable);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_SENT);
	sim_pass(w->sim, 59000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_SENT);
	sim_pass(w->sim, 2000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_NOT_KEPT);
	down(w, false, "EU");
	sim_pass(w->sim, 61000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_KEPT);
	down(w, false, "CY");
	sim_pass(w->sim, 61000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_DELIVERED);
	assert_int_equal(queued(w, SIM_PT), 0);
	sim_cable_done(&cable);
}

/* A member that is away is called less and less often, and by one row alone. */
static void
test_away(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable cable;
	size_t calls, i;

	down(w, true, "CY");
	for (i = 0; i < 10; i++) {
		allies_send(w, "CY/duty", NULL, &cable);
		assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_KEPT);
		sim_cable_done(&cable);
	}
	assert_int_equal(queued(w, SIM_PT), 20); /* a KEEP and an envelope each */
	calls = w->sim->calls;
	for (i = 0; i < 600; i++)
		sim_pass(w->sim, 1000);
	/* 1, 2, 4, ... 60 s: 6 doublings and some 10 minutes, with jitter. */
	assert_in_range(w->sim->calls - calls, 8, 22);
	down(w, false, "CY");
	sim_pass(w->sim, 61000);
	assert_int_equal(queued(w, SIM_PT), 0);
	assert_string_equal(allies_box(w, w->eleni,
				    (struct post_inbox){.box = POST_BOX_IN, .max = 20}),
		"10 9 8 7 6 5 4 3 2 1 ");
}

/* FLASH was sent last and comes first. */
static void
test_flash_overtakes(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable_plan plan;
	struct sim_cable cable;
	struct post_row row;
	struct post_list list;

	down(w, true, "CY");
	for (size_t i = 0; i < 20; i++) {
		allies_send(w, "CY/duty", NULL, &cable);
		sim_cable_done(&cable);
	}
	allies_plan(w, "CY/duty", NULL, &plan);
	plan.flags = CORE_FLASH;
	sim_send(w->sim, &plan, &cable);
	down(w, false, "CY");
	sim_pass(w->sim, 61000);
	assert_int_equal(
		sim_ask(w->sim, w->eleni, "inbox", &post_inbox_codec,
			&(struct post_inbox){.box = POST_BOX_IN, .before = 2, .max = 9}),
		200);
	assert_int_equal(codec_parse_whole(&post_list_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &list),
		0);
	assert_int_equal(codec_parse(&post_row_codec, &list.items, &row), 0);
	assert_int_equal(row.number, 1);
	assert_int_equal(row.precedence, PRECEDENCE_FLASH);
	assert_memory_equal(row.document_id, cable.document_id, CORE_DOCUMENT_ID_LEN);
	sim_cable_done(&cable);
}

/* A member that was away for long is tried by a FLASH at once, and by nothing else. */
static void
test_flash_waits_for_no_pause(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable_plan plan;
	struct sim_cable cable;

	down(w, true, "CY");
	allies_send(w, "CY/duty", NULL, &cable);
	sim_cable_done(&cable);
	for (size_t i = 0; i < 300; i++)
		sim_pass(w->sim, 1000);
	down(w, false, "CY");
	allies_send(w, "CY/duty", NULL, &cable);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_KEPT);
	sim_cable_done(&cable);
	allies_plan(w, "CY/duty", NULL, &plan);
	plan.flags = CORE_FLASH;
	sim_send(w->sim, &plan, &cable);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_DELIVERED);
	sim_cable_done(&cable);
}

/* A member that calls is there: what waits for it, however long put off, goes out. */
static void
test_heard(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable cable, other;
	struct sim_cable_plan plan;

	down(w, true, "CY");
	allies_send(w, "CY/duty", NULL, &cable);
	for (size_t i = 0; i < 300; i++)
		sim_pass(w->sim, 1000);
	down(w, false, "CY");
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_KEPT);
	allies_plan(w, "FR/duty", NULL, &plan);
	plan.author = w->eleni;
	sim_send(w->sim, &plan, &other); /* a KEEP from CY to PT */
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_DELIVERED);
	sim_cable_done(&other);
	sim_cable_done(&cable);
}

/* The clock was a day ahead when CY was tried in vain, and is put right. */
static void
test_clock_put_back(void **ctx)
{
	struct allies *w = *ctx;
	const uint64_t day_ms = UINT64_C(86400) * 1000;
	struct sim_cable cable;

	down(w, true, "CY");
	allies_send(w, "CY/duty", NULL, &cable);
	sim_pass(w->sim, day_ms);
	sim_pass(w->sim, 1000);
	down(w, false, "CY");
	w->sim->now_ms -= day_ms;
	sim_pass(w->sim, 0);
	sim_pass(w->sim, 61000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_DELIVERED);
	assert_int_equal(queued(w, SIM_PT), 0);
	sim_cable_done(&cable);
}

/*
 * A row that somebody changed on the disk is put off, however urgent; what is behind it goes
 * out.
 */
static void
test_bad_row(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable first, second;
	struct db *db = w->sim->stations[SIM_PT].db;
	struct outgoing_row row = {.member = address_of("CY"),
		.path = address_of("receipt"),
		.urgency = 4,
		.bytes = address_of("not what was sealed under our row key")};

	down(w, true, "CY");
	allies_send(w, "CY/duty", NULL, &first);
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(outgoing_put(db, &row), 0);
	assert_int_equal(db_commit(db), 0);
	allies_send(w, "CY/duty", NULL, &second);
	down(w, false, "CY");
	sim_pass(w->sim, 61000);
	assert_int_equal(state(w, &first, "CY/duty"), DELIVERY_DELIVERED);
	assert_int_equal(state(w, &second, "CY/duty"), DELIVERY_DELIVERED);
	assert_int_equal(queued(w, SIM_PT), 1);
	sim_cable_done(&second);
	sim_cable_done(&first);
}

/* The clock runs out before it is delivered: signed by us, and a late receipt still counts. */
static void
test_non_receipt(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable_plan plan;
	struct receipt receipt;
	struct sim_cable cable;

	down(w, true, "CY");
	allies_plan(w, "CY/duty", NULL, &plan);
	plan.flags = CORE_FLASH;
	sim_send(w->sim, &plan, &cable);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_KEPT);
	sim_pass(w->sim, 599000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_KEPT);
	sim_pass(w->sim, 1000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_NON_RECEIPT);
	newest_receipt(w, &cable, &receipt);
	assert_int_equal(receipt.kind, RECEIPT_NON_RECEIPT);
	assert_int_equal(receipt.answer, RECEIPT_NOT_DELIVERED);
	assert_int_equal(
		receipt_verify(&receipt,
			store_roster(w->sim->stations[SIM_PT].store)->members[3].sign),
		0);
	down(w, false, "CY");
	sim_pass(w->sim, 61000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_DELIVERED);
	/* Delivered late, it is not accused a second time. */
	sim_pass(w->sim, 3600000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_DELIVERED);
	sim_cable_done(&cable);
}

static void
test_not_read(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable_plan plan;
	struct receipt receipt;
	struct sim_cable cable;

	allies_plan(w, "CY/duty", NULL, &plan);
	plan.flags = CORE_FLASH;
	sim_send(w->sim, &plan, &cable);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_DELIVERED);
	sim_pass(w->sim, 600000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_NON_RECEIPT);
	newest_receipt(w, &cable, &receipt);
	assert_int_equal(receipt.answer, RECEIPT_NOT_READ);
	sim_cable_done(&cable);
}

/* What has expired is not sent any more. */
static void
test_expiry(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable_plan plan;
	struct sim_cable cable;

	down(w, true, "CY");
	allies_plan(w, "CY/duty", "FR/duty", &plan);
	plan.expiry_s = w->sim->now_ms / 1000 + 100;
	sim_send(w->sim, &plan, &cable);
	assert_int_equal(state(w, &cable, "FR/duty"), DELIVERY_DELIVERED);
	sim_pass(w->sim, 100000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_EXPIRED);
	assert_int_equal(state(w, &cable, "FR/duty"), DELIVERY_EXPIRED);
	down(w, false, "CY");
	sim_pass(w->sim, 61000);
	sim_pass(w->sim, 61000);
	assert_int_equal(queued(w, SIM_PT), 0);
	assert_string_equal(allies_box(w, w->eleni,
				    (struct post_inbox){.box = POST_BOX_IN, .max = 20}),
		"");
	sim_cable_done(&cable);
}

/* 4xx is final for an envelope: CY holds another one under its id. */
static void
test_refused_for_good(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable cable, copy;
	struct post_document post;
	struct buf body;

	buf_init(&body, POST_BODY_MAX);
	down(w, true, "CY");
	allies_send(w, "CY/duty", "FR/duty", &cable);
	copy = cable;
	/* The row in CY: the same id, another envelope. */
	assert_int_equal(allies_ask(w, w->ana, "document", cable.document_id, 0), 200);
	buf_bytes(&body, w->sim->reply.data, w->sim->reply.len);
	assert_int_equal(codec_parse_whole(
				 &post_document_codec, rd_of(body.data, body.len), &post),
		0);
	down(w, false, "CY");
	{
		struct store *cy = w->sim->stations[SIM_CY].store;
		const uint8_t other[HASH_LEN] = {9};
		const struct documents_row row = {.document_id = copy.document_id,
			.envelope_hash = other,
			.number = 77,
			.originator = address_of("PT"),
			.author = other,
			.label = address_of("l"),
			.core = address_of("c"),
			.summary = address_of("s")};
		const struct documents_part part = {.header = address_of("h"),
			.trailer = address_of("t"),
			.enrols = address_of("e")};

		assert_int_equal(db_begin(store_db(cy)), 0);
		assert_int_equal(documents_put(store_db(cy), &row, &part), 0);
		assert_int_equal(db_commit(store_db(cy)), 0);
	}
	sim_pass(w->sim, 61000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_REFUSED);
	assert_int_equal(state(w, &cable, "FR/duty"), DELIVERY_DELIVERED);
	assert_int_equal(queued(w, SIM_PT), 0);
	buf_done(&body);
	sim_cable_done(&cable);
}

/*
 * A long body: one call for the envelope and one for each chunk that is missing there.  What
 * was there before a break is not sent again.
 */
static void
test_resume(void **ctx)
{
	struct allies *w = *ctx;
	struct post_document post;
	struct sim_cable cable;
	struct buf body, chunk;
	size_t calls;

	buf_init(&body, POST_BODY_MAX);
	buf_init(&chunk, POST_BODY_MAX);
	down(w, true, "CY");
	allies_seal_long(w, "CY/duty", 5 * ALLIES_MIB, &cable);
	assert_int_equal(sim_announce(w->sim, w->ana, &cable), 200);
	for (uint32_t n = 0; n < 6; n++)
		assert_int_equal(allies_put_chunk(w, w->ana, &cable, n), 200);
	sim_run(w->sim);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_KEPT);

	/* Before the break, PT's station had brought the envelope and chunks 0, 1 and 3. */
	assert_int_equal(allies_ask(w, w->ana, "document", cable.document_id, 0), 200);
	buf_bytes(&body, w->sim->reply.data, w->sim->reply.len);
	assert_int_equal(codec_parse_whole(
				 &post_document_codec, rd_of(body.data, body.len), &post),
		0);
	assert_int_equal(post.body.len, 0);
	assert_int_equal(
		sim_peer(w->sim, SIM_PT, SIM_CY, "announce", rd_of(body.data, body.len)),
		200);
	for (uint32_t n = 0; n < 4; n += n == 1 ? 2 : 1) {
		buf_clear(&chunk);
		allies_chunk(&cable, n, &chunk);
		assert_int_equal(sim_peer(w->sim, SIM_PT, SIM_CY, "chunk",
					 rd_of(chunk.data, chunk.len)),
			200);
	}
	calls = w->sim->calls;
	down(w, false, "CY");
	sim_pass(w->sim, 61000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_DELIVERED);
	/* KEEP, envelope, chunks 2, 4 and 5 from PT; the receipt from CY. */
	assert_int_equal(w->sim->calls - calls, 1 + 1 + 3 + 1);
	assert_int_equal(allies_ask(w, w->eleni, "chunk-get", cable.document_id, 4), 200);
	buf_done(&chunk);
	buf_done(&body);
	sim_cable_done(&cable);
}

/* A false or foreign receipt moves nothing; a good one does, whoever brings it. */
static void
test_receipts(void **ctx)
{
	struct allies *w = *ctx;
	struct receipt receipt = {.kind = RECEIPT_DELIVERED};
	struct store *pt = w->sim->stations[SIM_PT].store;
	const uint64_t now_ms = w->sim->now_ms;
	const uint8_t *cy, *fr;
	struct sim_cable cable;
	struct buf bytes;

	buf_init(&bytes, RECEIPT_LEN_MAX);
	down(w, true, "CY");
	allies_send(w, "CY/duty", NULL, &cable);
	cy = own_station_seed(w->sim->stations[SIM_CY].keys, STATION_SIGN);
	fr = own_station_seed(w->sim->stations[SIM_FR].keys, STATION_SIGN);
	memcpy(receipt.document_id, cable.document_id, CORE_DOCUMENT_ID_LEN);
	memcpy(receipt.envelope_hash, cable.envelope_hash, HASH_LEN);
	receipt.member = address_of("CY");
	receipt.addressee = address_of("CY/duty");
	receipt.time_s = now_ms / 1000;
	assert_int_equal(db_begin(store_db(pt)), 0);

	assert_int_equal(receipt_sign(&receipt, fr), 0);
	assert_int_equal(receipt_write(&receipt, &bytes), 0);
	assert_int_equal(store_cables_receipt(pt, rd_of(bytes.data, bytes.len), now_ms),
		FAIL_SIGNER);
	buf_clear(&bytes);
	receipt.addressee = address_of("CY/other");
	assert_int_equal(receipt_sign(&receipt, cy), 0);
	assert_int_equal(receipt_write(&receipt, &bytes), 0);
	assert_int_equal(store_cables_receipt(pt, rd_of(bytes.data, bytes.len), now_ms),
		FAIL_ABSENT);
	buf_clear(&bytes);
	receipt.addressee = address_of("CY/duty");
	receipt.envelope_hash[0] ^= 1;
	assert_int_equal(receipt_sign(&receipt, cy), 0);
	assert_int_equal(receipt_write(&receipt, &bytes), 0);
	assert_int_equal(store_cables_receipt(pt, rd_of(bytes.data, bytes.len), now_ms),
		FAIL_MISMATCH);
	buf_clear(&bytes);
	receipt.envelope_hash[0] ^= 1;
	/* The one of its acknowledgement came first. */
	receipt.kind = RECEIPT_ACKNOWLEDGED;
	receipt.officer = address_of("CY/eleni.k");
	assert_int_equal(receipt_sign(&receipt, cy), 0);
	assert_int_equal(receipt_write(&receipt, &bytes), 0);
	assert_int_equal(
		store_cables_receipt(pt, rd_of(bytes.data, bytes.len), now_ms), 0);
	assert_int_equal(
		store_cables_receipt(pt, rd_of(bytes.data, bytes.len), now_ms), 0);
	assert_int_equal(db_commit(store_db(pt)), 0);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_ACKNOWLEDGED);
	buf_done(&bytes);
	sim_cable_done(&cable);
}

/*
 * A new process: everything that was owed is in the rows.  The store that was there is let go
 * without a word, and one over the same rows goes on.
 */
static void
test_restart(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_station *pt = &w->sim->stations[SIM_PT];
	struct cables_memory {
		bool is_started;
	} *memory = NULL;
	struct sim_cable cable;

	down(w, true, "CY FR EU");
	allies_send(w, "CY/duty", NULL, &cable);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_SENT);
	/* What is in memory only: forgotten. */
	memory = pt->store->parts[STORE_CABLES];
	assert_non_null(memory);
	pt->store->parts[STORE_CABLES] = NULL;
	down(w, false, "CY FR EU");
	sim_pass(w->sim, 1000);
	assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_DELIVERED);
	mem_free(memory);
	sim_cable_done(&cable);
}

/*
 * Want of memory at any place of any store's work: a clear refusal or an answer that holds,
 * and with memory again everything comes to its end by itself.
 */
static void
test_memory(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable_plan plan;
	struct sim_cable cable;
	uint16_t status;
	long n;

	for (n = 0; n == 0 || w->sim->failed > 0; n++) {
		allies_plan(w, "CY/duty", "PT/bea.reis", &plan);
		sim_seal(w->sim, &plan, &cable);
		w->sim->failed = 0;
		w->sim->fail_at = n;
		status = sim_announce(w->sim, w->ana, &cable);
		sim_run(w->sim);
		w->sim->fail_at = -1;
		assert_true(status == 200 || status == 503);
		if (status != 200)
			assert_int_equal(sim_announce(w->sim, w->ana, &cable), 200);
		for (size_t i = 0; i < 4; i++)
			sim_pass(w->sim, 61000);
		assert_int_equal(state(w, &cable, "CY/duty"), DELIVERY_DELIVERED);
		assert_int_equal(state(w, &cable, "PT/bea.reis"), DELIVERY_DELIVERED);
		assert_int_equal(queued(w, SIM_PT), 0);
		sim_cable_done(&cable);
		n += n / 8;
	}
	assert_true(n > 30);
}

#define WITH_ALLIES(TEST) cmocka_unit_test_setup_teardown(TEST, allies_make, allies_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ALLIES(test_not_kept),
		WITH_ALLIES(test_away),
		WITH_ALLIES(test_flash_overtakes),
		WITH_ALLIES(test_flash_waits_for_no_pause),
		WITH_ALLIES(test_heard),
		WITH_ALLIES(test_clock_put_back),
		WITH_ALLIES(test_bad_row),
		WITH_ALLIES(test_non_receipt),
		WITH_ALLIES(test_not_read),
		WITH_ALLIES(test_expiry),
		WITH_ALLIES(test_refused_for_good),
		WITH_ALLIES(test_resume),
		WITH_ALLIES(test_receipts),
		WITH_ALLIES(test_restart),
		WITH_ALLIES(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
