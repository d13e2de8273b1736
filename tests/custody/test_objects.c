/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "custody/kept.h"
#include "custody/opening.h"
#include "custody/recall.h"
#include "custody/send.h"
#include "fixture.h"

/* Each object: written, parsed, verified; every byte altered; every length cut. */

static const uint8_t seed[SIGN_SEED_LEN] = {9};
static uint8_t public_key[SIGN_PUBLIC_LEN];

static int
read_send(struct rd in)
{
	struct send send;
	int r = send_parse(in, &send);

	return r == 0 ? send_verify(&send, public_key) : r;
}

static int
read_kept(struct rd in)
{
	struct kept kept;
	int r = kept_parse(in, &kept);

	return r == 0 ? kept_verify(&kept, public_key) : r;
}

static int
read_recall(struct rd in)
{
	struct recall recall;
	int r = recall_parse(in, &recall);

	return r == 0 ? recall_verify(&recall, public_key) : r;
}

static int
read_authorisation(struct rd in)
{
	struct opening_authorisation a;
	int r = opening_authorisation_parse(in, &a);

	return r == 0 ? opening_authorisation_verify(&a, public_key) : r;
}

static int
read_request(struct rd in)
{
	struct opening_request q;
	int r = opening_request_parse(in, &q);

	return r == 0 ? opening_request_verify(&q, public_key) : r;
}

static void
try_all(struct buf *bytes, int (*read)(struct rd in))
{
	assert_int_equal(buf_error(bytes), 0);
	assert_int_equal(read(rd_of(bytes->data, bytes->len)), 0);
	for (size_t i = 0; i < bytes->len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes->data[i] ^= (uint8_t)(1u << bit);
			assert_true(read(rd_of(bytes->data, bytes->len)) != 0);
			bytes->data[i] ^= (uint8_t)(1u << bit);
		}
	}
	for (size_t len = 0; len < bytes->len; len++)
		assert_true(read(rd_of(bytes->data, len)) != 0);
	buf_u8(bytes, 0);
	assert_int_equal(read(rd_of(bytes->data, bytes->len)), FAIL_FORMAT);
	buf_done(bytes);
}

static void
send_holds(void **state)
{
	struct send send = {.time_s = 1795000000};
	struct buf bytes;

	(void)state;
	memset(send.envelope_hash, 4, HASH_LEN);
	assert_int_equal(send_sign(&send, seed), 0);
	buf_init(&bytes, SEND_LEN + 1);
	send_write(&send, &bytes);
	assert_int_equal(bytes.len, SEND_LEN);
	try_all(&bytes, read_send);
}

static void
kept_holds(void **state)
{
	struct kept kept = {.member = rd_of("CY", 2), .number = 2, .time_s = 1795000000};
	struct buf bytes;

	(void)state;
	assert_int_equal(kept_sign(&kept, seed), 0);
	buf_init(&bytes, KEPT_LEN_MAX);
	kept_write(&kept, &bytes);
	try_all(&bytes, read_kept);
}

/* Both kinds; the kind is part of what is signed, and of the type of the signature. */
static void
recall_holds(void **state)
{
	struct recall recall = {.time_s = 1795000000,
		.reason = rd_of("sent in error", 13),
		.officer = rd_of("PT/ana.silva", 12)};
	struct buf bytes;

	(void)state;
	for (uint8_t kind = RECALL_RECALL; kind <= RECALL_DESTROY; kind++) {
		recall.kind = kind;
		assert_int_equal(recall_sign(&recall, seed), 0);
		buf_init(&bytes, RECALL_LEN_MAX + 1);
		assert_int_equal(recall_write(&recall, &bytes), 0);
		try_all(&bytes, read_recall);
	}
}

static void
a_recall_out_of_bounds_is_not_written(void **state)
{
	const struct recall good = {.kind = RECALL_RECALL};
	struct recall recall;
	char reason[RECALL_REASON_MAX + 1];
	struct buf bytes;

	(void)state;
	memset(reason, 'x', sizeof reason);
	buf_init(&bytes, RECALL_LEN_MAX);
	recall = good;
	recall.kind = 3;
	assert_int_equal(recall_sign(&recall, seed), FAIL_FORMAT);
	recall = good;
	recall.reason = rd_of(reason, sizeof reason);
	assert_int_equal(recall_write(&recall, &bytes), FAIL_FORMAT);
	recall = good;
	recall.reason = rd_of("two\nlines", 9);
	assert_int_equal(recall_write(&recall, &bytes), FAIL_FORMAT);
	recall = good;
	recall.officer = rd_of("ana silva", 9);
	assert_int_equal(recall_write(&recall, &bytes), FAIL_FORMAT);
	assert_int_equal(bytes.len, 0);
	buf_done(&bytes);
}

static void
authorisation_holds(void **state)
{
	struct opening_authorisation a = {.copy = 2, .time_s = 1795000000};
	struct buf bytes;

	(void)state;
	assert_int_equal(opening_authorisation_sign(&a, seed), 0);
	buf_init(&bytes, 256);
	opening_authorisation_write(&a, &bytes);
	try_all(&bytes, read_authorisation);
}

static void
make_request(struct opening_request *q)
{
	uint8_t key_seed[KEM_SEED_LEN];
	struct buf message;

	*q = (struct opening_request){.log_origin = rd_of("pt.example/openings/1", 21),
		.credential = rd_of("a credential", 12),
		.purpose = rd_of("reading", 7),
		.not_after_s = 1795000600};
	fixture_seed("ephemeral", 1, key_seed);
	assert_int_equal(kem_public_of_seed(SUITE_1, key_seed, &q->ephemeral), 0);
	assert_int_equal(opening_request_signed(q, &message), 0);
	sign_message(seed, message.data, message.len, q->signature);
	buf_done(&message);
}

static void
request_holds(void **state)
{
	struct opening_request q;
	struct buf bytes;

	(void)state;
	make_request(&q);
	buf_init(&bytes, OPENING_LEN_MAX);
	assert_int_equal(opening_request_write(&q, &bytes), 0);
	try_all(&bytes, read_request);
}

static void
a_request_out_of_bounds_is_not_written(void **state)
{
	struct opening_request q;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, OPENING_LEN_MAX);
	make_request(&q);
	q.purpose = rd_of("two\nlines", 9);
	assert_int_equal(opening_request_write(&q, &bytes), FAIL_FORMAT);
	make_request(&q);
	q.log_origin.len = 0;
	assert_int_equal(opening_request_write(&q, &bytes), FAIL_FORMAT);
	make_request(&q);
	q.ephemeral.suite = 3;
	assert_int_equal(opening_request_write(&q, &bytes), FAIL_SUITE);
	assert_int_equal(bytes.len, 0);
	buf_done(&bytes);
}

/* A signature for one purpose must be none for another: the types keep them apart. */
static void
an_object_is_no_other_object(void **state)
{
	struct opening_authorisation a = {.copy = 1};
	struct buf bytes;

	(void)state;
	assert_int_equal(opening_authorisation_sign(&a, seed), 0);
	buf_init(&bytes, 256);
	opening_authorisation_write(&a, &bytes);
	assert_true(read_send(rd_of(bytes.data, bytes.len)) != 0);
	assert_true(read_kept(rd_of(bytes.data, bytes.len)) != 0);
	buf_done(&bytes);
}

static void
evidence_is_slots_or_a_grant(void **state)
{
	struct opening_evidence e = {.kind = OPENING_GRANT, .bytes = rd_of("xyz", 3)};
	struct opening_evidence got;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, 64);
	opening_evidence_write(&e, &bytes);
	assert_int_equal(opening_evidence_parse(rd_of(bytes.data, bytes.len), &got), 0);
	assert_int_equal(got.kind, OPENING_GRANT);
	assert_memory_equal(got.bytes.ptr, "xyz", 3);
	bytes.data[0] = 2;
	assert_int_equal(
		opening_evidence_parse(rd_of(bytes.data, bytes.len), &got), FAIL_FORMAT);
	buf_done(&bytes);
}

static void
want_of_memory_is_told(void **state)
{
	struct opening_request q;
	struct buf bytes;
	int r = FAIL_NOMEM;

	(void)state;
	make_request(&q);
	buf_init(&bytes, OPENING_LEN_MAX);
	for (long n = 0; r != 0; n++) {
		assert_int_equal(r, FAIL_NOMEM);
		buf_done(&bytes);
		mem_fail_after(n, false);
		if ((r = opening_request_write(&q, &bytes)) == 0)
			r = read_request(rd_of(bytes.data, bytes.len));
		mem_fail_never();
	}
	buf_done(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(send_holds),
		cmocka_unit_test(kept_holds),
		cmocka_unit_test(recall_holds),
		cmocka_unit_test(a_recall_out_of_bounds_is_not_written),
		cmocka_unit_test(authorisation_holds),
		cmocka_unit_test(request_holds),
		cmocka_unit_test(a_request_out_of_bounds_is_not_written),
		cmocka_unit_test(an_object_is_no_other_object),
		cmocka_unit_test(evidence_is_slots_or_a_grant),
		cmocka_unit_test(want_of_memory_is_told),
	};

	if (crypto_init() != 0)
		return 1;
	sign_public(seed, public_key);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
