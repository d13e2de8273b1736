/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "envelope/body.h"
#include "envelope/header.h"
#include "envelope/segment.h"
#include "envelope/trailer.h"
#include "label/label.h"
#include "log/tree.h"
#include "member/custodians.h"
#include "sim_impl.h"

/* What a client does: seal a cable, and open one. */

/* A station whose memory ran out a moment ago reads it anew with its next work. */
const struct roster *
sim_roster_of(struct sim *sim, size_t station)
{
	const struct roster *roster = store_roster(sim->stations[station].store);

	for (size_t i = 0; i < sim->station_count && roster == NULL; i++)
		roster = store_roster(sim->stations[i].store);
	CHECK(roster != NULL);
	return roster;
}

static const struct directory *
directory_of(struct sim *sim, size_t station, struct rd member)
{
	const struct directory *directory =
		store_directory(sim->stations[station].store, member);

	CHECK(directory != NULL);
	return directory;
}

static void
write_label(const char *text, struct buf *out)
{
	struct label *label = NULL;

	CHECK(label_from_text(text, strlen(text), &label) == 0);
	label_write(label, out);
	label_free(label);
}

static void
write_addressing(struct sim *sim, const struct sim_cable_plan *plan, struct buf *out)
{
	bool is_flash = (plan->flags & CORE_FLASH) != 0;
	struct addressing *a = NULL;

	CHECK(mem_new(&a, sizeof *a) == 0);
	a->dtg_s = sim->now_ms / 1000;
	a->reference = address_of("ref");
	a->type_name = rd_of("", 0);
	a->precedence_action = is_flash ? PRECEDENCE_FLASH : PRECEDENCE_ROUTINE;
	a->title = address_of("A title");
	for (size_t i = 0; i < 4 && plan->to[i] != NULL; i++)
		a->addresses[a->action_count++] = address_of(plan->to[i]);
	for (size_t i = 0; i < 4 && plan->info[i] != NULL; i++)
		a->addresses[a->action_count + a->info_count++] =
			address_of(plan->info[i]);
	CHECK(addressing_write(a, out) == 0);
	mem_free(a);
}

/* Everything that a header plan points to. */
struct sealing {
	struct header_plan plan;
	struct buf label, addressing;
	char origin[256];
	uint8_t roster_hash[HASH_LEN];
	struct kem_public readers[64];
	struct kem_public custodians[CORE_CUSTODIANS_MAX];
	struct kem_public originator;
};

static void
put_readers(struct sim *sim, const struct sim_cable_plan *plan, const char *address,
	struct sealing *s)
{
	const struct directory *directory;
	struct rd member, name;
	struct enrol enrol;
	struct credential c;
	size_t at = 0, i;

	CHECK(address_split(address_of(address), &member, &name) == 0);
	directory = directory_of(sim, plan->author->station, member);
	while (directory_next_reader(directory, name, &at, &i)) {
		struct rd bytes = directory->credentials[i].enrol;

		CHECK(enrol_parse(bytes.ptr, bytes.len, &enrol) == 0);
		CHECK(credential_parse(enrol.credential.ptr, enrol.credential.len, &c) ==
			0);
		s->readers[s->plan.reader_count++] = c.subject.reader;
	}
}

static void
plan_readers(struct sim *sim, const struct sim_cable_plan *plan, struct sealing *s)
{
	s->readers[s->plan.reader_count++] = plan->author->credential.subject.reader;
	for (size_t i = 0; i < 8 && plan->readers[i] != NULL; i++)
		s->readers[s->plan.reader_count++] =
			plan->readers[i]->credential.subject.reader;
	for (size_t i = 0; i < 4 && plan->readers[0] == NULL; i++) {
		if (plan->to[i] != NULL)
			put_readers(sim, plan, plan->to[i], s);
		if (plan->info[i] != NULL)
			put_readers(sim, plan, plan->info[i], s);
	}
	s->plan.readers = s->readers;
}

static void
note_addressed(
	const struct roster *roster, const char *const *addresses, bool *is_addressed)
{
	struct rd member, name;
	size_t at;

	for (size_t i = 0; i < 4 && addresses[i] != NULL; i++) {
		CHECK(address_split(address_of(addresses[i]), &member, &name) == 0);
		if (roster_find(roster, member, &at) == 0)
			is_addressed[at] = true;
	}
}

static struct kem_public
custody_key(struct sim *sim, size_t station, struct rd member)
{
	const struct directory_custody *custody;

	CHECK(directory_custody_at(directory_of(sim, station, member), sim->now_ms / 1000,
		      &custody) == 0);
	return custody->key;
}

static void
plan_custody(struct sim *sim, const struct sim_cable_plan *plan, struct sealing *s)
{
	const struct roster *roster = sim_roster_of(sim, plan->author->station);
	bool is_addressed[ROSTER_MEMBERS_MAX] = {false};
	struct custodians_question q = {.is_addressed = is_addressed};
	struct rd us = sim_name(sim, plan->author->station);
	struct custodians_rule rule;
	size_t members[ROSTER_SHARES_MAX];
	struct core *core = &s->plan.core;

	note_addressed(roster, plan->to, is_addressed);
	note_addressed(roster, plan->info, is_addressed);
	CHECK(roster_find(roster, us, &q.originator) == 0);
	memcpy(q.document_id, core->document_id, sizeof q.document_id);
	CHECK(custodians_rule(roster, "CONCORD", "SECRET", &rule) == 0);
	CHECK(custodians_choose(roster, &q, rule.count, members) == 0);
	core->rule = CORE_RULE_MEMBERS;
	core->threshold = rule.threshold;
	core->custodian_count = rule.count;
	for (size_t i = 0; i < rule.count; i++) {
		struct rd member = roster->members[members[i]].name;

		core->custodians[i].member = member;
		s->custodians[i] = custody_key(sim, plan->author->station, member);
	}
	s->originator = custody_key(sim, plan->author->station, us);
	s->plan.custodians = s->custodians;
	s->plan.originator = &s->originator;
}

static void
plan_header(struct sim *sim, const struct sim_cable_plan *plan, struct sealing *s)
{
	const struct sim_station *station = &sim->stations[plan->author->station];
	struct core *core = &s->plan.core;

	buf_init(&s->label, LABEL_BYTES_MAX);
	buf_init(&s->addressing, ADDRESSING_LEN_MAX);
	write_label(plan->label, &s->label);
	write_addressing(sim, plan, &s->addressing);
	(void)snprintf(
		s->origin, sizeof s->origin, "%s/openings/1", station->keys->domain);
	roster_hash(sim_roster_of(sim, station->at)->text, s->roster_hash);
	core->suite = SUITE_1;
	core->log_origin = address_of(s->origin);
	core->roster_hash = rd_of(s->roster_hash, HASH_LEN);
	core->originator = address_of(station->name);
	core->label = rd_of(s->label.data, s->label.len);
	core->flags = plan->flags;
	core->expiry_s = plan->expiry_s;
	s->plan.has_document_id = true;
	CHECK(rng_fill(&sim->rng.rng, core->document_id, sizeof core->document_id) == 0);
	if (plan->document_id != NULL)
		memcpy(core->document_id, plan->document_id, sizeof core->document_id);
	s->plan.addressing = rd_of(s->addressing.data, s->addressing.len);
	plan_readers(sim, plan, s);
	plan_custody(sim, plan, s);
}

/* A body of one segment, without boxes. */
static void
seal_body(const struct header_secrets *secrets, const char *text, struct buf *out,
	struct trailer_sums *sums)
{
	struct body_head *head = NULL;
	struct aead *aead = NULL;
	struct hash *hash = NULL;
	uint8_t frame[SEGMENT_FRAME_MAX], leaf[HASH_LEN];
	struct buf plain;
	struct tree tree;
	size_t len;

	buf_init(&plain, SEGMENT_PLAIN_MAX);
	CHECK(mem_new(&head, sizeof *head) == 0 && hash_new(&hash) == 0);
	head->subject = address_of("subject");
	head->part_count = 1;
	head->parts[0] = (struct body_part){.kind = BODY_TEXT, .size = BODY_SIZE_REST};
	CHECK(body_write(head, &plain) == 0);
	buf_text(&plain, text);
	CHECK(aead_new(secrets->body_key, &aead) == 0);
	CHECK(segment_seal(aead, secrets->hash,
		      (struct segment_at){.index = 0, .is_last = true}, plain.data,
		      plain.len, frame, &len) == 0);
	buf_bytes(out, frame, len);
	buf_u32(out, 0);
	tree_init(&tree);
	tree_leaf(hash, frame + SEGMENT_FRAME_HEAD, len - SEGMENT_FRAME_HEAD, leaf);
	tree_push(&tree, leaf);
	*sums = (struct trailer_sums){.body_len = plain.len, .segments = 1};
	tree_root(&tree, sums->root);
	aead_free(aead);
	hash_free(hash);
	mem_free(head);
	buf_done(&plain);
}

struct rd
sim_credential_bytes(const struct sim_officer *officer)
{
	struct enrol enrol;

	CHECK(enrol_parse(officer->enrol.data, officer->enrol.len, &enrol) == 0);
	return enrol.credential;
}

static void
sign_trailer(const struct sim_officer *author, const struct header_secrets *secrets,
	const struct trailer_sums *sums, struct sim_cable *cable)
{
	struct trailer trailer = {.sums = *sums, .signer_count = 1};
	uint8_t message[TRAILER_SIGNED_LEN];

	trailer.signers[0].role = SIGNER_AUTHOR;
	trailer.signers[0].kind = SIGNER_CREDENTIAL;
	trailer.signers[0].identity = sim_credential_bytes(author);
	trailer_signed(secrets->hash, sums, message);
	sign_message(
		author->sign_seed, message, sizeof message, trailer.signers[0].signature);
	CHECK(trailer_write(&trailer, &cable->trailer) == 0);
	trailer_envelope_hash(secrets->hash, sums, cable->envelope_hash);
}

void
sim_seal(struct sim *sim, const struct sim_cable_plan *plan, struct sim_cable *cable)
{
	struct header_secrets secrets;
	struct trailer_sums sums;
	struct sealing *s = NULL;

	CHECK(mem_new(&s, sizeof *s) == 0);
	*cable = (struct sim_cable){0};
	buf_init(&cable->header, HEADER_LEN_MAX);
	buf_init(&cable->body, POST_INLINE_MAX);
	buf_init(&cable->trailer, TRAILER_LEN_MAX);
	plan_header(sim, plan, s);
	CHECK(header_seal(&s->plan, &sim->rng.rng, &cable->header, &secrets) == 0);
	memcpy(cable->document_id, secrets.document_id, sizeof cable->document_id);
	seal_body(&secrets, plan->text, &cable->body, &sums);
	sign_trailer(plan->author, &secrets, &sums, cable);
	cable->body_len = cable->body.len;
	header_secrets_wipe(&secrets);
	buf_done(&s->label);
	buf_done(&s->addressing);
	mem_free(s);
}

void
sim_cable_done(struct sim_cable *cable)
{
	buf_done(&cable->header);
	buf_done(&cable->body);
	buf_done(&cable->trailer);
}

uint16_t
sim_announce(
	struct sim *sim, const struct sim_officer *author, const struct sim_cable *cable)
{
	struct post_document post = {
		.header = rd_of(cable->header.data, cable->header.len),
		.body_len = cable->body_len,
		.trailer = rd_of(cable->trailer.data, cable->trailer.len),
		.send = rd_of("", 0),
		.body = rd_of(cable->body.data, cable->body.len),
		.grant = rd_of("", 0)};
	struct post_enrol enrol = {.enrol = rd_of(author->enrol.data, author->enrol.len)};
	struct buf enrols;
	uint16_t status;

	buf_init(&enrols, POST_BODY_MAX);
	codec_write(&post_enrol_codec, &enrol, &enrols);
	post.enrols = rd_of(enrols.data, enrols.len);
	status = sim_ask(sim, author, "announce", &post_document_codec, &post);
	buf_done(&enrols);
	return status;
}

void
sim_send(struct sim *sim, const struct sim_cable_plan *plan, struct sim_cable *cable)
{
	sim_seal(sim, plan, cable);
	if (sim_announce(sim, plan->author, cable) != 200) {
		(void)fprintf(stderr, "announce: %s\n", sim_why(sim));
		sim_fail("refused");
	}
	sim_run(sim);
}

enum delivery
sim_state(struct sim *sim, const struct sim_officer *author, const uint8_t *id,
	const char *to)
{
	struct post_which which = {.document_id = rd_of(id, 16)};
	struct post_progress progress;
	struct post_state state;

	CHECK(sim_ask(sim, author, "state", &post_which_codec, &which) == 200);
	CHECK(codec_parse_whole(&post_state_codec, rd_of(sim->reply.data, sim->reply.len),
		      &state) == 0);
	while (state.addressees.len > 0) {
		CHECK(codec_parse(&post_progress_codec, &state.addressees, &progress) ==
			0);
		if (address_compare(progress.address, address_of(to)) == 0)
			return (enum delivery)progress.state;
	}
	sim_fail("no such addressee");
	return DELIVERY_DRAFT;
}
