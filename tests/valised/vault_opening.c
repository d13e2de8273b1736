/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_opening.h"

#include <string.h>

#include "custody/answer.h"
#include "custody/kept.h"
#include "people.h"

size_t
opening_custodian(const struct rig_envelope *e, size_t i)
{
	size_t station = 0;

	while (address_compare(address_of(rig_names[station]),
		       e->header.core.custodians[i].member) != 0)
		station++;
	return station;
}

/* KEEP at custodian i; KEPT is verified, the sealed share kept as store keeps it. */
static void
keep_at(struct rig *rig, struct vault_opening *o, size_t i)
{
	size_t station = opening_custodian(&o->envelope, i);
	const struct rig_said *said = rig_keep(rig, &o->envelope, station);
	struct vault_kept out;
	struct entry entry;
	struct kept kept;

	CHECK(said->fail == 0);
	CHECK(codec_parse_whole(&vault_kept_codec, rd_of(said->body.data, said->body.len),
		      &out) == 0);
	CHECK(out.number == i + 1);
	CHECK(kept_parse(out.kept, &kept) == 0);
	own_station_entry(rig->stations[station].keys, &entry);
	CHECK(kept_verify(&kept, entry.sign) == 0);
	CHECK(memcmp(kept.envelope_hash, o->envelope.envelope_hash, HASH_LEN) == 0);
	buf_init(&o->kept[i], VAULT_SEALED_MAX);
	buf_bytes(&o->kept[i], out.sealed.ptr, out.sealed.len);
}

void
opening_init(struct rig *rig, const struct rig_plan *plan, size_t member, uint64_t number,
	struct vault_opening *o)
{
	struct opening_evidence evidence = {.kind = OPENING_R_SLOTS};

	memset(o, 0, sizeof *o);
	o->member = member;
	o->number = number;
	rig_envelope_init(rig, plan, &o->envelope);
	CHECK(rig_send(rig, &o->envelope)->fail == 0);
	for (size_t i = 0; i < o->envelope.header.core.custodian_count; i++)
		keep_at(rig, o, i);
	buf_init(&o->request, OPENING_LEN_MAX);
	buf_init(&o->evidence, 1 << 20);
	buf_init(&o->enrols, 65535);
	buf_init(&o->authorisation, 1024);
	rig_request(rig, &o->envelope, member, number, &o->request);
	evidence.bytes = o->envelope.header.r.bytes;
	opening_evidence_write(&evidence, &o->evidence);
	rig_enrol(rig_names[member], "ana", RIG_NOW_S, true, &o->enrols);
}

void
opening_done(struct vault_opening *o)
{
	for (size_t i = 0; i < o->envelope.header.core.custodian_count; i++)
		buf_done(&o->kept[i]);
	rig_envelope_done(&o->envelope);
	buf_done(&o->request);
	buf_done(&o->evidence);
	buf_done(&o->enrols);
	buf_done(&o->authorisation);
}

void
opening_authorise_message(const struct vault_opening *o, struct vault_open *ret_message)
{
	*ret_message =
		(struct vault_open){.request = rd_of(o->request.data, o->request.len),
			.evidence = rd_of(o->evidence.data, o->evidence.len),
			.keep = rd_of(o->envelope.keep.data, o->envelope.keep.len),
			.sealed = rd_of(o->envelope.sealed.data, o->envelope.sealed.len),
			.enrols = rd_of(o->enrols.data, o->enrols.len),
			.copy = 1};
}

void
opening_share_message(
	const struct vault_opening *o, size_t i, struct vault_open *ret_message)
{
	opening_authorise_message(o, ret_message);
	ret_message->authorisation = rd_of(o->authorisation.data, o->authorisation.len);
	ret_message->sealed = rd_of(o->kept[i].data, o->kept[i].len);
	ret_message->copy = 0;
}

/* What the device does with an ANSWER: who signs, what it is bound to, and open. */
static void
open_answer(struct rig *rig, const struct vault_opening *o, size_t station,
	struct rd bytes, uint8_t ret_secret[ANSWER_SECRET_LEN])
{
	uint8_t seed[KEM_SEED_LEN], hash[HASH_LEN];
	struct answer answer;
	struct entry entry;

	CHECK(answer_parse(bytes, &answer) == 0);
	own_station_entry(rig->stations[station].keys, &entry);
	CHECK(answer_verify(&answer, entry.sign) == 0);
	opening_request_hash(rd_of(o->request.data, o->request.len), hash);
	CHECK(memcmp(answer.binding, hash, HASH_LEN) == 0);
	rig_ephemeral(o->number, seed);
	CHECK(answer_open(&answer, o->envelope.header.core_hash, seed, ret_secret) == 0);
}

void
opening_authorise(struct rig *rig, struct vault_opening *o, int expected)
{
	size_t station = o->envelope.originator;
	const struct rig_said *said;
	struct vault_open message;
	struct vault_opened opened;

	opening_authorise_message(o, &message);
	said = rig_ask(rig, station, VAULT_AUTHORISE, &vault_open_codec, &message);
	CHECK(said->fail == expected);
	if (expected != 0)
		return;
	CHECK(codec_parse_whole(&vault_opened_codec,
		      rd_of(said->body.data, said->body.len), &opened) == 0);
	buf_clear(&o->authorisation);
	buf_bytes(&o->authorisation, opened.authorisation.ptr, opened.authorisation.len);
	open_answer(rig, o, station, opened.answer, o->three.v_x);
}

void
opening_share(struct rig *rig, struct vault_opening *o, size_t i, int expected)
{
	size_t station = opening_custodian(&o->envelope, i);
	const struct core *core = &o->envelope.header.core;
	const struct rig_said *said;
	struct shamir_share share = {.number = (uint8_t)(i + 1)};
	struct vault_open message;
	struct vault_opened opened;

	opening_share_message(o, i, &message);
	said = rig_ask(rig, station, VAULT_SHARE, &vault_open_codec, &message);
	CHECK(said->fail == expected);
	if (expected != 0)
		return;
	CHECK(codec_parse_whole(&vault_opened_codec,
		      rd_of(said->body.data, said->body.len), &opened) == 0);
	open_answer(rig, o, station, opened.answer, share.value);
	CHECK(core_check_share(core, &share) == 0);
	o->shares[o->shares_taken++] = share;
}

uint8_t
opening_shares(struct rig *rig, struct vault_opening *o)
{
	for (size_t i = 0; i < o->envelope.header.core.custodian_count; i++)
		opening_share(rig, o, i, 0);
	return o->shares_taken;
}

void
opening_body_key(struct vault_opening *o, uint8_t ret_body_key[SCHEDULE_LEN])
{
	const struct core *core = &o->envelope.header.core;

	CHECK(o->shares_taken >= core->threshold);
	CHECK(shamir_join(o->shares, core->threshold, o->three.s) == 0);
	memcpy(o->three.r, o->envelope.secrets.r, SCHEDULE_LEN);
	CHECK(schedule_body_key(core, &o->three, ret_body_key) == 0);
}
