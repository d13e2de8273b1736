/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_OFFICERS_H
#define TESTS_OFFICERS_H
/*
 * officers: one officer of PT of each kind, a stranger of CY, and how the holder answers them.
 */
#include "member/own_officer.h"
#include "valise-agent/holder.h"

enum { KINDS = SUBJECT_KINDS + 1 };

extern struct own_officer *officers[KINDS]; /* by kind */
extern struct own_officer *stranger;	    /* of another member */

/* For cmocka_run_group_tests(). */
int officers_make(void **state);
int officers_drop(void **state);

/* One request through bytes, as over the socket; what holder_handle() returns. */
int officers_ask_bytes(const struct own_officer *officer, const struct buf *question,
	enum agent_type type, struct agent_answer *ret_answer);

/* The refusal, or 0 and the answer. */
int officers_ask(const struct own_officer *officer, const struct agent_request *request,
	struct agent_answer *ret_answer);

/* The credential of one of the officers. */
void officers_credential(const struct own_officer *officer, struct buf *ret_bytes);

#endif
