/* SPDX-License-Identifier: Apache-2.0 */
#include "people.h"

#include <stdio.h>
#include <string.h>

#include "member/address.h"

/* A helper of tests: whatever fails here is a CHECK. */

void
people_seed(const char *member, const char *officer, const char *purpose,
	uint8_t ret_seed[32])
{
	char text[256];
	int n = snprintf(text, sizeof text, "%s/%s %s", member, officer, purpose);

	CHECK(n > 0 && (size_t)n < sizeof text);
	hash_sha256(text, (size_t)n, ret_seed);
}

struct subject
people_subject(const char *member, const char *officer, enum subject_kind kind)
{
	struct subject s = {.member = address_of(member),
		.officer = address_of(officer),
		.device = address_of("laptop"),
		.kind = (uint8_t)kind};
	uint8_t seed[32];

	people_seed(member, officer, "sign", seed);
	sign_public(seed, s.sign);
	people_seed(member, officer, "reader", seed);
	CHECK(kem_public_of_seed(SUITE_1, seed, &s.reader) == 0);
	people_seed(member, officer, "enrol", seed);
	if (subject_has_enrol(&s))
		sign_public(seed, s.enrol);
	return s;
}

void
people_request(
	const char *member, const char *officer, enum subject_kind kind, struct buf *out)
{
	struct request q = {.made_s = PEOPLE_FROM_S,
		.subject = people_subject(member, officer, kind)};
	uint8_t sign[32], enrol[32], audit[32];

	people_seed(member, officer, "sign", sign);
	people_seed(member, officer, "enrol", enrol);
	people_seed(member, officer, "audit", audit);
	if (kind == SUBJECT_SECURITY)
		CHECK(kem_public_of_seed(SUITE_1, audit, &q.audit) == 0);
	else
		CHECK(desks_add(&q.desks, address_of("duty")) == 0);
	CHECK(request_write(
		      &q, sign, subject_has_enrol(&q.subject) ? enrol : NULL, out) == 0);
}

void
people_credential(
	const char *member, const char *officer, enum subject_kind kind, struct buf *out)
{
	struct credential c = {.from_s = PEOPLE_FROM_S,
		.until_s = PEOPLE_UNTIL_S,
		.subject = people_subject(member, officer, kind)};
	struct clearance *clearance = NULL;
	struct buf clearances;
	uint8_t seed[32];

	people_seed(member, officer, "sign", seed);
	CHECK(subject_prove(&c.subject, seed, c.possession) == 0);
	if (kind != SUBJECT_INDEX_HOST)
		CHECK(desks_add(&c.desks, address_of("duty")) == 0);
	buf_init(&clearances, CLEARANCE_BYTES_MAX);
	CHECK(clearance_from_text("SECRET", strlen("SECRET"), &clearance) == 0);
	clearance_write(clearance, &clearances);
	clearance_free(clearance);
	c.clearances = rd_of(clearances.data, clearances.len);
	CHECK(credential_write(&c, out) == 0);
	buf_done(&clearances);
}

void
people_enrol(
	const char *member, const char *officer, enum subject_kind kind, struct buf *out)
{
	struct enrol e = {0};
	struct buf credential;
	uint8_t seed[32];

	buf_init(&credential, CREDENTIAL_BYTES_MAX);
	people_credential(member, officer, kind, &credential);
	e.credential = rd_of(credential.data, credential.len);
	people_seed(member, "rita", "enrol", seed);
	CHECK(enrol_sign(&e, seed) == 0);
	people_seed(member, "sergio", "enrol", seed);
	CHECK(enrol_sign(&e, seed) == 0);
	CHECK(enrol_write(&e, out) == 0);
	buf_done(&credential);
}
