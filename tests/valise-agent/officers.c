/* SPDX-License-Identifier: Apache-2.0 */
#include "officers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "member/credential.h"
#include "sys/random.h"

struct own_officer *officers[KINDS], *stranger;

int
officers_make(void **state)
{
	struct own_officer_name name = {
		.member = "PT", .officer = "rita", .device = "laptop", .suite = SUITE_1};
	int r = 0;

	(void)state;
	for (uint8_t kind = 1; r == 0 && kind < KINDS; kind++) {
		name.kind = kind;
		r = own_officer_new(&name, random_system(), &officers[kind]);
	}
	name.member = "CY";
	name.kind = SUBJECT_OFFICER;
	return r != 0 ? r : own_officer_new(&name, random_system(), &stranger);
}

int
officers_drop(void **state)
{
	(void)state;
	for (size_t kind = 1; kind < KINDS; kind++)
		own_officer_free(officers[kind]);
	own_officer_free(stranger);
	return 0;
}

int
officers_ask_bytes(const struct own_officer *officer, const struct buf *question,
	enum agent_type type, struct agent_answer *ret_answer)
{
	struct holder h = {.keys = {.officer = officer}};
	struct session session = {SESSION_GREETED};
	struct buf out;
	int r;

	buf_init(&out, AGENT_MESSAGE_MAX);
	r = holder_handle(&h, &session, question->data, question->len, &out);
	if (r == 0)
		assert_int_equal(
			agent_parse_answer(out.data, out.len, type, ret_answer), 0);
	buf_done(&out);
	return r;
}

int
officers_ask(const struct own_officer *officer, const struct agent_request *request,
	struct agent_answer *ret_answer)
{
	struct buf question;

	buf_init(&question, AGENT_MESSAGE_MAX);
	agent_write_request(request, &question);
	assert_int_equal(buf_error(&question), 0);
	assert_int_equal(
		officers_ask_bytes(officer, &question, request->type, ret_answer), 0);
	buf_done(&question);
	return ret_answer->refusal;
}

void
officers_credential(const struct own_officer *officer, struct buf *ret_bytes)
{
	struct credential c = {
		.subject = officer->subject, .from_s = 1000, .until_s = 2000000000};

	assert_int_equal(subject_prove(&c.subject, own_officer_seed(officer, OWN_SIGN),
				 c.possession),
		0);
	buf_init(ret_bytes, CREDENTIAL_BYTES_MAX);
	assert_int_equal(credential_write(&c, ret_bytes), 0);
}
