/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_impl.h"

#include <string.h>

#include "base/mem.h"
#include "custody/kept.h"
#include "envelope/header.h"

/*
 * SEND and KEEP take a secret out of its slot, while the weekly key is there to open it, and put
 * it under a key of its own document, which can be destroyed alone.
 */

/* The key of this envelope: the one that is there, or a new one. */
static int
document_key(struct vault *v, enum vault_document_kind kind, const struct keep *keep,
	struct vault_document *ret_document)
{
	struct vault_documents *documents = state_documents(v->state);
	struct vault_document document = {.kind = (uint8_t)kind};
	int r;

	r = documents_find(documents, keep->core.document_id, ret_document);
	if (r == 0 &&
		(ret_document->kind != kind ||
			memcmp(ret_document->envelope_hash, keep->envelope_hash,
				HASH_LEN) != 0))
		return vault_because(
			v, FAIL_EXISTS, "a second envelope under one document id");
	if (r != FAIL_ABSENT)
		return r;
	memcpy(document.id, keep->core.document_id, sizeof document.id);
	memcpy(document.envelope_hash, keep->envelope_hash, HASH_LEN);
	if ((r = rng_fill(v->plan.rng, document.key, sizeof document.key)) == 0 &&
		(r = documents_add(documents, v->plan.rng, &document)) == 0)
		*ret_document = document;
	mem_wipe(&document, sizeof document);
	return r;
}

/* Re-wrap one slot: seal its secret under the key of its document. */
static int
rewrap(struct vault *v, enum vault_document_kind kind, const struct keep *keep,
	const uint8_t secret[SLOT_SECRET_LEN], struct buf *ret_sealed)
{
	struct vault_document document = {0};
	int r;

	if ((r = document_key(v, kind, keep, &document)) == 0)
		r = vault_seal_secret(v, &document, secret, ret_sealed);
	mem_wipe(&document, sizeof document);
	return r;
}

/* A KEEP made of the parts of SEND; the signed SEND is what we make of it. */
static int
make_keep(struct vault *v, const struct vault_send *in, struct send *send,
	struct buf *ret_send, struct buf *ret_keep)
{
	struct rd core_bytes = in->core;
	struct keep keep = {.core_bytes = in->core,
		.sv_bytes = in->sv_slots,
		.trailer_bytes = in->trailer};
	struct core core;
	uint8_t header_hash[HASH_LEN];
	int r;

	memcpy(keep.r_hash, in->r_hash, HASH_LEN);
	if ((r = core_parse(&core_bytes, &core)) != 0 || (r = rd_end(&core_bytes)) != 0 ||
		(r = trailer_parse(in->trailer, &keep.trailer)) != 0 ||
		(r = header_hash_of(in->core, in->r_hash, in->sv_slots, header_hash)) !=
			0)
		return r;
	*send = (struct send){.time_s = v->now_s};
	memcpy(send->document_id, core.document_id, sizeof send->document_id);
	trailer_envelope_hash(header_hash, &keep.trailer.sums, send->envelope_hash);
	if ((r = send_sign(send, vault_seed(v, STATION_SIGN))) != 0)
		return r;
	send_write(send, ret_send);
	keep.send_bytes = rd_of(ret_send->data, ret_send->len);
	keep_write(&keep, ret_keep);
	if ((r = buf_error(ret_send)) != 0)
		return r;
	return buf_error(ret_keep);
}

static int
check_send(struct vault *v, const struct vault_send *in, const struct keep *keep)
{
	int r;

	if (address_compare(keep->core.originator, v->member) != 0)
		return vault_because(v, FAIL_REFUSED, "another member is the originator");
	if ((r = vault_check_signers(v, keep, in->enrols, v->now_s)) != 0)
		return r;
	return vault_check_rule(v, &keep->core, v->now_s);
}

int
vault_handle_send(struct vault *v, struct rd body, struct buf *answer)
{
	uint8_t secret[SLOT_SECRET_LEN] = {0};
	struct buf send_bytes, keep_bytes, sealed;
	struct vault_sent sent;
	struct vault_send in;
	struct keep keep;
	struct send send;
	int r;

	buf_init(&send_bytes, SEND_LEN);
	buf_init(&keep_bytes, 2 * KEEP_LEN_MAX);
	buf_init(&sealed, VAULT_SEALED_MAX);
	if ((r = vault_need_roster(v)) != 0 ||
		(r = codec_parse_whole(&vault_send_codec, body, &in)) != 0 ||
		(r = make_keep(v, &in, &send, &send_bytes, &keep_bytes)) != 0 ||
		(r = keep_parse(rd_of(keep_bytes.data, keep_bytes.len), &keep)) != 0 ||
		(r = check_send(v, &in, &keep)) != 0 ||
		(r = vault_open_slot(v, &keep, "V", keep.core.custodian_count, secret)) !=
			0 ||
		(r = rewrap(v, VAULT_OWN, &keep, secret, &sealed)) != 0)
		goto out;
	sent.send = rd_of(send_bytes.data, send_bytes.len);
	sent.sealed = rd_of(sealed.data, sealed.len);
	codec_write(&vault_sent_codec, &sent, answer);
out:
	mem_wipe(secret, sizeof secret);
	buf_done(&send_bytes);
	buf_done(&keep_bytes);
	buf_done(&sealed);
	return r;
}

/* Is it a member's own station that sent this, by the rules, and to us? */
static int
check_keep(struct vault *v, const struct keep *keep, struct rd enrols)
{
	const struct roster *roster = v->pins.now.roster;
	size_t originator;
	int r;

	if ((r = roster_find(roster, keep->core.originator, &originator)) != 0)
		return vault_because(v, r, "the originator is not in the roster");
	if ((r = send_verify(&keep->send, roster->members[originator].sign)) != 0)
		return vault_because(v, r, "SEND is not signed by the originator");
	if (keep->send.time_s > v->now_s + VAULT_CLOCK_S)
		return vault_because(
			v, FAIL_AGAIN, "SEND is of the future: see the clocks");
	if ((r = vault_check_rule(v, &keep->core, keep->send.time_s)) != 0)
		return r;
	return vault_check_signers(v, keep, enrols, keep->send.time_s);
}

static int
take_share(struct vault *v, const struct keep *keep, struct shamir_share *ret_share)
{
	int r;

	if ((r = keep_share_number(&keep->core, v->member, &ret_share->number)) != 0)
		return vault_because(v, r, "we keep no share of this document");
	if ((r = vault_open_slot(
		     v, keep, "S", (size_t)ret_share->number - 1, ret_share->value)) != 0)
		return r;
	if ((r = core_check_share(&keep->core, ret_share)) != 0)
		return vault_because(
			v, r, "the share is not the one that the core names");
	return 0;
}

static int
write_kept(struct vault *v, const struct keep *keep, uint8_t number, struct rd sealed,
	struct buf *answer)
{
	struct kept kept = {.member = v->member, .number = number, .time_s = v->now_s};
	struct vault_kept out = {.number = number, .sealed = sealed};
	struct buf bytes;
	int r;

	memcpy(kept.envelope_hash, keep->envelope_hash, HASH_LEN);
	if ((r = kept_sign(&kept, vault_seed(v, STATION_SIGN))) != 0)
		return r;
	buf_init(&bytes, KEPT_LEN_MAX);
	kept_write(&kept, &bytes);
	out.kept = rd_of(bytes.data, bytes.len);
	if ((r = buf_error(&bytes)) == 0)
		codec_write(&vault_kept_codec, &out, answer);
	buf_done(&bytes);
	return r;
}

int
vault_handle_keep(struct vault *v, struct rd body, struct buf *answer)
{
	struct shamir_share share = {0};
	struct vault_keep in;
	struct keep keep;
	struct buf sealed;
	int r;

	buf_init(&sealed, VAULT_SEALED_MAX);
	if ((r = vault_need_roster(v)) != 0 ||
		(r = codec_parse_whole(&vault_keep_codec, body, &in)) != 0 ||
		(r = keep_parse(in.keep, &keep)) != 0 ||
		(r = check_keep(v, &keep, in.enrols)) != 0 ||
		(r = take_share(v, &keep, &share)) != 0 ||
		(r = rewrap(v, VAULT_SHARED, &keep, share.value, &sealed)) != 0)
		goto out;
	r = write_kept(v, &keep, share.number, rd_of(sealed.data, sealed.len), answer);
out:
	mem_wipe(&share, sizeof share);
	buf_done(&sealed);
	return r;
}

int
vault_handle_destroy(struct vault *v, struct rd body, struct buf *answer)
{
	struct vault_destroy in;
	int r;

	(void)answer;
	if ((r = codec_parse_whole(&vault_destroy_codec, body, &in)) != 0)
		return r;
	/* Repeating it is no fault: the key is gone, which is what was asked. */
	r = documents_destroy(state_documents(v->state), in.document_id);
	return r == FAIL_ABSENT ? 0 : r;
}
