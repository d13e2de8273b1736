/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/agent.h"

#include <string.h>

#include "base/mem.h"

/*
 * One writer and one parser a message, in the order of the table in the header, and one row
 * for each type in the tables below.  The parsers are what a hostile peer reaches first: what
 * has a fixed size is copied, and only objects that are parsed again stay in the message.
 */

enum { OBJECT_WIDTH = 2, BYTES_MAX = AGENT_MESSAGE_MAX - 8 };

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
	buf_vec(out, 1, s->credential_hash,
		s->role == OWN_ROLE_GRANT ? sizeof s->credential_hash : 0);
	buf_vec(out, 2, s->enc, s->enc_len);
	buf_bytes(out, s->sealed, sizeof s->sealed);
}

static bool
is_role(uint8_t role)
{
	return role == OWN_ROLE_READER || role == OWN_ROLE_SHARE ||
		role == OWN_ROLE_BODY || role == OWN_ROLE_GRANT ||
		role == OWN_ROLE_KEPT || role == OWN_ROLE_GRAMS;
}

/* A suite's enc has one length; another one would be a second form of the message. */
static bool
is_slot(uint8_t role, uint16_t suite, size_t credential_len, size_t enc_len)
{
	return is_role(role) && enc_len == kem_enc_len(suite) &&
		credential_len == (role == OWN_ROLE_GRANT ? HASH_LEN : 0);
}

static int
parse_slot(struct rd *in, struct own_slot *s)
{
	struct rd credential, enc;
	uint8_t role;
	int r;

	if ((r = rd_u8(in, &role)) != 0 || (r = rd_u16(in, &s->suite)) != 0 ||
		(r = rd_u32(in, &s->index)) != 0 ||
		(r = rd_copy(in, sizeof s->key_id, s->key_id)) != 0 ||
		(r = rd_copy(in, sizeof s->core_hash, s->core_hash)) != 0 ||
		(r = rd_vec8(in, 0, HASH_LEN, &credential)) != 0 ||
		(r = rd_vec16(in, 1, sizeof s->enc, &enc)) != 0 ||
		(r = rd_copy(in, sizeof s->sealed, s->sealed)) != 0)
		return r;
	if (!is_slot(role, s->suite, credential.len, enc.len))
		return FAIL_FORMAT;
	s->role = (char)role;
	s->enc_len = (uint16_t)enc.len;
	memcpy(s->enc, enc.ptr, enc.len);
	if (credential.len > 0)
		memcpy(s->credential_hash, credential.ptr, credential.len);
	return 0;
}

static void
write_client(const struct agent_client *c, struct buf *out)
{
	buf_vec(out, 1, c->path.ptr, c->path.len);
	buf_u8(out, c->key_kind);
	buf_bytes(out, c->key_id, sizeof c->key_id);
	buf_u64(out, c->time_s);
	buf_bytes(out, c->nonce, sizeof c->nonce);
	buf_bytes(out, c->body_hash, sizeof c->body_hash);
}

static int
parse_client(struct rd *in, struct agent_client *c)
{
	int r;

	if ((r = rd_vec8(in, 1, FRONT_PATH_MAX, &c->path)) != 0 ||
		(r = rd_u8(in, &c->key_kind)) != 0 ||
		(r = rd_copy(in, sizeof c->key_id, c->key_id)) != 0 ||
		(r = rd_u64(in, &c->time_s)) != 0 ||
		(r = rd_copy(in, sizeof c->nonce, c->nonce)) != 0 ||
		(r = rd_copy(in, sizeof c->body_hash, c->body_hash)) != 0)
		return r;
	return c->key_kind == POST_BY_CREDENTIAL || c->key_kind == POST_BY_ENROL_KEY
		? 0
		: FAIL_FORMAT;
}

static void
write_order(const struct order *o, struct buf *out)
{
	buf_u8(out, o->type);
	buf_vec(out, 1, o->target.ptr, o->target.len);
	buf_vec(out, 1, o->credential.ptr, o->credential.len);
	buf_u64(out, o->at_s);
	buf_vec(out, 1, o->reason.ptr, o->reason.len);
}

static int
parse_order(struct rd *in, struct order *o)
{
	int r;

	if ((r = rd_u8(in, &o->type)) != 0 ||
		(r = rd_vec8(in, 1, ADDRESS_MAX, &o->target)) != 0 ||
		(r = rd_vec8(in, 0, HASH_LEN, &o->credential)) != 0 ||
		(r = rd_u64(in, &o->at_s)) != 0)
		return r;
	return rd_vec8(in, 0, ORDER_REASON_MAX, &o->reason);
}

void
agent_write_request(const struct agent_request *request, struct buf *out)
{
	buf_u8(out, (uint8_t)request->type);
	switch (request->type) {
	case AGENT_HELLO:
		buf_u16(out, request->version);
		break;
	case AGENT_SIGN_ENVELOPE:
		write_signing(&request->signing, out);
		break;
	case AGENT_UNWRAP:
		write_slot(&request->slot, out);
		break;
	case AGENT_SIGN_CLIENT:
		write_client(&request->client, out);
		break;
	case AGENT_SIGN_REQUEST:
	case AGENT_SIGN_GRANT:
	case AGENT_SIGN_ENROL:
		buf_vec(out, OBJECT_WIDTH, request->bytes.ptr, request->bytes.len);
		break;
	case AGENT_SIGN_ORDER:
		write_order(&request->order, out);
		break;
	case AGENT_PUBLIC:
	case AGENT_STATUS:
	case AGENT_LOCK:
	case AGENT_SUBJECT:
	case AGENT_TYPES:
		break;
	}
}

static int
parse_body(struct rd *in, struct agent_request *request)
{
	switch (request->type) {
	case AGENT_HELLO:
		return rd_u16(in, &request->version);
	case AGENT_SIGN_ENVELOPE:
		return parse_signing(in, &request->signing);
	case AGENT_UNWRAP:
		return parse_slot(in, &request->slot);
	case AGENT_SIGN_CLIENT:
		return parse_client(in, &request->client);
	case AGENT_SIGN_REQUEST:
	case AGENT_SIGN_GRANT:
	case AGENT_SIGN_ENROL:
		return rd_vec16(in, 1, BYTES_MAX, &request->bytes);
	case AGENT_SIGN_ORDER:
		return parse_order(in, &request->order);
	case AGENT_PUBLIC:
	case AGENT_STATUS:
	case AGENT_LOCK:
	case AGENT_SUBJECT:
	case AGENT_TYPES:
		break;
	}
	return 0;
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
	if ((r = parse_body(&in, &request)) != 0 || (r = rd_end(&in)) != 0)
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
		buf_u8(out, answer->kind);
		break;
	case AGENT_PUBLIC:
		solo_public_write(&answer->public, out);
		break;
	case AGENT_SIGN_ENVELOPE:
	case AGENT_SIGN_CLIENT:
	case AGENT_SIGN_REQUEST:
	case AGENT_SIGN_GRANT:
	case AGENT_SIGN_ENROL:
		buf_bytes(out, answer->signature, sizeof answer->signature);
		break;
	case AGENT_UNWRAP:
		buf_bytes(out, answer->key, sizeof answer->key);
		break;
	case AGENT_STATUS:
		buf_u64(out, answer->until_s);
		break;
	case AGENT_SUBJECT:
	case AGENT_SIGN_ORDER:
		buf_vec(out, OBJECT_WIDTH, answer->object, answer->object_len);
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
parse_object(struct rd *in, struct agent_answer *answer)
{
	struct rd object;
	int r;

	if ((r = rd_vec16(in, 1, AGENT_OBJECT_MAX, &object)) != 0)
		return r;
	memcpy(answer->object, object.ptr, object.len);
	answer->object_len = (uint16_t)object.len;
	return 0;
}

static int
parse_hello(struct rd *in, struct agent_answer *answer)
{
	int r = rd_u16(in, &answer->version);

	return r != 0 ? r : rd_u8(in, &answer->kind);
}

static int
parse_fields(struct rd *in, struct agent_answer *answer)
{
	switch (answer->type) {
	case AGENT_HELLO:
		return parse_hello(in, answer);
	case AGENT_PUBLIC:
		return solo_public_parse(in, &answer->public);
	case AGENT_SIGN_ENVELOPE:
	case AGENT_SIGN_CLIENT:
	case AGENT_SIGN_REQUEST:
	case AGENT_SIGN_GRANT:
	case AGENT_SIGN_ENROL:
		return rd_copy(in, sizeof answer->signature, answer->signature);
	case AGENT_UNWRAP:
		return rd_copy(in, sizeof answer->key, answer->key);
	case AGENT_STATUS:
		return rd_u64(in, &answer->until_s);
	case AGENT_SUBJECT:
	case AGENT_SIGN_ORDER:
		return parse_object(in, answer);
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
