/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>

#include "allies.h"
#include "sys/disk.h"

/*
 * The routes of cables, each good and refused: what an officer may send, what comes from
 * members, and who gets to see what.
 */

static void
expect(struct allies *w, uint16_t status, uint16_t expected, const char *words)
{
	if (status != expected || strstr(sim_why(w->sim), words) == NULL)
		print_message("%u: %s\n", status, sim_why(w->sim));
	assert_int_equal(status, expected);
	if (expected != 200)
		assert_non_null(strstr(sim_why(w->sim), words));
}

/* Seal for `to`, announce as `who`. */
static void
expect_announce(struct allies *w, const char *to, const struct sim_officer *who,
	uint16_t expected, const char *words)
{
	struct sim_cable_plan plan;
	struct sim_cable cable;

	allies_plan(w, to, NULL, &plan);
	sim_seal(w->sim, &plan, &cable);
	expect(w, sim_announce(w->sim, who, &cable), expected, words);
	sim_cable_done(&cable);
}

static void
test_number(void **ctx)
{
	const struct post_ask_number this_year = {2026}, next_year = {2027};
	struct allies *w = *ctx;
	struct post_number number;

	for (uint32_t i = 1; i <= 3; i++) {
		assert_int_equal(sim_ask(w->sim, w->ana, "number", &post_ask_number_codec,
					 &this_year),
			200);
		assert_int_equal(
			codec_parse_whole(&post_number_codec,
				rd_of(w->sim->reply.data, w->sim->reply.len), &number),
			0);
		assert_int_equal(number.year, 2026);
		assert_int_equal(number.number, i);
	}
	assert_int_equal(
		sim_ask(w->sim, w->rui, "number", &post_ask_number_codec, &next_year),
		200);
	assert_int_equal(codec_parse_whole(&post_number_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &number),
		0);
	assert_int_equal(number.number, 1);
	expect(w, sim_ask_bytes(w->sim, w->ana, "number", rd_of("\0\0", 2)), 400, "");
}

/* Delivered to another member and at home, and the same envelope again. */
static void
test_send(void **ctx)
{
	struct allies *w = *ctx;
	struct post_arrival arrival;
	struct sim_cable cable;

	allies_send(w, "CY/duty", "PT/bea.reis", &cable);
	assert_int_equal(sim_state(w->sim, w->ana, cable.document_id, "CY/duty"),
		DELIVERY_DELIVERED);
	assert_int_equal(sim_state(w->sim, w->ana, cable.document_id, "PT/bea.reis"),
		DELIVERY_DELIVERED);
	assert_int_equal(sim_announce(w->sim, w->ana, &cable), 200);
	arrival = allies_arrival(w);
	assert_int_equal(arrival.state, 1);
	assert_int_equal(arrival.number, 1);
	/* Another envelope under its id: one byte of an R slot differs. */
	cable.header.data[cable.header.len / 2] ^= 1;
	expect(w, sim_announce(w->sim, w->ana, &cable), 409, "another envelope");
	sim_cable_done(&cable);
}

static void
test_refused_addressees(void **ctx)
{
	struct allies *w = *ctx;

	expect_announce(w, "CY/nobody", w->ana, 403, "CY/nobody: there is no such desk");
	expect_announce(w, "CY/duty", w->rui, 403, "its author");
	expect_announce(w, "CY/duty", w->eleni, 403, "its originator is PT");
	expect_announce(w, "CY/nikos.p", w->ana, 200, "");
}

/* Each of these bytes is one that the station looks at before it believes a signature. */
static void
test_refused_envelopes(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable_plan plan;
	struct sim_cable cable;
	struct header header;
	uint8_t *byte;
	size_t len;

	allies_plan(w, "CY/duty", NULL, &plan);
	sim_seal(w->sim, &plan, &cable);
	assert_int_equal(
		header_parse(rd_of(cable.header.data, cable.header.len), &header, &len),
		0);
	byte = cable.header.data + (header.core.roster_hash.ptr - cable.header.data);
	*byte ^= 1;
	expect(w, sim_announce(w->sim, w->ana, &cable), 403, "another roster");
	*byte ^= 1;
	/* threshold:u8 custodians<u16> member<u8> */
	byte = cable.header.data +
		(header.core.custodians[0].member.ptr - cable.header.data) - 4;
	assert_int_equal(*byte, 2);
	*byte = 1;
	expect(w, sim_announce(w->sim, w->ana, &cable), 403, "2 of 3 custodians");
	*byte = 2;
	cable.body_len++;
	expect(w, sim_announce(w->sim, w->ana, &cable), 400, "length of the body");
	cable.body_len--;
	cable.trailer.data[cable.trailer.len - 1] ^= 1;
	expect(w, sim_announce(w->sim, w->ana, &cable), 401, "does not verify");
	cable.trailer.data[cable.trailer.len - 1] ^= 1;
	cable.header.len--;
	expect(w, sim_announce(w->sim, w->ana, &cable), 400, "");
	cable.header.len++;
	assert_int_equal(sim_announce(w->sim, w->ana, &cable), 200);
	expect(w, sim_ask_bytes(w->sim, w->ana, "announce", rd_of("x", 1)), 400, "");
	sim_cable_done(&cable);
}

static void
test_refused_times(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable_plan plan;
	struct sim_cable cable;

	allies_plan(w, "CY/duty", NULL, &plan);
	plan.expiry_s = w->sim->now_ms / 1000;
	sim_seal(w->sim, &plan, &cable);
	expect(w, sim_announce(w->sim, w->ana, &cable), 403, "expired");
	sim_cable_done(&cable);
}

/* As PT's station would announce it: SEND and enrolments from PT's own rows. */
static void
announce_body(struct allies *w, const struct sim_cable *cable, struct buf *out)
{
	assert_int_equal(allies_ask(w, w->ana, "document", cable->document_id, 0), 200);
	buf_bytes(out, w->sim->reply.data, w->sim->reply.len);
	assert_int_equal(buf_error(out), 0);
}

static void
test_announced(void **ctx)
{
	struct allies *w = *ctx;
	struct post_arrival arrival;
	struct sim_cable cable;
	struct buf body;
	struct rd bytes;

	buf_init(&body, POST_BODY_MAX);
	w->sim->stations[SIM_CY].is_down = true;
	allies_send(w, "CY/duty", NULL, &cable);
	announce_body(w, &cable, &body);
	bytes = rd_of(body.data, body.len);
	w->sim->stations[SIM_CY].is_down = false;
	/* It names one of ours: not from FR. */
	expect(w, sim_peer(w->sim, SIM_FR, SIM_CY, "announce", bytes), 503,
		"from its originator");
	/* SEND is the last but some: any byte of its signature. */
	assert_int_equal(sim_peer(w->sim, SIM_PT, SIM_CY, "announce", bytes), 200);
	arrival = allies_arrival(w);
	assert_int_equal(arrival.state, 1);
	sim_run(w->sim);
	assert_int_equal(sim_peer(w->sim, SIM_PT, SIM_CY, "announce", bytes), 200);
	arrival = allies_arrival(w);
	assert_true(arrival.receipts.len > 0); /* for its originator */
	assert_int_equal(sim_peer(w->sim, SIM_FR, SIM_CY, "announce", bytes), 200);
	arrival = allies_arrival(w);
	assert_int_equal(arrival.receipts.len, 0); /* and for nobody else */
	/* FR is not addressed: it may take it as a forward; PT gets its own back from nobody. */
	assert_int_equal(sim_peer(w->sim, SIM_CY, SIM_FR, "announce", bytes), 200);
	buf_done(&body);
	sim_cable_done(&cable);
}

/* The same without SEND, with another's SEND, with a signer whom nobody vouches for. */
static void
test_announced_falsely(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable cable, other;
	struct post_document post, second;
	struct buf body, more, out;

	buf_init(&body, POST_BODY_MAX);
	buf_init(&more, POST_BODY_MAX);
	buf_init(&out, POST_BODY_MAX);
	allies_send(w, "FR/duty", NULL, &cable);
	allies_send(w, "FR/duty", NULL, &other);
	announce_body(w, &cable, &body);
	announce_body(w, &other, &more);
	assert_int_equal(codec_parse_whole(
				 &post_document_codec, rd_of(body.data, body.len), &post),
		0);
	assert_int_equal(codec_parse_whole(&post_document_codec,
				 rd_of(more.data, more.len), &second),
		0);
	second.header = post.header;
	second.trailer = post.trailer;
	second.body = post.body;
	second.body_len = post.body_len;
	codec_write(&post_document_codec, &second, &out);
	expect(w, sim_peer(w->sim, SIM_PT, SIM_EU, "announce", rd_of(out.data, out.len)),
		409, "SEND is of another");
	post.send = rd_of("", 0);
	buf_clear(&out);
	codec_write(&post_document_codec, &post, &out);
	expect(w, sim_peer(w->sim, SIM_PT, SIM_EU, "announce", rd_of(out.data, out.len)),
		400, "SEND is not signed by PT");
	expect(w, sim_peer(w->sim, SIM_FR, SIM_PT, "announce", rd_of(out.data, out.len)),
		200, "");
	buf_done(&out);
	buf_done(&more);
	buf_done(&body);
	sim_cable_done(&other);
	sim_cable_done(&cable);
}

/* As a file: `receive` at home, SEND says whose it is. */
static void
test_receive(void **ctx)
{
	struct allies *w = *ctx;
	struct post_arrival arrival;
	struct sim_cable cable;
	struct buf body;

	buf_init(&body, POST_BODY_MAX);
	w->sim->stations[SIM_CY].is_down = true;
	allies_send(w, "CY/duty", NULL, &cable);
	announce_body(w, &cable, &body);
	expect(w, sim_ask_bytes(w->sim, w->eleni, "receive", rd_of(body.data, body.len)),
		200, "");
	arrival = allies_arrival(w);
	assert_int_equal(arrival.state, 1);
	sim_run(w->sim);
	assert_int_equal(allies_ask(w, w->eleni, "document", cable.document_id, 0), 200);
	body.data[body.len / 2] ^= 1;
	assert_int_not_equal(
		sim_ask_bytes(w->sim, w->eleni, "receive", rd_of(body.data, body.len)),
		200);
	buf_done(&body);
	sim_cable_done(&cable);
}

static void
test_long_body(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable cable;
	struct post_chunk chunk;
	struct buf bad;

	buf_init(&bad, POST_BODY_MAX);
	allies_seal_long(w, "CY/duty", 2 * ALLIES_MIB + 777, &cable);
	assert_int_equal(sim_announce(w->sim, w->ana, &cable), 200);
	assert_int_equal(allies_arrival(w).state, 0);
	assert_int_equal(allies_arrival(w).missing.len, 3 * 4);
	assert_int_equal(allies_put_chunk(w, w->ana, &cable, 2), 200);
	assert_int_equal(allies_arrival(w).missing.len, 2 * 4);
	expect(w, allies_put_chunk(w, w->bea, &cable, 0), 403, "");
	allies_chunk(&cable, 0, &bad);
	bad.data[bad.len - 1] ^= 1;
	expect(w, sim_ask_bytes(w->sim, w->ana, "chunk", rd_of(bad.data, bad.len)), 409,
		"altered");
	cable.body_len -= ALLIES_MIB;
	expect(w, allies_put_chunk(w, w->ana, &cable, 1), 400, "no chunk of this length");
	cable.body_len += ALLIES_MIB;
	assert_int_equal(allies_put_chunk(w, w->ana, &cable, 0), 200);
	assert_int_equal(
		allies_put_chunk(w, w->rui, &cable, 1), 200); /* shares the desk */
	assert_int_equal(allies_arrival(w).state, 1);
	assert_int_equal(allies_put_chunk(w, w->ana, &cable, 1), 200); /* again */
	sim_run(w->sim);
	assert_int_equal(sim_state(w->sim, w->ana, cable.document_id, "CY/duty"),
		DELIVERY_DELIVERED);
	assert_int_equal(allies_ask(w, w->eleni, "chunk-get", cable.document_id, 2), 200);
	assert_int_equal(codec_parse_whole(&post_chunk_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &chunk),
		0);
	assert_int_equal(chunk.bytes.len, cable.body_len - 2 * ALLIES_MIB);
	assert_int_equal(chunk.bytes.ptr[0], 3);
	assert_int_equal(allies_ask(w, w->eleni, "chunk-get", cable.document_id, 3), 404);
	buf_done(&bad);
	sim_cable_done(&cable);
}

/* No room for a chunk: 507, nothing is lost, and with room again it goes on. */
static void
test_disk_full(void **ctx)
{
	struct allies *w = *ctx;
	struct sim_cable cable;
	long n;
	uint16_t status = 0;

	allies_seal_long(w, "CY/duty", ALLIES_MIB, &cable);
	assert_int_equal(sim_announce(w->sim, w->ana, &cable), 200);
	for (n = 0; status != 200; n++) {
		disk_fail_after(n, ENOSPC);
		status = allies_put_chunk(w, w->ana, &cable, 0);
		disk_fail_never();
		if (status != 200)
			assert_int_equal(status, 507);
		assert_true(n < 100);
	}
	assert_true(n > 4);
	assert_int_equal(allies_put_chunk(w, w->ana, &cable, 1), 200);
	assert_int_equal(allies_arrival(w).state, 1);
	sim_cable_done(&cable);
}

static void
test_who_sees_what(void **ctx)
{
	struct allies *w = *ctx;
	const uint8_t none[CORE_DOCUMENT_ID_LEN] = {1};
	struct post_document post;
	struct sim_cable cable;

	allies_send(w, "CY/duty", NULL, &cable);
	assert_int_equal(allies_ask(w, w->eleni, "document", cable.document_id, 0), 200);
	assert_int_equal(codec_parse_whole(&post_document_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &post),
		0);
	assert_int_equal(post.header.len, cable.header.len);
	assert_memory_equal(post.header.ptr, cable.header.data, cable.header.len);
	assert_memory_equal(post.body.ptr, cable.body.data, cable.body.len);
	assert_int_equal(post.grant.len, 0);
	assert_int_equal(allies_ask(w, w->ana, "document", cable.document_id, 0), 200);
	expect(w, allies_ask(w, w->nikos, "document", cable.document_id, 0), 404,
		"no such document for you");
	expect(w, allies_ask(w, w->rui, "document", cable.document_id, 0), 404,
		"for you");
	expect(w, allies_ask(w, w->eleni, "document", none, 0), 404, "for you");
	expect(w, allies_ask(w, w->nikos, "chunk-get", cable.document_id, 0), 404,
		"for you");

	/* The state: the author, and who shares his desk. */
	assert_int_equal(allies_ask(w, w->rui, "state", cable.document_id, 0), 200);
	expect(w, allies_ask(w, w->bea, "state", cable.document_id, 0), 404, "of yours");
	expect(w, allies_ask(w, w->eleni, "state", cable.document_id, 0), 404,
		"of yours");
	sim_cable_done(&cable);
}

static void
test_state(void **ctx)
{
	struct allies *w = *ctx;
	struct post_progress progress;
	struct post_state state;
	struct post_name name;
	struct sim_cable cable;
	size_t kept = 0;

	allies_send(w, "CY/duty", "FR/duty", &cable);
	assert_int_equal(allies_ask(w, w->ana, "state", cable.document_id, 0), 200);
	assert_int_equal(codec_parse_whole(&post_state_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &state),
		0);
	assert_int_equal(state.number, 1);
	assert_int_equal(state.threshold, 2);
	for (; state.kept_by.len > 0; kept++)
		assert_int_equal(codec_parse(&post_name_codec, &state.kept_by, &name), 0);
	assert_int_equal(kept, 3);
	assert_int_equal(
		codec_parse(&post_progress_codec, &state.addressees, &progress), 0);
	assert_memory_equal(progress.address.ptr, "CY/duty", 7);
	assert_int_equal(progress.role, 1);
	assert_int_equal(progress.state, DELIVERY_DELIVERED);
	assert_true(progress.receipt.len > 0);
	assert_int_equal(progress.due_s, w->sim->now_ms / 1000 + 6 * 3600);
	assert_int_equal(
		codec_parse(&post_progress_codec, &state.addressees, &progress), 0);
	assert_int_equal(progress.role, 2);
	sim_cable_done(&cable);
}

static void
test_boxes(void **ctx)
{
	const struct post_inbox in = {.box = POST_BOX_IN, .max = 10};
	const struct post_inbox open = {.box = POST_BOX_IN, .max = 10, .is_open_only = 1};
	const struct post_inbox page = {.box = POST_BOX_IN, .before = 3, .max = 1};
	const struct post_inbox sent = {.box = POST_BOX_SENT, .max = 10};
	struct allies *w = *ctx;
	struct post_list list;
	struct sim_cable cable;
	struct post_row row;

	for (size_t i = 0; i < 3; i++) {
		/* The second by two names of eleni's: one line, as for action. */
		allies_send(w, i == 2 ? "CY/nikos.p" : "CY/duty",
			i == 1 ? "CY/eleni.k" : NULL, &cable);
		sim_cable_done(&cable);
	}
	assert_string_equal(allies_box(w, w->eleni, in), "2 1 ");
	assert_string_equal(allies_box(w, w->eleni, page), "2 ");
	assert_string_equal(allies_box(w, w->eleni, open), "2 1 ");
	/* SECRET is not for nikos: refused, and not shown. */
	assert_string_equal(allies_box(w, w->nikos, in), "");
	assert_string_equal(allies_box(w, w->ana, sent), "3 2 1 ");
	assert_string_equal(allies_box(w, w->ana, in), "");
	assert_string_equal(allies_box(w, w->rui, sent), "");
	assert_int_equal(sim_ask(w->sim, w->eleni, "inbox", &post_inbox_codec, &in), 200);
	assert_int_equal(codec_parse_whole(&post_list_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &list),
		0);
	assert_int_equal(codec_parse(&post_row_codec, &list.items, &row), 0);
	assert_memory_equal(row.title.ptr, "A title", row.title.len);
	assert_memory_equal(row.reference.ptr, "ref", row.reference.len);
	assert_memory_equal(row.author.ptr, "PT/ana.silva", row.author.len);
	assert_memory_equal(row.address.ptr, "CY/duty", row.address.len);
	assert_int_equal(row.role, 1);
	assert_int_equal(row.state, DELIVERY_DELIVERED);
}

#define WITH_ALLIES(TEST) cmocka_unit_test_setup_teardown(TEST, allies_make, allies_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ALLIES(test_number),
		WITH_ALLIES(test_send),
		WITH_ALLIES(test_refused_addressees),
		WITH_ALLIES(test_refused_envelopes),
		WITH_ALLIES(test_refused_times),
		WITH_ALLIES(test_announced),
		WITH_ALLIES(test_announced_falsely),
		WITH_ALLIES(test_receive),
		WITH_ALLIES(test_long_body),
		WITH_ALLIES(test_disk_full),
		WITH_ALLIES(test_who_sees_what),
		WITH_ALLIES(test_state),
		WITH_ALLIES(test_boxes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
