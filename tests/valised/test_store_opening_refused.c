/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"
#include "custody/keep.h"
#include "custody/opening.h"
#include "envelope/header.h"
#include "member/order.h"
#include "world.h"

/* Openings that must not be, each with its sentence; and lies that are told to a station. */

/* A request made by hand: changed by `spoil`, then signed by the device that asks. */
typedef void spoil_fn(struct opening_request *request);

static void
begin(struct world *w, const struct sim_officer *officer, const struct sim_cable *cable,
	spoil_fn *spoil, struct sim_opening *opening)
{
	struct opening_request request;
	struct buf bytes;

	sim_opening_begin(w->sim, officer, cable, opening);
	if (spoil == NULL)
		return;
	buf_init(&bytes, OPENING_LEN_MAX);
	buf_bytes(&bytes, opening->request.data, opening->request.len);
	assert_int_equal(
		opening_request_parse(rd_of(bytes.data, bytes.len), &request), 0);
	spoil(&request);
	sim_opening_sign(w->sim, opening, &request);
	buf_done(&bytes);
}

static void
spoil_envelope(struct opening_request *request)
{
	request->envelope_hash[3] ^= 1;
}

static void
spoil_document(struct opening_request *request)
{
	request->document_id[3] ^= 1;
}

static void
spoil_log(struct opening_request *request)
{
	request->log_origin = address_of("fr.example/openings/1");
}

static void
spoil_roster(struct opening_request *request)
{
	request->roster_hash[0] ^= 1;
}

static void
spoil_early(struct opening_request *request)
{
	request->not_after_s = SIM_START_S - 1;
}

static void
spoil_late(struct opening_request *request)
{
	request->not_after_s += 3600;
}

static void
test_requests(void **ctx)
{
	static const struct {
		spoil_fn *spoil;
		uint16_t status;
		const char *sentence;
	} cases[] = {
		{spoil_envelope, 409, "another envelope"},
		{spoil_document, 404, ""},
		{spoil_log, 409, "suite or log"},
		{spoil_roster, 503, "another roster"},
		{spoil_early, 401, "was good until"},
		{spoil_late, 401, "10 minutes at most"},
	};
	struct world *w = *ctx;
	struct sim_cable cable;

	world_send(w, &cable);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct sim_opening opening = {0};

		begin(w, w->eleni, &cable, cases[i].spoil, &opening);
		world_expect(w, sim_opening_ask(w->sim, &opening, SIM_PT),
			cases[i].status, cases[i].sentence);
		sim_opening_done(&opening);
	}
	world_holders(w, &cable, "");
	sim_cable_done(&cable);
}

static void
test_signature(void **ctx)
{
	struct world *w = *ctx;
	struct sim_opening opening = {0};
	struct sim_cable cable;

	world_send(w, &cable);
	begin(w, w->eleni, &cable, NULL, &opening);
	opening.request.data[opening.request.len - 1] ^= 1;
	world_expect(w, sim_opening_ask(w->sim, &opening, SIM_PT), 401,
		"not signed by the device");
	sim_opening_done(&opening);
	sim_cable_done(&cable);
}

/* Who has opened it is nobody's business but its author's, his desk's and the registrars'. */
static void
test_holders(void **ctx)
{
	struct world *w = *ctx;
	struct post_which which = {.number = 0};
	struct sim_cable cable;

	world_send(w, &cable);
	which.document_id = rd_of(cable.document_id, 16);
	world_expect(w, sim_ask(w->sim, w->joao, "holders", &post_which_codec, &which),
		403, "is told to its author");
	world_expect(w, sim_ask(w->sim, w->eleni, "holders", &post_which_codec, &which),
		403, "only its originator knows");
	world_expect(w, sim_ask(w->sim, w->rui, "holders", &post_which_codec, &which),
		200, "");
	sim_cable_done(&cable);
}

/* Another officer's request is not passed on, nor taken from another member. */
static void
test_others(void **ctx)
{
	struct world *w = *ctx;
	struct sim_opening opening = {0};
	struct post_open open;
	struct sim_cable cable;
	struct buf body;

	world_send(w, &cable);
	begin(w, w->eleni, &cable, NULL, &opening);
	open = (struct post_open){
		.request = rd_of(opening.request.data, opening.request.len),
		.evidence = rd_of(opening.evidence.data, opening.evidence.len),
		.authorisation = rd_of("", 0),
		.enrol = rd_of(w->eleni->enrol.data, w->eleni->enrol.len)};
	buf_init(&body, POST_BODY_MAX);
	codec_write(&post_open_codec, &open, &body);
	world_expect(w,
		sim_peer(w->sim, SIM_FR, SIM_PT, "open", rd_of(body.data, body.len)), 403,
		"its own officers only");
	opening.officer = w->nikos;
	world_expect(w, sim_opening_ask(w->sim, &opening, SIM_PT), 403,
		"the device that made it");
	opening.officer = w->eleni;
	world_expect(w, sim_opening_ask(w->sim, &opening, SIM_FR), 404, "sent from here");
	world_holders(w, &cable, "");
	buf_done(&body);
	sim_opening_done(&opening);
	sim_cable_done(&cable);
}

/* Whoever is not among the readers does not become one by altering what shows it. */
static void
test_evidence(void **ctx)
{
	struct world *w = *ctx;
	struct sim_opening opening = {0};
	struct sim_cable cable;

	world_send(w, &cable);
	world_refused(w, w->rui, &cable, 403, "not sealed to this device");
	begin(w, w->eleni, &cable, NULL, &opening);
	opening.evidence.data[40] ^= 1;
	world_expect(w, sim_opening_ask(w->sim, &opening, SIM_PT), 403,
		"not those of the envelope");
	sim_opening_done(&opening);
	sim_cable_done(&cable);
}

static void
test_clearance(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable_plan plan = world_plan(w);
	struct sim_cable cable;

	plan.readers[0] = w->eleni;
	plan.readers[1] = w->nikos;
	plan.readers[2] = w->otto;
	plan.readers[3] = w->claire;
	sim_send(w->sim, &plan, &cable);
	world_refused(w, w->nikos, &cable, 403,
		"CY/nikos.p: The clearance does not include class SECRET");
	world_refused(w, w->otto, &cable, 403,
		"the station of EU: The clearance does not include class SECRET");
	world_opens(w, w->eleni, &cable);
	sim_cable_done(&cable);
}

static void
test_hold(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable cable;

	world_send(w, &cable);
	assert_int_equal(sim_order(w->sim, SIM_PT, ORDER_HOLD, "CY/eleni.k"), 200);
	world_refused(w, w->eleni, &cable, 403, "CY/eleni.k is on hold");
	world_opens(w, w->claire, &cable);
	sim_pass(w->sim, 60 * 1000);
	assert_int_equal(sim_order(w->sim, SIM_PT, ORDER_LIFT, "CY/eleni.k"), 200);
	world_opens(w, w->eleni, &cable);
	assert_int_equal(sim_order(w->sim, SIM_PT, ORDER_HOLD, "CY"), 200);
	world_refused(w, w->eleni, &cable, 403, "on hold for documents of PT");
	sim_cable_done(&cable);
}

/* A clearance that was taken away is a credential revoked; her station turns her away first. */
static void
test_revoked(void **ctx)
{
	struct world *w = *ctx;
	struct sim_opening opening = {0};
	struct post_open open;
	struct sim_cable cable;
	struct buf body;

	world_send(w, &cable);
	assert_int_equal(sim_order(w->sim, SIM_CY, ORDER_REVOKE, "CY/eleni.k"), 200);
	sim_pass(w->sim, 60 * 1000);
	world_refused(w, w->eleni, &cable, 401, "revoked");
	/* A station that would pass her request on in spite of that: */
	begin(w, w->eleni, &cable, NULL, &opening);
	open = (struct post_open){
		.request = rd_of(opening.request.data, opening.request.len),
		.evidence = rd_of(opening.evidence.data, opening.evidence.len),
		.authorisation = rd_of("", 0),
		.enrol = rd_of(w->eleni->enrol.data, w->eleni->enrol.len)};
	buf_init(&body, POST_BODY_MAX);
	codec_write(&post_open_codec, &open, &body);
	world_expect(w,
		sim_peer(w->sim, SIM_CY, SIM_PT, "open", rd_of(body.data, body.len)), 403,
		"is revoked");
	buf_done(&body);
	sim_opening_done(&opening);
	sim_cable_done(&cable);
}

static void
test_expiry(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable_plan plan = world_plan(w);
	struct sim_officer *late;
	struct sim_cable cable;

	plan.expiry_s = w->sim->now_ms / 1000 + 3600;
	late = sim_enrol(w->sim,
		&(struct sim_officer_plan){SIM_FR, "late.r", "SECRET", "duty",
			w->sim->now_ms / 1000 + 1800});
	plan.info[0] = "FR/duty";
	sim_send(w->sim, &plan, &cable);
	world_opens(w, late, &cable);
	sim_pass(w->sim, 1801 * 1000);
	world_refused(w, late, &cable, 401, "ended at");
	world_opens(w, w->eleni, &cable);
	sim_pass(w->sim, 1800 * 1000);
	world_refused(w, w->eleni, &cable, 403, "expired on");
	sim_cable_done(&cable);
}

/* A custodian believes the originator's signature over this request, and nothing else. */
static void
test_authorisation(void **ctx)
{
	struct world *w = *ctx;
	struct sim_opening opening = {0}, other = {0};
	struct opening_authorisation a;
	struct post_opened opened;
	struct sim_cable cable;
	uint16_t status;

	world_send(w, &cable);
	begin(w, w->eleni, &cable, NULL, &opening);
	begin(w, w->eleni, &cable, NULL, &other);
	assert_int_equal(sim_opening_ask(w->sim, &opening, SIM_PT), 200);
	assert_int_equal(codec_parse_whole(&post_opened_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &opened),
		0);
	assert_int_equal(opening_authorisation_parse(opened.authorisation, &a), 0);
	assert_int_equal(a.copy, 1);
	buf_bytes(&opening.authorisation, opened.authorisation.ptr,
		opened.authorisation.len);
	buf_bytes(&other.authorisation, opening.authorisation.data,
		opening.authorisation.len);
	status = sim_opening_ask(w->sim, &other, SIM_FR);
	assert_int_equal(status, 409);

	opening.authorisation.data[opening.authorisation.len - 1] ^= 1;
	status = sim_opening_ask(w->sim, &opening, SIM_FR);
	assert_int_equal(status, 401);
	opening.authorisation.data[opening.authorisation.len - 1] ^= 1;
	assert_int_equal(sim_opening_ask(w->sim, &opening, SIM_FR), 200);
	sim_opening_done(&opening);
	sim_opening_done(&other);
	sim_cable_done(&cable);
}

/* Custodians hear of recalls and holds themselves; an authorisation given before is no use. */
static void
test_custodians(void **ctx)
{
	struct world *w = *ctx;
	struct sim_opening opening = {0};
	struct post_opened opened;
	struct sim_cable cable;

	world_send(w, &cable);
	begin(w, w->eleni, &cable, NULL, &opening);
	assert_int_equal(sim_opening_ask(w->sim, &opening, SIM_PT), 200);
	assert_int_equal(codec_parse_whole(&post_opened_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &opened),
		0);
	buf_bytes(&opening.authorisation, opened.authorisation.ptr,
		opened.authorisation.len);
	assert_int_equal(sim_order(w->sim, SIM_PT, ORDER_HOLD, "CY/eleni.k"), 200);
	sim_run(w->sim);
	world_expect(w, sim_opening_ask(w->sim, &opening, SIM_FR), 403, "on hold");
	sim_pass(w->sim, 10 * 1000);
	assert_int_equal(sim_order(w->sim, SIM_PT, ORDER_LIFT, "CY/eleni.k"), 200);
	sim_run(w->sim);
	assert_int_equal(world_end_cable(w, w->ana, &cable, "recall"), 200);
	world_expect(w, sim_opening_ask(w->sim, &opening, SIM_FR), 403,
		"recalled by PT on 2026-");
	sim_opening_done(&opening);
	sim_cable_done(&cable);
}

/* An enrolment that is new to the originator waits, and its time runs from the first request. */
static void
test_delay(void **ctx)
{
	const struct sim_plan plan = {.enrol_delay_s = 3600};
	struct world w = {.sim = sim_new(&plan)};
	struct sim_opening opening = {0};
	struct sim_cable cable;

	(void)ctx;
	w.ana = sim_enrol(w.sim,
		&(struct sim_officer_plan){SIM_PT, "ana.silva", "SECRET", NULL, 0});
	w.claire = sim_enrol(w.sim,
		&(struct sim_officer_plan){SIM_FR, "claire.m", "SECRET", "duty", 0});
	sim_pass(w.sim, 3600 * 1000);
	/* Nobody hears of this one's directory before she asks. */
	for (size_t i = 0; i < SIM_STATIONS; i++)
		w.sim->stations[i].is_down = i != SIM_CY;
	w.eleni = sim_enrol(w.sim,
		&(struct sim_officer_plan){SIM_CY, "eleni.k", "SECRET", "duty", 0});
	w.sim->stations[SIM_CY].is_down = true;
	for (size_t i = 0; i < SIM_STATIONS; i++)
		w.sim->stations[i].is_down = i == SIM_CY;
	{
		struct sim_cable_plan cable_plan = world_plan(&w);

		cable_plan.to[0] = "FR/claire.m";
		cable_plan.info[0] = NULL;
		cable_plan.readers[0] = w.claire;
		cable_plan.readers[1] = w.eleni;
		sim_send(w.sim, &cable_plan, &cable);
	}
	w.sim->stations[SIM_CY].is_down = false;
	begin(&w, w.eleni, &cable, NULL, &opening);
	world_expect(&w, sim_opening_ask(w.sim, &opening, SIM_PT), 503, "counts from 20");
	sim_opening_done(&opening);
	sim_pass(w.sim, 3599 * 1000);
	opening = (struct sim_opening){0};
	begin(&w, w.eleni, &cable, NULL, &opening);
	world_expect(&w, sim_opening_ask(w.sim, &opening, SIM_PT), 503, "counts from 20");
	sim_pass(w.sim, 1000);
	world_expect(&w, sim_opening_ask(w.sim, &opening, SIM_PT), 200, "");
	sim_opening_done(&opening);
	sim_cable_done(&cable);
	sim_free(w.sim);
}

/* Shares: KEEP as the originator's station makes it of an envelope. */
static void
keep_body(const struct world *w, const struct sim_cable *cable, struct buf *out)
{
	const struct sim_station *pt = &w->sim->stations[SIM_PT];
	struct post_enrol enrol = {.enrol = rd_of(w->ana->enrol.data, w->ana->enrol.len)};
	struct send send = {.time_s = SIM_START_S};
	struct keep keep = {0};
	struct header header;
	struct post_keep post;
	struct buf bytes, enrols, sent;
	size_t len;

	buf_init(&bytes, KEEP_LEN_MAX);
	buf_init(&enrols, 1 << 16);
	buf_init(&sent, SEND_LEN);
	assert_int_equal(
		header_parse(rd_of(cable->header.data, cable->header.len), &header, &len),
		0);
	memcpy(send.document_id, cable->document_id, sizeof send.document_id);
	memcpy(send.envelope_hash, cable->envelope_hash, HASH_LEN);
	assert_int_equal(send_sign(&send, own_station_seed(pt->keys, STATION_SIGN)), 0);
	send_write(&send, &sent);
	keep.core_bytes = header.core_bytes;
	keep.sv_bytes = header.sv.bytes;
	hash_sha256(header.r.bytes.ptr, header.r.bytes.len, keep.r_hash);
	keep.trailer_bytes = rd_of(cable->trailer.data, cable->trailer.len);
	keep.send_bytes = rd_of(sent.data, sent.len);
	keep_write(&keep, &bytes);
	codec_write(&post_enrol_codec, &enrol, &enrols);
	post = (struct post_keep){.keep = rd_of(bytes.data, bytes.len),
		.enrols = rd_of(enrols.data, enrols.len)};
	buf_clear(out);
	codec_write(&post_keep_codec, &post, out);
	assert_int_equal(buf_error(out), 0);
	buf_done(&bytes);
	buf_done(&enrols);
	buf_done(&sent);
}

static uint16_t
keep_at(struct world *w, size_t from, size_t to, const struct buf *body)
{
	return sim_peer(w->sim, from, to, "keep", rd_of(body->data, body->len));
}

/* The same share again gets the same KEPT; another envelope under its id gets nothing. */
static void
test_keep(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable_plan plan = world_plan(w);
	struct sim_cable cable, other;
	struct buf body, first;

	buf_init(&body, POST_BODY_MAX);
	buf_init(&first, POST_BODY_MAX);
	sim_seal(w->sim, &plan, &cable);
	plan.document_id = cable.document_id;
	plan.text = "Another one.";
	sim_seal(w->sim, &plan, &other);
	keep_body(w, &cable, &body);
	for (int i = 0; i < 2; i++) {
		world_expect(w, keep_at(w, SIM_PT, SIM_FR, &body), 200, "");
		if (i == 0)
			buf_bytes(&first, w->sim->reply.data, w->sim->reply.len);
		assert_int_equal(w->sim->reply.len, first.len);
		assert_memory_equal(w->sim->reply.data, first.data, first.len);
	}
	world_expect(w, keep_at(w, SIM_EU, SIM_FR, &body), 403, "the originator alone");
	world_expect(w, keep_at(w, SIM_FR, SIM_PT, &body), 403, "the originator alone");
	keep_body(w, &other, &body);
	world_expect(w, keep_at(w, SIM_PT, SIM_FR, &body), 409, "another envelope");
	world_expect(w, keep_at(w, SIM_PT, SIM_CY, &body), 200, "");
	sim_cable_done(&cable);
	sim_cable_done(&other);
	buf_done(&body);
	buf_done(&first);
}

/* A share that was exchanged, and a SEND that PT has not signed. */
static void
test_keep_false(void **ctx)
{
	struct world *w = *ctx;
	const struct sim_cable_plan plan = world_plan(w);
	struct sim_cable cable;
	struct post_keep post;
	struct keep keep;
	struct buf body, bad;
	size_t at;

	buf_init(&body, POST_BODY_MAX);
	buf_init(&bad, POST_BODY_MAX);
	sim_seal(w->sim, &plan, &cable);
	keep_body(w, &cable, &body);
	assert_int_equal(
		codec_parse_whole(&post_keep_codec, rd_of(body.data, body.len), &post),
		0);
	assert_int_equal(keep_parse(post.keep, &keep), 0);
	buf_bytes(&bad, body.data, body.len);
	at = (size_t)(keep.sv_bytes.ptr - body.data) + keep.sv_bytes.len - 1;
	bad.data[at] ^= 1;
	world_expect(w, keep_at(w, SIM_PT, SIM_FR, &bad), 409, "");
	bad.data[at] ^= 1;
	at = (size_t)(keep.send_bytes.ptr - body.data) + keep.send_bytes.len - 1;
	bad.data[at] ^= 1;
	world_expect(w, keep_at(w, SIM_PT, SIM_FR, &bad), 401, "not signed by PT");
	bad.data[at] ^= 1;
	/* The author is known here: an altered enrolment beside the share says nothing. */
	at = (size_t)(post.enrols.ptr - body.data) + post.enrols.len - 1;
	bad.data[at] ^= 1;
	assert_int_equal(keep_at(w, SIM_PT, SIM_FR, &bad), 200);
	sim_cable_done(&cable);
	buf_done(&body);
	buf_done(&bad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_requests, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_signature, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_holders, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_others, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_evidence, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_clearance, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_hold, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_revoked, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_expiry, world_make, world_end),
		cmocka_unit_test_setup_teardown(
			test_authorisation, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_custodians, world_make, world_end),
		cmocka_unit_test(test_delay),
		cmocka_unit_test_setup_teardown(test_keep, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_keep_false, world_make, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
