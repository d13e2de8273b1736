/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/keys.h"

#include <pthread.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "member/keyfile.h"
#include "sys/peer.h"
#include "valise/keys_place.h"
#include "wire/agent.h"

/*
 * A connection that failed in the middle of an answer is out of step and is never used again:
 * an answer must not be taken for that to another question.
 */

enum { ANSWER_MS = 30 * 1000 };

struct keys {
	pthread_mutex_t lock; /* one question at a time on fd */
	int fd;		      /* the agent; -1 when solo is set, or the agent went away */
	struct solo *solo;    /* the keys in this process */
	struct solo_public public;
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
ask(struct keys *k, const struct agent_request *request, struct agent_answer *ret_answer)
{
	int r;

	CHECK(pthread_mutex_lock(&k->lock) == 0);
	r = k->fd < 0 ? FAIL_CLOSED : talk(k, request, ret_answer);
	CHECK(pthread_mutex_unlock(&k->lock) == 0);
	return r != 0 ? r : ret_answer->refusal;
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
	request.type = AGENT_PUBLIC;
	if ((r = ask(k, &request, &answer)) != 0)
		return r;
	k->public = answer.public;
	return 0;
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
		(r = keys_new(&k)) != 0 ||
		(r = keyfile_open(file.data, file.len, passphrase, &k->solo)) != 0)
		goto out;
	k->public = k->solo->public;
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
	return k->solo == NULL;
}

const struct solo_public *
keys_public(const struct keys *k)
{
	return &k->public;
}

int
keys_sign(struct keys *k, const struct own_signing *what, uint8_t ret_signature[SIGN_LEN])
{
	struct agent_request request = {.type = AGENT_SIGN_ENVELOPE, .signing = *what};
	struct agent_answer answer;
	int r;

	if (k->solo != NULL) {
		own_sign(k->solo, what, ret_signature);
		return 0;
	}
	if ((r = ask(k, &request, &answer)) != 0)
		return r;
	memcpy(ret_signature, answer.signature, SIGN_LEN);
	return 0;
}

int
keys_unwrap(struct keys *k, const struct own_slot *slot, uint8_t ret_key[SLOT_SECRET_LEN])
{
	struct agent_request request = {.type = AGENT_UNWRAP, .slot = *slot};
	struct agent_answer answer;
	int r;

	if (k->solo != NULL)
		return own_unwrap(k->solo, slot, ret_key);
	if ((r = ask(k, &request, &answer)) == 0)
		memcpy(ret_key, answer.key, SLOT_SECRET_LEN);
	mem_wipe(&answer, sizeof answer);
	return r;
}

int
keys_until(struct keys *k, uint64_t *ret_until_s)
{
	struct agent_request request = {.type = AGENT_STATUS};
	struct agent_answer answer;
	int r;

	if (k->solo != NULL)
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
