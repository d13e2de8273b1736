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
#include "member/request.h"
#include "member/signing.h"
#include "people.h"

static void
made(enum subject_kind kind, struct buf *out)
{
	buf_init(out, REQUEST_BYTES_MAX);
	people_request("PT", "ana.silva", kind, out);
}

static void
a_device_asks(void **state)
{
	struct request q;
	struct buf bytes;

	(void)state;
	made(SUBJECT_OFFICER, &bytes);
	assert_int_equal(request_parse(bytes.data, bytes.len, &q), 0);
	assert_int_equal(address_compare(q.subject.officer, address_of("ana.silva")), 0);
	assert_true(desks_have(&q.desks, address_of("duty")));
	assert_int_equal(q.audit.len, 0);
	assert_int_equal(q.made_s, PEOPLE_FROM_S);
	buf_done(&bytes);
	made(SUBJECT_SECURITY, &bytes);
	assert_int_equal(request_parse(bytes.data, bytes.len, &q), 0);
	assert_int_equal(q.audit.len, 32);
	buf_done(&bytes);
}

/* Every bit is under one of the three signatures. */
static void
no_altered_bit_passes(void **state)
{
	struct request q;
	struct buf bytes;

	(void)state;
	made(SUBJECT_SECURITY, &bytes);
	for (size_t i = 0; i < bytes.len * 8; i++) {
		bytes.data[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_not_equal(request_parse(bytes.data, bytes.len, &q), 0);
		bytes.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_not_equal(request_parse(bytes.data, len, &q), 0);
	buf_u8(&bytes, 0);
	assert_int_not_equal(request_parse(bytes.data, bytes.len, &q), 0);
	buf_done(&bytes);
}

/* Another's enrol key under one's own name: the rest is signed well, the proof is not. */
static void
an_enrol_key_that_is_not_held(void **state)
{
	struct request q;
	struct buf bytes, fields;
	uint8_t seed[32], *proof;

	(void)state;
	made(SUBJECT_REGISTRAR, &bytes);
	proof = bytes.data + bytes.len - 2 * SIGN_LEN;
	proof[0] ^= 1;
	people_seed("PT", "ana.silva", "sign", seed);
	signing_begin(&fields, "enrol-request", REQUEST_BYTES_MAX);
	buf_bytes(&fields, bytes.data, bytes.len - SIGN_LEN);
	assert_int_equal(
		signing_sign(&fields, seed, bytes.data + bytes.len - SIGN_LEN), 0);
	assert_int_equal(request_parse(bytes.data, bytes.len, &q), FAIL_SIGNATURE);
	buf_done(&bytes);
}

static void
an_ordinary_officer_offers_no_audit_key(void **state)
{
	struct request q;
	struct buf bytes, out;
	uint8_t seed[32];

	(void)state;
	made(SUBJECT_OFFICER, &bytes);
	buf_init(&out, REQUEST_BYTES_MAX);
	assert_int_equal(request_parse(bytes.data, bytes.len, &q), 0);
	q.audit = q.subject.reader;
	people_seed("PT", "ana.silva", "sign", seed);
	assert_int_equal(request_write(&q, seed, NULL, &out), FAIL_FORMAT);
	q.audit.len = 0;
	seed[0] ^= 1;
	assert_int_equal(request_write(&q, seed, NULL, &out), FAIL_MISMATCH);
	buf_done(&bytes);
	buf_done(&out);
}

static void
the_words_are_of_the_subject(void **state)
{
	struct subject a = people_subject("PT", "ana.silva", SUBJECT_OFFICER), b = a;
	uint8_t hash[2][HASH_LEN];

	(void)state;
	assert_int_equal(subject_hash(&a, hash[0]), 0);
	b.reader.bytes[0] ^= 1;
	assert_false(subject_equal(&a, &b));
	assert_int_equal(subject_hash(&b, hash[1]), 0);
	assert_memory_not_equal(hash[0], hash[1], HASH_LEN);
	b = a;
	b.officer = address_of("ana.silvb");
	assert_int_equal(subject_hash(&b, hash[1]), 0);
	assert_memory_not_equal(hash[0], hash[1], HASH_LEN);
}

static void
kinds_have_names(void **state)
{
	(void)state;
	for (uint8_t kind = 1; kind <= SUBJECT_KINDS; kind++)
		assert_int_equal(subject_kind_of(subject_kind_text(kind)), kind);
	assert_null(subject_kind_text(0));
	assert_null(subject_kind_text(SUBJECT_KINDS + 1));
	assert_int_equal(subject_kind_of("king"), 0);
}

static void
out_of_memory_is_told(void **state)
{
	struct request q;
	struct buf bytes;
	int r = FAIL_NOMEM;

	(void)state;
	made(SUBJECT_SECURITY, &bytes);
	for (long n = 0; r == FAIL_NOMEM; n++) {
		mem_fail_after(n, false);
		r = request_parse(bytes.data, bytes.len, &q);
		mem_fail_never();
	}
	assert_int_equal(r, 0);
	buf_done(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_asks),
		cmocka_unit_test(no_altered_bit_passes),
		cmocka_unit_test(an_enrol_key_that_is_not_held),
		cmocka_unit_test(an_ordinary_officer_offers_no_audit_key),
		cmocka_unit_test(the_words_are_of_the_subject),
		cmocka_unit_test(kinds_have_names),
		cmocka_unit_test(out_of_memory_is_told),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
