/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"
#include "cable/receipt.h"
#include "custody/keep.h"
#include "custody/opening.h"
#include "custody/recall.h"
#include "envelope/grant.h"
#include "envelope/header.h"
#include "world.h"

/*
 * Every byte of what other members bring, changed one after the other, and every length cut
 * short.  Nothing of it is taken, nothing of it disturbs the station; afterwards the true one
 * is.  Only bytes that say nothing may change: an enrolment that is known here already.
 */

struct trial {
	struct world *w;
	size_t from, to;
	const char *path;
	struct buf body;
	struct rd idle; /* the bytes that may change */
};

static void
trial_begin(struct trial *t, struct world *w, const char *path)
{
	*t = (struct trial){.w = w, .path = path};
	buf_init(&t->body, POST_BODY_MAX);
}

static uint16_t
give(struct trial *t, size_t len)
{
	return sim_peer(t->w->sim, t->from, t->to, t->path, rd_of(t->body.data, len));
}

static bool
is_idle(const struct trial *t, size_t at)
{
	size_t first;

	if (t->idle.len == 0)
		return false;
	first = (size_t)(t->idle.ptr - t->body.data);
	return at >= first && at < first + t->idle.len;
}

/* Some bits of each byte, for there are many. */
static void
try_all(struct trial *t)
{
	static const uint8_t bits[] = {0x01, 0x80};

	assert_int_equal(buf_error(&t->body), 0);
	for (size_t i = 0; i < t->body.len; i++) {
		uint8_t bit = bits[i % sizeof bits];

		if (is_idle(t, i))
			continue;
		t->body.data[i] ^= bit;
		if (give(t, t->body.len) == 200)
			fail_msg("%s: byte %zu of %zu", t->path, i, t->body.len);
		t->body.data[i] ^= bit;
	}
	for (size_t len = 0; len < t->body.len; len += 1 + len / 64)
		assert_int_not_equal(give(t, len), 200);
	sim_run(t->w->sim);
}

static void
trial_end(struct trial *t)
{
	assert_int_equal(give(t, t->body.len), 200);
	assert_int_equal(give(t, t->body.len), 200);
	buf_done(&t->body);
}

static void
test_open(void **ctx)
{
	struct world *w = *ctx;
	struct sim_opening opening = {0};
	struct post_open open;
	struct sim_cable cable;
	struct trial t;

	world_send(w, &cable);
	sim_opening_begin(w->sim, w->eleni, &cable, &opening);
	trial_begin(&t, w, "open");
	t.from = SIM_CY;
	t.to = SIM_PT;
	open = (struct post_open){
		.request = rd_of(opening.request.data, opening.request.len),
		.evidence = rd_of(opening.evidence.data, opening.evidence.len),
		.authorisation = rd_of("", 0),
		.enrol = rd_of(w->eleni->enrol.data, w->eleni->enrol.len)};
	codec_write(&post_open_codec, &open, &t.body);
	/* The two signatures under an enrolment that PT has verified before. */
	t.idle = rd_of(t.body.data + t.body.len - 2 * 96, 2 * 96);
	try_all(&t);
	world_holders(w, &cable, "");
	trial_end(&t);
	world_holders(w, &cable, "1 CY/eleni.k;");
	sim_opening_done(&opening);
	sim_cable_done(&cable);
}

/* The same at a custodian, with the authorisation. */
static void
test_share(void **ctx)
{
	struct world *w = *ctx;
	struct sim_opening opening = {0};
	struct post_opened opened;
	struct post_open open;
	struct sim_cable cable;
	struct trial t;

	world_send(w, &cable);
	sim_opening_begin(w->sim, w->eleni, &cable, &opening);
	assert_int_equal(sim_opening_ask(w->sim, &opening, SIM_PT), 200);
	assert_int_equal(codec_parse_whole(&post_opened_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &opened),
		0);
	trial_begin(&t, w, "open");
	t.from = SIM_CY;
	t.to = SIM_FR;
	open = (struct post_open){
		.request = rd_of(opening.request.data, opening.request.len),
		.evidence = rd_of(opening.evidence.data, opening.evidence.len),
		.authorisation = opened.authorisation,
		.enrol = rd_of(w->eleni->enrol.data, w->eleni->enrol.len)};
	codec_write(&post_open_codec, &open, &t.body);
	t.idle = rd_of(t.body.data + t.body.len - 2 * 96, 2 * 96);
	try_all(&t);
	trial_end(&t);
	sim_opening_done(&opening);
	sim_cable_done(&cable);
}

/* What PT would give FR to keep, before it has. */
static void
test_keep(void **ctx)
{
	struct world *w = *ctx;
	const struct sim_station *pt = &w->sim->stations[SIM_PT];
	const struct sim_cable_plan plan = world_plan(w);
	struct send send = {.time_s = SIM_START_S};
	struct post_enrol enrol = {.enrol = rd_of(w->ana->enrol.data, w->ana->enrol.len)};
	struct keep keep = {0};
	struct buf bytes, enrols, sent;
	struct sim_cable cable;
	struct header header;
	struct post_keep post;
	struct trial t;
	size_t len;

	buf_init(&bytes, KEEP_LEN_MAX);
	buf_init(&enrols, 1 << 16);
	buf_init(&sent, SEND_LEN);
	sim_seal(w->sim, &plan, &cable);
	assert_int_equal(
		header_parse(rd_of(cable.header.data, cable.header.len), &header, &len),
		0);
	memcpy(send.document_id, cable.document_id, sizeof send.document_id);
	memcpy(send.envelope_hash, cable.envelope_hash, HASH_LEN);
	assert_int_equal(send_sign(&send, own_station_seed(pt->keys, STATION_SIGN)), 0);
	send_write(&send, &sent);
	keep.core_bytes = header.core_bytes;
	keep.sv_bytes = header.sv.bytes;
	hash_sha256(header.r.bytes.ptr, header.r.bytes.len, keep.r_hash);
	keep.trailer_bytes = rd_of(cable.trailer.data, cable.trailer.len);
	keep.send_bytes = rd_of(sent.data, sent.len);
	keep_write(&keep, &bytes);
	codec_write(&post_enrol_codec, &enrol, &enrols);
	post = (struct post_keep){.keep = rd_of(bytes.data, bytes.len),
		.enrols = rd_of(enrols.data, enrols.len)};
	trial_begin(&t, w, "keep");
	t.from = SIM_PT;
	t.to = SIM_FR;
	codec_write(&post_keep_codec, &post, &t.body);
	t.idle = rd_of(t.body.data + t.body.len - 2 * 96, 2 * 96);
	try_all(&t);
	trial_end(&t);
	buf_done(&bytes);
	buf_done(&enrols);
	buf_done(&sent);
	sim_cable_done(&cable);
}

static void
test_receipt(void **ctx)
{
	struct world *w = *ctx;
	const struct sim_station *cy = &w->sim->stations[SIM_CY];
	struct receipt receipt = {.kind = RECEIPT_READ,
		.member = address_of("CY"),
		.addressee = address_of("CY/duty"),
		.officer = address_of("CY/eleni.k"),
		.time_s = SIM_START_S,
		.text = address_of("a line")};
	struct post_object object;
	struct sim_cable cable;
	struct buf bytes;
	struct trial t;

	buf_init(&bytes, RECEIPT_LEN_MAX);
	world_send(w, &cable);
	memcpy(receipt.document_id, cable.document_id, sizeof receipt.document_id);
	memcpy(receipt.envelope_hash, cable.envelope_hash, HASH_LEN);
	assert_int_equal(
		receipt_sign(&receipt, own_station_seed(cy->keys, STATION_SIGN)), 0);
	assert_int_equal(receipt_write(&receipt, &bytes), 0);
	trial_begin(&t, w, "receipt");
	t.from = SIM_CY;
	t.to = SIM_PT;
	object.object = rd_of(bytes.data, bytes.len);
	codec_write(&post_object_codec, &object, &t.body);
	try_all(&t);
	world_state(w, &cable, "CY/duty", DELIVERY_DELIVERED);
	trial_end(&t);
	world_state(w, &cable, "CY/duty", DELIVERY_READ);
	buf_done(&bytes);
	sim_cable_done(&cable);
}

static void
test_recall(void **ctx)
{
	struct world *w = *ctx;
	const struct sim_station *pt = &w->sim->stations[SIM_PT];
	struct recall recall = {.kind = RECALL_RECALL,
		.time_s = SIM_START_S,
		.reason = address_of("wrong annex"),
		.officer = address_of("PT/ana.silva")};
	struct post_object object;
	struct sim_cable cable;
	struct buf bytes;
	struct trial t;

	buf_init(&bytes, RECALL_LEN_MAX);
	world_send(w, &cable);
	memcpy(recall.document_id, cable.document_id, sizeof recall.document_id);
	memcpy(recall.envelope_hash, cable.envelope_hash, HASH_LEN);
	assert_int_equal(
		recall_sign(&recall, own_station_seed(pt->keys, STATION_SIGN)), 0);
	assert_int_equal(recall_write(&recall, &bytes), 0);
	trial_begin(&t, w, "recall");
	t.from = SIM_PT;
	t.to = SIM_FR;
	object.object = rd_of(bytes.data, bytes.len);
	codec_write(&post_object_codec, &object, &t.body);
	try_all(&t);
	world_opens(w, w->eleni, &cable);
	trial_end(&t);
	buf_done(&bytes);
	sim_cable_done(&cable);
}

/* A grant on its way to be counted: only the two enrolments' known signatures say nothing. */
static void
test_grant(void **ctx)
{
	struct world *w = *ctx;
	struct signer signer = {.role = SIGNER_GRANTER, .kind = SIGNER_CREDENTIAL};
	struct grant_plan plan = {.suite = SUITE_1};
	uint8_t r[SLOT_SECRET_LEN];
	struct buf grant, message, enrols;
	struct enrol granter, reader;
	struct sim_cable cable;
	struct header header;
	struct post_grant post;
	struct post_enrol enrol;
	struct trial t;
	size_t len;

	buf_init(&grant, GRANT_LEN_MAX);
	buf_init(&message, GRANT_LEN_MAX);
	buf_init(&enrols, 1 << 16);
	world_send(w, &cable);
	assert_int_equal(
		header_parse(rd_of(cable.header.data, cable.header.len), &header, &len),
		0);
	assert_int_equal(
		enrol_parse(w->claire->enrol.data, w->claire->enrol.len, &granter), 0);
	assert_int_equal(enrol_parse(w->rui->enrol.data, w->rui->enrol.len, &reader), 0);
	signer.identity = granter.credential;
	plan.envelope_hash = cable.envelope_hash;
	plan.core_hash = header.core_hash;
	plan.credential = reader.credential;
	plan.device = &w->rui->credential.subject.reader;
	sim_r_secret(w->claire, &cable, r);
	assert_int_equal(grant_begin(&plan, &w->sim->rng.rng, r, &grant), 0);
	assert_int_equal(grant_signed(rd_of(grant.data, grant.len), &message), 0);
	sign_message(w->claire->sign_seed, message.data, message.len, signer.signature);
	assert_int_equal(grant_sign(&signer, &grant), 0);

	trial_begin(&t, w, "grant");
	t.from = SIM_FR;
	t.to = SIM_PT;
	enrol.enrol = rd_of(w->claire->enrol.data, w->claire->enrol.len);
	codec_write(&post_enrol_codec, &enrol, &enrols);
	post = (struct post_grant){.grant = rd_of(grant.data, grant.len),
		.enrols = rd_of(enrols.data, enrols.len)};
	codec_write(&post_grant_codec, &post, &t.body);
	t.idle = rd_of(t.body.data + t.body.len - 2 * 96, 2 * 96);
	try_all(&t);
	trial_end(&t);
	buf_done(&grant);
	buf_done(&message);
	buf_done(&enrols);
	sim_cable_done(&cable);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_share, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_keep, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_receipt, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_recall, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_grant, world_make, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
