/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/agent.h"

#include <string.h>

#include "base/mem.h"

/*
 * One writer and one parser a message, in the order of the table in the header.  The parsers
 * are what a hostile peer reaches first, so they copy into fixed arrays and keep no pointer
 * into the message.
 */

static void
write_signing(const struct own_signing *s, struct buf *out)
{
	buf_bytes(out, s->header_hash, sizeof s->header_hash);
	buf_u64(out, s->sums.body_len);
	buf_u32(out, s->sums.segments);
	buf_u32(out, s->sums.boxes);
	buf_bytes(out, s->sums.root, sizeof s->sums.root);
}

static int
parse_signing(struct rd *in, struct own_signing *s)
{
	int r;

	if ((r = rd_copy(in, sizeof s->header_hash, s->header_hash)) != 0 ||
		(r = rd_u64(in, &s->sums.body_len)) != 0 ||
		(r = rd_u32(in, &s->sums.segments)) != 0 ||
		(r = rd_u32(in, &s->sums.boxes)) != 0)
		return r;
	return rd_copy(in, sizeof s->sums.root, s->sums.root);
}

static void
write_slot(const struct own_slot *s, struct buf *out)
{
	buf_u8(out, (uint8_t)s->role);
	buf_u16(out, s->suite);
	buf_u32(out, s->index);
	buf_bytes(out, s->key_id, sizeof s->key_id);
	buf_bytes(out, s->core_hash, sizeof s->core_hash);
	buf_vec(out, 2, s->enc, s->enc_len);
	buf_bytes(out, s->sealed, sizeof s->sealed);
}

static int
parse_slot(struct rd *in, struct own_slot *s)
{
	struct rd enc;
	uint8_t role;
	int r;

	if ((r = rd_u8(in, &role)) != 0 || (r = rd_u16(in, &s->suite)) != 0 ||
		(r = rd_u32(in, &s->index)) != 0 ||
		(r = rd_copy(in, sizeof s->key_id, s->key_id)) != 0 ||
		(r = rd_copy(in, sizeof s->core_hash, s->core_hash)) != 0 ||
		(r = rd_vec16(in, 1, sizeof s->enc, &enc)) != 0 ||
		(r = rd_copy(in, sizeof s->sealed, s->sealed)) != 0)
		return r;
	if (role != 'R' && role != 'S' && role != 'V')
		return FAIL_FORMAT;
	/* A suite's enc has one length; another one would be a second form of the message. */
	if (enc.len != kem_enc_len(s->suite))
		return FAIL_FORMAT;
	s->role = (char)role;
	s->enc_len = (uint16_t)enc.len;
	memcpy(s->enc, enc.ptr, enc.len);
	return 0;
}

void
agent_write_request(const struct agent_request *request, struct buf *out)
{
	buf_u8(out, (uint8_t)request->type);
	if (request->type == AGENT_HELLO)
		buf_u16(out, request->version);
	else if (request->type == AGENT_SIGN_ENVELOPE)
		write_signing(&request->signing, out);
	else if (request->type == AGENT_UNWRAP)
		write_slot(&request->slot, out);
}

int
agent_parse_request(const void *ptr, size_t len, struct agent_request *ret_request)
{
	struct rd in = rd_of(ptr, len);
	struct agent_request request = {0};
	uint8_t type;
	int r;

	if (len > AGENT_MESSAGE_MAX)
		return FAIL_FORMAT;
	if ((r = rd_u8(&in, &type)) != 0)
		return r;
	if (type < AGENT_HELLO || type >= AGENT_TYPES)
		return FAIL_FORMAT;
	request.type = (enum agent_type)type;
	if (type == AGENT_HELLO)
		r = rd_u16(&in, &request.version);
	else if (type == AGENT_SIGN_ENVELOPE)
		r = parse_signing(&in, &request.signing);
	else if (type == AGENT_UNWRAP)
		r = parse_slot(&in, &request.slot);
	if (r != 0 || (r = rd_end(&in)) != 0)
		return r;
	*ret_request = request;
	return 0;
}

static void
write_fields(const struct agent_answer *answer, struct buf *out)
{
	switch (answer->type) {
	case AGENT_HELLO:
		buf_u16(out, answer->version);
		break;
	case AGENT_PUBLIC:
		solo_public_write(&answer->public, out);
		break;
	case AGENT_SIGN_ENVELOPE:
		buf_bytes(out, answer->signature, sizeof answer->signature);
		break;
	case AGENT_UNWRAP:
		buf_bytes(out, answer->key, sizeof answer->key);
		break;
	case AGENT_STATUS:
		buf_u64(out, answer->until_s);
		break;
	case AGENT_LOCK:
	case AGENT_TYPES:
		break;
	}
}

void
agent_write_answer(const struct agent_answer *answer, struct buf *out)
{
	if (answer->refusal != 0) {
		CHECK(answer->refusal < 0 && answer->refusal >= -UINT8_MAX);
		buf_u8(out, AGENT_REFUSAL);
		buf_u8(out, (uint8_t)-answer->refusal);
		return;
	}
	buf_u8(out, (uint8_t)((uint8_t)answer->type | AGENT_ANSWER));
	write_fields(answer, out);
}

static int
parse_refusal(struct rd *in, int *ret_refusal)
{
	uint8_t code;
	int r;

	if ((r = rd_u8(in, &code)) != 0)
		return r;
	/* 0 would read as success. */
	if (code == 0)
		return FAIL_FORMAT;
	*ret_refusal = -(int)code;
	return 0;
}

static int
parse_fields(struct rd *in, struct agent_answer *answer)
{
	switch (answer->type) {
	case AGENT_HELLO:
		return rd_u16(in, &answer->version);
	case AGENT_PUBLIC:
		return solo_public_parse(in, &answer->public);
	case AGENT_SIGN_ENVELOPE:
		return rd_copy(in, sizeof answer->signature, answer->signature);
	case AGENT_UNWRAP:
		return rd_copy(in, sizeof answer->key, answer->key);
	case AGENT_STATUS:
		return rd_u64(in, &answer->until_s);
	case AGENT_LOCK:
		return 0;
	case AGENT_TYPES:
		break;
	}
	return FAIL_FORMAT;
}

int
agent_parse_answer(const void *ptr, size_t len, enum agent_type type,
	struct agent_answer *ret_answer)
{
	struct agent_answer answer = {.type = type};
	struct rd in = rd_of(ptr, len);
	uint8_t said;
	int r;

	if ((r = rd_u8(&in, &said)) != 0)
		return r;
	if (said == AGENT_REFUSAL)
		r = parse_refusal(&in, &answer.refusal);
	else if (said == ((uint8_t)type | AGENT_ANSWER))
		r = parse_fields(&in, &answer);
	else
		r = FAIL_FORMAT;
	if (r == 0 && (r = rd_end(&in)) == 0)
		*ret_answer = answer;
	mem_wipe(answer.key, sizeof answer.key);
	return r;
}
