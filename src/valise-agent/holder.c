/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-agent/holder.h"

#include "base/mem.h"
#include "wire/agent.h"

/*
 * The table is the whole of what a client can reach (the manner of OpenSSH's monitor): a type
 * without a row does not exist, and a row in another state does not either.
 */

static int
answer_hello(struct holder *h, const struct agent_request *request,
	struct agent_answer *answer)
{
	(void)h;
	if (request->version != AGENT_VERSION)
		return FAIL_VERSION;
	answer->version = AGENT_VERSION;
	return 0;
}

static int
answer_public(struct holder *h, const struct agent_request *request,
	struct agent_answer *answer)
{
	(void)request;
	answer->public = h->keys->public;
	return 0;
}

static int
answer_sign(struct holder *h, const struct agent_request *request,
	struct agent_answer *answer)
{
	own_sign(h->keys, &request->signing, answer->signature);
	return 0;
}

static int
answer_unwrap(struct holder *h, const struct agent_request *request,
	struct agent_answer *answer)
{
	return own_unwrap(h->keys, &request->slot, answer->key);
}

static int
answer_status(struct holder *h, const struct agent_request *request,
	struct agent_answer *answer)
{
	(void)request;
	answer->until_s = h->until_s;
	return 0;
}

static int
answer_lock(struct holder *h, const struct agent_request *request,
	struct agent_answer *answer)
{
	(void)request;
	(void)answer;
	h->is_locked = true;
	return 0;
}

static const struct {
	enum session_state in, after;
	int (*answer)(struct holder *h, const struct agent_request *request,
		struct agent_answer *answer);
} permits[AGENT_TYPES] = {
	[AGENT_HELLO] = {SESSION_NEW, SESSION_GREETED, answer_hello},
	[AGENT_PUBLIC] = {SESSION_GREETED, SESSION_GREETED, answer_public},
	[AGENT_SIGN_ENVELOPE] = {SESSION_GREETED, SESSION_GREETED, answer_sign},
	[AGENT_UNWRAP] = {SESSION_GREETED, SESSION_GREETED, answer_unwrap},
	[AGENT_STATUS] = {SESSION_GREETED, SESSION_GREETED, answer_status},
	[AGENT_LOCK] = {SESSION_GREETED, SESSION_GREETED, answer_lock},
};

int
holder_handle(struct holder *h, struct session *session, const void *ptr, size_t len,
	struct buf *out)
{
	struct agent_request request;
	struct agent_answer answer = {0};
	int r;

	if ((r = agent_parse_request(ptr, len, &request)) != 0)
		return r;
	if (permits[request.type].answer == NULL ||
		permits[request.type].in != session->state)
		return FAIL_REFUSED;
	answer.type = request.type;
	answer.refusal = permits[request.type].answer(h, &request, &answer);
	if (answer.refusal == 0)
		session->state = permits[request.type].after;
	agent_write_answer(&answer, out);
	mem_wipe(&answer, sizeof answer);
	return buf_error(out);
}
