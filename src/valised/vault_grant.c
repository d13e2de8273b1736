/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_impl.h"

#include <string.h>

#include "base/mem.h"
#include "envelope/grant.h"

/*
 * COUNT_GRANT: the originator's word that a later reader may open.  Custody looks at signatures,
 * enrolments and the envelope's own rule about forwarding; clearance is store's to decide.
 */

static int
check_granter(struct vault *v, const struct grant *grant, const struct keep *keep,
	struct rd enrols)
{
	struct credential granter;
	struct buf message;
	int r;

	if (grant->granter.kind != SIGNER_CREDENTIAL)
		return vault_because(v, FAIL_SIGNER, "granted with a bare key");
	if ((r = vault_check_credential(
		     v, grant->granter.identity, enrols, v->now_s, &granter)) != 0)
		return r;
	if ((keep->core.flags & CORE_CONTROLLED) != 0 &&
		address_compare(granter.subject.member, v->member) != 0)
		return vault_because(v, FAIL_REFUSED,
			"originator controlled: ask the originator to forward it");
	buf_init(&message, GRANT_LEN_MAX);
	if ((r = grant_signed(grant->signed_bytes, &message)) == 0)
		r = sign_verify(granter.subject.sign, message.data, message.len,
			grant->granter.signature);
	buf_done(&message);
	return r == 0 ? 0 : vault_because(v, r, "the grant is not signed by its granter");
}

static int
check_reader(struct vault *v, const struct grant *grant, struct rd enrols)
{
	struct credential reader;
	uint8_t id[KEM_ID_LEN];
	int r;

	if ((r = vault_check_credential(
		     v, grant->credential, enrols, v->now_s, &reader)) != 0)
		return r;
	kem_id(&reader.subject.reader, id);
	if (reader.subject.kind == SUBJECT_INDEX_HOST ||
		memcmp(id, grant->slot.key_id, KEM_ID_LEN) != 0)
		return vault_because(v, FAIL_REFUSED, "the grant is for no such device");
	return 0;
}

/* Is the envelope ours, and the one whose V we keep? */
static int
check_envelope(struct vault *v, const struct grant *grant, const struct keep *keep)
{
	struct vault_document document = {0};
	int r;

	r = documents_find(state_documents(v->state), keep->core.document_id, &document);
	if (r == 0 &&
		(document.kind != VAULT_OWN ||
			memcmp(document.envelope_hash, keep->envelope_hash, HASH_LEN) !=
				0 ||
			memcmp(grant->envelope_hash, keep->envelope_hash, HASH_LEN) != 0))
		r = FAIL_MISMATCH;
	mem_wipe(&document, sizeof document);
	return r == 0 ? 0
		      : vault_because(v, r, "not an envelope that we keep the key of");
}

static int
countersign(struct vault *v, const struct grant *grant, struct buf *answer)
{
	uint8_t signature[SIGN_LEN];
	struct vault_object out;
	struct buf message, bytes;
	int r;

	buf_init(&message, GRANT_LEN_MAX);
	buf_init(&bytes, GRANT_LEN_MAX);
	if ((r = grant_counted(grant, &message)) != 0)
		goto out;
	sign_message(vault_seed(v, STATION_SIGN), message.data, message.len, signature);
	if ((r = grant_countersign(grant, signature, &bytes)) != 0)
		goto out;
	out.object = rd_of(bytes.data, bytes.len);
	codec_write(&vault_object_codec, &out, answer);
out:
	buf_done(&message);
	buf_done(&bytes);
	return r;
}

int
vault_handle_count_grant(struct vault *v, struct rd body, struct buf *answer)
{
	struct vault_grant in;
	struct grant grant;
	struct keep keep;
	int r;

	if ((r = vault_need_roster(v)) != 0 ||
		(r = codec_parse_whole(&vault_grant_codec, body, &in)) != 0 ||
		(r = grant_parse(in.grant, &grant)) != 0 ||
		(r = keep_parse(in.keep, &keep)) != 0 ||
		(r = check_envelope(v, &grant, &keep)) != 0 ||
		(r = check_granter(v, &grant, &keep, in.enrols)) != 0 ||
		(r = check_reader(v, &grant, in.enrols)) != 0)
		return r;
	return countersign(v, &grant, answer);
}
