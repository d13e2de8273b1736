/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/own_device.h"

#include <string.h>

#include "envelope/grant.h"

void
own_device_sign(const struct own_officer *officer, const struct own_signing *what,
	uint8_t ret_signature[SIGN_LEN])
{
	uint8_t bytes[TRAILER_SIGNED_LEN];

	trailer_signed(what->header_hash, &what->sums, bytes);
	sign_message(
		own_officer_seed(officer, OWN_SIGN), bytes, sizeof bytes, ret_signature);
}

static const char *
role_of(char role)
{
	switch (role) {
	case OWN_ROLE_READER:
		return "R";
	case OWN_ROLE_GRANT:
		return "grant";
	case OWN_ROLE_KEPT:
		return "kept";
	case OWN_ROLE_GRAMS:
		return "grams";
	default:
		return NULL;
	}
}

int
own_device_unwrap(const struct own_officer *officer, const struct own_slot *slot,
	uint8_t ret_secret[SLOT_SECRET_LEN])
{
	const struct kem_public *reader = &officer->subject.reader;
	struct slot_place place = {.role = role_of(slot->role),
		.suite = slot->suite,
		.index = slot->index,
		.core_hash = slot->core_hash};
	struct slot view = {
		.key_id = slot->key_id, .enc = slot->enc, .sealed = slot->sealed};
	uint8_t own[KEM_ID_LEN];

	if (place.role == NULL)
		return FAIL_REFUSED;
	if (slot->role == OWN_ROLE_GRAMS && officer->subject.kind != SUBJECT_INDEX_HOST)
		return FAIL_REFUSED;
	if (slot->suite != reader->suite || slot->enc_len != kem_enc_len(slot->suite))
		return FAIL_SUITE;
	kem_id(reader, own);
	if (memcmp(own, slot->key_id, sizeof own) != 0)
		return FAIL_NO_KEY;
	if (slot->role == OWN_ROLE_GRANT)
		place.credential_hash = slot->credential_hash;
	return slot_open(
		&place, &view, own_officer_seed(officer, OWN_READER), ret_secret);
}

/*
 * The beginning of a grant is a grant when an empty granter follows: so it is parsed whole,
 * and what is signed is what the parser saw, not bytes that only look like it.
 */
static int
check_begun(struct rd begun)
{
	static const uint8_t nobody[SIGN_PUBLIC_LEN];
	struct signer granter = {.role = SIGNER_GRANTER,
		.kind = SIGNER_CREDENTIAL,
		.identity = rd_of(nobody, sizeof nobody)};
	struct grant grant;
	struct buf whole;
	int r;

	buf_init(&whole, GRANT_LEN_MAX);
	buf_bytes(&whole, begun.ptr, begun.len);
	if ((r = buf_error(&whole)) == 0 && (r = grant_sign(&granter, &whole)) == 0 &&
		(r = grant_parse(rd_of(whole.data, whole.len), &grant)) == 0 &&
		grant.signed_bytes.len != begun.len)
		r = FAIL_FORMAT;
	buf_done(&whole);
	return r;
}

int
own_device_sign_grant(const struct own_officer *officer, struct rd begun,
	uint8_t ret_signature[SIGN_LEN])
{
	struct buf message;
	int r;

	if ((r = check_begun(begun)) != 0)
		return r;
	buf_init(&message, GRANT_LEN_MAX);
	if ((r = grant_signed(begun, &message)) == 0 && (r = buf_error(&message)) == 0)
		sign_message(own_officer_seed(officer, OWN_SIGN), message.data,
			message.len, ret_signature);
	buf_done(&message);
	return r;
}
