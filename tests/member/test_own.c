/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "member/own_officer.h"
#include "member/own_station.h"

/* A seeded counter: the same keys in every run. */
static int
count_up(struct rng *rng, void *out, size_t len)
{
	static uint8_t next;
	uint8_t *at = out;

	(void)rng;
	for (size_t i = 0; i < len; i++)
		at[i] = next++;
	return 0;
}

static struct rng rng = {.fill = count_up};
static struct secret *passphrase;

static int
setup(void **state)
{
	(void)state;
	if (secret_new(5, &passphrase) != 0)
		return 1;
	memcpy(passphrase->bytes, "words", 5);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	secret_free(passphrase);
	return 0;
}

static struct own_officer *
officer_of(uint8_t kind)
{
	struct own_officer_name name = {.member = "PT",
		.officer = "ana.silva",
		.device = "laptop",
		.kind = kind,
		.suite = SUITE_1};
	struct own_officer *o = NULL;

	assert_int_equal(own_officer_new(&name, &rng, &o), 0);
	return o;
}

static void
an_officers_keys_come_back(void **state)
{
	struct own_officer *made, *o = NULL;
	struct buf file;

	(void)state;
	for (uint8_t kind = 1; kind <= SUBJECT_KINDS; kind++) {
		made = officer_of(kind);
		buf_init(&file, KEYFILE_MAX);
		assert_int_equal(own_officer_seal(made, passphrase, &rng, &file), 0);
		assert_int_equal(
			own_officer_open(file.data, file.len, passphrase, &o), 0);
		assert_true(subject_equal(&made->subject, &o->subject));
		assert_int_equal(o->has_audit, kind == SUBJECT_SECURITY);
		own_officer_free(o);
		own_officer_free(made);
		buf_done(&file);
	}
}

static void
a_key_file_is_of_one_kind(void **state)
{
	struct own_officer *made = officer_of(SUBJECT_OFFICER), *o = NULL;
	struct own_station *station = NULL;
	struct solo *solo = NULL;
	struct buf file;

	(void)state;
	buf_init(&file, KEYFILE_MAX);
	assert_int_equal(own_officer_seal(made, passphrase, &rng, &file), 0);
	assert_int_equal(own_station_open(file.data, file.len, passphrase, &station),
		FAIL_MISMATCH);
	assert_int_equal(
		keyfile_open(file.data, file.len, passphrase, &solo), FAIL_MISMATCH);
	file.data[20] ^= 1;
	assert_int_not_equal(own_officer_open(file.data, file.len, passphrase, &o), 0);
	file.data[20] ^= 1;
	passphrase->bytes[0] ^= 1;
	assert_int_equal(
		own_officer_open(file.data, file.len, passphrase, &o), FAIL_PASSPHRASE);
	passphrase->bytes[0] ^= 1;
	own_officer_free(made);
	buf_done(&file);
}

/* A body put together by somebody who knows the passphrase, with another's public key. */
static void
a_public_key_that_is_not_the_seeds(void **state)
{
	struct own_officer *made = officer_of(SUBJECT_OFFICER), *o = NULL;
	struct buf file;

	(void)state;
	buf_init(&file, KEYFILE_MAX);
	made->subject.sign[0] ^= 1;
	assert_int_equal(own_officer_seal(made, passphrase, &rng, &file), 0);
	assert_int_equal(
		own_officer_open(file.data, file.len, passphrase, &o), FAIL_MISMATCH);
	own_officer_free(made);
	buf_done(&file);
}

static void
names_are_checked(void **state)
{
	struct own_officer_name name = {.member = "PT",
		.officer = "Ana Silva",
		.device = "laptop",
		.kind = SUBJECT_OFFICER,
		.suite = SUITE_1};
	struct own_station *station = NULL;
	struct own_officer *o = NULL;

	(void)state;
	assert_int_equal(own_officer_new(&name, &rng, &o), FAIL_FORMAT);
	name.officer = "ana";
	name.suite = 7;
	assert_int_equal(own_officer_new(&name, &rng, &o), FAIL_SUITE);
	assert_int_equal(
		own_station_new("pt", "pt.example", "https://pt.example", &rng, &station),
		FAIL_FORMAT);
	assert_int_equal(
		own_station_new("PT", "pt example", "https://pt.example", &rng, &station),
		FAIL_FORMAT);
	assert_int_equal(
		own_station_new("PT", "pt.example", "pt.example", &rng, &station),
		FAIL_FORMAT);
}

static void
a_request_of_ones_own(void **state)
{
	struct own_officer *o = officer_of(SUBJECT_SECURITY);
	struct desks desks = {0};
	struct request q;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, REQUEST_BYTES_MAX);
	assert_int_equal(desks_add(&desks, address_of("duty")), 0);
	assert_int_equal(own_officer_request(o, &desks, 1700000000, &bytes), 0);
	assert_int_equal(request_parse(bytes.data, bytes.len, &q), 0);
	assert_true(subject_equal(&q.subject, &o->subject));
	assert_true(desks_have(&q.desks, address_of("duty")));
	assert_int_equal(q.audit.len, 32);
	own_officer_free(o);
	buf_done(&bytes);
}

static void
a_stations_keys_come_back(void **state)
{
	struct own_station *made = NULL, *s = NULL;
	struct entry a, b;
	struct buf file;

	(void)state;
	buf_init(&file, KEYFILE_MAX);
	assert_int_equal(own_station_new("PT", "pt.example", "https://pt.example:7443",
				 &rng, &made),
		0);
	assert_int_equal(own_station_seal(made, passphrase, &rng, &file), 0);
	assert_int_equal(own_station_open(file.data, file.len, passphrase, &s), 0);
	own_station_entry(made, &a);
	own_station_entry(s, &b);
	assert_string_equal(s->url, "https://pt.example:7443");
	assert_memory_equal(a.tls, b.tls, sizeof a.tls);
	assert_memory_equal(a.sign, b.sign, sizeof a.sign);
	assert_memory_not_equal(a.sign, a.log, sizeof a.sign);
	assert_memory_equal(own_station_seed(made, STATION_UNLOCK),
		own_station_seed(s, STATION_UNLOCK), 32);
	assert_memory_not_equal(own_station_seed(s, STATION_UNLOCK),
		own_station_seed(s, STATION_SIGN), 32);
	own_station_free(made);
	own_station_free(s);
	buf_done(&file);
}

/* Sealing takes 64 MiB and a moment; making keys does not, so it is tried at every point. */
static void
out_of_memory_is_told(void **state)
{
	struct own_officer_name name = {.member = "PT",
		.officer = "ana",
		.device = "laptop",
		.kind = SUBJECT_SECURITY,
		.suite = SUITE_1};
	struct desks desks = {0};
	struct buf bytes;
	int r = FAIL_NOMEM;

	(void)state;
	for (long n = 0; r == FAIL_NOMEM; n++) {
		struct own_officer *o = NULL;

		buf_init(&bytes, REQUEST_BYTES_MAX);
		mem_fail_after(n, false);
		if ((r = own_officer_new(&name, &rng, &o)) == 0)
			r = own_officer_request(o, &desks, 1, &bytes);
		mem_fail_never();
		own_officer_free(o);
		buf_done(&bytes);
	}
	assert_int_equal(r, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_officers_keys_come_back),
		cmocka_unit_test(a_key_file_is_of_one_kind),
		cmocka_unit_test(a_public_key_that_is_not_the_seeds),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(a_request_of_ones_own),
		cmocka_unit_test(a_stations_keys_come_back),
		cmocka_unit_test(out_of_memory_is_told),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, setup, teardown);
}
