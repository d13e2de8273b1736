/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"
#include "envelope/grant.h"
#include "envelope/header.h"
#include "member/order.h"
#include "world.h"

/* Later readers: a grant is made by a reader, counted by the originator, and opens the envelope. */

static struct rd
credential_of(const struct sim_officer *officer)
{
	struct enrol enrol;

	assert_int_equal(enrol_parse(officer->enrol.data, officer->enrol.len, &enrol), 0);
	return enrol.credential;
}

/* What the granter's client makes.  r: of his slot, or anything. */
static void
make_grant(struct world *w, const struct sim_officer *granter, const uint8_t *r,
	const struct sim_cable *cable, const struct sim_officer *reader, struct buf *out)
{
	struct signer signer = {.role = SIGNER_GRANTER,
		.kind = SIGNER_CREDENTIAL,
		.identity = credential_of(granter)};
	struct grant_plan plan = {.suite = SUITE_1,
		.envelope_hash = cable->envelope_hash,
		.credential = credential_of(reader),
		.device = &reader->credential.subject.reader};
	struct header header;
	struct buf message;
	size_t len;

	assert_int_equal(
		header_parse(rd_of(cable->header.data, cable->header.len), &header, &len),
		0);
	plan.core_hash = header.core_hash;
	buf_clear(out);
	buf_init(&message, GRANT_LEN_MAX);
	assert_int_equal(grant_begin(&plan, &w->sim->rng.rng, r, out), 0);
	assert_int_equal(grant_signed(rd_of(out->data, out->len), &message), 0);
	sign_message(granter->sign_seed, message.data, message.len, signer.signature);
	assert_int_equal(grant_sign(&signer, out), 0);
	buf_done(&message);
}

static void
put_enrols(const struct sim_officer *granter, const struct sim_officer *reader,
	struct buf *out)
{
	struct post_enrol enrol = {
		.enrol = rd_of(granter->enrol.data, granter->enrol.len)};

	codec_write(&post_enrol_codec, &enrol, out);
	enrol.enrol = rd_of(reader->enrol.data, reader->enrol.len);
	codec_write(&post_enrol_codec, &enrol, out);
}

static uint16_t
send_grant(struct world *w, const struct sim_officer *granter,
	const struct sim_officer *reader, const struct buf *grant)
{
	struct post_grant post = {.grant = rd_of(grant->data, grant->len)};
	struct buf enrols;
	uint16_t status;

	buf_init(&enrols, 1 << 16);
	put_enrols(granter, reader, &enrols);
	post.enrols = rd_of(enrols.data, enrols.len);
	status = sim_ask(w->sim, granter, "grant", &post_grant_codec, &post);
	buf_done(&enrols);
	return status;
}

/* All of it, as `forward` does.  The countersigned grant comes out. */
static uint16_t
forward(struct world *w, const struct sim_officer *granter, const struct sim_cable *cable,
	const struct sim_officer *reader, struct buf *counted)
{
	uint8_t r[SLOT_SECRET_LEN];
	struct post_object object;
	struct buf grant;
	uint16_t status;

	buf_init(&grant, GRANT_LEN_MAX);
	sim_r_secret(granter, cable, r);
	make_grant(w, granter, r, cable, reader, &grant);
	status = send_grant(w, granter, reader, &grant);
	if (status == 200) {
		assert_int_equal(
			codec_parse_whole(&post_object_codec,
				rd_of(w->sim->reply.data, w->sim->reply.len), &object),
			0);
		buf_clear(counted);
		buf_bytes(counted, object.object.ptr, object.object.len);
		for (int i = 0; i < 3; i++)
			sim_pass(w->sim, 30 * 1000);
	}
	buf_done(&grant);
	return status;
}

static void
expect_opens(struct world *w, const struct sim_officer *reader,
	const struct sim_cable *cable, const struct buf *grant)
{
	struct buf text;

	buf_init(&text, 1 << 16);
	world_expect(w,
		sim_open(w->sim, reader, cable, rd_of(grant->data, grant->len), &text),
		200, "");
	assert_int_equal(text.len, strlen(world_text));
	assert_memory_equal(text.data, world_text, text.len);
	buf_done(&text);
}

/* The document as the reader's own client fetches it; its grant comes with it. */
static void
expect_document(struct world *w, const struct sim_officer *reader,
	const struct sim_cable *cable, const struct buf *grant)
{
	const struct post_which which = {.document_id = rd_of(cable->document_id, 16)};
	struct post_document document;

	world_expect(w, sim_ask(w->sim, reader, "document", &post_which_codec, &which),
		200, "");
	assert_int_equal(codec_parse_whole(&post_document_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &document),
		0);
	assert_int_equal(document.header.len, cable->header.len);
	assert_int_equal(document.grant.len, grant->len);
	assert_memory_equal(document.grant.ptr, grant->data, grant->len);
}

static void
expect_inbox(
	struct world *w, const struct sim_officer *reader, const struct sim_cable *cable)
{
	const struct post_inbox inbox = {.box = POST_BOX_IN, .max = 10};
	struct post_list list;
	struct post_row row;

	assert_int_equal(
		sim_ask(w->sim, reader, "inbox", &post_inbox_codec, &inbox), 200);
	assert_int_equal(codec_parse_whole(&post_list_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &list),
		0);
	assert_true(list.items.len > 0);
	assert_int_equal(codec_parse(&post_row_codec, &list.items, &row), 0);
	assert_memory_equal(row.document_id, cable->document_id, 16);
	assert_int_equal(row.role, 2);
}

/* With the grant that comes with the document. */
static void
expect_opens_granted(
	struct world *w, const struct sim_officer *reader, const struct sim_cable *cable)
{
	const struct post_which which = {.document_id = rd_of(cable->document_id, 16)};
	struct post_document document;
	struct buf grant;

	buf_init(&grant, GRANT_LEN_MAX);
	world_expect(w, sim_ask(w->sim, reader, "document", &post_which_codec, &which),
		200, "");
	assert_int_equal(codec_parse_whole(&post_document_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &document),
		0);
	buf_bytes(&grant, document.grant.ptr, document.grant.len);
	expect_opens(w, reader, cable, &grant);
	buf_done(&grant);
}

/* FR's reader forwards PT's cable to CY's nikos.p, who was not among its readers. */
static void
test_forward(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable_plan plan = world_plan(w);
	struct sim_cable cable;
	struct buf grant;

	plan.label = "RESTRICTED";
	plan.to[0] = "FR/claire.m";
	plan.info[0] = NULL;
	buf_init(&grant, GRANT_LEN_MAX);
	sim_send(w->sim, &plan, &cable);
	world_refused(w, w->otto, &cable, 403, "not sealed to this device");
	world_expect(w, forward(w, w->claire, &cable, w->otto, &grant), 200, "");
	expect_document(w, w->otto, &cable, &grant);
	expect_inbox(w, w->otto, &cable);
	expect_opens(w, w->otto, &cable, &grant);
	sim_run(w->sim);
	/* A later reader may pass it on as well: within his member, or to the originator's. */
	{
		uint8_t r[SLOT_SECRET_LEN];
		struct buf again;

		buf_init(&again, GRANT_LEN_MAX);
		sim_r_secret(w->claire, &cable, r);
		make_grant(w, w->otto, r, &cable, w->nikos, &again);
		world_expect(w, send_grant(w, w->otto, w->nikos, &again), 200, "");
		for (int i = 0; i < 3; i++)
			sim_pass(w->sim, 30 * 1000);
		expect_opens_granted(w, w->nikos, &cable);
		buf_done(&again);
	}
	world_expect(w, forward(w, w->claire, &cable, w->joao, &grant), 200, "");
	expect_document(w, w->joao, &cable, &grant);
	expect_opens(w, w->joao, &cable, &grant);
	world_state(w, &cable, "FR/claire.m", DELIVERY_DELIVERED);
	/* Recalled: nobody, by any way. */
	assert_int_equal(world_end_cable(w, w->ana, &cable, "recall"), 200);
	world_expect(w,
		sim_open(w->sim, w->otto, &cable, rd_of(grant.data, grant.len), &grant),
		403, "recalled by PT");
	buf_done(&grant);
	sim_cable_done(&cable);
}

/* The author forwards his own: his station is the originator. */
static void
test_at_home(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable_plan plan = world_plan(w);
	struct sim_cable cable;
	struct buf grant, again;

	buf_init(&grant, GRANT_LEN_MAX);
	buf_init(&again, GRANT_LEN_MAX);
	plan.flags = CORE_CONTROLLED;
	plan.info[0] = NULL;
	sim_send(w->sim, &plan, &cable);
	world_expect(w, forward(w, w->ana, &cable, w->joao, &grant), 200, "");
	expect_opens(w, w->joao, &cable, &grant);
	world_expect(w, forward(w, w->ana, &cable, w->claire, &grant), 200, "");
	expect_document(w, w->claire, &cable, &grant);
	expect_opens(w, w->claire, &cable, &grant);
	/* Granted twice: the first one counts, and is told. */
	world_expect(w, forward(w, w->ana, &cable, w->claire, &again), 200, "");
	assert_int_equal(again.len, grant.len);
	assert_memory_equal(again.data, grant.data, grant.len);
	/* But others may not: the originator controls it. */
	world_expect(w, forward(w, w->eleni, &cable, w->nikos, &grant), 403,
		"PT controls who else reads");
	buf_done(&grant);
	buf_done(&again);
	sim_cable_done(&cable);
}

static void
test_refused(void **ctx)
{
	struct world *w = *ctx;
	uint8_t r[SLOT_SECRET_LEN] = {1};
	struct sim_cable cable;
	struct buf grant;

	buf_init(&grant, GRANT_LEN_MAX);
	world_send(w, &cable);
	/* Not cleared; nor his station. */
	world_expect(w, forward(w, w->claire, &cable, w->nikos, &grant), 403,
		"CY/nikos.p: The clearance does not include");
	world_expect(w, forward(w, w->claire, &cable, w->otto, &grant), 403,
		"the station of EU");
	/* Not a reader: the document is not for him to see. */
	make_grant(w, w->joao, r, &cable, w->rui, &grant);
	assert_int_equal(send_grant(w, w->joao, w->rui, &grant), 404);
	/* Not the device that signed. */
	make_grant(w, w->claire, r, &cable, w->rui, &grant);
	world_expect(w, send_grant(w, w->eleni, w->rui, &grant), 403,
		"by the device that signed it");
	/* Altered on the way to the originator: his signature does not hold. */
	grant.data[60] ^= 1;
	assert_int_not_equal(send_grant(w, w->claire, w->rui, &grant), 200);
	/* PT is away. */
	w->sim->stations[SIM_PT].is_down = true;
	world_expect(w, forward(w, w->claire, &cable, w->rui, &grant), 503,
		"PT does not answer");
	w->sim->stations[SIM_PT].is_down = false;
	/* On hold, one or the other. */
	assert_int_equal(sim_order(w->sim, SIM_PT, ORDER_HOLD, "FR/claire.m"), 200);
	world_expect(w, forward(w, w->claire, &cable, w->rui, &grant), 403, "on hold");
	world_expect(w, forward(w, w->ana, &cable, w->claire, &grant), 403, "on hold");
	buf_done(&grant);
	sim_cable_done(&cable);
}

/* Signed by a granter, never counted; counted for another; sent before the envelope. */
static void
test_false(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable_plan plan = world_plan(w);
	struct sim_opening opening = {0};
	uint8_t r[SLOT_SECRET_LEN];
	struct sim_cable cable;
	struct post_grant post;
	struct buf grant, enrols, body;

	buf_init(&grant, GRANT_LEN_MAX);
	buf_init(&enrols, 1 << 16);
	buf_init(&body, 1 << 18);
	plan.to[0] = "FR/claire.m";
	plan.info[0] = NULL;
	sim_send(w->sim, &plan, &cable);
	sim_r_secret(w->claire, &cable, r);
	make_grant(w, w->claire, r, &cable, w->eleni, &grant);
	opening.grant = rd_of(grant.data, grant.len);
	sim_opening_begin(w->sim, w->eleni, &cable, &opening);
	world_expect(w, sim_opening_ask(w->sim, &opening, SIM_PT), 403,
		"the grant that came with the request does not count");
	sim_opening_done(&opening);

	put_enrols(w->claire, w->eleni, &enrols);
	post = (struct post_grant){.grant = rd_of(grant.data, grant.len),
		.enrols = rd_of(enrols.data, enrols.len)};
	codec_write(&post_grant_codec, &post, &body);
	world_expect(w,
		sim_peer(w->sim, SIM_FR, SIM_CY, "grant", rd_of(body.data, body.len)),
		503, "not here yet");
	world_expect(w,
		sim_peer(w->sim, SIM_EU, SIM_PT, "grant", rd_of(body.data, body.len)),
		403, "its own officers only");
	world_expect(w,
		sim_peer(w->sim, SIM_CY, SIM_FR, "grant", rd_of(body.data, body.len)),
		404, "PT has not countersigned");
	world_refused(w, w->eleni, &cable, 403, "not sealed to this device");

	/* What counts for rui.costa does not for eleni.k. */
	world_expect(w, forward(w, w->claire, &cable, w->rui, &grant), 200, "");
	opening = (struct sim_opening){.grant = rd_of(grant.data, grant.len)};
	sim_opening_begin(w->sim, w->eleni, &cable, &opening);
	world_expect(w, sim_opening_ask(w->sim, &opening, SIM_PT), 403,
		"the grant that came with the request does not count");
	sim_opening_done(&opening);
	buf_done(&grant);
	buf_done(&enrols);
	buf_done(&body);
	sim_cable_done(&cable);
}

/* Memory runs out in each message: in the end it is forwarded, once. */
static void
test_memory(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable_plan plan = world_plan(w);
	uint8_t r[SLOT_SECRET_LEN];
	struct sim_cable cable;
	struct post_object object;
	struct buf grant;
	uint16_t status = 0;
	long n, refused = 0;

	buf_init(&grant, GRANT_LEN_MAX);
	plan.to[0] = "FR/claire.m";
	plan.info[0] = NULL;
	sim_send(w->sim, &plan, &cable);
	sim_r_secret(w->claire, &cable, r);
	make_grant(w, w->claire, r, &cable, w->eleni, &grant);
	for (n = 0; n < 600 && status != 200; n++) {
		w->sim->fail_at = n;
		status = send_grant(w, w->claire, w->eleni, &grant);
		w->sim->fail_at = -1;
		assert_true(status == 200 || status == 503);
		refused += status != 200;
	}
	assert_int_equal(status, 200);
	assert_true(refused > 20);
	assert_int_equal(codec_parse_whole(&post_object_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &object),
		0);
	buf_clear(&grant);
	buf_bytes(&grant, object.object.ptr, object.object.len);
	for (int i = 0; i < 5; i++)
		sim_pass(w->sim, 120 * 1000);
	expect_document(w, w->eleni, &cable, &grant);
	expect_opens(w, w->eleni, &cable, &grant);
	buf_done(&grant);
	sim_cable_done(&cable);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_forward, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_at_home, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_refused, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_false, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_memory, world_make, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
