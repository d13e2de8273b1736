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
	if (request->version != AGENT_VERSION)
		return FAIL_VERSION;
	answer->version = AGENT_VERSION;
	answer->kind = (uint8_t)agent_keys_kind(&h->keys);
	return 0;
}

static int
answer_by_keys(struct holder *h, const struct agent_request *request,
	struct agent_answer *answer)
{
	return agent_keys_answer(&h->keys, request, answer);
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
	[AGENT_PUBLIC] = {SESSION_GREETED, SESSION_GREETED, answer_by_keys},
	[AGENT_SIGN_ENVELOPE] = {SESSION_GREETED, SESSION_GREETED, answer_by_keys},
	[AGENT_UNWRAP] = {SESSION_GREETED, SESSION_GREETED, answer_by_keys},
	[AGENT_SUBJECT] = {SESSION_GREETED, SESSION_GREETED, answer_by_keys},
	[AGENT_SIGN_CLIENT] = {SESSION_GREETED, SESSION_GREETED, answer_by_keys},
	[AGENT_SIGN_REQUEST] = {SESSION_GREETED, SESSION_GREETED, answer_by_keys},
	[AGENT_SIGN_GRANT] = {SESSION_GREETED, SESSION_GREETED, answer_by_keys},
	[AGENT_SIGN_ENROL] = {SESSION_GREETED, SESSION_GREETED, answer_by_keys},
	[AGENT_SIGN_ORDER] = {SESSION_GREETED, SESSION_GREETED, answer_by_keys},
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
