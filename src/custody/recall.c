/* SPDX-License-Identifier: Apache-2.0 */
#include "custody/recall.h"

#include "base/text.h"
#include "envelope/addressing.h"
#include "member/signing.h"

/*
 * One check serves reading, writing and signing, so that nothing is signed that a reader would
 * refuse.
 */

static int
recall_check(const struct recall *recall)
{
	if (recall->kind != RECALL_RECALL && recall->kind != RECALL_DESTROY)
		return FAIL_FORMAT;
	if (recall->reason.len > RECALL_REASON_MAX ||
		(recall->reason.len > 0 &&
			!text_is_line(recall->reason.ptr, recall->reason.len)))
		return FAIL_FORMAT;
	if (recall->officer.len > 0 &&
		!addressing_is_address(recall->officer.ptr, recall->officer.len))
		return FAIL_FORMAT;
	return 0;
}

int
recall_parse(struct rd in, struct recall *ret_recall)
{
	struct recall recall;
	int r;

	if ((r = rd_version(&in, RECALL_VERSION)) != 0 ||
		(r = rd_u8(&in, &recall.kind)) != 0 ||
		(r = rd_copy(&in, CORE_DOCUMENT_ID_LEN, recall.document_id)) != 0 ||
		(r = rd_copy(&in, HASH_LEN, recall.envelope_hash)) != 0 ||
		(r = rd_u64(&in, &recall.time_s)) != 0 ||
		(r = rd_vec8(&in, 0, RECALL_REASON_MAX, &recall.reason)) != 0 ||
		(r = rd_vec8(&in, 0, RECALL_OFFICER_MAX, &recall.officer)) != 0 ||
		(r = rd_copy(&in, SIGN_LEN, recall.signature)) != 0 ||
		(r = rd_end(&in)) != 0 || (r = recall_check(&recall)) != 0)
		return r;
	*ret_recall = recall;
	return 0;
}

static void
recall_fields(const struct recall *recall, struct buf *out)
{
	buf_u16(out, RECALL_VERSION);
	buf_u8(out, recall->kind);
	buf_bytes(out, recall->document_id, CORE_DOCUMENT_ID_LEN);
	buf_bytes(out, recall->envelope_hash, HASH_LEN);
	buf_u64(out, recall->time_s);
	buf_vec(out, 1, recall->reason.ptr, recall->reason.len);
	buf_vec(out, 1, recall->officer.ptr, recall->officer.len);
}

int
recall_write(const struct recall *recall, struct buf *out)
{
	int r;

	if ((r = recall_check(recall)) != 0)
		return r;
	recall_fields(recall, out);
	buf_bytes(out, recall->signature, SIGN_LEN);
	return buf_error(out);
}

static const char *
type_of(const struct recall *recall)
{
	return recall->kind == RECALL_DESTROY ? "destroy" : "recall";
}

int
recall_sign(struct recall *recall, const uint8_t seed[SIGN_SEED_LEN])
{
	struct buf b;
	int r;

	if ((r = recall_check(recall)) != 0)
		return r;
	signing_begin(&b, type_of(recall), RECALL_LEN_MAX);
	recall_fields(recall, &b);
	return signing_sign(&b, seed, recall->signature);
}

int
recall_verify(const struct recall *recall, const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	struct buf b;

	signing_begin(&b, type_of(recall), RECALL_LEN_MAX);
	recall_fields(recall, &b);
	return signing_verify(&b, public_key, recall->signature);
}
