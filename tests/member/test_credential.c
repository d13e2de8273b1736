/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "member/address.h"
#include "member/credential.h"
#include "member/enrol.h"
#include "people.h"

/* The keys that the roster names for PT: rita's, sergio's. */
static uint8_t keys[2][SIGN_PUBLIC_LEN];

static int
setup(void **state)
{
	uint8_t seed[32];

	(void)state;
	people_seed("PT", "rita", "enrol", seed);
	sign_public(seed, keys[0]);
	people_seed("PT", "sergio", "enrol", seed);
	sign_public(seed, keys[1]);
	return 0;
}

static void
made(struct buf *out)
{
	buf_init(out, ENROL_BYTES_MAX);
	people_enrol("PT", "ana.silva", SUBJECT_OFFICER, out);
}

static void
two_officers_enrol_a_third(void **state)
{
	struct clearance *clearance = NULL;
	struct credential c;
	struct enrol e;
	struct buf bytes;

	(void)state;
	made(&bytes);
	assert_int_equal(enrol_parse(bytes.data, bytes.len, &e), 0);
	assert_int_equal(enrol_verify(&e, (const uint8_t(*)[32])keys, 2), 0);
	assert_int_equal(credential_parse(e.credential.ptr, e.credential.len, &c), 0);
	assert_int_equal(address_compare(c.subject.officer, address_of("ana.silva")), 0);
	assert_true(desks_have(&c.desks, address_of("duty")));
	assert_false(desks_have(&c.desks, address_of("other")));
	assert_int_equal(clearances_find(c.clearances, "CONCORD", &clearance), 0);
	assert_int_equal(clearance->class_count, 4);
	clearance_free(clearance);
	assert_int_equal(clearances_find(c.clearances, "TLP", &clearance), FAIL_ABSENT);
	buf_done(&bytes);
}

static void
validity_has_two_ends(void **state)
{
	struct credential c;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, CREDENTIAL_BYTES_MAX);
	people_credential("PT", "ana.silva", SUBJECT_OFFICER, &bytes);
	assert_int_equal(credential_parse(bytes.data, bytes.len, &c), 0);
	assert_false(credential_is_valid_at(&c, PEOPLE_FROM_S - 1));
	assert_true(credential_is_valid_at(&c, PEOPLE_FROM_S));
	assert_true(credential_is_valid_at(&c, PEOPLE_UNTIL_S - 1));
	assert_false(credential_is_valid_at(&c, PEOPLE_UNTIL_S));
	buf_done(&bytes);
}

/* Each byte and each bit: no alteration counts, and what parses has one form. */
static void
no_altered_byte_counts(void **state)
{
	struct buf bytes, again;
	struct enrol e;

	(void)state;
	made(&bytes);
	buf_init(&again, ENROL_BYTES_MAX);
	for (size_t i = 0; i < bytes.len * 8; i++) {
		bytes.data[i / 8] ^= (uint8_t)(1 << i % 8);
		if (enrol_parse(bytes.data, bytes.len, &e) == 0) {
			assert_int_not_equal(
				enrol_verify(&e, (const uint8_t(*)[32])keys, 2), 0);
			buf_clear(&again);
			assert_int_equal(enrol_write(&e, &again), 0);
			assert_int_equal(again.len, bytes.len);
			assert_memory_equal(again.data, bytes.data, bytes.len);
		}
		bytes.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_not_equal(enrol_parse(bytes.data, len, &e), 0);
	buf_u8(&bytes, 0);
	assert_int_equal(enrol_parse(bytes.data, bytes.len, &e), FAIL_FORMAT);
	buf_done(&bytes);
	buf_done(&again);
}

static void
one_officer_enrols_nobody(void **state)
{
	struct enrol e;
	struct buf bytes;
	uint8_t seed[32];

	(void)state;
	made(&bytes);
	assert_int_equal(enrol_parse(bytes.data, bytes.len, &e), 0);
	e.signature_count = 0;
	people_seed("PT", "sergio", "enrol", seed);
	assert_int_equal(enrol_sign(&e, seed), 0);
	assert_int_equal(enrol_verify(&e, (const uint8_t(*)[32])keys, 2), FAIL_ABSENT);
	assert_int_equal(enrol_sign(&e, seed), FAIL_EXISTS);
	/* The same signature twice is not two signatures. */
	e.signatures[1] = e.signatures[0];
	e.signature_count = 2;
	buf_clear(&bytes);
	struct buf credential;
	buf_init(&credential, CREDENTIAL_BYTES_MAX);
	people_credential("PT", "ana.silva", SUBJECT_OFFICER, &credential);
	e.credential = rd_of(credential.data, credential.len);
	assert_int_equal(enrol_write(&e, &bytes), 0);
	assert_int_equal(enrol_parse(bytes.data, bytes.len, &e), FAIL_FORMAT);
	buf_done(&bytes);
	buf_done(&credential);
}

static void
others_do_not_enrol(void **state)
{
	struct enrol e;
	struct buf bytes;
	uint8_t seed[32];

	(void)state;
	made(&bytes);
	assert_int_equal(enrol_parse(bytes.data, bytes.len, &e), 0);
	assert_int_equal(enrol_verify(&e, (const uint8_t(*)[32])keys, 1), FAIL_SIGNER);
	people_seed("CY", "rita", "enrol", seed);
	assert_int_equal(enrol_sign(&e, seed), FAIL_LIMIT);
	e.signature_count = 1;
	assert_int_equal(enrol_sign(&e, seed), 0);
	assert_int_equal(enrol_verify(&e, (const uint8_t(*)[32])keys, 2), FAIL_SIGNER);
	buf_done(&bytes);
}

/* Somebody's key with somebody else's name: two signatures do not make it his. */
static void
a_key_that_is_not_held_does_not_count(void **state)
{
	struct credential c;
	struct enrol e = {0};
	struct buf bytes, forged;
	uint8_t seed[32];

	(void)state;
	buf_init(&bytes, CREDENTIAL_BYTES_MAX);
	buf_init(&forged, CREDENTIAL_BYTES_MAX);
	people_credential("PT", "ana.silva", SUBJECT_OFFICER, &bytes);
	assert_int_equal(credential_parse(bytes.data, bytes.len, &c), 0);
	c.subject.officer = address_of("another");
	assert_int_equal(credential_write(&c, &forged), 0);
	e.credential = rd_of(forged.data, forged.len);
	people_seed("PT", "rita", "enrol", seed);
	assert_int_equal(enrol_sign(&e, seed), 0);
	people_seed("PT", "sergio", "enrol", seed);
	assert_int_equal(enrol_sign(&e, seed), 0);
	assert_int_equal(enrol_verify(&e, (const uint8_t(*)[32])keys, 2), FAIL_SIGNATURE);
	buf_done(&bytes);
	buf_done(&forged);
}

static void
what_may_not_be_written(void **state)
{
	struct credential c, good;
	struct buf bytes, out;

	(void)state;
	buf_init(&bytes, CREDENTIAL_BYTES_MAX);
	buf_init(&out, CREDENTIAL_BYTES_MAX);
	people_credential("PT", "ana.silva", SUBJECT_OFFICER, &bytes);
	assert_int_equal(credential_parse(bytes.data, bytes.len, &good), 0);
	c = good;
	c.until_s = c.from_s;
	assert_int_equal(credential_write(&c, &out), FAIL_FORMAT);
	c = good;
	c.subject.kind = 0;
	assert_int_equal(credential_write(&c, &out), FAIL_FORMAT);
	c = good;
	c.subject.kind = SUBJECT_KINDS + 1;
	assert_int_equal(credential_write(&c, &out), FAIL_FORMAT);
	c = good;
	c.subject.kind = SUBJECT_REGISTRAR; /* without an enrol key */
	assert_int_equal(credential_write(&c, &out), FAIL_FORMAT);
	memcpy(c.subject.enrol, c.subject.sign, sizeof c.subject.sign);
	assert_int_equal(credential_write(&c, &out), FAIL_FORMAT);
	c = good;
	c.subject.kind = SUBJECT_INDEX_HOST; /* on a desk */
	assert_int_equal(credential_write(&c, &out), FAIL_FORMAT);
	c = good;
	c.subject.reader.suite = 9;
	assert_int_equal(credential_write(&c, &out), FAIL_SUITE);
	c = good;
	c.subject.member = address_of("pt");
	assert_int_equal(credential_write(&c, &out), FAIL_FORMAT);
	c = good;
	c.clearances.len--;
	assert_int_equal(credential_write(&c, &out), FAIL_FORMAT);
	buf_done(&bytes);
	buf_done(&out);
}

static void
desks_are_a_set(void **state)
{
	struct desks a = {0}, b = {0};
	char name[8] = "d00";

	(void)state;
	assert_int_equal(desks_add(&a, address_of("b")), 0);
	assert_int_equal(desks_add(&a, address_of("a")), 0);
	assert_int_equal(desks_add(&a, address_of("a")), 0);
	assert_int_equal(desks_add(&b, address_of("a")), 0);
	assert_false(desks_equal(&a, &b));
	assert_int_equal(desks_add(&b, address_of("b")), 0);
	assert_true(desks_equal(&a, &b));
	assert_int_equal(desks_add(&a, address_of("No")), FAIL_FORMAT);
	static char names[DESKS_MAX + 1][8];
	memset(&a, 0, sizeof a);
	for (size_t i = 0; i < DESKS_MAX; i++) {
		memcpy(names[i], name, sizeof name);
		names[i][1] = (char)('a' + i / 26);
		names[i][2] = (char)('a' + i % 26);
		assert_int_equal(desks_add(&a, address_of(names[i])), 0);
	}
	assert_int_equal(desks_add(&a, address_of("one.more")), FAIL_LIMIT);
}

static void
out_of_memory_is_told(void **state)
{
	struct enrol e;
	struct buf bytes;
	int r = FAIL_NOMEM;

	(void)state;
	made(&bytes);
	for (long n = 0; r == FAIL_NOMEM; n++) {
		mem_fail_after(n, false);
		if ((r = enrol_parse(bytes.data, bytes.len, &e)) == 0)
			r = enrol_verify(&e, (const uint8_t(*)[32])keys, 2);
		mem_fail_never();
	}
	assert_int_equal(r, 0);
	buf_done(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_officers_enrol_a_third),
		cmocka_unit_test(validity_has_two_ends),
		cmocka_unit_test(no_altered_byte_counts),
		cmocka_unit_test(one_officer_enrols_nobody),
		cmocka_unit_test(others_do_not_enrol),
		cmocka_unit_test(a_key_that_is_not_held_does_not_count),
		cmocka_unit_test(what_may_not_be_written),
		cmocka_unit_test(desks_are_a_set),
		cmocka_unit_test(out_of_memory_is_told),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, setup, NULL);
}
