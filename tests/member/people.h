/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MEMBER_PEOPLE_H
#define TESTS_MEMBER_PEOPLE_H
/*
 * people: officers of made-up members, the same in every run: a seed is the SHA-256 of its
 * description.  Each member has the enrolment officers "rita" (registrar) and "sergio"
 * (security officer).
 */
#include "base/buf.h"
#include "member/enrol.h"
#include "member/request.h"

enum { PEOPLE_FROM_S = 1700000000, PEOPLE_UNTIL_S = 1800000000 };

/* purpose: "sign", "reader", "enrol", "audit", "tls" ... */
void people_seed(const char *member, const char *officer, const char *purpose,
	uint8_t ret_seed[32]);

struct subject people_subject(
	const char *member, const char *officer, enum subject_kind kind);

void people_request(
	const char *member, const char *officer, enum subject_kind kind, struct buf *out);

/* Cleared for CONCORD SECRET and below, on the desk "duty" (index hosts: on none). */
void people_credential(
	const char *member, const char *officer, enum subject_kind kind, struct buf *out);

/* Signed by both enrolment officers of the member. */
void people_enrol(
	const char *member, const char *officer, enum subject_kind kind, struct buf *out);

#endif
