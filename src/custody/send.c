/* SPDX-License-Identifier: Apache-2.0 */
#include "custody/send.h"

#include "member/signing.h"

/*
 * The object is written in two parts: the fields, which are signed, and the signature.  One
 * function writes the fields for both purposes, so the two cannot drift apart.
 */

int
send_parse(struct rd in, struct send *ret_send)
{
	struct send send;
	int r;

	if ((r = rd_version(&in, SEND_VERSION)) != 0 ||
		(r = rd_copy(&in, CORE_DOCUMENT_ID_LEN, send.document_id)) != 0 ||
		(r = rd_copy(&in, HASH_LEN, send.envelope_hash)) != 0 ||
		(r = rd_copy(&in, HASH_LEN, send.codebook_hash)) != 0 ||
		(r = rd_u64(&in, &send.time_s)) != 0 ||
		(r = rd_copy(&in, SIGN_LEN, send.signature)) != 0 ||
		(r = rd_end(&in)) != 0)
		return r;
	*ret_send = send;
	return 0;
}

static void
send_fields(const struct send *send, struct buf *out)
{
	buf_u16(out, SEND_VERSION);
	buf_bytes(out, send->document_id, CORE_DOCUMENT_ID_LEN);
	buf_bytes(out, send->envelope_hash, HASH_LEN);
	buf_bytes(out, send->codebook_hash, HASH_LEN);
	buf_u64(out, send->time_s);
}

void
send_write(const struct send *send, struct buf *out)
{
	send_fields(send, out);
	buf_bytes(out, send->signature, SIGN_LEN);
}

int
send_sign(struct send *send, const uint8_t seed[SIGN_SEED_LEN])
{
	struct buf b;

	signing_begin(&b, "send", SEND_LEN);
	send_fields(send, &b);
	return signing_sign(&b, seed, send->signature);
}

int
send_verify(const struct send *send, const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	struct buf b;

	signing_begin(&b, "send", SEND_LEN);
	send_fields(send, &b);
	return signing_verify(&b, public_key, send->signature);
}
