/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_agent: any bytes as a request to the agent, and as an answer to each request.
 *
 * What parses is written again and must give the same bytes: one canonical form.  It is also
 * put to the keys of a security officer, who may do everything; what they answer parses.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto/crypto.h"
#include "wire/agent_keys.h"
#include "fuzz.h"

/* The same keys in every run. */
static int
fill(struct rng *rng, void *out, size_t len)
{
	uint8_t *at = out;

	(void)rng;
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)i;
	return 0;
}

static const struct own_officer *
officer(void)
{
	static const struct own_officer_name name = {
		"PT", "sergio", "laptop", SUBJECT_SECURITY, SUITE_1};
	static struct own_officer *made;
	struct rng rng = {fill};

	if (made == NULL)
		CHECK(crypto_init() == 0 && own_officer_new(&name, &rng, &made) == 0);
	return made;
}

/* As the holder does it after the greeting. */
static void
put_to_keys(const struct agent_request *request, struct buf *b)
{
	struct agent_keys keys = {.officer = officer()};
	struct agent_answer answer = {.type = request->type}, again;

	answer.refusal = agent_keys_answer(&keys, request, &answer);
	agent_write_answer(&answer, b);
	CHECK(buf_error(b) == 0);
	if (answer.refusal != 0 || request->type != AGENT_HELLO)
		CHECK(agent_parse_answer(b->data, b->len, request->type, &again) == 0);
	buf_clear(b);
}

static void
check_same(struct buf *b, const uint8_t *ptr, size_t len)
{
	CHECK(buf_error(b) == 0);
	CHECK(b->len == len && memcmp(b->data, ptr, len) == 0);
	buf_clear(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *ptr, size_t len)
{
	struct agent_request request;
	struct agent_answer answer;
	struct buf b;

	buf_init(&b, AGENT_MESSAGE_MAX);
	if (agent_parse_request(ptr, len, &request) == 0) {
		agent_write_request(&request, &b);
		check_same(&b, ptr, len);
		put_to_keys(&request, &b);
	}
	for (enum agent_type type = AGENT_HELLO; type < AGENT_TYPES; type++)
		if (agent_parse_answer(ptr, len, type, &answer) == 0) {
			agent_write_answer(&answer, &b);
			check_same(&b, ptr, len);
		}
	buf_done(&b);
	return 0;
}
