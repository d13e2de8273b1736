/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_rig.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "label/label.h"
#include "member/custodians.h"
#include "people.h"

/* Envelopes and requests: what officers' clients make. */

static void
write_label(struct buf *out)
{
	struct label *label = NULL;

	CHECK(label_from_text("CONCORD: SECRET", strlen("CONCORD: SECRET"), &label) == 0);
	label_write(label, out);
	label_free(label);
	CHECK(buf_error(out) == 0);
}

static void
write_addressing(struct buf *out, uint32_t flags)
{
	struct addressing *a = NULL;

	CHECK(mem_new(&a, sizeof *a) == 0);
	a->dtg_s = RIG_NOW_S;
	a->action_count = 1;
	a->addresses[0] = address_of("FR/duty");
	if ((flags & CORE_FLASH) != 0)
		a->precedence_action = PRECEDENCE_FLASH;
	CHECK(addressing_write(a, out) == 0);
	mem_free(a);
}

/* The custodians as the rule gives them, FR being addressed. */
static void
choose(struct rig *rig, size_t originator, struct header_plan *plan,
	struct kem_public *keys)
{
	struct custodians_question question = {0};
	bool is_addressed[ROSTER_MEMBERS_MAX] = {false};
	size_t members[ROSTER_SHARES_MAX];
	struct custodians_rule rule;
	size_t at;

	CHECK(roster_find(rig->roster, address_of("FR"), &at) == 0);
	is_addressed[at] = true;
	CHECK(roster_find(rig->roster, address_of(rig_names[originator]), &at) == 0);
	question.originator = at;
	question.is_addressed = is_addressed;
	memcpy(question.document_id, plan->core.document_id, CORE_DOCUMENT_ID_LEN);
	CHECK(custodians_rule(rig->roster, "CONCORD", "SECRET", &rule) == 0);
	CHECK(custodians_choose(rig->roster, &question, rule.count, members) == 0);
	plan->core.threshold = rule.threshold;
	plan->core.custodian_count = rule.count;
	for (size_t i = 0; i < rule.count; i++) {
		struct rd name = rig->roster->members[members[i]].name;
		size_t station = 0;

		plan->core.custodians[i].member = name;
		while (address_compare(address_of(rig_names[station]), name) != 0)
			station++;
		rig_custody_key(rig, station, &keys[i]);
	}
}

static void
sign_trailer(const struct rig_plan *plan, struct rig_envelope *e)
{
	const char *author = plan->author != NULL ? plan->author : "ana";
	const char *member = rig_names[plan->originator];
	struct trailer trailer = {.sums = {.body_len = 22, .segments = 1},
		.signer_count = 1,
		.signers = {{.role = SIGNER_AUTHOR, .kind = SIGNER_CREDENTIAL}}};
	uint8_t message[TRAILER_SIGNED_LEN], seed[32];
	struct buf credential;

	buf_init(&credential, CREDENTIAL_BYTES_MAX);
	people_credential(member, author, SUBJECT_OFFICER, &credential);
	trailer.signers[0].identity = rd_of(credential.data, credential.len);
	trailer_signed(e->header.hash, &trailer.sums, message);
	people_seed(member, author, "sign", seed);
	sign_message(seed, message, sizeof message, trailer.signers[0].signature);
	CHECK(trailer_write(&trailer, &e->trailer) == 0);
	trailer_envelope_hash(e->header.hash, &trailer.sums, e->envelope_hash);
	rig_enrol(member, author, RIG_NOW_S, true, &e->enrols);
	buf_done(&credential);
}

static void
plan_core(struct rig *rig, const struct rig_plan *plan, struct rd label,
	struct core *core, char origin[64])
{
	const char *name = rig_names[plan->originator];
	struct entry entry;
	size_t at;

	CHECK(roster_find(rig->roster, address_of(name), &at) == 0);
	entry = rig->roster->members[at];
	(void)snprintf(origin, 64, "%.*s/openings/1", (int)entry.domain.len,
		(const char *)entry.domain.ptr);
	*core = (struct core){.suite = SUITE_1,
		.log_origin = address_of(origin),
		.roster_hash = rd_of(rig->roster_hash, HASH_LEN),
		.originator = address_of(name),
		.label = label,
		.flags = plan->flags,
		.expiry_s = plan->expiry_s,
		.rule = CORE_RULE_MEMBERS};
	CHECK(rng_fill(&rig->rng, core->document_id, CORE_DOCUMENT_ID_LEN) == 0);
}

void
rig_envelope_init(struct rig *rig, const struct rig_plan *plan, struct rig_envelope *e)
{
	struct kem_public custody[ROSTER_SHARES_MAX], originator, readers[2];
	struct header_plan header = {.has_document_id = true};
	struct buf label, addressing;
	char origin[64];
	size_t len;

	memset(e, 0, sizeof *e);
	e->originator = plan->originator;
	buf_init(&label, 8192);
	buf_init(&addressing, 8192);
	buf_init(&e->header_bytes, 1 << 20);
	buf_init(&e->trailer, TRAILER_LEN_MAX);
	buf_init(&e->enrols, 65535);
	buf_init(&e->send, SEND_LEN);
	buf_init(&e->sealed, 1024);
	buf_init(&e->keep, KEEP_LEN_MAX);
	write_label(&label);
	write_addressing(&addressing, plan->flags);
	plan_core(rig, plan, rd_of(label.data, label.len), &header.core, origin);
	choose(rig, plan->originator, &header, custody);
	rig_custody_key(rig, plan->originator, &originator);
	readers[0] = people_subject(rig_names[plan->originator], "ana", SUBJECT_OFFICER)
			     .reader;
	readers[1] = people_subject("FR", "ana", SUBJECT_OFFICER).reader;
	header.addressing = rd_of(addressing.data, addressing.len);
	header.readers = readers;
	header.reader_count = 2;
	header.custodians = custody;
	header.originator = &originator;
	if (plan->bend != NULL)
		plan->bend(&header.core);
	CHECK(header_seal(&header, &rig->rng, &e->header_bytes, &e->secrets) == 0);
	CHECK(header_parse(rd_of(e->header_bytes.data, e->header_bytes.len), &e->header,
		      &len) == 0);
	hash_sha256(e->header.r.bytes.ptr, e->header.r.bytes.len, e->r_hash);
	sign_trailer(plan, e);
	buf_done(&label);
	buf_done(&addressing);
}

void
rig_envelope_done(struct rig_envelope *e)
{
	buf_done(&e->header_bytes);
	buf_done(&e->trailer);
	buf_done(&e->enrols);
	buf_done(&e->send);
	buf_done(&e->sealed);
	buf_done(&e->keep);
	header_secrets_wipe(&e->secrets);
}

void
rig_send_message(const struct rig_envelope *e, struct vault_send *ret_send)
{
	*ret_send = (struct vault_send){.core = e->header.core_bytes,
		.sv_slots = e->header.sv.bytes,
		.r_hash = e->r_hash,
		.trailer = rd_of(e->trailer.data, e->trailer.len),
		.enrols = rd_of(e->enrols.data, e->enrols.len)};
}

const struct rig_said *
rig_send(struct rig *rig, struct rig_envelope *e)
{
	const struct rig_said *said;
	struct vault_send message;
	struct vault_sent sent;
	struct keep keep = {0};

	rig_send_message(e, &message);
	said = rig_ask(rig, e->originator, VAULT_SEND, &vault_send_codec, &message);
	if (said->fail != 0)
		return said;
	CHECK(codec_parse_whole(&vault_sent_codec, rd_of(said->body.data, said->body.len),
		      &sent) == 0);
	buf_clear(&e->send);
	buf_clear(&e->sealed);
	buf_clear(&e->keep);
	buf_bytes(&e->send, sent.send.ptr, sent.send.len);
	buf_bytes(&e->sealed, sent.sealed.ptr, sent.sealed.len);
	keep.core_bytes = e->header.core_bytes;
	keep.sv_bytes = e->header.sv.bytes;
	memcpy(keep.r_hash, e->r_hash, HASH_LEN);
	keep.trailer_bytes = message.trailer;
	keep.send_bytes = rd_of(e->send.data, e->send.len);
	keep_write(&keep, &e->keep);
	CHECK(buf_error(&e->keep) == 0);
	return said;
}

const struct rig_said *
rig_keep(struct rig *rig, struct rig_envelope *e, size_t custodian)
{
	struct vault_keep message = {.keep = rd_of(e->keep.data, e->keep.len),
		.enrols = rd_of(e->enrols.data, e->enrols.len)};

	return rig_ask(rig, custodian, VAULT_KEEP, &vault_keep_codec, &message);
}

void
rig_ephemeral(uint64_t number, uint8_t ret_seed[KEM_SEED_LEN])
{
	hash_sha256(&number, sizeof number, ret_seed);
}

void
rig_request(struct rig *rig, const struct rig_envelope *e, size_t member, uint64_t number,
	struct buf *out)
{
	struct opening_request q = {.log_origin = e->header.core.log_origin,
		.purpose = address_of("reading"),
		.not_after_s = rig->now_s + OPENING_LIFE_MAX_S};
	uint8_t seed[32];
	struct buf credential, message;

	buf_init(&credential, CREDENTIAL_BYTES_MAX);
	people_credential(rig_names[member], "ana", SUBJECT_OFFICER, &credential);
	q.credential = rd_of(credential.data, credential.len);
	memcpy(q.document_id, e->header.core.document_id, CORE_DOCUMENT_ID_LEN);
	memcpy(q.envelope_hash, e->envelope_hash, HASH_LEN);
	memcpy(q.roster_hash, rig->roster_hash, HASH_LEN);
	rig_ephemeral(number, seed);
	CHECK(kem_public_of_seed(SUITE_1, seed, &q.ephemeral) == 0);
	CHECK(rng_fill(&rig->rng, q.nonce, sizeof q.nonce) == 0);
	people_seed(rig_names[member], "ana", "sign", seed);
	CHECK(opening_request_signed(&q, &message) == 0);
	sign_message(seed, message.data, message.len, q.signature);
	CHECK(opening_request_write(&q, out) == 0);
	buf_done(&message);
	buf_done(&credential);
}
