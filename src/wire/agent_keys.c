/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/agent_keys.h"

#include <string.h>

#include "base/mem.h"
#include "custody/opening.h"
#include "envelope/own_device.h"
#include "member/enrol.h"
#include "wire/post_sign.h"

/*
 * One function a request, one row a function: a request without a row for a kind of keys does
 * not exist for them.
 */

typedef int answer_fn(const struct agent_keys *keys, const struct agent_request *request,
	struct agent_answer *answer);

static int
solo_public_of(const struct agent_keys *keys, const struct agent_request *request,
	struct agent_answer *answer)
{
	(void)request;
	answer->public = keys->solo->public;
	return 0;
}

static int
solo_sign(const struct agent_keys *keys, const struct agent_request *request,
	struct agent_answer *answer)
{
	own_sign(keys->solo, &request->signing, answer->signature);
	return 0;
}

static int
solo_unwrap(const struct agent_keys *keys, const struct agent_request *request,
	struct agent_answer *answer)
{
	return own_unwrap(keys->solo, &request->slot, answer->key);
}

static int
officer_subject(const struct agent_keys *keys, const struct agent_request *request,
	struct agent_answer *answer)
{
	struct buf b;
	int r;

	(void)request;
	buf_init(&b, AGENT_OBJECT_MAX);
	if ((r = subject_write(&keys->officer->subject, &b)) == 0) {
		memcpy(answer->object, b.data, b.len);
		answer->object_len = (uint16_t)b.len;
	}
	buf_done(&b);
	return r;
}

static int
officer_sign(const struct agent_keys *keys, const struct agent_request *request,
	struct agent_answer *answer)
{
	own_device_sign(keys->officer, &request->signing, answer->signature);
	return 0;
}

static int
officer_unwrap(const struct agent_keys *keys, const struct agent_request *request,
	struct agent_answer *answer)
{
	return own_device_unwrap(keys->officer, &request->slot, answer->key);
}

/* An enrol key speaks only as itself; a credential is looked up by the station. */
static int
choose_client_key(const struct agent_keys *keys, const struct agent_client *client,
	enum own_seed *ret_seed)
{
	const struct subject *subject = &keys->officer->subject;
	uint8_t id[HASH_LEN];

	if (client->key_kind == POST_BY_CREDENTIAL) {
		*ret_seed = OWN_SIGN;
		return 0;
	}
	hash_sha256(subject->enrol, sizeof subject->enrol, id);
	if (!subject_has_enrol(subject) || memcmp(id, client->key_id, sizeof id) != 0)
		return FAIL_REFUSED;
	*ret_seed = OWN_ENROL;
	return 0;
}

static int
officer_sign_client(const struct agent_keys *keys, const struct agent_request *request,
	struct agent_answer *answer)
{
	const struct agent_client *c = &request->client;
	struct post_signed message = {.key_kind = c->key_kind,
		.key_id = c->key_id,
		.time_s = c->time_s,
		.nonce = c->nonce};
	enum own_seed seed;
	struct buf b;
	int r;

	if ((r = choose_client_key(keys, c, &seed)) != 0)
		return r;
	buf_init(&b, POST_SIGNED_MESSAGE_MAX);
	post_signed_message_hashed(c->path, &message, c->body_hash, &b);
	if ((r = buf_error(&b)) == 0)
		sign_message(own_officer_seed(keys->officer, seed), b.data, b.len,
			answer->signature);
	buf_done(&b);
	return r;
}

/* The unsigned bytes with an empty signature behind them are a REQUEST, or nothing of ours. */
static int
parse_unsigned(struct rd bytes, struct buf *whole, struct opening_request *ret_request)
{
	static const uint8_t none[SIGN_LEN];
	int r;

	buf_bytes(whole, bytes.ptr, bytes.len);
	buf_bytes(whole, none, sizeof none);
	if ((r = buf_error(whole)) != 0)
		return r;
	return opening_request_parse(rd_of(whole->data, whole->len), ret_request);
}

static int
officer_sign_request(const struct agent_keys *keys, const struct agent_request *request,
	struct agent_answer *answer)
{
	struct buf whole, message = {0};
	struct opening_request q;
	struct credential c;
	int r;

	buf_init(&whole, AGENT_MESSAGE_MAX);
	if ((r = parse_unsigned(request->bytes, &whole, &q)) != 0 ||
		(r = credential_parse(q.credential.ptr, q.credential.len, &c)) != 0)
		goto out;
	if (!subject_equal(&c.subject, &keys->officer->subject)) {
		r = FAIL_REFUSED;
		goto out;
	}
	if ((r = opening_request_signed(&q, &message)) == 0)
		sign_message(own_officer_seed(keys->officer, OWN_SIGN), message.data,
			message.len, answer->signature);
out:
	buf_done(&message);
	buf_done(&whole);
	return r;
}

static int
officer_sign_grant(const struct agent_keys *keys, const struct agent_request *request,
	struct agent_answer *answer)
{
	return own_device_sign_grant(keys->officer, request->bytes, answer->signature);
}

static int
officer_sign_enrol(const struct agent_keys *keys, const struct agent_request *request,
	struct agent_answer *answer)
{
	const struct subject *own = &keys->officer->subject;
	struct enrol enrol = {.credential = request->bytes};
	struct credential c;
	int r;

	if (!subject_has_enrol(own))
		return FAIL_REFUSED;
	if ((r = credential_parse(request->bytes.ptr, request->bytes.len, &c)) != 0 ||
		(r = subject_verify(&c.subject, c.possession)) != 0)
		return r;
	if (address_compare(c.subject.member, own->member) != 0)
		return FAIL_REFUSED;
	if ((r = enrol_sign(&enrol, own_officer_seed(keys->officer, OWN_ENROL))) != 0)
		return r;
	memcpy(answer->signature, enrol.signatures[0].bytes, SIGN_LEN);
	return 0;
}

static int
officer_sign_order(const struct agent_keys *keys, const struct agent_request *request,
	struct agent_answer *answer)
{
	struct order order = request->order;
	struct buf b;
	int r;

	if (keys->officer->subject.kind != SUBJECT_SECURITY)
		return FAIL_REFUSED;
	order.member = keys->officer->subject.member;
	buf_init(&b, ORDER_BYTES_MAX);
	r = order_sign(&order, own_officer_seed(keys->officer, OWN_ENROL), &b);
	if (r == 0 && (r = buf_error(&b)) == 0) {
		memcpy(answer->object, b.data, b.len);
		answer->object_len = (uint16_t)b.len;
	}
	buf_done(&b);
	return r;
}

static const struct {
	answer_fn *solo, *officer;
} answers[AGENT_TYPES] = {
	[AGENT_PUBLIC] = {solo_public_of, NULL},
	[AGENT_SIGN_ENVELOPE] = {solo_sign, officer_sign},
	[AGENT_UNWRAP] = {solo_unwrap, officer_unwrap},
	[AGENT_SUBJECT] = {NULL, officer_subject},
	[AGENT_SIGN_CLIENT] = {NULL, officer_sign_client},
	[AGENT_SIGN_REQUEST] = {NULL, officer_sign_request},
	[AGENT_SIGN_GRANT] = {NULL, officer_sign_grant},
	[AGENT_SIGN_ENROL] = {NULL, officer_sign_enrol},
	[AGENT_SIGN_ORDER] = {NULL, officer_sign_order},
};

_Static_assert((int)ORDER_BYTES_MAX <= (int)AGENT_OBJECT_MAX, "an order fits an answer");

enum keyfile_kind
agent_keys_kind(const struct agent_keys *keys)
{
	CHECK((keys->solo == NULL) != (keys->officer == NULL));
	return keys->solo != NULL ? KEYFILE_KIND_SOLO : KEYFILE_KIND_OFFICER;
}

int
agent_keys_answer(const struct agent_keys *keys, const struct agent_request *request,
	struct agent_answer *answer)
{
	bool is_solo = agent_keys_kind(keys) == KEYFILE_KIND_SOLO;
	answer_fn *fn =
		is_solo ? answers[request->type].solo : answers[request->type].officer;

	return fn != NULL ? fn(keys, request, answer) : FAIL_MISMATCH;
}
