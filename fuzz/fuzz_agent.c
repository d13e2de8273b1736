/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_agent: any bytes as a request to the agent, and as an answer to each request.
 *
 * What parses is written again and must give the same bytes: one canonical form.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wire/agent.h"
#include "fuzz.h"

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
	}
	for (enum agent_type type = AGENT_HELLO; type < AGENT_TYPES; type++)
		if (agent_parse_answer(ptr, len, type, &answer) == 0) {
			agent_write_answer(&answer, &b);
			check_same(&b, ptr, len);
		}
	buf_done(&b);
	return 0;
}
