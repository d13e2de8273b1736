/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/keys.h"

#include <pthread.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "member/own_officer.h"
#include "sys/peer.h"
#include "valise/keys_place.h"
#include "wire/agent_keys.h"
#include "wire/post_sign.h"

/*
 * A connection that failed in the middle of an answer is out of step and is never used again:
 * an answer must not be taken for that to another question.
 */

enum { ANSWER_MS = 30 * 1000 };

struct keys {
	pthread_mutex_t lock; /* one question at a time on fd */
	int fd;		      /* the agent; -1 when it is not the agent, or went away */
	struct solo *solo;    /* the keys in this process, one of the two */
	struct own_officer *officer;
	enum keyfile_kind kind;
	struct solo_public public; /* solo keys */
	struct subject subject;	   /* an officer's; points into object */
	size_t object_len;
	uint8_t object[AGENT_OBJECT_MAX];
};

static int
keys_new(struct keys **ret_keys)
{
	struct keys *k = NULL;
	int r;

	if ((r = mem_new(&k, sizeof *k)) != 0)
		return r;
	k->fd = -1;
	CHECK(pthread_mutex_init(&k->lock, NULL) == 0);
	*ret_keys = k;
	return 0;
}

void
keys_free(struct keys *k)
{
	if (k == NULL)
		return;
	disk_close(k->fd);
	own_officer_free(k->officer);
	solo_free(k->solo);
	(void)pthread_mutex_destroy(&k->lock);
	mem_free(k);
}

static int
talk(struct keys *k, const struct agent_request *request, struct agent_answer *ret_answer)
{
	uint8_t bytes[PEER_MESSAGE_MAX];
	struct buf question;
	size_t len = 0;
	int r;

	buf_init(&question, AGENT_MESSAGE_MAX);
	agent_write_request(request, &question);
	if ((r = buf_error(&question)) != 0)
		goto out;
	if ((r = peer_send(k->fd, question.data, question.len, ANSWER_MS)) != 0 ||
		(r = peer_receive(k->fd, bytes, &len, ANSWER_MS)) != 0 ||
		(r = agent_parse_answer(bytes, len, request->type, ret_answer)) != 0) {
		disk_close(k->fd);
		k->fd = -1;
	}
out:
	mem_wipe(bytes, len);
	buf_done(&question);
	return r;
}

static int
ask_agent(struct keys *k, const struct agent_request *request,
	struct agent_answer *ret_answer)
{
	int r;

	CHECK(pthread_mutex_lock(&k->lock) == 0);
	r = k->fd < 0 ? FAIL_CLOSED : talk(k, request, ret_answer);
	CHECK(pthread_mutex_unlock(&k->lock) == 0);
	return r != 0 ? r : ret_answer->refusal;
}

/* The same question to whoever has the keys. */
static int
ask(struct keys *k, const struct agent_request *request, struct agent_answer *ret_answer)
{
	struct agent_keys here = {.solo = k->solo, .officer = k->officer};

	if (keys_are_in_agent(k))
		return ask_agent(k, request, ret_answer);
	*ret_answer = (struct agent_answer){.type = request->type};
	return agent_keys_answer(&here, request, ret_answer);
}

/* The public half, which is asked for once. */
static int
learn(struct keys *k)
{
	bool is_solo = k->kind == KEYFILE_KIND_SOLO;
	struct agent_request request = {.type = is_solo ? AGENT_PUBLIC : AGENT_SUBJECT};
	struct agent_answer answer;
	struct rd in;
	int r;

	if ((r = ask(k, &request, &answer)) != 0)
		return r;
	k->public = answer.public;
	if (is_solo)
		return 0;
	memcpy(k->object, answer.object, answer.object_len);
	k->object_len = answer.object_len;
	in = rd_of(k->object, k->object_len);
	if ((r = subject_parse(&in, &k->subject)) != 0)
		return r;
	return rd_end(&in);
}

static int
greet(struct keys *k)
{
	struct agent_request request = {.type = AGENT_HELLO, .version = AGENT_VERSION};
	struct agent_answer answer;
	int r;

	if ((r = ask(k, &request, &answer)) != 0)
		return r;
	if (answer.version != AGENT_VERSION)
		return FAIL_VERSION;
	if (answer.kind != KEYFILE_KIND_SOLO && answer.kind != KEYFILE_KIND_OFFICER)
		return FAIL_FORMAT;
	k->kind = (enum keyfile_kind)answer.kind;
	return learn(k);
}

int
keys_from_agent(const char *dir, struct keys **ret_keys)
{
	char path[DISK_PATH_MAX];
	struct keys *k = NULL;
	int r;

	if ((r = keys_socket_path(dir, path)) != 0 || (r = keys_new(&k)) != 0)
		return r;
	if ((r = peer_connect(path, &k->fd)) != 0) {
		r = r == FAIL_ABSENT ? FAIL_LOCKED : r;
		goto out;
	}
	if ((r = greet(k)) != 0)
		goto out;
	*ret_keys = k;
	k = NULL;
out:
	keys_free(k);
	return r;
}

static int
open_file(struct keys *k, const struct buf *file, const struct secret *passphrase)
{
	struct keyfile head;
	int r;

	if ((r = keyfile_parse(file->data, file->len, &head)) != 0)
		return r;
	k->kind = (enum keyfile_kind)head.kind;
	if (k->kind == KEYFILE_KIND_OFFICER)
		return own_officer_open(file->data, file->len, passphrase, &k->officer);
	return keyfile_open(file->data, file->len, passphrase, &k->solo);
}

int
keys_from_passphrase(
	const char *dir, const struct secret *passphrase, struct keys **ret_keys)
{
	char path[DISK_PATH_MAX];
	struct keys *k = NULL;
	struct buf file;
	int r;

	buf_init(&file, KEYFILE_MAX + 4096);
	if ((r = keys_file_path(dir, path)) != 0 ||
		(r = disk_read_small(path, KEYFILE_MAX, &file)) != 0 ||
		(r = keys_new(&k)) != 0 || (r = open_file(k, &file, passphrase)) != 0 ||
		(r = learn(k)) != 0)
		goto out;
	*ret_keys = k;
	k = NULL;
out:
	keys_free(k);
	buf_done(&file);
	return r;
}

bool
keys_are_in_agent(const struct keys *k)
{
	return k->solo == NULL && k->officer == NULL;
}

enum keyfile_kind
keys_kind(const struct keys *k)
{
	return k->kind;
}

const struct solo_public *
keys_public(const struct keys *k)
{
	CHECK(k->kind == KEYFILE_KIND_SOLO);
	return &k->public;
}

const struct subject *
keys_subject(const struct keys *k)
{
	CHECK(k->kind == KEYFILE_KIND_OFFICER);
	return &k->subject;
}

/* A question whose answer is a signature. */
static int
ask_signature(struct keys *k, const struct agent_request *request,
	uint8_t ret_signature[SIGN_LEN])
{
	struct agent_answer answer;
	int r;

	if ((r = ask(k, request, &answer)) == 0)
		memcpy(ret_signature, answer.signature, SIGN_LEN);
	return r;
}

int
keys_sign(struct keys *k, const struct own_signing *what, uint8_t ret_signature[SIGN_LEN])
{
	struct agent_request request = {.type = AGENT_SIGN_ENVELOPE, .signing = *what};

	return ask_signature(k, &request, ret_signature);
}

int
keys_unwrap(struct keys *k, const struct own_slot *slot, uint8_t ret_key[SLOT_SECRET_LEN])
{
	struct agent_request request = {.type = AGENT_UNWRAP, .slot = *slot};
	struct agent_answer answer = {0};
	int r;

	if ((r = ask(k, &request, &answer)) == 0)
		memcpy(ret_key, answer.key, SLOT_SECRET_LEN);
	mem_wipe(&answer, sizeof answer);
	return r;
}

int
keys_sign_client(struct keys *k, const char *path, const struct post_signed *message,
	uint8_t ret_signature[SIGN_LEN])
{
	struct agent_request request = {.type = AGENT_SIGN_CLIENT};
	struct agent_client *c = &request.client;

	c->path = address_of(path);
	c->key_kind = message->key_kind;
	c->time_s = message->time_s;
	memcpy(c->key_id, message->key_id, sizeof c->key_id);
	memcpy(c->nonce, message->nonce, sizeof c->nonce);
	/* The body stays here: it may be a document, and the agent needs its hash only. */
	hash_sha256(message->body.ptr, message->body.len, c->body_hash);
	return ask_signature(k, &request, ret_signature);
}

int
keys_sign_request(struct keys *k, struct opening_request *request)
{
	struct agent_request question = {.type = AGENT_SIGN_REQUEST};
	struct buf b;
	int r;

	buf_init(&b, OPENING_LEN_MAX);
	memset(request->signature, 0, sizeof request->signature);
	if ((r = opening_request_write(request, &b)) == 0) {
		question.bytes = rd_of(b.data, b.len - SIGN_LEN);
		r = ask_signature(k, &question, request->signature);
	}
	buf_done(&b);
	return r;
}

int
keys_sign_grant(struct keys *k, struct rd begun, uint8_t ret_signature[SIGN_LEN])
{
	struct agent_request request = {.type = AGENT_SIGN_GRANT, .bytes = begun};

	return ask_signature(k, &request, ret_signature);
}

int
keys_sign_enrol(struct keys *k, struct rd credential, uint8_t ret_signature[SIGN_LEN])
{
	struct agent_request request = {.type = AGENT_SIGN_ENROL, .bytes = credential};

	return ask_signature(k, &request, ret_signature);
}

int
keys_sign_order(struct keys *k, const struct order *order, struct buf *out)
{
	struct agent_request request = {.type = AGENT_SIGN_ORDER, .order = *order};
	struct agent_answer answer;
	int r;

	if ((r = ask(k, &request, &answer)) != 0)
		return r;
	buf_bytes(out, answer.object, answer.object_len);
	return buf_error(out);
}

int
keys_until(struct keys *k, uint64_t *ret_until_s)
{
	struct agent_request request = {.type = AGENT_STATUS};
	struct agent_answer answer;
	int r;

	if (!keys_are_in_agent(k))
		return FAIL_UNSUPPORTED;
	if ((r = ask(k, &request, &answer)) == 0)
		*ret_until_s = answer.until_s;
	return r;
}

/* Wait until the agent has gone, so that `lock` returns when the keys are wiped. */
static int
wait_for_end(struct keys *k)
{
	uint8_t bytes[PEER_MESSAGE_MAX];
	size_t len;
	int r = peer_receive(k->fd, bytes, &len, ANSWER_MS);

	return r == FAIL_CLOSED ? 0 : r != 0 ? r : FAIL_FORMAT;
}

int
keys_lock(const char *dir)
{
	struct agent_request request = {.type = AGENT_LOCK};
	struct agent_answer answer;
	char path[DISK_PATH_MAX];
	struct keys *k = NULL;
	int r;

	if ((r = keys_socket_path(dir, path)) != 0 || (r = keys_from_agent(dir, &k)) != 0)
		return r;
	if ((r = ask(k, &request, &answer)) != 0 || (r = wait_for_end(k)) != 0)
		goto out;
	/* The agent cannot remove its socket: it has no file system.  Another one may be there
	 * by now, which is then left alone. */
	r = peer_clear(path);
	if (r == FAIL_EXISTS)
		r = 0;
out:
	keys_free(k);
	return r;
}
