/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "custody/joining.h"
#include "custody/opening.h"
#include "envelope/body.h"
#include "envelope/grant.h"
#include "envelope/segment.h"
#include "sim_impl.h"

/*
 * What a client does to read: a REQUEST, its answers put together, R of a slot or a grant.
 */

void
sim_opening_sign(
	struct sim *sim, struct sim_opening *opening, struct opening_request *request)
{
	struct buf message;

	(void)sim;
	buf_init(&message, OPENING_LEN_MAX);
	CHECK(opening_request_signed(request, &message) == 0);
	sign_message(opening->officer->sign_seed, message.data, message.len,
		request->signature);
	buf_clear(&opening->request);
	CHECK(opening_request_write(request, &opening->request) == 0);
	opening_request_hash(rd_of(opening->request.data, opening->request.len),
		opening->request_hash);
	buf_done(&message);
}

static void
parse_header(const struct sim_cable *cable, struct header *header)
{
	size_t len;

	CHECK(header_parse(rd_of(cable->header.data, cable->header.len), header, &len) ==
		0);
}

void
sim_opening_begin(struct sim *sim, const struct sim_officer *officer,
	const struct sim_cable *cable, struct sim_opening *opening)
{
	struct opening_request request = {.purpose = rd_of("", 0)};
	struct opening_evidence evidence = {.kind = OPENING_R_SLOTS};
	struct header header;

	parse_header(cable, &header);
	opening->officer = officer;
	opening->cable = cable;
	buf_init(&opening->request, OPENING_LEN_MAX);
	buf_init(&opening->evidence, POST_HEADER_MAX);
	buf_init(&opening->authorisation, 1024);
	CHECK(rng_fill(&sim->rng.rng, opening->ephemeral_seed, KEM_SEED_LEN) == 0);
	memcpy(request.document_id, cable->document_id, sizeof request.document_id);
	memcpy(request.envelope_hash, cable->envelope_hash, HASH_LEN);
	request.log_origin = header.core.log_origin;
	roster_hash(sim_roster_of(sim, officer->station)->text, request.roster_hash);
	request.credential = sim_credential_bytes(officer);
	CHECK(kem_public_of_seed(header.core.suite, opening->ephemeral_seed,
		      &request.ephemeral) == 0);
	request.not_after_s = opening->not_after_s != 0 ? opening->not_after_s
							: sim->now_ms / 1000 + 300;
	CHECK(rng_fill(&sim->rng.rng, request.nonce, sizeof request.nonce) == 0);
	sim_opening_sign(sim, opening, &request);
	evidence.bytes = header.r.bytes;
	if (opening->grant.len > 0)
		evidence = (struct opening_evidence){OPENING_GRANT, opening->grant};
	opening_evidence_write(&evidence, &opening->evidence);
	CHECK(buf_error(&opening->evidence) == 0);
}

void
sim_opening_done(struct sim_opening *opening)
{
	buf_done(&opening->request);
	buf_done(&opening->evidence);
	buf_done(&opening->authorisation);
}

uint16_t
sim_opening_ask(struct sim *sim, struct sim_opening *opening, size_t member)
{
	const struct sim_officer *officer = opening->officer;
	struct post_open open = {
		.request = rd_of(opening->request.data, opening->request.len),
		.evidence = rd_of(opening->evidence.data, opening->evidence.len),
		.authorisation =
			rd_of(opening->authorisation.data, opening->authorisation.len),
		.enrol = rd_of(officer->enrol.data, officer->enrol.len)};
	struct post_relay relay = {.member = sim_name(sim, member)};
	struct buf body;
	uint16_t status;

	buf_init(&body, POST_BODY_MAX);
	codec_write(&post_open_codec, &open, &body);
	CHECK(buf_error(&body) == 0);
	relay.body = rd_of(body.data, body.len);
	status = sim_ask(sim, officer, "open", &post_relay_codec, &relay);
	buf_done(&body);
	return status;
}

static const uint8_t *
sign_key(struct sim *sim, struct rd member)
{
	const struct roster *roster = sim_roster_of(sim, SIM_PT);
	size_t at = 0;

	CHECK(roster_find(roster, member, &at) == 0);
	return roster->members[at].sign;
}

static size_t
station_of(const struct sim *sim, struct rd member)
{
	for (size_t i = 0; i < sim->station_count; i++)
		if (address_compare(sim_name(sim, i), member) == 0)
			return i;
	sim_fail("no such member");
	return 0;
}

static void
put_answer(struct sim *sim, struct sim_opening *opening, struct joining *joining,
	struct rd member)
{
	struct post_opened opened;

	CHECK(codec_parse_whole(&post_opened_codec,
		      rd_of(sim->reply.data, sim->reply.len), &opened) == 0);
	if (opening->authorisation.len == 0) {
		buf_bytes(&opening->authorisation, opened.authorisation.ptr,
			opened.authorisation.len);
		CHECK(joining_authorised(
			      joining, opened.authorisation, sign_key(sim, member)) == 0);
	}
	CHECK(joining_put(joining, member, sign_key(sim, member), opened.answer) == 0);
}

static void
open_r(const struct sim_opening *opening, const struct header *header, uint8_t *ret_r)
{
	struct slot_place place = {
		.role = "R", .suite = header->core.suite, .core_hash = header->core_hash};
	uint8_t id[KEM_ID_LEN];
	struct grant grant;
	struct slot slot;
	size_t at;

	if (opening->grant.len > 0) {
		CHECK(grant_parse(opening->grant, &grant) == 0);
		grant_place(&grant, header->core_hash, opening->officer->hash, &place);
		slot = grant.slot;
	} else {
		kem_id(&opening->officer->credential.subject.reader, id);
		CHECK(slots_find(&header->r, id, &at) == 0);
		slots_at(&header->r, at, &slot);
		place.index = (uint32_t)at;
	}
	CHECK(slot_open(&place, &slot, opening->officer->reader_seed, ret_r) == 0);
}

void
sim_r_secret(const struct sim_officer *officer, const struct sim_cable *cable,
	uint8_t ret_r[SLOT_SECRET_LEN])
{
	const struct sim_opening opening = {.officer = officer};
	struct header header;

	parse_header(cable, &header);
	open_r(&opening, &header, ret_r);
}

static void
open_body(const struct header *header, const uint8_t *body_key,
	const struct sim_cable *cable, struct buf *text)
{
	struct rd sealed = rd_of(cable->body.data, cable->body.len - 4);
	struct body_head *head = NULL;
	struct aead *aead = NULL;
	uint8_t plain[SEGMENT_PLAIN_MAX];
	size_t len = sealed.len - SEGMENT_FRAME_HEAD - AEAD_TAG_LEN, at = 0;

	CHECK(aead_new(body_key, &aead) == 0 && mem_new(&head, sizeof *head) == 0);
	CHECK(segment_open(aead, header->hash,
		      (struct segment_at){.index = 0, .is_last = true},
		      sealed.ptr + SEGMENT_FRAME_HEAD, sealed.len - SEGMENT_FRAME_HEAD,
		      plain) == 0);
	CHECK(body_parse(rd_of(plain, len), head, &at) == 0);
	buf_bytes(text, plain + at, len - at);
	aead_free(aead);
	mem_free(head);
}

uint16_t
sim_open(struct sim *sim, const struct sim_officer *officer,
	const struct sim_cable *cable, struct rd grant, struct buf *text)
{
	struct sim_opening opening = {.grant = grant};
	uint8_t r[SLOT_SECRET_LEN], body_key[SCHEDULE_LEN];
	struct joining joining;
	struct header header;
	uint16_t status;

	parse_header(cable, &header);
	sim_opening_begin(sim, officer, cable, &opening);
	joining_init(&joining, &header, opening.request_hash, opening.ephemeral_seed);
	status = sim_opening_ask(sim, &opening, station_of(sim, header.core.originator));
	if (status == 200)
		put_answer(sim, &opening, &joining, header.core.originator);
	for (size_t i = 0; i < header.core.custodian_count && status == 200 &&
		!joining_has_enough(&joining);
		i++) {
		struct rd member = header.core.custodians[i].member;

		status = sim_opening_ask(sim, &opening, station_of(sim, member));
		if (status == 200)
			put_answer(sim, &opening, &joining, member);
	}
	if (status == 200) {
		open_r(&opening, &header, r);
		CHECK(joining_body_key(&joining, r, body_key) == 0);
		open_body(&header, body_key, cable, text);
	}
	joining_wipe(&joining);
	sim_opening_done(&opening);
	return status;
}
