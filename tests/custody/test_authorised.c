/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "custody/authorised.h"
#include "custody/opening.h"
#include "fixture.h"

/* The two questions that the record will answer, and the signatures that answer until then. */

static const uint8_t seed[SIGN_SEED_LEN] = {5}, other_seed[SIGN_SEED_LEN] = {6};
static uint8_t originator[SIGN_PUBLIC_LEN];

static void
write_authorisation(const uint8_t hash[HASH_LEN], const uint8_t *key, struct buf *out)
{
	struct opening_authorisation a = {.copy = 1, .time_s = 1795000000};

	memcpy(a.request_hash, hash, HASH_LEN);
	assert_int_equal(opening_authorisation_sign(&a, key), 0);
	buf_init(out, 256);
	opening_authorisation_write(&a, out);
	assert_int_equal(buf_error(out), 0);
}

static void
the_originators_word_for_this_request(void **state)
{
	uint8_t hash[HASH_LEN] = {1}, other[HASH_LEN] = {2};
	struct buf a;

	(void)state;
	write_authorisation(hash, seed, &a);
	assert_int_equal(opening_authorised(rd_of(a.data, a.len), hash, originator), 0);
	assert_int_equal(opening_authorised(rd_of(a.data, a.len), other, originator),
		FAIL_MISMATCH);
	for (size_t i = 0; i < a.len; i++) {
		a.data[i] ^= 1;
		assert_int_not_equal(
			opening_authorised(rd_of(a.data, a.len), hash, originator), 0);
		a.data[i] ^= 1;
	}
	assert_int_equal(
		opening_authorised(rd_of(NULL, 0), hash, originator), FAIL_TRUNCATED);
	buf_done(&a);
	write_authorisation(hash, other_seed, &a);
	assert_int_equal(opening_authorised(rd_of(a.data, a.len), hash, originator),
		FAIL_SIGNATURE);
	buf_done(&a);
}

/* A grant, countersigned by this key; NULL: not at all. */
static void
write_grant(const uint8_t *key, struct buf *out)
{
	static const uint8_t hash[HASH_LEN] = {9}, r_secret[SLOT_SECRET_LEN] = {8};
	uint8_t identity[FIXTURE_CREDENTIAL_LEN];
	struct signer granter = {.role = SIGNER_GRANTER,
		.kind = SIGNER_CREDENTIAL,
		.identity = rd_of(identity, sizeof identity)};
	struct grant_plan plan = {.suite = SUITE_1,
		.envelope_hash = hash,
		.core_hash = hash,
		.credential = rd_of("a credential", 12)};
	uint8_t signature[SIGN_LEN];
	struct kem_public device;
	struct fixture_rng rng;
	struct buf begun, message;
	struct grant grant;

	fixture_credential("granter", identity);
	fixture_rng_init(&rng, "grant");
	fixture_key(SUITE_1, "reader", 0, &device);
	plan.device = &device;
	buf_init(&begun, GRANT_LEN_MAX);
	buf_init(&message, GRANT_LEN_MAX);
	buf_init(out, GRANT_LEN_MAX);
	assert_int_equal(grant_begin(&plan, &rng.rng, r_secret, &begun), 0);
	assert_int_equal(grant_sign(&granter, &begun), 0);
	assert_int_equal(grant_parse(rd_of(begun.data, begun.len), &grant), 0);
	if (key == NULL) {
		buf_bytes(out, begun.data, begun.len);
	} else {
		assert_int_equal(grant_counted(&grant, &message), 0);
		sign_message(key, message.data, message.len, signature);
		assert_int_equal(grant_countersign(&grant, signature, out), 0);
	}
	buf_done(&begun);
	buf_done(&message);
}

static int
counts(const struct buf *bytes)
{
	struct grant grant;
	int r = grant_parse(rd_of(bytes->data, bytes->len), &grant);

	return r == 0 ? grant_counts(&grant, originator) : r;
}

static void
a_grant_counts_when_countersigned(void **state)
{
	struct buf grant;

	(void)state;
	write_grant(NULL, &grant);
	assert_int_equal(counts(&grant), FAIL_ABSENT);
	buf_done(&grant);
	write_grant(other_seed, &grant);
	assert_int_equal(counts(&grant), FAIL_SIGNATURE);
	buf_done(&grant);
	write_grant(seed, &grant);
	assert_int_equal(counts(&grant), 0);
	for (size_t i = 0; i < grant.len; i++) {
		grant.data[i] ^= 1;
		assert_int_not_equal(counts(&grant), 0);
		grant.data[i] ^= 1;
	}
	buf_done(&grant);
}

static void
want_of_memory_is_told(void **state)
{
	uint8_t hash[HASH_LEN] = {1};
	int r = FAIL_NOMEM;
	struct buf a, grant;

	(void)state;
	write_authorisation(hash, seed, &a);
	write_grant(seed, &grant);
	for (long n = 0; r != 0; n++) {
		assert_true(n < 100);
		mem_fail_after(n, false);
		r = opening_authorised(rd_of(a.data, a.len), hash, originator);
		if (r == 0)
			r = counts(&grant);
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
	}
	buf_done(&a);
	buf_done(&grant);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_originators_word_for_this_request),
		cmocka_unit_test(a_grant_counts_when_countersigned),
		cmocka_unit_test(want_of_memory_is_told),
	};

	if (crypto_init() != 0)
		return 1;
	sign_public(seed, originator);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
